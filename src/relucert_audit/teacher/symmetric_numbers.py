"""Steps 3 to 8 for symmetric points (`symmetric`)."""

from functools import cached_property
from itertools import permutations

from relucert_audit.exact import Spectrum
from relucert_audit.finding import Finding
from relucert_audit.format import Dyadic
from relucert_audit.interval import Interval, dyadic, minimum, precision, root
from relucert_audit.steps import run
from relucert_audit.teacher.claim import Certificate
from relucert_audit.teacher.steps import STEPS
from relucert_audit.teacher.symmetric import ZERO, SymmetricLandscape
from relucert_audit.teacher.symmetric_sharp import lipschitz_sharp
from relucert_audit.teacher.theorems import Numbers, known, theorem_e

BITS_A_DIGIT = 4  # docs/audit.md, "Symmetric points"


class SymmetricNumbers(Numbers):
    """What steps 3 to 8 ask for, as `Numbers` for points in full."""

    def __init__(self, cert: Certificate, bits: int) -> None:
        self.cert, self.radius = cert, cert.bounds["lipschitz.radius"].exact
        self.alpha, self.at = dyadic(*self.radius), SymmetricLandscape(cert.point, bits)
        self.eps, self.objective = self.at.eps, self.at.objective
        self.shortest_squared = Dyadic(min(self.at.squares[: len(self.at.neurons)]), 2 * self.at.exponent)

    @cached_property
    def spectrum(self) -> Spectrum:
        return self.at.spectrum

    @cached_property
    def outside(self) -> Spectrum | None:
        return self.at.outside if self.cert.everywhere else None

    @cached_property
    def lipschitz(self) -> Interval:
        sharp = self.cert.constants == "sharp"
        return (lipschitz_sharp(self.at, self.radius) if sharp else self.at.lipschitz(self.radius)).b

    @cached_property
    def existence(self) -> tuple[Interval, Interval]:
        """(r, min(alpha, r+)) of Theorem E, where X is the exact inverse."""
        chi = (1 / known(self.everywhere.gap).a).b
        radius, reach = theorem_e(ZERO, chi, (chi * self.eps).b, self.lipschitz)
        return self.within(radius, "Theorem E"), minimum([self.alpha, reach])

    def distance_to_targets(self) -> Interval:
        """From the nearest of those permutations of the targets that the symmetry allows. Needs n = k."""
        at, alone = self.at, [a for a, p in enumerate(self.at.sizes) if p == 1]

        def entry(c: int, a: int) -> int:
            """At a coordinate of class c of a neuron of class a; if c = a, its own."""
            return int(at.kinds[a].generic[c]) + (at.kinds[a].own if c == a else 0)

        hits = max(sum(map(entry, order, alone)) for order in permutations(alone))
        for a, p in enumerate(at.sizes):
            swapped = int(at.kinds[a].generic[a]) if p == 2 else entry(a, a)
            hits += p * max(entry(a, a), swapped) if p > 1 else 0
        total = sum(p * (at.squares[a] + at.unit**2) for a, p in enumerate(at.sizes)) - 2 * at.unit * hits
        return root(dyadic(total, 2 * at.exponent))


def prove(cert: Certificate, bits: int) -> list[Finding]:
    """Steps 3 to 8 at one precision, which grows with k."""
    bits += BITS_A_DIGIT * cert.k.bit_length()
    with precision(bits + 32):
        return run(STEPS, cert, SymmetricNumbers(cert, bits))
