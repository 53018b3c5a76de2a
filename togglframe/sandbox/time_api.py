"""The reports of time without HTTP: a path and a body come in, an answer or a refusal goes out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from .agency import Agency, Entry, Row
from .api import Plan, RefusalError, extra_fields
from .asking import Asker, Body, Query, parse
from .behaviour import Behaviour, FaultKind
from .detailed import DEFAULT_PAGE, Detailed, moment
from .files import CONTENT_TYPES, Table, duration, money, write_file
from .insights import NOT_AN_ADMIN, PREMIUM_ONLY, Insights
from .saved import SavedReport, read_fields, saved_reports
from .timeline import Timeline, day_text
from .totals import Totals

FILE_IS_PAID: Final = "Exporting this file is a premium feature"
SAVED_REPORTS_ARE_PAID: Final = "Saved reports are a premium feature"

_TREND_HEADINGS: Final = (
    *("Project Name", "Status", "Contributors", "Total (hours)", "Total Variation"),
    *("Daily Average (hours)", "Daily Average Variation"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes out: a body and what its headers tell."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """What came in: the rest of the path, the body, and how the answer is to deceive."""

    rest: tuple[str, ...]
    raw: bytes
    fields: str = ""
    fault: FaultKind | None = None
    saved: SavedReport | None = None


Route: TypeAlias = tuple[re.Pattern[str], Callable[[Question], Answer]]


class TimeApi:
    """Answers the reports of time, and of Insights, from one agency."""

    def __init__(self, agency: Agency, plan: Plan, behaviour: Behaviour) -> None:
        free = plan == "free"
        hide_money = free if behaviour.hide_rates is None else behaviour.hide_rates
        hide_tasks = free if behaviour.hide_tasks is None else behaviour.hide_tasks
        self._plan = plan
        self._behaviour = behaviour
        self._hide_money = hide_money
        self._timeline = Timeline(agency, behaviour, hide_tasks=hide_tasks)
        self._asker = Asker(plan, behaviour, agency.today)
        self._detailed = Detailed(self._timeline, behaviour, hide_money=hide_money)
        self._totals = Totals(self._timeline, self._asker, behaviour, hide_money=hide_money)
        self._insights = Insights(
            self._timeline, self._totals, self._asker, behaviour, hide_money=hide_money
        )
        self.saved = saved_reports(agency.last_day.toordinal())
        routes: dict[str, Callable[[Question], Answer]] = {
            r"search/time_entries": self._search,
            r"search/time_entries\.(csv|xlsx|pdf)": self._search_file,
            r"search/time_entries/totals": self._search_totals,
            r"summary/time_entries": self._summary,
            r"summary/time_entries\.(csv|xlsx|pdf)": self._summary_file,
            r"weekly/time_entries": self._weekly,
            r"weekly/time_entries\.(csv|pdf)": self._weekly_file,
            r"projects/summary": self._projects_summary,
            r"projects/(\d+)/summary": self._project_totals,
            r"comparative": self._comparative,
            r"data_trends/(clients|projects|users)": self._data_trends,
            r"profitability/projects": self._profitability,
            r"insights/data_trends/projects": self._project_trends,
            r"insights/profitability/(projects|employees)\.(csv|xlsx)": self._profitability_file,
            r"insights/trends/projects\.(csv|xlsx)": self._trends_file,
            r"shared": self._shared,
            r"shared/(csv|xlsx|pdf)": self._shared_file,
        }
        self._routes: list[Route] = [(re.compile(path), to) for path, to in routes.items()]

    def knows(self, endpoint: str) -> bool:
        """Tell whether this is one of its paths."""
        return any(path.fullmatch(endpoint) for path, _ in self._routes)

    def answer(
        self,
        endpoint: str,
        raw: bytes,
        *,
        fields: str = "",
        token: str = "",
        fault: FaultKind | None = None,
    ) -> Answer:
        """Answer, or raise RefusalError."""
        for path, to in self._routes:
            match = path.fullmatch(endpoint)
            if match is not None:
                question = Question(match.groups(), raw, fields, fault, self.saved.get(token))
                with self._timeline.lock:
                    return to(question)
        raise RefusalError(404, "Not Found")

    # Reports

    def _search(self, question: Question) -> Answer:
        body = parse(question.raw)
        query = self._asked(self._asker.query(body), question)
        page = self._detailed.page(body, query, question.fault)
        return Answer(page.body, page.headers | _range(query))

    def _search_totals(self, question: Question) -> Answer:
        body = parse(question.raw)
        query = self._asked(self._asker.query(body), question)
        entries = self._timeline.select(query)
        graph = body.get("with_graph", False)
        return _object(self._totals.report(entries, query, body, graph=graph), _range(query))

    def _summary(self, question: Question) -> Answer:
        body = parse(question.raw)
        query = self._asked(self._asker.query(body), question)
        grouping, sub_grouping = self._totals.groupings(body)
        headers = {"X-Grouping": grouping, "X-Sub-Grouping": sub_grouping, **_range(query)}
        return _object(self._totals.summary(self._timeline.select(query), body), headers)

    def _weekly(self, question: Question) -> Answer:
        query = self._asked(self._asker.query(parse(question.raw)), question)
        return self._array(self._totals.weekly(query))

    def _projects_summary(self, question: Question) -> Answer:
        body = parse(question.raw)
        query = self._asked(Query(*self._asker.required_range(body)), question)
        return self._array(self._totals.by_project_and_user(query))

    def _project_totals(self, question: Question) -> Answer:
        return _object(self._totals.of_project(int(question.rest[0]), parse(question.raw)))

    def _comparative(self, question: Question) -> Answer:
        if self._plan == "free":
            raise RefusalError(402, PREMIUM_ONLY)
        body = parse(question.raw)
        query = self._asked(self._asker.query(body), question)
        return _object(self._insights.comparative(body, query))

    def _data_trends(self, question: Question) -> Answer:
        return _object(self._insights.data_trends(question.rest[0], parse(question.raw)))

    def _profitability(self, question: Question) -> Answer:
        self._need_premium(402)
        return _object(self._insights.profitability(parse(question.raw)))

    def _project_trends(self, question: Question) -> Answer:
        self._need_premium(402)
        return self._array(self._insights.project_trends(parse(question.raw)))

    def _need_premium(self, status: int) -> None:
        if self._plan != "premium":
            raise RefusalError(status, PREMIUM_ONLY if status == 402 else NOT_AN_ADMIN)

    def _asked(self, query: Query, question: Question) -> Query:
        """Let the fault that was ordered change the entries, or the range."""
        if question.fault in ("entry_edited", "entry_added", "entry_deleted"):
            self._timeline.change(question.fault, query)
        if question.fault == "narrow_range":
            return replace(query, last=query.first + (query.last - query.first) // 2)
        return query

    def _array(self, rows: list[Row]) -> Answer:
        behaviour = self._behaviour
        if behaviour.extra_fields:
            rows = [row | extra_fields(place) for place, row in enumerate(rows)]
        if behaviour.drop_null_keys:
            rows = [
                {name: value for name, value in row.items() if value is not None} for row in rows
            ]
        return Answer(behaviour.encode_report([_json(row) for row in rows]))

    # Saved reports

    def _shared(self, question: Question) -> Answer:
        saved, body = self._saved(question)
        first, last = self._asker.range(body)
        query = self._asked(self._asker.between(body, first, last), question)
        entries = self._timeline.select(query)
        totals = self._totals.report(entries, query, body, graph=True)
        answer: Row = {
            "report_name": saved.name,
            "report_type": saved.kind,
            "public": saved.public,
            "fixed_daterange": False,
            "hide_amounts": False,
            "is_commenting_enabled": False,
            "workspace_logo": "",
            "input_params": dict(body),
            "saved_params": dict(saved.parameters),
            "features": {"saved_reports": True, "tasks": self._plan != "free"},
            "dictionaries": self._dictionaries(entries),
            f"{saved.kind}_results": {
                "report": self._results(saved, query, body),
                "totals": totals,
            },
        }
        return _object(answer)

    def _saved(self, question: Question) -> tuple[SavedReport, Body]:
        if self._plan == "free":
            raise RefusalError(403, SAVED_REPORTS_ARE_PAID)
        saved = question.saved
        if saved is None:
            raise RefusalError(403, "Invalid token")
        return saved, {**saved.parameters, **read_fields(question.fields, question.raw)}

    def _results(self, saved: SavedReport, query: Query, body: Body) -> Any:
        if saved.kind == "summary":
            return self._totals.summary(self._timeline.select(query), body)
        if saved.kind == "weekly":
            return self._totals.weekly(query)
        # It has no other cursor than the moment at which the page begins, inclusive.
        rows = self._detailed.listing(body, query)
        since = body.get("first_timestamp", 0)
        later = [place for place, (entry, *_) in enumerate(rows.rows) if entry.start >= since]
        first = later[0] if later else len(rows.rows)
        return [
            json.loads(text)
            for text in self._detailed.strings(
                rows, {**body, "enrich_response": True}, first, first + DEFAULT_PAGE
            )
        ]

    def _dictionaries(self, entries: list[Entry]) -> Row:
        names = self._timeline
        projects = {e.project_id for e in entries if e.project_id in names.projects}
        clients = {names.client_of(number) for number in projects} - {None}
        tags = {tag for entry in entries for tag in entry.tag_ids}
        return {
            "clients": {str(n): _named(n, names.clients[n]["name"]) for n in clients},
            "projects": {
                str(n): _named(n, names.projects[n]["name"])
                | {key: names.projects[n][key] for key in ("client_id", "color", "currency")}
                for n in projects
            },
            "tasks": {
                str(n): _named(n, names.tasks[n]["name"])
                | {"project_id": names.tasks[n]["project_id"]}
                for n in {entry.task_id for entry in entries} & names.tasks.keys()
            },
            "tags": {str(n): _named(n, names.tags[n]) for n in tags},
            "user_groups": {str(n): _named(n, name) for n, name in names.groups.items()},
            "users": {
                str(n): _named(n, names.users[n]["fullname"]) | {"email": names.users[n]["email"]}
                for n in {entry.user_id for entry in entries} & names.users.keys()
            },
        }

    # Files

    def _file(self, table: Callable[[], Table], extension: str, name: str) -> Answer:
        if self._plan == "free" and extension == "csv":
            raise RefusalError(402, FILE_IS_PAID)
        if self._plan != "premium" and extension == "xlsx":
            raise RefusalError(402, FILE_IS_PAID)
        headers = {
            "Content-Type": CONTENT_TYPES[extension],
            "Content-Disposition": f'attachment; filename="{name}.{extension}"',
        }
        return Answer(write_file(table(), extension), headers)

    def _search_file(self, question: Question) -> Answer:
        body = parse(question.raw)
        query = self._asked(self._asker.query(body), question)
        return self._file(lambda: self._detailed_table(query, body), question.rest[0], "detailed")

    def _detailed_table(self, query: Query, body: Body) -> Table:
        names = self._timeline
        entries = [entry for group in self._detailed.listing(body, query).rows for entry in group]
        hidden = self._hide_money or body.get("hide_amounts", False)
        form = body.get("duration_format", "classic")
        currencies = _currencies(entries)
        headings = [
            *("User", "Email", "Client", "Project", "Task", "Description", "Billable"),
            *("Start date", "Start time", "End date", "End time", "Duration", "Tags"),
            *(f"Amount ({currency})" for currency in currencies),
        ]
        return [headings] + [
            [
                names.name("users", e.user_id) or "",
                names.users.get(e.user_id, {}).get("email", ""),
                names.name("clients", names.client_of(e.project_id)) or "",
                names.name("projects", e.project_id) or "",
                names.name("tasks", e.task_id) or "",
                e.description or "",
                "Yes" if e.billable else "No",
                *moment(e.start, e.offset)[:19].split("T"),
                *moment(e.start + e.seconds, e.stop_offset)[:19].split("T"),
                duration(e.seconds, form),
                ", ".join(names.tags[tag] for tag in e.tag_ids),
                *(
                    money(e.amount) if e.currency == currency and not hidden else ""
                    for currency in currencies
                ),
            ]
            for e in entries
        ]

    def _summary_file(self, question: Question) -> Answer:
        body = parse(question.raw)
        query = self._asked(self._asker.query(body), question)
        return self._file(lambda: self._summary_table(query, body), question.rest[0], "summary")

    def _summary_table(self, query: Query, body: Body) -> Table:
        grouping, sub_grouping = self._totals.groupings(body)
        report = self._totals.summary(self._timeline.select(query), body)
        form = body.get("duration_format", "classic")
        hidden = self._hide_money or body.get("hide_amounts", False)
        rows: list[list[Any]] = [[_heading(grouping), _heading(sub_grouping), "Duration", "Amount"]]
        for group in report["groups"]:
            name = "" if grouping == "tags" else self._timeline.name(grouping, group["id"]) or ""
            for part in group["sub_groups"]:
                amount = "" if hidden else money(part.get("billable_amount_in_cents"))
                seconds = duration(part["seconds"], form)
                rows.append([name, part.get("title", ""), seconds, amount])
        return rows

    def _weekly_file(self, question: Question) -> Answer:
        query = self._asked(self._asker.query(parse(question.raw)), question)
        return self._file(lambda: self._weekly_table(query), question.rest[0], "weekly")

    def _weekly_table(self, query: Query) -> Table:
        days = [day_text(query.first + day) for day in range(7)]
        return [["User", "Client", "Project", *days, "Total"]] + [
            [
                row["user_name"] or "",
                row["client_name"] or "",
                row["project_name"] or "",
                *map(duration, row["seconds"]),
                duration(sum(row["seconds"])),
            ]
            for row in self._totals.weekly(query)
        ]

    def _profitability_file(self, question: Question) -> Answer:
        self._need_premium(403)
        kind, extension = question.rest
        body = parse(question.raw)
        of_kind = (
            self._insights.project_table if kind == "projects" else self._insights.employee_table
        )
        return self._file(lambda: _profit_table(of_kind(body)), extension, f"profitability_{kind}")

    def _trends_file(self, question: Question) -> Answer:
        self._need_premium(403)
        body = parse(question.raw)
        return self._file(lambda: self._trend_table(body), question.rest[0], "trends_projects")

    def _trend_table(self, body: Body) -> Table:
        rows: list[list[Any]] = [list(_TREND_HEADINGS)]
        for row in self._insights.project_trends(body):
            now, before = row["current_period_seconds"], row["previous_period_seconds"]
            project = self._timeline.projects.get(row["project_id"], {})
            hours, change = sum(now) / 3600, (sum(now) - sum(before)) / 3600
            rows.append(
                [
                    project.get("name", ""),
                    "Active" if project.get("active") else "Archived",
                    len(row["user_ids"]),
                    *(round(value, 2) for value in (hours, change)),
                    *(round(value / len(now), 2) for value in (hours, change)),
                ]
            )
        return rows

    def _shared_file(self, question: Question) -> Answer:
        saved, body = self._saved(question)
        query = self._asker.between(body, *self._asker.range(body))
        tables: dict[str, Callable[[], Table]] = {
            "detailed": lambda: self._detailed_table(query, body),
            "summary": lambda: self._summary_table(query, body),
            "weekly": lambda: self._weekly_table(query),
        }
        return self._file(tables[saved.kind], question.rest[0], saved.kind)


def _range(query: Query) -> dict[str, str]:
    return {"X-Range-Start": day_text(query.first), "X-Range-End": day_text(query.last)}


def _object(value: Row, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(_json(value).encode(), headers or {})


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _named(number: int | None, name: str) -> Row:
    return {"id": number, "name": name}


def _currencies(entries: list[Entry]) -> list[str]:
    return sorted({entry.currency for entry in entries if entry.amount is not None}) or [""]


def _heading(grouping: str) -> str:
    return {"time_entries": "Description"}.get(grouping, grouping[:-1].capitalize())


def _profit_table(rows: list[Row]) -> Table:
    headings = ["Name", "Total (hours)", "Billable (hours)", "Earnings", "Labour cost"]
    return [headings] + [
        [
            row["name"],
            *(round(row[key] / 3600, 2) for key in ("total_seconds", "billable_seconds")),
            *(row["earnings"] or 0, row["labour_cost"] or 0),
        ]
        for row in rows
    ]
