"""Whatever a project, a client or a column is called, a page and a table only show it."""

import pandas as pd
import pytest
from export_data import HOSTILE, frames
from hypothesis import given
from hypothesis import strategies as st
from joins_data import frame
from reading_pages import INERT, Page

import togglframe as tf
from togglframe.errors import CompletenessWarning
from togglframe.export.display import DASH
from togglframe.text.names import disambiguate, legible

TAGS = ["<script>", '"><img src=x onerror=1>', "</title>", "<!--", "&lt;", "]]>", "{{ 1 }}"]
texts = st.sampled_from([*HOSTILE, *TAGS, "\u202e"]) | st.text(
    st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40
)


def told(names, *hints):
    ids = [f"#{at}" for at in range(1, len(names) + 1)]
    return disambiguate([legible(name) or "(unnamed)" for name in names], *hints, ids)


@pytest.mark.nightly
@given(names=st.lists(texts, min_size=10, max_size=30), title=texts)
def test_a_page_shows_names_as_they_are(names, title, tmp_path_factory):
    rows = [{"id": at, "name": name, "client_id": at} for at, name in enumerate(names, 1)]
    clients = [{"id": at, "name": name} for at, name in enumerate(reversed(names), 1)]
    source = {
        "projects": frame(tf.tables.PROJECTS, *rows),
        "statuses": frame(tf.tables.PROJECT_STATUSES, {"id": 1, "tracked_time": 1}),
        "clients": frame(tf.tables.CLIENTS, *clients),
    }
    path = tmp_path_factory.getbasetemp() / "page.html"
    with pytest.warns(CompletenessWarning):
        tf.export.to_html(source, path, title=title)
    page = Page(path.read_text(encoding="utf-8"))
    page.check_inert()
    clients = [legible(name) or "(unnamed)" for name in reversed(names)]
    assert sorted(page.column("budgets", "Project")) == sorted(told(names, clients))
    assert sorted(page.column("budgets", "Client")) == sorted(told(names[::-1]))
    assert legible(title) in page.words or not legible(title)


@given(shown=frames([tf.tables.PROJECT_AUDIT, tf.tables.ENTRY_AUDIT]))
def test_a_table_for_a_notebook_shows_any_frame_and_no_tag_of_it(shown):
    body = Page(tf.style(shown).as_raw_html().partition("</style>")[2])
    assert body.elements <= {"table", "thead", "tbody", "tr", "th", "td", "bdi", "span", "div"}
    assert all(map(INERT.fullmatch, body.attributes - {"style"}))
    head, *rows = body.tables[""]
    labels = [DASH if pd.isna(label) else legible(label) for label in shown["label"]]
    assert [row[head.index("Label")] for row in rows] == labels
