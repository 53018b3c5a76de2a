"""Write the pages that are made of the code: the tables, the endpoints, the interface.

What they say stands once, in the library; none of these pages is committed.
"""

import importlib
import inspect
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from togglframe import api
from togglframe.api.downloads import FILES
from togglframe.api.endpoint import Endpoint
from togglframe.http.settings import Root
from togglframe.reports._record import Report
from togglframe.reports.planning import arguments_of, records
from togglframe.tables import CHANGES, COMPARISONS, HISTORIES, TABLES, Column, Table

# The modules that declare endpoints: those of public functions are private.
PATHS = [inspect.getmodule(getattr(api, name)) for name in api.__all__]
MODULES = {
    "api": "Every endpoint as a frame",
    **{
        f"api.{name}": inspect.getdoc(getattr(api, name)).partition("\n")[0].rstrip(".")
        for name in api.__all__
        if inspect.ismodule(getattr(api, name))
    },
    "reports": "A workspace in, a joined frame out",
    "charts": "A frame in, a matplotlib Axes out",
    "export": "Excel, a page of HTML, CSV and Parquet",
    "errors": "Errors and warnings",
    "tables": "The declarations of the frames",
    "sandbox": "The embedded Reports API",
}
NOTEBOOKS = "*.ipynb"


def _toctree(*pages: str, glob: bool = False) -> str:
    return "\n".join(["\n```{toctree}", ":hidden:", *[":glob:"] * glob, "", *pages, "```\n"])


# What the navigation of the site has below a page; the page links to it in plain Markdown.
TOCTREES = {
    "index": _toctree(
        *("guides/index", "gallery", "notebooks", "reference/index", "faq", "background"),
        "changelog",
    ),
    "guides/index": _toctree(
        *("first-report", "month-in-review", "budgets-and-forecast", "invoicing"),
        *("people-and-balance", "archive-and-closing", "sending", "quota-and-cache"),
        *("testing-offline", "fifteen-jobs", "closing-a-month"),
        *("servers", "backup", "several-workspaces", "doctor"),
    ),
    "notebooks": _toctree("notebooks/*", glob=True),
    "background": _toctree(
        *("architecture", "decisions/index", "faults", "benchmarks", "security", "contributing"),
        *("releases/0.3.0", "releases/0.2.0", "releases/0.1.0"),
    ),
    "decisions/index": _toctree("[0-9]*", glob=True),
    "reference/index": _toctree(
        *("modules/togglframe", "modules/api*", "modules/reports", "modules/charts"),
        *("modules/export", "modules/errors", "modules/tables", "modules/sandbox"),
        *("command-line", "arguments", "nomenclature", "quirks", "tables/index"),
        "endpoints/index",
        glob=True,
    ),
}


def write_pages(docs: Path) -> None:
    """Write all of them below the folder of the documentation."""
    reference = docs / "reference"
    shutil.rmtree(reference / "api", ignore_errors=True)  # autosummary never takes a page away
    _write_folder(
        reference / "tables",
        {"index.md": _tables_page(), **{f"{t.name}.md": _table_page(t) for t in TABLES}},
    )
    modules = {f"{m}.md": _module_page(m) for m in MODULES} | {"togglframe.md": FRONT_DOOR}
    _write_folder(reference / "modules", modules)
    _write_folder(reference / "endpoints", {"index.md": _endpoints_page()})
    notebooks = sorted((docs.parent / "notebooks").glob(NOTEBOOKS))
    _write_folder(docs / "notebooks", {n.name: n.read_text(encoding="utf-8") for n in notebooks})


def _write_folder(folder: Path, pages: dict[str, str]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")


# ---------------------------------------------------------------------------------------------
# Tables


def _tables_page() -> str:
    from_api = [table for table in TABLES if _endpoints_of(table)]
    derived = [table for table in TABLES if not _endpoints_of(table)]
    return "\n".join(
        [
            "# The frames",
            "",
            "What one row is, the key, and for every column its dtype, unit and meaning. These",
            "pages are made of `togglframe.tables`, which the casts, the docstrings and the Excel",
            "formats read too. A sensitive column tells of a person what not everybody should",
            "read: drop it before a file goes further.",
            "",
            "## As the API sends them",
            "",
            *_markdown_table(["frame", "one row is", "key"], [_table_cells(t) for t in from_api]),
            "",
            "## Joined",
            "",
            *_markdown_table(["frame", "one row is", "key"], [_table_cells(t) for t in derived]),
            "",
            "```{toctree}",
            ":hidden:",
            "",
            *[table.name for table in TABLES],
            "```",
            "",
        ]
    )


def _table_cells(table: Table) -> list[str]:
    return [f"[{table.name}]({table.name}.md)", table.grain, _key(table)]


def _key(table: Table) -> str:
    return ", ".join(f"`{name}`" for name in table.key) or "none: there is one row"


def _table_page(table: Table) -> str:
    from_api = bool(_endpoints_of(table))
    head = ["column", "dtype", "unit", "meaning"]
    if from_api:
        head[3:3] = ["JSON field", "its unit"]
    rows = [_column_cells(column, from_api=from_api) for column in table]
    return "\n".join(
        [
            f"(table-{table.name})=",
            f"# {table.name}",
            "",
            f"One row is: **{table.grain}**. Key: {_key(table)}.{_order(table)}",
            "",
            _returned_by(table),
            "",
            *_markdown_table(head, rows),
            *_states(table),
        ]
    )


def _column_cells(column: Column, *, from_api: bool) -> list[str]:
    meaning = f"{column.doc} Sensitive." if column.is_sensitive else column.doc
    cells = [f"`{column.name}`", column.dtype_name, column.unit or "", meaning]
    if from_api:
        cells[3:3] = [f"`{column.field_name}`", column.field_unit or ""]
    return cells


def _returned_by(table: Table) -> str:
    functions = [f"{{func}}`{path}`" for path in _functions_of(table)]
    return f"Returned by {', '.join(functions)}."


def _functions_of(table: Table) -> list[str]:
    endpoints = [_reference(module, name) for module, name, _ in _endpoints_of(table)]
    if endpoints:
        return endpoints
    others = {
        "archived": "Archive.status",
        "closed": "Archive.close",
        "doctor": "doctor",
        "late": "Archive.late",
    }
    if table.name in others:
        return [f"togglframe.{others[table.name]}"]
    for made, function in (
        (HISTORIES, "Archive.history"),
        (CHANGES, "Archive.changes"),
        (COMPARISONS, "reports.compare"),
    ):
        if table in made.values():
            return [f"togglframe.{function}"]
    made_by = next(
        record.name
        for _, record in records()
        if table in _made_by(record) or table.name.startswith(f"{record.name}_")
    )
    return [f"togglframe.reports.{made_by}"]


def _made_by(record: Report) -> list[Table]:
    if record.is_ranged:  # their tables are one, with the columns that the parameters choose
        return [record.table]
    defaults = arguments_of(record, {})
    return [record.table_of(record.parse({**defaults, **sample})) for sample in record.samples]


def _order(table: Table) -> str:
    if not table.rank:
        return ""
    ranked = ", then ".join(f"`{name}`" for name in table.rank)
    return f" Rows are ordered by {ranked}, the largest first and missing ones last, then by key."


def _states(table: Table) -> list[str]:
    states = [column for column in table if column.categories]
    return [
        f"\nThe values of `{column.name}`, in their order: "
        + ", ".join(f"`{value}`" for value in column.categories)
        + "."
        for column in states
    ]


# ---------------------------------------------------------------------------------------------
# Endpoints


def _endpoints() -> Iterator[tuple[str, str, Endpoint]]:
    """Go through module, function and endpoint; each constant has the function's name."""
    for module in PATHS:
        short = module.__name__.rpartition(".")[2]
        for name in module.__all__:
            if isinstance(endpoint := getattr(module, name.upper(), None), Endpoint):
                yield short, name, endpoint


def _reference(module: str, name: str) -> str:
    """Return the public name of the function of an endpoint."""
    home = "togglframe.api" if module.startswith("_") else f"togglframe.api.{module}"
    return f"{home}.{name}"


def _endpoints_of(table: Table) -> list[tuple[str, str, Endpoint]]:
    return [found for found in _endpoints() if found[2].table is table]


def _endpoints_page() -> str:
    rows = [_endpoint_cells(*found) for found in _endpoints()]
    rows += [_file_cells(path) for path in FILES]
    rows += [_shared_cells(ending) for ending in ("", "/csv", "/xlsx", "/pdf")]
    head = ["the vendor's path", "here", "parameters", "pages by", "most ids"]
    renamed = {
        (c.field_name, c.name, c.field_unit or "", c.dtype_name)
        for table in TABLES
        if _endpoints_of(table)
        for c in table
        if c.field_unit
    }
    return "\n".join(
        [
            "# From the vendor's page to this one",
            "",
            "Each is a `POST` below `/reports/api/v3/workspace/{workspace_id}/`, those of",
            "`insights/` below `/insights/api/v1/workspace/{workspace_id}/`, and shared reports",
            "below `/reports/api/v3/`. Parameters have the vendor's names; what is left out is not",
            "sent, but for rounding, which is off unless asked for. Longer lists of ids are",
            "split; where the most is not documented (?), at what the API says when it refuses.",
            "",
            *_markdown_table(head, rows),
            "",
            "## Fields that change their name or their unit",
            "",
            "A duration loses its suffix, since the unit is now in its dtype.",
            "",
            *_markdown_table(
                ["JSON field", "here", "its unit", "dtype"],
                [[f"`{w}`", f"`{n}`", u, d] for w, n, u, d in sorted(renamed)],
            ),
            "",
            "Every other field keeps its name. A field that the vendor sends and no table names",
            "is kept, after the declared columns.",
            "",
        ]
    )


def _endpoint_cells(module: str, name: str, endpoint: Endpoint) -> list[str]:
    function = getattr(importlib.import_module(f"togglframe.api.{module}"), name)
    parameters = list(inspect.signature(function).parameters)[1:]
    caps = [f"{cap:,}" for cap in endpoint.caps.values()]
    root = "insights/" if endpoint.root is Root.INSIGHTS else ""
    shown = name if module.startswith("_") else f"{module}.{name}"
    has_ids = any(parameter.is_ids for parameter in endpoint.parameters.values())
    return [
        f"`{root}{endpoint.path}`",
        f"{{func}}`{shown} <{_reference(module, name)}>`",
        ", ".join(f"`{p}`" for p in parameters),
        f"`{endpoint.paging.name}`" if hasattr(endpoint.paging, "name") else "none",
        ", ".join(caps) or ("?" if has_ids else ""),
    ]


def _file_cells(path: str) -> list[str]:
    parameters = ", ".join(f"`{p}`" for p in FILES[path])
    return [f"`{path}`", _DOWNLOAD, parameters, "none", ""]


def _shared_cells(ending: str) -> list[str]:
    here = _DOWNLOAD if ending else "{func}`shared <togglframe.api.shared>`"
    parameters = "" if ending else "`start_date`, `end_date`"
    pages = "none" if ending else "`first_timestamp`"
    return [f"`shared/{{report_token}}{ending}`", here, parameters, pages, ""]


_DOWNLOAD = "{meth}`download <togglframe.Workspace.download>`"


# ---------------------------------------------------------------------------------------------
# The interface


FRONT_DOOR = """# togglframe

Everything begins with a {class}`~togglframe.Workspace`; {func}`~togglframe.demo` makes one that
needs no account.

```{eval-rst}
.. currentmodule:: togglframe

.. autosummary::
   :toctree: ../api
   :nosignatures:

   Workspace
   demo
   Archive
   doctor
   pivot
   style
   http.quota.Usage
```
"""


def _module_page(name: str) -> str:
    module = importlib.import_module(f"togglframe.{name}")
    members = [
        f"   {member}"
        for member in module.__all__
        if not isinstance(getattr(module, member), tuple | ModuleType)
    ]
    return "\n".join(
        [
            f"# {name}",
            "",
            f"{MODULES[name]}.",
            "",
            "```{eval-rst}",
            f".. automodule:: togglframe.{name}",
            "   :no-members:",
            "",
            f".. currentmodule:: togglframe.{name}",
            "",
            ".. autosummary::",
            "   :toctree: ../api",
            "   :nosignatures:",
            "",
            *members,
            "```",
            "",
        ]
    )


def _markdown_table(head: list[str], rows: list[list[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
