"""What a stranger reads first is true: README, CONTRIBUTING, CHANGELOG, the checks, the guides."""

import re
import tomllib
from pathlib import Path
from unittest.mock import create_autospec

import pytest
from days import TODAY

import togglframe as tf
from togglframe._renamed import KEYWORDS, NAMES

ROOT = Path(__file__).parents[2]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted(path for path in (ROOT / "docs").rglob("*.md") if "_build" not in path.parts),
]


def _code(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def _targets(text):
    """Return what a page of Markdown links to, code left out."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", prose))


def _headings(page):
    """Return the anchors that a code host and Sphinx make of the headings of a page."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    heads = re.findall(r"^#+ (.+)", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def _is_broken(page, target):
    name, _, anchor = target.partition("#")
    file = page.parent / name if name else page
    return not file.exists() or (file.suffix == ".md" and anchor and anchor not in _headings(file))


def test_every_link_to_a_file_and_to_a_heading_resolves(subtests):
    for page in PAGES:
        with subtests.test(page=page.relative_to(ROOT).as_posix()):
            targets = _targets(page.read_text(encoding="utf-8"))
            here = [target for target in targets if "://" not in target]
            assert [target for target in here if _is_broken(page, target)] == []


def run_example_of_the_readme():
    """Return what the names of the example stand for, on the demo's agency."""
    example = "\n".join(_code((ROOT / "README.md").read_text(encoding="utf-8"), "python"))
    names: dict[str, object] = {}
    demo = example.replace("tf.Workspace(1234567)", f'tf.demo(today="{TODAY}")')
    exec(demo.replace('"acme"', '"northwind"'), names)
    assert len(names["budget"]) > 50
    assert names["wide"].columns[-1] == "Total"
    assert "tracked_hours_change" in names["change"]
    return names


def test_the_example_of_the_readme_runs(monkeypatch):
    """The files that it makes are made by night; their doctests make one each by day."""
    to_html, to_invoice = (
        create_autospec(getattr(tf.export, name)) for name in ("to_html", "to_invoice")
    )
    monkeypatch.setattr(tf.export, "to_html", to_html)
    monkeypatch.setattr(tf.export, "to_invoice", to_invoice)
    run_example_of_the_readme()
    assert to_html.call_count == 2
    to_invoice.assert_called_once()


@pytest.mark.nightly
def test_the_example_of_the_readme_makes_its_files(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    run_example_of_the_readme()
    assert {"october.html", "acme.html"} < {file.name for file in tmp_path.iterdir()}


def test_every_function_of_the_readme_exists():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    names = re.findall(r"`(filters|search|reports|charts|export)\.(\w+)", text)
    assert len(names) > 12
    assert [name for name in names if not hasattr(getattr(tf, name[0]), name[1])] == []


def test_the_architecture_names_the_layers_that_import_linter_checks():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*?) \|", text, flags=re.MULTILINE)
    told = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    places = {
        name: place for place, layer in enumerate(layers) for name in re.split(r" [|:] ", layer)
    }
    assert told == sorted(places, key=lambda name: (places[name], told.index(name)))


def test_every_target_that_contributing_names_is_one_of_the_makefile():
    rules = re.findall(r"^([\w ]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    targets = {name for rule in rules for name in rule.split()}
    named = re.findall(r"^make (\w+)", (ROOT / "CONTRIBUTING.md").read_text(), flags=re.MULTILINE)
    assert named
    assert set(named) <= targets


@pytest.mark.parametrize("form", ["error", "vendor", "wrong-number"])
def test_who_reports_a_fault_is_asked_for_the_doctor(form):
    text = (ROOT / ".github" / "ISSUE_TEMPLATE" / f"{form}.yml").read_text(encoding="utf-8")
    _, _, asked = text.partition("    id: doctor\n")
    assert "togglframe doctor --workspace ID" in asked
    assert asked.rstrip().endswith("required: true")


def test_pre_commit_checks_what_make_lint_checks():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", makefile, flags=re.MULTILINE)[1]
    by_make = [line.strip().removeprefix("@$(BIN)/") for line in recipe.splitlines()]
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert re.findall(r"entry: \.venv/bin/(.*)", hooks) == by_make


def test_the_changelog_has_this_version():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## [{tf.__version__}]" in text
    assert (ROOT / "docs" / "releases" / f"{tf.__version__}.md").exists()


def test_the_release_note_has_every_name_and_keyword_that_changed(subtests):
    note = (ROOT / "docs" / "releases" / "0.3.0.md").read_text(encoding="utf-8")
    for old, new in NAMES.items():
        name, which, rest = new.replace("togglframe.", "tf.").partition(", which")
        with subtests.test(old):
            assert f"| `{old.replace('togglframe', 'tf', 1)}` | `{name}`{which}{rest} |" in note
    for old, new in KEYWORDS.items():
        with subtests.test(old):
            assert f"| `{old}=` | `{new}=` |" in note


def test_the_sandbox_may_import_no_layer():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers, sandbox = settings["tool"]["importlinter"]["contracts"]
    modules = [name for layer in layers["layers"] for name in re.split(r" [|:] ", layer)]
    assert sorted(sandbox["forbidden_modules"]) == sorted(f"togglframe.{n}" for n in modules)


def test_every_example_is_of_one_day():
    """Numbers in the docs stay what they are: an example that has a demo gives its day."""
    pages = [*PAGES, *(ROOT / "docs").glob("*.py"), *(ROOT / "notebooks").glob("*.ipynb")]
    pages += (ROOT / "togglframe").rglob("*.py")
    days, without = set(), []
    for page in pages:
        text = page.read_text(encoding="utf-8").replace('\\"', '"')
        days |= set(re.findall(r'today="([^"]*)"', text))
        if page.suffix in {".md", ".ipynb"}:
            calls = re.findall(r"(?<![`;] )(?<!`)tf\.demo\([^)]*\)", text)
            without += [f"{page.name}: {call}" for call in calls if "today" not in call]
    assert days == {TODAY.isoformat()}
    assert without == []
