"""The listings of a workspace: what each holds, how it is fetched, and what it refers to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pandas as pd

from togglframe.api import filters, profitability, search, summary
from togglframe.api import projects as project_time
from togglframe.api.both_states import both_states
from togglframe.api.dates import Day
from togglframe.api.endpoint import Endpoint
from togglframe.http.client import client_of
from togglframe.reports.selection import EVERYTHING, Selection
from togglframe.tables import Table
from togglframe.tables.provenance import combined, is_before, stamp
from togglframe.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class WholeListing:
    """One listing of a workspace: every row, whatever its state.

    Parameters
    ----------
    name : str
        Its name in reports.
    holds : str
        Its contents, in a few words.
    made_by : callable
        The function of the package that returns such a frame.
    endpoints : tuple of Endpoint
        The endpoints that are requested, each as often as at least needed.
    load : callable
        Fetches it, from the workspace and the frames of `made_of`.
    made_of : tuple of str
        The listings that must be loaded before.
    least : int, optional
        The requests for the smallest one that is not empty; by default those of `endpoints`.
    is_ranged : bool
        Whether it covers a range of days: then `load` takes the range and the filters.
    refers_to : mapping of str to str
        The listings that its ids refer to, by column.
    """

    name: str
    holds: str
    made_by: Callable[..., pd.DataFrame]
    endpoints: tuple[Endpoint, ...]
    load: Callable[..., pd.DataFrame]
    made_of: tuple[str, ...] = ()
    least: int | None = None
    is_ranged: bool = False
    refers_to: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Show its name."""
        return f"WholeListing({self.name!r})"

    def least_requests(self, selection: Selection = EVERYTHING) -> int:
        """Return the cost of the smallest one that is not empty."""
        if self.least is not None:
            return self.least
        days = {"start_date": str(selection.start), "end_date": str(selection.end)}
        return sum(
            endpoint.least_requests * len(endpoint.windows.cut(days))
            if self.is_ranged and endpoint.windows is not None
            else endpoint.least_requests
            for endpoint in self.endpoints
        )

    @property
    def table(self) -> Table:
        """The declaration of the frame."""
        return self.endpoints[0].table

    @property
    def function(self) -> str:
        """The name of the function that returns such a frame."""
        return f"{self.made_by.__module__}.{self.made_by.__name__}"


def _statuses(ws: Workspace, projects: pd.DataFrame) -> pd.DataFrame:
    def fetch() -> pd.DataFrame:
        return both_states(
            lambda **state: filters.statuses_of_all(ws, lambda: projects["id"], **state),
            "active",
            active_by_id=projects.set_index("id")["active"],
        )

    statuses = fetch()
    if is_before(statuses, projects) and not projects["id"].isin(statuses["id"]).all():
        with client_of(ws).refreshing():
            statuses = fetch()
    return filters.with_statuses_cut_off(ws, statuses, projects["id"])


def _clients(ws: Workspace, projects: pd.DataFrame) -> pd.DataFrame:
    ids = projects["client_id"].dropna().drop_duplicates().sort_values()
    return filters.clients(ws, ids=ids)


def _hours_by_task(ws: Workspace, **params: Any) -> pd.DataFrame:
    return summary.time_entries(ws, grouping="users", sub_grouping="tasks", **params)


def _costs_of_projects(
    ws: Workspace, projects: pd.DataFrame, *, start_date: Day, end_date: Day, **_: Any
) -> pd.DataFrame:
    """Request the costs in every currency, each for the projects that have it."""
    own = projects.set_index("id")["currency"]
    currencies = sorted(own.dropna().unique()) or ["USD"]  # an answer has to be in one
    answers = {
        currency: profitability.projects(
            ws, currency=currency, start_date=start_date, end_date=end_date
        )
        for currency in currencies
    }
    rows = pd.concat(answers, names=["requested"]).reset_index("requested").reset_index(drop=True)
    # A row without a currency of its own has that of each request.
    named = rows["currency"].mask(rows.groupby("project_id")["currency"].transform("nunique") > 1)
    home = own.reindex(rows["project_id"]).set_axis(rows.index)
    answered = home.fillna(named)
    is_home = answered.where(answered.isin(currencies), currencies[0]) == rows["requested"]
    costs = rows.assign(currency=named.fillna(home))[is_home].drop(columns="requested")
    return stamp(costs.reset_index(drop=True), **combined(answers.values()))


LISTINGS: Final = {
    listing.name: listing
    for listing in (
        WholeListing(
            name="projects",
            holds="all projects, active and archived",
            made_by=filters.projects,
            endpoints=(filters.PROJECTS,),
            load=filters.every_project,
            refers_to={"client_id": "clients"},
        ),
        WholeListing(
            name="statuses",
            holds="the totals of all projects, active and archived",
            made_by=filters.project_statuses,
            endpoints=(filters.PROJECT_STATUSES,),
            load=_statuses,
            made_of=("projects",),
            refers_to={"id": "projects"},
        ),
        WholeListing(
            name="clients",
            holds="the clients that projects name",
            made_by=filters.clients,
            endpoints=(filters.CLIENTS,),
            load=_clients,
            made_of=("projects",),
            least=1,  # when all ids came, nothing is left to prove
        ),
        WholeListing(
            name="tasks",
            holds="all tasks, open and done",
            made_by=filters.tasks,
            endpoints=(filters.TASKS,),
            load=filters.every_task,
            refers_to={"project_id": "projects", "client_id": "clients", "user_id": "users"},
        ),
        WholeListing(
            name="project_users",
            holds="the members of all projects, with their rates",
            made_by=filters.project_users,
            endpoints=(filters.PROJECT_USERS,),
            load=lambda ws, projects: filters.project_users(ws, project_ids=projects["id"]),
            made_of=("projects",),
        ),
        WholeListing(
            name="project_groups",
            holds="the groups of all projects",
            made_by=filters.project_groups,
            endpoints=(filters.PROJECT_GROUPS,),
            load=lambda ws, projects: filters.project_groups(ws, project_ids=projects["id"]),
            made_of=("projects",),
        ),
        WholeListing(
            name="users",
            holds="all users, active and inactive",
            made_by=search.users,
            endpoints=(search.USERS, search.USERS),  # active, inactive
            load=search.every_user,
        ),
        WholeListing(
            name="time_entries",
            holds="the time entries of the range",
            made_by=search.time_entries,
            endpoints=(search.TIME_ENTRIES,),
            load=search.time_entries,
            is_ranged=True,
            refers_to={"project_id": "projects", "user_id": "users", "task_id": "tasks"},
        ),
        WholeListing(
            name="project_user_hours",
            holds="the time of every user on every project in the range",
            made_by=project_time.summary,
            endpoints=(project_time.SUMMARY,),
            load=project_time.summary,
            is_ranged=True,
            refers_to={"project_id": "projects", "user_id": "users"},
        ),
        WholeListing(
            name="task_user_hours",
            holds="the time of every user on every task in the range",
            made_by=summary.time_entries,
            endpoints=(summary.TIME_ENTRIES,),
            load=_hours_by_task,
            is_ranged=True,
        ),
        WholeListing(
            name="project_costs",
            holds="what the time on every project in the range cost",
            made_by=profitability.projects,
            endpoints=(profitability.PROJECTS,),
            load=_costs_of_projects,
            made_of=("projects",),
            is_ranged=True,
        ),
    )
}
OPTIONAL: Final = ("tasks", "project_users", "project_groups", "users")

# What an archive keeps: also clients without projects, which no report needs, and which cost a
# request more, since without ids only another page proves the end.
WHOLE: Final = {
    **{name: listing for name, listing in LISTINGS.items() if not listing.is_ranged},
    "clients": replace(
        LISTINGS["clients"], name="all clients", load=filters.clients, made_of=(), least=None
    ),
}
