"""The contents of the page: the sheets of a workbook as sections of tables, charts and text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import pandas as pd

from togglframe import charts
from togglframe.export.display import PARTIAL, Cell, ShownColumn, columns_shown
from togglframe.export.excel.about import NOTICE, facts, notes
from togglframe.export.excel.spec import FrameSheet
from togglframe.export.excel.summary import TOTALS, headline, reconciliation
from togglframe.export.excel.workbook import Contents, Portfolio
from togglframe.export.html.pictures import Palette, Picture, drawn
from togglframe.reports.budget import sum_by_client
from togglframe.tables import CLIENT_BUDGET, HOURS, WORKSPACE, WORKSPACE_BUDGET_BY_CURRENCY
from togglframe.tables.provenance import of, stamp, workspaces_in_words
from togglframe.tables.workspaces import count_of, together
from togglframe.text import findings, findings_over_time, headlines
from togglframe.text.figures import KeyFigure, key_figures
from togglframe.text.formats import plural
from togglframe.text.measures import above_zero, hours_of
from togglframe.text.names import legible
from togglframe.text.periods import periods_of
from togglframe.text.scope import capacity_scope, chosen, fetched, nothing_tracked
from togglframe.text.sentences import at_risk_in_words

__all__ = ["MOST_ROWS", "Page", "PageTable", "Section", "page_of"]

MOST_ROWS: Final = 200  # of a table: with 1,000, a page of 20,000 projects opens in four seconds
_TOP: Final = 10  # of the worst, and of those at risk
_DRAWN: Final = 15  # rows of the other charts
_STEPS: Final = 3  # of the bridge, beside those of the clients
_LAYERS: Final = 7  # the height of the columns of the weeks, in rows
_LIBRARIES: Final = ("pandas", "matplotlib", "Jinja2")

_NA: Final = re.compile(r"\bNA\b")


@dataclass(frozen=True, kw_only=True)
class PageTable:
    """A table of the page.

    Parameters
    ----------
    name : str
        The basis of its id.
    caption : str
        What it shows.
    order : str
        The order of its rows, if the columns do not make it clear.
    columns : list of ShownColumn
        Its columns, with the rows that are shown.
    whole : int
        How many rows there are in all.
    """

    name: str
    caption: str
    columns: list[ShownColumn]
    whole: int
    order: str = ""

    @property
    def rows(self) -> list[tuple[Cell, ...]]:
        """Its rows, from the top."""
        return list(zip(*(column.cells() for column in self.columns), strict=True))

    @property
    def count(self) -> str:
        """Say how many rows are shown, and that they are the first of how many."""
        return f"the first {self.scope}" if self.left_out else self.scope

    @property
    def scope(self) -> str:
        """Say how many rows are shown, of how many."""
        whole = plural(self.whole, "row")
        return f"{MOST_ROWS:,} of {whole}" if self.left_out else whole

    @property
    def left_out(self) -> int:
        """How many rows are not shown."""
        return max(self.whole - MOST_ROWS, 0)

    @property
    def note(self) -> str:
        """The meaning of its marks, empty if it has none."""
        return PARTIAL if any(column.marked for column in self.columns) else ""

    def position_of(self, name: str) -> int | None:
        """Return the position of a column, None if it is not shown."""
        return next((at for at, one in enumerate(self.columns) if one.name == name), None)


@dataclass(frozen=True, kw_only=True)
class Section:
    """A section of the page; its `text` is above its pictures and tables, finding first."""

    name: str
    title: str
    said: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[PageTable, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Page:
    """All that the page says.

    Parameters
    ----------
    title, finding, scope : str
        The headline, the finding in a sentence, and what the page covers and when.
    figures : list of KeyFigure
        The key figures.
    doubts : list of str
        Why it cannot be proven that all rows came, and what is missing.
    confidential : str
        The notice that the page is confidential; empty if it is not.
    sections : list of Section
        Its sections.
    facts, notes, left_out : list of (str, str)
        Where the numbers come from, how to read them, and what is left out.
    meanings : list of (str, str, str)
        Section, heading and meaning of the columns.
    palette : Palette
        The colours of the pictures.
    """

    title: str
    finding: str
    scope: str
    figures: list[KeyFigure]
    doubts: list[str]
    confidential: str
    sections: list[Section]
    facts: list[tuple[str, str]]
    notes: list[tuple[str, str]]
    left_out: list[tuple[str, str]]
    meanings: list[tuple[str, str, str]]
    palette: Palette


def page_of(contents: Contents, title: str | None = None) -> Page:
    """Return the page of these contents."""
    palette = Palette()
    sections = [*_sections(contents, palette)]
    return Page(
        title=legible(_headline(contents) if title is None else title),
        finding=_finding(contents),
        scope=_scope(contents),
        figures=(
            key_figures(contents.budget, contents.at_risk)
            if isinstance(contents, Portfolio)
            else []
        ),
        doubts=[f"Not proven complete: {legible(doubt)}" for doubt in contents.doubts],
        confidential=NOTICE if contents.is_sensitive else "",
        sections=sections,
        facts=_legible(facts(contents, "page", _LIBRARIES)),
        notes=notes(contents, of_page=True),
        left_out=[*_left_out(contents, sections)],
        meanings=[*_meanings(sections)],
        palette=palette,
    )


def _headline(contents: Contents) -> str:
    if isinstance(contents, Portfolio):
        return headline(contents)
    return ", ".join(filter(None, ["Toggl Track time", workspaces_in_words(contents.known)]))


def _finding(contents: Contents) -> str:
    if isinstance(contents, Portfolio):
        return headlines.budget(contents.budget)
    hours = _frame(contents, "Hours")
    return "" if hours is None else findings_over_time.hours(hours)


def _legible(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, legible(said)) for name, said in pairs]


def _scope(contents: Contents) -> str:
    parts = ["Lifetime totals"] if isinstance(contents, Portfolio) else []
    if contents.days.is_ranged:
        parts.append(f"time entries from {contents.days.start} to {contents.days.end}")
    parts += chosen(contents.known.get("filters") or {}, contents.known.get("names"))
    text = " · ".join([*parts, fetched(contents.known)])
    return text[0].upper() + text[1:]


def _left_out(contents: Contents, sections: list[Section]) -> Iterator[tuple[str, str]]:
    for name, reason in contents.hidden.items():
        yield name.replace("_", " ").capitalize(), legible(reason)
    if not contents.days.is_ranged:
        yield "Weeks and people", "No range of days was selected."
    elif contents.days.ids:
        yield "People", "Their load covers all their work, this page only a part of it."
    for table in (table for section in sections for table in section.tables):
        if table.left_out:
            yield table.caption, f"Only {table.count} are shown."
    if isinstance(contents, Portfolio) and contents.left_out:
        said = f"{plural(contents.left_out, 'finding')} about labour costs, which are sensitive."
        yield "Audit", said


def _meanings(sections: list[Section]) -> Iterator[tuple[str, str, str]]:
    told: set[tuple[str, str]] = set()
    for section in sections:
        for column in (column for table in section.tables for column in table.columns):
            meaning = (column.heading, _NA.sub("a dash", column.doc))
            if column.doc and meaning not in told:
                told.add(meaning)
                yield section.title, *meaning


# ---------------------------------------------------------------------------------------------
# The sections


def _sections(contents: Contents, palette: Palette) -> Iterator[Section]:
    if isinstance(contents, Portfolio):
        yield _totals(contents)
        yield from _overruns(contents, palette)
        yield _clients(contents, palette)
    yield from _weeks(contents, palette)
    yield from _people(contents, palette)
    if isinstance(contents, Portfolio):
        yield _projects(contents)
        yield from _accuracy(contents, palette)
        yield from _sheets(contents, "Team", "Members and rates")
    yield from _profit(contents)
    yield from _audit(contents)


def _totals(portfolio: Portfolio) -> Section:
    totals = portfolio.totals.assign(currency=portfolio.totals["currency"].fillna("(no currency)"))
    is_across = WORKSPACE.name in totals
    columns = columns_shown(
        totals,
        WORKSPACE_BUDGET_BY_CURRENCY.across() if is_across else WORKSPACE_BUDGET_BY_CURRENCY,
        names=[*([WORKSPACE.name] if is_across else []), *TOTALS],
    )
    table = PageTable(
        name="totals", caption="Totals by currency", columns=columns, whole=len(totals)
    )
    said = reconciliation(portfolio, "on this page")
    tables = (table,) if table.whole else ()
    return Section(name="totals", title="Totals by currency", said=(said,), tables=tables)


def _overruns(portfolio: Portfolio, palette: Palette) -> Iterator[Section]:
    budget = portfolio.budget
    known: dict[str, Any] = {"footer": False, "at_risk": portfolio.at_risk}
    over = len(above_zero(budget, "overrun_hours"))
    shown = min(over, _TOP)
    title = findings.furthest_over(budget, shown)
    worst = partial(charts.budget_bullet, budget, top=shown, title=title, **known)
    yield _with_chart(Section(name="worst", title="Furthest over"), title, worst, shown, palette)
    near = budget[budget["budget_state"] == "at_risk"]
    title = findings.at_risk(budget, portfolio.at_risk)
    options = {**known, "top": _TOP, "sort": "progress", "scale": "percent", "title": title}
    risky = partial(charts.budget_bullet, near, **options)
    section = _with_chart(
        Section(name="risk", title="At risk"), title, risky, min(len(near), _TOP), palette
    )
    alt = f"{at_risk_in_words(near, portfolio.at_risk)}."
    pictures = tuple(replace(picture, alt=alt) for picture in section.pictures)
    yield replace(section, pictures=pictures)


def _clients(portfolio: Portfolio, palette: Palette) -> Section:
    hours = _hours_by_client(portfolio.budget)
    stamp(hours, **{**of(portfolio.budget), "table": CLIENT_BUDGET.name})
    bridge = partial(charts.variance_waterfall, hours, top=_DRAWN, footer=False)
    compared = int(hours["variance_hours"].notna().sum())
    rows = min(compared, _DRAWN) + _STEPS if compared else 0
    section = _with_chart(
        Section(name="clients", title="Budget by client"),
        headlines.clients(hours),
        bridge,
        rows,
        palette,
    )
    return replace(section, tables=_tables(portfolio, "Clients"))


def _hours_by_client(budget: pd.DataFrame) -> pd.DataFrame:
    if WORKSPACE.name not in budget:
        return sum_by_client(budget)
    parts = {
        int(part[WORKSPACE.name].iloc[0]): part.drop(columns=WORKSPACE.name)
        for _, part in budget.groupby(WORKSPACE.name)
    }
    return together({number: sum_by_client(part) for number, part in parts.items()})


def _weeks(contents: Contents, palette: Palette) -> Iterator[Section]:
    hours = _frame(contents, "Hours")
    if hours is not None:
        if hours.empty:
            yield _nothing("weeks", "Weeks", hours)
            return
        said = findings_over_time.hours(hours)
        draw = partial(charts.hours_by_week, hours, footer=False)
        section = _with_chart(Section(name="weeks", title="Weeks"), said, draw, _LAYERS, palette)
        yield replace(section, tables=_table_of_weeks(hours))


def _nothing(name: str, title: str, frame: pd.DataFrame) -> Section:
    """Return a section that says that nothing is tracked in the range of the frame."""
    return Section(name=name, title=title, said=(f"{nothing_tracked(of(frame)['filters'])}.",))


def _table_of_weeks(hours: pd.DataFrame) -> tuple[PageTable, ...]:
    """Return a table of the hours of each week, marking weeks that the range covers in part."""
    dated = hours[hours["period"].notna()]
    if dated.empty:
        return ()
    periods = periods_of(hours)
    weeks = [week for _, week in dated.groupby("period")]
    said = {
        "period": [week["period"].iloc[0] for week in weeks],
        "tracked_hours": [_sum_known(week["tracked_time"]) for week in weeks],
        "billable_hours": [_sum_known(week["billable_time"]) for week in weeks],
    }
    frame = pd.DataFrame({name: pd.Series(v, dtype=HOURS[name].dtype) for name, v in said.items()})
    cut = {periods.starts[place]: days for place, days in periods.cut.items()}
    if cut:
        frame["In the range"] = [cut.get(start, "all days") for start in frame["period"]]
    columns = columns_shown(frame, HOURS)
    return (PageTable(name="hours", caption="Hours by week", columns=columns, whole=len(frame)),)


def _sum_known(time: pd.Series[Any]) -> float | None:
    """Sum durations [h]; None if one of them is unknown."""
    return None if time.isna().any() else hours_of(time)


def _people(contents: Contents, palette: Palette) -> Iterator[Section]:
    people = _frame(contents, "Utilisation")
    if people is not None:
        if not people["tracked_hours"].any():
            yield _nothing("people", "People", people)
            return
        said = findings_over_time.capacity(people)
        draw = partial(charts.utilisation_bars, people, top=_DRAWN, footer=False)
        rows = min(count_of(people, "user_id", dropna=False), _DRAWN)
        scope = f"{capacity_scope(people)}."
        section = Section(name="people", title="People", said=(scope,))
        section = _with_chart(section, said, draw, rows, palette)
        yield replace(section, tables=_tables(contents, "Utilisation"))


def _projects(portfolio: Portfolio) -> Section:
    tables = _tables(portfolio, "Budget")
    said = () if tables else (headlines.budget(portfolio.budget),)
    return Section(name="projects", title="Projects", said=said, tables=tables)


def _accuracy(portfolio: Portfolio, palette: Palette) -> Iterator[Section]:
    tasks = _frame(portfolio, "Tasks")
    if tasks is not None:
        done = tasks[tasks["done"].fillna(value=False)]
        measured = count_of(above_zero(done, "accuracy_ratio"), "project_id", dropna=False)
        draw = partial(charts.estimate_accuracy, tasks, top=_DRAWN, footer=False)
        said, rows = headlines.tasks(done), min(measured, _DRAWN)
        section = _with_chart(
            Section(name="accuracy", title="Accuracy of estimates"), said, draw, rows, palette
        )
        yield replace(section, tables=_tables(portfolio, "Tasks"))


def _profit(contents: Contents) -> Iterator[Section]:
    for section in _sheets(contents, "Profit", "Profit"):
        profit = _frame(contents, "Profit")
        said = "" if profit is None else findings_over_time.unknown_costs(profit)
        yield replace(section, said=(f"{said}.",) if said else ())


def _audit(contents: Contents) -> Iterator[Section]:
    names = ("Audit", "Entry audit")
    tables = tuple(table for name in names for table in _tables(contents, name))
    if any(_sheet(contents, name) for name in names):
        said = () if tables else ("Nothing was found.",)
        yield Section(name="audit", title="Audit", said=said, tables=tables)


def _sheets(contents: Contents, name: str, title: str) -> Iterator[Section]:
    tables = _tables(contents, name)
    if tables:
        yield Section(name=name.lower(), title=title, tables=tables)


def _with_chart(
    section: Section, said: str, draw: Callable[..., object], rows: int, palette: Palette
) -> Section:
    """Return a section with a chart of this many rows; with none, a text instead."""
    if not rows:
        return replace(section, said=(said,))
    return replace(section, pictures=(_picture(section.name, rows, draw, palette),))


def _picture(name: str, rows: int, draw: Callable[..., object], palette: Palette) -> Picture:
    return drawn(name, rows + 1, lambda ax: draw(ax=ax), palette)  # one is for the others


_CAPTIONS: Final = {
    "Budget": "Projects",
    "Clients": "Clients, by currency",
    "Utilisation": "Hours against capacity, by user and month",
    "Team": "Members and rates, by project",
    "Tasks": "Tasks",
    "Audit": "What to check in projects, tasks and members",
    "Entry audit": "What to check in time entries",
    "Profit": "What projects earn and cost",
}

_EVERY: Final = {"Utilisation": {"every": "month"}}
_ORDERS: Final = dict.fromkeys(("Budget", "Tasks"), "the largest overrun first")


def _tables(contents: Contents, name: str) -> tuple[PageTable, ...]:
    """Return the table of a sheet, none if there is no such sheet or it has no rows."""
    sheet = _sheet(contents, name)
    if sheet is None or sheet.frame.empty:
        return ()
    frame = sheet.frame
    head = stamp(frame.head(MOST_ROWS), **of(frame) | _EVERY.get(name, {}))
    read = list(frame.columns)[: sheet.printed]
    urls = {column: there[:MOST_ROWS] for column, there in sheet.urls.items()}
    columns = columns_shown(head, sheet.table, names=read, urls=urls)
    table = PageTable(
        name=name.lower().replace(" ", "-"),
        caption=_CAPTIONS[name],
        order=_ORDERS.get(name, ""),
        columns=[column for column in columns if not _is_bare(column, frame)],
        whole=len(frame),
    )
    return (table,)


def _is_bare(column: ShownColumn, frame: pd.DataFrame) -> bool:
    """Return whether a column is empty in all rows, so that it only takes up room."""
    return bool(column.series.isna().all() and frame[column.name].isna().all())


def _sheet(contents: Contents, name: str) -> FrameSheet | None:
    return next((sheet for sheet in contents.sheets if sheet.name == name), None)


def _frame(contents: Contents, name: str) -> pd.DataFrame | None:
    """Return the frame of a sheet as its report made it, None if there is no such sheet."""
    sheet = _sheet(contents, name)
    if sheet is None:
        return None
    links = {link.name for link in sheet.links}
    frame = sheet.frame[[name for name in sheet.frame if name not in links]]
    return stamp(frame, **of(sheet.frame))
