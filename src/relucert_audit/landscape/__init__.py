"""The checker of the designed landscape."""
