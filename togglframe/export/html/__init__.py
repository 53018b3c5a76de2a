"""A page to send: one file that asks for nothing from anywhere."""

from togglframe.export.html.writing import to_html

__all__ = ["to_html"]
