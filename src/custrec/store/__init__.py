"""THE MEMORY: the only place that speaks SQL."""
