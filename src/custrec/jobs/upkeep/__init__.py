"""Looking after a store: how it stands, what ails it, what it needs."""
