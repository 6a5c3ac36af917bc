"""What the kernel knows of a loss: nodes, data, and which nodes depend on what. docs/spec/expression-v1.md."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from relucert.kernel.ball import NotProved, Ratio

Node = tuple[Any, ...]  # (operation, *arguments); the argument of const is a Ratio
LEAVES = ("param", "input", "const", "pi")


class NotSmooth(NotProved):
    """The loss is not proved to be twice differentiable, or not even defined: at this node, for this row of data."""

    def __init__(self, reason: str, node: int, row: int | None) -> None:
        super().__init__(reason)
        self.node, self.row = node, row


class TooLarge(NotSmooth):
    """A number at this node is beyond the limit of the format, or unbounded."""


class Loss(NamedTuple):
    """L(x, mu) = scale * sum over rows of `output` + `regulariser` + sum_i mu_i constraint_i.

    shared: the nodes that depend on no row, rowwise: the others, both in order. varies: whether a node depends on
    a parameter.
    """

    parameters: int
    nodes: tuple[Node, ...]
    output: int
    rows: tuple[tuple[Ratio, ...], ...]  # one empty row, where there are no data
    scale: Ratio
    regulariser: int | None
    constraints: tuple[int, ...]
    shared: tuple[int, ...]
    rowwise: tuple[int, ...]
    varies: tuple[bool, ...]

    @property
    def variables(self) -> int:
        return self.parameters + len(self.constraints)


def arguments(node: Node) -> tuple[int, ...]:
    """The nodes that a node refers to."""
    if node[0] in LEAVES:
        return ()
    return node[1:2] if node[0] == "powi" else node[1:]


def loss(
    parameters: int,
    nodes: Sequence[Node],
    output: int,
    rows: Sequence[Sequence[Ratio]] | None,
    scale: Ratio,
    regulariser: int | None,
    constraints: Sequence[int],
) -> Loss:
    """With its dependences. Raises ValueError for a graph that is not one: nothing is believed of a caller."""
    varies: list[bool] = []
    of_row: list[bool] = []
    for i, node in enumerate(nodes):
        given = arguments(node)
        if any(not 0 <= a < i for a in given):
            raise ValueError(f"node {i} refers to one that is not before it")
        varies.append(node[0] == "param" or any(varies[a] for a in given))
        of_row.append(node[0] == "input" or any(of_row[a] for a in given))
    for root in (*constraints, *(() if regulariser is None else (regulariser,))):
        if of_row[root]:
            raise ValueError(f"node {root} depends on the data")
    if rows is None and of_row[output]:
        raise ValueError("there are no data")
    indices = range(len(nodes))
    return Loss(
        parameters, tuple(nodes), output, ((),) if rows is None else tuple(tuple(row) for row in rows),
        scale, regulariser, tuple(constraints), tuple(i for i in indices if not of_row[i]),
        tuple(i for i in indices if of_row[i]), tuple(varies),
    )  # fmt: skip
