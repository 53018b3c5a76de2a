"""Charts of the joined frames: ``f(frame, *, ax=None, …) -> Axes``."""

from togglframe.charts.bullets import budget_bullet
from togglframe.charts.style import theme

__all__ = ["budget_bullet", "theme"]
