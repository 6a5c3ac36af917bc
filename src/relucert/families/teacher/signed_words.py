"""Words about output weights and activations in claims of the teacher-student network: docs/spec/signed-v1.md."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from relucert.base.visible import counted
from relucert.certificate.numbers import Json
from relucert.families.teacher.network import Layer


def setting(problem: Json) -> tuple[str, str]:
    """The neurons, and the targets, as "6 ReLU neurons" and "6 orthonormal targets"."""
    targets = "orthonormal" if problem["targets"] == "orthonormal" else "given"
    students, teachers = counted(problem["n"], "ReLU neuron"), counted(problem["k"], f"{targets} target")
    if "signs" not in problem:
        return students, teachers
    slope = Fraction(problem["slope"])
    if slope != 0:
        students = f"{counted(problem['n'], 'neuron')} with the activation {activation(slope)}"
    signs, teacher_signs = (_checked(problem[x]) for x in ("signs", "teacher_signs"))
    if {*signs, *teacher_signs} == {1}:
        return students, teachers
    joined = "and" if slope else "with"
    return f"{students} {joined} {weights(signs)}", f"{teachers} with {weights(teacher_signs)}"


def of_layer(of: Layer) -> str:
    """The networks of several sizes, as "n ReLU neurons against k orthonormal targets"."""
    of_any_size: Json = {"n": "n", "k": "k", "targets": "orthonormal"}
    if not of.is_plain:
        weights = {"signs": of.signs or [1], "teacher_signs": of.teacher_signs or [1]}
        of_any_size |= {**weights, "slope": str(of.slope)}
    return " against ".join(setting(of_any_size))


def activation(slope: Fraction) -> str:
    """As text: |t|, max(t, t/10) or max(t, -2t/3)."""
    if slope == -1:
        return "|t|"
    top, below = slope.numerator, slope.denominator
    sign = "-" if top < 0 else ""
    return f"max(t, {sign}{'' if abs(top) == 1 else abs(top)}t/{below})"


def weights(signs: Sequence[int]) -> str:
    """How many output weights are +1 and -1."""
    plus, minus = signs.count(1), signs.count(-1)
    if not minus:
        return "output weights +1"
    return f"output weights +1 ({plus}) and -1 ({minus})" if plus else "output weights -1"


def mixed(problem: Json) -> bool:
    """Whether not all output weights of the neurons, or not all of the targets, are equal."""
    return any(len({*_checked(problem[x])}) > 1 for x in ("signs", "teacher_signs") if x in problem)


def global_minimum(problem: Json) -> str:
    """What a global minimum is, after docs/theorem/signed.md, Theorem 20.G."""
    if "signs" not in problem:
        return "a permutation of the targets"
    same = "a permutation of the targets that keeps the output weights"
    return f"{same}, some maybe times -1" if Fraction(problem["slope"]) == -1 else same


def facts(problem: Json) -> list[tuple[str, str]]:
    """Output weights and slope, where they are part of the claim."""
    if "signs" not in problem:
        return []
    rows = [
        (f"output weights of the {name}", ",".join("+" if x > 0 else "-" for x in _checked(problem[key])))
        for key, name in (("signs", "neurons"), ("teacher_signs", "targets"))
    ]
    return [*rows, ("activation", f"max(t, alpha t), alpha = {Fraction(problem['slope'])}")]


def _checked(signs: Sequence[int]) -> list[int]:
    """Raises ValueError for anything but 1 and -1: the claim may not have been checked."""
    if any(type(x) is not int or x not in (1, -1) for x in signs):
        raise ValueError("output weights are 1 or -1")
    return list(signs)
