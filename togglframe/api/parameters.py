"""The parameters of endpoints: every parameter of the vendor, its kind and its check.

An endpoint names its parameters; one that is not declared here raises an error where the endpoint
is declared, not when it is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, replace
from enum import StrEnum
from typing import Any, Final

import numpy as np
import pandas as pd

from togglframe.api.dates import check_range, day
from togglframe.errors import ConfigError
from togglframe.tables.casting import EXACT_FLOAT, TOO_LARGE

Ids = int | np.integer[Any] | Iterable[int] | np.ndarray[Any, Any] | pd.Series | pd.Index
IdsOrNone = Ids | Iterable[int | None]

# The filters that most endpoints of time have, in the vendor's order.
ENTRY_FILTERS: Final = (
    "user_ids client_ids project_ids task_ids tag_ids group_ids time_entry_ids description "
    "billable min_duration_seconds max_duration_seconds rounding rounding_minutes"
)


class ParameterKind(StrEnum):
    """What a parameter holds; the kind decides its check."""

    IDS = "ids"
    IDS_OR_NONE = "ids or None"
    STRING = "string"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    DATE = "date"
    CHOICE = "choice"


@dataclass(frozen=True)
class Parameter:
    """One parameter of the vendor.

    Parameters
    ----------
    name : str
        The vendor's name.
    kind : ParameterKind
        The kind of its value.
    least : int
        The smallest integer that is allowed.
    choices : tuple
        The values of a choice.
    column : str, optional
        The column that it filters by, in which every row of an answer has a requested value.
    is_required : bool
        Whether every call needs it.
    """

    name: str
    kind: ParameterKind
    _: KW_ONLY
    least: int = 0
    choices: tuple[str | int, ...] = ()
    column: str | None = None
    is_required: bool = False

    def checked(self, value: object) -> object:
        """Return the value as it is sent.

        Raises
        ------
        TypeError, ConfigError
            If it is not a value of this kind.
        """
        return _CHECKS[self.kind](self, value)

    @property
    def is_ids(self) -> bool:
        """Whether it is a list of ids."""
        return self.kind in (ParameterKind.IDS, ParameterKind.IDS_OR_NONE)


def _by_name(*parameters: Parameter) -> dict[str, Parameter]:
    return {parameter.name: parameter for parameter in parameters}


_PARAMETERS: Final = _by_name(
    Parameter("ids", ParameterKind.IDS, column="id"),
    Parameter("client_ids", ParameterKind.IDS, column="client_id"),
    Parameter("project_ids", ParameterKind.IDS, column="project_id"),
    Parameter("group_ids", ParameterKind.IDS, column="group_id"),
    Parameter("user_ids", ParameterKind.IDS, column="user_id"),
    Parameter("name", ParameterKind.STRING),
    Parameter("currency", ParameterKind.STRING, column="currency"),
    Parameter("active", ParameterKind.BOOLEAN, column="active"),
    Parameter("is_active", ParameterKind.BOOLEAN, column="active"),
    Parameter("is_billable", ParameterKind.BOOLEAN, column="billable"),
    Parameter("is_private", ParameterKind.BOOLEAN),
    Parameter("project_active", ParameterKind.BOOLEAN),
    Parameter("start", ParameterKind.INTEGER),
    Parameter("start_id", ParameterKind.INTEGER),
    Parameter("page_size", ParameterKind.INTEGER, least=2),
)

# The parameters of endpoints whose rows are time, or sums of it.
_OF_TIME: Final = _PARAMETERS | _by_name(
    Parameter("start_date", ParameterKind.DATE, is_required=True),
    Parameter("end_date", ParameterKind.DATE, is_required=True),
    Parameter("previous_period_start", ParameterKind.DATE, is_required=True),
    Parameter("client_ids", ParameterKind.IDS_OR_NONE),
    Parameter("project_ids", ParameterKind.IDS_OR_NONE, column="project_id"),
    Parameter("task_ids", ParameterKind.IDS_OR_NONE, column="task_id"),
    Parameter("tag_ids", ParameterKind.IDS_OR_NONE),
    Parameter("group_ids", ParameterKind.IDS),
    Parameter("time_entry_ids", ParameterKind.IDS, column="id"),
    Parameter("ids", ParameterKind.IDS),
    Parameter("project_id", ParameterKind.INTEGER, least=1, is_required=True),
    Parameter("description", ParameterKind.STRING),
    Parameter("billable", ParameterKind.BOOLEAN, column="billable"),
    Parameter("min_duration_seconds", ParameterKind.INTEGER),
    Parameter("max_duration_seconds", ParameterKind.INTEGER),
    Parameter("rounding", ParameterKind.CHOICE, choices=(-1, 0, 1)),
    Parameter(
        "rounding_minutes", ParameterKind.CHOICE, choices=(0, 1, 5, 6, 10, 12, 15, 30, 60, 240)
    ),
    Parameter("granularity", ParameterKind.CHOICE, choices=("day", "week", "month")),
    Parameter("resolution", ParameterKind.CHOICE, choices=("day", "week", "month")),
    Parameter("grouping", ParameterKind.CHOICE, choices=("projects", "clients", "users", "tags")),
    Parameter(
        "sub_grouping",
        ParameterKind.CHOICE,
        choices=("users", "projects", "clients", "tasks", "tags", "time_entries"),
    ),
    Parameter("include_time_entry_ids", ParameterKind.BOOLEAN),
    Parameter("distinguish_rates", ParameterKind.BOOLEAN),
    Parameter("currency", ParameterKind.STRING, is_required=True),
    Parameter("grouped", ParameterKind.BOOLEAN),
    Parameter("collapse", ParameterKind.BOOLEAN),
    Parameter("hide_amounts", ParameterKind.BOOLEAN),
    Parameter("hide_rates", ParameterKind.BOOLEAN),
    Parameter("group_by_task", ParameterKind.BOOLEAN),
    Parameter("order_by", ParameterKind.STRING),
    Parameter("order_dir", ParameterKind.CHOICE, choices=("ASC", "DESC")),
    Parameter("calculate", ParameterKind.CHOICE, choices=("time", "amounts")),
    Parameter("duration_format", ParameterKind.CHOICE, choices=("classic", "decimal", "improved")),
    Parameter("date_format", ParameterKind.STRING),
    Parameter("hour_format", ParameterKind.STRING),
    Parameter("display_mode", ParameterKind.STRING),
    Parameter("cents_separator", ParameterKind.STRING),
    Parameter("logo_url", ParameterKind.STRING),
    Parameter("page_size", ParameterKind.INTEGER, least=1),
)


def parameters(names: str) -> dict[str, Parameter]:
    """Return the declared parameters with these names.

    Raises
    ------
    LookupError
        If one is not declared.
    """
    return _named(names, _PARAMETERS)


def time_parameters(names: str, *, required: str = "") -> dict[str, Parameter]:
    """Return the declared parameters with these names, for an endpoint whose rows are time.

    Parameters
    ----------
    names : str
        The names, separated by spaces.
    required : str
        Those that this endpoint requires beyond those that are always required.

    Raises
    ------
    LookupError
        If one is not declared.
    """
    named = _named(names, _OF_TIME)
    wanted = {name: replace(named[name], is_required=True) for name in required.split()}
    return named | wanted


def _named(names: str, declared: Mapping[str, Parameter]) -> dict[str, Parameter]:
    unknown = [name for name in names.split() if name not in declared]
    if unknown:
        raise LookupError(
            f"no parameter {', '.join(unknown)} is declared in togglframe.api.parameters"
        )
    return {name: declared[name] for name in names.split()}


def checked_body(
    path: str, parameters: Mapping[str, Parameter], arguments: Mapping[str, object]
) -> dict[str, Any]:
    """Validate the arguments of an endpoint, and return them as a body, without None.

    Raises
    ------
    TypeError, ConfigError
        If an argument is impossible, or a required one is missing.
    """
    present = {name: value for name, value in arguments.items() if value is not None}
    body = {name: parameters[name].checked(value) for name, value in present.items()}
    lacking = [name for name, one in parameters.items() if one.is_required and name not in body]
    if lacking:
        raise ConfigError(f"{path} needs {' and '.join(lacking)}")
    if body.keys() >= {"start_date", "end_date"}:
        check_range(str(body["start_date"]), str(body["end_date"]))
    return body


def id_list(name: str, value: object) -> list[int]:
    """Validate ids, and return the distinct ones in their order, a single id as a list."""
    return list(dict.fromkeys(_id(name, item) for item in _items(name, value)))


def id_list_or_none(name: str, value: object) -> list[int | None]:
    """Validate ids, and return the distinct ones, with None for missing values."""
    ids = (None if is_missing(item) else _id(name, item) for item in _items(name, value))
    return list(dict.fromkeys(ids))


_NAMED: Final = ("clients", "projects", "users")  # the filters of reports


def _items(name: str, value: object) -> Iterable[object]:
    if isinstance(value, int | np.integer) and not isinstance(value, bool | np.bool_):
        return [value]
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        kinds = "a name, an id or a list of them" if name in _NAMED else "an id or a list of ids"
        raise TypeError(f"{name} must be {kinds}, not {value!r}")
    return value


def is_missing(item: object) -> bool:
    """Tell whether a value stands for none."""
    is_nan = isinstance(item, float | np.floating) and bool(np.isnan(item))
    return item is None or item is pd.NA or item is pd.NaT or is_nan


def _id(name: str, item: object) -> int:
    if is_missing(item):
        raise ConfigError(f"{name} has a missing value (NA); drop it first, e.g. with .dropna()")
    if isinstance(item, float | np.floating):
        _check_float_id(name, item)
    elif isinstance(item, bool | np.bool_) or not isinstance(item, int | np.integer):
        raise TypeError(f"{name} has {item!r}, which is not an integer")
    if not 0 < item < TOO_LARGE:
        raise ConfigError(f"{name} has {item!r}; an id is a positive 64-bit integer")
    return int(item)


def _check_float_id(name: str, item: float | np.floating[Any]) -> None:
    """Refuse a float that may stand for another id: pandas turns ids beside a null into floats."""
    if not float(item).is_integer():
        raise ConfigError(f"{name} has {item!r}, which is not an integer")
    exact = EXACT_FLOAT
    if isinstance(item, np.floating):
        exact = min(exact, 2 ** (int(np.finfo(type(item)).nmant) + 1))
    if abs(float(item)) >= exact:
        raise ConfigError(
            f"{name} has {item!r}: so large a {type(item).__name__} may have been another id; "
            'keep ids as integers, with nulls as dtype="Int64"'
        )


def _string(parameter: Parameter, value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{parameter.name} must be a string, not {value!r}")
    if value == "":
        raise ConfigError(f"{parameter.name} is empty; omit it to match everything")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        half = value[error.start]
        raise ConfigError(f"{parameter.name} contains an unpaired surrogate, {half!r}") from error
    return value


def boolean(name: str, value: object) -> bool:
    """Return True or False; refuse anything else."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False, not {value!r}")
    return bool(value)


def _integer(parameter: Parameter, value: object) -> int:
    name = parameter.name
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be an integer, not {value!r}")
    if value < parameter.least:
        raise ConfigError(f"{name} must be at least {parameter.least}, not {value!r}")
    if value >= TOO_LARGE:
        raise ConfigError(f"{name} must be a 64-bit integer, not {value!r}")
    return int(value)


def _choice(parameter: Parameter, value: object) -> str | int:
    for choice in parameter.choices:
        if type(value) is type(choice) and value == choice:
            return choice
    choices = ", ".join(map(repr, parameter.choices))
    raise ConfigError(f"{parameter.name} must be one of {choices}, not {value!r}")


_CHECKS: Final[dict[ParameterKind, Callable[[Parameter, object], object]]] = {
    ParameterKind.IDS: lambda parameter, value: id_list(parameter.name, value),
    ParameterKind.IDS_OR_NONE: lambda parameter, value: id_list_or_none(parameter.name, value),
    ParameterKind.STRING: _string,
    ParameterKind.BOOLEAN: lambda parameter, value: boolean(parameter.name, value),
    ParameterKind.INTEGER: _integer,
    ParameterKind.DATE: lambda parameter, value: day(parameter.name, value).isoformat(),
    ParameterKind.CHOICE: _choice,
}
