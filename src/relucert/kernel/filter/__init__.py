"""Descent of a single filter in ball arithmetic: docs/theorem/filter.md."""
