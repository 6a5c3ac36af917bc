"""The trusted part: pure functions in ball arithmetic, no input or output, no NumPy types.

Every function cites the theorem of docs/theorem.md that it evaluates.
"""
