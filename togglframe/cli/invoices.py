"""The options of invoices, and what their values mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from togglframe.cli.options import Paper
from togglframe.errors import ConfigError

__all__ = ["InvoiceBy", "InvoiceOut", "Words", "check_unused", "is_list", "words_of"]

_LISTS: Final = (".csv", ".parquet")
_TEXTS: Final = ("seller", "buyer", "note")

InvoiceBy = Annotated[
    str | None,
    typer.Option(
        "--by",
        help="What a line is, separated by commas; by default project,user, or project,task for "
        "invoices.",
    ),
]
InvoiceOut = Annotated[
    Path | None,
    typer.Option(
        help="A folder for an invoice for each client and currency, or a file that ends in .xlsx "
        "or .html for one; or a .csv or .parquet file for the list.",
    ),
]
InvoiceFormat = Annotated[
    str, typer.Option("--format", help="The format of invoices in a folder: xlsx or html.")
]
Seller = Annotated[
    str | None, typer.Option(help="Who invoices: a text, or @FILE with name and address.")
]
Buyer = Annotated[
    str | None,
    typer.Option(help="Who is invoiced, likewise; by default the name of the client."),
]
Number = Annotated[str | None, typer.Option(help="The number of the invoice.")]
Issued = Annotated[str | None, typer.Option(help="The date of the invoice, such as 2026-11-02.")]
Due = Annotated[str | None, typer.Option(help="The day until which it is to be paid.")]
Note = Annotated[
    str | None, typer.Option(help="Text below the total, or @FILE: terms, bank details.")
]
People = Annotated[bool, typer.Option("--people", help="Name who did the work.")]


@dataclass(frozen=True, kw_only=True)
class Words:
    """What an invoice says, and how it is written."""

    file_format: InvoiceFormat = "xlsx"
    seller: Seller = None
    buyer: Buyer = None
    number: Number = None
    issued: Issued = None
    due: Due = None
    note: Note = None
    paper: Paper = "A4"
    people: People = False


def is_list(out: Path) -> bool:
    """Return whether a file is for the list of all clients, not for an invoice."""
    return out.suffix.lower() in _LISTS


def words_of(words: Words) -> dict[str, Any]:
    """Return the options of invoices as `to_invoice` takes them; ``@FILE`` is read."""
    options = asdict(words)
    texts = {name: _text_of(name, options[name]) for name in _TEXTS}
    return {"format": options.pop("file_format"), **options, **texts}


def check_unused(words: Mapping[str, Any]) -> None:
    """Refuse options of invoices where none is written."""
    usual = words_of(Words())
    for name, value in words.items():
        if value != usual[name]:
            raise ConfigError(
                f"--{name} applies to invoices: add --out with a folder, or with a file that ends "
                "in .xlsx or .html"
            )


def _text_of(name: str, text: str | None) -> str | None:
    if text is None or not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"--{name}: {text[1:]} is not a text in UTF-8") from error
