"""The command line as the tests run it, in this process."""

from openpyxl import load_workbook
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


def sheet_names(path):
    book = load_workbook(path, read_only=True)
    names = book.sheetnames
    book.close()
    return names
