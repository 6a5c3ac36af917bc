"""Fuzz the reader of losses: PYTHONPATH=tests python tools/fuzz_loss.py [--runs 1000000] [--proofs 2000] [--seed 0]

Inputs are losses with one to a few changes of bytes, of tokens and of JSON values. Only a graph in its one form, which
reads back as itself, or an InputError may come out, within a second. Of the graphs that come out, --proofs are proved
at a point by chance: nothing but a result may come out, within ten seconds.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from fractions import Fraction
from typing import Any, NamedTuple

import expression_cases as cases
from fuzz.changes import TOKENS, VALUES, places
from relucert.base.dyadic import from_float
from relucert.base.errors import InputError
from relucert.families.expression.candidate import ExpressionCandidate
from relucert.families.expression.graph import Graph
from relucert.families.expression.nodes import BINARY, OPERATIONS, UNARY
from relucert.families.expression.prove import verify_point
from relucert.families.expression.reading import loads, parse

SECONDS, PROOF_SECONDS = 1.0, 10.0
GENTLE = 0.3  # share of inputs that most likely are losses
MOST_NODES = 200  # of a graph that is proved
NUMBERS = [0, 1, 2, 3, 5, 7, -1, 10**6, "1/3", "0.5", "-7/2", "1e300", "1/0", "2/4", "1" * 401]


class Seed(NamedTuple):
    """A loss as text, which is read sooner than a value is copied, and the paths of all values in it."""

    text: str
    places: list[tuple[Any, ...]]


def seeds() -> list[Seed]:
    """Losses of all operations, with data, and with constraints."""
    found = [graph.as_json() for graph, _ in cases.of_each_operation().values()]
    found += [cases.random_graph(seed, 20)[0].as_json() for seed in range(4)]
    found.append(cases.network((2, 2), "tanh", cases.XOR, Fraction(1, 8)).as_json())
    small = cases.network((1, 1), "erf", [[Fraction(1), Fraction(2)], [Fraction(-1), Fraction(1, 3)]])
    found.append({**small.as_json(), "constraints": [0]})
    return [Seed(json.dumps(loss), places(loss)) for loss in found]


def set_at(whole: Any, path: tuple[Any, ...], value: Any) -> None:
    """Where the path is still there after the changes before."""
    try:
        for key in path[:-1]:
            whole = whole[key]
        whole[path[-1]] = value
    except (TypeError, IndexError, KeyError):
        return


def gently(rng: random.Random, whole: dict[str, Any]) -> None:
    """Another operation of as many nodes, other arguments, other constants: mostly still a loss."""
    for _ in range(rng.randrange(1, 5)):
        i = rng.randrange(len(whole["nodes"]))
        node = whole["nodes"][i]
        if node[0] == "const":
            node[1] = rng.choice(("0", "1", "-1/3", "0.001", "7/2", "1e6", "-20"))
        elif node[0] in UNARY | BINARY:
            node[0] = rng.choice(sorted(UNARY if node[0] in UNARY else BINARY))
        if node[0] not in ("const", "param", "input", "pi", "powi") and i:
            node[rng.randrange(1, len(node))] = rng.randrange(i)
        if node[0] == "powi":
            node[2] = rng.choice((-9, -2, -1, 3, 4, 50))


def changed(rng: random.Random, seed: Seed) -> bytes:
    """One to three changes of values, then maybe of bytes; or of operations only."""
    whole = json.loads(seed.text)
    if rng.random() < GENTLE:
        gently(rng, whole)
        return json.dumps(whole).encode()
    for _ in range(rng.randrange(1, 4)):
        path = rng.choice(seed.places)
        kind = rng.random()
        if kind < 0.4:
            set_at(whole, path, rng.choice(NUMBERS))
        elif kind < 0.6:
            set_at(whole, path, rng.choice(OPERATIONS))
        elif kind < 0.8:
            node = [rng.choice(OPERATIONS), *(rng.randrange(12) for _ in range(rng.randrange(4)))]
            whole.setdefault("nodes", [])
            if isinstance(whole["nodes"], list):
                whole["nodes"].insert(rng.randrange(len(whole["nodes"]) + 1), node)
        else:
            set_at(whole, path, json.loads(json.dumps(rng.choice(VALUES))))
    data = json.dumps(whole).encode()
    if rng.random() < 0.3:
        at = rng.randrange(len(data))
        data = data[:at] + rng.choice(TOKENS) + data[at + rng.randrange(4) :]
    return data


def check(data: bytes) -> Graph | None:
    """The graph of an input, which must read back as itself; None where it is refused."""
    try:
        graph = loads(data)
    except InputError:
        return None
    if parse(json.loads(json.dumps(graph.as_json()))) != graph:
        raise AssertionError("not the one form")
    return graph


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--proofs", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    rng, counts, known = random.Random(given.seed), Counter[str](), seeds()  # noqa: S311
    every = max(1, given.runs // max(given.proofs, 1))
    for run in range(given.runs):
        data = changed(rng, rng.choice(known))
        began = time.process_time()
        graph = check(data)
        if time.process_time() - began > SECONDS:
            raise AssertionError(f"run {run} took too long: {data[:200]!r}")
        counts["refused" if graph is None else "read"] += 1
        if (
            graph is None
            or run % every
            or len(graph.nodes) > MOST_NODES
            or (graph.data and len(graph.data) > 9)
        ):
            continue
        point = tuple(from_float(rng.gauss(0, 1)) for _ in range(graph.parameters))
        began = time.process_time()
        result = verify_point(ExpressionCandidate(graph, point), max_precision=64)
        if time.process_time() - began > PROOF_SECONDS:
            raise AssertionError(f"run {run}: the proof took too long: {data[:200]!r}")
        counts[result.verdict] += 1
    print(dict(counts))


if __name__ == "__main__":
    main()
