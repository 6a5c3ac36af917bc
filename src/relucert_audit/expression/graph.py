"""Reading a loss: its nodes in their one form, its data, its constraints. Section "The loss" of
docs/spec/expression-v1.md; what it does not name is malformed."""

import re
from fractions import Fraction
from itertools import count
from typing import Any, NamedTuple

from relucert_audit import format as fmt
from relucert_audit.format import NOT_CONFIRMED, Refusal, malformed, take

MOST_NODES, MOST_ARGUMENTS, MOST_UNKNOWNS, MOST_POWER = 20_000, 200_000, 200, 1000
MOST_COLUMNS, MOST_ROWS, MOST_DATA, MOST_VALUES = 1_000, 10_000, 200_000, 2_000_000
MOST_DIGITS = 400
SMOOTH = ("exp", "log", "sin", "cos", "asin", "atan", "tanh", "sigmoid", "softplus", "erf")
ONE = ("neg", "square", "abs", "relu", "sqrt", *SMOOTH)
TWO = ("add", "sub", "mul", "div", "max")
LEAVES = ("param", "input", "const", "pi")
SCHEMA = re.compile(re.escape("relucert-loss/1"))


class Node(NamedTuple):  # value: of a leaf its number (int, or Fraction of a const), of powi the exponent
    op: str
    args: tuple[int, ...]
    value: Any = None


class Loss(NamedTuple):  # moves, reads: per node, whether it depends on a parameter, on the data
    parameters: int
    nodes: list[Node]
    moves: list[bool]
    reads: list[bool]
    output: int
    data: list[list[Fraction]] | None
    scale: Fraction
    regulariser: int | None
    constraints: list[int]


def rational(value: Any, where: str) -> Fraction:
    """Both parts of at most 400 digits."""
    parts = value.split("/")[:2] if isinstance(value, str) else []
    if any(len(part.lstrip("-")) > MOST_DIGITS for part in parts):
        raise malformed(f"{where} has a number of more than {MOST_DIGITS} digits")
    return fmt.rational(value, where)


def whole(value: Any, least: int, most: int, where: str) -> int:
    """An integer from least to most."""
    if type(value) is not int or not least <= value <= most:
        raise malformed(f"{where} is not an integer from {least} to {most}")
    return value


def read_list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list) or not value or not isinstance(value[0], str):
        raise malformed(f"{where} has one that is no list with an operation")
    return value


LOSS = {"schema": SCHEMA, "parameters": int, "nodes": [read_list], "output": int, "data?": [[rational]]}
LOSS |= {"scale?": rational, "regulariser?": int, "constraints?": [int]}


def read_loss(raw: Any, where: str) -> Loss:
    """Raises Refusal."""
    sizes(raw)
    found = take(raw, LOSS, where)
    m = whole(found["parameters"], 1, MOST_UNKNOWNS, "parameters")
    data, constraints = found.get("data"), found.get("constraints", [])
    members(found, m)
    columns = len(data[0]) if data is not None else 0
    nodes = [read_node(raw_node, i, m, columns) for i, raw_node in enumerate(found["nodes"])]
    if sum(len(node.args) for node in nodes) > MOST_ARGUMENTS:
        raise malformed(f"the nodes have more than {MOST_ARGUMENTS} arguments")
    roots = [found["output"], *([found["regulariser"]] if "regulariser" in found else []), *constraints]
    if any(root >= len(nodes) for root in roots):
        raise malformed("output, regulariser or a constraint is not a node")
    one_form(nodes, found["nodes"], roots)
    moves, reads = (depends(nodes, leaf) for leaf in ("param", "input"))
    if any(reads[root] for root in roots[1:]):
        raise malformed("regulariser or a constraint depends on the data")
    if data is not None and len(data) * sum(reads) > MOST_VALUES:
        raise malformed(f"rows times nodes that depend on the data are above {MOST_VALUES}")
    scale, regulariser = found.get("scale", Fraction(1)), found.get("regulariser")
    return Loss(m, nodes, moves, reads, found["output"], data, scale, regulariser, constraints)


def sizes(raw: Any) -> None:
    """Lists that are too long are refused before they are read. Raises Refusal."""
    nodes, data = (raw.get(name) for name in ("nodes", "data")) if isinstance(raw, dict) else (None, None)
    if isinstance(nodes, list) and not 1 <= len(nodes) <= MOST_NODES:
        raise malformed(f"there are no nodes, or more than {MOST_NODES}")
    if isinstance(data, list) and not 1 <= len(data) <= MOST_ROWS:
        raise malformed(f"data has no rows, or more than {MOST_ROWS}")
    if isinstance(data, list) and sum(len(row) for row in data if isinstance(row, list)) > MOST_DATA:
        raise malformed(f"data has more than {MOST_DATA} numbers")


def members(found: dict[str, Any], m: int) -> None:
    """Members that go together, and the shape of the data. Raises Refusal."""
    data, k = found.get("data"), len(found.get("constraints", []))
    if (data is None) != ("scale" not in found) or (data is None and "regulariser" in found):
        raise malformed("data, scale and regulariser do not go together")
    if "scale" in found and found["scale"] == 0:
        raise malformed("scale is 0")
    if "constraints" in found and not 1 <= k <= m:
        raise malformed("constraints are none, or more than the parameters")
    if m + k > MOST_UNKNOWNS:
        raise malformed(f"parameters and constraints are more than {MOST_UNKNOWNS}")
    if data is not None:
        columns = len(data[0])
        if not 1 <= columns <= MOST_COLUMNS or any(len(row) != columns for row in data):
            raise malformed(f"data does not have rows of one length from 1 to {MOST_COLUMNS}")


def read_node(raw: list[Any], place: int, m: int, columns: int) -> Node:
    """Raises Refusal, with the place of the node."""
    op, rest, where = raw[0], raw[1:], f"node {place}"
    least, most = {"param": (1, 1), "input": (1, 1), "const": (1, 1), "pi": (0, 0), "powi": (2, 2)}.get(
        op, (1, 1) if op in ONE else (2, 2) if op in TWO else (2, MOST_ARGUMENTS)
    )
    if op not in (*LEAVES, *ONE, *TWO, "sum", "dot", "powi"):
        raise malformed(f"{where} has the unknown operation {op[:20]!a}")
    if not least <= len(rest) <= most or (op == "dot" and len(rest) % 2):
        raise malformed(f"{where}, {op}, does not have the right number of arguments")
    if op == "param":
        return Node(op, (), whole(rest[0], 0, m - 1, where))
    if op == "input":
        return Node(op, (), whole(rest[0], 0, columns - 1, where))
    if op == "const":
        return Node(op, (), rational(rest[0], where))
    n = None
    if op == "powi":
        n = whole(rest.pop(), -MOST_POWER, MOST_POWER, where)
        if n in (0, 1, 2):
            raise malformed(f"{where} is a power with an exponent that has another form")
    return Node(op, tuple(whole(arg, 0, place - 1, f"{where}, {op}, an argument") for arg in rest), n)


def one_form(nodes: list[Node], raw: list[list[Any]], roots: list[int]) -> None:
    """No two equal, all needed, each where a depth-first search finishes it. Raises Refusal."""
    if len({(node.op, node.args, node.value) for node in nodes}) != len(raw):
        raise malformed("two nodes are equal")
    finished = count()
    last = -1
    for root in roots:
        stack = [(root, iter(nodes[root].args))] if root > last else []
        while stack:
            node, args = stack[-1]
            new = next((arg for arg in args if arg > last), None)
            if new is not None:
                stack.append((new, iter(nodes[new].args)))
                continue
            stack.pop()
            if node > last:
                if node != next(finished):
                    raise malformed(f"node {node} is not in its place, in the order of a depth-first search")
                last = node
    if last != len(nodes) - 1:
        raise malformed(f"node {last + 1} is not needed")


def depends(nodes: list[Node], leaf: str) -> list[bool]:
    found: list[bool] = []
    for node in nodes:
        found.append(node.op == leaf or any(found[arg] for arg in node.args))
    return found


def limit(what: str) -> Refusal:
    return Refusal(NOT_CONFIRMED, 0, fmt.LIMIT, what)
