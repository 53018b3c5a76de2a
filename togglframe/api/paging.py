"""How a listing is read page by page to its end, and what proves the end.

The vendor documents an inclusive cursor for projects, "id >= start", and hints at the same
elsewhere. The next cursor is therefore the largest id seen, and its row has to come back first.
That it does proves that the cursor is an inclusive id; if it comes back alone, nothing is left.
Every departure from this raises a doubt, and a doubt becomes a warning. Doubts name no ids, since
they are written into files about a part of the workspace.
"""

from __future__ import annotations

import operator
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from togglframe.api.endpoint import Exchange

# The vendor does not say how large a page may be: a size that is refused is halved.
LARGE_PAGE: Final = 10_000  # rows
PAGE_OF_ENTRIES: Final = 1000  # rows, the most that clients have received
_DOCUMENTED_PAGE: Final = 200  # rows
DEFAULT_PAGE: Final = _DOCUMENTED_PAGE + 1  # rows, one of them to look ahead
_NEXT_ROW: Final = "X-Next-Row-Number"
_PAGE_SIZE: Final = "X-Page-Size"
_NEXT_ID: Final = "X-Next-ID"
_LONGEST_INTEGER: Final = 18  # digits
_ROUND: Final = (10, 25)  # a server that limits pages limits them to a multiple of these

Body = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class OnePage:
    """All rows come in one answer; if it was cut off, the missing ids are requested."""

    least_requests: int = 1

    def read(self, exchange: Exchange, body: Body) -> Iterator[int]:
        """Read the answer, and the missing rows if it looks cut off."""
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
        The parameter of the cursor.
    is_documented : bool
        Whether the vendor documents the size of a page. Only then does a short page prove the end,
        unless another page follows it.
    """

    name: str
    is_documented: bool = False

    @property
    def least_requests(self) -> int:
        """One if a short page proves the end, else two: a page and the proof."""
        return 1 if self.is_documented else 2

    def read(self, exchange: Exchange, body: Body) -> Iterator[int]:
        """Follow the cursor to the proven end."""
        wanted, is_look_up = body.get("ids", ()), _looks_up(body, self.name)
        seen: set[int] = set()
        cursor: int | None = None
        is_believed, was_short = self.is_documented, False
        while True:
            ids = exchange.page(body)
            # The row at the cursor has to come back, and requested ids are expected to come.
            if not ids and (is_look_up or cursor is not None):
                ids = exchange.page_again(body)
            new = set(ids) - seen
            yield len(new)
            if cursor is not None:
                _judge(exchange, ids, new, cursor)
            seen |= new
            if not new or (wanted and seen.issuperset(wanted)):
                return
            is_believed = is_believed and not was_short  # a short page was not the last one
            was_short = len(ids) < min(_DOCUMENTED_PAGE, exchange.page_size(body))
            is_proof = is_believed and was_short and not looks_full(len(ids))
            if is_proof and not cut_off(wanted, seen, is_look_up=is_look_up):
                return
            if any(map(operator.gt, ids, ids[1:])):
                exchange.doubt("the rows are not in the order of their ids")
            cursor = max(seen)
            body = {**body, self.name: cursor}


@dataclass(frozen=True, kw_only=True)
class RowNumber:
    """Each page names the row at which the next one begins; the last page names none.

    Parameters
    ----------
    name : str
        The parameter of the row number.
    """

    name: str = "first_row_number"

    @property
    def least_requests(self) -> int:
        """One, since the last page says that it is the last."""
        return 1

    def read(self, exchange: Exchange, body: Body) -> Iterator[int]:
        """Follow the row numbers to the page that names no next row."""
        seen: set[int] = set()
        row, announced = 0, None
        while True:
            ids = exchange.page(body)
            if not ids and row:  # a row was announced here
                ids = exchange.page_again(body)
            new = set(ids) - seen
            seen |= new
            if row and not ids:
                exchange.doubt(f"the page that should begin at row {row} is empty")
            _judge_announced(exchange, ids, new, announced)
            following = next_row(exchange.headers)
            if following is None:
                _judge_end(exchange, len(ids))
            is_stuck = following is not None and (following <= row or (row and not new))
            if is_stuck:
                exchange.doubt(f"the next page should begin at row {following}, after row {row}")
            yield len(new)  # after the doubts about the page have been recorded
            if following is None or is_stuck:
                return
            row, announced = following, next_row(exchange.headers, _NEXT_ID)
            body = {**body, self.name: row}


Paging = OnePage | IdCursor | RowNumber


def _judge_announced(
    exchange: Exchange, ids: list[int], new: set[int], announced: int | None
) -> None:
    """Record the doubts about a page that another one announced."""
    if announced is not None and ids[:1] != [announced]:
        exchange.doubt("a page does not begin with the row that the one before announced")
    if len(new) < len(set(ids)):
        exchange.doubt("a row came on two pages, so the rows changed while they were read")


def _judge_end(exchange: Exchange, rows: int) -> None:
    """Record the doubts about a page that names no next one."""
    unreadable = [name for name in (_NEXT_ROW, _NEXT_ID) if exchange.headers.get(name)]
    if unreadable:
        exchange.doubt(f"{unreadable[0]} is not a row number")
    elif looks_full(rows) and _PAGE_SIZE not in exchange.headers:
        exchange.doubt("the answer says nothing about pages, and may be one of several")


def next_row(headers: Mapping[str, str], name: str = _NEXT_ROW) -> int | None:
    """Return the row at which the next page begins, None if none is named."""
    value = headers.get(name, "")
    is_integer = value.isascii() and value.isdigit() and len(value) <= _LONGEST_INTEGER
    return int(value) if is_integer else None


def _judge(exchange: Exchange, ids: list[int], new: set[int], cursor: int) -> None:
    """Record the doubts about a page after the first."""
    if not ids:
        exchange.forget()
        exchange.doubt(
            "the page that should begin with the last row was empty, although that row was there "
            "before"
        )
    elif cursor not in ids and new:
        exchange.doubt(
            "a page did not begin with the last row of the one before: that was deleted meanwhile, "
            "or the API interprets the cursor differently"
        )
    elif not new and len(ids) > 1:
        exchange.doubt("the API seems to ignore the cursor: the same rows came again")
    elif cursor not in ids:
        exchange.doubt("a page after the last row brought an earlier row")


def _looks_up(body: Mapping[str, Any], *cursors: str) -> bool:
    """Return whether a body requests ids only, so that each of them is expected to come."""
    return "ids" in body and body.keys() <= {"ids", "page_size", *cursors}


def looks_full(rows: int) -> bool:
    """Return whether this number of rows may be the limit of a page rather than all rows."""
    return rows >= _DOCUMENTED_PAGE or (rows > 0 and any(rows % step == 0 for step in _ROUND))


def cut_off(wanted: Collection[int], came: Collection[int], *, is_look_up: bool) -> list[int]:
    """Return the ids that are missing because an answer looks cut off, none if it does not.

    An answer that is cut off lacks the ids above the largest one that came. If an id in the middle
    is missing too, the ids are probably unknown, unless the answer is as long as a page can be.

    Parameters
    ----------
    wanted : collection of int
        The ids that were requested.
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
