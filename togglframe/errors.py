"""Every error and warning of togglframe.

::

    TogglframeError
    ├── ConfigError (also ValueError)   no credential, no workspace, an impossible argument
    ├── ApiError                        .status .message .endpoint .request_id
    │   ├── BadRequestError             400
    │   ├── AuthenticationError         401
    │   ├── AccessError                 403, the token or the workspace
    │   ├── GoneError                   410
    │   ├── PremiumFeatureError         402, the plan lacks the feature
    │   ├── QuotaExceededError          402, the hour's requests are used up; .resets_in
    │   ├── RateLimitError              429, after the last attempt
    │   └── ServerError                 5xx, after the last attempt
    ├── ConnectionFailedError           the network, after the last attempt
    └── SchemaError                     the answer is not what the tables declare
    TogglframeWarning (UserWarning)
    ├── StaleDataWarning                an old answer, with its age
    ├── CompletenessWarning             rows may be missing, or a part could not be fetched
    └── SemanticsWarning                the answer contradicts the vendor's page

``except TogglframeError`` catches every error of the API, the network, the settings and the data.
An argument of the wrong *type* raises a plain :class:`TypeError`, a missing file or folder an
:class:`OSError`, a missing extra an :class:`ImportError`.

What every endpoint raises; a partial result is never returned:

- :class:`ApiError` if the API answers with an error;
- :class:`ConnectionFailedError` if the network fails;
- :class:`SchemaError` if the answer is not as declared;
- :class:`TypeError` or :class:`ValueError` (:class:`ConfigError` is a subclass of it) if an
  argument is impossible; before any request.

What every endpoint warns of:

- :class:`CompletenessWarning` if it cannot be proven that all rows came;
- :class:`SemanticsWarning` if rows came that were not requested, or the workspace's plan does not
  accept ``rounding=0``;
- :class:`StaleDataWarning` if the quota is used up and an older answer is served.
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

__all__ = [
    "AccessError",
    "ApiError",
    "AuthenticationError",
    "BadRequestError",
    "CompletenessWarning",
    "ConfigError",
    "ConnectionFailedError",
    "GoneError",
    "PremiumFeatureError",
    "QuotaExceededError",
    "RateLimitError",
    "SchemaError",
    "SemanticsWarning",
    "ServerError",
    "StaleDataWarning",
    "TogglframeError",
    "TogglframeWarning",
]


def __dir__() -> list[str]:
    return sorted(__all__)


class TogglframeError(Exception):
    """The base class of every error that togglframe raises on purpose.

    Attributes
    ----------
    retryable : bool
        Whether the same call may succeed a little later; if so, togglframe has already retried.
    status : int or None
        The HTTP status, if the API answered with one.
    retry_after : float or None
        Seconds [s] after which the API allows the next attempt; None if unknown.
    """

    retryable = False
    status: int | None = None
    retry_after: float | None = None

    def name_workspace(self, workspace_id: int) -> None:
        """Name the workspace of the error, when there are several.

        :meta private:
        """
        prefix = f"workspace {workspace_id}: "
        for name in {"message", "problem"} & vars(self).keys():
            setattr(self, name, prefix + getattr(self, name))
        self.args = (prefix + str(self.args[0]), *self.args[1:])

    def __reduce__(self) -> tuple[Any, ...]:
        """Let pickle and copy keep the attributes, whatever `__init__` takes."""
        return _bare, (type(self), self.args), vars(self)


def _bare(kind: type[Exception], args: tuple[Any, ...]) -> Exception:
    """Return an error or warning without its attributes, which pickle and copy add."""
    return kind.__new__(kind, *args)


class ConfigError(TogglframeError, ValueError):
    """There is no credential or no workspace, or an argument is impossible."""


class ApiError(TogglframeError):
    """The API answered with an error.

    Parameters
    ----------
    message : str
        The message of the API.
    status : int or None
        The HTTP status; None if togglframe gave up before sending a request.
    endpoint : str
        The endpoint, for example ``"filters/projects"``.
    request_id : str, optional
        The request id that the vendor's support asks for.
    retry_after : float, optional
        Seconds [s] after which the API allows the next attempt; None if unknown.
    """

    advice = "Read the API's reason, and see the vendor's page on this endpoint."

    def __init__(
        self,
        message: str,
        *,
        status: int | None,
        endpoint: str,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.message = message
        self.status = status
        self.endpoint = endpoint
        self.request_id = request_id
        self.retry_after = retry_after
        super().__init__(message)

    def __str__(self) -> str:
        """Return what happened, where, the message of the API, and what to do next."""
        reason = self.message or "(the API gave no reason)"
        status = "" if self.status is None else f"HTTP {self.status} "
        support = f" [request id {self.request_id}]" if self.request_id else ""
        return f"{status}on {self.endpoint}: {reason.rstrip('.')}. {self.advice}{support}"


class BadRequestError(ApiError):
    """400: the API refuses these parameters; the request is not retried."""

    advice = "Change the parameters: the API will refuse the same request again."


class AuthenticationError(ApiError):
    """401: the API saw no usable credential."""

    advice = (
        "Check the API token (Toggl Track, Profile, at the bottom of the page); "
        "a key of Toggl 2.0 does not open Toggl Track."
    )


class AccessError(ApiError):
    """403: the token is wrong, or it may not see this workspace."""

    advice = (
        "Either the token is wrong or it has no access to this workspace; "
        "the API does not tell which. Check TOGGL_API_TOKEN and the workspace id, and that the "
        "workspace is in Toggl Track, not in Toggl 2.0."
    )


class GoneError(ApiError):
    """410: the endpoint is gone for good."""

    advice = "This endpoint is gone; a newer togglframe may know its successor."


class PremiumFeatureError(ApiError):
    """402: the workspace's plan lacks the feature."""

    advice = "The workspace's plan lacks this feature; upgrade it or do without this part."


class QuotaExceededError(ApiError):
    """402: the requests of this hour are used up."""

    @property
    def resets_in(self) -> int | None:
        """Seconds [s] until requests are possible again; None if the API did not say."""
        return None if self.retry_after is None else int(self.retry_after)

    @property
    def advice(self) -> str:  # type: ignore[override]
        """What to do next."""
        seconds = "second" if self.resets_in == 1 else "seconds"
        when = "later" if self.resets_in is None else f"in {self.resets_in} {seconds}"
        return (
            f"The hourly quota is used up; try again {when}, "
            'or make the Workspace with on_quota="wait".'
        )


class RateLimitError(ApiError):
    """429: too many requests at once, even at the last attempt."""

    retryable = True
    advice = "Wait a minute; leave `per_second` at 1, the rate that the vendor calls safe."


class ServerError(ApiError):
    """5xx: the API failed, even at the last attempt."""

    retryable = True
    advice = "The fault is on Toggl's side; try again in a few minutes."


class ConnectionFailedError(TogglframeError):
    """The network failed, even at the last attempt.

    Parameters
    ----------
    message : str
        What failed.
    endpoint : str
        The endpoint, for example ``"filters/projects"``.
    host : str, optional
        The host, and its port if it is not the usual one.
    """

    retryable = True
    is_unreached = False  # whether there was no connection at all

    def __init__(self, message: str, *, endpoint: str, host: str | None = None) -> None:
        self.endpoint = endpoint
        where = endpoint if host is None else f"{endpoint} on {host}"
        super().__init__(
            f"No answer from {where}: {message}. Check the network and any proxy, then try again."
        )


class SchemaError(TogglframeError):
    """The answer is not what the tables declare.

    Attributes
    ----------
    endpoint : str
        The endpoint that gave the answer.
    column : str or None
        The column, by its name in the frame; None when the answer as a whole is wrong.
    row : int or None
        The row's position in the listing, from 0.
    value : object
        The value found there.
    problem : str
        What is wrong with it.
    """

    def __init__(
        self,
        problem: str,
        *,
        endpoint: str,
        column: str | None = None,
        row: int | None = None,
        value: object = None,
        is_shown: bool = False,
    ) -> None:
        self.problem = problem
        self.endpoint = endpoint
        self.column = column
        self.row = row
        self.value = value
        self._is_shown = is_shown
        super().__init__(problem)

    def __str__(self) -> str:
        """Say where the fault is, what is wrong and, where that helps, which value was found."""
        position = self.endpoint
        if self.column is not None:
            position += f", column {self.column!r}"
        if self.row is not None:
            position += f", row {self.row}"
        got = f", got {reprlib.repr(self.value)}" if self._is_shown else ""
        return (
            f"{position}: {self.problem}{got}. The API's answer is not what togglframe expects; "
            "nothing was returned."
        )

    def redact(self, redacted: Callable[[object], Any]) -> None:
        """Remove secrets that the server may have echoed; a part of a secret would stay."""
        self.value = redacted(self.value)


class TogglframeWarning(UserWarning):
    """The base class of every warning that togglframe gives."""


class StaleDataWarning(TogglframeWarning):
    """A cached answer is served that is older than it should be.

    Attributes
    ----------
    endpoint : str
        The endpoint of the request.
    fetched_at : datetime or None
        When the oldest part of the answer was fetched (UTC).
    resets_in : int or None
        Seconds [s] until requests are possible again; None if the API did not say.
    """

    def __init__(
        self,
        message: str,
        *,
        endpoint: str = "",
        fetched_at: datetime | None = None,
        resets_in: int | None = None,
    ) -> None:
        self.endpoint = endpoint
        self.fetched_at = fetched_at
        self.resets_in = resets_in
        super().__init__(message)

    __reduce__ = TogglframeError.__reduce__  # so that pickle and copy keep the attributes


class CompletenessWarning(TogglframeWarning):
    """It cannot be proven that every row came, or a part could not be fetched."""


class SemanticsWarning(TogglframeWarning):
    """The answer contradicts the vendor's page, for example on a flag's meaning or on a unit."""
