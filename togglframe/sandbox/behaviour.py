"""The settings of the sandbox: how the vendor behaves, and which faults to inject."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, Self, TypeAlias, get_args

Deception: TypeAlias = Literal[
    "entry_edited",
    "entry_added",
    "entry_deleted",
    "narrow_range",
    "stuck_cursor",
    "repeated_page",
    "lost_page",
]
FaultKind: TypeAlias = Literal[
    "status",
    "reset",
    "reset_during",
    "cut",
    "silent",
    "slow",
    "html",
    "truncated",
    "wrong_shape",
    "payload",
    Deception,
]

FOREVER = -1
DECEPTIONS = get_args(Deception)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What the vendor's page leaves open, and the quirks of compatible servers.

    The defaults are the plain vendor: what is documented, or else most probable.

    Parameters
    ----------
    omitted_active_filters : bool
        Projects and their statuses: a request without ``is_active``/``active`` hides the
        archived ones. (Users without ``active`` are always the active ones alone.)
    active_means_archived : bool
        Projects and their statuses: the parameter is reversed, ``true`` asks for the
        archived ones.
    status_needs_ids : bool
        ``projects/status`` without ``ids`` answers 400 "At least one parameter must be set".
    exclusive_cursor : bool
        A page begins after the cursor (``id > start``) instead of at it.
    ignore_cursor : bool
        The cursor is not looked at: every page is the first one.
    offset_cursor : bool
        The cursor counts rows to skip; it is not an id.
    page_rows : int
        Rows of a page when no ``page_size`` is asked for, or the endpoint has none.
    page_size_clamp : int or None
        No page is longer than this, whatever was asked; nothing is said about it.
    max_page_size : int or None
        A larger ``page_size`` answers 400.
    shuffle_pages : bool
        The rows of a page come in a random (deterministic) order. Which rows make the page
        does not change.
    posted_ids_cap : int
        The most ids in one list of projects, project_users and project_groups. The vendor
        documents the others: clients 2000, users 100, tasks 2000.
    status_ids_cap : int or None
        The same for ``projects/status`` and ``tasks/status``, which document none.
    empty : {"null", "[]", "{}", ""}
        How an answer without rows is written, verbatim (``wrap_items`` does not touch it).
    wrap_items : bool
        Rows come as ``{"items": [...]}`` instead of a bare array.
    drop_null_keys : bool
        A key whose value is null is left out of its row.
    extra_fields : bool
        Rows carry keys that the vendor's page does not name: an integer above 2**53, a
        number, a boolean, a string that may be null, a list and an object.
    vary : str or None
        A ``Vary`` header of this value on every answer.
    error_style : {"string", "error_message", "message"}
        An error is a JSON string with a newline after it, or an object with that key.
    hide_rates : bool or None
        Hourly rates, labour costs and amounts of time entries are null. None: on the free plan
        only, where the amounts of statuses are null too.
    hide_tasks : bool or None
        The tasks endpoints answer 402. None: on the free plan only.
    requests_per_second : float or None
        Faster requests answer 429, by a leaky bucket. A request may come a tenth of the
        interval early.
    burst : int
        How many requests the bucket takes at once.
    entry_page_cap : int
        The largest ``page_size`` of ``search/time_entries``.
    entry_page_clamp : bool
        A larger one is cut to the cap, and ``X-Page-Size`` says so, instead of a 400.
    two_cursors_are_empty : bool
        ``first_id`` beside ``first_row_number`` answers with no rows; else it is ignored.
    empty_report : {"[]", "null", "{}", ""}
        How an empty array of the reports of time is written, verbatim; the groups of an
        empty summary are null where it is "null".
    wrap_data : bool
        Arrays of the reports of time come as ``{"data": [...]}``.
    no_description : str or None
        What an entry without a description has: "" or null.
    max_range_days : int
        How many days a report of time may have, both ends counted.
    shrink_long_ranges : bool
        A longer range is cut at its end, and ``X-Range-End`` says so, instead of a 400.
    one_sided_range : {"week", "day"}
        How long a range is of which one end was sent alone.
    history_days : int or None
        A range that begins more days before today answers 402.
    preferred_rounding, preferred_rounding_minutes : int
        How the caller's preferences round where a body does not say.
    zero_rounding_is_none : bool
        ``rounding`` 0 does not round, whatever the minutes; else it rounds to the nearest.
    default_rounding_is_paid : bool
        The free plan answers 402 to ``rounding`` and ``rounding_minutes`` that are 0 as well.
    zero_amounts : bool
        The amount and rate of an entry that is not billed are 0 instead of null.
    unrounded_totals : bool
        Totals sum what was not rounded to the cent, so that rows and totals differ by cents.
    calendar_periods : bool
        Weeks begin on Monday and months on the first, and the first period may be a part;
        else they are counted from the first day of the range.
    summary_money : {"all", "rates", "billable_seconds", "none"}
        What a sub-group of a summary tells of money: amount, rate, currency and ``rates``;
        ``rates`` and ``billable_seconds`` alone; the latter alone; nothing.
    hidden_weeks : {"null", "[]", "zeros"}
        What stands for the billable seconds and amounts of a weekly row that are hidden.
    tags_apart : bool
        A summary by tags has an entry under each of its tags, instead of under their set.
    status_in_milliseconds : bool
        The times of statuses, of projects and of tasks, are milliseconds whatever their names
        say; else seconds.
    billable_amount_in_cents : bool
        ``billable_amount`` of statuses is in cents; else in whole units.
    labour_cost_in_cents : bool
        ``labour_cost`` of memberships is in cents; else in whole units.
    days_of_utc : bool
        An entry belongs to the day on which it begins in UTC, not on its tracker's own clock.
    earnings_in_cents : bool
        ``earnings`` and ``labour_cost`` of Insights and trends are cents; else whole units.
    is_admin : bool
        The caller may see profitability and Insights, which answer 403 to others.
    """

    omitted_active_filters: bool = False
    active_means_archived: bool = False
    status_needs_ids: bool = False
    exclusive_cursor: bool = False
    ignore_cursor: bool = False
    offset_cursor: bool = False
    page_rows: int = 201
    page_size_clamp: int | None = None
    max_page_size: int | None = None
    shuffle_pages: bool = False
    posted_ids_cap: int = 1000
    status_ids_cap: int | None = None
    empty: Literal["null", "[]", "{}", ""] = "null"
    wrap_items: bool = False
    drop_null_keys: bool = False
    extra_fields: bool = False
    vary: str | None = None
    error_style: Literal["string", "error_message", "message"] = "string"
    hide_rates: bool | None = None
    hide_tasks: bool | None = None
    requests_per_second: float | None = None
    burst: int = 1
    entry_page_cap: int = 1000
    entry_page_clamp: bool = False
    two_cursors_are_empty: bool = True
    empty_report: Literal["[]", "null", "{}", ""] = "[]"
    wrap_data: bool = False
    no_description: Literal[""] | None = ""
    max_range_days: int = 366
    shrink_long_ranges: bool = False
    one_sided_range: Literal["week", "day"] = "week"
    history_days: int | None = None
    preferred_rounding: int = 0
    preferred_rounding_minutes: int = 0
    zero_rounding_is_none: bool = False
    default_rounding_is_paid: bool = False
    zero_amounts: bool = False
    unrounded_totals: bool = False
    calendar_periods: bool = False
    summary_money: Literal["all", "rates", "billable_seconds", "none"] = "all"
    hidden_weeks: Literal["null", "[]", "zeros"] = "null"
    tags_apart: bool = False
    status_in_milliseconds: bool = False
    billable_amount_in_cents: bool = True
    labour_cost_in_cents: bool = True
    days_of_utc: bool = False
    earnings_in_cents: bool = True
    is_admin: bool = True

    def __post_init__(self) -> None:
        """Refuse cursors that contradict each other."""
        if self.exclusive_cursor + self.ignore_cursor + self.offset_cursor > 1:
            raise ValueError(
                "exclusive_cursor, ignore_cursor and offset_cursor cannot be combined; choose one"
            )

    @classmethod
    def of_words(cls, words: Iterable[str]) -> Self:
        """Make one of what a command line says, such as ``page_rows=50`` or ``empty=[]``.

        ``true``, ``false``, ``null`` and numbers are what they are in JSON, else it is a string.
        """
        known = [field.name for field in fields(cls)]
        said: dict[str, Any] = {}
        for word in words:
            name, equals, value = word.partition("=")
            if not equals:
                raise ValueError(f"{word!r} is not name=value; the names are {', '.join(known)}")
            if name not in known:
                raise ValueError(f"there is no {name!r}; the names are {', '.join(known)}")
            said[name] = _value(value)
        return cls(**said)

    def encode_report(self, rows: Sequence[str]) -> bytes:
        """Write an array of a report of time, of rows that are JSON already."""
        if not rows:
            return self.empty_report.encode()
        array = f"[{','.join(rows)}]"
        return (f'{{"data":{array}}}' if self.wrap_data else array).encode()


def _value(word: str) -> Any:
    try:
        value = json.loads(word)
    except ValueError:
        return word
    return value if value is None or isinstance(value, bool | int | float) else word


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong with a request; order it with `Sandbox.inject`.

    A fault comes before the checks of the token, the quota and the body. What is answered
    counts against the quota, 429 and 5xx too; ``reset``, ``silent``, 401 and 403 do not.

    Parameters
    ----------
    kind : str
        - ``"status"``: answer with `status` and an error body like the vendor's.
        - ``"reset"``: the connection is reset (TCP RST) before any answer.
        - ``"reset_during"``: it is reset after the headers and half of the body.
        - ``"cut"``: the whole length is announced, half of the body is sent, then the
          connection is closed.
        - ``"silent"``: no answer comes; the connection stays open until the client goes.
        - ``"slow"``: the right answer, after `seconds`.
        - ``"html"``: status 200 with an HTML page.
        - ``"truncated"``: status 200, the right answer's JSON cut in the middle, and a
          Content-Length that fits what is left.
        - ``"wrong_shape"``: status 200 with JSON that is not a list of rows,
          ``{"foo": 1}`` unless `body` says otherwise.
        - ``"payload"``: status 200 with `body`, verbatim.
        - ``"entry_edited"``, ``"entry_added"``, ``"entry_deleted"``: the first entry of what
          is asked for is moved to its end, copied to its beginning, or deleted, before the
          answer and for good.
        - ``"narrow_range"``: the answer of the first half of the range, which the headers
          ``X-Range-Start`` and ``X-Range-End`` tell.
        - ``"stuck_cursor"``: the right page, but the next one is this one once more.
        - ``"repeated_page"``: the rows of the page before; the next one is the right one.
        - ``"lost_page"``: the page after the right one, and the next one is that after it.
    status : int
        The HTTP status of a ``"status"`` fault.
    times : int
        How many requests it hits; -1 is all of them.
    after : int
        How many matching requests pass first.
    endpoint : str or None
        The endpoint it hits, such as ``"filters/projects"``; None is any.
    headers : mapping of str to str
        Headers of the answer, over the usual ones (``{"Retry-After": "2"}``).
    body : bytes, str or None
        The answer's body, verbatim, instead of the usual one. One that begins with ``<``
        goes out as HTML.
    seconds : float
        How long to wait before the answer [s], for any kind.

    Examples
    --------
    >>> Fault("status", status=503, times=2, endpoint="filters/projects").times
    2
    """

    kind: FaultKind
    status: int = 500
    times: int = 1
    after: int = 0
    endpoint: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | str | None = None
    seconds: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a fault that could never happen."""
        if self.kind not in get_args(FaultKind):
            raise ValueError(f"kind must be one of {', '.join(get_args(FaultKind))}")
        if self.kind == "payload" and self.body is None:
            raise ValueError("a payload fault needs a body")
        if self.times == 0 or self.times < FOREVER:
            raise ValueError(f"times must be positive, or -1 for ever; got {self.times}")
