"""What is declared is what is tested: the vendor's page, the library and the sandbox agree."""

import inspect

import pytest
from endpoints import CASES, EXAMPLES, every_endpoint, modules

from togglframe import filters, search
from togglframe.endpoint import Endpoint
from togglframe.paging import IdCursor
from togglframe.sandbox.endpoints import BY_PATH

_PROJECTS = "ids client_ids name currency is_active is_billable is_private page_size start"
_TASKS = "ids project_ids user_ids name active project_active page_size start"
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
}


def test_every_path_of_the_vendors_page_is_an_endpoint_and_no_other():
    assert sorted(case.path for case in CASES) == sorted(VENDOR)


def test_no_endpoint_is_declared_without_its_function():
    constants = (value for module in modules() for value in vars(module).values())
    declared = {value.path for value in constants if isinstance(value, Endpoint)}
    assert declared == {case.path for case in CASES}


def test_every_public_function_of_an_endpoint_is_a_case():
    functions = {getattr(module, name) for module in (filters, search) for name in module.__all__}
    assert functions == {case.function for case in CASES}


def test_every_parameter_has_an_example_and_every_example_a_parameter():
    assert EXAMPLES.keys() == {name for case in CASES for name in case.constant.parameters}


@every_endpoint
def test_the_vendor_the_library_and_the_function_know_the_same_parameters(case):
    vendors = VENDOR[case.path].split()
    of_function = list(inspect.signature(case.function).parameters)[1:]
    assert list(case.constant.parameters) == vendors == of_function


def test_the_sandbox_has_every_endpoint_and_no_other():
    assert set(BY_PATH) == {case.path for case in CASES}


@every_endpoint
def test_the_sandbox_takes_every_parameter_and_no_other(case):
    there = BY_PATH[case.path]
    assert {*there.filters, *there.paging} == case.parameters.keys()


@every_endpoint
def test_the_sandbox_pages_as_the_library_declares(case):
    there = BY_PATH[case.path]
    cursor = case.constant.paging.name if isinstance(case.constant.paging, IdCursor) else None
    assert (cursor, case.constant.has_page_size) == (there.cursor, there.has_page_size)


def test_a_table_is_declared_for_each():
    with pytest.raises(TypeError, match="table"):
        Endpoint(path="filters/nothing", parameters={})
