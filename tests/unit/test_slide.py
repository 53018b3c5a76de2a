"""The slide: title, key figures, weeks and budgets of a portfolio, in 16:9."""

from dataclasses import replace
from functools import cache

import matplotlib as mpl
import pytest
from days import TODAY
from matplotlib.text import Text

import togglframe as tf
from togglframe import ConfigError, export, reports
from togglframe.charts.output import words_of
from togglframe.export.portfolio import portfolio
from togglframe.export.slide_figure import draw_slide


@pytest.fixture(scope="module")
def listings(_one_moment):
    with tf.demo(today=TODAY) as ws:
        yield reports.Listings(ws)


def texts_of(figure):
    figure.draw_without_rendering()
    texts = figure.findobj(match=lambda one: isinstance(one, Text) and one.get_visible())
    return [text for text in texts if text.get_text().strip()]


@cache
def document_of(listings, chosen):
    """Return the portfolio of a slide, made once."""
    parameters = dict(chosen)
    sections = ["figures", *["weeks"] * ("period" in parameters), "budgets"]
    return portfolio(listings, sections=sections, **parameters)


def slide_of(listings, top=10, **parameters):
    document = document_of(listings, tuple(parameters.items()))
    return document, draw_slide(document, document.section("weeks"), top)


def test_it_says_what_the_portfolio_says(listings):
    document, figure = slide_of(listings, period="2026-10")
    shown = " ".join(" ".join(text.get_text().split()) for text in texts_of(figure))
    figures = document.section("figures").figures
    for text in ("October 2026", document.scope, document.section("weeks").sentence):
        assert text in shown
    for one in figures[:4]:
        assert one.text in shown
        assert one.change_text in shown
    assert "Since the projects began: 16 of 49 projects" in shown
    assert words_of(figure).startswith("October 2026. ")


def test_the_last_weeks_are_named_beside_budgets_and_nothing_is_over_that_is_not(listings):
    document = portfolio(listings, sections=["figures", "budgets"], clients="northwind")
    recent = portfolio(
        listings, sections=["weeks"], clients="northwind", period="last-8-weeks"
    ).section("weeks")
    texts = [
        " ".join(text.get_text().split()) for text in texts_of(draw_slide(document, recent, 10))
    ]
    assert document.section("budgets").sentence in texts  # four of its six projects are not over
    assert any(text.startswith("In the last 8 weeks: ") for text in texts)
    texts = [text.get_text() for text in texts_of(draw_slide(document, recent, 2))]
    assert "The most over their estimates" in texts


def test_no_text_leaves_the_slide_or_lies_on_another(listings, subtests):
    for parameters in ({}, {"period": "2026-10"}, {"period": "2026-10", "clients": "northwind"}):
        with subtests.test(**parameters):
            _, figure = slide_of(listings, **parameters)
            boxes = [text.get_window_extent() for text in texts_of(figure)]
            whole = figure.bbox
            assert all(box.x0 >= 0 and box.x1 <= whole.x1 + 1 for box in boxes)
            overlaps = [
                (one, other)
                for n, one in enumerate(boxes)
                for other in boxes[n + 1 :]
                if one.x0 < other.x1 - 1
                and other.x0 < one.x1 - 1
                and one.y0 < other.y1 - 1
                and other.y0 < one.y1 - 1
            ]
            assert overlaps == []


def test_titles_of_charts_begin_where_that_of_the_slide_or_its_right_half_does(listings):
    document, figure = slide_of(listings, period="2026-10")
    texts = {" ".join(one.get_text().split()): one for one in texts_of(figure)}
    lefts = {title: one.get_window_extent().x0 / figure.bbox.width for title, one in texts.items()}
    (of_weeks,) = (at for title, at in lefts.items() if " h a week; " in title)
    assert lefts[document.title] == pytest.approx(of_weeks, abs=0.001)
    of_others = [at for title, at in lefts.items() if "projects began" in title or "close" in title]
    assert of_others == pytest.approx([0.5, 0.5], abs=0.01)


def test_a_client_sees_no_other_client_and_not_what_is_at_risk(listings):
    _, figure = slide_of(listings, period="2026-10", clients="northwind")
    shown = " ".join(text.get_text() for text in texts_of(figure))
    others = set(reports.client_budget(listings)["client"].dropna()) - {"Northwind Coffee Roasters"}
    assert [name for name in others if name in shown] == []
    assert "close to" not in shown


def test_a_client_sees_no_id_where_no_font_has_the_characters_of_names(listings):
    _, figure = slide_of(listings, period="2026-10", clients="株式会社みどり印刷")
    assert [text.get_text() for text in texts_of(figure) if "#" in text.get_text()] == []


def test_a_client_reads_neither_what_made_the_slide_nor_of_amounts_of_all(
    listings, tmp_path, subtests
):
    for ending in ("svg", "pdf", "png"):
        with subtests.test(ending):
            path = tmp_path / f"slide.{ending}"
            export.to_slide(listings, path, period="2026-10", clients="northwind", top=1)
            content = path.read_bytes()
            marks = (b"atplotlib", b"togglframe", b"/Producer", b"/Creator", b"Software")
            assert [mark for mark in (*marks, b"Amounts by client") if mark in content] == []
            assert b"one row per project" in content or ending == "pdf"  # in UTF-16


def test_a_long_title_and_many_figures_fit(listings):
    title = "The whole agency, in four countries, " * 3
    document = portfolio(listings, sections=["figures", "budgets"], title=title)
    figure = draw_slide(document, None, 10)
    shown = {text.get_text(): text.get_window_extent() for text in texts_of(figure)}
    texts = [document.title, *(one.text for one in document.section("figures").figures)]
    assert len(texts) == 10
    assert all(shown[text].x1 < figure.bbox.x1 for text in texts)


def test_no_key_figure_is_smaller_than_9_pt_however_many_there_are(listings):
    document = document_of(listings, ())
    section = document.section("figures")
    for times in (1, 2):
        many = replace(section, figures=section.figures * times)
        sections = [many if one is section else one for one in document.sections]
        figure = draw_slide(replace(document, sections=sections), None, 10)
        words = {text for one in section.figures for text in (one.name, one.text, one.detail)}
        sizes = [one.get_fontsize() for one in texts_of(figure) if one.get_text() in words]
        assert len(sizes) > 20 * times
        assert min(sizes) >= 9


def test_equal_slides_are_equal_files(listings, tmp_path):
    before = mpl.rcParams.copy()
    paths = [
        export.to_slide(listings, tmp_path / name, period="2026-10") for name in ("a.png", "b.png")
    ]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert mpl.rcParams == before


@pytest.mark.nightly
def test_without_a_period_it_is_about_the_budgets_and_the_last_weeks(listings, tmp_path):
    text = export.to_slide(listings, tmp_path / "slide.svg", weeks=4, top=3).read_text()
    assert "Projects and budgets" in text
    assert "The most over their estimates" in text
    assert " h a week" in text


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"weeks": 0}, "weeks must be a whole number above 0, not 0"),
        ({"top": "3"}, "top must be a whole number above 0, not '3'"),
        ({"audience": "client"}, "audience='client' is for the projects of one client"),
    ],
)
def test_impossible_arguments_are_refused_before_anything_is_written(
    listings, tmp_path, parameters, says
):
    with pytest.raises(ConfigError, match=says):
        export.to_slide(listings, tmp_path / "slide.png", **parameters)
    with pytest.raises(ConfigError, match=r"must end in \.png, \.svg or \.pdf"):
        export.to_slide(listings, tmp_path / "slide.txt")
    assert list(tmp_path.iterdir()) == []


def test_a_plan_is_about_what_it_costs(ws, tmp_path):
    planned = reports.plan(ws, export.to_slide, period="2026-10").requests
    assert ws.usage.requests == 0
    export.to_slide(ws, tmp_path / "slide.png", period="2026-10")
    assert ws.usage.requests / 2 <= planned <= ws.usage.requests * 2


def test_a_slide_without_charts_keeps_its_margin():
    with tf.demo(scale=0, today=TODAY) as ws:
        _, figure = slide_of(reports.Listings(ws), period="2026-10")
    lefts = [text.get_window_extent().x0 / figure.bbox.x1 for text in texts_of(figure)]
    assert lefts == pytest.approx([0.03] * 3, abs=0.002)
