"""The command that finds out what the vendor does not document, with output to share."""

from __future__ import annotations

import platform

import pandas as pd
import typer

import togglframe as tf
from togglframe.cli.endings import Ending, print_line, report_errors
from togglframe.cli.options import BaseUrl, Debug, WorkspaceId
from togglframe.cli.printing import print_frame
from togglframe.cli.workspaces import workspace_of
from togglframe.text.formats import plural


def doctor(
    workspace: WorkspaceId = None, base_url: BaseUrl = None, *, debug: Debug = False
) -> None:
    """Find out on your account what the vendor does not document, in at most eight requests.

    The points contain no name, number or id of yours, so you can paste them into an issue. If the
    API answers nothing at all, the error repeats what it said.

    Example: togglframe doctor --workspace 1234567
    """
    opened = workspace_of(workspace, base_url, refresh=False, on_quota="raise")
    with report_errors(debug, can_wait=False), opened as ws:
        found = tf.doctor(ws)
        print_frame(found, names=("point", "verdict", "seen"))
        for row in found[found["verdict"] != "holds"].itertuples(index=False):
            print_line(f"\n{row.point}: {row.verdict}")
            for name in ("assumed", "consequence"):
                print_line(f"    {name + ':':13}{getattr(row, name)}")
        print_line("")
        python = platform.python_version()
        print_line(f"togglframe {tf.__version__}, pandas {pd.__version__}, Python {python}")
        print_line(plural(ws.usage.requests, "request"))
        if (found["verdict"] == "does not hold").any():
            raise typer.Exit(Ending.NOT_AS_ASSUMED)
