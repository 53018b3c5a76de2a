"""Numbers out of a frame, and numbers as a chart prints them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from togglframe.joins._frames import MS_PER_HOUR

Floats = npt.NDArray[np.float64]
MINUS = "\N{MINUS SIGN}"
TIMES = "\N{MULTIPLICATION SIGN}"


def floats(frame: pd.DataFrame, column: str) -> Floats:
    """Return a column as floats, NA as nan: matplotlib cannot draw pandas' own NA."""
    return frame[column].to_numpy(dtype="float64", na_value=np.nan)


def total_ms(frame: pd.DataFrame, what: str) -> int:
    """Sum ``<what>_hours`` over the frame in whole milliseconds [ms]."""
    return _total(frame, f"{what}_hours", MS_PER_HOUR)


def total_hours(frame: pd.DataFrame, what: str) -> float:
    """Sum ``<what>_hours`` over the frame, exact to the millisecond [h]."""
    return total_ms(frame, what) / MS_PER_HOUR


def total_amount(frame: pd.DataFrame) -> float:
    """Sum the amounts of a frame that has one currency, exact to the hundredth."""
    return _total(frame, "amount", 100) / 100


def _total(frame: pd.DataFrame, column: str, per_unit: int) -> int:
    values = floats(frame, column)
    return sum(round(value * per_unit) for value in values[~np.isnan(values)].tolist())


def hours(value: float) -> str:
    """Write hours: ``1,234.5 h``."""
    return f"{value:,.1f} h".replace("-", MINUS)


def signed_hours(value: float) -> str:
    """Write a difference of hours: ``+50.0 h``, ``±0.0 h``."""
    if value == 0:
        return "±0.0 h"
    return f"{'+' if value > 0 else MINUS}{abs(value):,.1f} h"


def brief_hours(value: float) -> str:
    """Write a difference of hours for a headline: ``+62 h``, ``+4.5 h``."""
    if value == 0:
        return "±0.0 h"
    places = 0 if abs(value) >= 10 else 1
    return f"{MINUS if value < 0 else '+'}{abs(value):,.{places}f} h"


def percent(ratio: float) -> str:
    """Write a ratio: ``119 %``."""
    return f"{100 * ratio:,.0f} %".replace("-", MINUS)


def signed_percent(ratio: float) -> str:
    """Write a relative difference: ``+19 %``, ``±0 %``."""
    if ratio == 0:
        return "±0 %"
    return f"{'+' if ratio > 0 else MINUS}{abs(100 * ratio):,.0f} %"


def money(value: float, places: int = 0) -> str:
    """Write an amount without its currency: ``12,345``."""
    return f"{value:,.{places}f}".replace("-", MINUS)


def times(ratio: float) -> str:
    """Write how many times the estimate was tracked."""
    return f"{ratio:.2f}{TIMES}" if ratio < 10 else f"{ratio:,.0f}{TIMES}"
