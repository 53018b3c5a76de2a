"""The notebooks as they are committed; test_outputs.py runs them."""

import json
from pathlib import Path

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


def _code(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def _source(cell):
    return "".join(cell["source"])


def test_they_are_numbered_without_gaps():
    numbers = [path.name[:3] for path in NOTEBOOKS]
    assert numbers == [f"{n:02}-" for n in range(1, len(NOTEBOOKS) + 1)] != []


def test_one_marked_cell_switches_to_a_workspace(subtests):
    for path in NOTEBOOKS:
        with subtests.test(path.stem):
            marked = [text for text in map(_source, _code(path)) if "SWITCH HERE" in text]
            assert len(marked) == 1
            assert "ws = tf.demo(" in marked[0]
            assert "# ws = tf.Workspace(1234567)" in marked[0]


def test_the_switched_notebook_is_python_too():
    for path in NOTEBOOKS:
        code = "\n\n".join(_source(cell) for cell in _code(path))
        compile(code.replace("# ws = tf.Workspace", "ws = tf.Workspace"), path.name, "exec")
