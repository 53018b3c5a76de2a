"""Tables that fit a terminal: headings wrap, long names are cut, and columns are left out last.

A message names the columns left out.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import pandas as pd

from togglframe.cli.endings import print_line, printable, say
from togglframe.export.columns import columns_of, told
from togglframe.tables import Column, Kind
from togglframe.tables.provenance import table_of
from togglframe.text.cells import hours, is_missing, state, words, writer
from togglframe.text.formats import format_percent, plural
from togglframe.text.names import count_cells, named, names_of, shorten, shorten_distinct

__all__ = ["fitted", "print_frame", "print_portfolio"]

_GAP: Final = "  "
_WIDEST: Final = 40  # that a name is before it is cut
_LONGEST_SENTENCE: Final = 160
_SENTENCE: Final = 36  # to which a sentence is cut before a column is left out
_LEADING: Final = 14  # the same of the name that leads a row
_NARROWEST: Final = 12  # the same of another string
_SHOWN_PROJECTS: Final = 20
_MOST_ROWS: Final = 100  # of a frame on a terminal; a pipe gets all
_DESCRIBING: Final = (Kind.BOOLEAN, Kind.NAMES, Kind.TIMESTAMP)
_TELLING: Final = ("name", "assignee", "label", "check")  # whom or what a row is about


@dataclass(frozen=True)
class Shown:
    """A column as it is printed.

    Parameters
    ----------
    heading : str
        The heading.
    cells : sequence of str
        The cells.
    is_text : bool
        Whether it is aligned to the left.
    least : int, optional
        The width it may be cut to, in terminal cells; by default it is not cut.
    most : int
        The most cells it takes if it may be cut, however wide the terminal is.
    is_folded : bool
        Whether the heading may wrap after an underscore.
    whole : sequence of str
        The cells before they were cut.
    """

    heading: str
    cells: Sequence[str]
    is_text: bool = False
    least: int | None = None
    most: int = _WIDEST
    is_folded: bool = False
    whole: Sequence[str] = ()

    @cached_property
    def _of_cells(self) -> int:
        return max(map(count_cells, self.cells), default=0)

    @cached_property
    def head(self) -> list[str]:
        """The lines of the heading: one, or enough to make it as narrow as the cells."""
        if not self.is_folded:
            return [self.heading]
        parts = re.findall("_*(?:[^_]_)?[^_]+_*|_+", self.heading) or [""]
        room = max(self._of_cells, *map(count_cells, parts))
        lines = [""]
        for part in parts:
            if lines[-1] and count_cells(lines[-1] + part) > room:
                lines.append("")
            lines[-1] += part
        return lines

    @cached_property
    def width(self) -> int:
        """Its width in terminal cells."""
        return max(self._of_cells, *map(count_cells, self.head))

    @property
    def narrowest(self) -> int:
        """Its width in terminal cells when it is cut."""
        if self.least is None:
            return self.width
        return min(self.width, max(self.least, *map(count_cells, self.head)))

    def cut(self, width: int) -> Shown:
        """Return the column with its strings cut to this width."""
        whole = self.whole or self.cells
        return replace(self, cells=shorten_distinct(whole, width), whole=whole)

    def lines(self, head: int) -> list[str]:
        """Return the heading, in this many lines, and the cells, all equally wide."""
        return [
            text + pad if self.is_text else pad + text
            for text in (*[""] * (head - len(self.head)), *self.head, *self.cells)
            for pad in [" " * (self.width - count_cells(text))]
        ]


def fitted(
    columns: Sequence[Shown], width: int, expendable: Iterable[str] = ()
) -> tuple[list[str], list[str], list[str]]:
    """Return a table that is no wider than a terminal, and the headings left out.

    Headings wrap first; then strings are cut, the widest most; if that is not enough, columns are
    left out. What is still too wide is cut: the first string, and then each line.

    Parameters
    ----------
    columns : sequence of Shown
        The columns.
    width : int
        The width of the terminal, in cells.
    expendable : iterable of str
        Headings of the columns that may be left out, in this order.

    Returns
    -------
    list of str
        The lines of the heading.
    list of str
        The lines below the heading.
    list of str
        The headings left out.
    """
    kept = [column if column.least is None else column.cut(column.most) for column in columns]
    if _total(column.width for column in kept) > width:
        kept = [replace(column, is_folded=True) for column in kept]
    left_out = []
    for heading in expendable:
        if _total(column.narrowest for column in kept) <= width:
            break
        kept = [column for column in kept if column.heading != heading]
        left_out.append(heading)
    while (excess := _total(column.width for column in kept) - width) > 0:
        widest = max(kept, key=lambda column: column.width - column.narrowest)
        room = widest.width - widest.narrowest
        if not room:
            break  # a column that nobody can do without
        at = kept.index(widest)
        kept[at] = widest.cut(widest.width - min(excess, max(room // 2, 1)))
    texts = [place for place, column in enumerate(kept) if column.least is not None]
    if excess > 0 and texts:
        first = kept[texts[0]]
        kept[texts[0]] = first.cut(max(first.width - excess, 1))
    head, lines = ([shorten(line, width) for line in part] for part in _joined(kept))
    return head, lines, left_out


def _joined(columns: Sequence[Shown]) -> tuple[list[str], list[str]]:
    """Return the lines of the heading, and the lines below it."""
    head = max(len(column.head) for column in columns)
    rows = zip(*(column.lines(head) for column in columns), strict=True)
    lines = [_GAP.join(row).rstrip() for row in rows]
    return lines[:head], lines[head:]


def _total(widths: Iterable[int]) -> int:
    listed = list(widths)
    return sum(listed) + len(_GAP) * (len(listed) - 1)


def _width() -> int:
    return shutil.get_terminal_size().columns


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _tell_of_left_out(headings: Sequence[str], otherwise: str) -> None:
    if headings:
        say(f"Columns that did not fit: {', '.join(headings)}. {otherwise}")


# ---------------------------------------------------------------------------------------------
# Any frame


def print_frame(frame: pd.DataFrame) -> None:
    """Print a frame: all of it to a pipe or a file, as much as fits to a terminal."""
    if frame.empty:
        print_line("No rows.")
        return
    facts = columns_of(frame, table_of(frame))
    is_cut = _is_terminal() and len(frame) > _MOST_ROWS
    rows = frame
    if is_cut:
        rows = pd.concat([frame.head(_MOST_ROWS // 2), frame.tail(_MOST_ROWS // 2)])
    lead = _lead(frame)[:1]
    columns = [
        _shown(
            named(rows, name) if name in lead and f"{name}_id" in rows else told(rows, name, fact),
            fact,
            least=_LEADING if name in lead else _NARROWEST,
        )
        for name, fact in zip(frame.columns, facts, strict=True)
    ]
    if not _is_terminal():
        head, lines = _joined(columns)
        print_line("\n".join([*head, *lines]))
        return
    head, lines, left_out = fitted(columns, _width(), _expendable(frame, facts))
    if is_cut:
        lines.insert(_MOST_ROWS // 2, "…")
    print_line("\n".join([*head, *lines]))
    if is_cut:
        say(f"{_MOST_ROWS} of {plural(len(frame), 'row')}; --out writes all to a file")
    _tell_of_left_out(left_out, "--out writes all to a file.")


def _expendable(frame: pd.DataFrame, facts: Sequence[Column | None]) -> list[str]:
    """Return the columns to leave out of a narrow table, in this order, each kind from the right.

    First empty columns and durations that hours repeat, then ids beside names, descriptions and
    measures, then names and the columns that rank the rows, and last those in the table's `lead`.
    The first of these always stays, or else the first column, and a currency stays as long as
    there is money.
    """
    table = table_of(frame)
    ranks = () if table is None else table.rank
    needs = {
        str(name): 0 if frame[name].isna().all() else _need(str(name), fact, frame.columns, ranks)
        for name, fact in zip(frame.columns, facts, strict=True)
    }
    lead = [name for name in _lead(frame) if needs.get(name)]
    stays = lead[0] if lead else str(frame.columns[0])
    rest = [name for name in reversed(needs) if name not in {stays, *lead}]
    order = [*sorted(rest, key=needs.__getitem__), *lead[:0:-1]]
    money = [fact.name for fact in facts if fact and fact.kind is Kind.MONEY and fact.name in order]
    if money and "currency" in order:
        order.remove("currency")
        order.insert(1 + max(map(order.index, money)), "currency")
    return order


def _lead(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the columns that a reader wants first, if the frame's table is known."""
    table = table_of(frame)
    return () if table is None else table.lead


def _need(name: str, column: Column | None, names: Collection[str], ranks: Sequence[str]) -> int:
    """Return how important a column is on a narrow terminal."""
    if column is None or name in ranks or column.is_sentence:
        return 5
    if column.kind is Kind.DURATION:
        return 0 if name.replace("_time", "_hours") in names else 3
    if column.kind is Kind.ID:
        entity = name.removesuffix("_id")
        has_name = entity in names or f"{entity}_name" in names
        return 1 if has_name or (name == "user_id" and "assignee" in names) else 3
    if column.kind is Kind.STRING:
        entity = name.removesuffix("_name")
        return 4 if name in _TELLING or f"{entity}_id" in names else 2
    return 2 if column.kind in _DESCRIBING else 3


def _shown(series: pd.Series[Any], column: Column | None, least: int) -> Shown:
    write = writer(series, column)
    is_sentence = column is not None and column.is_sentence
    cells = ["" if is_missing(value) else printable(write(value)) for value in series]
    return Shown(
        printable(str(series.name)),
        cells,
        is_text=write in {words, state},
        least=None if write is not words else _SENTENCE if is_sentence else least,
        most=_LONGEST_SENTENCE if is_sentence else _WIDEST,
    )


# ---------------------------------------------------------------------------------------------
# A portfolio

_MEASURES: Final = {
    "tracked_hours": "tracked h",
    "estimated_hours": "estimate h",
    "progress": "progress",
    "overrun_hours": "over h",
}
_LESS_NEEDED: Final = ("estimate h", "client", "progress", "state", "tracked h")


def print_portfolio(budget: pd.DataFrame) -> None:
    """Print a portfolio, and say which columns the terminal is too narrow for."""
    text, left_out = portfolio(budget, _width())
    print_line(text)
    _tell_of_left_out(left_out, "A wider terminal shows all.")


def portfolio(budget: pd.DataFrame, width: int) -> tuple[str, list[str]]:
    """Return the portfolio, largest overruns first, with totals; and the columns left out."""
    shown, more = budget.head(_SHOWN_PROJECTS), budget.iloc[_SHOWN_PROJECTS:]
    compared, rest = (more[more["progress"].notna() == is_so] for is_so in (True, False))
    totals = [
        _total_of(f"… {len(compared)} more with an estimate", compared),
        _total_of(f"… {len(rest)} more without", rest, is_compared=False),
        _total_of("All with an estimate", budget[budget["progress"].notna()]),
        _total_of(f"All {plural(len(budget), 'project')}", budget, is_compared=False),
    ]
    lines = _measures(shown).assign(
        project=names_of(shown, "project"),
        client=names_of(shown, "client"),
        state=shown["budget_state"].astype("str").map(state),
    )
    lines = pd.concat([lines, *totals]).astype("object")
    lines = lines.where(lines.notna(), "")
    labels = max(map(count_cells, lines["project"].iloc[len(shown) :]))
    least = {
        "project": min(labels, max(width // 2, _LEADING)),
        "client": _NARROWEST,
        "state": None,
    }
    columns = [
        Shown(name, lines[name].tolist(), is_text=name in least, least=least.get(name))
        for name in ("project", "client", *_MEASURES.values(), "state")
    ]
    head, rows, left_out = fitted(columns, width, _LESS_NEEDED)
    rule = "-" * max(map(count_cells, (*head, *rows)))
    return "\n".join([*head, *rows[: len(shown)], rule, *rows[len(shown) :]]), left_out


def _total_of(label: str, rows: pd.DataFrame, *, is_compared: bool = True) -> pd.DataFrame:
    """Return the line of totals of some projects, or no line if there are none.

    Without `is_compared`, it has the tracked hours only.
    """
    if rows.empty:
        return pd.DataFrame()
    measured = [name for name in _MEASURES if name.endswith("_hours")]
    sums = rows[measured if is_compared else ["tracked_hours"]].sum().to_frame().T
    if is_compared:
        sums["progress"] = sums["tracked_hours"] / sums["estimated_hours"]
    return _measures(sums.reindex(columns=list(_MEASURES))).assign(project=label)


def _measures(rows: pd.DataFrame) -> pd.DataFrame:
    """Write the measures of the portfolio for the screen."""
    written = {
        label: rows[name].map(
            hours if name.endswith("_hours") else format_percent, na_action="ignore"
        )
        for name, label in _MEASURES.items()
    }
    return pd.DataFrame(written, index=rows.index)
