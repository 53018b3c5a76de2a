"""How well tasks were estimated, and how much of them is left."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from togglframe import tables
from togglframe.api.parameters import boolean
from togglframe.errors import ConfigError, SemanticsWarning
from togglframe.reports._entries import Groups, entries, naming
from togglframe.reports._frames import (
    AT_RISK,
    budget_states,
    checked,
    count,
    finished,
    look_up,
    positive,
    ratio,
    to_hours,
)
from togglframe.reports._part import rows_of, with_clients_of
from togglframe.reports._record import Params, Report, clients_need_projects
from togglframe.reports.budget import PROJECT_BUDGET, join_project_budget, selected_rows
from togglframe.reports.selection import EVERYTHING, Names, NamesOrNone, Needs, Selection
from togglframe.reports.sources import Listings, Source
from togglframe.tables import Table
from togglframe.tables.provenance import of, stamp
from togglframe.tables.validation import milliseconds
from togglframe.text.names import distinct_names, or_unlisted
from togglframe.warning import warn

__all__ = ["estimate_bias", "estimate_reconciliation", "task_accuracy", "workload"]


ENOUGH_TASKS: Final = 10
# The API reports the time of a project in whole seconds, that of a task in milliseconds.
STATUS_PRECISION: Final = 1000
WORKED_COLUMNS: Final = ("user_id", "user", "task_id", "start", "tracked_time")
_MEMORY: Final = dt.timedelta(5 * 365 - 1)  # how long ago somebody may have worked on a task
_TOLERANCE: Final = 60_000  # of the sum of entries, each in whole seconds [ms]
_TIMES: Final = ("tracked_time", "estimated_time")


def join_task_accuracy(
    tasks: pd.DataFrame,
    projects: pd.DataFrame,
    task_user_hours: pd.DataFrame | None = None,
    time_entries: pd.DataFrame | None = None,
    users: pd.DataFrame | None = None,
    *,
    done: bool | None = True,
    people: bool = False,
    selected: Selection = EVERYTHING,
) -> pd.DataFrame:
    """Compare the tracked time of every task with its estimate."""
    listed = checked(projects, tables.PROJECTS, "client_id currency")
    chosen = rows_of({"tasks": tasks, "projects": projects}, selected)
    task = _listed_tasks(chosen["tasks"], listed).assign(done=lambda task: ~task["active"])
    if done is not None:
        task = task[(task["done"] == done).fillna(value=False)]
    currencies = listed[["id", "currency"]].rename(columns={"id": "project_id"})
    task = look_up(task, currencies, "project_id")
    tracked = milliseconds(task["tracked_time"])
    estimate = milliseconds(task["estimated_time"])
    variance = tracked - positive(estimate)
    accuracy = ratio(tracked, estimate)
    known = positive(accuracy).notna()
    logarithm = np.log2(accuracy.where(known).to_numpy(float, na_value=np.nan))
    task = task.assign(
        tracked_hours=to_hours(tracked),
        estimated_hours=to_hours(estimate),
        remaining_hours=to_hours(-variance),
        variance_hours=to_hours(variance),
        accuracy_ratio=accuracy,
        log2_ratio=pd.Series(logarithm, task.index, dtype="Float64").where(known),
        abs_pct_error=ratio(variance.abs(), estimate),
        task_state=budget_states(tracked, estimate, AT_RISK),
    )
    if people:
        worked, names = _worked(task_user_hours, time_entries, users)
        task = task.assign(people=_people(task["task_id"], tracked, worked, names))
    filters = {} if done is None else {"done": done}
    return stamp(finished(task, _table({"people": people})), filters=filters)


def _worked(
    task_user_hours: pd.DataFrame | None,
    time_entries: pd.DataFrame | None,
    users: pd.DataFrame | None,
) -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Return the time of users on tasks [ms], of entries or the vendor's sums, and their names."""
    names = pd.Series(dtype=tables.USER_DETAILS["fullname"].dtype)
    if time_entries is not None:
        work = entries(time_entries, None, WORKED_COLUMNS, EVERYTHING)
        names = naming(work, "user_id", "user").set_index("user_id")["user"]
    else:
        columns = ["group_id", "sub_group_id", "tracked_time"]
        keys = {"group_id": "user_id", "sub_group_id": "task_id"}
        sums = tables.SUMMARY_TIME_ENTRIES.empty() if task_user_hours is None else task_user_hours
        work = sums[columns].rename(columns=keys)
    if users is not None:
        listed = checked(users, tables.USER_DETAILS, "fullname").set_index("id")["fullname"]
        names = listed.dropna().combine_first(names)
    work = work.assign(ms=milliseconds(work["tracked_time"])).dropna(subset=["task_id"])
    return work.groupby(["task_id", "user_id"], dropna=False)["ms"].sum().reset_index(), names


def _people(
    ids: pd.Series[Any], tracked: pd.Series[Any], worked: pd.DataFrame, names: pd.Series[Any]
) -> pd.Series[Any]:
    """Say who worked on each task, most first; others did if that is not all of its time."""
    most = worked[worked["ms"] > 0].sort_values(["ms", "user_id"], ascending=[False, True])
    distinct = distinct_names(names, names.index.to_series())
    of_users = distinct.reindex(pd.Index(most["user_id"])).set_axis(most.index)
    labels = or_unlisted(of_users, most["user_id"]).fillna("somebody")
    by_task = most.assign(label=labels).groupby("task_id")
    people = by_task["label"].agg(", ".join).reindex(pd.Index(ids)).set_axis(ids.index)
    time = by_task["ms"].sum().reindex(pd.Index(ids)).set_axis(ids.index)
    is_part = (time + _TOLERANCE < tracked).fillna(value=False).astype(bool)
    return people.mask(is_part, people + " and others")


def _table(params: Params) -> Table:
    return tables.TASK_ACCURACY_PEOPLE if params["people"] else tables.TASK_ACCURACY


def _more_needs(needs: Needs, listings: Listings, params: Params) -> Needs:
    """Request who worked on tasks: the vendor's own sums cost less than time entries."""
    if not params["people"]:
        return needs
    needs = replace(needs, look_ups=("users",), optional=("users",))
    if listings.ws is None:
        return needs.with_names("time_entries", "users")
    days = Selection(start=listings.today - _MEMORY, end=listings.today)
    return replace(needs.with_names("task_user_hours", "users"), selection=days)


def _listed_tasks(tasks: pd.DataFrame, projects: pd.DataFrame) -> pd.DataFrame:
    task = checked(
        tasks,
        tables.TASKS,
        """
        name active project_id project_name client_id client_name user_id user_name
        estimated_time tracked_time rate recurring external_reference
        integration_provider integration_ext_id integration_ext_type
        """,
    )
    task = with_clients_of(projects, task).rename(
        columns={
            "id": "task_id",
            "name": "task",
            "project_name": "project",
            "client_name": "client",
            "user_name": "assignee",
        }
    )
    return task.assign(assignee=or_unlisted(task["assignee"], task["user_id"]))


def join_estimate_bias(
    tasks: pd.DataFrame,
    projects: pd.DataFrame,
    *,
    by: Literal["user", "project", "client", "integration_provider"],
    selected: Selection,
) -> pd.DataFrame:
    """Measure how far estimates are off, by user, project, client or integration provider."""
    accuracy = join_task_accuracy(tasks, projects, selected=selected)
    return stamp(bias_of(accuracy, by=by), **of(accuracy))


def bias_of(
    accuracy: pd.DataFrame, *, by: Literal["user", "project", "client", "integration_provider"]
) -> pd.DataFrame:
    """Measure how far the estimates of tasks are off, by group."""
    table = tables.ESTIMATE_BIAS[by]
    (key,) = table.key
    label = "assignee" if by == "user" else by
    task = checked(
        accuracy,
        tables.TASK_ACCURACY,
        f"{key} {label} done accuracy_ratio abs_pct_error tracked_time estimated_time",
        summed=_TIMES,
    )
    task = task[task["done"].fillna(value=False)]
    comparable = task["accuracy_ratio"].notna()
    tracked = milliseconds(task["tracked_time"]).where(comparable)
    estimate = milliseconds(task["estimated_time"]).where(comparable)
    measures = task.assign(
        n=count(comparable),
        n_no_estimate=count(task["estimated_time"].isna()),
        n_over=count(tracked > estimate),
        tracked=tracked,
        estimate=estimate,
        label=task[label].mask(task[key].isna()),
    )
    grouped = measures.groupby(key, dropna=False, sort=False)
    total = grouped[["n", "n_no_estimate", "n_over", "tracked", "estimate"]].sum(min_count=1)
    bias = total.assign(
        **{label: grouped["label"].first()} if label != key else {},
        median_ratio=grouped["accuracy_ratio"].median(),
        p80_ratio=grouped["accuracy_ratio"].quantile(0.8),
        share_over=ratio(total["n_over"], total["n"]),
        bias=ratio(total["tracked"], total["estimate"]),
        mdape=grouped["abs_pct_error"].median(),
    )
    enough = total["n"] >= ENOUGH_TASKS
    bias["suggested_multiplier"] = bias["p80_ratio"].where(enough)
    return finished(bias.reset_index().rename(columns={"assignee": "user"}), table)


def join_estimate_reconciliation(
    projects: pd.DataFrame,
    statuses: pd.DataFrame,
    tasks: pd.DataFrame,
    clients: pd.DataFrame | None = None,
    *,
    selected: Selection,
) -> pd.DataFrame:
    """Compare the hours and the estimate of every project with those of its tasks."""
    budget = selected_rows(join_project_budget(projects, statuses, clients), selected)
    return stamp(reconciliation_of(budget, tasks), **of(budget))


def reconciliation_of(budget: pd.DataFrame, tasks: pd.DataFrame) -> pd.DataFrame:
    """Compare the hours and the estimates of a budget with those of the tasks."""
    reconciled = reconcile(budget, tasks)
    doubt = task_unit_doubt(reconciled)
    if doubt is not None:
        warn(SemanticsWarning(doubt))
    return finished(reconciled, tables.ESTIMATE_RECONCILIATION)


def reconcile(budget: pd.DataFrame, tasks: pd.DataFrame) -> pd.DataFrame:
    """Return the budget with the totals of the tasks beside it, in the order of `project_id`."""
    project = checked(
        budget,
        tables.PROJECT_BUDGET,
        "project client_id client tracked_time estimated_time",
        summed=_TIMES,
    )
    task = checked(tasks, tables.TASKS, "project_id tracked_time estimated_time", summed=_TIMES)
    on_projects = Groups.of(task[["project_id"]]).sum(
        n_tasks=count(task["id"].notna()),
        task_tracked=milliseconds(task["tracked_time"]),
        task_estimate=milliseconds(task["estimated_time"]),
    )
    project = look_up(project, on_projects, "project_id")
    n_tasks = project["n_tasks"].fillna(0)
    on_tasks = project["task_tracked"].mask(n_tasks == 0, 0)
    planned = project["task_estimate"]
    tracked = milliseconds(project["tracked_time"])
    estimate = milliseconds(project["estimated_time"])
    return project.assign(
        n_tasks=n_tasks,
        tracked_hours=to_hours(tracked),
        task_tracked_hours=to_hours(on_tasks),
        untasked_hours=to_hours(tracked - on_tasks),
        tasked_share=ratio(on_tasks, tracked),
        estimated_hours=to_hours(estimate),
        task_estimated_hours=to_hours(planned),
        estimate_gap_hours=to_hours(estimate - planned),
        tracked_exceeds_project=on_tasks - tracked >= STATUS_PRECISION,
        estimate_exceeds_project=planned > estimate,
        task_tracked_time=on_tasks.astype(project["tracked_time"].dtype),
        task_estimated_time=planned.astype(project["tracked_time"].dtype),
    )


def task_unit_doubt(reconciled: pd.DataFrame) -> str | None:
    """Return why the unit of the tasks' tracked time looks wrong, None if it does not.

    Tasks cannot hold ten times the hours of their projects. And if the projects with tasks hold
    most of the hours, less than 1 % of these on tasks points to a wrong unit, not to a habit.
    """
    tracked = milliseconds(reconciled["tracked_time"])
    on_tasks = milliseconds(reconciled["task_tracked_time"])
    has_tasks = (reconciled["n_tasks"] > 0) & tracked.notna() & on_tasks.notna()
    of_projects, of_tasks = tracked[has_tasks].sum(), on_tasks[has_tasks].sum()
    if of_projects <= 0 or of_tasks <= 0:
        return None
    share = of_tasks / of_projects
    tasks_are_used = of_projects > tracked.sum() / 2
    if share <= 10 and not (tasks_are_used and share < 0.01):
        return None
    return (
        f"the tasks hold {share:.3g} times the hours of their projects, so their tracked time "
        "may be in another unit than assumed; nothing was rescaled"
    )


def join_workload(
    tasks: pd.DataFrame, projects: pd.DataFrame | None = None, *, selected: Selection
) -> pd.DataFrame:
    """Sum the estimated work that every assignee has left."""
    tasks = rows_of({"tasks": tasks, "projects": projects}, selected)["tasks"]
    task = checked(
        tasks,
        tables.TASKS,
        "active project_id user_id user_name estimated_time tracked_time",
        summed=_TIMES,
    )
    task = task[task["active"].fillna(value=False)]
    tracked = milliseconds(task["tracked_time"])
    estimate = positive(milliseconds(task["estimated_time"]))
    variance = tracked - estimate
    measures = task.assign(
        n_open=1,
        n_over=count(variance > 0),
        n_no_estimate=count(task["estimated_time"].isna()),
        estimate=estimate.where(variance.notna()),
        tracked=tracked.where(variance.notna()),
        remaining=(-variance).clip(lower=0),
        overrun=variance.clip(lower=0),
        user=task["user_name"].mask(task["user_id"].isna()),
    )
    grouped = measures.groupby("user_id", dropna=False, sort=False)
    counts = ["n_open", "n_over", "n_no_estimate"]
    total = grouped[[*counts, "estimate", "tracked", "remaining", "overrun"]].sum(min_count=1)
    load = total.assign(
        user=grouped["user"].first(),
        estimated_hours=to_hours(total["estimate"]),
        tracked_hours=to_hours(total["tracked"]),
        remaining_hours=to_hours(total["remaining"]),
        overrun_hours=to_hours(total["overrun"]),
        n_projects=grouped["project_id"].nunique(),
    )
    load = load.reset_index()
    load["user"] = or_unlisted(load["user"], load["user_id"])
    return finished(load, tables.WORKLOAD)


def _checked_done(*, done: bool | None, **others: Any) -> dict[str, Any]:
    if done is not None and not isinstance(done, bool):
        raise ConfigError(f"done must be True, False or None (all tasks), not {done!r}")
    if "people" in others:
        boolean("people", others["people"])
    return {"done": done, **others}


TASK_ACCURACY: Final = Report(
    name="task_accuracy",
    table=tables.TASK_ACCURACY,
    needs=("tasks", "projects"),
    check=_checked_done,
    shape=_table,
    more_needs=_more_needs,
    join=join_task_accuracy,
)


def task_accuracy(
    source: Source,
    *,
    done: bool | None = True,
    people: bool = False,
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    users: Names | None = None,
) -> pd.DataFrame:
    """Compare the tracked time of every task with its estimate.

    One row per task. Only done tasks show how good an estimate was: an open task below its estimate
    is unfinished, not well estimated.

    Parameters
    ----------
    source : Workspace, Archive, Listings or mapping of str to DataFrame
        Where the listings come from.
    done : bool, optional
        True for done tasks, False for open ones, None for all.
    people : bool
        Whether to add who worked on each task, most first.
    clients, projects : int, str, or list of int, str or None, optional
        Only tasks of these clients, or of these projects; include None in the clients for projects
        without one.
    users : int, str, or list of int or str, optional
        Only tasks assigned to these users: ids, names or e-mail addresses.

    Returns
    -------
    DataFrame
        Ordered by variance, the largest first.

        - task_id : Int64. Task id.
        - task : str. Name of the task.
        - project_id : Int64. Project id.
        - project : str. Name of the project, NA if it is not listed.
        - client_id : Int64. Client id, NA if the project has no client.
        - client : str. Name of the client.
        - user_id : Int64. User id.
        - assignee : str. User the task is assigned to; others may track time on it.
        - tracked_hours : Float64 [h]. All time tracked on the task.
        - estimated_hours : Float64 [h]. Estimate, NA if there is none.
        - remaining_hours : Float64 [h]. Estimate minus tracked; negative when over.
        - variance_hours : Float64 [h]. Tracked minus estimate; positive when over.
        - accuracy_ratio : Float64 [1]. Tracked over estimate; 2 is twice the estimate.
        - log2_ratio : Float64 [1]. Base-2 logarithm of the accuracy ratio.
        - abs_pct_error : Float64 [1]. Absolute difference from the estimate, over the estimate.
        - task_state : ordered category. Where the task stands against its estimate.
        - done : boolean. Whether the task is done.
        - recurring : boolean. Whether the task recurs.
        - rate : Float64 [currency]. Rate of the task, per hour.
        - currency : str. Currency of every amount in the row, ISO 4217.
        - external_reference : str. Reference to something outside Toggl Track.
        - integration_provider : str. The other system: asana, jira, salesforce.
        - integration_ext_id : str. Id of the linked entity in the other system.
        - integration_ext_type : str. Type of the linked entity there.
        - tracked_time : timedelta64[ms]. Tracked, exact.
        - estimated_time : timedelta64[ms]. Estimate, exact.

        With `people`, after the assignee:

        - people : str. Who worked on it, most first, as far as known; with ids if names are equal.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.
    PremiumFeatureError
        If the plan of the workspace has no tasks.

    Notes
    -----
    ``filters/projects`` and ``filters/tasks``: one request per page, and one more to confirm the
    end of the tasks. If tasks or projects lack one of the two states, up to two more requests each
    make sure that nothing is hidden. `people` adds ``summary/time_entries`` of the last five years,
    five requests, and ``search/users``; from an archive or frames it reads their time entries.
    Where these are not all of the time of a task, the names end in "and others".

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> accuracy = tf.reports.task_accuracy(ws)
    >>> accuracy[["task", "tracked_hours", "estimated_hours", "accuracy_ratio"]].head(3).round(2)
             task  tracked_hours  estimated_hours  accuracy_ratio
    0  Bug fixing         743.87            476.5            1.56
    1   Prototype         417.07            153.5            2.72
    2  Bug fixing         333.98            114.0            2.93
    """
    return TASK_ACCURACY.make(**locals())


def _checked_by(*, by: str, **others: Any) -> dict[str, Any]:
    if by not in list(tables.ESTIMATE_BIAS):  # `by` may be a list, which cannot be hashed
        raise ConfigError(f"by must be one of {', '.join(tables.ESTIMATE_BIAS)}, not {by!r}")
    return {"by": by, **others}


ESTIMATE_BIAS: Final = Report(
    name="estimate_bias",
    table=tables.ESTIMATE_BIAS["user"],
    needs=TASK_ACCURACY.needs,
    shape=lambda params: tables.ESTIMATE_BIAS[params["by"]],
    samples=({}, *({"by": by} for by in tables.ESTIMATE_BIAS)),
    check=_checked_by,
    join=join_estimate_bias,
)


def estimate_bias(
    source: Source,
    *,
    by: Literal["user", "project", "client", "integration_provider"] = "user",
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    users: Names | None = None,
) -> pd.DataFrame:
    """Measure how far estimates are off, by group.

    One row per group of done tasks. With fewer than ten tasks there is no suggested multiplier: it
    would be chance.

    Parameters
    ----------
    source : Workspace, Archive, Listings or mapping of str to DataFrame
        Where the listings come from.
    by : {"user", "project", "client", "integration_provider"}
        What the tasks are grouped by.
    clients, projects : int, str, or list of int, str or None, optional
        Only tasks of these clients, or of these projects; include None in the clients for projects
        without one.
    users : int, str, or list of int or str, optional
        Only tasks assigned to these users: ids, names or e-mail addresses.

    Returns
    -------
    DataFrame
        Ordered by bias, the largest first. The first columns name the group: `user_id` and `user`,
        `project_id` and `project`, `client_id` and `client`, or `integration_provider`.

        - n : Int64. Tasks with an estimate above zero.
        - n_no_estimate : Int64. How many have no estimate; an estimate of zero is one.
        - median_ratio : Float64 [1]. Median of the accuracy ratios.
        - p80_ratio : Float64 [1]. 80 % of the tasks stay at or below this ratio.
        - share_over : Float64 [1]. Share of the tasks that went over their estimate.
        - bias : Float64 [1]. Sum of tracked over sum of estimates.
        - mdape : Float64 [1]. Median absolute percentage error.
        - suggested_multiplier : Float64 [1]. p80_ratio if n is at least 10, else NA.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.
    PremiumFeatureError
        If the plan of the workspace has no tasks.

    Notes
    -----
    The listings of :func:`task_accuracy`, no others.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> bias = tf.reports.estimate_bias(ws, by="client")
    >>> bias[["client", "n", "median_ratio", "suggested_multiplier"]].head(3).round(2)
                    client   n  median_ratio  suggested_multiplier
    0       Brasserie Élan  12          1.06                  2.08
    1  Fundación Río Claro  18          1.05                  1.95
    2    Vitalis Apotheken  11          0.98                  1.37
    """
    return ESTIMATE_BIAS.make(**locals())


ESTIMATE_RECONCILIATION: Final = Report(
    name="estimate_reconciliation",
    table=tables.ESTIMATE_RECONCILIATION,
    needs=(*PROJECT_BUDGET.needs, "tasks"),
    look_ups=PROJECT_BUDGET.look_ups,
    join=join_estimate_reconciliation,
)


def estimate_reconciliation(
    source: Source,
    *,
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
) -> pd.DataFrame:
    """Compare the hours and estimates of projects with those of their tasks.

    One row per project, with the hours that are on no task.

    Parameters
    ----------
    source : Workspace, Archive, Listings or mapping of str to DataFrame
        Where the listings come from.
    clients, projects : int, str, or list of int, str or None, optional
        Only these projects, or those of these clients, by id or name; include None in the clients
        for projects without one. Projects whose client is unknown are left out.

    Returns
    -------
    DataFrame
        Ordered by untasked hours, the largest first.

        - project_id : Int64. Project id.
        - project : str. Name of the project, NA if it is not listed.
        - client_id : Int64. Client id, NA if the project has no client.
        - client : str. Name of the client.
        - n_tasks : Int64. Tasks.
        - tracked_hours : Float64 [h]. All time ever tracked, NA if there is no status.
        - task_tracked_hours : Float64 [h]. Tracked on the tasks of the project.
        - untasked_hours : Float64 [h]. Tracked on the project, but on no task.
        - tasked_share : Float64 [1]. Share of the project's hours that are on tasks.
        - estimated_hours : Float64 [h]. Estimate, NA if there is none.
        - task_estimated_hours : Float64 [h]. Sum of the estimates of the tasks.
        - estimate_gap_hours : Float64 [h]. Project estimate minus the tasks' estimates.
        - tracked_exceeds_project : boolean. Whether tasks hold more hours than the project.
        - estimate_exceeds_project : boolean. Whether task estimates exceed the project's.
        - tracked_time : timedelta64[ms]. Tracked, exact.
        - estimated_time : timedelta64[ms]. Estimate, exact.
        - task_tracked_time : timedelta64[ms]. Tracked on tasks, exact.
        - task_estimated_time : timedelta64[ms]. Estimates of the tasks, exact.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.
    PremiumFeatureError
        If the plan of the workspace has no tasks.

    Notes
    -----
    The listings of :func:`project_budget` and ``filters/tasks``.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> reconciliation = tf.reports.estimate_reconciliation(ws)
    >>> shares = reconciliation.dropna(subset="tasked_share")
    >>> shares[["project", "tracked_hours", "untasked_hours", "tasked_share"]].head(3).round(2)
                        project  tracked_hours  untasked_hours  tasked_share
    0         <b>Bold</b> moves        4516.73         2230.85          0.51
    1  Online tariff calculator        6883.67         2034.63           0.7
    2           Customer portal        4351.79         1394.52          0.68
    """
    return ESTIMATE_RECONCILIATION.make(**locals())


WORKLOAD: Final = Report(
    name="workload",
    table=tables.WORKLOAD,
    needs=("tasks",),
    more_needs=clients_need_projects,
    samples=({}, {"clients": [1]}),
    join=join_workload,
)


def workload(
    source: Source,
    *,
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    users: Names | None = None,
) -> pd.DataFrame:
    """Sum the open tasks by assignee.

    One row per assignee of open tasks, and one for unassigned tasks. It shows how much estimated
    work each user still has; the assignee of a task is not always the one who tracks time on it.

    Parameters
    ----------
    source : Workspace, Archive, Listings or mapping of str to DataFrame
        Where the listings come from.
    clients, projects : int, str, or list of int, str or None, optional
        Only tasks of these clients, or of these projects; include None in the clients for projects
        without one.
    users : int, str, or list of int or str, optional
        Only tasks assigned to these users: ids, names or e-mail addresses.

    Returns
    -------
    DataFrame
        Ordered by remaining hours, the largest first.

        - user_id : Int64. User the tasks are assigned to, NA for nobody.
        - user : str. Name of the user, "User 123 (not listed)" if unknown.
        - n_open : Int64. Open tasks.
        - n_over : Int64. How many are over their estimate.
        - n_no_estimate : Int64. How many have no estimate; an estimate of zero is one.
        - estimated_hours : Float64 [h]. Sum of the estimates above zero, where the tracked time is
          known.
        - tracked_hours : Float64 [h]. Tracked on the open tasks that have an estimate.
        - remaining_hours : Float64 [h]. Sum of the hours left on each task, without offsetting
          overruns.
        - overrun_hours : Float64 [h]. Sum of the overruns of the tasks.
        - n_projects : Int64. Projects.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.
    PremiumFeatureError
        If the plan of the workspace has no tasks.

    Notes
    -----
    ``filters/tasks``: one request per page, and one more to confirm the end. If the tasks lack one
    of the two states, up to two more requests make sure that nothing is hidden. With `clients`,
    ``filters/projects`` too.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> workload = tf.reports.workload(ws)
    >>> workload[["user", "n_open", "remaining_hours", "overrun_hours"]].head(3).round(1)
               user  n_open  remaining_hours  overrun_hours
    0           NaN      52           2391.9          429.7
    1   Priya Raman       7           1562.6            0.0
    2  Lucía Ferrer       8            535.8           38.8
    """
    return WORKLOAD.make(**locals())
