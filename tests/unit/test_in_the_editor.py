"""What a notebook and an editor show: names, representations, lines of warnings, ids, times."""

import importlib
import inspect
import pickle
import re
import warnings
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from endpoints import CASES

from togglframe import ConfigError, QuotaExceededError, StaleDataWarning, Workspace, api, reports
from togglframe.api import filters
from togglframe.api.endpoint import Endpoint
from togglframe.errors import RateLimitError
from togglframe.export import to_excel
from togglframe.http import cache
from togglframe.http.quota import Usage
from togglframe.reports.listings import LISTINGS
from togglframe.reports.planning import records
from togglframe.tables import TABLES
from togglframe.tables.provenance import of

TOKEN = "0123456789abcdef0123456789abcdef"
MODULES = ["api", "reports", "charts", "export", "errors", "tables", "sandbox"]
MODULES += [f"api.{name}" for name in dir(api) if inspect.ismodule(getattr(api, name))]


def test_completion_offers_what_is_for_users_and_nothing_else(subtests):
    for name in ["togglframe", *(f"togglframe.{name}" for name in MODULES)]:
        with subtests.test(module=name):
            module = importlib.import_module(name)
            assert dir(module) == sorted(module.__all__)


def test_an_editor_completes_every_endpoint_without_running_the_code():
    declared = re.findall(r" import \w+ as (\w+)$", inspect.getsource(api), flags=re.MULTILINE)
    assert sorted(declared) == dir(api)


def test_completion_on_listings_offers_what_is_documented():
    listings = reports.Listings({})
    shown = {name for name in dir(listings) if not name.startswith("_")}
    assert shown == {*LISTINGS, "available", "fetch", "plan"}


DECLARED = [*TABLES, *{column.kind: column for table in TABLES for column in table}.values()]
DECLARED += [record for _, record in records()]
DECLARED += [*LISTINGS.values(), *(case.constant for case in CASES)]


def test_a_declaration_is_shown_in_one_short_line_with_its_name(subtests):
    for declared in DECLARED:
        shown = repr(declared)
        with subtests.test(shown):
            assert len(shown) <= 100
            assert "\n" not in shown
            assert (declared.path if isinstance(declared, Endpoint) else declared.name) in shown
            assert type(declared).__name__ in shown


def test_what_was_spent_is_told_in_a_line():
    assert repr(Usage()) == "Usage(requests=0)"
    assert repr(Usage(3, quota_remaining=0)) == "Usage(requests=3, quota_remaining=0)"


def test_listings_say_where_they_come_from_and_which_are_loaded(ws):
    listings = reports.Listings(ws)
    assert repr(listings) == f"<Listings of {ws!r}: none loaded>"
    listings.fetch("clients")
    assert repr(listings) == f"<Listings of {ws!r}: projects, clients loaded>"
    assert repr(reports.Listings({})) == "<Listings of frames: none loaded>"


def test_a_workspace_is_shown_in_a_line_without_its_credential():
    shown = repr(Workspace(7, token=TOKEN))
    assert shown == "Workspace(7)"


def test_asking_what_was_spent_opens_no_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    ws = Workspace(7, token=TOKEN)
    assert (ws.usage, repr(ws), ws.on_quota) == (Usage(), "Workspace(7)", "stale")
    assert not cache.default_file().exists()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["disk", "memory"])
def test_a_cached_answer_was_fetched_when_the_fresh_one_was(kind, sandbox, make_workspace):
    ws = make_workspace(sandbox, cache=kind)
    fresh = of(filters.clients(ws))
    cached = of(filters.clients(make_workspace(sandbox, cache=kind) if kind == "disk" else ws))
    assert (fresh["from_cache"], cached["from_cache"]) == (False, True)
    assert cached["fetched_at"] == fresh["fetched_at"]
    assert fresh["fetched_at"].endswith("+00:00")


IDS = [
    (case, name)
    for case in CASES
    for name, parameter in case.constant.parameters.items()
    if parameter.is_ids
]


def test_one_id_is_a_list_of_one(subtests):
    for case, name in IDS:
        with subtests.test(path=case.path, parameter=name):
            for one in (7, np.int64(7), np.uint32(7)):
                assert case.constant.body(**{**case.required, name: one})[name] == [7]


def test_what_is_no_id_is_refused_alone_too(subtests):
    for case, name in IDS:
        with subtests.test(path=case.path, parameter=name):
            for value in (True, np.True_, 7.0, "7"):
                said = f"^{name} must be an id or a list of ids, not {value!r}"
                with pytest.raises(TypeError, match=said):
                    case.constant.body(**{name: value})


def test_one_id_that_cannot_be_is_refused(ws):
    with pytest.raises(ConfigError, match="an id is a positive 64-bit integer"):
        filters.projects(ws, ids=0)


def test_a_report_takes_one_client_too(ws):
    client = int(filters.projects(ws)["client_id"].dropna().iloc[0])
    whole = reports.project_budget(ws, clients=[client])
    pd.testing.assert_frame_equal(reports.project_budget(ws, clients=client), whole)


def _caught(call):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return caught


CALLS = {
    "an endpoint": lambda ws, _: filters.projects(ws),
    "a report": lambda ws, _: reports.project_budget(ws),
    "several listings": lambda ws, _: reports.Listings(ws).fetch("projects", "users"),
    "an attribute": lambda ws, _: reports.Listings(ws).tasks,
    "a workbook": lambda ws, folder: to_excel(ws, folder / "portfolio.xlsx", sheets=["Tasks"]),
    "a request": lambda ws, _: ws.post("filters/clients", {"name": "n"}),
}


def test_a_warning_points_at_the_line_of_the_user(
    make_workspace, make_sandbox, clock, tmp_path, subtests
):
    sandbox = make_sandbox(6)
    ws = make_workspace(sandbox, cache="memory", expire_after=60)
    reports.project_audit(ws)
    ws.post("filters/clients", {"name": "n"})
    clock.advance(120)
    sandbox.use_up_quota(resets_in=900)
    for name, call in CALLS.items():
        with subtests.test(name):
            caught = _caught(lambda call=call: call(ws, tmp_path))
            assert {warning.category for warning in caught} == {StaleDataWarning}
            assert {warning.filename for warning in caught} == {__file__}
            assert {warning.lineno for warning in caught} == {call.__code__.co_firstlineno}


def test_a_warning_of_a_waiting_quota_points_there_too(make_workspace, make_sandbox, clock):
    sandbox = make_sandbox(clock=clock.monotonic)
    ws = make_workspace(sandbox, on_quota="wait")
    sandbox.use_up_quota(resets_in=900)
    (caught,) = _caught(lambda: filters.clients(ws))
    assert caught.filename == __file__


def test_a_stale_answer_tells_a_program_how_old_it_is_and_survives_a_pickle():
    fetched_at = datetime(2024, 5, 6, tzinfo=UTC)
    warning = StaleDataWarning("old", endpoint="x/y", fetched_at=fetched_at, resets_in=9)
    again = pickle.loads(pickle.dumps(warning))
    assert vars(again) == {"endpoint": "x/y", "fetched_at": fetched_at, "resets_in": 9}
    assert str(again) == "old"


@pytest.mark.parametrize(("seconds", "said"), [(1, "in 1 second,"), (2, "in 2 seconds,")])
def test_one_second_is_not_several(seconds, said):
    error = QuotaExceededError("", status=402, endpoint="x/y", retry_after=seconds)
    assert said in str(error)


@pytest.mark.parametrize(("pace", "said"), [(1, "at 1 request a second"), (2, "2 requests a")])
def test_one_request_is_not_several(make_workspace, sandbox, clock, pace, said):
    ws = make_workspace(sandbox, per_second=pace, max_wait=0)
    ws.post("filters/clients", {})
    with pytest.raises(RateLimitError, match=said):
        ws.post("filters/clients", {})
