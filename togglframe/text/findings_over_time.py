"""What a frame over time says, in a few words: titles, and part of the alt texts."""

from __future__ import annotations

import pandas as pd

from togglframe.text.formats import (
    plural,
)
from togglframe.text.measures import floats


def unknown_costs(frame: pd.DataFrame) -> str:
    """Say how many rows of a profitability have no known cost; empty if all have some."""
    worked = frame[floats(frame, "tracked_hours") > 0]
    unknown = int((floats(worked, "cost_coverage") == 0).sum())
    if not unknown:
        return ""
    return (
        f"No labour cost is known in {unknown:,} of {plural(len(frame), 'row')}, where the "
        "coverage is 0 %: a cost of 0 and a bound of the whole revenue mean nothing there"
    )
