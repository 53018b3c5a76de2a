"""Every endpoint of the API as a frame, by the parts of its path.

The functions take the vendor's own parameter names. An endpoint whose path has one part is a
function here, every other one a function of the module that the first part names. Two of the
modules are at the front door too, as ``tf.filters`` and ``tf.search``.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Any

from togglframe.api.endpoint import Endpoint

if TYPE_CHECKING:  # what is found below, for editors and mypy
    from togglframe.api import data_trends as data_trends
    from togglframe.api import filters as filters
    from togglframe.api import insights as insights
    from togglframe.api import profitability as profitability
    from togglframe.api import projects as projects
    from togglframe.api import search as search
    from togglframe.api import summary as summary
    from togglframe.api import weekly as weekly
    from togglframe.api._comparative import comparative as comparative
    from togglframe.api._shared import shared as shared


def _public() -> dict[str, Any]:
    """Return the functions of private modules, and all other modules that declare endpoints."""
    public: dict[str, Any] = {}
    for found in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{found.name}")
        if found.name.startswith("_"):
            public |= {name: getattr(module, name) for name in module.__all__}
        elif any(isinstance(constant, Endpoint) for constant in vars(module).values()):
            public[found.name] = module
    return public


_PUBLIC = _public()
__all__ = list(_PUBLIC)
globals().update(_PUBLIC)


def __dir__() -> list[str]:
    return sorted(__all__)
