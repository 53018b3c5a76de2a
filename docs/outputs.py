"""Run the examples of pages and notebooks, and compare or refresh what they print.

``python docs/outputs.py`` names the files whose outputs are not what the code gives now;
``--write`` refreshes them. Paths choose among the files; by default it is all of them.

A block of ``python`` in a page is run, one of ``py`` is only shown, and a comment that begins with
``<!-- run`` is run and not shown. What a block prints, returns or draws stands below it, between
two comments; pictures are in the folder of the page that is called like the page.
"""

from __future__ import annotations

import argparse
import base64
import difflib
import os
import re
import sys
from concurrent.futures import ProcessPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from subprocess import DEVNULL
from tempfile import TemporaryDirectory
from typing import Any, Final

import nbformat
from nbclient import NotebookClient
from pictures import description_of

DOCS: Final = Path(__file__).resolve().parent
ROOT: Final = DOCS.parent
SETUP: Final = """
import pandas as pd, pictures
pictures.one_moment()
pictures.use_in_notebook({width})
pd.options.display.precision = 2
pd.options.display.width = 100
pd.options.display.max_columns = None
pd.options.display.multi_sparse = False
"""
_BLOCK: Final = re.compile(
    r"^```python\n(?P<shown>.*?)^```\n|^<!-- run\n(?P<hidden>.*?)^-->\n", re.DOTALL | re.MULTILINE
)
_OUTPUT: Final = re.compile(r"\n<!-- output -->\n.*?<!-- end of output -->\n", re.DOTALL)
_RANDOM_ID: Final = re.compile(r"(?<=#)[a-z]{10}(?= )|(?<=<div id=\")[a-z]{10}(?=\")")
_NUMBER: Final = re.compile(r"[+\u2212-]?[\d,.]+( ?%| h)?|\u2013|NaN|<NA>|NaT|")


def files() -> list[Path]:
    """Return the pages with examples, and the notebooks."""
    pages = (path for path in DOCS.rglob("*.md") if "_build" not in path.parts)
    runnable = [path for path in sorted(pages) if _BLOCK.search(path.read_text(encoding="utf-8"))]
    return [*runnable, *sorted((ROOT / "notebooks").glob("*.ipynb"))]


def refreshed(path: Path) -> tuple[str, dict[Path, bytes]]:
    """Return the text of a file with the outputs of now, and its pictures by path."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        return _refreshed_notebook(text), {}
    return _refreshed_page(path, text)


def difference(path: Path) -> str:
    """Return how the outputs in a file differ from those of now, pictures left out."""
    old, (new, _) = path.read_text(encoding="utf-8"), refreshed(path)
    if path.suffix == ".ipynb":
        old, new = _without_pictures(old), _without_pictures(new)
    lines = difflib.unified_diff(
        old.splitlines(), new.splitlines(), f"{path.name}", "now", lineterm="", n=1
    )
    return "\n".join(lines)


def write(path: Path) -> None:
    """Refresh a file and its pictures."""
    text, pictures = refreshed(path)
    path.write_text(text, encoding="utf-8")
    for old in path.with_suffix("").glob("*.png") if path.suffix == ".md" else ():
        old.unlink()
    for picture, data in pictures.items():
        picture.parent.mkdir(exist_ok=True)
        picture.write_bytes(data)


# ---------------------------------------------------------------------------------------------
# Running


def _run(sources: list[str], width: int) -> list[list[Any]]:
    """Run cells in a kernel of their own and an empty folder; return the outputs of each."""
    cells = [nbformat.v4.new_code_cell(one) for one in (SETUP.format(width=width), *sources)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    here = [str(DOCS), str(ROOT), os.environ.get("PYTHONPATH", "")]
    with TemporaryDirectory() as folder, TemporaryDirectory() as caches:
        paths = os.pathsep.join(filter(None, here))
        environment = os.environ | {"PYTHONPATH": paths, "XDG_CACHE_HOME": caches}
        resources = {"metadata": {"path": folder}}
        client = NotebookClient(
            notebook,
            timeout=120,
            resources=resources,
            kernel_name="python3",
            coalesce_streams=True,
        )
        client.execute(env=environment, stderr=DEVNULL)  # on which a kernel says how it listens
    outputs = [cell["outputs"] for cell in notebook["cells"][1:]]
    for source, output in zip(sources, outputs, strict=True):
        for one in output:
            if one.get("name") == "stderr":
                raise RuntimeError(f"{source}\nprints to stderr:\n{one['text']}")
    return outputs


def _refreshed_notebook(text: str) -> str:
    notebook = nbformat.reads(text, as_version=4)
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    outputs = _run([cell["source"] for cell in cells], width=1000)
    for count, (cell, output) in enumerate(zip(cells, outputs, strict=True), 1):
        cell["execution_count"] = count
        cell["outputs"] = [_stable(one, count) for one in output]
    return nbformat.writes(notebook) + "\n"


def _stable(output: Any, count: int) -> Any:
    """Return an output without what differs from run to run."""
    output["metadata"] = {}
    if "execution_count" in output:
        output["execution_count"] = count
    data = output.get("data", {})
    if "html" in " ".join(data):
        data["text/html"] = _RANDOM_ID.sub("table", data["text/html"])
    if "image/png" in data:  # its description, which readers without pictures need
        data["text/plain"] = _words(data["image/png"])
    return output


def _without_pictures(text: str) -> str:
    return re.sub(r'("image/png": ").*?(")', r"\1…\2", text)


def _words(png: str) -> str:
    return description_of(base64.b64decode(png))


# ---------------------------------------------------------------------------------------------
# Pages


def _refreshed_page(path: Path, text: str) -> tuple[str, dict[Path, bytes]]:
    text = _OUTPUT.sub("", text)
    blocks = list(_BLOCK.finditer(text))
    outputs = _run([block["shown"] or block["hidden"] for block in blocks], width=1400)
    parts, pictures, end = [], dict[Path, bytes](), 0
    for block, output in zip(blocks, outputs, strict=True):
        shown = [_markdown(one, path, pictures) for one in output if block["shown"]]
        parts.append(text[end : block.end()])
        if shown:
            joined = "\n\n".join(shown)
            parts.append(f"\n<!-- output -->\n\n{joined}\n\n<!-- end of output -->\n")
        end = block.end()
    return "".join([*parts, text[end:]]), pictures


def _markdown(output: Any, path: Path, pictures: dict[Path, bytes]) -> str:
    """Return an output as a code host renders it: a picture, a table or a block of text."""
    data = output.get("data", {})
    if "image/png" in data:
        picture = path.with_suffix("") / f"{len(pictures) + 1}.png"
        pictures[picture] = base64.b64decode(data["image/png"])
        return f"![{_words(data['image/png'])}]({path.stem}/{picture.name})"
    if "text/html" in data:
        return _Table(data["text/html"]).markdown()
    text = output["text"] if output["output_type"] == "stream" else data["text/plain"]
    return f"```text\n{text.rstrip()}\n```"


class _Table(HTMLParser):
    """The cells of a table of HTML, as text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.n_heads = 0
        self.is_cell = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a row or a cell."""
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and dict(attrs).get("colspan") in (None, "1"):  # no title of several
            self.rows[-1].append("")
            self.is_cell = True

    def handle_endtag(self, tag: str) -> None:
        """End a cell, or the head."""
        if tag in ("td", "th"):
            self.is_cell = False
        if tag == "thead":
            self.n_heads = len(self.rows)

    def handle_data(self, data: str) -> None:
        """Add the text of a cell."""
        if self.is_cell:
            self.rows[-1][-1] += data.strip()

    def markdown(self) -> str:
        """Return the table in Markdown, numbers at the right, without the numbers of the rows."""
        heads, rows = self.rows[: self.n_heads], self.rows[self.n_heads :]
        if not rows:
            return "No rows."
        names = [cell for cells in heads for cell in cells]
        if len(names) > len(rows[0]):  # the names of an index are in a row of their own
            names = [max(cells, key=len) for cells in zip(*heads, strict=True)]
        shown = [(name, [row[place] for row in rows]) for place, name in enumerate(names)]
        if not shown[0][0] and all(cell.isdecimal() for cell in shown[0][1]):
            shown = shown[1:]
        lines = [
            [name for name, _ in shown],
            ["---:" if all(map(_NUMBER.fullmatch, cells)) else "---" for _, cells in shown],
            *zip(*(cells for _, cells in shown), strict=True),
        ]
        escaped = ([_escaped(cell) for cell in line] for line in lines)
        return "\n".join("| " + " | ".join(line) + " |" for line in escaped)


def _escaped(cell: str) -> str:
    return re.sub(r"([|*`<])", r"\\\1", cell)


def main() -> int:
    """Compare or refresh the files, and say which differ."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--write", action="store_true", help="refresh the outputs")
    options = parser.parse_args()
    paths = [path.resolve() for path in options.paths] or files()
    with ProcessPoolExecutor() as pool:
        found = [*filter(None, pool.map(write if options.write else difference, paths))]
    for one in found:
        print(one, file=sys.stderr)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
