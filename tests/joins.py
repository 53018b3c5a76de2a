"""Reports of frames of one's own, which tests pass by position; and sums of frames they make."""

from functools import partial

import pandas as pd

from togglframe import reports
from togglframe.reports.auditing import findings_of
from togglframe.reports.budget import sum_by_client, sum_of_workspace
from togglframe.reports.planning import arguments_of, record_of, records
from togglframe.reports.sources import Listings
from togglframe.reports.tasks import bias_of, reconciliation_of

# Those that tests make of frames of other reports, below.
_OF_REPORTS = {
    *("client_budget", "workspace_budget", "project_audit"),
    *("estimate_bias", "estimate_reconciliation"),
}


def _listings_of(record):
    """Return the listings that a report may need, in the order in which tests pass them."""
    frames = Listings({})
    needs = [record.needs_of(frames, _params(record, sample)) for sample in record.samples]
    of_past = ["project_user_hours"] if record.name == "burn" else []
    names = [name for one in needs for name in one.names]
    return tuple(dict.fromkeys([*record.needs, *names, *record.at_hand, *of_past]))


def _params(record, parameters):
    return record.parse(arguments_of(record, parameters))


LISTINGS = {
    record.name: _listings_of(record) for _, record in records() if record.name not in _OF_REPORTS
}
# What a source tells the join, since it depends on the day or on the requests.
_OF_SOURCE = ("now", "reaches_today", "today")


def report(name, *frames, listings=None, **parameters):
    """Make a report of the frames that are not None; some may be passed by name."""
    given = dict(zip(LISTINGS[name], frames, strict=False)) | (listings or {})
    if name == "project_budget" and not isinstance(parameters.get("members"), bool):
        given["project_users"] = parameters.pop("members", given.get("project_users"))
    if name == "retainer":
        parameters.setdefault("budgets", {})
    given |= {one: parameters.pop(one) for one in LISTINGS[name] if _is_frame(parameters, one)}
    listings = {one: frame for one, frame in given.items() if frame is not None}
    if name == "project_budget" and "project_users" in listings:
        parameters["members"] = True
    if name == "forecast" or parameters.keys() & {*_OF_SOURCE}:
        return _joined(name, listings, parameters)
    return getattr(reports, name)(listings, **parameters)


def _is_frame(parameters, name):
    """Return whether a listing is passed by its name, not ids to select by."""
    return name in parameters and isinstance(parameters[name], pd.DataFrame | None)


def _joined(name, listings, parameters):
    """Join listings as of another day than that of the clock."""
    of_source = {one: parameters.pop(one) for one in _OF_SOURCE if one in parameters}
    record = record_of(name)
    params = _params(record, parameters)
    if name == "forecast":
        days = listings["time_entries"]["date"]
        last = days.max() if len(days) and days.ndim == 1 else pd.Timestamp(0)
        of_source["today"] = pd.Timestamp(of_source.get("today", last)).date()
        params["as_of"] = params["as_of"] or of_source["today"]
    return record.join(**listings, **params, **of_source)


for _name in LISTINGS:
    globals()[_name] = partial(report, _name)

audit = findings_of
estimate_bias = partial(bias_of, by="user")
estimate_reconciliation = reconciliation_of
client_hours = sum_by_client
client_summary = partial(sum_by_client, by_currency=True)
workspace_hours = sum_of_workspace
workspace_summary = partial(sum_of_workspace, by_currency=True)

NAMES = (
    *LISTINGS,
    *("audit", "estimate_bias", "estimate_reconciliation"),
    *("client_hours", "client_summary", "workspace_hours", "workspace_summary"),
)
