"""What an endpoint can be: declared as a record, it is checked, cut, paged, unnested and typed."""

import warnings

import pytest
import tqdm
from canned import workspace

from togglframe import ConfigError
from togglframe.api.dates import Windows
from togglframe.api.endpoint import Endpoint
from togglframe.api.paging import RowNumber
from togglframe.api.parameters import Parameter, ParameterKind, parameters
from togglframe.errors import SchemaError
from togglframe.http.settings import Root
from togglframe.tables import Column, Kind, Table

ENTRIES = Table(
    name="entries",
    grain="time entry",
    key=("entry_id",),
    columns=(
        Column(name="entry_id", kind=Kind.ID, doc="Id.", field="id"),
        Column(name="note", kind=Kind.STRING, doc="Note."),
    ),
)
DAYS = Table(
    name="days",
    grain="day of a user",
    key=("user_id", "day"),
    columns=(
        Column(name="user_id", kind=Kind.ID, doc="User id."),
        Column(name="day", kind=Kind.STRING, doc="Day."),
    ),
)
DATES = {name: Parameter(name=name, kind=ParameterKind.DATE) for name in ("start_date", "end_date")}
TAGS = Parameter(name="tag_ids", kind=ParameterKind.IDS_OR_NONE)
ROUNDING = Parameter(name="rounding", kind=ParameterKind.CHOICE, choices=(-1, 0, 1))


def unnested(data, _):
    return [entry for group in data or [] for entry in group["entries"]]


SEARCH = Endpoint(
    path="search/entries",
    table=ENTRIES,
    parameters={**DATES, "tag_ids": TAGS, "rounding": ROUNDING},
    paging=RowNumber(),
    constants={"enrich": True},
    unnest=unnested,
    windows=Windows(),
)


def page(*ids, row=None, first=None):
    headers = {"X-Next-Row-Number": str(row), "X-Next-ID": str(first)} if row else {}
    return [{"entries": [{"id": i, "note": f"n{i}"} for i in ids]}], headers


def fetch(*pages, start="2026-01-01", end="2026-01-31", **arguments):
    with workspace(*pages) as (ws, server), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        frame = SEARCH.fetch(ws, start_date=start, end_date=end, **arguments)
    return frame, server.bodies, [str(w.message) for w in caught]


def test_row_numbers_are_followed_to_the_page_that_names_none():
    frame, bodies, said = fetch(page(7, 5, row=3, first=9), page(9, row=4, first=8), page(8))
    assert frame["entry_id"].tolist() == [5, 7, 8, 9]
    assert [body.get("first_row_number") for body in bodies] == [None, 3, 4]
    assert all(body["enrich"] is True for body in bodies)
    assert said == []


@pytest.mark.parametrize(
    ("pages", "reason"),
    [
        ([page(1, row=2, first=5), page(6)], "does not begin with the row"),
        ([page(1, 2, row=3, first=2), page(2, 3)], "came on two pages"),
        ([page(1, row=2, first=5), page(5, row=2, first=6)], "begin at row 2, after row 2"),
        ([page(1, row=2, first=5), ([], {}), ([], {})], "does not begin with the row"),
    ],
)
def test_what_row_numbers_leave_in_doubt_is_said(pages, reason):
    _, _, said = fetch(*pages)
    assert len(said) == 1
    assert reason in said[0]


def test_an_empty_page_that_was_announced_is_asked_for_again():
    frame, bodies, said = fetch(page(1, row=2, first=5), (None, {}), page(5))
    assert frame["entry_id"].tolist() == [1, 5]
    assert (len(bodies), said) == (3, [])


def test_a_range_is_cut_into_windows():
    frame, bodies, _ = fetch(page(1), page(2), page(3), start="2024-01-01", end="2026-01-31")
    assert [(body["start_date"], body["end_date"]) for body in bodies] == [
        ("2024-01-01", "2024-12-30"),
        ("2024-12-31", "2025-12-30"),
        ("2025-12-31", "2026-01-31"),
    ]
    assert frame["entry_id"].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"start": "2026-02-01"}, "start_date 2026-02-01 is after end_date 2026-01-31"),
        ({"rounding": 2}, "rounding must be one of -1, 0, 1, not 2"),
        ({"rounding": True}, "rounding must be one of"),
        ({"tag_ids": [0]}, "tag_ids has 0"),
    ],
)
def test_an_impossible_argument_is_named_before_any_request(arguments, reason):
    with pytest.raises(ConfigError, match=reason):
        fetch(**arguments)


def test_a_list_may_ask_for_what_has_none():
    _, bodies, _ = fetch(page(1), tag_ids=[7, None, 7])
    assert bodies[0]["tag_ids"] == [7, None]


def test_rows_without_an_id_of_their_own_all_stay_in_the_order_of_the_key():
    rows = [{"user_id": 2, "day": "b"}, {"user_id": 1, "day": "a"}, {"user_id": 2, "day": "a"}]
    endpoint = Endpoint(path="days", table=DAYS, parameters={})
    with workspace((rows, {})) as (ws, _):
        frame = endpoint.fetch(ws)
    assert frame.to_dict("records") == [rows[1], rows[2], rows[0]]


def test_what_does_not_unnest_into_rows_is_refused():
    with pytest.raises(SchemaError, match="row 1: expected an object"):
        fetch(([{"entries": [{"id": 1}, 5]}], {}))


def test_a_parameter_that_is_not_declared_fails_at_the_declaration():
    with pytest.raises(LookupError, match="no parameter colour, shape is declared"):
        parameters("ids colour shape")


def test_an_endpoint_of_the_insights_api_is_asked_below_its_root():
    endpoint = Endpoint(path="days", table=DAYS, parameters={}, root=Root.INSIGHTS)
    with workspace(([], {})) as (ws, server):
        endpoint.fetch(ws)
    assert server.roots == [Root.INSIGHTS]


class Bar:
    """Keeps what a progress bar is told."""

    def __init__(self, _):
        self.told = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """Nothing is drawn."""

    def set_postfix_str(self, place, **_):
        self.told.append(place)

    def update(self, rows):
        self.told.append(rows)


def test_a_bar_tells_the_window_and_the_page(monkeypatch):
    pages = [page(7, 5, row=3, first=9), page(9), page(3)]
    days = {"start_date": "2025-01-01", "end_date": "2026-01-31"}
    with workspace(*pages) as (ws, _):
        bars = []
        monkeypatch.setattr(tqdm, "tqdm", lambda desc, **_: bars.append(Bar(desc)) or bars[-1])
        SEARCH.fetch(ws, **days)
    first, second = "2025-01-01 to 2025-12-31", "2026-01-01 to 2026-01-31"
    told = [f"{first}, page 1", 2, f"{first}, page 2", 1, f"{second}, page 3", 1]
    assert bars[0].told == told
