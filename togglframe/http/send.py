"""Send a request: sign it, limit the rate, retry, and return a complete response or an error."""

from __future__ import annotations

import io
import json
import logging
import re
from http.client import responses as standard_phrases
from typing import Any, Final
from urllib.parse import urlsplit
from weakref import WeakSet

import orjson
import requests
import urllib3
import urllib3.exceptions as faults
from requests.adapters import HTTPAdapter
from tenacity import RetryCallState, Retrying, retry_if_exception, wait_exponential, wait_random

from togglframe import clock, errors
from togglframe.http.credential import SHARED_REPORT, Credential
from togglframe.http.quota import Meter, reserve
from togglframe.http.settings import Root, Settings

LARGEST: Final = 1_000_000_000  # [bytes], of a response, decompressed
_LONGEST_UNREACHED: Final = 5.0  # [s], during which a host that cannot be reached is tried again
_LONGEST_TIMEOUT: Final = 2_000_000  # [s]; sockets count milliseconds in 32 bits
_LONGEST_WAIT: Final = 86_400  # [s]; the quota slides by the hour, so more is not credible
_LONGEST_INTEGER: Final = 18  # digits
_LONGEST_MESSAGE: Final = 300
_PIECE: Final = 2**20  # [bytes]

_REQUEST_IDS: Final = ("X-Request-Id", "X-Toggl-Request-Id")
# The headers that are kept: how pages go on, which range was applied, what a file is. Others are of
# no use or do harm: a cookie is a second credential, and Vary would make the cache miss for ever.
_KEPT_HEADERS: Final = (
    *_REQUEST_IDS,
    *("X-Next-Row-Number", "X-Next-ID", "X-Next-Timestamp", "X-Page-Size"),
    *("X-Range-Start", "X-Range-End"),
    *("Content-Type", "Content-Disposition"),
)
_COMPLETE: Final = (200, 201, 203, 204)  # others announce a part, or a response to come
_ERRORS: Final[dict[int, type[errors.ApiError]]] = {
    400: errors.BadRequestError,
    401: errors.AuthenticationError,
    403: errors.AccessError,
    410: errors.GoneError,
    429: errors.RateLimitError,
}
_MENTIONS_QUOTA: Final = re.compile(r"hourly limit|quota|reset in", re.IGNORECASE)
_INCOMPLETE: Final = (
    "Nothing was returned; if it persists, ask whoever runs the server at base_url."
)
_REDIRECTED: Final = (
    "Redirects are not followed, since they would carry the credential elsewhere: check base_url, "
    "and whether a single sign-on or the log-in page of a network stands in between."
)
_INSECURE: Final = "the secure connection failed"
# How network faults that may pass are reported: the first that fits.
_PASSING_FAULTS: Final[dict[str, tuple[type[Exception], ...]]] = {
    "it took longer than the timeout": (requests.Timeout, faults.ReadTimeoutError, TimeoutError),
    "the proxy could not be reached": (requests.exceptions.ProxyError,),
    _INSECURE: (requests.exceptions.SSLError, faults.SSLError),
    "the answer broke off": (faults.ProtocolError, faults.DecodeError),
    "the connection failed": (requests.ConnectionError,),
}
_FILE_SIGNATURES: Final = {"xlsx": b"PK", "pdf": b"%PDF"}
_HTML: Final = re.compile(rb"\s*<(!doctype|html)", re.IGNORECASE)
_DIGITS: Final = bytes.maketrans(b"123456789", 9 * b"0")
_LONG_NUMBER: Final = 19 * b"0"

_logger = logging.getLogger("togglframe")


class ApiAdapter(HTTPAdapter):
    """Sends requests with the credential, at the pace, with retries and within the timeout.

    It stands below the cache, which therefore never sees the credential.

    Parameters
    ----------
    settings : Settings
        How requests are sent.
    credential : Credential
        The credential to sign with.
    meter : Meter
        The counter of requests.
    """

    def __init__(self, settings: Settings, credential: Credential, meter: Meter) -> None:
        super().__init__()
        self._settings = settings
        self._credential = credential
        self._meter = meter
        self._pace = urlsplit(settings.base_url).netloc, credential.fingerprint
        _credentials.add(credential)

    def send(self, request: requests.PreparedRequest, stream: bool = False, **options: Any) -> Any:  # type: ignore[override]
        """Return a complete response, or raise the error that it is.

        Parameters
        ----------
        request : PreparedRequest
            The request, without the credential.
        stream : bool
            Whether the response is a file; otherwise its JSON is parsed into `response.data`.
        **options
            What requests passes on, such as proxies.
        """
        endpoint, began = endpoint_of(str(request.url)), clock.monotonic()
        options["timeout"] = urllib3.Timeout(total=min(self._settings.timeout, _LONGEST_TIMEOUT))

        try:
            for attempt in Retrying(
                stop=lambda state: self._gives_up(state, began),
                wait=self._wait,
                retry=retry_if_exception(self._may_pass),
                before_sleep=lambda _: self._meter.count(retries=1),
                sleep=clock.sleep,
                reraise=True,
            ):
                with attempt:
                    self._keep_pace(endpoint, began)
                    self._meter.count(requests=1)
                    until, failure = clock.monotonic() + self._settings.timeout, None
                    try:
                        signed = self._credential.sign(request)
                        with super().send(signed, stream=True, **options) as response:
                            body = _read(response, until)
                    except (OSError, faults.HTTPError) as error:
                        failure = self._failure(error, request, endpoint)
                    if failure is not None:  # outside of the block, without the signed request
                        raise failure
                    return self._checked(request, response, body, endpoint, is_file=stream)
        except errors.TogglframeError as error:
            if error.retryable and self._meter.is_used_up:
                raise errors.QuotaExceededError(
                    f"the last request of the hour failed, and none is left to try again ({error})",
                    status=None,
                    endpoint=endpoint,
                    retry_after=self._meter.usage.quota_resets_in,
                ) from error
            raise

    def _keep_pace(self, endpoint: str, began: float) -> None:
        """Wait for the next free moment of `per_second`."""
        per_second = self._settings.per_second
        if per_second is None:
            return
        left = began + self._settings.max_wait - clock.monotonic()
        pause = reserve(self._pace, per_second, within=left)
        if pause is None:
            error = errors.RateLimitError(
                f"no free moment within max_wait ({self._settings.max_wait:g} s) at "
                f"{per_second:g} {'request' if per_second == 1 else 'requests'} a second",
                status=None,
                endpoint=endpoint,
            )
            error.retryable = False
            raise error
        clock.sleep(pause)

    def _gives_up(self, state: RetryCallState, began: float) -> bool:
        """Return whether the attempts or the time of a request are used up."""
        error = state.outcome.exception() if state.outcome else None
        longest = self._settings.max_wait
        if isinstance(error, errors.ConnectionFailedError) and error.is_unreached:
            longest = min(longest, _LONGEST_UNREACHED)
        is_late = clock.monotonic() + state.upcoming_sleep >= began + longest
        return is_late or state.attempt_number >= self._settings.max_attempts

    def _may_pass(self, error: BaseException) -> bool:
        """Return whether a retry may succeed, and the quota allows it."""
        is_passing = isinstance(error, errors.TogglframeError) and error.retryable
        return is_passing and not self._meter.is_used_up

    def _wait(self, state: RetryCallState) -> float:
        backoff = self._settings.backoff
        pause = (wait_exponential(multiplier=backoff) + wait_random(0, backoff))(state)
        error = state.outcome.exception() if state.outcome else None
        return max(pause, getattr(error, "retry_after", None) or 0.0)

    def _failure(
        self, error: Exception, request: requests.PreparedRequest, endpoint: str
    ) -> errors.ConnectionFailedError:
        """Return the error of a network fault."""
        _logger.debug("%s: %s", endpoint, type(error).__name__)
        detail = self._credential.redact(str(error))[:_LONGEST_MESSAGE]
        messages = (text for text, kinds in _PASSING_FAULTS.items() if isinstance(error, kinds))
        known = next(messages, None)
        message = known or f"{type(error).__name__}: {detail}"
        if known == _INSECURE:
            message += f" ({detail})"
        failure = errors.ConnectionFailedError(
            message, endpoint=endpoint, host=urlsplit(str(request.url)).netloc
        )
        failure.retryable = known is not None
        failure.is_unreached = _is_unreached(error)
        return failure

    def _checked(
        self,
        request: requests.PreparedRequest,
        response: requests.Response,
        body: bytes,
        endpoint: str,
        *,
        is_file: bool,
    ) -> Any:
        """Return a complete response as the cache may store it, or raise the error that it is."""
        _logger.debug("%s: HTTP %s", endpoint, response.status_code)
        remaining = _integer(response.headers.get("X-Toggl-Quota-Remaining"))
        resets_in = _seconds(response.headers.get("X-Toggl-Quota-Resets-In"))
        self._meter.update_quota(remaining, resets_in)
        headers = {
            name: self._credential.redact(response.headers[name])
            for name in _KEPT_HEADERS
            if name in response.headers
        }
        data = None
        if response.status_code not in _COMPLETE:
            message = self._credential.redact(_message(response, body))[:_LONGEST_MESSAGE]
            error = _error(response, endpoint, message, remaining, resets_in)
            error.request_id = next((headers[n] for n in _REQUEST_IDS if n in headers), None)
            if not isinstance(error, errors.PremiumFeatureError):
                raise error
            body = orjson.dumps(message)  # it is cached, so that it costs one request
        elif is_file:
            _check_file(response, body, endpoint)
        elif body or not _is_empty(response):
            data = parse(body, endpoint)
        raw = urllib3.HTTPResponse(
            body=io.BytesIO(body),
            headers=headers,
            status=response.status_code,
            reason=standard_phrases.get(response.status_code),
            preload_content=False,
        )
        checked: Any = self.build_response(request, raw)
        checked.data = data
        checked.fetched_at = clock.now()
        return checked


def endpoint_of(url: str) -> str:
    """Return the endpoint of a URL, for example ``"filters/projects"``.

    One of the Insights API begins with ``"insights/"``.
    """
    return re.sub(
        rf"^.*?(?:({Root.INSIGHTS.value})?/workspace/\d+/|/(?={SHARED_REPORT}))",
        lambda match: "insights/" if match[1] else "",
        url.partition("?")[0],
    )


def parse(body: bytes, endpoint: str) -> Any:
    """Parse the JSON of a response.

    Raises
    ------
    ConnectionFailedError
        If it ends in the middle.
    SchemaError
        If it is something else.
    """
    try:
        data = orjson.loads(body)
        # orjson makes floats of integers beyond 64 bits; few responses have so many digits.
        return json.loads(body) if _LONG_NUMBER in body.translate(_DIGITS) else data
    except RecursionError:
        return data
    except orjson.JSONDecodeError as error:
        message = error.msg
    if _is_cut(body, message):  # outside of the block, since that error holds the whole body
        raise errors.ConnectionFailedError(
            "the answer broke off: its JSON ends in the middle", endpoint=endpoint
        )
    failure = errors.SchemaError(f"the answer is not JSON ({message})", endpoint=endpoint)
    failure.retryable = True
    raise failure


def parsed(response: Any) -> Any:
    """Return the parsed JSON of a cached response, None for an empty body."""
    return parse(response.content, endpoint_of(response.url)) if response.content else None


def _is_cut(body: bytes, message: str) -> bool:
    """Return whether JSON that does not parse ends too early, perhaps within a character."""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        message = error.reason
    return not body or "unexpected end of data" in message


def premium_error(response: requests.Response) -> errors.PremiumFeatureError:
    """Return the error of a response that refuses a feature, which is cached like any other."""
    return errors.PremiumFeatureError(
        _message(response, response.content),
        status=response.status_code,
        endpoint=endpoint_of(str(response.url)),
        request_id=next(filter(None, map(response.headers.get, _REQUEST_IDS)), None),
    )


def _read(response: requests.Response, until: float) -> bytes:
    """Read and decode the body, which has to end in time."""
    pieces, size = [], 0
    while piece := response.raw.read1(_PIECE, decode_content=True):
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST:
            raise faults.HTTPError(f"the answer is larger than {LARGEST:,} bytes")
        if clock.monotonic() >= until:
            raise TimeoutError
    return b"".join(pieces)


def _is_unreached(error: Exception) -> bool:
    """Return whether the host refused the connection, or has no address."""
    causes = (cause for cause in error.args if isinstance(cause, faults.MaxRetryError))
    return any(isinstance(cause.reason, faults.NewConnectionError) for cause in causes)


def _is_empty(response: requests.Response) -> bool:
    """Return whether an empty body means that there are no rows."""
    if response.status_code == 204:
        return True
    length, encoding = map(response.headers.get, ("Content-Length", "Content-Encoding"))
    return length == "0" and encoding is None


def _check_file(response: requests.Response, body: bytes, endpoint: str) -> None:
    """Check that a response is a complete file: its parser might not miss the end.

    Raises
    ------
    ConnectionFailedError
        If no header indicates where it ends.
    SchemaError
        If it is something else.
    """
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in ("application/json", "text/html"):
        raise errors.SchemaError(f"the answer is not a file, but {kind}", endpoint=endpoint)
    signature = _FILE_SIGNATURES.get(endpoint.rpartition(".")[2].rpartition("/")[2], b"")
    if not body or not body.startswith(signature) or _HTML.match(body):
        raise errors.SchemaError("the answer is not a file of that kind", endpoint=endpoint)
    if response.headers.keys().isdisjoint(("Content-Length", "Transfer-Encoding")):
        raise errors.ConnectionFailedError("the answer broke off", endpoint=endpoint)


def _error(
    response: requests.Response,
    endpoint: str,
    message: str,
    remaining: int | None,
    resets_in: int | None,
) -> errors.ApiError:
    """Return the error of a response that is not complete."""
    status = response.status_code
    kind = errors.ServerError if status >= 500 else _ERRORS.get(status, errors.ApiError)
    retry_after: float | None = _retry_after(response)
    if status == 402:
        is_quota = remaining == 0 or _MENTIONS_QUOTA.search(message) is not None
        kind = errors.QuotaExceededError if is_quota else errors.PremiumFeatureError
        in_text = re.search(r"(\d+) seconds?", message)
        if resets_in is None and in_text:
            resets_in = _seconds(in_text[1])
        retry_after = resets_in
    error = kind(message, status=status, endpoint=endpoint, retry_after=retry_after)
    if status < 400:
        error.advice = _INCOMPLETE if status < 300 else _REDIRECTED
    return error


def _message(response: requests.Response, body: bytes) -> str:
    """Return the message of an error: the API's own, or what its status means."""
    if response.status_code < 300:
        return "the status does not mean a complete answer"
    if response.status_code < 400:
        return f"this is a redirect to {_target(response)}"
    try:
        message = orjson.loads(body)
    except orjson.JSONDecodeError:
        message = None
    if isinstance(message, dict):
        message = message.get("error_message") or message.get("message")
    if message is None:
        message = body.decode(errors="replace")  # charsets of its own may not exist
    return " ".join(str(message).split())


def _target(response: requests.Response) -> str:
    """Return the host of a redirect, without what may be secret: path, query, user, password."""
    host = re.match(r"https?://(?:[^/?#]*@)?([^/?#@\[]+)", response.headers.get("Location", ""))
    return host[1] if host else "another address"


def _retry_after(response: requests.Response) -> float | None:
    try:
        seconds = urllib3.Retry().parse_retry_after(response.headers.get("Retry-After", ""))
    except (faults.InvalidHeader, ValueError, OverflowError):
        return None
    return seconds if seconds <= _LONGEST_WAIT else None


def _seconds(text: str | None) -> int | None:
    """Return a wait [s], None if it is not credible."""
    seconds = _integer(text)
    return None if seconds is None or seconds > _LONGEST_WAIT else seconds


def _integer(text: str | None) -> int | None:
    text = (text or "").strip()
    is_integer = text.isascii() and text.isdigit() and len(text) <= _LONGEST_INTEGER
    return int(text) if is_integer else None


_credentials: Final[WeakSet[Credential]] = WeakSet()


def _redact(record: logging.LogRecord) -> bool:
    """Remove credentials that a URL or a server's echo brings into a message of urllib3."""
    message = record.getMessage()
    for credential in list(_credentials):
        message = credential.redact(message)
    record.msg, record.args, record.exc_info = message, (), None
    return True


for _name in ("urllib3.connection", "urllib3.connectionpool"):
    logging.getLogger(_name).addFilter(_redact)
