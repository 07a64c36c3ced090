# How many there are of each, with coreutils alone: fields without quotes in them are cut out and counted.
custrec export --fields country -o - | tail -n +2 | sort | uniq -c | sort -rn
