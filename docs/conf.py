"""How Sphinx builds the documentation. It asks nothing of the network."""

import os
import sys
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

import togglframe

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
# The cells of the guides run in processes of their own, and import month_ago too.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")]))

import pictures  # noqa: E402
from generated_pages import write_pages  # noqa: E402

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
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_timeout = 120
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_merge_streams = True

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
html_sidebars = {"index": [], "quickstart": [], "changelog": [], "gallery": []}


def setup(app: Sphinx) -> None:
    """Write the pages that are made of the code, and draw, before Sphinx looks for pages."""
    app.connect("config-inited", lambda *_: write_pages(HERE))
    app.connect("config-inited", lambda *_: pictures.draw(HERE))
    app.connect("source-read", _draw_in_gallery)
    app.connect("autodoc-process-docstring", _draw_in_reference)


def _draw_in_gallery(_: Sphinx, page: str, source: list[str]) -> None:
    if page == "gallery":
        source[0] = pictures.gallery(source[0], HERE)


def _draw_in_reference(*args: Any) -> None:
    """Show a chart below the first sentence of its page."""
    _, what, name, _, _, lines = args
    module, _, function = name.rpartition(".")
    if what == "function" and module == "togglframe.charts":
        said = next((place for place, line in enumerate(lines) if line.strip()), len(lines))
        end = lines.index("", said) if "" in lines[said:] else len(lines)
        lines[end:end] = ["", *pictures.of_chart(function, HERE)]
