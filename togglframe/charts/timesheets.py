"""The days of users, with each time entry from start to stop."""

from __future__ import annotations

from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.transforms import ScaledTranslation

from togglframe.charts import _fonts
from togglframe.charts._rows import choose, count, limit, typed_rows
from togglframe.charts._shared import Drawing, drawing, split
from togglframe.charts.output import figure_of
from togglframe.charts.style import points
from togglframe.errors import ConfigError
from togglframe.tables import ENTRIES
from togglframe.tables.provenance import of
from togglframe.tables.workspaces import count_of, key_of
from togglframe.text import headlines
from togglframe.text.formats import format_time_of_day, format_weekday, format_whole_hours, plural
from togglframe.text.measures import Floats, floats, hours_of, id_or_name, on_the_clock, spans
from togglframe.text.names import NAME_CELLS, labels_of, names_of, shorten
from togglframe.text.palette import Tone, contrast
from togglframe.text.scope import not_shown

DaySort = Literal["date", "tracked_time"]

_COLUMNS: Final = "user project billable start stop date utc_offset tracked_time"
_FILLED: Final = 14  # the longest range in which empty days are shown too [days]
_FARTHEST: Final = 36.0  # where longer entries are cut off [h]
_LEAST: Final = 3.0  # the least width of an entry [pt]
_STEPS: Final = (0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 12.0)  # between marks of the scale [h]
_NAME: Final = 7.5  # the size of names on entries [pt]
_CLOSE: Final = 0.8  # from line to line of a day, in rows
_LEAST_CELLS: Final = 7  # the start of a name says nothing where it is shorter


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
        The Axes to draw the days of one user on: as many as are legible, their hours and the title.
    fig : matplotlib.figure.Figure or matplotlib.figure.SubFigure, optional
        The figure to draw the panels on; by default a new one, as tall as needed.
    user_id : int, optional
        The user whose days to draw; by default all users with entries, by name.
    top : int or None
        How many days to draw in all, divided among the panels; the last line of a panel gives the
        number of the others and their hours. None draws all.
    max_panels : int
        How many users get a panel; a line gives the number of the others and their hours.
    sort : {"date", "tracked_time"} or None
        The order of the days: earliest first, or longest first. None keeps the order of the frame.
    title : str, optional
        The title; by default the headline.
    footer : bool
        Whether to print below the chart where its numbers come from.

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
    choose(sort, (*get_args(DaySort), None), "sort")
    most = limit(top)
    panels = count(max_panels, "max_panels is how many users to draw")
    frame = typed_rows(
        "timesheet_strip", entries, ENTRIES, _COLUMNS, "user_id", report="reports.time_entries(ws)"
    )
    frame = frame if user_id is None else _of_user(frame, user_id)
    people = _people(_timed(frame), ax)
    drawn, hidden = people[:panels], people[panels:]
    rooms = {"top": most and max(most // max(len(drawn), 1), 1), "ax": ax, "fig": fig}
    parts = [_fitting(_days(frame, part, sort), **rooms, panels=len(drawn)) for part in drawn]
    heights = [shown["height"].sum() + (len(others) > 0) for shown, others in parts]
    with drawing(ax, heights or [1], title, footer, fig=fig, share=True) as canvas:
        if not drawn:
            canvas.show_nothing("There are no time entries to show.")
        for each, (shown, others) in zip(canvas.axes, parts, strict=False):
            _name_days(canvas, shown, others, each)
        low, high = _reach(drawn)
        for each, part, (shown, _) in zip(canvas.axes, drawn, parts, strict=False):
            _set_hours(canvas, low, high, each)
            _draw_entries(canvas, part, shown, each)
            if len(drawn) > 1:
                canvas.name_panel(part["label"].iloc[0], ax=each)
        reading = _reading(frame, drawn, hidden)
        canvas.put_words(frame, headlines.timesheet(frame), reading)
    return canvas.axes[0] if ax is not None else figure_of(canvas.axes[0])


def _of_user(frame: pd.DataFrame, user_id: int) -> pd.DataFrame:
    ids = frame["user_id"] if "user_id" in frame else pd.Series(pd.NA, frame.index)
    chosen = frame[ids.eq(user_id).fillna(value=False).astype(bool)]
    if chosen.empty:
        users = plural(count_of(frame, id_or_name(frame, "user")), "user")
        raise ConfigError(f"There is no user {user_id!r} among the {users} of the frame.")
    return chosen


def _timed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the entries of a known time, with their user, begin and end [h], line and overlap.

    A line is the first of the day that is free when an entry begins; the overlap of an entry is
    with those before it [h].
    """
    timed = on_the_clock(frame)
    begin, end = (time.dt.total_seconds() / 3600 for time in spans(timed))
    labels = labels_of(timed, "user", cells=30)
    timed = timed.assign(label=labels, begin=begin, end=end)
    timed = timed.sort_values(["date", "begin"], kind="stable").reset_index(drop=True)
    starts, stops = floats(timed, "begin"), floats(timed, "end")
    lines, overlap = np.zeros(len(timed)), np.zeros(len(timed))
    by_day = timed.groupby([*key_of(timed, id_or_name(timed, "user")), "date"], dropna=False)
    for rows in by_day.indices.values():
        free: list[float] = []  # when each line of the day is free again
        for row in rows:
            line = next((n for n, since in enumerate(free) if since <= starts[row]), len(free))
            busy = max(free, default=starts[row])
            lines[row], overlap[row] = line, max(min(stops[row], busy) - starts[row], 0.0)
            free[line : line + 1] = [stops[row]]
    return timed.assign(line=lines, overlap=overlap)


def _people(timed: pd.DataFrame, ax: Axes | None) -> list[pd.DataFrame]:
    """Return the entries of each user, by name; an Axes has only one."""
    groups = timed.groupby(key_of(timed, id_or_name(timed, "user")), dropna=False)
    people = sorted((part for _, part in groups), key=lambda part: part["label"].iloc[0].casefold())
    if ax is None or len(people) < 2:
        return people
    first = people[0].iloc[0]
    way = f"pass frame[frame['user'] == {first['label']!r}]"
    if "user_id" in timed:
        way = f"choose one, such as user_id={first['user_id']}"
    raise ConfigError(
        f"timesheet_strip draws one user on an Axes, and the frame has {first['label']} and "
        f"{plural(len(people) - 1, 'other')}: leave ax out for one panel each, or {way}."
    )


def _days(frame: pd.DataFrame, part: pd.DataFrame, sort: DaySort | None) -> pd.DataFrame:
    """Return the days of a user with their height in rows, the empty ones too if they are few."""
    by_day = part.groupby("date", sort=sort is not None)
    height = 1 + _CLOSE * by_day["line"].max()
    days = pd.DataFrame({"height": height, "tracked": by_day["tracked_time"].sum()})
    if sort == "tracked_time":
        days = days.sort_values("tracked", ascending=False, kind="stable")
    first, last = _range(frame)
    if sort == "date" and (last - first).days < _FILLED:
        days = days.reindex(pd.date_range(first, last))
    return days.rename_axis("date").reset_index().fillna({"height": 1.0})


def _fitting(days: pd.DataFrame, **room: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the days that there is room for, and the others; only those with entries if any."""
    shown, others = split(days, more=days["height"].sum() - len(days), **room)
    if others.empty or days["tracked"].notna().all():
        return shown, others
    return _fitting(days.dropna(subset="tracked").reset_index(drop=True), **room)


def _range(frame: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first and the last day requested, else of the entries."""
    filters = of(frame).get("filters") or {}
    days = [filters.get("start_date"), filters.get("end_date"), *frame["date"].dropna()]
    known = pd.to_datetime(pd.Series([day for day in days if day is not None]))
    return known.min(), known.max()


def _tops(days: pd.DataFrame) -> Floats:
    """Return where the first line of each day is, and where that of a further one would be."""
    return np.cumsum([0.0, *days["height"]])


def _name_days(canvas: Drawing, shown: pd.DataFrame, others: pd.DataFrame, ax: Axes) -> None:
    names = [format_weekday(day) for day in shown["date"]]
    tops = _tops(shown)
    held = f"{format_whole_hours(hours_of(others['tracked']))} tracked"
    canvas.name_rows(shown, lambda **_: names, others, places=tops, note=held, ax=ax)
    ax.set_ylim(tops[-1] - 0.4 + (len(others) > 0), -0.6)
    for label, is_empty in zip(ax.get_yticklabels(), shown["tracked"].isna(), strict=False):
        label.set_color(canvas.palette.muted if is_empty else canvas.palette.text)
    hours = shown["tracked"].dt.total_seconds() / 3600
    tracked = ["" if np.isnan(value) else f"{value:,.1f}" for value in hours]
    canvas.add_columns(tops[:-1], {"tracked [h]": tracked}, ax=ax)


def _reach(people: list[pd.DataFrame]) -> tuple[float, float]:
    """Return the full hours between which all entries lie."""
    low = min((float(np.floor(part["begin"].min())) for part in people), default=0.0)
    high = max((float(np.ceil(part["end"].max())) for part in people), default=0.0)
    return low, max(min(high, _FARTHEST), low + 1)


def _set_hours(canvas: Drawing, low: float, high: float, ax: Axes) -> None:
    """Set a scale of times of day, which start over after midnight."""
    least = (_fonts.width("00:00", points(8)) + 10) / canvas.plot * (high - low)
    step = next((step for step in _STEPS if step >= least), _STEPS[-1])
    hours = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    ax.set_xlim(low, high)
    ax.grid(axis="x", color=canvas.palette.grid, linewidth=0.8)
    ax.set_xticks(hours, [format_time_of_day(float(hour)) for hour in hours])
    if high > 24:
        ax.axvline(24, color=canvas.palette.muted, linewidth=1, linestyle=(0, (4, 2)), zorder=1)


def _draw_entries(canvas: Drawing, entries: pd.DataFrame, shown: pd.DataFrame, ax: Axes) -> None:
    tops, colors = dict(zip(shown["date"], _tops(shown), strict=False)), canvas.palette
    drawn = entries[entries["date"].isin(tops)]
    lines = drawn.assign(place=drawn["date"].map(tops) + _CLOSE * drawn["line"])
    places = floats(lines, "place")
    begin, end = floats(drawn, "begin"), floats(drawn, "end")
    low, high = ax.get_xlim()
    hour = canvas.plot / (high - low)  # [pt]
    widths = np.maximum(np.minimum(end, _FARTHEST) - begin, _LEAST / hour)
    billable = drawn["billable"].fillna(value=False).to_numpy(bool)
    for which, tone, label in (
        (billable, colors.within, "Billable"),
        (~billable, colors.not_billable, "Not billable"),
    ):
        canvas.paint(places[which], widths[which], tone, label, left=begin[which], ax=ax)
        if canvas.is_new:
            named = drawn[which].assign(place=places[which], room=widths[which] * hour)
            _name_entries(canvas, named, tone, ax)
    ends = (places - canvas.bar / 2, places + canvas.bar / 2)
    ax.vlines(begin, *ends, color=colors.surface, linewidth=1.5, zorder=4)
    look: dict[str, Any] = {"weight": "bold", "ha": "right", "va": "center_baseline", "zorder": 5}
    for place in places[end > _FARTHEST]:
        ax.text(high, place, "»", color=colors.text, **look)


def _name_entries(canvas: Drawing, entries: pd.DataFrame, tone: Tone, ax: Axes) -> None:
    """Write the project on each entry, as much of it as there is room for [pt]."""
    colors, size = (canvas.palette.surface, canvas.palette.text), points(_NAME)
    look: dict[str, Any] = {
        "color": max(colors, key=lambda color: contrast(color, tone.fill)),
        "bbox": {"facecolor": tone.fill, "edgecolor": "none", "pad": 0},
        "size": size,
        "va": "center_baseline",
        "zorder": 5,
    }
    names = names_of(entries, "project")
    for name, begin, place, room in zip(
        names, entries["begin"], entries["place"], entries["room"], strict=True
    ):
        text = _fitted(name, room - size)
        if text:
            shift = ScaledTranslation(size / 144, 0, ax.figure.dpi_scale_trans)
            look |= {"transform": ax.transData + shift, "family": _fonts.families([text])}
            ax.text(begin, place, text, **look)


def _fitted(name: str, room: float) -> str:
    """Cut a name so that it fits [pt]; where only its start would, it says nothing."""
    for cells in range(NAME_CELLS, _LEAST_CELLS - 1, -1):
        text = shorten(name, cells)
        if _fonts.width(_fonts.printable(text), points(_NAME)) < room:
            return text
    return ""


def _reading(
    frame: pd.DataFrame, drawn: list[pd.DataFrame], hidden: list[pd.DataFrame]
) -> list[str]:
    """Return how to read the lines, and what is not among them."""
    if not drawn:
        return []
    seen = pd.concat(drawn)
    are_grey = "grey ones are not known to be billable"
    if seen["billable"].notna().all():
        are_grey = "grey ones are not billable"
    parts = ["Bars are time entries in local time"]
    parts += [are_grey] if not seen["billable"].fillna(value=False).all() else []
    parts += ["those past midnight stay on their day"] if (seen["end"] > 24).any() else []
    twice = seen["overlap"].sum()
    rest = sum(hours_of(part["tracked_time"]) for part in hidden)
    return [
        f"{'; '.join(parts)}.",
        f"{headlines.hours_over(twice)} overlap, on lines of their own." if twice else "",
        not_shown(len(hidden), f"with {format_whole_hours(rest)}", "person", "people"),
        not_shown(len(frame) - len(on_the_clock(frame)), "of an unknown time", "entry", "entries"),
    ]
