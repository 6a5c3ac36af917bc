"""A point of a loss, with what may be known besides: multipliers of its constraints, a point of lower loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from relucert.base.dyadic import Dyadic
from relucert.base.errors import InputError
from relucert.families.expression.graph import Graph
from relucert.kernel import ball
from relucert.kernel.expression import loss
from relucert.kernel.expression.decide import Place
from relucert.kernel.expression.invariance import Generator
from relucert.kernel.expression.loss import Loss

Vector = tuple[Dyadic, ...]


def kernel_loss(graph: Graph) -> Loss:
    """The graph as the kernel takes it."""
    nodes = [("const", x[1].as_integer_ratio()) if x[0] == "const" else x for x in graph.nodes]
    rows = None if graph.data is None else [[x.as_integer_ratio() for x in row] for row in graph.data]
    return loss.loss(
        graph.parameters, nodes, graph.output, rows, graph.scale.as_integer_ratio(), graph.regulariser,
        graph.constraints,
    )  # fmt: skip


@dataclass(frozen=True)
class ExpressionCandidate:
    """A point of exact dyadics. Raises InputError for one that does not fit the loss."""

    graph: Graph
    point: Vector
    multipliers: Vector | None = None  # None: to be guessed, where there are constraints
    witness: Vector | None = None  # a point that may have a lower loss
    symmetry: tuple[Generator, ...] = ()  # along which F may be invariant, and which the constraints cut
    source: str = ""
    hints: tuple[Generator, ...] = field(default=(), compare=False)  # symmetries that the loss may have
    origin: Mapping[str, object] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        m = self.graph.parameters
        for name, vector in (("point", self.point), ("witness", self.witness)):
            if vector is not None and len(vector) != m:
                raise InputError(f"the {name} has {len(vector)} entries; the loss has {m} parameters")
        if self.multipliers is not None and len(self.multipliers) != len(self.graph.constraints):
            raise InputError(
                f"{len(self.multipliers)} multipliers; the loss has {len(self.graph.constraints)} constraints"
            )
        k = len(self.graph.constraints)
        if self.symmetry and len(self.symmetry) != k:
            raise InputError(
                f"{len(self.symmetry)} generators of a symmetry for {k} constraints; give as many of both"
            )
        if self.witness is not None and k and not self.symmetry:
            raise InputError(
                "a witness says nothing of a minimum under constraints; leave it out, or let the constraints cut the "
                "orbits of a symmetry (--gauge)"
            )

    def place(self) -> Place:
        """As the kernel takes it. multipliers must be known."""
        return Place([ball.exact(x) for x in self.point], [ball.exact(x) for x in self.multipliers or ()])

    def moved_to(self, point: Vector, multipliers: Vector) -> ExpressionCandidate:
        return replace(self, point=point, multipliers=multipliers, origin={**self.origin, "polished": True})
