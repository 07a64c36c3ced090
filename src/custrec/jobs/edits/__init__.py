"""People's own changes of records: added, edited, tagged, put into the trash."""
