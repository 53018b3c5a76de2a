"""What is declared is what is tested: the vendor's specification, the library and the sandbox."""

import importlib
import inspect
import pkgutil

import pytest
import specification
from endpoints import CASES, LISTINGS, modules

from togglframe import api
from togglframe.api.endpoint import Endpoint
from togglframe.api.paging import IdCursor
from togglframe.sandbox.listings import LISTINGS as OF_THE_SANDBOX
from togglframe.sandbox.server import ENDPOINTS

SANDBOX = {endpoint.path: endpoint for endpoint in ENDPOINTS}
# What bodies of the vendor may have and no function takes: times of the day, forms of an answer,
# and what Toggl's own pages send.
NOT_TAKEN = {
    *("startTime", "endTime", "enrich_response", "grouped", "hide_amounts", "order_by"),
    *("order_dir", "first_id", "first_timestamp", "with_graph"),
    *("withInlineRates", "audit"),
}


def test_no_endpoint_is_declared_without_its_function():
    constants = (value for module in modules() for value in vars(module).values())
    declared = {value.path for value in constants if isinstance(value, Endpoint)}
    assert declared == {case.path for case in CASES}


def test_every_public_function_that_takes_a_workspace_is_a_case():
    homes = [found.name for found in pkgutil.iter_modules(api.__path__)]
    public = {
        value
        for module in (importlib.import_module(f"togglframe.api.{name}") for name in homes)
        for value in (getattr(module, name) for name in getattr(module, "__all__", ()))
        if inspect.isfunction(value) and next(iter(inspect.signature(value).parameters), "") == "ws"
    }
    # A shared report is asked for by its own token, and is not declared.
    assert public == {case.function for case in CASES} | {api.shared}


def test_the_vendor_the_library_and_the_function_know_the_same_parameters(subtests):
    for case in CASES:
        with subtests.test(case.vendors_path):
            own = list(case.constant.parameters)
            assert list(inspect.signature(case.function).parameters)[1:] == own
            vendors = specification.names(case.vendors_path)
            assert set(own) <= vendors
            cursor = {case.constant.paging.name} if _has_cursor(case) else set()
            sent = cursor | set(case.constant.constants)
            assert vendors - set(own) <= NOT_TAKEN | sent | {"resolution"}


def test_the_sandbox_takes_every_parameter_and_none_that_the_vendor_does_not(subtests):
    for case in CASES:
        with subtests.test(case.vendors_path):
            there = SANDBOX[case.vendors_path].params.keys()
            assert case.parameters.keys() | case.constant.constants.keys() <= there
            assert there <= specification.names(case.vendors_path)


def test_every_endpoint_pages_by_the_cursor_of_the_sandbox(subtests):
    paged = {case.path: case.constant.paging.name for case in CASES if _has_cursor(case)}
    for case in CASES:
        with subtests.test(case.vendors_path):
            cursors = SANDBOX[case.vendors_path].params.keys() & {*paged.values()}
            assert cursors == ({paged[case.path]} if _has_cursor(case) else set())


def _has_cursor(case):
    return hasattr(case.constant.paging, "name")


def test_the_sandbox_pages_as_the_library_declares(subtests):
    for case in LISTINGS:
        with subtests.test(case.path):
            there, paging = OF_THE_SANDBOX[case.path], case.constant.paging
            cursor = paging.name if isinstance(paging, IdCursor) else None
            assert (cursor, case.constant.has_page_size) == (there.cursor, there.has_page_size)


def test_a_table_is_declared_for_each():
    with pytest.raises(TypeError, match="table"):
        Endpoint(path="filters/nothing", parameters={})
