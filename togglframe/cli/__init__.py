"""The command line: ``togglframe demo | report | hours | timesheet | invoice | forecast | …``.

====================  =========================================================================
module                holds
====================  =========================================================================
``commands``          the app, and the commands demo, report, quota, doctor, cache and sandbox
``frames_command``    the command of any frame
``time_commands``     the commands on hours: hours, timesheet, invoice and forecast
``people_commands``   the commands on agreements and costs: retainer, balance and profitability
``archive_commands``  the commands of an archive
``options``           the options that commands share, in groups
``invoices``          the options of invoices
``ranges``            the days of --from, --to and --period
``rows``              the rows of files: budgets, schedules, absences, costs and deadlines
``selection``         the projects of a report, by name, id and state
``workspaces``        the workspaces or archive of a command, and what it cost
``files``             the files that commands write
``printing``          tables on the terminal
``endings``           stdout, stderr and exit codes
====================  =========================================================================
"""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["app", "main"]

_INTERRUPTED = 130  # as a shell counts the signal of Ctrl-C


def __getattr__(name: str) -> Any:
    if name == "app":
        from togglframe.cli.commands import app  # noqa: PLC0415

        return app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def main() -> None:
    """Run the command line; what it needs is imported here, so that Ctrl-C ends that quietly."""
    try:
        from togglframe.cli.commands import app  # noqa: PLC0415
        from togglframe.cli.endings import main_of  # noqa: PLC0415

        main_of(app)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
