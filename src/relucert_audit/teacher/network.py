"""The network of a run: output weights +1 and -1, and the activation max(t, slope t), docs/theorem/signed.md."""

from fractions import Fraction
from typing import NamedTuple


class Network(NamedTuple):
    """neurons: n output weights, targets: k of them, each 1 or -1."""

    neurons: tuple[int, ...]
    targets: tuple[int, ...]
    slope: Fraction = Fraction(0)

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
