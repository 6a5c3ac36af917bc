"""Fuzz the checker of graphs: python tools/fuzz_expression.py [--runs 1000000] [--checks 5000] [--seed 0]

1. The reader (`relucert_audit.check.read`): --runs inputs. Only a certificate or a refusal may come out; a graph that
   is read is in its one form.
2. The whole checker: --checks inputs. Nothing may be raised; what is accepted must be true as far as mpmath can see.

Inputs are accepted files of the corpus with one to three changes: of nodes, of JSON values, of tokens, of bytes. One
that takes more than LIMIT seconds of processor time is a failure too.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from mpmath import mp  # type: ignore[import-untyped]

from fuzz.changes import mutate
from makers.expression_direct import gradient, hessian, lagrangian
from makers.expression_losses import arguments, ordered
from relucert_audit.check import check, read
from relucert_audit.format import ACCEPTED, Refusal
from relucert_audit.trust import Trust

ROOT = Path(__file__).resolve().parents[1]
LIMIT = {"reader": 1.0, "checker": 5.0}  # seconds
NOW = datetime(2026, 1, 1, tzinfo=UTC)
OPERATIONS = (
    *(
        "param",
        "input",
        "const",
        "pi",
        "add",
        "sub",
        "mul",
        "div",
        "max",
        "sum",
        "dot",
        "powi",
        "neg",
        "square",
        "abs",
    ),
    *(
        "relu",
        "sqrt",
        "exp",
        "log",
        "sin",
        "cos",
        "asin",
        "atan",
        "tanh",
        "sigmoid",
        "softplus",
        "erf",
        "eval",
        "",
    ),
)
Json = Any


class TooSlow(BaseException):
    """An input took more than its share of processor time."""


def too_slow(*_: object) -> None:
    raise TooSlow


def bend(rng: random.Random, data: bytes) -> bytes:
    """With a node changed, or an exchange; sometimes brought into the one form again."""
    document = json.loads(data)
    claim = document["statement"]["claim"]
    loss = claim["problem"]["loss"]
    if "images" in claim and rng.random() < 0.5:
        other_images(rng, claim["images"], loss["parameters"])
        return json.dumps(document).encode()
    nodes = loss["nodes"]
    i = rng.randrange(len(nodes))
    kind = rng.randrange(6)
    if kind == 0:
        nodes[i] = [rng.choice(OPERATIONS), *nodes[i][1:]]
    elif kind == 1 and len(nodes[i]) > 1:
        new: Json = rng.choice(
            (0, -1, i, i + 1, rng.randrange(len(nodes)), True, "1/3", "0", None, 3.5, 2**60, [])
        )
        nodes[i][rng.randrange(1, len(nodes[i]))] = new
    elif kind == 2:
        nodes.insert(i, [rng.choice(OPERATIONS), *(rng.randrange(i + 1) for _ in range(rng.randrange(4)))])
    elif kind == 3:
        del nodes[i]
    elif kind == 4:
        nodes.append(
            [rng.choice(OPERATIONS), *(rng.randrange(len(nodes)) for _ in range(rng.choice((1, 2))))]
        )
        loss["output"] = len(nodes) - 1
    else:
        name = rng.choice(("output", "parameters", "regulariser", "scale", "schema", "data", "constraints"))
        loss[name] = rng.choice((0, 1, 2, -1, len(nodes) - 1, "1/2", [], [0], [["1"]], {}, None))
    if rng.random() < 0.5:
        reorder(loss)
    return json.dumps(document).encode()


def other_images(rng: random.Random, images: Json, m: int) -> None:
    """Another count, an exchange left out, two parameters that change places or a sign that changes."""
    one, kind = rng.choice(images["exchanges"]), rng.randrange(4)
    if kind == 0:
        images["count"] = rng.choice((2, 3, 4, 8, 9, 2**20))
    elif kind == 1:
        images["exchanges"].remove(one)
    elif kind == 2:
        a, b = rng.randrange(m), rng.randrange(m)
        one[:] = sorted(
            [b if i == a else a if i == b else i, b if j == a else a if j == b else j, s] for i, j, s in one
        )
    else:
        entry = rng.choice(one)
        entry[2] = -entry[2]


def reorder(loss: Json) -> None:
    """In the order of a depth-first search, as far as this is a graph."""
    try:
        roots = [
            loss["output"],
            *([loss["regulariser"]] if "regulariser" in loss else []),
            *loss.get("constraints", []),
        ]
        graph = enumerate(loss["nodes"])
        if all(type(a) is int and 0 <= a < i for i, node in graph for a in node[arguments(node)]):
            loss["nodes"], places = ordered(loss["nodes"], roots)
            loss["output"] = places[loss["output"]]
            if "regulariser" in loss:
                loss["regulariser"] = places[loss["regulariser"]]
            if "constraints" in loss:
                loss["constraints"] = [places[h] for h in loss["constraints"]]
    except (TypeError, IndexError, KeyError):
        return


def changed(rng: random.Random, corpus: list[bytes]) -> bytes:
    data = rng.choice(corpus)
    try:
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            data = bend(rng, data) if rng.random() < 0.6 else mutate(rng, data, rng.choice(corpus), 0.8)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return data  # no longer a file with a graph
    return data


def timed(stage: str, work: Any) -> Any:
    signal.setitimer(signal.ITIMER_PROF, LIMIT[stage])
    try:
        return work()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def one_read(data: bytes) -> str:
    """ "read", "refused", or what is wrong."""
    try:
        opened, _, cert = timed("reader", lambda: read(data))
    except Refusal:
        return "refused"
    except TooSlow:
        return "FAILURE: slow"
    except Exception as failure:  # noqa: BLE001 -- what is looked for
        return f"FAILURE: {type(failure).__name__}: {failure}"
    loss = opened.claim["problem"]["loss"]
    roots = [
        cert.loss.output,
        *([] if cert.loss.regulariser is None else [cert.loss.regulariser]),
        *cert.loss.constraints,
    ]
    return "read" if ordered(loss["nodes"], roots)[0] == loss["nodes"] else "FAILURE: another form"


def number(x: Json) -> Any:
    return mp.mpf(int(x["exact"][0])) * mp.mpf(2) ** x["exact"][1]


def false(claim: Json) -> str:
    """What is not true at the point, of an accepted claim; empty if nothing is seen."""
    bounds, loss = claim["bounds"], claim["problem"]["loss"]
    with mp.workprec(900):
        z = [mp.mpf(int(m)) * mp.mpf(2) ** e for m, e in (*claim["point"], *claim.get("multipliers", []))]
        norm = mp.norm(gradient(loss, z))
        if claim["verdict"] == "not-critical":
            return "" if norm >= number(bounds["gradient_min"]) * (1 - mp.mpf(2) ** -60) else "gradient_min"
        if norm > number(bounds["gradient"]) + mp.mpf(2) ** -60:
            return "gradient"
        for g in claim.get("images", {"exchanges": []})["exchanges"]:
            image = z.copy()
            for i, j, s in g:
                image[i] = s * z[j]
            if abs(lagrangian(loss, image) - lagrangian(loss, z)) > mp.mpf(2) ** -60:
                return "images"
        low, high = (number(x) for x in bounds["objective"])
        value, slack = lagrangian(loss, z), number(bounds["existence_radius"]) ** 2 * 10**6 + mp.mpf(2) ** -60
        if not low - slack <= value <= high + slack:
            return "objective"
        H = np.array([[float(x) for x in row] for row in hessian(loss, z)])
    values, scale = np.linalg.eigvalsh(H), 1e-9 + float(bounds["existence_radius"]["exact"][0] != "0")
    negative = int((values < 0).sum()) - len(claim.get("multipliers", []))
    if negative != bounds["inertia"]["negative"] and abs(values).min() > scale:
        return "inertia"
    return ""


def one_checked(data: bytes) -> str:
    try:
        report = timed("checker", lambda: check(data, "some.json", Trust(), NOW))
    except TooSlow:
        return "FAILURE: slow"
    except Exception as failure:  # noqa: BLE001 -- what is looked for
        return f"FAILURE: {type(failure).__name__}: {failure}"
    if report.result == ACCEPTED:
        wrong = false(json.loads(data)["statement"]["claim"])
        return f"FAILURE: accepted, but not true: {wrong}" if wrong else ACCEPTED
    return str(report.result)


def seeds(stage: str) -> list[bytes]:
    """Accepted files without signatures; for the reader without evidence, which fuzz_audit.py changes."""
    found = []
    for path in sorted((ROOT / "tests/corpus/accept").glob("expression-*.json")):
        document = json.loads(path.read_bytes()) | {"signatures": []}
        if stage == "reader":
            document["statement"]["evidence"] = []
        found.append(json.dumps(document).encode())
    return found


def fuzz(stage: str, one: Any, times: int, seed: int) -> int:
    """Prints the counts; returns the number of failures."""
    rng = random.Random(f"{seed} {stage}")  # noqa: S311
    corpus, results, start = seeds(stage), Counter[str](), time.perf_counter()
    for _ in range(times):
        data = changed(rng, corpus)
        found = one(data)
        results[found] += 1
        if found.startswith("FAILURE"):
            print(found, data[:2000])
    rate = times / max(time.perf_counter() - start, 1e-9)
    print(f"{stage}: {times} inputs, {rate:.0f} a second: {dict(results.most_common(6))}", flush=True)
    return sum(n for found, n in results.items() if found.startswith("FAILURE"))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=1_000_000, help="inputs for the reader")
    parser.add_argument("--checks", type=int, default=5_000, help="inputs for the whole checker")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    signal.signal(signal.SIGPROF, too_slow)
    failures = fuzz("checker", one_checked, options.checks, options.seed)
    return 1 if failures + fuzz("reader", one_read, options.runs, options.seed) else 0


if __name__ == "__main__":
    sys.exit(main())
