"""What pages and notebooks print is what the code prints now, and their pictures are there."""

import importlib.util
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
KILOBYTE = 1000

# What a kernel's own libraries say of themselves is not ours to mend.
pytestmark = pytest.mark.filterwarnings(
    "default::DeprecationWarning", "default::ResourceWarning", "default:.*encryption"
)


def load(name):
    """Import a module of the docs, which are no package."""
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def outputs():
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(str(DOCS))
        yield load("outputs")


def pages_of(pattern):
    return [path for path in DOCS.rglob(pattern) if "_build" not in path.parts]


@pytest.mark.nightly
@pytest.mark.parametrize("name", [path.stem for path in NOTEBOOKS])
def test_a_notebook_has_the_outputs_of_now(outputs, name):
    assert outputs.difference(ROOT / "notebooks" / f"{name}.ipynb") == ""


@pytest.mark.nightly
def test_every_page_has_the_outputs_of_now(outputs, subtests):
    for path in outputs.files():
        if path.suffix == ".md":
            with subtests.test(path.name):
                assert outputs.difference(path) == ""


@pytest.mark.nightly
def test_the_gallery_says_what_the_charts_say_now(outputs):
    assert (DOCS / "gallery.md").read_text(encoding="utf-8") == load("gallery").gallery()[0]


def test_every_block_that_prints_something_is_followed_by_it(outputs, subtests):
    """No page shows half: it has outputs, or none of its blocks has any."""
    for path in outputs.files():
        if path.suffix == ".md":
            with subtests.test(path.name):
                assert "<!-- output -->" in path.read_text(encoding="utf-8")


def test_every_picture_of_a_page_is_used_and_small(subtests):
    shown = {
        (page.parent / target).resolve()
        for page in pages_of("*.md")
        for target in re.findall(r"!\[[^]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    }
    made = {path for path in pages_of("*.png") if path.parent != DOCS}
    assert made
    assert made <= shown
    for picture in made:
        with subtests.test(picture.name):
            assert picture.stat().st_size < 80 * KILOBYTE


def test_notebooks_have_pictures_in_a_few_hundred_kilobytes():
    texts = [path.read_text(encoding="utf-8") for path in NOTEBOOKS]
    assert sum(len(text) for text in texts) < 600 * KILOBYTE
    for path, text in zip(NOTEBOOKS, texts, strict=True):
        cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
        shown = [output for cell in cells for output in cell["outputs"]]
        assert any("image/png" in output.get("data", {}) for output in shown), path.name
        assert [cell["execution_count"] for cell in cells] == [*range(1, len(cells) + 1)]


def test_every_chart_is_in_the_gallery():
    from togglframe import charts

    page = (DOCS / "gallery.md").read_text(encoding="utf-8")
    drawn = {*charts.__all__} - {"alt_text", "save", "theme"}
    assert drawn == {path.stem for path in DOCS.glob("gallery/*.png")}
    assert all(f"**{name}.**" in page for name in drawn)


def test_pages_are_plain_markdown(subtests):
    """A code host renders them: no directive, no role, no header of another format."""
    generated = {"api", "endpoints", "modules", "tables", "notebooks", "_templates"}
    shells = {"contributing.md", "changelog.md"}  # of the site: what they include is plain
    for path in [*ROOT.glob("*.md"), *pages_of("*.md")]:
        if path.parent.name in generated or path.name in shells:
            continue
        with subtests.test(path.name):
            text = path.read_text(encoding="utf-8")
            assert not text.startswith("---")
            assert re.findall(r"^```\{|^:::|\{\w+\}`", text, flags=re.MULTILINE) == []
