"""The isotypic blocks of 2 pi Hess F at the points of `system`: docs/theorem/uniform.md, sections B.4 and B.5.

R^(k x k) under the permutations of the first k - 1 coordinates is 5 copies of the trivial representation, 5 of the
standard one, and one each of two more, of dimensions (k - 1)(k - 4)/2 and (k - 2)(k - 3)/2; by Schur's lemma the
Hessian is a 5 x 5 block on each of the first two and a number on each of the others. What grows like k is
positive semidefinite and is bounded below: k - 1 is replaced by a smaller `stiffness`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from relucert.kernel.ball import Ball, BallMatrix, pi
from relucert.kernel.uniform.system import Scaled

SIZE = 5
Row = BallMatrix  # 1 x 5


class Blocks(NamedTuple):
    """Enclosures of lower bounds (in the Loewner order) of the blocks of Hess F itself."""

    symmetric: Ball
    alternating: Ball
    standard: BallMatrix  # 5 x 5, in an orthonormal basis
    trivial: BallMatrix  # 5 x 5, in an orthonormal basis
    outside: BallMatrix  # 3 x 3: what M of Theorem M (docs/theorem/teacher.md) adds in dimensions d > k


class _Form:
    """A quadratic form on R^5: a sum of weights times products of linear forms."""

    def __init__(self) -> None:
        self.matrix = BallMatrix(SIZE, SIZE)

    def square(self, weight: Ball, u: Row) -> None:
        """Adds weight u(x)^2."""
        self.matrix = self.matrix + (u.transpose() * u) * weight

    def product(self, weight: Ball, u: Row, v: Row) -> None:
        """Adds 2 weight u(x) v(x)."""
        both = u.transpose() * v
        self.matrix = self.matrix + (both + both.transpose()) * weight

    def diagonal(self, weight: Ball, which: Sequence[int]) -> None:
        """Adds weight times the sum of these squares."""
        for i in which:
            self.matrix[i, i] = self.matrix[i, i] + weight


def _row(*terms: tuple[Ball, Row] | Row) -> Row:
    """A sum of linear forms, each with its factor."""
    total = BallMatrix(1, SIZE)
    for term in terms:
        total = total + (term[1] * term[0] if isinstance(term, tuple) else term)
    return total


UNIT = [BallMatrix([[Ball(i == j) for j in range(SIZE)]]) for i in range(SIZE)]


class _Weights(NamedTuple):
    """Numbers that both blocks share (section B.4)."""

    rw: Ball
    ru: Ball
    less: Ball  # pi/2 - 1
    ab: Ball  # (a - b)/w


def _weights(q: Scaled) -> _Weights:
    stretch, mm = q.m**2 * q.varsigma, q.m**2
    rw = (stretch + 1 - q.sin_theta - mm * q.T) / q.w
    ru = (stretch + 1 - q.sin_tau - q.m * q.Tu) / q.U
    return _Weights(rw, ru, pi() / 2 - 1, (q.a - mm * q.be) / q.w)


def blocks(q: Scaled, stiffness: Ball) -> Blocks:
    """stiffness: at most k - 1 for every k that q stands for."""
    of = _weights(q)
    turn = of.ab**2 / q.sw
    base = of.rw + of.less + (of.ab**2 * q.w / q.sw - 1 / q.sb) / q.w - q.m**2 * q.CA
    scale = 1 / (2 * pi())
    standard, trivial = _standard(q, of, stiffness), _trivial(q, of, stiffness)
    return Blocks(
        (base + turn) * scale, (base - turn) * scale, standard * scale, trivial * scale, _outside(q, of) * scale
    )  # fmt: skip


def _outside(q: Scaled, of: _Weights) -> BallMatrix:
    """M on sums 0, then on (1, .., 1, 0)/sqrt(k - 1) and e_k, where pi/2 (sum x)^2 >= 0 is left out."""
    own, last, cross = of.rw + of.less, of.ru + of.less, q.sigma * q.CuA
    zero = Ball(0)
    return BallMatrix(
        [[own - q.m**2 * q.CA, zero, zero], [zero, own + (1 - q.m) * q.m * q.CA, cross], [zero, cross, last]]
    )


def _standard(q: Scaled, of: _Weights, stiffness: Ball) -> BallMatrix:
    s, m, w, U, be, ga, ab = q.sigma, q.m, q.w, q.U, q.be, q.ga, of.ab
    half, even = 1 / Ball(2).sqrt(), ((1 - 2 * m) / 2).sqrt()
    spread = 1 / (2 * (1 - 2 * m)).sqrt()
    x1, x2, x3, x4, x5 = UNIT
    Wh, V = _row((even, x2), (half, x3)), _row((even, x2), (-half, x3))
    Ph, Nh = _row((spread, x2), (half, x3)), _row((spread, x2), (-half, x3))
    L = _row((q.a / w, x1), (m * s * be / w, Wh), (m * ga / w, x4))
    M1 = _row((ab, Ph), (m * s * be / w, x1), (m * be / w, Wh), (s * ga / w, x4))
    M2 = _row((ab, Nh))
    k1, k2 = _row(M1, (-m * s * q.C, L)), _row(Ph, (-m * s * be / w, L))
    along = _row((m * q.eta / U, x1), (s * q.eta / U, Wh), (q.f / U, x4))
    across, nu, column = _row(along, (-m * q.Cu, L)), _row((ab, x5)), _row((s, x1), V)
    form = _Form()
    form.diagonal(of.rw + of.less, range(4))
    form.diagonal(of.ru + of.less, [4])
    form.square(-of.rw, L)
    _pairs(form, 1 / q.sw, m, k1, M2)
    _pairs(form, -1 / (q.sb * w), m, k2, Nh)
    form.square(U / (q.su * w), across)
    form.square(-1 / (q.sc * w), _row(x4, (-m * ga / w, L)))
    lean = q.cos_theta / q.Ga
    form.square(-q.sin_theta / w, _row((q.sin_theta, x1), (-lean * s * be, Wh), (-lean * ga, x4)))
    form.square(w / (q.su * U), nu)
    form.square(-1 / (q.se * U), x5)
    form.square(q.CA * m, column)
    form.diagonal(-q.CA * m**2, range(4))
    form.square(-(m**4) * q.C**2 / (q.sw * (1 + q.sw)), L)
    form.product((1 - m) / q.sw, M1, M2)
    form.square(-m / q.sw, M1)
    form.square(-m / q.sw, M2)
    form.product(-q.C * m * s / q.sw, L, _row((1 - m, M2), (-m, M1)))
    form.product(q.CuA * s, column, x5)
    form.product(1 / q.su, across, nu)
    form.square(stiffness * pi() / 2, _row(column, (s, x5)))
    return form.matrix


def _pairs(form: _Form, weight: Ball, m: Ball, u: Row, v: Row) -> None:
    """A sum over pairs of different neurons or targets: weight ((1 - m)(u^2 + v^2) - 2 m u v)."""
    form.square(weight * (1 - m), u)
    form.square(weight * (1 - m), v)
    form.product(-weight * m, u, v)


def _trivial(q: Scaled, of: _Weights, stiffness: Ball) -> BallMatrix:
    s, m, w, U, be, ga = q.sigma, q.m, q.w, q.U, q.be, q.ga
    h = (1 - m).sqrt()
    x1, x2, x3, x4, x5 = UNIT
    L = _row((q.a / w, x1), (m * s * be * h / w, x2), (m * ga / w, x3))
    M = _row((of.ab / h, x2), (m * s * be / w, x1), (m * be * h / w, x2), (s * ga / w, x3))
    along = _row((m * q.eta / U, x1), (s * q.eta * h / U, x2), (q.f / U, x3))
    Lu = _row((s * q.eta / U, x4), (q.f / U, x5))
    nu = _row((q.S / w, x4), (s * ga / w, x5))
    row = _row((s, x1), (h, x2))
    form = _Form()
    form.diagonal(of.rw + of.less, range(3))
    form.diagonal(of.ru + of.less, (3, 4))
    form.square(-of.rw, L)
    form.square(-of.ru, Lu)
    form.square((1 - m) / q.sw, _row(M, (-m * s * q.C, L)))
    form.square(-(1 - m) / (q.sb * w), _row((1 / h, x2), (-m * s * be / w, L)))
    form.square(U / (q.su * w), _row(along, (-m * q.Cu, L)))
    form.square(-1 / (q.sc * w), _row(x3, (-m * ga / w, L)))
    lean = q.cos_theta / q.Ga
    form.square(-q.sin_theta / w, _row((q.sin_theta, x1), (-lean * s * be * h, x2), (-lean * ga, x3)))
    form.square(w / (q.su * U), _row(nu, (-s * q.Cu, Lu)))
    form.square(-1 / (q.se * U), _row(x4, (-q.sin_tau, Lu)))
    form.square(-q.sin_tau / U, _row((q.sin_tau, x5), (q.cos_tau, x4)))
    form.square(q.CA * m, row)
    form.square(q.CA * m, x3)
    form.diagonal(-q.CA * m**2, range(3))
    form.square((1 - m) * m**3 * q.C**2 / (q.sw * (1 + q.sw)), L)
    form.square((1 - m) / q.sw, M)
    form.product(-(1 - m) * m * s * q.C / q.sw, M, L)
    form.product(q.CuA * s, row, x4)
    form.product(q.CuA * s, x3, x5)
    form.product(m * s * q.Cu**2 / (q.su * (1 + q.su)), L, Lu)
    form.product(1 / q.su, along, nu)
    form.product(-q.Cu * s / q.su, along, Lu)
    form.product(-m * q.Cu / q.su, L, nu)
    form.square(stiffness, _row(L, (s, Lu)))
    form.square(stiffness * pi() / 2, _row(row, (s, x4)))
    form.square(stiffness * pi() / 2, _row(x3, (s, x5)))
    return form.matrix
