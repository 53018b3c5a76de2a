"""Where a document is written, and the paper that it is printed on: checked before any request."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Literal, get_args

from togglframe.atomic import target
from togglframe.errors import ConfigError

Paper = Literal["A4", "Letter"]
_PAPERS: Final = get_args(Paper)


def target_of(document: str, path: str | os.PathLike[str], *endings: str) -> Path:
    """Resolve the path of a document, and check that its name has one of these endings."""
    file_path = target(path)
    if file_path.suffix.lower() not in endings:
        listed = " or ".join(filter(None, [", ".join(endings[:-1]), endings[-1]]))
        raise ConfigError(
            f"The name of a {document} must end in {listed}: {file_path.name!r} does not."
        )
    return file_path


def check_paper(paper: object) -> None:
    """Refuse a paper that no document is made for."""
    if paper not in _PAPERS:
        raise ConfigError(f"paper must be one of {', '.join(_PAPERS)}, not {paper!r}")
