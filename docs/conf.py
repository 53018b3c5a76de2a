"""How Sphinx builds the documentation. It asks nothing of the network."""

import re
import sys
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

import togglframe

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from generated_pages import TOCTREES, write_pages  # noqa: E402
from pictures import description_of  # noqa: E402

project = "togglframe"
author = "The togglframe developers"
copyright = author  # noqa: A001 -- Sphinx wants this name
release = version = togglframe.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_nb",
]
templates_path = ["_templates"]
html_static_path = ["_static"]
exclude_patterns = ["_build", "jupyter_execute", "**/.ipynb_checkpoints", "README.md"]

nitpicky = True
nitpick_ignore_regex = [
    # what other libraries document
    (
        r"py:.*",
        r"(pandas|pd|numpy|np|matplotlib|collections|datetime|duckdb|great_tables|os|pathlib)\..*",
    ),
    (r"py:.*", r"(enum|http|threading|types|typing)\..*"),
    # names in signatures that have no page: theirs, aliases of unions, and what few need
    (r"py:.*", r"(.*\.)?(Any|Artist|Axes|Figure|GT|SubFigure|Path|PathLike|datetime|tqdm)"),
    (r"py:.*", r"(.*\.)?(Answer|Day|Endpoint|Entry|Handler|Ids|IdsOrNone|OnQuota|Plan|Response)"),
    (r"py:.*", r"(.*\.)?(Selection|Source|Store|Sums)|dict\[str"),
]

autosummary_generate = True
autosummary_generate_overwrite = True
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autodoc_type_aliases = {"Usage": "togglframe.http.quota.Usage"}
numpydoc_show_class_members = False
maximum_signature_line_length = 80
add_module_names = False
python_use_unqualified_type_names = True

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # docs/outputs.py runs them, and outputs are committed
suppress_warnings = ["myst.header"]

html_theme = "pydata_sphinx_theme"
html_title = "togglframe"
html_css_files = ["togglframe.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"text": "togglframe"},
    "show_toc_level": 2,
    "navigation_depth": 3,
    "show_prev_next": True,
    "navbar_align": "left",
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars = {"index": [], "changelog": [], "gallery": []}


# Pages are plain Markdown, which a code host renders; the site adds what only it can show.
OUTSIDE = {
    "../CONTRIBUTING.md": "contributing.md",
    "../CHANGELOG.md": "changelog.md",
    "../notebooks": "notebooks.md",
}
GENERATED = tuple(f"reference/{folder}/" for folder in ("api", "endpoints", "modules", "tables"))
LINKED = ("guides/", "reference/", "faq", "security")
FUNCTION = re.compile(r"(?<!\[)`(?:tf\.)?((filters|search|reports|charts|export)\.[a-z]\w+)`")


def setup(app: Sphinx) -> None:
    """Write the pages that are made of the code before Sphinx looks for pages."""
    app.connect("config-inited", lambda *_: write_pages(HERE))
    app.connect("source-read", _add_what_the_site_shows)
    app.connect("autodoc-process-docstring", _draw_in_reference)


def _add_what_the_site_shows(_: Sphinx, page: str, source: list[str]) -> None:
    """Link functions to the reference and pages outside of docs/ to those of the site."""
    if page.startswith((*GENERATED, "notebooks/")):
        return
    for outside, inside in OUTSIDE.items():
        source[0] = source[0].replace(f"](../{outside})", f"](../{inside})")
        source[0] = source[0].replace(f"]({outside})", f"]({inside})")
    if page.startswith(LINKED):
        source[0] = FUNCTION.sub(_link, source[0])
    source[0] += TOCTREES.get(page, "")


def _link(found: re.Match[str]) -> str:
    module = f"api.{found[1]}" if found[2] in ("filters", "search") else found[1]
    return f"{{func}}`{found[1]} <togglframe.{module}>`"


def _draw_in_reference(*args: Any) -> None:
    """Show a chart below the first sentence of its page."""
    _, what, name, _, _, lines = args
    module, _, function = name.rpartition(".")
    picture = HERE / "gallery" / f"{function}.png"
    if what == "function" and module == "togglframe.charts" and picture.is_file():
        first = next((place for place, line in enumerate(lines) if line.strip()), len(lines))
        end = lines.index("", first) if "" in lines[first:] else len(lines)
        alt = description_of(picture.read_bytes())
        lines[end:end] = ["", f".. image:: /gallery/{function}.png", f"   :alt: {alt}", ""]
