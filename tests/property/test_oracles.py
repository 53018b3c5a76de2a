"""Reports of random workspaces beside the same reports in plain Python, row by row.

The arithmetic here is that of integers and fractions, written from the definitions of the columns
alone.
"""

import datetime as dt
import math
from collections import defaultdict
from fractions import Fraction

import pytest
from days import TODAY
from entries_data import frame_of
from worlds import (
    CHANGES,
    CLIENTS,
    HOUR,
    LARGE,
    MS,
    PROJECTS,
    USERS,
    WORLDS,
    World,
    day_of,
    differences,
    in_time,
    ms,
)

from togglframe import reports

# --- arithmetic ---------------------------------------------------------------------------------


def period_of(day, every):
    if every == "week":
        return day - dt.timedelta(day.weekday())
    return day.replace(day=1) if every == "month" else day


def days_between(first, last):
    return [first + dt.timedelta(n) for n in range((last - first).days + 1)]


def total(values):
    """Return the sum of what is known, None if nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def cents(amount):
    return None if amount is None else round(amount * 100)


def hours(milliseconds):
    return None if milliseconds is None else Fraction(milliseconds, HOUR)


def over(part, whole):
    return None if part is None or not whole or whole < 0 else Fraction(part) / Fraction(whole)


def units(hundredths):
    return None if hundredths is None else Fraction(hundredths, 100)


def minus(one, other):
    return None if one is None or other is None else one - other


def billable_ms(row):
    """Return the billable time of an entry, None if it is not known whether it is billable."""
    return None if row["billable"] is None else row["billable"] * ms(row["tracked_time"])


def grouped(rows, key):
    groups = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def na_last(key):
    return tuple((part is None, part if part is not None else 0) for part in key)


def descending(value):
    return (value is None, -(value or 0))


def in_order(groups):
    return sorted(groups.items(), key=lambda item: na_last(item[0]))


# --- project_budget, client_hours, client_summary -----------------------------------------------


def state_of(tracked, estimate, active, at_risk=Fraction(8, 10)):
    if tracked is None:
        return "no_status"
    if estimate is None:
        return "no_estimate"
    if estimate <= 0:
        return "zero_estimate"
    if tracked == 0:
        return "not_started"
    if tracked > estimate:
        return "over"
    is_near = Fraction(tracked, estimate) >= at_risk and active is not False
    return "at_risk" if is_near else "on_track"


def budget_of(world):
    statuses = {row["id"]: row for row in world.statuses}
    unlisted = {"name": None, "client_id": None, "active": None, "billable": None, "currency": None}
    found = []
    for number in {*world.project, *statuses}:
        project, status = world.project.get(number, unlisted), statuses.get(number, {})
        tracked, estimate, billable = (
            ms(status.get(f"{name}_time")) for name in ("tracked", "estimated", "billable")
        )
        amount = cents(status.get("billable_amount"))
        comparable = estimate if estimate and tracked is not None else None
        variance = minus(tracked, comparable)
        overrun = None if variance is None else max(variance, 0)
        # An amount of an unknown currency is never one of the project's.
        currency = status.get("currency") or (None if amount else project["currency"])
        row = {
            "project_id": number,
            "project": project["name"],
            "client_id": project["client_id"],
            "client": CLIENTS.get(project["client_id"]),
            "active": project["active"],
            "billable": project["billable"],
            "currency": currency,
            "tracked_hours": hours(tracked),
            "estimated_hours": hours(estimate),
            "billable_hours": hours(billable),
            "non_billable_hours": hours(minus(tracked, billable)),
            "progress": over(tracked, comparable),
            "remaining_hours": hours(minus(comparable, tracked)),
            "variance_hours": hours(variance),
            "overrun_hours": hours(overrun),
            "billable_share": over(billable, tracked),
            "amount": units(amount),
            "effective_rate": over(units(amount), hours(billable)),
            "realised_rate": over(units(amount), hours(tracked)),
            "budget_state": state_of(tracked, estimate, project["active"]),
            "tracked_time": status.get("tracked_time"),
            "estimated_time": status.get("estimated_time"),
            "billable_time": status.get("billable_time"),
        }
        found.append(row)
    ranks = ("overrun_hours", "progress")
    return sorted(found, key=lambda r: (*(descending(r[name]) for name in ranks), r["project_id"]))


def sums_of(rows):
    """Sum rows of a budget."""
    states = [row["budget_state"] for row in rows]

    def of(name, where=lambda _: True):
        return total(row[name] for row in rows if where(row))

    def both(one, other):
        return lambda row: row[one] is not None and row[other] is not None

    shared = both("tracked_hours", "billable_hours")
    priced = both("amount", "billable_hours")
    compared = [row for row in rows if row["variance_hours"] is not None]
    tracked = total(
        row["tracked_hours"] if row in compared else 0
        for row in rows
        if row["tracked_hours"] is not None
    )
    estimate = total(row["estimated_hours"] for row in compared)
    left = {
        is_archived: total(
            max(-row["variance_hours"], 0) if (row["active"] is False) == is_archived else 0
            for row in compared
        )
        for is_archived in (True, False)
    }
    return {
        "n_projects": len(rows),
        "n_over": states.count("over"),
        "n_at_risk": states.count("at_risk"),
        "n_no_estimate": states.count("no_estimate"),
        "tracked_hours": of("tracked_hours"),
        "billable_hours": of("billable_hours"),
        "billable_share": over(of("billable_hours", shared), of("tracked_hours", shared)),
        "amount": of("amount"),
        "effective_rate": over(of("amount", priced), of("billable_hours", priced)),
        "comparable_tracked_hours": tracked,
        "estimated_hours": estimate,
        "progress": over(tracked, estimate),
        "variance_hours": of("variance_hours"),
        "gross_overrun_hours": of("overrun_hours"),
        "saved_hours": left[True],
        "remaining_hours": left[False],
        "estimate_coverage": over(tracked, of("tracked_hours")),
    }


def clients_of(world, *, by_currency):
    names = ("client_id", "currency")[: 1 + by_currency]
    groups = grouped(budget_of(world), lambda row: tuple(row[name] for name in names))
    found = []
    for key, rows in in_order(groups):
        row = {**dict(zip(names, key, strict=True)), "client": CLIENTS.get(key[0]), **sums_of(rows)}
        if not by_currency:
            row = {name: row[name] for name in row if name not in ("amount", "effective_rate")}
        found.append(row)
    return sorted(
        found, key=lambda r: (*map(descending, (r["gross_overrun_hours"], r["progress"])),)
    )


# --- hours, earnings, invoice_lines -------------------------------------------------------------


def parts_of(world, row, by):
    """Return the id and the name of an entry's user, project or client."""
    if by == "client":
        client = world.client_of(row["project_id"])
        return client, CLIENTS.get(client)
    return row[f"{by}_id"], row[by]


def hours_of(world, by, every):
    def key(row):
        ids = tuple(parts_of(world, row, one)[0] for one in by)
        return (*ids, period_of(day_of(row), every)) if every else ids

    found = []
    for group, rows in in_order(grouped(world.within(), key)):
        made = named(world, by, group, rows[0])
        if every:
            made["period"] = group[-1]
        tracked = sum(ms(row["tracked_time"]) for row in rows)
        billable = total(map(billable_ms, rows))
        known = sum(ms(row["tracked_time"]) for row in rows if row["billable"] is not None)
        found.append(
            made
            | {
                "tracked_hours": hours(tracked),
                "billable_hours": hours(billable),
                "billable_share": over(billable, known),
                "n_entries": len(rows),
                "n_days": len({*map(day_of, rows)}),
                "tracked_time": tracked * MS,
                "billable_time": None if billable is None else billable * MS,
            }
        )
    return found


def named(world, by, group, row):
    made = {}
    for one, number in zip(by, group, strict=False):
        made[f"{one}_id"], made[one] = number, parts_of(world, row, one)[1]
    return made


def earnings_of(world, by, every):
    def key(row):
        period = (period_of(day_of(row), every),) if every else ()
        return (*(parts_of(world, row, one)[0] for one in by), *period, row["currency"])

    counted = [row for row in world.within() if row["billable"] or row["amount"]]
    found = []
    for group, rows in in_order(grouped(counted, key)):
        made = named(world, by, group, rows[0])
        if every:
            made["period"] = group[-2]
        billable = total(map(billable_ms, rows))
        priced = [r for r in rows if r["amount"] is not None and billable_ms(r) is not None]
        amount = total(cents(row["amount"]) for row in rows)
        rate = over(
            units(sum(cents(row["amount"]) for row in priced)), hours(sum(map(billable_ms, priced)))
        )
        found.append(
            made
            | {
                "currency": group[-1],
                "billable_hours": hours(billable),
                "amount": units(amount),
                "effective_rate": rate if priced else None,
                "billable_time": None if billable is None else billable * MS,
            }
        )
    return found


def rounded(milliseconds, rounding, minutes):
    steps = Fraction(milliseconds, minutes * 60_000)
    whole = {
        "up": math.ceil(steps),
        "down": math.floor(steps),
        "nearest": math.floor(steps + Fraction(1, 2)),
    }
    return whole[rounding] * minutes * 60_000


def lines_of(world, rounding=None, minutes=15):
    def key(row):
        client = world.client_of(row["project_id"])
        rate = cents(row["hourly_rate"])
        return client, row["project_id"], row["user_id"], rate, row["currency"]

    billable = [row for row in world.within() if row["billable"]]
    found = []
    for group, rows in in_order(grouped(billable, key)):
        client, project, user, rate, currency = group
        tracked = [ms(row["tracked_time"]) for row in rows]
        amounts = [cents(row["amount"]) for row in rows]
        billed = sum(tracked)
        amount = None if None in amounts else sum(amounts)
        if rounding:
            billed = sum(rounded(each, rounding, minutes) for each in tracked)
            exact = None if rate is None else billed * Fraction(rate, HOUR)
            amount = None if exact is None else math.floor(exact + Fraction(1, 2))
        found.append(
            {
                "client_id": client,
                "client": CLIENTS.get(client),
                "project_id": project,
                "project": rows[0]["project"],
                "user_id": user,
                "user": rows[0]["user"],
                "hourly_rate": units(rate),
                "currency": currency,
                "n_entries": len(rows),
                "tracked_hours": hours(sum(tracked)),
                "billed_hours": hours(billed),
                "amount": units(amount),
            }
        )
    return found


# --- utilisation, timesheet ---------------------------------------------------------------------


def utilisation_of(world, capacity, every, holidays):
    own = capacity if isinstance(capacity, dict) else {}
    listed = {row["id"] for row in world.users if row["active"]}
    entries = world.within()
    tracking = {row["user_id"] for row in entries}
    named = tracking | {row["id"] for row in world.users}
    found = []
    for user in sorted(tracking | listed | own.keys()):
        days = grouped(days_between(world.first, world.last), lambda day: period_of(day, every))
        for period, members in days.items():
            rows = [r for r in entries if r["user_id"] == user and day_of(r) in members]
            begun = [day for day in members if day < TODAY]  # those of a day to come are not owed
            workdays = sum(day.weekday() < 5 and day not in holidays for day in begun)
            weekly = capacity.get(user) if isinstance(capacity, dict) else capacity
            can = None if weekly is None else Fraction(weekly) / 5 * workdays
            tracked = hours(sum(ms(row["tracked_time"]) for row in rows))
            billable = hours(total(map(billable_ms, rows)) if rows else 0)
            found.append(
                {
                    "user_id": user,
                    "user": USERS[user] if user in named else None,
                    "period": period,
                    "workdays": workdays,
                    "capacity_hours": can,
                    "tracked_hours": tracked,
                    "billable_hours": billable,
                    "utilisation": over(billable, can),
                    "load": over(tracked, can),
                    "idle_hours": minus(can, tracked),
                }
            )
    return found


def union(spans):
    """Return how long at least one of these spans lasts."""
    covered, reached = dt.timedelta(), None
    for start, stop in sorted(spans):
        begin = start if reached is None else max(start, reached)
        covered += max(stop - begin, dt.timedelta())
        reached = stop if reached is None else max(reached, stop)
    return covered


def timesheet_of(world):
    found = []
    groups = grouped(world.within(), lambda row: (row["user_id"], day_of(row)))
    for (user, day), rows in in_order(groups):
        spans = [(row["start"], row["stop"]) for row in rows]
        span = max(stop for _, stop in spans) - min(start for start, _ in spans)
        tracked = sum(ms(row["tracked_time"]) for row in rows)
        covered = union(spans)
        twice = sum((stop - start for start, stop in spans), dt.timedelta()) - covered
        found.append(
            {
                "user_id": user,
                "user": USERS[user],
                "date": day,
                "first_start": walls(rows, "start", min),
                "last_stop": walls(rows, "stop", max),
                "tracked_hours": hours(tracked),
                "billable_hours": hours(total(map(billable_ms, rows))),
                "span_hours": hours(ms(span)),
                "break_hours": hours(ms(span - covered)),
                "overlap_hours": hours(ms(twice)),
                "n_entries": len(rows),
                "tracked_time": tracked * MS,
            }
        )
    return found


def walls(rows, name, extreme):
    """Return the wall clock at the first or last moment; people in two zones may share it."""
    moment = extreme(row[name] for row in rows)
    return {(moment + r["utc_offset"]).replace(tzinfo=None) for r in rows if r[name] == moment}


# --- burn, profitability ------------------------------------------------------------------------


def burn_of(world, every):
    statuses = {row["id"]: row for row in world.statuses}
    entries = grouped(world.entries, lambda row: row["project_id"])
    found = []
    for project in sorted({*entries, *statuses}, key=lambda number: na_last([number])):
        own, status = entries[project], statuses.get(project, {})
        since = sum(ms(row["tracked_time"]) for row in own if day_of(row) >= world.first)
        cumulative = sum(ms(row["tracked_time"]) for row in own if day_of(row) < world.first)
        if world.reaches_today and status.get("tracked_time") is not None:
            cumulative = max(ms(status["tracked_time"]) - since, 0)
        has_begun = cumulative > 0
        estimate = ms(status.get("estimated_time"))
        periods = grouped(days_between(world.first, world.last), lambda day: period_of(day, every))
        for period, days in periods.items():
            here = [row for row in own if day_of(row) in days]
            has_begun = has_begun or bool(here)
            tracked = sum(ms(row["tracked_time"]) for row in here)
            cumulative += tracked
            if has_begun:
                client = world.client_of(project)
                found.append(
                    {
                        "project_id": project,
                        "client": CLIENTS.get(client),
                        "period": period,
                        "tracked_hours": hours(tracked),
                        "cumulative_hours": hours(cumulative),
                        "estimated_hours": hours(estimate),
                        "progress": over(cumulative, estimate),
                        "tracked_time": tracked * MS,
                    }
                )
    return found


def cost_of(world, row, costs, cost_currency):
    """Return the labour cost of an entry's hour in cents, None if it is unknown.

    The cost of a person on a project comes before that of the person, and both before what
    memberships say, which is in the currency of the project; that of everybody comes last.
    """
    user, project, currency = row["user_id"], row["project_id"], row["currency"]
    is_home = project is not None and currency == world.project.get(project, {}).get("currency")
    is_theirs = cost_currency == currency if cost_currency else is_home or currency is not None
    if (user, project) in costs:
        is_on_project = is_theirs if cost_currency else is_home
        return cents(costs[user, project]) if is_on_project else None
    if user in costs:
        return cents(costs[user]) if is_theirs else None
    listed = {
        cents(member["labour_cost"])
        for member in world.members
        if is_home and member["project_id"] == project and member["user_id"] == user
    } - {None}
    if listed:
        return listed.pop() if len(listed) == 1 else None
    return cents(costs.get(None)) if is_theirs else None


def profits_of(world, costs, cost_currency, fees, by):
    costs = costs if isinstance(costs, dict) else {None: costs}

    def key(row):
        project = row["project_id"]
        return (world.client_of(project) if by == "client" else project), row["currency"]

    groups = grouped(world.within(), key)
    of_fees = defaultdict(list)
    for project, fee in fees.items():
        home = key({"project_id": project, "currency": world.project[project]["currency"]})
        groups.setdefault(home, [])
        of_fees[home].append(cents(fee))
    found = []
    for (number, currency), rows in in_order(groups):
        tracked = sum(ms(row["tracked_time"]) for row in rows)
        each = [(ms(r["tracked_time"]), cost_of(world, r, costs, cost_currency)) for r in rows]
        covered = sum(time for time, cost in each if cost is not None)
        cost = sum(hours(time) * units(one) for time, one in each if one is not None)
        amounts = [
            0
            if row["project_id"] in fees or (row["billable"] is False and row["amount"] is None)
            else cents(row["amount"])
            for row in rows
        ] + of_fees[number, currency]
        revenue = units(total(amounts)) if any(amounts) or None not in amounts else None
        bound = None if None in amounts else minus(revenue, cost)
        profit = bound if tracked and covered == tracked else None
        if by == "client":
            names = {"client_id": number, "client": CLIENTS.get(number)}
        else:
            client = CLIENTS.get(world.client_of(number))
            names = {"project_id": number, "project": PROJECTS.get(number), "client": client}
        found.append(
            {
                **names,
                "currency": currency,
                "tracked_hours": hours(tracked),
                "billable_hours": hours(total(map(billable_ms, rows)) if rows else 0),
                "revenue": revenue,
                "cost_known": cost,
                "cost_coverage": over(covered, tracked),
                "profit": profit,
                "profit_upper_bound": bound,
                "margin": over(profit, revenue),
            }
        )
    return found


# --- the reports beside them --------------------------------------------------------------------


def cases_of(world):
    """Yield a name, a report and what it is to be, for each report of a workspace."""
    frames, chance = world.frames(), world.chance
    yield "project_budget", reports.project_budget(frames), budget_of(world)
    for by_currency in (False, True):
        clients = reports.client_budget(frames, by_currency=by_currency)
        yield "client_budget", clients, clients_of(world, by_currency=by_currency)
    for by in (["project"], ["client"], ["user"], ["client", "user"]):
        for report, oracle in ((reports.hours, hours_of), (reports.earnings, earnings_of)):
            every = chance.choice([None, "day", "week", "month"])
            made = report(frames, by=by, every=every, **world.range)
            yield f"{report.__name__} {by} {every}", made, oracle(world, by, every)
    yield "invoice_lines", reports.invoice_lines(frames, **world.range), lines_of(world)
    how = {
        "rounding": chance.choice(["up", "nearest", "down"]),
        "rounding_minutes": chance.choice([1, 6, 15, 60]),
    }
    rounded_lines = reports.invoice_lines(frames, **how, **world.range)
    yield f"invoice_lines {how}", rounded_lines, lines_of(world, *how.values())
    people = {row["id"] for row in world.users} | {row["user_id"] for row in world.entries}
    capacity = chance.choice([40, 37.5, 0, {1: 20, max(people): 32}])
    holidays = chance.sample(CHANGES, 3)
    given = {"capacity": capacity, "every": world.every, "holidays": holidays}
    made = reports.utilisation(frames, **given, **world.range)
    yield f"utilisation {given}", made, utilisation_of(world, *given.values())
    yield "timesheet", reports.timesheet(frames, **world.range), timesheet_of(world)
    burn = reports.burn(frames, every=world.every, **world.range)
    yield f"burn {world.every}", burn, burn_of(world, world.every)
    costs = chance.choice(
        [None, 50, {1: 20.5, LARGE: 0}, {None: 50, 1: 30, (1, 10): 12.25, (2, LARGE): 0}]
    )
    currency = None if costs is None else chance.choice(["EUR", "USD"])
    fees = chance.choice([{}, {10: 1000.5, LARGE: 0}])
    for by in ("project", "client"):
        given = {"labour_costs": costs, "cost_currency": currency, "fixed_fee": fees, "by": by}
        made = reports.profitability(frames, **given, **world.range)
        yield f"profitability {given}", made, profits_of(world, *given.values())


@pytest.mark.filterwarnings("ignore:the range to invoice:togglframe.errors.CompletenessWarning")
@pytest.mark.parametrize("seed", range(WORLDS))
def test_reports_are_what_plain_python_makes_of_the_rows(seed, subtests):
    for name, made, expected in cases_of(World(seed)):
        with subtests.test(name):
            assert differences(made, expected) == []


def test_half_a_step_is_rounded_up():
    world = World(0)
    entry = {**world.entries[0], "billable": True, "tracked_time": in_time(450)}
    lines = reports.invoice_lines(
        {"time_entries": frame_of([entry]), "projects": world.frames()["projects"]},
        rounding="nearest",
        rounding_minutes=15,
    )
    assert lines["billed_hours"].tolist() == [0.25]
