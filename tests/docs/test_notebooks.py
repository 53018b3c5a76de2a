"""The notebooks as they are committed; nbmake runs them."""

import json
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def _code(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def test_they_are_numbered_without_gaps():
    numbers = [path.name[:3] for path in NOTEBOOKS]
    assert numbers == [f"{n:02}-" for n in range(1, len(NOTEBOOKS) + 1)] != []


@each_notebook
def test_no_output_is_committed(path):
    assert all(cell["outputs"] == [] for cell in _code(path))
    assert all(cell["execution_count"] is None for cell in _code(path))


@each_notebook
def test_one_marked_cell_switches_to_a_workspace(path):
    marked = [text for text in map(_source, _code(path)) if "SWITCH HERE" in text]
    assert len(marked) == 1
    assert "ws = tf.demo(" in marked[0]
    assert "# ws = tf.Workspace(1234567)" in marked[0]


@each_notebook
def test_the_switched_notebook_is_python_too(path):
    code = "\n\n".join(_source(cell) for cell in _code(path))
    compile(code.replace("# ws = tf.Workspace", "ws = tf.Workspace"), path.name, "exec")


def _source(cell):
    return "".join(cell["source"])
