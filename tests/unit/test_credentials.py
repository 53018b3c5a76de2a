"""Where a credential comes from: the argument, then the environment, then the keyring."""

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import NoKeyringError

from togglframe import ConfigError, Workspace
from togglframe.api import filters
from togglframe.errors import AccessError
from togglframe.http.credential import Credential

PROJECTS = 6


@pytest.fixture
def make_sandbox(make_sandbox):
    """Start sandboxes of a few projects."""
    return lambda scale=PROJECTS, **options: make_sandbox(scale, **options)


class _Keyring(KeyringBackend):
    priority = 1

    def __init__(self, answer):
        super().__init__()
        self._answer = answer

    def get_password(self, service, username):
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer if (service, username) == ("togglframe", "api_token") else None

    def set_password(self, service, username, password):
        raise NotImplementedError

    def delete_password(self, service, username):
        raise NotImplementedError


@pytest.fixture
def keep_in_keyring():
    """Put an answer into the keyring of this test."""
    before = keyring.get_keyring()
    yield lambda answer: keyring.set_keyring(_Keyring(answer))
    keyring.set_keyring(before)


def connect(sandbox, **options):
    return Workspace(
        sandbox.workspace_id, base_url=sandbox.base_url, cache=None, per_second=None, **options
    )


def test_the_keyring_is_the_last_resort(sandbox, keep_in_keyring, monkeypatch):
    keep_in_keyring(sandbox.token)
    with connect(sandbox) as ws:
        assert len(filters.projects(ws)) == PROJECTS
    monkeypatch.setenv("TOGGL_API_TOKEN", "e" * 32)
    with connect(sandbox) as ws, pytest.raises(AccessError):
        filters.projects(ws)
    with connect(sandbox, token=sandbox.token) as ws:
        assert len(filters.projects(ws)) == PROJECTS


@pytest.mark.parametrize("answer", [None, NoKeyringError("no backend here")])
def test_an_empty_or_absent_keyring_is_no_credential(sandbox, keep_in_keyring, answer):
    keep_in_keyring(answer)
    with pytest.raises(ConfigError, match="No credential"):
        connect(sandbox)


def test_email_and_password_are_a_credential(sandbox):
    with connect(sandbox, email=sandbox.email, password=sandbox.password) as ws:
        assert len(filters.projects(ws)) == PROJECTS


def test_a_password_that_holds_the_address_is_redacted_whole():
    credential = Credential("ann", "ann-Secret99")
    assert credential.redact("wrong password ann-Secret99 for ann") == "wrong password *** for ***"
