"""Charts of several workspaces: rows of equal ids are told apart, and never added."""

import re

import pandas as pd
import pytest
from unit.charts_all import CASES, typical_by_day

from togglframe import charts
from togglframe.tables import Kind
from togglframe.tables.provenance import of, stamp
from togglframe.tables.workspaces import together

pytestmark = pytest.mark.nightly

# What tells equal names apart, and ids that stand for a name.
_APART = re.compile(
    r" · (?:workspace \d+|#\d+|Client \d+ \(n.*|Acme|Beta GmbH)| \d+ \(not listed\)"
)


def _across(case):
    """Return frames of two workspaces with the same ids, and the same with ids that differ."""
    frame = case.frame()
    ids = [c.name for c in case.record.table if c.kind is Kind.ID and c.name in frame]
    frame = frame.dropna(
        subset=[one for one in ids if one in case.record.needed and one != "group_id"]
    )
    both = together({7: frame, 11: frame})
    shifted = frame.assign(**{name: frame[name] + 1_000_000 for name in ids})
    apart = pd.concat([frame, shifted], ignore_index=True)
    return both, stamp(apart, **of(both))


def _printed(drawn):
    """Return all that a chart prints."""
    artists = getattr(drawn, "figure", drawn).findobj(match=lambda one: hasattr(one, "get_text"))
    return [one.get_text() for one in artists if one.get_visible() and one.get_text()]


@typical_by_day(CASES, {"budget_bullet"})
def test_equal_ids_of_two_workspaces_are_as_far_apart_as_others(name):
    case = CASES[name]
    both, apart = _across(case)
    printed, others = (_printed(case.draw(frame, top=None)) for frame in (both, apart))
    assert _without_ids(printed) == _without_ids(others)
    assert charts.alt_text(both) == charts.alt_text(apart)
    everything = " ".join(printed)
    assert "Workspaces 7, 11 · " in everything
    assert "workspace 7" in everything
    assert "workspace 11" in everything


def _without_ids(texts):
    return sorted(_APART.sub("", text) for text in texts)
