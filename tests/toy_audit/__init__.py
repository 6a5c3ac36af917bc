"""The checker of the toy family."""
