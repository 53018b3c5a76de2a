"""The look of states in workbooks and on pages: which are bad, and which are doubtful."""

from __future__ import annotations

from typing import Final

__all__ = ["COLOURS", "LOOKS"]

COLOURS: Final = {"bad": "#A33F00", "doubtful": "#7A5600"}  # on a light ground
LOOKS: Final = {"over": "bad", "error": "bad", "at_risk": "doubtful", "warning": "doubtful"}
