"""Any value for any public argument: a clear error before any request, or a request that fits.

What fits is written here once more, from the vendor's page: lists of whole numbers within their
cap, booleans, strings, a page size and a cursor.
"""

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from endpoints import every_endpoint_of_time, every_listing
from examples import times
from hypothesis import given
from hypothesis import strategies as st
from vendor import Fault, VendorSandbox

from togglframe import ConfigError, Workspace, reports

ID_LISTS = ("ids", "client_ids", "project_ids", "group_ids", "user_ids")
CURSORS = ("start", "start_id")
CAPS = {"clients": 2000, "users": 100, "tasks": 2000, "status": 1000}  # of `ids`, by the path's end
LARGEST = 2**63 - 1

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-2, 300),
    st.floats(),
    st.text(max_size=8),
    st.binary(max_size=4),
    st.just(pd.NA),
    st.just(pd.NaT),
    st.decimals(allow_nan=True),
    st.dates(),
    st.builds(np.int64, st.integers(0, 2**40)),
    st.builds(np.float64, st.floats()),
    st.builds(np.bool_, st.booleans()),
    st.complex_numbers(),
    st.just(object()),
    st.timedeltas(),
)
ids = st.one_of(
    st.lists(st.integers(1, 10**6), max_size=5),
    st.lists(scalars, max_size=4),
    st.integers(1, 350).map(lambda n: range(1, n)),
    st.lists(st.integers(1, 99), max_size=4).map(pd.Series),
    st.lists(st.one_of(st.none(), st.integers(1, 99)), max_size=4).map(
        lambda v: pd.Series(v, dtype="Int64")
    ),
    st.lists(st.integers(-3, 99), max_size=4).map(np.array),
    st.lists(st.integers(1, 99), max_size=4).map(lambda v: (i for i in v)),
    st.dictionaries(st.integers(1, 9), st.integers(), max_size=3),
    st.sets(st.integers(1, 99), max_size=4),
)
edges = st.sampled_from(
    [True, -1, 0, 1, LARGEST, LARGEST + 1, "", [], [True], [0], [LARGEST], [LARGEST + 1]]
)
values = st.booleans().flatmap(lambda is_edge: edges if is_edge else scalars | ids)


@pytest.fixture(scope="module")
def sandbox():
    with VendorSandbox(5, quota=10**9) as sandbox:
        sandbox.inject(Fault("payload", body="[]", times=-1))
        yield sandbox


@pytest.fixture(scope="module")
def ws(sandbox):
    where = {"token": sandbox.token, "base_url": sandbox.base_url}
    with Workspace(sandbox.workspace_id, cache=None, per_second=None, **where) as ws:
        yield ws


def outcome(call, errors=(TypeError, ValueError)):
    """Return what a call gave and "", or None and what the error said."""
    try:
        return call(), ""
    except errors as error:
        return None, str(error)


def fits(path, name, value):
    """Tell whether the vendor's page allows this value of a parameter."""
    if name in ID_LISTS:
        cap = CAPS.get(path.rpartition("/")[2], 10**6) if name == "ids" else 10**6
        whole = all(type(i) is int and 0 < i <= LARGEST for i in value)
        return type(value) is list and 0 < len(value) <= cap and whole
    if name in CURSORS:
        return type(value) is int and 0 <= value <= LARGEST
    if name == "page_size":
        return type(value) is int and 2 <= value <= LARGEST
    if name in ("name", "currency"):
        return type(value) is str and value != ""
    return type(value) is bool


def unlike(given_, sent):
    """Tell whether a single value reached the API as another one; one id is a list of one."""
    return isinstance(given_, bool | int | str) and sent not in (given_, [given_])


@every_listing
@times(2)
@given(data=st.data())
def test_an_argument_is_refused_clearly_or_makes_sense(case, sandbox, ws, data):
    chosen = data.draw(st.sets(st.sampled_from(sorted(case.parameters)), min_size=1, max_size=3))
    arguments = {name: data.draw(values, label=name) for name in sorted(chosen)}
    before = len(sandbox.requests)
    frame, refusal = outcome(lambda: case.function(ws, **arguments))
    if frame is None:
        assert len(sandbox.requests) == before
        is_named = any(refusal.startswith(f"{name} ") for name in arguments)
        assert is_named or "needs something to search for" in refusal
        return
    assert list(frame.dtypes.items()) == list(case.table.empty().dtypes.items())
    for request in sandbox.requests[before:]:
        if request.endpoint != case.path:
            continue  # the listing of projects or tasks that a whole workspace takes
        assert request.body.keys() <= {*arguments, *ID_LISTS, "page_size"} & {*case.parameters}
        for name, value in request.body.items():
            assert fits(case.path, name, value), (name, value)
            assert name not in arguments or not unlike(arguments[name], value)


OR_NONE = ("client_ids", "project_ids", "task_ids", "tag_ids")
NUMBER = {"min_duration_seconds": 0, "max_duration_seconds": 0, "project_id": 1, "page_size": 1}
CHOICES = {
    "rounding": {-1, 0, 1},
    "rounding_minutes": {0, 1, 5, 6, 10, 12, 15, 30, 60, 240},
    "granularity": {"day", "week", "month"},
    "resolution": {"day", "week", "month"},
    "grouping": {"projects", "clients", "users", "tags"},
    "sub_grouping": {"users", "projects", "clients", "tasks", "tags", "time_entries"},
}
days = st.dates() | st.dates().map(str) | st.datetimes() | st.datetimes().map(pd.Timestamp)


def fits_time(name, value):
    """Tell whether the vendor's page allows this value for time."""
    if name.endswith("ids") and name != "include_time_entry_ids":
        allowed = [i for i in value if i is not None or name not in OR_NONE]
        return value != [] and all(type(i) is int and 0 < i <= LARGEST for i in allowed)
    if name in NUMBER:
        return type(value) is int and NUMBER[name] <= value <= LARGEST
    if name in CHOICES:
        return value in CHOICES[name] and type(value) is not bool
    if name in ("start_date", "end_date", "previous_period_start"):
        return str(dt.date.fromisoformat(value)) == value
    if name in ("description", "currency"):
        return type(value) is str and value != ""
    return type(value) is bool


@every_endpoint_of_time
@times(1)
@given(data=st.data())
def test_an_argument_about_time_is_refused_clearly_or_makes_sense(case, sandbox, ws, data):
    chosen = data.draw(st.sets(st.sampled_from(sorted(case.parameters)), min_size=1, max_size=3))
    arguments = dict(case.required)
    for name in sorted(chosen):
        of_days = name.endswith(("_date", "_start"))
        arguments[name] = data.draw(values | days if of_days else values, label=name)
    before = len(sandbox.requests)
    frame, refusal = outcome(lambda: case.function(ws, **arguments))
    if frame is None:
        assert len(sandbox.requests) == before
        named = any(refusal.startswith(f"{name} ") for name in arguments)
        assert named or "needs " in refusal, refusal
        return
    assert list(frame.dtypes.items()) == list(case.table.empty().dtypes.items())
    for request in sandbox.requests[before:]:
        for name, value in request.body.items():
            if name not in case.constant.constants:
                assert fits_time(name, value), (name, value)


OTHERS = ["workspace_id", "token", "email", "password", "base_url", "cache", "on_quota", "progress"]
NUMBERS = ("timeout", "max_attempts", "backoff", "max_wait", "per_second", "expire_after")


@times(20)  # an example asks nothing, and takes few milliseconds
@given(
    st.dictionaries(
        st.sampled_from([*NUMBERS, *OTHERS]),
        scalars
        | st.sampled_from(["disk", "memory", "stale", "raise", "wait"])
        | st.sampled_from(["https://x.example", "http://x.example"]),
        min_size=1,
        max_size=3,
    )
)
def test_a_setting_is_refused_clearly_or_makes_sense(settings):
    ws, refusal = outcome(
        lambda: Workspace(**{"workspace_id": 1, "token": "secret-token", **settings}), ConfigError
    )
    assert "secret-token" not in refusal
    if ws is None:
        return
    assert "secret-token" not in repr(ws)
    for name in NUMBERS:
        number = settings.get(name)
        if number is not None:
            assert isinstance(number, int | float | dt.timedelta)
            assert not isinstance(number, float) or math.isfinite(number)
    assert isinstance(settings.get("cache", "disk"), str | type(None))
    assert settings.get("cache") != ""
    assert settings.get("base_url", "https://") != "http://x.example"
    assert settings.get("on_quota", "stale") in {"stale", "raise", "wait"}
    assert settings.get("progress") in {None, True, False}


@times(2)
@given(clients=values, active=scalars, at_risk=scalars)
def test_the_filters_of_a_report_are_refused_before_any_request(
    sandbox, ws, clients, active, at_risk
):
    before = len(sandbox.requests)
    filters = {"clients": clients, "active": active, "at_risk": at_risk}
    frame, refusal = outcome(lambda: reports.project_budget(ws, **filters))
    if frame is None:
        assert len(sandbox.requests) == before
        assert refusal.startswith(tuple(f"{name} " for name in filters))
        return
    assert active in {None, True, False}
    assert 0 < at_risk <= 1
