"""Symmetries of a loss that a user did not name: guesses, each of which the kernel proves or drops.

Scalings come from an exact linear system for the weights of the parameters, one equation for each rule of degrees
(docs/spec/expression-v1.md, "Invariance of a graph"). Other affine ones from gradients at random points.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from relucert.families.expression.graph import Graph
from relucert.families.expression.search import float_loss, value_and_gradient
from relucert.kernel.ball import NotProved
from relucert.kernel.expression import invariance
from relucert.kernel.expression.invariance import ALIKE, FACTORS, Generator
from relucert.kernel.expression.loss import Loss, Node
from relucert.kernel.expression.polynomial import followed

Form = dict[int, Fraction]  # a linear form in the weights
Floats = NDArray[np.float64]
ONE = Fraction(1)
MOST_PARAMETERS, MOST_ROTATED = 24, 48  # for which all affine fields, and only rotations, are sought
SPARE_POINTS, SEED = 1.2, 20171101
NOISE, MOST_DENOMINATOR, NEAR = 1e-9, 12, 1e-6


def proved(of: Loss, given: Sequence[Generator]) -> list[Generator]:
    """Those along which the kernel proves the loss to be invariant."""
    found = []
    for generator in given:
        try:
            invariance.prove(of, [generator])
        except NotProved:
            continue
        found.append(generator)
    return found


def scalings(of: Loss) -> list[Generator]:
    """A basis of the diagonal ones that the rules of degrees give. Raises NotProved where they grow too large."""
    pivots: dict[int, Form] = {}
    polynomials, forms = followed(of.nodes), list[Form]()
    zero = [p == {} for p in polynomials]
    for i, node in enumerate(of.nodes):
        form, equations = ({}, []) if zero[i] else _rule(node, forms, zero)
        for equation in equations:
            _eliminate(pivots, equation)
        forms.append(_reduced(pivots, form))
    for root in (of.output, *(() if of.regulariser is None else (of.regulariser,))):
        _eliminate(pivots, forms[root])
    free = [i for i in range(of.parameters) if i not in pivots]
    return [Generator(tuple((i, i, q) for i, q in sorted(_weights(pivots, f).items()))) for f in free]


def _rule(node: Node, forms: Sequence[Form], zero: Sequence[bool]) -> tuple[Form, list[Form]]:
    """The degree of a node, with the forms that have to be 0."""
    operation, *given = node
    if operation == "param":
        return {given[0]: ONE}, []
    if operation in ("const", "pi", "input"):
        return {}, []
    if operation == "powi":
        return _plus({}, forms[given[0]], Fraction(given[1])), []
    if operation in FACTORS:
        return _plus({}, forms[given[0]], FACTORS[operation]), []
    if operation in ("mul", "div"):
        return _plus(forms[given[0]], forms[given[1]], ONE if operation == "mul" else -ONE), []
    if operation in ALIKE:
        return _common([forms[a] for a in given if not zero[a]])
    if operation == "dot":
        pairs = [(a, b) for a, b in zip(given[::2], given[1::2], strict=True) if not (zero[a] or zero[b])]
        return _common([_plus(forms[a], forms[b], ONE) for a, b in pairs])
    return {}, [forms[given[0]]]


def _common(forms: list[Form]) -> tuple[Form, list[Form]]:
    return (forms[0], [_plus(x, forms[0], -ONE) for x in forms[1:]]) if forms else ({}, [])


def _plus(a: Form, b: Form, factor: Fraction) -> Form:
    total = dict(a)
    for i, q in b.items():
        total[i] = total.get(i, Fraction(0)) + factor * q
    if not all(invariance.short(q) for q in total.values()):
        raise NotProved("degrees with too many digits")
    return {i: q for i, q in total.items() if q}


def _reduced(pivots: dict[int, Form], form: Form) -> Form:
    """Without pivots. Each of them maps to a form without pivots that it equals."""
    total = {i: q for i, q in form.items() if i not in pivots}
    for i, q in form.items():
        if i in pivots:
            total = _plus(total, pivots[i], q)
    return total


def _eliminate(pivots: dict[int, Form], form: Form) -> None:
    """Takes form = 0 into account, by solving for its last parameter."""
    left = _reduced(pivots, form)
    if not left:
        return
    last = max(left)
    factor = left.pop(last)
    pivots[last] = {i: -q / factor for i, q in left.items()}
    for i, known in pivots.items():
        if last in known:
            q = known[last]
            rest = {j: x for j, x in known.items() if j != last}
            pivots[i] = _plus(rest, pivots[last], q)


def _weights(pivots: dict[int, Form], free: int) -> Form:
    """The solution in which this free weight is 1 and the others are 0."""
    found = {i: form[free] for i, form in pivots.items() if free in form}
    return {**found, free: ONE}


def affine(graph: Graph, near: Floats) -> list[Generator]:
    """A basis of all affine fields along which the loss seems not to change, of rotations only for more parameters;
    none for many."""
    m = graph.parameters
    if m > MOST_ROTATED:
        return []
    pull, field, unknowns = _affine(m) if m <= MOST_PARAMETERS else _rotations(m)
    try:
        of, rng = float_loss(graph), np.random.default_rng(SEED)
    except OverflowError:  # exact numbers beyond the doubles
        return []
    rows, size = [], max(1.0, float(np.abs(near).max()))
    with np.errstate(all="ignore"):
        for _ in range(int(SPARE_POINTS * unknowns) + 8):
            x = near + size * rng.standard_normal(m)
            slope = value_and_gradient(of, x)[1]
            if np.isfinite(slope).all() and slope.any():
                rows.append(pull(slope / np.abs(slope).max(), x))
    if len(rows) <= unknowns:
        return []
    _, values, vectors = np.linalg.svd(np.array(rows), full_matrices=False)
    basis = vectors[values <= NOISE * max(1.0, values[0])]  # 1: of a row, if it is not all rounding
    return [found for row in _echelon(basis) if (found := _generator(field(row), m)) is not None]


Fields = tuple[Callable[[Floats, Floats], Floats], Callable[[Floats], Floats], int]


def _affine(m: int) -> Fields:
    """Of fields A x + b: the products of a slope with each entry of them at a point, A and b from their entries, and
    how many there are."""
    return lambda slope, x: np.outer(slope, np.append(x, 1.0)).ravel(), lambda entries: entries, m * (m + 1)


def _rotations(m: int) -> Fields:
    """The same of fields A x, A skew."""
    above = np.triu_indices(m, 1)

    def pull(slope: Floats, x: Floats) -> Floats:
        turn = np.outer(slope, x)
        return (turn - turn.T)[above]

    def field(entries: Floats) -> Floats:
        found = np.zeros((m, m + 1))
        found[above] = entries
        found[:, :m] -= found[:, :m].T.copy()
        return found.ravel()

    return pull, field, m * (m - 1) // 2


def _echelon(basis: Floats) -> Floats:
    """Another basis of the same rows, each with a 1 where the others have a 0."""
    left, done = basis.copy(), 0
    for column in range(left.shape[1] if len(left) else 0):
        best = done + int(np.abs(left[done:, column]).argmax()) if done < len(left) else -1
        if best < 0:
            break
        if abs(left[best, column]) < NEAR:
            continue
        left[[done, best]] = left[[best, done]]
        left[done] /= left[done, column]
        for i in range(len(left)):
            if i != done:
                left[i] -= left[i, column] * left[done]
        done += 1
    return left[:done]


def _generator(row: Floats, m: int) -> Generator | None:
    """With rationals of small denominators near these numbers; None if there are none."""
    exact = [Fraction(float(x)).limit_denominator(MOST_DENOMINATOR) for x in row]
    if max(abs(float(q) - x) for q, x in zip(exact, row.tolist(), strict=True)) > NEAR:
        return None
    table = {(i, j): exact[i * (m + 1) + j] for i in range(m) for j in range(m + 1)}
    return Generator(
        tuple((i, j, q) for (i, j), q in table.items() if q and j < m),
        tuple((i, q) for (i, j), q in table.items() if q and j == m),
    )
