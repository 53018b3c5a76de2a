"""Files to pass on: Excel workbooks, HTML pages, slides, invoices, CSV and Parquet.

Every writer either replaces an existing file as a whole or leaves it as it was.
"""

from typing import NoReturn

from togglframe._renamed import missing
from togglframe.export.csv import to_csv
from togglframe.export.excel import to_excel
from togglframe.export.html import to_html
from togglframe.export.invoice import to_invoice
from togglframe.export.parquet import to_parquet
from togglframe.export.slide import to_slide

__all__ = ["to_csv", "to_excel", "to_html", "to_invoice", "to_parquet", "to_slide"]


def __getattr__(name: str) -> NoReturn:
    raise missing(__name__, name)


def __dir__() -> list[str]:
    return sorted(__all__)
