"""Groups of one's own in `by`: teams, units and activities, over HTTP and of any source."""

import pandas as pd
import pytest
from days import TODAY

import togglframe as tf
from togglframe import ConfigError, reports

DAYS = {"start_date": "2026-10-01", "end_date": "2026-10-31"}


@pytest.fixture(scope="module")
def ws():
    with tf.demo(today=TODAY) as ws:
        yield ws


@pytest.fixture(scope="module")
def entries(ws):
    return reports.time_entries(ws, **DAYS)


@pytest.fixture(scope="module")
def teams(entries):
    """Put the first users that have an entry into two teams, the last in the alphabet first."""
    ids = entries["user_id"].dropna().drop_duplicates().tolist()
    return {ids[0]: "Strategy", ids[1]: "Design", ids[2]: "Strategy"}


def test_a_team_is_a_column_of_names_in_the_order_of_the_mapping(ws, entries, teams):
    made = reports.hours(ws, **DAYS, by={"team": teams})
    assert list(made)[:2] == ["team", "tracked_hours"]
    assert made["team"].fillna("nobody").tolist() == ["Strategy", "Design", "nobody"]
    assert made["team"].dtype == entries["user"].dtype
    whole = entries["tracked_time"].groupby(entries["user_id"].map(teams), dropna=False).sum()
    assert made.set_index("team")["tracked_time"].to_dict() == whole.to_dict()


def test_own_groups_stand_beside_others_in_their_order(ws, teams):
    by = ["client", {"team": teams}, "billable"]
    made = reports.hours(ws, **DAYS, by=by, every="week")
    assert list(made)[:5] == ["client_id", "client", "team", "billable", "period"]
    assert reports.hours(ws, **DAYS, by=[])["tracked_time"].sum() == made["tracked_time"].sum()
    assert not made.duplicated(["client_id", "team", "billable", "period"]).any()


def test_projects_clients_and_tags_make_groups_too(ws, entries):
    projects = entries["project_id"].dropna().drop_duplicates().tolist()
    clients = entries["client_id"].dropna().drop_duplicates().tolist()
    wanted = entries["tags"].explode().dropna().drop_duplicates().tolist()[:2]
    of_project = entries["project_id"].map({projects[0]: "Own", projects[1]: "Own"})
    of_client = entries["client_id"].map({clients[0]: "Large"})
    of_tag = entries["tags"].map(lambda tags: next((one for one in wanted if one in tags), None))
    for spec, groups in (
        (("project", {projects[0]: "Own", projects[1]: "Own"}), of_project),
        (("client", {clients[0]: "Large"}), of_client),
        (("tag", [one.upper() for one in wanted]), of_tag.str.upper()),
    ):
        made = reports.hours(ws, **DAYS, by={"unit": spec}).set_index("unit")["tracked_time"]
        assert (
            made.to_dict() == entries["tracked_time"].groupby(groups, dropna=False).sum().to_dict()
        )


def test_earnings_and_invoices_take_them(ws, teams):
    earned = reports.earnings(ws, **DAYS, by={"team": teams}, every="month")
    plain = reports.earnings(ws, **DAYS, by=[])
    assert list(earned)[:3] == ["team", "period", "currency"]
    sums = [frame.groupby("currency", dropna=False)["amount"].sum() for frame in (earned, plain)]
    pd.testing.assert_series_equal(*sums, rtol=0, atol=0.001)
    lines = reports.invoice_lines(ws, **DAYS, by=["project", {"team": teams}])
    assert list(lines)[:5] == ["client_id", "client", "project_id", "project", "team"]
    alone = reports.invoice_lines(ws, **DAYS, by="project")
    assert lines["n_entries"].sum() == alone["n_entries"].sum()


def test_an_archive_and_frames_make_the_same(ws, entries, teams, tmp_path):
    archive = tf.Archive(tmp_path, today=TODAY)
    archive.sync(ws, **DAYS)
    tags = entries["tags"].explode().dropna().drop_duplicates().tolist()[:2]
    by = ["project", {"team": teams, "activity": ("tag", tags)}]
    made = reports.hours(ws, **DAYS, by=by, every="quarter")
    frames = {"time_entries": tf.search.time_entries(ws, **DAYS)}
    for source in (archive, frames):
        again = reports.hours(source, **DAYS, by=by, every="quarter")
        pd.testing.assert_frame_equal(again, made)


def test_a_pivot_and_files_take_them(ws, teams, tmp_path):
    made = reports.hours(ws, **DAYS, by={"team": teams}, every="week")
    wide = tf.pivot(made, "team")
    assert {*wide["team"]} == {"Strategy", "Design", "(no team)", "Total"}
    tf.export.to_csv(made, tmp_path / "teams.csv")
    assert "team" in pd.read_csv(tmp_path / "teams.csv")
    tf.export.to_excel({"Teams": made}, tmp_path / "teams.xlsx")


def test_names_and_addresses_equal_ids(ws, entries, teams):
    known = entries.dropna(subset=["user_id"]).drop_duplicates("user_id").set_index("user_id")
    by_name = {known.loc[user, "user"].upper(): team for user, team in teams.items()}
    by_address = {known.loc[user, "email"]: team for user, team in teams.items()}
    made = reports.hours(ws, **DAYS, by=["client", {"team": teams}])
    for members in (by_name, by_address, pd.Series(by_name)):
        again = reports.hours(ws, **DAYS, by=["client", {"team": members}])
        pd.testing.assert_frame_equal(again, made)
    client = entries["client"].dropna().iloc[0]
    of_client = reports.hours(ws, **DAYS, by={"unit": ("client", {client: "Large"})})
    assert (of_client["unit"] == "Large").sum() == 1
    with pytest.raises(ConfigError, match="by 'team': there is no user 'Nobody'"):
        reports.hours(ws, **DAYS, by={"team": {"Nobody": "A"}})


IMPOSSIBLE = [
    ({"user": {1: "A"}}, ConfigError, "'user' is a column of hours already"),
    ({"tracked_hours": {1: "A"}}, ConfigError, "'tracked_hours' is a column of hours already"),
    ({"workspace_id": {1: "A"}}, ConfigError, "'workspace_id' is a column"),
    ({3: {1: "A"}}, TypeError, "names its own groups with a string, not 3"),
    ({"team": "A"}, TypeError, "takes a mapping of each user"),
    ({"team": {1: 2}}, TypeError, "names a group with a string, not 2"),
    ({"team": ("country", {1: "A"})}, ConfigError, "'user', 'project', 'client' or 'tag', not"),
    ({"kind": ("tag", "design")}, TypeError, "takes a list of tags"),
    ({"kind": ("tag", ["a", "A"])}, ConfigError, "has a tag twice"),
    ([{"team": {1: "A"}}, {"team": {2: "B"}}], ConfigError, "by names something twice"),
]


def test_an_impossible_group_is_refused(ws, subtests):
    for by, error, words in IMPOSSIBLE:
        with subtests.test(str(by)), pytest.raises(error, match=words):
            reports.hours(ws, **DAYS, by=by)
