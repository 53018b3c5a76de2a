"""What stands on a chart, read back from its artists."""

from collections.abc import Iterator

from matplotlib.axes import Axes
from matplotlib.text import Text


def bars(ax: Axes, label: str) -> list[tuple[float, float]]:
    """Return (left, width) of the bars with this label."""
    found = [c for c in ax.containers if c.get_label() == label]
    return [(patch.get_x(), patch.get_width()) for c in found for patch in c.patches]


def hatches(ax: Axes, label: str) -> set[str | None]:
    """Return the hatches of the bars with this label."""
    found = [c for c in ax.containers if c.get_label() == label]
    return {patch.get_hatch() for c in found for patch in c.patches}


def dots(ax: Axes, label: str) -> list[tuple[float, float]]:
    """Return (x, row) of the dots with this label."""
    found = [c for c in ax.collections if c.get_label() == label]
    return [(float(x), float(y)) for c in found for x, y in c.get_offsets()]


def columns(ax: Axes) -> dict[str, list[str]]:
    """Return the texts of each column of numbers, by its head, which ends where they do."""
    ax.figure.draw_without_rendering()
    ends: dict[int, list[Text]] = {}
    for text in ax.texts:
        ends.setdefault(round(text.get_window_extent().x1 / 3), []).append(text)
    heads = [text for text in ax.texts if text.get_va() == "bottom" and text.get_ha() == "right"]
    return {
        head.get_text(): [text.get_text() for text in texts if text is not head and text.get_text()]
        for texts in ends.values()
        for head in heads
        if head in texts
    }


def labels(ax: Axes) -> list[str]:
    """Return the labels of the rows, from the top."""
    return [label.get_text() for label in ax.get_yticklabels()]


def words(ax: Axes) -> list[str]:
    """Return the texts on and around the Axes."""
    return [text.get_text() for text in ax.texts]


def reading(ax: Axes) -> str:
    """Return the grey line, on one line."""
    (found,) = [word for word in words(ax) if word.endswith(".")]
    return found.replace("\n", " ")


def title(ax: Axes) -> str:
    """Return the title."""
    return ax.get_title(loc="left").replace("\n", " ")


def texts(ax: Axes) -> Iterator[Text]:
    """Return every text that is drawn."""
    low, high = ax.get_xlim()
    ticks = ax.xaxis.get_major_ticks() if ax.axison else []
    scale = [tick.label1 for tick in ticks if low <= tick.get_loc() <= high]
    names = [*ax.get_yticklabels(), ax.xaxis.label] if ax.axison else []
    everything = [*ax.texts, *names, *scale, ax._left_title]
    return (text for text in everything if text.get_visible() and text.get_text())
