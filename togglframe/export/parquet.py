"""Parquet, with a lossless way back."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import IO, Any, Final

import pandas as pd
from pandas.api import types

from togglframe.atomic import replacing, target
from togglframe.errors import ConfigError
from togglframe.export.exact import (
    check_attrs,
    check_columns,
    dtype_from_json,
    dtype_to_json,
    value_from_json,
    value_to_json,
)

__all__ = ["read_parquet", "require_pyarrow", "to_parquet", "write_parquet"]

_KEY: Final = b"togglframe"
_PANDAS_ATTRS: Final = b"PANDAS_ATTRS"


def to_parquet(frame: pd.DataFrame, path: str | os.PathLike[str]) -> Path:
    """Write a frame as Parquet.

    Dtypes, categories, row labels and attrs are kept. An existing file is replaced as a whole:
    if anything fails, the old one stays as it was. A pipe or a device is written to.

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
        The frame holds something that could not be restored exactly.
    OSError
        The path cannot be written: the folder does not exist, the path is a folder, or the folder
        or the file may not be written.

    See Also
    --------
    read_parquet : The way back.

    Notes
    -----
    Lists of strings, such as the permissions of a task, become a list column, which
    ``pandas.read_parquet`` returns as arrays; other columns of Python objects become JSON strings.
    `read_parquet` of this module restores both.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import togglframe as tf
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "tasks.parquet"
    >>> tasks = tf.filters.tasks(tf.demo())
    >>> tf.export.read_parquet(tf.export.to_parquet(tasks, path)).equals(tasks)
    True
    """
    require_pyarrow()
    file_path = target(path)
    table = _checked_table(frame)
    with replacing(file_path) as (file,):
        _write(table, file)
    return file_path


def read_parquet(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read what `to_parquet` wrote, as exactly the frame that it was given.

    Parameters
    ----------
    path : str or path
        The file.

    Returns
    -------
    DataFrame
        The frame with the same columns, dtypes, categories, row labels and attrs; lists are lists
        again.

    Raises
    ------
    ImportError
        pyarrow is missing: ``pip install "togglframe[parquet]"``.
    ConfigError
        The file was not written by `to_parquet`.
    FileNotFoundError
        There is no such file.
    IsADirectoryError
        The path is a folder.

    See Also
    --------
    to_parquet : Write a frame.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import togglframe as tf
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "clients.parquet"
    >>> path = tf.export.to_parquet(tf.filters.clients(tf.demo()), path)
    >>> tf.export.read_parquet(path).columns.tolist()
    ['id', 'name']
    """
    pa, pq = require_pyarrow()
    try:
        # Given a folder, pyarrow would combine all files in it.
        with Path(path).expanduser().open("rb") as file:
            table = pq.read_table(file, page_checksum_verification=True)
    except pa.ArrowInvalid as error:
        raise ConfigError(f"{path} is not a Parquet file: {error}") from error
    metadata = table.schema.metadata or {}
    if _KEY not in metadata:
        raise ConfigError(
            f"{path} was not written by togglframe. Read it with pandas.read_parquet."
        )
    described = json.loads(metadata[_KEY])
    frame: pd.DataFrame = table.to_pandas()
    for name in described["lists"]:
        values = [pd.NA if value is None else value for value in table.column(name).to_pylist()]
        frame[name] = pd.Series(values, dtype=object, index=frame.index)
    for name in described["json"]:
        values = [value_from_json(text) for text in table.column(name).to_pylist()]
        frame[name] = pd.Series(values, dtype=object, index=frame.index)
    for name, described_dtype in described["dtypes"].items():
        dtype = dtype_from_json(described_dtype)
        is_category = isinstance(
            dtype, pd.CategoricalDtype
        )  # equal even where the categories are not
        values = frame[name].astype(object) if is_category else frame[name]
        frame[name] = values.astype(dtype)
    frame.attrs = json.loads(metadata[_PANDAS_ATTRS])
    return frame


def write_parquet(frame: pd.DataFrame, file: IO[bytes]) -> None:
    """Write a frame into an open file, as :func:`to_parquet` does."""
    _write(_checked_table(frame), file)


def _write(table: Any, file: IO[bytes]) -> None:
    _, pq = require_pyarrow()
    pq.write_table(table, file, write_page_checksum=True)


def _checked_table(frame: pd.DataFrame) -> Any:
    """Return the frame as a pyarrow table that describes how to restore it."""
    pa, _ = require_pyarrow()
    check_columns(frame)
    _check_labels(frame.index)
    described: dict[str, Any] = {
        "dtypes": {str(n): dtype_to_json(str(n), dtype) for n, dtype in frame.dtypes.items()},
        "lists": [],
        "json": [],
    }
    try:
        table = _arrow_table(pa, frame, described)
    except ConfigError:
        raise
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise ConfigError(f"Parquet cannot hold this frame: {error}") from error
    metadata = {
        **(table.schema.metadata or {}),
        _KEY: json.dumps(described),
        _PANDAS_ATTRS: json.dumps(check_attrs(frame)),
    }
    return table.replace_schema_metadata(metadata)


def _arrow_table(pa: Any, frame: pd.DataFrame, described: dict[str, Any]) -> Any:
    """Return the frame as a pyarrow table; add what Parquet cannot hold to `described`."""
    plain = frame.copy(deep=False)
    for name in frame.columns[[types.is_object_dtype(dtype) for dtype in frame.dtypes]]:
        is_list = all(value is pd.NA or _is_list_of_text(value) for value in frame[name])
        described["lists" if is_list else "json"].append(name)
        if not is_list:
            plain[name] = _json_texts(frame[name])
    table = pa.Table.from_pandas(plain)
    for name in described["lists"]:
        values = [None if value is pd.NA else value for value in frame[name]]
        position = table.column_names.index(name)
        table = table.set_column(position, name, pa.array(values, pa.list_(pa.string())))
    return table


def _check_labels(index: pd.Index[Any]) -> None:
    """Refuse row labels of a nullable dtype, which pyarrow returns as floats."""
    for level in range(index.nlevels):
        dtype = index.get_level_values(level).dtype
        is_kept = isinstance(dtype, pd.StringDtype | pd.CategoricalDtype | pd.DatetimeTZDtype)
        if types.is_extension_array_dtype(dtype) and not is_kept:
            raise ConfigError(
                f"The row labels have the dtype {dtype}, which would not come back the same. "
                "Make them columns with frame.reset_index() first."
            )


def _is_list_of_text(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _json_texts(series: pd.Series[Any]) -> pd.Series[Any]:
    name = str(series.name)
    strings = [value_to_json(name, row, value) for row, value in enumerate(series)]
    return pd.Series(strings, dtype=pd.StringDtype(), index=series.index)


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
