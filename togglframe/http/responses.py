"""From what came over the wire to the JSON that it is, or to the error."""

from __future__ import annotations

import functools
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
import requests
from urllib3.exceptions import DecodeError, InvalidHeader, ProtocolError
from urllib3.util import Retry

from togglframe.errors import (
    AccessError,
    ApiError,
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    GoneError,
    PremiumFeatureError,
    QuotaExceededError,
    RateLimitError,
    SchemaError,
    ServerError,
)
from togglframe.http.urls import SHARED_REPORT, Root

__all__ = [
    "REQUEST_IDS",
    "check_file",
    "endpoint_of",
    "error_of",
    "is_whole",
    "message_of",
    "parsed",
    "quota_remaining",
    "quota_resets_in",
    "request_id",
    "said_by",
    "whole_body",
]

REQUEST_IDS: Final = ("X-Request-Id", "X-Toggl-Request-Id")
_QUOTA_REMAINING: Final = "X-Toggl-Quota-Remaining"
_QUOTA_RESETS_IN: Final = "X-Toggl-Quota-Resets-In"
_NO_ANSWER: Final = "Nothing was returned; if it persists, ask whoever runs the server at base_url."
_REDIRECTED: Final = (
    "Redirects are not followed, since they would carry the credential elsewhere: check base_url, "
    "and whether a single sign-on or the log-in page of a network stands in between."
)
LARGEST: Final = 1_000_000_000  # [bytes], of an answer, also when it is unpacked
_PIECE: Final = 2**20  # [bytes]
_LONGEST_WAIT: Final = 86_400  # [s]; the quota slides by the hour, so more is no credible answer
_LONGEST_INTEGER: Final = 18  # digits
_SPEAKS_OF_QUOTA: Final = re.compile(r"hourly limit|quota|reset in", re.IGNORECASE)
_BEGINNINGS: Final = {"xlsx": b"PK", "pdf": b"%PDF"}
_IS_PAGE: Final = re.compile(rb"\s*<(!doctype|html)", re.IGNORECASE)
_NO_FILES: Final = ("application/json", "text/html")
_WHOLE: Final = (200, 201, 203, 204)  # others announce a part, an answer to come, or none
_NO_BODIES: Final = (101, 204, 304)
_ENDS: Final = ("Content-Length", "Transfer-Encoding", "Content-Encoding")
_DIGITS: Final = bytes.maketrans(b"123456789", 9 * b"0")
_LONG_NUMBER: Final = 19 * b"0"
_CUT: Final = "unexpected end of data"  # orjson of a string, and Python of a character
_ERRORS: Final[dict[int, type[ApiError]]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: AccessError,
    410: GoneError,
    429: RateLimitError,
}


def endpoint_of(url: str) -> str:
    """Return which endpoint an address is of, for example ``"filters/projects"``.

    One of the Insights API begins with ``"insights/"``.
    """
    return re.sub(
        rf"^.*?(?:({Root.INSIGHTS.value})?/workspace/\d+/|/(?={SHARED_REPORT}))",
        lambda found: "insights/" if found[1] else "",
        url.partition("?")[0],
    )


def whole_body(response: requests.Response) -> bytes:
    """Read and decode the body; one that is cut anywhere is a ProtocolError.

    The usual way, through ``response.content``, takes a compressed body that was cut for whole.
    """
    body = _bounded(_pieces(response))
    codings = response.headers.get("Content-Encoding", "").lower().replace(" ", "").split(",")
    if not body:
        if not _is_meant_to_be_empty(response, codings):
            raise ProtocolError("nothing indicates that the answer is meant to be empty")
        return body
    try:
        for coding in reversed(codings):
            body = _decoded(body, coding)
    except (EOFError, OSError, zlib.error) as error:
        raise ProtocolError(f"the compressed answer is cut or damaged: {error}") from error
    return body


def _pieces(response: requests.Response) -> Iterator[bytes]:
    """Read the body piece by piece: a length that is announced makes no room for itself."""
    try:
        while piece := response.raw.read(_PIECE, decode_content=False):
            yield piece
    except ValueError as error:
        raise ProtocolError(f"a chunk has an invalid length: {error}") from error


def _is_meant_to_be_empty(response: requests.Response, codings: list[str]) -> bool:
    has_no_body = response.status_code in _NO_BODIES
    is_said = has_no_body or _integer(response.headers.get("Content-Length")) == 0
    # The last chunk says that no other follows; but nothing, compressed, is something.
    return is_said or ("Transfer-Encoding" in response.headers and codings == [""])


def _decoded(body: bytes, coding: str) -> bytes:
    if coding in ("gzip", "x-gzip"):
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
            return _bounded(iter(functools.partial(file.read, _PIECE), b""))
    if coding in ("", "identity"):
        return body
    if coding != "deflate":
        raise ProtocolError(f"the answer is encoded as {coding}, which was not requested")
    try:
        return _bounded(_inflated(body, zlib.MAX_WBITS))
    except zlib.error:
        return _bounded(_inflated(body, -zlib.MAX_WBITS))  # without a header, as some servers do


def _inflated(body: bytes, wbits: int) -> Iterator[bytes]:
    stream = zlib.decompressobj(wbits)
    while body and not stream.eof:
        yield stream.decompress(body, _PIECE)
        body = stream.unconsumed_tail
    yield stream.flush()
    if not stream.eof:
        raise EOFError("its end is missing")


def _bounded(pieces: Iterable[bytes]) -> bytes:
    """Put the pieces together, unless a few bytes unpack to more than any answer has."""
    kept, size = [], 0
    for piece in pieces:
        kept.append(piece)
        size += len(piece)
        if size > LARGEST:
            raise DecodeError(f"the answer is larger than {LARGEST:,} bytes")
    return b"".join(kept)


def check_file(response: requests.Response, body: bytes, endpoint: str) -> None:
    """Check that an answer is a file, and whole: no parser would notice that its end is missing.

    Raises
    ------
    ProtocolError
        If nothing says where it ends.
    SchemaError
        If it is something else.
    """
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in _NO_FILES:
        raise SchemaError(f"the answer is not a file, but {kind}", endpoint=endpoint)
    begins = _BEGINNINGS.get(endpoint.rpartition(".")[2].rpartition("/")[2])
    if not body or (begins and not body.startswith(begins)) or _IS_PAGE.match(body):
        raise SchemaError("the answer is not a file of that kind", endpoint=endpoint)
    if not any(name in response.headers for name in _ENDS):
        raise ProtocolError("nothing indicates where the file ends")


def parsed(content: bytes, endpoint: str) -> Any:
    """Return the JSON of an answer, None for an empty one.

    Raises
    ------
    ConnectionFailedError
        If it ends in the middle.
    SchemaError
        If it is something else.
    """
    if not content.strip():
        return None
    try:
        return _exact(content, orjson.loads(content))
    except orjson.JSONDecodeError as error:
        reason = str(error)
    # Outside of the block, since the error holds the whole answer.
    if _is_cut(content, reason):
        raise ConnectionFailedError(
            "the answer broke off: its JSON ends in the middle", endpoint=endpoint
        )
    raise SchemaError(f"the answer is not JSON ({reason})", endpoint=endpoint)


def _exact(content: bytes, read: Any) -> Any:
    """Return what orjson read, but integers beyond 64 bits whole: it makes floats of them.

    Few answers have so many digits in a row, and to look for them takes a fraction of the parsing.
    """
    if _LONG_NUMBER not in content.translate(_DIGITS):
        return read
    try:
        return json.loads(content)
    except RecursionError:  # it nests deeper than Python takes
        return read


def _is_cut(content: bytes, reason: str) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError as error:
        reason = error.reason
    return _CUT in reason


def error_of(response: requests.Response, endpoint: str, message: str) -> ApiError:
    """Return the error that an answer is."""
    status = response.status_code
    retry_after: float | None = _retry_after(response)
    kind = ServerError if status >= 500 else _ERRORS.get(status, ApiError)
    if status < 400:
        error = ApiError(message, status=status, endpoint=endpoint)
        error.advice = _NO_ANSWER if status < 300 else _REDIRECTED
        return error
    if status == 402:
        kind = QuotaExceededError if _is_quota(response, message) else PremiumFeatureError
        retry_after = _quota_reset(response, message)
    error = kind(
        message,
        status=status,
        endpoint=endpoint,
        request_id=request_id(response),
        retry_after=retry_after,
    )
    if status < 400:
        error.advice = _NO_ANSWER if status < 300 else _REDIRECTED
    return error


def is_whole(response: requests.Response) -> bool:
    """Tell whether the status is one of an answer, and of all of it."""
    return response.status_code in _WHOLE


def said_by(response: requests.Response, content: bytes) -> str:
    """Return what an answer says that is none: the API, or its status."""
    if response.status_code < 300:
        return "a status of no whole answer"
    if response.status_code < 400:
        return f"this is a redirect to {_target_of(response)}"
    return message_of(content)


def _target_of(response: requests.Response) -> str:
    """Tell where a redirect leads, but for what may be secret: path, query, user, password."""
    location = response.headers.get("Location")
    if not location:
        return "another address"
    try:
        host = urlsplit(location).netloc.rpartition("@")[2]
    except ValueError:
        return "another address"
    return host or "another address of the same server"


def message_of(content: bytes) -> str:
    """Return what the API said: a JSON string, a field of an object, or whatever string came."""
    try:
        said = orjson.loads(content)
    except orjson.JSONDecodeError:
        said = None
    if isinstance(said, dict):
        said = said.get("error_message") or said.get("message")
    if said is None:
        said = content.decode(errors="replace")  # charsets of its own may not exist
    return " ".join(str(said).split())


def request_id(response: requests.Response) -> str | None:
    """Return the id that the vendor's support asks for."""
    return next(filter(None, map(response.headers.get, REQUEST_IDS)), None)


def quota_remaining(response: requests.Response) -> int | None:
    """Return how many requests are left in this hour, where the answer says so."""
    return _integer(response.headers.get(_QUOTA_REMAINING))


def quota_resets_in(response: requests.Response) -> int | None:
    """Return the seconds [s] until the quota is whole again, where the answer says so."""
    return _seconds(response.headers.get(_QUOTA_RESETS_IN))


def _is_quota(response: requests.Response, message: str) -> bool:
    return quota_remaining(response) == 0 or bool(_SPEAKS_OF_QUOTA.search(message))


def _quota_reset(response: requests.Response, message: str) -> int | None:
    told = quota_resets_in(response)
    in_text = re.search(r"(\d+) seconds?", message)
    return _seconds(in_text[1]) if told is None and in_text else told


def _retry_after(response: requests.Response) -> float | None:
    value = response.headers.get("Retry-After")
    if value is None:
        return None
    try:
        seconds = Retry().parse_retry_after(value)
    except (InvalidHeader, ValueError, OverflowError):
        return None
    return seconds if seconds <= _LONGEST_WAIT else None


def _seconds(text: str | None) -> int | None:
    """Return a wait [s]; one that nobody would wait for is as good as untold."""
    seconds = _integer(text)
    return None if seconds is None or seconds > _LONGEST_WAIT else seconds


def _integer(text: str | None) -> int | None:
    text = (text or "").strip()
    is_integer = text.isascii() and text.isdigit() and len(text) <= _LONGEST_INTEGER
    return int(text) if is_integer else None
