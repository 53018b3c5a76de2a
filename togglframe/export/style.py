"""Tables worth looking at, in a notebook."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from togglframe.charts.style import THEMES
from togglframe.export.columns import TOTAL, check_columns, total_rows, without_arrow
from togglframe.export.html.cells import DASH, PARTIAL, ShownColumn, bar_of, columns_shown, look_of
from togglframe.export.looks import COLOURS
from togglframe.text.cells import is_missing

if TYPE_CHECKING:
    from great_tables import GT

__all__ = ["style"]

_THEME: Final = THEMES["togglframe"]
_BAR: Final = (
    '<div style="background:{ground};height:4px;min-width:56px;margin-top:2px">'
    '<div style="background:{colour};height:4px;width:{width:.3g}%"></div></div>'
)


def style(frame: pd.DataFrame) -> GT:
    """Show a frame as a formatted table: headings, units, progress bars and states in words.

    The formats come from the declarations of the tables: hours have one decimal, amounts those of
    their row's currency, a change has its sign, progress has a bar that is full at 100 %, states
    are words, and unknown values are dashes. A wide table of :func:`togglframe.pivot` has hours
    with two decimals and bold totals. A share or rate computed from only a part of the numbers
    beside it has an asterisk, which a note explains. This works for any frame of the package, also
    for a part of its rows or columns; columns that no table declares are formatted by their dtype.

    Parameters
    ----------
    frame : DataFrame
        The frame to show. Its row labels are not shown.

    Returns
    -------
    great_tables.GT
        A table that notebooks display; its methods change and save it.

    Raises
    ------
    TypeError
        If it is not a DataFrame.
    ConfigError
        If there are no columns, a name is not a string, or two columns share a name.
    ImportError
        If great-tables is missing: ``pip install "togglframe[html]"``.

    See Also
    --------
    togglframe.export.to_html : Such tables and charts as a page to send.

    Notes
    -----
    No request. All columns of the frame are shown, sensitive ones included.

    Examples
    --------
    >>> import togglframe as tf
    >>> budget = tf.reports.project_budget(tf.demo())
    >>> table = tf.style(budget[["project", "progress", "budget_state"]].head(3))
    >>> type(table).__name__
    'GT'
    """
    check_columns(frame)
    gt = _great_tables()
    shown = columns_shown(without_arrow(frame))
    values = pd.DataFrame({column.name: column.series.to_list() for column in shown}, dtype=object)
    table: GT = gt.GT(values)
    for column in shown:
        for rows, write in column.writers():
            for some, mark in _by_mark(column, rows):
                cell = partial(_cell, column, write, mark)
                table = table.fmt(cell, columns=[column.name], rows=some)
    if any(column.marked for column in shown):
        table = table.tab_source_note(PARTIAL)
    if rows := total_rows(frame):
        bold, rule = gt.style.text(weight="bold"), gt.style.borders("top", _THEME.text)
        table = table.tab_style([bold, rule], gt.loc.body(rows=rows))
        table = table.tab_style(bold, gt.loc.body(columns=[n for n in frame if n == TOTAL]))
    headings = {column.name: gt.html(_heading(column)) for column in shown}
    numbers = [column.name for column in shown if not column.is_text]
    strings = [column.name for column in shown if column.is_text]
    table = table.cols_label(headings)
    return table.cols_align("left", strings).cols_align("right", numbers)


def _great_tables() -> Any:
    try:
        import great_tables  # noqa: PLC0415
    except ImportError as error:
        raise ImportError(
            'tf.style needs great-tables, which is not installed: pip install "togglframe[html]"'
        ) from error
    return great_tables


def _by_mark(column: ShownColumn, rows: list[int]) -> list[tuple[list[int], str]]:
    """Split rows into those without a mark and those with one."""
    marked = [row for row in rows if row in column.marked]
    plain = [row for row in rows if row not in column.marked]
    return [(some, mark) for some, mark in ((plain, ""), (marked, "*")) if some]


def _heading(column: ShownColumn) -> str:
    return html.escape(column.heading).replace("{", "&#123;")  # which would begin a unit


def _cell(column: ShownColumn, write: Callable[[Any], str], mark: str, value: Any) -> str:
    """Return the HTML of a cell."""
    if is_missing(value):
        return DASH
    text = html.escape(write(value)) + mark
    text = f"<bdi>{text}</bdi>" if column.is_text else text
    look = look_of(value, column.column)
    if look:
        text = f'<span style="color:{COLOURS[look]};font-weight:600">{text}</span>'
    if not column.has_bars:
        return text
    colours = {"colour": COLOURS.get(look, _THEME.within), "ground": _THEME.grid}
    return text + _BAR.format(width=100 * bar_of(value), **colours)
