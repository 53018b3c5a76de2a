"""Files that are written whole, or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final

# The name of a new file until it replaces the old one; a process that is killed leaves it behind.
_NEW: Final = ".togglframe-{}.tmp"
LEFT_BEHIND: Final = _NEW.format("*")


def target(path: str | os.PathLike[str]) -> Path:
    """Resolve a path to write to, and check it before any request is sent.

    Links are followed, so that writing through one changes what it points to. A missing folder is
    an error, since a misspelt path would otherwise make a folder in silence.

    Raises
    ------
    TypeError, ValueError
        The value is not a path.
    FileNotFoundError
        The folder does not exist.
    IsADirectoryError
        The path is a folder.
    PermissionError
        The folder, or the existing file, may not be written.
    OSError
        The path is a link that leads to itself, or a pipe or a device.
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path must be a string or a path, not {type(path).__name__}")
    if "\0" in str(path):
        raise ValueError(f"path contains a null character, which no file name can: {str(path)!r}")
    resolved = _resolve(Path(path))
    if not resolved.parent.is_dir():
        raise FileNotFoundError(
            errno.ENOENT, "No such folder; make it first, then write again", str(resolved.parent)
        )
    if resolved.is_dir():
        raise IsADirectoryError(
            errno.EISDIR, "This is a folder; name a file inside it", str(resolved)
        )
    if resolved.exists() and not resolved.is_file():
        raise OSError(errno.EINVAL, "This is a pipe or a device; name a file", str(resolved))
    _check_writable(resolved)
    return resolved


def _resolve(path: Path) -> Path:
    try:
        expanded = path.expanduser()
    except RuntimeError as error:
        raise FileNotFoundError(errno.ENOENT, "There is no such home folder", str(path)) from error
    try:
        return expanded.resolve()
    except RuntimeError as error:  # of Python before 3.13
        raise OSError(errno.ELOOP, "This link leads to itself", str(path)) from error


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
    """Open new files that replace `paths` when the block succeeds.

    Nothing is replaced before all of them are safe on the disk. When the block fails or is
    interrupted, the old files stay as they were and the new ones are removed. Only a process that
    is killed outright leaves new files behind, named as `LEFT_BEHIND` says.
    """
    temporaries = {path: path.with_name(_NEW.format(secrets.token_hex(8))) for path in paths}
    try:
        with contextlib.ExitStack() as stack:
            files = [stack.enter_context(new.open("xb")) for new in temporaries.values()]
            yield files
            for file in files:
                file.flush()
                os.fsync(file.fileno())
        for path, temporary in temporaries.items():
            if path.exists():
                shutil.copymode(path, temporary)
            temporary.replace(path)
    finally:
        for temporary in temporaries.values():
            temporary.unlink(missing_ok=True)
