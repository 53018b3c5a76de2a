"""A workspace whose answers are given beforehand: no sockets, no cache, no waiting."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from togglframe import Workspace
from togglframe.http.client import Answer, client_of


class Server:
    """Answers with the pages that it was given, and keeps the bodies."""

    def __init__(self, *pages):
        self.pages = list(pages)
        self.bodies = []
        self.roots = []

    def post(self, path, body, *, root, **_):
        self.bodies.append(body)
        self.roots.append(root)
        data, headers = self.pages.pop(0)
        return Answer(data=data, fetched_at=datetime.now(UTC), headers=headers)


@contextmanager
def workspace(*pages: Any) -> Iterator[tuple[Workspace, "Server"]]:
    """Make a workspace of these pages, each what came and its headers."""
    ws = Workspace(1, token="0123", cache=None, progress=False)
    server = Server(*pages)
    client_of(ws).post = server.post
    with ws:
        yield ws, server
