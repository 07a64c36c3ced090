"""THE NOUNS: frozen dataclasses and pure functions of them. No files, no SQL, no clock."""
