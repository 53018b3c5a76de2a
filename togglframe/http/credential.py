"""The credential: where it comes from, how it signs a request, and that it never shows itself."""

from __future__ import annotations

import base64
import hashlib
import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from togglframe.http.urls import SHARED_REPORT

if TYPE_CHECKING:
    import logging

    import requests

__all__ = ["Credential", "find_credential"]

_TOKEN_PASSWORD: Final = "api_token"  # noqa: S105 -- the vendor's constant
_CONDITIONS: Final = ("If-None-Match", "If-Modified-Since")
_FOCUS_KEY: Final = "toggl_sk_"  # how the keys of Toggl 2.0 begin
_OTHER_PRODUCT: Final = (
    "The token is a key of Toggl 2.0 (Focus), a product of its own with its own API. togglframe "
    "reads Toggl Track, whose token is at the bottom of your Toggl Track profile page."
)
_NOWHERE: Final = (
    "No credential: pass token=, set TOGGL_API_TOKEN, or store it in the keyring "
    '(pip install "togglframe[keyring]", then: keyring set togglframe api_token). '
    "The token is at the bottom of your Toggl Track profile page."
)


class Credential:
    """An API token, or an e-mail address and a password; it never shows itself."""

    __slots__ = ("_report_token", "_secret", "_words")

    def __init__(self, user: str, password: str) -> None:
        self._secret = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
        words = {user, password, self._secret} - {_TOKEN_PASSWORD}
        self._words = sorted(words, key=len, reverse=True)  # one may hold another
        self._report_token: str | None = None

    @classmethod
    def of_token(cls, token: str) -> Credential:
        """Make the credential of an API token, as the vendor wants it."""
        return cls(token, _TOKEN_PASSWORD)

    def with_report_token(self, report_token: str) -> Credential:
        """Return a credential that also opens one shared report, whose token it puts in place.

        The token of a shared report is part of its address, so the address holds only a
        placeholder, :data:`togglframe.http.urls.SHARED_REPORT`, until the request is signed.
        """
        both = object.__new__(Credential)
        in_address = quote(report_token, safe="")
        both._secret, both._report_token = self._secret, in_address
        words = {*self._words, report_token, in_address}
        both._words = sorted(words, key=len, reverse=True)
        return both

    @property
    def is_in_address(self) -> bool:
        """Whether the address of a signed request holds a part of it."""
        return self._report_token is not None

    def __repr__(self) -> str:
        """Tell that there is a credential, not which."""
        return "Credential(***)"

    def __reduce__(self) -> str:
        """Refuse to be pickled: a pickle is a file."""
        raise TypeError("a togglframe credential is never written to a file or a pickle")

    def sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return a copy of the request that carries the credential."""
        signed = request.copy()
        for condition in _CONDITIONS:
            signed.headers.pop(condition, None)
        signed.headers["Authorization"] = f"Basic {self._secret}"
        if self._report_token is not None and signed.url is not None:
            in_place = f"/shared/{self._report_token}"
            signed.url = signed.url.replace(f"/{SHARED_REPORT}", in_place, 1)
        return signed

    def redact(self, text: str) -> str:
        """Return the text without any part of the credential, should the other side echo it."""
        for word in self._words:
            text = text.replace(word, "***")
        return text

    def redacted(self, value: object, depth: int = 10) -> object:
        """Return parsed JSON without any part of the credential; what nests deeper is left out."""
        if isinstance(value, str):
            return self.redact(value)
        if isinstance(value, list | dict) and depth == 0:
            return "..."
        if isinstance(value, list):
            return [self.redacted(item, depth - 1) for item in value]
        if isinstance(value, dict):
            return {self.redact(n): self.redacted(item, depth - 1) for n, item in value.items()}
        return value

    def keep_out(self, record: logging.LogRecord) -> bool:
        """Take it out of what urllib3 logs, which tells addresses; a filter for its logger."""
        record.msg, record.args = self.redact(record.getMessage()), ()
        return True

    def fingerprint(self) -> bytes:
        """Return what tells credentials apart; slow to compute, so that it cannot be guessed."""
        return hashlib.scrypt(self._secret.encode(), salt=b"togglframe", n=2**12, r=8, p=1)


def find_credential(token: str | None, email: str | None, password: str | None) -> Credential | str:
    """Return the credential: the one that is given, or that of the surroundings; or what is wrong.

    Nothing is raised, since the frames of an error would hold what was given.
    """
    if (email is None) != (password is None):
        return "email and password go together; pass both, or a token"
    if token is not None and email is not None:
        return "pass a token or email and password, not both"
    if email is None or password is None:
        token = _token_from_surroundings() if token is None else token
        if token is None:
            return _NOWHERE
        problem = _problem("token", token)
        if problem is None and token.strip().startswith(_FOCUS_KEY):
            problem = _OTHER_PRODUCT
        return problem or Credential.of_token(token.strip())
    problem = _problem("email", email) or _problem("password", password)
    return problem or Credential(email.strip(), password)


def _problem(name: str, secret: object) -> str | None:
    """Tell what no server could accept, without the secret itself."""
    if not isinstance(secret, str):
        return f"{name} must be text, not {type(secret).__name__}"
    if not secret.strip():
        return f"{name} is empty"
    is_text = secret.isascii() or secret.encode(errors="ignore").decode() == secret
    return None if is_text else f"{name} contains an unpaired surrogate"


def _token_from_surroundings() -> str | None:
    return os.environ.get("TOGGL_API_TOKEN") or _token_from_keyring()


def _token_from_keyring() -> str | None:
    if find_spec("keyring") is None:
        return None
    import keyring  # noqa: PLC0415
    import keyring.errors  # noqa: PLC0415

    try:
        token: str | None = keyring.get_password("togglframe", "api_token")
    except keyring.errors.KeyringError:
        return None  # no keyring on this machine is the same as an empty one
    return token
