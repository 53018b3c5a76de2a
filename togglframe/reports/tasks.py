"""How well tasks were estimated, and how much of them is left."""

from __future__ import annotations

from typing import Any, Final, Literal

import pandas as pd

from togglframe import joins, tables
from togglframe.joins.tasks import check_by, check_done
from togglframe.reports._record import Report
from togglframe.reports.budget import PROJECT_BUDGET
from togglframe.reports.sources import Source
from togglframe.tables.provenance import of, stamp

__all__ = ["estimate_bias", "estimate_reconciliation", "task_accuracy", "workload"]


def _checked_done(*, done: bool | None) -> dict[str, Any]:
    check_done(done)
    return {"done": done}


def _accuracy(
    tasks: pd.DataFrame, projects: pd.DataFrame, *, done: bool | None = True
) -> pd.DataFrame:
    accuracy = joins.task_accuracy(tasks, projects, done=done)
    return stamp(accuracy, filters={} if done is None else {"done": done})


TASK_ACCURACY: Final = Report(
    name="task_accuracy",
    table=tables.TASK_ACCURACY,
    needs=("tasks", "projects"),
    check=_checked_done,
    join=_accuracy,
)


def task_accuracy(
    ws: Source,
    *,
    done: bool | None = True,
) -> pd.DataFrame:
    """Compare the tracked time of every task with its estimate.

    One row per task. Only done tasks show how good an estimate was: an open task below its estimate
    is unfinished, not well estimated.

    Parameters
    ----------
    ws : Workspace, Archive, Listings or mapping of str to DataFrame
        Where the listings come from.
    done : bool, optional
        True for done tasks, False for open ones, None for all.

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
    make sure that nothing is hidden.

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
    return TASK_ACCURACY.make(ws, done=done)


def _checked_by(*, by: str) -> dict[str, Any]:
    check_by(by)
    return {"by": by}


def _bias(
    *frames: pd.DataFrame, by: Literal["user", "project", "client", "integration_provider"]
) -> pd.DataFrame:
    accuracy = _accuracy(*frames)
    return stamp(joins.estimate_bias(accuracy, by=by), **of(accuracy))


ESTIMATE_BIAS: Final = Report(
    name="estimate_bias",
    table=tables.ESTIMATE_BIAS["user"],
    needs=TASK_ACCURACY.needs,
    other_tables={"by": tables.ESTIMATE_BIAS},
    check=_checked_by,
    join=_bias,
)


def estimate_bias(
    ws: Source,
    *,
    by: Literal["user", "project", "client", "integration_provider"] = "user",
) -> pd.DataFrame:
    """Measure how far estimates are off, by group.

    One row per group of done tasks. With fewer than ten tasks there is no suggested multiplier: it
    would be chance.

    Parameters
    ----------
    ws : Workspace, Archive, Listings or mapping of str to DataFrame
        Where the listings come from.
    by : {"user", "project", "client", "integration_provider"}
        What the tasks are grouped by.

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
    return ESTIMATE_BIAS.make(ws, by=by)


def _reconciliation(*frames: pd.DataFrame) -> pd.DataFrame:
    *of_budget, tasks = frames
    return joins.estimate_reconciliation(joins.project_budget(*of_budget), tasks)


ESTIMATE_RECONCILIATION: Final = Report(
    name="estimate_reconciliation",
    table=tables.ESTIMATE_RECONCILIATION,
    needs=(*PROJECT_BUDGET.needs, "tasks"),
    look_ups=PROJECT_BUDGET.look_ups,
    join=_reconciliation,
)


def estimate_reconciliation(ws: Source) -> pd.DataFrame:
    """Compare the hours and estimates of projects with those of their tasks.

    One row per project, with the hours that are on no task.

    Parameters
    ----------
    ws : Workspace, Archive, Listings or mapping of str to DataFrame
        Where the listings come from.

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
    return ESTIMATE_RECONCILIATION.make(ws)


WORKLOAD: Final = Report(
    name="workload", table=tables.WORKLOAD, needs=("tasks",), join=joins.workload
)


def workload(ws: Source) -> pd.DataFrame:
    """Sum the open tasks by assignee.

    One row per assignee of open tasks, and one for unassigned tasks. It shows how much estimated
    work each user still has; the assignee of a task is not always the one who tracks time on it.

    Parameters
    ----------
    ws : Workspace, Archive, Listings or mapping of str to DataFrame
        Where the listings come from.

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
    of the two states, up to two more requests make sure that nothing is hidden.

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
    return WORKLOAD.make(ws)
