"""Draw the pictures of the README: ``python docs/portfolio_picture.py``."""

from pathlib import Path

import togglframe as tf

HERE = Path(__file__).parent


def main() -> None:
    """Draw the demo's agency: a slide and a comparison."""
    with tf.demo(today="2026-11-26") as ws:
        print(tf.export.to_slide(ws, HERE / "slide.png", period="2026-10"))
        change = tf.reports.compare(ws, "hours", period="2026-10", by="client")
        print(tf.charts.save(tf.charts.comparison(change), HERE / "comparison.png", dpi=120))


if __name__ == "__main__":
    main()
