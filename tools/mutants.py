"""Does the checker accept anything false? python tools/mutants.py [COUNT] [SEED]

Takes small certificates of tests/corpus/accept, without their signatures, and changes them: every place in
every way below, in a seeded order, and seeded pairs of changes, until there are COUNT (default 10000)
mutants, a quarter of them pairs; then it looks for the sharpest value of every bound that is accepted. All
goes through relucert_audit, with no signature and no digest in the file's name, so only mathematics and the
rules of the format can catch it. What is accepted is judged by `judge`, which shares no code with the
checker: the shape by docs/spec/certificate-v1.schema.json, the rules in fractions, the numbers by the
prover's kernel at 256 bits, W* by Newton's method to 60 digits. A symmetric point of few entries is judged
with all of them, others by the kernel's functions for symmetric points. An accepted mutant that `judge` does
not find true is a failure, and so is a crash of the checker. What is not accepted although `judge` finds it
true is counted too.
"""

from __future__ import annotations

import itertools
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, datetime
from fractions import Fraction
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from unittest.mock import patch

from jsonschema import Draft202012Validator

from relucert.base.dyadic import DOWN, UP, canonical, decimal, to_float
from relucert.base.errors import InputError
from relucert.families.teacher.search import guess
from relucert.families.teacher.symmetric import point as symmetric
from relucert.families.teacher.symmetric.point import SymmetricPoint
from relucert.kernel import ball, newton
from relucert.kernel.ball import Ball, NotProved, lower, proves_le, proves_lt, square, upper
from relucert.kernel.spectrum import Eigen, signs, spectrum
from relucert.kernel.teacher import facts, lipschitz, loss, sharp, symmetric_facts, symmetric_inertia

ROOT = Path(__file__).resolve().parent.parent
ACCEPT = ROOT / "tests" / "corpus" / "accept"
BASES = (
    *("global-1-1", "global-2-2-exact", "global-2-2-paper", "global-skew-targets", "global-tiny"),
    *(
        "local-1-2",
        "local-2-3",
        "local-2-3-paper",
        "local-2-3-sharp",
        "saddle-1-2",
        "saddle-2-2-antiparallel",
    ),
    *("saddle-2-2-skew", "not-critical-1-1", "not-critical-dimension-1", "not-critical-antiparallel"),
    "spurious-6-6",
    *("symmetric-global-2-1", "symmetric-saddle-3", "symmetric-spurious-1-5", "symmetric-not-critical"),
    *("symmetric-spurious-1-5-sharp", "symmetric-saddle-1-3-sharp"),
    "version-1-0",
)
IN_FULL = 20  # the most entries of a symmetric point that is judged with all of them
VERSIONS = ("relucert-certificate/1.0", "relucert-certificate/1.1")
NEW = ("dimension", "robust")  # members since version 1.1
SCHEMA = json.loads((ROOT / "docs" / "spec" / "certificate-v1.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)
MINIMA = ("spurious-minimum", "global-minimum", "local-minimum")
VERDICTS = (*MINIMA, "strict-saddle", "not-critical")
DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]{1,5})?", re.ASCII)
BITS = 256
NOW = datetime.now(UTC)
SLACK = Fraction(1, 2**36)  # relative; claims are loose by 2^-20, the kernel's numbers good to about 2^-43
RADII = ("uniqueness_radius", "exclusion_radius", "radius")
NONNEGATIVE = (*RADII, "existence_radius", "existence_radius_lemma_1")
LOWER_BOUNDS = (*RADII, "lambda_min_safran_shamir", "step", "right")
TOKENS = ("hessian", "symmetric-hessian", "teacher-student-relu", "orthonormal", "every d >= k")
TOKENS = (*TOKENS, "simple", "sharp", "paper", "<", "<=", *VERDICTS)
Json = dict[str, Any]
Place = tuple[Any, ...]
Mutant = tuple[str, bytes]


class Untrue(Exception):  # noqa: N818 -- a result
    """The first claim that is not true, or that nothing here supports."""


def value(pair: list[Any]) -> Fraction:
    """The exact number of a dyadic ["m", e]."""
    m, e = int(pair[0]), int(pair[1])
    return m * Fraction(2) ** e


def number(x: Fraction, up: bool, bits: int = 40) -> Json:
    """A number of the format next to x, not below it if `up`, not above it otherwise."""
    shift = bits - x.numerator.bit_length() + x.denominator.bit_length() if x else 0
    scaled = x * Fraction(2) ** shift
    return written(canonical(-int(-scaled // 1) if up else int(scaled // 1), -shift), up)


def written(exact: tuple[int, int], up: bool) -> Json:
    return {"exact": [str(exact[0]), exact[1]], "decimal": decimal(exact, UP if up else DOWN)}


# ---- judging: true or not, by the prover's kernel -------------------------------------------------------


def require(condition: bool, claim: str) -> None:
    if not condition:
        raise Untrue(claim)


def ball_of(x: Fraction) -> Ball:
    return Ball(x.numerator) / Ball(x.denominator)


def at_most(a: Ball, b: Ball, claim: str) -> None:
    """a <= b, as far as the kernel can tell: not refuted by more than the slack."""
    require(a.is_finite() and b.is_finite(), claim)
    require(not proves_lt(upper(b) + abs(b) * ball_of(SLACK), lower(a)), claim)


class Truth:
    """What the kernel proves about one point, on demand. Rows of exact dyadics (m, e)."""

    def __init__(self, point: loss.Rows, targets: loss.Rows) -> None:
        self.point, self.targets, self.n, self.k = point, targets, len(point), len(targets)
        enclosure = facts.enclose(point, targets)
        self.n_d, eigen = self.n * len(point[0]), eigenvectors(enclosure.hessian)
        self.outside = spectrum(enclosure.outside, eigenvectors(enclosure.outside))
        self.slope = loss.gradient(enclosure.geometry)
        order = self._order() if self.n == self.k else None
        with patch.object(sharp, "SQUARINGS", 40):  # spectral norms as they are: a checker may be tighter
            self.facts = facts.measure(enclosure, eigen, order, "sharp")

    def _order(self) -> list[int]:
        """The best permutation of the targets by trying all (n is small), in floating point."""
        top = max(e + abs(m).bit_length() for row in (*self.point, *self.targets) for m, e in row if m)

        def floats(rows: loss.Rows) -> list[list[float]]:
            return [[to_float((m, max(e - top, -2000))) for m, e in row] for row in rows]

        w, v = floats(self.point), floats(self.targets)
        cost = [[sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) for b in v] for a in w]
        if self.n > 7:
            return list(guess.assignment(w, v) or range(self.n))
        orders = itertools.permutations(range(self.n))
        return list(min(orders, key=lambda p: sum(cost[i][j] for i, j in enumerate(p))))

    def lipschitz(self, radius: Ball, constants: str) -> Ball:
        return facts.CONSTANTS[constants](self.facts, radius)

    def shortest(self) -> Fraction:
        """The square of the length of the shortest neuron."""
        return min(sum((value([m, e]) ** 2 for m, e in row), Fraction(0)) for row in self.point)

    def inertia(self) -> tuple[int, int] | None:
        return signs(self.facts.spectrum)

    def theorem_e(self, radius: Ball, constants: str, everywhere: bool = False) -> tuple[bool, Ball, Ball]:
        """Whether Theorem E holds, r, and min(alpha, r+); with M beside H if `everywhere`."""
        parts = [self.facts.spectrum.inverse] + [self.outside.inverse] * everywhere
        omega, chi = ball.largest(x.error for x in parts), ball.largest(x.size for x in parts)
        L = self.lipschitz(radius, constants)
        holds, r, reach = newton.theorem_e(omega, chi, self.facts.correction, L, radius)
        return holds.holds, r, reach

    @cached_property
    def fine(self) -> Truth:
        """The same after Newton's method, in 256 bits: the critical point itself to about 60 digits."""
        here = self
        for _ in range(12):
            if proves_lt(here.facts.correction, Ball(2) ** (60 - BITS) * ball.largest(here.facts.neurons)):
                break
            inverse = here.facts.spectrum.inverse
            inner = (inverse.columns * ball.BallMatrix(len(here.slope), 1, here.slope)).entries()
            row = ball.BallMatrix(1, len(inner), [x / d for x, d in zip(inner, inverse.values, strict=True)])
            steps = iter((row * inverse.columns).entries())
            moved = [[(ball.exact(x) - next(steps)).mid() for x in row] for row in here.point]
            here = Truth([[canonical(*ball.to_dyadic(x)) for x in row] for row in moved], self.targets)
        return here

    @cached_property
    def critical(self) -> tuple[Ball, Ball, Ball]:
        """|W - W*|, F(W*), and how far `fine` is from W*."""
        fine = self.fine
        holds, r, _ = fine.theorem_e(lower(ball.smallest(fine.facts.neurons)) / 2, "simple")
        require(holds, "no critical point found by Newton's method")
        apart = loss.distance(self.point, fine.point)
        steepest = upper(
            ball.largest((abs(fine.facts.spectrum.values[0]), abs(fine.facts.spectrum.values[-1])))
        )
        L = fine.lipschitz(r, "simple")
        low, high = newton.taylor(fine.facts.objective, upper(fine.facts.gradient), steepest, L, r)
        return apart + ball.symmetric(r), ball.hull(low, high), r


class SymmetricTruth:
    """The same about a symmetric point, at any k."""

    def __init__(self, at: SymmetricPoint) -> None:
        self.at, self.n, self.k, self.n_d = at, at.n, at.k, at.n * at.k
        with patch.object(sharp, "SQUARINGS", 40):  # as above
            self.measured = symmetric_facts.measure(symmetric.kernel_point(at), eigenvectors, "sharp")
        self.facts = symmetric_facts.facts(self.measured, Ball(0), every_dimension=False)
        self.outside = self.measured.outside

    def shortest(self) -> Fraction:
        sizes, values = self.at.sizes, self.at.values
        found = [list(zip(sizes, row, strict=True)) for row in self.at.extra]
        for a, p in enumerate(sizes):
            others = [(q, row[a]) for c, (q, row) in enumerate(zip(sizes, values, strict=True)) if c != a]
            found.append([(1, values[a][a]), (p - 1, values[a][-1]), *others])
        return min(sum((p * value(list(x)) ** 2 for p, x in row), Fraction(0)) for row in found)

    def inertia(self) -> tuple[int, int] | None:
        return symmetric_inertia.inertia(self.measured.at.point, eigenvectors)

    def lipschitz(self, radius: Ball, constants: str) -> Ball:
        require(constants in symmetric.CONSTANTS, "constants")
        of = self.measured if constants == "sharp" else self.measured._replace(shape=None)
        return symmetric_facts.facts(of, radius, every_dimension=False).lipschitz

    def theorem_e(self, radius: Ball, constants: str, everywhere: bool = False) -> tuple[bool, Ball, Ball]:
        at = symmetric_facts.facts(self.measured, radius, every_dimension=everywhere)
        chi, L = ball.largest(s.inverse.size for s in at.spectra), self.lipschitz(radius, constants)
        holds, r, reach = newton.theorem_e(Ball(0), chi, upper(at.gradient) * chi, L, radius)
        return holds.holds, r, reach

    @cached_property
    def critical(self) -> tuple[Ball, Ball, Ball]:
        here = self.at
        for _ in range(12):
            steps = symmetric._newton_steps(here)
            here = symmetric.moved_by(here, steps, BITS)
        fine = SymmetricTruth(here)
        holds, r, _ = fine.theorem_e(lower(ball.smallest(fine.facts.neurons)) / 2, "simple")
        require(holds, "no critical point found by Newton's method")
        f, L = fine.facts, fine.lipschitz(r, "simple")
        steepest = upper(ball.largest((abs(f.spectrum.values[0]), abs(f.spectrum.values[-1]))))
        low, high = newton.taylor(f.objective, upper(f.gradient), steepest, L, r)
        return symmetric._distance(self.at, here) + ball.symmetric(r), ball.hull(low, high), r


def eigenvectors(matrix: ball.BallMatrix) -> Eigen:
    found = guess.eigen([[float(x) for x in row] for row in matrix.tolist()])
    require(found is not None, "no eigendecomposition")
    return Eigen(*found)  # type: ignore[misc]


@cache
def truth(point: tuple[Any, ...], targets: tuple[Any, ...]) -> Truth:
    return Truth(point, targets)


@cache
def symmetric_truth(at: SymmetricPoint) -> Truth | SymmetricTruth:
    """With all entries if there are few."""
    if at.n * at.k > IN_FULL:
        return SymmetricTruth(at)
    classes, m = [c for c, p in enumerate(at.sizes) for _ in range(p)], len(at.sizes)

    def entry(i: int, j: int) -> tuple[int, int]:
        c, a = classes[i], classes[j]
        return at.values[a][m] if c == a and i != j else at.values[c][a]

    neurons = [tuple(entry(i, j) for i in range(at.k)) for j in range(at.k)]
    neurons += [tuple(neuron[c] for c in classes) for neuron in at.extra]
    return truth(tuple(neurons), unit_vectors(at.k))


def unit_vectors(k: int) -> tuple[tuple[tuple[int, int], ...], ...]:
    return tuple(tuple((int(i == j), 0) for j in range(k)) for i in range(k))


def rows(value: list[Any]) -> tuple[tuple[tuple[int, int], ...], ...]:
    return tuple(tuple((int(m), e) for m, e in row) for row in value)


def load(data: bytes) -> Json:
    """JSON by section 1, read in another way than the checker does."""

    def pairs(items: list[tuple[str, Any]]) -> Json:
        names = [name for name, _ in items]
        require(len(set(names)) == len(names), "duplicate member")
        return dict(items)

    def integer(text: str) -> int:
        require(text != "-0" and abs(int(text)) < 2**53, "integer")
        return int(text)

    def no(text: str) -> Any:
        raise Untrue(f"number {text}")

    try:
        return dict(
            json.loads(
                data.decode(), object_pairs_hook=pairs, parse_int=integer, parse_float=no, parse_constant=no
            )
        )
    except (UnicodeDecodeError, json.JSONDecodeError, TypeError) as failure:
        raise Untrue(f"not JSON: {failure}") from failure


def judge(data: bytes) -> None:
    """Raises Untrue unless everything that the unsigned certificate claims is true."""
    document = load(data)
    error = next(iter(VALIDATOR.iter_errors(document)), None)
    require(error is None, f"schema: {error and error.message[:100]}")
    claim, evidence = document["statement"]["claim"], document["statement"]["evidence"]
    require(claim["schema"] in VERSIONS, "a later version")
    require(claim["schema"] == VERSIONS[1] or not any(x in claim for x in NEW), "a member of version 1.1")
    require("robust" not in claim, "robust is not judged here")
    for _place, item in leaves(document["statement"]["claim"]):
        if is_dyadic(item):
            m, e = int(item[0]), item[1]
            require(m % 2 == 1 or (m, e) == (0, 0), "dyadic")
            require(abs(m).bit_length() <= 65536 and type(e) is int, "dyadic")
    check_decimals(claim["bounds"], ())
    check_evidence(evidence)
    with ball.precision(BITS):
        try:
            check_numbers(claim)
        except (NotProved, OverflowError) as failure:
            raise Untrue(f"kernel: {failure}") from failure


def check_decimals(item: Any, place: Place) -> None:
    if is_number(item):
        exact, shown, up = value(item["exact"]), item["decimal"], is_upper(place)
        require(DECIMAL.fullmatch(shown) is not None, "decimal")
        digits = re.sub(r"e.*", "", shown).lstrip("-0.").replace(".", "")
        require(len(digits if "." in shown else digits.rstrip("0")) <= 6, "decimal: more than six digits")
        require(exact >= 0 or place[-1] not in NONNEGATIVE, "a negative radius")
        shown = Fraction(shown)
        require(shown >= exact if up else shown <= exact, f"decimal of {place}: wrong side")
        require(abs(shown - exact) * 10**4 <= abs(exact), f"decimal of {place}: far off")
    elif isinstance(item, dict | list) and not is_dyadic(item):
        for name, part in item.items() if isinstance(item, dict) else enumerate(item):
            check_decimals(part, (*place, name))


def check_evidence(evidence: list[Json]) -> None:
    for argument in evidence:
        for i in argument["inequalities"]:
            check_decimals({name: i[name] for name in ("left", "right") if i[name]}, ())
            if i["proved"]:
                require(i["left"] is not None and i["right"] is not None, "evidence: no number")
                left, right = value(i["left"]["exact"]), value(i["right"]["exact"])
                require(left < right if i["relation"] == "<" else left <= right, "evidence: false inequality")
        steps = [i["proved"] for i in argument["inequalities"]]
        require(not argument["holds"] or (bool(steps) and all(steps)), "evidence: does not hold")


def subject(claim: Json) -> Truth | SymmetricTruth:
    """The point that the claim is about."""
    point, targets, bounds = claim["point"], claim["problem"]["targets"], claim["bounds"]
    counts = {type(x) for x in bounds.get("inertia", {}).values()}
    if claim["method"] == "hessian":
        require(isinstance(point, list) and counts <= {int}, "form")
        k = claim["problem"]["k"]
        point, targets = rows(point), unit_vectors(k) if targets == "orthonormal" else rows(targets)
        require(len({len(row) for row in (*point, *targets)}) == 1, "shapes do not match")
        return truth(point, targets)
    require(claim["schema"] == VERSIONS[1] and isinstance(point, dict) and counts <= {str}, "form")
    require(all(x.isdecimal() for x in bounds.get("inertia", {}).values()), "form")
    require(targets == "orthonormal" and bounds["lipschitz"]["constants"] in symmetric.CONSTANTS, "form")
    require(not any(name.endswith("safran_shamir") for name in bounds), "form")
    sizes, values, extra = tuple(point["class_sizes"]), rows(point["values"]), rows(point["extra"])
    try:
        at = SymmetricPoint(sizes, values, extra)
    except InputError as failure:
        raise Untrue(str(failure)) from failure
    alone = (row[-1] for p, row in zip(sizes, values, strict=True) if p == 1)
    require(all(x == (0, 0) for x in alone), "an entry that no neuron has")
    require(claim["problem"]["d"] == at.k, "shapes do not match")
    return symmetric_truth(at)


def check_numbers(claim: Json) -> None:
    problem, bounds, verdict = claim["problem"], claim["bounds"], claim["verdict"]
    n, k, d = problem["n"], problem["k"], problem["d"]
    everywhere, t = "dimension" in claim, subject(claim)
    require(everywhere == ("lambda_min_outside" in bounds), "dimension without lambda_min_outside")
    require(not everywhere or (d == k and verdict != "not-critical"), "dimension")
    require((n, k, n * d) == (t.n, t.k, t.n_d), "shapes do not match")

    def at(name: str, place: int | str | None = None) -> Ball:
        found = bounds[name] if place is None else bounds[name][place]
        m, e = found["exact"]
        return ball.exact((int(m), e))

    f, alpha, constants = t.facts, at("lipschitz", "radius"), bounds["lipschitz"]["constants"]
    low, high = f.spectrum.values[0], f.spectrum.values[-1]
    # Bounds of the point itself.
    at_most(f.gradient, at("gradient_norm"), "gradient_norm")
    at_most(at("lambda_min", 0), low, "lambda_min low")
    at_most(low, at("lambda_min", 1), "lambda_min high")
    at_most(high, at("lambda_max"), "lambda_max")
    if "lambda_min_safran_shamir" in bounds:
        at_most(at("lambda_min_safran_shamir"), low, "lambda_min_safran_shamir")
    if everywhere:
        at_most(at("lambda_min_outside", 0), t.outside.values[0], "lambda_min_outside low")
        at_most(t.outside.values[0], at("lambda_min_outside", 1), "lambda_min_outside high")
    inertia = t.inertia()
    if "inertia" in bounds:
        counted = bounds["inertia"]
        require(inertia == (int(counted["negative"]), int(counted["positive"])), "inertia")
    # The ball, and the Lipschitz constant there.
    require(ball.proves_positive(alpha), "lipschitz radius")
    radius = value(bounds["lipschitz"]["radius"]["exact"])
    require(radius**2 < t.shortest(), "a neuron in reach of the origin")
    L = t.lipschitz(alpha, constants)
    at_most(L, at("lipschitz", "value"), "lipschitz value")
    if "lipschitz_safran_shamir" in bounds:
        paper = lipschitz.safran_shamir(f.neurons, f.targets, alpha)
        at_most(paper, at("lipschitz_safran_shamir"), "lipschitz_safran_shamir")
    steepest = upper(ball.largest((abs(low), abs(high))))
    if verdict == "not-critical":
        radius = at("exclusion_radius")
        require(proves_le(radius, alpha), "exclusion_radius above lipschitz radius")
        at_most((steepest + L * radius / 2) * radius, f.gradient, "exclusion_radius")
        require(proves_lt(Ball(0), f.gradient), "exclusion_radius: critical")
        contains(at("objective", 0), f.objective, at("objective", 1))
        require("basin" not in bounds and "existence_radius_lemma_1" not in bounds, "not about a minimum")
        return
    # Existence and uniqueness.
    holds, r, reach = t.theorem_e(alpha, constants, everywhere)
    require(holds, "Theorem E")
    if everywhere:
        low, high = ball.smallest((low, t.outside.values[0])), ball.largest((high, t.outside.values[-1]))
        require(verdict not in MINIMA or ball.proves_positive(t.outside.values[0]), "verdict: M")
    apart, least_value, _ = t.critical
    at_most(apart, upper(r), "Theorem E contradicts Newton's method")
    at_most(apart, at("existence_radius"), "existence_radius: W* is farther away")
    at_most(at("uniqueness_radius"), reach, "uniqueness_radius")
    eps, least = upper(f.gradient), lower(low)
    first, r1 = newton.lemma_1(least, eps, L, alpha)
    require(first.holds or constants != "paper" or verdict not in MINIMA, "Lemma 1")
    if "existence_radius_lemma_1" in bounds:
        require(first.holds, "Lemma 1")
        at_most(r1, at("existence_radius_lemma_1"), "existence_radius_lemma_1")
    # The verdict and the value.
    require(inertia is not None and (inertia[0] == 0) == (verdict in MINIMA), "verdict: inertia")
    if verdict == "spurious-minimum":
        require(n >= k and ball.proves_positive(least_value), "verdict: not spurious")
    if verdict == "global-minimum":
        near = f.to_global is not None and n == k
        require(near and proves_lt(f.to_global, reach), "verdict: not global")  # type: ignore[arg-type]
        least_value = Ball(0)
    contains(at("objective", 0), least_value, at("objective", 1))
    if "basin" in bounds:
        require(verdict in MINIMA and ball.proves_positive(at("basin", "step")), "basin: not of a minimum")
        r = r if not first.holds else r.min(r1)
        R = at("basin", "radius") + r
        at_most(R + r, alpha, "basin radius, D.2")
        at_most(L * R / 2, least - L * r, "basin radius, D.3")
        at_most(at("basin", "step"), 2 / (upper(high) + L * r + L * R / 2), "basin step")


def contains(low: Ball, x: Ball, high: Ball) -> None:
    at_most(low, x, "objective low")
    at_most(x, high, "objective high")
    require(square(x).is_finite(), "objective")


# ---- changing -------------------------------------------------------------------------------------------


def is_dyadic(item: Any) -> bool:
    return isinstance(item, list) and len(item) == 2 and isinstance(item[0], str) and isinstance(item[1], int)


def is_number(item: Any) -> bool:
    return isinstance(item, dict) and item.keys() == {"exact", "decimal"} and is_dyadic(item["exact"])


def is_upper(place: Place) -> bool:
    """Which side of the truth the number at this place must be on."""
    return place[-1] not in LOWER_BOUNDS and place[-1] != 0


def leaves(item: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every member and element, containers too; a number and its parts, a dyadic as one."""
    yield place, item
    if isinstance(item, dict):
        for name, part in item.items():
            yield from leaves(part, (*place, name))
    elif isinstance(item, list) and not is_dyadic(item):
        for index, part in enumerate(item):
            yield from leaves(part, (*place, index))


def get(document: Any, place: Place) -> Any:
    for part in place:
        document = document[part]
    return document


def replaced(document: Json, place: Place, new: Any) -> Json:
    copy = deepcopy(document)
    get(copy, place[:-1])[place[-1]] = new
    return copy


def encode(document: Json) -> bytes:
    """A member called "@twice:NAME" is written as NAME, and so occurs twice."""
    return json.dumps(document).replace('"@twice:', '"').encode()


def number_changes(item: Json, place: Place, others: list[Json]) -> Iterator[tuple[str, Any]]:
    (m, e), x, up = (int(item["exact"][0]), item["exact"][1]), value(item["exact"]), is_upper(place)
    for step in (1, -1):
        yield f"unit {step:+}", written(canonical(m + step, e), up)
        yield f"unit/2 {step:+}", written(canonical(2 * m + step, e - 1), up)
        for power in (3, 10, 17, 19, 20, 30):
            yield f"times 1{step:+}*2^-{power}", number(x * (1 + Fraction(step, 2**power)), up, 64)
    for bit in (1, 4, 9, 17):
        yield f"bit {bit} flipped", written(canonical((abs(m) ^ 1 << bit) * (-1 if m < 0 else 1), e), up)
    for factor in (2, Fraction(1, 2), 1000, Fraction(1, 1000), -1, 0):
        yield f"times {factor}", number(x * factor, up, 64)
    for other in others:
        yield "another number", deepcopy(other)
        yield "another exact value", written((int(other["exact"][0]), other["exact"][1]), up)
    shown = item["decimal"]
    wrong = decimal((m, e), DOWN if up else UP)
    for text in (wrong, "-" + shown, shown + "0", shown.replace(".", ""), "0", "NaN", "", shown + "e1"):
        yield f"decimal {text}", item | {"decimal": text}
    for distance in (5000, 50_000, -50_000):
        near = number(x * (1 + Fraction(1 if up else -1, distance)), up)["decimal"]
        yield f"decimal off by 1/{distance}", item | {"decimal": near}
    yield "null", None
    yield "only exact", item["exact"]


def dyadic_changes(item: list[Any], others: list[Any]) -> Iterator[tuple[str, Any]]:
    m, e = int(item[0]), item[1]

    def pair(a: int, b: int) -> list[Any]:
        return [str(a), b]

    for step in (1, -1, 2, -2):
        yield f"unit {step:+}", pair(*canonical(m + step, e))
        yield f"2^-40 units {step:+}", pair(*canonical((m << 40) + step, e - 40))
        yield f"exponent {step:+}", pair(m, e + step)
    for bit in (1, 3, 8, 20, 52):
        yield f"bit {bit} flipped", pair(*canonical(m ^ 1 << bit, e))
    yield "negated", pair(-m, e)
    yield "zero", pair(0, 0)
    yield "even mantissa", pair(2 * m, e - 1)
    yield "zero with an exponent", pair(0, e + 1)
    yield "mantissa as a number", [m, e]
    yield "exponent as a string", [str(m), str(e)]
    yield "leading zero", ["0" + item[0], e]
    yield "plus sign", ["+" + item[0], e]
    for other in others:
        yield "another", deepcopy(other)


def changes(item: Any, place: Place, same: Callable[[Any], list[Any]]) -> Iterator[tuple[str, Any]]:
    """(what, new value) for one place. same: some other values of the same type."""
    if is_number(item):
        yield from number_changes(item, place, same(item))
        yield "extra member", item | {"more": 1}
        return
    if is_dyadic(item):
        yield from dyadic_changes(item, same(item))
        return
    if isinstance(item, bool):
        yield from [("flipped", not item), ("integer", int(item)), ("string", str(item)), ("null", None)]
    elif isinstance(item, int):
        new = (item + 1, item - 1, 0, -1, 2 * item + 1, -item - 2, item == 1, str(item), None, 2**53)
        yield from ((f"integer {x}", x) for x in new)
    elif isinstance(item, str):
        yield from ((f"string {x}", x) for x in TOKENS if x != item)
        yield from [("empty", ""), ("capitals", item.upper()), ("space", item + " "), ("line", item + "\n")]
        yield from [("null", None), ("integer", 1), ("list", [item])]
        yield from ((version, version) for version in (*VERSIONS, "relucert-certificate/1.2"))
    elif item is None:
        yield from [("integer", 0), ("string", ""), ("object", {}), ("number", number(Fraction(1, 3), True))]
    elif isinstance(item, list):
        yield from [("reversed", item[::-1]), ("empty", []), ("object", {}), ("null", None)]
        yield from [("shorter", item[:-1]), ("longer", item + item[-1:]), ("rotated", item[1:] + item[:1])]
        yield "nested", [item]
    else:
        for name in item:
            yield f"without {name}", {key: x for key, x in item.items() if key != name}
            yield f"{name} twice", item | {f"@twice:{name}": item[name]}
        for one, two in itertools.pairwise(item):
            yield f"{one} and {two} exchanged", item | {one: item[two], two: item[one]}
        yield from [("extra member", item | {"more": 0}), ("list", [item]), ("null", None)]


def all_changes(document: Json, draw: random.Random) -> Iterator[tuple[Place, str, Any]]:
    found = list(leaves(document))
    numbers = [x for _, x in found if is_number(x)]
    dyadics = [x for place, x in found if is_dyadic(x) and place[-1] != "exact"]

    def same(item: Any) -> list[Any]:
        pool = [x for x in (numbers if is_number(item) else dyadics) if x != item]
        return draw.sample(pool, min(2, len(pool)))

    for place, item in found:
        if place and place[-1] not in ("exact", "decimal"):
            for what, new in changes(item, place, same):
                yield place, what, new


def mutants(documents: dict[str, Json], count: int, seed: int) -> Iterator[Mutant]:
    """`count` different mutants: single changes in a seeded order, and pairs of changes."""
    draw = random.Random(seed)  # noqa: S311 -- no secret
    singles = [(name, *c) for name, document in documents.items() for c in all_changes(document, draw)]
    draw.shuffle(singles)
    seen = {encode(document) for document in documents.values()}
    made = 0

    def fresh(what: str, document: Json) -> Iterator[Mutant]:
        nonlocal made
        data = encode(document)
        if data not in seen:
            seen.add(data)
            made += 1
            yield what, data

    for name, place, what, new in singles:
        if made < count * 3 // 4:
            yield from fresh(f"{name} {dotted(place)}: {what}", replaced(documents[name], place, new))
    by_name: dict[str, list[tuple[Place, str, Any]]] = {}
    for name, *change in singles:
        if change[0][-1] not in ("payloadType", "statement", "signatures", "claim", "schema"):
            by_name.setdefault(name, []).append(tuple(change))  # type: ignore[arg-type]
    while made < count:
        name = draw.choice(sorted(by_name))
        (one, what, new), (two, also, other) = draw.sample(by_name[name], 2)
        if one[: len(two)] != two and two[: len(one)] != one:
            document = replaced(replaced(documents[name], one, new), two, other)
            yield from fresh(f"{name} {dotted(one)}: {what}; {dotted(two)}: {also}", document)


def dotted(place: Place) -> str:
    return ".".join(str(part) for part in place)


# ---- running --------------------------------------------------------------------------------------------


def bases() -> dict[str, Json]:
    """Certificates of all verdicts, unsigned."""
    return {name: load((ACCEPT / f"{name}.json").read_bytes()) | {"signatures": []} for name in BASES}


def judged(data: bytes) -> str:
    """Why it is not true, or an empty string."""
    try:
        judge(data)
    except Untrue as reason:
        return str(reason) or "untrue"
    return ""


def run(documents: dict[str, Json], count: int, seed: int) -> tuple[Counter[str], list[str], list[str]]:
    """Counts per result; failures (accepted and not true, or a crash); rejected although judged true."""
    from relucert_audit.check import check
    from relucert_audit.trust import Trust

    results: Counter[str] = Counter()
    failures, strict = [], []
    for what, data in mutants(documents, count, seed):
        try:
            report = check(data, "mutant.json", Trust(), NOW)
        except Exception as failure:  # noqa: BLE001 -- a crash is what is looked for
            results["crash"] += 1
            failures.append(f"CRASH {type(failure).__name__}: {failure}: {what}")
            continue
        results[report.result] += 1
        untrue = judged(data)
        if untrue:
            if report.result == "accepted":
                failures.append(f"ACCEPTED THOUGH {untrue}: {what}")
        elif report.result == "accepted":
            results["accepted and judged true"] += 1
        elif report.result == "not-confirmed":
            results["not-confirmed though true"] += 1
        else:
            strict.append(f"{report.result} though true: {what}: {report.finding}")
    return results, failures, strict


def sharpest(documents: dict[str, Json], verbose: bool = False) -> tuple[int, list[str]]:
    """For every bound the sharpest value that is accepted, by bisection, which must be true; failures."""
    from relucert_audit.check import check
    from relucert_audit.trust import Trust

    tried, failures = 0, []
    for name, document in documents.items():
        bounds = document["statement"]["claim"]["bounds"]
        for place, item in leaves(bounds, ("statement", "claim", "bounds")):
            if not is_number(item) or not int(item["exact"][0]):
                continue
            up, x = is_upper(place), value(item["exact"])
            low, high = Fraction(0), Fraction(1)  # by how much sharper: accepted, not accepted
            sign = (-1 if up else 1) * (1 if x > 0 else -1)

            def sharper(by: Fraction) -> bytes:
                return encode(replaced(document, place, number(x * (1 + sign * by), up, 80)))  # noqa: B023

            for _ in range(60):
                middle = (low + high) / 2
                tried += 1
                if check(sharper(middle), "mutant.json", Trust(), NOW).result == "accepted":
                    low = middle
                else:
                    high = middle
                if high - low < low / 2**30 or high < Fraction(1, 2**60):
                    break
            untrue = judged(sharper(low))
            if untrue:
                failures.append(f"ACCEPTED THOUGH {untrue}: {name} {dotted(place)} sharper by {float(low)}")
            elif verbose:
                print(f"  {name} {dotted(place[3:])}: sharper by {float(low):.3g} at most")
    return tried, failures


def main() -> int:
    count, seed = (int(sys.argv[i]) if len(sys.argv) > i else default for i, default in ((1, 10_000), (2, 1)))
    documents = bases()
    start = time.perf_counter()
    for name, document in documents.items():
        if untrue := judged(encode(document)):
            print(f"{name}: judged untrue, {untrue}")
            return 1
    results, failures, strict = run(documents, count, seed)
    seconds = time.perf_counter() - start
    print(f"{count} mutants of {len(documents)} certificates in {seconds:.0f} s, seed {seed}")
    for name, times in results.most_common():
        print(f"  {name}: {times}")
    print(f"  rejected or malformed though true: {len(strict)}")
    for line in strict[:30]:
        print(f"    {line}")
    start = time.perf_counter()
    tried, more = sharpest(documents)
    failures += more
    print(f"{tried} steps to the sharpest bounds accepted in {time.perf_counter() - start:.0f} s")
    print(f"accepted though not true, or crashed: {len(failures)}")
    for line in failures:
        print(f"  {line}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
