"""Names of 0.2 and what they are called now, for the errors that old code raises."""

from __future__ import annotations

from typing import Final

__all__ = ["NAMES", "missing"]

_ERRORS = (
    "AccessError ApiError AuthenticationError BadRequestError ConnectionFailedError GoneError "
    "PremiumFeatureError RateLimitError SchemaError ServerError"
)
_ENDPOINTS = "comparative data_trends insights profitability projects shared summary weekly"

NAMES: Final = {
    **{f"togglframe.{name}": f"togglframe.errors.{name}" for name in _ERRORS.split()},
    **{f"togglframe.{name}": f"togglframe.api.{name}" for name in _ENDPOINTS.split()},
    "togglframe.joins": "togglframe.reports, which take frames",
}


def missing(module: str, name: str) -> AttributeError:
    """Return the error of a missing name, with the new one if it was renamed."""
    message = f"module {module!r} has no attribute {name!r}"
    if new := NAMES.get(f"{module}.{name}"):
        message += f"; it is {new} now"
    return AttributeError(message)
