"""A request, how its parameters are parsed, and the response to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal, TypeAlias

Plan: TypeAlias = Literal["free", "starter", "premium"]
Params: TypeAlias = Mapping[str, Any]
# How a parameter is read: it returns the value, or raises a ValueError that says what is right.
Kind: TypeAlias = Callable[[Any], Any]

NOTHING_SET = "At least one parameter must be set"


class RefusalError(Exception):
    """The API's refusal of a request, with its status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass
class Request:
    """One request that reached the sandbox.

    Parameters
    ----------
    method, path, query : str
        The parts of its first line; the path is the whole one, with the workspace.
    endpoint : str
        What follows the workspace, such as ``"filters/projects"``; that of Insights begins
        with ``insights/``; a saved report is ``shared`` or ``shared/csv``, without its token;
        "" for any other path.
    body : object
        The parsed JSON; None where there was none, or it was not JSON.
    status : int or None
        The status of the response; None before there is one.
    unknown_names : frozenset of str
        What the body holds that the endpoint does not know, and ignores as the vendor does.
    at : float
        When it arrived, on the sandbox's clock [s].
    """

    method: str
    path: str
    query: str = ""
    authorization: str = field(default="", repr=False)
    raw: bytes = field(default=b"", repr=False)
    endpoint: str = ""
    workspace: str = ""
    at: float = 0.0
    status: int | None = None
    params: dict[str, Any] = field(default_factory=dict)
    unknown_names: frozenset[str] = frozenset()

    @property
    def body(self) -> Any:
        """Parse the body; None if it is not JSON."""
        try:
            return json.loads(self.raw)
        except (ValueError, RecursionError):
            return None


@dataclass
class Response:
    """A response: its status, body and headers."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def as_json(value: object, headers: Mapping[str, str] | None = None) -> Response:
    """Write a value as JSON."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(body=text.encode(), headers=dict(headers or {}))


# Parameters


def parse(raw: bytes, kinds: Mapping[str, Kind]) -> tuple[dict[str, Any], frozenset[str]]:
    """Return the parameters that are set, and the names that are unknown."""
    try:
        body = json.loads(raw) if raw.strip() else {}
    except (ValueError, RecursionError):
        raise RefusalError(400, "The request body must be valid JSON") from None
    if not isinstance(body, dict):
        raise RefusalError(400, "The request body must be a JSON object")
    return validate(body, kinds), frozenset(body.keys() - kinds.keys())


def validate(body: Params, kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """Return the parameters that are known and set; null, "" and [] count as not set."""
    params = {}
    for name, kind in kinds.items():
        if body.get(name) in (None, [], ""):
            continue
        try:
            params[name] = kind(body[name])
        except ValueError as error:
            raise RefusalError(400, f"Invalid '{name}' value, {error}") from None
    return params


def _json(kind: type, name: str) -> Kind:
    """Make what reads a JSON value of one type."""

    def read(value: Any) -> Any:
        if type(value) is not kind:  # true and false are no integers
            raise ValueError(f"it must be {name}")
        return value

    return read


integer: Final = _json(int, "an integer")
flag: Final = _json(bool, "a boolean")
text: Final = _json(str, "a string")
_array: Final = _json(list, "an array of integers")


def count(value: Any) -> int:
    """Read an integer that is not negative."""
    if integer(value) < 0:
        raise ValueError("it must be positive")
    return int(value)


def ids(value: Any) -> tuple[int, ...]:
    """Read an array of ids."""
    return tuple(map(integer, _array(value)))


def ids_or_null(value: Any) -> tuple[int | None, ...]:
    """Read an array of ids, among which null stands for "without one"."""
    return tuple(None if each is None else integer(each) for each in _array(value))


def day(value: Any) -> int:
    """Read a day as an ordinal."""
    try:
        found = date.fromisoformat(text(value))
    except ValueError:
        raise ValueError("it must be a day such as 2026-03-31") from None
    if not 2006 <= found.year < 2030:
        raise ValueError("it should be within 2006-01-01 to 2030-01-01")
    return found.toordinal()


def one_of(*allowed: str | int) -> Kind:
    """Make what reads one of a few values, in any case."""

    def read(value: Any) -> str | int:
        for each in allowed:
            if type(value) is type(each) and str(value).lower() == str(each).lower():
                return each
        raise ValueError(f"allowed values are {', '.join(map(str, allowed))}")

    return read
