"""Draw the gallery: ``python docs/gallery.py`` writes ``gallery.md`` and its pictures."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from month_ago import add_month_ago
from pictures import description_of, one_moment, small

import togglframe as tf

HERE: Final = Path(__file__).parent
WIDTH: Final = 1000  # pixels: twice what a column of the page has
PERIOD: Final = '"2026-06..2026-11"'
PEOPLE: Final = '["Priya Raman", "Mateo Rivas", "Sofie de Wit", "Hannah Brandt", "Wei Zhang"]'
CHARTS: Final = {
    "budget_bullet": "tf.reports.project_budget(ws), top=8",
    "variance_bars": "tf.reports.project_budget(ws), top=8",
    "variance_waterfall": "tf.reports.client_budget(ws)",
    "billable_split": "tf.reports.project_budget(ws), top=8",
    "hours_by_week": 'tf.reports.hours(ws, period="2026-Q3", by="client", every="week")',
    "hours_heatmap": 'tf.reports.hours(ws, period="2026-Q3", by="user", every="week"), top=10',
    "utilisation_bars": 'tf.reports.utilisation(ws, period="2026-10", every="month"), top=10',
    "balance_lines": f"tf.reports.balance(ws, 28, period={PERIOD}, users={PEOPLE})",
    "comparison": 'tf.reports.compare(ws, "hours", period="2026-Q3", by="client")',
    "earnings_by_month": 'tf.reports.earnings(ws, period="2026", every="month")',
    "amount_by_client": "tf.reports.client_budget(ws, by_currency=True), top=8",
    "retainer_bars": (
        'tf.reports.retainer(ws, {"Northwind Coffee Roasters": 270, "Polder Cycling Club": 260}, '
        f'period={PERIOD}, carry="unused")'
    ),
    "burn_up": (
        'tf.reports.burn(ws, start_date="2026-01-01", end_date="2026-11-25"), '
        'tf.reports.forecast(ws), project="Search engine optimisation"'
    ),
    "snapshot_changes": 'archive.changes("2026-10-28"), top=8',
    "estimate_accuracy": "tf.reports.task_accuracy(ws), top=8",
    "rate_dumbbell": "tf.reports.rate_card(ws), top=8",
    "timesheet_strip": 'tf.reports.time_entries(ws, period="2026-W43", users="Mateo Rivas")',
}
PAGE: Final = """# Gallery

Every chart is a function of a frame, and returns the Axes on which it drew, or the Figure of its
panels. The title says what was found, the grey line how to read it and what is not shown, the
footer where it comes from. The line below each picture draws it; `ws` is
`tf.demo(today="2026-11-26")`, and `archive`
[an archive](guides/archive-and-closing.md#how-things-moved).

| | |
|---|---|
{rows}

## Good to know

- `ax=` draws on an Axes of your own, with its marks, its names and a title; `fig=` on a figure.
  matplotlib's `rcParams` and `plt.style.use("dark_background")` are followed.
- `top=` is how many rows are drawn; the others are one line with their sum. `top=None` draws all.
- `with tf.charts.theme("dark"):` draws on a dark background, `theme(brand=…)` in your own colours;
  what is over, at risk, not billable or unknown keeps its own.
- `tf.charts.save(ax, "budget.svg")` writes a file with its text alternative, which
  `tf.charts.alt_text(frame)` returns.
- Names are labels, and rows are told apart by id: two projects called "Web" stay two rows.
"""


def gallery() -> tuple[str, dict[str, bytes]]:
    """Return the page, and the picture of each chart by name."""
    pictures, cells = dict[str, bytes](), []
    with plt.rc_context({"backend": "agg"}), TemporaryDirectory() as folder:
        for name, (line, figure) in _figures(Path(folder)).items():
            pictures[name] = small(figure, WIDTH)
            alt = description_of(pictures[name]).replace("|", "\\|")
            function = getattr(tf.charts, name)
            purpose = function.__doc__.partition("\n")[0]
            cells.append((f"![{alt}](gallery/{name}.png)", f"**{name}.** {purpose}<br>`{line}`"))
            plt.close(figure)
    rows = []
    for place in range(0, len(cells), 2):
        pair = [*cells[place : place + 2], ("", "")][:2]
        rows += [f"| {left} | {right} |" for left, right in zip(*pair, strict=True)]
    return PAGE.format(rows="\n".join(rows)), pictures


def _figures(folder: Path) -> dict[str, tuple[str, Figure]]:
    """Return the line that draws each chart, and its figure."""
    figures = {}
    with tf.demo(today="2026-11-26") as ws:
        archive = tf.Archive(folder)
        archive.snapshot(ws)
        add_month_ago(ws, folder)
        names: dict[str, Any] = {"tf": tf, "ws": ws, "archive": archive}
        for name, parameters in CHARTS.items():
            line = f"tf.charts.{name}({parameters})"
            drawn = eval(line, names)
            figures[name] = (line, drawn if isinstance(drawn, Figure) else drawn.figure)
    return figures


def main() -> None:
    """Write the page and the pictures."""
    one_moment()
    page, pictures = gallery()
    (HERE / "gallery.md").write_text(page, encoding="utf-8")
    for old in (HERE / "gallery").glob("*.png"):
        old.unlink()
    (HERE / "gallery").mkdir(exist_ok=True)
    for name, data in pictures.items():
        (HERE / "gallery" / f"{name}.png").write_bytes(data)


if __name__ == "__main__":
    main()
