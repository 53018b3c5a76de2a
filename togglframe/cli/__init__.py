"""The command line: ``togglframe demo | report | hours | timesheet | invoice | forecast | …``.

====================  =============================================================
module                holds
====================  =============================================================
``commands``          the commands
``time_commands``     the commands that take a range of days
``people_commands``   the commands on retainers and on balances
``archive_commands``  the commands of an archive
``doctor_command``    the command of the doctor
``ranges``            ranges of days in words
``workspaces``        the workspaces or archive of a command, and what it cost
``options``           the options, and what their values mean
``selection``         the projects of a report, by name, id and state
``files``             the files of a report
``printing``          tables on the terminal
``endings``           what goes to stdout and stderr, and the exit codes
====================  =============================================================
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
