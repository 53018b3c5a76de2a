"""Emit warnings at the line of the caller outside the package."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import FrameType
from typing import Final

_HERE: Final = str(Path(__file__).parent)
_begin: ContextVar[str] = ContextVar("_begin", default="")


@contextmanager
def beginning(prefix: str) -> Iterator[None]:
    """Prefix every warning that is emitted meanwhile."""
    before = _begin.set(prefix)
    try:
        yield
    finally:
        _begin.reset(before)


def warn(warning: Warning) -> None:
    """Give a warning that points at the line from which the package was called.

    That is the line above the outermost frame of the package, since frames of other libraries
    may stand between two of ours.

    Parameters
    ----------
    warning : Warning
        What to say.
    """
    if prefix := _begin.get():
        warning.args = (prefix + str(warning.args[0]), *warning.args[1:])
    level = outermost = 1
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 -- inspect would read the sources
    while frame is not None:
        if frame.f_code.co_filename.startswith(_HERE):
            outermost = level
        frame = frame.f_back
        level += 1
    warnings.warn(warning, stacklevel=outermost + 1)
