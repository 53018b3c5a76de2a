"""timesheet_strip: each time entry of a person from start to stop."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from unit.charts_cases import overlaps
from unit.charts_frames import entry, typed, week
from unit.charts_reading import bars, columns, labels, title, words

from togglframe import charts
from togglframe.errors import ConfigError
from togglframe.tables import ENTRIES
from togglframe.tables.workspaces import together

pytestmark = pytest.mark.nightly

BO = (2, "Bo")


def entries(*rows):
    return typed(ENTRIES, rows)


def told(frame, start, end):
    frame.attrs["togglframe"] = {"filters": {"start_date": start, "end_date": end}}
    return frame


def strip(frame, **options):
    (ax,) = charts.timesheet_strip(frame, **options).axes
    return ax


def test_the_title_says_who_tracked_how_much_on_which_days():
    assert title(strip(week())) == "Ann: 17.0 h from Monday to Friday"
    assert title(strip(entries(entry(1, 9, 12)))) == "Ann: 3.0 h on 5 January"


@pytest.mark.daily
def test_entries_stand_on_the_clock_of_who_tracked_them():
    far = entries(entry(1, 9, 12.5, offset=13.75), entry(2, 13, 14, offset=-8))
    assert bars(strip(far), "Billable") == [(9, 3.5), (13, 1)]
    assert strip(far).get_xlim() == (9, 14)


def test_what_is_not_billable_or_not_known_to_be_is_grey():
    ax = strip(week())
    assert bars(ax, "Billable") == [(9, 3), (8, 4), (22, 5)]
    assert sorted(bars(ax, "Not billable")) == [(11, 3), (15, 2)]
    assert any("grey ones are not known to be billable" in text for text in words(ax))
    sure = strip(week().assign(billable=[True, False, False, True, True]))
    assert any("grey ones are not billable" in text for text in words(sure))
    assert not any("grey" in text for text in words(strip(week().assign(billable=True))))


@pytest.mark.daily
def test_a_gap_parts_an_entry_from_the_next():
    ax = strip(entries(entry(1, 9, 12), entry(2, 12, 17)))
    (lines,) = ax.collections
    assert [line[0, 0] for line in lines.get_segments()] == [9, 12]
    assert to_hex(lines.get_color()[0]) == "#ffffff"


@pytest.mark.daily
def test_what_overlaps_is_one_line_lower_and_both_are_seen():
    ax = strip(week())
    places = {
        patch.get_x(): round(patch.get_y() + patch.get_height() / 2, 6)
        for container in ax.containers
        for patch in container.patches
    }
    assert (places[9], places[11], places[15]) == (0, 0.8, 0)  # the third has the first line again
    assert "1.0 h overlap, on lines of their own." in " ".join(words(ax)).replace("\n", " ")


def test_three_at_a_time_have_three_lines():
    ax = strip(entries(entry(1, 9, 12), entry(2, 9, 12), entry(3, 10, 11), entry(4, 13, 14, day=1)))
    rows = {patch.get_y() for container in ax.containers for patch in container.patches}
    assert len(rows) == 4
    assert ax.get_yticks()[1] == pytest.approx(1 + 2 * 0.8)


@pytest.mark.daily
def test_an_entry_over_midnight_stays_on_the_day_on_which_it_began():
    ax = strip(week())
    assert ax.get_xlim() == (8, 27)
    assert [line.get_xdata()[0] for line in ax.lines] == [24]
    ax.figure.draw_without_rendering()
    ticks = [tick.get_text() for tick in ax.get_xticklabels()]
    assert ticks.index("24:00") < ticks.index("02:00")


def test_an_entry_that_was_never_stopped_is_cut_and_says_so():
    ax = strip(entries(entry(1, 9, 12), entry(2, 14, 90)))
    assert ax.get_xlim() == (9, 36)
    assert "»" in words(ax)
    assert "79.0" in words(ax)


def test_in_the_night_in_which_clocks_change_an_entry_is_as_long_as_it_lasted():
    frame = entries(entry(1, 23, 27, offset=1))
    assert bars(strip(frame), "Billable") == [(23, 4)]


def test_empty_days_of_the_range_are_rows_too():
    frame = told(week(), "2026-01-05", "2026-01-11")
    assert labels(strip(frame)) == [
        "Mon 5 Jan",
        "Tue 6 Jan",
        "Wed 7 Jan",
        "Thu 8 Jan",
        "Fri 9 Jan",
        "Sat 10 Jan",
        "Sun 11 Jan",
    ]
    assert len(labels(strip(week()))) == 5  # as far as is known: from the first entry to the last


def test_of_a_long_range_only_days_with_entries_are_drawn():
    frame = told(week(), "2026-01-01", "2026-03-31")
    assert labels(strip(frame)) == ["Mon 5 Jan", "Wed 7 Jan", "Fri 9 Jan"]


def test_the_longest_days_first():
    ax = strip(week(), sort="tracked_time")
    assert labels(ax)[0] == "Mon 5 Jan"
    assert labels(ax)[1] == "Fri 9 Jan"
    assert len(labels(ax)) == 3


def test_projects_are_named_where_they_fit():
    said = words(strip(week()))
    assert said.count("Web") == 2
    none = entries(entry(1, 9, 17, project=(None, None)))
    assert "(no project)" in words(strip(none))
    short = entries(entry(1, 9, 9.1), entry(2, 9.5, 19))
    assert words(strip(short)).count("Relaunch") == 1
    long = entries(entry(1, 9, 10, project=(1, "Online tariff calculator")), entry(2, 10, 17))
    assert "Online tariff…" in words(strip(long))


def test_on_a_small_axes_names_of_projects_give_way():
    _, ax = plt.subplots(figsize=(4, 3))
    charts.timesheet_strip(told(week(), "2026-01-05", "2026-01-11"), ax=ax)
    assert len(labels(ax)) >= 7
    assert "Web" not in words(ax)
    _, small = plt.subplots(figsize=(4, 1.5))
    charts.timesheet_strip(told(week(), "2026-01-05", "2026-01-11"), ax=small)
    assert labels(small) == ["Mon 5 Jan", "and 2 others"]  # empty days give way first
    _, ax = plt.subplots(figsize=(4, 2))
    charts.timesheet_strip(told(week(), "2026-01-05", "2026-01-11"), ax=ax)
    assert labels(ax) == ["Mon 5 Jan", "Wed 7 Jan", "Fri 9 Jan"]


def test_each_person_has_a_panel_by_name_on_one_scale():
    rows = [entry(1, 9, 17, user=BO), entry(2, 8, 12), entry(3, 7, 8, user=(3, "Bo"))]
    figure = charts.timesheet_strip(entries(*rows))
    heads = [words(ax) for ax in figure.axes]
    for head, name in zip(heads, ["Ann", "Bo · #2", "Bo · #3"], strict=True):
        assert name in head
    assert {ax.get_xlim() for ax in figure.axes} == {(7, 17)}
    assert title(figure.axes[0]) == "3 people: 13.0 h on 5 January"


def test_one_person_can_be_chosen_and_on_an_axes_must_be():
    frame = entries(entry(1, 9, 17, user=BO), entry(2, 8, 12))
    _, ax = plt.subplots()
    with pytest.raises(ConfigError, match=r"timesheet_strip draws one user on .* user_id=1"):
        charts.timesheet_strip(frame, ax=ax)
    assert charts.timesheet_strip(frame, ax=ax, user_id=2) is ax
    assert title(ax) == "Bo: 8.0 h on 5 January"
    by_name = frame.drop(columns=["user_id", "project_id"])
    with pytest.raises(ConfigError, match=r"or pass frame\[frame\['user'\] == 'Ann'\]"):
        charts.timesheet_strip(by_name, ax=ax)
    with pytest.raises(ConfigError, match="no user 9 among the 2 users of the frame"):
        charts.timesheet_strip(frame, user_id=9)


def test_two_hundred_people_are_four_panels_and_a_line():
    rows = [
        entry(10 * n + day, 9, 17, day=day, user=(n, f"User {n:03}"))
        for n in range(1, 201)
        for day in range(5)
    ]
    figure = charts.timesheet_strip(entries(*rows))
    assert len(figure.axes) == 4
    assert "196 people with 7,840 h are not shown." in " ".join(words(figure.axes[0]))
    assert title(figure.axes[0]) == "200 people: 8,000.0 h from Monday to Friday"
    assert figure.get_figheight() < 11


def test_entries_of_an_unknown_time_are_not_drawn_and_said():
    frame = week()
    frame.loc[0, "utc_offset"] = pd.NaT
    ax = strip(frame)
    assert (9, 3) not in bars(ax, "Billable")
    assert "1 entry of an unknown time is not shown." in " ".join(words(ax)).replace("\n", " ")


def test_an_entry_without_a_stop_is_as_long_as_was_tracked():
    frame = entries(entry(1, 9, 12))
    frame.loc[0, "stop"] = pd.NaT
    assert bars(strip(frame), "Billable") == [(9, 3)]


def test_the_entries_of_search_will_do(ws):
    import togglframe as tf

    week = {"start_date": "2026-10-19", "end_date": "2026-10-25"}
    found, report = tf.search.time_entries(ws, **week), tf.reports.time_entries(ws, **week)
    one = int(found["user_id"].iloc[0])
    drawn = [strip(frame, user_id=one) for frame in (found, report)]
    assert words(drawn[0]) == words(drawn[1])
    sheet = tf.reports.timesheet(ws, **week, users=[one])
    hours = sheet.loc[sheet["tracked_hours"] > 0, "tracked_hours"]
    assert columns(drawn[0])["tracked [h]"] == [f"{value:,.1f}" for value in hours]


def test_equal_ids_of_two_workspaces_are_two_people():
    figure = charts.timesheet_strip(together({7: week(), 11: week()}))
    said = [text for ax in figure.axes for text in words(ax)]
    assert {"Ann · workspace 7", "Ann · workspace 11"} <= set(said)


@pytest.mark.daily
def test_times_without_a_zone_are_refused():
    frame = week()
    frame["start"] = frame["start"].dt.tz_localize(None)
    with pytest.raises(ConfigError, match="column 'start' of the entries frame"):
        charts.timesheet_strip(frame)
    frame["start"] = frame["start"].astype("str")
    with pytest.raises(ConfigError, match="column 'start' of the entries frame is str"):
        charts.timesheet_strip(frame)


def test_panels_fit_into_the_figure_given():
    people = ["Ann Lee", "Bob Ray", "Cas Poe"]
    frame = entries(*(entry(n, 9, 12, user=(n, name)) for n, name in enumerate(people, 1)))
    figure = plt.figure(figsize=(6, 4), layout="constrained")
    charts.timesheet_strip(frame, fig=figure)
    assert overlaps(figure) == []
    assert len(figure.axes) == 3
