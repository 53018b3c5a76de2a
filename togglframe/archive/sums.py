"""The time entries that are kept, summed up by what a report reads: one aggregation in DuckDB."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any, Final

import pandas as pd

from togglframe.archive.entries import told_of_entries, within
from togglframe.archive.folder import Folder
from togglframe.archive.months import sums_of, typed, values_of
from togglframe.archive.views import files_literal, opened, require_duckdb, whole
from togglframe.provenance import of, stamp
from togglframe.selection import DAYS, N_ENTRIES, Selection, Sums
from togglframe.tables import TIME_ENTRIES

__all__ = ["summed_entries"]

# A row stands for entries of one grain of days; which of them have entries is a bit each.
_COUNT: Final = pd.Int64Dtype()
_GRAINS: Final = {"day": "day", "week": "week", "month": "month", None: "month"}


def summed_entries(
    folder: Folder, workspace_id: int, chosen: Selection, sums: Sums
) -> pd.DataFrame | None:
    """Return the selected entries, those that agree in what is read as one row.

    `tracked_time` and `amount` are sums; `start` and `id` those of the latest entry, `date` the
    first one; beside them are how many entries it is, and on which days of its period.

    Returns
    -------
    DataFrame or None
        None where a sync was interrupted, since an entry may be in two files then.
    """
    files = folder.months(workspace_id)
    wanted = within(files, chosen)
    if folder.begun_at(workspace_id) is not None or not wanted:
        return None
    duckdb = require_duckdb()
    with opened() as connection:
        connection.execute("SET preserve_insertion_order = false")
        try:
            source = whole(connection, files_literal(wanted.values()), TIME_ENTRIES)
            table = connection.sql(_query(source, chosen, sums)).to_arrow_table()
        except duckdb.Error:
            for path in wanted.values():
                sums_of(path)  # which says of a damaged file which it is
            raise
    frame = _frame(table)
    told_of_entries(frame, folder, workspace_id, chosen, wanted)
    return stamp(frame, **{**of(frame), "is_summed": True})


def _query(source: str, chosen: Selection, sums: Sums) -> str:
    """Return the SQL; its names are those of the table, and its values integers and days."""
    grain = f"date_trunc('{_GRAINS[sums.every]}', date)"
    keys = [name for name in sums.columns if name not in ("amount", "date", "tracked_time")]
    grouped = [*keys, grain, *(["sign(amount)"] if "amount" in sums.columns else [])]
    told = [
        *keys,
        "min(date) AS date",
        "sum(tracked_time)::BIGINT AS tracked_time",
        "max((epoch_us(start)::HUGEINT << 64) | id) AS latest",  # compared faster than a struct
        f"count(*) AS {N_ENTRIES}",
        f"bit_or(1::BIGINT << date_diff('day', {grain}, date)) AS {DAYS}",
    ]
    if "amount" in sums.columns:
        told.append("sum(round(amount * 100)::BIGINT)::BIGINT AS cents")
    tests = [
        *([] if chosen.start is None else [f"date >= {_day(chosen.start)}"]),
        *([] if chosen.end is None else [f"date <= {_day(chosen.end)}"]),
        *(
            _among(name.removesuffix("s"), ids)
            for name, ids in chosen.ids.items()
            if name.removesuffix("s") in TIME_ENTRIES
        ),
    ]
    return (
        "SELECT * EXCLUDE (latest), (latest >> 64)::BIGINT AS start, "  # noqa: S608
        f"(latest & {2**64 - 1}::HUGEINT)::BIGINT AS id FROM (SELECT {', '.join(told)} "
        f"FROM {source} WHERE {' AND '.join(tests) or 'true'} GROUP BY {', '.join(grouped)})"
    )


def _day(day: dt.date) -> str:
    return f"TIMESTAMP '{day.isoformat()}'"


def _among(name: str, ids: Collection[int | None]) -> str:
    named = ", ".join(str(int(one)) for one in ids if one is not None)
    is_named = f"{name} IN ({named})" if named else "false"
    return f"({is_named} OR {name} IS NULL)" if None in ids else is_named


def _frame(table: Any) -> pd.DataFrame:
    counts = {name: values_of(table.column(name), _COUNT) for name in (N_ENTRIES, DAYS)}
    others = {name: table.column(name) for name in table.column_names if name in TIME_ENTRIES}
    frame = typed(others)
    if "cents" in table.column_names:
        frame["amount"] = pd.Series(values_of(table.column("cents"), _COUNT)) / 100
    return frame.assign(**counts)
