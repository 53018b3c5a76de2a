"""Workbooks that finance can use."""

from togglframe.export.excel.about import facts_of
from togglframe.export.excel.writing import to_excel

__all__ = ["facts_of", "to_excel"]
