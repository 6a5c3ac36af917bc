"""The designed landscape of Ge, Lee & Ma in ball arithmetic: docs/theorem/landscape.md."""
