# The store is an SQLite file that any program may read: views have the active records. Amounts are whole minor units.
# Needs: sqlite3
sqlite3 -readonly -header -column custrec.db \
    'SELECT status, count(*) AS customers, sum(credit_limit) / 100 AS credit FROM customers_live GROUP BY status'
