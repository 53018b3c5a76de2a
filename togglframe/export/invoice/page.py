"""An invoice as one HTML file, which prints as it stands."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from togglframe.export.invoice.composition import COLUMNS, HOUR_DECIMALS, Invoice
from togglframe.text.formats import MINUS

_HERE: Final = "togglframe.export.invoice"
_ENDING: Final = "\"'\\<>&"


def page_of(invoice: Invoice, paper: str) -> str:
    """Return an invoice as HTML for this paper."""
    page = _environment().get_template("invoice.html.jinja")
    return page.render(
        invoice=invoice, head=invoice.head, paper=paper, columns=COLUMNS, hours=HOUR_DECIMALS
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(_HERE, "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"number": _number, "in_style": _in_style}
    return environment


def _number(value: Decimal, decimals: int) -> str:
    return f"{value:,.{decimals}f}".replace("-", MINUS)


def _in_style(text: str) -> str:
    """Return the inside of a string of CSS, in which nothing ends it or the style."""
    return "".join(
        f"\\{ord(one):06x}" if one in _ENDING or not one.isprintable() else one for one in text
    )
