"""The octopus, a step, a start: exact, or refused with the hypothesis of section 16 that fails."""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import e
from pathlib import Path

from relucert.base.errors import InputError
from relucert.base.rational import exact_number
from relucert.kernel.octopus.function import Octopus
from relucert.kernel.octopus.perturbed import Noise

MOST_DIMENSIONS = 10**6
MOST_DIGITS = 300  # of numerators and denominators, docs/spec/octopus-v1.md
LARGEST_FILE = 2**24
SEED_BITS = 20  # random starts are multiples of 2^-20
MOST_WAIT = 2**53
E_FROM_BELOW = Fraction(e)  # the double next to e; e is larger by 1.4e-16


@dataclass(frozen=True)
class OctopusProblem:
    """f in R^d and a step of gradient descent; None: no step is needed. tau: None stands for e.

    Raises InputError unless d >= 2, L >= gamma > 0, tau > 0, and 0 < step <= 1/(2 L), tau >= e with a step.
    """

    d: int
    L: Fraction
    gamma: Fraction = Fraction(1)
    tau: Fraction | None = None
    step: Fraction | None = None

    def __post_init__(self) -> None:
        if not 2 <= self.d <= MOST_DIMENSIONS:
            raise InputError(f"d = {self.d}: expected 2 to {MOST_DIMENSIONS}")
        for name in ("L", "gamma", "tau", "step"):
            value = getattr(self, name)
            if value is not None:
                _check(value, name)
                if value <= 0:
                    raise InputError(f"{name} = {shown(value)}: expected a positive number")
        if self.gamma > self.L:
            raise InputError(
                f"L = {shown(self.L)} is below gamma = {shown(self.gamma)}: the theorems need L >= gamma"
            )
        if self.step is not None:
            self._check_step(self.step)

    def _check_step(self, step: Fraction) -> None:
        if 2 * step * self.L > 1:
            raise InputError(
                f"step = {shown(step)} is above 1/(2 L) = {shown(1 / (2 * self.L))}: "
                "Theorem 16.D needs step <= 1/(2 L)"
            )
        if self.tau is not None and self.tau <= E_FROM_BELOW:
            raise InputError(
                f"tau = {shown(self.tau)}: for starts in [-1, 1]^d Theorem 16.D needs tau >= e = 2.71828.."
            )

    @classmethod
    def from_text(
        cls, d: int, L: str, gamma: str = "1", tau: str = "e", step: str | None = None
    ) -> OctopusProblem:
        """From exact decimals and fractions; tau may be "e"."""
        width = None if tau.strip() == "e" else exact_number(tau, "--tau")
        eta = None if step is None else exact_number(step, "--step")
        return cls(d, exact_number(L, "--L"), exact_number(gamma, "--gamma"), width, eta)

    @property
    def function(self) -> Octopus:
        """For the kernel."""
        return Octopus(self.d, self.L, self.gamma, self.tau, self.step or Fraction(0))

    def check_escape(self, what: str) -> None:
        """Raises InputError for the one allowed step with which nothing escapes."""
        if self.step is None:
            raise InputError(f"{what} needs a step")
        if 2 * self.step * self.L == 1:
            raise InputError(
                f"step = 1/(2 L) = {shown(self.step)}: the first step makes all coordinates but the first exactly 0, "
                "so gradient descent never escapes the second saddle; take a smaller step"
            )


def check_noise(noise: Noise) -> None:
    """Raises InputError for numbers that cannot be written, or are not positive."""
    for name in ("threshold", "radius", "least", "accuracy"):
        value = getattr(noise, name)
        _check(value, name)
        if value <= 0:
            raise InputError(f"--{name} {shown(value)}: expected a positive number, in units of tau")
    if not 0 <= noise.wait < MOST_WAIT:
        raise InputError(f"--wait {noise.wait}: expected 0 to 2^53")


def check_start(start: Sequence[Fraction], d: int, *, zeros: bool) -> None:
    """Raises InputError unless x_0 has d entries in [-1, 1], none 0 unless `zeros`."""
    if len(start) != d:
        raise InputError(f"the start has {len(start)} entries; expected d = {d}")
    for i, x in enumerate(start, 1):
        _check(x, f"the start, coordinate {i}")
        if abs(x) > 1:
            raise InputError(
                f"the start, coordinate {i}, is {shown(x)}: outside the cube [-1, 1]^d, of which Theorem 16.D speaks"
            )
        if x == 0 and not zeros:
            raise InputError(
                f"the start, coordinate {i}, is 0: gradient descent keeps it 0 and never escapes the saddle there "
                f"(T_{i} is infinite)"
            )


def read_start(text: str) -> tuple[Fraction, ...]:
    """A list such as 1,-0.5,1/3, or a file of one: numbers, or a JSON list. Raises InputError."""
    where, values = "--start", text
    if os.path.isfile(text):  # Path.is_file raises for a long list
        path, where = Path(text), f"--start {text}"
        if path.stat().st_size > LARGEST_FILE:
            raise InputError(f"{where}: larger than {LARGEST_FILE} bytes")
        try:
            values = path.read_text(encoding="utf-8").strip()
        except ValueError as error:  # bytes that are not UTF-8
            raise InputError(f"{where}: not a text: {error}") from error
    elif any(x.isalpha() and x not in "eE" for x in text):
        raise InputError(f"--start {text[:80]}: neither a file nor a list of finite numbers")
    parts = _json(values, where) if values.startswith("[") else re.split(r"\s*,\s*|\s+", values.strip())
    return tuple(exact_number(x, f"{where}, coordinate {i}") for i, x in enumerate(parts, 1))


def _json(text: str, where: str) -> list[str]:
    try:
        values = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: not a JSON list of numbers: {error}") from error
    if not isinstance(values, list) or not all(isinstance(x, str) for x in values):
        raise InputError(f"{where}: expected a JSON list of numbers or strings, without lists inside")
    return values


def random_start(d: int, seed: int) -> tuple[Fraction, ...]:
    """Independent multiples of 2^-20 in [-1, 1], uniform without 0: doubles, exactly."""
    rng = random.Random(seed)  # noqa: S311 - not a secret
    most = 2**SEED_BITS
    return tuple(Fraction(rng.randint(1, most) * rng.choice((-1, 1)), most) for _ in range(d))


def _check(value: Fraction, name: str) -> None:
    if max(abs(value.numerator), value.denominator) >= 10**MOST_DIGITS:
        raise InputError(f"{name} has more than {MOST_DIGITS} digits: use a shorter number")


def shown(value: Fraction) -> str:
    full = str(value)
    return full if len(full) <= 40 else f"{full[:40]}.."
