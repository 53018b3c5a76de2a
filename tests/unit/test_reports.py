"""Every report by its record: what it fetches, what it costs, what it makes, and of what."""

import importlib
import inspect
import json
import pickle
import re
import traceback
import warnings
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from itertools import cycle, product
from pathlib import Path

import pandas as pd
import pytest
from conftest import SCALE
from days import TODAY
from endpoints import CASES as ENDPOINTS
from endpoints import modules
from report_cases import (
    DISTINCT,
    ENTRIES,
    FIRST_VARIANTS,
    RANGE,
    RECORDS,
    VARIANTS,
    also_by_night,
    arguments,
    asked,
    by_endpoint,
    call,
    cost,
    counts,
    least,
    range_of,
)
from vendor import Behaviour, Fault

from togglframe import (
    CompletenessWarning,
    ConfigError,
    QuotaExceededError,
    SemanticsWarning,
    demo,
    reports,
    tables,
)
from togglframe._renamed import KEYWORDS, RANGED_INSTEAD
from togglframe.api import search
from togglframe.api.endpoint import Endpoint
from togglframe.errors import AccessError, PremiumFeatureError, ServerError
from togglframe.reports._record import Report
from togglframe.reports.auditing import PROJECT_AUDIT
from togglframe.reports.budget import PROJECT_BUDGET, sum_by_client, sum_of_workspace
from togglframe.reports.burning import BURN
from togglframe.reports.forecasting import FORECAST
from togglframe.reports.listings import LISTINGS
from togglframe.reports.members import PROJECT_MEMBERS
from togglframe.reports.planning import records
from togglframe.reports.profits import USER_HOURS
from togglframe.reports.tasks import ESTIMATE_RECONCILIATION, TASK_ACCURACY, WORKLOAD
from togglframe.reports.timesheets import UTILISATION
from togglframe.tables.provenance import table_of

PACKAGE = Path(tables.__file__).parents[1]
OPTIONAL_PATHS = ["filters/project_users", "search/users", "filters/project_groups"]
every_report = pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
every_variant = pytest.mark.parametrize(
    ("record", "parameters", "table"),
    VARIANTS,
    ids=[f"{record.name}-{parameters}" for record, parameters, _ in VARIANTS],
)


@pytest.fixture(scope="module")
def agency():
    """Return a workspace, for tests that count no requests."""
    with demo(scale=SCALE) as ws:
        yield ws


@pytest.fixture(scope="module")
def listings(agency):
    return reports.Listings(agency)


@pytest.fixture(scope="module")
def made(listings):
    """Return a report that is made of the listings, always the same frame."""
    frames = {}

    def make(record, **parameters):
        key = f"{record.name}{parameters}"
        if key not in frames:
            frames[key] = call(record, listings, **parameters)
        return frames[key]

    return make


@pytest.fixture(scope="module")
def entries(agency):
    """Return the time entries that the reports over time are made of."""
    return search.time_entries(agency, **ENTRIES)


@pytest.fixture
def frames(listings, entries):
    """Return all of them by name, with the time entries of the range."""
    return {**listings.available()[0], "time_entries": entries}


# --- what is declared ---------------------------------------------------------------------------


def test_every_report_has_a_record_and_every_record_a_report():
    functions = {name: member for name, member in vars(reports).items() if name in reports.__all__}
    no_report = {"Listings", "Plan", "across", "compare", "plan"}
    assert {function.__name__: function for function, _ in records()} == {
        name: member for name, member in functions.items() if name not in no_report
    }
    assert len(RECORDS) == len(reports.__all__) - len(no_report)
    for function, record in records():
        assert function.__name__ == record.name
        assert pickle.loads(pickle.dumps(function)) is function
    declared = (value for module in modules() for value in vars(module).values())
    assert {one.name for one in declared if isinstance(one, Report)} == {r.name for r in RECORDS}


def test_every_table_that_is_derived_is_made_by_a_report_an_archive_or_the_doctor():
    of_archives = [made["project_budget"] for made in (tables.HISTORIES, tables.CHANGES)]
    with_period = [arguments(PROJECT_BUDGET, period="2026", members=one) for one in (True, False)]
    others = [
        tables.DOCTOR,
        tables.ARCHIVED,
        tables.CLOSED,
        tables.LATE,
        tables.COMPARISONS["hours"],
    ]
    made = [*others, *of_archives, *(table for _, _, table in VARIANTS)]
    made += [PROJECT_BUDGET.table_of(each) for each in with_period]
    made += [TASK_ACCURACY.table_of({"people": True})]
    fetched = {listing.table.name for listing in LISTINGS.values()}
    fetched |= {case.table.name for case in ENDPOINTS}
    assert {table.name for table in made} == {table.name for table in tables.TABLES} - fetched


@pytest.mark.parametrize(
    "wrong",
    [
        {"needs": ()},
        {"needs": ("projects", "project_statuses")},
        {"needs": ("projects", "statuses")},  # clients are looked up, and not among them
        {"optional": ("tasks",)},
    ],
    ids=str,
)
def test_a_record_that_could_never_work_is_refused_where_it_is_declared(wrong):
    with pytest.raises(ValueError, match="project_budget needs"):
        replace(PROJECT_BUDGET, **wrong)


def test_the_parameters_of_a_report_are_those_of_its_record(subtests):
    selecting = {"source", "start_date", "end_date", "period", "clients", "projects", "users"}
    of_source = {"now": None, "today": TODAY, "reaches_today": True, "hidden": {}}
    for function, record in records():
        with subtests.test(record.name):
            params = arguments(record)
            named = inspect.signature(function).parameters.keys()
            assert params.keys() == {*named} - selecting | {"selected"}
            join = inspect.signature(record.join)
            own = {name: value for name, value in of_source.items() if name in join.parameters}
            needs = record.needs_of(reports.Listings({}), params)
            join.bind(**dict.fromkeys(needs.names), **{**params, **own})


def test_an_old_keyword_is_answered_with_the_new_one(subtests):
    for function, record in records():
        named = inspect.signature(function).parameters
        for old, new in KEYWORDS.items():
            if new in named:
                with (
                    subtests.test(record.name, keyword=old),
                    pytest.raises(TypeError, match=f"no parameter '{old}'; it is '{new}' now"),
                ):
                    function(**{"source": {}, old: 1})


def test_a_report_without_a_range_names_the_one_that_has_it(subtests, agency):
    ranged = {record.name for function, record in records() if "start_date" in _named(function)}
    assert {record.name for _, record in records()} - ranged == {*RANGED_INSTEAD, "project_budget"}
    for name, instead in RANGED_INSTEAD.items():
        with subtests.test(name):
            words = re.escape(f"and has no period; {instead} has a range")
            with pytest.raises(ConfigError, match=words):
                getattr(reports, name)(agency, period="2026-10")
            with pytest.raises(ConfigError, match=words):
                reports.plan(agency, name, period="2026-10")
            call = instead.replace("…", "'2026-10'")
            assert not eval(
                f"reports.{call.replace('(', '(ws, ')}", {"reports": reports, "ws": agency}
            ).empty


def _named(function):
    return inspect.signature(function).parameters


def test_six_frames_lead_from_a_report_to_the_endpoint(agency, monkeypatch):
    depths = []
    fetch = Endpoint.fetch

    def counted(self, *args, **kwargs):
        frames = traceback.extract_stack()
        depths.append(sum(Path(frame.filename).is_relative_to(PACKAGE) for frame in frames))
        return fetch(self, *args, **kwargs)

    monkeypatch.setattr(Endpoint, "fetch", counted)
    reports.hours(agency, **RANGE)
    assert depths == [6]


def test_the_docstring_tells_grain_columns_cost_and_an_example(subtests):
    sections = ["Parameters", "Returns", "Raises", "Notes", "Examples"]
    for record in RECORDS:
        with subtests.test(record.name):
            doc = inspect.getdoc(getattr(reports, record.name))
            text = " ".join(doc.split())
            assert [s for s in sections if f"\n{s}\n{'-' * len(s)}\n" in doc] == sections
            tables_of_it = [table for other, _, table in VARIANTS if other is record]
            for table in tables_of_it:
                for column, line in zip(table, table.describe(), strict=True):
                    is_common = all(column.name in other for other in tables_of_it)
                    assert line in text or (not is_common and f"`{column.name}`" in text)


def test_the_docstring_names_the_endpoints_that_are_asked(subtests):
    by_name = {record.name: record for record in RECORDS}
    for record in RECORDS:
        with subtests.test(record.name):
            doc = inspect.getdoc(getattr(reports, record.name))
            notes = re.split(r"\n\w+\n-+\n", doc.partition("\nNotes\n-----\n")[2])[0]
            told = set(
                re.findall(r"``((?:filters|profitability|projects|search|summary)/[\w/]+)``", notes)
            )
            for name in re.findall(r":func:`(\w+)`", notes):
                told |= set(least(by_name[name]))
            spent = set().union(*(least(record, **sample) for sample in record.samples))
            if record.name == "burn":  # which asks for more where the range is over
                spent |= set(least(record, **RANGE))
            if record.name == "project_budget":  # the same with a period
                spent |= set(least(record, period="2026-10"))
            if record.name == "task_accuracy":
                spent |= set(least(record, people=True))
            if record.name == "profitability":
                spent |= {*least(record, labour_costs={1: 45}), *least(record, costs="toggl")}
            assert told == spent


# --- what it costs: test_plan.py tries by day one of the reports that ask for the same -----------


@pytest.mark.nightly
@every_report
def test_the_smallest_workspace_costs_what_is_declared(record, make_sandbox, make_workspace):
    sandbox = make_sandbox(people=150)
    frame = call(record, make_workspace(sandbox))
    assert counts(sandbox) == least(record)
    provenance = frame.attrs["togglframe"]
    assert sorted(provenance["endpoints"]) == sorted(least(record))
    assert provenance["workspace_id"] == sandbox.workspace_id
    json.dumps(provenance)


WITH_PARAMETERS = [(record, sample) for record in RECORDS for sample in record.samples if sample]


def test_a_parameter_adds_what_it_needs_to_the_plan_and_no_more(ws, subtests):
    for record, parameters in WITH_PARAMETERS:
        with subtests.test(report=record.name, parameters=parameters):
            report = getattr(reports, record.name)
            given = {**range_of(record), **parameters}
            plan = reports.plan(ws, report, **given)
            assert by_endpoint(plan) == least(record, **parameters)


@pytest.mark.nightly
@pytest.mark.parametrize(("record", "parameters"), WITH_PARAMETERS, ids=str)
def test_a_parameter_adds_what_it_needs_and_no_more(
    record, parameters, make_sandbox, make_workspace
):
    sandbox = make_sandbox()
    call(record, make_workspace(sandbox), **parameters)
    assert counts(sandbox) == least(record, **parameters)


@pytest.mark.nightly
@every_report
def test_what_is_cached_costs_nothing_and_is_read_once(record, sandbox, make_workspace):
    ws = make_workspace(sandbox, cache="memory")
    first = call(record, ws)
    spent, n_answers = len(sandbox.requests), sum(counts(sandbox).values())
    assert ws.usage.cache_hits == 0
    pd.testing.assert_frame_equal(call(record, ws), first)
    assert len(sandbox.requests) == spent
    assert ws.usage.cache_hits == n_answers


# Each shares what it needs with another, and none is the audit, which would take longest.
SHARING = [FORECAST, ESTIMATE_RECONCILIATION, WORKLOAD, PROJECT_MEMBERS, USER_HOURS, UTILISATION]


def needed_once(listings):
    """Leave out what an earlier listing answers: the same one, or one of more days."""
    needed = []
    for name, chosen in listings:
        earlier = [one for listing, one in needed if listing == name]
        if chosen in earlier or any(
            chosen.is_ranged and one.start <= chosen.start and chosen.end <= one.end
            for one in earlier
        ):
            continue
        needed.append((name, chosen))
    return needed


@pytest.mark.parametrize("chosen", also_by_night([SHARING], [RECORDS]), ids=len)
def test_a_shared_listing_is_paid_for_once(chosen, make_sandbox, make_workspace):
    listed = dict.fromkeys(one for record in chosen for one in asked(record))
    everything, once = cost(listed), cost(needed_once(listed))
    if chosen is RECORDS:  # budgets came first, with totals older than entries of burn and forecast
        everything["filters/projects/status"] += 2
        once["filters/projects/status"] += 2
    sandbox = make_sandbox()
    cached = make_workspace(sandbox, cache="memory")
    for record in chosen:
        call(record, cached)
    assert counts(sandbox) == once
    alone = make_sandbox()
    listings = reports.Listings(make_workspace(alone))
    for record in chosen:
        call(record, listings)
    assert counts(alone) == everything


# --- what it makes ------------------------------------------------------------------------------


def conforms(frame, table):
    expected = {column.name: column.dtype for column in table}
    assert frame.dtypes.to_dict() == expected
    assert list(frame.columns) == list(expected)
    assert isinstance(frame.index, pd.RangeIndex)


@every_variant
def test_columns_and_dtypes_hold_and_the_table_is_named(record, parameters, table, made):
    frame = made(record, **parameters)
    conforms(frame, table)
    assert json.loads(json.dumps(frame.attrs["togglframe"]))["table"] == table.name
    assert table_of(frame) == table


@pytest.fixture(scope="module")
def small_workspace_of():
    with ExitStack() as stack:
        yield cache(lambda scale: stack.enter_context(demo(scale=scale)))


@pytest.mark.nightly
@every_variant
@pytest.mark.parametrize("scale", [0, 1])
def test_columns_and_dtypes_of_small_workspaces_hold(
    scale, record, parameters, table, small_workspace_of
):
    conforms(call(record, small_workspace_of(scale), **parameters), table)


# The audit needs every listing.
@pytest.mark.parametrize(
    "record", also_by_night([PROJECT_AUDIT], DISTINCT), ids=lambda record: record.name
)
def test_an_empty_workspace_makes_no_request_for_what_cannot_exist(
    record, make_sandbox, make_workspace
):
    sandbox = make_sandbox(0)
    call(record, make_workspace(sandbox))
    needless = {"filters/clients", "filters/project_users", "filters/project_groups"}
    assert not needless & set(counts(sandbox))


# --- of what: a workspace, or frames ------------------------------------------------------------


class Folder:
    """What an archive is to a report: it loads listings by name."""

    def __init__(self, frames):
        self.frames = frames

    def load(self, name, selection=None):
        return self.frames.get(name)


_OF_FETCHING = {"endpoints", "fetched_at", "from_cache", "today"}


def told_of(frame):
    """Return the provenance; what is at hand is used, where a workspace is not asked for it."""
    known = frame.attrs["togglframe"]
    return {name: value for name, value in known.items() if name not in _OF_FETCHING}


def as_fetched(record, frames):
    """Return the frames as a workspace has them: burn would count earlier entries too."""
    if record is not BURN:
        return frames
    entries = frames["time_entries"]
    return {**frames, "time_entries": entries[entries["date"] >= range_of(record)["start_date"]]}


# The first variant of each report by day, and the others by night.
OF_FRAMES = [
    *zip(FIRST_VARIANTS, cycle([dict, Folder]), strict=False),
    *((variant, dict) for variant in VARIANTS if variant not in FIRST_VARIANTS),
]


@pytest.mark.parametrize(
    "case",
    also_by_night(OF_FRAMES[: len(FIRST_VARIANTS)], OF_FRAMES),
    ids=lambda case: f"{case[0][0].name}-{case[0][1]}-{case[1].__name__}",
)
def test_frames_make_the_report_that_a_workspace_makes_stay_and_cost_nothing(case, made, frames):
    (record, parameters, _), kind = case
    frames = as_fetched(record, frames)
    before = {name: frame.copy() for name, frame in frames.items()}
    of_frames = call(record, kind(frames), **parameters)
    expected = made(record, **parameters)
    pd.testing.assert_frame_equal(of_frames, expected)
    assert told_of(of_frames) == told_of(expected)
    assert all(frame.equals(before[name]) for name, frame in frames.items())
    report = getattr(reports, record.name)
    plan = reports.plan(frames, report, **range_of(record), **parameters)
    assert (plan.requests, plan.is_exact, plan.is_affordable) == (0, True, True)


# Of listings, and of time entries too.
@pytest.mark.parametrize(
    "record", also_by_night([PROJECT_BUDGET, BURN], RECORDS), ids=lambda record: record.name
)
def test_frames_without_provenance_make_it_too(record, made, frames):
    frames = {name: frame.copy() for name, frame in as_fetched(record, frames).items()}
    for frame in frames.values():
        frame.attrs = {}
    of_frames = call(record, frames)
    pd.testing.assert_frame_equal(of_frames, made(record))
    assert is_of_nowhere(of_frames)


def is_of_nowhere(frame):
    known = frame.attrs["togglframe"]
    return known["workspace_id"] is None and known["endpoints"] == []


@pytest.mark.parametrize(
    "variant", also_by_night(FIRST_VARIANTS, VARIANTS), ids=lambda one: f"{one[0].name}-{one[1]}"
)
def test_empty_frames_make_an_empty_report(variant):
    record, parameters, table = variant
    frames = {name: listing.table.empty() for name, listing in LISTINGS.items()}
    frame = call(record, frames, **parameters)
    conforms(frame, table)
    assert is_of_nowhere(frame)


UNKNOWN_WITHOUT = {
    "clients": ["client"],
    "projects": [],
    "statuses": ["estimated_hours"],
    "project_users": ["is_member"],
    "users": ["email", "user_active"],
    "project_groups": [],  # named by their numbers
}


@pytest.mark.parametrize(
    "case",
    also_by_night(
        [(record, record.look_ups) for record in RECORDS if record.look_ups],
        [(record, (name,)) for record in RECORDS for name in record.look_ups],
    ),
    ids=lambda case: f"{case[0].name}-{'-'.join(case[1])}",
)
def test_look_ups_that_are_not_given_leave_their_columns_unknown(case, made, frames):
    record, names = case
    whole = made(record)
    less = call(record, {key: frame for key, frame in frames.items() if key not in names})
    assert less.dtypes.to_dict() == whole.dtypes.to_dict()
    # an audit misses a check then, and burn projects in which nothing was tracked in the range
    assert len(less) == len(whole) or record.name in {"entry_audit", "burn"}
    if "time_entries" in record.needs:
        names = {*names} - {"clients"}  # time entries have the names too
    for column in {column for name in names for column in UNKNOWN_WITHOUT[name]} & {*less.columns}:
        assert less[column].isna().all()
        assert whole[column].notna().any()


def test_a_listing_that_is_not_given_is_named_with_what_returns_it(frames, subtests):
    for record in RECORDS:
        for name in set(record.needs) - {*record.look_ups, *record.optional}:
            listing = LISTINGS[name]
            made_by = f"{listing.made_by.__module__}.{listing.made_by.__name__}"
            given = {key: frame for key, frame in frames.items() if key != name}
            with subtests.test(report=record.name, without=name):
                with pytest.raises(ConfigError) as caught:
                    call(record, given)
                assert str(caught.value) == (
                    f"{record.name} needs the listing {name!r}, {listing.holds}, which is not "
                    f"given; {made_by} returns such a frame"
                )
                module = importlib.import_module(listing.made_by.__module__)
                assert getattr(module, listing.made_by.__name__) is listing.made_by


def test_the_audit_does_without_what_is_not_given_and_says_so(frames):
    for name in ("tasks", "users"):
        del frames[name]
    with pytest.warns(CompletenessWarning, match="not given: tasks, users$") as caught:
        findings = reports.project_audit(frames)
    assert len(caught) == 1
    hidden = findings[findings["check"] == "hidden-part"]
    assert sorted(hidden["label"]) == ["tasks", "users"]
    assert "CompletenessWarning" in inspect.getdoc(reports.project_audit)


@pytest.mark.parametrize(
    ("source", "error", "words"),
    [
        (1234567, TypeError, "a Workspace, a mapping of listing names .*, not int"),
        (pd.DataFrame(), ConfigError, "needs the listing 'projects'"),
        ({"project": pd.DataFrame()}, ConfigError, "no listing 'project'; there are projects, "),
        ({"projects": [1]}, TypeError, "the listing 'projects' must be a DataFrame, not list"),
        ({"projects": pd.DataFrame()}, ConfigError, "needs the listing 'statuses'"),
    ],
)
def test_a_source_that_is_none_is_named(source, error, words):
    with pytest.raises(error, match=words):
        reports.project_budget(source)


def test_listings_are_attributes_and_are_loaded_once(ws, sandbox):
    listings = reports.Listings(ws)
    whole = {name: one for name, one in LISTINGS.items() if not one.is_ranged}
    frames = {name: getattr(listings, name) for name in whole}
    spent = len(sandbox.requests)
    for name, listing in whole.items():
        assert list(frames[name].columns) == listing.table.names
        assert name in dir(listings)
    fetched = listings.fetch(*whole)
    assert all(frame is frames[name] for name, frame in zip(whole, fetched, strict=True))
    assert len(sandbox.requests) == spent
    with pytest.raises(AttributeError, match="no attribute 'members'"):
        _ = listings.members
    with pytest.raises(ConfigError, match="there is no listing 'members'"):
        listings.fetch("members")


def test_time_entries_are_an_attribute_of_frames_and_of_a_workspace_those_of_a_range(ws, entries):
    assert reports.Listings(entries).time_entries is entries
    listings = reports.Listings(ws)
    with pytest.raises(AttributeError, match="time_entries of a workspace need a range of days"):
        _ = listings.time_entries
    said = "needs start_date and end_date, or period, to fetch time entries from a"
    with pytest.raises(ConfigError, match=said):
        listings.fetch("time_entries")


# --- both states --------------------------------------------------------------------------------

KINDS = {
    "omitted hides archived": Behaviour(omitted_active_filters=True),
    "the flag means archived": Behaviour(active_means_archived=True),
    "hides, and means archived": Behaviour(omitted_active_filters=True, active_means_archived=True),
    "statuses want ids": Behaviour(status_needs_ids=True, omitted_active_filters=True),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_budget_is_the_same_whatever_the_flag_does(kind, agency, make_sandbox, make_workspace):
    plain = reports.project_budget(agency)
    sandbox = make_sandbox(behaviour=KINDS[kind])
    ws = make_workspace(sandbox, cache="memory")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        budget = reports.project_budget(ws)
    if kind == "statuses want ids":  # then the status of a deleted project cannot be asked for
        plain = plain[plain["project"].notna()].reset_index(drop=True)
    pd.testing.assert_frame_equal(budget, plain)
    contradicts = kind == "hides, and means archived"
    assert {warning.category for warning in caught} == (
        {SemanticsWarning} if contradicts else set()
    )
    assert len(sandbox.requests) <= 3 + 4 + 1


def test_a_workspace_without_archived_projects_costs_one_proof_each(make_sandbox, make_workspace):
    sandbox = make_sandbox()
    for project in sandbox.agency.projects:
        project["active"] = True
    reports.project_budget(make_workspace(sandbox))
    assert counts(sandbox) == least(PROJECT_BUDGET) | {"filters/projects": 2}


# --- filters -----------------------------------------------------------------------------------


def test_filters_are_applied_to_rows_and_never_sent(make_sandbox, make_workspace):
    sandbox = make_sandbox()
    ws = make_workspace(sandbox, cache="memory")
    everything = reports.project_budget(ws)
    clients = everything["client_id"].dropna().unique()[:3]
    budget = reports.project_budget(ws, clients=clients, active=True)
    expected = everything[
        everything["client_id"].isin(clients) & (everything["active"] == True)  # noqa: E712
    ]
    pd.testing.assert_frame_equal(budget, expected.reset_index(drop=True))
    assert budget.attrs["togglframe"]["filters"] == {
        "clients": [int(one) for one in clients],
        "active": True,
        "left_out_unknown": int(everything["active"].isna().sum()),  # those that are not listed
    }
    assert counts(sandbox) == least(PROJECT_BUDGET)


def test_a_summary_agrees_with_the_budget_beside_it(agency, subtests):
    given = {"active": False, "at_risk": 0.5}
    budget = reports.project_budget(agency, **given)
    sums = {"client_budget": sum_by_client, "workspace_budget": sum_of_workspace}
    for (name, summed), by_currency in product(sums.items(), (False, True)):
        with subtests.test(name, by_currency=by_currency):
            summary = getattr(reports, name)(agency, by_currency=by_currency, **given)
            pd.testing.assert_frame_equal(summary, summed(budget, by_currency=by_currency))
            assert summary.attrs["togglframe"]["filters"] == budget.attrs["togglframe"]["filters"]


IMPOSSIBLE_FILTERS = [
    ({"clients": b"12"}, TypeError),
    ({"clients": [1.5]}, ConfigError),
    ({"active": "yes"}, TypeError),
    ({"at_risk": 0}, ConfigError),
    ({"at_risk": 80}, ConfigError),
    ({"at_risk": "0.8"}, ConfigError),
]


def test_an_impossible_filter_is_named_before_any_request(ws, sandbox, subtests):
    for options, error in IMPOSSIBLE_FILTERS:
        for name in ("project_budget", "client_budget"):
            with (
                subtests.test(str(options), report=name),
                pytest.raises(error, match=next(iter(options))),
            ):
                getattr(reports, name)(ws, **options)
    assert sandbox.requests == []


# --- what a plan hides -------------------------------------------------------------------------


def test_on_the_free_plan_the_reports_that_need_tasks_say_so(make_sandbox, make_workspace):
    ws = make_workspace(make_sandbox(plan="free"), cache="memory")
    for name in ("task_accuracy", "estimate_bias", "estimate_reconciliation", "workload"):
        with pytest.raises(PremiumFeatureError, match="Tasks are a premium feature"):
            getattr(reports, name)(ws)
    for name in ("project_budget", "client_budget", "project_members", "rate_card"):
        getattr(reports, name)(ws)


def test_the_audit_names_what_is_hidden_and_warns_once(make_sandbox, make_workspace):
    ws = make_workspace(make_sandbox(plan="free"), cache="memory")
    with pytest.warns(CompletenessWarning) as caught:
        findings = reports.project_audit(ws)
    assert len(caught) == 1
    assert "tasks (Tasks are a premium feature)" in str(caught[0].message)
    assert caught[0].filename == __file__
    assert findings["detail"].str.contains("Tasks are a premium feature").sum() == 1


def test_a_plan_without_tasks_is_known_without_quota(make_sandbox, make_workspace):
    sandbox = make_sandbox(plan="free")
    ws = make_workspace(sandbox, cache="memory")
    with pytest.warns(CompletenessWarning):
        before = reports.project_audit(ws)
    sandbox.use_up_quota()
    with pytest.raises(QuotaExceededError):
        ws.post("filters/clients", {"name": "to learn that the quota is used up"})
    with pytest.warns(CompletenessWarning, match="Tasks are a premium feature"):
        pd.testing.assert_frame_equal(reports.project_audit(ws), before)
    assert reports.plan(ws, reports.task_accuracy).requests == 0


@pytest.mark.parametrize(
    "hidden", also_by_night([OPTIONAL_PATHS], [[path] for path in OPTIONAL_PATHS]), ids=str
)
def test_the_audit_does_without_member_listings_that_are_hidden(
    hidden, make_sandbox, make_workspace
):
    sandbox = make_sandbox()
    for endpoint in hidden:
        sandbox.inject(Fault("status", status=403, endpoint=endpoint, times=-1))
    with pytest.warns(CompletenessWarning) as caught:
        findings = reports.project_audit(make_workspace(sandbox))
    (said,) = [str(warning.message) for warning in caught]
    names = {endpoint.rpartition("/")[2] for endpoint in hidden}
    assert names <= set(re.findall(r"\w+", said))
    assert len(findings) > 10


@pytest.mark.parametrize("endpoint", least(PROJECT_BUDGET))
def test_projects_statuses_and_clients_are_not_optional(endpoint, make_sandbox, make_workspace):
    sandbox = make_sandbox()
    sandbox.inject(Fault("status", status=403, endpoint=endpoint, times=-1))
    with pytest.raises(AccessError, match=endpoint):
        reports.project_audit(make_workspace(sandbox))


def test_any_other_error_in_an_optional_part_raises(make_sandbox, make_workspace):
    sandbox = make_sandbox()
    sandbox.inject(Fault("status", status=500, endpoint="filters/tasks", times=-1))
    with pytest.raises(ServerError):
        reports.project_audit(make_workspace(sandbox, max_attempts=2))


# --- arguments ----------------------------------------------------------------------------------


IMPOSSIBLE_ARGUMENTS = [
    (reports.project_budget, {"at_risk": 7}),
    (reports.task_accuracy, {"done": "x"}),
    (reports.estimate_bias, {"by": "team"}),
    (reports.estimate_bias, {"by": ["user"]}),
]


def test_an_impossible_argument_costs_no_request(ws, sandbox, subtests):
    for report, wrong in IMPOSSIBLE_ARGUMENTS:
        with subtests.test(str(wrong)), pytest.raises(ConfigError):
            report(ws, **wrong)
    assert sandbox.requests == []
