"""Every table of togglframe, declared once: grain, key and columns.

Casting, docstrings, the reference, Excel formats, CSV headers and axis labels all read the
declarations here. `listings` and `time` hold what the API sends, with the names and units of its
JSON fields;
`joined` holds what the reports derive from lifetime totals, and their history in an archive, and
`over_time` what they derive from time entries, what was closed and changed since, and what the
doctor finds.
"""

from __future__ import annotations

from typing import Final

from togglframe.tables import joined, listings, over_time, time
from togglframe.tables._columns import (
    AFTER,
    AS_OF,
    BEFORE,
    CHANGE_OF,
    DIFFERENCE,
    EARNINGS_UNIT,
    MS_PER_HOUR,
    SHARE_OF_CHANGE,
    WORKSPACE,
    Column,
    FieldUnit,
    Kind,
    Table,
    tables_in,
)
from togglframe.tables._derived import BUDGET_STATES, MEMBER_KINDS, RETAINER_STATES, SEVERITIES
from togglframe.tables.joined import *
from togglframe.tables.joined import CHANGES, HISTORIES, OF_LISTINGS, PROJECT_BUDGET, WITH_ENTRIES
from togglframe.tables.listings import *
from togglframe.tables.over_time import *
from togglframe.tables.over_time import COMPARISONS, HOURS
from togglframe.tables.time import *

__all__ = [
    "AFTER",
    "AS_OF",
    "BEFORE",
    "BUDGET_STATES",
    "CHANGE_OF",
    "COLUMNS",
    "COMPARISONS",
    "DIFFERENCE",
    "EARNINGS_UNIT",
    "KNOWN_TABLES",
    "MEMBER_KINDS",
    "MS_PER_HOUR",
    "RETAINER_STATES",
    "SEVERITIES",
    "SHARE_OF_CHANGE",
    "TABLES",
    "WORKSPACE",
    "Column",
    "FieldUnit",
    "Kind",
    "Table",
]
# A table is declared, and named in `__all__`, in its module alone.
__all__ += joined.__all__
__all__ += listings.__all__
__all__ += over_time.__all__
__all__ += time.__all__


def __dir__() -> list[str]:
    return sorted(__all__)


TABLES: Final = (
    *tables_in(vars(listings)),
    *tables_in(vars(time)),
    *OF_LISTINGS,
    *WITH_ENTRIES,
    *tables_in(vars(over_time)),
    HISTORIES[PROJECT_BUDGET.name],
    CHANGES[PROJECT_BUDGET.name],
    COMPARISONS[HOURS.name],
)

# Those that have a page of the reference, and what an archive or a comparison makes of others.
_ALL: Final = (*TABLES, *HISTORIES.values(), *CHANGES.values(), *COMPARISONS.values())
KNOWN_TABLES: Final = tuple({table.name: table for table in _ALL}.values())

# Every declaration of a name.
COLUMNS: Final = {
    name: [table[name] for table in KNOWN_TABLES if name in table]
    for name in dict.fromkeys(name for table in KNOWN_TABLES for name in table.names)
}
