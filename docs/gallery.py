"""Draw every chart as people meet it: on one row, on many, on nothing, in the dark, in grey.

Run ``python docs/gallery.py [folder]``; the default folder is ``docs/_build/gallery``. Open its
``index.html`` to look at all of the pictures.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any, Final, NamedTuple

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from month_ago import changes_of

import togglframe as tf

# Machado, Oliveira and Fernandes (2009), deuteranopia of severity 1, on linear RGB.
DEUTERANOPE: Final = np.array(
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
)
# The luminance of linear RGB, for all three channels.
GREY: Final = np.tile([0.2126, 0.7152, 0.0722], (3, 1))

BUDGETS: Final = {
    "Northwind Coffee Roasters": 270,
    "Vitalis Apotheken": 100,
    "Polder Cycling Club": 260,
}

QUARTER: Final = {"start_date": "2026-07-01", "end_date": "2026-09-30"}


class Chart(NamedTuple):
    """A chart with options that suit the agency, its frame, and the key of the rows."""

    draw: Callable[[pd.DataFrame], Any]
    frame: str
    key: str


_FORECAST: list[pd.DataFrame] = []  # of the projects of the burn, in whatever size it is drawn


def _burn_up(frame: pd.DataFrame) -> Any:
    """Draw a project that will use up its estimate, with the forecast."""
    (forecast,) = _FORECAST
    ahead = forecast.loc[forecast["finish_high"].notna(), "project_id"]
    soon = frame.loc[frame["project_id"].isin(ahead), "project_id"]
    return tf.charts.burn_up(frame, forecast, project=None if soon.empty else int(soon.iloc[0]))


def _on_axes(frame: pd.DataFrame) -> Any:
    """Draw the charts of a budget on the small Axes of one figure."""
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(13, 3.5))
    tf.charts.budget_bullet(frame, ax=left)
    tf.charts.variance_bars(frame, ax=middle)
    tf.charts.billable_split(frame, ax=right)
    return figure


CHARTS: Final = {
    "budget_bullet": Chart(tf.charts.budget_bullet, "budget", "project_id"),
    "budget_bullet_all": Chart(
        lambda frame: tf.charts.budget_bullet(frame, top=None), "budget", "project_id"
    ),
    "budget_bullet_percent": Chart(
        lambda frame: tf.charts.budget_bullet(frame, top=12, scale="percent", sort="progress"),
        "budget",
        "project_id",
    ),
    "variance_bars": Chart(tf.charts.variance_bars, "budget", "project_id"),
    "variance_pins": Chart(
        lambda frame: tf.charts.variance_bars(frame, scale="percent"),
        "budget",
        "project_id",
    ),
    "billable_split": Chart(tf.charts.billable_split, "budget", "project_id"),
    "billable_split_percent": Chart(
        lambda frame: tf.charts.billable_split(
            frame, scale="percent", sort="billable_share", ascending=True
        ),
        "budget",
        "project_id",
    ),
    "estimate_accuracy": Chart(tf.charts.estimate_accuracy, "accuracy", "task_id"),
    "estimate_accuracy_tasks": Chart(
        lambda frame: tf.charts.estimate_accuracy(frame, by="task"), "accuracy", "task_id"
    ),
    "on_axes": Chart(_on_axes, "budget", "project_id"),
    "amount_by_client": Chart(tf.charts.amount_by_client, "summary", "client_id"),
    "variance_waterfall": Chart(tf.charts.variance_waterfall, "hours", "client_id"),
    "rate_dumbbell": Chart(tf.charts.rate_dumbbell, "card", "project_id"),
    "hours_by_week": Chart(tf.charts.hours_by_week, "weeks", "client_id"),
    "hours_heatmap": Chart(tf.charts.hours_heatmap, "people", "user_id"),
    "earnings_by_month": Chart(tf.charts.earnings_by_month, "earnings", "client_id"),
    "utilisation_bars": Chart(tf.charts.utilisation_bars, "utilisation", "user_id"),
    "burn_up": Chart(_burn_up, "burn", "project_id"),
    "snapshot_changes": Chart(tf.charts.snapshot_changes, "changes", "project_id"),
    "retainer_bars": Chart(tf.charts.retainer_bars, "retainer", "client_id"),
    "balance_lines": Chart(tf.charts.balance_lines, "balance", "user_id"),
    "comparison": Chart(tf.charts.comparison, "quarters", "client_id"),
    "timesheet_strip": Chart(tf.charts.timesheet_strip, "week", "id"),
}


def frames() -> dict[str, pd.DataFrame]:
    """Ask the demo's agency for the frames of all charts."""
    with tf.demo(today="2026-11-26") as ws:
        _FORECAST[:] = [tf.reports.forecast(ws)]
        return {
            "budget": tf.reports.project_budget(ws),
            "accuracy": tf.reports.task_accuracy(ws),
            "summary": tf.reports.client_budget(ws, by_currency=True),
            "hours": tf.reports.client_budget(ws),
            "card": tf.reports.rate_card(ws),
            "weeks": tf.reports.hours(ws, **QUARTER, by="client", every="week"),
            "people": tf.reports.hours(ws, **QUARTER, by="user", every="week"),
            "earnings": tf.reports.earnings(ws, period="2026", by="client", every="month"),
            "utilisation": tf.reports.utilisation(ws, **QUARTER, every="month"),
            "burn": tf.reports.burn(ws, start_date="2026-01-01", end_date="2026-11-27"),
            "changes": changes_of(ws),
            "retainer": tf.reports.retainer(ws, BUDGETS, period="2026-06..2026-11", carry="unused"),
            "balance": tf.reports.balance(ws, 28, period="2026-06..2026-11"),
            "quarters": tf.reports.compare(ws, "hours", period="2026-Q3", by="client"),
            "week": tf.reports.time_entries(ws, period="2026-W43"),
        }


def hundred(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    """Repeat a frame under new ids until it has a hundred rows, or of periods a hundred ids."""
    if "period" in frame:
        known = frame.dropna(subset=key)
        times = -(-100 // known[key].nunique())
        copies = [known.assign(**{key: known[key] + copy}) for copy in range(times)]
        return pd.concat(copies, ignore_index=True)
    times = -(-100 // len(frame))
    copies = [frame.assign(**{key: frame[key] + copy}) for copy in range(times)]
    return pd.concat(copies, ignore_index=True).head(100)


def cases(frame: pd.DataFrame, key: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """Return the frame in the sizes that a chart meets."""
    yield "agency", frame
    yield "one", frame.head(1)
    yield "hundred", hundred(frame, key)
    yield "nothing", frame.head(0)


def seen(path: Path, through: np.ndarray, target: Path) -> None:
    """Write a picture as an eye of this colour matrix sees it."""
    picture = mpl.image.imread(path)[..., :3]
    linear = np.where(picture <= 0.04045, picture / 12.92, ((picture + 0.055) / 1.055) ** 2.4)
    changed = np.clip(linear @ through.T, 0, 1)
    coded = np.where(changed <= 0.0031308, changed * 12.92, 1.055 * changed ** (1 / 2.4) - 0.055)
    mpl.image.imsave(target, np.clip(coded, 0, 1))


def draw(folder: Path) -> Iterator[tuple[Path, str]]:
    """Draw all charts in all sizes and looks; return each file with its text alternative."""
    made = frames()
    for name, chart in CHARTS.items():
        for case, frame in cases(made[chart.frame], chart.key):
            light = folder / f"{name}-{case}-light.png"
            words = tf.charts.alt_text(frame)
            for look in ("togglframe", "dark"):
                with tf.charts.theme(look):
                    target = (
                        light if look == "togglframe" else light.with_stem(f"{name}-{case}-{look}")
                    )
                    yield tf.charts.save(chart.draw(frame), target, dpi=100), words
                plt.close("all")
            for eye, matrix in (("grey", GREY), ("deuteranope", DEUTERANOPE)):
                target = light.with_stem(f"{name}-{case}-{eye}")
                seen(light, matrix, target)
                yield target, words


def main() -> None:
    """Draw the gallery into the folder given, with a page to look at it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=Path("docs/_build/gallery"))
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    mpl.use("agg")
    figures = [
        f"<h2>{path.stem}</h2><img src={path.name!r} alt='{escape(words, quote=True)}'>"
        for path, words in draw(folder)
    ]
    page = "<!doctype html><meta charset=utf-8><title>togglframe charts</title>"
    (folder / "index.html").write_text(page + "\n".join(figures), encoding="utf-8")
    print(f"{len(figures)} pictures in {folder}")


if __name__ == "__main__":
    main()
