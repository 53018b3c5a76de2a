"""Endpoint: from a body to pages, from pages to a proven end.

A listing ends when the API has proved that nothing is left; where it cannot be proved, a
CompletenessWarning says so. The next cursor is the largest id seen, itself: where the server takes
a cursor exclusively nothing is lost, and where it takes it inclusively the row that comes again is
dropped.
"""

from __future__ import annotations

import itertools
import operator
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from togglframe.casting import EXACT_FLOAT, TOO_LARGE
from togglframe.errors import (
    BadRequestError,
    CompletenessWarning,
    ConfigError,
    SchemaError,
    SemanticsWarning,
)
from togglframe.listing import Listing
from togglframe.tables import Table
from togglframe.workspace import Workspace

__all__ = ["Endpoint", "Ids", "id_list"]

Ids = Iterable[int] | np.ndarray[Any, Any] | pd.Series | pd.Index

# The vendor does not say how large a page may be; a 400 that names the page size teaches it.
LARGE_PAGE: Final = 10_000
DOCUMENTED_PAGE: Final = 201  # 200 rows and one to look ahead
# The status endpoints document no cap on ids: a size at which a request stays small.
SANE_CAP: Final = 1000
# Below this a listing of one page is believed to be whole, unless it is as long as was asked for.
SUSPICIOUS_ROWS: Final = 50

_CURSORS: Final = ("start", "start_id")
_ID_LISTS: Final = ("ids", "client_ids", "project_ids", "group_ids", "user_ids")
_TEXTS: Final = ("name", "currency")
_INTEGERS: Final = {"start": 0, "start_id": 0, "page_size": 2}
_CAP_IN_MESSAGE: Final = re.compile(r"maximum count of posted ids is (\d+)", re.IGNORECASE)
_PAGE_SIZE_IN_MESSAGE: Final = re.compile(r"page[ _]?size", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One endpoint of the Reports API.

    Parameters
    ----------
    path : str
        Below the workspace, for example ``"filters/projects"``.
    table : Table
        The declaration of the frame it makes.
    cursor : str, optional
        The name of the id cursor, where there is one.
    caps : mapping of str to int
        The most ids that one request may post, by parameter, where known.
    has_page_size : bool
        Whether it takes `page_size`.
    default_page : int, optional
        The rows of a page, where the vendor documents them: only then a short page is a proof.
    state_flag : str, optional
        The parameter that asks for one value of the column `active`.
    """

    path: str
    table: Table
    cursor: str | None = None
    caps: Mapping[str, int] = field(default_factory=dict)
    has_page_size: bool = False
    default_page: int | None = None
    state_flag: str | None = None

    @property
    def least_requests(self) -> int:
        """The requests of the smallest listing: a page, and one more where it proves nothing."""
        return 1 if self.cursor is None or self.default_page is not None else 2

    def fetch(self, ws: Workspace, **parameters: object) -> pd.DataFrame:
        """Return every row that matches the parameters; None is not sent.

        Parameters
        ----------
        ws : Workspace
            Where to ask.
        **parameters
            The body, by the vendor's names.
        """
        body = self.body(ws, **parameters)
        listing = Listing(self.path, self.table)
        try:
            frame = self._frame(ws, body, listing)
        except SchemaError:
            ws.forget(listing.keys)  # out of the cache the same answer would be wrong again
            raise
        self._warn_of_contradiction(ws, frame, body)
        return frame

    def _frame(self, ws: Workspace, body: dict[str, Any], listing: Listing) -> pd.DataFrame:
        if all(body.get(name) != [] for name in _ID_LISTS):
            self._demand_something_to_look_for(body)
            with ws.progress_bar(self.path) as bar:
                for new_rows in self._pages_of_all_pieces(ws, body, listing):
                    bar.update(new_rows)
        return listing.frame(ws.id, body)

    def body(self, ws: Workspace, **parameters: object) -> dict[str, Any]:
        """Check the arguments of a call and return the body that they make, None left out."""
        if not isinstance(ws, Workspace):
            raise TypeError(f"the first argument is a Workspace, not {type(ws).__name__}")
        return {n: _checked(n, v) for n, v in parameters.items() if v is not None}

    def _demand_something_to_look_for(self, body: Mapping[str, object]) -> None:
        if not self.path.startswith("search/"):
            return
        is_everything = not body.keys() - {*_CURSORS, "page_size"}
        if is_everything:
            raise ConfigError(
                f"{self.path} needs something to look for, such as ids=; "
                f"to list them, use togglframe.{self.path.replace('search/', 'filters.')}(ws)"
            )

    def _pages_of_all_pieces(
        self, ws: Workspace, body: dict[str, Any], listing: Listing
    ) -> Iterator[int]:
        """Add every page to the listing, piece by piece of long id lists; yield the new rows."""
        pieces = [body]
        while pieces:
            piece = pieces.pop()
            smaller = self._split(ws, piece)
            if len(smaller) > 1:
                pieces.extend(reversed(smaller))
                continue
            try:
                yield from self._pages(ws, piece, listing)
            except BadRequestError as error:
                if not self._learn_cap(ws, piece, error):
                    raise
                pieces.append(piece)

    def _split(self, ws: Workspace, body: dict[str, Any]) -> list[dict[str, Any]]:
        """Cut id lists to their caps: two long ones into every pair of pieces."""
        learned = ws.lessons.caps.get(self.path)
        lists = []
        for name in body.keys() & set(_ID_LISTS):
            caps = [cap for cap in (self.caps.get(name), learned) if cap is not None]
            size = min(caps, default=len(body[name]))
            ids = body[name]
            lists.append([(name, ids[i : i + size]) for i in range(0, len(ids), size)])
        return [{**body, **dict(combination)} for combination in itertools.product(*lists)]

    def _learn_cap(self, ws: Workspace, body: dict[str, Any], error: BadRequestError) -> bool:
        """Remember the cap that a refusal names; tell whether a smaller piece can pass."""
        found = _CAP_IN_MESSAGE.search(error.message)
        longest = max((len(body[name]) for name in body.keys() & set(_ID_LISTS)), default=0)
        if found is None or not 0 < int(found[1]) < longest:
            return False
        ws.lessons.caps[self.path] = int(found[1])
        return True

    def _pages(self, ws: Workspace, body: dict[str, Any], listing: Listing) -> Iterator[int]:
        """Follow the cursor to the proven end."""
        wanted = set(body.get("ids", ()))
        seen: set[int] = set()
        sizes: list[int] = []
        while True:
            ids = listing.add(self._page(ws, body, listing))
            new = set(ids) - seen
            yield len(new)
            if self.cursor is None:
                return
            self._warn_of_disorder(ws, ids)
            sizes.append(len(ids))
            if not new:
                self._judge_the_end(ws, body, ids, sizes)
                return
            seen |= new
            if (wanted and wanted <= seen) or self._is_short(len(ids), ws, body):
                return
            body = {**body, self.cursor: max(seen)}

    def _is_short(self, rows: int, ws: Workspace, body: Mapping[str, Any]) -> bool:
        """Tell whether so few rows prove that nothing is left."""
        if self.default_page is None:
            return False
        return rows < min(self.default_page - 1, self._page_size(ws, body))

    def _page_size(self, ws: Workspace, body: Mapping[str, Any]) -> int:
        """Return the page size to send: the caller's, the largest not refused, or a large one."""
        size: int = body.get("page_size") or ws.lessons.page_sizes.get(self.path, LARGE_PAGE)
        return size

    def _judge_the_end(
        self, ws: Workspace, body: Mapping[str, Any], ids: list[int], sizes: list[int]
    ) -> None:
        """Warn where a page without a new row does not prove that nothing is left."""
        cursor = body.get(str(self.cursor))
        asked = self._page_size(ws, body) if self.has_page_size else SUSPICIOUS_ROWS
        if len(sizes) < 2 or sizes[0] < min(SUSPICIOUS_ROWS, asked):
            return
        if not ids and len(sizes) == 2:
            self._warn_incomplete(
                ws,
                f"the page after the first {sizes[0]} rows was empty, which does not prove that "
                "the cursor works",
            )
        if ids and cursor is not None and min(ids) < cursor:
            self._warn_incomplete(
                ws, f"the API seems to ignore the cursor {self.cursor!r}: the same rows came again"
            )

    def _warn_of_disorder(self, ws: Workspace, ids: list[int]) -> None:
        if len(ids) >= SUSPICIOUS_ROWS and any(map(operator.gt, ids, ids[1:])):
            self._warn_incomplete(ws, "the rows do not come in the order of their ids")

    def _warn_incomplete(self, ws: Workspace, reason: str) -> None:
        ws.warn(
            f"{self.path}: it cannot be proven that all rows came: {reason}. "
            "Compare the number of rows with Toggl Track.",
            CompletenessWarning,
        )

    def _page(self, ws: Workspace, body: dict[str, Any], listing: Listing) -> list[dict[str, Any]]:
        if not self.has_page_size or "page_size" in body:
            return self._ask(ws, body, listing)
        size = self._page_size(ws, body)
        try:
            return self._ask(ws, {**body, "page_size": size}, listing)
        except BadRequestError as error:
            allowed = _allowed_page_size(error.message)
            if allowed is None or allowed >= size:
                raise
        ws.lessons.page_sizes[self.path] = allowed
        return self._ask(ws, {**body, "page_size": allowed}, listing)

    def _ask(self, ws: Workspace, body: dict[str, Any], listing: Listing) -> list[dict[str, Any]]:
        answer = ws.ask(self.path, body)
        listing.note(answer)
        return self._rows(answer.data)

    def _rows(self, data: Any) -> list[dict[str, Any]]:
        """Return the rows of an answer: a bare array, an object with `items`, or nothing at all."""
        if isinstance(data, dict) and "items" in data:
            data = data["items"]
        if data is None or data == {}:
            return []
        if not isinstance(data, list):
            raise SchemaError("expected an array of rows", endpoint=self.path, value=data)
        if set(map(type, data)) <= {dict}:
            return data
        for row, item in enumerate(data):
            if not isinstance(item, dict):
                raise SchemaError("expected an object", endpoint=self.path, row=row, value=item)
        return data

    def _warn_of_contradiction(
        self, ws: Workspace, frame: pd.DataFrame, body: Mapping[str, object]
    ) -> None:
        asked = body.get(self.state_flag) if self.state_flag else None
        if asked is None or not (frame["active"] != asked).any():
            return
        warn_of_contradiction(ws, self.path, str(self.state_flag), asked)


def warn_of_contradiction(ws: Workspace, path: str, flag: str, asked: object) -> None:
    """Warn that a flag brought rows of the other state."""
    ws.warn(
        f"{path}: asked for {flag}={asked}, got rows that are active={not asked}: the API takes "
        "the flag in another sense than its name. The rows are as they came; judge them by "
        "their project's column `active`.",
        SemanticsWarning,
    )


def _allowed_page_size(message: str) -> int | None:
    """Return the page size that a refusal leaves: the one it names, or the documented one."""
    if not _PAGE_SIZE_IN_MESSAGE.search(message):
        return None
    named = re.search(r"\d+", message)
    return max(int(named[0]), 2) if named else DOCUMENTED_PAGE


def _checked(name: str, value: object) -> object:
    if name in _ID_LISTS:
        return id_list(name, value)
    if name in _INTEGERS:
        return _integer(name, value, least=_INTEGERS[name])
    expected: type = str if name in _TEXTS else bool
    if isinstance(value, np.bool_):
        value = bool(value)
    if not isinstance(value, expected):
        raise TypeError(f"{name} is {_NAMES[expected]}, not {value!r}")
    if value == "":
        raise ConfigError(f"{name} is empty; leave it out to look for all")
    return value


_NAMES: Final[dict[type, str]] = {str: "text", bool: "True or False"}


def _integer(name: str, value: object, *, least: int) -> int:
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} is a whole number, not {value!r}")
    if value < least:
        raise ConfigError(f"{name} is at least {least}, not {value!r}")
    if value >= TOO_LARGE:
        raise ConfigError(f"{name} is a 64-bit number, not {value!r}")
    return int(value)


def id_list(name: str, value: object) -> list[int]:
    """Return the ids once each, in their order; refuse what is not a whole number."""
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise TypeError(f"{name} is a list of whole numbers, not {value!r}")
    return list(dict.fromkeys(_id(name, item) for item in value))


def _id(name: str, item: object) -> int:
    if item is None or item is pd.NA or item is pd.NaT:
        raise _missing_id(name)
    if isinstance(item, float | np.floating):
        # pandas makes floats of integers that stand beside a null
        if np.isnan(item):
            raise _missing_id(name)
        if not float(item).is_integer():
            raise ConfigError(f"{name} has {item!r}, which is not a whole number")
        if abs(float(item)) >= EXACT_FLOAT:
            raise ConfigError(
                f"{name} has {item!r}: so large a float may have been another id; "
                'keep ids as integers, with nulls as dtype="Int64"'
            )
    elif isinstance(item, bool | np.bool_) or not isinstance(item, int | np.integer):
        raise TypeError(f"{name} has {item!r}, which is not a whole number")
    if not 0 < item < TOO_LARGE:
        raise ConfigError(f"{name} has {item!r}; an id is a positive 64-bit number")
    return int(item)


def _missing_id(name: str) -> ConfigError:
    return ConfigError(f"{name} has a missing value (NA); drop it first, e.g. with .dropna()")
