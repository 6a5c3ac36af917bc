"""JSON whose objects say each thing once."""

from __future__ import annotations

from typing import Any


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """For `json.loads(.., object_pairs_hook=unique)`. Raises ValueError for a key that occurs twice."""
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("an object has the same key twice")
    return result
