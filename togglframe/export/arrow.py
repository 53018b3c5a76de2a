"""Columns of pyarrow, as pandas itself would hold them."""

from __future__ import annotations

from typing import Any

import pandas as pd
from pandas.api import types

__all__ = ["without_arrow"]


def without_arrow(frame: Any) -> Any:
    """Return a frame with columns of pandas in the place of those of pyarrow."""
    if not isinstance(frame, pd.DataFrame) or not frame.columns.is_unique:
        return frame  # which is for others to refuse
    arrows = [name for name, dtype in frame.dtypes.items() if isinstance(dtype, pd.ArrowDtype)]
    return frame.assign(**{str(name): _plain(frame[name]) for name in arrows}) if arrows else frame


def _plain(series: pd.Series[Any]) -> pd.Series[Any]:
    dtype: Any = series.dtype
    if hasattr(dtype.pyarrow_dtype, "unit") and dtype.kind in "mM":
        zone = getattr(dtype.pyarrow_dtype, "tz", None)
        name = "timedelta64" if dtype.kind == "m" else "datetime64"
        unit = dtype.pyarrow_dtype.unit if zone is None else f"{dtype.pyarrow_dtype.unit}, {zone}"
        return series.astype(types.pandas_dtype(f"{name}[{unit}]"))
    try:
        return series.convert_dtypes(dtype_backend="numpy_nullable")
    except KeyError:  # pandas has no such dtype: a decimal, a list
        return series.astype(object)
