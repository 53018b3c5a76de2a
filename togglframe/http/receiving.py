"""Receive an answer, within a time that no byte prolongs.

The timeout of a socket is for the next byte: a server that sends one now and then is waited for as
long as it likes. Here the socket is given less and less time, from the first byte of the status
line to the last one of the body.
"""

from __future__ import annotations

import functools
import io
import socket
from http.client import HTTPResponse
from typing import Any

from urllib3.connectionpool import ConnectionPool

from togglframe import clock

__all__ = ["receive_in_time"]


class _Stream(io.RawIOBase):
    """What comes out of a socket, within the socket's timeout from now on."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._bytes = sock.makefile("rb", buffering=0)
        timeout = sock.gettimeout()
        self._until = None if timeout is None else clock.monotonic() + timeout

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._until is not None:
            left = self._until - clock.monotonic()
            if left <= 0:
                raise TimeoutError("the answer did not end in time")
            self._sock.settimeout(left)
        return self._bytes.readinto(buffer)

    def close(self) -> None:
        self._bytes.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        unbounded, self.fp = self.fp, io.BufferedReader(_Stream(sock))
        unbounded.close()

    def begin(self) -> None:
        """Read the headers, and drop what is none: urllib3 would log it, an echo of secrets too."""
        super().begin()
        self.msg.defects.clear()
        self.msg.set_payload("")


def receive_in_time(pool: ConnectionPool) -> None:
    """Let every connection that this pool opens from now on receive so."""
    pool.ConnectionCls = _hurried(pool.ConnectionCls)  # type: ignore[attr-defined]


@functools.cache
def _hurried(kind: type) -> type:
    if getattr(kind, "response_class", None) is _Response:
        return kind
    return type(kind.__name__, (kind,), {"response_class": _Response})
