"""The code of the guide for Dask finds the hours that togglframe finds, to the second."""

import pytest


# Dask itself calls what pandas is about to take away.
@pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame:DeprecationWarning")
def test_dask_finds_the_same_hours(folder, seconds, guide, plain):
    found = guide("archive_dask.py")["hours"](str(folder)).reset_index()
    keys = zip(*(plain(found[n]) for n in ("user_id", "project_id", "week")), strict=True)
    told = found["tracked_time"].dt.total_seconds()
    assert dict(zip(keys, told, strict=True)) == seconds
