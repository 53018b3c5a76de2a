from xml.etree import ElementTree as ET

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from PIL import Image
from unit.charts_frames import agency, clients

from togglframe import charts
from togglframe.errors import ConfigError

SVG = "{http://www.w3.org/2000/svg}"


def test_svg_has_the_text_alternative_and_texts_that_can_be_selected(tmp_path):
    path = charts.save(charts.budget_bullet(agency()), tmp_path / "budget.svg")
    root = ET.parse(path).getroot()
    assert root.findtext(f"{SVG}title") == charts.alt_text(agency())
    drawn = ["".join(text.itertext()).strip() for text in root.iter(f"{SVG}text")]
    assert "Web · Beta GmbH" in drawn


def test_the_figure_of_several_charts_has_the_text_of_each(tmp_path):
    figure, (left, right) = plt.subplots(1, 2, figsize=(16, 5), layout="constrained")
    charts.budget_bullet(agency(), ax=left)
    charts.variance_waterfall(clients(), ax=right)
    root = ET.parse(charts.save(figure, tmp_path / "both.svg")).getroot()
    both = f"{charts.alt_text(agency())} {charts.alt_text(clients())}"
    assert root.findtext(f"{SVG}title") == both


def test_the_text_alternative_can_be_given(tmp_path):
    figure = charts.client_overview(agency())
    path = charts.save(figure, tmp_path / "own.svg", alt="In my words.")
    assert ET.parse(path).getroot().findtext(f"{SVG}title") == "In my words."


def test_png_has_the_text_and_the_size_asked_for(tmp_path):
    ax = charts.budget_bullet(agency())
    with Image.open(charts.save(ax, tmp_path / "budget.png", dpi=50)) as picture:
        assert picture.width == 450
        assert picture.text["Description"] == charts.alt_text(agency())


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_equal_charts_are_equal_files(tmp_path, ending):
    paths = [tmp_path / f"{number}.{ending}" for number in (1, 2)]
    for path in paths:
        charts.save(charts.budget_bullet(agency()), path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_settings_of_the_user_do_not_reach_the_file(tmp_path):
    plain = charts.save(charts.budget_bullet(agency()), tmp_path / "plain.svg").read_bytes()
    with mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "other"}):
        settings = dict(mpl.rcParams)
        again = charts.save(charts.budget_bullet(agency()), tmp_path / "again.svg").read_bytes()
        assert dict(mpl.rcParams) == settings
    assert again == plain


def test_what_cannot_be_saved_is_refused(tmp_path):
    ax = charts.budget_bullet(agency())
    with pytest.raises(ConfigError, match=r"budget\.doc ends in none of"):
        charts.save(ax, tmp_path / "budget.doc")
    with pytest.raises(TypeError, match="save takes an Axes or a Figure, not ndarray"):
        charts.save(plt.subplots(2)[1], tmp_path / "two.png")
