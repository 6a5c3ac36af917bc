"""Losses written as graphs: what the checker knows of docs/spec/expression-v1.md."""
