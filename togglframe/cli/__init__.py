"""The command line: ``togglframe demo | report | hours | timesheet | invoice | forecast | …``.

=============  ====================================================================
module         holds
=============  ====================================================================
``commands``   the commands
``time_commands``  those of a range of days
``doctor_command``  that of the doctor
``ranges``     ranges as people say them
``workspaces``  the workspace of a command, and what it cost
``options``    the options, and what their values mean
``selection``  which projects a report is about, by name, id and state
``files``      the files of a report
``tables``     tables that fit a terminal
``endings``    what is said on which stream, and the exit codes
=============  ====================================================================
"""

from togglframe.cli.commands import app
from togglframe.cli.endings import main_of

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line."""
    main_of(app)
