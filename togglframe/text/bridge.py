"""The bridge from the estimates of all clients to the hours tracked for them, step by step.

Overruns are steps by client. Hours under the estimate are one step for archived projects, which
saved them, and one for the others, which have not used them yet. All values are whole milliseconds,
so that the steps add up exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from togglframe.tables import MS_PER_HOUR
from togglframe.text.formats import format_signed_hours
from togglframe.text.measures import total_ms

OVER, SAVED, UNUSED, UNDER = "Over the estimate", "Saved", "Not yet used", "Under the estimate"
APART: Final = ("saved_hours", "remaining_hours")
UNTOLD: Final = "the frame does not separate saved hours from unused ones"


@dataclass(frozen=True)
class Step:
    """One step of the bridge: its row, its kind and its size [ms]."""

    row: str
    kind: str
    ms: int


def steps_in_words(frame: pd.DataFrame) -> str:
    """Say the steps of a client_budget in words, and their net."""
    over = total_ms(frame, "gross_overrun")
    under = steps_under(frame)
    words = [f"{_signed(over)} gross over", *(f"{_signed(s.ms)} {s.kind.lower()}" for s in under)]
    net = over + sum(step.ms for step in under)
    return f"{', '.join(words).replace(UNDER.lower(), 'under')}: {_signed(net)} net"


def steps_under(frame: pd.DataFrame) -> list[Step]:
    """Return the steps under the estimates: saved and not yet used, if the frame has both."""
    if tells_saved(frame):
        return [
            Step("Saved on archived projects", SAVED, -total_ms(frame, "saved")),
            Step("Not yet used on the others", UNUSED, -total_ms(frame, "remaining")),
        ]
    under = total_ms(frame, "variance") - total_ms(frame, "gross_overrun")
    return [Step("Under: saved or not yet used", UNDER, under)]


def tells_saved(frame: pd.DataFrame) -> bool:
    """Return whether the frame tells saved hours from those not yet used."""
    return set(APART) <= set(frame.columns)


def _signed(ms: int) -> str:
    return format_signed_hours(ms / MS_PER_HOUR)
