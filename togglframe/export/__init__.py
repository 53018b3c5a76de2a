"""Files to pass on: Excel workbooks, HTML pages, CSV and Parquet.

Every writer either replaces an existing file as a whole or leaves it as it was.
"""

from togglframe.export.csv import read_csv, to_csv
from togglframe.export.excel import to_excel
from togglframe.export.html import to_html
from togglframe.export.parquet import read_parquet, to_parquet

__all__ = ["read_csv", "read_parquet", "to_csv", "to_excel", "to_html", "to_parquet"]


def __dir__() -> list[str]:
    return sorted(__all__)
