"""A loss as people have it in Python: made from SymPy or from a function, saved, evaluated, and proved about."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relucert.base import store
from relucert.base.errors import InputError
from relucert.base.exact import exact_rows
from relucert.families.expression import search
from relucert.families.expression.candidate import ExpressionCandidate, Vector
from relucert.families.expression.exact_values import Exact
from relucert.families.expression.graph import Graph
from relucert.kernel.expression.invariance import Generator

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Loss:
    """A loss of `parameters` numbers; shapes: of the arrays into which they fall, () for one vector.

    Points are given as a vector, or as arrays of these shapes in a list.
    """

    graph: Graph
    shapes: tuple[tuple[int, ...], ...] = ()
    symmetries: tuple[Generator, ...] = ()  # that it may have, where `gauge="auto"` would look too long

    @classmethod
    def from_sympy(cls, expr: Any, variables: Sequence[Any], *, constraints: Sequence[Any] = ()) -> Loss:
        """Of an expression of SymPy in these variables. constraints: expressions that are to be 0.

        Raises InputError for a free symbol, and for what is not among the operations of a loss.
        """
        from relucert.families.expression.sympy_graph import from_sympy

        return cls(from_sympy(expr, variables, constraints))

    @classmethod
    def trace(
        cls,
        f: Callable[..., Any],
        shape: Any,
        *,
        data: Any = None,
        mean: bool = True,
        regulariser: Callable[..., Any] | None = None,
        constraints: Callable[..., Any] | None = None,
    ) -> Loss:
        """Of a Python function, which is run once, on symbols: f(x), x an array of this shape.

        shape: an integer or a tuple; a list of them for f(x, y, ..). data: rows; the loss is then the mean (or the
        sum) of f(x, row) over them, plus regulariser(x). constraints(x): numbers that are to be 0.
        f uses + - * / ** @ abs, sum, functions of NumPy, and relucert.functions; it may not branch on its arguments.
        Raises InputError, with the line of f.
        """
        from relucert.families.expression.trace import shapes_of, trace

        shapes = shapes_of(shape)
        return cls(trace(f, shapes, data, mean, regulariser, constraints), shapes)

    @classmethod
    def load(cls, path: str | Path) -> Loss:
        """From a loss.json (docs/spec/expression-v1.md). Raises InputError."""
        from relucert.families.expression.reading import read_loss

        return cls(read_loss(Path(path)))

    def save(self, path: str | Path) -> None:
        """As a loss.json, for `relucert verify POINT --loss loss.json`."""
        store.write(Path(path), (json.dumps(self.graph.as_json()) + "\n").encode())

    def fixed(self, values: Mapping[int, Any]) -> Loss:
        """The loss of the other parameters, as one vector, where some have these values: a way out of a symmetry."""
        exact = Exact()
        found = {i: exact(x, f"the value of parameter {i}") for i, x in values.items()}
        graph = self.graph.fixed(found)
        exact.warn()
        return Loss(graph)

    @property
    def parameters(self) -> int:
        return self.graph.parameters

    def __call__(self, point: Any) -> float:
        """The value in floating point, which proves nothing."""
        return self.value_and_gradient(point)[0]

    def gradient(self, point: Any) -> Floats:
        """In floating point, as a vector."""
        return self.value_and_gradient(point)[1]

    def value_and_gradient(self, point: Any) -> tuple[float, Floats]:
        """Both, in floating point: what scipy.optimize.minimize takes with jac=True."""
        vector = np.array([float(x) for x in self.flat(point)])
        with np.errstate(all="ignore"):
            return search.value_and_gradient(self._in_floats, vector)

    @cached_property
    def _in_floats(self) -> search.FloatLoss:
        try:
            return search.float_loss(self.graph)
        except OverflowError as error:
            raise InputError("the loss has exact numbers that are beyond floating point") from error

    def flat(self, point: Any) -> list[Any]:
        """The numbers of a point, which is a vector or a list of arrays. Raises InputError for a wrong length."""
        several = len(self.shapes) > 1 and len(point) == len(self.shapes) and any(np.ndim(x) for x in point)
        parts = [np.asarray(x, dtype=object) for x in point] if several else [np.asarray(point, dtype=object)]
        if several and [x.shape for x in parts] != list(self.shapes):
            raise InputError(f"arrays of the shapes {[x.shape for x in parts]}; expected {list(self.shapes)}")
        found = [x for part in parts for x in part.ravel().tolist()]
        if len(found) != self.parameters:
            raise InputError(f"the point has {len(found)} numbers; the loss has {self.parameters} parameters")
        return found

    def arrays(self, point: Any) -> list[Floats]:
        """A point as arrays of the loss's shapes, in floating point."""
        left, found = np.array([float(x) for x in self.flat(point)]), []
        for shape in self.shapes or ((self.parameters,),):
            size = math.prod(shape)
            found.append(left[:size].reshape(shape))
            left = left[size:]
        return found

    def exact(self, point: Any, what: str = "point") -> Vector:
        """The exact binary numbers of a point: floats by their value. Raises InputError."""
        return exact_rows([self.flat(point)], what)[0]

    def candidate(self, point: Any, witness: Any = None) -> ExpressionCandidate:
        """What the proofs take."""
        lowest = None if witness is None else self.exact(witness, "witness")
        return ExpressionCandidate(self.graph, self.exact(point), None, lowest, hints=self.symmetries)
