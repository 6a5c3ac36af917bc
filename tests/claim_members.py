"""Claims of every kind, their members one by one, and what is said of them."""

import copy
import json
import re
from fractions import Fraction
from functools import cache
from pathlib import Path

import run_claims
import wide_claims
from relucert.base.errors import InputError
from relucert.commands import words
from relucert.families.teacher import statement as teacher_statement
from relucert.families.teacher.robust import robustness

ACCEPT = Path(__file__).parent / "corpus" / "accept"
LARGEST = 20_000  # bytes of a file of the corpus: larger ones claim the same kinds of things


@cache
def statement(name):
    if name == "robust":
        return _robust()
    if name in WIDE:
        return wide_claims.statement(name.removeprefix("wide "))
    if name in RUNS:
        return run_claims.statement(name.removeprefix("runs "))
    return json.loads((ACCEPT / f"{name}.json").read_text())["statement"]


def _robust():
    """The claim of `relucert robust` about a spurious minimum of the corpus."""
    old = statement("spurious-6-6-polished")
    return teacher_statement.with_robust(old, robustness(teacher_statement.candidate(old, "x")))


def small(path):
    return path.stat().st_size < LARGEST and "statement" in json.loads(path.read_bytes())


WIDE = [f"wide {kind}" for kind in wide_claims.KINDS]
RUNS = [f"runs {kind}" for kind in run_claims.KINDS]
NAMES = [*sorted(path.stem for path in ACCEPT.glob("*.json") if small(path)), "robust", *WIDE, *RUNS]


def is_number(value):
    return isinstance(value, dict) and value.keys() == {"exact", "decimal"}


def leaves(value, path=()):
    """The members that are not objects or lists, with their paths; a dyadic is one."""
    if is_number(value):
        yield (*path, "exact"), value["exact"]
    elif (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str)
        and isinstance(value[1], int)
    ):
        yield path, value
    elif isinstance(value, dict | list):
        for key, inside in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inside, (*path, key))
    else:
        yield path, value


PAIRS = [  # words of a claim, of which the one may stand where the other does
    ("degenerate-minimum", "strict-saddle"), ("spurious-minima", "local-minima"), ("global-minima", "strict-saddles"),
    ("spurious-minimum", "strict-saddle"), ("no-spurious-minimum", "spurious-minimum"), ("sharp", "simple"),
    ("paper", "sharp"), ("converges-to-global-minimum", "converges-to-spurious-minimum"),
    ("erf", "softplus"), ("dense", "residual"), ("landscape", "half-space"),
    ("spectrum", "landscape"), ("invariant-region", "enclosed-trajectory"),
]  # fmt: skip
ALONE = (  # verdicts that have bounds of their own
    "not-critical", "not-a-minimum", "converges-to-target", "converges-to-zero-loss", "positive-definite", "singular",
)  # fmt: skip
OTHERS = {two: one for one, two in PAIRS} | dict(PAIRS) | dict.fromkeys(ALONE)
OTHERS |= dict.fromkeys(("relu", "tanh"), "erf")


def other(value):
    """Something else of the same kind; None where there is nothing."""
    if isinstance(value, list):
        return [value[0], value[1] + 1] if value[0] != "0" else ["1", -3]
    if isinstance(value, int):
        return value + 1
    if value in OTHERS:
        return OTHERS[value]
    if re.fullmatch(r"-?[0-9]+(/[0-9]+)?", value):
        return str(Fraction(value) + 1)
    if re.fullmatch(r"[+-]+", value):
        return value.translate(str.maketrans("+-", "-+"))
    return "spurious-minimum" if value.endswith(("minimum", "saddle")) else None


def changed(claim, path, value):
    result = copy.deepcopy(claim)
    *way, last = path
    inside = result
    for key in way:
        inside = inside[key]
    inside[last] = value
    return result


def said(claim):
    """The sentence with its facts, or None where a claim has none."""
    try:
        return words.claim({"claim": claim}, "x")[2:]
    except InputError:
        return None
