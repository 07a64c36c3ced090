"""Looking back: where values came from, how records stood, what happened."""
