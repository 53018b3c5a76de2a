import sys
import threading

import pytest
from servers import Recorder
from vendor import VendorSandbox

from togglframe import Workspace, reports


@pytest.fixture(autouse=True)
def _closed_figures():
    yield
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")


@pytest.fixture(scope="module")
def office():
    """Run an office whose listings go into workbooks."""
    with VendorSandbox(60, quota=1_000_000) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def listings(office, _one_moment):
    """Return its listings, each fetched once."""
    options = {"cache": None, "per_second": None, "token": office.token}
    with Workspace(office.workspace_id, base_url=office.base_url, **options) as ws:
        yield reports.Listings(ws)


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
