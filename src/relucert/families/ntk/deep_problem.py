"""Exact problems of training a deep network of smooth activation: the data, the start, the step."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import prod

from relucert.base.dyadic import Dyadic
from relucert.base.errors import InputError
from relucert.base.exact import Rows
from relucert.base.seeded import PLACES, gaussians
from relucert.certificate.numbers import Json, dyadic, dyadics, rows
from relucert.families.ntk.shallow_problem import MOST_DIGITS, Seeded, check_size, check_step
from relucert.kernel import ball
from relucert.kernel.ball import BallMatrix, exact
from relucert.kernel.ntk.deep import Data, Net, Weights, network
from relucert.kernel.ntk.deep_activation import ACTIVATIONS, activation

DEEP = "deep-gradient-descent"
DENSE, RESIDUAL = "dense", "residual"
MOST_ROWS, MOST_COLUMNS, MOST_WIDTH, MOST_DEPTH, MOST_STEPS = 64, 1024, 1024, 32, 2000
MOST_WORK = 2**33  # H m^2 n T


@dataclass(frozen=True)
class Layers:
    """layers: W_1, .., W_H; output: a."""

    layers: tuple[Rows, ...]
    output: tuple[Dyadic, ...]


@dataclass(frozen=True)
class Architecture:
    """c_res: of the skip connections, None for a dense network."""

    activation: str
    width: int
    depth: int
    c_res: Fraction | None = None

    def __post_init__(self) -> None:
        if self.activation not in ACTIVATIONS:
            raise InputError(
                f"--activation {self.activation[:40]}: expected one of {', '.join(ACTIVATIONS)}; for relu "
                "there is relucert ntk certify"
            )
        for what, size, most in (("width", self.width, MOST_WIDTH), ("depth", self.depth, MOST_DEPTH)):
            if not 1 <= size <= most:
                raise InputError(f"--{what} {size}: expected 1 to {most}")
        if self.c_res is None:
            return
        if self.depth == 1:
            raise InputError(
                "--resnet: skip connections need --depth 2 or more; one layer is the same without"
            )
        if self.c_res <= 0 or max(self.c_res.numerator, self.c_res.denominator) >= 10**MOST_DIGITS:
            raise InputError(f"--c-res: expected a positive number of at most {MOST_DIGITS} digits")

    def net(self) -> Net:
        """With k_h at the present precision."""
        c_res = None if self.c_res is None else ball.ratio(self.c_res.as_integer_ratio())
        return network(activation(self.activation), self.width, self.depth, c_res)

    def record(self) -> Json:
        """These members of a problem."""
        found: Json = {"width": self.width, "depth": self.depth, "activation": self.activation}
        if self.c_res is None:
            return {**found, "architecture": DENSE}
        return {**found, "architecture": RESIDUAL, "c_res": str(self.c_res)}


@dataclass(frozen=True)
class DeepTraining:
    """x: n rows of d, y: n labels; step: eta. All numbers are exact.

    Raises InputError where nothing can be proved, or where a certificate does not take it.
    """

    x: Rows
    y: tuple[Dyadic, ...]
    of: Architecture
    start: Seeded | Layers
    step: Fraction

    def __post_init__(self) -> None:
        n, d = len(self.x), len(self.x[0]) if self.x else 0
        if n == 0 or d == 0 or any(len(row) != d for row in self.x):
            raise InputError("x: expected at least one row, all of the same length")
        if len(self.y) != n:
            raise InputError(f"x has {n} rows, but there are {len(self.y)} labels y; expected as many")
        for what, size, most in (("rows of x", n, MOST_ROWS), ("columns of x", d, MOST_COLUMNS)):
            if size > most:
                raise InputError(f"{size} {what}: expected 1 to {most}")
        check_size("x", self.x)
        check_size("y", [self.y])
        check_step(self.step)
        first: dict[tuple[Dyadic, ...], int] = {}
        for i, row in enumerate(self.x):
            if (before := first.setdefault(row, i)) != i:
                raise InputError(
                    f"x, rows {before} and {i} are equal: no network tells them apart, and the Gram matrix is "
                    "singular; leave one out"
                )
        self._check_start()
        if self.most_steps < 1:
            raise InputError("H m^2 n is too large: take fewer neurons, layers or rows")

    def _check_start(self) -> None:
        if isinstance(self.start, Seeded):
            check_size("scale", [[self.start.scale]])
            return
        found = [*((len(layer), len(layer[0]) if layer else 0) for layer in self.start.layers)]
        if found != self.shapes[:-1]:
            raise InputError(
                f"layers: shapes {', '.join(map(str, found))}; expected {', '.join(map(str, self.shapes[:-1]))}"
            )
        if len(self.start.output) != self.of.width:
            raise InputError(f"output: {len(self.start.output)} numbers; expected {self.of.width}")
        for h, layer in enumerate(self.start.layers):
            check_size(f"layer {h}", layer)
        check_size("output", [self.start.output])

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """Of W_1, .., W_H and a."""
        m, d = self.of.width, len(self.x[0])
        return [(m, d), *((m, m) for _ in range(self.of.depth - 1)), (1, m)]

    @property
    def most_steps(self) -> int:
        return min(MOST_STEPS, MOST_WORK // (self.of.depth * self.of.width**2 * len(self.x)))

    def check_steps(self, steps: int) -> None:
        """Raises InputError for more steps than a certificate takes."""
        if not 0 <= steps <= self.most_steps:
            raise InputError(
                f"--run {steps}: for these data and this network expected 0 to {self.most_steps}"
            )

    def weights(self) -> Weights:
        """Exactly."""
        if isinstance(self.start, Seeded):
            mantissa, exponent = self.start.scale
            count = sum(prod(shape) for shape in self.shapes)
            given = ((mantissa * v, exponent - PLACES) for v in gaussians("weights", self.start.seed, count))
        else:
            tables = [*self.start.layers, (self.start.output,)]
            given = (x for table in tables for row in table for x in row)
        balls = map(exact, given)
        *layers, output = (BallMatrix(r, c, [next(balls) for _ in range(r * c)]) for r, c in self.shapes)
        return Weights(tuple(layers), output)

    def data(self) -> Data:
        inputs = BallMatrix([[exact(v) for v in row] for row in self.x]).transpose()
        return Data(inputs, BallMatrix([[exact(v) for v in self.y]]))

    def record(self) -> Json:
        """As the member `problem` of a claim."""
        return {"x": rows(self.x), "y": dyadics(self.y), **self.of.record(), "step": str(self.step)}

    def start_record(self) -> Json:
        """As the member `start` of a claim."""
        if isinstance(self.start, Seeded):
            return {"weights": {"seed": self.start.seed, "scale": dyadic(self.start.scale)}}
        layers = [rows(layer) for layer in self.start.layers]
        return {"weights": {"layers": layers, "output": dyadics(self.start.output)}}
