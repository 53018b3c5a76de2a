"""The files of the vendor that the sandbox does not make: a table as CSV, workbook or PDF."""

import csv
import io
import zipfile
from functools import partial
from html import escape
from typing import Any

from togglframe.sandbox import detailed
from togglframe.sandbox.detailed import ENTRIES, FILE, duration, money
from togglframe.sandbox.insights import (
    PROFIT,
    PROJECT_TRENDS,
    currency_of,
    earnings_of,
    project_trends,
    projects_table,
)
from togglframe.sandbox.messages import Kind, Params, Response, flag, text
from togglframe.sandbox.store import Endpoint, Query, Store, day_text
from togglframe.sandbox.totals import (
    SUMMARY,
    billable_of,
    cost_of,
    grouped_by,
    groupings,
    seconds_of,
    summary,
    weekly,
)

Table = list[list[Any]]

_CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
_PLANS = {
    "csv": ("starter", "premium"),
    "xlsx": ("premium",),
    "pdf": ("free", "starter", "premium"),
}
_LINES_A_PAGE = 60
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_OFFICE = "http://schemas.openxmlformats.org"
_DOCUMENT = f"{_OFFICE}/officeDocument/2006/relationships"
_PACKAGE = f"{_OFFICE}/package/2006"
_SHEET = f"{_OFFICE}/spreadsheetml/2006/main"
_RELATIONS = "application/vnd.openxmlformats-package.relationships+xml"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def respond(make, extension: str, name: str, store: Store, params: Params) -> Response:
    """Answer with a file of a table."""
    headers = {
        "Content-Type": _CONTENT_TYPES[extension],
        "Content-Disposition": f'attachment; filename="{name}.{extension}"',
    }
    return Response(body=write_file(make(store, params), extension), headers=headers)


def summary_table(store: Store, params: Params, query: Query | None = None) -> Table:
    """List the sub-groups of a summary."""
    grouping, sub_grouping = groupings(params)
    report = summary(store, query or store.query(params), params)
    form = params.get("duration_format", "classic")
    hidden = store.hides_money or params.get("hide_amounts", False)
    rows = [[_heading(grouping), _heading(sub_grouping), "Duration", "Amount"]]
    for group in report["groups"]:
        name = "" if grouping == "tags" else store.name(grouping, group["id"]) or ""
        for part in group["sub_groups"]:
            amount = "" if hidden else money(part.get("billable_amount_in_cents"))
            rows.append([name, part.get("title", ""), duration(part["seconds"], form), amount])
    return rows


def weekly_table(store: Store, params: Params, query: Query | None = None) -> Table:
    """List the rows of a week."""
    query = query or store.query(params)
    days = [day_text(query.first + day) for day in range(7)]
    return [["User", "Client", "Project", *days, "Total"]] + [
        [
            *(row[name] or "" for name in ("user_name", "client_name", "project_name")),
            *map(duration, row["seconds"]),
            duration(sum(row["seconds"])),
        ]
        for row in weekly(store, query)
    ]


def _project_profits(store: Store, params: Params) -> Table:
    return _profits(projects_table(store, params))


def _employee_profits(store: Store, params: Params) -> Table:
    currency = currency_of(params)
    entries = store.select(store.query_of_range(params))
    return _profits(
        [
            {
                "name": store.name("users", number) or "",
                "total_seconds": seconds_of(own),
                "billable_seconds": billable_of(own),
                "earnings": earnings_of(store, own, currency),
                "labour_cost": cost_of(store, [e for e in own if e.currency == currency]),
            }
            for number, own in grouped_by(lambda entry: entry.user_id, entries).items()
        ]
    )


def _profits(rows: list[dict[str, Any]]) -> Table:
    headings = ["Name", "Total (hours)", "Billable (hours)", "Earnings", "Labour cost"]
    return [headings] + [
        [
            row["name"],
            *(round(row[key] / 3600, 2) for key in ("total_seconds", "billable_seconds")),
            *(row["earnings"] or 0, row["labour_cost"] or 0),
        ]
        for row in rows
    ]


def _trends(store: Store, params: Params) -> Table:
    headings = [
        *("Project Name", "Status", "Contributors", "Total (hours)", "Total Variation"),
        *("Daily Average (hours)", "Daily Average Variation"),
    ]
    rows = [headings]
    for row in project_trends(store, params):
        now, before = row["current_period_seconds"], row["previous_period_seconds"]
        project = store.by_id["projects"].get(row["project_id"], {})
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


def _heading(grouping: str) -> str:
    return {"time_entries": "Description"}.get(grouping, grouping[:-1].capitalize())


_FORMS: dict[str, Kind] = dict.fromkeys(
    ("calculate", "cents_separator", "date_format", "display_mode", "hour_format", "logo_url"),
    text,
)
_LOOKS = _FORMS | {name: FILE[name] for name in ("duration_format", "hide_amounts")}
_LOOKS |= dict.fromkeys(("order_by", "order_dir", "resolution"), text)
_SUMMARY = SUMMARY | _LOOKS | {"collapse": flag, "hide_rates": flag}
_WEEKLY = ENTRIES | _LOOKS | {"group_by_task": flag, "grouping": text}
_EMPLOYEES = PROFIT | {name: ENTRIES[name] for name in ("user_ids", "group_ids")}


def _endpoints():
    """Go through the files, each in the forms that the vendor has of it."""
    for path, params, name, table, extensions in (
        ("search/time_entries", FILE | _FORMS, "detailed", detailed.table, ("xlsx", "pdf")),
        ("summary/time_entries", _SUMMARY, "summary", summary_table, ("csv", "xlsx", "pdf")),
        ("weekly/time_entries", _WEEKLY, "weekly", weekly_table, ("csv", "pdf")),
        (
            *("insights/profitability/projects", PROFIT, "profitability_projects"),
            *(_project_profits, ("csv", "xlsx")),
        ),
        (
            *("insights/profitability/employees", _EMPLOYEES, "profitability_employees"),
            *(_employee_profits, ("csv", "xlsx")),
        ),
        ("insights/trends/projects", PROJECT_TRENDS, "trends_projects", _trends, ("csv", "xlsx")),
    ):
        for extension in extensions:
            plans = ("premium",) if path.startswith("insights") else _PLANS[extension]
            answer = partial(respond, table, extension, name)
            yield Endpoint(f"{path}.{extension}", params, answer, plans)


ENDPOINTS = tuple(_endpoints())


# How they are written


def write_file(table: Table, extension: str) -> bytes:
    """Write a table, its headings first."""
    writers = {"csv": _csv, "xlsx": _xlsx, "pdf": _pdf}
    return writers[extension](table)


def _csv(table: Table) -> bytes:
    content = io.StringIO(newline="")
    csv.writer(content, lineterminator="\n").writerows(table)
    return ("\ufeff" + content.getvalue()).encode()


def _xlsx(table: Table) -> bytes:
    rows = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in table)
    parts = {
        "[Content_Types].xml": (
            f'<Types xmlns="{_PACKAGE}/content-types">'
            f'<Default Extension="rels" ContentType="{_RELATIONS}"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
            "</Types>"
        ),
        "_rels/.rels": _relation("officeDocument", "xl/workbook.xml"),
        "xl/_rels/workbook.xml.rels": _relation("worksheet", "worksheets/sheet1.xml"),
        "xl/workbook.xml": (
            f'<workbook xmlns="{_SHEET}" xmlns:r="{_DOCUMENT}"><sheets>'
            '<sheet name="Report" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
        "xl/worksheets/sheet1.xml": (
            f'<worksheet xmlns="{_SHEET}"><sheetData>{rows}</sheetData></worksheet>'
        ),
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for name, xml in parts.items():
            package.writestr(name, _HEAD + xml)
    return packed.getvalue()


def _relation(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_DOCUMENT}/{kind}" Target="{target}"/></Relationships>'
    )


def _cell(value: Any) -> str:
    if isinstance(value, int | float):
        return f"<c><v>{value}</v></c>"
    text = escape(str(value), quote=False)
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _pdf(table: Table) -> bytes:
    """Draw one page with the first lines."""
    lines = [" | ".join(map(str, row)) for row in table[:_LINES_A_PAGE]]
    shown = "\n".join(f"({_printable(line)}) '" for line in lines)
    stream = f"BT /F1 7 Tf 11 TL 30 800 Td\n{shown}\nET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        "<< /Font << /F1 5 0 R >> >>",
    ]
    body, positions = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        positions.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table_at = len(body)
    entries = "".join(f"{position:010} 00000 n \n" for position in positions)
    size = len(objects) + 1
    body += f"xref\n0 {size}\n0000000000 65535 f \n{entries}"
    body += f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{table_at}\n%%EOF\n"
    return body.encode("ascii")


def _printable(line: str) -> str:
    ascii_line = line.encode("ascii", "replace").decode().replace("\n", " ")
    return ascii_line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
