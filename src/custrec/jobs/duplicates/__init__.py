"""Several records that are one: merged, taken apart, and said to be different."""
