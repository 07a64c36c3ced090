# What another program prints as JSON, objects in objects, becomes rows with jq. Needs: jq
crm() { # in its place: curl -fsS https://crm.example.com/api/customers
    echo '{"customers": [{"id": "C0201", "person": {"name": "许 晴", "phones": ["13900138201", "0755-86550201"]}}]}'
}
crm | jq -c '.customers[] | {customer_no: .id, name: .person.name, phone: .person.phones[0]}' | custrec import -
custrec list --where 'customer_no = C0201' --format jsonl | jq -r '[.customer_no, .name, .phone] | join(" ")'
