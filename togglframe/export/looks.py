"""The colours of states in workbooks, on pages, in notebooks and on the terminal."""

from __future__ import annotations

from typing import Final

from togglframe.text.palette import LIGHT

COLOURS: Final = {"over": LIGHT.over.text, "at_risk": LIGHT.at_risk.text}
LOOKS: Final = {"over": "over", "error": "over", "at_risk": "at_risk", "warning": "at_risk"}
