"""Files that are written whole, or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

__all__ = ["replacing", "target"]


def target(path: str | os.PathLike[str]) -> Path:
    """Return where to write, checked before any work or any request is spent.

    Links are followed, so that writing through one changes what it points to. A missing folder is
    an error, since a misspelt path would otherwise make a folder in silence.

    Raises
    ------
    FileNotFoundError
        The folder does not exist.
    IsADirectoryError
        The path is a folder.
    """
    resolved = Path(path).expanduser().resolve()
    if not resolved.parent.is_dir():
        raise FileNotFoundError(
            errno.ENOENT, "No such folder; make it first, then write again", str(resolved.parent)
        )
    if resolved.is_dir():
        raise IsADirectoryError(
            errno.EISDIR, "This is a folder; name a file inside it", str(resolved)
        )
    return resolved


@contextlib.contextmanager
def replacing(*paths: Path) -> Iterator[Sequence[IO[bytes]]]:
    """Open new files beside `paths` that take their places when the block ends well.

    Nothing is replaced before all of them are safe on the disk. When the block fails or is
    interrupted, the old files stay as they were and the new ones are removed. Only a process that
    is killed outright leaves new files behind; their names start with a dot and end in ``.tmp``.
    """
    temporaries = [_beside(path) for path in paths]
    try:
        with contextlib.ExitStack() as stack:
            files = [stack.enter_context(temporary.open("xb")) for temporary in temporaries]
            yield files
            for file in files:
                file.flush()
                os.fsync(file.fileno())
        for path, temporary in zip(paths, temporaries, strict=True):
            if path.exists():
                shutil.copymode(path, temporary)
            temporary.replace(path)
    finally:
        for temporary in temporaries:
            temporary.unlink(missing_ok=True)


def _beside(path: Path) -> Path:
    return path.with_name(f".{secrets.token_hex(8)}.tmp")  # the name itself may leave no room
