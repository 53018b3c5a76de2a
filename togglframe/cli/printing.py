"""Tables on the terminal, as `export.display` shows them, laid out by rich.

A pipe gets every row and column. On a terminal, headings wrap first, then names are cut, then
columns are left out, and a message names them.
"""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Annotated, Final

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from togglframe.cli.endings import print_line, say
from togglframe.export.display import DASH, PARTIAL, Shown, ShownColumn, shown
from togglframe.export.looks import COLOURS
from togglframe.tables import Column, Kind
from togglframe.tables.provenance import table_of
from togglframe.text.formats import plural
from togglframe.text.names import count_cells, shorten_distinct

__all__ = ["Ids", "print_frame"]

Ids = Annotated[bool, typer.Option("--ids", help="Show ids too.")]

_GAP: Final = 2
_WIDEST: Final = 40  # that a name is, however wide the terminal
_FIRST: Final = 16  # to which the first name is cut before a column is left out
_OTHERS: Final = 12  # the same of other strings
_SENTENCE: Final = 24  # the same of sentences, which wrap
_NAMES: Final = ("client", "project", "user")  # said once where rows of one are together
_MOST_ROWS: Final = 100  # on a terminal
_NO_LIMIT: Final = sys.maxsize


@dataclass(frozen=True)
class Printed:
    """A column as it is printed: its texts, from the top, the totals last, and its width."""

    column: ShownColumn
    heading: str
    texts: tuple[str, ...]
    states: tuple[str, ...]
    least: int
    width: int
    is_first: bool

    @property
    def is_cut(self) -> bool:
        """Whether its texts are cut, and not wrapped or whole."""
        return self.column.is_text and not self.column.is_sentence and not self.column.is_whole


def print_frame(
    frame: pd.DataFrame,
    *,
    names: Iterable[str] | None = None,
    ids: bool = False,
    most: int = _MOST_ROWS,
    rest: str = "--out writes all to a file.",
    heading: Callable[[str], str] | None = None,
    hours: Sequence[str] = (),
) -> None:
    """Print a frame: all of it to a pipe or a file, as much as fits to a terminal.

    Parameters
    ----------
    frame : DataFrame
        The frame.
    names : iterable of str, optional
        Only these columns, in this order.
    ids : bool
        Also the ids.
    most : int
        The most rows on a terminal.
    rest : str
        What shows the rows and columns that a terminal lacks.
    heading : callable, optional
        What heads a column, by its name; by default what its table declares.
    hours : sequence of str
        With `heading`, the columns that hold hours.
    """
    if frame.empty:
        print_line("No rows.")
        return
    is_terminal = _is_terminal()
    most_rows = most if is_terminal else None
    table = shown(frame, names=names, ids=ids, most=most_rows, longest=_NO_LIMIT)
    if heading is not None:
        are_hours = {name: Column(name, "", Kind.HOURS) for name in hours}
        columns = [
            replace(one, heading=heading(one.name), column=are_hours.get(one.name, one.column))
            for one in table.columns
        ]
        table = replace(table, columns=columns)
    printed = _printed(table)
    if not is_terminal:
        print_line(_plain(table, printed))
        _explain_marks(printed)
        return
    width = shutil.get_terminal_size().columns
    fitted = _fitted(printed, _by_importance(frame, table), width)
    print_line(_rendered(table, fitted, width))
    if table.n_more:
        say(f"{len(frame) - table.n_more:,} of {plural(len(frame), 'row')}. {rest}")
    kept = {one.column.name for one in fitted}
    if left_out := [one.heading for one in printed if one.column.name not in kept]:
        say(f"Columns that did not fit: {', '.join(left_out)}. {rest}")
    _explain_marks(fitted)


def _explain_marks(columns: Sequence[Printed]) -> None:
    if any(one.column.marked for one in columns):
        say(PARTIAL)


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _printed(table: Shown) -> list[Printed]:
    """Return the columns with the cells of their rows and totals, and the label of the totals."""
    printed = []
    for nth, column in enumerate(table.columns):
        cells = column.cells()
        texts = [
            DASH if cell.text is None else _printable(cell.text) + "*" * cell.is_marked
            for cell in cells
        ]
        below = [
            line.label if nth == 0 else line.texts.get(column.name, "") for line in table.totals
        ]
        texts += below
        width = max(map(count_cells, texts))
        least = width
        if column.is_sentence:
            least = _SENTENCE
        elif column.is_text and not column.is_whole:
            least = max([_OTHERS if nth else _FIRST, *map(count_cells, below)])
            width = min(width, max(_WIDEST, least))
        heading = _printable(column.heading)
        words = max(map(count_cells, heading.split()), default=0)
        printed.append(
            Printed(
                column=column,
                heading=heading,
                texts=tuple(texts),
                states=tuple(cell.state for cell in cells),
                least=max(min(least, width), words),
                width=max(width, words),
                is_first=nth == 0,
            )
        )
    return printed


def _printable(text: str) -> str:
    """Remove control characters, so that data cannot control the terminal."""
    return "".join(char for char in text if char.isprintable())


def _by_importance(frame: pd.DataFrame, table: Shown) -> list[str]:
    """Return the columns, the most important first, and those without a value last."""
    declared = table_of(frame)
    names = [column.name for column in table.columns]
    if declared is None:  # of periods, the total and the latest
        wide = [one.name for one in table.columns if one.column and one.column.is_wide]
        lead = [*(name for name in names if name not in wide), *reversed(wide)]
    else:
        ids = [one.name for one in table.columns if one.is_id and one.name in declared.key]
        lead = [*declared.lead[:1], *ids, *declared.rank, *declared.lead]
    order = [name for name in dict.fromkeys([*lead, *names]) if name in names]
    if "currency" in order:  # an amount means nothing without it
        order.remove("currency")
        money = {column.name for column in table.columns if column.is_money}
        first = next((at for at, name in enumerate(order) if name in money), len(order))
        order.insert(first, "currency")
    described = [c.name for c in table.columns if c.column and c.column.kind is Kind.BOOLEAN]
    order = sorted(order, key=lambda name: name in described and name not in lead)
    empty = {column.name for column in table.columns if column.series.isna().all()}
    return sorted(order, key=lambda name: name in empty)


def _fitted(columns: list[Printed], order: Sequence[str], width: int) -> list[Printed]:
    """Return the columns that fit, with their widths."""
    kept = list(columns)
    for name in reversed(order[1:]):
        if _total(one.least for one in kept) <= width:
            break
        kept = [one for one in kept if one.column.name != name]
    while _total(one.width for one in kept) > width:
        widest = max(kept, key=lambda one: one.width - one.least)
        if widest.width == widest.least:
            break  # rich cuts what is still too wide
        kept[kept.index(widest)] = replace(widest, width=widest.width - 1)
    return kept


def _total(widths: Iterable[int]) -> int:
    listed = list(widths)
    return sum(listed) + _GAP * (len(listed) - 1)


def _plain(table: Shown, columns: Sequence[Printed]) -> str:
    """Return the whole table, each row on one line, for a pipe."""
    parts = []
    for one in columns:
        width = max(map(count_cells, (one.heading, *one.texts)))
        texts = [one.heading, *one.texts]
        if table.totals:
            texts.insert(1 + len(one.states), "-" * width)
        pads = [" " * (width - count_cells(text)) for text in texts]
        pairs = zip(texts, pads, strict=True)
        parts.append([text + pad if one.column.is_text else pad + text for text, pad in pairs])
    gap = " " * _GAP
    return "\n".join(gap.join(cells).rstrip() for cells in zip(*parts, strict=True))


def _rendered(table: Shown, columns: Sequence[Printed], width: int) -> str:
    """Return the table for a terminal of this width, in bold and colours."""
    grid = Table(
        box=None, padding=(0, _GAP, 0, 0), pad_edge=False, show_edge=False, header_style="bold"
    )
    for one in columns:
        grid.add_column(
            Text(_folded(one.heading, one.width)),
            justify="left" if one.column.is_text else "right",
            no_wrap=not one.column.is_sentence,
            overflow="fold" if one.column.is_sentence else "ellipsis",
            width=one.width,
        )
    n_rows = len(columns[0].states)
    rows = [*zip(*map(_cells, columns), strict=True)]
    for cells in rows[:n_rows]:
        grid.add_row(*cells)
    names = [one.column.name for one in columns]
    below = zip(rows[n_rows:], table.totals, strict=True)
    totals = [row for row, line in below if line.applies(names)]
    if totals:
        grid.add_row(*("-" * min(one.width, width) for one in columns))
    for cells in totals:
        grid.add_row(*cells, style="bold")
    console = Console(file=io.StringIO(), width=width, force_terminal=True, legacy_windows=False)
    with console.capture() as capture:
        console.print(grid)
    return "\n".join(line.rstrip() for line in capture.get().splitlines())


def _cells(one: Printed) -> list[Text]:
    """Return the cells of a column, cut to its width."""
    texts = shorten_distinct(one.texts, one.width) if one.is_cut else [*one.texts]
    if one.is_first and one.column.name in _NAMES:
        texts = ["" if same else text for text, same in zip(texts, _repeated(texts), strict=True)]
    states = (*one.states, *[""] * (len(texts) - len(one.states)))
    styles = [f"bold {COLOURS[state]}" if state else "" for state in states]
    return [Text(text, style=style) for text, style in zip(texts, styles, strict=True)]


def _repeated(texts: Sequence[str]) -> list[bool]:
    return [False, *(one == other for one, other in pairwise(texts))]


def _folded(heading: str, width: int) -> str:
    """Return a heading in as many lines as make it no wider than its column."""
    lines = [""]
    for word in heading.split():
        together = f"{lines[-1]} {word}".strip()
        if count_cells(together) <= width:
            lines[-1] = together
        else:
            lines.append(word)
    return "\n".join(line for line in lines if line)
