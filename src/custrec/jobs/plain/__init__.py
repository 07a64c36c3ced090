"""The whole store in plain texts, and back: what any tool can read, compare and keep, whatever becomes of custrec."""
