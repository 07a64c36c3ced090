"""THE PAPER: bytes in and out of files; no SQL, no meaning of values."""
