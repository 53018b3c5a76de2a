"""A sandbox to talk to, and workspaces that touch nothing of the user's."""

import gc
import hashlib
import itertools
import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import typer.testing
from days import TODAY
from vendor import VendorSandbox

from togglframe import Workspace
from togglframe import clock as togglframe_clock
from togglframe.http import quota
from togglframe.sandbox import Sandbox
from togglframe.sandbox.agency import _shared_entries

SCALE = 61  # projects: few enough for one page, and no round number, which would need a proof

# The user's own token, workspace, keyring, proxy, colours and charts stay out of the tests, and
# of the programs that they start.
for _name in list(os.environ):
    if _name.startswith("TOGGL_") or _name.lower().endswith("_proxy"):
        del os.environ[_name]
for _name in ("FORCE_COLOR", "MPLBACKEND", "NO_COLOR", "PYTHONWARNINGS"):
    os.environ.pop(_name, None)
# Programs that the tests start need not compile the library, each of them again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
os.environ |= {
    "COLUMNS": "80",
    "MATPLOTLIBRC": str(Path(__file__).with_name("matplotlibrc")),
    "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
}


@pytest.fixture(autouse=True, scope="session")
def _everything_once():
    """Make what is slow and always the same once.

    The key of a credential, which is slow on purpose; the tree of commands, which a program builds
    once and a test at each of its calls; and the entries of an agency, of which the sandbox keeps
    those of a few sizes.
    """
    with (
        mock.patch("hashlib.scrypt", cache(hashlib.scrypt)),
        mock.patch("typer.testing._get_command", cache(typer.main.get_command)),
        mock.patch("togglframe.sandbox.agency._shared_entries", cache(_shared_entries.__wrapped__)),
    ):
        yield


class _FailedSubtests:
    """Subtests of which only those that fail are captured and reported, since that takes time."""

    def __init__(self, subtests: pytest.Subtests) -> None:
        self._subtests = subtests

    @contextmanager
    def test(self, msg: str | None = None, **parameters: Any) -> Iterator[None]:
        try:
            yield
        except BaseException:
            with self._subtests.test(msg, **parameters):
                raise


@pytest.fixture
def subtests(subtests) -> _FailedSubtests:
    return _FailedSubtests(subtests)


def pytest_collection_finish():
    """Look for garbage less often: a tenth of the time went into passing over all the tests."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(autouse=True, scope="session")
def _one_day():
    """Make the local day of the library and of the sandbox the same on any day of any year.

    The clock goes on; TOGGLFRAME_DAY sets it to another day, to show that no test depends on it.
    """
    now, shift = togglframe_clock.now, timedelta()
    if another := os.environ.get("TOGGLFRAME_DAY"):
        shift = datetime.fromisoformat(f"{another}T12:00+00:00") - now()
    with (
        mock.patch("togglframe.clock.now", side_effect=lambda: now() + shift),
        mock.patch("togglframe.clock.today", return_value=TODAY),
        mock.patch("togglframe.sandbox.server.local_day", return_value=TODAY),
    ):
        yield


@pytest.fixture(scope="module")
def _one_moment():
    """Let the listings that a module fetches be of one moment, however slow the machine is."""
    with mock.patch("togglframe.reports._freshness._PAUSE", timedelta(days=1)):
        yield


@pytest.fixture(autouse=True, scope="session")
def _cache_homes(tmp_path_factory):
    """Return the names of folders that are not there yet: most tests never make theirs."""
    folder = tmp_path_factory.mktemp("cache-homes")
    return (str(folder / str(number)) for number in itertools.count())


@pytest.fixture(autouse=True)
def _an_empty_cache(monkeypatch, _cache_homes):
    monkeypatch.setenv("XDG_CACHE_HOME", next(_cache_homes))


@pytest.fixture(autouse=True, scope="session")
def _unknown_names():
    """Collect the names in bodies that no endpoint of any sandbox knows, and so ignores."""
    names: list[tuple[str, frozenset[str]]] = []
    handle = Sandbox.handle

    def handle_and_look(sandbox, request):
        response = handle(sandbox, request)
        if request.unknown_names:
            names.append((request.endpoint, request.unknown_names))
        return response

    with mock.patch.object(Sandbox, "handle", handle_and_look):
        yield names


@pytest.fixture(autouse=True)
def unknown_names(_unknown_names):
    """Fail where a request has a name that its endpoint ignores; who means it takes them out."""
    _unknown_names.clear()
    yield _unknown_names
    assert _unknown_names == []


@pytest.fixture(autouse=True)
def _no_pace_of_another_test():
    """Let no test wait for one before it that had another clock, and happens to have its port."""
    quota._free_at.clear()


class SetClock:
    """A clock that stands still until a test moves it, or the library sleeps."""

    def __init__(self) -> None:
        self._start = togglframe_clock.now()
        self._began = float(math.ceil(time.monotonic()))  # whole, so that differences are exact
        self.elapsed = 0.0  # [s]
        self.sleeps: list[float] = []  # [s]

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        return self._began + self.elapsed

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        self.elapsed += seconds


@pytest.fixture
def clock(monkeypatch) -> SetClock:
    """Set the clock of the library, whose sleeps then take no time."""
    clock = SetClock()
    for name in ("monotonic", "now", "sleep"):
        monkeypatch.setattr(togglframe_clock, name, getattr(clock, name))
    return clock


@pytest.fixture
def set_now(monkeypatch) -> Callable[[Callable[[], datetime]], None]:
    """Let the library ask this for the time, and its local day be that of UTC."""

    def set_to(now: Callable[[], datetime]) -> None:
        monkeypatch.setattr(togglframe_clock, "now", now)
        monkeypatch.setattr(togglframe_clock, "today", lambda: now().date())

    return set_to


@pytest.fixture
def make_sandbox() -> Iterator[Callable[..., VendorSandbox]]:
    """Start sandboxes of any kind, without a quota to run into; they stop after the test."""
    with ExitStack() as stack:

        def make(scale: int = SCALE, **options: Any) -> VendorSandbox:
            return stack.enter_context(VendorSandbox(scale, **{"quota": 1_000_000, **options}))

        yield make


@pytest.fixture
def make_workspace() -> Iterator[Callable[..., Workspace]]:
    """Make workspaces on a sandbox, quick and without a cache unless told otherwise."""
    with ExitStack() as stack:

        def make(sandbox: VendorSandbox, **options: Any) -> Workspace:
            quick = {"cache": None, "per_second": None, "backoff": 0.001, "token": sandbox.token}
            ws = Workspace(sandbox.workspace_id, base_url=sandbox.base_url, **{**quick, **options})
            return stack.enter_context(ws)

        yield make


@pytest.fixture
def sandbox(make_sandbox) -> VendorSandbox:
    return make_sandbox()


@pytest.fixture
def ws(make_workspace, sandbox) -> Workspace:
    return make_workspace(sandbox)
