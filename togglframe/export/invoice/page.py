"""An invoice as one HTML file, which prints as it stands."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from togglframe.export.invoice.composition import COLUMNS, HOUR_DECIMALS, Invoice
from togglframe.export.templates import templates_of
from togglframe.text.formats import MINUS

_ENDING: Final = "\"'\\<>&"


def page_of(invoice: Invoice, paper: str) -> str:
    """Return an invoice as HTML for this paper."""
    templates = templates_of("togglframe.export.invoice", number=_number, in_style=_in_style)
    return templates.get_template("invoice.html.jinja").render(
        invoice=invoice, head=invoice.head, paper=paper, columns=COLUMNS, hours=HOUR_DECIMALS
    )


def _number(value: Decimal, decimals: int) -> str:
    return f"{value:,.{decimals}f}".replace("-", MINUS)


def _in_style(text: str) -> str:
    """Return the inside of a string of CSS, in which nothing ends it or the style."""
    return "".join(
        f"\\{ord(one):06x}" if one in _ENDING or not one.isprintable() else one for one in text
    )
