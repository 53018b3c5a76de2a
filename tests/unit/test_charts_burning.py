"""burn_up: how a project grows towards its estimate, and the fan of a forecast."""

import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.dates import date2num, num2date
from unit.charts_frames import MONDAY, ahead, burn, finish, grown, typed
from unit.charts_reading import reading, title, words

from togglframe import charts
from togglframe.errors import ConfigError
from togglframe.export import to_csv, to_parquet
from togglframe.tables import BURN

DAY = pd.Timedelta(days=1)


def line(ax, label="Tracked"):
    """Return the days and hours of the line with this label."""
    (found,) = [line for line in ax.lines if line.get_label() == label]
    return [(day_at(x), float(y)) for x, y in found.get_xydata()]


def day_at(number):
    return pd.Timestamp(num2date(number).date())


def ends(ax):
    return tuple(map(day_at, ax.get_xlim()))


def told(frame, today="2026-02-01", **filters):
    frame.attrs["togglframe"] = {"fetched_at": f"{today}T09:00:00+00:00", "filters": filters}
    return frame


def test_the_line_has_the_hours_at_the_end_of_each_period():
    ax = charts.burn_up(burn(), project=12)
    assert line(ax) == [
        (MONDAY + 7 * n * DAY, pytest.approx(hours)) for n, hours in enumerate([16, 32, 48, 64, 80])
    ]
    (estimate,) = [each for each in ax.lines if each.get_label() == "Estimate"]
    assert set(estimate.get_ydata()) == {100}
    assert title(ax) == "Web has used 80 % of its estimate"
    assert reading(ax) == "80 h of 100 h until 1 February 2026."
    assert "estimate" in words(ax)


def test_hours_over_the_estimate_are_hatched():
    ax = charts.burn_up(burn(), project=11)
    (over,) = [c for c in ax.collections if c.get_label() == "Over the estimate"]
    assert over.get_hatch() == "/////"
    assert title(ax) == "Relaunch overran its estimate by 50 h"
    assert reading(ax).endswith(" Hatched is over the estimate.")


def test_without_an_estimate_there_is_a_line_alone(subtests):
    for number, said in ((14, "Support has used 33 h"), (15, "Internal has used 220 h")):
        with subtests.test(said):
            ax = charts.burn_up(burn(), project=number)
            assert title(ax) == said
            assert not [each for each in ax.lines if each.get_label() == "Estimate"]
            assert "estimate" not in words(ax)


def test_a_project_without_known_hours_is_no_line():
    ax = charts.burn_up(burn(), project="Ghost")
    assert title(ax) == "No tracked hours are known"
    assert "There are no projects with tracked hours to show." in words(ax)


def test_a_project_is_chosen_by_id_or_name(subtests):
    for project in (12, "Web", " web "):
        with subtests.test(project=project):
            assert title(charts.burn_up(burn(), project=project)).startswith("Web ")
    alone = charts.burn_up(grown((None, None, 12, None)))
    assert title(alone) == "(no project) has used 12 h"
    bare = burn().drop(columns="project_id")
    assert title(charts.burn_up(bare, project="Web")).startswith("Web ")


def test_a_project_that_is_not_the_only_one_is_refused():
    with pytest.raises(ConfigError, match="no project 99 among the 7 projects of the frame"):
        charts.burn_up(burn(), project=99)
    with pytest.raises(ConfigError, match=r"no project 'Relunch' .*; did you mean Relaunch"):
        charts.burn_up(burn(), project="Relunch")
    several = "one project: choose by project= one of 'Relaunch', 'Web', 'Plan', .*, …"
    with pytest.raises(ConfigError, match=several):
        charts.burn_up(burn())
    twice = grown((12, "Web", 80, 100), (13, "Web", 10, 40))
    with pytest.raises(ConfigError, match="one of 'Web · #12', 'Web · #13'"):
        charts.burn_up(twice, project="Web")
    with pytest.raises(TypeError, match="no parameter 'project_id'; it is 'project' now"):
        charts.burn_up(burn(), project_id=12)


def test_a_fan_leads_from_the_hours_to_the_days_of_the_forecast_and_to_its_end():
    days = ("2026-02-09", "2026-02-16", "2026-03-09")
    ax = charts.burn_up(burn(), ahead(finish(12, 80, *days)), project=12)
    (fan,) = [patch for patch in ax.patches if patch.get_label() == "Forecast"]
    corners = fan.get_xy()[:3]
    assert [day_at(x) for x, _ in corners] == [
        pd.Timestamp(day) + DAY for day in ("2026-02-01", days[0], days[2])
    ]
    assert [y for _, y in corners] == [80, 100, 100]
    assert line(ax, "Forecast, median")[1] == (pd.Timestamp(days[1]) + DAY, 100)
    assert ends(ax) == (MONDAY, pd.Timestamp(days[2]) + DAY)
    assert title(ax) == "Web will have used its estimate between February and March"
    said = "The fan ends when the estimate may be used up; the dashed line is the median."
    assert reading(ax).endswith(said)


def test_a_fan_far_away_is_drawn_to_its_end():
    days = ("2027-02-09", "2031-02-16", "2035-03-09")
    ax = charts.burn_up(burn(), ahead(finish(12, 80, *days)), project=12)
    assert ends(ax)[1] == pd.Timestamp("2035-03-10")


def test_a_fan_without_an_end_is_its_first_edge():
    days = ("2026-04-06", "2026-05-04", None)
    ax = charts.burn_up(burn(), ahead(finish(13, 10, *days, estimate=40)), project=13)
    assert not ax.patches
    assert line(ax, "Forecast, earliest")[1][0] == pd.Timestamp("2026-04-07")
    assert title(ax) == "Plan will have used its estimate by early May"


def test_a_forecast_without_the_project_changes_nothing():
    frame = ahead(finish(99, 1, "2026-02-09", "2026-02-16", "2026-03-09"))
    drawn = charts.burn_up(burn(), frame, project=12)
    assert words(drawn) == words(charts.burn_up(burn(), project=12))


def test_a_week_that_is_not_over_ends_in_a_hollow_dot_today():
    days = {"start_date": "2026-01-05", "end_date": "2026-02-01"}
    ax = charts.burn_up(told(grown((12, "Web", 80, 100)), today="2026-01-28", **days))
    assert line(ax)[-1] == (pd.Timestamp("2026-01-29"), 80)
    (dot,) = [each for each in ax.lines if each.get_label() == "Until"]
    assert to_hex(dot.get_markerfacecolor()) == to_hex(ax.get_facecolor())
    assert reading(ax) == "80 h of 100 h until 28 January 2026; the week is not over."
    whole = charts.burn_up(told(grown((12, "Web", 80, 100)), today="2026-02-03", **days))
    (dot,) = [each for each in whole.lines if each.get_label() == "Until"]
    assert to_hex(dot.get_markerfacecolor()) != to_hex(whole.get_facecolor())


def test_weeks_to_come_are_not_drawn():
    frame = grown((12, "Web", 80, 100), weeks=8)
    ax = charts.burn_up(told(frame, start_date="2026-01-07", end_date="2026-12-31"))
    days = [day for day, _ in line(ax)]
    assert days[0] == pd.Timestamp("2026-01-07")  # the range cuts its first week
    assert days[-1] == pd.Timestamp("2026-02-02")
    assert len(days) == 5


def test_the_first_and_last_period_are_cut_where_the_range_is():
    frame = told(burn(), start_date="2026-01-07", end_date="2026-01-30")
    low, high = ends(charts.burn_up(frame, project=12))
    assert (low, high) == (pd.Timestamp("2026-01-07"), pd.Timestamp("2026-01-31"))


@pytest.mark.parametrize(
    ("periods", "end"),
    [
        (["2026-01-05", "2026-01-06"], "2026-01-07"),
        (["2026-01-05", "2026-01-12"], "2026-01-19"),
        (["2026-01-01", "2026-02-01"], "2026-03-01"),
        (["2026-01-05", "2026-01-26"], "2026-02-02"),  # weeks of which some were left out
    ],
)
def test_the_length_of_periods_is_inferred(periods, end):
    frame = grown((12, "Web", 80, 100), weeks=2)
    frame["period"] = pd.to_datetime(pd.Series(periods)).astype("datetime64[us]")
    frame.attrs = {}
    assert ends(charts.burn_up(frame))[1] == pd.Timestamp(end)


def test_a_wrong_forecast_is_refused():
    with pytest.raises(ConfigError, match=r"needs the column 'finish'; .*reports\.forecast\(ws\)"):
        charts.burn_up(burn(), ahead().drop(columns="finish"), project=12)
    with pytest.raises(TypeError, match="burn_up takes a DataFrame, not list"):
        charts.burn_up(burn(), [], project=12)


@pytest.mark.nightly
def test_files_give_the_same_chart_back(tmp_path):
    forecast = ahead(finish(12, 80, "2026-02-09", "2026-02-16", "2026-03-09"))
    expected = words(charts.burn_up(burn(), forecast, project=12))
    pytest.importorskip("pyarrow")
    for write, read, name in (
        (to_csv, pd.read_csv, "burn.csv"),
        (to_parquet, pd.read_parquet, "burn.parquet"),
    ):
        write(burn(), tmp_path / name)
        back = read(tmp_path / name)
        back.attrs = burn().attrs
        assert words(charts.burn_up(back, forecast, project=12)) == expected


def test_the_scale_of_days_has_dates_in_any_range(subtests):
    for days in (1, 3, 12, 40, 90, 200, 700, 1400, 5000):
        with subtests.test(days=days):
            last = str((pd.Timestamp("2026-02-02") + days * DAY).date())
            forecast = ahead(finish(12, 80, "2026-02-02", "2026-02-02", last))
            ax = charts.burn_up(burn(), forecast, project=12)
            ax.figure.draw_without_rendering()
            low, high = ax.get_xlim()
            assert len([tick for tick in ax.get_xticks() if low <= tick <= high]) >= 2
            assert date2num(MONDAY) == low


def test_the_text_alternative_is_the_headline(tmp_path):
    forecast = ahead(finish(12, 80, "2026-02-09", "2026-02-16", "2026-03-09"))
    drawn = charts.burn_up(burn(), forecast, project=12)
    written = charts.save(drawn, tmp_path / "burn.svg").read_text()
    assert (
        "Cumulative hours of a project, and its estimate: "
        "Web will have used its estimate between February and March."
    ) in written
    assert charts.alt_text(typed(BURN, [])) == (
        "Cumulative hours against estimates, one line per project: no projects."
    )
