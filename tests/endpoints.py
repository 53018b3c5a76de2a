"""Every endpoint that the library declares, with a value for every parameter that it takes.

Declaring one is enough to have its path, bodies, empties, types, costs, faults and docs tested.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

import togglframe
from togglframe import tables
from togglframe.api.endpoint import Endpoint
from togglframe.api.parameters import Parameter, ParameterKind
from togglframe.http.settings import Root
from togglframe.sandbox.listings import LISTINGS as OF_THE_SANDBOX

# A value of each kind, as somebody might give it, and those that must fit others.
_BY_KIND: dict[ParameterKind, Any] = {
    ParameterKind.IDS: [7, 8],
    ParameterKind.IDS_OR_NONE: [7, None],
    ParameterKind.STRING: "acme",
    ParameterKind.BOOLEAN: True,
    ParameterKind.INTEGER: 50,
    ParameterKind.DATE: "2026-03-02",
}
_FITTING: dict[str, Any] = {
    "active": False,
    "currency": "EUR",
    "end_date": "2026-03-08",
    "previous_period_start": "2026-02-23",
}


def example(parameter: Parameter) -> Any:
    """Return a value for a parameter."""
    if parameter.kind is ParameterKind.CHOICE:
        return parameter.choices[-1 if 0 in parameter.choices else 1]
    return _FITTING.get(parameter.name, _BY_KIND[parameter.kind])


@dataclass(frozen=True)
class Case:
    """One endpoint, its public function, and the rows of the agency that it lists."""

    constant: Endpoint
    function: Callable[..., pd.DataFrame]

    @property
    def path(self) -> str:
        return self.constant.path

    @property
    def vendors_path(self) -> str:
        """The path, below `insights/` that of the Insights API."""
        return f"insights/{self.path}" if self.constant.root is Root.INSIGHTS else self.path

    @property
    def table(self) -> tables.Table:
        return self.constant.table

    @property
    def parameters(self) -> dict[str, Any]:
        return {name: example(one) for name, one in self.constant.parameters.items()}

    @property
    def is_listing(self) -> bool:
        """Whether it lists what there is, whatever its state: the Utils of the vendor's page."""
        return self.path in OF_THE_SANDBOX

    @property
    def archive(self) -> str:
        return OF_THE_SANDBOX[self.path].table

    @property
    def required(self) -> dict[str, Any]:
        return {
            n: value
            for n, value in self.parameters.items()
            if self.constant.parameters[n].is_required
        }

    @property
    def defaults(self) -> dict[str, Any]:
        """What the function asks for by itself."""
        given = inspect.signature(self.function).parameters.values()
        empty = inspect.Parameter.empty
        return {p.name: p.default for p in given if p.default not in (None, empty)}

    def body(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Return what is sent of these arguments."""
        whole = {**self.constant.constants, **self.defaults, **arguments}
        return {name: value for name, value in whole.items() if name not in self.constant.in_path}

    @property
    def id_lists(self) -> list[str]:
        return [name for name in self.parameters if self.constant.parameters[name].is_ids]

    @property
    def smallest(self) -> dict[str, Any]:
        """What no call does without, or one parameter that selects."""
        if self.required:
            return self.required
        first = next(iter(self.parameters))
        return {first: self.parameters[first]}


def modules() -> Iterator[ModuleType]:
    """Go through the modules of the package."""
    for found in pkgutil.walk_packages(togglframe.__path__, "togglframe."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def _declared() -> Iterator[Case]:
    """Go through the Endpoint constants; the function of each has its name, in small letters."""
    for module in modules():
        for name, value in vars(module).items():
            function = getattr(module, name.lower(), None)
            if isinstance(value, Endpoint) and function and function.__module__ == module.__name__:
                yield Case(value, function)


CASES = list(_declared())
LISTINGS = [case for case in CASES if case.is_listing]
ON_ONE_PAGE = ("filters/projects/status", "filters/tasks/status")
IN_PAGES = [case for case in LISTINGS if case.path not in ON_ONE_PAGE]
WITHOUT_PAGES = [case for case in LISTINGS if case.path in ON_ONE_PAGE]
OF_TIME = [case for case in CASES if "start_date" in case.constant.parameters]


def label(part: Any) -> str | None:
    """Return the path or name of a parameter of a test, for its id."""
    return getattr(part, "path", None) or getattr(part, "name", None)


def _name(case: Case) -> str:
    return f"{case.function.__module__.removeprefix('togglframe.')}.{case.function.__name__}"


every_endpoint = pytest.mark.parametrize("case", CASES, ids=_name)
every_listing = pytest.mark.parametrize("case", LISTINGS, ids=label)
every_endpoint_of_time = pytest.mark.parametrize("case", OF_TIME, ids=_name)
