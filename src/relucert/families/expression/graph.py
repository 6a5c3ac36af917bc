"""A loss written down as a graph of exact numbers and named operations: docs/spec/expression-v1.md, "The loss".

A Graph is in the one form of the format; `Builder` and `canonical` make it so, and reading.parse from JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from relucert.base.errors import InputError
from relucert.certificate.numbers import Json
from relucert.families.expression.nodes import (
    MOST_ARGUMENTS,
    MOST_ENTRIES,
    MOST_INPUTS,
    MOST_NODES,
    MOST_ROWS,
    MOST_VARIABLES,
    MOST_WORK,
    Node,
    arguments,
    check_digits,
    check_node,
    formula,
    moved,
)

SCHEMA = "relucert-loss/1"
Data = tuple[tuple[Fraction, ...], ...]


@dataclass(frozen=True)
class Graph:
    """F = scale * sum over the rows of data of `output`, + `regulariser`; without data, F = `output`.

    places: what a node is called in the user's own expression, "" where it has no name there.
    Raises InputError for what the format refuses; `canonical` says what the one form is.
    """

    parameters: int
    nodes: tuple[Node, ...]
    output: int
    data: Data | None = None
    scale: Fraction = Fraction(1)
    regulariser: int | None = None
    constraints: tuple[int, ...] = ()
    places: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        _check_sizes(self)
        of_data = self.depend("input")
        for name, root in self.roots():
            if not (isinstance(root, int) and 0 <= root < len(self.nodes)):
                raise InputError(f"{name} is {root!r}: expected a node, 0 to {len(self.nodes) - 1}")
            if of_data[root] and (self.data is None or name != "output"):
                raise InputError(f"{name}, {self.describe(root)}, depends on the data; only the output may")
        used = {node[1] for node in self.nodes if node[0] == "param"}
        for i in range(self.parameters):
            if i not in used:
                raise InputError(
                    f"parameter {i} occurs nowhere: nothing determines it; leave it out of the parameters, or give the "
                    "loss a term with it"
                )
        if self.data is not None and len(self.data) * sum(of_data) > MOST_WORK:
            raise InputError(
                f"{len(self.data)} rows of data times {sum(of_data)} nodes that depend on them; at most {MOST_WORK}"
            )

    @property
    def inputs(self) -> int:
        """Entries of a row of data."""
        return len(self.data[0]) if self.data else 0

    def roots(self) -> list[tuple[str, int]]:
        """The nodes that are asked for, with their names, in the order of the format."""
        more = [] if self.regulariser is None else [("regulariser", self.regulariser)]
        return [
            ("output", self.output), *more, *((f"constraint {i}", c) for i, c in enumerate(self.constraints))
        ]  # fmt: skip

    def depend(self, leaf: str) -> list[bool]:
        """Of each node: whether a leaf of this operation, "param" or "input", is below it or is it."""
        found: list[bool] = []
        for node in self.nodes:
            found.append(node[0] == leaf or any(found[a] for a in arguments(node)))
        return found

    def describe(self, index: int, depth: int = 3) -> str:
        """A node for a message: a formula of limited depth, and its place in the user's expression."""
        place = self.places[index] if self.places else ""
        return f"node {index}, {formula(self.nodes, index, depth)}" + (f" ({place})" if place else "")

    def as_json(self) -> Json:
        """As loss.json and as the member `loss` of a problem."""
        found: Json = {
            "schema": SCHEMA,
            "parameters": self.parameters,
            "nodes": [[str(x) if isinstance(x, Fraction) else x for x in node] for node in self.nodes],
            "output": self.output,
        }
        if self.data is not None:
            found |= {"data": [[str(x) for x in row] for row in self.data], "scale": str(self.scale)}
        if self.regulariser is not None:
            found["regulariser"] = self.regulariser
        if self.constraints:
            found["constraints"] = list(self.constraints)
        return found

    def fixed(self, values: Mapping[int, Fraction]) -> Graph:
        """The loss as a function of the other parameters, these having their values; the others keep their order."""
        left = [i for i in range(self.parameters) if i not in values]
        new = {old: i for i, old in enumerate(left)}
        if not left or any(not 0 <= i < self.parameters for i in values):
            raise InputError(
                f"fixed parameters {sorted(values)}: expected some but not all of {self.parameters}"
            )
        build, at = Builder(), list[int]()
        for i, node in enumerate(self.nodes):
            place = self.places[i] if self.places else ""
            if node[0] == "param" and node[1] in values:
                at.append(build.add("const", values[node[1]], place=place))
            elif node[0] == "param":
                at.append(build.add("param", new[node[1]], place=place))
            else:
                at.append(build.add(*moved(node, at), place=place))
        return build.graph(
            at[self.output], len(left), data=self.data, scale=self.scale,
            regulariser=None if self.regulariser is None else at[self.regulariser],
            constraints=[at[c] for c in self.constraints],
        )  # fmt: skip


class Builder:
    """Makes nodes, each only once: equal nodes have one place."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.places: list[str] = []
        self._known: dict[Node, int] = {}

    def add(self, operation: str, *given: Any, place: str = "") -> int:
        """The place of a node; its arguments are places that this builder gave out, or numbers (module docstring).

        place: what errors call it. Raises InputError for an operation or arguments that do not exist.
        """
        node = check_node((operation, *given), len(self.nodes))
        index = self._known.get(node)
        if index is None:
            if len(self.nodes) >= 10 * MOST_NODES:  # unused ones may still fall away
                raise InputError(f"more than {10 * MOST_NODES} nodes: a loss has at most {MOST_NODES}")
            index = self._known[node] = len(self.nodes)
            self.nodes.append(node)
            self.places.append(place)
        return index

    def sum(self, terms: Sequence[int], place: str = "") -> int:
        """The sum of nodes, maybe of none."""
        if not terms:
            return self.add("const", Fraction(0), place=place)
        return terms[0] if len(terms) == 1 else self.add("sum", *terms, place=place)

    def dot(self, left: Sequence[int], right: Sequence[int], place: str = "") -> int:
        """The inner product of two rows of nodes of one length, maybe empty."""
        if len(left) != len(right):
            raise InputError(
                f"an inner product of {len(left)} and {len(right)} entries; give as many of both"
            )
        if not left:
            return self.add("const", Fraction(0), place=place)
        return self.add("dot", *(x for pair in zip(left, right, strict=True) for x in pair), place=place)

    def graph(
        self,
        output: int,
        parameters: int,
        *,
        data: Iterable[Iterable[Fraction]] | None = None,
        scale: Fraction = Fraction(1),
        regulariser: int | None = None,
        constraints: Iterable[int] = (),
    ) -> Graph:
        """The loss with these roots, in the one form of the format. Raises InputError."""
        rows = None if data is None else tuple(tuple(row) for row in data)
        return canonical(
            parameters, self.nodes, self.places, output, rows, scale, regulariser, tuple(constraints)
        )


def canonical(
    parameters: int,
    nodes: Sequence[Node],
    places: Sequence[str],
    output: int,
    data: Data | None,
    scale: Fraction,
    regulariser: int | None,
    constraints: tuple[int, ...],
) -> Graph:
    """The one form: what is needed, without repetitions, in the order in which a depth-first search finishes.

    From the output, then the regulariser, then the constraints; arguments from left to right.
    nodes: each refers to earlier ones and is checked.
    """
    roots = [output, *([] if regulariser is None else [regulariser]), *constraints]
    for root in roots:
        if not (isinstance(root, int) and 0 <= root < len(nodes)):
            raise InputError(f"{root!r} is not a node; expected 0 to {len(nodes) - 1}")
    new: dict[int, int] = {}
    known: dict[Node, int] = {}
    names: list[str] = []
    for old in _finished(nodes, roots):
        node = moved(nodes[old], new)
        if node not in known:
            known[node] = len(known)
            names.append(places[old] if places else "")
        new[old] = known[node]
    return Graph(
        parameters, tuple(known), new[output], data, scale,
        None if regulariser is None else new[regulariser], tuple(new[c] for c in constraints), tuple(names),
    )  # fmt: skip


def _finished(nodes: Sequence[Node], roots: Sequence[int]) -> Iterator[int]:
    """Nodes in the order in which a depth-first search from the roots finishes; not recursive."""
    seen: set[int] = set()
    for root in roots:
        stack = [(root, iter(arguments(nodes[root])))] if root not in seen else []
        seen.add(root)
        while stack:
            index, left = stack[-1]
            following = next((a for a in left if a not in seen), None)
            if following is None:
                stack.pop()
                yield index
            else:
                seen.add(following)
                stack.append((following, iter(arguments(nodes[following]))))


def _check_sizes(of: Graph) -> None:
    if not (type(of.parameters) is int and of.parameters >= 1):
        raise InputError(f"parameters is {of.parameters!r}; expected how many there are, at least 1")
    k = len(of.constraints)
    if of.parameters + k > MOST_VARIABLES or k > of.parameters:
        raise InputError(
            f"{of.parameters} parameters and {k} constraints; at most {MOST_VARIABLES} together, and no more "
            "constraints than parameters"
        )
    count = sum(len(arguments(node)) for node in of.nodes)
    if len(of.nodes) > MOST_NODES or count > MOST_ARGUMENTS:
        raise InputError(
            f"{len(of.nodes)} nodes with {count} arguments; at most {MOST_NODES} and {MOST_ARGUMENTS}: put what all "
            "samples share into one graph, with the samples as data"
        )
    _check_data(of)
    for i, node in enumerate(of.nodes):
        if node[0] == "param" and node[1] >= of.parameters:
            raise InputError(f"node {i}: parameter {node[1]} of {of.parameters}, counted from 0")
        if node[0] == "input" and node[1] >= of.inputs:
            raise InputError(
                f"node {i}: input {node[1]}, but the data have {of.inputs} entries a row, counted from 0"
            )


def _check_data(of: Graph) -> None:
    if of.scale == 0:
        raise InputError("scale is 0: the loss would be constant; leave it out or give another")
    check_digits(of.scale, "scale")
    if of.data is None:
        if of.regulariser is not None or of.scale != 1:
            raise InputError("scale and regulariser belong to data; without data, put them into the output")
        return
    p = of.inputs
    if not 1 <= p <= MOST_INPUTS or len(of.data) > MOST_ROWS or len(of.data) * p > MOST_ENTRIES:
        raise InputError(
            f"{len(of.data)} rows of data of {p} entries; at most {MOST_ROWS} rows, {MOST_INPUTS} entries a row and "
            f"{MOST_ENTRIES} in all"
        )
    for i, row in enumerate(of.data):
        if len(row) != p:
            raise InputError(f"data, row {i} has {len(row)} entries; expected {p}, as row 0 has")
        for j, x in enumerate(row):
            check_digits(x, f"data, row {i}, entry {j}")
