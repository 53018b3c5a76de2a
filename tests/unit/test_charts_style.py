import subprocess
import sys
from threading import Thread

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import to_hex
from unit.charts_frames import agency

from togglframe import charts
from togglframe.charts import _fonts
from togglframe.charts.style import palette_on
from togglframe.errors import ConfigError
from togglframe.text.palette import LIGHT

BOX = "\N{WHITE SQUARE}"


def test_a_theme_is_a_context_of_rcparams_and_charts():
    settings = dict(mpl.rcParams)
    with charts.theme("dark"):
        assert mpl.rcParams["figure.facecolor"] == "#15191E"
        dark = charts.budget_bullet(agency())
    assert dict(mpl.rcParams) == settings
    light = charts.budget_bullet(agency())
    assert dark.get_facecolor()[:3] == pytest.approx((0x15 / 255, 0x19 / 255, 0x1E / 255))
    assert light.get_facecolor() == (1, 1, 1, 1)


def test_a_theme_ends_with_its_block_even_on_an_error():
    settings = dict(mpl.rcParams)
    with pytest.raises(ConfigError), charts.theme("dark"):
        charts.budget_bullet(agency(), top=0)
    assert dict(mpl.rcParams) == settings
    assert charts.budget_bullet(agency()).get_facecolor() == (1, 1, 1, 1)


def test_the_text_on_a_figure_of_ones_own_can_be_read():
    for ground, text in (("black", "#E8EAED"), ("white", "#1F2328")):
        for ax in (
            plt.figure(facecolor=ground, layout="constrained").subplots(),
            plt.figure(facecolor=ground, layout="constrained").subfigures().subplots(),
        ):
            ax.set_facecolor("none")
            charts.budget_bullet(agency(), ax=ax)
            assert {label.get_color() for label in ax.get_yticklabels()} == {text}


def test_a_theme_takes_the_colours_of_a_brand(subtests):
    with charts.theme(brand="#7A1FA2"):
        ax = charts.budget_bullet(agency())
        assert palette_on(None).categories[:2] == ("#7a1fa2", LIGHT.categories[0])
        assert len(palette_on(None).categories) == 5
    fills = {
        c.get_label(): to_hex(c.patches[0].get_facecolor()) for c in ax.containers if c.patches
    }
    assert fills["Tracked"] == "#7a1fa2"
    assert fills["Over the estimate"] == LIGHT.over.fill.lower()
    assert palette_on(None).within == LIGHT.within
    with charts.theme("dark", brand=["tab:pink", "#00AA88"]):
        assert palette_on(None).categories[:2] == ("#e377c2", "#00aa88")
    with pytest.raises(ConfigError, match=r"brand takes colours such as .*, not 'no colour'"):
        charts.theme(brand=["#000000", "no colour"]).__enter__()


def test_the_first_preferred_font_is_used_where_the_user_has_chosen_none(monkeypatch):
    monkeypatch.setattr(_fonts, "_installed", lambda: {"Roboto", "Arial", "DejaVu Sans"})
    assert _fonts.chosen() == ["Roboto"]
    with mpl.rc_context({"font.sans-serif": ["Arial"]}):
        assert _fonts.chosen() == ["sans-serif"]
    with mpl.rc_context({"font.family": ["DejaVu Serif"]}):
        assert _fonts.chosen() == ["DejaVu Serif"]


def test_an_unknown_theme_is_refused():
    with (
        pytest.raises(ConfigError, match="no theme 'night'; choose one of togglframe, dark"),
        charts.theme("night"),
    ):
        pass


def test_a_brand_of_one_thread_is_not_that_of_another():
    colours = []

    def note_the_first():
        colours.append(palette_on(None).categories[0])

    with charts.theme(brand="#7A1FA2"):
        thread = Thread(target=note_the_first)
        thread.start()
        thread.join()
        note_the_first()
    assert colours == [LIGHT.categories[0], "#7a1fa2"]


@pytest.mark.nightly
def test_importing_togglframe_does_not_import_matplotlib():
    code = "import sys, togglframe; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Café", "Café"),
        ("two\nlines\t here ", "two lines here"),
        ("nul\x00", f"nul{BOX}"),
        ("half \ud800", f"half {BOX}"),
        ("\u202egnp", "gnp"),
        ("A\u200dB\ufe0f", "AB"),
        ("\U000f1234", BOX),
        ("\N{ROCKET} Go", "Go"),
        ("\N{ROCKET}", BOX),
        ("\n", ""),
    ],
)
def test_printable_keeps_one_line_of_what_a_font_can_draw(name, printed):
    assert _fonts.printable(name) == printed


def test_a_font_of_the_user_that_is_not_installed_does_not_hide_what_is():
    with mpl.rc_context({"font.family": ["No Such Font", "DejaVu Sans"]}):
        assert _fonts.printable("Web") == "Web"
        assert _fonts.families(["Web"]) == ["No Such Font", "DejaVu Sans"]


def test_fonts_are_added_only_where_characters_need_them():
    with mpl.rc_context({"font.family": ["STIXSizeOneSym"]}):
        assert _fonts.families(["Web"])[0] == "STIXSizeOneSym"
        assert len(_fonts.families(["Web"])) > 1
    with mpl.rc_context({"font.family": ["DejaVu Sans"]}):
        assert _fonts.families(["Web"]) == ["DejaVu Sans"]
