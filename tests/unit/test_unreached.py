"""A host that cannot be reached: refused connections, and names that nobody knows."""

import socket

import pytest

import togglframe as tf
from togglframe.errors import ConnectionFailedError


def no_such_name(*_, **__):
    raise socket.gaierror(-2, "Name or service not known")


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:9", "https://no-such-host.invalid"])
def test_a_host_that_cannot_be_reached_is_given_up_within_five_seconds(
    base_url, clock, monkeypatch
):
    if base_url.startswith("https"):
        monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    with (
        tf.Workspace(1, token="0" * 32, base_url=base_url, cache=None) as ws,
        pytest.raises(ConnectionFailedError, match=base_url.partition("//")[2]),
    ):
        tf.filters.projects(ws)
    assert 2 <= ws.usage.requests <= 3
    assert clock.elapsed <= 5
