"""The sections of a portfolio: what each says and shows, from the frames of reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final, Literal, TypeAlias, get_args

import pandas as pd

from togglframe.export.columns import AMOUNT_IN, UNKNOWN_CURRENCY
from togglframe.reports.auditing import CHECKS
from togglframe.reports.periods import DayRange
from togglframe.reports.selection import Selection
from togglframe.tables import WORKSPACE
from togglframe.tables.provenance import NOT_HELD, of, stamp, workspaces_in_words
from togglframe.tables.workspaces import count_of, key_of
from togglframe.text import headlines
from togglframe.text.formats import (
    format_duration,
    format_money,
    format_percent,
    format_signed,
    format_signed_percent,
    format_whole_hours,
    plural,
)
from togglframe.text.measures import above_zero, id_or_name, retainer_key, total_hours
from togglframe.text.names import (
    distinct_names,
    is_of_whole_client,
    legible,
    named,
    names_of,
    numbered_names,
    shorten,
)
from togglframe.text.periods import months_in_words, periods_of, range_in_words, within
from togglframe.text.scope import fetched, nothing_tracked

Audience = Literal["team", "client"]
SectionName = Literal[
    "figures",
    "weeks",
    "clients",
    "projects",
    "people",
    "invoice",
    "budgets",
    "at_risk",
    "retainers",
    "balance",
    "audit",
    "about",
]
SECTIONS: Final[tuple[SectionName, ...]] = get_args(SectionName)
Kind = Literal["hours", "share", "amount", "count"]
Frames: TypeAlias = Mapping[str, pd.DataFrame]
DistinctNames: TypeAlias = "Mapping[str, pd.Series[Any]]"  # by entity and id

SINCE: Final = "Since the projects began"
_NAME: Final = 40  # terminal cells of a name in a sentence
_TOP: Final = 10  # projects that a chart shows
_SENSITIVE: Final = frozenset(check.slug for check in CHECKS if check.is_sensitive)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A key figure.

    Parameters
    ----------
    name : str
        What it counts, such as "Hours".
    value : float
        The number: hours [h], a share [1], an amount [currency] or a count.
    kind : {"hours", "share", "amount", "count"}
        What the number is.
    currency : str
        The currency of an amount, empty if it is unknown.
    change : float, optional
        The difference to the period before, of shares as they are shown; None if there is none to
        compare with.
    before : float, optional
        The number of the period before.
    detail : str
        What belongs to it, in a few words.
    """

    name: str
    value: float
    kind: Kind
    currency: str = ""
    change: float | None = None
    before: float | None = None
    detail: str = ""

    @property
    def text(self) -> str:
        """The number as it is shown."""
        if self.kind == "hours":
            return format_whole_hours(self.value)
        if self.kind == "share":
            return format_percent(self.value)
        if self.kind == "count":
            return f"{self.value:,.0f}"
        return f"{self.currency} {format_money(self.value)}".strip()

    @property
    def change_text(self) -> str:
        """The change as it is shown: in per cent, of shares in points; empty if unknown."""
        if self.change is None:
            return ""
        if self.kind == "share":
            points = format_signed(100 * self.change)
            return f"{points} point" if points[1:] == "1" else f"{points} points"
        if not self.before:
            return "none before"
        if self.kind == "count":
            return format_signed(self.change)
        return format_signed_percent(self.change / self.before)


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart of a section.

    Parameters
    ----------
    name : str
        The function of ``togglframe.charts``.
    frame : DataFrame
        The frame that it draws.
    rows : int
        How many rows it needs room for.
    options : mapping of str to Any
        Its other arguments.
    """

    name: str
    frame: pd.DataFrame
    rows: int
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Section:
    """A section of a document.

    Parameters
    ----------
    name : str
        Its name, one of `SECTIONS`.
    heading : str
        Its heading.
    sentence : str
        What it says in a sentence, without a full stop; empty if its rows say it all.
    note : str
        How to read it, or what is not in it.
    frame : DataFrame, optional
        Its rows, as the report made them.
    columns : tuple of str
        The columns of the frame to show, in their order.
    figures : tuple of Figure
        Its key figures.
    charts : tuple of Chart
        Its charts.
    ranges : tuple of str
        The days that its key figures are about, and those that they are compared with.
    details : DataFrame, optional
        More rows than most readers want: of the audit, one for each check and whom it is about.
    lines : tuple of (str, str)
        Its lines of text, each with what it is about.
    """

    name: SectionName
    heading: str
    sentence: str = ""
    note: str = ""
    frame: pd.DataFrame | None = None
    columns: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    charts: tuple[Chart, ...] = ()
    ranges: tuple[str, ...] = ()
    details: pd.DataFrame | None = None
    lines: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What all sections of a document have in common.

    Parameters
    ----------
    audience : {"team", "client"}
        For whom it is.
    days : Selection
        The range of days, and the ids of clients, projects and users.
    today : date
        The day from which everything counts.
    every : str
        The length of the periods that the range is shown by; empty without a range.
    compared : mapping of str to DayRange
        The days that are compared, "now" and "before"; empty if none are.
    people, rates : bool
        Whether people are named, and rates shown.
    at_risk : float
        The progress from which an active project is at risk [1].
    billing : str
        How the billed time differs from the tracked time, in a sentence.
    """

    audience: Audience
    days: Selection
    today: dt.date
    every: str = ""
    compared: Mapping[str, DayRange] = field(default_factory=dict)
    people: bool = True
    rates: bool = False
    at_risk: float = 0.8
    billing: str = ""

    @property
    def is_for_client(self) -> bool:
        """Whether a client reads it."""
        return self.audience == "client"

    @property
    def nothing(self) -> str:
        """The sentence of a range of days without time entries."""
        return nothing_tracked(self.days.filters, self.today)


# ---------------------------------------------------------------------------------------------
# The sections


def sections_of(
    terms: Terms, frames: Mapping[SectionName, Frames], names: DistinctNames
) -> list[Section]:
    """Return the sections, each made of the frames of its reports.

    Parameters
    ----------
    terms : Terms
        What the sections have in common.
    frames : mapping of str to mapping of str to DataFrame
        The frames of each section, by what its maker calls them.
    names : mapping of str to Series
        The names of the document.
    """
    prepared = _for_client if terms.is_for_client else with_names
    sections = [
        _MAKERS[name](terms, {one: prepared(own[one], names) for one in own})
        for name, own in frames.items()
    ]
    return [*map(_section_for_client, sections)] if terms.is_for_client else sections


def names_of_document(
    terms: Terms, frames: Mapping[SectionName, Frames], listed: pd.DataFrame
) -> DistinctNames:
    """Return the names of a document by entity and id, distinct in all of its sections.

    Parameters
    ----------
    terms : Terms
        What the sections have in common.
    frames : mapping of str to mapping of str to DataFrame
        The frames of each section.
    listed : DataFrame
        Projects that are to be distinct from those of the frames, with `project_id` and `project`.
    """
    rows = [frame for name, own in frames.items() if name != "figures" for frame in own.values()]
    return _names_for_client([*rows, listed]) if terms.is_for_client else _names_for_team(rows)


def _section_for_client(section: Section) -> Section:
    charts = (replace(chart, frame=without_ids(chart.frame)) for chart in section.charts)
    return replace(section, charts=tuple(charts))


def _figures(terms: Terms, frames: Frames) -> Section:
    section = Section(name="figures", heading="Key figures", sentence=terms.nothing)
    if not terms.days.is_ranged:
        figures = tuple(_budget_figures(terms, frames["budget"]))
        return replace(
            section,
            sentence=headlines.budget(frames["budget"]),
            note=_without_amounts(frames["budget"]),
            figures=figures,
        )
    if frames["hours"].empty:
        return section
    if not _can_compare(frames):
        terms = replace(terms, compared={})
    figures = tuple(_period_figures(terms, frames))
    return replace(
        section,
        sentence=_hours_in_words(terms, figures[0]),
        note=_in_a_line([_compared_in_words(terms), _without_amounts(frames["of_projects"])]),
        figures=figures,
        ranges=_ranges_in_words(terms),
    )


def _can_compare(frames: Frames) -> bool:
    """Return whether anything is known of the period before."""
    before = frames.get("hours before")
    return before is not None and len(before) > 0 and NOT_HELD not in of(before)


def _hours_in_words(terms: Terms, hours: Figure) -> str:
    """Say how much was tracked, and how that differs from the period before."""
    if hours.change is None or not hours.before:
        return f"{hours.text} tracked"
    change = round(100 * hours.change / hours.before)
    than = f"{abs(change):,} % {'more' if change > 0 else 'less'} than" if change else "as much as"
    when = within(_before_in_words(terms))
    if count := _n_first_days(terms):
        days = "day" if count == 1 else f"{count} days"
        return f"{hours.text} tracked; in the first {days} {than} {when}"
    return f"{hours.text} tracked, {than} {when}"


def _n_first_days(terms: Terms) -> int:
    """Return how many days of a period that has begun are compared; 0 if it is compared whole."""
    now = terms.compared["now"]
    return now.n_days if terms.days.end is not None and now.end < terms.days.end else 0


def _before_in_words(terms: Terms) -> str:
    """Name the period before, and its length where that is not as many days."""
    before = terms.compared["before"]
    name = range_in_words(before.start, before.end)
    is_shorter = _n_first_days(terms) > before.n_days
    return f"the {plural(before.n_days, 'day')} of {name}" if is_shorter else name


def _compared_in_words(terms: Terms) -> str:
    """Say what the changes compare."""
    if not terms.compared:
        return ""
    before = _before_in_words(terms)
    if count := _n_first_days(terms):
        return f"The first {plural(count, 'day')}, compared with {before}."
    return f"Compared with {before}."


def _ranges_in_words(terms: Terms) -> tuple[str, ...]:
    if terms.days.start is None or terms.days.end is None:
        return ()
    now, before = range_in_words(terms.days.start, terms.days.end), terms.compared.get("before")
    return (now,) if before is None else (now, range_in_words(before.start, before.end))


def _period_figures(terms: Terms, frames: Frames) -> Iterator[Figure]:
    def figure(name: str, kind: Kind, measure: Callable[[Frames], float | None]) -> list[Figure]:
        value = measure(frames)
        now = before = None
        if terms.compared:
            now, before = (_measured(frames, which, measure) for which in ("now", "before"))
        if value is None:
            return []
        change = None
        if now is not None and before is not None:
            as_shown = (round(100 * now) - round(100 * before)) / 100
            change = as_shown if kind == "share" else now - before
        detail = "change unknown" if terms.compared and change is None else ""
        return [
            Figure(name=name, value=value, kind=kind, change=change, before=before, detail=detail)
        ]

    yield from figure("Hours", "hours", lambda some: total_hours(some["hours"], "tracked"))
    yield from figure("Billable", "share", _billable_share)
    for code in _currencies(frames["earnings"]):
        for one in figure("Amount", "amount", partial(_amount_in, code)):
            yield replace(one, currency=code, name=_amount_name(code))
    if "people" in frames and not terms.is_for_client:
        yield from figure("Capacity used", "share", _load)
    if terms.people:
        yield from figure("People", "count", lambda some: float(_worked(some["hours"])))


def _measured(
    frames: Frames, which: str, measure: Callable[[Frames], float | None]
) -> float | None:
    """Measure the frames of a compared range."""
    suffix = f" {which}"
    of_range = {
        name.removesuffix(suffix): frame for name, frame in frames.items() if name.endswith(suffix)
    }
    return measure(of_range)


def _billable_share(frames: Frames) -> float | None:
    rows = frames["hours"].dropna(subset=["tracked_hours", "billable_hours"])
    tracked = total_hours(rows, "tracked")
    return total_hours(rows, "billable") / tracked if tracked else None


def _load(frames: Frames) -> float | None:
    rows = frames["people"].dropna(subset=["tracked_hours", "capacity_hours"])
    could = float(rows["capacity_hours"].sum())
    return float(rows["tracked_hours"].sum()) / could if could else None


def _worked(hours: pd.DataFrame) -> int:
    return int((hours["tracked_hours"] > 0).sum())


def _currencies(earnings: pd.DataFrame) -> list[str]:
    """Return the currencies of amounts, empty for an unknown one, most billable hours first."""
    codes = earnings["currency"].fillna("")
    worth = earnings.assign(code=codes)[earnings["amount"].fillna(0) != 0]
    hours = worth.groupby("code")["billable_hours"].sum()
    return sorted(map(str, hours.index), key=lambda code: (not code, -hours[code], code))


def _amount_in(code: str, frames: Frames) -> float:
    earnings = frames["earnings"]
    return float(earnings.loc[earnings["currency"].fillna("") == code, "amount"].sum())


def _budget_figures(terms: Terms, budget: pd.DataFrame) -> Iterator[Figure]:
    known = budget.dropna(subset=["tracked_hours"])
    if len(known):
        unknown = len(budget) - len(known)
        of_them = f", {unknown:,} of them unknown" if unknown else ""
        on = f"on {plural(len(budget), 'project')}{of_them}"
        yield Figure(name="Hours", value=total_hours(known, "tracked"), kind="hours", detail=on)
    estimated = budget[budget["progress"].notna()]
    if len(estimated):
        tracked, estimate = (total_hours(estimated, what) for what in ("tracked", "estimated"))
        compared = f"{format_whole_hours(tracked)} of {format_whole_hours(estimate)}"
        yield Figure(name="Estimates used", value=tracked / estimate, kind="share", detail=compared)
        over = above_zero(estimated, "overrun_hours")
        by = f", by {headlines.hours_over(total_hours(over, 'overrun'))}" if len(over) else ""
        detail = f"of {len(estimated):,} with an estimate{by}"
        yield Figure(name="Overran", value=len(over), kind="count", detail=detail)
        if not terms.is_for_client:
            near = int((budget["budget_state"] == "at_risk").sum())
            detail = "still active" if near else ""
            yield Figure(name="At risk", value=near, kind="count", detail=detail)
    if (share := _billable_share({"hours": budget})) is not None:
        yield Figure(name="Billable", value=share, kind="share", detail="of the hours")
    for code in _currencies(budget):
        amount = _amount_in(code, {"earnings": budget})
        yield Figure(name=_amount_name(code), value=amount, kind="amount", currency=code)


def _amount_name(code: str) -> str:
    return "Amount" if code else "Amount, no currency"


def _weeks(terms: Terms, frames: Frames) -> Section:
    weeks, stacked = frames["weeks"], frames["stacked"]
    heading = f"{terms.every.capitalize()}s"
    if weeks.empty:
        return Section(name="weeks", heading=heading, sentence=terms.nothing)
    weeks = _with_empty(weeks)
    cut = periods_of(weeks).cut_in_words(weeks["period"])
    return Section(
        name="weeks",
        heading=heading,
        sentence=headlines.hours(weeks),
        note=f"{headlines.sentence(cut)}." if cut else "",
        frame=weeks,
        columns=_in(weeks, WORKSPACE.name, "period", *_OF_TIME),
        charts=(Chart(name="hours_by_week", frame=stacked, rows=7),),
    )


def _with_empty(hours: pd.DataFrame) -> pd.DataFrame:
    """Return the periods of a range with those in which nothing was tracked, as they are drawn."""
    periods = periods_of(hours).until(hours["period"].max())
    key = key_of(hours, "period")
    workspaces = hours.drop_duplicates(key[:-1]) if len(key) > 1 else hours.head(1)
    starts = pd.DataFrame({"period": periods.starts})
    whole = workspaces[key[:-1]].merge(starts, how="cross")
    found = whole.merge(hours, on=key, how="left", indicator=True)
    held = [not periods.cut.get(at, "").startswith("0 ") for at in range(len(periods))]
    is_empty = (found.pop("_merge") == "left_only") & found["period"].isin(periods.starts[held])
    for name, column in found.drop(columns=[*key, "billable_share"]).items():
        nothing = pd.Timedelta(0) if str(name).endswith("_time") else 0
        found[name] = column.mask(is_empty, nothing)
    return stamp(found[[*hours]], **of(hours))


_OF_TIME: Final = ("tracked_hours", "billable_hours", "billable_share")


def _clients(terms: Terms, frames: Frames) -> Section:
    hours, amounts = frames["clients"], frames["amounts"]
    frame = _with_amounts(hours, amounts)
    notes: list[str] = []
    if terms.days.is_ranged:
        measures: tuple[str, ...] = _OF_TIME
        sentence = headlines.amounts(amounts) if len(amounts) else ""
    else:
        measures = (
            *("n_projects", "n_over", "tracked_hours", "estimated_hours"),
            *("comparable_tracked_hours", "gross_overrun_hours"),
        )
        sentence = headlines.clients(hours)
        notes.append(_without_hours("Estimates are", frames["of_projects"]))
        if total_hours(hours, "saved"):
            notes.append("Archived projects gave back what they left unused of their estimates.")
    notes.append(_without_amounts(frames["of_projects"]))
    columns = ("client", *measures, *_amount_columns(frame))
    if frame.empty:
        sentence = terms.nothing if terms.days.is_ranged else "No clients"
    return Section(
        name="clients",
        heading="Clients",
        sentence=sentence,
        note=_in_a_line(notes),
        frame=frame,
        columns=_in(frame, WORKSPACE.name, *columns),
    )


def _in_a_line(notes: Iterable[str]) -> str:
    return " ".join(filter(None, notes))


def _without_hours(what: str, budget: pd.DataFrame) -> str:
    """Say which estimates cannot be held against hours, since those are unknown."""
    rows = above_zero(budget[budget["tracked_hours"].isna()], "estimated_hours")
    if rows.empty:
        return ""
    one = len(rows) == 1
    whose = f"{names_of(rows, 'project')[0] if one else plural(len(rows), 'project')}, whose hours"
    estimate = format_whole_hours(total_hours(rows, "estimated"))
    return f"{what} without the {estimate} of {whose} are unknown."


def _without_amounts(rows: pd.DataFrame) -> str:
    """Say which billable time the amounts leave out, since its own is unknown."""
    billable = rows["billable_hours"]
    unknown = rows[rows["amount"].isna() & (billable.isna() | (billable > 0))]
    if unknown.empty or rows["amount"].isna().all():
        return ""
    count = count_of(unknown, id_or_name(unknown, "project"), dropna=False)
    one = count == 1
    hours = f"the {format_whole_hours(total_hours(unknown, 'billable'))} of "
    whose = names_of(unknown, "project")[0] if one else plural(count, "project")
    are = "amount is" if one else "amounts are"
    is_known = unknown["billable_hours"].notna().all()
    return f"Amounts are without {hours if is_known else ''}{whose}, whose {are} unknown."


def _projects(terms: Terms, frames: Frames) -> Section:
    frame = _with_amounts(frames["projects"], frames["amounts"])
    client = () if terms.is_for_client else ("client",)
    sentence = headlines.billable(frame) if len(frame) else terms.nothing
    return Section(
        name="projects",
        heading="Projects",
        sentence=sentence,
        note=_without_amounts(frames["amounts"]),
        frame=frame,
        columns=_in(frame, WORKSPACE.name, "project", *client, *_OF_TIME, *_amount_columns(frame)),
    )


def _people(terms: Terms, frames: Frames) -> Section:
    people = frames["people"]
    if not people["tracked_hours"].sum():
        return Section(name="people", heading="People", sentence=terms.nothing)
    sentence = f"{plural(_worked(people), 'person', 'people')} worked on these projects"
    of_load: tuple[str, ...] = ()
    if "capacity_hours" in people and not terms.is_for_client:
        sentence, of_load = headlines.capacity(people), ("capacity_hours", "load")
    columns = ("user", "tracked_hours", *of_load, "billable_hours")
    return Section(
        name="people",
        heading="People",
        sentence=sentence,
        frame=people,
        columns=_in(people, WORKSPACE.name, *columns),
    )


def _invoice(terms: Terms, frames: Frames) -> Section:
    lines = frames["lines"]
    hidden = () if terms.rates else ("hourly_rate",)
    person = () if terms.people else ("user",)
    client = ("client", "n_entries") if terms.is_for_client else ()
    left_out = {*hidden, *person, *client, "billed_time", "tracked_time"}
    names = [name for name in _names(lines) if name not in {*left_out} and name[-3:] != "_id"]
    return Section(
        name="invoice",
        heading="Invoice lines",
        sentence=terms.billing if len(lines) else terms.nothing,
        frame=lines,
        columns=tuple(names),
    )


def _budgets(terms: Terms, frames: Frames) -> Section:
    budget = frames["budget"]
    rates = ("currency", "effective_rate") if terms.rates else ()
    columns = (
        ("project", "estimated_hours", "tracked_hours", "remaining_hours", "progress", *rates)
        if terms.is_for_client
        else (
            *("project", "client", "budget_state", "estimated_hours", "tracked_hours"),
            *("variance_hours", "progress", *rates),
        )
    )
    over = len(above_zero(budget, "overrun_hours"))
    shown = min(over, _TOP)
    options = {"top": shown, "at_risk": terms.at_risk}
    chart = Chart(name="budget_bullet", frame=budget, rows=shown, options=options)
    return Section(
        name="budgets",
        heading=SINCE if terms.days.is_ranged else "Budgets",
        sentence=_used_in_words(budget) if terms.is_for_client else headlines.budget(budget),
        note=_in_a_line([_without_hours('"With estimate" is', budget), _finished(terms, budget)]),
        frame=budget,
        columns=_in(budget, WORKSPACE.name, *columns),
        charts=(chart,) if shown and not terms.is_for_client else (),
    )


def _finished(terms: Terms, budget: pd.DataFrame) -> str:
    """Say why a project is on track that has used as much as those at risk."""
    is_near = (budget["budget_state"] == "on_track") & (budget["progress"] >= terms.at_risk)
    if terms.is_for_client or not is_near.any():
        return ""
    return "An archived project is on track up to 100 %."


def _used_in_words(budget: pd.DataFrame) -> str:
    """Say how much of the estimates is used."""
    estimated = budget[budget["progress"].notna()]
    if estimated.empty:
        return headlines.incomparable(budget)
    tracked, estimate = (total_hours(estimated, what) for what in ("tracked", "estimated"))
    return f"{format_percent(tracked / estimate)} of the estimated hours are used"


def _at_risk(terms: Terms, frames: Frames) -> Section:
    budget = frames["budget"]
    near = budget[budget["budget_state"] == "at_risk"]
    near = near.sort_values("progress", ascending=False, kind="stable")
    near = stamp(near.reset_index(drop=True), **of(budget))
    least = format_percent(terms.at_risk)
    count, verb = plural(len(near), "active project"), "has" if len(near) == 1 else "have"
    used = f"used {least} to 100 % of {'their estimates' if len(near) > 1 else 'its estimate'}"
    of_budget = ("estimated_hours", "tracked_hours", "remaining_hours", "progress")
    return Section(
        name="at_risk",
        heading="At risk",
        sentence=f"{count} {verb} {used}" if len(near) else f"No active project has {used}",
        frame=near if len(near) else None,
        columns=_in(near, WORKSPACE.name, "project", "client", *of_budget),
    )


def _retainers(terms: Terms, frames: Frames) -> Section:
    frame = frames["retainers"]
    rest = ("period", "budget_hours", "carried_hours", "tracked_hours", "left_hours", "used")
    project = ("project",) if frame["project"].notna().any() else ()
    client = ("client",) if not (terms.is_for_client and project) else ()
    return Section(
        name="retainers",
        heading="Retainers",
        sentence=headlines.retainers(frame),
        frame=frame,
        columns=_in(frame, WORKSPACE.name, *project, *client, *rest, "state"),
        charts=_small("retainer_bars", frame, retainer_key(frame), 3),
    )


def _balance(_: Terms, frames: Frames) -> Section:
    frame = frames["balance"]
    rest = ("expected_hours", "absence_hours", "tracked_hours", "balance_hours", "running_hours")
    return Section(
        name="balance",
        heading="Balance of hours",
        sentence=headlines.balances(frame),
        frame=frame,
        columns=_in(frame, WORKSPACE.name, "user", "period", *rest),
        charts=_small("balance_lines", frame, key_of(frame, "user_id"), 2),
    )


def _small(name: str, frame: pd.DataFrame, key: list[str], tall: int) -> tuple[Chart, ...]:
    """Return a chart of small multiples, each this tall in rows; none of a single period."""
    if frame["period"].nunique() < 2:
        return ()
    count = min(len(frame[key].drop_duplicates()), _TOP)
    return (Chart(name=name, frame=frame, rows=tall * count, options={"top": _TOP}),)


def _audit(terms: Terms, frames: Frames) -> Section:
    rows = pd.concat([_findings(frame) for frame in frames.values()], ignore_index=True)
    if not terms.rates:
        rows = rows[~rows["check"].isin(_SENSITIVE)]
    rows = rows.sort_values("severity", key=lambda s: s.map(_SEVERITY), kind="stable")
    keys = ["severity", "check"]
    groups = rows.groupby(keys, sort=False)
    count = groups.agg(Findings=("check", "size"))
    count["detail"] = [_with_subject(own) for _, own in groups]
    persons = rows.groupby([*keys, "About", "number"], sort=False, dropna=False)
    details = persons.agg(
        Findings=("check", "size"), Days=("day", _days_in_words), detail=("detail", _in_one)
    ).reset_index()
    by_severity = rows.groupby("severity", sort=False).size()
    counts = [plural(int(by_severity.get(one, 0)), one) for one in ("error", "warning")]
    return Section(
        name="audit",
        heading="Audit",
        sentence=", ".join(counts) if len(rows) else "Nothing was found",
        frame=count.reset_index(),
        columns=(*keys, "Findings", "detail"),
        details=details.drop(columns="number"),
    )


_SEVERITY: Final = {"error": 0, "warning": 1, "info": 2}


def _findings(audit: pd.DataFrame) -> pd.DataFrame:
    """Return the findings of either audit with whom they are about, and the day."""
    is_of_entries = "user_id" in audit
    about = named(audit, "user") if is_of_entries else audit["label"]
    # a member's number is that of a membership, of which a person has many
    number = audit["user_id"] if is_of_entries else audit["id"].mask(audit["entity"] == "member")
    return pd.DataFrame(
        {
            "severity": audit["severity"].astype("str"),
            "check": audit["check"].astype("str"),
            "About": about,
            "number": number,
            "day": audit["date"] if is_of_entries else pd.NaT,
            "detail": audit["detail"],
        }
    )


def _days_in_words(days: pd.Series[Any]) -> str:
    known = days.dropna().drop_duplicates().sort_values()
    months = known.head(12).groupby(known.dt.to_period("M"))
    shown = ", ".join(f"{', '.join(map(str, each.dt.day))} {month:%b}" for month, each in months)
    return f"{shown} and {len(known) - 12:,} more" if len(known) > 12 else shown


def _in_one(details: pd.Series[Any]) -> str:
    """Return what is true of all findings, else the first of them."""
    first = str(details.iloc[0])
    return first if (details == first).all() else f"The first: {first}"


def _with_subject(findings: pd.DataFrame) -> str:
    """Say whom the findings of a check are about: all of them, or the first if they differ."""
    first = findings.iloc[0]
    if pd.isna(first["About"]):
        return _in_one(findings["detail"])
    about, others = shorten(first["About"], _NAME), 0
    if findings["detail"].eq(first["detail"]).all():
        others = len(findings[["About", "number"]].drop_duplicates()) - 1
    elif len(findings) > 1:
        about = f"First, {about}"
    more = f" and {plural(others, 'other')}" if others else ""
    when = "" if others or pd.isna(first["day"]) else f" on {first['day'].day} {first['day']:%b}"
    return f"{about}{more}{when}: {first['detail']}"


def about(
    terms: Terms, known: Mapping[str, Any], hidden: Mapping[str, str], frames: Frames
) -> Section:
    """Return the section that says where the numbers come from.

    Parameters
    ----------
    terms : Terms
        What the sections have in common.
    known : mapping of str to Any
        The combined provenance of their frames.
    hidden : mapping of str to str
        The listings that the plan or the token hides, with the reasons.
    frames : mapping of str to DataFrame
        The budget, and the statuses that it is made of; empty if it is not shown.
    """
    return Section(name="about", heading="About", lines=tuple(_about(terms, known, hidden, frames)))


def _about(
    terms: Terms, known: Mapping[str, Any], hidden: Mapping[str, str], frames: Frames
) -> Iterator[tuple[str, str]]:
    if terms.days.is_ranged:
        days = f"{terms.days.start} to {terms.days.end}, both days included"
        yield "Period", f"{days}; an entry belongs to the local day on which it began."
    yield "Hours", "Decimal hours; what is shown adds up as shown."
    yield "Amounts", "Each currency by itself; they are never added. A dash is unknown, 0 is 0."
    if frames:
        yield "Budgets", "Estimates against all hours of a project, not those of a period."
    if frames and not terms.is_for_client:
        least = format_percent(terms.at_risk)
        yield "At risk", f"Active projects that have used {least} to 100 % of their estimates."
        yield "Check", _reconciled(**frames)
    if NOT_HELD in known:
        yield "No data", f"{months_in_words(known[NOT_HELD])}: left out, capacity too."
    if hidden and not terms.is_for_client:
        reasons = [f"{name} ({reason.rstrip('.')})" for name, reason in hidden.items()]
        yield "Left out", f"{legible('; '.join(reasons).replace('_', ' '))}."
    source = [] if terms.is_for_client else [f"Toggl Track, {workspaces_in_words(known)}"]
    yield "Source", f"{headlines.sentence(', '.join([*source, fetched(known)]))}."


def _reconciled(budget: pd.DataFrame, statuses: pd.DataFrame) -> str:
    """Say whether the budget adds up to the totals of the projects as they came."""
    projects = plural(len(budget), "project")
    add, totals = ("adds", "its total") if len(budget) == 1 else ("add", "their totals")
    if budget.empty:
        return "There are no projects."
    if budget["tracked_time"].isna().all():
        return f"No tracked time of {projects} is known."
    shown, sent = (pd.Timedelta(frame["tracked_time"].sum()) for frame in (budget, statuses))
    if shown != sent:
        return (
            f"NOT reconciled: {projects} {add} up to {_exact(shown)}, {totals} to {_exact(sent)}."
        )
    return f"Reconciled: {projects} {add} up to {_exact(sent)}, as {totals}."


def _exact(time: pd.Timedelta) -> str:
    return format_duration(time // pd.Timedelta(milliseconds=1))


def _in(frame: pd.DataFrame, *names: str) -> tuple[str, ...]:
    """Return those of the columns that a frame has."""
    return tuple(name for name in names if name in frame)


def _amount_columns(frame: pd.DataFrame) -> list[str]:
    return [name for name in _names(frame) if name.startswith(AMOUNT_IN)]


def _names(frame: pd.DataFrame) -> list[str]:
    return [str(name) for name in frame]


def _with_amounts(frame: pd.DataFrame, amounts: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with a column of amounts for each currency, 0 where there is none."""
    keys = [name for name in _names(frame) if name.endswith("_id") and name in amounts]
    made = frame.copy(deep=False)
    for code in _currencies(amounts):
        of_code = amounts.loc[amounts["currency"].fillna("") == code, [*keys, "amount"]]
        joined = frame[keys].merge(of_code, on=keys, how="left", indicator=True)
        column = joined["amount"].mask(joined["_merge"] == "left_only", 0.0)
        made[f"{AMOUNT_IN}{code or UNKNOWN_CURRENCY}"] = column.array
    return stamp(made, **of(frame))


# ---------------------------------------------------------------------------------------------
# What a client may see


_INTERNAL: Final = ("labour_cost", "email")
_KEPT: Final = ("table", "every", "today", "filters", "fetched_at", "newest_at", "not_held")


def _for_client(frame: pd.DataFrame, names: DistinctNames) -> pd.DataFrame:
    """Return a frame with distinct names instead of ids, without internal columns."""
    left_out = [name for name in _names(frame) if name.startswith(_INTERNAL)]
    made = frame.drop(columns=left_out)
    for entity, by_id in names.items():
        if _has_names(made, entity):
            names_by_row = made[f"{entity}_id"].map(by_id).astype(made[entity].dtype)
            is_none = ~is_of_whole_client(made) if entity == "project" else True
            made[entity] = names_by_row.mask(names_by_row.isna() & is_none, f"(no {entity})")
    known = {name: value for name, value in of(frame).items() if name in _KEPT}
    filters = known.get("filters", {})
    days = {name: filters[name] for name in ("start_date", "end_date") if name in filters}
    return stamp(made, **{**known, "filters": days, "audience": "client"})


def without_ids(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame without ids, so that no chart adds them to equal names."""
    return frame.drop(columns=[name for name in _names(frame) if name.endswith("_id")])


def _has_names(frame: pd.DataFrame, entity: str) -> bool:
    return entity in frame and f"{entity}_id" in frame


def _names_for_client(frames: Iterable[pd.DataFrame]) -> DistinctNames:
    """Return names by id; those that several share are numbered, the oldest first."""
    by_entity = {}
    for entity in ("project", "client", "user", "task"):
        unknown = f"(a former {'colleague' if entity == 'user' else entity})"
        names = _by_id(frames, entity)[entity].fillna(unknown)
        by_entity[entity] = numbered_names(names, names.index.to_series())
    return by_entity


def _names_for_team(frames: Iterable[pd.DataFrame]) -> DistinctNames:
    """Return names by id; those that several share have their clients, then ids, in them."""
    by_entity = {}
    for entity in ("project", "client", "user"):
        rows = _by_id(frames, entity)
        hints = [rows["hint"]] if rows["hint"].notna().all() else []
        by_entity[entity] = distinct_names(rows[entity], rows.index.to_series(), *hints)
    return by_entity


def _by_id(frames: Iterable[pd.DataFrame], entity: str) -> pd.DataFrame:
    """Return the names of an entity by id, and of projects their clients, as hints."""
    number = f"{entity}_id"
    parts = [pd.DataFrame({number: [], entity: [], "hint": []}, dtype="str")]
    for frame in frames:
        if _has_names(frame, entity):
            is_of_client = entity == "project" and "client" in frame
            hint = named(frame, "client") if is_of_client else None
            parts.append(frame[[number, entity]].assign(hint=hint))
    rows = pd.concat(parts).astype({number: "Int64", entity: "str", "hint": "str"})
    rows = rows.dropna(subset=number).sort_values([number, entity, "hint"])  # names before NA
    return rows.drop_duplicates(number).set_index(number)


def with_names(frame: pd.DataFrame, names: DistinctNames) -> pd.DataFrame:
    """Return a frame with the distinct names of a document."""
    made = frame.copy(deep=False)
    for column in (*names, "assignee"):
        entity = "user" if column == "assignee" else column
        if {column, f"{entity}_id"} <= {*made}:
            names_by_row = made[f"{entity}_id"].map(names[entity]).astype(made[column].dtype)
            made[column] = names_by_row.fillna(made[column])
    return stamp(made, **of(frame))


_MAKERS: Final[dict[SectionName, Callable[[Terms, Frames], Section]]] = {
    "figures": _figures,
    "weeks": _weeks,
    "clients": _clients,
    "projects": _projects,
    "people": _people,
    "invoice": _invoice,
    "budgets": _budgets,
    "at_risk": _at_risk,
    "retainers": _retainers,
    "balance": _balance,
    "audit": _audit,
}
