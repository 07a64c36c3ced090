# An export goes through a text tool and comes back: only what the tool changed is changed, all of it as one event.
custrec export --fields customer_no,company -o - | sed 's/有限公司$/有限责任公司/' | custrec import - --note 'legal form'
