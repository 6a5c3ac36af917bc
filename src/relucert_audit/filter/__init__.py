"""The checker of the single filter."""
