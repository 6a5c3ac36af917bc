"""A result as a user of Python has it: its numbers, its sentence, and its certificate."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from relucert.base import store
from relucert.base.dyadic import is_double, to_float, to_fraction
from relucert.base.enclosure import Bound, Enclosure
from relucert.base.errors import InputError
from relucert.base.visible import escaped
from relucert.families import family_called
from relucert.families.decided import Decided
from relucert.families.printing import explain
from relucert.families.verdicts import heading_of
from relucert.kernel.ball import Ball, to_dyadic, upper
from relucert.kernel.outcome import Inconclusive

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from relucert.families.family import Family
    from relucert.families.pictures import Pictures

AT_MOST, AT_LEAST = "<=", ">="


class RoundedWarning(UserWarning):
    """A point with more bits than doubles have was rounded to doubles: what is proved is of the exact one."""


class Pointed(Protocol):
    """A candidate: its point is dyadics (m, e), in rows or in one."""

    @property
    def point(self) -> Any: ...
    @property
    def source(self) -> str: ...
    @property
    def origin(self) -> Mapping[str, object]: ...


class PointResult(Decided):
    """What was proved about a point. A number is None where nothing is proved of it, or it does not apply.

    What each number bounds is what the certificate's bound of that name does, which is a little weaker: what is
    printed, and what `sentence` claims, is the certificate's.
    """

    family: ClassVar[str]  # its name
    uniqueness: ClassVar[str] = "uniqueness"  # how the kernel calls the radius of uniqueness
    candidate: Pointed
    moved: Ball | None

    @property
    def proved(self) -> bool:
        """Whether anything is."""
        return self.outcome.proved

    @property
    def lambda_min(self) -> Enclosure | None:
        """The smallest eigenvalue of the Hessian."""
        return self._enclosure("lambda_min")

    @property
    def objective(self) -> Enclosure | None:
        """The loss at the critical point, or at the given one, where there is none nearby."""
        return self._enclosure("objective")

    @property
    def gradient_norm(self) -> Bound | None:
        """The norm of the gradient at `point`."""
        return self._bound("gradient", AT_MOST)

    @property
    def existence_radius(self) -> Bound | None:
        """The critical point is within."""
        return self._bound("radius", AT_MOST)

    @property
    def uniqueness_radius(self) -> Bound | None:
        """No other critical point is nearer."""
        return self._bound(self.uniqueness, AT_LEAST)

    @property
    def basin_radius(self) -> Bound | None:
        """Gradient descent from within converges to the minimum, with any fixed step below `basin_step`."""
        return self._bound("basin", AT_LEAST)

    @property
    def basin_step(self) -> Bound | None:
        return self._bound("step", AT_LEAST)

    @property
    def exclusion_radius(self) -> Bound | None:
        """There is no critical point within."""
        return self._bound("exclusion", AT_LEAST)

    @property
    def barrier(self) -> Bound | None:
        """Every continuous path from the minimum to another point as low rises by at least this."""
        return self._bound("barrier", AT_LEAST)

    @property
    def gap(self) -> Bound | None:
        """The loss at the witness is lower by at least this."""
        return self._bound("gap", AT_LEAST)

    @property
    def moved_by(self) -> Bound | None:
        """How far Newton steps moved the point that was given; None where it is that very point."""
        return None if self.moved is None else Bound(to_dyadic(upper(self.moved)), AT_MOST)

    @property
    def exact_point(self) -> tuple[Any, ...]:
        """The point of which the numbers are proved, as Fractions, in rows or in one."""
        return tuple(_mapped(self.candidate.point, to_fraction))

    @property
    def point(self) -> NDArray[np.float64]:
        """The same in floating point; a RoundedWarning where these are other numbers (see `exact_point`)."""
        point = self.candidate.point
        found = np.array(_mapped(point, to_float))
        if not np.isfinite(found).all():
            raise InputError("the point has numbers beyond the range of floats; see exact_point")
        if not all(is_double(x) for x in _flat(point)):
            text = "the point has more digits than floats, and is rounded; what is proved is of exact_point"
            warnings.warn(text, RoundedWarning, stacklevel=2)
        return found

    @property
    def sentence(self) -> str:
        """What is claimed, in full; or why nothing is."""
        if isinstance(self.outcome, Inconclusive):
            return f"Nothing is proved: {explain(self.outcome)}."
        sentence, _ = self._brings().words(self._statement()["claim"])
        return sentence

    def plot(self) -> Pictures:
        """Pictures of what is proved, which a notebook shows, and whose `save` writes a page. They prove nothing.

        Raises InputError where nothing is proved.
        """
        from relucert.families.pictures import pictures  # reads style sheets

        return pictures(self._statement(), self.sentence, "the result")

    def save(
        self, directory: str | PathLike[str], key: str | PathLike[str] | Ed25519PrivateKey | None = None
    ) -> Path:
        """Writes a signed certificate, named by its digest, whole or not at all; returns its path.

        key: an Ed25519 private key or its file; None: the local one, made on first use. Raises InputError where nothing
        is proved.
        """
        from relucert.certificate.provenance import sign_and_store
        from relucert.commands.keys import signing_key

        statement = self._statement()
        if key is None or isinstance(key, str | PathLike):
            key = signing_key(None if key is None else Path(key))
        store.prepare(Path(directory))
        return sign_and_store(statement, Path(directory), cast("Ed25519PrivateKey", key))

    def __str__(self) -> str:
        return "\n".join((self._heading(), self._brings().summary(self)))

    def __repr__(self) -> str:
        numbers = {"lambda_min": self.lambda_min, "objective": self.objective}
        shown = ", ".join(f"{name} in {x}" for name, x in numbers.items() if x is not None)
        return f"<{self._heading()}{': ' if shown else ''}{shown}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{escaped(name)}</th>"
            f"<td style='text-align:left'>{escaped(value)}</td></tr>"
            for name, value in self._rows()
        )
        return f"<table><caption style='text-align:left'>{escaped(self.sentence)}</caption>{rows}</table>"

    def _rows(self) -> list[tuple[str, str]]:
        """Its numbers, for people."""
        numbers = {
            "smallest eigenvalue": self.lambda_min, "loss": self.objective, "gradient norm": self.gradient_norm,
            "existence radius": self.existence_radius, "uniqueness radius": self.uniqueness_radius,
            "basin radius": self.basin_radius, "basin step": self.basin_step,
            "no critical point within": self.exclusion_radius, "barrier": self.barrier,
            "lower at the witness by": self.gap,
        }  # fmt: skip
        return [("", self._heading())] + [(name, repr(x)) for name, x in numbers.items() if x is not None]

    def _heading(self) -> str:
        return heading_of(self._brings(), self)

    def _brings(self) -> Family:
        return family_called(self.family, self.family)

    def _statement(self) -> dict[str, Any]:
        from relucert.certificate.provenance import provenance

        return self._brings().statement(self, provenance(self))

    def _enclosure(self, name: str) -> Enclosure | None:
        ends: tuple[Ball, Ball] | None = getattr(self.outcome.bounds, name, None)
        if ends is None or not all(x.is_finite() for x in ends):
            return None
        return Enclosure((to_dyadic(ends[0]), to_dyadic(ends[1])))

    def _bound(self, name: str, side: str) -> Bound | None:
        value: Ball | None = getattr(self.outcome.bounds, name, None)
        return None if value is None or not value.is_finite() else Bound(to_dyadic(value), side)


def _is_number(value: Any) -> bool:
    return isinstance(value[0], int)


def _mapped(point: Any, f: Callable[[Any], Fraction | float]) -> list[Any]:
    return [f(x) if _is_number(x) else tuple(map(f, x)) for x in point]


def _flat(point: Any) -> Iterator[Any]:
    for x in point:
        yield from (x,) if _is_number(x) else x
