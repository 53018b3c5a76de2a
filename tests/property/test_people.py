"""Retainers and balances of random workspaces, beside the same in plain Python, row by row."""

import datetime as dt
from fractions import Fraction

import pandas as pd
import plain_people
import pytest
from days import TODAY
from examples import IS_NIGHT
from worlds import CHANGES, CLIENTS, LARGE, PROJECTS, USERS, World, day_of, differences, ms

from togglframe import reports

WORLDS = 300 if IS_NIGHT else 8
EVERY = ["day", "week", "month", "quarter", "year"]
WEEKS = [40, 32.5, 0, [8, 8, 4.5, 0, 6.25, 0, 0], [0, 0, 0, 0, 0, 12, 12]]

KEY = ("project_id", "client_id", "period")

pytestmark = pytest.mark.filterwarnings(
    "ignore:the frame of projects lacks:togglframe.errors.CompletenessWarning",
    "ignore:absences names:togglframe.errors.SemanticsWarning",
    "ignore:.*that the listing of:togglframe.errors.CompletenessWarning",
)


def hours(time):
    return None if time is None else Fraction(time) / plain_people.HOUR


def days_from(chance, count):
    """Return distinct days, the first perhaps None."""
    days = chance.sample(CHANGES, count)
    return [chance.choice([None, days[0]]), *days[1:]]


# --- retainers ----------------------------------------------------------------------------------


def budgets_of(world):
    """Return random budgets, as the oracle has them; never of a project and of its client."""
    chance = world.chance
    keys = [("client", client) for client in CLIENTS if chance.random() < 0.6]
    taken = {number for _, number in keys}
    projects = [p for p in PROJECTS if chance.random() < 0.6]
    keys += [("project", p) for p in projects if world.client_of(p) not in taken]
    found = {}
    for key in keys:
        since = days_from(chance, chance.choice([1, 1, 2, 3]))
        found[key] = [(day, chance.choice([0, 0.5, 3, 10.25, 40])) for day in since]
    return found


def frame_of_budgets(budgets):
    rows = [
        {kind: number, "hours": hours, "from": since}
        for (kind, number), steps in budgets.items()
        for since, hours in steps
    ]
    frame = pd.DataFrame(rows, columns=["project", "client", "hours", "from"], dtype=object)
    return frame.sample(frac=1, random_state=1)


def retainer_of(world, budgets, every, carry):
    entries = [
        (
            day_of(row),
            row["project_id"],
            world.client_of(row["project_id"]),
            ms(row["tracked_time"]),
        )
        for row in world.entries
    ]
    rows = plain_people.retainer(
        entries, budgets, first=world.first, last=world.last, every=every, carry=carry, today=TODAY
    )
    made = []
    for row in rows:
        is_project = row["kind"] == "project"
        client = world.client_of(row["key"]) if is_project else row["key"]
        made.append(
            {
                "project_id": row["key"] if is_project else None,
                "client_id": client,
                "client": CLIENTS.get(client),
                "period": row["period"],
                "budget_hours": hours(row["budget"]),
                "carried_hours": hours(row["carried"]),
                "available_hours": hours(row["available"]),
                "tracked_hours": hours(row["tracked"]),
                "left_hours": hours(row["left"]),
                "used": row["used"],
                "state": row["state"],
                "tracked_time": dt.timedelta(milliseconds=row["tracked"]),
            }
        )
    return sorted(made, key=lambda row: [na_last(row[name]) for name in KEY])


def na_last(value):
    return value is None, value or 0


@pytest.mark.filterwarnings("ignore:nothing is carried into")
@pytest.mark.parametrize("seed", range(WORLDS))
def test_retainers_are_what_plain_python_makes_of_the_rows(seed):
    world = World(seed)
    chance = world.chance
    budgets, every = budgets_of(world), chance.choice(EVERY)
    carry = chance.choice(["none", "unused", "both", 1, 2, 5])
    made = reports.retainer(
        world.frames(), frame_of_budgets(budgets), every=every, carry=carry, **world.range
    )
    assert differences(made, retainer_of(world, budgets, every, carry)) == []


@pytest.mark.filterwarnings("ignore:nothing is carried:togglframe.SemanticsWarning")
@pytest.mark.parametrize("seed", range(WORLDS))
def test_hours_of_retainers_are_those_of_the_report_on_hours(seed):
    world = World(seed)
    chance = world.chance
    every = chance.choice(EVERY)
    frames = world.frames()
    one = chance.choice(["project", "client"])
    budgets = pd.DataFrame({one: [*(PROJECTS if one == "project" else CLIENTS)], "hours": 1})
    made = reports.retainer(frames, budgets, every=every, carry="both", **world.range)
    filters = made.attrs["togglframe"]["filters"]
    days = {name: filters[name] for name in ("start_date", "end_date")}
    summed = reports.hours(frames, by=one, every=every, **days).dropna(subset=[f"{one}_id"])
    key = [f"{one}_id", "period"]
    of_it = made.set_index(key)["tracked_time"]
    assert of_it[of_it > pd.Timedelta(0)].to_dict() == {
        key: time
        for key, time in summed.set_index(key)["tracked_time"].items()
        if time > pd.Timedelta(0)
    }


# --- balances -----------------------------------------------------------------------------------


def people_of(world):
    """Return the users that a schedule may name: who is listed, or has an entry."""
    named = {row["id"] for row in world.users} | {row["user_id"] for row in world.entries}
    return [user for user in USERS if user in named]


def in_days(week):
    return week if isinstance(week, list) else [Fraction(week) / 5] * 5 + [0, 0]


def schedules_of(world):
    """Return schedules of each user, as rows of a frame; no two begin on one day."""
    chance = world.chance
    rows = []
    for user in people_of(world):
        for start in days_from(chance, chance.choice([1, 1, 2, 3])):
            ends = [day for day in CHANGES if start is None or day >= start]
            end = chance.choice([None, None, *ends])
            rows.append({"user": user, "hours": chance.choice(WEEKS), "from": start, "to": end})
    chance.shuffle(rows)
    return rows


def absences_of(world):
    chance = world.chance
    return [
        {
            "user": chance.choice(people_of(world)),
            "date": chance.choice(CHANGES),
            "hours": chance.choice([None, 0, 1.5, 4, 20]),
        }
        for _ in range(chance.randrange(12))
    ]


def balance_of(world, schedules, off, absences, **how):
    entries = [
        (day_of(row), row["user_id"], ms(row["tracked_time"]), off(row)) for row in world.entries
    ]
    steps = {
        user: [(r["from"], r["to"], in_days(r["hours"])) for r in schedules if r["user"] == user]
        for user in people_of(world)
    }
    rows = plain_people.balance(
        entries,
        steps,
        absences=[(row["user"], row["date"], row["hours"]) for row in absences],
        first=world.first,
        last=world.last,
        today=TODAY,
        **how,
    )
    return [
        {
            "user_id": row["user"],
            **({} if how["every"] is None else {"period": row["period"]}),
            "workdays": row["workdays"],
            "expected_hours": hours(row["expected"]),
            "absence_hours": hours(row["absent"]),
            "tracked_hours": hours(row["tracked"]),
            "balance_hours": hours(row["balance"]),
            "running_hours": hours(row["running"]),
        }
        for row in rows
    ]


@pytest.mark.parametrize("seed", range(WORLDS))
def test_balances_are_what_plain_python_makes_of_the_rows(seed, subtests):
    world = World(seed)
    chance = world.chance
    for row in world.entries:
        row["tags"] = chance.choice([None, [], ["Vacation"], ["sick", "design"]])
    frames, every = world.frames(), chance.choice([*EVERY, None])
    schedules, absences = schedules_of(world), absences_of(world)
    holidays = {
        None: chance.sample(CHANGES, 3),
        **{u: [CHANGES[u % 5]] for u in people_of(world) if u % 2},
    }
    opening = {user: chance.choice([-10, 0.25, 400]) for user in people_of(world) if user % 2}
    frame = pd.DataFrame(schedules, columns=["user", "hours", "from", "to"])
    how = {"every": every, "holidays": holidays, "opening": opening}
    common = {"every": every, "holidays": holidays, "opening_hours": opening, **world.range}
    listed = pd.DataFrame(absences, columns=["user", "date", "hours"])
    with subtests.test("absences of a frame"):
        made = reports.balance(frames, frame, absences=listed, **common)
        expected = balance_of(world, schedules, lambda _: False, absences, **how)
        assert differences(made, expected) == []
    with subtests.test("absences by entries"):
        known = {row["id"] for row in world.projects} | {r["project_id"] for r in world.entries}
        named = ["vacation", *({12, LARGE} & known)]

        def off(row):
            return row["project_id"] in named or "Vacation" in (row["tags"] or [])

        made = reports.balance(frames, frame, absences=named, **common)
        expected = balance_of(world, schedules, off, [], **how)
        assert differences(made, expected) == []
        summed = reports.hours(frames, by="user", **world.range).set_index("user_id")
        both = (made["tracked_hours"] + made["absence_hours"]).groupby(made["user_id"]).sum()
        assert both[both > 0].round(9).to_dict() == {
            user: round(each, 9) for user, each in summed["tracked_hours"].items() if each
        }
