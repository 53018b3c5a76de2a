"""The table of the doctor: what it found of each point that the vendor does not document."""

from __future__ import annotations

from typing import Final

from togglframe.tables._columns import Kind, Table, column, state

VERDICTS: Final = ("does not hold", "cannot tell", "holds")

DOCTOR: Final = Table(
    name="doctor",
    grain="point",
    key=("point",),
    lead=("point", "verdict", "seen", "consequence", "assumed"),
    columns=(
        column("point", Kind.STRING, "What is asked about."),
        column("assumed", Kind.STRING, "What togglframe assumes.", is_sentence=True),
        column("seen", Kind.STRING, "What the API did.", is_sentence=True),
        state("verdict", "Whether the assumption fits what was seen.", VERDICTS),
        column("consequence", Kind.STRING, "What follows for you.", is_sentence=True),
    ),
)
