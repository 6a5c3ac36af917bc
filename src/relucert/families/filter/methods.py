"""The method that a claim of this family names. Nothing is imported here: to say a claim is to be quick."""

ONE_FILTER = "one-filter"
METHOD = "invariant-region"
