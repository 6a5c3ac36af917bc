"""What --layout takes, for a shell that completes it."""


def complete_layout(incomplete: str) -> list[str]:
    """The layouts that begin so."""
    from relucert.families.teacher.layout import LAYOUTS  # numpy, which to make the command does without

    return [name for name in LAYOUTS if name.startswith(incomplete)]
