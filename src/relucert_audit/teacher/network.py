"""The network of a run: output weights +1 and -1, and the activation max(t, slope t), docs/theorem/signed.md."""

from fractions import Fraction
from typing import Any, NamedTuple

from relucert_audit.format import malformed, rational

SLOPE_LENGTH = 64


class Network(NamedTuple):
    """neurons: n output weights, targets: k of them, each 1 or -1."""

    neurons: tuple[int, ...]
    targets: tuple[int, ...]
    slope: Fraction = Fraction(0)

    @property
    def weights(self) -> tuple[int, ...]:
        """Of neurons, then of targets."""
        return *self.neurons, *self.targets

    @property
    def signs(self) -> list[list[int]]:
        """(+-) of section 20 of neuron i and whatever it meets: n rows, of neurons, then of targets."""
        return [[a * z for z in (*self.neurons, *(-b for b in self.targets))] for a in self.neurons]

    @property
    def bend(self) -> Fraction:
        """(1 - slope)^2: by how much the activation's kink counts, 1 for the ReLU."""
        return (1 - self.slope) ** 2

    @property
    def own(self) -> Fraction:
        """The mean of sigma'^2, (1 + slope^2)/2: what a neuron meets of itself, 1/2 for the ReLU."""
        return (1 + self.slope**2) / 2


def plain(n: int, k: int) -> Network:
    """All output weights 1, and the ReLU."""
    return Network((1,) * n, (1,) * k)


def sign(value: Any, where: str) -> int:
    """The shape of an output weight."""
    if type(value) is not int or value not in (1, -1):
        raise malformed(f"{where} has an entry that is neither 1 nor -1")
    return value


def slope(value: Any, where: str) -> Fraction:
    """The shape of a slope: a rational from -1 to below 1."""
    if not isinstance(value, str) or len(value) > SLOPE_LENGTH:
        raise malformed(f"{where} is not a string of at most {SLOPE_LENGTH} characters")
    found = rational(value, where)
    if not -1 <= found < 1:
        raise malformed(f"{where} is not from -1 to below 1")
    return found


SIGNED = {"signs": [sign], "teacher_signs": [sign], "slope": slope}


def network_of(problem: dict[str, Any], n: int, k: int) -> Network:
    """From the members SIGNED of a problem. Raises Refusal."""
    neurons, targets = tuple(problem["signs"]), tuple(problem["teacher_signs"])
    if (len(neurons), len(targets)) != (n, k):
        raise malformed("signs and teacher_signs are not n and k numbers")
    return Network(neurons, targets, problem["slope"])
