"""The archive: a folder of Parquet files that keeps time entries, and listings day by day."""

from togglframe.archive.store import Archive

__all__ = ["Archive"]


def __dir__() -> list[str]:
    return sorted(__all__)
