"""The doctor: requests that settle the points that the vendor leaves open.

:mod:`togglframe.diagnosis` works out what the answers prove.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from togglframe import diagnosis, tables
from togglframe.api import parsers
from togglframe.api.dates import WEEK, YEAR
from togglframe.api.paging import LARGE_PAGE, PAGE_OF_ENTRIES
from togglframe.api.parsers import Asked, Unnest, bare_rows
from togglframe.diagnosis import (
    Evidence,
    Row,
    Start,
    id_of,
    ids_of,
    local_day,
    number_of,
    state_of,
    states_of,
    utc_day,
)
from togglframe.errors import (
    AccessError,
    ApiError,
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    PremiumFeatureError,
    QuotaExceededError,
    SchemaError,
)
from togglframe.http.client import EXACT, Client, client_of
from togglframe.tables import provenance
from togglframe.workspace import Workspace

__all__ = ["doctor"]

_MOST_REQUESTS: Final = 8
_SPENT: Final = f"the doctor's {_MOST_REQUESTS} requests are used up"
_MOST_ATTEMPTS: Final = 2  # per question, so that one that fails leaves room for the others
_PASSED_BY: Final = 3  # ids that a page should leave out, to see whether it does
_ASKED_IDS: Final = 100
_WEDNESDAY: Final = 2
_ANY_CURRENCY: Final = "USD"

_PROJECTS: Final = "filters/projects"
_STATUSES: Final = "filters/projects/status"
_ENTRIES_PATH: Final = "search/time_entries"

_Error = ApiError | ConnectionFailedError | SchemaError
_HOPELESS: Final = (AccessError, AuthenticationError, ConnectionFailedError, QuotaExceededError)
_OVER: Final = (ConnectionFailedError, QuotaExceededError)


def doctor(ws: Workspace) -> pd.DataFrame:
    """Find out on your own account what the vendor does not document.

    togglframe makes ten assumptions that the vendor's documentation does not settle. Each is
    checked against other answers of the same account. The frame holds no names, numbers or ids of
    yours, so you can show it to others.

    Parameters
    ----------
    ws : Workspace
        The workspace.

    Returns
    -------
    DataFrame
        One row per point: status_seconds, billable_amount, labour_cost, earnings, omitted_active,
        is_active, page_size, cursor, date_zone and plan, in this order. The verdict is "cannot
        tell", with the reason in `seen`, if the account has no data to judge by, no answer came, or
        the requests ran out.

        - point : str. What is checked.
        - assumed : str. What togglframe assumes.
        - seen : str. What the API did.
        - verdict : ordered category. Whether the assumption fits what was seen.
        - consequence : str. What this means for you.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError
        If there is no answer at all: the token is wrong, or one of Toggl 2.0, which is another
        product than Toggl Track; the network fails; or the quota is used up.
    TypeError
        If `ws` is not a Workspace.

    Notes
    -----
    At most eight requests, retries included; fewer if the quota runs out, since the doctor never
    waits for it. No answer is read from the cache or stored there. The doctor looks at one page
    of each listing, and at the time of the last year.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> found = tf.doctor(ws).set_index("point")
    >>> found.loc["is_active", "verdict"]
    'holds'
    >>> ws.usage.requests <= 8
    True
    """
    evidence = _Visit(client_of(ws), ws.today).evidence()
    found = diagnosis.diagnose(evidence)
    frame = pd.DataFrame(
        {
            column.name: pd.Series([getattr(f, column.name) for f in found], dtype=column.dtype)
            for column in tables.DOCTOR
        }
    )
    return provenance.stamp(frame, table=tables.DOCTOR.name)


class _Visit:
    """Asks one question after another until all is settled or the requests are used up."""

    def __init__(self, client: Client, today: dt.date) -> None:
        self._client = client
        self._spent_before = client.usage.requests
        self._found = Evidence(days=(_midweek(today - dt.timedelta(days=YEAR - 1)), today))
        self._error: _Error | None = None
        self._over: str | None = None
        self._exact: Mapping[str, int] = {} if client.learned.rounds else EXACT

    def evidence(self) -> Evidence:
        """Ask the questions that settle most first."""
        self._ask_projects()
        self._ask_state()
        self._ask_year()
        self._ask_profitability()
        self._ask_labour()
        self._ask_what_is_left()
        if not self._found.answers and self._error is not None:
            raise self._error
        return self._found

    # Asking

    @property
    def _left(self) -> int:
        return _MOST_REQUESTS - (self._client.usage.requests - self._spent_before)

    def _reason_not_to_ask(self) -> str | None:
        if self._over is not None:
            return self._over
        if self._left < 1:
            return _SPENT
        usage = self._client.usage
        is_used_up = usage.quota_remaining == 0 and usage.quota_resets_in != 0
        # Before the first answer, ask the API itself: it may allow more by now.
        return "the hourly quota is used up" if is_used_up and self._found.answers else None

    def _ask(
        self,
        question: str,
        path: str,
        body: dict[str, Any],
        read: Unnest = bare_rows,
    ) -> _Error | None:
        """Ask, and keep the rows or the reason why none came; return the error."""
        reason = self._reason_not_to_ask()
        if reason is not None:
            self._found.unanswered[question] = reason
            return None
        attempts = min(self._left, _MOST_ATTEMPTS)
        try:
            answer = self._client.probe(path, body, max_attempts=attempts)
            rows = read(answer.data, Asked(path, body, doubt=lambda _: None))
        except (ApiError, ConnectionFailedError, SchemaError) as error:
            return self._refused(question, error)
        self._found.answers[question] = rows
        self._found.unanswered.pop(question, None)
        return None

    def _refused(self, question: str, error: _Error) -> _Error:
        if isinstance(error, _HOPELESS) and not self._found.answers:
            raise error
        reason = self._found.unanswered[question] = _in_words(error)
        self._error = self._error or error
        if isinstance(error, _OVER):
            self._over = reason
        self._found.for_admins |= isinstance(error, AccessError)
        if isinstance(error, PremiumFeatureError):
            self._found.hidden.append(question)
        return error

    # Projects: their states, pages and cursor

    def _ask_projects(self) -> None:
        """List projects and statuses without a flag, the projects from one of the first ids on."""
        refusal: _Error | None = None
        found = self._found
        wants_ids = _STATUSES in self._client.learned.want_ids
        if not wants_ids:
            refusal = self._ask(diagnosis.STATUSES, _STATUSES, {})
        ids = ids_of(found.rows(diagnosis.STATUSES))
        body: dict[str, Any] = {"page_size": LARGE_PAGE}
        if len(ids) > 1:
            body["start"] = ids[min(_PASSED_BY, len(ids) - 1)]
        self._list_projects(body, ids)
        if wants_ids or isinstance(refusal, BadRequestError):
            listed = found.rows(diagnosis.PROJECTS)
            some = [i for state in (True, False) for i in _of_state(listed, state)[:_ASKED_IDS]]
            if some:
                self._ask(diagnosis.STATUSES, _STATUSES, {"ids": some})

    def _list_projects(self, body: dict[str, Any], ids: list[int]) -> None:
        found, question = self._found, diagnosis.PROJECTS
        if isinstance(self._ask(question, _PROJECTS, body), BadRequestError):
            del body["page_size"]
            self._ask(question, _PROJECTS, body)
            found.page_is_refused = question in found.answers
        if "start" in body and question in found.answers:
            self._note_start(body, ids, found.rows(question), is_listed=False)
            if not found.rows(question):
                del body["start"]
                self._ask(question, _PROJECTS, body)

    def _note_start(
        self, body: Mapping[str, Any], ids: list[int], rows: list[Row], *, is_listed: bool
    ) -> None:
        at = body["start"]
        below = frozenset(number for number in ids if number < at)
        flag = body.get("is_active")
        start = Start(at=at, below=below, is_listed=is_listed, flag=flag, rows=rows)
        self._found.starts.append(start)

    def _ask_state(self) -> None:
        """Ask for the projects of one state, and, if the cursor is not settled, from an id on."""
        found = self._found
        listed = found.rows(diagnosis.PROJECTS)
        states = states_of(listed)
        size = {} if found.page_is_refused else {"page_size": LARGE_PAGE}
        found.flag = states != {True} and bool(states)
        body: dict[str, Any] = {"is_active": found.flag, **size}
        is_settled = diagnosis.has_settled_cursor(found)
        middle = None if is_settled else _before_both_states(listed)
        if middle is not None:
            found.flag = body["is_active"] = middle["active"]
            body["start"] = middle["id"]
        self._ask(diagnosis.FLAGGED, _PROJECTS, body)
        if middle is not None and diagnosis.FLAGGED in found.answers:
            rows = found.rows(diagnosis.FLAGGED)
            self._note_start(body, ids_of(listed), rows, is_listed=True)
        ids = ids_of(listed)
        if len(ids) > 1 and not diagnosis.has_settled_cursor(found):
            body = {"start": ids[min(_PASSED_BY, len(ids) - 1)], **size}
            self._ask(diagnosis.FROM_ID, _PROJECTS, body)
            if diagnosis.FROM_ID in found.answers:
                self._note_start(body, ids, found.rows(diagnosis.FROM_ID), is_listed=True)

    # Time and money of a year

    def _ask_year(self) -> None:
        grouping = {"grouping": "projects", "sub_grouping": "users"}
        summary = "summary/time_entries"
        self._ask_exactly(diagnosis.SUMMARY, summary, grouping, parsers.summary)
        sizes = self._client.learned.page_sizes
        page = {"page_size": sizes.get(_ENTRIES_PATH, PAGE_OF_ENTRIES)}
        error = self._ask_exactly(diagnosis.ENTRIES, _ENTRIES_PATH, page, parsers.entries)
        if isinstance(error, BadRequestError):
            self._ask_exactly(diagnosis.ENTRIES, _ENTRIES_PATH, {}, parsers.entries)

    def _ask_exactly(
        self, question: str, path: str, body: dict[str, Any], read: Unnest
    ) -> _Error | None:
        """Ask for the year in exact time; if the plan refuses that, with the default rounding."""
        error = self._ask(question, path, {**self._range, **self._exact, **body}, read)
        if self._exact and isinstance(error, PremiumFeatureError):
            error = self._ask(question, path, {**self._range, **body}, read)
            if error is None and question in self._found.answers:
                self._exact = {}
                self._found.hidden[-1:] = ["exact time"]
        return error

    @property
    def _range(self) -> dict[str, str]:
        first, last = self._found.days
        return _days(first, last)

    def _ask_profitability(self) -> None:
        listed = self._found.rows(diagnosis.PROJECTS)
        currencies = Counter(str(row["currency"]) for row in listed if row.get("currency"))
        body = {
            **self._range,
            **self._exact,
            "currency": currencies.most_common(1)[0][0] if currencies else _ANY_CURRENCY,
            "resolution": "month",
        }
        path = "profitability/projects"
        self._ask(diagnosis.PROFITABILITY, path, body, parsers.table_rows)

    def _ask_labour(self) -> None:
        """Ask for the labour costs of members, and for the cost of one of their projects."""
        found = self._found
        time: Counter[int] = Counter()
        for row in found.rows(diagnosis.SUMMARY):
            project = id_of(row, "group_id")
            if project is not None:
                time[project] += int(number_of(row, "seconds"))
        if not time:
            return
        if self._left == 1:  # one is of no use without the other
            found.unanswered[diagnosis.MEMBERS] = _SPENT
            return
        busiest = [project for project, _ in time.most_common(_ASKED_IDS)]
        self._ask(diagnosis.MEMBERS, "filters/project_users", {"project_ids": busiest})
        known = found.labour = diagnosis.known_labour(found)
        if known is None:
            return
        body = {
            **self._range,
            **self._exact,
            "project_ids": [known.project_id],
            "user_ids": known.user_ids,
            "with_graph": True,
            "granularity": "day",
        }
        self._ask(diagnosis.TOTALS, "search/time_entries/totals", body, _one_row)

    def _ask_what_is_left(self) -> None:
        found = self._found
        self._ask_day()
        if diagnosis.FLAGGED in found.answers and _is_of_one_state(found) and self._left:
            self._ask(diagnosis.OTHER_STATE, _PROJECTS, {"is_active": not found.flag})
        if self._left:
            self._ask(diagnosis.TASKS, "filters/tasks", {"page_size": 1})

    def _ask_day(self) -> None:
        """Ask for the day of entries that begin on another day in UTC, unless that is settled."""
        found = self._found
        if diagnosis.has_settled_days(found):
            return
        rows = found.rows(diagnosis.ENTRIES)
        crossing = [row for row in rows if local_day(row) != utc_day(row)]
        days = Counter(day for row in crossing if (day := local_day(row)) is not None)
        if not days:
            return
        ((day, _),) = days.most_common(1)
        ids = ids_of(row for row in crossing if day in (local_day(row), utc_day(row)))
        found.day, found.known_ids = day, frozenset(ids[:_ASKED_IDS])
        body = {**_days(day, day), **self._exact, "time_entry_ids": ids[:_ASKED_IDS]}
        body["page_size"] = _ASKED_IDS
        self._ask(diagnosis.DAY, _ENTRIES_PATH, body, parsers.entries)


def _days(first: dt.date, last: dt.date) -> dict[str, str]:
    return {"start_date": first.isoformat(), "end_date": last.isoformat()}


def _midweek(day: dt.date) -> dt.date:
    """Return the next Wednesday, on which and before which people work."""
    return day + dt.timedelta(days=(_WEDNESDAY - day.weekday()) % WEEK)


def _one_row(data: Any, asked: Asked) -> list[Row]:
    """Return the totals as one row."""
    return bare_rows([data], asked)


def _of_state(projects: list[Row], state: bool) -> list[int]:
    return ids_of(row for row in projects if state_of(row) is state)


def _before_both_states(projects: list[Row]) -> Row | None:
    """Return the second project or a later one, after which projects of both states come."""
    rows = [row for row in projects if id_of(row, "id") is not None and state_of(row) is not None]
    rows.sort(key=lambda row: int(row["id"]))
    for place, row in enumerate(rows[1:], 2):
        if states_of(rows[place:]) == {True, False}:
            return row
    return None


def _is_of_one_state(found: Evidence) -> bool:
    """Tell whether neither the listing nor the flag has brought both states."""
    rows = [*found.rows(diagnosis.PROJECTS), *found.rows(diagnosis.FLAGGED)]
    return len(states_of(rows)) == 1 and bool(found.rows(diagnosis.FLAGGED))


_WORDS: Final[dict[type[Exception], str]] = {
    PremiumFeatureError: "the plan refuses it (402)",
    QuotaExceededError: "the hourly quota is used up",
    ConnectionFailedError: "the network failed",
    SchemaError: "the answer has a shape that togglframe does not know",
    AccessError: "this caller may not see it (403)",
}


def _in_words(error: _Error) -> str:
    """Say why no answer came; what the API said itself may hold names and ids."""
    for kind, words in _WORDS.items():
        if isinstance(error, kind):
            return words
    return "too many requests at once" if error.status is None else f"HTTP {error.status}"
