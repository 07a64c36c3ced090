"""THE FACE: parses, shows, asks; decides nothing."""
