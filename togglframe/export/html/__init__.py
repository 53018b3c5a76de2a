"""A page to send: one self-contained HTML file."""

from togglframe.export.html.writing import to_html

__all__ = ["to_html"]
