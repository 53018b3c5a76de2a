"""The code of the guide for Spark finds the hours that togglframe finds, to the second."""

import pytest


@pytest.fixture(scope="module")
def spark():
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    few = builder.config("spark.sql.shuffle.partitions", "4")
    session = few.config("spark.sql.session.timeZone", "UTC").getOrCreate()
    yield session
    session.stop()


# PySpark warns of pandas 3, of which nothing is used here, and leaves its sockets to Python.
@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support:FutureWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_spark_finds_the_same_hours(folder, seconds, guide, spark):
    rows = guide("archive_spark.py")["hours"](spark, str(folder)).collect()
    found = {(row.user_id, row.project_id, f"{row.week:%Y-%m-%d}"): row for row in rows}
    assert len(found) == len(rows)
    assert {key: row.tracked_seconds for key, row in found.items()} == seconds
