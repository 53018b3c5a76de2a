"""What is declared is what is tested: the cases, the library and the sandbox know the same."""

import importlib
import pkgutil

from endpoints import CASES, every_endpoint

import togglframe
from togglframe import filters, search
from togglframe.endpoint import Endpoint
from togglframe.paging import IdCursor
from togglframe.sandbox.endpoints import BY_PATH


def _declared():
    """Return every Endpoint constant of the package, by the place where it stands."""
    names = {module.name for module in pkgutil.walk_packages(togglframe.__path__, "togglframe.")}
    modules = [importlib.import_module(name) for name in names if not name.endswith("__main__")]
    return {
        f"{module.__name__}.{name}": value
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, Endpoint)
    }


def _constant(case):
    return getattr(
        importlib.import_module(case.function.__module__), case.function.__name__.upper()
    )


def test_every_endpoint_of_the_library_is_a_case_and_every_case_is_one():
    declared = {where: endpoint.path for where, endpoint in _declared().items()}
    paths = [case.path for case in CASES]
    assert sorted(set(declared.values())) == sorted(paths)


def test_every_public_function_of_an_endpoint_is_a_case():
    functions = {getattr(module, name) for module in (filters, search) for name in module.__all__}
    assert functions == {case.function for case in CASES}


@every_endpoint
def test_a_case_is_of_the_constant_above_its_function(case):
    assert (case.path, case.table) == (_constant(case).path, _constant(case).table)


def test_the_sandbox_has_every_endpoint_and_no_other():
    assert set(BY_PATH) == {case.path for case in CASES}


@every_endpoint
def test_the_sandbox_takes_every_parameter_and_no_other(case):
    there = BY_PATH[case.path]
    assert {*there.filters, *there.paging} == case.parameters.keys()


@every_endpoint
def test_the_sandbox_pages_as_the_library_declares(case):
    here, there = _constant(case), BY_PATH[case.path]
    cursor = here.paging.name if isinstance(here.paging, IdCursor) else None
    assert (cursor, here.has_page_size) == (there.cursor, there.has_page_size)


@every_endpoint
def test_the_library_declares_every_parameter_and_no_other(case):
    assert list(_constant(case).parameters) == list(case.parameters)
