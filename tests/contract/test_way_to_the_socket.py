"""How many functions of the package stand between a call and the network."""

import sys
from pathlib import Path

import pytest
from requests.adapters import HTTPAdapter

import togglframe as tf

PACKAGE = str(Path(tf.__file__).parent)
RANGE = {"start_date": "2026-10-01", "end_date": "2026-10-31"}


@pytest.fixture
def ways(monkeypatch):
    """The functions of the package on the stack, the outermost first, for each request."""
    seen = []
    send = HTTPAdapter.send

    def record_and_send(*args, **options):
        names, frame = [], sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_filename.startswith(PACKAGE):
                names.append(frame.f_code.co_qualname)
            frame = frame.f_back
        seen.append(names[::-1])
        return send(*args, **options)

    monkeypatch.setattr(HTTPAdapter, "send", record_and_send)
    return seen


def test_an_endpoint_reaches_the_network_in_seven_functions(ws, ways):
    tf.search.time_entries(ws, **RANGE)
    assert ways
    for way in ways:
        assert way[0] == "time_entries"
        assert way[-1] == "ApiAdapter.send"
        assert len(way) <= 7, way


def test_a_report_reaches_the_network_in_fourteen_functions(ws, ways):
    tf.reports.hours(ws, period="2026-10")
    assert ways
    for way in ways:
        assert way[1] == "hours"  # below what answers keywords of 0.2
        assert len(way) <= 14, way
