"""The colours of states in workbooks, on pages, in notebooks and on the terminal."""

from __future__ import annotations

from typing import Final

__all__ = ["COLOURS", "LOOKS"]

# The names are those of the palette.
COLOURS: Final = {"over": "#A33F00", "at_risk": "#7A5600"}  # text on a light ground
LOOKS: Final = {"over": "over", "error": "over", "at_risk": "at_risk", "warning": "at_risk"}
