"""Sentences about certificates of wide networks, by method (docs/spec/wide-network-v1.md)."""

from __future__ import annotations

from relucert.certificate.numbers import Json
from relucert.families.ntk import shallow_words

METHODS = {**shallow_words.METHODS}
LEGEND = shallow_words.LEGEND


def words(claim: Json) -> tuple[str, list[tuple[str, str]]]:
    """A claim in a sentence, and its bounds as names and texts.

    Raises KeyError, TypeError, ValueError or IndexError for a malformed one.
    """
    return METHODS[claim["method"]](claim)
