"""The checker's own numbers for one certificate: docs/theorem.md section 4, from section 1's gradient and
Hessian.

Nothing here reads a claimed bound, except `lipschitz.radius`, the alpha of every theorem."""

from functools import cached_property

import numpy as np

from relucert_audit.exact import Spectrum, TooWeak, floats, identity, integers, norm_bound, product, spectrum
from relucert_audit.format import Certificate
from relucert_audit.interval import Interval, dyadic, lower, minimum, proves_le, proves_lt, root, show, upper
from relucert_audit.loss import Landscape

INVERSE_BITS = 58


class Numbers:
    """Enclosures, computed when a step asks for them. A property whose theorem does not apply raises TooWeak
    with the inequality that failed. `bits`: accuracy of angles (loss.Landscape)."""

    def __init__(self, cert: Certificate, bits: int) -> None:
        self.cert = cert
        self.radius = cert.bounds["lipschitz.radius"].exact
        self.alpha = dyadic(*self.radius)
        self.loss = Landscape(cert.point, cert.targets, bits)

    @property
    def eps(self) -> Interval:
        """Enclosure of |grad F(W)|."""
        return self.loss.gradient.norm

    @cached_property
    def spectrum(self) -> Spectrum:
        return spectrum(self.loss.hessian)

    @cached_property
    def lipschitz(self) -> Interval:
        """L on B(W, alpha), of the kind that the certificate names; step 5 checked alpha < |w_i| and, for the
        paper's, n >= 2."""
        paper = self.cert.constants == "paper"
        return upper(self.loss.lipschitz_paper(self.radius) if paper else self.loss.lipschitz(self.radius))

    @cached_property
    def existence(self) -> tuple[Interval, Interval]:
        """(r, r+) of Theorem E: one critical point in B(W, r), r <= alpha; no other nearer than min(alpha,
        r+).

        X is a rounded floating-point inverse. omega >= ||I - X H|| from the exact residual; X H = I - E with
        ||E|| <= omega gives X = (I - E) H^-1, so chi = (1 + omega)/min |lambda_i| >= ||X||;
        eta = |X g| + chi |grad F(W) - g| for the integer vector g."""
        h, gradient, one = self.loss.hessian, self.loss.gradient, dyadic(1, 0)
        if self.spectrum.gap is None:
            raise TooWeak("Theorem E: an eigenvalue of the Hessian is too close to 0")
        try:
            guess = np.linalg.inv(floats(h.mantissa, h.bits))
        except np.linalg.LinAlgError as failure:
            raise TooWeak("Theorem E: no inverse found") from failure
        bits = INVERSE_BITS - int(np.frexp(np.abs(guess).max())[1])
        x, scale = integers(guess, bits), h.bits + bits
        if scale < 0:
            raise TooWeak("Theorem E: the Hessian is badly scaled")
        residual = (identity(len(x)) << scale) - product(x, h.mantissa)
        unit = -scale - h.exponent
        omega = upper(dyadic(norm_bound(residual), -scale) + dyadic(norm_bound(x), unit) * h.error)
        if not proves_lt(omega, one):
            raise TooWeak(f"Theorem E: omega is {show(omega)}, not below 1")
        chi = upper((1 + omega) / lower(self.spectrum.gap))
        step = x @ gradient.mid
        eta = upper(root(dyadic(int(step @ step), 2 * (unit + gradient.exponent))) + chi * gradient.error)
        load = 2 * chi * self.lipschitz * eta
        if not proves_lt(load, (1 - omega) ** 2):
            raise TooWeak(f"Theorem E: 2 chi L eta is {show(load)}, not below (1 - omega)^2")
        both = 1 - omega + root((1 - omega) ** 2 - load)
        radius = upper(2 * eta / both)
        if not proves_le(radius, self.alpha):
            raise TooWeak(f"Theorem E: r is {show(radius)}, above lipschitz.radius {show(self.alpha)}")
        return radius, lower(both / (chi * self.lipschitz))

    @property
    def reach(self) -> Interval:
        """min(alpha, r+)."""
        return minimum([self.alpha, self.existence[1]])

    @cached_property
    def lemma_1(self) -> Interval:
        """The radius of Lemma 1."""
        eps, least = upper(self.eps), lower(self.spectrum.smallest)
        load = 25 * self.lipschitz * eps
        if not proves_lt(dyadic(0, 0), least) or not proves_le(load, 9 * least**2):
            raise TooWeak(f"Lemma 1: 25 L eps is {show(load)}, lambda_min {show(least)}")
        radius = upper(25 * eps / (2 * (3 * least + root(9 * least**2 - load))))
        if not proves_le(radius, self.alpha):
            raise TooWeak(f"Lemma 1: r is {show(radius)}, above lipschitz.radius {show(self.alpha)}")
        return radius

    def excludes(self, rho: Interval) -> bool:
        """Proved: rho <= alpha, and no critical point in B(W, rho) ("Not critical")."""
        slope = upper(self.spectrum.absmax) + self.lipschitz * rho / 2
        return proves_le(rho, self.alpha) and proves_lt(slope * rho, lower(self.eps))

    def distance_to_targets(self) -> Interval:
        """Distance of W from one permutation of the targets, paired greedily. Needs n = k."""
        n, rows = self.cert.n, self.loss.rows
        square = {(i, j): int(((rows[i] - rows[n + j]) ** 2).sum()) for i in range(n) for j in range(n)}
        paired: dict[int, int] = {}
        for i, j in sorted(square, key=lambda pair: (square[pair], pair)):
            if i not in paired and j not in paired.values():
                paired[i] = j
        return root(dyadic(sum(square[pair] for pair in paired.items()), 2 * self.loss.exponent))
