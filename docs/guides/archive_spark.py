"""Hours of an archive by user, project and week, by Spark: ``python archive_spark.py FOLDER``."""

import sys

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f


def hours(spark: SparkSession, folder: str) -> DataFrame:
    """Sum the time of everybody on every project, by week, which its Monday stands for."""
    entries = spark.read.option("mergeSchema", True).parquet(f"{folder}/time_entries")
    week = f.to_date(f.date_trunc("week", "date"))
    seconds = f.sum("tracked_time") / 1000  # the files hold milliseconds
    return entries.groupBy("user_id", "project_id", week.alias("week")).agg(
        seconds.alias("tracked_seconds")
    )


if __name__ == "__main__":
    session = SparkSession.builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()
    hours(session, sys.argv[1]).orderBy("user_id", "project_id", "week").show()
