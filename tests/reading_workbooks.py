"""Workbooks read back: tables with their totals, the size of print, and what every part holds."""

import zipfile
from dataclasses import dataclass

from export_data import read_workbook
from formulas import Formulas
from openpyxl.utils import get_column_letter, range_boundaries

# What is printed across and down a page, less its margins [px of 96 to an inch].
ACROSS = {("portrait", 9): 717, ("landscape", 9): 1045, ("portrait", 1): 739, ("landscape", 1): 979}
DOWN = {("portrait", 9): 993, ("portrait", 1): 926}
FONT = 10


@dataclass
class Table:
    """A table of a sheet: headings, rows, and the cells of its total row as they are shown."""

    heads: list
    rows: list
    total: list
    formulas: list

    def column(self, heading):
        return [row[self.heads.index(heading)] for row in self.rows]

    def total_of(self, heading):
        return self.total[self.heads.index(heading)]


def table_in(sheet):
    """Return the only table of a sheet; its totals are the values that the file holds."""
    (table,) = sheet.tables.values()
    left, top, right, bottom = range_boundaries(table.ref)
    cells = [[cell.value for cell in row] for row in sheet[table.ref]]
    n_totals = table.totalsRowCount or 0
    rows = cells[1 : len(cells) - n_totals]
    shown = Formulas(sheet)
    last = [f"{get_column_letter(at)}{bottom}" for at in range(left, right + 1)]
    formulas = [shown[cell] for cell in last] if n_totals else []
    assert top == 1
    return Table(cells[0], rows, _values_of(sheet, last) if n_totals else [], formulas)


def _values_of(sheet, cells):
    return [sheet.values_of[cell] for cell in cells]


def opened(path):
    """Open a workbook; each sheet knows the values of its formulas as written, too."""
    book, values = read_workbook(path), read_workbook(path, data_only=True)
    for sheet in book:
        sheet.values_of = {
            cell.coordinate: cell.value for row in values[sheet.title].iter_rows() for cell in row
        }
    return book


def widths_of(sheet, columns):
    """Return the widths of the first columns [px]."""
    widths = {}
    for dimension in sheet.column_dimensions.values():
        for column in range(dimension.min, dimension.max + 1):
            widths[column] = round(dimension.width * 7)  # which has the margin of 5 px in it
    return sum(widths.get(column, 64) for column in range(1, columns + 1))


def printed_size(sheet):
    """Return the size of the letters that Excel prints [pt]."""
    setup = sheet.page_setup
    kind = (setup.orientation or "portrait", int(setup.paperSize))
    area = sheet.print_area or sheet.dimensions
    _, _, right, bottom = range_boundaries(area.rpartition("!")[2].replace("$", ""))
    pages = setup.fitToWidth or 1
    repeated = 0
    if sheet.print_title_cols:
        repeated = widths_of(sheet, range_boundaries(sheet.print_title_cols.replace("$", ""))[2])
    wide = (widths_of(sheet, right) - repeated) / pages + repeated
    scale = ACROSS[kind] / wide
    if setup.fitToHeight != 0:
        line = sheet.sheet_format.defaultRowHeight
        heights = (sheet.row_dimensions[row].height or line for row in range(1, bottom + 1))
        scale = min(scale, DOWN[kind] / (sum(heights) * 96 / 72))
    return FONT * min(scale, 1)


def everything_in(path):
    """Return the text of every part of a workbook, and the names of the parts."""
    with zipfile.ZipFile(path) as archive:
        texts = [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
        return "\n".join([*archive.namelist(), *texts])
