"""The sandbox's reports of time over plain HTTP: they agree with each other, and are as odd."""

import csv
import io
import json
import zipfile
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise

import openpyxl
import pytest
import requests
from vendor import Behaviour, Fault, VendorSandbox
from waiting import PATIENCE

FIRST, LAST = date(2024, 9, 1), date(2026, 11, 25)
YEAR = {"start_date": "2026-01-01", "end_date": "2026-11-25"}
MONTH = {"start_date": "2026-10-01", "end_date": "2026-10-31"}
SEARCH = "search/time_entries"
NEXT = "X-Next-Row-Number"


class Api:
    """A sandbox, and how one asks it."""

    def __init__(self, session, sandbox):
        self.sandbox, self.session = sandbox, session

    def post(self, path, body=None, **fields):
        root = self.sandbox.base_url
        if path.startswith("insights/"):
            root, path = root.replace("/reports/api/v3", "/insights/api/v1"), path[9:]
        return self.session.post(
            f"{root}/workspace/{self.sandbox.workspace_id}/{path}",
            json=(body or {}) | fields,
            headers={"Authorization": self.sandbox.authorization},
            timeout=PATIENCE,
        )

    def get(self, path, body=None, **fields):
        answer = self.post(path, body, **fields)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refusal(self, path, body=None, **fields):
        answer = self.post(path, body, **fields)
        return answer.status_code, answer.json()

    def pages(self, body, **fields):
        row, pages = 1, []
        while row:
            answer = self.post(SEARCH, body, first_row_number=int(row), **fields)
            pages.append(answer)
            row = answer.headers.get(NEXT)
        return pages

    def rows(self, body, page_size=1000, **fields):
        return [
            row for page in self.pages(body, page_size=page_size, **fields) for row in page.json()
        ]


@pytest.fixture(scope="module")
def session():
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture(scope="module")
def api(session):
    with VendorSandbox(quota=1_000_000) as sandbox:
        yield Api(session, sandbox)


@pytest.fixture
def make_api(session, make_sandbox):
    def make(scale=7, **options):
        quirks = {name: options.pop(name) for name in list(options) if name in BEHAVIOURS}
        return Api(session, make_sandbox(scale, behaviour=Behaviour(**quirks), **options))

    return make


BEHAVIOURS = Behaviour.__dataclass_fields__.keys()


def windows(days, begin=FIRST):
    """Cut the time of the agency into ranges of so many days."""
    while begin <= LAST:
        end = min(begin + timedelta(days - 1), LAST)
        yield {"start_date": str(begin), "end_date": str(end)}
        begin = end + timedelta(1)


@pytest.fixture(scope="module")
def everything(api):
    """List all entries, a window after the other."""
    return [row for window in windows(366) for row in api.rows(window, enrich_response=True)]


def entry_of(row):
    (entry,) = row["time_entries"]
    return entry


def day_of(row):
    return datetime.fromisoformat(entry_of(row)["start"]).date()


def seconds(rows):
    return sum(entry_of(row)["seconds"] for row in rows)


def cents(rows):
    return sum(row["billable_amount_in_cents"] or 0 for row in rows)


# They agree with each other, to the second and the cent


# It lists all 30,000 entries, which the tests after it take as well.
def test_entries_are_those_of_the_statuses(api, everything):
    assert 28_000 < len(everything) < 34_000
    assert len({entry_of(row)["id"] for row in everything}) == len(everything)
    tracked, billable, amounts = Counter(), Counter(), Counter()
    for row in everything:
        tracked[row["project_id"]] += entry_of(row)["seconds"]
        billable[row["project_id"]] += entry_of(row)["seconds"] * row["billable"]
        amounts[row["project_id"]] += row["billable_amount_in_cents"] or 0
    statuses = api.get("filters/projects/status")
    assert len(statuses) > 50
    for status in statuses:
        assert tracked[status["id"]] == (status["tracked_seconds"] or 0)
        assert billable[status["id"]] == (status["billable_seconds"] or 0)
        assert amounts[status["id"]] == (status["billable_amount"] or 0)
    assert tracked.keys() - {status["id"] for status in statuses} == {None}


@pytest.mark.parametrize("granularity", ["day", "week", "month"])
def test_totals_are_those_of_the_entries(api, everything, granularity):
    sums = Counter()
    for window in windows(364):
        totals = api.get(f"{SEARCH}/totals", window, with_graph=True, granularity=granularity)
        billable = sum(rate["billable_seconds"] for rate in totals["rates"])
        assert sum(sum(point["by_rate"].values()) for point in totals["graph"]) == billable
        for name in ("seconds", "billable_amount_in_cents"):
            assert sum(point[name] for point in totals["graph"]) == totals[name]
            sums[name] += totals[name]
        sums["billable"] += billable
    assert sums["seconds"] == seconds(everything)
    assert sums["billable_amount_in_cents"] == cents(everything)
    assert sums["billable"] == seconds(row for row in everything if row["billable"])


def test_every_day_of_the_totals_is_the_trackers_own(api, everything):
    by_day = Counter()
    for row in everything:
        by_day[day_of(row)] += entry_of(row)["seconds"]
    for window in windows(366):
        totals = api.get(f"{SEARCH}/totals", window, with_graph=True, granularity="day")
        begin = date.fromisoformat(window["start_date"])
        days = [by_day[begin + timedelta(n)] for n in range(len(totals["graph"]))]
        assert [point["seconds"] for point in totals["graph"]] == days
        last = date.fromisoformat(window["end_date"])
        assert totals["tracked_days"] == sum(begin <= day <= last for day in by_day)


def test_weeks_are_those_of_the_entries(api, everything):
    last_year = LAST - timedelta(365)
    by_key, amounts = Counter(), 0
    for window in windows(7, begin=last_year):
        begin = date.fromisoformat(window["start_date"])
        for row in api.get("weekly/time_entries", window):
            assert len(row["seconds"]) == 7
            amounts += sum(cents or 0 for cents in row["billable_amounts_in_cents"])
            for n, of_day in enumerate(row["seconds"]):
                key = (row["user_id"], row["project_id"], row["planned_task_id"])
                by_key[*key, begin + timedelta(n)] += of_day
    expected = Counter()
    rows = [row for row in everything if day_of(row) >= last_year]
    for row in rows:
        key = (row["user_id"], row["project_id"], row["task_id"], day_of(row))
        expected[key] += entry_of(row)["seconds"]
    assert +by_key == +expected
    assert amounts == cents(rows)


@pytest.mark.parametrize(
    ("grouping", "sub_grouping"),
    [
        ("projects", "users"),
        ("projects", "time_entries"),
        ("clients", "projects"),
        ("users", "tasks"),
        ("users", "clients"),
        ("tags", "users"),
        ("projects", "tags"),
    ],
)
def test_summaries_are_those_of_the_entries(api, everything, grouping, sub_grouping):
    tracked, amounts, ids = 0, 0, []
    for window in windows(366):
        summary = api.get(
            "summary/time_entries",
            window,
            grouping=grouping,
            sub_grouping=sub_grouping,
            include_time_entry_ids=True,
            distinguish_rates=True,
        )
        for part in (part for group in summary["groups"] for part in group["sub_groups"]):
            tracked += part["seconds"]
            amounts += part["billable_amount_in_cents"] or 0
            ids += part["ids"]
    assert tracked == seconds(everything)
    assert amounts == cents(everything)
    assert sorted(ids) == sorted(entry_of(row)["id"] for row in everything)


def test_projects_by_user_are_those_of_the_entries(api, everything):
    tracked, billable = Counter(), Counter()
    for window in windows(366):
        for row in api.get("projects/summary", window):
            tracked[row["project_id"], row["user_id"]] += row["tracked_seconds"]
            billable[row["project_id"], row["user_id"]] += row["billable_seconds"]
    expected, of_those = Counter(), Counter()
    for row in everything:
        expected[row["project_id"], row["user_id"]] += entry_of(row)["seconds"]
        of_those[row["project_id"], row["user_id"]] += entry_of(row)["seconds"] * row["billable"]
    assert tracked == expected
    assert +billable == +of_those


# It asks once for each of the 57 statuses.
def test_a_projects_totals_are_those_of_its_status(api):
    for status in api.get("filters/projects/status"):
        if not status["tracked_seconds"]:
            continue
        totals = api.get(f"projects/{status['id']}/summary")
        assert totals["seconds"] == status["tracked_seconds"]
        assert totals["billable_amount_in_cents"] == (status["billable_amount"] or 0)
        assert sum(point["seconds"] for point in totals["graph"]) == totals["seconds"]


def test_periods_of_comparisons_are_those_of_the_totals(api):
    for resolution in ("day", "week", "month"):
        totals = api.get(f"{SEARCH}/totals", YEAR, with_graph=True, granularity=resolution)
        graph = api.get("comparative", YEAR, resolution=resolution)["graph"]
        assert graph["resolution"] == resolution
        assert [point["total_seconds"] for point in graph["data"]] == [
            point["seconds"] for point in totals["graph"]
        ]
        assert graph["data"][0]["date"] == "2026-01-01"


def test_trends_and_profitability_are_those_of_the_totals(api):
    totals = api.get(f"{SEARCH}/totals", YEAR)
    for kind in ("clients", "users"):
        trend = api.get(f"data_trends/{kind}", YEAR, currency="EUR", resolution="month")
        rows = [row for point in trend["graph"]["data"] for row in point[kind]]
        assert sum(row["total_seconds"] for row in rows) == totals["seconds"]
    without = api.get(f"{SEARCH}/totals", YEAR, project_ids=[None])
    profit = api.get("profitability/projects", YEAR, currency="eur")
    assert profit["currency"] == "EUR"
    table = profit["table"]
    assert sum(row["total_seconds"] for row in table) == totals["seconds"] - without["seconds"]
    earned = sum(row["earnings"] for row in table if row["currency"] == "EUR")
    assert earned == sum(point["earnings"] for point in profit["graph"]["data"])
    assert sum(row["earnings"] for row in table) == totals["billable_amount_in_cents"]
    assert sum(row["labour_cost"] for row in table) == totals["labour_cost_in_cents"]


# A row of the detailed report


ENRICHED = {
    *("email", "project_name", "client_name", "task_name", "tag_names"),
    *("project_color", "project_hex"),
}
PLAIN = {
    *("user_id", "username", "project_id", "task_id", "billable", "description", "tag_ids"),
    *("billable_amount_in_cents", "hourly_rate_in_cents", "currency", "time_entries"),
    *("row_number", "toggl_accounts_id"),
}


def test_a_row_has_the_keys_of_the_reference(api):
    (row, *_) = api.get(SEARCH, MONTH)
    assert row.keys() == PLAIN
    (rich, *_) = api.get(SEARCH, MONTH, enrich_response=True)
    assert rich.keys() == PLAIN | ENRICHED
    assert entry_of(row).keys() == {"id", "seconds", "start", "stop", "at", "at_tz"}
    assert entry_of(row)["at"].endswith("+00:00")


def test_start_and_stop_carry_the_trackers_offsets(everything):
    offsets, over_a_change = set(), 0
    for row in everything:
        entry = entry_of(row)
        start, stop = (datetime.fromisoformat(entry[name]) for name in ("start", "stop"))
        assert (stop - start).total_seconds() == entry["seconds"]
        offsets.add(start.utcoffset())
        over_a_change += start.utcoffset() != stop.utcoffset()
    assert len(offsets) > 10
    assert timedelta(hours=5, minutes=45) in offsets
    assert over_a_change > 0


def test_what_lacks_a_project_task_tags_or_description(everything):
    for name, empty in [
        ("project_id", None),
        ("project_name", None),
        ("task_id", None),
        ("tag_ids", []),
        ("description", ""),
        ("username", None),
        ("currency", ""),
        ("billable_amount_in_cents", None),
    ]:
        assert any(row[name] == empty for row in everything), name
        assert any(row[name] != empty for row in everything), name


def test_money_can_be_hidden(api):
    rows = api.rows(MONTH, hide_amounts=True)
    assert {row["billable_amount_in_cents"] for row in rows} == {None}
    assert {row["hourly_rate_in_cents"] for row in rows} == {None}


# Paging


def test_pages_follow_the_header_to_the_last_row(api):
    pages = api.pages(MONTH)
    rows = [row for page in pages for row in page.json()]
    assert [row["row_number"] for row in rows] == list(range(1, len(rows) + 1))
    assert len(pages) == -(-len(rows) // 50)
    for page, following in pairwise(pages):
        first = following.json()[0]
        start = datetime.fromisoformat(entry_of(first)["start"]).timestamp()
        assert page.headers["X-Next-ID"] == str(entry_of(first)["id"])
        assert page.headers["X-Next-Timestamp"] == str(int(start))
        assert page.headers[NEXT] == str(first["row_number"])
        assert page.headers["X-Page-Size"] == "50"
    starts = [datetime.fromisoformat(entry_of(row)["start"]) for row in rows]
    assert starts == sorted(starts)


def test_the_last_page_has_no_next_one_even_when_it_is_full(api):
    week = {"start_date": "2026-10-05", "end_date": "2026-10-11"}
    n_rows = len(api.rows(week))
    answer = api.post(SEARCH, week, page_size=n_rows)
    assert len(answer.json()) == n_rows
    assert not [name for name in answer.headers if name.startswith("X-Next")]
    assert int(api.post(SEARCH, week, page_size=n_rows - 1).headers[NEXT]) == n_rows


def test_a_page_may_have_a_thousand_rows_and_no_more(api):
    assert len(api.get(SEARCH, YEAR, page_size=1000)) == 1000
    status, text = api.refusal(SEARCH, YEAR, page_size=1001)
    assert status == 400
    assert "page_size" in text


@pytest.mark.nightly
def test_a_page_that_is_too_large_may_be_cut(make_api):
    clamped = make_api(entry_page_cap=50, entry_page_clamp=True).post(SEARCH, YEAR, page_size=1000)
    assert len(clamped.json()) == 50
    assert clamped.headers["X-Page-Size"] == "50"
    assert clamped.headers[NEXT] == "51"


@pytest.mark.parametrize(
    ("order", "direction"),
    [
        ("date", "desc"),
        ("user", "ASC"),
        ("duration", "desc"),
        ("description", "ASC"),
        ("last_update", "desc"),
    ],
)
def test_orders(api, order, direction):
    key = {
        "date": lambda row: datetime.fromisoformat(entry_of(row)["start"]),
        "user": lambda row: (row["username"] or "").casefold(),
        "duration": lambda row: entry_of(row)["seconds"],
        "description": lambda row: (row["description"] or "").casefold(),
        "last_update": lambda row: entry_of(row)["at"],
    }[order]
    keys = [key(row) for row in api.rows(MONTH, order_by=order, order_dir=direction)]
    assert keys == sorted(keys, reverse=direction == "desc")
    assert len(set(keys)) > 5


@pytest.mark.parametrize(
    ("quirk", "expected"),
    [
        ({}, b"[]"),
        pytest.param({"empty_report": "null"}, b"null", marks=pytest.mark.nightly),
        pytest.param({"empty_report": "{}"}, b"{}", marks=pytest.mark.nightly),
    ],
)
def test_nothing(make_api, quirk, expected):
    api = make_api(**quirk)
    long_ago = {"start_date": "2019-01-01", "end_date": "2019-01-07"}
    for path in (SEARCH, "weekly/time_entries", "projects/summary"):
        assert api.post(path, long_ago).content == expected
    groups = None if expected == b"null" else []
    assert api.get("summary/time_entries", long_ago) == {"groups": groups}
    totals = api.get(f"{SEARCH}/totals", long_ago, with_graph=True)
    assert totals["seconds"] == totals["tracked_days"] == 0
    assert [point["by_rate"] for point in totals["graph"]] == [{}] * 7


@pytest.mark.nightly
def test_rows_in_other_forms(make_api):
    assert make_api(wrap_data=True).get(SEARCH, YEAR)["data"][0]["row_number"] == 1
    rows = make_api(no_description=None).rows(YEAR)
    assert None in {row["description"] for row in rows}
    assert "" not in {row["description"] for row in rows}
    bare = make_api(drop_null_keys=True).rows(YEAR)
    assert any("task_id" not in row for row in bare)
    assert make_api(extra_fields=True).rows(YEAR)[0]["legacy_id"] > 2**53


def test_no_entry_is_made_before_a_report_of_time_is_asked_for(make_api):
    api = make_api()
    for path in ("filters/projects", "filters/projects/status"):
        assert api.get(path)
    assert api.get("filters/tasks", page_size=201)
    assert "entries" not in vars(api.sandbox.agency)
    assert api.get(SEARCH, YEAR)
    assert "entries" in vars(api.sandbox.agency)


# Filters


def test_filters(api):
    rows = api.rows(MONTH, enrich_response=True)
    projects = {row["id"]: row["client_id"] for row in api.get("filters/projects")}
    some = rows[100]
    tag = next(row["tag_ids"][0] for row in rows if row["tag_ids"])
    task = next(row["task_id"] for row in rows if row["task_id"])
    client = next(projects[row["project_id"]] for row in rows if row["client_name"])
    for body, test in [
        ({"user_ids": [some["user_id"]]}, lambda row: row["user_id"] == some["user_id"]),
        ({"project_ids": [None]}, lambda row: row["project_id"] is None),
        (
            {"project_ids": [None, some["project_id"]]},
            lambda row: row["project_id"] in (None, some["project_id"]),
        ),
        ({"client_ids": [client]}, lambda row: projects.get(row["project_id"]) == client),
        ({"client_ids": [None]}, lambda row: projects.get(row["project_id"]) is None),
        ({"task_ids": [task]}, lambda row: row["task_id"] == task),
        ({"task_ids": [None]}, lambda row: row["task_id"] is None),
        ({"tag_ids": [tag]}, lambda row: tag in row["tag_ids"]),
        ({"tag_ids": [None]}, lambda row: not row["tag_ids"]),
        ({"time_entry_ids": [entry_of(some)["id"]]}, lambda row: row is some),
        ({"description": "TEAM"}, lambda row: "team" in row["description"].lower()),
        ({"billable": False}, lambda row: not row["billable"]),
        ({"min_duration_seconds": 7200}, lambda row: entry_of(row)["seconds"] >= 7200),
        ({"max_duration_seconds": 3000}, lambda row: entry_of(row)["seconds"] <= 3000),
        ({"user_ids": []}, lambda row: True),
    ]:
        found = [entry_of(row)["id"] for row in api.rows(MONTH | body)]
        assert found == [entry_of(row)["id"] for row in rows if test(row)], body
        assert found, body


def test_a_name_that_an_endpoint_does_not_know_is_ignored_and_recorded(api, unknown_names):
    plain = api.get("comparative", MONTH)
    assert api.get("comparative", MONTH, description="draft", user_agent="x") == plain
    assert api.sandbox.requests[-1].unknown_names == {"description", "user_agent"}
    assert api.sandbox.requests[-2].unknown_names == frozenset()
    assert unknown_names.pop() == ("comparative", {"description", "user_agent"})


def test_groups_of_people(api):
    members = api.get(
        "filters/project_users", project_ids=[r["id"] for r in api.get("filters/projects")]
    )
    of_group = defaultdict(set)
    for row in members:
        if row["group_id"] and row["user_id"]:
            of_group[row["group_id"]].add(row["user_id"])
    group, users = next(iter(of_group.items()))
    assert {row["user_id"] for row in api.rows(YEAR, group_ids=[group])} <= users


def test_refusals_of_a_search(api, subtests):
    for body, named in [
        ({}, "At least one parameter"),
        ({"page_size": 10}, "At least one parameter"),
        (YEAR | {"user_ids": [None]}, "user_ids"),
        (YEAR | {"user_ids": "7"}, "user_ids"),
        (YEAR | {"billable": 1}, "billable"),
        (YEAR | {"order_by": "name"}, "order_by"),
        (YEAR | {"order_dir": "up"}, "order_dir"),
        (YEAR | {"rounding": 2}, "rounding"),
        (YEAR | {"rounding_minutes": 7}, "rounding_minutes"),
        ({"start_date": "01.01.2026"}, "start_date"),
        ({"start_date": "2005-12-31"}, "2006-01-01"),
        ({"start_date": "2026-02-02", "end_date": "2026-02-01"}, "end_date"),
        ({"start_date": "2024-11-25", "end_date": "2026-11-24"}, "range"),
    ]:
        with subtests.test(named, body=body):
            status, text = api.refusal(SEARCH, body)
            assert status == 400
            assert named in text


# Ranges


def range_of(answer):
    return answer.headers["X-Range-Start"], answer.headers["X-Range-End"]


LEAP_YEAR = {"start_date": "2025-01-01", "end_date": "2026-01-01"}
LONGER = LEAP_YEAR | {"end_date": "2026-01-02"}


def test_a_range_may_be_a_leap_year_and_no_longer(api):
    assert range_of(api.post(SEARCH, LEAP_YEAR)) == ("2025-01-01", "2026-01-01")
    for path in (SEARCH, f"{SEARCH}/totals", "summary/time_entries", "projects/summary"):
        assert api.post(path, LONGER).status_code == 400


def test_one_end_alone_is_a_week(api):
    assert range_of(api.post(SEARCH, start_date="2026-03-01")) == ("2026-03-01", "2026-03-07")
    assert range_of(api.post(SEARCH, end_date="2026-03-07")) == ("2026-03-01", "2026-03-07")
    assert range_of(api.post(SEARCH, user_ids=[1])) == ("2026-11-20", "2026-11-26")


def test_a_day_is_that_of_whoever_tracked(api):
    for day in ("2026-03-28", "2026-03-29", "2026-04-04", "2026-10-24"):
        rows = api.rows({"start_date": day, "end_date": day})
        assert {str(day_of(row)) for row in rows} <= {day}
    utc = {
        datetime.fromisoformat(entry_of(row)["start"]).astimezone().date()
        for row in api.rows({"start_date": "2026-05-05", "end_date": "2026-05-05"})
    }
    assert date(2026, 5, 5) in utc


# Rounding


def test_rounding(api):
    raw = {entry_of(row)["id"]: entry_of(row)["seconds"] for row in api.rows(MONTH)}
    for mode, rule in [
        (1, lambda s: -(-s // 900) * 900),
        (-1, lambda s: s // 900 * 900),
        (0, lambda s: (s + 450) // 900 * 900),
    ]:
        asked = MONTH | {"rounding": mode, "rounding_minutes": 15}
        found = {entry_of(row)["id"]: entry_of(row)["seconds"] for row in api.rows(asked)}
        assert found == {number: rule(seconds) for number, seconds in raw.items()}
        assert api.get(f"{SEARCH}/totals", asked)["seconds"] == sum(found.values())


@pytest.mark.nightly
def test_rounding_may_be_a_preference(api, make_api):
    raw = seconds(api.rows(MONTH))
    prefers = make_api(60, preferred_rounding=1, preferred_rounding_minutes=60)
    assert prefers.get(f"{SEARCH}/totals", MONTH)["seconds"] > raw
    exact = prefers.get(f"{SEARCH}/totals", MONTH, rounding=0, rounding_minutes=0)
    assert exact["seconds"] == raw


# Totals


def test_the_graph_has_no_dates_and_comes_when_it_is_asked_for(api):
    assert "graph" not in api.get(f"{SEARCH}/totals", MONTH)
    totals = api.get(f"{SEARCH}/totals", MONTH, with_graph=True)
    assert totals["resolution"] == "day"
    assert len(totals["graph"]) == 31
    keys = {"seconds", "by_rate", "billable_amount_in_cents", "labour_cost_in_cents"}
    assert {frozenset(point) for point in totals["graph"]} == {frozenset(keys)}
    rates = {key for point in totals["graph"] for key in point["by_rate"]}
    assert rates == {str(rate["hourly_rate_in_cents"]) for rate in totals["rates"]}


@pytest.mark.parametrize(
    ("end", "resolution", "points"),
    [
        ("2026-02-03", "day", 34),
        ("2026-02-04", "week", 5),
        ("2026-08-26", "week", 34),
        ("2026-08-27", "month", 8),
    ],
)
def test_the_server_chooses_a_resolution(api, end, resolution, points):
    totals = api.get(f"{SEARCH}/totals", start_date="2026-01-01", end_date=end, with_graph=True)
    assert totals["resolution"] == resolution
    assert len(totals["graph"]) == points


def test_granularity_wins_over_resolution(api):
    asked = {"granularity": "week", "resolution": "day", "with_graph": True}
    assert api.get(f"{SEARCH}/totals", MONTH, **asked)["resolution"] == "week"


@pytest.mark.parametrize(
    ("quirk", "weeks", "months"),
    [
        ({}, range(0, 59, 7), [0, 31]),
        pytest.param(
            {"calendar_periods": True},
            [0, *range(4, 59, 7)],
            [0, 17, 45],
            marks=pytest.mark.nightly,
        ),
    ],
    ids=["counted", "calendar"],
)
def test_periods_are_counted_from_the_first_day_or_by_the_calendar(make_api, quirk, weeks, months):
    body = {"start_date": "2026-01-15", "end_date": "2026-03-14", "with_graph": True}
    api = make_api(**quirk)
    by_day = api.get(f"{SEARCH}/totals", body, granularity="day")["graph"]
    days = [point["seconds"] for point in by_day]
    for granularity, cuts in {"week": weeks, "month": months}.items():
        graph = api.get(f"{SEARCH}/totals", body, granularity=granularity)["graph"]
        sums = [sum(days[a:b]) for a, b in zip(cuts, [*cuts[1:], 59], strict=True)]
        assert [point["seconds"] for point in graph] == sums


def test_a_project_that_is_not_there_is_out_of_reach(api):
    status, text = api.refusal("projects/4711/summary")
    assert status == 403
    assert "project" in text
    (project, *_) = api.get("filters/projects")
    assert api.refusal(f"projects/{project['id']}/summary", start_date="2026-01-01")[0] == 400


# Summaries


def parts_of(summary):
    return [part for group in summary["groups"] for part in group["sub_groups"]]


def test_a_summary_is_by_projects_and_entries_unless_told_otherwise(api):
    answer = api.post("summary/time_entries", MONTH)
    assert answer.headers["X-Grouping"] == "projects"
    assert answer.headers["X-Sub-Grouping"] == "time_entries"
    assert range_of(answer) == ("2026-10-01", "2026-10-31")
    summary = answer.json()
    assert None in {group["id"] for group in summary["groups"]}
    assert not any(name in group for group in summary["groups"] for name in ("title", "seconds"))
    parts = parts_of(summary)
    assert {part["id"] for part in parts} == {None}
    assert any("title" not in part for part in parts)
    assert all("ForExport" in part and "ids" not in part for part in parts)


def test_local_start_is_the_wall_clock_under_a_false_z(api):
    rows = {entry_of(row)["id"]: entry_of(row)["start"] for row in api.rows(MONTH)}
    parts = parts_of(api.get("summary/time_entries", MONTH, include_time_entry_ids=True))
    for part in parts:
        starts = [datetime.fromisoformat(rows[number]) for number in part["ids"]]
        assert part["local_start"] == min(starts).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_tags_are_grouped_by_their_set(api):
    rows = api.rows(MONTH)
    sets = {tuple(row["tag_ids"]) for row in rows}
    groups = api.get("summary/time_entries", MONTH, grouping="tags", sub_grouping="users")["groups"]
    assert {tuple(group["ids"]) for group in groups} == sets


@pytest.mark.nightly
def test_tags_may_be_grouped_each_apart(api, make_api):
    rows = api.rows(MONTH)
    apart = make_api(60, tags_apart=True)
    summary = apart.get("summary/time_entries", MONTH, grouping="tags", sub_grouping="users")
    assert {len(group["ids"]) for group in summary["groups"]} == {0, 1}
    total = sum(part["seconds"] for part in parts_of(summary))
    assert total == sum(entry_of(row)["seconds"] * max(1, len(row["tag_ids"])) for row in rows)


def test_rates_divide_sub_groups_when_they_are_distinguished(api):
    asked = {"grouping": "users", "sub_grouping": "projects"}
    mixed = parts_of(api.get("summary/time_entries", YEAR, **asked))
    apart = parts_of(api.get("summary/time_entries", YEAR, **asked, distinguish_rates=True))
    assert len(apart) > len(mixed)
    assert all(len(part["rates"]) <= 1 for part in apart)


@pytest.mark.nightly
@pytest.mark.parametrize("money", ["rates", "billable_seconds", "none"])
def test_a_summary_may_tell_less_of_money(make_api, money):
    part, *_ = parts_of(make_api(summary_money=money).get("summary/time_entries", YEAR))
    assert ("rates" in part) == (money == "rates")
    assert ("billable_seconds" in part) == (money != "none")
    assert "billable_amount_in_cents" not in part


def test_a_grouping_is_not_divided_by_itself(api):
    status, text = api.refusal(
        "summary/time_entries", MONTH, grouping="users", sub_grouping="users"
    )
    assert status == 400
    assert "sub_grouping" in text


# Weeks


def test_a_week_begins_with_the_first_day(api):
    rows = api.get("weekly/time_entries", start_date="2026-11-18", end_date="2026-11-20")
    assert {len(row["seconds"]) for row in rows} == {7}
    assert {tuple(row["seconds"][3:]) for row in rows} == {(0, 0, 0, 0)}
    assert "X-Range-Start" not in api.post("weekly/time_entries", MONTH).headers
    keys = {
        *("user_id", "user_name", "project_id", "project_name", "client_name", "project_color"),
        *("project_hex_color", "planned_task_id", "currency", "hourly_rate_in_cents", "seconds"),
        *("billable_seconds", "billable_amounts_in_cents"),
    }
    assert {frozenset(row) for row in rows} == {frozenset(keys)}


# Insights


def test_trends_want_a_currency_and_one_to_five_projects(api):
    assert api.refusal("data_trends/users", YEAR) == (400, "Currency is required parameter")
    for ids, text in [([], "At least 1 id required"), ([1] * 6, "Maximum 5 ids allowed")]:
        asked = {"currency": "EUR", "ids": ids}
        assert api.refusal("data_trends/projects", YEAR, **asked) == (400, text)


@pytest.mark.nightly
def test_earnings_may_be_cents_or_units(make_api):
    asked = YEAR | {"currency": "EUR", "resolution": "month"}
    of = {
        in_cents: make_api(earnings_in_cents=in_cents).get("profitability/projects", asked)
        for in_cents in (True, False)
    }
    for cents_row, units_row in zip(of[True]["table"], of[False]["table"], strict=True):
        assert cents_row["earnings"] == pytest.approx(units_row["earnings"] * 100, abs=51)


def test_trends_of_insights_compare_two_periods_by_day(api):
    body = MONTH | {"previous_period_start": "2026-09-01"}
    rows = api.get("insights/data_trends/projects", body)
    assert {len(row["current_period_seconds"]) for row in rows} == {31}
    assert {len(row["previous_period_seconds"]) for row in rows} == {31}
    assert {(row["start"], row["end"], row["previousStart"]) for row in rows} == {
        ("2026-10-01", "2026-10-31", "2026-09-01")
    }
    totals = api.get(f"{SEARCH}/totals", MONTH)["seconds"]
    without = api.get(f"{SEARCH}/totals", MONTH, project_ids=[None])["seconds"]
    assert sum(sum(row["current_period_seconds"]) for row in rows) == totals - without


# The free plan


def test_the_free_plan_has_no_money(make_api):
    api = make_api(plan="free")
    for row in api.rows(MONTH):
        assert row["billable_amount_in_cents"] is row["hourly_rate_in_cents"] is None
        assert row["task_id"] is None
        assert row["currency"] is not None
    totals = api.get(f"{SEARCH}/totals", MONTH)
    assert totals["billable_amount_in_cents"] is totals["labour_cost_in_cents"] is None
    (week, *_) = api.get("weekly/time_entries", MONTH)
    assert week["billable_seconds"] is week["billable_amounts_in_cents"] is None
    (row, *_) = api.get("projects/summary", MONTH)
    assert row["billable_seconds"] is None
    part, *_ = parts_of(api.get("summary/time_entries", MONTH))
    assert "rates" not in part


@pytest.mark.nightly
@pytest.mark.parametrize(("said", "value"), [("[]", []), ("zeros", [0] * 7)])
def test_weeks_without_money(make_api, said, value):
    (week, *_) = make_api(60, plan="free", hidden_weeks=said).get("weekly/time_entries", MONTH)
    assert week["billable_seconds"] == week["billable_amounts_in_cents"] == value
    assert week["hourly_rate_in_cents"] is None


def test_what_the_free_plan_refuses(make_api):
    api = make_api(plan="free")
    assert api.post(SEARCH, MONTH, rounding=0, rounding_minutes=0).status_code == 200
    for path, body in [
        (SEARCH, {"billable": True}),
        (SEARCH, {"rounding": 1, "rounding_minutes": 15}),
        (f"{SEARCH}.csv", {}),
        (f"{SEARCH}.xlsx", {}),
        ("comparative", {}),
        ("profitability/projects", {}),
        ("insights/data_trends/projects", {}),
    ]:
        answer = api.post(path, MONTH | body)
        assert answer.status_code == 402, path
        assert answer.headers["X-Toggl-Quota-Remaining"] != "0"
    assert api.post(f"{SEARCH}.pdf", MONTH).status_code == 200


@pytest.mark.nightly
def test_the_free_plan_may_refuse_the_default_rounding(make_api):
    strict = make_api(plan="free", default_rounding_is_paid=True)
    assert strict.post(SEARCH, MONTH, rounding=0).status_code == 402
    assert strict.post(SEARCH, MONTH).status_code == 200


# Saved reports


def share(api, kind, suffix="", **kwargs):
    token = api.sandbox.report_tokens.get(kind, kind)
    url = f"{api.sandbox.base_url}/shared/{token}{suffix}"
    return api.session.post(url, timeout=PATIENCE, **kwargs)


def test_saved_reports_of_each_kind(api):
    for kind in ("detailed", "summary", "weekly"):
        report = share(api, kind).json()
        assert report["report_type"] == kind
        results = report[f"{kind}_results"]
        assert results["totals"]["seconds"] > 0
        assert report["dictionaries"]["projects"]
    summary = share(api, "summary").json()["summary_results"]
    assert sum(p["seconds"] for p in parts_of(summary["report"])) == summary["totals"]["seconds"]
    weekly = share(api, "weekly").json()["weekly_results"]
    assert sum(sum(row["seconds"]) for row in weekly["report"]) == weekly["totals"]["seconds"]


@pytest.mark.parametrize("how", ["params", "data", "json"])
def test_a_saved_report_takes_fields_in_the_address_a_form_or_json(api, how):
    report = share(api, "detailed", **{how: {"start_date": "2026-10-01", "end_date": "2026-10-02"}})
    results = report.json()["detailed_results"]
    assert results["totals"]["tracked_days"] == 2
    assert str(day_of(results["report"][0])) == "2026-10-01"


def test_a_detailed_saved_report_pages_by_the_moment_alone(api):
    found, since, total = {}, 0, None
    while True:
        results = share(api, "detailed", params={"first_timestamp": since}).json()
        rows = results["detailed_results"]["report"]
        total = results["detailed_results"]["totals"]["seconds"]
        new = {entry_of(row)["id"]: entry_of(row)["seconds"] for row in rows}
        if new.keys() <= found.keys():
            break
        found |= new
        since = int(datetime.fromisoformat(entry_of(rows[-1])["start"]).timestamp())
    assert sum(found.values()) == total


def test_who_may_read_a_saved_report(api, make_api):
    assert share(api, "0123456789abcdef").status_code == 403
    assert share(api, "private").status_code == 401
    owner = {"Authorization": api.sandbox.authorization}
    assert share(api, "private", headers=owner).status_code == 200
    assert share(make_api(plan="free"), "detailed").status_code == 403
    assert share(api, "detailed", "/nonsense").status_code == 404
    (request,) = [r for r in api.sandbox.requests if r.endpoint == "shared/nonsense"]
    assert request.status == 404
    assert api.sandbox.report_tokens["private"] not in repr(api.sandbox)


# Files


def table_of(answer):
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_csv_of_a_search_is_complete(api):
    rows = api.rows(MONTH, enrich_response=True)
    answer = api.post(f"{SEARCH}.csv", MONTH)
    assert answer.headers["Content-Type"].startswith("text/csv")
    table = table_of(answer)
    assert [line["Description"] for line in table] == [row["description"] for row in rows]
    headings = (
        "User,Email,Client,Project,Task,Description,Billable,Start date,Start time,End date,"
        "End time,Duration,Tags,Amount (),Amount (EUR),Amount (JPY),Amount (USD)"
    )
    assert ",".join(table[0]) == headings
    for line, row in zip(table, rows, strict=True):
        start = datetime.fromisoformat(entry_of(row)["start"])
        assert f"{line['Start date']}T{line['Start time']}" == start.isoformat()[:19]
        hours, minutes, left = map(int, line["Duration"].split(":"))
        assert hours * 3600 + minutes * 60 + left == entry_of(row)["seconds"]
        amount = line[f"Amount ({row['currency']})"]
        known = row["billable_amount_in_cents"]
        assert amount == ("" if known is None else f"{known // 100}.{known % 100:02}")


FILES = [
    *((f"{SEARCH}.{extension}", extension) for extension in ("csv", "xlsx", "pdf")),
    *((f"summary/time_entries.{extension}", extension) for extension in ("csv", "xlsx", "pdf")),
    *((f"weekly/time_entries.{extension}", extension) for extension in ("csv", "pdf")),
    *((f"insights/profitability/projects.{e}", e) for e in ("csv", "xlsx")),
    *((f"insights/profitability/employees.{e}", e) for e in ("csv", "xlsx")),
    *((f"insights/trends/projects.{e}", e) for e in ("csv", "xlsx")),
]


def check_file(content, extension):
    if extension == "csv":
        assert len(content.decode("utf-8-sig").splitlines()) > 1
    elif extension == "xlsx":
        assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        assert sheet.max_row > 1
        assert sheet["A1"].value
    else:
        assert content.startswith(b"%PDF-")
        at = int(content.split()[-2])
        assert content[at : at + 4] == b"xref"


@pytest.mark.parametrize(("path", "extension"), FILES)
def test_files(api, path, extension):
    more = {
        "insights/profitability/employees": {"currency": "EUR"},
        "insights/trends/projects": {"previous_period_start": "2026-09-01"},
    }
    answer = api.post(path, MONTH | more.get(path.rpartition(".")[0], {}))
    assert answer.status_code == 200
    assert f".{extension}" in answer.headers["Content-Disposition"]
    check_file(answer.content, extension)


@pytest.mark.parametrize(
    ("kind", "extension"),
    [("detailed", "csv"), ("summary", "xlsx"), ("weekly", "csv"), ("weekly", "pdf")],
)
def test_files_of_saved_reports(api, kind, extension):
    check_file(share(api, kind, f"/{extension}").content, extension)


@pytest.mark.parametrize("path", ["weekly/time_entries.xlsx", "insights/profitability/projects"])
def test_what_the_vendor_does_not_make(api, path):
    assert api.post(path, MONTH).status_code == 404


# Faults


def listed(api, **fields):
    """List as a client does that follows the header, at most a hundred pages."""
    row, ids = 1, []
    for _ in range(100):
        answer = api.post(SEARCH, MONTH, first_row_number=row, **fields)
        ids += [entry_of(each)["id"] for each in answer.json()]
        if NEXT not in answer.headers:
            break
        row = int(answer.headers[NEXT])
    return ids


@pytest.fixture
def whole(make_api):
    """A sandbox of its own, and the ids of a month there."""
    api = make_api()
    return api, listed(api)


def test_an_entry_that_is_deleted_between_two_pages_takes_a_row_with_it(whole):
    api, ids = whole
    api.sandbox.inject(Fault("entry_deleted", endpoint=SEARCH, after=1))
    found = listed(api)
    assert ids[50] not in found
    assert listed(api) == ids[1:]


def test_an_entry_that_is_added_between_two_pages_brings_one_twice(whole):
    api, ids = whole
    api.sandbox.inject(Fault("entry_added", endpoint=SEARCH, after=1))
    found = listed(api)
    assert [number for number, n in Counter(found).items() if n > 1] == [ids[49]]
    assert len(listed(api)) == len(ids) + 1


def test_an_entry_that_is_edited_between_two_pages_moves(whole):
    api, ids = whole
    api.sandbox.inject(Fault("entry_edited", endpoint=SEARCH, after=1))
    found = listed(api)
    assert Counter(found)[ids[0]] == 2
    assert ids[50] not in found
    assert sorted(listed(api)) == sorted(ids)
    assert listed(api, order_by="last_update", order_dir="DESC")[0] == ids[0]


def test_an_edit_keeps_the_time_that_was_tracked(make_api):
    api = make_api()
    before = api.get(f"{SEARCH}/totals", YEAR)
    api.sandbox.inject(Fault("entry_edited", endpoint=f"{SEARCH}/totals"))
    api.get(f"{SEARCH}/totals", YEAR, rounding=1, rounding_minutes=60)
    after = api.get(f"{SEARCH}/totals", YEAR)
    assert {**after, "tracked_days": 0} == {**before, "tracked_days": 0}


@pytest.mark.parametrize("path", [SEARCH, f"{SEARCH}/totals", "summary/time_entries"])
def test_a_range_can_be_answered_too_narrow(make_api, path):
    api = make_api()
    api.sandbox.inject(Fault("narrow_range", endpoint=path))
    narrow = api.post(path, MONTH)
    assert range_of(narrow) == ("2026-10-01", "2026-10-16")
    whole = api.post(path, MONTH)
    assert range_of(whole) == ("2026-10-01", "2026-10-31")
    half = api.post(path, start_date="2026-10-01", end_date="2026-10-16")
    assert narrow.content == half.content
    assert (narrow.content == whole.content) == (path == SEARCH)  # of which it is the first page


def test_a_cursor_can_stand_still(whole):
    api, ids = whole
    api.sandbox.inject(Fault("stuck_cursor", endpoint=SEARCH, after=1))
    api.post(SEARCH, MONTH)
    stuck = api.post(SEARCH, MONTH, first_row_number=51)
    assert stuck.headers[NEXT] == "51"
    assert [entry_of(row)["id"] for row in stuck.json()] == ids[50:100]


def test_a_page_can_come_twice(whole):
    api, ids = whole
    api.sandbox.inject(Fault("repeated_page", endpoint=SEARCH, after=1))
    assert listed(api) == ids[:50] + ids[:50] + ids[100:]


@pytest.mark.parametrize("page", [0, 1, -1])
def test_a_page_can_be_lost(whole, page):
    api, ids = whole
    page %= -(-len(ids) // 50)
    api.sandbox.inject(Fault("lost_page", endpoint=SEARCH, after=page))
    assert listed(api) == ids[: page * 50] + ids[page * 50 + 50 :]


def test_the_record_names_paths_of_both_roots(make_api):
    api = make_api()
    api.get("insights/data_trends/projects", MONTH)
    api.get("projects/summary", MONTH)
    assert [request.endpoint for request in api.sandbox.requests] == [
        "insights/data_trends/projects",
        "projects/summary",
    ]
    assert json.loads(json.dumps(api.sandbox.requests[0].body)) == MONTH
