"""How projects use up their estimates, and when they will have done so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from togglframe.charts import _rows
from togglframe.charts._chart import Chart, Options, Panel, draw, typed_rows_of
from togglframe.charts._page import HATCH, Line, Page
from togglframe.charts._rows import by_name
from togglframe.charts._times import date_of, day_marks, day_of, days_of
from togglframe.errors import ConfigError
from togglframe.tables import BURN, FORECAST
from togglframe.tables.provenance import fetched_at, of
from togglframe.tables.workspaces import count_of, key_of
from togglframe.text import findings_of_work as findings
from togglframe.text.findings_of_work import FINISH
from togglframe.text.formats import format_hours, format_percent, plural
from togglframe.text.measures import Floats, floats, in_order, latest, overrun, total_hours
from togglframe.text.names import NAME_CELLS
from togglframe.text.periods import refuse_overlaps
from togglframe.text.scope import burn_scope

BurnSort = Literal["overrun", "progress", "cumulative_hours", "project"]

_STRIP: Final = 2.5  # rows that a project takes up among others
_ALONE: Final = 9.0  # rows that a single project takes up
_BASE: Final = 0.3  # from the place of a row down to its zero
_TOP: Final = 0.25  # the space between a strip and the one above it
_HEAD: Final = 1.06  # the scale of a strip, relative to its highest value
_LEAST_AHEAD: Final = 91.0  # future days drawn at most, if this is more than the next share
_AHEAD: Final = 0.7  # future days drawn at most, as a share of the past days

_SINCE, _UNTIL = "since", "until"  # columns: the start and end of a period on the scale
_AS_OF, _AHEAD_HOURS = "as_of", "ahead_hours"  # where a forecast begins


@dataclass(frozen=True, kw_only=True)
class BurnOptions(Options):
    """The options of burn_up."""

    project_id: int | None


def _labels(frame: pd.DataFrame, cells: int = NAME_CELLS) -> list[str]:
    """Return the names of the projects, computed once for all of their periods."""
    projects = frame.drop_duplicates(key_of(frame, "project_id"))
    projects = projects.assign(client_id=pd.array([None] * len(projects), "Int64"))
    names = by_name("project", "client")(projects, cells)
    told = dict(zip(_keys(projects), names, strict=True))
    return [told[key] for key in _keys(frame)]


def _keys(frame: pd.DataFrame) -> list[tuple[int | None, ...]]:
    told = frame[key_of(frame, "project_id")].itertuples(index=False)
    return [tuple(None if pd.isna(number) else int(number) for number in row) for row in told]


def _subject(frame: pd.DataFrame, options: BurnOptions) -> pd.DataFrame:
    """Return the rows of the past, with their places on the scale of days."""
    chosen = refuse_overlaps(frame)
    if options.project_id is not None:
        chosen = frame[(frame["project_id"] == options.project_id).fillna(value=False)]
        if chosen.empty:
            raise ConfigError(
                f"there is no project {options.project_id!r} among the "
                f"{plural(count_of(frame, 'project_id'), 'project')} of the frame"
            )
    first, last = _range(frame)
    since = np.maximum(days_of(chosen["period"]), first)
    until = np.minimum(days_of(_ends(chosen["period"], frame)), last)
    placed = chosen.assign(**{_SINCE: since, _UNTIL: until})
    return placed[since < last]


def _range(frame: pd.DataFrame) -> tuple[float, float]:
    """Return the days between which everything in the frame lies, as far as its attrs say."""
    filters = of(frame).get("filters")
    told = filters if isinstance(filters, dict) else {}
    start, end = (told.get(name) for name in ("start_date", "end_date"))
    fetched = fetched_at(of(frame))
    ends = [day_of(pd.Timestamp(end)) + 1] if isinstance(end, str) else []
    ends += [day_of(pd.Timestamp(fetched.date())) + 1] if fetched else []
    first = day_of(pd.Timestamp(start)) if isinstance(start, str) else -np.inf
    return first, min(ends, default=np.inf)


def _ends(periods: pd.Series[Any], frame: pd.DataFrame) -> pd.Series[Any]:
    """Return the day after each period; their length is inferred from all of them."""
    starts = frame["period"].dropna().drop_duplicates().sort_values()
    least = starts.diff().min() / pd.Timedelta(days=1)
    if (starts.dt.day == 1).all() and not least < 28:
        return periods + pd.offsets.MonthBegin(1)
    is_week = (starts.dt.day_of_week == 0).all() and not least < 7
    return periods + pd.Timedelta(days=7 if is_week else 1)


def _order(frame: pd.DataFrame, *, column: str | None, ascending: bool | None) -> pd.DataFrame:
    if column == "overrun":  # as a budget is ordered: overruns first, then the highest progress
        over = pd.Series(overrun(frame), frame.index).clip(lower=0)
        by = ["over", "progress", "project_id"]
        return frame.assign(over=over).sort_values(by, ascending=[False, False, True])
    return in_order(frame, BURN, column, ascending=ascending)


def _lines(panel: Panel) -> list[Line]:
    if _is_alone(panel):
        top = _top(panel.rows)[0]
        ticks = MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]).tick_values(0, top)
        shown = [tick for tick in ticks[::-1] if 0 <= tick <= top]
        places = [(_ALONE - 1) * (1 - tick / top) for tick in shown]
        return [Line(f"{t:,.10g} h", p) for t, p in zip(shown, places, strict=True)]
    rows = [Line(label, place) for label, place in zip(panel.labels, _places(panel), strict=True)]
    return [*rows, *panel.end(rows[-1].place + 1)]


def _is_alone(panel: Panel) -> bool:
    return len(panel.group.rows) == 1


def _places(panel: Panel) -> list[float]:
    return [_STRIP * (row + 1) - 1 for row in range(len(panel.rows))]


def _top(rows: pd.DataFrame) -> Floats:
    """Return the top of each project's scale [h]."""
    highest = np.fmax(floats(rows, "cumulative_hours"), _targets(rows))
    tops: Floats = np.maximum(_HEAD * highest, 0.1)
    return tops


def _targets(rows: pd.DataFrame) -> Floats:
    """Return the estimates above zero that hours can be compared with, nan for the others."""
    return np.where(rows["progress"].isna(), np.nan, floats(rows, "estimated_hours"))


def _draw(page: Page, panel: Panel, _: BurnOptions) -> None:
    rows, is_alone = panel.rows, _is_alone(panel)
    low, high = ends = _reach(panel)
    tops, targets = _top(rows), _targets(rows)
    parts = _histories(panel.frame)
    places = [_ALONE - 1] if is_alone else _places(panel)
    for number, (key, place) in enumerate(zip(_keys(rows), places, strict=True)):
        zero, tall = (place, _ALONE - 1) if is_alone else (place + _BASE, _STRIP - _BASE - _TOP)
        strip = _Strip(page, float(tops[number]), zero, tall, ends)
        strip.draw(parts[key], rows.iloc[number], float(targets[number]))
        if is_alone:
            strip.tell(rows.iloc[number], float(targets[number]))
    if not is_alone:
        _print_columns(page, panel, places)
    days = f"{date_of(low):%Y-%m-%d} to {date_of(np.nextafter(high, low)):%Y-%m-%d}"
    page.scale_of(low, high, days, day_marks(low, high))


def _histories(frame: pd.DataFrame) -> dict[tuple[int | None, ...], pd.DataFrame]:
    known = frame[frame["cumulative_hours"].notna()].sort_values(_SINCE)
    parts = [part for _, part in known.groupby(key_of(known, "project_id"), dropna=False)]
    return {_keys(part)[0]: part for part in parts}


def _reach(panel: Panel) -> tuple[float, float]:
    """Return the beginning and the end of the scale: the past, and the near future."""
    keys = {*_keys(panel.drawn)}
    drawn = np.array([key in keys for key in _keys(panel.frame)], dtype=bool)
    history = panel.frame[drawn | panel.frame["project_id"].isna()]
    low, last = float(history[_SINCE].min()), float(history[_UNTIL].max())
    if "finish" not in panel.drawn:
        return low, last
    ahead = np.concatenate([days_of(panel.drawn[name]) + 1 for name in FINISH])
    if np.isnan(ahead).all():
        return low, last
    begun = float(np.fmax(last, panel.drawn[_AS_OF].iloc[0]))
    return low, min(float(np.nanmax([last, *ahead])), begun + _days_ahead(begun - low))


def _days_ahead(been: float) -> float:
    return max(_AHEAD * been, _LEAST_AHEAD)


@dataclass(frozen=True)
class _Strip:
    """Where one project is drawn: the top of its scale, its zero, and its height."""

    page: Page
    top: float
    zero: float
    tall: float
    ends: tuple[float, float]

    def at(self, hours: Any) -> Any:
        return self.zero - hours / self.top * self.tall

    def draw(self, history: pd.DataFrame, row: pd.Series[Any], target: float) -> None:
        ax, style = self.page.ax, self.page.style
        ax.hlines(self.zero, *self.ends, color=style.muted, linewidth=0.6, zorder=1, label="Zero")
        days, hours = _points(history)
        if target > 0:
            color = style.reference
            level = self.at(target)
            ax.hlines(level, *self.ends, color=color, linewidth=1.2, zorder=3, label="Estimate")
            self._over(days, hours, target)
            if "finish" in row:
                self._fan(row, target)
        line: dict[str, Any] = {"color": style.within, "linewidth": 2, "zorder": 4}
        ax.plot(days, self.at(hours), label="Tracked", **line)

    def _over(self, days: Floats, hours: Floats, target: float) -> None:
        if not (hours > target).any():
            return
        style = self.page.style
        look: dict[str, Any] = {
            "facecolor": style.over,
            "edgecolor": style.surface,
            "hatch": HATCH,
            "linewidth": 0,
        }
        self.page.ax.fill_between(
            days,
            self.at(target),
            self.at(hours),
            where=hours > target,
            interpolate=True,
            zorder=2,
            label="Over the estimate",
            **look,
        )

    def _fan(self, row: pd.Series[Any], target: float) -> None:
        """Draw the days on which the estimate may be used up, if they are known."""
        style, ax = self.page.style, self.page.ax
        low, median, high = (day_of(row[name]) + 1 for name in FINISH)
        start, hours = row[_AS_OF], row[_AHEAD_HOURS]
        if (np.isnan(low) and np.isnan(median)) or pd.isna(hours):
            return
        origin, level = self.at(float(hours)), self.at(target)
        if not np.isnan(high):
            ax.fill(
                [start, low, high],
                [origin, level, level],
                facecolor=style.ranges[0],
                edgecolor=style.muted,
                linewidth=0.8,
                zorder=1.5,
                label="Forecast",
            )
        elif not np.isnan(low):
            edge: dict[str, Any] = {"color": style.muted, "linewidth": 0.8, "zorder": 1.5}
            ax.plot([start, low], [origin, level], label="Forecast, earliest", **edge)
        if not np.isnan(median):
            line: dict[str, Any] = {"color": style.text, "linewidth": 1.2, "zorder": 3}
            ends = ([start, median], [origin, level])
            ax.plot(*ends, label="Forecast, median", linestyle=(0, (4, 2)), **line)

    def tell(self, row: pd.Series[Any], target: float) -> None:
        """Print the estimate and the days of the forecast above the line of the estimate."""
        if not target > 0:
            return
        told = [f"Estimate {format_hours(target)}"]
        if "finish" in row and (finish := findings.finish_of(row)):
            told.append(finish)
        self.page.along(told, float(self.at(target)))


def _points(history: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return the days and hours of the line: at the start of the first period, and each end."""
    cumulative = floats(history, "cumulative_hours")
    first = max(cumulative[0] - np.nan_to_num(floats(history, "tracked_hours")[0]), 0.0)
    days = [history[_SINCE].iloc[0], *history[_UNTIL]]
    return np.array(days, dtype=float), np.array([first, *cumulative])


def _print_columns(page: Page, panel: Panel, places: list[float]) -> None:
    rows, others = panel.rows, panel.others
    over = list(overrun(rows) > 0)
    plain = [False] * len(rows)
    hours = [format_hours(value) for value in floats(rows, "cumulative_hours")]
    page.column("tracked", places, hours, plain)
    used = [_share(row) for _, row in rows.iterrows()]
    page.column("of estimate", places, used, over, end=_used_by(others))
    if "finish" not in rows or rows[list(FINISH)].isna().all(axis=None):
        return
    finish = [_median(row) for _, row in rows.iterrows()]
    page.column("lasts until", places, finish, [text[:1].isdigit() for text in finish])
    page.column(
        "interval", places, [findings.interval_of(row) for _, row in rows.iterrows()], plain
    )


def _share(row: pd.Series[Any]) -> str:
    if pd.notna(row["progress"]):
        return format_percent(row["progress"])
    estimate = row["estimated_hours"]
    if pd.isna(estimate):
        return "no estimate"
    return "not known" if estimate else "estimate 0"


def _used_by(others: pd.DataFrame) -> str:
    """Return the share of their estimates that the others used, if all of them have one."""
    if others.empty or others["progress"].isna().any():
        return ""
    return format_percent(total_hours(others, "cumulative") / total_hours(others, "estimated"))


def _median(row: pd.Series[Any]) -> str:
    if pd.notna(row["finish"]):
        return f"{row['finish']:%Y-%m-%d}"
    if pd.isna(row["progress"]):
        return ""
    return "over" if row["progress"] > 1 else "not known"


def _reading(drawn: pd.DataFrame, _: BurnOptions) -> str:
    parts = ["Cumulative hours; the horizontal line is the estimate, overruns are hatched"]
    if len(drawn) > 1:
        parts.append("each project has its own scale")
    if "finish" in drawn and drawn["finish_low"].notna().any():
        fan = "the fan ends on the days on which the estimate may be used up"
        parts.append(f"{fan}; the dashed line is the median")
    return "; ".join(parts)


_CHART: Final = Chart[BurnOptions](
    name="burn_up",
    table=BURN,
    columns="project_id project client period tracked_hours cumulative_hours estimated_hours "
    "progress",
    noun=("project", "projects"),
    sorts=get_args(BurnSort)[1:],
    other_sorts=get_args(BurnSort)[:1],
    label=_labels,
    subject=_subject,
    rows=latest,
    order=_order,
    others=lambda rows: f"{format_hours(total_hours(rows, 'cumulative'))} tracked",
    lines=_lines,
    finding=findings.burn,
    scope=lambda frame, options: burn_scope(_subject(frame, options)),
    span="time entries",
    nothing="There are no projects with known hours to show.",
    reading=_reading,
    draw=_draw,
)


def burn_up(
    burn: pd.DataFrame,
    forecast: pd.DataFrame | None = None,
    *,
    ax: Axes | None = None,
    project_id: int | None = None,
    top: int | None = 8,
    sort: BurnSort | None = "overrun",
    title: str | None = None,
    footer: bool = True,
) -> Axes:
    """Draw how projects use up their estimates, and when they will have done so.

    Each project has a strip of its own on a common scale of days; a single project has a scale of
    hours too. The line begins with the hours that were tracked before the range.

    Parameters
    ----------
    burn : pandas.DataFrame
        The frame of ``togglframe.reports.burn``, one row per project and period.
    forecast : pandas.DataFrame, optional
        The frame of ``togglframe.reports.forecast``, one row per active project. It adds a fan
        from the tracked hours to the days on which the estimate may be used up, and their dates.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw on. If it is too small, parts are left out: the footer first, then the
        columns of numbers, the subtitle and projects. By default a new figure, as tall as needed.
    project_id : int, optional
        The project to draw; by default the first ones by `sort`.
    top : int or None
        How many projects to draw; the last line gives the number of the others and their hours.
        None draws all.
    sort : {"overrun", "progress", "cumulative_hours", "project"} or None
        The order of the projects: those furthest over their estimates in hours first, then those
        with the highest progress; or largest first by a column (names from A). None keeps the order
        of the frame.
    title : str, optional
        The title; by default the finding.
    footer : bool
        Whether to print the scope below the chart.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on.

    Raises
    ------
    ConfigError
        A column is missing, periods overlap, there is no such project, or an option is invalid.

    Notes
    -----
    Periods that begin after the frame was fetched are not drawn. The scale of days ends with the
    last fan, but extends into the future by no more than 70 % of the past, or a quarter of a year
    if that is more: a longer fan is cut off, and its dates are in the column. A project without an
    estimate, or with only some of its users in the frame, has a line only.

    Examples
    --------
    >>> import togglframe as tf
    >>> ax = tf.charts.burn_up(tf.tables.BURN.empty())
    >>> ax.get_title(loc="left")
    'No projects'
    """
    frame = typed_rows_of(_CHART, burn).drop(
        columns=[*FINISH, _AS_OF, _AHEAD_HOURS], errors="ignore"
    )
    if forecast is not None:
        frame = _with_forecast(frame, forecast)
    options = BurnOptions(
        ax=ax, project_id=project_id, top=top, sort=sort, title=title, footer=footer
    )
    return draw(_CHART, frame, options)


def _with_forecast(frame: pd.DataFrame, forecast: pd.DataFrame) -> pd.DataFrame:
    """Add the days on which the estimate may be used up to the rows of each project."""
    key = key_of(frame, "project_id")
    table = FORECAST if len(key) == 1 else FORECAST.across()
    columns = [*key, "tracked_hours", *FINISH]
    ahead = _rows.typed_rows(
        forecast, _CHART.name, table, columns, (), made_by="reports.forecast(ws)", grain=table
    )
    told = frame[key].merge(ahead[ahead["project_id"].notna()], "left", key, validate="m:1")
    as_of = of(forecast).get("as_of")
    start = day_of(pd.Timestamp(as_of)) + 1 if isinstance(as_of, str) else np.nan
    told.index = frame.index
    added: dict[str, Any] = {name: told[name] for name in FINISH}
    hours = told["tracked_hours"]
    return frame.assign(**{**added, _AS_OF: start, _AHEAD_HOURS: hours})
