"""Texts that a spreadsheet would run as a formula.

OWASP ASVS 1.2.10 puts a single quote before them, in CSV and in spreadsheets. A text that begins
with a quote gets one more, so that every quote at the front is one that was put there.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["guard", "unguard"]

# The last four are the full-width twins of = + - @.
_TRIGGER: Final = re.compile(r"'|\s*[=+\-@\t\r\n\x00|\uff1d\uff0b\uff0d\uff20]")


def guard(text: str) -> str:
    """Put a quote before a text that a spreadsheet would run, or that begins with one."""
    return f"'{text}" if _TRIGGER.match(text) else text


def unguard(text: str) -> str:
    """Take away the quote that `guard` put before a text."""
    return text.removeprefix("'")
