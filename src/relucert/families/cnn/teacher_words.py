"""The problem of the one-hidden-layer CNN in words."""

from __future__ import annotations

from relucert.certificate.numbers import Json
from relucert.families.printing import listed


def teacher(problem: Json) -> str:
    """The hypotheses on the network, the input and the teacher, all of them."""
    return (
        f"a one-hidden-layer CNN with {len(problem['a_star'])} patches of size {problem['patch']}, weight-normalised "
        f"filter, standard Gaussian input, and a teacher with output weights a* = {listed(problem['a_star'])} and "
        f"a filter of norm |w*| = {problem['w_norm']}"
    )
