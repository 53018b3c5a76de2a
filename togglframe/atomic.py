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
from typing import IO, Final

__all__ = ["LEFT_BEHIND", "is_stream", "replacing", "target"]

# A new file, until it takes its place; a process that is killed leaves it behind.
_NEW: Final = ".togglframe-{}.tmp"
LEFT_BEHIND: Final = _NEW.format("*")

# Pipes by device and inode, open for writing since somebody was found to read them.
_held: Final[dict[tuple[int, int], int]] = {}


def target(path: str | os.PathLike[str]) -> Path:
    """Return where to write, checked before any work or any request is spent.

    Links are followed, so that writing through one changes what it points to. A missing folder is
    an error, since a misspelt path would otherwise make a folder in silence. A pipe or a device
    stays what it is: it is written to. A pipe that nobody reads is an error, since to open it
    would take until somebody does.

    Raises
    ------
    TypeError, ValueError
        It is no path.
    FileNotFoundError
        The folder does not exist.
    IsADirectoryError
        The path is a folder.
    PermissionError
        The folder, or the file that is there, may not be written.
    OSError
        The path is a link that leads to itself, or a pipe that nobody reads.
    """
    given = _path(path)
    if is_stream(given):
        _hold(given)
        return given
    try:
        resolved = given.resolve()
    except RuntimeError as error:  # of Python before 3.13
        raise OSError(errno.ELOOP, "This link leads to itself", str(given)) from error
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


def _path(path: str | os.PathLike[str]) -> Path:
    """Return the path; refuse what is none."""
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path must be a string or a path, not {type(path).__name__}")
    if "\0" in str(path):
        raise ValueError(f"path contains a null character, which no file name can: {str(path)!r}")
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise FileNotFoundError(errno.ENOENT, "There is no such home folder", str(path)) from error


def is_stream(path: str | os.PathLike[str]) -> bool:
    """Tell whether a path is written to and never replaced: a pipe, a device, an open file."""
    path = _path(path)
    try:
        mode = path.stat().st_mode
    except OSError:
        return False  # not there, or for `target` to say
    is_open_file = path.absolute().is_relative_to("/dev") or path.is_relative_to("/proc")
    return not stat.S_ISDIR(mode) and (is_open_file or not stat.S_ISREG(mode))


def _hold(path: Path) -> None:
    """Open a pipe that somebody reads, until it is written to; closed, it would be at its end.

    Raises
    ------
    OSError
        Nobody reads it.
    """
    if not path.is_fifo():
        return
    try:
        pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        nobody = "Nothing reads this pipe; start its reader, then write again"
        said = nobody if error.errno == errno.ENXIO else error.strerror
        raise OSError(error.errno, said, str(path)) from error
    earlier = _held_pipe(path)
    _held[_inode(path)] = pipe
    if earlier is not None:
        os.close(earlier)


def _held_pipe(path: Path) -> int | None:
    """Return the pipe that is held open, which is the caller's to close from now on."""
    return _held.pop(_inode(path), None) if path.is_fifo() else None


def _inode(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _check_writable(path: Path) -> None:
    try:
        with contextlib.suppress(FileNotFoundError), path.open("r+b"):
            pass
    except OSError as error:
        raise OSError(error.errno, "You may not write to this file", str(path)) from error
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
    is killed outright leaves new files behind, named as `LEFT_BEHIND` says.
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
        for path in paths:
            if path not in temporaries and (pipe := _held_pipe(path)) is not None:
                os.close(pipe)


def _beside(path: Path) -> Path:
    return path.with_name(_NEW.format(secrets.token_hex(8)))  # the name itself may leave no room


def _opened(temporary: Path | None) -> IO[bytes]:
    return tempfile.TemporaryFile() if temporary is None else temporary.open("xb")


def _pour(file: IO[bytes], stream: Path) -> None:
    file.seek(0)
    pipe = _held_pipe(stream)
    if pipe is not None:
        os.set_blocking(pipe, True)
    # Appended to what a redirected output holds already.
    with stream.open("ab") if pipe is None else os.fdopen(pipe, "wb") as open_stream:
        shutil.copyfileobj(file, open_stream)
