"""The checker's own numbers for one certificate: docs/theorem/teacher.md section 4. Of the claimed bounds this reads
only `lipschitz.radius`, the alpha of every theorem."""

from functools import cached_property

from relucert_audit import definite
from relucert_audit.exact import Solved, Spectrum, solved, spectrum, union
from relucert_audit.finding import TooWeak
from relucert_audit.format import Dyadic, Rows
from relucert_audit.interval import Interval, dyadic, minimum, proves_le, proves_lt, root, show
from relucert_audit.teacher.claim import MINIMA, Certificate
from relucert_audit.teacher.loss import Landscape
from relucert_audit.teacher.sharp import lipschitz_sharp

FIRST_BITS, ZERO = 160, dyadic(0, 0)


def theorem_e(
    omega: Interval, chi: Interval, eta: Interval, lipschitz: Interval
) -> tuple[Interval, Interval]:
    """(r, r+) of Theorem E from upper bounds."""
    if not proves_lt(omega, dyadic(1, 0)):
        raise TooWeak(f"Theorem E: omega is {show(omega)}, not below 1")
    load = 2 * chi * lipschitz * eta
    if not proves_lt(load, (1 - omega) ** 2):
        raise TooWeak(f"Theorem E: 2 chi L eta is {show(load)}, not below (1 - omega)^2")
    both = 1 - omega + root((1 - omega) ** 2 - load)
    return 2 * eta / both, (both / (chi * lipschitz)).a


def known(gap: Interval | None) -> Interval:
    if gap is None:
        raise TooWeak("Theorem E: an eigenvalue of the Hessian is too close to 0")
    return gap


class Numbers:
    """Enclosures, computed when a step asks for them. A property whose theorem does not apply raises TooWeak
    with the inequality that failed. `bits`: accuracy of angles; eps: encloses |grad F(W)|."""

    def __init__(self, cert: Certificate, bits: int) -> None:
        self.cert, self.radius = cert, cert.bounds["lipschitz.radius"].exact
        self.alpha, self.bits = dyadic(*self.radius), bits
        self.loss = self.loss_at(cert.point)
        self.eps, self.objective = self.loss.gradient.norm, self.loss.objective
        shortest = min(int(self.loss.gram[i, i]) for i in range(cert.n))
        self.shortest_squared = Dyadic(shortest, 2 * self.loss.exponent)

    def loss_at(self, point: Rows) -> Landscape:
        """The loss of the claim at a point."""
        return Landscape(point, self.cert.targets, self.bits, self.cert.signs, self.cert.slope)

    @cached_property
    def better(self) -> Interval:
        """The loss of the witness."""
        return self.loss_at(self.cert.witness or self.cert.point).objective

    @cached_property
    def spectrum(self) -> Spectrum:
        """At first in the cheaper of two ways, which is less sharp."""
        h = self.loss.hessian
        return (definite.spectrum(h) if self.bits <= FIRST_BITS else None) or spectrum(h)

    @cached_property
    def outside(self) -> Spectrum | None:
        """Of M, if the claim is about every dimension (section 7)."""
        return spectrum(self.loss.outside) if self.cert.everywhere else None

    @cached_property
    def everywhere(self) -> Spectrum:
        """H and M together, or H alone. gap and negative: None if either is undecided."""
        return union([(1, self.spectrum)] + ([(1, self.outside)] if self.outside else []))

    @cached_property
    def lipschitz(self) -> Interval:
        """L on B(W, alpha), of the kind that the certificate names; step 5 checks the conditions."""
        kinds = {"paper": Landscape.lipschitz_paper, "simple": Landscape.lipschitz, "sharp": lipschitz_sharp}
        return kinds[self.cert.constants](self.loss, self.radius).b

    @cached_property
    def lipschitz_paper(self) -> Interval:
        return self.loss.lipschitz_paper(self.radius)

    @cached_property
    def step(self) -> Solved:
        """Near H^-1 g, g near the gradient."""
        gradient = self.loss.gradient
        return solved(self.loss.hessian, gradient.mid[:, None], gradient.exponent)

    def scaled(self, gap: Interval | None) -> tuple[Interval, Interval]:
        """(chi, eta) of Theorem E with X = H^-1, for eigenvalues at least `gap` away from 0 (docs/audit.md)."""
        chi, (y, exponent, rest) = (1 / known(gap).a).b, self.step
        size = root(dyadic(int((y * y).sum()), 2 * exponent))
        return chi, (size + chi * (rest + self.loss.gradient.error)).b

    @cached_property
    def existence(self) -> tuple[Interval, Interval]:
        """(r, min(alpha, r+)) of Theorem E."""
        chi, eta = self.scaled(self.everywhere.gap)
        radius, reach = theorem_e(ZERO, chi, eta, self.lipschitz)
        return self.within(radius, "Theorem E"), minimum([self.alpha, reach])

    def within(self, radius: Interval, theorem: str) -> Interval:
        if not proves_le(radius, self.alpha):
            raise TooWeak(f"{theorem}: r is not within lipschitz.radius: {show(radius, self.alpha)}")
        return radius.b

    @cached_property
    def lemma_1(self) -> Interval:
        """The radius of Lemma 1."""
        least, load = self.everywhere.smallest.a, 25 * self.lipschitz * self.eps.b
        if not proves_lt(dyadic(0, 0), least) or not proves_le(load, 9 * least**2):
            raise TooWeak(f"Lemma 1: 25 L eps is {show(load)}, lambda_min {show(least)}")
        return self.within(25 * self.eps.b / (2 * (3 * least + root(9 * least**2 - load))), "Lemma 1")

    @cached_property
    def distance(self) -> Interval:
        """r >= |W* - W|: Theorem E's, or for a minimum also Lemma 1's: the minimum in that ball is the only
        critical point in Theorem E's larger one."""
        radius = self.existence[0]
        try:
            return minimum([radius, self.lemma_1]) if self.cert.verdict in MINIMA else radius
        except TooWeak:
            return radius

    def excludes(self, rho: Interval) -> bool:
        """Proved: rho <= alpha, and no critical point in B(W, rho) ("Not critical")."""
        slope = self.spectrum.absmax.b + self.lipschitz * rho / 2
        return proves_le(rho, self.alpha) and proves_lt(slope * rho, self.eps.a)

    def distance_to_targets(self) -> Interval:
        """Distance of W from one permutation of the targets, paired greedily, neurons with targets of their sign.
        With the slope -1 a target is as good as its negative. Needs n = k and matched signs."""
        n, rows, signs = self.cert.n, self.loss.rows, self.loss.signs
        turned = (1, -1) if self.cert.slope == -1 else (1,)
        square = {
            (i, j): min(int(((rows[i] - e * rows[n + j]) ** 2).sum()) for e in turned)
            for i in range(n)
            for j in range(n)
            if signs[i] == -signs[n + j]
        }
        paired: dict[int, int] = {}
        for i, j in sorted(square, key=lambda pair: (square[pair], pair)):
            if i not in paired and j not in paired.values():
                paired[i] = j
        return root(dyadic(sum(square[pair] for pair in paired.items()), 2 * self.loss.exponent))
