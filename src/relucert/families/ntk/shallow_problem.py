"""Exact problems of training a two-layer ReLU network: the data, the start, the step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd

from relucert.base.dyadic import Dyadic
from relucert.base.errors import InputError
from relucert.base.exact import Rows
from relucert.base.seeded import MOST_SEED, PLACES, gaussians, signs
from relucert.certificate.numbers import Json, dyadic, dyadics, rows
from relucert.kernel.ball import IntegerMatrix
from relucert.kernel.ntk.shallow_run import Integers, Net, network

WIDE_NETWORK = "wide-network"
DESCENT, FLOW = "gradient-descent", "gradient-flow"
MOST_ROWS, MOST_COLUMNS, MOST_WIDTH, MOST_STEPS = 128, 1024, 2**14, 1000
MOST_ENTRIES = 2**27  # m n d: the start
MOST_WORK = 2**31  # m n^2 T: the run
PLACES_AFTER, PLACES_BEFORE = 256, 128  # of entries: doubles hold the products that guesses need
MOST_DIGITS = 300


@dataclass(frozen=True)
class Seeded:
    """Weights scale * N_q, q = r d + j."""

    seed: int
    scale: Dyadic = (1, 0)

    def __post_init__(self) -> None:
        check_seed(self.seed)
        if self.scale[0] == 0:
            raise InputError(
                "--scale 0: all neurons would be on the kink of every row; give a positive number"
            )


@dataclass(frozen=True)
class Start:
    """weights: by a seed, or m rows; signs: by a seed, or m times 1 or -1."""

    weights: Seeded | Rows
    signs: int | tuple[int, ...]

    def record(self) -> Json:
        """As the member `start` of a claim."""
        if isinstance(self.weights, Seeded):
            weights: object = {"seed": self.weights.seed, "scale": dyadic(self.weights.scale)}
        else:
            weights = rows(self.weights)
        if isinstance(self.signs, int):
            return {"weights": weights, "signs": {"seed": self.signs}}
        return {"weights": weights, "signs": "".join("+" if a > 0 else "-" for a in self.signs)}


@dataclass(frozen=True)
class Training:
    """x: n rows of d, y: n labels; step: eta, or None for gradient flow. All numbers are exact.

    Raises InputError where nothing can be proved, or where a certificate does not take it.
    """

    x: Rows
    y: tuple[Dyadic, ...]
    width: int
    start: Start
    step: Fraction | None

    def __post_init__(self) -> None:
        n, d, m = len(self.x), len(self.x[0]) if self.x else 0, self.width
        if n == 0 or d == 0 or any(len(row) != d for row in self.x):
            raise InputError("x: expected at least one row, all of the same length")
        if len(self.y) != n:
            raise InputError(f"x has {n} rows, but there are {len(self.y)} labels y; expected as many")
        limits = (("rows of x", n, MOST_ROWS), ("columns of x", d, MOST_COLUMNS), ("neurons", m, MOST_WIDTH))
        for what, size, most in limits:
            if not 1 <= size <= most:
                raise InputError(f"{size} {what}: expected 1 to {most}")
        if m * n * d > MOST_ENTRIES:
            raise InputError(f"m n d = {m * n * d}: expected at most {MOST_ENTRIES}; take fewer neurons")
        for what, table in (("x", self.x), ("y", [self.y])):
            _check_size(what, table)
        _check_directions(self.x)
        self._check_start()
        if self.step is not None:
            check_step(self.step)

    def _check_start(self) -> None:
        given, given_signs = self.start.weights, self.start.signs
        if isinstance(given_signs, int):
            check_seed(given_signs)
        elif len(given_signs) != self.width or set(given_signs) - {1, -1}:
            raise InputError(f"signs: expected {self.width} times 1 or -1, one for each neuron")
        if isinstance(given, Seeded):
            _check_size("scale", [[given.scale]])
            return
        if len(given) != self.width or any(len(row) != len(self.x[0]) for row in given):
            found = f"{len(given)} rows of {len(given[0]) if given else 0}"
            raise InputError(
                f"weights: {found}; expected {self.width} neurons, each with {len(self.x[0])} entries as x"
            )
        _check_size("weights", given)

    @property
    def n(self) -> int:
        return len(self.x)

    @property
    def d(self) -> int:
        return len(self.x[0])

    @property
    def method(self) -> str:
        return FLOW if self.step is None else DESCENT

    def check_steps(self, steps: int) -> None:
        """Raises InputError for more steps than a certificate takes."""
        if not 0 <= steps <= self.most_steps:
            raise InputError(f"--run {steps}: for these data and this width expected 0 to {self.most_steps}")

    @property
    def most_steps(self) -> int:
        return min(MOST_STEPS, MOST_WORK // (self.width * self.n**2))

    def net(self) -> Net:
        """What descent depends on, exactly."""
        m, start = self.width, self.start
        if isinstance(start.weights, Seeded):
            mantissa, exponent = start.weights.scale
            numbers = [mantissa * v for v in gaussians("weights", start.weights.seed, m * self.d)]
            weights = Integers(IntegerMatrix(m, self.d, numbers), exponent - PLACES)
        else:
            weights = integers(start.weights)
        given = signs(start.signs, m) if isinstance(start.signs, int) else start.signs
        return network(integers(self.x), self.y, weights, given)

    def record(self) -> Json:
        """As the member `problem` of a claim."""
        found: Json = {"x": rows(self.x), "y": dyadics(self.y), "width": self.width}
        return found if self.step is None else {**found, "step": str(self.step)}


def integers(table: Rows) -> Integers:
    """With the largest exponent that all entries share."""
    low = min((e for row in table for m, e in row if m), default=0)
    numbers = [m << e - low if m else 0 for row in table for m, e in row]
    return Integers(IntegerMatrix(len(table), len(table[0]), numbers), low)


def check_seed(seed: int) -> None:
    if not 0 <= seed < MOST_SEED:
        raise InputError(f"seed {seed}: expected an integer from 0 to 2^53 - 1")


def check_step(step: Fraction) -> None:
    if step <= 0:
        raise InputError(f"--step {step}: expected a positive number")
    if max(step.numerator, step.denominator) >= 10**MOST_DIGITS:
        raise InputError(f"--step: a number with more than {MOST_DIGITS} digits; use a shorter one")


def _check_size(what: str, table: Sequence[Sequence[Dyadic]]) -> None:
    for i, row in enumerate(table):
        for j, (m, e) in enumerate(row):
            if m and not (e >= -PLACES_AFTER and m.bit_length() + e <= PLACES_BEFORE):
                raise InputError(
                    f"{what}, row {i}, entry {j}: not a multiple of 2^-{PLACES_AFTER} below 2^{PLACES_BEFORE}; round "
                    "it, or rescale the data"
                )


def _check_directions(x: Rows) -> None:
    """Raises InputError for a row 0, and for rows that are positive multiples of one another: H is singular then."""
    seen: dict[tuple[int, ...], int] = {}
    n, d, entries = len(x), len(x[0]), integers(x).entries.entries()
    for i in range(n):
        row = [int(v) for v in entries[i * d : (i + 1) * d]]
        common = gcd(*row)
        if common == 0:
            raise InputError(f"x, row {i} is 0: no weights change its output; leave the row out")
        direction = tuple(v // common for v in row)
        if direction in seen:
            raise InputError(
                f"x, rows {seen[direction]} and {i} are equal, or positive multiples of one another: the Gram "
                "matrix is singular for all weights, and nothing is proved; leave one out"
            )
        seen[direction] = i
