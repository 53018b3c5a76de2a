"""The endpoints: filters, cursors, caps, quirks; most of the quirks are tried by night."""

from __future__ import annotations

import json
import time

import pytest
from days import TODAY
from vendor import Behaviour
from vendor.behaviour import VendorStore

from togglframe.sandbox import Agency
from togglframe.sandbox.agency import build_agency
from togglframe.sandbox.listings import LISTINGS
from togglframe.sandbox.messages import RefusalError, parse
from togglframe.sandbox.server import SEED, WORKSPACE_ID, refused
from togglframe.sandbox.store import Store


def build(scale: int = 60) -> Agency:
    return build_agency(scale, seed=SEED, workspace_id=WORKSPACE_ID, today=TODAY)


@pytest.fixture(scope="module")
def agency() -> Agency:
    return build()


@pytest.fixture(scope="module")
def large() -> Agency:
    return build(1300)


def answer(agency, path, raw, *, plan="premium", **quirks):
    behaviour, endpoint = Behaviour(**quirks), LISTINGS[path].endpoint
    store = VendorStore(agency, plan, behaviour)
    params, _ = parse(raw, endpoint.params)
    behaviour.adjust(path, params, is_free=store.is_free)
    return behaviour.rewrite(path, params, endpoint.respond(store, params).body)


def ask(agency, path, body=None, **options):
    raw = b"" if body is None else json.dumps(body).encode()
    return json.loads(answer(agency, path, raw, **options)) or []


def refusal_of(agency, path, body=None, **quirks):
    with pytest.raises(RefusalError) as caught:
        ask(agency, path, body, **quirks)
    return caught.value.status, caught.value.message


def ids(rows):
    return [row["id"] for row in rows]


def where(rows, **wanted):
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


# What each endpoint answers


def test_the_endpoints_of_the_vendors_page():
    assert sorted(LISTINGS) == [
        "filters/clients",
        "filters/project_groups",
        "filters/project_users",
        "filters/projects",
        "filters/projects/status",
        "filters/tasks",
        "filters/tasks/status",
        "filters/users",
        "search/clients",
        "search/projects",
        "search/tasks",
        "search/users",
    ]


def test_without_a_body_everything_comes(agency):
    assert ask(agency, "filters/clients") == agency.clients
    assert ask(agency, "filters/projects") == agency.projects
    assert ask(agency, "filters/projects/status") == agency.project_statuses


@pytest.mark.parametrize("action", ["filters", "search"])
def test_tasks_by_a_page_size_large_enough(agency, action):
    body = {"page_size": 1000, "project_ids": ids(agency.projects)}
    assert ask(agency, f"{action}/tasks", body) == agency.tasks


def test_filters_users_has_names_alone(agency):
    rows = ask(agency, "filters/users", {"active": False})
    assert rows == [
        {"deleted_at": user["deleted_at"], "id": user["id"], "name": user["fullname"]}
        for user in where(agency.users, active=False)
    ]


def test_users_without_active_are_the_active_ones(agency):
    active = where(agency.users, active=True)
    everyone = {"ids": ids(agency.users)}
    assert ids(ask(agency, "filters/users")) == ids(active)
    assert ask(agency, "search/users", everyone) == active
    assert ask(agency, "search/users", {"active": False}) == where(agency.users, active=False)


@pytest.mark.parametrize(
    ("action", "body", "wanted"),
    [
        ("filters", {"currency": "USD"}, {"currency": "USD"}),
        ("search", {"is_active": True}, {"active": True}),
        ("filters", {"is_active": False}, {"active": False}),
        ("search", {"is_billable": False}, {"billable": False}),
    ],
)
def test_project_filters(agency, action, body, wanted):
    rows = ask(agency, f"{action}/projects", body)
    assert rows == where(agency.projects, **wanted)
    assert 0 < len(rows) < 60


def test_projects_of_clients(agency):
    wanted = ids(agency.clients)[:2]
    rows = ask(agency, "search/projects", {"client_ids": wanted})
    assert rows == [row for row in agency.projects if row["client_id"] in wanted]


@pytest.mark.parametrize("private", [True, False])
def test_private_projects(agency, private):
    rows = ask(agency, "filters/projects", {"is_private": private})
    assert [number in agency.private_project_ids for number in ids(rows)] == [private] * len(rows)
    assert rows


def test_names_are_found_by_any_part_in_any_case(agency):
    rows = ask(agency, "search/projects", {"name": "WEB"})
    assert {row["name"] for row in rows} == {"Website relaunch", "Web shop", "Agency website"}
    (client,) = ask(agency, "search/clients", {"name": "ÉLAN"})
    assert client["name"] == "Brasserie Élan"


def test_filters_combine(agency):
    body = {"currency": "EUR", "is_active": False, "name": "app"}
    rows = ask(agency, "filters/projects", body)
    assert {row["name"] for row in rows} == {"Driver app", "Wine list app"}


def test_ids_come_once_in_order_and_unknown_ones_are_left_out(agency):
    first, second = ids(agency.projects)[:2]
    rows = ask(agency, "search/projects", {"ids": [second, 1, first, second]})
    assert ids(rows) == [first, second]


def test_project_users_by_project_or_client(agency):
    project = agency.projects[0]
    rows = ask(agency, "filters/project_users", {"project_ids": [project["id"]]})
    assert rows == where(agency.project_users, project_id=project["id"])
    of_client = ask(agency, "filters/project_users", {"client_ids": [project["client_id"]]})
    projects = ids(where(agency.projects, client_id=project["client_id"]))
    assert of_client == [row for row in agency.project_users if row["project_id"] in projects]
    both = {"project_ids": [project["id"]], "client_ids": [agency.clients[1]["id"]]}
    assert ask(agency, "filters/project_users", both) == []


def test_project_groups_by_project_or_group(agency):
    row = agency.project_groups[0]
    for parameter, key in [("project_ids", "project_id"), ("group_ids", "group_id")]:
        found = ask(agency, "filters/project_groups", {parameter: [row[key]]})
        assert found == where(agency.project_groups, **{key: row[key]})


@pytest.mark.parametrize(("active", "n_archived"), [(True, 0), (False, 15)])
def test_statuses_by_the_state_of_their_project(agency, active, n_archived):
    rows = ask(agency, "filters/projects/status", {"active": active})
    archived = set(ids(where(agency.projects, active=False)))
    assert len(archived & set(ids(rows))) == n_archived


def test_the_status_of_a_deleted_project_is_among_the_archived(agency):
    projects = set(ids(agency.projects))
    rows = ask(agency, "filters/projects/status", {"active": False})
    assert len(set(ids(rows)) - projects) == 1
    assert set(ids(ask(agency, "filters/projects/status", {"active": True}))) <= projects


def test_statuses_have_no_cursor(large):
    assert ask(large, "filters/projects/status") == large.project_statuses
    wanted = ids(large.tasks)[:500]
    rows = ask(large, "filters/tasks/status", {"ids": wanted})
    assert ids(rows) == [number for number in ids(large.task_statuses) if number in wanted]


@pytest.mark.parametrize(
    ("parameter", "key"), [("project_ids", "project_id"), ("user_ids", "user_id"), ("ids", "id")]
)
def test_tasks_by_ids(agency, parameter, key):
    value = next(row[key] for row in agency.tasks if row[key] is not None)
    rows = ask(agency, "search/tasks", {parameter: [value]})
    assert rows == where(agency.tasks, **{key: value})[:201]


def test_tasks_by_name_and_state(agency):
    done = ask(agency, "filters/tasks", {"active": False, "page_size": 1000})
    assert done == where(agency.tasks, active=False)
    named = ask(agency, "filters/tasks", {"name": "wirefr", "page_size": 1000})
    assert named == where(agency.tasks, name="Wireframes")
    archived = ids(where(agency.projects, active=False))
    rows = ask(agency, "filters/tasks", {"project_active": False, "page_size": 1000})
    assert rows == [row for row in agency.tasks if row["project_id"] in archived]


# Cursors


def pages(agency, path, body, cursor, next_start, **quirks):
    """Follow a cursor until nothing new comes."""
    start, seen = 0, {}
    for _ in range(100):
        page = dict.fromkeys(ids(ask(agency, path, {**body, cursor: start}, **quirks)))
        if page.keys() <= seen.keys():
            return list(seen)
        seen |= page
        start = next_start(seen)
    raise AssertionError("the listing does not end")


PAGED = [
    ("filters/projects", "projects", "start", {}),
    ("search/projects", "projects", "start", {"is_private": False}),
    ("filters/clients", "clients", "start", {}),
    ("filters/tasks", "tasks", "start", {"page_size": 2000}),
    ("filters/project_users", "project_users", "start_id", "project_ids"),
    ("filters/project_groups", "project_groups", "start_id", "project_ids"),
]


@pytest.mark.parametrize("listing", PAGED, ids=[listing[0] for listing in PAGED])
@pytest.mark.parametrize(
    ("quirks", "next_start"),
    [
        ({}, max),
        pytest.param({"exclusive_cursor": True}, max, marks=pytest.mark.nightly),
        pytest.param({"offset_cursor": True}, len, marks=pytest.mark.nightly),
    ],
    ids=["inclusive", "exclusive", "offset"],
)
def test_a_cursor_leads_to_the_end(large, listing, quirks, next_start):
    path, table, cursor, body = listing
    wanted = ids(getattr(large, table))
    if body == "project_ids":
        body = {"project_ids": ids(large.projects)[:1000]}
        wanted = [
            row["id"] for row in getattr(large, table) if row["project_id"] in body["project_ids"]
        ]
    if "is_private" in body:
        wanted = [number for number in wanted if number not in large.private_project_ids]
    found = pages(large, path, body, cursor, next_start, **quirks)
    assert found == wanted
    assert len(wanted) > 201


def test_the_users_cursor():
    agency = build_agency(1, people=500, seed=SEED, workspace_id=WORKSPACE_ID, today=TODAY)
    assert pages(agency, "filters/users", {}, "start", max) == ids(where(agency.users, active=True))


def test_the_default_page_is_201_rows_and_begins_at_the_cursor(large):
    all_ids = ids(large.projects)
    assert ids(ask(large, "filters/projects")) == all_ids[:201]
    assert ids(ask(large, "filters/projects", {"start": all_ids[200]})) == all_ids[200:401]
    between = {"start": all_ids[5] + 1, "page_size": 3}
    assert ids(ask(large, "filters/projects", between)) == all_ids[6:9]


def test_an_exclusive_cursor_begins_after_it(large):
    all_ids = ids(large.projects)
    body = {"start": all_ids[200], "page_size": 2}
    assert ids(ask(large, "filters/projects", body, exclusive_cursor=True)) == all_ids[201:203]


@pytest.mark.nightly
def test_an_ignored_cursor_always_gives_the_first_page(large):
    body = {"start": large.projects[-1]["id"], "page_size": 2}
    assert ids(ask(large, "filters/projects", body, ignore_cursor=True)) == ids(large.projects)[:2]


@pytest.mark.nightly
def test_an_offset_cursor_skips_rows(large):
    rows = ask(large, "filters/projects", {"start": 7, "page_size": 2}, offset_cursor=True)
    assert ids(rows) == ids(large.projects)[7:9]
    far = {"start": large.projects[200]["id"]}
    assert ask(large, "filters/projects", far, offset_cursor=True) == []


def test_a_cursor_works_on_ids_that_are_looked_up(agency):
    wanted = ids(agency.projects)[:6]
    rows = ask(agency, "search/projects", {"ids": wanted, "start": wanted[4]})
    assert ids(rows) == wanted[4:]


def test_page_sizes(large):
    assert len(ask(large, "filters/projects", {"page_size": 1000})) == 1000
    assert refusal_of(large, "filters/projects", {"page_size": -1})[0] == 400


@pytest.mark.nightly
def test_page_sizes_of_other_servers(large):
    def rows(body, **quirks):
        return len(ask(large, "filters/projects", body, **quirks))

    assert rows({"page_size": 1000}, page_size_clamp=200) == 200
    assert rows({}, page_size_clamp=100) == 100
    assert rows({"page_size": 500}, max_page_size=500) == 500
    assert refusal_of(large, "filters/projects", {"page_size": 501}, max_page_size=500) == (
        400,
        "page_size must be at most 500",
    )


@pytest.mark.nightly
def test_a_shuffled_page_has_the_same_rows_in_another_order(large):
    plain = ids(ask(large, "filters/projects"))
    shuffled = ids(ask(large, "filters/projects", shuffle_pages=True))
    assert shuffled != plain
    assert sorted(shuffled) == plain
    assert shuffled == ids(ask(large, "filters/projects", shuffle_pages=True))


# Refusals


@pytest.mark.parametrize("action", ["filters", "search"])
def test_caps(agency, action, subtests):
    for table, cap in {"clients": 2000, "users": 100, "tasks": 2000, "projects": 1000}.items():
        with subtests.test(table):
            path = f"{action}/{table}"
            assert ask(agency, path, {"ids": [1] * cap}) == []
            text = f"Maximum count of posted IDs is {cap}"
            assert refusal_of(agency, path, {"ids": [1] * (cap + 1)}) == (400, text)


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("filters/projects", "client_ids"),
        ("filters/project_users", "project_ids"),
        ("filters/project_users", "client_ids"),
        ("filters/project_groups", "group_ids"),
    ],
)
def test_the_cap_nobody_knows_can_be_set(agency, path, parameter):
    answer = refusal_of(agency, path, {parameter: [1, 2, 3]}, posted_ids_cap=2)
    assert answer == (400, "Maximum count of posted IDs is 2")


STATUSES = ["filters/projects/status", "filters/tasks/status"]


@pytest.mark.parametrize("path", STATUSES)
def test_statuses_have_no_cap(agency, path):
    assert ask(agency, path, {"ids": list(range(1, 5001))}) == []


NOTHING_SET = (400, "At least one parameter must be set")


@pytest.mark.parametrize(
    ("table", "body"),
    [
        ("clients", {}),
        ("projects", {"ids": []}),
        ("users", {"ids": None}),
        ("tasks", {"start": 5}),
    ],
)
def test_a_search_for_nothing(agency, table, body):
    assert refusal_of(agency, f"search/{table}", body) == NOTHING_SET


def test_endpoints_that_want_a_selection(agency, subtests):
    for path, body in [
        ("filters/project_users", {}),
        ("filters/project_users", {"project_ids": []}),
        ("filters/project_groups", None),
        ("filters/tasks/status", {}),
        ("filters/tasks", {}),
    ]:
        with subtests.test(path, body=body):
            assert refusal_of(agency, path, body) == NOTHING_SET


@pytest.mark.nightly
def test_project_statuses_want_ids_only_when_told(agency):
    path = "filters/projects/status"
    assert refusal_of(agency, path, {}, status_needs_ids=True) == NOTHING_SET
    assert refusal_of(agency, path, {"active": True}, status_needs_ids=True) == NOTHING_SET
    wanted = ids(agency.projects)
    rows = ask(agency, path, {"ids": wanted}, status_needs_ids=True)
    assert len(rows) == 58


def test_a_search_without_a_body_is_one_for_nothing(agency, subtests):
    searches = [f"search/{table}" for table in ("clients", "projects", "users", "tasks")]
    for path in ["filters/project_users", "filters/tasks/status", *searches]:
        with subtests.test(path):
            assert refusal_of(agency, path) == NOTHING_SET


def test_a_body_must_be_a_json_object(agency, subtests):
    for raw in (b"{", b"\xff", b"[1]", b"null", b'"x"'):
        with subtests.test(str(raw)), pytest.raises(RefusalError, match="JSON"):
            answer(agency, "filters/projects", raw)


def test_wrong_json_types(agency, subtests):
    for path, body in [
        ("filters/projects", {"ids": "1"}),
        ("filters/projects", {"ids": ["1"]}),
        ("filters/projects", {"ids": [True]}),
        ("filters/projects", {"ids": [1.5]}),
        ("filters/projects", {"is_active": "true"}),
        ("filters/projects", {"is_active": 1}),
        ("filters/projects", {"name": 3}),
        ("filters/projects", {"start": "5"}),
        ("filters/projects", {"page_size": True}),
        ("filters/users", {"active": 0}),
        ("filters/project_users", {"project_ids": [1], "start_id": "x"}),
    ]:
        with subtests.test(path, body=body):
            status, text = refusal_of(agency, path, body)
            assert status == 400
            assert text.startswith(f"Invalid '{list(body)[-1]}' value, it must be ")


def test_unknown_parameters_are_ignored(agency):
    assert ask(agency, "filters/projects", {"colour": 7}) == agency.projects


# Plans


def test_tasks_are_a_premium_feature(agency, subtests):
    for path, body in [
        ("filters/tasks", {"page_size": 5}),
        ("search/tasks", {"name": "x"}),
        ("filters/tasks/status", {"ids": [1]}),
        ("search/tasks", None),
    ]:
        with subtests.test(path, body=body):
            refusal = (402, "Tasks are a premium feature")
            assert refusal_of(agency, path, body, plan="free") == refusal


def test_the_billable_filter_is_a_premium_feature(agency):
    for value in (True, False):
        status, text = refusal_of(agency, "filters/projects", {"is_billable": value}, plan="free")
        assert status == 402
        assert "premium feature" in text
    assert ask(agency, "filters/projects", {"is_billable": True}, plan="starter")


@pytest.mark.parametrize("quirks", [{"plan": "free"}, {"hide_rates": True}])
def test_rates_can_be_hidden(agency, quirks):
    body = {"project_ids": ids(agency.projects)}
    rows = ask(agency, "filters/project_users", body, **quirks)
    assert len(rows) == 180
    assert {(row["hourly_rate"], row["labour_cost"]) for row in rows} == {(None, None)}
    assert any(row["hourly_rate"] for row in agency.project_users)


# Active and archived


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("path", "flag"), [("filters/projects", "is_active"), ("filters/projects/status", "active")]
)
def test_what_the_parameter_may_mean(agency, path, flag):
    archived = set(ids(where(agency.projects, active=False)))

    def n_archived(body, **quirks):
        return len(archived & set(ids(ask(agency, path, body, **quirks))))

    hiding = {"omitted_active_filters": True}
    reversed_flag = {"active_means_archived": True}
    assert n_archived({}) == 15
    assert n_archived({}, **hiding) == 0
    assert n_archived({flag: False}, **hiding) == 15
    assert n_archived({flag: True}, **reversed_flag) == 15
    assert n_archived({flag: False}, **reversed_flag) == 0
    assert n_archived({}, **hiding, **reversed_flag) == 0


# How rows and errors are written


def test_how_rows_and_errors_are_written(agency):
    nobody = json.dumps({"name": "nobody"}).encode()
    assert answer(agency, "search/clients", nobody) == b"null"
    assert answer(agency, "search/clients", b'{"name": "Lindau"}').startswith(b'[{"id":')
    assert refused(RefusalError(400, "No")).body == b'"No"\n'


@pytest.mark.nightly
@pytest.mark.parametrize("empty", ["[]", "{}", ""])
def test_how_an_empty_answer_may_be_written(agency, empty):
    assert answer(agency, "search/clients", b'{"name": "nobody"}', empty=empty).decode() == empty


@pytest.mark.nightly
def test_rows_may_be_wrapped(agency):
    wrapped = answer(agency, "search/clients", b'{"name": "Lindau"}', wrap_items=True)
    assert wrapped.startswith(b'{"items":[{"id":')


def test_null_keys_can_be_absent(agency):
    rows = ask(agency, "filters/projects", drop_null_keys=True)
    assert len(rows) == 60
    assert not any(value is None for row in rows for value in row.values())
    assert "client_id" not in rows[7]


@pytest.mark.nightly
def test_extra_fields_of_every_json_type(agency):
    rows = ask(agency, "filters/projects", extra_fields=True)
    extra = [
        {key: value for key, value in row.items() if key not in agency.projects[0]} for row in rows
    ]
    kinds = {type(value) for row in extra for value in row.values()}
    assert kinds == {int, float, bool, str, list, dict, type(None)}
    assert min(row["legacy_id"] for row in extra) > 2**53
    assert "legacy_id" not in agency.projects[0]


# Speed


@pytest.mark.nightly
def test_a_page_of_twenty_thousand_projects_is_little_work():
    agency = build(20_000)
    store = Store(agency, "premium")
    bodies = {
        "filters/projects": {"start": agency.projects[15_000]["id"]},
        "filters/tasks": {"start": agency.tasks[100_000]["id"], "page_size": 201},
        "filters/project_users": {"project_ids": ids(agency.projects)[19_000:19_999]},
    }
    for path, body in bodies.items():
        endpoint = LISTINGS[path].endpoint
        raw = json.dumps(body).encode()
        started = time.thread_time()  # of this thread alone, however busy the machine is
        response = endpoint.respond(store, parse(raw, endpoint.params)[0])
        worked = time.thread_time() - started
        assert len(json.loads(response.body)) == 201
        assert worked < 0.25, path
