"""Generators of symmetries as text: docs/spec/expression-v1.md, `symmetry`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SHOWN = 6  # entries of a generator in a text


def text(of: Mapping[str, Any]) -> str:
    """A generator, as JSON, for people: a scaling, a translation, or the field itself."""
    matrix, shift = (of[name] if name in of else () for name in ("matrix", "shift"))  # noqa: SIM401
    if not shift and all(i == j for i, j, _ in matrix):
        weights: dict[str, list[str]] = {}
        for i, _, q in matrix:
            weights.setdefault(str(q), []).append(f"x[{i}]")
        parts = [f"{_listed(names)} times {_power(q)}" for q, names in weights.items()]
        return f"scaling: {_listed(parts, '; ')}, for every t > 0"
    rows: dict[int, list[str]] = {}
    for i, j, q in matrix:
        rows.setdefault(i, []).append(f"{_factor(q)}x[{j}]")
    for i, q in shift:
        rows.setdefault(i, []).append(str(q))
    parts = [f"dx[{i}]/dt = {' + '.join(terms)}" for i, terms in rows.items()]
    return f"flow: {_listed(parts)}"


def _factor(q: object) -> str:
    return {"1": "", "-1": "-"}.get(str(q), f"{q} ")


def _power(q: str) -> str:
    return "t" if q == "1" else f"t^{q}" if "/" not in q else f"t^({q})"


def _listed(parts: Sequence[str], between: str = ", ") -> str:
    return between.join(parts[:SHOWN]) + (f"{between}.." if len(parts) > SHOWN else "")
