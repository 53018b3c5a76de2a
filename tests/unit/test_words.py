"""Words are the same wherever they are read, and need no matplotlib."""

import subprocess
import sys
from datetime import date

import pytest

from togglframe.tables.provenance import LEFT_OUT
from togglframe.text.formats import (
    decimals_of,
    format_brief_hours,
    format_day,
    format_duration,
    format_hours,
    format_money,
    format_month,
    format_percent,
    format_signed_hours,
    format_signed_money,
    format_signed_percent,
    format_time_of_day,
    format_times,
    format_weekday,
    format_whole_hours,
    plural,
)
from togglframe.text.names import (
    MISSING,
    count_cells,
    disambiguate,
    one_line,
    shorten,
    shorten_distinct,
)
from togglframe.text.scope import chosen

MINUS, TIMES = "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}"

WITHOUT_MATPLOTLIB = """
import importlib, pkgutil, sys
import togglframe, togglframe.text
for module in pkgutil.iter_modules(togglframe.text.__path__):
    importlib.import_module(f"togglframe.text.{module.name}")
print(togglframe.text.sentences.alt_text(togglframe.tables.PROJECT_BUDGET.empty()))
sys.exit("matplotlib" in sys.modules)
"""


@pytest.mark.nightly
def test_words_and_text_alternatives_need_no_matplotlib():
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_MATPLOTLIB], check=True, capture_output=True, text=True
    )
    assert done.stdout == ("Tracked hours against estimates, one row per project: no projects.\n")


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (format_weekday(date(2026, 10, 19)), "Mon 19 Oct"),
        (format_weekday(date(2026, 10, 25)), "Sun 25 Oct"),
        (format_day(date(2026, 5, 3)), "3 May"),
        (format_month(date(2026, 12, 31)), "Dec 2026"),
        (format_whole_hours(1234.4), "1,234 h"),
        (format_whole_hours(4.56), "4.6 h"),
        (format_time_of_day(8.5), "08:30"),
        (format_time_of_day(24), "24:00"),
        (format_time_of_day(26.25), "02:15"),
        (format_hours(1234.56), "1,234.6 h"),
        (format_hours(-3), f"{MINUS}3.0 h"),
        (format_signed_hours(50), "+50.0 h"),
        (format_signed_hours(0), "±0.0 h"),
        (format_signed_hours(-0.5), f"{MINUS}0.5 h"),
        (format_hours(-0.04), "0.0 h"),
        (format_signed_hours(0.04), "±0.0 h"),
        (format_brief_hours(-0.04), "±0 h"),
        (format_percent(-0.004), "0 %"),
        (format_signed_percent(-0.004), "±0 %"),
        (format_money(-0.004, 2), "0.00"),
        (format_signed_money(0.004, 2), "0.00"),
        (format_brief_hours(61.9), "+62 h"),
        (format_brief_hours(-4.5), f"{MINUS}4.5 h"),
        (format_brief_hours(0), "±0 h"),
        (format_duration(5_400_000), "1 h 30 min"),
        (format_duration(3_600_000_000), "1,000 h"),
        (format_duration(45_500), "45.5 s"),
        (format_duration(60_000), "1 min"),
        (format_duration(3_601_000), "1 h 1 s"),
        (format_duration(0), "0 s"),
        (format_percent(1.19), "119 %"),
        (format_percent(-0.05), f"{MINUS}5 %"),
        (format_signed_percent(0.19), "+19 %"),
        (format_signed_percent(0), "±0 %"),
        (format_money(12345.4), "12,345"),
        (format_money(-1.5, 2), f"{MINUS}1.50"),
        (format_signed_money(0.5), "+1"),
        (format_signed_money(-0.5), f"{MINUS}1"),
        (format_signed_money(12.5, 2), "+12.50"),
        (format_signed_money(-12.5, 2), f"{MINUS}12.50"),
        (format_times(1.25), f"1.25{TIMES}"),
        (format_times(1234), f"1,234{TIMES}"),
        (plural(1, "project"), "1 project"),
        (plural(1200, "project"), "1,200 projects"),
        (plural(2, "currency", "currencies"), "2 currencies"),
    ],
)
def test_numbers_are_written_as_people_read_them(written, text):
    assert written == text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("two\nlines\t here ", "two lines here"),
        ("nul\x00", f"nul{MISSING}"),
        ("half \ud800", f"half {MISSING}"),
        ("\u202egnp", "gnp"),
        ("A\u200dB\ufe0f", "AB"),
        ("日本語", "日本語"),
    ],
)
def test_a_line_holds_what_can_be_read(text, line):
    assert one_line(text) == line


def test_wide_characters_take_two_cells():
    assert count_cells("Web 日本") == 8


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("twelve chars", "twelve chars"),
        ("thirteen char", "thirteen ch…"),
        ("日本語日本語日", "日本語日本…"),
    ],
)
def test_shorten_counts_cells_and_ends_in_an_ellipsis(name, short):
    assert shorten(name, 12) == short


def test_equal_names_are_told_apart_by_what_differs():
    names = ["Web", "Web", "Web", "App", "Shop", "Shop"]
    clients = ["Acme", "Beta", "Acme", "Acme", "Acme", "Acme"]
    ids = ["#1", "#2", "#3", "#4", "#5", "#6"]
    assert disambiguate(names, clients, ids) == [
        "Web · Acme · #1",
        "Web · Beta",
        "Web · Acme · #3",
        "App",
        "Shop · #5",
        "Shop · #6",
    ]


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (["Web", "A name that is long"], ["Web", "A name that…"]),
        (
            ["Regional transport, North", "Regional transport, South"],
            ["Regional…No…", "Regional…So…"],
        ),
        (
            ["Phoenix phase 1 of the relaunch", "Phoenix phase 2 of the relaunch"],
            ["Phoenix…1 o…", "Phoenix…2 o…"],
        ),
        (
            ["Anna Keller · #10489706", "Anna Keller · #10482626"],
            ["Anna Kel…706", "Anna Kel…626"],
        ),
        (["Neu Elektrizitätswerke1", "Neu Elektrizitätswerke2"], ["…itätswerke1", "…itätswerke2"]),
        (["the very same name", "the very same name"], ["the very sa…", "the very sa…"]),
        (["日本語日本語日本北", "日本語日本語日本南"], ["日本語…本北", "日本語…本南"]),
    ],
)
def test_long_names_keep_what_tells_them_apart(names, short):
    assert shorten_distinct(names, 12) == short
    assert all(count_cells(name) <= 12 for name in short)


def test_a_currency_says_how_many_decimals_it_has():
    assert [decimals_of(code) for code in ("EUR", "JPY", "KWD", "no such")] == [2, 0, 3, None]


def test_the_start_of_a_name_stays_where_there_is_room():
    names = [f"Regional transport authority, lot {where}" for where in ("North", "South")]
    assert shorten_distinct(names, 20) == ["Regional trans…North", "Regional trans…South"]


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"done": True}, ["done tasks only"]),
        ({"done": False, "active": None}, ["open tasks only"]),
        ({"active": False}, ["archived projects only"]),
        (
            {"clients": [3, 4], LEFT_OUT: 5},
            ["2 clients only", "5 left out as unknown"],
        ),
        ({LEFT_OUT: 0}, []),
        (
            {"start_date": "2026-10-01", "end_date": "2026-10-31", "users": [1, 2]},
            ["2026-10-01 to 2026-10-31", "2 users only"],
        ),
        ({"projects": [None]}, ["no project only"]),
        ({"clients": [3, None]}, ["1 client or none only"]),
        ({"budget_state": ["over", "at_risk"]}, ["budget state: over, at risk"]),
        ({"billable_of": "a\nb"}, ["billable of: a b"]),
    ],
)
def test_filters_are_said_as_a_reader_would(filters, said):
    assert chosen(filters) == said
