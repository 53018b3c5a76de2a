"""Invoices of random time entries: what is printed adds up to the lines of the report."""

import datetime as dt
import tempfile
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from entries_data import OWNERS, entry, frame_of, projects
from hypothesis import given
from hypothesis import strategies as st
from reading_invoices import check_laws, read_invoice

from togglframe import export, reports
from togglframe.text.formats import decimals_of

ALL = {"start_date": "2024-01-01", "end_date": "2026-11-25"}
OWNED = [number for number, owner in OWNERS.items() if owner]
ROUNDINGS = st.sampled_from(
    [
        {},
        {"rounding": "up", "rounding_minutes": 15},
        {"rounding": "nearest", "rounding_minutes": 7, "round_each": "day"},
        {"rounding": "down", "rounding_minutes": 1, "round_each": "line", "minimum_minutes": 5},
    ]
)
BY = st.sampled_from([("project", "task"), ("project",), ("task", "user"), ("description", "tags")])


@st.composite
def invoiced(draw):
    """Draw entries that can be invoiced: of a client, at a known rate, in a known currency."""
    drawn = [draw(entry(number)) for number in range(1, draw(st.integers(1, 9)) + 1)]
    for row in drawn:
        cents = draw(st.sampled_from([0, 1, 9_999, 12_345, 15_000]))
        seconds = row["tracked_time"] // dt.timedelta(seconds=1)
        row |= {
            "project_id": draw(st.sampled_from(OWNED)),
            "client": "Acme",
            "currency": draw(st.sampled_from(["EUR", "EUR", "JPY", "KWD"])),
            "hourly_rate": cents / 100,
            "amount": round(cents * seconds / 3600) / 100,
        }
    return drawn


@given(invoiced(), ROUNDINGS, BY, st.sampled_from(["xlsx", "html"]))
def test_what_is_printed_adds_up_to_the_lines_of_the_report(drawn, rounding, by, form):
    source = {"time_entries": frame_of(drawn), "projects": projects()}
    asked = {**ALL, **rounding, "by": by}
    lines = reports.invoice_lines(source, **asked)
    totals = defaultdict(Decimal)
    counts = defaultdict(int)
    for line in lines.to_dict("records"):
        key = (line["client_id"], line["currency"])
        totals[key] += Decimal(str(line["amount"]))
        counts[key] += 1
    with tempfile.TemporaryDirectory() as folder:
        files = export.to_invoice(
            source, folder, **asked, people="user" in by, format=form, note="Thanks"
        )
        assert sorted(Path(folder).iterdir()) == sorted(files)
        read = [read_invoice(file) for file in files]
    keys = sorted(totals)
    assert len(read) == len(keys)
    for key, one in zip(keys, read, strict=True):
        decimals = decimals_of(key[1])
        check_laws(one, decimals)
        unit = Decimal(1).scaleb(-decimals)
        assert one.currency == key[1]
        assert len(one.lines) == counts[key]
        assert one.total[1] == totals[key].quantize(unit, ROUND_HALF_UP)
        assert bool(one.subtotals) == ("project" in by)
