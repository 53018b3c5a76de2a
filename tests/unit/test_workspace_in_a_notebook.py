"""What a notebook shows of a workspace."""

from togglframe import Workspace
from togglframe.api import filters
from togglframe.http.quota import Usage

TOKEN = "0123456789abcdef0123456789abcdef"


def test_before_the_first_request_it_says_so_and_opens_nothing(tmp_path):
    ws = Workspace(7, token=TOKEN, cache=tmp_path / "answers.sqlite")
    assert ws._repr_html_() == "<p><strong>Workspace(7)</strong>: no request so far</p>"
    assert list(tmp_path.iterdir()) == []


def test_it_says_what_was_spent_and_what_is_left(make_sandbox, make_workspace):
    ws = make_workspace(make_sandbox(scale=3, quota=30), cache="memory")
    filters.projects(ws)
    filters.projects(ws)
    assert ws._repr_html_().endswith(": 1 request, 29 left this hour, 1 answer from the cache</p>")


def test_it_escapes_what_it_was_given_and_keeps_the_token(tmp_path):
    ws = Workspace(7, token=TOKEN, base_url="https://example.org/<script>alert(1)</script>")
    shown = ws._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert TOKEN not in shown


def test_what_was_spent_is_told_in_a_line():
    assert repr(Usage()) == "Usage(requests=0)"
    assert repr(Usage(3, quota_remaining=0)) == "Usage(requests=3, quota_remaining=0)"
