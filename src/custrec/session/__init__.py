"""THE ONE WHO CARRIES OUT: opens store, schema, settings, actor and clock, and runs plans."""
