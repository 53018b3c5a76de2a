"""The folder of an archive: where files are, who may write, and when months were compared."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import json
import os
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Literal, get_args

from togglframe.atomic import LEFT_BEHIND, replacing, target
from togglframe.errors import ConfigError

# Snapshots that another credential took, which sees more, are not replaced by narrower ones.
Tree = Literal["snapshots", "narrower"]

_FILE: Final = "part-0.parquet"
_STATE: Final = "state"
# The folders that are written to, in which a writer that was killed leaves files behind.
_WRITTEN: Final = (
    *(_STATE, "time_entries/workspace_id=*/month=*"),
    "closed/workspace_id=*/period=*",
    *(f"{tree}/*/workspace_id=*/as_of=*" for tree in get_args(Tree)),
)
_WORKSPACE: Final = "workspace_id="
_MONTH: Final = "month="
_DAY: Final = "as_of="
_PERIOD: Final = "period="
# The listings of a snapshot are replaced one by one; this one comes last and marks it as complete.
_LAST: Final = "projects"
_REMEDIES: Final = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "Make room on the disk"),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), "Make the folder writable"),
}


@dataclass(frozen=True)
class Record:
    """What finished syncs recorded about months.

    Attributes
    ----------
    compared : mapping
        When each was last compared, by this machine's clock (UTC).
    seen : mapping
        The newest change that the API had listed by then, by its own clock (UTC): any later change
        is newer. Earlier versions did not record this, so `compared` stands for it.
    marks : mapping
        What identifies the credential that last found each up to date.
    kept : set
        Those with a file, since an empty month needs none; earlier versions did not record this.
    """

    compared: Mapping[str, dt.datetime]
    seen: Mapping[str, dt.datetime]
    marks: Mapping[str, str]
    kept: set[str]


class Folder:
    """Where the files of an archive are.

    Parameters
    ----------
    path : str or path
        The folder; it is created when something is first written.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        if not isinstance(path, str | os.PathLike):
            raise TypeError(f"folder must be a string or a path, not {type(path).__name__}")
        self.path = Path(path).expanduser()

    # What is there

    def workspace_ids(self) -> list[int]:
        """Return the workspaces that were synced, even if empty, or have a snapshot."""
        folders = self.path.glob(f"time_entries/{_WORKSPACE}*")
        snapshots = self.path.glob(f"snapshots/{_LAST}/{_WORKSPACE}*")
        synced = (path.with_suffix("") for path in self.path.glob(f"{_STATE}/{_WORKSPACE}*.json"))
        found = {_value(each, _WORKSPACE, r"\d{1,19}") for each in (*folders, *snapshots, *synced)}
        return sorted(int(each) for each in found if each is not None)

    def is_synced(self, workspace_id: int) -> bool:
        """Return whether time entries were synced, even if there are none."""
        return bool(self.months(workspace_id) or self.compared(workspace_id))

    def months(self, workspace_id: int) -> dict[str, Path]:
        """Return the path of each archived month, also if it is not a file."""
        folders = sorted(self._entries(workspace_id).glob(f"{_MONTH}*"))
        named = {_value(each, _MONTH, r"\d{4}-(?:0[1-9]|1[0-2])"): each / _FILE for each in folders}
        return {
            month: file
            for month, file in named.items()
            if month and (file.is_file() or in_the_way(file))
        }

    def lost(self, workspace_id: int) -> set[str]:
        """Return the months that a sync wrote a file for which is now gone."""
        return self.record(workspace_id).kept - set(self.months(workspace_id))

    def month_file(self, workspace_id: int, month: str) -> Path:
        """Return the path of a month."""
        return self._entries(workspace_id) / f"{_MONTH}{month}" / _FILE

    def snapshot_days(self, workspace_id: int) -> list[dt.date]:
        """Return the days with a complete snapshot."""
        folders = self._snapshots(_LAST, workspace_id).glob(f"{_DAY}*")
        named = {_value(each, _DAY, r"\d{4}-\d\d-\d\d"): each / _FILE for each in folders}
        return sorted(
            dt.date.fromisoformat(day) for day, file in named.items() if day and file.is_file()
        )

    def snapshot_file(
        self, listing: str, workspace_id: int, day: dt.date, tree: Tree = "snapshots"
    ) -> Path:
        """Return the path of a listing of a day."""
        return self._snapshots(listing, workspace_id, tree) / f"{_DAY}{day}" / _FILE

    def closed(self, workspace_id: int) -> list[str]:
        """Return the periods that were closed, such as 2026-10."""
        folders = self._closed(workspace_id).glob(f"{_PERIOD}*")
        return sorted(p.name.removeprefix(_PERIOD) for p in folders if (p / _FILE).is_file())

    def closed_file(self, workspace_id: int, period: str) -> Path:
        """Return the path of a closed period."""
        return self._closed(workspace_id) / f"{_PERIOD}{period}" / _FILE

    def _closed(self, workspace_id: int) -> Path:
        return self.path / "closed" / f"{_WORKSPACE}{workspace_id}"

    def _entries(self, workspace_id: int) -> Path:
        return self.path / "time_entries" / f"{_WORKSPACE}{workspace_id}"

    def _snapshots(self, listing: str, workspace_id: int, tree: Tree = "snapshots") -> Path:
        return self.path / tree / listing / f"{_WORKSPACE}{workspace_id}"

    # What syncs recorded

    def compared(self, workspace_id: int) -> Mapping[str, dt.datetime]:
        """Return when each month was last compared by a sync that finished (UTC)."""
        return self.record(workspace_id).compared

    def record(self, workspace_id: int) -> Record:
        """Return what finished syncs recorded about months.

        Raises
        ------
        ConfigError
            If the file that records it is damaged.
        """
        path = self._state(workspace_id)
        try:
            state = json.loads(path.read_bytes())
            compared, seen = (
                {month: moment(at) for month, at in moments.items()}
                for moments in (state["compared"], state.get("seen", state["compared"]))
            )
            return Record(compared, seen, dict(state.get("marks", {})), set(state.get("kept", [])))
        except FileNotFoundError:
            return Record({}, {}, {}, set())
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ConfigError(
                f"{path} cannot be read: {error}; the next sync compares all months and rewrites it"
            ) from error

    def forget_damaged(self, workspace_id: int) -> None:
        """Delete the record of comparisons if it is damaged, so that all months are compared."""
        try:
            self.record(workspace_id)
        except ConfigError:
            self._state(workspace_id).unlink()

    def keep_compared(
        self,
        workspace_id: int,
        moments: Mapping[str, dt.datetime],
        seen: Mapping[str, dt.datetime],
        mark: str,
    ) -> None:
        """Record when months were compared and which have a file; records of others stay."""
        before = self.record(workspace_id)
        state = {
            "compared": _in_json({**before.compared, **moments}),
            "seen": _in_json({**before.seen, **seen}),
            "marks": {**before.marks, **dict.fromkeys(moments, mark)},
            "kept": sorted((before.kept - moments.keys()) | set(self.months(workspace_id))),
        }
        with keeping(self._state(workspace_id)) as (file,):
            file.write(json.dumps(state, indent=1).encode())

    def is_begun(self, workspace_id: int) -> bool:
        """Return whether a sync did not finish, which leaves months fetched at different times."""
        return self._begun(workspace_id).is_file()

    def begin(self, workspace_id: int) -> None:
        """Record that a sync begins to write."""
        with keeping(self._begun(workspace_id)):
            pass

    def end(self, workspace_id: int) -> None:
        """Record that a sync has written everything."""
        self._begun(workspace_id).unlink(missing_ok=True)

    def _begun(self, workspace_id: int) -> Path:
        return self._state(workspace_id).with_suffix(".begun")

    def _state(self, workspace_id: int) -> Path:
        return self.path / _STATE / f"{_WORKSPACE}{workspace_id}.json"

    # Who may write

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the lock for writing inside the block; readers never wait.

        The lock is SQLite's, which is released with its process however that ends.

        Raises
        ------
        BlockingIOError
            Another process is writing.
        OSError
            The folder cannot be created or written to.
        """
        with _saying_what_to_do(self.path):
            if not self.path.is_dir():
                target(self.path)  # raises if the folder cannot be created there
                self.path.mkdir()
            path = target(self.path / ".lock")
        with contextlib.closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as lock:
            _acquire(lock, self.path)
            for folder in _WRITTEN:  # by a writer that was killed
                for left in self.path.glob(f"{folder}/{LEFT_BEHIND}"):
                    if left.is_file():
                        left.unlink()
            yield


def moment(text: str) -> dt.datetime:
    """Return a moment that was written as text.

    Raises
    ------
    ValueError
        It is no moment, or has no time zone, so that it could not be compared with others.
    """
    parsed = dt.datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError(f"the moment {text} has no time zone")
    return parsed


def _in_json(moments: Mapping[str, dt.datetime]) -> dict[str, str]:
    return {month: at.isoformat() for month, at in sorted(moments.items())}


@contextlib.contextmanager
def keeping(*paths: Path) -> Iterator[Sequence[IO[bytes]]]:
    """Open new files that are moved to their path only if the block succeeds.

    Raises
    ------
    OSError
        They cannot be written; the error says which file, and what to do.
    """
    with _saying_what_to_do(paths[0]), replacing(*map(_made, paths)) as files:
        yield files


def in_the_way(path: Path) -> Path | None:
    """Return the path that blocks a file because it is of the wrong kind, None if nothing does."""
    if not path.parent.is_dir():
        return path.parent if os.path.lexists(path.parent) else None
    return path if os.path.lexists(path) and not path.is_file() else None


def check_room(path: Path) -> None:
    """Check that whatever is in the way of a file is empty.

    Raises
    ------
    ConfigError
        It is not empty, so only its owner may remove it.
    """
    found = in_the_way(path)
    if found is None or found.is_symlink():  # a dangling link
        return
    if any(found.iterdir()) if found.is_dir() else found.stat().st_size > 0:
        blocked = "a file of the archive" if found == path else path
        raise ConfigError(f"{found} blocks {blocked}: move it away, then sync again")


def _made(path: Path) -> Path:
    """Return where to write, after creating the folder and removing anything empty in the way."""
    check_room(path)
    if found := in_the_way(path):
        if found.is_dir():
            found.rmdir()
        else:
            found.unlink()
    path.parent.mkdir(parents=True, exist_ok=True)
    return target(path)


@contextlib.contextmanager
def _saying_what_to_do(path: Path) -> Iterator[None]:
    """Add to an error of the disk what failed, and how to go on."""
    try:
        yield
    except OSError as error:
        if error.errno not in _REMEDIES:
            raise
        message = (
            f"{os.strerror(error.errno)}. {_REMEDIES[error.errno]}, then call it again; "
            "the archived files are unchanged"
        )
        raise OSError(error.errno, message, error.filename or str(path)) from error


def _acquire(lock: sqlite3.Connection, folder: Path) -> None:
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            message = f"Cannot lock this folder: {error}. If nobody is writing, delete .lock in it"
            raise OSError(errno.EIO, message, str(folder)) from error
        message = "Another process is writing this archive; try again when it has finished"
        raise BlockingIOError(errno.EAGAIN, message, str(folder)) from error


def _value(path: Path, before: str, pattern: str) -> str | None:
    """Return the value in the name of a folder, None if it has another form."""
    found = re.fullmatch(re.escape(before) + f"({pattern})", path.name, re.ASCII)
    return found[1] if found else None
