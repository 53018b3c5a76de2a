"""What ISO 4217 says about a currency."""

from __future__ import annotations

from functools import cache
from typing import Final

from iso4217 import Currency

__all__ = ["decimals"]

_USUAL: Final = 2


@cache
def decimals(code: str) -> int | None:
    """Return how many decimals the amounts of a currency have, None if ISO does not list it."""
    try:
        exponent = Currency(code).exponent
    except ValueError:
        return None
    return _USUAL if exponent is None else exponent
