"""What is known, confirmed: campaigns with work lists, values said to be right, letters and their answers."""
