"""A part of the time entries out of a cached listing is the direct answer, to the last bit."""

import datetime as dt

import pandas as pd
import pytest
from examples import times
from hypothesis import given
from hypothesis import strategies as st
from vendor import VendorSandbox

from togglframe import Workspace, reports, search

FIRST, LAST = dt.date(2026, 8, 1), dt.date(2026, 11, 25)
OTHERS = [{}, {"billable": True}, {"description": "e"}, {"rounding": 1, "rounding_minutes": 15}]


@pytest.fixture(scope="module")
def office():
    """Serve an agency, to a workspace whose cache has four months and one that has no cache."""
    with VendorSandbox(9, quota=10**9) as sandbox:
        given = {"token": sandbox.token, "base_url": sandbox.base_url, "per_second": None}
        with (
            Workspace(sandbox.workspace_id, cache="memory", **given) as cached,
            Workspace(sandbox.workspace_id, cache=None, **given) as direct,
        ):
            for others in OTHERS:
                search.time_entries(cached, start_date=FIRST, end_date=LAST, **others)
            yield sandbox, cached, direct


def ids(sandbox, table):
    return [row["id"] for row in getattr(sandbox.agency, table)]


@st.composite
def parts(draw, sandbox):
    """Return the arguments of a part of the four months."""
    first, last = sorted(draw(st.tuples(*[st.dates(FIRST, LAST)] * 2)))
    part = {"start_date": first, "end_date": last, **draw(st.sampled_from(OTHERS))}
    users, projects = ids(sandbox, "users"), [None, *ids(sandbox, "projects")]
    for name, known in (("user_ids", users), ("project_ids", projects)):
        if draw(st.booleans()):
            part[name] = draw(st.lists(st.sampled_from(known), min_size=1, unique=True))
    return part


@times(2)
@given(data=st.data())
def test_a_part_out_of_the_cache_equals_the_direct_answer(office, data):
    sandbox, cached, direct = office
    part = data.draw(parts(sandbox))
    before = len(sandbox.requests)
    found = search.time_entries(cached, **part)
    assert len(sandbox.requests) == before
    wanted = search.time_entries(direct, **part)
    pd.testing.assert_frame_equal(found, wanted, check_exact=True)
    ours, theirs = (frame.attrs["togglframe"] for frame in (found, wanted))
    assert ours["filters"] == theirs["filters"]
    assert (ours["from_cache"], ours["stale"]) == (True, False)


@times(1)
@given(data=st.data())
def test_a_report_of_a_part_is_that_of_the_workspace_and_costs_nothing(office, data):
    sandbox, cached, direct = office
    first, last = sorted(data.draw(st.tuples(*[st.dates(FIRST, LAST)] * 2)))
    part = {"start_date": first, "end_date": last, "by": ["user", "project"], "every": "week"}
    if data.draw(st.booleans()):
        part["users"] = data.draw(st.sampled_from(ids(sandbox, "users")))
    assert reports.plan(cached, "hours", **part).requests == 0
    before = len(sandbox.requests)
    found = reports.hours(cached, **part)
    assert len(sandbox.requests) == before
    pd.testing.assert_frame_equal(found, reports.hours(direct, **part), check_exact=True)
