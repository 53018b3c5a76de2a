"""Every report by its record, and how the tests call it."""

import inspect
from collections import Counter
from types import SimpleNamespace

import pytest
from days import TODAY

from togglframe import reports
from togglframe.reports.listings import LISTINGS
from togglframe.reports.planning import records
from togglframe.reports.selection import EVERYTHING

# A week of the agency, which is one page; what asks until today begins where its time ends.
RANGE = {"start_date": "2026-11-16", "end_date": "2026-11-22"}
UNTIL_TODAY = {
    "burn": {"start_date": "2026-11-23", "end_date": str(TODAY)},
    "forecast": {"weeks": 1},
}
ENTRIES = {"start_date": "2026-11-09", "end_date": "2026-11-30"}  # that both are made of
RECORDS = [record for _, record in records()]


def call(record, source, **parameters):
    """Make a report; those over time of the range."""
    given = {**needed(record), **range_of(record), **parameters}
    return getattr(reports, record.name)(source, **given)


def needed(record):
    """Return the parameters of a report that cannot do without, else none."""
    takes = [*inspect.signature(getattr(reports, record.name)).parameters.values()][1:]
    return record.samples[0] if any(one.default is one.empty for one in takes) else {}


def range_of(record):
    """Return the range of days of a report that takes one."""
    if record.name in UNTIL_TODAY:
        return UNTIL_TODAY[record.name]
    takes_range = "start_date" in inspect.signature(getattr(reports, record.name)).parameters
    return RANGE if takes_range else {}


def arguments(record, **parameters):
    """Return the parameters of a report with their defaults, and these in their place."""
    signature = [*inspect.signature(getattr(reports, record.name)).parameters.values()][1:]
    defaults = {parameter.name: parameter.default for parameter in signature}
    return record.parse(defaults | needed(record) | range_of(record) | parameters)


def variants():
    """Go through the reports with the parameters that change their table, and that table."""
    for record in RECORDS:
        for parameters in record.samples:
            yield record, parameters, record.table_of(arguments(record, **parameters))


VARIANTS = list(variants())
FIRST_VARIANTS = [one for one in VARIANTS if one[1] == one[0].samples[0]]


def asked(record, **parameters):
    """Return the listings that a workspace is asked for, each after its parts, with its range."""
    workspace = SimpleNamespace(ws=object(), are_given=False, today=TODAY)
    needs = record.needs_of(workspace, arguments(record, **parameters))
    ranges = {name: needs.others.get(name, needs.selection) for name in needs.names}
    ordered = {}
    for name, chosen in ranges.items():
        names = (*LISTINGS[name].made_of, name)
        ordered |= {(one, chosen if LISTINGS[one].is_ranged else EVERYTHING): None for one in names}
    return list(ordered)


# One of the reports that ask for the same: their costs are those of the listings alone.
DISTINCT = list({tuple(asked(record)): record for record in RECORDS}.values())


def also_by_night(by_day, by_night):
    """Return the cases by day, and those by night that are not among them, marked."""
    more = [case for case in by_night if case not in by_day]
    return [*by_day, *(pytest.param(case, marks=pytest.mark.nightly) for case in more)]


def cost(listings):
    """Return what such listings cost at least, by the path of the endpoint."""
    costs = Counter()
    for name, chosen in listings:
        costs[LISTINGS[name].endpoints[0].path] += LISTINGS[name].least_requests(chosen)
    return dict(costs)


def least(record, **parameters):
    """Return what a report costs at least, by the path of the endpoint."""
    return cost(asked(record, **parameters))


def by_endpoint(plan):
    """Return the costs of a plan as the sandbox counts them."""
    return {LISTINGS[n].endpoints[0].path: cost for n, cost in plan.costs.items() if cost}


def counts(sandbox, since=0):
    """Return the requests by endpoint; those do not count that taught the size of a page."""
    asked = [one.endpoint for one in sandbox.requests[since:] if one.status != 400]
    return {endpoint: asked.count(endpoint) for endpoint in dict.fromkeys(asked)}
