"""A notebook shows a chart once: the Axes of pyplot and the Figure of several panels alike."""

import os
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

pytestmark = [
    pytest.mark.nightly,
    # What a kernel's own libraries say of themselves is not ours to mend.
    pytest.mark.filterwarnings("default::DeprecationWarning", "default::ResourceWarning"),
]

CELLS = {
    "the first chart": "charts.budget_bullet(agency())",
    "the next one": "ax = charts.budget_bullet(agency())",
    "panels": "charts.timesheet_strip(week())",
    "panels kept": "figure = charts.timesheet_strip(week())",
    "panels again": "figure",
    "panels displayed": "display(charts.timesheet_strip(week()))",
}


def test_every_cell_shows_its_chart_once(monkeypatch):
    root = Path(__file__).parents[2]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(root), str(root / "tests")]))
    monkeypatch.delenv("MPLBACKEND", raising=False)
    head = "from unit.charts_frames import agency, week\nfrom togglframe import charts"
    cells = [nbformat.v4.new_code_cell(source) for source in (head, *CELLS.values())]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    pictures = {
        name: sum("image/png" in output.get("data", {}) for output in cell.outputs)
        for name, cell in zip(CELLS, notebook.cells[1:], strict=True)
    }
    assert pictures == dict.fromkeys(CELLS, 1)
