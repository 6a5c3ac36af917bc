"""Studies: grids of (k, n), every run decided, and their report."""
