# What changed between two moments, as lines of text: two exports and diff. Rows stand in the order of their numbers.
custrec list --as-of event:1 --format csv > before.csv
custrec edit --where 'status = lead' owner=王强 -q
custrec list --format csv > after.csv
diff before.csv after.csv || [ $? -eq 1 ]
