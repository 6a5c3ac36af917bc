"""Reading a loss as JSON: what a user wrote, in any order, becomes a Graph or a message that says what to change."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from relucert.base.arrays import read_bytes
from relucert.base.errors import InputError
from relucert.base.json_numbers import located
from relucert.base.rational import exact_number
from relucert.base.strict_json import unique
from relucert.families.expression.graph import SCHEMA, Data, Graph, canonical
from relucert.families.expression.nodes import MOST_ENTRIES, MOST_NODES, MOST_ROWS, Node, check_node

MOST_BYTES = 2**24  # of a loss.json
MOST_GIVEN = 5 * MOST_NODES  # nodes of a file: some may be unused or equal
MOST_LISTS = 2 * MOST_GIVEN  # of JSON: nodes, rows of data, points
NEEDED = {"schema", "parameters", "nodes", "output"}
KNOWN = NEEDED | {"data", "scale", "regulariser", "constraints"}
RATIONAL = re.compile(r"(-?[0-9]{1,400})(?:/([0-9]{1,400}))?", re.ASCII)


def read_loss(path: Path) -> Graph:
    """The loss in a file. Raises InputError, which names the file, the node and the remedy."""
    data = read_bytes(path)
    return located(path, lambda: loads(data))


def loads(data: bytes) -> Graph:
    """The loss in the bytes of a loss.json. Raises InputError."""
    return parse(load(data))


def load(data: bytes) -> Any:
    """JSON whose numbers with a decimal point are no floats. Raises InputError."""
    if len(data) > MOST_BYTES:
        raise InputError(f"larger than {MOST_BYTES} bytes; share what samples have in common, as data")
    if data.count(b"[") > MOST_LISTS:  # counted, since to read a million nodes takes seconds
        raise InputError(
            f"more than {MOST_LISTS} lists, as which nodes, rows and points are written; at most {MOST_NODES} nodes "
            "are taken: have the samples as data instead"
        )
    try:
        return json.loads(
            data.decode(), object_pairs_hook=unique, parse_float=Decimal, parse_constant=_no_constant
        )
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InputError(f"not JSON: {error}") from error


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not a finite number")


def parse(whole: Any) -> Graph:
    """A loss from JSON values (docs/spec/expression-v1.md), brought into its one form. Raises InputError."""
    if not isinstance(whole, dict) or whole.get("schema") != SCHEMA:
        raise InputError(f'expected a JSON object with "schema": "{SCHEMA}" (docs/spec/expression-v1.md)')
    odd, missing = sorted(whole.keys() - KNOWN), sorted(NEEDED - whole.keys())
    if odd or missing:
        what = f"unknown member {odd[0][:40]!r}" if odd else f"no member {missing[0]!r}"
        raise InputError(
            f"{what}; a loss has {', '.join(sorted(NEEDED))}, and data with scale, regulariser, constraints"
        )
    nodes = _nodes(whole["nodes"])
    data = _data(whole["data"]) if "data" in whole else None
    if ("data" in whole) != ("scale" in whole):
        raise InputError(
            'data and scale belong together; give "scale": "1/N" for a mean over N rows, "1" for a sum'
        )
    scale = exact_entry(whole["scale"], "scale") if "scale" in whole else Fraction(1)
    constraints = whole.get("constraints", [])
    if not isinstance(constraints, list) or (not constraints and "constraints" in whole):
        raise InputError("constraints must be a list of nodes, at least one")
    roots = {"output": whole["output"], "regulariser": whole.get("regulariser")}
    for name, root in [*roots.items(), *(("constraints", c) for c in constraints)]:
        if not (type(root) is int and 0 <= root < len(nodes)) and (name != "regulariser" or name in whole):
            raise InputError(f"{name}: {str(root)[:40]} is not a node; expected 0 to {len(nodes) - 1}")
    return canonical(
        whole["parameters"], nodes, [], roots["output"], data, scale, roots["regulariser"], tuple(constraints)
    )


def _nodes(given: Any) -> list[Node]:
    if not isinstance(given, list) or not given:
        raise InputError("nodes must be a list of nodes, at least one")
    if len(given) > MOST_GIVEN:
        raise InputError(
            f"{len(given)} nodes; at most {MOST_NODES} are taken: have the samples as data instead"
        )
    found: list[Node] = []
    for i, node in enumerate(given):
        try:
            if not isinstance(node, list) or not node or not isinstance(node[0], str):
                raise InputError('expected a list that begins with an operation, such as ["add", 0, 1]')
            if node[0] == "const" and len(node) == 2:
                node = ["const", exact_entry(node[1], "the constant")]
            found.append(check_node(tuple(node), i))
        except InputError as error:
            raise InputError(f"node {i}: {error}") from error
    return found


def _data(given: Any) -> Data:
    if not isinstance(given, list) or not given or not all(isinstance(row, list) for row in given):
        raise InputError("data must be a list of rows, at least one, each a list of exact numbers")
    if len(given) > MOST_ROWS or sum(map(len, given)) > MOST_ENTRIES:
        raise InputError(f"data: at most {MOST_ROWS} rows and {MOST_ENTRIES} entries")
    return tuple(
        tuple(exact_entry(x, f"data, row {i}, entry {j}") for j, x in enumerate(row))
        for i, row in enumerate(given)
    )


def exact_entry(value: Any, where: str) -> Fraction:
    """Of an integer, or a text: a decimal or a fraction."""
    if isinstance(value, Decimal):
        raise InputError(
            f"{where}: {str(value)[:40]} has a decimal point; in quotation marks it is taken exactly as it stands"
        )
    if type(value) is int:
        return Fraction(value)
    if not isinstance(value, str):
        raise InputError(f'{where}: expected an exact number, such as "1/3" or "0.25"')
    match = RATIONAL.fullmatch(value)
    if match is None:
        return exact_number(value, where)
    if match[2] is not None and int(match[2]) == 0:
        raise InputError(f"{where}: {value[:40]!r} divides by zero")
    return Fraction(int(match[1]), int(match[2] or 1))
