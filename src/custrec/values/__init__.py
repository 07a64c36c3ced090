"""WHAT A VALUE MEANS: one module a type, and the way from a field of the schema to its type."""
