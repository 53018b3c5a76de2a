"""How accurate the estimates of tasks were, and how much estimated work is left."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import pandas as pd

from togglframe.errors import ConfigError, SemanticsWarning
from togglframe.joins._frames import (
    budget_states,
    checked,
    count,
    finished,
    look_up,
    positive,
    ratio,
    sums,
    to_hours,
)
from togglframe.tables import (
    ESTIMATE_BIAS,
    ESTIMATE_RECONCILIATION,
    PROJECT_BUDGET,
    PROJECTS,
    TASK_ACCURACY,
    TASKS,
    WORKLOAD,
)
from togglframe.tables.validation import milliseconds
from togglframe.text.names import or_unlisted
from togglframe.warning import warn

AT_RISK: Final = 0.8
ENOUGH_TASKS: Final = 10
# The API reports the time of a project in whole seconds, that of a task in milliseconds.
STATUS_PRECISION: Final = 1000
_TIMES: Final = ("tracked_time", "estimated_time")


def task_accuracy(
    tasks: pd.DataFrame, projects: pd.DataFrame, *, done: bool | None = True
) -> pd.DataFrame:
    """Compare the tracked time of every task with its estimate.

    One row is a task.

    Parameters
    ----------
    tasks : pandas.DataFrame
        As ``tf.filters.tasks`` returns them.
    projects : pandas.DataFrame
        As ``tf.filters.projects`` returns them, for the currency of the rates and the
        clients.
    done : bool or None, default True
        True for done tasks, since an open one can still grow; False for open ones; None for all.
        Tasks for which this is unknown are returned only with None.

    Returns
    -------
    pandas.DataFrame
        The table `task_accuracy`: by `variance_hours` [h], the largest first and NA last, then
        by `task_id`. `accuracy_ratio` [1] is tracked time over estimate, NA without an estimate
        above zero. The assignee is the person a task is assigned to; others may track time on it.

    Raises
    ------
    ConfigError
        If a frame lacks a column, has one of another dtype or contains an id twice, or if `done`
        is not a bool or None.

    See Also
    --------
    togglframe.reports.task_accuracy : The same from a workspace; lists the columns.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> accuracy = tf.joins.task_accuracy(tf.filters.tasks(ws), tf.filters.projects(ws))
    >>> bool(accuracy["done"].all())
    True
    """
    check_done(done)
    listed = checked(projects, PROJECTS, "client_id currency")
    task = _listed_tasks(tasks, listed).assign(done=lambda task: ~task["active"])
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
    return finished(task, TASK_ACCURACY)


def check_done(done: object) -> None:
    """Refuse an invalid choice of tasks."""
    if done is not None and not isinstance(done, bool):
        raise ConfigError(f"done must be True, False or None (all tasks), not {done!r}")


def check_by(by: object) -> None:
    """Refuse a grouping that tasks do not have."""
    if by not in list(ESTIMATE_BIAS):  # `by` may be a list, which cannot be hashed
        raise ConfigError(f"by must be one of {', '.join(ESTIMATE_BIAS)}, not {by!r}")


def with_clients_of(
    projects: pd.DataFrame, tasks: pd.DataFrame, clients: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the tasks with the clients of their projects, which may have moved since.

    The name of a client is the one in `clients`, else the one in a task of that client.
    """
    owned = projects.set_index("id")["client_id"]
    of_project = owned.reindex(tasks["project_id"]).set_axis(tasks.index)
    is_listed = tasks["project_id"].isin(owned.index)
    client_id = of_project.where(is_listed, tasks["client_id"])
    told = tasks.dropna(subset=["client_id"]).drop_duplicates("client_id", keep="last")
    names = told.set_index("client_id")["client_name"]
    if clients is not None:
        names = clients.set_index("id")["name"].combine_first(names)
    name = names.reindex(client_id).set_axis(tasks.index)
    return tasks.assign(client_id=client_id, client_name=name.astype(tasks["client_name"].dtype))


def _listed_tasks(tasks: pd.DataFrame, projects: pd.DataFrame) -> pd.DataFrame:
    task = checked(
        tasks,
        TASKS,
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


def estimate_bias(
    accuracy: pd.DataFrame,
    *,
    by: Literal["user", "project", "client", "integration_provider"] = "user",
) -> pd.DataFrame:
    """Measure how far estimates are off, by user, project, client or integration provider.

    One row is a user, a project, a client or an integration provider; tasks without one get a row
    too. Only done tasks count, whatever `accuracy` holds.

    Parameters
    ----------
    accuracy : pandas.DataFrame
        As :func:`task_accuracy` returns it.
    by : {"user", "project", "client", "integration_provider"}, default "user"
        What to group by; the user is the assignee.

    Returns
    -------
    pandas.DataFrame
        The table `estimate_bias_user`, or that of another `by`: by `bias` [1] (the sum of the
        tracked time over the sum of the estimates), the largest first and NA last, then by the
        key. All figures except `n_no_estimate` cover the `n` tasks with an estimate above zero.
        `suggested_multiplier` is `p80_ratio`, NA for fewer than 10 tasks.

    Raises
    ------
    ConfigError
        If the frame lacks a column, has one of another dtype or contains a task twice, or if `by`
        is none of the four.

    See Also
    --------
    togglframe.reports.estimate_bias : The same from a workspace; lists the columns.

    Examples
    --------
    >>> import togglframe as tf
    >>> accuracy = tf.reports.task_accuracy(tf.demo())
    >>> bias = tf.joins.estimate_bias(accuracy, by="client")
    >>> list(bias.columns[:3])
    ['client_id', 'client', 'n']
    """
    check_by(by)
    table = ESTIMATE_BIAS[by]
    (key,) = table.key
    label = "assignee" if by == "user" else by
    task = checked(
        accuracy,
        TASK_ACCURACY,
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


def estimate_reconciliation(budget: pd.DataFrame, tasks: pd.DataFrame) -> pd.DataFrame:
    """Compare the hours and the estimate of every project with those of its tasks.

    One row is a project of the budget.

    Parameters
    ----------
    budget : pandas.DataFrame
        As :func:`project_budget` returns it.
    tasks : pandas.DataFrame
        As ``tf.filters.tasks`` returns them, open and done.

    Returns
    -------
    pandas.DataFrame
        The table `estimate_reconciliation`: by `untasked_hours` [h], the largest first and NA
        last, then by `project_id`. A project without tasks has 0 hours on tasks, and no
        estimates of tasks (NA). `estimate_gap_hours` is the project's estimate minus those of
        its tasks.

    Raises
    ------
    ConfigError
        If a frame lacks a column, has one of another dtype or contains a key twice.

    Warns
    -----
    SemanticsWarning
        If the hours of the tasks appear to be in another unit than assumed.

    See Also
    --------
    togglframe.reports.estimate_reconciliation : The same from a workspace; lists the columns.

    Examples
    --------
    >>> import togglframe as tf
    >>> reconciled = tf.reports.estimate_reconciliation(tf.demo())
    >>> list(reconciled.columns[5:9])
    ['tracked_hours', 'task_tracked_hours', 'untasked_hours', 'tasked_share']
    """
    reconciled = reconcile(budget, tasks)
    doubt = task_unit_doubt(reconciled)
    if doubt is not None:
        warn(SemanticsWarning(doubt))
    return finished(reconciled, ESTIMATE_RECONCILIATION)


def reconcile(budget: pd.DataFrame, tasks: pd.DataFrame) -> pd.DataFrame:
    """Return the budget with the totals of the tasks beside it, in the order of `project_id`."""
    project = checked(
        budget,
        PROJECT_BUDGET,
        "project client_id client tracked_time estimated_time",
        summed=_TIMES,
    )
    task = checked(tasks, TASKS, "project_id tracked_time estimated_time", summed=_TIMES)
    measures = pd.DataFrame(
        {
            "n_tasks": count(task["id"].notna()),
            "task_tracked": milliseconds(task["tracked_time"]),
            "task_estimate": milliseconds(task["estimated_time"]),
        }
    )
    project = look_up(project, sums(measures, task[["project_id"]]), "project_id")
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


def workload(tasks: pd.DataFrame) -> pd.DataFrame:
    """Sum the estimated work that every assignee has left.

    One row is an assignee of open tasks; unassigned tasks get a row too. Tasks that may or may not
    be open do not count.

    Parameters
    ----------
    tasks : pandas.DataFrame
        As ``tf.filters.tasks`` returns them.

    Returns
    -------
    pandas.DataFrame
        The table `workload`: by `remaining_hours` [h], the largest first and NA last, then by
        `user_id`. All hours are those of tasks with an estimate above zero and a known tracked
        time. The assignee is the person a task is assigned to; others may track time on it.

    Raises
    ------
    ConfigError
        If the frame lacks a column, has one of another dtype or contains a task twice.

    See Also
    --------
    togglframe.reports.workload : The same from a workspace; lists the columns.

    Examples
    --------
    >>> import togglframe as tf
    >>> load = tf.reports.workload(tf.demo())
    >>> bool(load["user_id"].is_unique)
    True
    """
    task = checked(
        tasks,
        TASKS,
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
    return finished(load, WORKLOAD)
