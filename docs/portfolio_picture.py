"""Draw the pictures of the README and of the first page: ``python docs/portfolio_picture.py``."""

from pathlib import Path

import togglframe as tf

HERE = Path(__file__).parent


def main() -> None:
    """Draw the demo's agency: a slide, a comparison, and the largest overruns."""
    with tf.demo(today="2026-11-26") as ws:
        print(tf.export.to_slide(ws, HERE / "slide.png", period="2026-10"))
        change = tf.reports.compare(ws, "hours", period="2026-10", by="client")
        print(tf.charts.save(tf.charts.comparison(change), HERE / "comparison.png", dpi=120))
        budget = tf.reports.project_budget(ws)
        ax = tf.charts.budget_bullet(budget, top=6)
        print(tf.charts.save(ax, HERE / "portfolio.png", dpi=120))


if __name__ == "__main__":
    main()
