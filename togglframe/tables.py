"""Every table of togglframe, declared once: grain, key and columns.

Casting, docstrings, the reference, Excel formats, CSV headers and axis labels all read the
declarations here. The first half holds what the API sends, with wire names and wire units; the
second half what the joins derive.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

__all__ = ["EARNINGS_UNIT", "MS_PER_HOUR", "TABLES", "Column", "Kind", "Table", "WireUnit"]


def __dir__() -> list[str]:
    return sorted(__all__)


class Kind(StrEnum):
    """What a column holds; the kind decides its dtype."""

    ID = "id"
    BOOLEAN = "boolean"
    STRING = "string"
    DURATION = "duration"
    MONEY = "money"
    TIMESTAMP = "timestamp"
    NAMES = "names"
    IDS = "ids"
    DATE = "date"
    OFFSET = "offset"
    HOURS = "hours"
    RATIO = "ratio"
    COUNT = "count"
    STATE = "state"


class WireUnit(StrEnum):
    """The unit of a number on the wire."""

    SECONDS = "s"
    MILLISECONDS = "ms"
    CENTS = "cents"
    UNITS = "units of the currency"
    UNDOCUMENTED = "a unit that the vendor does not document"


# The vendor does not say what earnings and labour costs of trends and profitability count.
EARNINGS_UNIT: Final = WireUnit.UNDOCUMENTED

MS_PER_HOUR: Final = 3_600_000

_DTYPES: Final[dict[Kind, Any]] = {
    Kind.ID: pd.Int64Dtype(),
    Kind.BOOLEAN: pd.BooleanDtype(),
    Kind.STRING: pd.StringDtype(na_value=np.nan),
    Kind.DURATION: np.dtype("timedelta64[ms]"),
    Kind.MONEY: pd.Float64Dtype(),
    Kind.TIMESTAMP: pd.DatetimeTZDtype("us", "UTC"),
    Kind.NAMES: np.dtype("object"),
    Kind.IDS: np.dtype("object"),
    Kind.DATE: np.dtype("datetime64[us]"),
    Kind.OFFSET: np.dtype("timedelta64[ms]"),
    Kind.HOURS: pd.Float64Dtype(),
    Kind.RATIO: pd.Float64Dtype(),
    Kind.COUNT: pd.Int64Dtype(),
}

_UNITS: Final[dict[Kind, str]] = {
    Kind.MONEY: "currency",
    Kind.HOURS: "h",
    Kind.RATIO: "1",
}


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column.

    Parameters
    ----------
    name : str
        The name in the frame.
    kind : Kind
        What it holds, and so its dtype.
    doc : str
        What it means, in one sentence.
    wire : str, optional
        The name on the wire, where it is another.
    wire_unit : WireUnit, optional
        The unit on the wire, for durations and money.
    categories : tuple of str
        The values of a state, in their order.
    is_additive : bool
        Whether amounts add up to one that means something, as rates do not.
    is_excess : bool
        Whether hours above zero are too many, and below it to spare: they are shown with a sign.
    is_factor : bool
        Whether a ratio is read as a factor, such as 1.25, and not as a share, such as 125 %.
    has_bar : bool
        Whether a bar in the cell shows a ratio at a glance.
    is_sentence : bool
        Whether a text goes on in the next line of a cell.
    stand_in : str, optional
        The column of ids, for a name that is told by its id where it is not known.
    is_sensitive : bool
        Whether it tells of a person what not everybody should read.
    is_blank_missing : bool
        Whether an empty text on the wire says that there is none.
    """

    name: str
    kind: Kind
    doc: str
    wire: str | None = None
    wire_unit: WireUnit | None = None
    categories: tuple[str, ...] = ()
    is_additive: bool = False
    is_excess: bool = False
    is_factor: bool = False
    has_bar: bool = False
    is_sentence: bool = False
    stand_in: str | None = None
    is_sensitive: bool = False
    is_blank_missing: bool = False

    def __repr__(self) -> str:
        """Tell its name, dtype and unit."""
        unit = f" [{self.unit}]" if self.unit else ""
        return f"Column({self.name!r}, {self.dtype_name}{unit})"

    @property
    def wire_name(self) -> str:
        """The name on the wire."""
        return self.wire or self.name

    @cached_property
    def dtype(self) -> Any:
        """The dtype in a frame."""
        if self.kind is Kind.STATE:
            return pd.CategoricalDtype(list(self.categories), ordered=True)
        return _DTYPES[self.kind]

    @property
    def dtype_name(self) -> str:
        """The dtype in words."""
        if self.kind is Kind.STATE:
            return "ordered category"
        lists = {Kind.NAMES: "list of str or NA", Kind.IDS: "list of int or NA"}
        return lists.get(self.kind, str(self.dtype))

    @property
    def unit(self) -> str | None:
        """The unit of the values in a frame, None where there is none."""
        if self.wire_unit is WireUnit.UNDOCUMENTED:
            return "unit not documented"
        return _UNITS.get(self.kind)

    @property
    def label(self) -> str:
        """A heading for people, with its unit: ``"Tracked [h]"``."""
        words = self.name.removesuffix("_hours") if self.kind is Kind.HOURS else self.name
        text = words.removeprefix("n_").replace("_", " ").capitalize()
        text = text.replace("Id", "ID") if text == "Id" else text.replace(" id", " ID")
        return f"{text} [h]" if self.kind is Kind.HOURS else text


@dataclass(frozen=True)
class Table:
    """The declaration of a frame.

    Parameters
    ----------
    name : str
        What the frame is called.
    grain : str
        What one row is.
    key : tuple of str
        The columns that tell the rows apart.
    columns : tuple of Column
        The columns, in their order.
    rank : tuple of str
        What the rows are ordered by, the largest first and NA last; equal rows go by the key.
    is_of_sums : bool
        Whether its rows are sums of what can be compared, in which nothing was set off.
    order : tuple of str
        What the rows of an endpoint are ordered by, NA last; by default the key.
    ignored : frozenset of str
        Names on the wire that say nothing about a row, or nothing that no column says.
    """

    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    rank: tuple[str, ...] = ()
    is_of_sums: bool = False
    order: tuple[str, ...] = ()
    ignored: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        """Tell its name, and how many columns it has; iterating goes through them."""
        return f"Table({self.name!r}, {len(self.columns)} columns)"

    def __iter__(self) -> Iterator[Column]:
        """Go through the columns in their order."""
        return iter(self.columns)

    def __getitem__(self, name: str) -> Column:
        """Return the column of this name."""
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        """Tell whether the table declares a column of this name."""
        return name in self._by_name

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @property
    def names(self) -> list[str]:
        """The names of the columns, in their order."""
        return list(self._by_name)

    @property
    def has_id_key(self) -> bool:
        """Whether one id tells the rows apart."""
        return len(self.key) == 1 and self[self.key[0]].kind is Kind.ID

    def describe(self) -> list[str]:
        """Return one line for each column: name, dtype, unit, meaning; docstrings quote them."""
        return [
            f"- {column.name} : {column.dtype_name}"
            + (f" [{column.unit}]" if column.unit else "")
            + f". {column.doc}"
            for column in self.columns
        ]

    def empty(self) -> pd.DataFrame:
        """Return a frame of no rows with the declared columns and dtypes."""
        return pd.DataFrame({c.name: pd.Series([], dtype=c.dtype) for c in self.columns})


def _column(name: str, kind: Kind, doc: str, **facts: Any) -> Column:
    return Column(name=name, kind=kind, doc=doc, **facts)


def _duration(name: str, doc: str, wire_unit: WireUnit = WireUnit.SECONDS) -> Column:
    wire = name.removesuffix("_time") + "_seconds"
    return Column(name=name, kind=Kind.DURATION, doc=doc, wire=wire, wire_unit=wire_unit)


def _money(name: str, doc: str, wire_unit: WireUnit, **facts: Any) -> Column:
    return Column(name=name, kind=Kind.MONEY, doc=doc, wire_unit=wire_unit, **facts)


# ---------------------------------------------------------------------------------------------
# What the API sends

CLIENTS: Final = Table(
    name="clients",
    grain="client",
    key=("id",),
    columns=(
        _column("id", Kind.ID, "Client id."),
        _column("name", Kind.STRING, "Name of the client."),
    ),
)

PROJECTS: Final = Table(
    name="projects",
    grain="project",
    key=("id",),
    columns=(
        _column("id", Kind.ID, "Project id."),
        _column("name", Kind.STRING, "Name of the project; two projects may share one."),
        _column("client_id", Kind.ID, "Client of the project, NA where it has none."),
        _column("active", Kind.BOOLEAN, "False when the project is archived."),
        _column("billable", Kind.BOOLEAN, "Whether the project is billable."),
        _column("color", Kind.STRING, "Colour of the project in Toggl Track, as #rrggbb."),
        _column("currency", Kind.STRING, "Currency of the project, ISO 4217."),
    ),
)


def _status_columns(entity: str) -> tuple[Column, ...]:
    return (
        _column("id", Kind.ID, f"{entity.capitalize()} id."),
        _duration("tracked_time", f"All time ever tracked on the {entity}."),
        _duration("estimated_time", f"Estimate of the {entity}, NA where it has none."),
        _duration("billable_time", "The billable part of the tracked time."),
        _money(
            "billable_amount", "What the billable time is worth.", WireUnit.CENTS, is_additive=True
        ),
        _column("currency", Kind.STRING, "Currency of the amount, ISO 4217."),
    )


PROJECT_STATUSES: Final = Table(
    name="project_statuses",
    grain="project that has a status",
    key=("id",),
    columns=_status_columns("project"),
)

TASK_STATUSES: Final = Table(
    name="task_statuses",
    grain="task that has a status",
    key=("id",),
    columns=_status_columns("task"),
)

PROJECT_USERS: Final = Table(
    name="project_users",
    grain="membership: a user, or a group, in a project",
    key=("id",),
    columns=(
        _column("id", Kind.ID, "Membership id."),
        _column("project_id", Kind.ID, "Project id."),
        _column("user_id", Kind.ID, "User id, NA where the whole group is the member."),
        _column("group_id", Kind.ID, "Group by which the user is a member, NA if directly."),
        _money("hourly_rate", "Billable rate in this project, per hour.", WireUnit.UNITS),
        _money(
            "labour_cost",
            "Labour cost in this project, per hour.",
            WireUnit.CENTS,
            is_sensitive=True,
        ),
    ),
)

PROJECT_GROUPS: Final = Table(
    name="project_groups",
    grain="group in a project",
    key=("id",),
    columns=(
        _column("id", Kind.ID, "Project group id."),
        _column("project_id", Kind.ID, "Project id."),
        _column("group_id", Kind.ID, "Group id."),
        _column("name", Kind.STRING, "Name of the group."),
    ),
)

USERS: Final = Table(
    name="users",
    grain="user",
    key=("id",),
    columns=(
        _column("id", Kind.ID, "User id."),
        _column("name", Kind.STRING, "Full name."),
        _column("deleted_at", Kind.TIMESTAMP, "When the user was deleted, NA if never."),
    ),
)

USER_DETAILS: Final = Table(
    name="user_details",
    grain="user",
    key=("id",),
    columns=(
        _column("id", Kind.ID, "User id."),
        _column("fullname", Kind.STRING, "Full name."),
        _column("email", Kind.STRING, "E-mail address.", is_sensitive=True),
        _column("avatar", Kind.STRING, "File name of the avatar."),
        _column("active", Kind.BOOLEAN, "Whether the user is active in the workspace."),
        _column("deactivated", Kind.BOOLEAN, "Whether the user was deactivated."),
        _column("deleted_at", Kind.TIMESTAMP, "When the user was deleted, NA if never."),
        _column("workspace_user_id", Kind.ID, "Id of the user's membership of the workspace."),
    ),
)

TASKS: Final = Table(
    name="tasks",
    grain="task",
    key=("id",),
    columns=(
        _column("id", Kind.ID, "Task id."),
        _column("name", Kind.STRING, "Name of the task."),
        _column("active", Kind.BOOLEAN, "False when the task is done."),
        _column("project_id", Kind.ID, "Project id."),
        _column("project_name", Kind.STRING, "Name of the project."),
        _column("project_color", Kind.STRING, "Colour of the project, as #rrggbb."),
        _column("project_billable", Kind.BOOLEAN, "Whether the project is billable."),
        _column("project_is_private", Kind.BOOLEAN, "Whether the project is private."),
        _column("client_id", Kind.ID, "Client of the project, NA where it has none."),
        _column("client_name", Kind.STRING, "Name of the client."),
        _column("user_id", Kind.ID, "User the task is assigned to, NA if nobody."),
        _column("user_name", Kind.STRING, "Name of the assignee."),
        _duration("estimated_time", "Estimate of the task, NA where it has none."),
        _duration("tracked_time", "All time tracked on the task.", WireUnit.MILLISECONDS),
        _money("rate", "Rate of the task, per hour, in the project's currency.", WireUnit.UNITS),
        _column("rate_last_updated", Kind.TIMESTAMP, "When the rate was last changed."),
        _column("recurring", Kind.BOOLEAN, "Whether the task recurs."),
        _column("external_reference", Kind.STRING, "Reference to something outside Toggl Track."),
        _column("integration_ext_id", Kind.STRING, "Id of the linked entity in the other system."),
        _column("integration_ext_type", Kind.STRING, "Type of the linked entity there."),
        _column("integration_provider", Kind.STRING, "The other system: asana, jira, salesforce."),
        _column("permissions", Kind.NAMES, "What the credential may do with the task."),
        _column("avatar_url", Kind.STRING, "Picture of the assignee."),
        _column("toggl_accounts_id", Kind.STRING, "Account id of the assignee."),
        _column("workspace_id", Kind.ID, "Workspace id."),
        _column("at", Kind.TIMESTAMP, "When the task was created or last changed."),
    ),
)


def _text(name: str, doc: str, wire: str | None = None, **facts: Any) -> Column:
    return _column(name, Kind.STRING, doc, wire=wire, is_blank_missing=True, **facts)


def _cents(name: str, doc: str, **facts: Any) -> Column:
    return _money(name, doc, WireUnit.CENTS, **facts)


def _seconds(name: str, doc: str, wire: str) -> Column:
    return Column(name=name, kind=Kind.DURATION, doc=doc, wire=wire, wire_unit=WireUnit.SECONDS)


_TRACKED: Final = "The time tracked."
_BILLABLE: Final = "The billable part of the tracked time, NA where it is not told."
_CURRENCY: Final = _text("currency", "Currency of the amounts, ISO 4217.")
_USER_ID: Final = _column("user_id", Kind.ID, "User id.")
_PROJECT_ID: Final = _column("project_id", Kind.ID, "Project id, NA without a project.")
_AMOUNT: Final = "What the billable time is worth, NA where it is not told."

TIME_ENTRIES: Final = Table(
    name="time_entries",
    grain="time entry",
    key=("id",),
    order=("start", "id"),
    ignored=frozenset({"row_number", "project_color", "project_hex", "at_tz", "toggl_accounts_id"}),
    columns=(
        _column("id", Kind.ID, "Time entry id."),
        _USER_ID,
        _text("user", "Name of who tracked it.", "username"),
        _text("email", "E-mail address of who tracked it.", is_sensitive=True),
        _PROJECT_ID,
        _text("project", "Name of the project.", "project_name", stand_in="project_id"),
        _text("client", "Name of the client.", "client_name", stand_in="client_id"),
        _column("task_id", Kind.ID, "Task id, NA without a task."),
        _text("task", "Name of the task.", "task_name"),
        _text("description", "What was done, NA where nobody said."),
        _column("billable", Kind.BOOLEAN, "Whether the time is billable."),
        _column("tags", Kind.NAMES, "Names of the tags.", wire="tag_names"),
        _column("tag_ids", Kind.IDS, "Ids of the tags."),
        _column("start", Kind.TIMESTAMP, "When it began."),
        _column("stop", Kind.TIMESTAMP, "When it ended."),
        _column("date", Kind.DATE, "The day it began on, where it was tracked.", wire="start"),
        _column(
            "utc_offset",
            Kind.OFFSET,
            "What to add to UTC for the wall clock where it was tracked.",
            wire="start",
        ),
        _seconds("tracked_time", _TRACKED, "seconds"),
        _cents("amount", _AMOUNT, wire="billable_amount_in_cents", is_additive=True),
        _cents("hourly_rate", "Billable rate, per hour.", wire="hourly_rate_in_cents"),
        _CURRENCY,
        _column("updated_at", Kind.TIMESTAMP, "When it was last changed.", wire="at"),
    ),
)


TIME_TOTALS: Final = Table(
    name="time_totals",
    grain="period",
    key=("date",),
    columns=(
        _column("date", Kind.DATE, "The first day of the period."),
        _seconds("tracked_time", _TRACKED, "seconds"),
        _seconds("billable_time", _BILLABLE, "billable_seconds"),
        _cents("amount", _AMOUNT, wire="billable_amount_in_cents", is_additive=True),
        _cents(
            "labour_cost",
            "What the time costs, NA where it is not told.",
            wire="labour_cost_in_cents",
            is_additive=True,
            is_sensitive=True,
        ),
    ),
)

SUMMARY_TIME_ENTRIES: Final = Table(
    name="summary_time_entries",
    grain="sub-group of a group",
    key=("group_id", "sub_group_id", "title", "hourly_rate", "currency"),
    columns=(
        _column("group_id", Kind.ID, "Id of the group, NA for what has none."),
        _column("sub_group_id", Kind.ID, "Id of the sub-group, NA for what has none."),
        _text("title", "Title of the sub-group, NA where it has none."),
        _seconds("tracked_time", _TRACKED, "seconds"),
        _seconds("billable_time", _BILLABLE, "billable_seconds"),
        _cents("amount", _AMOUNT, wire="billable_amount_in_cents", is_additive=True),
        _cents(
            "hourly_rate",
            "Billable rate, per hour, NA where several are in the row.",
            wire="hourly_rate_in_cents",
        ),
        _CURRENCY,
        _column("time_entry_ids", Kind.IDS, "Ids of the entries, NA unless asked for.", wire="ids"),
    ),
)

WEEKLY_TIME_ENTRIES: Final = Table(
    name="weekly_time_entries",
    grain="day of a user, project, task and rate with time in it",
    key=("user_id", "project_id", "task_id", "hourly_rate", "currency", "date"),
    ignored=frozenset({"project_color", "project_hex_color"}),
    columns=(
        _USER_ID,
        _text("user", "Name of the user.", "user_name"),
        _PROJECT_ID,
        _text("project", "Name of the project.", "project_name", stand_in="project_id"),
        _text("client", "Name of the client.", "client_name", stand_in="client_id"),
        _column("task_id", Kind.ID, "Task id, NA without a task.", wire="planned_task_id"),
        _column("date", Kind.DATE, "The day."),
        _seconds("tracked_time", _TRACKED, "seconds"),
        _seconds("billable_time", _BILLABLE, "billable_seconds"),
        _cents("amount", _AMOUNT, wire="billable_amounts_in_cents", is_additive=True),
        _cents("hourly_rate", "Billable rate, per hour.", wire="hourly_rate_in_cents"),
        _CURRENCY,
    ),
)

PROJECT_USER_HOURS: Final = Table(
    name="project_user_hours",
    grain="user in a project",
    key=("project_id", "user_id"),
    columns=(
        _PROJECT_ID,
        _USER_ID,
        _seconds("tracked_time", _TRACKED, "tracked_seconds"),
        _seconds("billable_time", _BILLABLE, "billable_seconds"),
    ),
)

COMPARATIVE: Final = Table(
    name="comparative",
    grain="period",
    key=("date",),
    columns=(
        _column("date", Kind.DATE, "The first day of the period."),
        _seconds("tracked_time", _TRACKED, "total_seconds"),
    ),
)


def _undocumented(name: str, doc: str, **facts: Any) -> Column:
    return _money(name, doc, EARNINGS_UNIT, is_additive=True, **facts)


_EARNINGS: Final = _undocumented("earnings", "What was earned, as the API says it.")
_LABOUR_COST: Final = _undocumented(
    "labour_cost", "What the time cost, as the API says it.", is_sensitive=True
)


def _trend(name: str, entity: str, *columns: Column) -> Table:
    return Table(
        name=name,
        grain=f"{entity} in a period",
        key=("date", f"{entity}_id"),
        columns=(
            _column("date", Kind.DATE, "The first day of the period."),
            *columns,
            _seconds("tracked_time", _TRACKED, "total_seconds"),
            _seconds("billable_time", _BILLABLE, "billable_seconds"),
            _EARNINGS,
            _CURRENCY,
        ),
    )


_COLOR: Final = _column("color", Kind.STRING, "Colour of the project.")

CLIENT_TRENDS: Final = _trend(
    "client_trends",
    "client",
    _column("client_id", Kind.ID, "Client id, NA without a client."),
    _text("client", "Name of the client.", "name", stand_in="client_id"),
)
PROJECT_TRENDS: Final = _trend(
    "project_trends",
    "project",
    _PROJECT_ID,
    _text("project", "Name of the project.", "name", stand_in="project_id"),
    _COLOR,
)
USER_TRENDS: Final = _trend(
    "user_trends", "user", _USER_ID, _text("user", "Name of the user.", "name")
)

PROJECT_PROFITABILITY: Final = Table(
    name="project_profitability",
    grain="project",
    key=("project_id", "currency"),
    columns=(
        _PROJECT_ID,
        _text("project", "Name of the project.", "name", stand_in="project_id"),
        _COLOR,
        _seconds("tracked_time", _TRACKED, "total_seconds"),
        _seconds("billable_time", _BILLABLE, "billable_seconds"),
        _EARNINGS,
        _LABOUR_COST,
        _CURRENCY,
    ),
)

PROFITABILITY_TREND: Final = Table(
    name="profitability_trend",
    grain="period",
    key=("date", "currency"),
    columns=(
        _column("date", Kind.DATE, "The first day of the period."),
        _EARNINGS,
        _LABOUR_COST,
        _CURRENCY,
    ),
)

PERIOD_COMPARISON: Final = Table(
    name="period_comparison",
    grain="project and place in the period",
    key=("project_id", "position"),
    ignored=frozenset({"previousStart"}),
    columns=(
        _PROJECT_ID,
        _column("user_ids", Kind.IDS, "Ids of who worked on it."),
        _column("start", Kind.DATE, "The first day of the period."),
        _column("end", Kind.DATE, "The last day of the period."),
        _column("position", Kind.COUNT, "The place in both periods, from 0 on."),
        _seconds("current_time", "The time tracked in the period.", "current_period_seconds"),
        _seconds("previous_time", "That of the period before.", "previous_period_seconds"),
    ),
)

# ---------------------------------------------------------------------------------------------
# What the joins derive

BUDGET_STATES: Final = (
    "no_status",
    "no_estimate",
    "zero_estimate",
    "not_started",
    "over",
    "at_risk",
    "on_track",
)
MEMBER_KINDS: Final = ("user", "user_via_group", "group", "unknown")
SEVERITIES: Final = ("error", "warning", "info")


def _state(name: str, doc: str, categories: tuple[str, ...]) -> Column:
    return Column(name=name, kind=Kind.STATE, doc=doc, categories=categories)


def _factor(name: str, doc: str) -> Column:
    return _column(name, Kind.RATIO, doc, is_factor=True)


def _excess(name: str, doc: str) -> Column:
    return _column(name, Kind.HOURS, doc, is_excess=True)


def _cost(name: str, doc: str) -> Column:
    return _column(name, Kind.MONEY, doc, is_sensitive=True)


def _name(name: str, doc: str, stand_in: str) -> Column:
    return _column(name, Kind.STRING, doc, stand_in=stand_in)


_DERIVED: Final = {
    column.name: column
    for column in (
        # who and what
        _column("project_id", Kind.ID, "Project id."),
        _name("project", "Name of the project, NA where it is not listed.", "project_id"),
        _column("client_id", Kind.ID, "Client id, NA where the project has no client."),
        _name("client", "Name of the client.", "client_id"),
        _column("task_id", Kind.ID, "Task id."),
        _column("task", Kind.STRING, "Name of the task."),
        _column("membership_id", Kind.ID, "Membership id."),
        _column("user_id", Kind.ID, "User id."),
        _column("user", Kind.STRING, 'Name of the user, "User 123 (not listed)" if unknown.'),
        _name("assignee", "Whom the task is assigned to; others may track on it.", "user_id"),
        _column("email", Kind.STRING, "E-mail address of the user.", is_sensitive=True),
        _column("user_active", Kind.BOOLEAN, "Whether the user is active, NA if not listed."),
        _column("group_id", Kind.ID, "Group id."),
        _column("group", Kind.STRING, "Name of the group."),
        _column("active", Kind.BOOLEAN, "False when the project is archived."),
        _column("billable", Kind.BOOLEAN, "Whether the project is billable."),
        _column("color", Kind.STRING, "Colour of the project in Toggl Track, as #rrggbb."),
        _column("currency", Kind.STRING, "Currency of every amount in the row, ISO 4217."),
        _state("kind", "How the member belongs to the project.", MEMBER_KINDS),
        # hours
        _column("tracked_hours", Kind.HOURS, "All time ever tracked, NA without a status."),
        _column("estimated_hours", Kind.HOURS, "Estimate, NA where there is none."),
        _column("billable_hours", Kind.HOURS, "The billable part of the tracked hours."),
        _column("non_billable_hours", Kind.HOURS, "Tracked minus billable."),
        _column("remaining_hours", Kind.HOURS, "Estimate minus tracked; negative when over."),
        _excess("variance_hours", "Tracked minus estimate; positive is over."),
        _excess("overrun_hours", "The positive part of the variance."),
        _column(
            "comparable_tracked_hours", Kind.HOURS, "Tracked on what has an estimate above zero."
        ),
        _excess("gross_overrun_hours", "Sum of the overruns, savings not set off."),
        _column("saved_hours", Kind.HOURS, "What archived projects left of their estimates."),
        _column("task_tracked_hours", Kind.HOURS, "Tracked on the tasks of the project."),
        _column("task_estimated_hours", Kind.HOURS, "Sum of the estimates of the tasks."),
        _column("untasked_hours", Kind.HOURS, "Tracked on the project, but on no task."),
        _column("estimate_gap_hours", Kind.HOURS, "Project estimate minus the tasks' estimates."),
        _column("hours_affected", Kind.HOURS, "Hours at stake in the finding, NA if none."),
        # ratios
        _column("progress", Kind.RATIO, "Tracked over estimate.", has_bar=True),
        _column("billable_share", Kind.RATIO, "Billable over tracked."),
        _column("estimate_coverage", Kind.RATIO, "Share of tracked hours that have an estimate."),
        _factor("accuracy_ratio", "Tracked over estimate; 2 is twice the estimate."),
        _factor("log2_ratio", "Base-2 logarithm of the accuracy ratio."),
        _column("abs_pct_error", Kind.RATIO, "Distance from the estimate, over the estimate."),
        _factor("median_ratio", "Median of the accuracy ratios."),
        _factor("p80_ratio", "80 % of the tasks stay at or below this ratio."),
        _column("share_over", Kind.RATIO, "Share of the tasks that went over their estimate."),
        _factor("bias", "Sum of tracked over sum of estimates."),
        _column("mdape", Kind.RATIO, "Median absolute percentage error."),
        _factor("suggested_multiplier", "p80_ratio where n is at least 10."),
        _column("tasked_share", Kind.RATIO, "Share of the project's hours that are on tasks."),
        _column("unit_margin_pct", Kind.RATIO, "Unit margin over hourly rate.", is_sensitive=True),
        # money
        _column(
            "amount",
            Kind.MONEY,
            "Worth of the billable time; NA is unknown, not zero.",
            is_additive=True,
        ),
        _column("effective_rate", Kind.MONEY, "Amount per billable hour."),
        _column("realised_rate", Kind.MONEY, "Amount per tracked hour."),
        _column("hourly_rate", Kind.MONEY, "Billable rate, per hour; NA if not visible."),
        _cost("labour_cost", "Labour cost, per hour; NA if not visible."),
        _column("hourly_rate_min", Kind.MONEY, "Lowest hourly rate known in this currency."),
        _column("hourly_rate_max", Kind.MONEY, "Highest hourly rate known in this currency."),
        _cost("labour_cost_min", "Lowest labour cost known in this currency."),
        _cost("labour_cost_max", "Highest labour cost known in this currency."),
        _column("rate", Kind.MONEY, "Rate of the task, per hour."),
        _cost("unit_margin", "Hourly rate minus labour cost."),
        # counts
        _column("n", Kind.COUNT, "Tasks with an estimate above zero."),
        _column("n_projects", Kind.COUNT, "Projects."),
        _column("n_active", Kind.COUNT, "Projects that are not archived."),
        _column("n_over", Kind.COUNT, "How many are over their estimate."),
        _column("n_at_risk", Kind.COUNT, "How many are at risk."),
        _column("n_no_estimate", Kind.COUNT, "How many have no estimate; zero is one."),
        _column("n_tasks", Kind.COUNT, "Tasks."),
        _column("n_open", Kind.COUNT, "Open tasks."),
        _column("n_members", Kind.COUNT, "Distinct users among the members."),
        _column("n_groups", Kind.COUNT, "Memberships of whole groups."),
        _column("n_memberships", Kind.COUNT, "Membership rows behind this row."),
        # booleans and strings
        _column("members_known", Kind.BOOLEAN, "False where a whole group is a member."),
        _column("done", Kind.BOOLEAN, "Whether the task is done."),
        _column("recurring", Kind.BOOLEAN, "Whether the task recurs."),
        _column(
            "below_cost", Kind.BOOLEAN, "Whether the rate is below the cost.", is_sensitive=True
        ),
        _column(
            "rate_conflict", Kind.BOOLEAN, "Whether the rows behind it know two rates or costs."
        ),
        _column(
            "tracked_exceeds_project",
            Kind.BOOLEAN,
            "Whether tasks hold more hours than the project.",
        ),
        _column(
            "estimate_exceeds_project", Kind.BOOLEAN, "Whether task estimates exceed the project's."
        ),
        _column("rate_source", Kind.STRING, '"project_user", or NA: inherited and not visible.'),
        _column("external_reference", Kind.STRING, "Reference to something outside Toggl Track."),
        _column("integration_provider", Kind.STRING, "The other system: asana, jira, salesforce."),
        _column("integration_ext_id", Kind.STRING, "Id of the linked entity in the other system."),
        _column("integration_ext_type", Kind.STRING, "Type of the linked entity there."),
        _state("budget_state", "Where the project stands against its estimate.", BUDGET_STATES),
        _state("task_state", "Where the task stands against its estimate.", BUDGET_STATES),
        _state("severity", "How much the finding matters.", SEVERITIES),
        _column("check", Kind.STRING, "The check that found it."),
        _column("entity", Kind.STRING, "What the id is of: project, task, member, workspace."),
        _column("id", Kind.ID, "Id of the entity."),
        _column("label", Kind.STRING, "Name of the entity."),
        _column("detail", Kind.STRING, "What was found, in one sentence.", is_sentence=True),
        # exact
        _column("tracked_time", Kind.DURATION, "Tracked, exact."),
        _column("estimated_time", Kind.DURATION, "Estimate, exact."),
        _column("billable_time", Kind.DURATION, "Billable, exact."),
        _column("task_tracked_time", Kind.DURATION, "Tracked on tasks, exact."),
        _column("task_estimated_time", Kind.DURATION, "Estimates of the tasks, exact."),
    )
}


def _derived(
    name: str,
    grain: str,
    key: tuple[str, ...],
    columns: str,
    *,
    rank: str = "",
    is_of_sums: bool = False,
    **docs: str,
) -> Table:
    """Make a table out of the derived columns named in a string; `docs` say what differs here."""
    picked = (_DERIVED[column] for column in columns.split())
    return Table(
        name=name,
        grain=grain,
        key=key,
        columns=tuple(replace(c, doc=docs[c.name]) if c.name in docs else c for c in picked),
        rank=tuple(rank.split()),
        is_of_sums=is_of_sums,
    )


_BUDGET_HEAD: Final = """
    project_id project client_id client active billable color currency
    tracked_hours estimated_hours billable_hours non_billable_hours progress
    remaining_hours variance_hours overrun_hours billable_share
    amount effective_rate realised_rate budget_state
"""
_BUDGET_TAIL: Final = " tracked_time estimated_time billable_time"
_BUDGET_RANK: Final = "overrun_hours progress"

PROJECT_BUDGET: Final = _derived(
    "project_budget",
    "project, also one that has only a status",
    ("project_id",),
    _BUDGET_HEAD + _BUDGET_TAIL,
    rank=_BUDGET_RANK,
)

PROJECT_BUDGET_MEMBERS: Final = _derived(
    "project_budget_members",
    "project, also one that has only a status",
    ("project_id",),
    _BUDGET_HEAD
    + """
    n_members n_groups members_known
    hourly_rate_min hourly_rate_max labour_cost_min labour_cost_max
    """
    + _BUDGET_TAIL,
    rank=_BUDGET_RANK,
)

_CLIENT_COUNTS: Final = " n_projects n_over n_at_risk n_no_estimate tracked_hours billable_hours"
_CLIENT_TAIL: Final = """
    comparable_tracked_hours estimated_hours progress
    variance_hours gross_overrun_hours saved_hours remaining_hours estimate_coverage
"""
_CLIENT_RANK: Final = "gross_overrun_hours progress"
_SUMMARY_DOCS: Final = {
    "billable_share": "Billable over tracked, of the projects where both are known.",
    "effective_rate": "Amount per billable hour, of the projects where both are known.",
}
_CLIENT_DOCS: Final = {
    **_SUMMARY_DOCS,
    "estimated_hours": "Sum of the estimates above zero, where the tracked time is known.",
    "progress": "Comparable tracked over estimate.",
    "variance_hours": "Comparable tracked minus estimate: gross overrun - saved - remaining.",
    "remaining_hours": "What is left on projects not archived, overruns not set off.",
}

CLIENT_SUMMARY: Final = _derived(
    "client_summary",
    "client and currency",
    ("client_id", "currency"),
    "client_id client currency"
    + _CLIENT_COUNTS
    + " billable_share amount effective_rate"
    + _CLIENT_TAIL,
    rank=_CLIENT_RANK,
    is_of_sums=True,
    **_CLIENT_DOCS,
)

CLIENT_HOURS: Final = _derived(
    "client_hours",
    "client",
    ("client_id",),
    "client_id client" + _CLIENT_COUNTS + " billable_share" + _CLIENT_TAIL,
    rank=_CLIENT_RANK,
    is_of_sums=True,
    **_CLIENT_DOCS,
)

WORKSPACE_SUMMARY: Final = _derived(
    "workspace_summary",
    "currency",
    ("currency",),
    """
    currency n_projects n_active tracked_hours billable_hours billable_share
    amount effective_rate n_over gross_overrun_hours estimate_coverage
    """,
    rank="tracked_hours",
    is_of_sums=True,
    **_SUMMARY_DOCS,
)

WORKSPACE_HOURS: Final = _derived(
    "workspace_hours",
    "the workspace",
    (),
    """
    n_projects n_active tracked_hours billable_hours billable_share
    n_over gross_overrun_hours estimate_coverage
    """,
    is_of_sums=True,
    **_SUMMARY_DOCS,
)

_MEMBER_COLUMNS: Final = """
    project_id project kind user_id user email user_active group_id group
    hourly_rate labour_cost currency rate_source
"""
_UNIQUE_COLUMNS: Final = _MEMBER_COLUMNS + " rate_conflict n_memberships"

PROJECT_MEMBERS: Final = _derived(
    "project_members",
    "membership: a user, or a group, in a project",
    ("membership_id",),
    "membership_id" + _MEMBER_COLUMNS,
)

PROJECT_MEMBERS_UNIQUE: Final = _derived(
    "project_members_unique",
    "project, user and group, the group only where there is no user",
    ("project_id", "user_id", "group_id"),
    _UNIQUE_COLUMNS,
)

RATE_CARD: Final = _derived(
    "rate_card",
    "project, user and group, the group only where there is no user",
    ("project_id", "user_id", "group_id"),
    _UNIQUE_COLUMNS + " unit_margin unit_margin_pct below_cost",
)

TASK_ACCURACY: Final = _derived(
    "task_accuracy",
    "task",
    ("task_id",),
    """
    task_id task project_id project client_id client user_id assignee
    tracked_hours estimated_hours remaining_hours variance_hours
    accuracy_ratio log2_ratio abs_pct_error task_state done recurring rate currency
    external_reference integration_provider integration_ext_id integration_ext_type
    tracked_time estimated_time
    """,
    rank="variance_hours",
    tracked_hours="All time tracked on the task.",
)

_BIAS_COLUMNS: Final = """
    n n_no_estimate median_ratio p80_ratio share_over bias mdape suggested_multiplier
"""
ESTIMATE_BIAS: Final = {
    by: _derived(
        f"estimate_bias_{by}", by.replace("_", " "), (key,), columns + _BIAS_COLUMNS, rank="bias"
    )
    for by, key, columns in (
        ("user", "user_id", "user_id user"),
        ("project", "project_id", "project_id project"),
        ("client", "client_id", "client_id client"),
        ("integration_provider", "integration_provider", "integration_provider"),
    )
}

ESTIMATE_RECONCILIATION: Final = _derived(
    "estimate_reconciliation",
    "project",
    ("project_id",),
    """
    project_id project client_id client n_tasks
    tracked_hours task_tracked_hours untasked_hours tasked_share
    estimated_hours task_estimated_hours estimate_gap_hours
    tracked_exceeds_project estimate_exceeds_project
    tracked_time estimated_time task_tracked_time task_estimated_time
    """,
    rank="untasked_hours",
)

WORKLOAD: Final = _derived(
    "workload",
    "assignee of open tasks, and one row for nobody",
    ("user_id",),
    """
    user_id user n_open n_over n_no_estimate
    estimated_hours tracked_hours remaining_hours overrun_hours n_projects
    """,
    rank="remaining_hours",
    is_of_sums=True,
    user_id="User the tasks are assigned to, NA for nobody.",
    estimated_hours="Sum of the estimates above zero, where the tracked time is known.",
    tracked_hours="Tracked on the open tasks that have an estimate.",
    remaining_hours="Sum of what is left of each task, overruns not set off.",
    overrun_hours="Sum of the overruns of the tasks.",
)

AUDIT: Final = _derived(
    "audit",
    "finding",
    ("check", "entity", "id", "label"),
    "severity check entity id label detail hours_affected",
)

TABLES: Final = (
    CLIENTS,
    PROJECTS,
    PROJECT_STATUSES,
    TASK_STATUSES,
    PROJECT_USERS,
    PROJECT_GROUPS,
    USERS,
    USER_DETAILS,
    TASKS,
    TIME_ENTRIES,
    TIME_TOTALS,
    SUMMARY_TIME_ENTRIES,
    WEEKLY_TIME_ENTRIES,
    PROJECT_USER_HOURS,
    COMPARATIVE,
    CLIENT_TRENDS,
    PROJECT_TRENDS,
    USER_TRENDS,
    PROJECT_PROFITABILITY,
    PROFITABILITY_TREND,
    PERIOD_COMPARISON,
    PROJECT_BUDGET,
    PROJECT_BUDGET_MEMBERS,
    CLIENT_SUMMARY,
    CLIENT_HOURS,
    WORKSPACE_SUMMARY,
    WORKSPACE_HOURS,
    PROJECT_MEMBERS,
    PROJECT_MEMBERS_UNIQUE,
    RATE_CARD,
    TASK_ACCURACY,
    *ESTIMATE_BIAS.values(),
    ESTIMATE_RECONCILIATION,
    WORKLOAD,
    AUDIT,
)


def _by_name() -> dict[str, list[Column]]:
    by_name: dict[str, list[Column]] = {}
    for table in TABLES:
        for column in table:
            by_name.setdefault(column.name, []).append(column)
    return by_name


COLUMNS: Final = _by_name()  # every declaration of a name
