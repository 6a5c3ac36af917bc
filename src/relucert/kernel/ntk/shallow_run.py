"""Gradient descent of a two-layer ReLU network, enclosed: docs/theorem/ntk.md, Theorem 14.N.

Descent never leaves W(0) + V X, V of shape (m, n), so it is run in V and Z = W X^T, on integers: V is an exact multiple
of 2^-bits, and its Z is known up to `slack`. FLINT's products of integers are exact, so nothing has to be believed of
floating-point arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import (
    Ball,
    BallMatrix,
    Dyadic,
    IntegerMatrix,
    NotProved,
    exact,
    norm,
    proves_le,
    shifted,
    upper,
)
from relucert.kernel.outcome import Argument, inequality
from relucert.kernel.spectrum import Eigen, spectrum

THEOREM = "Theorem 14.N"


class Integers(NamedTuple):
    """The exact matrix entries * 2**exponent."""

    entries: IntegerMatrix
    exponent: int


class Net(NamedTuple):
    """K = X X^T (n, n), Z = W(0) X^T (m, n), y and a: all that descent depends on."""

    gram: Integers
    inner: Integers
    labels: tuple[Dyadic, ...]
    signs: tuple[int, ...]

    @property
    def n(self) -> int:
        return len(self.labels)

    @property
    def m(self) -> int:
        return len(self.signs)


class Descent(NamedTuple):
    """How to run: eta > 0, the places after the point, and a proved bound of |X|^2."""

    eta: Ball
    bits: int
    largest: Ball


class State(NamedTuple):
    """After `step` steps: W~ = W(0) + V X, V = coefficients 2^-bits, and |W - W~|_F <= radius for the true W.

    z: |W~ X^T - z 2^-bits| <= slack 2^-bits for each entry. margin: of the steps before, how much further than needed
    the nearest entry of Z was from 0.
    """

    step: int
    z: IntegerMatrix
    coefficients: IntegerMatrix
    slack: int
    radius: Ball
    margin: int | None


class Tie(NotProved):
    """An entry of Z is too near 0 to say on which side descent is."""

    def __init__(self, step: int, neuron: int, row: int) -> None:
        self.step = step
        super().__init__(
            f"after {step} steps neuron {neuron} is too near the kink of row {row} of x to say on which side"
        )


def network(x: Integers, y: Sequence[Dyadic], weights: Integers, signs: Sequence[int]) -> Net:
    """x: (n, d), y: n labels, weights: (m, d), signs: m times 1 or -1. Raises ValueError for what does not fit."""
    n, d, m = x.entries.nrows(), x.entries.ncols(), weights.entries.nrows()
    if len(y) != n or len(signs) != m or weights.entries.ncols() != d or set(signs) - {1, -1}:
        raise ValueError("shapes that do not fit, or an output weight that is neither 1 nor -1")
    across = x.entries.transpose()
    return Net(
        Integers(x.entries * across, 2 * x.exponent),
        Integers(weights.entries * across, weights.exponent + x.exponent),
        tuple(y),
        tuple(signs),
    )


def begin(net: Net, bits: int) -> State:
    """W(0) itself, its Z rounded."""
    places = net.inner.exponent + bits
    z = [shifted(v, places) for v in net.inner.entries.entries()]
    return State(
        0, IntegerMatrix(net.m, net.n, z), IntegerMatrix(net.m, net.n), _slack(net, 0), Ball(0), None
    )


def _slack(net: Net, step: int) -> int:
    """1/2 from the start, 1/2 from each of n products in each step, in all not more than this."""
    return 1 + step * net.n // 2


def widths(net: Net, state: State, bits: int) -> list[int]:
    """For each row of x, how far W X^T may be from z 2^-bits for the true W, in units of 2^-bits."""
    return [ball.integer_above(state.radius * length, bits) + state.slack for length in lengths(net)]


def lengths(net: Net) -> list[Ball]:
    """|x_i|."""
    scale = exact((1, net.gram.exponent))
    return [ball.root(Ball(net.gram.entries[i, i]) * scale) for i in range(net.n)]


def residual(net: Net, state: State, bits: int) -> list[Ball]:
    """Enclosures of y - u at W~. An entry of u is a sum of m terms, each 1-Lipschitz in Z, over sqrt m."""
    flat, unit = state.z.entries(), exact((1, -bits))
    spread = ball.symmetric(Ball(net.m * state.slack) * unit)
    size = Ball(net.m).sqrt()
    found = []
    for j, label in enumerate(net.labels):
        total = sum(a * v for a, v in zip(net.signs, flat[j :: net.n], strict=True) if v > 0)
        found.append(exact(label) - (Ball(total) * unit + spread) / size)
    return found


def advance(net: Net, how: Descent, state: State) -> State:
    """One step of Theorem 14.N. Raises Tie where a sign of Z is not proved."""
    margin = _margin(net, state, how.bits)
    factor = how.eta / Ball(net.m).sqrt()
    wanted = [factor * e for e in residual(net, state, how.bits)]
    moves = [ball.integer_near(w, how.bits) for w in wanted]
    missed = norm([w - exact((c, -how.bits)) for w, c in zip(wanted, moves, strict=True)])
    radius = upper(state.radius + ball.root(how.largest) * Ball(net.m).sqrt() * missed)
    active = IntegerMatrix(net.m, net.n, _active(net, state.z))
    n, gram, places = net.n, net.gram.entries, net.gram.exponent
    along = IntegerMatrix(n, n, [shifted(moves[i] * gram[i, j], places) for i in range(n) for j in range(n)])
    scale = IntegerMatrix(n, n, [moves[i] if i == j else 0 for i in range(n) for j in range(n)])
    return State(
        state.step + 1,
        state.z + active * along,
        state.coefficients + active * scale,
        _slack(net, state.step + 1),
        radius,
        margin if state.margin is None else min(margin, state.margin),
    )


def _margin(net: Net, state: State, bits: int) -> int:
    """The smallest of |z_ri| - width_i, positive: all signs of W X^T are those of z. Raises Tie."""
    flat, margins = state.z.entries(), []
    for i, width in enumerate(widths(net, state, bits)):
        sizes = [abs(v) for v in flat[i :: net.n]]
        least = min(sizes)
        if least <= width:
            raise Tie(state.step, sizes.index(least), i)
        margins.append(int(least) - width)
    return min(margins)


def _active(net: Net, z: IntegerMatrix) -> list[int]:
    """a_r where neuron r is active on row i, else 0."""
    flat, n = z.entries(), net.n
    return [a if v > 0 else 0 for r, a in enumerate(net.signs) for v in flat[r * n : (r + 1) * n]]


def travelled(net: Net, state: State, bits: int) -> Ball:
    """Upper bound of |w_r - w_r(0)| for all r: row r of V X has the squared length (V K V^T)_rr."""
    rows = state.coefficients.entries()
    images = (state.coefficients * net.gram.entries).entries()
    n = net.n
    most = max(
        sum(a * b for a, b in zip(rows[r : r + n], images[r : r + n], strict=True))
        for r in range(0, net.m * n, n)
    )
    return upper(ball.root(exact((int(most), net.gram.exponent - 2 * bits))) + state.radius)


def error(net: Net, how: Descent, state: State) -> Ball:
    """Upper bound of |y - u| at the true W: u is |X|-Lipschitz in W."""
    return upper(norm(residual(net, state, how.bits)) + ball.root(how.largest) * state.radius)


def theorem_14_n(how: Descent, state: State) -> Argument:
    """What made the steps up to `state` enclosures of those of descent."""
    if state.margin is None:
        raise NotProved("no step was made")
    margin = exact((state.margin, -how.bits))
    return Argument(
        THEOREM,
        (
            inequality("14.N.1", how.eta * how.largest, "<=", Ball(2), "eta |X|^2 <= 2"),
            inequality("14.N.2", Ball(0), "<", margin, "0 < |w_r.x_i| - r_t |x_i| for all r, i and t < T"),
        ),
    )


def largest(net: Net, guess: Eigen) -> Ball:
    """Upper bound of |X|^2 = |K|; guess: of the eigenvalues of K."""
    unit = exact((1, net.gram.exponent))
    matrix = BallMatrix(net.n, net.n, [Ball(v) * unit for v in net.gram.entries.entries()])
    return upper(spectrum(matrix, guess).values[-1])


def steps_allowed(how: Descent) -> bool:
    """Whether eta |X|^2 <= 2 is proved, without which no step is an enclosure."""
    return proves_le(how.eta * how.largest, Ball(2))
