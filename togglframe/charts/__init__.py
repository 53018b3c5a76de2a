"""Charts of the joined frames: ``f(frame, *, ax=None, …) -> Axes``.

A chart needs its frame only: none changes it, and only the page sends requests. The title states
the finding, the footer the scope. A chart with several panels returns a Figure. By default as many
rows are drawn as fit on a page, and one line sums up the others; on an Axes of your own, as many as
can be read there. Text scales with your ``font.size``.

============================  =============================  ==================================
chart                         frame of ``reports.``          shows
============================  =============================  ==================================
:func:`budget_bullet`         project_budget                 tracked against estimate
:func:`variance_bars`         project_budget                 how far over or under
:func:`billable_split`        project_budget                 the billable part of the hours
:func:`estimate_accuracy`     task_accuracy                  how many times the estimate
:func:`amount_by_client`      client_budget, by_currency     amounts, a panel for each currency
:func:`variance_waterfall`    client_budget                  overruns, hours given back and left
:func:`rate_dumbbell`         rate_card                      cost and rate of each member
:func:`burn_up`               burn, forecast                 hours growing to their estimate
:func:`timesheet_strip`       time_entries                   days from start to stop
:func:`retainer_bars`         retainer                       hours against what was available
:func:`balance_lines`         balance                        hours over or under, running
:func:`comparison`            compare                        what changed between two ranges
============================  =============================  ==================================

:func:`snapshot_changes` draws the frame of ``togglframe.Archive.changes``: hours and estimates that
changed.

:func:`theme` changes the look, :func:`save` writes files, and :func:`alt_text` describes a chart in
a sentence.
"""

from typing import NoReturn

from togglframe._renamed import missing
from togglframe.charts.accuracy import estimate_accuracy
from togglframe.charts.amounts import amount_by_client
from togglframe.charts.balances import balance_lines
from togglframe.charts.billing import billable_split
from togglframe.charts.bullets import budget_bullet
from togglframe.charts.burning import burn_up
from togglframe.charts.capacity import utilisation_bars
from togglframe.charts.comparisons import comparison
from togglframe.charts.heatmap import hours_heatmap
from togglframe.charts.months import earnings_by_month
from togglframe.charts.movements import snapshot_changes
from togglframe.charts.output import save
from togglframe.charts.rates import rate_dumbbell
from togglframe.charts.retainers import retainer_bars
from togglframe.charts.style import theme
from togglframe.charts.timesheets import timesheet_strip
from togglframe.charts.variances import variance_bars
from togglframe.charts.waterfall import variance_waterfall
from togglframe.charts.weeks import hours_by_week
from togglframe.text.sentences import alt_text

__all__ = [
    "alt_text",
    "amount_by_client",
    "balance_lines",
    "billable_split",
    "budget_bullet",
    "burn_up",
    "comparison",
    "earnings_by_month",
    "estimate_accuracy",
    "hours_by_week",
    "hours_heatmap",
    "rate_dumbbell",
    "retainer_bars",
    "save",
    "snapshot_changes",
    "theme",
    "timesheet_strip",
    "utilisation_bars",
    "variance_bars",
    "variance_waterfall",
]


def __getattr__(name: str) -> NoReturn:
    raise missing(__name__, name)


def __dir__() -> list[str]:
    return sorted(__all__)
