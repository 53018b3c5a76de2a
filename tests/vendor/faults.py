"""Something that goes wrong with a request, and the order in which faults come."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias, get_args

Deception: TypeAlias = Literal[
    "entry_edited",
    "entry_added",
    "entry_deleted",
    "narrow_range",
    "stuck_cursor",
    "repeated_page",
    "lost_page",
]
FaultKind: TypeAlias = Literal[
    "status",
    "reset",
    "reset_during",
    "cut",
    "silent",
    "slow",
    "html",
    "truncated",
    "wrong_shape",
    "payload",
    Deception,
]

FOREVER = -1
DECEPTIONS = get_args(Deception)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong with a request; order it with `VendorSandbox.inject`.

    A fault comes before the checks of the token, the quota and the body. What is answered
    counts against the quota, 429 and 5xx too; ``reset``, ``silent``, 401 and 403 do not.

    Parameters
    ----------
    kind : str
        - ``"status"``: answer with `status` and an error body like the vendor's.
        - ``"reset"``: the connection is reset (TCP RST) before any answer.
        - ``"reset_during"``: it is reset after the headers and half of the body.
        - ``"cut"``: the whole length is announced, half of the body is sent, then the
          connection is closed.
        - ``"silent"``: no answer comes; the connection stays open until the client goes.
        - ``"slow"``: the right answer, after `seconds`.
        - ``"html"``: status 200 with an HTML page.
        - ``"truncated"``: status 200, the right answer's JSON cut in the middle, and a
          Content-Length that fits what is left.
        - ``"wrong_shape"``: status 200 with JSON that is not a list of rows,
          ``{"foo": 1}`` unless `body` says otherwise.
        - ``"payload"``: status 200 with `body`, verbatim.
        - ``"entry_edited"``, ``"entry_added"``, ``"entry_deleted"``: the first entry of what
          is asked for is moved to its end, copied to its beginning, or deleted, before the
          answer and for good.
        - ``"narrow_range"``: the answer of the first half of the range, which the headers
          ``X-Range-Start`` and ``X-Range-End`` tell.
        - ``"stuck_cursor"``: the right page, but the next one is this one once more.
        - ``"repeated_page"``: the rows of the page before; the next one is the right one.
        - ``"lost_page"``: the page after the right one, and the next one is that after it.
    status : int
        The HTTP status of a ``"status"`` fault.
    times : int
        How many requests it hits; -1 is all of them.
    after : int
        How many matching requests pass first.
    endpoint : str or None
        The endpoint it hits, such as ``"filters/projects"``; None is any.
    headers : mapping of str to str
        Headers of the answer, over the usual ones (``{"Retry-After": "2"}``).
    body : bytes, str or None
        The answer's body, verbatim, instead of the usual one. One that begins with ``<``
        goes out as HTML.
    seconds : float
        How long to wait before the answer [s], for any kind.

    Examples
    --------
    >>> Fault("status", status=503, times=2, endpoint="filters/projects").times
    2
    """

    kind: FaultKind
    status: int = 500
    times: int = 1
    after: int = 0
    endpoint: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | str | None = None
    seconds: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a fault that could never happen."""
        if self.kind not in get_args(FaultKind):
            raise ValueError(f"kind must be one of {', '.join(get_args(FaultKind))}")
        if self.kind == "payload" and self.body is None:
            raise ValueError("a payload fault needs a body")
        if self.times == 0 or self.times < FOREVER:
            raise ValueError(f"times must be positive, or -1 for ever; got {self.times}")


class Faults:
    """The faults that were ordered, in their order, with what is left of each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Order one more."""
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        """Forget those that have not come yet."""
        with self._lock:
            self._waiting.clear()

    def next_for(self, endpoint: str) -> Fault | None:
        """Take the first fault that is due for a request to this endpoint."""
        with self._lock:
            for place, fault in enumerate(self._waiting):
                if fault.endpoint not in (None, endpoint):
                    continue
                if fault.after == 0:
                    self._take(place, fault)
                    return fault
                self._waiting[place] = replace(fault, after=fault.after - 1)
        return None

    def _take(self, place: int, fault: Fault) -> None:
        if fault.times == 1:
            del self._waiting[place]
        elif fault.times != FOREVER:
            self._waiting[place] = replace(fault, times=fault.times - 1)
