"""Every endpoint that the library declares, with a value for every parameter that it takes.

Declaring one is enough to have its path, bodies, empties, types, costs, faults and docs tested.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

import togglframe
from togglframe import tables
from togglframe.endpoint import Endpoint
from togglframe.sandbox.endpoints import BY_PATH

# A value for each parameter, as somebody might give it.
EXAMPLES: dict[str, Any] = {
    "ids": [7, 8],
    "client_ids": [8, 9],
    "project_ids": [7],
    "group_ids": [8, 9],
    "user_ids": [10, 11],
    "name": "acme",
    "currency": "EUR",
    "active": False,
    "is_active": True,
    "is_billable": False,
    "is_private": False,
    "project_active": True,
    "page_size": 50,
    "start": 5,
    "start_id": 5,
}


@dataclass(frozen=True)
class Case:
    """One endpoint, its public function, and the rows of the agency that it lists."""

    constant: Endpoint
    function: Callable[..., pd.DataFrame]

    @property
    def path(self) -> str:
        return self.constant.path

    @property
    def table(self) -> tables.Table:
        return self.constant.table

    @property
    def parameters(self) -> dict[str, Any]:
        return {name: EXAMPLES[name] for name in self.constant.parameters}

    @property
    def archive(self) -> str:
        return BY_PATH[self.path].table

    @property
    def id_lists(self) -> list[str]:
        return [name for name in self.parameters if self.constant.parameters[name].is_ids]

    @property
    def smallest(self) -> dict[str, Any]:
        """One parameter that every endpoint understands as a selection."""
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

every_endpoint = pytest.mark.parametrize("case", CASES, ids=lambda case: case.path)
