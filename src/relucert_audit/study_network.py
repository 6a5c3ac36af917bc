"""Which networks a study is about: the members of its protocol that the ReLU with output weights 1 does without,
docs/spec/study-v1.md section 1."""

import re
from typing import Any

from relucert_audit.format import malformed, rational

SIGNS, LONGEST_SLOPE = re.compile("[+-](,[+-])*"), 64
WEIGHTS = "signs", "teacher_signs"


def signs(value: Any, where: str) -> list[int]:
    """The shape of output weights, not all 1."""
    if not isinstance(value, str) or not SIGNS.fullmatch(value) or "-" not in value:
        raise malformed(f"{where} is not signs, one of them -, as in +,-,+")
    return [1 if sign == "+" else -1 for sign in value.split(",")]


def slope(value: Any, where: str) -> str:
    """The shape of a slope that is not 0."""
    found = rational(value, where)
    if not -1 <= found < 1 or found == 0 or len(value) > LONGEST_SLOPE:
        raise malformed(
            f"{where} is no slope from -1 to below 1, other than 0, of at most {LONGEST_SLOPE} characters"
        )
    return str(value)


LAYER = {"signs?": signs, "teacher_signs?": signs, "slope?": slope}


def layer(protocol: Any) -> dict[str, Any]:
    """Those of its members."""
    return {name: protocol[name] for name in (*WEIGHTS, "slope") if name in protocol}


def fits(protocol: Any, n: int, k: int) -> bool:
    """Whether there is one sign for each neuron and each target."""
    return all(len(protocol[x]) == count for x, count in zip(WEIGHTS, (n, k), strict=True) if x in protocol)


def is_problem(found: Any, protocol: Any, n: int, k: int) -> bool:
    """Whether the problem of an accepted claim about points or runs of this family is that of this (k, n)."""
    if (found["n"], found["k"]) != (n, k):
        return False
    own = layer(protocol)
    usual = {"signs": [1] * n, "teacher_signs": [1] * k, "slope": "0"} if own else {}
    expected = {"n": n, "k": k, "d": k, "targets": "orthonormal"} | usual | own
    return bool(found == expected)


def said(protocol: Any) -> str:
    """For people, after "n = 3"; nothing of the ReLU with output weights 1."""
    texts = {
        name.replace("_", " "): value if isinstance(value, str) else ",".join("+-"[x < 0] for x in value)
        for name, value in layer(protocol).items()
    }
    return "".join(f", {name} {text}" for name, text in texts.items())
