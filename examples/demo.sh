#!/bin/sh
# A tour of custrec over the files beside this script. It works in a temporary folder and leaves nothing behind.
#
#   sh examples/demo.sh         custrec must be on the PATH; `make demo` sees to that
#
# At a terminal it waits for Enter between the steps; in a pipe it runs through. It exits with 0 if every command
# ended with the exit code that is expected of it here, and with 1 otherwise.

set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/custrec-demo.XXXXXX")
trap 'rm -rf -- "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

command -v custrec >/dev/null || { echo "demo: custrec is not on the PATH (try: make demo)" >&2; exit 1; }
cp -- "$here"/*.csv "$folder"
cd -- "$folder"
unset CUSTREC_STORE CUSTREC_ACTOR  # the store is the one made here, never yours
export PYTHONUNBUFFERED=1          # words and tables in the order in which they are said, also in a pipe

say() {
    printf '\n'
    printf '%s\n' "$@"
}

pause() {
    if [ -t 0 ] && [ -t 1 ]; then
        printf '\n    [Enter] '
        read -r _ || exit 0
    fi
}

# run CODE COMMAND: show a command, run it, and hold it to its exit code.
run() {
    printf '\n$ %s\n' "$2"
    code=0
    eval "$2" 2>&1 || code=$?
    [ "$code" -eq 0 ] || printf '(exit code %s)\n' "$code"
    if [ "$code" -ne "$1" ]; then
        printf 'demo: exit code %s was expected, not %s\n' "$1" "$code" >&2
        exit 1
    fi
    pause
}

say '== 1. A store ==' \
    'A store is one SQLite file and a schema.yaml that says what tables and fields there are.'
run 0 "custrec init"

say '== 2. A messy file ==' \
    'Chinese headers, phones and dates in every layout, full-width digits, amounts in 万, and some bad rows.'
run 0 "head -n 6 customers.csv"

say 'First a dry run: the real counts, and nothing is written. Exit code 3 means: done, with findings.'
run 3 "custrec import customers.csv -n"

say 'Now for good. Bad rows do not hold up the good ones; the last line says how to take it all back.'
run 3 "custrec import customers.csv"
run 0 "custrec list --fields customer_no,name,phone,status,tags,credit_limit,created_at"

say '== 3. The rejected rows ==' \
    'Each bad row stands in the rejects file as it came, behind four columns that say what is wrong with it.'
run 0 "cut -d , -f 1-3 custrec.rejects/1.csv"

say 'Mend what can be mended (here with sed, otherwise in a spreadsheet) and import that file as it is.' \
    'Four rows are good now; the other eight are rejected again, none is lost.'
run 0 "sed -e 's/合作中/有效/' -e 's/2025-11-31/2025-11-30/' -e 's/0241,有效/024H,有效/' -e 's|,23/6/1,|,2023-06-01,|' custrec.rejects/1.csv > mended.csv"
run 3 "custrec import mended.csv --note 'first four mended'"

say '== 4. Again, and differently written ==' \
    'Importing the same file again changes nothing; so it is safe to run twice.'
run 3 "custrec import mended.csv"
say 'The first file once more, as a Chinese Excel saves it: GB18030, semicolons, CRLF. custrec tells that from the' \
    'bytes, and finds every good row to be in the store already.'
run 3 "custrec import customers-gbk.csv"

say '== 5. The next month, as a saved plan ==' \
    'Another system, English headers, fewer columns. Everything that changes data is a plan: this one is kept for' \
    'somebody else to look at. What did not change is not in it, and an empty cell never wipes a value.'
run 3 "custrec import customers-july.csv --save-plan"
plan=$(custrec plan list --json | sed -n 's/.*"plan": "\(p[0-9a-f]*\)".*/\1/p')
run 0 "custrec plan show $plan"
run 3 "custrec plan apply $plan"

say '== 6. Looking ==' \
    'Conditions are a small language over the fields: text, amounts, dates, tags, blanks.'
run 0 "custrec list --where 'tags has VIP and credit_limit >= 35000' --fields customer_no,name,tags,credit_limit"
run 0 "custrec list --where 'country != CN and contract_end < 2026-06-30' --fields customer_no,name,country,contract_end"
run 0 "custrec show C0002"
say 'Find takes a name, a company, a phone in any layout, an e-mail or a key; Chinese text by any part of it.'
run 0 "custrec find 西湖 --fields customer_no,name,company"
run 0 "custrec find muller --fields customer_no,name,company"
run 0 "custrec find '(0086) 139-0013-8055' --fields customer_no,name,phone"

say '== 7. Children ==' \
    'Contacts belong to customers. One row names a customer that does not exist, and is rejected.'
run 3 "custrec import contacts.csv --table contacts"
run 0 "custrec list --table contacts --where 'customer_no = C0001' --fields customer_no,name,role,phone,is_primary"

say '== 8. The way back ==' \
    'Every event can be undone, also an import of any size. July is event 3: look first, then do it, then redo it.'
run 0 "custrec history"
run 0 "custrec undo 3 -n"
run 0 "custrec undo 3"
run 0 "custrec list --where 'customer_no in (C0002, C0036)' --fields customer_no,name,tags,credit_limit"
run 0 "custrec redo 3"
run 0 "custrec list --where 'customer_no in (C0002, C0036)' --fields customer_no,name,tags,credit_limit"
say 'The first import cannot be undone whole any more: some of its records were edited since, or have contacts.' \
    'custrec says so and changes nothing; --partial would undo the rest.'
run 6 "custrec undo 1"

say '== 9. The proof ==' \
    'Every change is sealed. Verify makes all seals again from what lies in the store; keep the head elsewhere to' \
    'notice also that somebody rebuilt the whole history.'
run 0 "custrec history verify"
run 0 "custrec history head"

say 'That was custrec. Nothing of this demo is left on the disk; go on with README.md.'
