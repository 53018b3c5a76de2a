"""How often the forecast was right: projects that have ended, with their tails hidden.

Of each archived project of the sandbox with an estimate, the entries after a quarter, half, three
quarters and nine tenths of its hours are hidden. Its final hours are taken as the estimate, so that
"when is it used up" has a true answer: the day of the last entry. Beside it stand a straight line,
what is left over the mean of the same weeks, and the plain bootstrap, which draws every week to
come from the same weeks. The method was chosen on the demo, the larger agency and one more; the
others had no part in that.

Run it as a script: ``python tests/benchmarks/bench_forecast.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from measuring import TODAY, say

from togglframe.reports.forecasting import join_forecast
from togglframe.reports.selection import EVERYTHING
from togglframe.sandbox.agency import Agency, build_agency
from togglframe.tables import PROJECT_STATUSES, PROJECTS, TIME_ENTRIES

AGENCIES = {"the demo": (60, [6]), "others like it": (60, range(100, 106)), "larger": (400, [7])}
SHARES = (0.25, 0.5, 0.75, 0.9)
FEWEST = 4  # full weeks, below which there is no interval
HORIZON = 260  # weeks
PLAYS = 1000
HOW = {"selected": EVERYTHING, "weeks": 8, "confidence": 0.8, "seed": 0}


def entries_of(agency: Agency) -> pd.DataFrame:
    """Return the entries of an agency, with the columns that a forecast looks at."""
    told = pd.DataFrame(agency.entries)
    columns = {
        "id": told["id"].astype("Int64"),
        "user_id": told["user_id"].astype("Int64"),
        "project_id": told["project_id"].astype("Int64"),
        "start": pd.to_datetime(told["start"], unit="s", utc=True).dt.as_unit("us"),
        "date": pd.to_datetime(told["day"] - date(1970, 1, 1).toordinal(), unit="D"),
        "tracked_time": pd.to_timedelta(told["seconds"], unit="s").dt.as_unit("ms"),
    }
    return pd.DataFrame({name: columns.get(name) for name in TIME_ENTRIES.names}).astype(
        {column.name: column.dtype for column in TIME_ENTRIES}
    )


def ended(agency: Agency) -> Iterator[pd.DataFrame]:
    """Go through the entries of the archived projects with an estimate."""
    archived = {row["id"] for row in agency.projects if not row["active"]}
    planned = {row["id"] for row in agency.project_statuses if row["estimated_seconds"]}
    entries = entries_of(agency)
    for _, own in entries[entries["project_id"].isin(archived & planned)].groupby("project_id"):
        yield own.sort_values("date", kind="stable")


def hindcast(own: pd.DataFrame, share: float) -> dict[str, Any] | None:
    """Forecast a project from the day on which so much of it was done."""
    done = own["tracked_time"].cumsum()
    total = done.iloc[-1]
    as_of = own["date"].iloc[int((done < total * share).sum())]
    seen = own[own["date"] <= as_of]
    project_id = int(own["project_id"].iloc[0])
    project = pd.DataFrame({"id": [project_id], "active": [True]}).reindex(columns=PROJECTS.names)
    times = {"tracked_time": [seen["tracked_time"].sum()], "estimated_time": [total]}
    status = pd.DataFrame({"id": [project_id], **times}).reindex(columns=PROJECT_STATUSES.names)
    frames = {"time_entries": seen, "projects": project, "statuses": status}
    today = as_of.date()
    (row,) = join_forecast(**frames, as_of=today, today=today, **HOW).to_dict("records")
    if row["n_weeks"] < FEWEST or row["remaining_hours"] <= 0:
        return None
    worked = hours_by_week(seen, as_of, row["n_weeks"])
    plain = plain_interval(worked, row["remaining_hours"])
    straight = row["remaining_hours"] / row["burn_per_week"] if row["burn_per_week"] else np.nan
    return {
        "done": share,
        "truth": (own["date"].iloc[-1] - as_of) / timedelta(weeks=1),
        "low": row["weeks_left_low"],
        "median": row["weeks_left"],
        "high": row["weeks_left_high"],
        "straight": straight,
        "plain_low": plain[0],
        "plain_high": plain[1],
    }


def hours_by_week(seen: pd.DataFrame, as_of: pd.Timestamp, n_weeks: int) -> np.ndarray:
    """Return the hours of the last full weeks."""
    first = as_of - timedelta(as_of.weekday() + 7 * n_weeks)
    week = (seen["date"] - first) // timedelta(7)
    hours = (seen["tracked_time"] / timedelta(hours=1)).groupby(week).sum()
    return hours.reindex(range(n_weeks), fill_value=0.0).to_numpy(float)


def plain_interval(worked: np.ndarray, left: float) -> np.ndarray:
    """Return the interval of 80 % of the plain bootstrap."""
    chance = np.random.default_rng(0)
    drawn = worked[chance.integers(len(worked), size=(PLAYS, HORIZON))]
    done = drawn.cumsum(axis=1)
    is_over = done >= left
    last = is_over.argmax(axis=1)
    plays = np.arange(PLAYS)
    over = (done[plays, last] - left) / np.where(drawn[plays, last] > 0, drawn[plays, last], 1)
    taken = np.where(is_over.any(axis=1), last + 1 - over, np.inf)
    return np.quantile(taken, [0.1, 0.9], method="inverted_cdf")


def judged(cases: pd.DataFrame) -> pd.Series[Any]:
    """Count how often the interval held the truth, and how far the middle was off."""
    low, median, high, plain_low, plain_high, truth = (
        cases[name].astype("Float64").to_numpy(float, na_value=np.inf)
        for name in ("low", "median", "high", "plain_low", "plain_high", "truth")
    )
    is_held = (low <= truth) & (truth <= high)
    return pd.Series(
        {
            "cases": len(cases),
            "weeks to come": np.median(truth),
            "held %": 100 * np.mean(is_held),
            "took longer %": 100 * np.mean(truth > high),
            "took shorter %": 100 * np.mean(truth < low),
            "no end %": 100 * np.mean(np.isinf(high)),
            "held, with an end %": 100 * np.mean(is_held[np.isfinite(high)]),
            "plain held %": 100 * np.mean((plain_low <= truth) & (truth <= plain_high)),
            "off by": np.median(np.abs(median - truth)),
            "straight off by": np.median(np.abs(cases["straight"].fillna(np.inf) - truth)),
        }
    )


def main() -> None:
    """Print a table of the agencies, and one of how much was done."""
    found = []
    for name, (scale, seeds) in AGENCIES.items():
        for seed in seeds:
            agency = build_agency(scale, seed=seed, workspace_id=1, today=TODAY)
            told = (hindcast(own, share) for own in ended(agency) for share in SHARES)
            found += [{"agency": name, **case} for case in told if case]
    cases = pd.DataFrame(found)
    for by in ("agency", "done"):
        table = cases.groupby(by, sort=by == "done").apply(judged, include_groups=False)
        table["cases"] = table["cases"].astype(int)
        say(f"Forecasts at 80 % by {by} (errors in weeks)", table.round(1).reset_index())


if __name__ == "__main__":
    main()
