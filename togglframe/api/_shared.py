"""Shared reports: saved reports that are shared by a secret token, as frames of their kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import pandas as pd

from togglframe import tables
from togglframe.api.dates import Day, check_range, day
from togglframe.api.listing import RowCollector
from togglframe.api.parsers import Query, Unnest, entries, summary, week
from togglframe.errors import ConfigError, SchemaError
from togglframe.http.client import Answer, Client, client_of
from togglframe.http.credential import SHARED_REPORT
from togglframe.tables import Table
from togglframe.tables.provenance import of, stamp, warn_of_doubt

if TYPE_CHECKING:
    from togglframe.workspace import Workspace

__all__ = ["shared"]

_PATH: Final = "shared"


# The kinds of reports, by the names of their results.
_KINDS: Final[dict[str, tuple[Table, Unnest]]] = {
    "detailed_results": (tables.TIME_ENTRIES, entries),
    "summary_results": (tables.SUMMARY_TIME_ENTRIES, summary),
    "weekly_results": (tables.WEEKLY_TIME_ENTRIES, week),
}
# For the rows of a detailed report: the id, the field for its name, and the dictionary to look in.
_NAMES: Final = (
    ("user_id", "username", "users"),
    ("project_id", "project_name", "projects"),
    ("task_id", "task_name", "tasks"),
)


def shared(
    ws: Workspace, report_token: str, *, start_date: Day | None = None, end_date: Day | None = None
) -> pd.DataFrame:
    """Return the rows of a saved and shared report.

    Parameters
    ----------
    ws : Workspace
        The workspace whose credential is used.
    report_token : str
        The token of the report: the end of its address. It is a secret, and never appears in a
        file, error or log.
    start_date, end_date : str, date, datetime or Timestamp, optional
        The first and last day, both included, instead of the saved ones; detailed and summary
        reports only.

    Returns
    -------
    DataFrame
        A detailed report as :func:`togglframe.api.search.time_entries` returns it, a summary as
        :func:`togglframe.api.summary.time_entries` does, a weekly report as
        :func:`togglframe.api.weekly.time_entries` does. Its attrs hold the `report_name`, the
        `report_type` and the range.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every endpoint does, see :mod:`togglframe.errors`.

    Warns
    -----
    CompletenessWarning
        If the rows do not add up to the totals of the report.

    Notes
    -----
    ``POST /shared/{report_token}``. One request per page; nothing is cached.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> tf.api.shared(ws, "no-such-report")
    Traceback (most recent call last):
    togglframe.errors.AccessError: HTTP 403 on shared/report: ...
    """
    token = _checked(report_token)
    days = {"start_date": start_date, "end_date": end_date}
    fields = {n: day(n, value).isoformat() for n, value in days.items() if value is not None}
    if len(fields) == 1:
        raise ConfigError("start_date and end_date go together; pass both, or neither")
    if fields:
        check_range(fields["start_date"], fields["end_date"])
    with client_of(ws).report(token) as client:
        return _Report(client, fields).frame()


def _checked(report_token: object) -> str:
    """Return the token of a report; no error about it contains it."""
    if not isinstance(report_token, str):
        raise TypeError(f"report_token must be a string, not {type(report_token).__name__}")
    if report_token.strip() in ("", ".", ".."):
        raise ConfigError("report_token is not a valid token")
    return report_token.strip()


class _Report:
    """One shared report, page by page."""

    def __init__(self, client: Client, fields: dict[str, str]) -> None:
        self._client = client
        self._fields = fields
        self._doubts: dict[str, None] = {}

    def frame(self) -> pd.DataFrame:
        first = self._page()
        kind = next((kind for kind in _KINDS if first.data.get(kind)), None)
        if kind is None:
            raise SchemaError(
                f"expected {', '.join(_KINDS)}", endpoint=_PATH, value=sorted(first.data)
            )
        stated = _mapping(_mapping(first.data, kind), "totals").get("seconds")
        listing = RowCollector(_PATH, _KINDS[kind][0])
        seconds = self._read(first, kind, listing, stated if isinstance(stated, int) else 0)
        if isinstance(stated, int) and stated != seconds:
            self._doubt(f"the rows sum to {seconds} s, but the report says {stated} s")
        return self._stamped(listing.frame(self._client.id, self._fields), first.data)

    def _page(self, **more: object) -> Answer:
        fields = {**self._fields, **more}
        query = urlencode(fields)  # the vendor reads one or the other
        answer = self._client.post(f"{SHARED_REPORT}{'?' if query else ''}{query}", fields)
        if not isinstance(answer.data, dict):
            raise SchemaError(
                f"expected a report, got {type(answer.data).__name__}", endpoint=_PATH
            )
        return answer

    def _read(self, answer: Answer, kind: str, listing: RowCollector, stated: int) -> int:
        """Collect the rows of every page; return the sum of their seconds."""
        seen: set[int] = set()
        seconds = 0
        while True:
            rows = self._rows(answer, kind)
            listing.note(answer)
            new = [row for row in rows if row.get("id") not in seen] if seen else rows
            seconds += sum(s for row in new if isinstance(s := row.get("seconds"), int))
            seen.update(listing.add(new))
            following = _next_timestamp(answer, rows)
            is_more = "X-Next-Timestamp" in answer.headers or seconds < stated
            if kind != "detailed_results" or not new or not is_more or not following:
                return seconds
            answer = self._page(first_timestamp=following)

    def _rows(self, answer: Answer, kind: str) -> list[dict[str, Any]]:
        data = answer.data
        # A timestamp says where a page begins, not a row number.
        query = Query(_PATH, {**self._days(data), "first_row_number": None}, self._doubt)
        rows = _KINDS[kind][1](_mapping(data, kind).get("report"), query)
        if kind == "detailed_results":
            _name(rows, _mapping(data, "dictionaries"))
        return rows

    def _days(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the range of a response: the one that it states, or the one requested."""
        dates = {**_mapping(data, "saved_params"), **self._fields, **_mapping(data, "input_params")}
        for name, requested in self._fields.items():
            if str(dates[name])[:10] != requested:
                self._doubt(
                    f"asked for {name} {requested}, but the answer covers {str(dates[name])[:10]}"
                )
        return dates

    def _doubt(self, reason: str) -> None:
        self._doubts[reason] = None

    def _stamped(self, frame: pd.DataFrame, data: Mapping[str, Any]) -> pd.DataFrame:
        saved = self._days(data)
        more = {name: data.get(name) for name in ("report_name", "report_type")}
        dates = {name: saved.get(name) for name in ("start_date", "end_date")}
        stamp(frame, **{**of(frame), **more, **dates})
        if self._doubts:
            message = f"shared: it cannot be proven that all rows came: {'; '.join(self._doubts)}."
            warn_of_doubt(frame, message)
        return frame


def _next_timestamp(answer: Answer, rows: list[dict[str, Any]]) -> int | None:
    """Return where the next page begins: as the answer says, or at its last entry [unix s]."""
    timestamp = answer.headers.get("X-Next-Timestamp", "")
    if timestamp.isascii() and timestamp.isdigit():
        return int(timestamp[:18])
    starts = [start for row in rows if isinstance(start := row.get("start"), str)]
    try:
        moments = [int(dt.datetime.fromisoformat(start).timestamp()) for start in starts]
    except ValueError:
        return None
    return max(moments, default=None)


def _mapping(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the object under this name, an empty one for null."""
    held = data.get(name)
    if held is None:
        return {}
    if not isinstance(held, dict):
        raise SchemaError(
            f"expected an object in {name}, got {type(held).__name__}", endpoint=_PATH
        )
    return held


def _name(rows: list[dict[str, Any]], dictionaries: Mapping[str, Any]) -> None:
    """Add the names that rows give only as ids."""

    def look_up(dictionary: str, number: object) -> Mapping[str, Any]:
        return _mapping(_mapping(dictionaries, dictionary), str(number))

    for row in rows:
        for number, name, dictionary in _NAMES:
            row[name] = row.get(name) or look_up(dictionary, row.get(number)).get("name")
        row["email"] = row.get("email") or look_up("users", row.get("user_id")).get("email")
        client = look_up("projects", row.get("project_id")).get("client_id")
        row["client_name"] = row.get("client_name") or look_up("clients", client).get("name")
        if row.get("tag_names") is None:
            names = [look_up("tags", tag).get("name") for tag in row["tag_ids"]]
            row["tag_names"] = None if None in names else names
