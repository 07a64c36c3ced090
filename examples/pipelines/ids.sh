# `--format ids` writes the numbers of records, and --ids-from - takes them: what one command finds, another changes.
# Each change is one event; -n at the end of a line shows it first.
custrec find 有限公司 --format ids | custrec tag add 公司 --ids-from - -q
custrec list --where 'status = lead' --format ids | custrec edit --ids-from - owner=王强 -q
custrec list --where 'tags has 公司' --format ids | head -n 3 | custrec delete --ids-from - --yes -q
custrec list --trashed --format ids | custrec undelete --ids-from - -q
custrec history list
