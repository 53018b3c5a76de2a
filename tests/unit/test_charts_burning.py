"""burn_up: how projects grow towards their estimates, and the fan of a forecast."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from unit.charts_frames import MONDAY, ahead, burn, finish, grown, typed
from unit.charts_reading import labels, title, words

from togglframe import charts
from togglframe.charts._times import date_of, day_of
from togglframe.errors import ConfigError
from togglframe.export import to_csv, to_parquet
from togglframe.tables import BURN

pytestmark = pytest.mark.nightly

RANGE = {"start_date": "2026-01-05", "end_date": "2026-02-01"}


def lines(ax, label):
    """Return the lines with this label, as days and hours by the scale of the only project."""
    return [line.get_xydata() for line in ax.lines if line.get_label() == label]


def hours(ax, y):
    """Return the hours at a place of a chart of one project."""
    (zero,), (one,) = (
        [tick for tick, text in zip(ax.get_yticks(), labels(ax), strict=True) if text == name]
        for name in ("0 h", labels(ax)[0])
    )
    return float(labels(ax)[0].removesuffix(" h").replace(",", "")) * (zero - y) / (zero - one)


def told(frame, **filters):
    frame.attrs["togglframe"] = {"fetched_at": "2026-02-01T09:00:00+00:00", "filters": filters}
    return frame


def test_the_title_says_how_many_are_over_and_how_many_are_drawn():
    assert title(charts.burn_up(burn())) == "1 of 3 estimated projects is over: +50 h gross"
    assert title(charts.burn_up(burn(), top=2)).endswith("; 2 of 6 projects are drawn")


def test_projects_over_come_first_then_those_that_used_most_then_those_without_an_estimate():
    ax = charts.burn_up(burn())
    assert labels(ax) == ["Relaunch", "Web", "Plan", "Support", "Internal", "(no project)"]
    assert labels(charts.burn_up(burn(), sort="cumulative_hours"))[:2] == ["Relaunch", "Internal"]
    assert labels(charts.burn_up(burn(), sort="project"))[0] == "Internal"


def test_what_is_written_over_the_hatching_has_a_ground_of_its_own_above_the_line():
    ax = charts.burn_up(burn(), project_id=11)
    (said,) = [text for text in ax.texts if text.get_text() == "Estimate 262.5 h"]
    assert said.get_bbox_patch().get_facecolor() == ax.get_facecolor()
    (estimate,) = [c for c in ax.collections if c.get_label() == "Estimate"]
    ax.figure.draw_without_rendering()
    _, line = ax.transData.transform(estimate.get_segments()[0][0])
    assert said.get_bbox_patch().get_window_extent().y0 > line


def test_hours_without_a_project_are_not_called_a_project():
    assert any(
        text.startswith("667.5 h tracked in 5 projects and (no project)")
        for text in words(charts.burn_up(burn()))
    )
    alone = charts.burn_up(grown((None, None, 12, None)))
    assert any(text.startswith("12.0 h tracked in (no project)") for text in words(alone))


@pytest.mark.daily
def test_what_was_tracked_before_the_range_is_where_the_line_begins():
    ax = charts.burn_up(burn(), project_id=12)
    (line,) = lines(ax, "Tracked")
    assert [hours(ax, y) for _, y in line] == pytest.approx([16, 32, 48, 64, 80])
    assert [date_of(x) for x, _ in line] == list(pd.date_range(MONDAY, periods=5, freq="7D"))


@pytest.mark.daily
def test_the_estimate_is_a_line_across_and_what_is_over_it_is_hatched():
    ax = charts.burn_up(burn(), project_id=11)
    (estimate,) = [c for c in ax.collections if c.get_label() == "Estimate"]
    ((start, end),) = [(segment[0], segment[1]) for segment in estimate.get_segments()]
    assert hours(ax, start[1]) == pytest.approx(262.5)
    assert (start[0], end[0]) == ax.get_xlim()
    (over,) = [c for c in ax.collections if c.get_label() == "Over the estimate"]
    assert over.get_hatch() == "/////"
    assert "Estimate 262.5 h" in words(ax)


def test_a_project_without_an_estimate_above_zero_has_a_line_alone():
    for project_id in (14, 15):
        ax = charts.burn_up(burn(), project_id=project_id)
        assert len(lines(ax, "Tracked")) == 1
        assert {c.get_label() for c in ax.collections} == {"Zero"}
    said = words(charts.burn_up(burn()))
    assert {"no estimate", "estimate 0", "119 %", "80 %"} <= set(said)


def test_the_share_of_some_users_of_the_estimate_of_all_is_not_drawn():
    frame = burn().assign(progress=pd.array([None] * 28, "Float64"))
    ax = charts.burn_up(frame)
    assert {c.get_label() for c in ax.collections} == {"Zero"}
    assert title(ax).endswith("on 6 projects, none with known progress")
    assert words(ax).count("not known") == 3


@pytest.mark.daily
def test_a_forecast_is_a_fan_that_ends_on_its_days_with_the_dates_written():
    days = ("2026-02-09", "2026-02-16", "2026-03-09")
    ax = charts.burn_up(burn(), ahead(finish(12, 80, *days)), project_id=12)
    (fan,) = ax.patches
    corners = [(date_of(x - 1).strftime("%Y-%m-%d"), hours(ax, y)) for x, y in fan.get_xy()[:3]]
    assert [day for day, _ in corners] == ["2026-02-01", days[0], days[2]]
    assert [value for _, value in corners] == pytest.approx([80, 100, 100])
    (median,) = lines(ax, "Forecast, median")
    assert f"{date_of(median[1][0] - 1):%Y-%m-%d}" == days[1]
    assert "2026-02-16 (2026-02-09 to 2026-03-09)" in words(ax)
    assert "lasts until about 2026-02-16 (2026-02-09 to 2026-03-09)" in title(ax)


def test_beside_others_the_dates_are_columns_and_the_title_names_the_next():
    forecast = ahead(
        finish(12, 80, "2026-02-09", "2026-02-16", "2026-03-09"),
        finish(13, 10, "2026-04-06", "2026-05-04", None, estimate=40),
        finish(11, 312.5, None, None, None),
    )
    ax = charts.burn_up(burn(), forecast)
    assert title(ax).endswith("; next is Web, about 2026-02-16")
    assert {"2026-02-16", "2026-02-09 to 2026-03-09", "from 2026-04-06", "over"} <= set(words(ax))
    assert [patch.get_label() for patch in ax.patches] == ["Forecast"]
    assert len(lines(ax, "Forecast, earliest")) == 1


def test_where_nothing_is_forecast_there_are_no_columns_of_it():
    assert "interval" not in words(charts.burn_up(burn(), ahead(finish(11, 9, None, None, None))))


def test_a_fan_far_away_does_not_press_what_has_been_together():
    days = ("2027-02-09", "2031-02-16", "2035-03-09")
    ax = charts.burn_up(burn(), ahead(finish(12, 80, *days)), project_id=12)
    low, high = map(date_of, ax.get_xlim())
    assert (low, high) == (MONDAY, pd.Timestamp("2026-02-02") + pd.Timedelta(days=91))
    assert "2031-02-16 (2027-02-09 to 2035-03-09)" in words(ax)


def test_a_fan_that_begins_long_after_the_range_is_seen():
    days = ("2026-09-09", "2026-09-16", "2026-10-09")
    ax = charts.burn_up(burn(), ahead(finish(12, 90, *days), as_of="2026-08-31"), project_id=12)
    assert date_of(ax.get_xlim()[1] - 1) == pd.Timestamp("2026-10-09")
    (line,) = lines(ax, "Tracked")
    assert date_of(line[-1][0]) == pd.Timestamp("2026-02-02")


def test_what_comes_after_the_frame_was_fetched_is_not_drawn():
    frame = told(
        grown((12, "Web", 80, 100), weeks=8), start_date="2026-01-07", end_date="2026-12-31"
    )
    ax = charts.burn_up(frame)
    (line,) = lines(ax, "Tracked")
    assert date_of(line[0][0]) == pd.Timestamp("2026-01-07")  # the range cuts its first week
    assert line[-1][0] == day_of(pd.Timestamp("2026-02-02"))
    assert len(line) == 5


def test_the_first_and_last_period_are_cut_where_the_range_is():
    frame = told(burn(), start_date="2026-01-07", end_date="2026-01-30")
    low, high = charts.burn_up(frame, project_id=12).get_xlim()
    assert (date_of(low), date_of(high)) == (pd.Timestamp("2026-01-07"), pd.Timestamp("2026-01-31"))


@pytest.mark.parametrize(
    ("periods", "end"),
    [
        (["2026-01-05", "2026-01-06"], "2026-01-07"),
        (["2026-01-05", "2026-01-12"], "2026-01-19"),
        (["2026-01-01", "2026-02-01"], "2026-03-01"),
        (["2026-01-05", "2026-01-26"], "2026-02-02"),  # weeks of which some were left out
    ],
)
def test_how_long_periods_are_is_seen_in_them(periods, end):
    frame = grown((12, "Web", 80, 100), weeks=2)
    frame["period"] = pd.to_datetime(pd.Series(periods)).astype("datetime64[us]")
    frame.attrs = {}
    assert date_of(charts.burn_up(frame).get_xlim()[1]) == pd.Timestamp(end)


@pytest.mark.daily
def test_a_project_that_is_not_there_is_named():
    with pytest.raises(ConfigError, match="no project 99 among the 6 projects of the frame"):
        charts.burn_up(burn(), project_id=99)


@pytest.mark.daily
def test_a_wrong_forecast_is_told_how_to_be_made():
    with pytest.raises(ConfigError, match=r"needs the column 'finish'; .*reports\.forecast\(ws\)"):
        charts.burn_up(burn(), ahead().drop(columns="finish"))
    with pytest.raises(TypeError, match="burn_up takes a DataFrame, not list"):
        charts.burn_up(burn(), [])


def test_a_forecast_without_projects_of_the_burn_changes_nothing():
    frame = ahead(finish(99, 1, "2026-02-09", "2026-02-16", "2026-03-09"))
    assert words(charts.burn_up(burn(), frame)) == words(charts.burn_up(burn()))


def test_files_bring_the_same_chart_back(tmp_path):
    forecast = ahead(finish(12, 80, "2026-02-09", "2026-02-16", "2026-03-09"))
    expected = words(charts.burn_up(burn(), forecast))
    pytest.importorskip("pyarrow")
    for write, read, name in (
        (to_csv, pd.read_csv, "burn.csv"),
        (to_parquet, pd.read_parquet, "burn.parquet"),
    ):
        write(burn(), tmp_path / name)
        back = read(tmp_path / name)
        back.attrs = burn().attrs
        assert words(charts.burn_up(back, forecast)) == expected


def test_two_hundred_projects_of_three_years_fit_on_a_page():
    frame = grown(*((n, f"Project {n}", n, 100) for n in range(1, 201)), weeks=156)
    ax = charts.burn_up(frame)
    assert len(lines(ax, "Tracked")) == 8
    assert labels(ax)[-1].startswith("and 192 others (")
    assert ax.figure.get_figheight() < 9


def test_one_project_on_a_small_axes_keeps_its_scale_of_hours():
    _, ax = plt.subplots(figsize=(4, 3))
    charts.burn_up(burn(), ax=ax, project_id=12)
    assert labels(ax)[-1] == "0 h"
    assert len(labels(ax)) >= 3


def test_the_text_alternative_tells_the_forecast_too(tmp_path):
    forecast = ahead(finish(12, 80, "2026-02-09", "2026-02-16", "2026-03-09"))
    path = charts.save(charts.burn_up(burn(), forecast), tmp_path / "burn.svg")
    assert "next is Web, about 2026-02-16." in path.read_text()
    assert charts.alt_text(typed(BURN, [])) == (
        "Cumulative hours against estimates, one line per project: no projects."
    )
