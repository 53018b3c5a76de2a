"""The way from the estimates of all clients to the hours tracked on them, step by step.

What is over stands by client; what is under is told apart: archived projects saved it, the others
have not used it yet. All is whole milliseconds, so that the steps end exactly where they should.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from togglframe.tables import MS_PER_HOUR
from togglframe.words.formats import format_signed_hours
from togglframe.words.measures import total_ms

OVER, SAVED, UNUSED, UNDER = "Over the estimate", "Saved", "Not yet used", "Under the estimate"
APART: Final = ("saved_hours", "remaining_hours")
UNTOLD: Final = "the frame does not tell what is saved from what is not yet used"


@dataclass(frozen=True)
class Step:
    """One step of the bridge: its row, what it is, and how far it goes [ms]."""

    row: str
    kind: str
    ms: int


def steps_in_words(frame: pd.DataFrame) -> str:
    """Say the steps of a client_hours in words, and what they come to."""
    over = total_ms(frame, "gross_overrun")
    under = steps_under(frame)
    words = [f"{_signed(over)} gross over", *(f"{_signed(s.ms)} {s.kind.lower()}" for s in under)]
    net = over + sum(step.ms for step in under)
    return f"{', '.join(words).replace(UNDER.lower(), 'under')}: {_signed(net)} net"


def steps_under(frame: pd.DataFrame) -> list[Step]:
    """Return what is under the estimates, saved and not yet used apart where the frame can tell."""
    if tells_saved(frame):
        return [
            Step("Saved on archived projects", SAVED, -total_ms(frame, "saved")),
            Step("Not yet used on the others", UNUSED, -total_ms(frame, "remaining")),
        ]
    under = total_ms(frame, "variance") - total_ms(frame, "gross_overrun")
    return [Step("Under: saved or not yet used", UNDER, under)]


def tells_saved(frame: pd.DataFrame) -> bool:
    """Tell whether the frame knows which projects are archived."""
    return set(APART) <= set(frame.columns)


def _signed(ms: int) -> str:
    return format_signed_hours(ms / MS_PER_HOUR)
