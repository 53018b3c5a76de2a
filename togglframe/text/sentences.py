"""What a picture of a frame shows, in one sentence: for readers who cannot see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from togglframe import tables
from togglframe.tables import AS_OF, KNOWN_TABLES, Table
from togglframe.tables.provenance import of
from togglframe.tables.validation import typed
from togglframe.text import headlines
from togglframe.text.formats import format_signed_hours, plural
from togglframe.text.measures import (
    above_zero,
    floats,
    in_order,
    movement,
    went_over,
    without_capacity,
)
from togglframe.text.names import group_of, names_of
from togglframe.text.periods import periods_of
from togglframe.text.scope import hours_tracked

_NAMED: Final = 3  # projects that a sentence lists
_NO_NAMES: Final = (
    "No ",
    "None of ",
    "Nothing ",
    "The only ",
    "All ",
    "Both ",
    "The tracked hours ",
    "Overruns ",
    "Nobody ",
)  # how a finding may begin


class _Sentence(NamedTuple):
    """How the frames of a table are put into words, and the columns that needs."""

    table: Table
    needed: set[str]
    say: Callable[[pd.DataFrame], str]


def alt_text(frame: pd.DataFrame) -> str:
    """Say in one sentence what the chart of a frame shows: its alt text.

    Parameters
    ----------
    frame : pandas.DataFrame
        A frame of ``togglframe.reports``, or any other; its table is the one that ``attrs``
        names, if the frame has its columns, else the one that fits the columns.

    Returns
    -------
    str
        One sentence, for the description of a picture or the title of an SVG.

    Raises
    ------
    TypeError
        If it is not a DataFrame.

    Examples
    --------
    >>> import togglframe as tf
    >>> tf.charts.alt_text(tf.tables.PROJECT_BUDGET.empty())
    'Tracked hours against estimates, one row per project: no projects.'
    """
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"alt_text takes a DataFrame, not {type(frame).__name__}.")
    table = _table_of(frame)
    if table is not None and table.is_history:
        return f"{_days(frame)}, one per {table.grain}."
    for sentence in _candidates(table):
        if sentence.needed <= set(frame.columns):
            hint = f"by its columns the frame is one of {sentence.table.name}"
            return f"{sentence.say(typed(frame, sentence.needed, sentence.table, hint))}."
    if table is not None:
        return f"{plural(len(frame), 'row')}, one per {table.grain}."
    return f"A table of {plural(len(frame), 'row')} and {plural(len(frame.columns), 'column')}."


def _days(frame: pd.DataFrame) -> str:
    """Say how many rows there are on which days; they must not be added up."""
    days = frame[AS_OF.name].dropna()
    rows = f"{plural(len(frame), 'row')} on {plural(days.nunique(), 'day')}"
    return f"{rows}, {days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}" if len(days) else rows


def _table_of(frame: pd.DataFrame) -> Table | None:
    """Return the table that the frame names, or else the widest whose columns it has."""
    named = of(frame).get("table")
    widest = sorted(KNOWN_TABLES, key=lambda table: (table.name != named, -len(table.columns)))
    fitting = (table.fitting(list(frame.columns)) for table in widest)
    return next((table for table in fitting if table is not None), None)


def _candidates(table: Table | None) -> list[_Sentence]:
    """Return the sentences, that of the table first; changes get only their own."""
    name = None if table is None else table.name
    if table is not None and table.is_of_changes:
        return [sentence for sentence in _SENTENCES if sentence.table.name == name]
    return sorted(_SENTENCES, key=lambda sentence: sentence.table.name != name)


def budget_in_words(frame: pd.DataFrame) -> str:
    """Say how the hours of projects compare with their estimates."""
    finding = _lower(headlines.budget(frame))
    parts = [f"Tracked hours against estimates, one row per project: {finding}"]
    if frame.empty:
        return parts[0]
    over = above_zero(frame, "overrun_hours")
    if len(over):
        first = in_order(over, tables.PROJECT_BUDGET, "overrun_hours").iloc[:1]
        (name,), (most,) = names_of(first, "project"), floats(first, "overrun_hours")
        parts[0] += f", most of all {name} ({format_signed_hours(most)})"
    if bare := int(frame["progress"].isna().sum()):
        parts.append(f"{plural(bare, 'project')} cannot be measured against an estimate")
    parts.append(f"{hours_tracked(frame)} in all")
    return "; ".join(parts)


def accuracy_in_words(frame: pd.DataFrame, row: str = "task") -> str:
    """Say how well tasks were estimated, for a chart by task, project or assignee."""
    rows = "one row per task" if row == "task" else f"one row per {row}, with a dot for each task"
    return f"Tracked hours as multiples of the estimate, {rows}: {_lower(headlines.tasks(frame))}"


def _clients(frame: pd.DataFrame) -> str:
    return f"Tracked hours against estimates by client: {_lower(headlines.clients(frame))}"


def _amounts(frame: pd.DataFrame) -> str:
    return f"Amounts by client, each currency separately: {_lower(headlines.amounts(frame))}"


def _rates(frame: pd.DataFrame) -> str:
    return f"Labour cost and hourly rate of each member: {_lower(headlines.rates(frame))}"


def _burn(frame: pd.DataFrame) -> str:
    text = _lower(headlines.burn(frame))
    return f"Cumulative hours against estimates, one line per project: {text}"


def _changes(frame: pd.DataFrame) -> str:
    text = _lower(headlines.changes(frame))
    start = f"Tracked hours before and after, against estimates, one row per project: {text}"
    over = frame[went_over(frame)]
    if over.empty:
        return start
    largest = over.iloc[np.argsort(-movement(over), kind="stable")[:_NAMED]]
    names = ", ".join(names_of(largest, "project"))
    more = f" and {len(over) - len(largest):,} more" if len(over) > len(largest) else ""
    return f"{start}; what went over: {names}{more}"


def _entries(frame: pd.DataFrame) -> str:
    return f"Time entries from start to stop, one row per day: {_lower(headlines.timesheet(frame))}"


def hours_in_words(frame: pd.DataFrame, by: str | None = None) -> str:
    """Say what the hours of each period are."""
    what = group_of(frame) if by is None else by
    start = "Hours" if frame.empty else f"Hours per {periods_of(frame).every}"
    start += f" by {what}" if what else ""
    return f"{start}: {_lower(headlines.hours(frame))}"


def user_hours_in_words(frame: pd.DataFrame) -> str:
    """Say what each user tracked in each period."""
    start = "Hours of each user" if frame.empty else f"Hours per {periods_of(frame).every} and user"
    return f"{start}: {_lower(headlines.people(frame))}"


def earnings_in_words(frame: pd.DataFrame, by: str | None = None) -> str:
    """Say what was earned in each period, and how many amounts are unknown."""
    what = group_of(frame) if by is None else by
    start = "Amounts" if frame.empty else f"Amounts per {periods_of(frame).every}"
    start += f" by {what}, each currency separately" if what else ", each currency separately"
    unknown = int(frame["amount"].isna().sum())
    more = f"; {plural(unknown, 'unknown amount')}" if unknown else ""
    return f"{start}: {_lower(headlines.earnings(frame))}{more}"


def _capacity(frame: pd.DataFrame) -> str:
    hidden = len(without_capacity(frame))
    more = f"; the capacity of {plural(hidden, 'user')} is unknown or zero" if hidden else ""
    finding = _lower(headlines.capacity(frame))
    return f"Tracked and billable hours against capacity, one row per user: {finding}{more}"


def _retainers(frame: pd.DataFrame) -> str:
    start = "Hours of retainers by period, against what was available"
    return f"{start}: {_lower(headlines.retainers(frame))}"


def _balances(frame: pd.DataFrame) -> str:
    start = "Hours worked over or under what was expected, a line per person"
    return f"{start}: {_lower(headlines.balances(frame))}"


def _lower(text: str) -> str:
    """Begin in lower case what does not begin with a name."""
    return text[0].lower() + text[1:] if text.startswith(_NO_NAMES) else text


# The first whose columns are all there says the sentence, so the narrower tables come first.
_SENTENCES: Final = (
    _Sentence(
        tables.RETAINER,
        {"project", "client", "period", "available_hours", "tracked_hours"},
        _retainers,
    ),
    _Sentence(tables.BALANCE, {"user", "period", "running_hours"}, _balances),
    _Sentence(tables.HOURS, {"period", "tracked_hours", "n_entries"}, hours_in_words),
    _Sentence(
        tables.EARNINGS,
        {"period", "currency", "amount", "billable_hours", "billable_time"},
        earnings_in_words,
    ),
    _Sentence(
        tables.UTILISATION,
        {"user_id", "user", "period", "capacity_hours", "tracked_hours", "billable_hours", "load"},
        _capacity,
    ),
    _Sentence(tables.TASK_ACCURACY, {"task_id", "accuracy_ratio"}, accuracy_in_words),
    _Sentence(tables.RATE_CARD, {"unit_margin", "project_id", "user_id"}, _rates),
    _Sentence(
        tables.PROJECT_BUDGET,
        {"project_id", "project", "progress", "overrun_hours", "tracked_hours"},
        budget_in_words,
    ),
    _Sentence(tables.CLIENT_BUDGET_BY_CURRENCY, {"client", "currency", "amount"}, _amounts),
    _Sentence(
        tables.CLIENT_BUDGET,
        {"client", "variance_hours", "gross_overrun_hours", "saved_hours"},
        _clients,
    ),
    _Sentence(
        tables.BURN,
        {"project_id", "project", "period", "cumulative_hours", "estimated_hours", "progress"},
        _burn,
    ),
    _Sentence(
        tables.CHANGES[tables.PROJECT_BUDGET.name],
        {
            *("project_id", "project", "change", "tracked_hours_difference"),
            *(
                f"{what}_hours_{when}"
                for what in ("tracked", "estimated")
                for when in ("before", "after")
            ),
        },
        _changes,
    ),
    _Sentence(
        tables.ENTRIES,
        {"id", "user_id", "user", "start", "stop", "date", "utc_offset", "tracked_time"},
        _entries,
    ),
)
