"""Workbooks that finance can use."""

from togglframe.export.excel.writing import to_excel

__all__ = ["to_excel"]
