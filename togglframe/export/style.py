"""Tables worth looking at, in a notebook."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from togglframe.export.columns import TOTAL, check_columns, total_rows, without_arrow
from togglframe.export.display import DASH, PARTIAL, Cell, ShownColumn, columns_shown
from togglframe.export.looks import COLOURS
from togglframe.export.pivoting import PIVOT
from togglframe.tables import COLUMNS
from togglframe.tables.provenance import of
from togglframe.text.palette import LIGHT

if TYPE_CHECKING:
    from great_tables import GT

__all__ = ["style"]

_BAR: Final = (
    '<div style="position:relative;background:{ground};height:4px;min-width:56px;margin-top:2px">'
    "{parts}</div>"
)
_PART: Final = (
    '<div style="position:absolute;left:{start:.3g}%;width:{width};height:4px;background:{colour}">'
    "</div>"
)


def style(frame: pd.DataFrame, *, ids: bool = False) -> GT:
    """Show a frame as a formatted table: names first, units, bars and states in words.

    The formats come from the declarations of the tables: hours have one decimal, amounts those of
    their row's currency, progress has a bar with a tick at 100 %, states are words, names that two
    share are told apart, and unknown values are dashes. A currency that all rows share stands in
    the headings. A share or rate computed from only a part of the numbers beside it has an
    asterisk, which a note explains. This works for any frame of the package, also for a part of
    its rows or columns, and for what `pivot` makes of it; columns that no table declares are
    formatted by their dtype.

    Parameters
    ----------
    frame : DataFrame
        The frame to show. Its row labels are not shown.
    ids : bool, default False
        Whether to show ids that stand beside names too. Colours, and exact durations beside hours,
        are never shown.

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
    No request. Sensitive columns of the frame are shown too.

    Examples
    --------
    >>> import togglframe as tf
    >>> budget = tf.reports.project_budget(tf.demo())
    >>> table = tf.style(budget.head(3))
    >>> type(table).__name__
    'GT'
    """
    check_columns(frame)
    gt = _great_tables()
    plain = without_arrow(frame)
    columns = columns_shown(plain, ids=ids)
    cells = {column.name: [_html(column, cell) for cell in column.cells()] for column in columns}
    table: GT = gt.GT(pd.DataFrame(cells, dtype=object))
    table = table.fmt(str, columns=[*cells])  # as it is: the cells are HTML
    if any(column.marked for column in columns):
        table = table.tab_source_note(PARTIAL)
    table = table.cols_label({column.name: gt.html(_heading(column)) for column in columns})
    table = table.cols_align("left", [column.name for column in columns if column.is_text])
    table = table.cols_align("right", [column.name for column in columns if not column.is_text])
    return _with_totals(gt, table, plain, columns) if PIVOT in of(plain) else table


def _with_totals(gt: Any, table: GT, wide: pd.DataFrame, columns: list[ShownColumn]) -> GT:
    """Name the measure of a wide table, and set its totals in bold."""
    made_of = of(wide)[PIVOT]
    numbers = [column.name for column in columns if not column.is_text]
    measure = COLUMNS[made_of["values"]][0].label
    table = table.tab_spanner(gt.html(html.escape(measure)), columns=numbers) if numbers else table
    if not (rows := total_rows(wide)):
        return table
    bold, rule = gt.style.text(weight="bold"), gt.style.borders("top", LIGHT.text)
    table = table.tab_style([bold, rule], gt.loc.body(rows=rows))
    return table.tab_style(bold, gt.loc.body(columns=[name for name in wide if name == TOTAL]))


def _great_tables() -> Any:
    try:
        import great_tables  # noqa: PLC0415
    except ImportError as error:
        raise ImportError(
            'tf.style needs great-tables, which is not installed: pip install "togglframe[html]"'
        ) from error
    return great_tables


def _heading(column: ShownColumn) -> str:
    return html.escape(column.heading).replace("{", "&#123;")  # which would begin a unit


def _html(column: ShownColumn, cell: Cell) -> str:
    """Return the HTML of a cell."""
    if cell.text is None:
        return DASH
    text = html.escape(cell.text) + "*" * cell.is_marked
    text = f"<bdi>{text}</bdi>" if column.is_text else text
    if cell.state:
        text = f'<span style="color:{COLOURS[cell.state]};font-weight:600">{text}</span>'
    return text if cell.bar is None else text + _bar(cell, cell.bar, column.tick)


def _bar(cell: Cell, length: float, tick: float) -> str:
    """Return a bar: the part beyond 100 % is that of what is over."""
    within = COLOURS["at_risk"] if cell.state == "at_risk" else LIGHT.within.fill
    parts = [(0.0, f"{100 * min(length, tick):.3g}%", within)]
    if length > tick:
        parts.append((tick, f"{100 * (length - tick):.3g}%", COLOURS["over"]))
    if tick < 1:
        parts.append((tick, "1px", LIGHT.text))
    marks = [_PART.format(start=100 * start, width=w, colour=c) for start, w, c in parts]
    return _BAR.format(ground=LIGHT.grid, parts="".join(marks))
