"""How readers see the frames of a workspace: which columns, in which order, linked to what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from togglframe import tables
from togglframe.export.columns import columns_of
from togglframe.export.excel.spec import FrameSheet, Link
from togglframe.tables import Table
from togglframe.tables.provenance import of, stamp

__all__ = ["VIEWS", "View", "linked", "project_urls", "without_sensitive"]

_PROJECT: Final = "https://track.toggl.com/{}/projects/{}/team"


@dataclass(frozen=True, kw_only=True)
class View:
    """What readers see of a table; its other columns are collapsed on the right.

    Parameters
    ----------
    shown : str
        The columns that are read and printed, in their order.
    links : mapping of str to str
        The sheets that a row links to, each with the column of ids that both have.
    left_out : str
        The columns that are left out of sheets for readers.
    leads_to_toggl : bool
        Whether the name of a project links to Toggl Track.
    """

    shown: str
    links: Mapping[str, str]
    left_out: str = ""
    leads_to_toggl: bool = False

    def sheet(
        self, name: str, frame: pd.DataFrame, table: Table, known: Mapping[str, Any]
    ) -> FrameSheet:
        """Return the sheet that shows a frame of this provenance in this way."""
        left_out = self.left_out.split()
        shown = [column for column in self.shown.split() if column in frame]
        folded = [column for column in frame if column not in {*shown, *left_out}]
        arranged = stamp(frame[[*shown, *folded]], **{**known, "table": table.name})
        return FrameSheet(name, arranged, table, printed=len(shown))


VIEWS: Final = {
    "Budget": View(
        shown="""
            project budget_state client active
            estimated_hours tracked_hours variance_hours progress remaining_hours
            billable_hours billable_share currency amount effective_rate
            labour_cost_min labour_cost_max
        """,
        links={"Team": "project_id", "Tasks": "project_id"},
        left_out="color",
        leads_to_toggl=True,
    ),
    "Clients": View(
        shown="""
            client currency n_projects n_over n_at_risk
            estimated_hours comparable_tracked_hours variance_hours progress
            gross_overrun_hours saved_hours remaining_hours
            tracked_hours billable_hours billable_share amount effective_rate
        """,
        links={"Budget": "client_id"},
    ),
    "Team": View(
        shown="""
            project user email group kind user_active
            hourly_rate labour_cost unit_margin unit_margin_pct below_cost currency rate_conflict
        """,
        links={"Budget": "project_id"},
    ),
    "Tasks": View(
        shown="""
            task task_state project client assignee done
            estimated_hours tracked_hours variance_hours accuracy_ratio
        """,
        links={"Budget": "project_id"},
    ),
    "Audit": View(shown="severity check label detail hours_affected entity", links={}),
    "Hours": View(
        shown="""
            client project user task description tags billable period
            tracked_hours billable_hours billable_share n_entries n_days
        """,
        links={"Budget": "project_id"},
        leads_to_toggl=True,
    ),
    "Timesheet": View(
        shown="""
            user date first_start last_stop
            span_hours break_hours overlap_hours tracked_hours billable_hours n_entries
        """,
        links={},
    ),
    "Utilisation": View(
        shown="""
            user period workdays capacity_hours tracked_hours idle_hours load
            billable_hours utilisation
        """,
        links={},
    ),
    "Invoice": View(
        shown="""
            client project user task description tags billable
            tracked_hours billed_hours hourly_rate currency amount n_entries
        """,
        links={},
    ),
    "Profit": View(
        shown="""
            project client tracked_hours billable_hours currency revenue cost_known profit margin
            cost_coverage profit_upper_bound
        """,
        links={"Budget": "project_id"},
        leads_to_toggl=True,
    ),
    "Entry audit": View(shown="severity check user date label detail hours_affected", links={}),
    "Entries": View(
        shown="""
            date user client project task description began ended tracked_time
            billable amount currency
        """,
        links={},
        leads_to_toggl=True,
    ),
}


def without_sensitive(frame: pd.DataFrame, table: Table | None) -> pd.DataFrame:
    """Return a frame without the columns that hold confidential data about people."""
    columns = zip(frame.columns, columns_of(frame, table), strict=True)
    return frame[[name for name, column in columns if not (column and column.is_sensitive)]]


def linked(sheets: Iterable[FrameSheet]) -> list[FrameSheet]:
    """Add links to the rows of other sheets, if those are not empty."""
    by_name = {sheet.name: sheet for sheet in sheets}
    return [_with_links(sheet, by_name) for sheet in by_name.values()]


def _with_links(sheet: FrameSheet, others: Mapping[str, FrameSheet]) -> FrameSheet:
    view = VIEWS.get(sheet.name)
    if view is None:
        return sheet
    links = tuple(
        Link(to, key)
        for to, key in view.links.items()
        if to in others and key in sheet.frame and key in others[to].frame
    )
    frame = sheet.frame.copy(deep=False)
    for position, link in enumerate(links, start=sheet.printed or 0):
        leads = _leads(frame[link.key], others[link.sheet].frame[link.key])
        frame.insert(position, link.name, leads)
    return replace(sheet, frame=stamp(frame, **of(sheet.frame)), links=links)


def _leads(ids: pd.Series[Any], there: pd.Series[Any]) -> pd.Series[Any]:
    """Return the texts of links, NA where the target has no such row."""
    words: pd.Series[Any] = pd.Series(
        Link.text, index=ids.index, dtype=tables.CLIENTS["name"].dtype
    )
    return words.where(ids.isin(there.dropna()))


def project_urls(frame: pd.DataFrame) -> list[str | None]:
    """Return the URL of each row's project in Toggl Track, None if it is unknown."""
    workspace = of(frame).get("workspace_id")
    if type(workspace) is not int:
        return [None] * len(frame)
    ids = frame["project_id"]
    return [None if pd.isna(known) else _PROJECT.format(workspace, known) for known in ids]
