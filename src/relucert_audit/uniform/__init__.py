"""The checker's own proof of a spurious minimum for every k at once: docs/theorem/uniform.md, A."""
