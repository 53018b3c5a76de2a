"""The command line as the tests run it, in this process."""

import shlex

from days import TODAY
from openpyxl import load_workbook
from typer.main import get_command
from typer.testing import CliRunner

from togglframe.cli import app

runner = CliRunner()


def commands_to(sandbox, monkeypatch):
    """Return a function that runs a command against a sandbox, its token in the environment."""
    monkeypatch.setenv("TOGGL_API_TOKEN", sandbox.token)
    monkeypatch.setenv("TOGGL_WORKSPACE_ID", str(sandbox.workspace_id))
    # a sandbox needs no pace
    monkeypatch.setattr("togglframe.clock.sleep", lambda _: None)

    def run(*words):
        return runner.invoke(app, [*words, "--base-url", sandbox.base_url])

    return run


def lines_to(sandbox, monkeypatch):
    """Return a function that runs a line of the docs against a sandbox, on the day of the tests."""
    commands_to(sandbox, monkeypatch)
    more = {"--base-url": sandbox.base_url, "--today": str(TODAY)}

    def run(line):
        program, *words = shlex.split(line)
        assert program == "togglframe"
        taken = _options_of(words)
        return runner.invoke(app, [*words, *(w for o in more.items() if o[0] in taken for w in o)])

    return run


def _options_of(words):
    command = get_command(app)
    for word in words:
        if hasattr(command, "commands"):
            command = command.commands[word]
    return {option for parameter in command.params for option in parameter.opts}


def sheet_names(path):
    book = load_workbook(path, read_only=True)
    names = book.sheetnames
    book.close()
    return names
