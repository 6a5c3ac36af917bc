"""How often random starts of the one-hidden-layer CNN reach the global minimum: observed, proved, bounded.

The protocol is that of Du et al. 2018, Theorem 3.2, as in Table 5.1 of Du's thesis. A floating-point descent
guesses where each start goes; every guess is then decided in balls by Theorem 10.B of docs/theorem/cnn.md.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from relucert.base.dyadic import DOWN
from relucert.base.errors import InputError
from relucert.base.pool import each
from relucert.families.cnn import search as guesses
from relucert.families.cnn.descent import check_options, largest_step, spread_of
from relucert.families.cnn.problem import CnnProblem
from relucert.families.printing import unloosened
from relucert.kernel import ball
from relucert.kernel.ball import Ball
from relucert.kernel.cnn import descent as cnn_descent
from relucert.kernel.cnn.descent import TO_GLOBAL, Rule, State

PRECISION = 128
MOST_STEPS = 10**5
CHOICES = 16  # values of c tried in Theorem 10.C

THESIS = {
    25: (0.50, 0.55, 0.73, 1, 1, 1),
    36: (0.50, 0.53, 0.66, 0.89, 1, 1),
    49: (0.50, 0.53, 0.61, 0.78, 1, 1),
    64: (0.50, 0.51, 0.59, 0.71, 0.89, 1),
    81: (0.50, 0.53, 0.57, 0.66, 0.81, 0.97),
    100: (0.50, 0.50, 0.57, 0.63, 0.75, 0.90),
}
THESIS_RATIOS, THESIS_PATCH = (0, 1, 4, 9, 16, 25), 6


@dataclass(frozen=True)
class Cell:
    """One teacher and what became of its random starts.

    ratio: S^2/N. seen_global: how many runs end at the global minimum by floating point. tried: the runs
    that were also tried in balls; proved_global and proved_spurious of them are decided, contradictions of
    them otherwise than by floating point. least_global, least_spurious: proved lower bounds of the
    probabilities of the two ends (Theorem 10.C).
    """

    problem: CnnProblem
    ratio: Fraction
    eta: Fraction
    runs: int
    seen_global: int
    tried: int
    proved_global: int
    proved_spurious: int
    contradictions: int
    least_global: Ball
    least_spurious: Ball

    @property
    def to_global(self) -> float:
        """The share that `seen_global` is."""
        return self.seen_global / self.runs

    @property
    def undecided(self) -> int:
        return self.tried - self.proved_global - self.proved_spurious

    @property
    def thesis(self) -> float | None:
        """The share printed in Table 5.1, where this is one of its cells."""
        if self.problem.patch != THESIS_PATCH or self.ratio not in THESIS_RATIOS:
            return None
        row = THESIS.get(self.problem.k)
        return None if row is None else row[THESIS_RATIOS.index(self.ratio)]


def teacher(k: int, ratio: Fraction, norm: Fraction, w_norm: Fraction, patch: int) -> CnnProblem:
    """An exact teacher with |a*| = norm and S^2/N = ratio: m^2 entries +-norm/m, the others 0.

    Any other with these numbers would do: they determine the descent (Lemma 10.A). Raises InputError where
    there is none of this form.
    """
    root = Fraction(math.isqrt(ratio.numerator), math.isqrt(ratio.denominator)) if ratio >= 0 else Fraction(0)
    if root * root != ratio:
        raise InputError(f"S^2/N = {ratio}: expected the square of a rational number, such as 1/4, 1 or 9")
    for m in range(1, math.isqrt(k) + 1):
        surplus = m * root  # of plus signs over minus signs
        if surplus.denominator == 1 and surplus <= m * m and (m * m - surplus.numerator) % 2 == 0:
            minus = (m * m - surplus.numerator) // 2
            signs = [1] * (m * m - minus) + [-1] * minus + [0] * (k - m * m)
            return CnnProblem(tuple(sign * norm / m for sign in signs), w_norm, patch)
    raise InputError(f"S^2/N = {ratio} is too large, or too fine, for {k} patches: try a larger k")


def cells(
    ks: Sequence[int],
    ratios: Sequence[Fraction],
    patches: Sequence[int],
    *,
    runs: int,
    seed: int,
    norm: Fraction = Fraction(1),
    w_norm: Fraction = Fraction(1),
    prove: int | None = None,
    jobs: int = 1,
) -> Iterator[Cell]:
    """The table, cell by cell, patches outermost; the draws are the same for every ratio.

    prove: how many runs of a cell are tried in balls (None: all). jobs: processes. Raises InputError for a
    teacher that is not known, before any work.
    """
    problems = [(teacher(k, ratio, norm, w_norm, p), ratio) for p in patches for k in ks for ratio in ratios]
    tried = runs if prove is None else min(prove, runs)
    yield from each(partial(_cell, runs=runs, seed=seed, prove=tried), problems, jobs)


def _cell(of: tuple[CnnProblem, Fraction], runs: int, seed: int, prove: int) -> Cell:
    """Runs in worker processes."""
    problem, ratio = of
    eta = largest_step(problem)
    check_options(problem, eta, 1)
    numbers = float(problem.w_norm), float(problem.total), float(problem.squares)
    states = guesses.random_scalars(problem.patch, problem.k, *numbers, seed, runs)
    ends, times = guesses.descend(states, problem.k, *numbers, float(eta), MOST_STEPS)
    proved = {1: 0, -1: 0}
    contradictions = 0
    with ball.precision(PRECISION):
        by = cnn_descent.rule(problem.teacher(), ball.ratio(eta.as_integer_ratio()))
        # The scalars of a start are the doubles drawn; but where a* is a multiple of 1, q has to be S s/k.
        multiple = None if spread_of(problem) else ball.ratio((problem.total / problem.k).as_integer_ratio())
        for i in range(prove):
            if ends[i] == guesses.UNDECIDED:
                continue
            along, across, q, s = map(ball.exact_float, states[i].tolist())
            q = q if multiple is None else multiple * s
            end = end_of(by, State(along, across, q, s), int(times[i]))
            if end:
                proved[end] += 1
                contradictions += end != int(ends[i])
        least = bounds(problem)
    return Cell(
        problem, ratio, eta, runs, int((ends == guesses.TO_GLOBAL).sum()), prove, proved[1], proved[-1],
        contradictions, *least,
    )  # fmt: skip


def end_of(by: Rule, x: State, hint: int) -> int:
    """1 or -1 if gradient descent from x is proved to reach the global or the spurious minimum, else 0.

    hint: a step at which Theorem 10.B may apply; it is tried there, and on the next steps as often again.
    """
    for t in range(2 * hint + 2):
        seen = cnn_descent.view(x)
        if t >= hint:
            argument = cnn_descent.decide(by, x, seen)
            if argument.holds:
                return 1 if argument.theorem == TO_GLOBAL else -1
        x = cnn_descent.step(by, x, seen)
    return 0


def bounds(problem: CnnProblem) -> tuple[Ball, Ball]:
    """Proved lower bounds of the probabilities of the global and the spurious minimum (Theorem 10.C)."""
    if problem.total == 0:
        half = ball.ratio((1, 2))
        return half, half
    of = problem.teacher()
    choices = (ball.ratio((c, CHOICES)) for c in range(1, CHOICES + 1))
    rises, falls = zip(*(cnn_descent.probabilities(of, problem.patch, c) for c in choices), strict=True)
    first, second = (ball.largest([Ball(0), *(x for x in row if x.is_finite())]) for row in (rises, falls))
    return first, second


def record(cell: Cell) -> dict[str, object]:
    """A cell as JSON values."""
    return {
        "patch": cell.problem.patch,
        "k": cell.problem.k,
        "ratio": str(cell.ratio),
        "a_star": [str(x) for x in cell.problem.a_star],
        "w_norm": str(cell.problem.w_norm),
        "eta": str(cell.eta),
        "runs": cell.runs,
        "to_global": cell.to_global,
        "tried": cell.tried,
        "proved_global": cell.proved_global,
        "proved_spurious": cell.proved_spurious,
        "undecided": cell.undecided,
        "contradictions": cell.contradictions,
        "least_probability_global": unloosened(cell.least_global, DOWN),
        "least_probability_spurious": unloosened(cell.least_spurious, DOWN),
        "thesis": cell.thesis,
    }


def to_csv(cells: Sequence[Cell]) -> str:
    """The table with a header, a row for each cell."""
    rows = [{name: x for name, x in record(cell).items() if name != "a_star"} for cell in cells]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
