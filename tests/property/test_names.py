"""Names and e-mail addresses select what the ids do, in random workspaces, in every report."""

import inspect
import unicodedata

import pytest
from joins_data import frame
from pandas.testing import assert_frame_equal
from report_cases import RECORDS, needed
from worlds import WORLDS, World

from togglframe import reports
from togglframe.reports.names import FILTERS
from togglframe.tables import PROJECT_GROUPS, TASKS
from togglframe.tables.provenance import of

# No two are one name, but some are contained in others, or look like ids, options or nothing.
NAMES = [
    *("Web", "Web App", "App", "Zoë", "Zo", "STRASSE", "Straße 7", "İzmir", "Ωmega", "ﬁn"),
    *("2026", "(no client)", "None", "NA", "a, b", "a", "1.5", "=SUM(A1)", "x" * 300, "ñandú"),
]
SPELLINGS = [
    lambda name: name,
    str.upper,
    str.casefold,
    lambda name: f" \t{name}\n",
    lambda name: unicodedata.normalize("NFD", name),
    lambda name: unicodedata.normalize("NFC", name).swapcase(),
]


class NamedWorld:
    """A random workspace in which nothing shares its name, and every user has an address."""

    def __init__(self, seed):
        self.world = world = World(seed)
        self.chance, frames = world.chance, world.frames()
        entries, projects = frames["time_entries"], frames["projects"]
        ids = {
            "clients": {*frames["clients"]["id"]},
            "projects": {*projects["id"], *entries["project_id"].dropna()},
            "users": {*frames["users"]["id"], *entries["user_id"].dropna()},
        }
        self.names = {name: self._names(of_kind) for name, of_kind in ids.items()}
        self.emails = {user: f"p{user}@agency.example" for user in ids["users"]}
        owners = projects.set_index("id")["client_id"]
        clients, users = self.names["clients"], self.names["users"]
        frames["clients"]["name"] = frames["clients"]["id"].map(clients)
        projects["name"] = projects["id"].map(self.names["projects"])
        frames["users"]["fullname"] = frames["users"]["id"].map(users)
        frames["users"]["email"] = frames["users"]["id"].map(self.emails)
        entries["project"] = entries["project_id"].map(self.names["projects"])
        entries["client"] = entries["project_id"].map(owners).map(clients)
        entries["user"] = entries["user_id"].map(users)
        entries["email"] = entries["user_id"].map(self.emails)
        frames["tasks"] = frame(TASKS, *(self._task(number, owners) for number in range(8)))
        frames["project_groups"] = frame(PROJECT_GROUPS)
        self.frames = frames

    def _names(self, ids):
        names = self.chance.sample(NAMES, len(ids))
        return dict(zip(sorted(ids), names, strict=True))

    def _task(self, number, owners):
        project = self.chance.choice([*owners.index])
        user = self.chance.choice([*self.names["users"]])
        client = None if owners.isna()[project] else owners[project]
        return {
            "id": number,
            "project_id": project,
            "project_name": self.names["projects"][project],
            "client_id": client,
            "client_name": self.names["clients"].get(client),
            "user_id": user,
            "user_name": self.names["users"][user],
        }

    def spelled(self, parameter, number):
        """Return a name, or an address, of what has an id."""
        names = [self.names[parameter][number]]
        if parameter == "users":
            names.append(self.emails[number])
        return self.chance.choice(SPELLINGS)(self.chance.choice(names))

    def filters(self, parameter):
        """Draw a filter by ids, and the same by names."""
        known = sorted(self.names[parameter])
        ids = self.chance.sample(known, self.chance.randrange(1, len(known) + 1))
        names = [self.spelled(parameter, number) for number in ids]
        if parameter != "users" and self.chance.random() < 0.3:
            return [*ids, None], [*names, None]
        return (ids[0], names[0]) if len(ids) == 1 else (ids, names)

    def mappings(self, parameter, values):
        """Draw a mapping by ids of what is listed, and the same by names."""
        known = self.frames[parameter]["id"].tolist()
        ids = self.chance.sample(known, self.chance.randrange(1, len(known) + 1))
        by_id = {number: self.chance.choice(values) for number in ids}
        return by_id, {self.spelled(parameter, number): value for number, value in by_id.items()}


def without_names(made):
    return {name: value for name, value in of(made).items() if name != "names"}


def check_equal(report, frames, by_id, by_name, **more):
    """Compare a report by ids with the same by names, to the last bit."""
    expected, made = report(frames, **by_id, **more), report(frames, **by_name, **more)
    assert_frame_equal(made, expected, check_exact=True)
    assert without_names(made) == without_names(expected)


@pytest.mark.filterwarnings("ignore::togglframe.CompletenessWarning")
@pytest.mark.parametrize("seed", range(WORLDS // 2))
def test_names_and_addresses_equal_ids_in_every_report_and_filter(seed, subtests):
    named = NamedWorld(seed)
    for record in RECORDS[seed % 5 :: 5]:  # each world some of them: two calls of all take seconds
        report = getattr(reports, record.name)
        parameters = inspect.signature(report).parameters
        known = [name for name in FILTERS if name in parameters]
        chosen = named.chance.sample(known, named.chance.randrange(1, len(known) + 1))
        pairs = {name: named.filters(name) for name in chosen}
        by_id, by_name = ({name: pair[n] for name, pair in pairs.items()} for n in (0, 1))
        days = named.world.range if "start_date" in parameters else {}
        with subtests.test(f"{record.name} {by_name}"):
            check_equal(report, named.frames, by_id, by_name, **days, **needed(record))


MAPPINGS = [
    (reports.utilisation, "capacity", "users", [0, 20, 37.5, [8, 8, 8, 8, 4, 0, 0]]),
    (reports.utilisation, "holidays", "users", [[], ["2026-03-09"], ["2026-11-24"]]),
    (reports.profitability, "labour_costs", "users", [0, 45.5, 60]),
    (reports.profitability, "fixed_fee", "projects", [0, 1000.5]),
]


@pytest.mark.filterwarnings("ignore::togglframe.CompletenessWarning")
@pytest.mark.parametrize("seed", range(WORLDS // 5))
def test_names_and_addresses_equal_ids_as_keys(seed, subtests):
    named = NamedWorld(seed)
    for report, parameter, kind, values in MAPPINGS:
        more = {"cost_currency": "EUR"} if parameter == "labour_costs" else {}
        with subtests.test(parameter):
            by_id, by_name = named.mappings(kind, values)
            one = {parameter: by_id}, {parameter: by_name}
            check_equal(report, named.frames, *one, **named.world.range, **more)
