"""How a project uses up its estimate, and when it will have done so."""

from __future__ import annotations

import unicodedata
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

from togglframe._renamed import with_new_keywords
from togglframe.charts._rows import typed_rows
from togglframe.charts._shared import Drawing, drawing
from togglframe.charts.style import points
from togglframe.errors import ConfigError
from togglframe.tables import BURN, FORECAST, WORKSPACE
from togglframe.tables.provenance import of
from togglframe.tables.workspaces import key_of
from togglframe.text import headlines
from togglframe.text.formats import format_whole_hours, month_name, plural
from togglframe.text.guesses import did_you_mean
from togglframe.text.measures import floats, id_or_name, known
from togglframe.text.names import labels_of, names_of, shorten
from togglframe.text.periods import Periods, periods_of, refuse_overlaps

_COLUMNS: Final = "project period tracked_hours cumulative_hours estimated_hours progress"
_FINISH: Final = ("finish_low", "finish", "finish_high")
_TALL: Final = 12.0  # the height of the chart, in rows
_MARK: Final = 40.0  # the least width of a date of the scale [pt]
_NAMED: Final = 5  # projects that an error lists
_DAY: Final = pd.Timedelta(days=1)


@with_new_keywords
def burn_up(
    burn: pd.DataFrame,
    forecast: pd.DataFrame | None = None,
    *,
    ax: Axes | None = None,
    project: int | str | None = None,
    title: str | None = None,
    footer: bool = True,
) -> Axes:
    """Draw how a project uses up its estimate, and when it will have done so.

    The line begins with the hours that were tracked before the range, and ends on the last day of
    the range or, if that is later, today. Hours over the estimate are hatched. A forecast adds a
    fan, which ends on the days on which the estimate may be used up.

    Parameters
    ----------
    burn : pandas.DataFrame
        The frame of ``togglframe.reports.burn``, one row per project and period.
    forecast : pandas.DataFrame, optional
        The frame of ``togglframe.reports.forecast``, one row per active project.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw on: the line, the estimate and the title. By default a new figure.
    project : int or str, optional
        The project, by id or name; needed if the frame has several.
    title : str, optional
        The title; by default the headline.
    footer : bool
        Whether to print below the chart where its numbers come from.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on.

    Raises
    ------
    ConfigError
        A column is missing, periods overlap, or `project` fits no project, or several.

    See Also
    --------
    budget_bullet : All projects, with tracked and estimated hours.

    Notes
    -----
    A project without an estimate, or with only some of its users in the frame, has a line only.

    Examples
    --------
    >>> import togglframe as tf
    >>> ax = tf.charts.burn_up(tf.tables.BURN.empty())
    >>> ax.get_title(loc="left")
    'No projects'
    """
    frame = refuse_overlaps(typed_rows("burn_up", burn, BURN, _COLUMNS, "client"))
    periods = periods_of(frame)
    rows = _chosen(frame, project)
    if forecast is not None:
        rows = _with_forecast(rows, forecast)
    history = _history(rows, periods)
    with drawing(ax, [_TALL if len(history) else 3], title, footer) as canvas:
        if history.empty:
            canvas.show_nothing("There are no projects with tracked hours to show.")
        else:
            _draw(canvas, history, periods)
        found = headlines.burn(rows)
        reading = _reading(history, periods) if len(history) else []
        alt = f"Cumulative hours of a project, and its estimate: {found}."
        canvas.put_words(burn, found, reading, alt=alt)
    return canvas.axes[0]


def _chosen(frame: pd.DataFrame, project: int | str | None) -> pd.DataFrame:
    """Return the rows of the only project or of the one of this id or name."""
    key = key_of(frame, id_or_name(frame, "project"))
    projects = frame.drop_duplicates(key)
    found = projects
    if isinstance(project, str):
        names = [_folded(name) for name in names_of(projects, "project")]
        found = projects[[name == _folded(project) for name in names]]
    elif project is not None:
        ids = projects.get("project_id", pd.Series(dtype="Int64"))
        found = projects[(ids == project).reindex(projects.index).fillna(value=False)]
    labels = dict(zip(projects.index, labels_of(projects, "project", "client"), strict=True))
    if len(found) > 1:
        some = ", ".join(repr(labels[row]) for row in found.index[:_NAMED])
        more = ", …" if len(found) > _NAMED else ""
        raise ConfigError(f"burn_up draws one project: choose by project= one of {some}{more}.")
    if found.empty and project is not None:
        guess = did_you_mean(project, labels.values()) if isinstance(project, str) else ""
        among = plural(len(projects), "project")
        raise ConfigError(f"there is no project {project!r} among the {among} of the frame{guess}")
    return frame.merge(found[key], "inner", key) if len(found) else frame


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().casefold()


def _with_forecast(rows: pd.DataFrame, forecast: pd.DataFrame) -> pd.DataFrame:
    """Add the day and the hours from which a forecast looks ahead, and the days it finds."""
    table = FORECAST.across() if WORKSPACE.name in rows else FORECAST
    key = key_of(rows, id_or_name(rows, "project"))
    needed = " ".join([*key, "tracked_hours", *_FINISH])
    ahead = typed_rows("burn_up", forecast, table, needed, report="reports.forecast(ws)")
    ahead = ahead[needed.split()].rename(columns={"tracked_hours": "ahead_hours"})
    as_of = pd.Timestamp(str(of(forecast).get("as_of", "NaT")))
    return rows.merge(ahead, "left", key, validate="m:1").assign(as_of=as_of)


def _history(rows: pd.DataFrame, periods: Periods) -> pd.DataFrame:
    """Return the periods that have begun, each with the days from which until which it counts."""
    ordered = known(rows, "cumulative_hours", "period").sort_values("period")
    since, until = ordered["period"], periods.ends_of(ordered["period"]) + _DAY
    if periods.covered is not None:
        first, last = periods.covered
        since = since.where(since > first, first)
        until = until.where(until <= last, last + _DAY)
    if periods.today is not None:
        until = until.where(until <= periods.today, periods.today + _DAY)
    return ordered.assign(since=since, until=until)[since < until]


def _draw(canvas: Drawing, history: pd.DataFrame, periods: Periods) -> None:
    ax, colors, last = canvas.axes[0], canvas.palette, history.iloc[-1]
    hours = floats(history, "cumulative_hours")
    before = max(hours[0] - np.nan_to_num(floats(history, "tracked_hours")[0]), 0.0)
    days, hours = [history["since"].iloc[0], *history["until"]], np.array([before, *hours])
    ax.plot(days, hours, color=colors.within.fill, linewidth=2.5, zorder=4, label="Tracked")
    is_whole = last["period"] in periods.whole
    end = colors.within.fill if is_whole else colors.surface
    ax.plot(
        days[-1:], hours[-1:], marker="o", markersize=7, color=colors.within.fill,
        markerfacecolor=end, markeredgewidth=2, zorder=5, label="Until", clip_on=False,
    )  # fmt: skip
    estimate = _estimate(last)
    days_ahead = [day + _DAY for name in _FINISH if pd.notna(day := last.get(name))]
    ax.set_xlim(days[0], max([days[-1], *days_ahead]))
    canvas.set_scale(0, 1.1 * float(np.nanmax([*hours, estimate])) or 1, "h", upright=True)
    ax.axhline(0, color=colors.muted, linewidth=1, zorder=2)
    if estimate > 0:
        ax.axhline(estimate, color=colors.text, linewidth=1.2, zorder=3, label="Estimate")
        ax.fill_between(
            days, estimate, hours, where=hours > estimate, interpolate=True,
            zorder=2, label="Over the estimate", **canvas.fill_look(colors.over),
        )  # fmt: skip
        _draw_fan(canvas, last, estimate)
        canvas.name_ends(lambda cells: [shorten("estimate", cells)], [estimate], [colors.text])
    _mark_days(canvas)


def _estimate(last: pd.Series[Any]) -> float:
    """Return the estimate that hours can be compared with, nan if there is none."""
    return np.nan if pd.isna(last["progress"]) else float(last["estimated_hours"])


def _draw_fan(canvas: Drawing, last: pd.Series[Any], estimate: float) -> None:
    """Draw the days on which the estimate may be used up, as far as they are known."""
    ax, tone = canvas.axes[0], canvas.palette.forecast
    low, median, high = (last.get(name, pd.NaT) + _DAY for name in _FINISH)
    if pd.isna(last.get("ahead_hours")) or pd.isna(last["as_of"]):
        return
    start, hours = last["as_of"] + _DAY, float(last["ahead_hours"])
    if pd.notna(low) and pd.notna(high):
        ax.fill(
            [start, low, high], [hours, estimate, estimate], facecolor=to_rgba(tone.fill, 0.25),
            edgecolor=to_rgba(tone.fill, 0.5), hatch=tone.hatch, zorder=1.5, label="Forecast",
        )  # fmt: skip
    elif pd.notna(low):
        ax.plot([start, low], [hours, estimate], color=tone.fill, label="Forecast, earliest")
    if pd.notna(median):
        look: dict[str, Any] = {"color": tone.text, "linestyle": (0, (4, 2))}
        ax.plot([start, median], [hours, estimate], zorder=3, label="Forecast, median", **look)


def _mark_days(canvas: Drawing) -> None:
    ax = canvas.axes[0]
    most = max(int(canvas.plot / points(_MARK)), 5)  # with fewer it finds none for 23 months
    least = 3 if most > 6 else 2
    locator = AutoDateLocator(minticks=least, maxticks=most)  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(locator)
    dates = ConciseDateFormatter(locator, show_offset=False)  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_formatter(dates)


def _reading(history: pd.DataFrame, periods: Periods) -> list[str]:
    """Return what is tracked until when, and how to read the marks."""
    last = history.iloc[-1]
    day, estimate = last["until"] - _DAY, _estimate(last)
    used = format_whole_hours(float(last["cumulative_hours"]))
    whole = f" of {format_whole_hours(estimate)}" if estimate > 0 else ""
    begun = "" if last["period"] in periods.whole else f"; the {periods.every} is not over"
    is_over = (floats(history, "cumulative_hours") > estimate).any()
    fan = "The fan ends when the estimate may be used up"
    line = "; the dashed line is the median" if pd.notna(last.get("finish")) else ""
    return [
        f"{used}{whole} until {day.day} {month_name(day)} {day.year}{begun}.",
        "Hatched is over the estimate." if is_over else "",
        f"{fan}{line}." if pd.notna(last.get("finish_high")) else "",
    ]
