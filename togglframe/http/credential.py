"""Credential: where it comes from, how it signs a request, and how texts are redacted."""

from __future__ import annotations

import base64
import hashlib
import os
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from togglframe.errors import ConfigError

if TYPE_CHECKING:
    import requests

# Stands for the path of a shared report, whose token is a secret, until the request is signed.
SHARED_REPORT: Final = "shared/report"

_TOKEN_PASSWORD: Final = "api_token"  # noqa: S105 -- the vendor's constant
_OF_THE_CACHE: Final = ("Cache-Control", "X-ACTUAL-NO-CACHE")  # directives to requests-cache
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
    """An API token, or an e-mail address and a password; its repr shows neither."""

    def __init__(self, user: str, password: str, *, report_token: str | None = None) -> None:
        self._secret = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
        self._report_token = None if report_token is None else quote(report_token, safe="")
        words = {user, password, self._secret, report_token, self._report_token}
        words -= {_TOKEN_PASSWORD, None}
        self._words = sorted(filter(None, words), key=len, reverse=True)  # one may hold another

    def with_report_token(self, report_token: str) -> Credential:
        """Return a credential that opens one shared report, too."""
        user, _, password = base64.b64decode(self._secret).decode().partition(":")
        return Credential(user, password, report_token=report_token)

    def __repr__(self) -> str:
        """Hide the credential."""
        return "Credential(***)"

    def __reduce__(self) -> str:
        """Refuse to be pickled: a pickle is a file."""
        raise TypeError("a togglframe credential is never written to a file or a pickle")

    def sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return a copy of the request that carries the credential."""
        signed = request.copy()
        for directive in _OF_THE_CACHE:
            signed.headers.pop(directive, None)
        signed.headers["Authorization"] = f"Basic {self._secret}"
        if self._report_token is not None and signed.url is not None:
            path = f"/shared/{self._report_token}"
            signed.url = signed.url.replace(f"/{SHARED_REPORT}", path, 1)
        return signed

    def redact(self, text: str) -> str:
        """Return the text without any part of the credential, which a server may have echoed."""
        for word in self._words:
            text = text.replace(word, "***")
        return text

    def redacted(self, value: object, depth: int = 10) -> object:
        """Return parsed JSON without any part of the credential; deeper values are left out."""
        if isinstance(value, str):
            return self.redact(value)
        if isinstance(value, list | dict) and depth == 0:
            return "..."
        if isinstance(value, list):
            return [self.redacted(item, depth - 1) for item in value]
        if isinstance(value, dict):
            return {self.redact(n): self.redacted(item, depth - 1) for n, item in value.items()}
        return value

    @cached_property
    def fingerprint(self) -> bytes:
        """A digest that distinguishes credentials; slow to compute, against guessing."""
        return hashlib.scrypt(self._secret.encode(), salt=b"togglframe", n=2**12, r=8, p=1)


def find_credential(token: str | None, email: str | None, password: str | None) -> Credential:
    """Return the credential of the arguments, the environment or the keyring.

    Raises
    ------
    ConfigError
        If there is none, or it is impossible; its message never contains it.
    """
    if (email is None) != (password is None):
        raise ConfigError("email and password go together; pass both, or a token")
    if token is not None and email is not None:
        raise ConfigError("pass a token or email and password, not both")
    if email is not None and password is not None:
        return Credential(_checked("email", email), _checked("password", password, strip=False))
    if token is None:
        token = os.environ.get("TOGGL_API_TOKEN") or _token_from_keyring()
    if token is None:
        raise ConfigError(_NOWHERE)
    token = _checked("token", token)
    if token.casefold().startswith(_FOCUS_KEY):
        raise ConfigError(_OTHER_PRODUCT)
    return Credential(token, _TOKEN_PASSWORD)


def _checked(name: str, secret: object, *, strip: bool = True) -> str:
    """Return a secret that a server could accept, without the spaces around it."""
    if not isinstance(secret, str):
        raise ConfigError(f"{name} must be text, not {type(secret).__name__}")
    if not secret.strip():
        raise ConfigError(f"{name} is empty")
    if secret.encode(errors="ignore").decode() != secret:
        raise ConfigError(f"{name} contains an unpaired surrogate")
    return secret.strip() if strip else secret


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
