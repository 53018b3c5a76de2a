"""The contents of a page of several workspaces, one below the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from togglframe.errors import ConfigError
from togglframe.export.excel.spec import FrameSheet
from togglframe.export.excel.workbook import Contents, Portfolio
from togglframe.tables import PROJECT_BUDGET, Table
from togglframe.tables.provenance import of, stamp
from togglframe.tables.workspaces import together

__all__ = ["contents_together"]

_FRAMES: Final = ("totals", "hours", "audit", "statuses")


def contents_together(parts: Mapping[int, Contents]) -> Contents:
    """Combine the contents of workspaces, each row with its workspace.

    Raises
    ------
    ConfigError
        If some of them have projects, and others only time entries.
    """
    first, *_ = parts.values()
    portfolios = {n: part for n, part in parts.items() if isinstance(part, Portfolio)}
    shared: dict[str, Any] = {
        "sheets": _sheets(parts),
        "has_about": first.has_about,
        "is_sensitive": any(part.is_sensitive for part in parts.values()),
        "unseen": first.unseen,
        "known": of(together({n: stamp(pd.DataFrame(), **p.known) for n, p in parts.items()})),
        "hidden": {
            f"{name} of workspace {number}": reason
            for number, part in parts.items()
            for name, reason in part.hidden.items()
        },
        "days": first.days,
    }
    if not portfolios:
        return Contents(**shared)
    if lacking := [str(number) for number in parts if number not in portfolios]:
        who = f"workspace {lacking[0]} has" if len(lacking) == 1 else _listed(lacking)
        raise ConfigError(
            f"{who} only time entries, the others have projects: "
            "give the projects and statuses of all, or of none"
        )
    frames: dict[str, Any] = {
        name: together({n: getattr(one, name) for n, one in portfolios.items()}) for name in _FRAMES
    }
    return Portfolio(
        **shared,
        **frames,
        budget=_ranked(together({n: one.budget for n, one in portfolios.items()}), PROJECT_BUDGET),
        has_summary=any(one.has_summary for one in portfolios.values()),
        left_out=sum(one.left_out for one in portfolios.values()),
        at_risk=next(iter(portfolios.values())).at_risk,
    )


def _listed(numbers: list[str]) -> str:
    return f"workspaces {', '.join(numbers)} have"


def _sheets(parts: Mapping[int, Contents]) -> list[FrameSheet]:
    names = dict.fromkeys(sheet.name for part in parts.values() for sheet in part.sheets)
    return [
        _sheet({n: s for n, part in parts.items() for s in part.sheets if s.name == name})
        for name in names
    ]


def _sheet(sheets: Mapping[int, FrameSheet]) -> FrameSheet:
    """Combine the sheets of one name, with the columns that all of them have.

    If the plan of one workspace hides something, its contents say so.
    """
    first, *_ = sheets.values()
    links = {link.name for sheet in sheets.values() for link in sheet.links}
    common = [
        name
        for name in first.frame
        if name not in links and all(name in sheet.frame for sheet in sheets.values())
    ]
    table = first.table.across() if first.table else None
    frames = {n: stamp(sheet.frame[common], **of(sheet.frame)) for n, sheet in sheets.items()}
    joined = together(frames)
    linked = dict.fromkeys(name for sheet in sheets.values() for name in sheet.urls)
    urls = {
        name: [url for sheet in sheets.values() for url in _urls(sheet, name)] for name in linked
    }
    ranked = joined if table is None else _ranked(joined, table)
    read = [name for name in first.frame.columns[: first.printed] if name in common]
    return FrameSheet(
        first.name,
        ranked.reset_index(drop=True),
        table,
        printed=len(read) + 1,
        urls={name: [one[place] for place in ranked.index] for name, one in urls.items()},
    )


def _urls(sheet: FrameSheet, name: str) -> list[str | None]:
    return [*sheet.urls.get(name, [None] * len(sheet.frame))]


def _ranked(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Rank the rows of all workspaces together, if the table has a ranking; labels stay."""
    if not table.rank:
        return frame
    return frame.sort_values([*table.rank], ascending=False, kind="stable")
