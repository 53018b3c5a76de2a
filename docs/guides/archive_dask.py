"""Hours of an archive by user, project and week, by Dask: ``python archive_dask.py FOLDER``."""

import sys

import dask.dataframe as dd
import pandas as pd


def hours(folder: str) -> pd.Series:
    """Sum the time of everybody on every project, by week, which its Monday stands for."""
    entries = dd.read_parquet(
        f"{folder}/time_entries",
        columns=["user_id", "project_id", "date", "tracked_time"],
        dtype_backend="numpy_nullable",  # ids are integers, also where one is missing
    )
    weekday = dd.to_timedelta(entries["date"].dt.day_of_week, unit="D")
    weeks = entries.assign(week=entries["date"] - weekday)
    by = ["user_id", "project_id", "week"]
    return weeks.groupby(by, dropna=False)["tracked_time"].sum().compute()


if __name__ == "__main__":
    print(hours(sys.argv[1]))
