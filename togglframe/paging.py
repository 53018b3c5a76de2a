"""How a listing is read page by page to its end, and what proves the end.

The vendor documents an inclusive cursor for projects, "id >= start", and hints at the same
elsewhere. So the next cursor is the largest id seen, itself, and the row of that id has to come
back first: that it does proves that the cursor is an inclusive id, and where it comes back alone
it proves that nothing is left. Every departure from this is a doubt, and a doubt is a warning.
"""

from __future__ import annotations

import operator
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

__all__ = [
    "DEFAULT_PAGE",
    "LARGEST_OF_ENTRIES",
    "LARGE_PAGE",
    "Exchange",
    "IdCursor",
    "OnePage",
    "Paging",
    "RowNumber",
    "cut_off",
    "looks_full",
    "next_row",
]

# The vendor does not say how large a page may be; a 400 that names the page size teaches it.
LARGE_PAGE: Final = 10_000  # rows
_DOCUMENTED_PAGE: Final = 200  # rows
DEFAULT_PAGE: Final = _DOCUMENTED_PAGE + 1  # rows, one more to look ahead
LARGEST_OF_ENTRIES: Final = 1000  # rows, the most that clients got
_NEXT_ROW: Final = "X-Next-Row-Number"
_PAGE_SIZE: Final = "X-Page-Size"
_NEXT_ID: Final = "X-Next-ID"
_LONGEST_INTEGER: Final = 18  # digits
_ROUND: Final = (10, 25)  # a server that clamps pages clamps them to a multiple of these

Body = dict[str, Any]


class Exchange(Protocol):
    """The requests of one listing, as a way of paging sees them."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the page that came last."""

    def page(self, body: Body) -> list[int]:
        """Ask for one page and return the ids of its rows."""

    def page_again(self, body: Body) -> list[int]:
        """Ask once more for the page that came last, unless it was asked for twice before."""

    def forget(self) -> None:
        """Keep the page that came last out of the cache."""

    def page_size(self, body: Body) -> int:
        """Return the page size that is sent."""

    def doubt(self, reason: str) -> None:
        """Note why it cannot be proven that all rows came."""


class Paging(Protocol):
    """A way to read a listing."""

    @property
    def least_requests(self) -> int:
        """The requests of the smallest listing."""

    @property
    def page_sizes(self) -> tuple[int, ...]:
        """Page sizes to try where a refusal names none, the largest first."""

    def read(self, exchange: Exchange, body: Body) -> Iterator[int]:
        """Read every page; yield how many new rows each brought."""


@dataclass(frozen=True, kw_only=True)
class OnePage:
    """All rows come in one answer; of ids that were asked for, what was cut off is asked for."""

    least_requests: int = 1
    page_sizes: tuple[int, ...] = ()

    def read(self, exchange: Exchange, body: Body) -> Iterator[int]:
        """Read the answer, and what it lacks where it looks cut."""
        wanted, is_look_up = body.get("ids", ()), _looks_up(body)
        came = set(exchange.page(body))
        if not came and is_look_up:
            came = set(exchange.page_again(body))
        yield len(came)
        new = came
        while new and (missing := cut_off(wanted, came, is_look_up=is_look_up)):
            new = set(exchange.page({**body, "ids": missing})) - came
            yield len(new)
            came |= new


@dataclass(frozen=True, kw_only=True)
class IdCursor:
    """The next page begins at the largest id seen.

    Parameters
    ----------
    name : str
        The parameter that is the cursor.
    is_documented : bool
        Whether the vendor documents the size of a page: only then a short page is a proof, until
        another one follows it.
    """

    name: str
    is_documented: bool = False
    page_sizes: tuple[int, ...] = (DEFAULT_PAGE,)

    @property
    def least_requests(self) -> int:
        """One where a short page proves the end, else a page and the proof."""
        return 1 if self.is_documented else 2

    def read(self, exchange: Exchange, body: Body) -> Iterator[int]:
        """Follow the cursor to the proven end."""
        wanted, is_look_up = body.get("ids", ()), _looks_up(body, self.name)
        seen: set[int] = set()
        cursor: int | None = None
        is_believed, was_short = self.is_documented, False
        while True:
            ids = exchange.page(body)
            # The row at the cursor has to come back, and an id that was asked for is expected.
            if not ids and (is_look_up or cursor is not None):
                ids = exchange.page_again(body)
            new = set(ids) - seen
            yield len(new)
            if cursor is not None:
                _judge(exchange, ids, new, cursor)
            seen |= new
            if not new or (wanted and seen.issuperset(wanted)):
                return
            is_believed = is_believed and not was_short  # which was not the last page
            was_short = len(ids) < min(_DOCUMENTED_PAGE, exchange.page_size(body))
            is_proof = is_believed and was_short and not looks_full(len(ids))
            if is_proof and not cut_off(wanted, seen, is_look_up=is_look_up):
                return
            if any(map(operator.gt, ids, ids[1:])):
                exchange.doubt("the rows do not come in the order of their ids")
            cursor = max(seen)
            body = {**body, self.name: cursor}


@dataclass(frozen=True, kw_only=True)
class RowNumber:
    """Each page names the row at which the next begins, and the last one names none.

    Parameters
    ----------
    name : str
        The parameter that takes the number of the row.
    """

    name: str = "first_row_number"
    page_sizes: tuple[int, ...] = (LARGEST_OF_ENTRIES, _DOCUMENTED_PAGE, 50)  # the last by default

    @property
    def least_requests(self) -> int:
        """One: the last page says that it is the last."""
        return 1

    def read(self, exchange: Exchange, body: Body) -> Iterator[int]:
        """Follow the row numbers to the page that names no other."""
        seen: set[int] = set()
        row, announced = 0, None
        while True:
            ids = exchange.page(body)
            if not ids and row:  # a row was announced here
                ids = exchange.page_again(body)
            new = set(ids) - seen
            seen |= new
            if row and not ids:
                exchange.doubt(f"the page that was to begin at row {row} is empty")
            _judge_announced(exchange, ids, new, announced)
            following = _integer_in(exchange.headers, _NEXT_ROW)
            if following is None:
                _judge_end(exchange, len(ids))
            is_stuck = following is not None and (following <= row or (row and not new))
            if is_stuck:
                exchange.doubt(f"the next page was to begin at row {following}, after row {row}")
            yield len(new)  # what is in doubt of a page is said before it is told of
            if following is None or is_stuck:
                return
            row, announced = following, _integer_in(exchange.headers, _NEXT_ID)
            body = {**body, self.name: row}


def _judge_announced(
    exchange: Exchange, ids: list[int], new: set[int], announced: int | None
) -> None:
    """Say what a page leaves in doubt that another one announced."""
    if announced is not None and ids[:1] != [announced]:
        exchange.doubt(f"the page that was to begin with id {announced} did not")
    if len(new) < len(set(ids)):
        exchange.doubt("a row came on two pages, so the rows changed while they were read")


def _judge_end(exchange: Exchange, rows: int) -> None:
    """Say what a page leaves in doubt that names no other."""
    unreadable = [name for name in (_NEXT_ROW, _NEXT_ID) if exchange.headers.get(name)]
    if unreadable:
        exchange.doubt(f"{unreadable[0]} is there, and no number of a row")
    elif looks_full(rows) and _PAGE_SIZE not in exchange.headers:
        exchange.doubt("the answer says nothing of pages, and may be one of several")


def _integer_in(headers: Mapping[str, str], name: str) -> int | None:
    value = headers.get(name, "")
    is_integer = value.isascii() and value.isdigit() and len(value) <= _LONGEST_INTEGER
    return int(value) if is_integer else None


def _judge(exchange: Exchange, ids: list[int], new: set[int], cursor: int) -> None:
    """Say what a page after the first leaves in doubt."""
    if not ids:
        exchange.forget()
        exchange.doubt(
            f"the page from id {cursor} on was empty, although the row of that id was there before"
        )
    elif cursor not in ids and new:
        exchange.doubt(
            f"the page from id {cursor} on did not begin with that row: it was deleted meanwhile, "
            "or the API takes the cursor in another sense"
        )
    elif not new and len(ids) > 1:
        exchange.doubt("the API seems to ignore the cursor: the same rows came again")
    elif cursor not in ids:
        exchange.doubt(f"the page from id {cursor} on brought an earlier row")


def _looks_up(body: Mapping[str, Any], *cursors: str) -> bool:
    """Tell whether a body asks for ids and nothing else, so that each is expected to come."""
    return "ids" in body and body.keys() <= {"ids", "page_size", *cursors}


def next_row(headers: Mapping[str, str]) -> int | None:
    """Return the row that the next page begins with, None where no other is named."""
    return _integer_in(headers, _NEXT_ROW)


def looks_full(rows: int) -> bool:
    """Tell whether so many rows may be all that a page holds, and not all there are."""
    return rows >= _DOCUMENTED_PAGE or (rows > 0 and any(rows % step == 0 for step in _ROUND))


def cut_off(wanted: Collection[int], came: Collection[int], *, is_look_up: bool) -> list[int]:
    """Return the ids that an answer lacks because it looks cut, none where it does not.

    What a cut answer lacks lies above the largest id that came. A row in the middle that is
    missing too speaks for ids that are not known, unless the answer is as long as a page may be.

    Parameters
    ----------
    wanted : collection of int
        The ids that were asked for.
    came : collection of int
        The ids that came.
    is_look_up : bool
        Whether each of the ids is expected to come.
    """
    largest = max(came, default=0)
    missing = [number for number in wanted if number not in came]
    above = [number for number in missing if number > largest]
    is_sign = is_look_up and len(above) == len(missing)
    return above if is_sign or looks_full(len(came)) else []
