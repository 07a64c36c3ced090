# A shop system writes its customers as Chinese Excel does: GB18030, semicolons, CRLF. custrec tells that from the bytes.
# Exit code 3 means that rows were rejected and the others are in; only what is worse stops the script.
cat customers-gbk.csv | custrec import - -q --rejects rejected.csv --note 'shop system' || [ $? -eq 3 ]
cut -d ';' -f 1-3 rejected.csv
