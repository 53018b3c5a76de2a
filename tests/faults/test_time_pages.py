"""Time entries, page by page: whatever goes wrong with one of them, no row is lost in silence."""

import warnings
from collections import Counter
from dataclasses import replace

import pandas as pd
import pytest
from endpoints import OF_TIME, label
from faults.matrix import MAX_ATTEMPTS, TROUBLES, WRONG_TYPE
from pairing import paired, product
from vendor import DECEPTIONS, FOREVER, Behaviour, Fault, VendorSandbox
from waiting import PATIENCE

import togglframe as tf
from togglframe import CompletenessWarning
from togglframe.errors import PremiumFeatureError, SchemaError

PATH = "search/time_entries"
WEEK = {"start_date": "2026-10-05", "end_date": "2026-10-11"}
ROWS = 40  # in a page
# Their one answer of rows says so; a payload of another type has other places there.
PASSING = [t for t in TROUBLES if t.name != WRONG_TYPE and t.fault.kind not in ("silent", "slow")]


@pytest.fixture(scope="module")
def sandbox():
    with VendorSandbox(20, quota=10**9, behaviour=Behaviour(entry_page_cap=ROWS)) as sandbox:
        yield sandbox


@pytest.fixture
def ws(sandbox):
    sandbox.clear_faults()
    settings = {"per_second": None, "cache": "memory", "backoff": 0.0001, "timeout": PATIENCE}
    settings |= {"token": sandbox.token, "base_url": sandbox.base_url}
    with tf.Workspace(sandbox.workspace_id, max_attempts=MAX_ATTEMPTS, **settings) as ws:
        tf.search.time_entries(ws, start_date="2026-10-05", end_date="2026-10-05")  # learns pages
        yield ws


@pytest.fixture
def whole(ws):
    frame = tf.search.time_entries(ws, **WEEK)
    ws.clear_cache()
    return frame


PLACES = ["first", "middle", "last"]


def place_of(place, whole):
    """Return how many pages come before the one that is hit."""
    last = -(-len(whole) // ROWS) - 1
    assert last >= 2
    return {"first": 0, "middle": last // 2, "last": last}[place]


@pytest.mark.parametrize(
    ("trouble", "hit"),
    product(PASSING, [(place, times) for place in PLACES for times in (1, FOREVER)]),
    ids=lambda part: label(part) or str(part),
)
def test_every_page_comes_or_the_error_of_the_table(trouble, hit, ws, whole, sandbox):
    place, times = hit
    after = place_of(place, whole)
    sandbox.inject(replace(trouble.fault, endpoint=PATH, after=after, times=times))
    expected = trouble.outcome(times)
    # A plan that lacks the feature is asked once more, without rounding.
    if expected is PremiumFeatureError and times == 1:
        expected = None
    if expected is None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", tf.SemanticsWarning)
            frame = tf.search.time_entries(ws, **WEEK)
        pd.testing.assert_frame_equal(frame, whole)
        return
    with pytest.raises(expected):
        tf.search.time_entries(ws, **WEEK)
    sandbox.clear_faults()
    with ws.refresh():
        pd.testing.assert_frame_equal(tf.search.time_entries(ws, **WEEK), whole)


@pytest.mark.parametrize(("kind", "place"), product(DECEPTIONS, PLACES))
def test_what_looks_right_and_is_not_is_never_fewer_rows_in_silence(
    kind, place, whole, make_sandbox
):
    sandbox = make_sandbox(20, quota=10**9, behaviour=Behaviour(entry_page_cap=ROWS))
    settings = {"per_second": None, "cache": None, "base_url": sandbox.base_url}
    with tf.Workspace(sandbox.workspace_id, token=sandbox.token, **settings) as ws:
        tf.search.time_entries(ws, start_date="2026-10-05", end_date="2026-10-05")
        sandbox.inject(Fault(kind, endpoint=PATH, after=place_of(place, whole)))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            frame = tf.search.time_entries(ws, **WEEK)
            sandbox.clear_faults()
            now = tf.search.time_entries(ws, **WEEK)
    assert not Counter(frame["id"]) - Counter(set(frame["id"]))
    is_warned = any(w.category is CompletenessWarning for w in caught)
    if not is_warned:
        # It is all that was there, before the change or after it.
        known = {*whole["id"], *now["id"]}
        assert set(frame["id"]) in ({*whole["id"]}, {*now["id"]}), (kind, place, len(frame))
        assert set(frame["id"]) <= known
    if kind == "lost_page" and place != "last":
        assert is_warned
        assert "should begin with" in str(caught[0].message)
    if kind == "narrow_range":
        assert is_warned


UNKNOWN = [Fault("wrong_shape"), Fault("html"), Fault("payload", body="5")]


@pytest.mark.parametrize(("case", "fault"), paired(OF_TIME, UNKNOWN), ids=label)
def test_every_report_of_time_refuses_what_it_does_not_know(case, fault, sandbox, ws):
    arguments = dict(case.smallest)
    if "project_id" in arguments:
        arguments["project_id"] = int(tf.filters.projects(ws)["id"].iloc[0])
    sandbox.inject(replace(fault, times=FOREVER))
    with pytest.raises(SchemaError):
        case.function(ws, **arguments)
