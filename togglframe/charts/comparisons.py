"""A report of a range of days beside that of the range before: what changed most."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from togglframe.charts._rows import choose, typed_rows
from togglframe.charts._shared import Drawing, drawing, split
from togglframe.errors import ConfigError
from togglframe.tables import BEFORE, CHANGE_OF, COMPARISONS, Column, Kind
from togglframe.text import headlines
from togglframe.text.formats import (
    format_difference,
    format_money,
    format_signed_money,
    format_signed_percent,
    format_whole,
)
from togglframe.text.measures import (
    Floats,
    add_up_rounded,
    compared_measures,
    floats,
    kind_of,
    known,
)
from togglframe.text.names import labels_of, one_line, own_groups_in
from togglframe.text.periods import two_ranges
from togglframe.text.scope import not_shown

ComparisonSort = Literal["change", "value", "name"]

Names = Callable[..., list[str]]

_LONGEST: Final = 7  # characters of a range that is the head of a column
_LEAST_WHOLE: Final = 10  # smaller hours have a decimal
_ENTITIES: Final = ("project", "client", "user", "task")


def comparison(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    measure: str | None = None,
    top: int | None = 20,
    sort: ComparisonSort | None = "change",
    title: str | None = None,
    footer: bool = True,
) -> Axes:
    """Draw what changed between two ranges of days, the largest increase first.

    Bars to the right are increases, bars to the left decreases, beside the values of both ranges.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.compare``, one row per client, project, user or group.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw on: as many rows as are legible, one column of numbers and the title. By
        default a new figure, as tall as needed.
    measure : str, optional
        What to compare: "tracked_hours", "billable_hours", "amount" or another one that the frame
        has in both ranges; by default the first. Amounts need a frame of one currency.
    top : int or None
        How many rows to draw, those of the largest changes; the last line gives the number of the
        others and their change. None draws all. A single other one is drawn too.
    sort : {"change", "value", "name"} or None
        The order of the rows: from the largest increase to the largest decrease, largest first, or
        names from A; the last two draw the first `top` in that order. None keeps the order of the
        frame.
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
        A column is missing, an option is invalid, or amounts have several currencies.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> change = tf.reports.compare(ws, "hours", period="2026-09", by="client")
    >>> tf.charts.comparison(change).get_title(loc="left")
    'Stadtwerke Lindau grew most: 173 h more than in August'
    """
    choose(sort, (*get_args(ComparisonSort), None), "sort")
    measure = compared_measures(frame)[0] if measure is None else measure
    frame, names = _typed(frame, measure)
    rows = known(frame, measure + CHANGE_OF)
    shown, others = split(_ordered(rows, measure, names, sort), top, ax)
    if sort == "change":
        shown = shown.sort_values(measure + CHANGE_OF, ascending=False, kind="stable")
    with drawing(ax, [max(len(shown) + (len(others) > 0), 1)], title, footer) as canvas:
        if shown.empty:
            canvas.show_nothing("There are no changes to show.")
        else:
            signed, _ = _formats(measure)
            net = signed(float(floats(others, measure + CHANGE_OF).sum()))
            note = f"{net} {_unit(shown, measure)}".strip() + " together"
            canvas.name_rows(shown, names, others, note=note)
            _draw_numbers(canvas, frame, shown, measure)
            _draw_bars(canvas, floats(shown, measure + CHANGE_OF), _unit(shown, measure))
        found = headlines.comparison(frame, measure)
        now, before = two_ranges(frame)
        reading = [
            f"Bars are {now} minus {before}." if len(shown) else "",
            not_shown(len(frame) - len(rows), "of an unknown change", "row"),
        ]
        alt = f"What changed between two ranges of days: {found}."
        canvas.put_words(frame, found, reading, alt=alt)
    return canvas.axes[0]


def _typed(frame: pd.DataFrame, measure: str) -> tuple[pd.DataFrame, Names]:
    """Return the typed frame and what names its rows."""
    own = own_groups_in(frame)
    columns = {*getattr(frame, "columns", ())}
    named = [*own, *(name for name in _ENTITIES if {name, f"{name}_id"} & columns)]
    if not named and len(getattr(frame, "index", ())) > 1:
        named = ["client"]
    choose(measure, compared_measures(frame), "measure")
    table = next(
        table.with_choices([Column(name=name, kind=Kind.STRING, doc="Own group.") for name in own])
        for table in COMPARISONS.values()
        if measure in table
    )
    needed = " ".join([*named[:1], measure, measure + BEFORE, measure + CHANGE_OF])
    report = "reports.compare(ws, 'hours', by='client', period='last-month')"
    hints = " ".join([*named[1:], "currency"])
    rows = typed_rows("comparison", frame, table, needed, hints, report=report)
    _check_currency(rows, measure)
    if not named:
        return rows, lambda **_: ["In all"] * len(rows)
    return rows, partial(labels_of, rows, *named, "currency")


def _check_currency(rows: pd.DataFrame, measure: str) -> None:
    codes = [*rows["currency"].dropna().unique()] if "currency" in rows else []
    if kind_of(measure) is Kind.MONEY and len(codes) > 1:
        raise ConfigError(
            f"comparison draws amounts of one currency, and the frame has {', '.join(codes)}: pass "
            f"frame[frame['currency'] == {codes[0]!r}]."
        )


def _ordered(
    rows: pd.DataFrame, measure: str, names: Names, sort: ComparisonSort | None
) -> pd.DataFrame:
    if sort == "change":
        by = -rows[measure + CHANGE_OF].abs()
    elif sort == "value":
        by = -rows[measure]
    elif sort == "name":
        labels = names()
        by = pd.Series([labels[row].casefold() for row in rows.index], rows.index)
    else:
        return rows
    return rows.loc[by.sort_values(kind="stable").index]


def _unit(rows: pd.DataFrame, measure: str) -> str:
    kind = kind_of(measure)
    if kind is Kind.MONEY:
        return one_line(str(rows["currency"].fillna("").iloc[0])) if "currency" in rows else ""
    return "h" if kind is Kind.HOURS else ""


def _formats(measure: str) -> tuple[Callable[[float], str], Callable[[float], str]]:
    """Return how a change and a value are written in columns whose heads have the unit."""
    if kind_of(measure) is Kind.MONEY:
        return format_signed_money, format_money
    return format_difference, format_whole


def _draw_numbers(canvas: Drawing, frame: pd.DataFrame, shown: pd.DataFrame, measure: str) -> None:
    signed, plain = _formats(measure)
    now, was = two_ranges(frame)
    if max(len(now), len(was)) > _LONGEST:
        now, was = "now", "before"
    changes = floats(shown, measure + CHANGE_OF)
    values, before = floats(shown, measure), floats(shown, measure + BEFORE)
    rows = zip(values, before, changes, strict=True)
    rounded = [_rounded(*row, kind_of(measure)) for row in rows]
    unit = f" [{unit}]" if (unit := _unit(shown, measure)) else ""
    columns = {
        f"change{unit}": [signed(change) for change in changes],
        "change": [
            format_signed_percent(change / old) if old > 0 else "new" if change > 0 else ""
            for change, old in zip(changes, before, strict=True)
        ],
        f"{now}{unit}": [plain(value) for value, _ in rounded],
        f"{was}{unit}": [plain(value) for _, value in rounded],
    }
    most = np.nanmax(np.abs(floats(frame, measure + CHANGE_OF)))
    tones = [canvas.palette.within if abs(change) == most else None for change in changes]
    canvas.add_columns(range(len(shown)), columns, tones)


def _rounded(now: float, before: float, change: float, kind: Kind) -> tuple[float, float]:
    """Round two values that are shown whole, so that they differ by the change as it is shown."""
    if kind is Kind.MONEY:
        shown = math.copysign(math.floor(abs(change) + 0.5), change)  # amounts are rounded half up
    elif min(now, before, abs(change)) < _LEAST_WHOLE:
        return now, before
    else:
        shown = round(change)
    first, second = add_up_rounded(np.array([now, -before]), shown)
    return float(first), -float(second)


def _draw_bars(canvas: Drawing, changes: Floats, unit: str) -> None:
    places = np.arange(len(changes), dtype=float)
    for which, label in ((changes > 0, "More"), (changes < 0, "Less")):
        canvas.paint(places[which], changes[which], canvas.palette.within, label)
    canvas.set_signed_scale(changes, unit)
