import math
import os
from xml.etree import ElementTree as ET

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from PIL import Image
from unit.charts_frames import agency, budget, clients, project, week

from togglframe import charts
from togglframe.errors import ConfigError

pytestmark = pytest.mark.nightly

# Where it does not matter what is drawn.
SMALL = budget(project(1, "Web", 12, 10))
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.daily
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
    figure = charts.timesheet_strip(week())
    path = charts.save(figure, tmp_path / "own.svg", alt="In my words.")
    assert ET.parse(path).getroot().findtext(f"{SVG}title") == "In my words."


@pytest.mark.daily
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


@pytest.mark.daily
def test_what_cannot_be_saved_is_refused(tmp_path):
    ax = charts.budget_bullet(SMALL)
    with pytest.raises(ConfigError, match=r"budget\.doc ends in none of"):
        charts.save(ax, tmp_path / "budget.doc")
    with pytest.raises(TypeError, match="save takes an Axes or a Figure, not ndarray"):
        charts.save(plt.subplots(2)[1], tmp_path / "two.png")


@pytest.mark.parametrize("ending", [pytest.param("svg", marks=pytest.mark.daily), "png", "pdf"])
def test_a_failure_leaves_the_old_file_and_no_litter(ending, tmp_path, monkeypatch):
    path = charts.save(charts.budget_bullet(SMALL), tmp_path / f"chart.{ending}")
    before = path.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        charts.save(charts.variance_bars(SMALL), path)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() == before


@pytest.mark.daily
@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_a_chart_that_cannot_be_drawn_leaves_the_old_file(ending, tmp_path):
    path = tmp_path / f"chart.{ending}"
    path.write_text("old")
    figure, ax = plt.subplots()
    ax.set_title("$\\frac{$")
    with pytest.raises(ValueError, match="frac"):
        charts.save(figure, path)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert path.read_text() == "old"


def test_a_link_stays_a_link_and_a_missing_folder_is_named(tmp_path):
    ax = charts.budget_bullet(SMALL)
    (tmp_path / "there").mkdir()
    link = tmp_path / "chart.png"
    link.symlink_to(tmp_path / "there" / "real.png")
    charts.save(ax, link)
    assert link.is_symlink()
    assert (tmp_path / "there" / "real.png").is_file()
    with pytest.raises(FileNotFoundError, match=r"No such folder.*misspelt"):
        charts.save(ax, tmp_path / "misspelt" / "chart.png")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(IsADirectoryError, match="name a file inside it"):
        charts.save(ax, tmp_path / "folder.png")


@pytest.mark.daily
def test_words_with_characters_that_no_file_may_hold_are_cleaned(tmp_path):
    ax = charts.budget_bullet(SMALL, title="a\x00b\uffff")
    path = charts.save(ax, tmp_path / "chart.svg", alt="one\x00two\uffff\ud800three\nfour")
    root = ET.parse(path).getroot()
    assert root.findtext(f"{SVG}title") == "one□two□□three four"


@pytest.mark.parametrize(
    ("options", "error", "reason"),
    [
        ({"alt": 5}, TypeError, "alt is a string, not int"),
        ({"dpi": "x"}, TypeError, "dpi is a number, not str"),
        ({"dpi": True}, TypeError, "dpi is a number, not bool"),
        *(({"dpi": dpi}, ConfigError, "dpi is a finite number") for dpi in (math.nan, math.inf, 0)),
    ],
)
def test_an_impossible_option_is_named(options, error, reason, tmp_path):
    ax = charts.budget_bullet(SMALL)
    with pytest.raises(error, match=reason):
        charts.save(ax, tmp_path / "chart.png", **options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", [b"chart.png", None, 5])
def test_what_is_no_path_is_named(path):
    with pytest.raises(TypeError, match="path must be a string or a path, not"):
        charts.save(charts.budget_bullet(SMALL), path)


def test_what_is_no_regular_file_is_left_as_it_is(tmp_path):
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    ax = charts.budget_bullet(SMALL)
    with pytest.raises(OSError, match=r"This is a pipe or a device.*pipe\.png"):
        charts.save(ax, pipe)
    assert pipe.is_fifo()
    with pytest.raises(OSError, match=r"This is a pipe or a device.*/dev/null"):
        charts.save(ax, "/dev/null")
