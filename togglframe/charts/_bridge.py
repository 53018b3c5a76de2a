"""The way from the estimates of all clients to the hours tracked on them, step by step.

What is over stands by client; what is under is told apart: archived projects saved it, the others
have not used it yet. All is whole milliseconds, so that the steps end exactly where they should.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from togglframe.charts._numbers import signed_hours, total_ms
from togglframe.joins._frames import MS_PER_HOUR

OVER, SAVED, UNUSED, UNDER = "Over the estimate", "Saved", "Not yet used", "Under the estimate"
UNTOLD: Final = "the frame does not tell what is saved from what is not yet used"


@dataclass(frozen=True)
class Step:
    """One step of the bridge: its row, what it is, and how far it goes [ms]."""

    row: str
    kind: str
    ms: int


@dataclass(frozen=True)
class Bridge:
    """The sum of the estimates [ms], and what is under them; what is over is a step per client."""

    estimate: int
    over: int
    under: Sequence[Step]

    @property
    def finding(self) -> str:
        """The steps in words, and what they come to."""
        net = self.over + sum(step.ms for step in self.under)
        parts = [f"{_signed(step.ms)} {step.kind.lower()}" for step in self.under]
        over = f"{_signed(self.over)} gross over"
        words = ", ".join([over, *parts]).replace(UNDER.lower(), "under")
        return f"{words}: {_signed(net)} net"


def bridge(frame: pd.DataFrame) -> Bridge:
    """Return the bridge of a client_hours, also of one that does not tell what is saved."""
    over = total_ms(frame, "gross_overrun")
    return Bridge(total_ms(frame, "estimated"), over, _under(frame, over))


def _under(frame: pd.DataFrame, over: int) -> list[Step]:
    if tells_saved(frame):
        return [
            Step("Saved on archived projects", SAVED, -total_ms(frame, "saved")),
            Step("Not yet used on the others", UNUSED, -total_ms(frame, "remaining")),
        ]
    return [Step("Under: saved or not yet used", UNDER, total_ms(frame, "variance") - over)]


def tells_saved(frame: pd.DataFrame) -> bool:
    """Tell whether the frame knows which projects are archived."""
    return {"saved_hours", "remaining_hours"} <= set(frame.columns)


def _signed(ms: int) -> str:
    return signed_hours(ms / MS_PER_HOUR)
