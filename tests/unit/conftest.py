import sys
import threading

import pytest
from servers import Recorder


@pytest.fixture(autouse=True)
def _closed_figures():
    yield
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")


@pytest.fixture
def serve():
    """Start a server that answers as it is told."""
    started = []

    def start(answer):
        server = Recorder(answer)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.shutdown()
        server.server_close()
