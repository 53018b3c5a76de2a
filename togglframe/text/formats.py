"""Numbers as people read them."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import cache
from typing import Final

MINUS: Final = "\N{MINUS SIGN}"
TIMES: Final = "\N{MULTIPLICATION SIGN}"
USUAL_DECIMALS: Final = 2

_HALF_UP: Final = Context(rounding=ROUND_HALF_UP)


def plural(count: int, noun: str, many: str | None = None) -> str:
    """Write a count with its noun: ``1 project``, ``3 projects``."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


def format_signed(value: float, decimals: int = 0) -> str:
    """Write a difference: ``+5``, ``±0``."""
    text = f"{abs(value):,.{decimals}f}"
    sign = "+" if value > 0 else MINUS
    return f"{sign if round(value, decimals) else '±'}{text}"


def format_hours(value: float, decimals: int = 1) -> str:
    """Write hours: ``1,234.5 h``."""
    return f"{value:z,.{decimals}f} h".replace("-", MINUS)


def format_cell_hours(value: float) -> str:
    """Write hours where there is little room: ``38``, ``4.5``; none above zero is ``0``."""
    if 0 < value < 0.05:
        return "<0.1"
    return (f"{value:,.1f}" if 0 < value < 9.95 else f"{value:z,.0f}").replace("-", MINUS)


def format_signed_hours(value: float) -> str:
    """Write a difference of hours: ``+50.0 h``, ``±0.0 h``."""
    return f"{format_signed(value, 1)} h"


def format_brief_hours(value: float) -> str:
    """Write a difference of hours for a headline: ``+62 h``, ``+4.5 h``."""
    return f"{format_difference(value)} h"


def format_difference(value: float) -> str:
    """Write a difference for a column whose head has the unit: ``+62``, ``+4.5``."""
    if round(value, 1) == 0:
        return "±0"
    return f"{'+' if value > 0 else ''}{format_whole(value)}"


def format_whole_hours(value: float) -> str:
    """Write hours for a headline: ``62 h``, ``4.5 h``."""
    return f"{format_whole(value)} h"


def format_whole(value: float) -> str:
    """Write a number for a column whose head has the unit: ``62``, ``4.5``."""
    if round(value, 1) == 0:
        return "0"
    return f"{value:,.{0 if abs(value) >= 9.95 else 1}f}".replace("-", MINUS)


def format_duration(ms: int) -> str:
    """Write a duration [ms] exactly: ``1 h 30 min``, ``45 s``."""
    minutes, seconds = divmod(ms / 1000, 60)
    hours, minutes = divmod(round(minutes), 60)
    parts = [f"{hours:,} h"] if hours else []
    parts += [f"{minutes} min"] if minutes else []
    return " ".join([*parts, f"{seconds:g} s"] if seconds or not parts else parts)


def format_percent(ratio: float) -> str:
    """Write a ratio: ``119 %``."""
    return f"{100 * ratio:z,.0f} %".replace("-", MINUS)


def format_signed_percent(ratio: float) -> str:
    """Write a relative difference: ``+19 %``, ``±0 %``."""
    return f"{format_signed(100 * ratio)} %"


def format_money(value: float, decimals: int = 0) -> str:
    """Write an amount without its currency: ``12,345``, half a unit is rounded up."""
    with localcontext(_HALF_UP):
        return f"{Decimal(str(value)):z,.{decimals}f}".replace("-", MINUS)


@cache
def decimals_of(code: str) -> int | None:
    """Return the decimals of amounts in a currency, None if ISO 4217 does not list it."""
    from iso4217 import Currency  # noqa: PLC0415 -- it reads a whole table of currencies

    try:
        exponent = Currency(code).exponent
    except ValueError:
        return None
    return USUAL_DECIMALS if exponent is None else exponent


def format_signed_money(value: float, decimals: int = 0) -> str:
    """Write a difference of amounts without its currency: ``+12``."""
    text = format_money(value, decimals)
    return f"+{text}" if value > 0 and text != format_money(0, decimals) else text


def format_times(ratio: float) -> str:
    """Write how many times the estimate was tracked."""
    return f"{ratio:.2f}{TIMES}" if ratio < 10 else f"{ratio:,.0f}{TIMES}"


_NUMBERS: Final = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_MONTH_NAMES: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAY_NAMES: Final = (
    *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
)


def format_weekday(day: date) -> str:
    """Write a day with its weekday, without its year: ``Mon 19 Oct``."""
    return f"{WEEKDAY_NAMES[day.weekday()][:3]} {format_day(day)}"


def in_words(count: int) -> str:
    """Write a small number as a word: ``two``; from thirteen on ``13``."""
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"


def all_of(count: int) -> str:
    """Begin a sentence about all of several: ``Both``, ``All 3``."""
    return "Both" if count == 2 else f"All {count:,}"


def month_name(day: date) -> str:
    """Write the name of a month: ``October``."""
    return _MONTH_NAMES[day.month - 1]


def format_day(day: date) -> str:
    """Write a day without its year, which stands elsewhere: ``19 Oct``."""
    return f"{day.day} {month_name(day)[:3]}"


def format_month(day: date) -> str:
    """Write a month: ``Oct 2026``."""
    return f"{month_name(day)[:3]} {day.year}"


def format_time_of_day(hour: float) -> str:
    """Write hours since midnight as a time of day: ``08:30``, ``24:00``, and ``02:00`` for 26."""
    minutes = round(60 * hour)
    hours = minutes // 60 if minutes == 24 * 60 else minutes // 60 % 24
    return f"{hours:02}:{minutes % 60:02}"
