"""Workspace: the workspace, the credential, the session, and what has been spent."""

from __future__ import annotations

import contextlib
import os
import re
import reprlib
import sys
import threading
import warnings
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Self
from urllib.parse import SplitResult, urlsplit
from weakref import WeakSet, finalize

from togglframe import clock
from togglframe.casting import TOO_LARGE
from togglframe.credential import find_credential
from togglframe.errors import (
    ConfigError,
    QuotaExceededError,
    StaleDataWarning,
    TogglframeWarning,
)
from togglframe.plan import NotCachedError

if TYPE_CHECKING:
    # requests, requests-cache and tenacity are slow to import: they come with the first request.
    from tqdm import tqdm

    from togglframe.plan import Known
    from togglframe.transport import Answer, OnQuota, Transport, Usage

__all__ = ["BASE_URL", "Workspace"]

_ENDLESS: Final = 1e9  # [s], thirty years: no setting needs more, and clocks overflow
_THIS_MACHINE: Final = ("localhost", "127.0.0.1", "::1")

BASE_URL: Final = "https://api.track.toggl.com/reports/api/v3"


@dataclass
class Lessons:
    """What the API has taught about an endpoint, so that a refusal is paid for once.

    Attributes
    ----------
    caps : dict
        The most ids that one request may post, by path.
    page_sizes : dict
        The largest page that is not refused, by path.
    want_ids : set
        The paths that do not answer without ids.
    """

    caps: dict[str, int] = field(default_factory=dict)
    page_sizes: dict[str, int] = field(default_factory=dict)
    want_ids: set[str] = field(default_factory=set)


class Workspace:
    """One Toggl Track workspace, seen through the Reports API.

    Making one sends no request. It is safe to use from several threads, and a context manager
    that closes its connections.

    Parameters
    ----------
    workspace_id : int, optional
        The workspace; by default that of the environment variable ``TOGGL_WORKSPACE_ID``.
    token : str, optional
        The API token (Toggl Track, Profile, at the bottom of the page); by default that of
        ``TOGGL_API_TOKEN``, then that which keyring holds for the service ``togglframe`` and the
        user ``api_token``.
    email, password : str, optional
        Instead of a token.
    base_url : str
        Where the Reports API is.
    cache : {"disk", "memory"}, path or None
        Where answers are kept: the user's cache folder, this process, a file of your own (one
        without an ending gets ``.sqlite``; one that is something else is refused at the first
        request, and stays as it is), or nowhere. Different credentials, workspaces and bodies
        never share an answer.
    expire_after : float, timedelta or None
        How long an answer is fresh [s], whoever stored it; None is for ever.
    timeout : float
        How long one attempt may take, from connecting to the last byte of the answer [s].
    max_attempts : int
        How often one request is sent at most, when the network, a 429 or a 5xx gets in the way.
    backoff : float
        The first random wait before a retry [s]; it doubles with each.
    max_wait : float
        How long one request may wait, for its pace and between attempts [s]: the last attempt
        begins within it, so that a request ends within ``max_wait + timeout``.
    per_second : float or None
        Requests a second, retries included, shared by all workspaces of one credential in this
        process; None sends without a pace.
    on_quota : {"stale", "raise", "wait"}
        When the hour's quota is used up: serve an expired answer with a StaleDataWarning and
        raise where there is none; raise; or wait for the reset, at most an hour, and ask once more.
    progress : bool, optional
        Whether long listings show a bar on stderr; by default only on a terminal.

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
        base_url: str = BASE_URL,
        cache: Literal["disk", "memory"] | str | os.PathLike[str] | None = "disk",  # noqa: PYI051
        expire_after: float | timedelta | None = 3600,
        timeout: float = 30,
        max_attempts: int = 5,
        backoff: float = 1.0,
        max_wait: float = 60,
        per_second: float | None = 1.0,
        on_quota: Literal["stale", "raise", "wait"] = "stale",
        progress: bool | None = None,
    ) -> None:
        credential = find_credential(token, email, password)
        del token, email, password  # what is raised below has this frame
        _check_numbers(above=0, timeout=timeout, max_attempts=max_attempts, per_second=per_second)
        seconds = expire_after
        if isinstance(expire_after, timedelta):
            seconds = expire_after.total_seconds()
        _check_numbers(least=0, backoff=backoff, max_wait=max_wait, expire_after=seconds)
        if not isinstance(max_attempts, int):
            raise ConfigError(f"max_attempts is a whole number, not {max_attempts!r}")
        _check_choices(on_quota, cache, progress)
        _check_address(base_url)
        if isinstance(credential, str):
            raise ConfigError(credential)
        self._id = _workspace_id(workspace_id)
        self._credential = credential
        self._base_url = base_url.strip().rstrip("/")
        self._settings: dict[str, Any] = {
            "base_url": self._base_url,
            "cache": cache,
            "expire_after": expire_after,
            "timeout": timeout,
            "max_attempts": max_attempts,
            "backoff": backoff,
            "max_wait": max_wait,
            "per_second": per_second,
            "on_quota": on_quota,
        }
        self._on_quota = on_quota
        self._progress = progress
        self._opened: Transport | None = None
        self._thread = threading.local()
        self._end: Callable[[], object] | None = None
        self._ending: str | None = None
        self._is_over = False
        self.lessons = Lessons()

    @property
    def id(self) -> int:
        """The workspace id."""
        return self._id

    @property
    def usage(self) -> Usage:
        """What this object has spent so far, and what is left of the quota."""
        from togglframe.transport import Usage  # noqa: PLC0415

        return Usage() if self._opened is None else self._opened.usage

    def post(self, path: str, body: object) -> Any:
        """Send one request, for what togglframe does not wrap.

        Parameters
        ----------
        path : str
            The endpoint below the workspace, for example ``"filters/clients"``.
        body : object
            What is sent as JSON.

        Returns
        -------
        object
            The parsed JSON, None for an empty body. One request, none if it is cached.

        Raises
        ------
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
        return self.ask(path, body).data

    def ask(
        self,
        path: str,
        body: object,
        *,
        older_than: datetime | None = None,
        may_be_stale: bool = True,
    ) -> Answer:
        """Do as :meth:`post`, and tell when the answer was fetched and whether it was cached.

        Parameters
        ----------
        path, body : str, object
            As :meth:`post` takes them.
        older_than : datetime, optional
            Send nothing, and return the newest answer in the cache that was fetched before this
            moment. The cache keeps each answer and the one that it replaced, so that a listing
            whose first pages are new and whose last ones cannot be paid for can be had as it was.
        may_be_stale : bool
            Whether ``on_quota="stale"`` may serve an older answer, where the quota is used up.

        Raises
        ------
        NotCachedError
            There is no answer before that moment.
        """
        if self._is_over:
            raise ConfigError(self._ending)
        whole_path = f"workspace/{self._id}/{path.strip('/')}"
        if older_than is not None:
            answer = self._transport.old_answer(whole_path, body, older_than=older_than)
            if answer is None:
                raise NotCachedError(path)
            return answer
        refreshed = self._refreshed
        try:
            return self._transport.ask(whole_path, body, refreshed=refreshed)
        except QuotaExceededError as error:
            answer = None
            if may_be_stale and self._on_quota == "stale":
                answer = self._transport.old_answer(whole_path, body)
            if answer is None:
                raise
            if refreshed is not None:
                refreshed.add(answer.key)
            self.warn_of_age(error, answer.fetched_at)
            return answer

    def warn_of_age(self, error: QuotaExceededError, fetched_at: datetime) -> None:
        """Warn, once for all pages, that older answers stand in for what cannot be asked.

        Parameters
        ----------
        error : QuotaExceededError
            Why.
        fetched_at : datetime
            When the oldest of them was fetched.

        :meta private:
        """
        seconds = int((clock.now() - fetched_at).total_seconds())
        age = (
            f"of {timedelta(seconds=seconds)} ago" if seconds >= 0 else "of a clock that was ahead"
        )
        when = "" if error.resets_in is None else f"; the quota resets in {error.resets_in} s"
        self.warn(
            f"{error.endpoint}: the hourly quota is used up, so this is the answer {age} "
            f"({fetched_at:%Y-%m-%d %H:%M} UTC){when}.",
            StaleDataWarning,
        )

    def warn(self, message: str, category: type[TogglframeWarning]) -> None:
        """Give a warning.

        :meta private:
        """
        warnings.warn(message, category, stacklevel=3)

    @property
    def on_quota(self) -> OnQuota:
        """What is done when the quota is used up."""
        return self._on_quota

    def forget(self, keys: Collection[str]) -> None:
        """Delete answers from the cache by their keys, those that turned out to be wrong.

        :meta private:
        """
        self._transport.forget(keys)

    @contextlib.contextmanager
    def refresh(self) -> Iterator[Self]:
        """Fetch anew what is asked inside the block, each answer once, and overwrite the cache.

        Other threads go on with the cache undisturbed.

        Examples
        --------
        >>> import togglframe as tf
        >>> with tf.demo() as ws, ws.refresh():
        ...     projects = tf.filters.projects(ws)
        """
        outer = self._refreshed
        self._thread.refreshed = set()
        try:
            yield self
        finally:
            self._thread.refreshed = outer

    def clear_cache(self) -> None:
        """Delete every cached answer of this workspace."""
        self._transport.clear_cache(f"workspace/{self._id}")

    def close(self) -> None:
        """Close the connections; the next request opens them again."""
        if self._opened is not None:
            self._opened.close()
        self._is_over = self._ending is not None
        if self._end is not None:
            self._end()

    def end_with(self, callback: Callable[[], object], *, ending: str) -> None:
        """Call this when the workspace is closed or no longer used; it then says why it is over.

        :meta private:
        """
        here = os.getpid()  # it is not a child's to end
        self._end = finalize(self, lambda: callback() if os.getpid() == here else None)
        self._ending = ending

    def progress_bar(self, description: str) -> tqdm[Any]:
        """Return a bar that counts rows on stderr and goes away when it is done.

        :meta private:
        """
        from tqdm import tqdm  # noqa: PLC0415

        return tqdm(
            desc=description,
            unit=" rows",
            delay=0.5,
            leave=False,
            file=sys.stderr,
            disable=None if self._progress is None else not self._progress,
        )

    def __enter__(self) -> Self:
        """Return the workspace itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()

    def __repr__(self) -> str:
        """Tell which workspace; never the credential."""
        elsewhere = "" if self._base_url == BASE_URL else f", base_url={self._base_url!r}"
        return f"Workspace({self._id}{elsewhere})"

    def _repr_html_(self) -> str:
        """Tell a notebook which workspace, and what has been spent; never the credential."""
        import html  # noqa: PLC0415

        name = f"<strong>{html.escape(repr(self))}</strong>"
        if self._opened is None:
            return f"<p>{name}: no request so far</p>"
        usage = self._opened.usage
        left = "" if usage.quota_remaining is None else f", {usage.quota_remaining} left this hour"
        return (
            f"<p>{name}: {usage.requests} requests{left}, "
            f"{usage.cache_hits} answers from the cache</p>"
        )

    def __reduce__(self) -> str:
        """Refuse to be pickled: a pickle would hold the credential."""
        raise TypeError("a Workspace holds a credential and is never pickled; make a new one")

    def _noting(self, listing: str) -> contextlib.AbstractContextManager[None]:
        """Note inside the block which answers a listing is made of."""
        return self._transport.noting(f"workspace/{self._id}", listing)

    def _known(self, listing: str) -> Known | None:
        """Tell what a listing that was fetched before would cost now."""
        path = f"workspace/{self._id}"
        return self._transport.known(path, listing, refreshed=self._refreshed)

    @property
    def _refreshed(self) -> set[str] | None:
        """The answers that this thread has fetched anew, None outside of :meth:`refresh`."""
        return getattr(self._thread, "refreshed", None)

    @property
    def _transport(self) -> Transport:
        with _opening:
            if self._opened is None:
                from togglframe.transport import Settings, Transport  # noqa: PLC0415

                self._opened = Transport(Settings(**self._settings), self._credential)
                _open.add(self._opened)
            return self._opened


# A child of os.fork has copies of the parent's connections and locks: an answer to the one would go
# to the other, SQLite would take the parent's locks for its own, and a lock that another thread of
# the parent held would never be free. So nothing is opened while a process forks, cache files are
# closed, and the child connects anew.
_opening: Final = threading.RLock()
_open: Final[WeakSet[Transport]] = WeakSet()
_paused: Final[list[Transport]] = []


def _before_fork() -> None:
    _opening.acquire()
    for transport in list(_open):
        transport.pause()
        _paused.append(transport)


def _after_fork() -> None:
    while _paused:
        _paused.pop().resume()
    _opening.release()


def _after_fork_in_child() -> None:
    for transport in _paused:
        transport.start_anew()
    _after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=_after_fork,
        after_in_child=_after_fork_in_child,
    )


def _workspace_id(given: int | None) -> int:
    value: object = given if given is not None else os.environ.get("TOGGL_WORKSPACE_ID")
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
        value = min(number, TOO_LARGE)  # Python refuses to print more than some thousand digits
    raise ConfigError(f"The workspace id is a positive 64-bit number, not {reprlib.repr(value)}")


def _check_numbers(
    *, above: float | None = None, least: float | None = None, **numbers: object
) -> None:
    for name, number in numbers.items():
        if number is None and name in ("per_second", "expire_after"):
            continue
        is_number = isinstance(number, int | float) and not isinstance(number, bool)
        if above is not None and not (is_number and above < number < _ENDLESS):  # type: ignore[operator]
            raise ConfigError(f"{name} is a number above {above}, not {number!r}")
        if least is not None and not (is_number and least <= number < _ENDLESS):  # type: ignore[operator]
            raise ConfigError(f"{name} is a number of at least {least}, not {number!r}")


def _check_choices(on_quota: object, cache: object, progress: object) -> None:
    if not isinstance(on_quota, str) or on_quota not in ("stale", "raise", "wait"):
        raise ConfigError(f'on_quota is "stale", "raise" or "wait", not {on_quota!r}')
    if cache is not None and not _is_path_of_file(cache):
        raise ConfigError(f'cache is "disk", "memory", a path or None, not {cache!r}')
    if progress is not None and not isinstance(progress, bool):
        raise ConfigError(f"progress is True, False or None, not {progress!r}")


def _is_path_of_file(path: object) -> bool:
    if not isinstance(path, str | os.PathLike) or "\0" in str(path):
        return False
    try:
        return bool(Path(path).expanduser().name)
    except RuntimeError:  # nobody's home
        return False


def _check_address(base_url: object) -> None:
    """Refuse what is no address, or would carry the credential unencrypted to another machine."""
    address = _split(base_url)
    if address is None or not address.hostname or address.scheme not in ("http", "https"):
        raise ConfigError(f"base_url needs to begin with https://, not {base_url!r}")
    if address.username is not None or address.password is not None:
        raise ConfigError("base_url holds a user or password; pass token=, or email= and password=")
    if address.query or address.fragment:
        raise ConfigError(f"base_url ends with the path, without ? and #, not {base_url!r}")
    if address.scheme == "http" and address.hostname not in _THIS_MACHINE:
        raise ConfigError(
            f"base_url {base_url!r} would carry the credential unencrypted: use https://; "
            "http:// is for a server on this machine"
        )


def _split(base_url: object) -> SplitResult | None:
    """Return the parts of an address; None if it is none."""
    if not isinstance(base_url, str):
        return None
    try:
        address = urlsplit(base_url)
        is_open = address.port != 0
    except ValueError:
        return None
    return address if is_open else None
