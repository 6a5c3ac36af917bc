"""What is raised for input that cannot be used."""


class InputError(ValueError):
    """Input that cannot be used; the message names the entry and the remedy."""
