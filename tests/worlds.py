"""Random workspaces, as rows and as frames, and how a report is compared with rows.

The workspaces have amounts without a currency, deleted users and projects, names that two share,
people in two time zones on days on which clocks change, and entries of no time at all.
"""

import datetime as dt
import math
import random
from fractions import Fraction
from zoneinfo import ZoneInfo

import pandas as pd
from days import TODAY
from entries_data import frame_of
from examples import IS_NIGHT

from togglframe import tables

CHANGES = [  # the days around those on which clocks change, in New York and Berlin
    dt.date(2026, month, day)
    for month, days in {3: (7, 8, 9, 28, 29, 30, 31), 10: (24, 25, 26, 31), 11: (1, 2, 24)}.items()
    for day in days
]
ZONES = [ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")]
LARGE = 2**53 + 1
USERS = {1: "Ann", 2: "Ann", LARGE: "Zoë", LARGE + 1: "Gone"}  # nothing lists the last
PROJECTS = {10: "Web", 11: "Web", 12: "App", LARGE: "Intern", LARGE + 1: "Deleted"}  # nor the last
CLIENTS = {100: "Acme", LARGE: "Acme"}
SECONDS = [0, 0, 1, 59, 61, 899, 900, 901, 1800, 3599, 5400, 12_345, 40_000, 90_000]
RATES = [None, 0, 1, 9_999, 12_345]  # cents an hour
CURRENCIES = ["EUR", "EUR", "USD", None]
WORLDS = 200 if IS_NIGHT else 5
MS = dt.timedelta(milliseconds=1)
HOUR = 3_600_000  # ms


class World:
    """A random workspace, as rows and as frames, and a range of days."""

    def __init__(self, seed):
        self.chance = chance = random.Random(seed)
        pick = chance.choice
        listed_users = [user for user in USERS if USERS[user] != "Gone"]
        self.users = [
            {"id": user, "fullname": USERS[user], "active": chance.random() < 0.7}
            for user in listed_users
        ]
        self.projects = [
            {
                "id": project,
                "name": PROJECTS[project],
                "client_id": pick([*CLIENTS, None]),
                "active": number % 2 == 0,
                "billable": pick([True, False, None]),
                "color": None,
                "currency": pick(CURRENCIES),
            }
            for number, project in enumerate(PROJECTS)
            if PROJECTS[project] != "Deleted"
        ]
        chance.shuffle(self.projects)
        self.statuses = [self._status(p) for p in PROJECTS if chance.random() < 0.8]
        self.clients = [{"id": client, "name": name} for client, name in CLIENTS.items()]
        self.members = [self._member(number) for number in range(chance.randrange(12))]
        self.entries = [self._entry(number) for number in range(1, chance.randrange(2, 25))]
        self.entries.append(self._entry(LARGE, day=dt.date(2026, 11, 24)))
        chance.shuffle(self.entries)
        self.first, self.last = sorted(chance.sample(CHANGES, 2))
        self.reaches_today = chance.random() < 0.4
        if self.reaches_today:
            self.last = TODAY
        self.range = {"start_date": self.first, "end_date": self.last}
        self.every = pick(["day", "week", "month"])
        self.project = {row["id"]: row for row in self.projects}

    def _status(self, project):
        tracked = self.chance.choice([None, 0, 3_600, 7_200, 28_800, 400_000])
        estimate = self.chance.choice([None, 0, 3_600, 7_200, 9_000, 36_000, 450_000])
        share = self.chance.choice([None, 0, 2, 1])
        billable = None if tracked is None or share is None else share and tracked // share
        return {
            "id": project,
            "tracked_time": in_time(tracked),
            "estimated_time": in_time(estimate),
            "billable_time": in_time(billable),
            "billable_amount": self.chance.choice([None, 0.0, 0.01, 1234.56, 99_999.99]),
            "currency": self.chance.choice(CURRENCIES),
        }

    def _member(self, number):
        return {
            "id": number,
            "project_id": self.chance.choice([*PROJECTS]),
            "user_id": self.chance.choice([*USERS, None]),
            "group_id": None,
            "hourly_rate": None,
            "labour_cost": self.chance.choice([None, 0.0, 45.5, 45.5, 60.25]),
        }

    def _entry(self, number, day=None):
        chance = self.chance
        pick = chance.choice
        zone = pick(ZONES)
        midnight = dt.datetime.combine(day or pick(CHANGES), dt.time(), zone)
        wall = midnight + dt.timedelta(minutes=chance.randrange(5 * 60), seconds=pick([0, 1, 59]))
        if chance.random() < 0.5:
            wall += dt.timedelta(hours=chance.randrange(19))
        start = wall.replace(fold=chance.randrange(2)).astimezone(dt.UTC)
        seconds = pick(SECONDS)
        project, user, rate = pick([*PROJECTS, None]), pick([*USERS]), pick(RATES)
        billable = pick([True, True, False, None])
        is_priced = rate is not None and billable is not False
        owner = next((p["client_id"] for p in self.projects if p["id"] == project), None)
        unknown = ("email", "task_id", "task", "description", "tags", "tag_ids")
        return {
            **dict.fromkeys(unknown),
            "id": number,
            "user_id": user,
            "user": USERS[user],
            "project_id": project,
            "project": PROJECTS.get(project),
            "client": CLIENTS.get(owner),
            "billable": billable,
            "start": start,
            "stop": start + in_time(seconds) + in_time(pick([0, 0, 0, 30])),
            "date": dt.datetime.combine(start.astimezone(zone).date(), dt.time()),
            "utc_offset": start.astimezone(zone).utcoffset(),
            "tracked_time": in_time(seconds),
            "amount": round(rate * seconds / 3600) / 100 if is_priced else None,
            "hourly_rate": rate / 100 if is_priced else None,
            "currency": pick(CURRENCIES),
            "updated_at": start,
        }

    def frames(self):
        """Return the listings as a report takes them."""
        unknown = ("email", "avatar", "deactivated", "deleted_at", "workspace_user_id")
        users = [{**dict.fromkeys(unknown), **row} for row in self.users]
        return {
            "time_entries": frame_of(self.entries),
            "projects": frame_of(self.projects, tables.PROJECTS),
            "statuses": frame_of(self.statuses, tables.PROJECT_STATUSES),
            "clients": frame_of(self.clients, tables.CLIENTS),
            "project_users": frame_of(self.members, tables.PROJECT_USERS),
            "users": frame_of(users, tables.USER_DETAILS),
        }

    def within(self):
        """Return the entries of the range."""
        return [row for row in self.entries if self.first <= day_of(row) <= self.last]

    def client_of(self, project):
        """Return the id of a project's client."""
        return self.project.get(project, {}).get("client_id")


def in_time(seconds):
    return None if seconds is None else dt.timedelta(seconds=seconds)


def day_of(row):
    return row["date"].date()


def ms(time):
    return None if time is None else time // MS


def is_same(found, expected):
    if isinstance(expected, set):
        return found.to_pydatetime() in expected
    if expected is None or pd.isna(found):
        return expected is None and pd.isna(found)
    if isinstance(expected, Fraction):
        return math.isclose(found, expected, rel_tol=1e-12, abs_tol=1e-9)
    if isinstance(expected, dt.date):
        return found == pd.Timestamp(expected)
    return found == expected


def differences(frame, expected):
    """Return the cells that differ, by row and column, or the keys where the rows do."""
    if len(frame) != len(expected):
        return [("rows", len(frame), len(expected), frame.iloc[:, :4].to_dict("records"))]
    columns = {name: frame[name].tolist() for name in frame}
    return [
        (number, name, columns[name][number], value)
        for number, row in enumerate(expected)
        for name, value in row.items()
        if not is_same(columns[name][number], value)
    ]
