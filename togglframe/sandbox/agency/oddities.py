"""Which projects are odd, and how.

Projects repeat in blocks of sixty. A project's place in its block is its slot, and its
oddities are a function of the slot, so that every block has all of them.
"""

from __future__ import annotations

from typing import Final

from . import words

BLOCK: Final = len(words.PROJECTS)

_SLOTS: Final[dict[str, tuple[int, ...]]] = {
    # the project
    "no_client": (7, 28, 44),
    "same_name_other_client": (10, 16),
    "same_name_same_client": (17, 18),
    "archived": (3, 9, 14, 20, 23, 27, 29, 33, 37, 41, 45, 49, 53, 55, 58),
    "archived_with_hours_left": (9, 29, 41),
    "private": (5, 18, 30, 47),
    "not_billable": (7, 12, 28, 44, 48, 55),
    "null_project_currency": (51,),
    "second_currency": (34,),
    "changed_rate": (2, 14, 26, 45),
    # its status
    "no_status": (31, 52),
    "null_tracked": (38,),
    "not_started": (21, 36),
    "no_estimate": (7, 13, 22, 35, 47, 58),
    "zero_estimate": (25, 50),
    "exactly_on_estimate": (43,),
    "exactly_at_four_fifths": (45,),
    "null_amount": (16,),
    "no_billable_time": (39,),
    "null_billable_time": (55,),
    "null_currency": (42,),
    "currency_mismatch": (40,),
    # the status of a project that was deleted lies just before this one's
    "deleted_project_before": (57,),
    # its tasks have more hours than the project
    "tasks_over_project": (46,),
    # its first memberships
    "group_row": (5, 33),
    "user_via_group": (10,),
    "direct_and_via_group": (15,),
    "direct_and_via_group_one_rate": (45,),
    "duplicate_member": (20,),
    "unlisted_member": (25,),
    "cost_over_rate": (30,),
    "deleted_member": (35,),
    "deactivated_member": (40,),
}

ODDITIES: Final = {name: frozenset(slots) for name, slots in _SLOTS.items()}

# What is odd about people, by their place among words.PEOPLE.
DEACTIVATED: Final = frozenset({8, 19})
DELETED: Final = frozenset({12, 23})
NO_AVATAR: Final = frozenset({3, 10, 16})
