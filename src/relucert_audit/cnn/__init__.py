"""The checker of the one-hidden-layer CNN."""
