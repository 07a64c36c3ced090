"""Proposing a schema for a file: what its columns are, what identifies a row."""
