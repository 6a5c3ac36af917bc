"""The designed landscape of Ge, Lee & Ma (2017)."""
