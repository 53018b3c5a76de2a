"""hours_by_week: what the columns hold, which are hollow, and what stands beside them."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from unit.charts_frames_over_time import (
    APP,
    RANGE,
    earned,
    hours,
    hours_row,
    layers,
    many_hours,
)
from unit.charts_reading import labels, title, words

import togglframe as tf
from togglframe import charts
from togglframe.errors import ConfigError
from togglframe.tables import HOURS
from togglframe.text.palette import LIGHT
from togglframe.text.periods import periods_of


def columns(ax):
    """Return of each layer, from the bottom, where its columns begin and end, by position."""
    found = {}
    for container in ax.containers:
        layer = found.setdefault(container.get_label(), {})
        for patch in container.patches:
            low = patch.get_y()
            position = round(patch.get_x() + patch.get_width() / 2)
            layer[position] = (round(low, 6), round(low + patch.get_height(), 6))
    return [dict(sorted(layer.items())) for layer in found.values()]


def hollow(ax):
    """Return the positions of hollow columns."""
    patches = [patch for container in ax.containers for patch in container.patches]
    surface = to_hex(ax.get_facecolor())
    return {
        round(patch.get_x() + patch.get_width() / 2)
        for patch in patches
        if to_hex(patch.get_facecolor()) == surface
    }


def names(ax):
    """Return the names of the layers, from the bottom."""
    return [word for word in words(ax) if word and not word.endswith(".")]


def dates(ax):
    return [tick.get_text() for tick in ax.get_xticklabels()]


def test_layers_lie_on_one_another_the_largest_at_the_top():
    ax = charts.hours_by_week(layers())
    assert names(ax) == ["(no project)", "Internal", "App", "Web"]
    assert columns(ax) == [
        {2: (0, 2)},
        {1: (0, 8)},
        {0: (0, 5), 1: (8, 18), 4: (0, 25)},
        {0: (5, 15), 1: (18, 38), 2: (2, 17), 4: (25, 30)},
    ]
    assert labels(ax) == ["0", "10", "20", "30 h"]


def test_a_week_without_an_entry_is_a_gap_with_a_date():
    assert dates(charts.hours_by_week(layers())) == [
        "28 Sep\n4 of 7 days",
        "5 Oct",
        "12 Oct",
        "19 Oct",
        "26 Oct\n6 of 7 days",
    ]


def test_the_week_that_has_begun_is_hollow():
    frame = layers()
    ax = charts.hours_by_week(frame)
    assert hollow(ax) == set()  # the first and the last are cut, and say so
    assert title(ax) == "18 h a week; the most, 38 h, from 5 October"
    frame.attrs["togglframe"]["filters"] = {"start_date": "2026-09-28", "end_date": "2026-11-01"}
    ax = charts.hours_by_week(frame)
    assert hollow(ax) == set()
    assert "Columns are weeks from Monday." in words(ax)
    frame.attrs["togglframe"]["today"] = "2026-10-28"
    ax = charts.hours_by_week(frame)
    assert hollow(ax) == {4}
    assert dates(ax)[-1] == "26 Oct\nso far"
    assert "Columns are weeks from Monday; the hollow one is not whole." in words(ax)


def test_weeks_to_come_are_not_drawn():
    frame = layers()
    days = {"start_date": "2026-09-28", "end_date": "2026-12-27"}
    frame.attrs["togglframe"] |= {"today": "2026-10-21", "filters": days}
    assert dates(charts.hours_by_week(frame))[-1] == "26 Oct"  # that of the last entry
    early = frame[frame["period"] < "2026-10-26"]
    assert dates(charts.hours_by_week(early))[-1] == "19 Oct\nso far"


def test_weeks_of_which_an_archive_holds_a_part_are_hollow():
    frame = layers()
    days = {"start_date": "2026-09-28", "end_date": "2026-11-01"}
    frame.attrs["togglframe"] |= {"filters": days, "not_held": ["2026-09", "2026-11"]}
    assert hollow(charts.hours_by_week(frame)) == {0, 4}
    assert periods_of(frame).cut == {0: "4 of 7 days", 4: "6 of 7 days"}
    frame.attrs["togglframe"] |= {"not_held": ["2026-10"]}
    assert periods_of(frame).cut[2] == "0 of 7 days"


def test_an_unknown_range_cuts_nothing(subtests):
    other = {"start_date": "2026-10-08", "end_date": "2026-10-31"}
    for filters in ({}, other, {"start_date": "soon"}):
        with subtests.test(filters=filters):
            frame = layers()
            frame.attrs["togglframe"]["filters"] = filters
            assert hollow(charts.hours_by_week(frame)) == set()


def test_the_others_are_one_light_layer_at_the_bottom():
    ax = charts.hours_by_week(layers(), top=1)
    assert columns(ax)[0] == {0: (0, 5), 1: (0, 18), 2: (0, 2), 4: (0, 25)}
    assert names(ax) == ["3 others", "Web"]
    frame = many_hours([f"Name {n}" for n in range(9)])
    ax = charts.hours_by_week(frame)
    fills = [to_hex(container.patches[0].get_facecolor()) for container in ax.containers[::2]]
    assert fills == [color.lower() for color in (*LIGHT.categories, LIGHT.others)][::-1]
    assert names(ax)[0] == "4 others"
    single = charts.hours_by_week(many_hours([f"Name {n}" for n in range(6)]))
    assert len(names(single)) == 6
    assert not names(single)[0].endswith("others")


def named_in(ax):
    ax.figure.draw_without_rendering()
    named = [text for text in ax.texts if text.get_text() in names(ax)]
    places = [text.get_window_extent() for text in named]
    assert all(below.y1 <= above.y0 + 1 for below, above in pairwise(places))
    return named


def leaders(ax):
    return [(one.xy[1], one.xyann[1]) for one in ax.texts if one.arrow_patch]


def test_names_stand_beside_the_last_column_and_apart():
    ax = charts.hours_by_week(layers()[lambda rows: rows["project"].isin(["App", "Web"])])
    at = {text.get_text(): text.xy[1] for text in named_in(ax)}
    assert at["Web"] == pytest.approx(27.5, abs=3)
    assert [end for end, _ in leaders(ax)] == [12.5, 27.5]


def test_names_are_a_key_if_the_last_column_lacks_one_of_them():
    ax = charts.hours_by_week(layers())
    places = [text.xy[1] for text in named_in(ax)]
    assert len(places) == 4
    assert places == sorted(places)
    assert places[0] > 15  # all at the top, and no line leads to the foot of a column
    assert [end for end, _ in leaders(ax)] == pytest.approx([place for _, place in leaders(ax)])


def test_what_is_stacked_can_be_chosen_and_the_rest_is_summed_up():
    ax = charts.hours_by_week(layers(), by="user")
    assert names(ax) == ["Cas", "Bob", "Ann"] or names(ax) == ["Cas", "Ann", "Bob"]
    assert max(top for layer in columns(ax) for _, top in layer.values()) == 38
    for by in ("period", "tracked_hours"):
        with pytest.raises(ConfigError, match=f"by is a column of names, .* not '{by}'"):
            charts.hours_by_week(layers(), by=by)
    with pytest.raises(ConfigError, match="hours_by_week needs the column 'client'"):
        charts.hours_by_week(layers(), by="client")


def test_a_frame_of_totals_has_one_layer_without_a_name():
    frame = hours(hours_row("2026-10-05", 12), hours_row("2026-10-12", 20))
    ax = charts.hours_by_week(frame.drop(columns=["user_id", "user", "project_id", "project"]))
    assert columns(ax) == [{0: (0, 12), 1: (0, 20)}]
    assert names(ax) == []


def test_groups_of_ones_own_are_stacked():
    frame = layers().assign(team=["Web", "App"] * 5)
    frame.attrs = layers().attrs
    bare = frame.drop(columns=["project_id", "project"])
    bare = bare.drop_duplicates(["user", "period", "team"])
    assert {*names(charts.hours_by_week(bare, by="team"))} == {"App", "Web"}
    only = bare.groupby(["team", "period"], as_index=False)["tracked_hours"].sum()
    only.attrs = layers().attrs
    assert {*names(charts.hours_by_week(only))} == {"App", "Web"}
    assert charts.alt_text(only.assign(n_entries=1)).startswith("Hours per week by team: ")


def test_names_can_be_the_order():
    assert names(charts.hours_by_week(layers(), sort="name"))[::-1] == [
        "App", "Internal", "Web", "(no project)"
    ]  # fmt: skip
    assert names(charts.hours_by_week(layers(), sort=None))[-1] == "Web"


@pytest.mark.parametrize(
    ("days", "every", "reading", "first"),
    [
        (["2026-10-05", "2026-10-12"], None, "weeks from Monday", "5 Oct"),
        (["2026-09-01", "2026-10-01"], None, "months", "Sep"),
        (["2026-10-05", "2026-10-07"], None, "days", "5 Oct"),
        (["2026-06-01"], None, "weeks from Monday", "1 Jun"),
        (["2026-06-01"], "month", "months", "Jun"),
        (["2026-06-01"], "day", "days", "1 Jun"),
        (["2026-04-01", "2026-07-01"], "quarter", "quarters", "Q2"),
        (["2025-01-01"], "year", "years", "2025"),
    ],
)
def test_periods_are_named(days, every, reading, first):
    frame = hours(*(hours_row(day, 5 + n) for n, day in enumerate(days)))
    ax = charts.hours_by_week(frame, every=every)
    assert f"Columns are {reading}." in words(ax)
    assert dates(ax)[0] == first


def test_years_stand_at_dates_of_several_years():
    ax = charts.hours_by_week(hours(hours_row("2025-12-29", 3), hours_row("2026-01-05", 5)))
    assert dates(ax) == ["29 Dec 2025", "5 Jan 2026"]


def test_of_many_weeks_some_have_dates():
    weeks = pd.date_range("2023-12-04", periods=157, freq="7D")
    frame = hours(*(hours_row(str(week.date()), 200.0 + n) for n, week in enumerate(weeks)))
    ax = charts.hours_by_week(frame)
    ax.figure.draw_without_rendering()
    assert len(columns(ax)[0]) == 157
    boxes = [tick.get_window_extent() for tick in ax.get_xticklabels()]
    assert len(boxes) > 5
    assert all(one.x1 < other.x0 for one, other in pairwise(boxes))


def test_hours_that_are_unknown_are_counted_and_not_drawn():
    frame = hours(hours_row("2026-10-05", 12), hours_row("2026-10-12", None, project=APP))
    ax = charts.hours_by_week(frame)
    assert columns(ax) == [{0: (0, 12)}]
    assert "1 row without known hours is not shown." in " ".join(words(ax))


def test_rows_that_come_twice_are_refused_by_their_whole_key():
    frame = layers()
    charts.hours_by_week(frame)  # a project comes several times a week, once for each user
    with pytest.raises(ConfigError, match="one row per user_id and project_id and period"):
        charts.hours_by_week(pd.concat([frame, frame.head(1)]))


def test_more_layers_than_colours_are_refused():
    with pytest.raises(ConfigError, match="top is at most 5"):
        charts.hours_by_week(layers(), top=6)


def test_nothing_in_whole_weeks_is_the_sum_alone():
    frame = hours(hours_row("2026-09-28", 3.0), **RANGE)
    assert title(charts.hours_by_week(frame)) == "3.0 h"
    frame.attrs["togglframe"]["today"] = "2026-10-01"
    assert title(charts.hours_by_week(frame)) == "3.0 h so far"


@pytest.fixture(scope="module")
def ws():
    with tf.demo(scale=6, today="2026-11-26") as ws:
        yield ws


def test_what_reports_make_is_drawn(ws, subtests):
    activity = {"activity": ("tag", ["design"])}
    for options in (
        {"by": ["project", "client"], "every": "week"},
        {"by": "client", "every": "day"},
        {"by": [], "every": "month"},
        {"by": ["project", "tags"], "every": "week"},
        {"by": activity, "every": "week"},
    ):
        with subtests.test(**options):
            frame = tf.reports.hours(ws, period="2026-11", **options)
            ax = charts.hours_by_week(frame)
            heights = [patch.get_height() for c in ax.containers for patch in c.patches]
            assert np.sum(heights) == pytest.approx(frame["tracked_hours"].sum())
            assert frame.attrs["togglframe"]["table"] == HOURS.name


def test_a_length_that_the_periods_do_not_have_is_refused(subtests):
    for draw, frame, wrong in (
        (charts.hours_by_week, layers(), "month"),
        (charts.hours_heatmap, layers(), "month"),
        (charts.earnings_by_month, earned(), "week"),
    ):
        with subtests.test(draw.__name__):
            every = "every must be one of None, 'day', 'week', 'month'.* not 'y'"
            with pytest.raises(ConfigError, match=every):
                draw(frame, every="y")
            with pytest.raises(ConfigError, match=f"some periods .* do not begin with a {wrong}"):
                draw(frame, every=wrong)
