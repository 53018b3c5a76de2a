"""Draw docs/portfolio.png, the picture of the README: ``python docs/portfolio_picture.py``."""

from pathlib import Path

import togglframe as tf

SHOWN = 6


def main() -> None:
    """Draw the largest overruns of the demo's agency."""
    with tf.demo(today="2026-11-26") as ws:
        ax = tf.charts.budget_bullet(tf.reports.project_budget(ws), top=SHOWN)
        print(tf.charts.save(ax, Path(__file__).parent / "portfolio.png", dpi=120))


if __name__ == "__main__":
    main()
