"""A workspace whose answers are given beforehand: no sockets, no cache, no waiting."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from togglframe import Workspace
from togglframe.http.client import client_of
from togglframe.http.transport import Answer, Usage


class Server:
    """Answers with the pages that it was given, and keeps the bodies."""

    usage = Usage()

    def __init__(self, *pages):
        self.pages = list(pages)
        self.bodies = []
        self.roots = []

    def ask(self, path, body, *, root, **_):
        self.bodies.append(body)
        self.roots.append(root)
        data, headers = self.pages.pop(0)
        return Answer(data=data, fetched_at=datetime.now(UTC), headers=headers)

    def forget(self, _):
        """Nothing is cached."""

    def keep(self, *_):
        """Nothing is kept."""

    def kept(self, *_):
        """Nothing was kept."""

    def close(self):
        """Nothing is open."""


@contextmanager
def workspace(*pages: Any) -> Iterator[tuple[Workspace, "Server"]]:
    """Make a workspace of these pages, each what came and its headers."""
    ws = Workspace(1, token="0123", cache=None, progress=False)
    client_of(ws)._opened = server = Server(*pages)
    with ws:
        yield ws, server
