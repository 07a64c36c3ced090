"""JUDGEMENT: pure functions of records; no clock, no file, no database."""
