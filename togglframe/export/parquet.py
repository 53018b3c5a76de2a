"""Parquet files, which keep the dtypes of a frame."""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path
from typing import IO, Any

import pandas as pd
from pandas.api import types

from togglframe.atomic import replacing, target
from togglframe.errors import ConfigError
from togglframe.export.columns import as_list, check_columns

__all__ = ["require_pyarrow", "to_parquet", "write_parquet"]


def to_parquet(frame: pd.DataFrame, path: str | os.PathLike[str]) -> Path:
    """Write a frame as Parquet.

    ``pandas.read_parquet`` gives back its dtypes, categories, row labels and attrs. An existing
    file is replaced as a whole: if anything fails, the old one stays as it was.

    Parameters
    ----------
    frame : DataFrame
        The frame to write.
    path : str or path
        Where to write. The folder must exist.

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    ImportError
        pyarrow is missing: ``pip install "togglframe[parquet]"``.
    ConfigError
        The frame holds something that Parquet cannot.
    OSError
        The path cannot be written: the folder does not exist, the path is a folder, a pipe or a
        device, or the folder or the file may not be written.

    See Also
    --------
    to_csv : A file for spreadsheets.

    Notes
    -----
    Lists of strings or of integers, such as the tags of an entry, come back as arrays, which every
    report takes as well. Other Python objects, such as a nested field that no table declares,
    become JSON strings. The categories of a frame without rows are not kept.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import pandas as pd
    >>> import togglframe as tf
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "budget.parquet"
    >>> budget = tf.reports.project_budget(tf.demo())
    >>> pd.read_parquet(tf.export.to_parquet(budget, path)).equals(budget)
    True
    """
    require_pyarrow()
    file_path = target(path)
    check_columns(frame)
    with replacing(file_path) as (file,):
        write_parquet(frame, file)
    return file_path


def write_parquet(frame: pd.DataFrame, file: IO[bytes]) -> None:
    """Write a frame into an open file, as :func:`to_parquet` does."""
    pa, _ = require_pyarrow()
    try:
        objects = [
            str(name) for name, dtype in frame.dtypes.items() if types.is_object_dtype(dtype)
        ]
        columns = {name: frame[name].map(as_list, na_action="ignore") for name in objects}
        lists = {name: kind for name in objects if (kind := _list_type(columns[name])) is not None}
        columns |= {name: _json(columns[name]) for name in objects if name not in lists}
        stored = frame.assign(**columns)
        schema: Any = pa.Schema.from_pandas(stored) if lists else None
        for name, kind in lists.items():  # pyarrow does not infer one without items
            schema = schema.set(schema.get_field_index(name), pa.field(name, kind))
        stored.to_parquet(file, engine="pyarrow", schema=schema, write_page_checksum=True)
    except (pa.ArrowException, RecursionError, OverflowError, TypeError, ValueError) as error:
        raise ConfigError(f"Parquet cannot hold this frame: {error}") from error


def _list_type(series: pd.Series[Any]) -> Any:
    """Return the Arrow type of a column of lists, None for other objects."""
    pa, _ = require_pyarrow()
    values = series.dropna()
    if not all(isinstance(value, list) for value in values):
        return None
    items = {type(item) for value in values for item in value}
    if items == {int}:
        return pa.list_(pa.int64())
    return pa.list_(pa.string()) if items <= {str} else None


def _json(series: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column of objects as JSON strings."""
    return series.map(partial(json.dumps, ensure_ascii=False), na_action="ignore").astype("str")


def require_pyarrow(extra: str = "parquet") -> tuple[Any, Any]:
    """Return pyarrow and its Parquet module, or raise an error that names the extra to install."""
    try:
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError as error:
        raise ImportError(
            f'Parquet needs pyarrow. Install it with: pip install "togglframe[{extra}]"'
        ) from error
    return pa, pq
