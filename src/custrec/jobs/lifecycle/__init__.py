"""Life and death of a record: archived, restricted, in the trash, and back; destroyed, and what proves it."""
