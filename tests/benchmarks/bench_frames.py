"""From JSON to a frame: time and memory, beside the baseline and beside other ways.

The baseline is to parse the same bytes and keep the rows. The statuses come in one answer, as the
API sends them; projects and tasks in pages of 10,000, as togglframe asks for them, and of 201, as
an API may send them all the same.
"""

from __future__ import annotations

import itertools
from typing import Any

import orjson
import pandas as pd
import requests
from measuring import TODAY, machine, peak, say, seconds

from togglframe.api import filters, search
from togglframe.api.endpoint import Endpoint
from togglframe.api.listing import RowCollector
from togglframe.api.parsers import Query, checked
from togglframe.sandbox import Sandbox
from togglframe.sandbox.agency import build_agency
from togglframe.tables import Column, FieldUnit, Kind

Pages = list[bytes]


def parsed(pages: Pages) -> list[Any]:
    """Parse the pages and keep the rows: the baseline."""
    return [orjson.loads(page) for page in pages]


def typed_frame(endpoint: Endpoint, pages: Pages) -> pd.DataFrame:
    """Do as togglframe does: JSON types checked, a few thousand rows cast at a time."""
    listing = RowCollector(endpoint.path, endpoint.table)
    query = Query(endpoint.path, {}, lambda _: None)
    for page in pages:
        listing.add(checked(endpoint.unnest(orjson.loads(page), query), query))
    return listing.frame(1, {})


def typed_frame_per_page(endpoint: Endpoint, pages: Pages) -> pd.DataFrame:
    """Make a frame of each page, type it by pandas' own calls, and concat: as one writes it."""
    return pd.concat([typed_by_hand(endpoint, page) for page in pages], ignore_index=True)


def typed_by_hand(endpoint: Endpoint, page: bytes) -> pd.DataFrame:
    """Make the dtypes of a page without a check of what came."""
    rows = pd.DataFrame(orjson.loads(page))
    return pd.DataFrame({c.name: converted(rows[c.field_name], c) for c in endpoint.table})


def converted(values: pd.Series[Any], column: Column) -> pd.Series[Any]:
    """Convert the values of a column by the one pandas call that is made for it."""
    if column.kind is Kind.DURATION:
        return pd.to_timedelta(values, unit=str(column.field_unit)).astype(column.dtype)
    if column.kind is Kind.TIMESTAMP:
        return pd.to_datetime(values, format="ISO8601", utc=True).astype(column.dtype)
    if column.field_unit is FieldUnit.CENTS:
        return values.astype(column.dtype) / 100
    return values.astype(column.dtype)


def own_frame_per_page(endpoint: Endpoint, pages: Pages) -> pd.DataFrame:
    """Do as togglframe does, checks and all, but a frame for each page, and concat them."""
    return pd.concat([typed_frame(endpoint, [page]) for page in pages], ignore_index=True)


def frame_per_page(pages: Pages) -> pd.DataFrame:
    """Make a frame of each page and concat them: nothing checked, nothing typed."""
    return pd.concat([pd.DataFrame(orjson.loads(page)) for page in pages], ignore_index=True)


def normalized(pages: Pages) -> pd.DataFrame:
    """Keep all rows, then json_normalize: nothing checked, nothing typed."""
    return pd.json_normalize(list(itertools.chain.from_iterable(parsed(pages))))


def compare(name: str, endpoint: Endpoint, rows: list[dict[str, Any]], page: int) -> dict[str, Any]:
    """Return one line of the table: times over the baseline's, memory over that of all dicts."""
    pages = [orjson.dumps(rows[i : i + page]) for i in range(0, len(rows), page)]
    ways = {
        "baseline": lambda: parsed(pages),
        "togglframe": lambda: typed_frame(endpoint, pages),
        "typed frame per page": lambda: typed_frame_per_page(endpoint, pages),
        "own frame per page": lambda: own_frame_per_page(endpoint, pages),
        "frame per page": lambda: frame_per_page(pages),
        "json_normalize": lambda: normalized(pages),
    }
    times = seconds(ways)
    memory = {name: peak(way) for name, way in ways.items()}
    return {
        "table": name,
        "rows": len(rows),
        "page": page,
        "baseline [ms]": round(times["baseline"] * 1e3),
        "togglframe / baseline": round(times["togglframe"] / times["baseline"], 1),
        **{
            f"{name} / togglframe": round(times[name] / times["togglframe"], 1)
            for name in [*ways][2:]
        },
        "peak / all dicts": round(memory["togglframe"] / memory["baseline"], 2),
    }


def compare_entries(page_size: int) -> dict[str, Any]:
    """Return one line of the table of time entries, in pages as the API sends them."""
    pages = pages_of_entries(page_size)
    ways = {
        "baseline": lambda: parsed(pages),
        "togglframe": lambda: typed_frame(search.TIME_ENTRIES, pages),
    }
    times = seconds(ways)
    memory = {name: peak(way) for name, way in ways.items()}
    return {
        "page": page_size,
        "rows": len(typed_frame(search.TIME_ENTRIES, pages)),
        "baseline [ms]": round(times["baseline"] * 1e3),
        "togglframe / baseline": round(times["togglframe"] / times["baseline"], 1),
        "peak / all dicts": round(memory["togglframe"] / memory["baseline"], 2),
    }


def pages_of_entries(page_size: int) -> Pages:
    """Read two years of the demo's time entries, page by page, as bytes."""
    pages = []
    with Sandbox(quota=10**9) as sandbox, requests.Session() as session:
        url = f"{sandbox.base_url}/workspace/{sandbox.workspace_id}/search/time_entries"
        for year in (2024, 2025, 2026):
            body = {"start_date": f"{year}-01-01", "end_date": f"{year}-12-31"}
            body |= {"page_size": page_size, "enrich_response": True}
            row: str | None = "1"
            while row is not None:
                answer = session.post(
                    url,
                    json={**body, "first_row_number": int(row)},
                    headers={"Authorization": sandbox.authorization},
                )
                answer.raise_for_status()
                pages.append(answer.content)
                row = answer.headers.get("X-Next-Row-Number")
    return pages


def main() -> None:
    """Print the tables."""
    agency = build_agency(
        20_000, tasks=50_000, memberships=60_000, seed=6, workspace_id=1, today=TODAY
    )
    statuses, projects, tasks, members = (
        (agency.project_statuses, filters.PROJECT_STATUSES),
        (agency.projects, filters.PROJECTS),
        (agency.tasks, filters.TASKS),
        (agency.project_users, filters.PROJECT_USERS),
    )
    lines = [
        compare("project_statuses", statuses[1], statuses[0], len(statuses[0])),
        compare("project_statuses", statuses[1], statuses[0], 201),
        compare("projects", projects[1], projects[0], 10_000),
        compare("projects", projects[1], projects[0], 201),
        compare("tasks", tasks[1], tasks[0], 10_000),
        compare("tasks", tasks[1], tasks[0], 201),
        compare("project_users", members[1], members[0], 201),
    ]
    say(f"JSON to frame ({machine()})", pd.DataFrame(lines).set_index("table").T.reset_index())
    entries = [compare_entries(page_size) for page_size in (50, 1000)]
    say("Time entries, JSON to frame", pd.DataFrame(entries))
    many = list(tasks[0]) + [{**row, "id": row["id"] + 10**9} for row in tasks[0]]
    points = []
    for count in (1_000, 3_000, 10_000, 30_000, 100_000):
        pages = [orjson.dumps(many[i : i + 201]) for i in range(0, count, 201)]
        taken = seconds({"frame": lambda pages=pages: typed_frame(tasks[1], pages)})["frame"]
        points.append(
            {"rows": count, "ms": round(taken * 1e3), "µs a row": round(taken / count * 1e6, 1)}
        )
    say("Tasks, by number of rows", pd.DataFrame(points))


if __name__ == "__main__":
    main()
