"""People and groups, and who works on which project at what rate."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final

from . import words
from .chance import ascending, deal, moment, numbered
from .oddities import DEACTIVATED, DELETED, NO_AVATAR, ODDITIES
from .projects import Project, Row

# How memberships spread over projects; only the proportions matter.
MEMBER_WEIGHTS: Final = (5, 2, 4, 1, 3)

_VIA_GROUP: Final = frozenset[int]().union(
    *(slots for name, slots in ODDITIES.items() if "group" in name)
)


@dataclass(frozen=True, slots=True)
class Team:
    """The people of the workspace, a user whom nothing lists, and the groups' ids."""

    users: list[Row]
    active: list[Row]
    unlisted_id: int
    group_ids: list[int]

    def first_id(self, state: str) -> int:
        """Find a deleted or deactivated user, or the one whom nothing lists."""
        return next((user["id"] for user in self.users if user[state]), self.unlisted_id)

    def group_of(self, project: Project, further: int = 0) -> int:
        """Choose the index of a project's group in words.GROUPS."""
        return (project.slot + further) % len(self.group_ids)


def make_team(people: int, today: date, chance: random.Random) -> Team:
    """Make the people, some of them deactivated or deleted, and the groups."""
    numbers = ascending(10_482_117, 700, chance)
    members = ascending(11_730_905, 400, chance)
    groups = ascending(310_442_118, 40, chance)
    unlisted_id = next(numbers)
    users = [_user(index, next(numbers), next(members), today, chance) for index in range(people)]
    return Team(
        users=users,
        active=[user for user in users if user["active"]],
        unlisted_id=unlisted_id,
        group_ids=[next(groups) for _ in words.GROUPS],
    )


def _user(index: int, number: int, member: int, today: date, chance: random.Random) -> Row:
    block, place = divmod(index, len(words.PEOPLE))
    name = words.PEOPLE[place]
    avatar = f"{chance.getrandbits(64):016x}.png"
    return {
        "active": place not in DELETED | DEACTIVATED,
        "avatar": None if place in NO_AVATAR else avatar,
        "deactivated": place in DEACTIVATED,
        "deleted_at": moment(today, chance) if place in DELETED else None,
        "email": _email(name, index),
        "fullname": numbered(name, block),
        "id": number,
        "workspace_user_id": member,
    }


def _email(name: str, index: int) -> str:
    """Make an address that is unique: two people are called Anna Keller."""
    letters = unicodedata.normalize("NFKD", name.replace(" ", ".", 1).lower())
    local = "".join(c for c in letters if c.isascii() and (c.isalpha() or c == ".")).strip(".")
    return f"{local or 'colleague'}.{index + 1}@{words.AGENCY_DOMAIN}"


def make_project_users(
    projects: list[Project], team: Team, total: int, chance: random.Random
) -> list[Row]:
    """Make `total` memberships; the first ones of a project are as odd as its slot says."""
    numbers = ascending(139_515_207, 60, chance)
    people = [user["id"] for user in team.active]
    rows: list[Row] = []
    counts = deal(total, MEMBER_WEIGHTS, len(projects))
    for project, count in zip(projects, counts, strict=True):
        members = [
            _membership(project, next(numbers), user_id, chance)
            for user_id in _some(people, count, chance)
        ]
        for member, change in zip(members, _changes(project, members, team), strict=False):
            member.update(change)
        rows.extend(members)
    return rows


def _some(people: list[int], count: int, chance: random.Random) -> list[int]:
    if count <= len(people):
        return chance.sample(people, count)
    return chance.choices(people, k=count)


def _membership(project: Project, number: int, user_id: int, chance: random.Random) -> Row:
    steps = (-1000, 0, 500) if project.currency == "JPY" else (-10, -5, 0, 5, 7.5, 10)
    rate = project.rate + chance.choice(steps)
    cost = int(project.rate * chance.uniform(0.4, 0.65)) * 100
    return {
        "group_id": None,
        "hourly_rate": rate if chance.random() < 0.7 else None,
        "id": number,
        "labour_cost": cost if chance.random() < 0.6 else None,
        "project_id": project.row["id"],
        "user_id": user_id,
    }


def _changes(project: Project, members: list[Row], team: Team) -> list[Row]:
    """List what is odd about the first, second, … membership of a project."""
    if not members:
        return []
    first = members[0]["user_id"]
    group_id = team.group_ids[team.group_of(project)]
    rate = project.rate
    changes: dict[str, list[Row]] = {
        "group_row": [{"user_id": None, "group_id": group_id, "hourly_rate": rate}],
        "user_via_group": [{"group_id": group_id}],
        "direct_and_via_group": [
            {"hourly_rate": rate},
            {"user_id": first, "hourly_rate": rate + 15, "group_id": group_id},
        ],
        "direct_and_via_group_one_rate": [
            {"hourly_rate": rate},
            {"user_id": first, "hourly_rate": None, "group_id": group_id},
        ],
        "duplicate_member": [
            {"hourly_rate": rate, "labour_cost": None},
            {"hourly_rate": rate, "labour_cost": None, "user_id": first},
        ],
        "unlisted_member": [{"user_id": team.unlisted_id}],
        "cost_over_rate": [{"hourly_rate": rate, "labour_cost": rate * 125}],
        "deleted_member": [{"user_id": team.first_id("deleted_at")}],
        "deactivated_member": [{"user_id": team.first_id("deactivated")}],
    }
    return next((change for oddity, change in changes.items() if project.has(oddity)), [])


def make_project_groups(projects: list[Project], team: Team, chance: random.Random) -> list[Row]:
    """Give every fourth project a group, every twelfth two, and those with group members."""
    numbers = ascending(50_118_903, 90, chance)
    rows = []
    for project in projects:
        has_group = project.slot % 4 == 1 or project.slot in _VIA_GROUP
        n_groups = 2 if project.slot % 12 == 1 else int(has_group)
        for further in range(n_groups):
            group = team.group_of(project, further)
            rows.append(
                {
                    "group_id": team.group_ids[group],
                    "id": next(numbers),
                    "name": words.GROUPS[group],
                    "project_id": project.row["id"],
                }
            )
    return rows
