"""What an invoice says, as plain numbers and words that both files show."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

import pandas as pd

from togglframe.reports._entries import NAMED
from togglframe.text.formats import USUAL_DECIMALS, decimals_of
from togglframe.text.names import UNNAMED, legible, numbered_names, shorten
from togglframe.text.periods import range_in_words

COLUMNS: Final = ("Work", "Hours", "Rate", "Amount")
HOUR_DECIMALS: Final = 2

_HUNDREDTH: Final = Decimal(1).scaleb(-HOUR_DECIMALS)
_MOST: Final = 500  # of a description, whose row would be higher than a spreadsheet allows
_MOST_ON_EACH_PAGE: Final = 80  # characters
_NOT_IN_LABELS: Final = ("client", "project", "billable")
UNLABELLED: Final = "Time worked"


@dataclass(frozen=True, kw_only=True)
class Line:
    """Work at one rate: the hours times the rate are the amount, all three as printed."""

    label: str
    hours: Decimal
    rate: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Project:
    """The lines of a project, or of all work if the lines are not by project."""

    name: str
    lines: tuple[Line, ...]

    @property
    def hours(self) -> Decimal:
        """The sum of the hours as printed."""
        return sum((line.hours for line in self.lines), Decimal())

    @property
    def amount(self) -> Decimal:
        """The sum of the amounts as printed."""
        return sum((line.amount for line in self.lines), Decimal())


@dataclass(frozen=True, kw_only=True)
class Head:
    """What stands above and below the lines.

    Parameters
    ----------
    seller, buyer, note : tuple of str
        Lines of text.
    number : str
        The number of the invoice; empty without one.
    period : str
        The range of days, in words.
    issued, due : date, optional
        The dates of the invoice.
    """

    seller: tuple[str, ...]
    buyer: tuple[str, ...]
    note: tuple[str, ...]
    number: str
    period: str
    issued: dt.date | None
    due: dt.date | None

    @property
    def title(self) -> str:
        """The title, with the number."""
        return f"Invoice {self.number}".rstrip()

    @property
    def on_each_page(self) -> str:
        """Which invoice a page is of: the title and the client."""
        return shorten(" · ".join([self.title, *self.buyer[:1]]), _MOST_ON_EACH_PAGE)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """The period and the dates, in words."""
        dates = {"Issued": self.issued, "Due": self.due}
        written = [(name, range_in_words(day, day)) for name, day in dates.items() if day]
        return (("Period", self.period), *written)


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """An invoice to one client in one currency.

    Parameters
    ----------
    head : Head
        Parties, number, dates and note.
    projects : tuple of Project
        The lines; a project without a name has neither heading nor subtotal.
    total : Decimal
        The sum of the amounts of `invoice_lines`.
    currency : str
        The currency of every amount, ISO 4217.
    decimals, rate_decimals : int
        The decimals of amounts and of rates.
    """

    head: Head
    projects: tuple[Project, ...]
    total: Decimal
    currency: str
    decimals: int
    rate_decimals: int

    @property
    def hours(self) -> Decimal:
        """The sum of the hours as printed."""
        return sum((project.hours for project in self.projects), Decimal())

    @property
    def rounding(self) -> Decimal:
        """The difference of the total to the sum of the amounts as printed."""
        return self.total - sum((project.amount for project in self.projects), Decimal())


def text_lines(text: str | None) -> tuple[str, ...]:
    """Return the lines of a text, without characters that no file can hold."""
    return tuple(legible(line) for line in (text or "").strip().splitlines())


def invoice_of(frame: pd.DataFrame, by: Sequence[Any], head: Head) -> Invoice:
    """Compose the invoice of the lines of one client in one currency.

    Parameters
    ----------
    frame : DataFrame
        Lines as `invoice_lines` returns them; no rate or amount is NA.
    by : sequence of str
        What they are grouped by.
    head : Head
        Parties, number, dates and note.
    """
    currency = str(frame["currency"].iloc[0])
    known = decimals_of(currency)
    decimals = USUAL_DECIMALS if known is None else known
    unit = Decimal(1).scaleb(-decimals)
    rates = [_decimal(rate) for rate in frame["hourly_rate"]]
    total = sum(map(_decimal, frame["amount"]), Decimal())
    return Invoice(
        head=head,
        projects=_projects(frame, by, rates, unit),
        total=total.quantize(unit, ROUND_HALF_UP),
        currency=currency,
        decimals=decimals,
        rate_decimals=max([decimals, *(len(f"{rate:f}".partition(".")[2]) for rate in rates)]),
    )


def _projects(
    frame: pd.DataFrame, by: Sequence[Any], rates: Sequence[Decimal], unit: Decimal
) -> tuple[Project, ...]:
    """Return the projects and their lines by name, lines without a label last."""
    names = [""] * len(frame)
    if "project" in by:
        names = [name or UNNAMED for name in _names(frame, "project")]
    lines = [
        _line(label, hours, rate, unit)
        for label, hours, rate in zip(_labels(frame, by), frame["billed_hours"], rates, strict=True)
    ]
    by_project: dict[str, list[Line]] = {}
    for name, line in sorted(zip(names, lines, strict=True), key=_rank):
        by_project.setdefault(name, []).append(line)
    return tuple(Project(name, tuple(own)) for name, own in by_project.items())


def _rank(named: tuple[str, Line]) -> tuple[Any, ...]:
    name, line = named
    label = (line.label == UNLABELLED, _alphabetical(line.label), line.label)
    return _alphabetical(name), name, *label, -line.rate


def _alphabetical(name: str) -> str:
    """Return a name without accents and case, so that "Émile" stands before "Wei"."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _line(label: str, hours: float, rate: Decimal, unit: Decimal) -> Line:
    printed = _decimal(hours).quantize(_HUNDREDTH, ROUND_HALF_UP)
    amount = (printed * rate).quantize(unit, ROUND_HALF_UP)
    return Line(label=label, hours=printed, rate=rate, amount=amount)


def _decimal(value: float) -> Decimal:
    """Return a number as it is written: 0.1 is a tenth; a whole number has no decimals."""
    number = Decimal(str(value))
    return number.quantize(Decimal(1)) if number == number.to_integral() else number


def _labels(frame: pd.DataFrame, by: Sequence[Any]) -> list[str]:
    """Return what each line is about, besides its project."""
    parts = [_part(frame, one) for one in by if one not in _NOT_IN_LABELS]
    rows = zip(*parts, strict=True) if parts else [()] * len(frame)
    labels = (" · ".join(filter(None, row)) for row in rows)
    return [shorten(label, _MOST) or UNLABELLED for label in labels]


def _part(frame: pd.DataFrame, one: str) -> list[str]:
    """Return the part of the labels that is about a task, a user, a description and so on."""
    if one in NAMED:
        return _names(frame, one)
    texts = [", ".join(value) if isinstance(value, list) else value for value in frame[one]]
    return ["" if pd.isna(text) else legible(str(text)) for text in texts]


def _names(frame: pd.DataFrame, entity: str) -> list[str]:
    """Return the name of each row's entity, empty where there is none; equal ones numbered.

    Tasks are told apart within their project.
    """
    names = ["" if pd.isna(name) else legible(name) or UNNAMED for name in frame[entity]]
    within = [frame["project_id"]] if entity == "task" and "project_id" in frame else []
    of_rows = pd.Series(names, frame.index, dtype="str")
    return numbered_names(of_rows, frame[f"{entity}_id"], *within).tolist()
