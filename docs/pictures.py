"""The pictures of the charts: what each cell of the gallery draws, on light ground and on dark.

The gallery shows them, and so does the reference, on the page of each chart. None is committed.
"""

import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, Final

import matplotlib.pyplot as plt
from PIL import Image

import togglframe as tf

LOOKS: Final = {"light": "togglframe", "dark": "dark"}
_CELL: Final = re.compile(r"```\{code-cell\}\n(?P<code>.*?)```\n", re.DOTALL)
_CHART: Final = re.compile(r"\{func\}`~togglframe\.charts\.(\w+)`")
_HEADER: Final = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_DPI: Final = 100


def draw(docs: Path) -> None:
    """Run the cells of the gallery in both looks, and keep what they draw."""
    folder = docs / "reference" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    text = (docs / "gallery.md").read_text(encoding="utf-8")
    for look, theme in LOOKS.items():
        scope: dict[str, Any] = {}
        with plt.rc_context({"backend": "agg"}), tf.charts.theme(theme):
            for name, cell in _cells(text):
                with redirect_stdout(StringIO()) as printed:
                    exec(cell["code"], scope)  # a page of our own
                (folder / f"{name}.txt").write_text(printed.getvalue(), encoding="utf-8")
                if plt.get_fignums():
                    tf.charts.save(plt.gcf(), folder / f"{name}-{look}.png", dpi=_DPI)
                plt.close("all")


def gallery(text: str, docs: Path) -> str:
    """Return the page of the gallery with pictures in the place of what a notebook would show."""
    for name, cell in _cells(text):
        shown = f"```python\n{cell['code']}```\n\n{_shown(name, docs, 'reference/pictures')}"
        text = text.replace(cell[0], shown)
    return _HEADER.sub("", text)


def of_chart(name: str, docs: Path) -> list[str]:
    """Return the lines, in reStructuredText, that show the chart of this name."""
    path = docs / "reference" / "pictures" / f"{name}-1-light.png"
    if not path.is_file():
        return []
    return [
        line
        for look in LOOKS
        for line in (
            f".. image:: /reference/pictures/{name}-1-{look}.png",
            f"   :alt: {_words(path)}",
            f"   :class: only-{look}",
            "",
        )
    ]


def _cells(text: str) -> list[tuple[str, re.Match[str]]]:
    """Return the cells, each with the name of the chart that was last told of, and its number."""
    found, counts = [], dict[str, int]()
    for cell in _CELL.finditer(text):
        told = _CHART.findall(text[: cell.start()])
        chart = told[-1] if told else "none"
        counts[chart] = counts.get(chart, 0) + 1
        found.append((f"{chart}-{counts[chart]}", cell))
    return found


def _shown(name: str, docs: Path, folder: str) -> str:
    path = docs / folder / f"{name}-light.png"
    if not path.is_file():
        printed = (docs / folder / f"{name}.txt").read_text(encoding="utf-8")
        return printed and f"```text\n{printed}```\n"
    return "\n".join(
        f"```{{image}} {folder}/{name}-{look}.png\n:alt: {_words(path)}\n:class: only-{look}\n```\n"
        for look in LOOKS
    )


def _words(path: Path) -> str:
    with Image.open(path) as picture:
        return " ".join(str(picture.info["Description"]).split())
