"""Write a small archive as this version writes it: ``python tests/archives/write.py FOLDER``.

One is kept for each version that changes what is written, in a folder named after the version, and
never written again: the tests read it with the code of today.
"""

import datetime as dt
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from archive_cases import change
from vendor import Behaviour, VendorSandbox

import togglframe as tf
from togglframe import clock
from togglframe.sandbox.agency.entries import EPOCH, Entry

TODAY = dt.datetime(2026, 10, 27, 6, tzinfo=dt.UTC)
ANN, BEN = 10482626, 10483048
SITE, PORTAL = 187340433, 187340844
EUROPE, WEST = 2 * 3600, -7 * 3600  # [s]


def entry(number, user, moment, seconds, offset, **more):
    """Return a time entry; what is not given, it does not have."""
    start = int(dt.datetime.fromisoformat(moment).timestamp())
    unknown = dict.fromkeys(["project_id", "task_id", "description", "rate", "amount", "cost"])
    known = {
        "id": number,
        "user_id": user,
        "billable": False,
        "tag_ids": (),
        "start": start,
        "seconds": seconds,
        "offset": offset,
        "stop_offset": offset,
        "day": (start + offset) // 86_400 + EPOCH,
        "currency": "EUR",
        "updated": start + seconds,
    }
    return Entry(**unknown | known | more)


# Ids beyond what a float holds, entries that lack all that may lack, over midnight, of no length.
ENTRIES = [
    entry(
        2**53 + 1, ANN, "2026-08-31T22:30:00+00:00", 5_400, EUROPE, project_id=SITE,
        task_id=118220620, description="Zoë's “plan”, <b>", billable=True,
        tag_ids=(16204226, 16204263), rate=12_345, amount=18_518,
    ),
    entry(7, BEN, "2026-08-31T23:30:00+00:00", 3_601, WEST),
    entry(2**60 + 1, BEN, "2026-09-15T08:00:00+00:00", 0, EUROPE, project_id=PORTAL),
    entry(
        8, BEN, "2026-10-05T21:00:00+00:00", 10_800, EUROPE, project_id=PORTAL, billable=True,
        description="Call", tag_ids=(16204226,),
    ),
    entry(9, ANN, "2026-10-26T07:00:00+00:00", 1_800, EUROPE, project_id=SITE, billable=True,
          rate=10_000, amount=5_000),
]  # fmt: skip


def main() -> None:
    """Keep three months of these entries, and a snapshot."""
    clock.now = lambda: TODAY
    archive = tf.Archive(sys.argv[1])
    behaviour = Behaviour(extra_fields=True)
    with VendorSandbox(3, quota=1_000, behaviour=behaviour) as sandbox:
        change(sandbox, gone=sandbox.store.entries, more=ENTRIES)
        with tf.Workspace(
            sandbox.workspace_id, token=sandbox.token, base_url=sandbox.base_url, cache=None
        ) as ws:
            archive.sync(ws, start_date="2026-08-01")
            archive.snapshot(ws)
    (Path(sys.argv[1]) / ".lock").unlink()


if __name__ == "__main__":
    main()
