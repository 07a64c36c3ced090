"""WHO IS THE SAME: pure arrays in, pairs and clusters out. No SQL."""
