"""The policies of a schema themselves: checked, tried on cases, compared, and written out for people."""
