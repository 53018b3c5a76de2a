"""Requests and time for a large workspace at 100 ms latency, beside the least the API allows.

20,000 projects, 60,000 memberships, 50,000 tasks, 2,000 people. The least: every listing in pages
of the size that the API sends, and for each listing by cursor the request that proves its end. The
cap on ids is not known before the API has refused a longer list: that is one request more, once.
"""

from __future__ import annotations

import math
import time
from collections import Counter

import pandas as pd
from measuring import machine, say
from vendor import Behaviour, VendorSandbox

import togglframe as tf
from togglframe.reports import Listings

LATENCY = 0.1  # [s]
SIZES = {"people": 2_000, "tasks": 50_000, "memberships": 60_000}
PAGE = 201
CAP = 1000  # ids in one request
NAMES = ("projects", "statuses", "clients", "project_users", "project_groups", "users", "tasks")


def least(sandbox: VendorSandbox, page_size: int) -> dict[str, int]:
    """Return the fewest requests by endpoint that the rules of the API allow.

    A page begins with the last row of the one before, so it brings one row less than it has.
    """
    agency = sandbox.agency
    ids = [project["id"] for project in agency.projects]

    def listing(rows: int, page: int) -> int:
        return 1 + max(0, math.ceil((rows - page) / (page - 1))) if rows > page else 1

    def proven(rows: int, page: int) -> int:
        """A listing whose last page proves nothing, so that one request more is needed."""
        return listing(rows, page) + 1

    def by_pieces(rows: list[dict[str, int]]) -> int:
        counts = Counter(row["project_id"] for row in rows)
        pieces = [ids[i : i + CAP] for i in range(0, len(ids), CAP)]
        return sum(proven(sum(counts[i] for i in piece), PAGE) for piece in pieces)

    clients = {project["client_id"] for project in agency.projects} - {None}
    active = sum(user["active"] for user in agency.users)

    def listing_of_projects(rows: int, page: int) -> int:
        """A last page of less than 200 rows is a proof, since the vendor documents its pages."""
        pages = listing(rows, page)
        last = rows - (pages - 1) * (page - 1)
        return pages + (last >= min(200, page))

    return {
        "filters/projects": listing_of_projects(len(ids), page_size),
        "filters/projects/status": 1,
        "filters/clients": listing(len(clients), PAGE),
        "filters/project_users": by_pieces(agency.project_users),
        "filters/project_groups": by_pieces(agency.project_groups),
        "search/users": proven(active, PAGE) + proven(len(agency.users) - active, PAGE),
        "filters/tasks": proven(len(agency.tasks), page_size),
    }


def run(title: str, behaviour: Behaviour, page_size: int) -> None:
    """Fetch every listing once, and print what it took."""
    with VendorSandbox(
        20_000, quota=10**9, latency=LATENCY, behaviour=behaviour, **SIZES
    ) as sandbox:
        ws = tf.Workspace(
            sandbox.workspace_id,
            token=sandbox.token,
            base_url=sandbox.base_url,
            cache="memory",
            per_second=None,
        )
        listings = Listings(ws)
        lines = []
        fewest = least(sandbox, page_size)
        for name in NAMES:
            before = len(sandbox.requests)
            start, busy = time.perf_counter(), time.thread_time()
            frame = getattr(listings, name)
            wall, busy = time.perf_counter() - start, time.thread_time() - busy
            sent = sandbox.requests[before:]
            lines.append(
                {
                    "listing": name,
                    "rows": len(frame),
                    "requests": len(sent),
                    "least": fewest[sent[0].endpoint],
                    "wall [s]": round(wall, 1),
                    "latency [s]": round(len(sent) * LATENCY, 1),
                    "own work [s]": round(busy, 1),
                }
            )
        start = time.thread_time()
        tf.reports.project_budget(listings, members=True)
        joining = time.thread_time() - start
        ws.close()
    frame = pd.DataFrame(lines)
    total = frame.drop(columns="listing").sum()
    say(title, pd.concat([frame, pd.DataFrame([{"listing": "all", **total}])]))
    say("", pd.DataFrame([{"joining project_budget with members [s]": round(joining, 2)}]))


def main() -> None:
    """Print the tables."""
    where = f"{LATENCY * 1000:g} ms latency ({machine()})"
    run(f"The API takes the page size asked for, {where}", Behaviour(), 10_000)
    run(f"The API sends pages of 201 at most, {where}", Behaviour(page_size_clamp=PAGE), PAGE)


if __name__ == "__main__":
    main()
