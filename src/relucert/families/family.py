"""What a family brings: how its points are read, decided, stated and said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from relucert.base.errors import InputError
from relucert.certificate.numbers import Json


class Layout(NamedTuple):
    """How a file of points is to be read, where it does not say it itself. loss, witness, and for `network` signs,
    teacher_signs, activation, output_weights: of families with those."""

    variable: str | None = None
    layout: str | None = None
    targets: Path | None = None
    orthonormal: bool = False
    loss: Path | None = None
    witness: Path | None = None
    signs: str | None = None
    teacher_signs: str | None = None
    activation: str | None = None
    output_weights: Path | None = None
    targets_variable: str | None = None


class Options(NamedTuple):
    """How to prove. method: one of the family's, or None for the one that decides. distinct: one certificate a class of
    points that are next to the same critical point up to a symmetry: that of the first."""

    raw: bool = False
    constants: str = "sharp"
    max_precision: int = 512
    exclusion: float = 2.0**-20
    method: str | None = None
    find_witness: bool = False
    gauge: str | None = None
    distinct: bool = False

    def only(self, known: Sequence[str], where: str) -> None:
        """Raises InputError if one is set that is not among these: nothing is ignored without a word."""
        for name, value in self._asdict().items():
            if name not in known and value != self._field_defaults[name]:
                raise InputError(f"--{name.replace('_', '-')} does not apply to {where}; leave it out")


class Figure(NamedTuple):
    """title, caption: plain texts. svg: markup; empty where nothing is drawn, and the caption says why."""

    title: str
    svg: str
    caption: str


class Cost(NamedTuple):
    """Of a proof: processor time in seconds, and bytes of memory. None worth a word: 0."""

    seconds: float = 0.0
    memory: float = 0.0


class Classes(NamedTuple):
    """Which results are about one critical point, up to a symmetry of the loss. comparable: whether that can be asked
    of a result; same: whether it is proved of two; symmetry: the symmetries in words."""

    comparable: Callable[[Any], bool]
    same: Callable[[Any, Any], bool]
    symmetry: str


@dataclass(frozen=True)
class Family:
    """methods: those that certificates may name, each with its own check. words: of a claim, a sentence and
    its bounds as names and texts; raises KeyError, TypeError, ValueError or IndexError for a malformed one.
    legend: what the letters of its inequalities mean, and in which theorems (where none is named, in all). For
    `relucert verify`: read: the points of a file (its path and
    bytes); prove: what a point is, a result with an outcome, a verdict and a candidate; record: a result as
    JSON values; summary: a result in a line; statement: of a proved result, with its provenance; options: which
    of Options its proofs look at; witness: whether its points may come with a point of lower loss (--witness);
    network: whether with output weights and activation (--signs, --teacher-signs, --activation, --output-weights);
    classes: which points are next to the same critical point (--distinct); heading: what a claim is called, where
    its verdict does not say it. figures: of a claim, for the page of `relucert show --html`. Both raise as `words`
    does. cost: about what an attempt to prove a point takes; `prove` then takes a third argument, a function that it
    tells what it does. check: raises LimitError for a point that can have no certificate.
    """

    name: str
    title: str
    methods: Sequence[str]
    words: Callable[[Json], tuple[str, list[tuple[str, str]]]]
    legend: Mapping[str, Sequence[str]]
    read: Callable[[Path, bytes, Layout], Sequence[Any]]
    prove: Callable[..., Any]
    record: Callable[[Any], Mapping[str, object]]
    summary: Callable[[Any], str]
    statement: Callable[[Any, Mapping[str, object]], Json]
    options: Sequence[str] = ("method",)
    heading: Callable[[Json], str] | None = None
    witness: bool = False
    network: bool = False
    classes: Classes | None = None
    figures: Callable[[Json], Sequence[Figure]] = lambda _: ()
    cost: Callable[[Any, Options], Cost] = lambda *_: Cost()
    check: Callable[[Any, Options], None] = lambda *_: None


def later(module: str, name: str) -> Callable[..., Any]:
    """A function that is imported when it is first called: to prove takes longer to import than to say."""

    def call(*arguments: Any) -> Any:
        return getattr(import_module(module), name)(*arguments)

    return call


def without_points(command: str) -> Callable[..., NoReturn]:
    """For the members of a family that `relucert verify` cannot decide: says which command does."""

    def refuse(*_: object) -> NoReturn:
        raise InputError(f"`relucert verify` does not decide this family; {command} does")

    return refuse
