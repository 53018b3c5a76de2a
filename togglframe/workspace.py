"""Workspace: one Toggl Track workspace, and the demo of one."""

from __future__ import annotations

import contextlib
import os
import re
import reprlib
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Self
from urllib.parse import SplitResult, urlsplit

from togglframe import clock
from togglframe.api.dates import Day, fixed_today
from togglframe.api.downloads import download
from togglframe.errors import ConfigError
from togglframe.http.client import Client, client_of
from togglframe.http.credential import find_credential
from togglframe.http.settings import Settings
from togglframe.tables.casting import TOO_LARGE
from togglframe.text.formats import plural

if TYPE_CHECKING:
    from togglframe.http.quota import Usage
    from togglframe.http.settings import OnQuota

_ENDLESS: Final = 1e9  # [s], thirty years: no setting needs more, and clocks overflow
_EXPECTED_ID: Final = "The workspace id must be a positive 64-bit number"
_LONGEST_SHOWN: Final = 1000  # [bit]
_THIS_MACHINE: Final = ("localhost", "127.0.0.1", "::1")

BASE_URL: Final = "https://api.track.toggl.com/reports/api/v3"


class Workspace:
    """One Toggl Track workspace, seen through the Reports API.

    Creating one sends no request. A Workspace can be used from several threads, and is a context
    manager that closes its connections.

    Parameters
    ----------
    workspace_id : int, optional
        The workspace; by default, the environment variable ``TOGGL_WORKSPACE_ID``.
    token : str, optional
        The API token (Toggl Track, Profile, at the bottom of the page); by default,
        ``TOGGL_API_TOKEN``, then the token that keyring holds for the service ``togglframe`` and
        the user ``api_token``.
    email, password : str, optional
        Instead of a token.
    base_url : str, optional
        The address of the Reports API; by default ``TOGGL_BASE_URL``, then that of Toggl Track.
    cache : {"disk", "memory"}, path or None
        Where answers are cached: in the user's cache folder, in memory, in a file of your own (a
        name without an extension gets ``.sqlite``), or nowhere. A file that SQLite cannot use is
        left as it is: a warning names it, and answers are kept in memory; a database of another
        program is refused at the first request. Different credentials, workspaces and bodies never
        share an answer.
    expire_after : float, timedelta or None
        How long a cached answer stays fresh [s], whoever stored it; None means for ever.
    timeout : float
        How long one attempt may take [s], from connecting to the last byte of the body; until the
        headers have come, the longest pause between two bytes.
    max_attempts : int
        How often one request is sent at most, if the network fails or the API answers 429, 5xx or
        what is not JSON. A host that cannot be reached is given up within five seconds.
    backoff : float
        The wait before the first retry [s], doubled before each further one; up to this many
        random seconds are added.
    max_wait : float
        How long one request may wait in total, for `per_second` and between attempts [s]; the last
        attempt begins within this time, so a request ends within ``max_wait + timeout``.
    per_second : float or None
        Requests per second, retries included, shared by all workspaces of one credential in this
        process; None means no limit.
    on_quota : {"stale", "raise", "wait"}
        What to do when the hourly quota is used up: serve an expired listing with a
        StaleDataWarning if all its pages are cached, each fetched within ten minutes after the one
        before, else raise; raise; or wait for the reset, at most an hour, and send the request
        once more.
    progress : bool, optional
        Whether long listings show a progress bar on stderr; by default only on a terminal.
    today : str, date, datetime or Timestamp, optional
        The day from which reports, the archive and the command line count; by default, whatever
        this machine's local day is then.

    Raises
    ------
    ConfigError
        If there is no workspace or no credential, or an argument is impossible.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.Workspace(1234567, token="0123456789abcdef0123456789abcdef")
    >>> ws
    Workspace(1234567)
    >>> ws.usage.requests
    0
    """

    _id = 0  # until it is made: a debugger may look at it before
    _base_url = BASE_URL

    def __init__(
        self,
        workspace_id: int | None = None,
        *,
        token: str | None = None,
        email: str | None = None,
        password: str | None = None,
        base_url: str | None = None,
        cache: Literal["disk", "memory"] | str | os.PathLike[str] | None = "disk",  # noqa: PYI051
        expire_after: float | timedelta | None = 3600,
        timeout: float = 30,
        max_attempts: int = 5,
        backoff: float = 1.0,
        max_wait: float = 60,
        per_second: float | None = 1.0,
        on_quota: Literal["stale", "raise", "wait"] = "stale",
        progress: bool | None = None,
        today: Day | None = None,
    ) -> None:
        _check_numbers(above=0, timeout=timeout, max_attempts=max_attempts, per_second=per_second)
        seconds = expire_after
        if isinstance(seconds, timedelta):
            seconds = seconds.total_seconds()
        _check_numbers(least=0, backoff=backoff, max_wait=max_wait, expire_after=seconds)
        if not isinstance(max_attempts, int):
            raise ConfigError(f"max_attempts must be a whole number, not {max_attempts!r}")
        _check_choices(on_quota, cache, progress)
        address = os.environ.get("TOGGL_BASE_URL", BASE_URL) if base_url is None else base_url
        _check_address(address)
        self._today = fixed_today("today", today)
        self._id = _workspace_id(workspace_id)
        self._base_url = address.strip().rstrip("/")
        if cache not in (None, "disk", "memory"):
            cache = Path(cache).expanduser().absolute()
        settings = Settings(
            base_url=self._base_url,
            cache=cache,
            expire_after=None if seconds is None else timedelta(seconds=seconds),
            timeout=timeout,
            max_attempts=max_attempts,
            backoff=backoff,
            max_wait=max_wait,
            per_second=per_second,
            on_quota=on_quota,
        )
        credential = find_credential(token, email, password)
        self._client = Client(self._id, credential, settings, progress=progress)

    @property
    def id(self) -> int:
        """The workspace id."""
        return self._id

    @property
    def today(self) -> date:
        """The day from which whatever uses this workspace counts."""
        return clock.today() if self._today is None else self._today

    @property
    def usage(self) -> Usage:
        """The requests that this object has sent so far, and what is left of the quota."""
        return self._client.usage

    @property
    def on_quota(self) -> OnQuota:
        """What happens when the quota is used up."""
        return self._client.on_quota

    def post(self, path: str, body: object) -> Any:
        """Send one request to an endpoint that togglframe does not wrap.

        Parameters
        ----------
        path : str
            The endpoint below the workspace, for example ``"filters/clients"``.
        body : object
            The body, sent as JSON.

        Returns
        -------
        object
            The parsed JSON, None for an empty body. Costs one request, none if cached.

        Raises
        ------
        ConfigError, TypeError
            If the path is impossible, or JSON cannot hold the body; before any request.
        ApiError
            If the API answers with an error; see :mod:`togglframe.errors`.
        ConnectionFailedError
            If the network fails.
        SchemaError
            If the answer is not JSON.

        Examples
        --------
        >>> import togglframe as tf
        >>> with tf.demo() as ws:
        ...     clients = ws.post("filters/clients", {"name": "north"})
        >>> sorted(clients[0])
        ['id', 'name']
        """
        if not isinstance(path, str):
            raise TypeError(f"path must be a string, not {type(path).__name__}")
        return self._client.post(path, body).data

    def download(self, path: str, to: str | os.PathLike[str], **body: object) -> Path:
        """Download a file that the vendor makes, whole or not at all.

        Parameters
        ----------
        path : str
            One of the vendor's file paths: ``"search/time_entries.csv"``, ``.xlsx`` or
            ``.pdf``; ``"summary/time_entries.csv"``, ``.xlsx`` or ``.pdf``;
            ``"weekly/time_entries.csv"`` or ``.pdf``; ``"insights/profitability/projects.csv"`` or
            ``.xlsx``; ``"insights/profitability/employees.csv"`` or ``.xlsx``;
            ``"insights/trends/projects.csv"`` or ``.xlsx``; ``"shared/{report_token}/csv"``,
            ``/xlsx`` or ``/pdf``.
        to : str or path
            Where to write; an existing file is replaced.
        **body
            The parameters, by the vendor's names. Rounding is off unless asked for.

        Returns
        -------
        Path
            Where the file is. Costs one request, and never comes from the cache.

        Raises
        ------
        ConfigError, TypeError
            If there is no such path, or an argument is impossible; before any request.
        OSError
            If the file cannot be written there; before any request.
        TogglframeError
            If the API answers with an error, the network fails, or the answer is not a file.

        Examples
        --------
        >>> import tempfile
        >>> import togglframe as tf
        >>> folder = tempfile.mkdtemp()
        >>> with tf.demo(today="2026-11-26") as ws:
        ...     file = ws.download(
        ...         "search/time_entries.csv",
        ...         f"{folder}/march.csv",
        ...         start_date="2026-03-01",
        ...         end_date="2026-03-31",
        ...     )
        >>> file.name
        'march.csv'
        """
        return download(self._client, path, to, body)

    @contextlib.contextmanager
    def refresh(self) -> Iterator[Self]:
        """Fetch every answer used inside the block anew, once each, and overwrite the cache.

        Other threads keep using the cache.

        Examples
        --------
        >>> import togglframe as tf
        >>> with tf.demo() as ws, ws.refresh():
        ...     projects = tf.filters.projects(ws)
        """
        with self._client.refreshing():
            yield self

    def clear_cache(self) -> None:
        """Delete every cached answer of this workspace."""
        self._client.clear_cache()

    def close(self) -> None:
        """Close the connections; the next request opens them again."""
        self._client.close()

    def __enter__(self) -> Self:
        """Return the workspace itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()

    def __repr__(self) -> str:
        """Show which workspace this is, never the credential."""
        elsewhere = "" if self._base_url == BASE_URL else f", base_url={self._base_url!r}"
        return f"Workspace({self._id}{elsewhere})"

    def _repr_html_(self) -> str:
        """Show a notebook the workspace and its requests, never the credential."""
        import html  # noqa: PLC0415

        name = f"<strong>{html.escape(repr(self))}</strong>"
        if not self._client.is_opened:
            return f"<p>{name}: no request so far</p>"
        usage = self.usage
        left = "" if usage.quota_remaining is None else f", {usage.quota_remaining} left this hour"
        return (
            f"<p>{name}: {plural(usage.requests, 'request')}{left}, "
            f"{plural(usage.cache_hits, 'answer')} from the cache</p>"
        )

    def __reduce__(self) -> str:
        """Refuse to be pickled: a pickle would hold the credential."""
        raise TypeError("a Workspace holds a credential and is never pickled; make a new one")


def _workspace_id(number: int | None) -> int:
    value: object = number if number is not None else os.environ.get("TOGGL_WORKSPACE_ID")
    if value is None:
        raise ConfigError(
            "No workspace: pass its id, Workspace(1234567), or set TOGGL_WORKSPACE_ID. "
            "The id is the number in the address of the workspace's reports in Toggl Track."
        )
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,19}", value.strip()):
        value = int(value)
    if isinstance(value, Integral) and not isinstance(value, bool):
        number = int(value)
        if 0 < number < TOO_LARGE:
            return number
        bits = number.bit_length()
        if bits > _LONGEST_SHOWN:  # which Python may refuse to print
            raise ConfigError(f"{_EXPECTED_ID}, not one of {bits} bits")
    raise ConfigError(f"{_EXPECTED_ID}, not {reprlib.repr(value)}")


def _check_numbers(
    *, above: float | None = None, least: float | None = None, **numbers: object
) -> None:
    for name, number in numbers.items():
        if number is None and name in ("per_second", "expire_after"):
            continue
        is_number = isinstance(number, int | float) and not isinstance(number, bool)
        if above is not None and not (is_number and above < number < _ENDLESS):  # type: ignore[operator]
            raise ConfigError(f"{name} must be a number above {above}, not {number!r}")
        if least is not None and not (is_number and least <= number < _ENDLESS):  # type: ignore[operator]
            raise ConfigError(f"{name} must be a number of at least {least}, not {number!r}")


def _check_choices(on_quota: object, cache: object, progress: object) -> None:
    if not isinstance(on_quota, str) or on_quota not in ("stale", "raise", "wait"):
        raise ConfigError(f'on_quota must be "stale", "raise" or "wait", not {on_quota!r}')
    if cache is not None and not _is_path_of_file(cache):
        raise ConfigError(f'cache must be "disk", "memory", a path or None, not {cache!r}')
    if progress is not None and not isinstance(progress, bool):
        raise ConfigError(f"progress must be True, False or None, not {progress!r}")


def _is_path_of_file(path: object) -> bool:
    if not isinstance(path, str | os.PathLike) or "\0" in str(path):
        return False
    try:
        return bool(Path(path).expanduser().name)
    except RuntimeError:  # there is no such home folder
        return False


def _check_address(base_url: object) -> None:
    """Refuse an invalid address, or one that would send the credential unencrypted elsewhere."""
    address = None
    with contextlib.suppress(ValueError):
        address = urlsplit(base_url) if isinstance(base_url, str) else None
    if address is not None and (address.username is not None or address.password is not None):
        raise ConfigError(
            "base_url contains a user or password; pass token=, or email= and password="
        )
    if address is None or not address.hostname or address.scheme not in ("http", "https"):
        raise ConfigError(
            "base_url must begin with https:// (http:// for a server on this machine), "
            f"not {base_url!r}"
        )
    if not _has_possible_port(address):
        raise ConfigError(f"base_url must name a port from 1 to 65535, if any, not {base_url!r}")
    if address.query or address.fragment:
        raise ConfigError(f"base_url must not contain ? or #, got {base_url!r}")
    if address.scheme == "http" and address.hostname not in _THIS_MACHINE:
        raise ConfigError(
            f"base_url {base_url!r} would carry the credential unencrypted: use https://; "
            "http:// is for a server on this machine"
        )


def _has_possible_port(address: SplitResult) -> bool:
    try:
        return address.port != 0
    except ValueError:
        return False


def demo(
    *,
    scale: int = 60,
    plan: Literal["premium", "starter", "free"] = "premium",
    today: Day | None = None,
) -> Workspace:
    """Return a Workspace on the sandbox, an embedded Reports API with the data of an agency.

    The sandbox runs in the background of this process, on the loopback interface, until the
    workspace is closed or no longer used. It needs no account and no network.

    Parameters
    ----------
    scale : int
        The number of projects of the agency, from 0 to 20,000.
    plan : {"premium", "starter", "free"}
        The agency's plan; the free plan has 30 requests an hour, no tasks, no rates and no amounts.
    today : str, date, datetime or Timestamp, optional
        The day on which the agency is shown: its last time entry is of the day before, and its
        first of 27 months earlier. By default, this machine's local day. The same day gives the
        same agency.

    Returns
    -------
    Workspace
        With its answers cached in memory.

    Raises
    ------
    TypeError, ValueError
        If there is no such scale, plan or day.

    Examples
    --------
    >>> import togglframe as tf
    >>> with tf.demo() as ws:
    ...     projects = tf.filters.projects(ws)
    >>> len(projects) > 50
    True
    """
    from togglframe.sandbox import Sandbox  # noqa: PLC0415 -- only the demo needs it

    if isinstance(scale, bool) or not isinstance(scale, int):
        raise TypeError(f"scale must be an integer, not {scale!r}")
    fixed = fixed_today("today", today)
    sandbox = Sandbox(scale, plan=plan, today=fixed)
    sandbox.start()
    ws = Workspace(
        sandbox.workspace_id,
        token=sandbox.token,
        base_url=sandbox.base_url,
        cache="memory",
        per_second=None,
        today=fixed,
    )
    ending = "this demo was closed; make another with togglframe.demo()"
    client_of(ws).end_with(partial(sandbox.stop, wait=False), ending=ending)
    return ws
