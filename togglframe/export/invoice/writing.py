"""Write invoices: all of them, or none."""

from __future__ import annotations

import datetime as dt
import errno
import os
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, Literal, TypeAlias, cast

import pandas as pd

from togglframe._renamed import with_new_keywords
from togglframe.api.dates import Day, day
from togglframe.atomic import replacing, target
from togglframe.errors import ConfigError
from togglframe.export.destination import Paper, check_paper
from togglframe.export.html.writing import require_libraries
from togglframe.export.invoice.composition import (
    HOUR_DECIMALS,
    Head,
    Invoice,
    invoice_of,
    text_lines,
)
from togglframe.export.invoice.sheet import write_sheet
from togglframe.http.quota import Plan
from togglframe.reports._entries import By, Own, group_list
from togglframe.reports._record import listings_of
from togglframe.reports.invoicing import INVOICE_LINES as REPORT
from togglframe.reports.invoicing import RoundEach, Rounding, billing_of, invoice_lines
from togglframe.reports.names import listings_for, with_ids
from togglframe.reports.planning import keyword_arguments, planned_by
from togglframe.reports.selection import NamesOrNone, Period, selection
from togglframe.reports.sources import Listings, Source
from togglframe.tables import INVOICE_LINES
from togglframe.text.formats import format_hours, plural
from togglframe.text.names import legible, named, numbered_names, one_line
from togglframe.text.periods import range_code, range_in_words

__all__ = ["to_invoice"]

Format = Literal["xlsx", "html"]
ByClient: TypeAlias = Mapping[Any, str | Mapping[str, str]] | pd.Series

_Days: TypeAlias = tuple[dt.date, dt.date]

_SUFFIXES: Final = (".xlsx", ".html")
_MOST_LISTED: Final = 20
_MOST_BYTES: Final = 150  # of a client's name in the name of a file, of 255
_IN_NO_FILE_NAME: Final = re.compile(r'[<>:"/\\|?*□]')
_KEY: Final = ["client_id", "currency"]
_LACKING: Final = {
    "client": "client",
    "hourly_rate": "rate",
    "amount": "amount",
    "currency": "currency",
}


def _plan(source: Source, **parameters: Any) -> Plan:
    """Return what invoices would cost now, without a request."""
    arguments = keyword_arguments(to_invoice, source, "", **parameters)
    own = _Words.__dataclass_fields__.keys() & arguments.keys()
    words = _words_of(**{name: arguments[name] for name in own})
    listings = _listings(source)
    _days(arguments["start_date"], arguments["end_date"], arguments["period"], listings.today)
    arguments["by"] = _groups(arguments["by"], people=arguments["people"])
    defaults = keyword_arguments(invoice_lines, listings)
    lines = {name: arguments.get(name, default) for name, default in defaults.items()}
    names = listings_for({"buyer": words.buyer, "number": words.number})
    return REPORT.plan(listings, **lines).with_more(listings.plan(*names))


@planned_by(_plan)
@with_new_keywords
def to_invoice(
    source: Source,
    path: str | os.PathLike[str],
    *,
    period: Period | None = None,
    start_date: Day | None = None,
    end_date: Day | None = None,
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    by: By | Own | Sequence[By | Own] = ("project", "task"),
    rounding: Rounding | None = None,
    rounding_minutes: int | None = None,
    round_each: RoundEach = "entry",
    minimum_minutes: int = 0,
    seller: str | None = None,
    buyer: str | ByClient | None = None,
    number: str | ByClient | None = None,
    issued: Day | None = None,
    due: Day | None = None,
    note: str | None = None,
    format: Format = "xlsx",  # noqa: A002 -- what pandas and matplotlib call it
    paper: Paper = "A4",
    people: bool = False,
) -> list[Path]:
    r"""Write invoices to send: one file for each client and currency.

    Each has the parties, the number, the dates and the period, the lines by project with subtotals,
    and the total, on A4 or Letter. It holds nothing about other clients, and no ids. If anything is
    unknown or fails, no file is written, and existing ones stay as they were.

    Parameters
    ----------
    source : Workspace, Archive, Listings, mapping of str to DataFrame, or DataFrame of time entries
        Where the listings come from.
    path : str or path
        A path that ends in ``.xlsx`` or ``.html`` is one file, of one client and currency. Any
        other is a folder that exists, and gets files such as
        ``2026-10 Northwind Coffee Roasters EUR.xlsx``; if two clients share a name, with their ids.
    period : str or pandas.Period, optional
        What to invoice, such as "2026-10", "2026-W43", "2026-Q3", "2026-06..2026-11" or
        "last-month".
    start_date, end_date : str, date, datetime or Timestamp, optional
        The first and last day instead, both included.
    clients, projects : int, str, or list of int, str or None, optional
        Only the time of these clients, or on these projects, by ids or names.
    by : str, mapping, or sequence of them
        What a line is, besides a rate: "project", "task", "user", "description", "tags", or own
        groups, as :func:`togglframe.reports.hours` takes them. Without "project" there are no
        subtotals.
    rounding : {"up", "nearest", "down"}, optional
        How time is rounded; by default not at all.
    rounding_minutes : int, optional
        The interval to round to [min]; by default 15. Only with `rounding`.
    round_each : {"entry", "day", "line"}
        What is rounded, as in :func:`togglframe.reports.invoice_lines`.
    minimum_minutes : int
        The least that is billed for each of these [min].
    seller : str, optional
        Who invoices: name and address, with line breaks.
    buyer : str or mapping, optional
        Who is invoiced, likewise; by default the name of the client. For several clients a mapping
        by name or id of the client.
    number : str or mapping, optional
        The number of the invoice; for several clients a mapping as for `buyer`. The value of a
        mapping may be a mapping by currency.
    issued, due : str, date, datetime or Timestamp, optional
        The date of the invoice, and the day until which it is to be paid.
    note : str, optional
        Text below the total, such as terms and bank details, with line breaks; above it stands how
        time is rounded, if it is.
    format : {"xlsx", "html"}
        The format of the files in a folder; the ending of a file says its own.
    paper : {"A4", "Letter"}
        The page to print on.
    people : bool
        Whether lines name who did the work: then "user" is among `by` in any case.

    Returns
    -------
    list of Path
        The files, ordered by client and currency; empty if nothing is billable.

    Raises
    ------
    ConfigError
        Listed before any file is written: lines whose rate, amount or currency is unknown, billable
        time without a client, or several clients or currencies for one file. Or there is no range
        of days, a client is missing in `buyer` or `number`, "user" is in `by` although `people` is
        False, or an argument is impossible.
    ImportError
        Jinja2 is missing, for HTML: ``pip install "togglframe[html]"``.
    OSError
        There is no such folder, or a file may not be written.
    ApiError
        The API answered with an error.

    See Also
    --------
    togglframe.reports.invoice_lines : The lines of all clients as one frame, for the bookkeeper.

    Notes
    -----
    On every line the hours as printed, to two decimals, times the rate are the amount as printed,
    in the decimals of the currency; the lines add up to the subtotals, and these to the total. The
    total is that of :func:`togglframe.reports.invoice_lines`. Where this differs, since Toggl Track
    rounds the amount of each time entry, one line "Rounding" holds the whole difference; with a
    rounding to 15 minutes there is seldom any.

    It costs what :func:`togglframe.reports.invoice_lines` costs, and the listing of clients if
    `buyer` or `number` are by name.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> files = tf.export.to_invoice(
    ...     ws,
    ...     tempfile.mkdtemp(),
    ...     period="2026-10",
    ...     clients="Northwind Coffee Roasters",
    ...     rounding="up",
    ...     seller="Studio Fischer\n1 High Street, Zurich",
    ...     number={"Northwind Coffee Roasters": {"EUR": "2026-17", "USD": "2026-18"}},
    ...     issued="2026-11-02",
    ...     due="2026-12-02",
    ... )
    >>> for file in files:
    ...     print(file.name)
    2026-10 Northwind Coffee Roasters EUR.xlsx
    2026-10 Northwind Coffee Roasters USD.xlsx
    """
    destination = _Destination.of(path, format)
    billing = billing_of(rounding, rounding_minutes, round_each, minimum_minutes).in_words
    words = _words_of(
        issued, due, seller=seller, buyer=buyer, number=number, note=note, billing=billing
    )
    check_paper(paper)
    groups = _groups(by, people=people)
    listings = _listings(source)
    days = _days(start_date, end_date, period, listings.today)
    lines = invoice_lines(
        listings,
        start_date=days[0],
        end_date=days[1],
        by=groups,
        rounding=rounding,
        rounding_minutes=rounding_minutes,
        round_each=round_each,
        minimum_minutes=minimum_minutes,
        clients=clients,
        projects=projects,
    )
    _refuse_unknown(lines)
    lines = _numbered(lines, listings)
    keys = lines.drop_duplicates(_KEY)[[*_KEY, "client"]].sort_values(["client", *_KEY])
    paths = destination.paths(keys, days)
    heads = words.heads(listings, keys, days)
    invoices = [
        invoice_of(lines[(lines[_KEY] == key).all(axis=1)], groups, head)
        for key, head in zip(keys[_KEY].to_numpy(), heads, strict=True)
    ]
    with replacing(*paths) as files:
        for invoice, file in zip(invoices, files, strict=True):
            _write(invoice, file, destination.suffix, paper)
    return paths


def _listings(source: Source) -> Listings:
    listings = listings_of(source)
    if listings.workspaces:
        raise ConfigError("an invoice is of one workspace: pass Archive(folder, workspace_id=…)")
    return listings


def _groups(by: By | Own | Sequence[By | Own], *, people: bool) -> list[By | Own]:
    groups = cast("list[By | Own]", group_list("to_invoice", by, INVOICE_LINES))
    if "user" in groups and not people:
        raise ConfigError("by has 'user', but people=False keeps names out: pass people=True")
    return [*groups, "user"] if people and "user" not in groups else groups


def _days(
    start_date: Day | None, end_date: Day | None, period: Period | None, today: dt.date
) -> _Days:
    chosen = selection(
        "to_invoice", start_date=start_date, end_date=end_date, period=period, today=today
    )
    if chosen.start is None or chosen.end is None:
        raise ConfigError("to_invoice needs days to invoice: period, or start_date and end_date")
    return chosen.start, chosen.end


def _numbered(lines: pd.DataFrame, listings: Listings) -> pd.DataFrame:
    """Add numbers to projects of a client that share a name, as on a page with all of them."""
    if "project" not in lines:
        return lines
    (projects,) = listings.fetch("projects")
    own = projects.dropna(subset="name")
    names = numbered_names(own["name"], own["id"], own["client_id"]).set_axis(own["id"])
    known = lines["project_id"].map(names).astype(lines["project"].dtype)
    return lines.assign(project=known.fillna(lines["project"]))


def _write(invoice: Invoice, file: IO[bytes], suffix: str, paper: str) -> None:
    if suffix == ".xlsx":
        write_sheet(invoice, file, paper)
        return
    from togglframe.export.invoice.page import page_of  # noqa: PLC0415 -- it loads Jinja2

    file.write(page_of(invoice, paper).encode())


@dataclass(frozen=True)
class _Destination:
    """A file, or the folder that files of one kind are written into."""

    path: Path
    suffix: str
    is_folder: bool

    @classmethod
    def of(cls, path: str | os.PathLike[str], file_format: str) -> _Destination:
        """Check where to write, before any request."""
        if f".{file_format}" not in _SUFFIXES:
            raise ConfigError(f"format must be 'xlsx' or 'html', not {file_format!r}")
        if not isinstance(path, str | os.PathLike):
            raise TypeError(f"path must be a string or a path, not {type(path).__name__}")
        suffix = Path(path).suffix.lower()
        is_folder = suffix not in _SUFFIXES
        if suffix == ".xlsx" and file_format == "html":
            raise ConfigError(f"format='html' does not write {Path(path).name!r}")
        resolved = Path(path).expanduser() if is_folder else target(path)
        if is_folder and not resolved.is_dir():
            message = "No such folder; make it first, or name a file that ends in .xlsx or .html"
            raise FileNotFoundError(errno.ENOENT, message, str(resolved))
        one = cls(resolved, f".{file_format}" if is_folder else suffix, is_folder)
        if one.suffix == ".html":
            require_libraries()
        return one

    def paths(self, keys: pd.DataFrame, days: _Days) -> list[Path]:
        """Return the path of each client and currency."""
        if self.is_folder:
            names = zip(_file_names(keys), keys["currency"], strict=True)
            code = range_code(*days)
            return [
                target(self.path / f"{code} {name} {currency}{self.suffix}")
                for name, currency in names
            ]
        if len(keys) == 1:
            return [self.path]
        billable = "; ".join(f"{key.client} in {key.currency}" for key in keys.itertuples())
        raise ConfigError(
            f"{self.path.name} is an invoice to one client in one currency; billable in "
            f"{range_in_words(*days)} is {billable or 'nothing'}. Select one with clients= or "
            "projects=, or pass a folder."
        )


def _file_names(keys: pd.DataFrame) -> list[str]:
    """Return what each client is called in the name of a file, on any system."""
    names = [_file_name(name) for name in keys["client"]]
    ids = keys["client_id"].tolist()
    while True:
        by_name: dict[str, set[int]] = {}
        for name, number in zip(names, ids, strict=True):
            by_name.setdefault(name.casefold(), set()).add(number)
        if all(name and len(numbers) == 1 for name, numbers in by_name.items()):
            return names
        names = [
            f"{name} {number}".lstrip() if not name or len(by_name[name.casefold()]) > 1 else name
            for name, number in zip(names, ids, strict=True)
        ]


def _file_name(name: str) -> str:
    text = unicodedata.normalize("NFC", _IN_NO_FILE_NAME.sub(" ", one_line(name)))
    return " ".join(text.split()).encode()[:_MOST_BYTES].decode(errors="ignore").strip()


def _words_of(issued: Day | None, due: Day | None, **texts: Any) -> _Words:
    """Check the words of invoices, before any request."""
    dates = {"issued": issued, "due": due}
    days: dict[str, Any] = {
        name: None if one is None else day(name, one) for name, one in dates.items()
    }
    return _Words(**texts, **days)


@dataclass(frozen=True)
class _Words:
    """What stands on the invoices besides the lines."""

    seller: str | None
    buyer: str | ByClient | None
    number: str | ByClient | None
    issued: dt.date | None
    due: dt.date | None
    note: str | None
    billing: str = ""

    def __post_init__(self) -> None:
        for name, text in (("seller", self.seller), ("note", self.note)):
            if not isinstance(text, str | None):
                raise TypeError(f"{name} must be a string, not {type(text).__name__}")
        for name, one in (("buyer", self.buyer), ("number", self.number)):
            if not isinstance(one, str | Mapping | pd.Series | None):
                raise TypeError(
                    f"{name} must be a string, or a mapping by client, not {type(one).__name__}"
                )
        if self.issued and self.due and self.due < self.issued:
            raise ConfigError(f"due {self.due} is before issued {self.issued}")

    def heads(self, listings: Listings, keys: pd.DataFrame, days: _Days) -> list[Head]:
        """Return the head of each invoice."""
        by_id = with_ids({"buyer": self.buyer, "number": self.number}, listings)
        buyers, numbers = (_of_clients(name, by_id[name], keys) for name in ("buyer", "number"))
        billed = f"{self.billing}.\n" if self.billing else ""
        return [
            Head(
                seller=text_lines(self.seller),
                buyer=text_lines(buyer or client),
                note=text_lines(billed + (self.note or "")),
                number=legible(number),
                period=range_in_words(*days),
                issued=self.issued,
                due=self.due,
            )
            for buyer, number, client in zip(buyers, numbers, keys["client"], strict=True)
        ]


def _of_clients(parameter: str, texts: str | ByClient | None, keys: pd.DataFrame) -> list[str]:
    """Return the text for each client and currency, empty by default.

    Raises
    ------
    ConfigError
        If one text is for several clients, or a client has none.
    """
    if texts is None:
        return [""] * len(keys)
    if isinstance(texts, str):
        clients = keys.drop_duplicates("client_id")["client"]
        if len(clients) > 1:
            raise ConfigError(
                f"{parameter} is one text for several clients: pass a mapping by client, of "
                f"{', '.join(clients)}"
            )
        return [texts] * len(keys)
    return [_of_client(parameter, texts, key) for key in keys.itertuples()]


def _of_client(parameter: str, by_client: ByClient, key: Any) -> str:
    value: object = by_client.get(key.client_id)
    if isinstance(value, Mapping):
        value = value.get(key.currency)
    if not isinstance(value, str):
        raise ConfigError(
            f"{parameter} has no text for {key.client} ({key.client_id}) in {key.currency}"
        )
    return value


def _refuse_unknown(lines: pd.DataFrame) -> None:
    """Refuse lines without a client, or with an unknown rate, amount or currency."""
    lacks = lines[[*_LACKING]].isna()
    bad = lines[lacks.any(axis=1)]
    if bad.empty:
        return
    listed = [_in_words(bad.iloc[[row]]) for row in range(min(len(bad), _MOST_LISTED))]
    more = [f"and {len(bad) - _MOST_LISTED} more"] if len(bad) > _MOST_LISTED else []
    raise ConfigError(
        "\n".join(
            [
                f"{plural(len(bad), 'line')} cannot be invoiced, so no file was written:",
                *(f"- {line}" for line in (*listed, *more)),
                "Complete them in Toggl Track, or select others with clients= or projects=.",
            ]
        )
    )


def _in_words(line: pd.DataFrame) -> str:
    """Name a line, and what is not known of it."""
    known = [one for one in ("project", "task", "user") if one in line and line[one].notna().all()]
    names = [named(line, one).iloc[0] for one in ("client", *known)]
    lacking = [word for column, word in _LACKING.items() if line[column].isna().all()]
    hours = format_hours(line["billed_hours"].iloc[0], HOUR_DECIMALS)
    return f"{', '.join(names)}, {hours}: no known {', '.join(lacking)}"
