"""The command line: ``togglframe demo | report | hours | timesheet | invoice | forecast | …``.

====================  =============================================================
module                holds
====================  =============================================================
``commands``          the commands
``time_commands``     the commands that take a range of days
``archive_commands``  the commands of an archive
``doctor_command``    the command of the doctor
``ranges``            ranges of days in words
``workspaces``        the workspaces or archive of a command, and what it cost
``options``           the options, and what their values mean
``selection``         the projects of a report, by name, id and state
``files``             the files of a report
``tables``            tables that fit a terminal
``endings``           what goes to stdout and stderr, and the exit codes
====================  =============================================================
"""

from togglframe.cli.commands import app
from togglframe.cli.endings import main_of

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line."""
    main_of(app)
