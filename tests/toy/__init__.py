"""A family for tests: the parabola |x - t|^2 of one real variable. What a new family has to bring, and no more."""
