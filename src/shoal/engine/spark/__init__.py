"""Customers on a Spark cluster: the same accumulators, run where the rows are.

session (what starts Spark) → table (a DataFrame as a Table) → engine (accumulators, new columns and
files) → worker (what runs there)
"""

from shoal.engine.spark.table import read_files, spark_table

__all__ = ["read_files", "spark_table"]
