"""Output weights and activation of a network, as a user says them and as a claim does: docs/spec/signed-v1.md."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from relucert.base.errors import InputError
from relucert.base.visible import counted

RELU, ABS, LEAKY = "relu", "abs", "leaky:"
SLOPE = re.compile(r"-?[0-9]+(/[0-9]+)?")
LONGEST_SLOPE = 64  # characters, as in the format
SIGNS = {"+": 1, "+1": 1, "1": 1, "-": -1, "-1": -1}


class Network(NamedTuple):
    """Output weights of neurons and targets, each 1 or -1, and the slope p/q in lowest terms."""

    signs: tuple[int, ...]
    teacher: tuple[int, ...]
    slope: tuple[int, int]


Signs = str | Sequence[int]
Slope = str | int | Fraction


class Layer(NamedTuple):
    """What networks of several sizes have in common: output weights of neurons and targets, None where all are 1, so
    that there may be any number of them; and the slope."""

    signs: tuple[int, ...] | None = None
    teacher_signs: tuple[int, ...] | None = None
    slope: Fraction = Fraction(0)

    @property
    def is_plain(self) -> bool:
        """Output weights 1 and the ReLU."""
        return self == PLAIN

    def network(self, n: int, k: int) -> Network | None:
        """Raises InputError where there is not one sign for each neuron and target."""
        return None if self.is_plain else network(n, k, *self)

    def as_json(self) -> dict[str, str]:
        """As in the protocol of a study; nothing of output weights that are all 1, and of the slope 0."""
        weights = {"signs": self.signs, "teacher_signs": self.teacher_signs}
        said = {name: said_signs(x) for name, x in weights.items() if x is not None}
        return said | ({"slope": str(self.slope)} if self.slope else {})


PLAIN = Layer()


def layer(
    signs: Signs | None = None, teacher_signs: Signs | None = None, slope: Slope | None = None
) -> Layer:
    """For arguments as of `network`. Raises InputError."""
    own, others = _entries(signs, "signs"), _entries(teacher_signs, "teacher signs")
    mixed = [x if x is not None and set(x) != {1} else None for x in (own, others)]
    return Layer(mixed[0], mixed[1], exact_slope(0 if slope is None else slope))


def layer_of(protocol: Mapping[str, Any]) -> Layer:
    """The inverse of `Layer.as_json`, from members that nobody has checked. Raises InputError."""
    given = {name: protocol[name] for name in Layer._fields if name in protocol}
    if all(isinstance(x, str) for x in given.values()):
        found = layer(**given)
        if found.as_json() == given:
            return found
    raise InputError(f"{', '.join(given)}: not as docs/spec/study-v1.md has them")


def network(
    n: int, k: int, signs: Signs | None = None, teacher_signs: Signs | None = None, slope: Slope | None = None
) -> Network | None:
    """The network of n neurons against k targets; None where all output weights are 1 and the activation is the ReLU.

    signs, teacher_signs: "+,-,.." or a list of 1 and -1 (default: all 1). slope: alpha of max(t, alpha t), exact, as
    "1/10" or a Fraction (default 0). Raises InputError.
    """
    own = _signs(signs, n, "signs", "neuron")
    others = _signs(teacher_signs, k, "teacher signs", "target")
    alpha = exact_slope(0 if slope is None else slope)
    if alpha == 0 and {*own, *others} == {1}:
        return None
    return Network(own, others, (alpha.numerator, alpha.denominator))


def check_network(of: Network | None, n: int, k: int) -> None:
    """Raises InputError for what `network` does not make for n neurons and k targets."""
    if of is None:
        return
    made = network(n, k, of.signs, of.teacher, "/".join(map(str, of.slope)))
    if made is None:
        raise InputError("output weights 1 and the slope 0 are the ReLU network; give None for it")
    if made != of:
        raise InputError(f"the network {tuple(of)} is to be {tuple(made)}, with its slope in lowest terms")


def _signs(given: Signs | None, count: int, option: str, what: str) -> tuple[int, ...]:
    result = _entries(given, option)
    if result is None:
        return (1,) * count
    if len(result) != count:
        raise InputError(
            f"{option}: {counted(len(result), 'sign')} for {counted(count, what)}; give one for each {what}, as in "
            "+,-,+"
        )
    return result


def _entries(given: Signs | None, option: str) -> tuple[int, ...] | None:
    if given is None:
        return None
    entries = [x.strip() for x in given.split(",")] if isinstance(given, str) else list(given)
    result = []
    for place, entry in enumerate(entries, 1):
        sign = SIGNS.get(entry) if isinstance(entry, str) else entry
        if isinstance(sign, bool) or not isinstance(sign, int) or sign not in (1, -1):
            raise InputError(f"{option}: entry {place} is {entry!r}; expected + or -, as in +,-,+")
        result.append(sign)
    return tuple(result)


def slope_of_activation(activation: str | None) -> str | None:
    """The slope of relu, abs or leaky:p/q, not yet looked at; None where none is said. Raises InputError for another
    activation."""
    if activation is None:
        return None
    if activation == RELU:
        return "0"
    if activation == ABS:
        return "-1"
    if activation.startswith(LEAKY):
        return activation.removeprefix(LEAKY)
    raise InputError(
        f"--activation {activation}: expected relu, abs, or leaky:p/q with an exact slope, as in leaky:1/10"
    )


def exact_slope(given: Slope) -> Fraction:
    """alpha, -1 <= alpha < 1. Raises InputError."""
    if isinstance(given, bool) or not isinstance(given, str | int | Fraction):
        raise InputError(f"the slope {given!r} is not exact; give a fraction, as in 1/10")
    text = str(given)
    if not (SLOPE.fullmatch(text) and text.isascii()) or len(text) > LONGEST_SLOPE:
        raise InputError(
            f"the slope {text!r} is no fraction of integers in at most {LONGEST_SLOPE} characters, as 1/10"
        )
    try:
        alpha = Fraction(text)
    except ZeroDivisionError as error:
        raise InputError(f"the slope {text!r} divides by 0") from error
    if alpha == 1:
        raise InputError("the slope 1 makes the network linear; give one with -1 <= slope < 1")
    if not -1 <= alpha < 1:
        raise InputError(
            f"the slope {text} is outside of -1 <= slope < 1; max(t, s t) with s > 1 or s < -1 is a multiple of "
            "such an activation, of t or of -t"
        )
    return alpha


def slope_text(of: Network) -> str:
    """The slope as a claim has it: in lowest terms, "0", "-1" or "p/q"."""
    return str(Fraction(*of.slope))


def members(of: Network | None) -> dict[str, object]:
    """As a claim has them, beside the other members of its problem."""
    if of is None:
        return {}
    return {"signs": list(of.signs), "teacher_signs": list(of.teacher), "slope": slope_text(of)}


def reaches_zero(n: int, k: int, of: Network | None) -> bool:
    """Whether inf F = 0 by docs/theorem/signed.md, Theorem 20.I: the kernel decides the same for itself."""
    if of is None:
        return n >= k
    return all(of.signs.count(sign) >= of.teacher.count(sign) for sign in (1, -1))


def said_activation(of: Network) -> str:
    """For people."""
    slope = Fraction(*of.slope)
    if slope == 0:
        return "ReLU"
    return "|t|" if slope == -1 else f"max(t, {slope} t)"


def said_signs(signs: Sequence[int]) -> str:
    """Output weights for people, as +,-,+."""
    return ",".join("+" if sign > 0 else "-" for sign in signs)


def file_name(of: Network) -> str:
    """Output weights and slope as part of the name of a file."""
    own, others = ("".join("p" if sign > 0 else "m" for sign in x) for x in (of.signs, of.teacher))
    return f"{own}-{others}-slope{slope_text(of).replace('/', '_')}"
