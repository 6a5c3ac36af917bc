"""Text from files as text: what would steer a terminal, or hide, is shown by its number."""

from __future__ import annotations

import re

# C0, DEL, C1, marks and overrides of direction, line and paragraph separators, lone surrogates
MOST_SHOWN = 80  # characters of a value in a message
HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str, keep: str = "") -> str:
    """`text` with every such character, but those in `keep`, as its escape: \\x1b, \\u202e."""
    return HIDDEN.sub(lambda x: x[0] if x[0] in keep else ascii(x[0])[1:-1], text)


def escaped(text: str) -> str:
    """Visible text as HTML."""
    from html import escape  # with thousands of names of characters

    return escape(visible(text))


def counted(count: object, noun: str) -> str:
    """So many of them: 1 row, 2 rows, n rows."""
    return f"{count} {noun}{'s' * (count != 1)}"


def shown(value: object) -> str:
    """A value in a message: cut where it is long, and never an error of its own."""
    try:
        text = repr(value)
    except ValueError:  # Python writes no integer of more than 4300 digits
        return f"this {type(value).__name__} of thousands of digits"
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}.."
