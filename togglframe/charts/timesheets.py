"""The days of users, with each time entry from start to stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any, Final, Literal, get_args, overload

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from togglframe.charts._chart import Chart, Group, Options, Panel, draw
from togglframe.charts._fonts import printable
from togglframe.charts._page import Line, Page
from togglframe.charts._rows import count
from togglframe.charts._times import hour_marks
from togglframe.charts.output import figure_of
from togglframe.errors import ConfigError
from togglframe.tables import ENTRIES
from togglframe.tables.provenance import of
from togglframe.tables.workspaces import count_of, is_same, key_of
from togglframe.text import findings_of_work as findings
from togglframe.text.formats import format_day, format_hours, format_weekday, plural
from togglframe.text.measures import hours_of, in_days, on_the_clock, spans
from togglframe.text.names import NAME_CELLS, labels_of, names_of
from togglframe.text.scope import entries_scope

DaySort = Literal["date", "tracked_time"]

_FILLED: Final = 14  # the longest range in which empty days are shown too [days]
_FEW_CELLS: Final = 20  # up to which a day is named without its year
_FARTHEST: Final = 36.0  # where longer entries are cut off [h]
_HOUR: Final = pd.Timedelta(hours=1)
_LEAST: Final = 1.0  # the least width of an entry, in minutes


@dataclass(frozen=True, kw_only=True)
class StripOptions(Options):
    """The options of timesheet_strip."""

    user_id: int | None


def _labels(frame: pd.DataFrame, cells: int = NAME_CELLS) -> list[str]:
    write = format_weekday if cells > _FEW_CELLS else format_day
    told = {day: write(day) for day in frame["date"].dropna().unique()}
    return [told.get(day, "") for day in frame["date"]]


def _subject(frame: pd.DataFrame, options: StripOptions) -> pd.DataFrame:
    if options.user_id is None:
        return frame
    chosen = frame[(frame["user_id"] == options.user_id).fillna(value=False)]
    if chosen.empty:
        raise ConfigError(
            f"there is no user {options.user_id!r} among the "
            f"{plural(count_of(frame, 'user_id'), 'user')} of the frame"
        )
    return chosen


def _rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the days with entries, each with the greatest number that run at the same time."""
    timed = on_the_clock(frame)
    days = in_days(timed)
    key = [timed[name] for name in key_of(timed, "user_id", "date")]
    lanes = _lanes(timed).groupby(key, dropna=False).transform("max")
    return days.assign(lanes=lanes.reindex(days.index) + 1)


def _lanes(entries: pd.DataFrame) -> pd.Series[Any]:
    """Return the line of each entry within its day: the first that is free when it begins."""
    begin, end = spans(entries)
    days = entries.groupby(key_of(entries, "user_id", "date"), dropna=False, sort=False).ngroup()
    timed = pd.DataFrame({"day": days, "begin": begin, "id": entries["id"], "end": end})
    timed = timed.sort_values(["day", "begin", "id"])
    lanes, last = [], -1
    free: list[int] = []
    busy: list[tuple[int, int]] = []
    whole = (timed[name].astype("int64").tolist() for name in ("day", "begin", "end"))
    for day, begun, ended in zip(*whole, strict=True):
        if day != last:
            free, busy, last = [], [], day
        while busy and busy[0][0] <= begun:
            heappush(free, heappop(busy)[1])
        lanes.append(heappop(free) if free else len(busy))
        heappush(busy, (ended, lanes[-1]))
    return pd.Series(lanes, timed.index, dtype="int64").reindex(entries.index)


def _order(frame: pd.DataFrame, *, column: str | None, ascending: bool | None) -> pd.DataFrame:
    if column is None:
        return frame
    by, is_rising = ("date", True) if column == "date" else ("tracked", False)
    rising = is_rising if ascending is None else ascending
    return frame.sort_values([by, "date"], ascending=[rising, True], kind="stable")


def _by_user(_: pd.DataFrame, rows: pd.DataFrame) -> list[Group]:
    """Return the days of each user, by name; a single user is named in the title."""
    names = pd.Series(labels_of(rows, "user", cells=30, write=printable), index=rows.index)
    parts = [part for _, part in rows.groupby(key_of(rows, "user_id"), dropna=False)]
    parts.sort(key=lambda part: (names[part.index[0]].casefold(), names[part.index[0]]))
    if len(parts) < 2:
        return [Group(rows=part) for part in parts]
    return [Group(rows=part, name=names[part.index[0]]) for part in parts]


def _detail(rows: pd.DataFrame) -> str:
    return f"{format_hours(hours_of(rows['tracked']))} on {plural(len(rows), 'day')}"


def _others(users: Sequence[Group]) -> list[str]:
    if not users:
        return []
    rest = pd.concat([user.rows for user in users])
    held = f"{format_hours(hours_of(rest['tracked']))} tracked"
    return [f"and {plural(len(users), 'other user')} ({held})"]


@dataclass(frozen=True)
class _Day:
    """A day of a panel: its name, where its lines begin, and its row, None if it is empty."""

    label: str
    place: float
    lanes: int
    row: Any = None


def _days(panel: Panel) -> list[_Day]:
    """Return the days from the top, including empty ones if the range is short."""
    rows = panel.rows
    given = dict(zip(rows["date"], range(len(rows)), strict=True))
    labels = panel.labels
    days: list[_Day] = []
    place = 0.0
    for day in _shown(panel, list(given)):
        row = given.get(day)
        lanes = 1 if row is None else int(rows["lanes"].iloc[row])
        is_brief = not any(label[:1].isalpha() for label in labels)
        label = (format_day if is_brief else format_weekday)(day) if row is None else labels[row]
        days.append(_Day(label, place, lanes, row))
        place += lanes
    return days


def _shown(panel: Panel, days: list[pd.Timestamp]) -> list[pd.Timestamp]:
    """Return the days to draw: all days of a short range if they are in order."""
    first, last = _range(panel.frame)
    is_whole = panel.others.empty and days == sorted(days)
    if not is_whole or (last - first).days >= _FILLED:
        return days
    return sorted({*days, *pd.date_range(first, last)})


def _range(frame: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first and the last day of the range in attrs, else of the entries."""
    filters = of(frame).get("filters")
    told = filters if isinstance(filters, dict) else {}
    start, end = (told.get(name) for name in ("start_date", "end_date"))
    dates = frame["date"].dropna()
    if isinstance(start, str) and isinstance(end, str):
        return min(pd.Timestamp(start), dates.min()), max(pd.Timestamp(end), dates.max())
    return dates.min(), dates.max()


def _lines(panel: Panel) -> list[Line]:
    days = _days(panel)
    below = days[-1].place + days[-1].lanes
    lines = [Line(day.label, day.place, is_muted=day.row is None) for day in days]
    rest = [] if days[-1].lanes == 1 else [Line("", below - 1)]
    return [*lines, *(panel.end(below) or rest)]


def _draw(page: Page, panel: Panel, _: StripOptions) -> None:
    shown = _days(panel)
    days = [day for day in shown if day.row is not None]
    low, high = _reach(panel.drawn)
    entries = _placed(panel, days)
    end = entries["end"].clip(upper=_FARTHEST).to_numpy("float64")
    begin, place = (entries[name].to_numpy("float64") for name in ("begin", "place"))
    width = np.maximum(end - begin, _LEAST / 60)
    is_billable = entries["billable"].fillna(value=False).to_numpy(bool)
    page.bar(place[is_billable], width[is_billable], "Billable", left=begin[is_billable])
    rest = ~is_billable
    page.hollow(place[rest], width[rest], "Not billable", left=begin[rest])
    if high > 24:
        dashes: Any = (0, (4, 2))
        page.ax.axvline(24, color=page.style.muted, linewidth=1, linestyle=dashes, zorder=1)
    for day in shown[1:]:
        page.part(day.place)
    for text, row in zip(names_of(entries, "project", printable), range(len(entries)), strict=True):
        page.above_bar(text, place[row], begin[row], begin[row] + width[row])
    look = page.text_options(11, page.style.text, "bold")
    for at in place[entries["end"].to_numpy("float64") > _FARTHEST]:
        page.ax.text(high, at, "»", ha="right", va="center_baseline", zorder=5, **look)
    _print_hours(page, panel, days)
    if panel.is_last:
        page.scale_of(low, high, "Time of day, where it was tracked", hour_marks(low, high))


def _print_hours(page: Page, panel: Panel, days: Sequence[_Day]) -> None:
    rows = panel.rows.iloc[[day.row for day in days]]
    places = [day.place for day in days]
    hours = [format_hours(hours_of(rows["tracked"].iloc[[row]])) for row in range(len(rows))]
    page.column("tracked" if panel.is_first else "", places, hours, [True] * len(rows))
    if not (panel.drawn["overlap"] > pd.Timedelta(0)).any():
        return
    twice = [hours_of(rows["overlap"].iloc[[row]]) for row in range(len(rows))]
    cells = [format_hours(value) if value else "" for value in twice]
    page.column("overlap" if panel.is_first else "", places, cells, [False] * len(rows))


def _placed(panel: Panel, days: Sequence[_Day]) -> pd.DataFrame:
    """Return the entries of the drawn days, with their start and end [h] and line."""
    dates = panel.rows["date"]
    is_drawn = is_same(panel.frame, panel.rows.iloc[0], "user_id")
    entries = on_the_clock(panel.frame[is_drawn & panel.frame["date"].isin(dates)])
    begin, end = (time.dt.total_seconds() / 3600 for time in spans(entries))
    tops = {dates.iloc[day.row]: day.place for day in days}
    places = entries["date"].map(tops) + _lanes(entries)
    placed = entries.assign(begin=begin, end=end, place=places)
    return placed.sort_values(["place", "begin", "id"])


def _reach(drawn: pd.DataFrame) -> tuple[float, float]:
    """Return the full hours between which all drawn entries lie."""
    low = np.floor(drawn["begin"].min() / _HOUR)
    return low, max(min(np.ceil(drawn["end"].max() / _HOUR), _FARTHEST), low + 1)


def _reading(drawn: pd.DataFrame, _: StripOptions) -> str:
    parts = ["A bar is a time entry: solid is billable, hollow is not"]
    if (drawn["lanes"] > 1).any():
        parts.append("overlapping entries are on separate lines")
    if (drawn["end"] > pd.Timedelta(hours=24)).any():
        parts.append("entries past midnight stay on the day they began")
    return "; ".join(parts)


_CHART: Final = Chart[StripOptions](
    name="timesheet_strip",
    table=ENTRIES,
    maker="reports.time_entries(ws)",
    columns="id user_id user project_id project billable start stop date utc_offset tracked_time",
    noun=("day", "days"),
    sorts=get_args(DaySort),
    label=_labels,
    subject=_subject,
    rows=_rows,
    order=_order,
    others=lambda rows: f"{format_hours(hours_of(rows['tracked']))} tracked",
    apart="user_id",
    panels=_by_user,
    detail=_detail,
    other_panels=_others,
    reach=lambda drawn: _reach(drawn)[1],
    lines=_lines,
    finding=findings.timesheet_strip,
    scope=lambda frame, options: entries_scope(_subject(frame, options)),
    span="time entries",
    nothing="There are no time entries to show.",
    reading=_reading,
    draw=_draw,
)


@overload
def timesheet_strip(
    entries: pd.DataFrame,
    *,
    ax: Axes,
    fig: None = None,
    user_id: int | None = None,
    top: int | None = 28,
    max_panels: int = 4,
    sort: DaySort | None = "date",
    title: str | None = None,
    footer: bool = True,
) -> Axes: ...


@overload
def timesheet_strip(
    entries: pd.DataFrame,
    *,
    ax: None = None,
    fig: Figure | SubFigure | None = None,
    user_id: int | None = None,
    top: int | None = 28,
    max_panels: int = 4,
    sort: DaySort | None = "date",
    title: str | None = None,
    footer: bool = True,
) -> Figure: ...


def timesheet_strip(
    entries: pd.DataFrame,
    *,
    ax: Axes | None = None,
    fig: Figure | SubFigure | None = None,
    user_id: int | None = None,
    top: int | None = 28,
    max_panels: int = 4,
    sort: DaySort | None = "date",
    title: str | None = None,
    footer: bool = True,
) -> Axes | Figure:
    """Draw the days of each user, with each time entry from start to stop; one panel per user.

    Times are local to where the entry was tracked. Overlapping entries are on separate lines, so
    that all can be seen, and an entry that runs past midnight stays on the day on which it began.

    Parameters
    ----------
    entries : pandas.DataFrame
        The frame of ``togglframe.reports.time_entries`` or of
        ``togglframe.search.time_entries``, one row per time entry, usually those of a week.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw the days of one user on. If it is too small, parts are left out: the footer
        first, then the columns of numbers, the subtitle, the names of projects and days.
    fig : matplotlib.figure.Figure or matplotlib.figure.SubFigure, optional
        The figure to draw the panels on; by default a new one, as tall as needed.
    user_id : int, optional
        The user whose days to draw; by default all users with entries, by name.
    top : int or None
        How many days to draw in all, divided among the panels; the last line of a panel gives the
        number of the others and their hours. None draws all.
    max_panels : int
        How many users get a panel; the footer gives the number of the others and their hours.
    sort : {"date", "tracked_time"} or None
        The order of the days: earliest first, or longest first. None keeps the order of the frame.
    title : str, optional
        The title; by default the finding.
    footer : bool
        Whether to print the scope below the chart.

    Returns
    -------
    matplotlib.axes.Axes or matplotlib.figure.Figure
        The given Axes, else the figure drawn on.

    Raises
    ------
    ConfigError
        A column is missing, there is no such user, an option is invalid, or `ax` is given and the
        frame has several users: choose one with `user_id`.

    Notes
    -----
    Days without entries are shown if the frame covers two weeks at most and all of its days are
    drawn: from the first to the last day requested, according to `attrs`, else from the first to
    the last entry. An entry that ends more than 36 hours after midnight is cut off with a ».

    Examples
    --------
    >>> import togglframe as tf
    >>> week = tf.reports.time_entries(tf.demo(today="2026-11-26"), period="2026-W43")
    >>> fig = tf.charts.timesheet_strip(week, max_panels=2)
    >>> len(fig.axes)
    2
    """
    options = StripOptions(
        ax=ax,
        fig=fig,
        user_id=user_id,
        top=top,
        max_panels=count(max_panels, "max_panels is how many users to draw"),
        sort=sort,
        title=title,
        footer=footer,
    )
    drawn = draw(_CHART, entries, options)
    return drawn if ax is not None else figure_of(drawn)
