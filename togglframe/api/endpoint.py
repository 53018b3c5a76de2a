"""Endpoint: what a path of the API takes and returns, and how its rows become one frame."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from togglframe import errors
from togglframe.api.dates import Windows
from togglframe.api.estimates import pages_of_entries
from togglframe.api.listing import RowCollector, merged
from togglframe.api.paging import LARGE_PAGE, OnePage, Paging, next_row
from togglframe.api.parameters import Parameter, checked_body
from togglframe.api.parsers import Query, Unnest, bare_rows, checked
from togglframe.api.parts import are_together, covers, row_filter, with_entries, without_page_size
from togglframe.http.client import EXACT, CachedListing, Client, NotCachedError, client_of
from togglframe.http.quota import Plan
from togglframe.http.settings import Root
from togglframe.tables import Table
from togglframe.tables.provenance import doubt, of, stamp
from togglframe.text.formats import plural
from togglframe.warning import warn

if TYPE_CHECKING:
    from tqdm import tqdm

    from togglframe.workspace import Workspace

# The status endpoints document no cap on ids; at this size a request stays small.
SANE_CAP: Final = 1000
MOST_PAGES: Final = 100_000  # of one listing, more than a day at one request a second

_CAP_IN_MESSAGE: Final = re.compile(r"maximum count of posted ids is (\d+)", re.IGNORECASE)
_PAGE_SIZE_IN_MESSAGE: Final = re.compile(r"page[ _]?size", re.IGNORECASE)

Body = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One endpoint of the Reports API.

    Parameters
    ----------
    path : str
        The path below the workspace, for example ``"filters/projects"``; it may have parameters in
        braces.
    table : Table
        The declaration of the frame.
    parameters : mapping of str to Parameter
        Its parameters, as :func:`togglframe.api.parameters.parameters` returns them.
    paging : Paging
        How its pages are read.
    constants : mapping of str to object
        What every body contains in addition.
    unnest : callable
        Turns the parsed answer, given the request, into flat rows.
    root : Root
        The root of the API that the path is below.
    windows : Windows, optional
        How to split a range of days that is longer than one request may span.
    merge_key : callable, optional
        The columns by which rows from several windows are added up, given a body.
    page_size : int
        The page size to ask for, unless it is refused.
    caps : mapping of str to int
        The most ids that one request may post, by parameter, if known.
    lists_all : str, optional
        The function to use instead if an endpoint refuses an empty search.
    narrowed_by : tuple of str
        The parameters of ids by which a complete listing in the cache answers for a part of it, as
        it does for fewer days; without them, no listing does.
    """

    path: str
    table: Table
    parameters: Mapping[str, Parameter]
    paging: Paging = field(default_factory=OnePage)
    constants: Mapping[str, Any] = field(default_factory=dict)
    unnest: Unnest = bare_rows
    root: Root = Root.REPORTS
    windows: Windows | None = None
    merge_key: Callable[[Body], tuple[str, ...]] | None = None
    page_size: int = LARGE_PAGE
    caps: Mapping[str, int] = field(default_factory=dict)
    lists_all: str | None = None
    narrowed_by: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Show the path and the table."""
        return f"Endpoint({self.path!r}, {self.table!r})"

    @property
    def least_requests(self) -> int:
        """The requests for the smallest listing: one page, and another if that proves nothing."""
        return self.paging.least_requests

    @property
    def in_path(self) -> list[str]:
        """The parameters that are part of the path."""
        return [name for name in self.parameters if f"{{{name}}}" in self.path]

    @property
    def has_page_size(self) -> bool:
        """Whether it takes `page_size`."""
        return "page_size" in self.parameters

    def fetch(self, ws: Workspace, **arguments: object) -> pd.DataFrame:
        """Return every row that matches the arguments; None is not sent.

        Parameters
        ----------
        ws : Workspace
            The workspace to request them from.
        **arguments
            The body, with the vendor's names.
        """
        exchange = Exchange(client_of(ws), self)
        body = self.body(**arguments)
        with exchange.forgetting_on_schema_error():
            if all(body[name] != [] for name in self._id_lists(body)):
                self._require_a_criterion(body)
                part = self._read_part(exchange.client, body)
                if part is not None:
                    exchange = part
                else:
                    try:
                        with _progress_bar(self.path, exchange.client.progress) as bar:
                            for page, (piece, rows) in enumerate(self._read(exchange, body), 1):
                                bar.set_postfix_str(_position(piece, page), refresh=False)
                                bar.update(rows)
                    except errors.QuotaExceededError as error:
                        exchange = self._read_cached(exchange.client, body, error)
            frame = self._frame(exchange, body)
        exchange.warn_of_doubts(frame)
        self._warn_of_other_rows(frame, body)
        exchange.keep_listing(frame, body)
        return frame

    def plan(self, ws: Workspace, **arguments: object) -> Plan:
        """Return what a call would cost now, without a request.

        A listing that was fetched before costs as many pages as then; time entries as many as
        listings of other days let expect; another listing as many as the smallest that is not
        empty.
        """
        client, body = client_of(ws), self.body(**arguments)
        before = next(self._recorded(client, body), None)
        pieces = self._pieces(client, body)
        if self.at_hand(client, body):
            cost, is_exact = 0, True
        elif before is not None:
            cost, is_exact = len(before.pages), True
        elif self.narrowed_by:
            listings = client.listings(self.path, self.root)
            cost = pages_of_entries(listings, pieces, ws.today, self.rows_of_page(client, body))
            is_exact = False
        else:
            cost, is_exact = self.least_requests * len(pieces), False
        usage = client.usage
        return Plan({self.path: cost}, is_exact, usage.quota_remaining, usage.quota_resets_in)

    def pages(self, ws: Workspace, **arguments: object) -> Iterator[pd.DataFrame]:
        """Yield the rows of each page as a frame, in the order in which they came.

        For callers that store a listing piece by piece, or may stop before its end. The doubts so
        far are in the provenance of each frame; they are not warned of.

        Parameters
        ----------
        ws : Workspace
            The workspace to request them from.
        **arguments
            The body, with the vendor's names.
        """
        body = self.body(**arguments)
        exchange = Exchange(client_of(ws), self)
        with exchange.forgetting_on_schema_error():
            for _ in self._read(exchange, body):
                yield exchange.pop_rows(body)

    def rows_of_page(self, client: Client, body: Body) -> int:
        """Return the page size to send: the caller's, or the largest that was not refused."""
        learned = client.learned.page_sizes.get(self.path, self.page_size)
        size: int = body.get("page_size") or learned
        return size

    def body(self, **arguments: object) -> Body:
        """Check the arguments of a call and return its body, without None."""
        return checked_body(self.path, self.parameters, arguments)

    def at_hand(self, client: Client, body: Body) -> CachedListing | None:
        """Return a fresh listing in the cache that has the rows of a body, None if there is none.

        The listing of the body itself, or else a complete one that has its rows among others.
        """
        candidates = [*self._recorded(client, body)]
        if self.narrowed_by:
            listings = client.listings(self.path, self.root)
            candidates += [one for one in listings if covers(one, body, self.narrowed_by)]
        return next(filter(client.is_at_hand, candidates), None)

    def _recorded(self, client: Client, body: Body) -> Iterator[CachedListing]:
        """Yield the listing of a body, if it was fetched before."""
        own = without_page_size(body)
        listings = client.listings(self.path, self.root)
        return (listing for listing in listings if listing.body == own)

    def _pieces(self, client: Client, body: Body) -> list[Body]:
        """Return the bodies of the windows, and of the pieces of long id lists."""
        windows = [body] if self.windows is None else self.windows.cut(body)
        return [piece for window in windows for piece in self._split(client, window)]

    def _read_part(self, client: Client, body: Body) -> Exchange | None:
        """Read the rows from another listing in the cache, None if there is none."""
        if not self.narrowed_by:
            return None
        whole = self.at_hand(client, body)
        if whole is None or whole.body == without_page_size(body):
            return None
        columns = {name: self.parameters[name].column or "" for name in self.narrowed_by}
        exchange = Exchange(client, self)
        is_wanted = row_filter(self.table, body, columns)
        for key, moment in whole.pages.items():
            if not exchange.read_cached_page(key, moment, is_wanted):
                return None
        exchange.part_of = {name: whole.body[name] for name in ("start_date", "end_date")}
        if whole.left_out:
            exchange.left_out = whole.left_out
            warn_of_rounding(client, self.path)
        return exchange

    def _read_cached(
        self, client: Client, body: Body, error: errors.QuotaExceededError
    ) -> Exchange:
        """Read the listing from the cache, however old it is, since the quota is used up.

        Only where all its pages are there, each fetched soon after the one before: others may be
        of listings that differ.
        """
        if client.on_quota != "stale":
            raise error
        exchange = Exchange(client, self, is_stale=True)
        is_complete = False
        with contextlib.suppress(NotCachedError):
            for _ in self._read(exchange, body):
                pass
            is_complete = True
        if not is_complete or not are_together(exchange.moments):
            raise error
        client.warn_of_age(error, min(exchange.moments))
        return exchange

    def _frame(self, exchange: Exchange, body: Body) -> pd.DataFrame:
        frame = exchange.listing.frame(exchange.client.id, {**body, **exchange.left_out})
        if self.merge_key is not None:
            frame = merged(frame, self.table, self.merge_key(body))
        if self.windows is not None and self.windows.are_whole:
            wanted = frame["date"] <= body["end_date"]
            frame = frame[wanted].reset_index(drop=True)
        if exchange.part_of:
            stamp(frame, **of(frame), part_of=exchange.part_of)
        return frame

    def _require_a_criterion(self, body: Body) -> None:
        if self.lists_all and all(self.parameters[name].kind == "integer" for name in body):
            raise errors.ConfigError(
                f"{self.path} needs something to search for, such as ids=; "
                f"{self.lists_all} lists all of them"
            )

    def _read(self, exchange: Exchange, body: Body) -> Iterator[tuple[Body, int]]:
        """Read the listing, by windows and by pieces of long id lists.

        Yields for each page the piece that it belongs to, and its number of new rows.
        """
        whole = {**self.constants, **body}
        pieces = [whole] if self.windows is None else self.windows.cut(whole)[::-1]
        while pieces:
            piece = pieces.pop()
            smaller = self._split(exchange.client, piece)
            if len(smaller) > 1:
                pieces.extend(reversed(smaller))
                continue
            try:
                for rows in self.paging.read(exchange, piece):
                    yield piece, rows
            except errors.BadRequestError as error:
                if not self._learn_cap(exchange.client, piece, error):
                    raise
                pieces.append(piece)

    def _id_lists(self, body: Body) -> list[str]:
        return [name for name in body if name in self.parameters and self.parameters[name].is_ids]

    def _split(self, client: Client, body: Body) -> list[Body]:
        """Split id lists at their caps: two long ones into every pair of pieces."""
        learned = client.learned.caps.get(self.path)
        lists = []
        for name in self._id_lists(body):
            caps = [cap for cap in (self.caps.get(name), learned) if cap is not None]
            size = min(caps, default=len(body[name])) or 1
            ids = body[name]
            lists.append([(name, ids[i : i + size]) for i in range(0, len(ids), size)])
        return [{**body, **dict(combination)} for combination in itertools.product(*lists)]

    def _learn_cap(self, client: Client, body: Body, error: errors.BadRequestError) -> bool:
        """Remember the cap that a refusal names; return whether a smaller piece can pass."""
        if not self.table.has_id_key:
            return False  # rows of sums cannot be combined from pieces
        cap = _CAP_IN_MESSAGE.search(error.message)
        longest = max((len(body[name]) for name in self._id_lists(body)), default=0)
        if cap is None or not 0 < int(cap[1]) < longest:
            return False
        client.learned.caps[self.path] = int(cap[1])
        client.keep_learned()
        return True

    def _warn_of_other_rows(self, frame: pd.DataFrame, body: Body) -> None:
        if frame.empty:
            return
        if "date" in self.table and "start_date" in body:
            days = frame["date"].astype("str")
            others = int((~days.between(body["start_date"], body["end_date"])).sum())
            if others:
                message = f"{self.path}: got {plural(others, 'row')} outside the days asked for"
                warn(errors.SemanticsWarning(f"{message}. The rows are as they came."))
        for name, value in body.items():
            column = self.parameters[name].column
            if column is not None and column in self.table:
                _warn_of_others(self.path, name, value, frame[column])


class Exchange:
    """The requests of one call, with the resulting rows and doubts."""

    def __init__(self, client: Client, endpoint: Endpoint, *, is_stale: bool = False) -> None:
        self.client = client
        self._is_stale = is_stale
        self.listing = RowCollector(endpoint.path, endpoint.table)
        self._endpoint = endpoint
        self._doubts: dict[str, None] = {}  # in order, each once
        self._is_cached = False
        self._is_sent = False
        self.left_out: dict[str, str] = {}  # parameters that the plan does not take
        self.headers: Mapping[str, str] = {}
        self.moments: list[dt.datetime] = []
        self.part_of: dict[str, str] = {}  # the days of the cached listing that it is a part of
        self._shared: set[tuple[str, str]] = set()  # the days of entries that share an amount

    def read_cached_page(
        self, key: str, moment: dt.datetime, is_wanted: Callable[[dict[str, Any]], bool]
    ) -> bool:
        """Add the wanted rows of a page in the cache; return whether it is still that page."""
        answer = self.client.cached(key)
        if answer is None or answer.fetched_at != moment:
            return False
        self.listing.note(answer)
        query = Query(self._endpoint.path, {"first_row_number": None}, self.doubt)
        rows = checked(self._endpoint.unnest(answer.data, query), query)
        self.listing.add([row for row in rows if is_wanted(row)])
        return True

    def keep_listing(self, frame: pd.DataFrame, body: Body) -> None:
        """Record a listing that came from the API, for its parts and for later estimates."""
        if not self._is_sent or self._is_stale or self._endpoint.in_path:
            return
        listing = CachedListing(
            body=without_page_size(body),
            pages=dict(zip(self.listing.keys, self.listing.moments, strict=True)),
            is_complete=not self._doubts and are_together(self.moments),
            shared=sorted(self._shared),
            left_out=self.left_out,
        )
        if self._endpoint.narrowed_by:
            listing = with_entries(listing, frame)
        self.client.keep_listing(self._endpoint.path, self._endpoint.root, listing)

    def page(self, body: Body) -> list[int]:
        """Request one page and return the ids of its rows.

        A page size that is refused is halved; exact time that the plan refuses is left out.
        """
        endpoint, query = self._endpoint, body
        if len(self.moments) == MOST_PAGES:
            raise errors.SchemaError(
                f"the listing has no end: {MOST_PAGES:,} pages came, and there is another",
                endpoint=endpoint.path,
            )
        if endpoint.has_page_size:
            query = {**query, "page_size": self.page_size(body)}
        if self.client.learned.rounds:
            query = without_exact(query)
        while True:
            try:
                answer = self.client.post(
                    endpoint.path.format(**query),
                    {name: query[name] for name in query if name not in endpoint.in_path},
                    root=endpoint.root,
                    is_stale=self._is_stale,
                    may_be_stale=False,
                )
                break
            except errors.BadRequestError as error:
                if "page_size" in body or not self._halve_page_size(query, error):
                    raise
                query = {**query, "page_size": self.page_size(body)}
            except errors.PremiumFeatureError:
                if query == without_exact(query):
                    raise
                query = without_exact(query)  # if this is refused too, rounding is not the reason
        if "rounding" in body and "rounding" not in query and not self.left_out:
            self.left_out = dict.fromkeys(EXACT, "as the credential's preferences say")
            warn_of_rounding(self.client, endpoint.path)
        self.listing.note(answer)
        self._is_cached = answer.from_cache
        self._is_sent |= not answer.from_cache
        self.headers = answer.headers
        self.moments.append(answer.fetched_at)
        request = self._query(query)
        return self.listing.add(checked(endpoint.unnest(answer.data, request), request))

    def page_again(self, body: Body) -> list[int]:
        """Request the last page again, unless it was cached, and so requested twice before."""
        if self._is_cached:
            return []
        self.forget()
        return self.page(body)

    def forget(self) -> None:
        """Delete the last page from the cache."""
        self.client.forget(self.listing.keys[-1:])

    def doubt(self, reason: str) -> None:
        """Record why it cannot be proven that all rows came."""
        self._doubts[reason] = None

    def warn_of_doubts(self, frame: pd.DataFrame) -> None:
        """Warn once of all doubts, and stamp them on the frame."""
        if message := self._stamp_doubts(frame):
            warn(errors.CompletenessWarning(message))

    def pop_rows(self, body: Body) -> pd.DataFrame:
        """Return the rows that came since the last call."""
        frame = self.listing.frame(self.client.id, {**body, **self.left_out}, as_they_came=True)
        self.listing = RowCollector(self._endpoint.path, self._endpoint.table)
        self._stamp_doubts(frame)
        return frame

    @contextlib.contextmanager
    def forgetting_on_schema_error(self) -> Iterator[None]:
        """Delete the answers from the cache on a SchemaError, since they would fail again."""
        try:
            yield
        except errors.SchemaError as error:
            self.client.forget(self.listing.keys)
            self.client.redact(error)
            raise

    def _stamp_doubts(self, frame: pd.DataFrame) -> str | None:
        if not self._doubts:
            return None
        message = (
            f"{self._endpoint.path}: it cannot be proven that all rows came: "
            f"{'; '.join(self._doubts)}. Compare the number of rows with Toggl Track."
        )
        doubt(frame, message)
        return message

    def page_size(self, body: Body) -> int:
        """Return the page size to send."""
        return self._endpoint.rows_of_page(self.client, body)

    def _halve_page_size(self, query: Body, error: errors.BadRequestError) -> bool:
        """Remember a smaller page size if the API refuses this one; return whether it does."""
        size = query.get("page_size", 0)
        if size < 4 or not _PAGE_SIZE_IN_MESSAGE.search(error.message):
            return False
        self.client.learned.page_sizes[self._endpoint.path] = size // 2
        self.client.keep_learned()
        return True

    def _query(self, body: Body) -> Query:
        """Return the request, and record a doubt if the answer has another range."""
        path = self._endpoint.path
        start, end = (_day_in(self.headers, name) for name in ("X-Range-Start", "X-Range-End"))
        if "start_date" in body and (start or end):
            start, end = start or body["start_date"], end or body["end_date"]
            if (start, end) != (body["start_date"], body["end_date"]):
                requested = f"{body['start_date']} to {body['end_date']}"
                self.doubt(f"asked for {requested}, but the answer covers {start} to {end}")
        return Query(path, body, self.doubt, start, end, next_row(self.headers), self._shared)


def without_exact(query: Body) -> Body:
    """Return a query without the demand for exact time; a rounding that was chosen stays."""
    if not query.items() >= EXACT.items():
        return query
    return {name: value for name, value in query.items() if name not in EXACT}


def warn_of_rounding(client: Client, path: str) -> None:
    """Warn that times are rounded since the plan refuses exact time, and remember that."""
    client.learned.rounds = True
    message = (
        f"{path}: the workspace's plan does not accept rounding=0, so times are rounded "
        "according to the preferences of the credential's owner."
    )
    warn(errors.SemanticsWarning(message))


def _progress_bar(path: str, progress: bool | None) -> tqdm[Any]:
    """Return a progress bar that counts rows on stderr and disappears when it is done."""
    from tqdm import tqdm  # noqa: PLC0415

    return tqdm(
        desc=path,
        unit=" rows",
        delay=0.5,
        leave=False,
        file=sys.stderr,
        disable=None if progress is None else not progress,
    )


def _position(body: Body, page: int) -> str:
    """Describe the window and page for the progress bar."""
    days = f"{body['start_date']} to {body['end_date']}, " if "start_date" in body else ""
    return f"{days}page {page}"


def _day_in(headers: Mapping[str, str], name: str) -> str | None:
    """Return the day in a header, None if there is none."""
    day = re.match(r"\d{4}-\d\d-\d\d", headers.get(name, ""), re.ASCII)
    return day[0] if day else None


def _warn_of_others(path: str, name: str, requested: object, values: pd.Series[Any]) -> None:
    """Warn of rows that do not match a parameter."""
    if isinstance(requested, bool):
        if (values != requested).any():
            warn_of_contradiction(path, name, requested)
        return
    if isinstance(requested, list):
        is_wanted = values.isin([item for item in requested if item is not None])
        if None in requested:
            is_wanted |= values.isna()
    else:
        is_wanted = values.str.casefold() == str(requested).casefold()
    others = int((~is_wanted).sum())
    if others:
        message = (
            f"{path}: asked for {name}, got {plural(others, 'row')} with another "
            f"{values.name}: the API does not filter as documented. The rows are as they came."
        )
        warn(errors.SemanticsWarning(message))


def warn_of_contradiction(path: str, parameter: str, value: object) -> None:
    """Warn that a parameter returned rows of the other state."""
    message = (
        f"{path}: asked for {parameter}={value}, got other rows: the API interprets "
        "the parameter differently. The rows are as they came; judge them by their own columns."
    )
    warn(errors.SemanticsWarning(message))
