"""Files that are written whole, or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

__all__ = ["is_stream", "replacing", "target"]


def target(path: str | os.PathLike[str]) -> Path:
    """Return where to write, checked before any work or any request is spent.

    Links are followed, so that writing through one changes what it points to. A missing folder is
    an error, since a misspelt path would otherwise make a folder in silence. A pipe or a device
    stays what it is: it is written to.

    Raises
    ------
    FileNotFoundError
        The folder does not exist.
    IsADirectoryError
        The path is a folder.
    PermissionError
        The folder, or the file that is there, may not be written.
    """
    given = Path(path).expanduser()
    if is_stream(given):
        return given
    resolved = given.resolve()
    if not resolved.parent.is_dir():
        raise FileNotFoundError(
            errno.ENOENT, "No such folder; make it first, then write again", str(resolved.parent)
        )
    if resolved.is_dir():
        raise IsADirectoryError(
            errno.EISDIR, "This is a folder; name a file inside it", str(resolved)
        )
    _check_writable(resolved)
    return resolved


def is_stream(path: Path) -> bool:
    """Tell whether a path is written to and never replaced: a pipe, a device, an open file."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False  # not there, or for `target` to say
    is_open_file = path.absolute().is_relative_to("/dev") or path.is_relative_to("/proc")
    return not stat.S_ISDIR(mode) and (is_open_file or not stat.S_ISREG(mode))


def _check_writable(path: Path) -> None:
    try:
        with contextlib.suppress(FileNotFoundError), path.open("r+b"):
            pass
    except OSError as error:
        raise OSError(error.errno, "This file may not be written", str(path)) from error
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise OSError(error.errno, "Cannot write into this folder", str(path.parent)) from error


@contextlib.contextmanager
def replacing(*paths: Path) -> Iterator[Sequence[IO[bytes]]]:
    """Open new files beside `paths` that take their places when the block ends well.

    Nothing is replaced before all of them are safe on the disk. When the block fails or is
    interrupted, the old files stay as they were and the new ones are removed. Only a process that
    is killed outright leaves new files behind; their names start with a dot and end in ``.tmp``.
    What is a stream gets its content when the block ends well.
    """
    temporaries = {path: _beside(path) for path in paths if not is_stream(path)}
    try:
        with contextlib.ExitStack() as stack:
            files = [stack.enter_context(_opened(temporaries.get(path))) for path in paths]
            yield files
            for path, file in zip(paths, files, strict=True):
                file.flush()
                if path in temporaries:
                    os.fsync(file.fileno())
                else:
                    _pour(file, path)
        for path, temporary in temporaries.items():
            if path.exists():
                shutil.copymode(path, temporary)
            temporary.replace(path)
    finally:
        for temporary in temporaries.values():
            temporary.unlink(missing_ok=True)


def _beside(path: Path) -> Path:
    return path.with_name(f".{secrets.token_hex(8)}.tmp")  # the name itself may leave no room


def _opened(temporary: Path | None) -> IO[bytes]:
    return tempfile.TemporaryFile() if temporary is None else temporary.open("xb")


def _pour(file: IO[bytes], stream: Path) -> None:
    file.seek(0)
    with stream.open("ab") as open_stream:  # after what a redirected output holds already
        shutil.copyfileobj(file, open_stream)
