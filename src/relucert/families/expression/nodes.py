"""Nodes of a loss: docs/spec/expression-v1.md, "The loss".

A node is (operation, *arguments): places of nodes before it, but for `param`, `input` and the exponent of `powi`,
whose numbers are integers, and `const`, whose argument is a Fraction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from relucert.base.errors import InputError

UNARY = frozenset({
    "neg", "square", "abs", "relu", "sqrt", "exp", "log", "sin", "cos", "asin", "atan", "tanh", "sigmoid", "softplus",
    "erf",
})  # of one node  # fmt: skip
BINARY = frozenset({"add", "sub", "mul", "div", "max"})  # of two nodes
OPERATIONS = tuple(sorted(UNARY | BINARY | {"param", "input", "const", "pi", "sum", "dot", "powi"}))

MOST_NODES, MOST_ARGUMENTS = 20_000, 200_000
MOST_VARIABLES = 200  # parameters and constraints together
MOST_INPUTS, MOST_ROWS, MOST_ENTRIES = 1_000, 10_000, 200_000
MOST_WORK = 2_000_000  # rows of data times nodes that depend on them
MOST_POWER = 1_000
MOST_DIGITS = 400  # of a numerator and of a denominator

Node = tuple[Any, ...]


def arguments(node: Node) -> tuple[int, ...]:
    """The nodes that a node refers to."""
    if node[0] in ("param", "input", "const", "pi"):
        return ()
    return node[1:2] if node[0] == "powi" else node[1:]


def moved(node: Node, new: Mapping[int, int] | Sequence[int]) -> Node:
    """The same node with its arguments at their new places."""
    if node[0] == "powi":
        return ("powi", new[node[1]], node[2])
    return (node[0], *(new[a] for a in arguments(node))) if arguments(node) else node


def check_node(node: Node, before: int) -> Node:
    """The node, if it may stand after `before` others. Raises InputError, which says what it should be."""
    operation, given = node[0], node[1:]
    if operation not in OPERATIONS:
        raise InputError(f"operation {operation!r} is not known; known: {', '.join(OPERATIONS)}")
    if operation == "const":
        if len(given) != 1 or not isinstance(given[0], Fraction):
            raise InputError('a constant is one exact number, such as ["const", "1/3"]')
        check_digits(given[0], "the constant")
        return node
    odd = [x for x in given if type(x) is not int]
    if odd:
        raise InputError(f"{operation} has the argument {str(odd[0])[:40]!r}; expected an integer")
    if operation in ("param", "input"):
        if len(given) != 1 or given[0] < 0:
            raise InputError(f"{operation} takes one number, 0 or more, which says which")
        return node
    _check_count(operation, given)
    for a in arguments(node):
        if not 0 <= a < before:
            raise InputError(
                f"{operation} refers to node {a}, which does not come before it; arguments are earlier nodes"
            )
    return node


def _check_count(operation: str, given: tuple[int, ...]) -> None:
    n = len(given)
    if operation in UNARY:
        wrong, right = n != 1, "one node"
    elif operation in BINARY:
        wrong, right = n != 2, "two nodes"
    elif operation == "pi":
        wrong, right = n != 0, "no argument"
    elif operation == "sum":
        wrong, right = n < 2, "two nodes or more"
    elif operation == "dot":
        wrong, right = n < 2 or n % 2 == 1, "pairs of nodes, a_1, b_1, a_2, b_2, .."
    else:
        wrong = n != 2 or abs(given[1]) > MOST_POWER or given[1] in (0, 1, 2)
        right = f"a node and an integer exponent of at most {MOST_POWER} in size, but 0, 1 and 2 (square)"
    if wrong:
        raise InputError(f"{operation} has the arguments {list(given)[:4]}; it takes {right}")


def check_digits(x: Fraction, where: str) -> None:
    """Raises InputError for a number that a certificate does not take. `where` stands in errors."""
    if max(abs(x.numerator), x.denominator) >= 10**MOST_DIGITS:
        raise InputError(f"{where} has more than {MOST_DIGITS} digits: use a shorter number")


INFIX = {"add": " + ", "sub": " - ", "mul": " * ", "div": " / "}


def formula(nodes: Sequence[Node], index: int, depth: int) -> str:
    """A node for people; below `depth` its arguments are named by their places."""
    operation, *given = nodes[index]
    if operation == "const":
        text = str(given[0])
        return text if len(text) <= 24 else f"{text[:20]}.."
    if operation in ("param", "input"):
        return f"{'x' if operation == 'param' else 'data'}[{given[0]}]"
    if depth == 0:
        return f"n{index}"
    parts = [formula(nodes, a, depth - 1) for a in arguments(nodes[index])[:4]]
    if operation in INFIX:
        return f"({INFIX[operation].join(parts)})"
    if operation == "powi":
        return f"{parts[0]}^{given[1]}"
    more = ", .." if len(given) > 4 else ""
    return f"{operation}({', '.join(parts)}{more})" if given else operation
