"""Reproducible chance: numbers that ascend, totals dealt out, moments in time."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import accumulate, cycle, islice, pairwise
from typing import Final

_BEGUN: Final = timedelta(days=689)  # before today
_YEAR: Final = 365 * 24 * 3600
_SUMMER_TIME: Final = timezone(timedelta(hours=2))


def source(seed: int, table: str) -> random.Random:
    """Give each table chance of its own, so that a change in one leaves the others alone."""
    return random.Random(f"{seed}/{table}")


def ascending(first: int, largest_step: int, chance: random.Random) -> Iterator[int]:
    """Yield ids without end, with gaps as in a database that others use too."""
    while True:
        first += 1 + int(chance.random() * largest_step)
        yield first


def deal(total: int, weights: Sequence[int], count: int) -> list[int]:
    """Deal `total` over the places by their (repeating) weights, to the last one."""
    sums = list(accumulate(islice(cycle(weights), count), initial=0))
    if sums[-1] == 0:
        return [0] * count
    return [after - before for before, after in pairwise(total * part // sums[-1] for part in sums)]


def moment(today: date, chance: random.Random) -> str:
    """Format some moment of a year before today in one of the ways that RFC 3339 allows."""
    begun = datetime.combine(today - _BEGUN, time(7), UTC)
    when = begun + timedelta(seconds=chance.randrange(_YEAR))
    style = chance.randrange(3)
    if style == 0:
        return when.strftime("%Y-%m-%dT%H:%M:%SZ")
    if style == 1:
        return when.astimezone(_SUMMER_TIME).isoformat()
    return when.replace(microsecond=chance.randrange(1, 10**6)).isoformat()


def numbered(name: str, block: int) -> str:
    """Rename a thing of a later block, so that names differ from the first."""
    return name if block == 0 else f"{name} {block + 1}"
