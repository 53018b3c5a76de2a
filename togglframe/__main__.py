"""Run the command line: ``python -m togglframe``."""

from togglframe.cli import main

main()
