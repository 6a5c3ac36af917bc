"""Sentences about certificates of wide networks (docs/spec/wide-network-v1.md)."""

from __future__ import annotations

from relucert.certificate.numbers import Json
from relucert.families.ntk import deep_words, shallow_words
from relucert.families.ntk.gram_words import gram_words

METHODS = {**shallow_words.METHODS, **deep_words.METHODS, "gram": gram_words}
LEGEND = {
    shallow_words.LEGEND: ("Theorem 14.D", "Theorem 14.F", "Theorem 14.N"),
    deep_words.LEGEND: ("Theorem 14.W",),
    "K: the Gram matrix. See section 14 of docs/theorem/ntk.md.": ("Theorem 14.0", "Theorem 14.K"),
}


def words(claim: Json) -> tuple[str, list[tuple[str, str]]]:
    """A claim in a sentence, and its bounds as names and texts.

    Raises KeyError, TypeError, ValueError or IndexError for a malformed one.
    """
    return METHODS[claim["method"]](claim)
