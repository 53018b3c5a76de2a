"""Workbooks of random workspaces: a client's has nothing internal, and every number is true."""

import re
import warnings

import pytest
from export_data import read_workbook
from property.test_documents import INTERNAL, SEEDS, TOKEN, clients_of, marked, token
from reading_workbooks import everything_in, opened, printed_size, table_in
from worlds import World

from togglframe import reports
from togglframe.errors import CompletenessWarning
from togglframe.export import to_excel
from togglframe.reports import Listings

FRACTION = re.compile(r"<v>-?\d*\.\d+(E-?\d+)?</v>")  # whose digits may look like an id
OF_TIME = {"Weeks", "Clients", "Projects", "People"}
ADDED = ("Tracked [h]", "Billable [h]", "Capacity [h]", "Amount [EUR]", "Amount [USD]")


def written(frames, path, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CompletenessWarning)
        return to_excel(Listings(frames), path, **options)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_part_of_a_clients_workbook_is_internal_or_of_others(seed, tmp_path, subtests):
    world = World(seed)
    frames = marked(world)
    for client, own in clients_of(frames):
        entries = reports.time_entries(frames, clients=client, **world.range)
        for people in (True, False):
            chosen = {**world.range, "clients": client, "people": people, "rates": people}
            held = everything_in(written(frames, tmp_path / "f.xlsx", **chosen))
            users = {*token(entries["user_id"].dropna(), "user")} if people else set()
            with subtests.test(client=client, people=people):
                assert {*TOKEN.findall(held)} <= own | users
                assert INTERNAL.findall(TOKEN.sub("", FRACTION.sub("", held))) == []
                assert f"Client-{client}" in held


@pytest.mark.parametrize("seed", SEEDS)
def test_sheets_add_up_as_shown_to_what_the_reports_say(seed, tmp_path):
    world = World(seed)
    frames, days = world.frames(), world.range
    book = opened(written(frames, tmp_path / "f.xlsx", **days))
    tracked = reports.hours(frames, by=[], **days)["tracked_hours"].sum()
    earned = reports.earnings(frames, by=[], **days)
    amounts = dict(zip(earned["currency"].fillna("no currency"), earned["amount"], strict=True))
    assert printed_size(book["Summary"]) >= 9
    for sheet in book:
        if not sheet.tables:
            continue
        assert printed_size(sheet) >= 8, sheet.title
        table = table_in(sheet)
        for at, heading in enumerate(table.heads):
            cells = [row[at] for row in table.rows if isinstance(row[at], int | float)]
            if heading in ADDED and table.total and table.total[at] is not None:
                assert sum(cells) == pytest.approx(table.total[at], abs=1e-6), (
                    sheet.title,
                    heading,
                )
                assert table.formulas[at] == pytest.approx(table.total[at], abs=1e-6)
            if heading == "Tracked [h]" and sheet.title in {
                "Weeks",
                "Clients",
                "Projects",
                "People",
            }:
                assert sum(cells) == pytest.approx(tracked, abs=0.00501), sheet.title
            if sheet.title in {"Clients", "Projects"} and heading.startswith("Amount ["):
                code = heading.removeprefix("Amount [").removesuffix("]")
                if len(cells) == len(table.rows):
                    assert sum(cells) == pytest.approx(amounts[code], abs=1e-6), heading


@pytest.mark.parametrize("seed", SEEDS)
def test_the_figures_of_the_summary_are_those_of_the_reports(seed, tmp_path):
    world = World(seed)
    frames, days = world.frames(), world.range
    hours = reports.hours(frames, by=["user"], **days)
    path = written(frames, tmp_path / "f.xlsx", sections="figures", **days)
    found = {row[0]: row[1] for row in read_workbook(path)["Summary"].iter_rows(values_only=True)}
    if hours.empty:
        assert "Hours" not in found
        return
    assert found["Hours"] == pytest.approx(hours["tracked_hours"].sum())
    assert found["People"] == (hours["tracked_hours"] > 0).sum()
