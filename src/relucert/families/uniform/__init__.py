"""The spurious minimum of classes k - 1, 1 for every k at once."""
