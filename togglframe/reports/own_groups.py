"""Groups of one's own in `by`: teams of users, units of projects or clients, kinds of tags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Self

import numpy as np
import pandas as pd

from togglframe.errors import ConfigError
from togglframe.tables import Table
from togglframe.tables._columns import WORKSPACE, string

_ENTITIES: Final = ("user", "project", "client")
_TAG: Final = "tag"


class OwnGroup(str):
    """The name of a column of groups, who or what belongs to each, and which of them comes first.

    It stands in `by` like the name of any other group.

    Parameters
    ----------
    name : str
        The name of the column.
    kind : {"user", "project", "client", "tag"}
        What the members are.
    members : mapping
        The label of the group that each member is in, by id; a tag is a group of its own.
    """

    __slots__ = ("kind", "members")
    kind: str
    members: Mapping[Any, str]

    def __new__(cls, name: str, kind: str, members: Mapping[Any, str]) -> Self:
        """Return the name, with its members."""
        made = super().__new__(cls, name)
        made.kind, made.members = kind, members
        return made

    @property
    def parameter(self) -> str:
        """What errors call it."""
        return f"by {str(self)!r}"

    @property
    def column(self) -> str:
        """The column of time entries that the group of each entry depends on."""
        return "tags" if self.kind == _TAG else f"{self.kind}_id"

    def of(self, values: pd.Series[Any]) -> pd.Series[Any]:
        """Return the group of each of these ids or lists of tags, NA if it is in none."""
        if self.kind == _TAG:
            labels = pd.Series(
                [self._first_of(tags) for tags in values], values.index, dtype=object
            )
        else:
            known = pd.Series(list(self.members.values()), list(self.members), dtype=object)
            labels = known.reindex(pd.Index(values)).set_axis(values.index)
        groups = pd.Categorical(labels, [*dict.fromkeys(self.members.values())], ordered=True)
        return pd.Series(groups, values.index)

    def _first_of(self, tags: object) -> str | None:
        if not isinstance(tags, list | tuple | np.ndarray):
            return None
        folded = {str(tag).casefold() for tag in tags}
        return next((label for tag, label in self.members.items() if tag in folded), None)


def groups_in(by: Mapping[Any, Any]) -> Iterator[OwnGroup]:
    """Yield the groups of a mapping in `by`, by the names of their columns.

    Raises
    ------
    TypeError, ConfigError
        If it is not such a mapping.
    """
    for name, value in by.items():
        if not isinstance(name, str) or not name.strip():
            raise TypeError(f"by names its own groups with a string, not {name!r}")
        kind, members = value if isinstance(value, tuple) and len(value) == 2 else ("user", value)
        if kind == _TAG:
            yield OwnGroup(name, kind, _tags(name, members))
        elif isinstance(kind, str) and kind in _ENTITIES:
            yield OwnGroup(name, kind, _members(name, kind, members))
        else:
            raise ConfigError(
                f"by: {name!r} has groups of 'user', 'project', 'client' or 'tag', not {kind!r}"
            )


def _tags(name: str, value: object) -> dict[str, str]:
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        raise TypeError(f"by: {name!r} takes a list of tags, not {value!r}")
    tags = list(value)
    if wrong := [tag for tag in tags if not isinstance(tag, str)]:
        raise TypeError(f"by: {name!r} takes a list of tags, not of {wrong[0]!r}")
    folded = {tag.casefold(): tag for tag in tags}
    if len(folded) < len(tags):
        raise ConfigError(f"by: {name!r} has a tag twice: {tags}")
    return folded


def _members(name: str, kind: str, members: object) -> dict[Any, str]:
    if isinstance(members, pd.Series):
        members = members.to_dict()
    if not isinstance(members, Mapping):
        raise TypeError(
            f"by: {name!r} takes a mapping of each {kind} to the name of its group, not {members!r}"
        )
    for label in members.values():
        if not isinstance(label, str) or not label.strip():
            raise TypeError(f"by: {name!r} names a group with a string, not {label!r}")
    return dict(members)


def as_list(by: object) -> list[Any]:
    """Return what `by` names as a list; each mapping in it becomes groups of one's own.

    Raises
    ------
    TypeError, ConfigError
        If it is neither a name nor a mapping, nor a list of them.
    """
    chosen_by = [by] if isinstance(by, str | Mapping) else by
    if not isinstance(chosen_by, Iterable):
        raise TypeError(f"by must be a string, a mapping or a list of them, not {by!r}")
    chosen: list[Any] = []
    for one in chosen_by:
        chosen.extend(groups_in(one) if isinstance(one, Mapping) else [one])
    return chosen


def own_groups(parameters: Mapping[str, Any]) -> list[OwnGroup]:
    """Return the groups of one's own among the parameters of a report."""
    by = parameters.get("by")
    return [] if by is None else [one for one in as_list(by) if isinstance(one, OwnGroup)]


def with_groups(table: Table, by: Iterable[str]) -> Table:
    """Return the table with a choice more for each group of one's own: text, and in the key.

    Raises
    ------
    ConfigError
        If a column has its name already.
    """
    own = [one for one in by if isinstance(one, OwnGroup)]
    for name in own:
        if name in table or name == WORKSPACE.name:
            raise ConfigError(f"by: {str(name)!r} is a column of {table.name} already: rename it")
    columns = [string(str(one), f"Own group of the {one.kind}.") for one in own]
    return table.with_choices(columns)
