"""The table of the doctor: what it found for each point that the vendor does not document."""

from __future__ import annotations

from typing import Final

from togglframe.tables._columns import state, string, table

__all__ = ["DOCTOR", "VERDICTS"]

VERDICTS: Final = ("does not hold", "cannot tell", "holds")

DOCTOR: Final = table(
    "doctor",
    "point",
    "point",
    string("point", "What is checked."),
    string("assumed", "What togglframe assumes.", is_sentence=True),
    string("seen", "What the API did.", is_sentence=True),
    state("verdict", "Whether the assumption fits what was seen.", categories=VERDICTS),
    string("consequence", "What this means for you.", is_sentence=True),
    lead=("point", "verdict", "seen", "consequence", "assumed"),
)
