"""Take the pictures of the page and of the workbook: ``python docs/screenshots.py``.

Needs Chromium, LibreOffice and pdftoppm; the pictures are committed, so that the docs need none.
"""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import togglframe as tf

HERE: Final = Path(__file__).parent
RANGE: Final[dict[str, Any]] = {"period": "2026-10"}
SIZE: Final = "1280,900"
SCHEMES: Final = {"light": 1, "dark": 0}  # as Blink counts them
DPI: Final = 110


def main() -> None:
    """Take them of the demo's agency."""
    with TemporaryDirectory() as folder, tf.demo(today="2026-11-26") as ws:
        page = tf.export.to_html(ws, Path(folder) / "portfolio.html", **RANGE)
        for scheme, number in SCHEMES.items():
            _photograph(page, HERE / f"page-{scheme}.png", number, Path(folder) / "profile")
        _print(tf.export.to_excel(ws, Path(folder) / "portfolio.xlsx", **RANGE), HERE / "workbook")


def _photograph(page: Path, target: Path, scheme: int, profile: Path) -> None:
    options = [
        *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
        *("--no-first-run", "--hide-scrollbars", f"--window-size={SIZE}"),
        f"--blink-settings=preferredColorScheme={scheme}",
        f"--user-data-dir={profile}",
        f"--screenshot={target}",
    ]
    subprocess.run(["chromium", *options, page.as_uri()], check=True, capture_output=True)


def _print(workbook: Path, target: Path) -> None:
    """Print the first page of the workbook."""
    convert = ["soffice", "--headless", "--convert-to", "pdf", "--outdir", workbook.parent]
    subprocess.run([*convert, workbook], check=True, capture_output=True)
    pdf = workbook.with_suffix(".pdf")
    first = ["pdftoppm", "-png", "-r", str(DPI), "-f", "1", "-l", "1", "-singlefile"]
    subprocess.run([*first, pdf, target], check=True)


if __name__ == "__main__":
    main()
