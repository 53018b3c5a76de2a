"""A chart is tested from the moment it is declared, and cannot be declared by halves."""

import inspect
import re
from dataclasses import MISSING, fields, replace
from typing import get_args, get_type_hints
from xml.etree import ElementTree as ET

import pytest
from matplotlib.figure import Figure
from unit.charts_all import CASES, FRAMES, TYPICAL, typical_by_day
from unit.charts_reading import labels

from togglframe import charts
from togglframe.charts._chart import Chart
from togglframe.charts.output import figure_of
from togglframe.errors import ConfigError
from togglframe.tables import TABLES

pytestmark = pytest.mark.nightly

SVG = "{http://www.w3.org/2000/svg}"
REQUIRED = [
    field.name
    for field in fields(Chart)
    if field.default is MISSING and field.default_factory is MISSING
]

every_chart = pytest.mark.parametrize("name", CASES)


def axes_of(drawn):
    return drawn.axes if isinstance(drawn, Figure) else [drawn]


def chosen(record):
    """Return each option of a chart with each value that it can have."""
    choices = {"sort": (*record.orders, None), **record.choices}
    return [(option, value) for option, values in choices.items() for value in values]


@pytest.mark.daily
def test_every_table_of_frames_for_tests_has_a_chart():
    assert {case.record.table.name for case in CASES.values()} == set(FRAMES)
    assert set(FRAMES) <= {table.name for table in TABLES}


@pytest.mark.daily
@pytest.mark.parametrize("field", REQUIRED)
def test_a_field_that_is_left_out_is_named(field):
    record = next(iter(CASES.values())).record
    known = {f.name: getattr(record, f.name) for f in fields(record) if f.name != field}
    with pytest.raises(TypeError, match=f"missing 1 required keyword-only argument: '{field}'"):
        Chart(**known)


@pytest.mark.daily
@every_chart
def test_a_column_that_the_table_does_not_have_is_named(name):
    record = CASES[name].record
    with pytest.raises(ValueError, match=f"{name}: {record.table.name} has no column .'no_such'"):
        replace(record, columns=f"{record.columns} no_such")
    without = " ".join(c for c in record.needed if c != record.table.key[0])
    with pytest.raises(ValueError, match=f"{name}: columns must name .'{record.table.key[0]}'"):
        replace(record, columns=without)
    with pytest.raises(ValueError, match=f"{name}: columns must name .'hidden'"):
        replace(record, sorts=("hidden",))


@pytest.mark.daily
@every_chart
def test_the_function_takes_what_the_record_says(name):
    record, function = CASES[name].record, CASES[name].draw
    parameters, hints = inspect.signature(function).parameters, get_type_hints(function)
    assert parameters["sort"].default == record.orders[0]
    for option, values in record.choices.items():
        assert get_args(hints[option]) == values
        assert parameters[option].default == values[0]
    assert ("fig" in parameters) == bool(record.apart)
    assert "ax" in parameters or record.apart


@pytest.mark.daily
@every_chart
def test_the_docstring_names_what_makes_the_frame_and_every_sort(name):
    record, function = CASES[name].record, CASES[name].draw
    text = inspect.getdoc(function)
    made_by, _, _ = record.made_by.partition("(")
    assert f"togglframe.{made_by}``" in text
    listed = re.search(r"^sort : \{(.*)\} or None$", text, flags=re.MULTILINE)
    assert listed, "sort is not described as the columns that it takes"
    assert listed[1] == ", ".join(f'"{column}"' for column in record.orders)


@every_chart
def test_every_choice_is_drawn_and_every_other_refused(name):
    case = CASES[name]
    for option, value in chosen(case.record):
        case.draw(case.frame(), **{option: value})
    for option in ("sort", *case.record.choices):
        with pytest.raises(ConfigError, match=f"{option} must be one of .*, not 'no such'"):
            case.draw(case.frame(), **{option: "no such"})


@every_chart
def test_top_says_in_one_line_how_many_others_there_are(name):
    record, frame = CASES[name].record, CASES[name].many([f"Name {n}" for n in range(9)])
    rows = record.rows(frame)
    sizes = rows.groupby(record.apart, dropna=False).size() if record.apart else [len(rows)]
    told = [
        int(found[1])
        for ax in axes_of(CASES[name].draw(frame, top=1))
        for label in labels(ax)
        if (found := re.match(r"and (\d+) others? \(.+\)", label))
    ]
    assert sorted(told) == sorted(size - 1 for size in sizes if size > 1)


@typical_by_day(CASES, TYPICAL | {"amount_by_client"})
def test_the_file_says_what_the_record_says_of_the_frame(name, tmp_path):
    case = CASES[name]
    frame = case.frame()
    path = charts.save(case.draw(frame), tmp_path / "chart.svg")
    said = ET.parse(path).getroot().findtext(f"{SVG}title")
    assert said.endswith(".")
    done = frame[frame["done"]] if "done" in frame else frame
    assert said == case.record.alt(done)


@every_chart
def test_a_chart_of_several_panels_is_a_figure(name):
    drawn = CASES[name].draw(CASES[name].frame())
    whole = drawn if CASES[name].record.apart else figure_of(drawn)
    assert whole.get_axes()
    assert (drawn is whole) == bool(CASES[name].record.apart)
