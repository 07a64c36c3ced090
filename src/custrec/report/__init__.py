"""THE PICTURES: numbers in, text out."""
