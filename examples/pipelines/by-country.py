"""Questions for which a condition is too small: DuckDB reads an export. Needs: the Python package duckdb.

custrec export -o customers.csv && python3 by-country.py customers.csv
"""

import sys

import duckdb

exported = duckdb.read_csv(sys.argv[1])
print(
    duckdb.sql(
        "SELECT country, count(*) AS customers, sum(credit_limit) AS credit FROM exported GROUP BY ALL ORDER BY ALL"
    )
)
