"""What can go wrong with a request, and what comes of it: the table that tests and docs share.

``PYTHONPATH=tests python -m faults.matrix`` prints the page ``docs/faults.md``.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from vendor import Fault

from togglframe import errors

MAX_ATTEMPTS = 3

HTML = "<html><body>Too many requests</body></html>"
USED_UP = '"You have hit your hourly limit for API calls. Your quota will reset in 900 seconds."'
PREMIUM = '"Tasks are a premium feature"'
WRONG_TYPE = "200 with the wrong type in a row"


@dataclass(frozen=True)
class Trouble:
    """One thing that goes wrong.

    Attributes
    ----------
    name : str
        What it is.
    fault : Fault
        How the sandbox does it.
    error : type or None
        What is raised when it lasts; None if it does no harm.
    is_retried : bool
        Whether the request is sent again, so that once does no harm.
    """

    name: str
    fault: Fault
    error: type[errors.TogglframeError] | None
    is_retried: bool = False

    def outcome(self, times: int) -> type[errors.TogglframeError] | None:
        """Return the error that a caller gets, None for a complete frame."""
        return None if self.is_retried and times == 1 else self.error


def _status(status: int, **options: object) -> Fault:
    return Fault("status", status=status, **options)  # type: ignore[arg-type]


TROUBLES = [
    Trouble("500", _status(500), errors.ServerError, is_retried=True),
    Trouble("502", _status(502), errors.ServerError, is_retried=True),
    Trouble("503", _status(503), errors.ServerError, is_retried=True),
    Trouble("504", _status(504), errors.ServerError, is_retried=True),
    Trouble("429", _status(429), errors.RateLimitError, is_retried=True),
    Trouble(
        "429 with Retry-After",
        _status(429, headers={"Retry-After": "0"}),
        errors.RateLimitError,
        is_retried=True,
    ),
    Trouble("429 as an HTML page", _status(429, body=HTML), errors.RateLimitError, is_retried=True),
    Trouble(
        "reset before the answer", Fault("reset"), errors.ConnectionFailedError, is_retried=True
    ),
    Trouble(
        "reset during the answer",
        Fault("reset_during"),
        errors.ConnectionFailedError,
        is_retried=True,
    ),
    Trouble(
        "closed in the middle of the answer",
        Fault("cut"),
        errors.ConnectionFailedError,
        is_retried=True,
    ),
    Trouble(
        "slower than the timeout", Fault("silent"), errors.ConnectionFailedError, is_retried=True
    ),
    Trouble("slow, but within the timeout", Fault("slow", seconds=0.01), None),
    Trouble(
        "200 with JSON that is cut off",
        Fault("truncated"),
        errors.ConnectionFailedError,
        is_retried=True,
    ),
    Trouble("200 with an HTML page", Fault("html"), errors.SchemaError),
    Trouble("200 with another shape", Fault("wrong_shape"), errors.SchemaError),
    Trouble(WRONG_TYPE, Fault("payload", body="[]"), errors.SchemaError),
    Trouble("400", _status(400), errors.BadRequestError),
    Trouble("401", _status(401), errors.AuthenticationError),
    Trouble("402, the quota is used up", _status(402, body=USED_UP), errors.QuotaExceededError),
    Trouble("402, not in the plan", _status(402, body=PREMIUM), errors.PremiumFeatureError),
    Trouble("403", _status(403), errors.AccessError),
    Trouble("410", _status(410), errors.GoneError),
]

_PAGE = """\
# What happens when something goes wrong

Each of these is thrown at every endpoint, over HTTP: at the first page of a
listing, at one in the middle, at the last, and at a piece of a long list of ids; once, and for as
long as the call goes on. The tests read this very table. In no cell does a call return fewer rows
without an error, and in none does a bad answer stay in the cache: the same call afterwards is
complete. Only that the plan lacks a feature is remembered, as long as an answer is, so that it
costs one request and not one each time; after an upgrade, `with ws.refresh():` asks again.

| what goes wrong | once | for as long as it lasts | sent again |
|---|---|---|---|
{rows}

"Sent again" means up to `max_attempts` times and within `max_wait`, after random waits that grow,
or after what Retry-After asks for; never once the quota is known to be used up. A host
that refuses the connection, or whose name is unknown, is given up within five seconds. With
`on_quota="stale"` a quota that is used up serves the older answer, where there is one, with a
StaleDataWarning.
"""


def page() -> str:
    """Return the page of the docs."""
    return _PAGE.format(rows="\n".join(map(_row, TROUBLES)))


def _row(trouble: Trouble) -> str:
    once, lasting = (
        f"`{error.__name__}`" if error else "complete" for error in map(trouble.outcome, (1, -1))
    )
    return f"| {trouble.name} | {once} | {lasting} | {'yes' if trouble.is_retried else 'no'} |"


if __name__ == "__main__":
    sys.stdout.write(page())
