"""The table of the doctor: what it found for each point that the vendor does not document."""

from __future__ import annotations

from typing import Final

from togglframe.tables._columns import Kind, Table, column, state

__all__ = [
    "DOCTOR",
    "VERDICTS",
]

VERDICTS: Final = ("does not hold", "cannot tell", "holds")

DOCTOR: Final = Table(
    name="doctor",
    grain="point",
    key=("point",),
    lead=("point", "verdict", "seen", "consequence", "assumed"),
    columns=(
        column("point", Kind.STRING, "What is checked."),
        column("assumed", Kind.STRING, "What togglframe assumes.", is_sentence=True),
        column("seen", Kind.STRING, "What the API did.", is_sentence=True),
        state("verdict", "Whether the assumption fits what was seen.", VERDICTS),
        column("consequence", Kind.STRING, "What this means for you.", is_sentence=True),
    ),
)
