"""Does the checker accept anything false of the designed landscape? python -m makers.landscape.mutated [COUNT] [SEED]

As tools/mutants.py, with the certificates of tests/corpus/accept/landscape-* and what `truth` finds untrue."""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import UTC, datetime
from fractions import Fraction
from functools import cache

import mutants
from judge.documents import Json, encode, is_number, is_upper, leaves, number, replaced, value
from makers.landscape.truth import untrue
from relucert_audit.check import check
from relucert_audit.trust import Trust

NOW = datetime.now(UTC)
SLOW = ("whole-6", "run", "run-without-gradient", "empirical-saddle")


def bases() -> dict[str, Json]:
    """Those that are judged in less than a second, unsigned."""
    found = {}
    for path in sorted(mutants.ACCEPT.glob("landscape-*.json")):
        name = path.stem.removeprefix("landscape-")
        if name not in SLOW:
            found[name] = json.loads(path.read_bytes()) | {"signatures": []}
    return found


@cache
def judged(claim: str) -> str:
    return untrue(json.loads(claim))


def result(data: bytes) -> tuple[str, str]:
    """The checker's result, and what is untrue in a claim that it accepts."""
    try:
        found = check(data, "mutant.json", Trust(), NOW).result
    except Exception as failure:  # noqa: BLE001 -- a crash is what is looked for
        return "crash", f"{type(failure).__name__}: {failure}"
    if found != "accepted":
        return found, ""
    return found, judged(json.dumps(json.loads(data)["statement"]["claim"]))


def run(documents: dict[str, Json], count: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Counts per result; what is accepted and not true, and crashes."""
    results, failures = Counter[str](), []
    for what, data in mutants.mutants(documents, count, seed):
        found, reason = result(data)
        results[found] += 1
        if reason:
            failures.append(f"{found}: {reason}: {what}")
    return results, failures


def upper(claim: Json, place: tuple[object, ...]) -> bool:
    return is_upper(place) and not (claim["method"] == "split-neuron" and place[-1] == "curvature")


def sharpest(documents: dict[str, Json]) -> list[str]:
    """Of every bound the sharpest value that is accepted, by bisection, is true; what is not."""
    failures = []
    for name, document in documents.items():
        claim = document["statement"]["claim"]
        for place, item in leaves(claim["bounds"], ("statement", "claim", "bounds")):
            if not is_number(item) or not int(item["exact"][0]):
                continue
            up, x = upper(claim, place), value(item["exact"])
            sign, low, high = (-1 if up else 1) * (1 if x > 0 else -1), Fraction(0), Fraction(1)
            tried = encode(document)
            for _ in range(40):
                middle = (low + high) / 2
                data = encode(replaced(document, place, number(x * (1 + sign * middle), up, 80)))
                if check(data, "mutant.json", Trust(), NOW).result == "accepted":
                    low, tried = middle, data
                else:
                    high = middle
            _, reason = result(tried)
            if reason:
                failures.append(f"{name} {mutants.dotted(place[3:])} sharper by {float(low):.3g}: {reason}")
    return failures


def main() -> int:
    count, seed = (int(sys.argv[i]) if len(sys.argv) > i else default for i, default in ((1, 3000), (2, 1)))
    documents = bases()
    results, failures = run(documents, count, seed)
    print(f"{count} mutants of {len(documents)} certificates, seed {seed}: {dict(results)}")
    failures += sharpest(documents)
    print(f"accepted though not true, or crashed: {len(failures)}")
    for line in failures:
        print(f"  {line}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
