"""An invoice to send: one file for each client and currency."""

from togglframe.export.invoice.writing import to_invoice

__all__ = ["to_invoice"]
