"""Sentences about certificates of wide networks, by method (docs/spec/wide-network-v1.md)."""

from __future__ import annotations

from collections.abc import Callable

from relucert.certificate.numbers import Json
from relucert.families.ntk.gram_words import gram_words

LEGEND = "K: the Gram matrix. See section 14 of docs/theorem/ntk.md."
METHODS: dict[str, Callable[[Json], tuple[str, list[tuple[str, str]]]]] = {"gram": gram_words}


def words(claim: Json) -> tuple[str, list[tuple[str, str]]]:
    """Raises KeyError, TypeError, ValueError or IndexError for a malformed claim."""
    return METHODS[claim["method"]](claim)
