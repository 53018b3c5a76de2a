"""Archives of a sandbox: how the tests change what it holds, and count what a sync asks."""

import datetime as dt
from collections import Counter

from togglframe.sandbox.agency.entries import DAY


def entries_of(sandbox, month):
    """Return the entries of a month, as the sandbox holds them."""
    return [entry for entry in sandbox.store.entries if month_of(entry) == month]


def month_of(entry):
    return f"{dt.date.fromordinal(entry.day):%Y-%m}"


def change(sandbox, *, gone=(), more=()):
    """Take entries out of a sandbox, and put others in."""
    store = sandbox.store
    with store.lock:
        store.replace([entry for entry in store.entries if entry not in gone] + [*more])


def edited(entry, at, **changes):
    """Return an entry that was changed at a moment."""
    return entry._replace(updated=int(at.timestamp()), **changes)


def asked(sandbox, since=0):
    """Count the requests by path; those do not count that taught the size of a page."""
    return dict(Counter(one.endpoint for one in sandbox.requests[since:] if one.status != 400))


def later(entry, days):
    """Return an entry as many days later."""
    return entry._replace(start=entry.start + days * DAY, day=entry.day + days)
