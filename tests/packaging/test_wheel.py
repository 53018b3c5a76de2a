"""The wheel, outside the checkout: what is in it, and that it works alone."""

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")

pytestmark = pytest.mark.nightly


def _run(*words, cwd):
    command = [str(word) for word in words]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build with the backend that is installed: an isolated build would re-fetch it."""
    folder = tmp_path_factory.mktemp("wheel")
    _run(*PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT, cwd=ROOT)
    return next(folder.glob("togglframe-*.whl"))


@pytest.fixture(scope="module")
def elsewhere(wheel, tmp_path_factory):
    """Install the wheel into an environment that has our dependencies, but not our checkout."""
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder / "env", with_pip=False, symlinks=True)
    python = folder / "env" / "bin" / "python"
    purelib = _run(
        python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder
    )
    site = Path(purelib.strip())
    _run(*PIP, "--python", python, "install", "--no-deps", "--no-index", wheel, cwd=folder)
    # Python reads no .pth file of a folder that is itself named in one, so an editable install of
    # the checkout stays behind when its neighbours come.
    (site / "dependencies.pth").write_text(f"{Path(pytest.__file__).parents[1]}\n")
    return python


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert "togglframe/py.typed" in names
    assert "togglframe/sandbox/agency/words.py" in names
    assert {f"togglframe/export/html/page.{end}" for end in ("css", "html.jinja", "js")} <= {*names}
    assert {name.split("/")[0].split("-")[0] for name in names} == {"togglframe"}
    here = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "togglframe").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in names if ".dist-info/" not in name} == here


def test_it_works_outside_the_checkout(elsewhere, tmp_path):
    code = """
import pathlib, togglframe as tf
assert (pathlib.Path(tf.__file__).parent / "py.typed").is_file()
with tf.demo() as ws:
    budget = tf.reports.project_budget(ws)
    tf.export.to_excel(ws, "portfolio.xlsx")
    tf.export.to_html(ws, "portfolio.html")
print(tf.__file__, len(budget))
"""
    where, rows = _run(elsewhere, "-c", code, cwd=tmp_path).split()
    assert not Path(where).is_relative_to(ROOT)
    assert int(rows) > 50
    assert (tmp_path / "portfolio.xlsx").stat().st_size > 10_000
    page = (tmp_path / "portfolio.html").read_text(encoding="utf-8")
    for part in ("<style>", "<svg", "Online tariff calculator", "<script>", "</html>"):
        assert part in page


def test_the_command_runs_the_demo(elsewhere, tmp_path):
    command = elsewhere.with_name("togglframe")
    shown = _run(command, "demo", "--out", str(tmp_path / "out"), cwd=tmp_path)
    assert "Online tariff calculator" in shown
    assert {p.suffix for p in (tmp_path / "out").iterdir()} >= {".png", ".xlsx", ".csv"}
