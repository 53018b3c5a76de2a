"""A report of several workspaces: each report of each, never joined, added or mixed up."""

import pandas as pd
import pytest
from export_data import read_workbook
from report_cases import ENTRIES, FIRST_VARIANTS, VARIANTS, also_by_night, call, range_of
from unit.charts_frames import grown
from vendor import Fault

from togglframe import (
    Archive,
    CompletenessWarning,
    ConfigError,
    QuotaExceededError,
    charts,
    demo,
    export,
    reports,
    tables,
)
from togglframe.api import search
from togglframe.errors import ServerError
from togglframe.tables.provenance import of, table_of
from togglframe.tables.workspaces import together

ONE, TWO = 11, 7  # the later one comes first by its id


@pytest.fixture(scope="module")
def frames():
    """The frames of two workspaces whose ids are the same, and nothing that was measured."""
    with demo(scale=9) as ws:
        listings, _ = reports.Listings(ws).available()
        one = {**listings, "time_entries": search.time_entries(ws, **ENTRIES)}
    return {ONE: one, TWO: {name: _other(frame) for name, frame in one.items()}}


def _other(frame):
    """Return a listing with every second row gone, and all durations doubled."""
    durations = frame.select_dtypes("timedelta").columns.difference(["utc_offset"])
    other = frame.assign(**{name: 2 * frame[name] for name in durations})
    return other[other.index % 2 == 0] if "start" in other else other


# --- every report ---------------------------------------------------------------------------------


@pytest.fixture
def parts(monkeypatch):
    """Note the frame of each workspace by its id, before they are put one below the other."""
    noted = {}

    def put_together(frames):
        noted.update(frames)
        return together(frames)

    monkeypatch.setattr("togglframe.reports._record.together", put_together)
    return noted


@pytest.mark.parametrize(
    "variant",
    also_by_night([one for one in FIRST_VARIANTS if one[0].name != "project_audit"], VARIANTS),
    ids=lambda one: f"{one[0].name}-{one[1]}",
)
def test_it_is_the_report_of_each_one_below_the_other(variant, frames, parts):
    record, parameters, one_table = variant
    table = one_table.across()
    made = reports.across(frames, record.name, **range_of(record), **parameters)
    pd.testing.assert_frame_equal(made, _one_below_the_other(parts, table))
    assert made.dtypes.to_dict() == {column.name: column.dtype for column in table}
    key = made[list(table.key)]
    assert (
        not key.map(lambda value: tuple(value) if isinstance(value, list) else value)
        .duplicated()
        .any()
    )
    assert table_of(made).names == table.names
    assert table_of(made).key == table.key


def _one_below_the_other(parts, table):
    numbered = [frame.assign(workspace_id=number) for number, frame in sorted(parts.items())]
    joined = pd.concat(numbered, ignore_index=True)[table.names].astype({"workspace_id": "Int64"})
    if not table.rank:
        return joined
    order = [*table.rank, *table.key]
    directions = [name not in table.rank for name in order]
    return joined.sort_values(order, ascending=directions, ignore_index=True)


# Of listings, and of time entries too.
@pytest.mark.parametrize(
    "variant",
    also_by_night(
        [one for one in FIRST_VARIANTS if one[0].name in {"project_budget", "hours"}], VARIANTS
    ),
    ids=lambda one: f"{one[0].name}-{one[1]}",
)
def test_the_report_of_each_is_that_of_its_frames_alone(variant, frames, parts):
    record, parameters, _ = variant
    reports.across(frames, record.name, **range_of(record), **parameters)
    assert list(parts) == sorted(frames)
    for number, part in parts.items():
        alone = call(record, frames[number], **parameters)
        pd.testing.assert_frame_equal(part, alone)


def test_one_workspace_is_told_too(frames):
    made = reports.across({ONE: frames[ONE]}, reports.project_members)
    alone = reports.project_members(frames[ONE])
    pd.testing.assert_frame_equal(made.drop(columns="workspace_id"), alone)
    assert (made["workspace_id"] == ONE).all()
    if len(made):
        assert of(made)["sources"] == [of(alone)]


def test_ids_that_can_be_read_once_are_of_all_workspaces(frames):
    ids = frames[ONE]["clients"]["id"].head(2).tolist()
    made = reports.across(frames, "project_budget", clients=iter(ids))
    pd.testing.assert_frame_equal(made, reports.across(frames, "project_budget", clients=ids))
    assert set(made["workspace_id"]) == {ONE, TWO}
    hours = reports.hours(frames[ONE], clients=iter(ids))
    pd.testing.assert_frame_equal(hours, reports.hours(frames[ONE], clients=ids))
    assert len(hours)
    own = {number: {"clients": [one]} for number, one in zip(frames, ids, strict=True)}
    both = reports.across(frames, "project_budget", by_workspace=own)
    told = of(both)["filters"]["clients"]
    assert told == f"[{ids[1]}] of workspace 7, [{ids[0]}] of workspace 11"
    assert both.groupby("workspace_id")["client_id"].unique().map(list).to_dict() == {
        ONE: [ids[0]],
        TWO: [ids[1]],
    }


def test_tracked_time_is_that_of_all_entries(frames):
    entries = [frames[number]["time_entries"]["tracked_time"].sum() for number in frames]
    for by in ("user", "project", []):
        made = reports.across(frames, "hours", by=by)
        assert made["tracked_time"].sum() == sum(entries, pd.Timedelta(0))
    assert entries[0] != entries[1]


# --- charts and files -----------------------------------------------------------------------------


def test_files_keep_the_workspace(frames, tmp_path):
    budget = reports.across(frames, "project_budget")
    back = pd.read_parquet(export.to_parquet(budget, tmp_path / "budget.parquet"))
    pd.testing.assert_frame_equal(back, budget)
    assert back.attrs == budget.attrs
    plain = pd.read_csv(export.to_csv(budget, tmp_path / "budget.csv"))
    assert plain["workspace_id"].tolist() == budget["workspace_id"].tolist()
    sheet = read_workbook(export.to_excel(budget, tmp_path / "budget.xlsx"))["Project budget"]
    heading, *rows = sheet.iter_rows(values_only=True)
    assert heading[:3] == ("Workspace ID", "Project ID", "Project")
    ids = list(zip(budget["workspace_id"], budget["project_id"], strict=True))
    assert [row[:2] for row in rows[: len(budget)]] == ids
    assert "workspaces 7, 11" in sheet.oddHeader.right.text


def test_a_forecast_is_drawn_on_the_burn_of_its_workspace():
    burnt = [(1, "Web", 40, 60), (2, "App", 20, 60)]
    burn = together({TWO: grown(*burnt), ONE: grown(*burnt)})
    finish = {7: "2026-12-24", 11: "2027-02-03"}
    ahead = tables.FORECAST.across().empty()
    ahead["workspace_id"], ahead["project_id"] = (
        pd.array([7, 11], "Int64"),
        pd.array([1, 1], "Int64"),
    )
    days = pd.to_datetime([finish[7], finish[11]]).astype("datetime64[us]")
    ahead["finish"], ahead["tracked_hours"] = days, pd.array([40.0, 40.0], "Float64")
    for number, when in ((7, "late December"), (11, "early February 2027")):
        ax = charts.burn_up(burn[burn["workspace_id"] == number], ahead, project="Web")
        assert ax.get_title(loc="left") == f"Web will have used its estimate by {when}"
    with pytest.raises(ConfigError, match="'Web · workspace 7', 'Web · workspace 11'"):
        charts.burn_up(burn, ahead, project="Web")
    with pytest.raises(ConfigError, match="'workspace_id'"):
        charts.burn_up(burn.head(1), ahead.drop(columns="workspace_id"))


# --- over HTTP ------------------------------------------------------------------------------------


@pytest.fixture
def studios(make_sandbox):
    return [make_sandbox(9, workspace_id=ONE), make_sandbox(9, workspace_id=TWO, seed=7)]


def test_workspaces_cost_the_sum_and_tell_where_all_is_from(studios, make_workspace):
    workspaces = [make_workspace(studio, cache="memory") for studio in studios]
    plan = reports.plan(workspaces, "project_budget")
    assert plan.requests == sum(each.requests for each in plan.by_workspace.values()) == 6
    assert str(plan).splitlines()[1:] == [f"workspace {n}: {plan.by_workspace[n]}" for n in (7, 11)]
    made = reports.across(workspaces, reports.project_budget)
    assert [len(studio.requests) for studio in studios] == [3, 3]
    alone = [reports.project_budget(ws) for ws in (workspaces[1], workspaces[0])]
    known = of(made)
    assert known["sources"] == [{**of(one), "from_cache": False} for one in alone]
    assert known["workspace_id"] == [TWO, ONE]
    assert known["fetched_at"] == min(of(one)["fetched_at"] for one in alone)
    cached = reports.across([reports.Listings(workspaces[0]), workspaces[1]], "project_budget")
    pd.testing.assert_frame_equal(cached, made)
    assert of(cached)["from_cache"]
    assert reports.plan(workspaces, reports.project_budget).requests == 0


def test_one_that_fails_is_named_and_nothing_is_returned(studios, make_workspace):
    studios[0].inject(Fault("status", status=500, endpoint="filters/clients", times=-1))
    workspaces = [make_workspace(studio, max_attempts=1) for studio in studios]
    with pytest.raises(ServerError, match=r"^HTTP 500 on filters/clients: workspace 11: "):
        reports.across(workspaces, "project_budget")


def test_a_warning_names_its_workspace(studios, make_sandbox, make_workspace):
    free = make_sandbox(9, workspace_id=5, plan="free")
    workspaces = [make_workspace(studio) for studio in (studios[0], free)]
    with pytest.warns(CompletenessWarning, match="^workspace 5: Left out, since") as caught:
        reports.across(workspaces, reports.project_audit)
    assert [warning.filename for warning in caught] == [__file__]


def test_what_the_quota_of_one_cannot_pay_is_refused_before_any_is_asked(studios, make_workspace):
    workspaces = [make_workspace(studio, on_quota="raise") for studio in studios]
    studios[0].use_up_quota()
    with pytest.raises(QuotaExceededError):
        workspaces[0].post("filters/clients", {"name": "to learn that the quota is used up"})
    assert reports.plan(workspaces, "project_budget").is_affordable is False
    with pytest.raises(QuotaExceededError, match="workspace 11: no request was sent"):
        reports.across(workspaces, "project_budget")
    assert studios[1].requests == []


# --- an archive of several ------------------------------------------------------------------------


# Slow, as two workspaces are synced, kept and verified.
def test_an_archive_of_two_answers_for_both(studios, make_workspace, tmp_path):
    workspaces = [make_workspace(studio) for studio in studios]
    archive = Archive(tmp_path / "toggl")
    done = archive.sync(workspaces, start_date="2026-10-01")
    archive.snapshot(workspaces)
    days = {"start_date": "2026-10-01", "end_date": "2026-11-30"}
    given = {**days, "by": ["user", "project"], "every": "week"}
    hours = reports.hours(archive, **given)
    pd.testing.assert_frame_equal(hours, reports.across(workspaces, "hours", **given))
    assert hours["n_entries"].sum() == done["rows"].sum() == archive.status()["rows"].sum()
    budget = reports.project_budget(reports.Listings(archive))
    pd.testing.assert_frame_equal(budget, reports.across([archive], "project_budget"))
    assert reports.plan(archive, "hours", **given).requests == 0
    history = archive.history(members=True)
    members = reports.project_budget(archive, members=True)
    assert history.columns[:2].tolist() == ["as_of", "workspace_id"]
    pd.testing.assert_frame_equal(history.drop(columns="as_of"), members)
    moved = archive.changes(history["as_of"].max())
    assert moved.empty
    for frame, tables_ in ((history, tables.HISTORIES), (moved, tables.CHANGES)):
        of_one = tables_["project_budget_members" if frame is history else "project_budget"]
        assert frame.columns.tolist() == of_one.across().names
        assert table_of(frame).key == of_one.across().key
        assert of(frame)["workspace_id"] == [TWO, ONE]
    assert of(moved)["since"] == of(moved)["as_of"]
    assert all(archive.verify(ws).empty for ws in workspaces)
    entries = archive.time_entries(**days)
    assert table_of(entries).key == ("workspace_id", "id")
    with pytest.raises(ConfigError, match=r"entries frame covers several workspaces, 7, 11, "):
        reports.hours(entries)


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        ([], "sources is empty"),
        ({}, "sources is empty"),
        ([{ONE: {}}, {ONE: {}}], "workspace 11 is named twice"),
        ([{"projects": pd.DataFrame()}], "frames do not name their workspace"),
        (pd.DataFrame(), "frames do not name their workspace"),
    ],
    ids=str,
)
def test_sources_that_cannot_be_told_apart_are_refused(sources, said):
    with pytest.raises(ConfigError, match=said):
        reports.across(sources, "hours")


def test_what_is_no_source_or_another_ones_is_refused(ws, sandbox, tmp_path):
    for wrong, error, said in [
        ([7], TypeError, "not int"),
        ("toggl", TypeError, "not str"),
        ({ONE: ws}, ConfigError, "the source of workspace 11 is Workspace"),
        ({ONE: reports.Listings(ws)}, ConfigError, "the source of workspace 11 is <Listings"),
        ([Archive(tmp_path)], ConfigError, "holds no workspace"),
        ([ws, {sandbox.workspace_id: {}}], ConfigError, "is named twice"),
    ]:
        with pytest.raises(error, match=said):
            reports.across(wrong, "project_budget")
    assert sandbox.requests == []


def test_reports_and_parameters_that_cannot_be_are_refused(frames):
    with pytest.raises(ConfigError, match="no report 'projct_budget'; did you mean project_budget"):
        reports.across(frames, "projct_budget")
    with pytest.raises(TypeError, match="is not a report"):
        reports.across(frames, search.users)
    with pytest.raises(TypeError, match="unexpected keyword argument 'atrisk'"):
        reports.across(frames, "project_budget", atrisk=0.9)
    with pytest.raises(
        ConfigError, match="by_workspace names workspace 5; the sources are of 7, 11"
    ):
        reports.across(frames, "project_budget", by_workspace={5: {}})
    with pytest.raises(TypeError, match="by_workspace must map workspace ids to arguments"):
        reports.across(frames, "project_budget", by_workspace={ONE: 5})
    with pytest.raises(ConfigError, match="different columns for some of the workspaces"):
        reports.across(frames, "hours", by_workspace={ONE: {"by": "task"}})
    for absences in (5, ["Holidays", 5]):
        with pytest.raises(ConfigError, match="absences is keyed by id, which belongs to one"):
            reports.across(frames, "balance", absences=absences)
    for ask in (reports.across, reports.plan):
        with pytest.raises(
            ConfigError, match=r"capacity is keyed by id.* by_workspace=\{7: \{'capacity'"
        ):
            ask(frames, "utilisation", capacity={1: 20})


def test_what_is_by_id_is_of_one_workspace(frames):
    user = int(frames[ONE]["users"]["id"].iloc[0])
    made = reports.across(frames, "utilisation", by_workspace={ONE: {"capacity": {user: 10}}})
    known = made[made["capacity_hours"].notna() & (made["user_id"] == user)]
    by_workspace = known.groupby("workspace_id")["capacity_hours"].max()
    assert by_workspace[ONE] == 10
    assert by_workspace[TWO] == 40


def test_a_filter_of_one_workspace_is_told_with_it(frames):
    made = reports.across(frames, "hours", by_workspace={TWO: {"users": [7]}})
    assert of(made)["filters"]["users"] == "[7] of workspace 7"
    both = reports.across(frames, "hours", users=iter([7, 8]))
    assert of(both)["filters"]["users"] == [7, 8]
    assert reports.plan(frames, "hours", by_workspace={TWO: {"users": [7]}}).requests == 0
