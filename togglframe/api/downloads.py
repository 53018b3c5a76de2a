"""The files that the vendor makes: their paths, their parameters, and how they are written."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from togglframe.api.endpoint import warn_of_rounding, without_exact
from togglframe.api.parameters import ENTRY_FILTERS, Parameter, checked_body, time_parameters
from togglframe.atomic import replacing, target
from togglframe.errors import ConfigError, PremiumFeatureError
from togglframe.http.client import EXACT, Client
from togglframe.http.credential import SHARED_REPORT
from togglframe.http.settings import Root

_ENTRIES: Final = (
    f"start_date end_date {ENTRY_FILTERS} grouped hide_amounts order_by order_dir duration_format"
)
_SUMMARY: Final = (
    f"start_date end_date {ENTRY_FILTERS} grouping sub_grouping collapse distinguish_rates "
    "hide_amounts hide_rates order_by order_dir duration_format"
)
_WEEKLY: Final = f"start_date end_date {ENTRY_FILTERS} calculate grouping group_by_task"
_INSIGHTS: Final = "start_date end_date billable rounding rounding_minutes"
_PROFIT: Final = f"{_INSIGHTS} currency resolution client_ids project_ids"
_EMPLOYEES: Final = (
    "start_date end_date currency resolution user_ids group_ids rounding rounding_minutes"
)

# The parameters of each path; a shared report has those that it was saved with.
FILES: Final[dict[str, dict[str, Parameter]]] = {
    path: time_parameters(names)
    for path, names in {
        "search/time_entries.csv": _ENTRIES,
        "search/time_entries.xlsx": _ENTRIES,
        "search/time_entries.pdf": (
            f"{_ENTRIES} cents_separator date_format display_mode hour_format"
        ),
        "summary/time_entries.csv": _SUMMARY,
        "summary/time_entries.xlsx": _SUMMARY,
        "summary/time_entries.pdf": f"{_SUMMARY} cents_separator date_format resolution",
        "weekly/time_entries.csv": _WEEKLY,
        "weekly/time_entries.pdf": (
            f"{_WEEKLY} cents_separator date_format duration_format logo_url"
        ),
        "insights/profitability/projects.csv": _PROFIT,
        "insights/profitability/projects.xlsx": _PROFIT,
        "insights/profitability/employees.csv": _EMPLOYEES,
        "insights/profitability/employees.xlsx": _EMPLOYEES,
        "insights/trends/projects.csv": f"{_INSIGHTS} previous_period_start project_ids",
        "insights/trends/projects.xlsx": f"{_INSIGHTS} previous_period_start project_ids",
    }.items()
}
_SHARED: Final = re.compile(r"shared/(?P<token>[^/]+)/(?P<kind>csv|xlsx|pdf)", re.ASCII)


def download(
    client: Client, path: str, to: str | os.PathLike[str], arguments: Mapping[str, object]
) -> Path:
    """Write a file that the vendor makes; see :meth:`togglframe.Workspace.download`."""
    shared = _SHARED.fullmatch(str(path))
    if shared is not None and shared["token"] not in (".", ".."):
        if arguments:
            raise TypeError("the file of a shared report takes no parameters")
        where = target(to)
        with client.report(shared["token"]) as report:
            content = report.post(f"{SHARED_REPORT}/{shared['kind']}", {}, is_file=True).data
    else:
        body = _body(path, arguments)
        where = target(to)
        content = _content(client, path, body)
    with replacing(where) as (file,):
        file.write(content)
    return where


def _body(path: str, arguments: Mapping[str, object]) -> dict[str, Any]:
    """Check the parameters, and return them as they are sent."""
    if path not in FILES:
        known = ", ".join([*FILES, "shared/{report_token}/csv, /xlsx and /pdf"])
        shown = "shared/..." if "shared" in str(path).casefold() else repr(path)
        raise ConfigError(f"{shown} is not a file the vendor makes; choose one of {known}")
    parameters = FILES[path]
    unknown = [name for name in arguments if name not in parameters]
    if unknown:
        raise TypeError(f"{path} takes no {', '.join(unknown)}; it takes {', '.join(parameters)}")
    body = checked_body(path, parameters, arguments)
    return {**(EXACT if "rounding" in parameters else {}), **body}


def _content(client: Client, path: str, body: dict[str, Any]) -> bytes:
    """Request the file; if the plan refuses exact time, with the default rounding."""
    root = Root.INSIGHTS if path.startswith("insights/") else Root.REPORTS
    below = path.removeprefix("insights/")
    query = without_exact(body) if client.learned.rounds else body
    try:
        answer = client.post(below, query, root=root, is_file=True)
    except PremiumFeatureError:
        if query == without_exact(query):
            raise
        query = without_exact(query)  # if this is refused too, rounding is not the reason
        answer = client.post(below, query, root=root, is_file=True)
    if "rounding" in body and "rounding" not in query:
        warn_of_rounding(client, path)
    content: bytes = answer.data
    return content
