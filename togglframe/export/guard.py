"""Strings that a spreadsheet would run as a formula, and characters that XML does not allow.

OWASP ASVS 1.2.10 requires a single quote before such strings, in CSV and in spreadsheets. A string
that begins with a quote gets another one, so that a leading quote can always be removed.
"""

from __future__ import annotations

import re
from typing import Final

# The last four are the full-width forms of = + - @.
_TRIGGER: Final = re.compile(r"'|\s*[=+\-@\t\r\n\x00|\uff1d\uff0b\uff0d\uff20]")
_IN_NO_FILE: Final = "\ud800-\udfff\ufffe\uffff"  # lone surrogates and noncharacters
_NOT_IN_CELLS: Final = re.compile(f"[{_IN_NO_FILE}]")  # XlsxWriter escapes control characters there
_NOT_IN_XML: Final = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f{_IN_NO_FILE}]")
_INSTEAD: Final = "\N{REPLACEMENT CHARACTER}"


def cell_text(text: str) -> str:
    """Return a string as a cell can hold it, including control characters."""
    return _NOT_IN_CELLS.sub(_INSTEAD, text)


def xml_text(text: str) -> str:
    """Return a string as any other part of a workbook can hold it: a chart, a property, a name."""
    return _NOT_IN_XML.sub(_INSTEAD, text)


def guard(text: str) -> str:
    """Put a quote before a string that a spreadsheet would run or that begins with a quote."""
    return f"'{text}" if _TRIGGER.match(text) else text
