"""The vendor's files: a table as CSV, as a workbook, as a page to print."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from html import escape
from typing import Any, Final, TypeAlias

Table: TypeAlias = Sequence[Sequence[Any]]

BOM: Final = "\ufeff"
CONTENT_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
_LINES_A_PAGE: Final = 60
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_OFFICE: Final = "http://schemas.openxmlformats.org"
_DOCUMENT: Final = f"{_OFFICE}/officeDocument/2006/relationships"
_PACKAGE: Final = f"{_OFFICE}/package/2006"
_SHEET: Final = f"{_OFFICE}/spreadsheetml/2006/main"
_RELATIONS: Final = "application/vnd.openxmlformats-package.relationships+xml"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def write_file(table: Table, extension: str) -> bytes:
    """Write a table, its headings first."""
    writers: dict[str, Callable[[Table], bytes]] = {"csv": _csv, "xlsx": _xlsx, "pdf": _pdf}
    return writers[extension](table)


def duration(seconds: int, form: str = "classic") -> str:
    """Write a duration."""
    if form == "decimal":
        return f"{seconds / 3600:.2f}"
    minutes, second = divmod(seconds, 60)
    hours = f"{minutes // 60}" if form == "improved" else f"{minutes // 60:02}"
    return f"{hours}:{minutes % 60:02}:{second:02}"


def money(cents: int | None) -> str:
    """Write an amount; nothing where it is not known."""
    return "" if cents is None else f"{cents // 100}.{cents % 100:02}"


def _csv(table: Table) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(table)
    return (BOM + text.getvalue()).encode()


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
    body, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table_at = len(body)
    entries = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    body += f"xref\n0 {size}\n0000000000 65535 f \n{entries}"
    body += f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{table_at}\n%%EOF\n"
    return body.encode("ascii")


def _printable(line: str) -> str:
    ascii_line = line.encode("ascii", "replace").decode().replace("\n", " ")
    return ascii_line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
