"""What is declared is what is tested: the vendor's page, the library and the sandbox agree."""

import inspect

import pytest
from endpoints import CASES, EXAMPLES, LISTINGS, modules

import togglframe as tf
from togglframe.api.endpoint import Endpoint
from togglframe.api.paging import IdCursor
from togglframe.http.client import Root
from togglframe.sandbox.endpoints import BY_PATH

PATHS = (
    *(tf.filters, tf.search, tf.api.summary, tf.api.weekly, tf.api.projects),
    *(tf.api.data_trends, tf.api.profitability, tf.api.insights),
)

_PROJECTS = "ids client_ids name currency is_active is_billable is_private page_size start"
_TASKS = "ids project_ids user_ids name active project_active page_size start"
_ENTRIES = (
    "user_ids client_ids project_ids task_ids tag_ids group_ids time_entry_ids description "
    "billable min_duration_seconds max_duration_seconds rounding rounding_minutes"
)
_TRENDS = "currency start_date end_date ids resolution billable rounding rounding_minutes"
# The vendor's page, once more: what each path takes.
VENDOR = {
    "filters/clients": "ids name start",
    "filters/project_groups": "project_ids group_ids start_id",
    "filters/project_users": "project_ids client_ids start_id",
    "filters/projects": _PROJECTS,
    "filters/projects/status": "ids active",
    "filters/tasks/status": "ids",
    "filters/users": "ids active start",
    "filters/tasks": _TASKS,
    "search/clients": "ids name start",
    "search/projects": _PROJECTS,
    "search/users": "ids active start",
    "search/tasks": _TASKS,
    "search/time_entries": f"start_date end_date {_ENTRIES} page_size",
    "search/time_entries/totals": f"start_date end_date granularity {_ENTRIES}",
    "summary/time_entries": (
        "start_date end_date grouping sub_grouping include_time_entry_ids distinguish_rates "
        + _ENTRIES
    ),
    "weekly/time_entries": f"start_date end_date {_ENTRIES}",
    "projects/summary": "start_date end_date",
    "projects/{project_id}/summary": "project_id start_date end_date",
    "comparative": (
        "start_date end_date resolution user_ids client_ids project_ids task_ids tag_ids group_ids "
        "billable rounding rounding_minutes"
    ),
    "data_trends/clients": _TRENDS,
    "data_trends/projects": _TRENDS,
    "data_trends/users": _TRENDS,
    "profitability/projects": (
        "currency start_date end_date client_ids project_ids resolution billable rounding "
        "rounding_minutes"
    ),
    "insights/data_trends/projects": (
        "start_date end_date previous_period_start project_ids billable rounding rounding_minutes"
    ),
}


def _path(case):
    """Return the path, below `insights/` that of the Insights API."""
    return f"insights/{case.path}" if case.constant.root is Root.INSIGHTS else case.path


def test_every_path_of_the_vendors_page_is_an_endpoint_and_no_other():
    assert {_path(case) for case in CASES} == set(VENDOR)


def test_no_endpoint_is_declared_without_its_function():
    constants = (value for module in modules() for value in vars(module).values())
    declared = {value.path for value in constants if isinstance(value, Endpoint)}
    assert declared == {case.path for case in CASES}


def test_every_public_function_of_an_endpoint_is_a_case():
    functions = {getattr(module, name) for module in PATHS for name in module.__all__}
    assert functions | {tf.api.comparative} == {case.function for case in CASES}


def test_every_parameter_has_an_example_and_every_example_a_parameter():
    assert EXAMPLES.keys() == {name for case in CASES for name in case.constant.parameters}


def test_the_vendor_the_library_and_the_function_know_the_same_parameters(subtests):
    for case in CASES:
        with subtests.test(_path(case)):
            vendors = VENDOR[_path(case)].split()
            of_function = list(inspect.signature(case.function).parameters)[1:]
            assert list(case.constant.parameters) == vendors == of_function


def test_the_sandbox_takes_every_parameter_and_no_other(subtests):
    for case in LISTINGS:
        with subtests.test(case.path):
            there = BY_PATH[case.path]
            assert {*there.filters, *there.paging} == case.parameters.keys()


def test_the_sandbox_pages_as_the_library_declares(subtests):
    for case in LISTINGS:
        with subtests.test(case.path):
            there, paging = BY_PATH[case.path], case.constant.paging
            cursor = paging.name if isinstance(paging, IdCursor) else None
            assert (cursor, case.constant.has_page_size) == (there.cursor, there.has_page_size)


def test_a_table_is_declared_for_each():
    with pytest.raises(TypeError, match="table"):
        Endpoint(path="filters/nothing", parameters={})
