"""Every report by its record, and how the tests call it."""

import inspect

from togglframe import reports
from togglframe.reports.planning import records
from togglframe.selection import selection
from togglframe.source import EVERYTHING, LISTINGS

RANGE = {"start_date": "2026-03-02", "end_date": "2026-03-08"}  # a week, which is one page
RECORDS = [record for _, record in records()]


def call(record, source, **parameters):
    """Make a report; those over time of the range."""
    return getattr(reports, record.name)(source, **range_of(record), **parameters)


def range_of(record):
    """Return the range of days of a report that takes one."""
    return RANGE if "start_date" in arguments(record) else {}


def arguments(record, **parameters):
    """Return the parameters of a report with their defaults, and these in their place."""
    signature = inspect.signature(getattr(reports, record.name)).parameters
    return {name: parameter.default for name, parameter in signature.items()} | parameters


def variants():
    """Go through the reports with the parameters that change their table, and that table."""
    for record in RECORDS:
        for parameters in record.samples:
            yield record, parameters, record.table_of(arguments(record, **parameters))


def names_of(record, **parameters):
    """Return the listings that a workspace is asked for, each after what it is made of."""
    ordered = {}
    for name in record.asked_of(arguments(record, **parameters)):
        ordered |= dict.fromkeys((*LISTINGS[name].made_of, name))
    return list(ordered)


def least(record, **parameters):
    """Return what a report costs at least, by the path of the endpoint."""
    given = range_of(record)
    chosen = selection(record.name, **given) if given else EVERYTHING
    listings = [LISTINGS[name] for name in names_of(record, **parameters)]
    return {one.endpoints[0].path: one.least_requests(chosen) for one in listings}


def counts(sandbox, since=0):
    """Return the requests by endpoint; those do not count that taught the size of a page."""
    asked = [one.endpoint for one in sandbox.requests[since:] if one.status != 400]
    return {endpoint: asked.count(endpoint) for endpoint in dict.fromkeys(asked)}
