"""What `make` says while it works, and where it leaves what it made; nothing is run here."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")


def _lines(target):
    """Return the commands of a target, as if nothing were installed."""
    command = ["make", "--dry-run", "--always-make", "--no-print-directory", target]
    alone = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}  # make runs us, too
    done = subprocess.run(command, cwd=ROOT, env=alone, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def _position(lines, part):
    return next(place for place, line in enumerate(lines) if part in line)


@pytest.mark.parametrize("target", ["demo", "docs", "test", "lint"])
def test_make_says_that_it_installs_before_it_does(target):
    lines = _lines(target)
    assert lines[_position(lines, "pip install") - 1].startswith("test -x")
    assert _position(lines, 'echo "Installing') < _position(lines, "-m venv")


@pytest.mark.parametrize(
    ("target", "works", "result"),
    [
        ("demo", "togglframe demo", "demo-output/portfolio.xlsx"),
        ("docs", "sphinx-build", "docs/_build/html/index.html"),
        ("notebooks", "outputs.py --write", "docs notebooks"),
    ],
)
def test_make_says_what_it_does_and_where_the_result_is(target, works, result):
    lines = _lines(target)
    place = _position(lines, works)
    assert lines[place - 1].startswith("echo ")
    assert lines[-1].startswith("echo ")
    assert result in lines[-1]
