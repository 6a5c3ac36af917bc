"""The spurious minimum of every k at once: docs/theorem/uniform.md."""
