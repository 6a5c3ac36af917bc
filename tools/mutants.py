"""Does the checker accept anything false? python tools/mutants.py [COUNT] [SEED]

Takes small certificates of tests/corpus/accept, without their signatures, and changes them: every place in
every way below, in a seeded order, and seeded pairs of changes, until there are COUNT (default 10000)
mutants, a quarter of them pairs; then it looks for the sharpest value of every bound that is accepted. All
goes through relucert_audit, with no signature and no digest in the file's name, so only mathematics and the
rules of the format can catch it. What is accepted is judged by `judge`, which shares no code with the
checker: the shape by docs/spec/certificate-v1.schema.json, the rules in fractions, the numbers by the
prover's kernel at 256 bits, W* by Newton's method to 60 digits. A symmetric point of few entries is judged
with all of them, others by the kernel's functions for symmetric points. An accepted mutant that `judge` does
not find true is a failure, and so is a crash of the checker. What is not accepted although `judge` finds it
true is counted too.
"""

from __future__ import annotations

import itertools
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from judge.claims import judge, load
from judge.documents import (
    ROOT,
    VERDICTS,
    VERSIONS,
    Json,
    Place,
    encode,
    is_dyadic,
    is_number,
    is_upper,
    leaves,
    number,
    replaced,
    value,
    written,
)
from judge.truth import Untrue
from relucert.base.dyadic import DOWN, UP, canonical, decimal

ACCEPT = ROOT / "tests" / "corpus" / "accept"
BASES = (
    *("global-1-1", "global-2-2-exact", "global-2-2-paper", "global-skew-targets", "global-tiny"),
    *(
        "local-1-2",
        "local-2-3",
        "local-2-3-paper",
        "local-2-3-sharp",
        "saddle-1-2",
        "saddle-2-2-antiparallel",
    ),
    *("saddle-2-2-skew", "not-critical-1-1", "not-critical-dimension-1", "not-critical-antiparallel"),
    "spurious-6-6",
    *("symmetric-global-2-1", "symmetric-saddle-3", "symmetric-spurious-1-5", "symmetric-not-critical"),
    *("symmetric-spurious-1-5-sharp", "symmetric-saddle-1-3-sharp"),
    "version-1-0",
    "witness-1-2",
    *("signs-turned", "signs-witness", "signs-phases", "signs-phases-saddle", "signs-far", "signs-skew"),
    "barrier-local-2-3",
)
NOW = datetime.now(UTC)
TOKENS = ("hessian", "symmetric-hessian", "teacher-student-relu", "orthonormal", "every d >= k")
TOKENS = (
    *TOKENS,
    "signed-hessian",
    "0",
    "-1",
    "1/3",
    "2/4",
    "simple",
    "sharp",
    "paper",
    "<",
    "<=",
    *VERDICTS,
)
Mutant = tuple[str, bytes]


# ---- changing -------------------------------------------------------------------------------------------


def number_changes(item: Json, place: Place, others: list[Json]) -> Iterator[tuple[str, Any]]:
    (m, e), x, up = (int(item["exact"][0]), item["exact"][1]), value(item["exact"]), is_upper(place)
    for step in (1, -1):
        yield f"unit {step:+}", written(canonical(m + step, e), up)
        yield f"unit/2 {step:+}", written(canonical(2 * m + step, e - 1), up)
        for power in (3, 10, 17, 19, 20, 30):
            yield f"times 1{step:+}*2^-{power}", number(x * (1 + Fraction(step, 2**power)), up, 64)
    for bit in (1, 4, 9, 17):
        yield f"bit {bit} flipped", written(canonical((abs(m) ^ 1 << bit) * (-1 if m < 0 else 1), e), up)
    for factor in (2, Fraction(1, 2), 1000, Fraction(1, 1000), -1, 0):
        yield f"times {factor}", number(x * factor, up, 64)
    for other in others:
        yield "another number", deepcopy(other)
        yield "another exact value", written((int(other["exact"][0]), other["exact"][1]), up)
    shown = item["decimal"]
    wrong = decimal((m, e), DOWN if up else UP)
    for text in (wrong, "-" + shown, shown + "0", shown.replace(".", ""), "0", "NaN", "", shown + "e1"):
        yield f"decimal {text}", item | {"decimal": text}
    for distance in (5000, 50_000, -50_000):
        near = number(x * (1 + Fraction(1 if up else -1, distance)), up)["decimal"]
        yield f"decimal off by 1/{distance}", item | {"decimal": near}
    yield "null", None
    yield "only exact", item["exact"]


def dyadic_changes(item: list[Any], others: list[Any]) -> Iterator[tuple[str, Any]]:
    m, e = int(item[0]), item[1]

    def pair(a: int, b: int) -> list[Any]:
        return [str(a), b]

    for step in (1, -1, 2, -2):
        yield f"unit {step:+}", pair(*canonical(m + step, e))
        yield f"2^-40 units {step:+}", pair(*canonical((m << 40) + step, e - 40))
        yield f"exponent {step:+}", pair(m, e + step)
    for bit in (1, 3, 8, 20, 52):
        yield f"bit {bit} flipped", pair(*canonical(m ^ 1 << bit, e))
    yield "negated", pair(-m, e)
    yield "zero", pair(0, 0)
    yield "even mantissa", pair(2 * m, e - 1)
    yield "zero with an exponent", pair(0, e + 1)
    yield "mantissa as a number", [m, e]
    yield "exponent as a string", [str(m), str(e)]
    yield "leading zero", ["0" + item[0], e]
    yield "plus sign", ["+" + item[0], e]
    for other in others:
        yield "another", deepcopy(other)


def changes(item: Any, place: Place, same: Callable[[Any], list[Any]]) -> Iterator[tuple[str, Any]]:
    """(what, new value) for one place. same: some other values of the same type."""
    if is_number(item):
        yield from number_changes(item, place, same(item))
        yield "extra member", item | {"more": 1}
        return
    if is_dyadic(item):
        yield from dyadic_changes(item, same(item))
        return
    if isinstance(item, bool):
        yield from [("flipped", not item), ("integer", int(item)), ("string", str(item)), ("null", None)]
    elif isinstance(item, int):
        new = (item + 1, item - 1, 0, -1, 2 * item + 1, -item - 2, item == 1, str(item), None, 2**53)
        yield from ((f"integer {x}", x) for x in new)
    elif isinstance(item, str):
        yield from ((f"string {x}", x) for x in TOKENS if x != item)
        yield from [("empty", ""), ("capitals", item.upper()), ("space", item + " "), ("line", item + "\n")]
        yield from [("null", None), ("integer", 1), ("list", [item])]
        yield from ((version, version) for version in (*VERSIONS, "relucert-certificate/1.2"))
    elif item is None:
        yield from [("integer", 0), ("string", ""), ("object", {}), ("number", number(Fraction(1, 3), True))]
    elif isinstance(item, list):
        yield from [("reversed", item[::-1]), ("empty", []), ("object", {}), ("null", None)]
        yield from [("shorter", item[:-1]), ("longer", item + item[-1:]), ("rotated", item[1:] + item[:1])]
        yield "nested", [item]
    else:
        for name in item:
            yield f"without {name}", {key: x for key, x in item.items() if key != name}
            yield f"{name} twice", item | {f"@twice:{name}": item[name]}
        for one, two in itertools.pairwise(item):
            yield f"{one} and {two} exchanged", item | {one: item[two], two: item[one]}
        yield from [("extra member", item | {"more": 0}), ("list", [item]), ("null", None)]


def all_changes(document: Json, draw: random.Random) -> Iterator[tuple[Place, str, Any]]:
    found = list(leaves(document))
    numbers = [x for _, x in found if is_number(x)]
    dyadics = [x for place, x in found if is_dyadic(x) and place[-1] != "exact"]

    def same(item: Any) -> list[Any]:
        pool = [x for x in (numbers if is_number(item) else dyadics) if x != item]
        return draw.sample(pool, min(2, len(pool)))

    for place, item in found:
        if place and place[-1] not in ("exact", "decimal"):
            for what, new in changes(item, place, same):
                yield place, what, new


def mutants(documents: dict[str, Json], count: int, seed: int) -> Iterator[Mutant]:
    """`count` different mutants: single changes in a seeded order, and pairs of changes."""
    draw = random.Random(seed)  # noqa: S311 -- no secret
    singles = [(name, *c) for name, document in documents.items() for c in all_changes(document, draw)]
    draw.shuffle(singles)
    seen = {encode(document) for document in documents.values()}
    made = 0

    def fresh(what: str, document: Json) -> Iterator[Mutant]:
        nonlocal made
        data = encode(document)
        if data not in seen:
            seen.add(data)
            made += 1
            yield what, data

    for name, place, what, new in singles:
        if made < count * 3 // 4:
            yield from fresh(f"{name} {dotted(place)}: {what}", replaced(documents[name], place, new))
    by_name: dict[str, list[tuple[Place, str, Any]]] = {}
    for name, *change in singles:
        if change[0][-1] not in ("payloadType", "statement", "signatures", "claim", "schema"):
            by_name.setdefault(name, []).append(tuple(change))  # type: ignore[arg-type]
    while made < count:
        name = draw.choice(sorted(by_name))
        (one, what, new), (two, also, other) = draw.sample(by_name[name], 2)
        if one[: len(two)] != two and two[: len(one)] != one:
            document = replaced(replaced(documents[name], one, new), two, other)
            yield from fresh(f"{name} {dotted(one)}: {what}; {dotted(two)}: {also}", document)


def dotted(place: Place) -> str:
    return ".".join(str(part) for part in place)


# ---- running --------------------------------------------------------------------------------------------


def bases() -> dict[str, Json]:
    """Certificates of all verdicts, unsigned."""
    return {name: load((ACCEPT / f"{name}.json").read_bytes()) | {"signatures": []} for name in BASES}


def judged(data: bytes) -> str:
    """Why it is not true, or an empty string."""
    try:
        judge(data)
    except Untrue as reason:
        return str(reason) or "untrue"
    return ""


def run(documents: dict[str, Json], count: int, seed: int) -> tuple[Counter[str], list[str], list[str]]:
    """Counts per result; failures (accepted and not true, or a crash); rejected although judged true."""
    from relucert_audit.check import check
    from relucert_audit.trust import Trust

    results: Counter[str] = Counter()
    failures, strict = [], []
    for what, data in mutants(documents, count, seed):
        try:
            report = check(data, "mutant.json", Trust(), NOW)
        except Exception as failure:  # noqa: BLE001 -- a crash is what is looked for
            results["crash"] += 1
            failures.append(f"CRASH {type(failure).__name__}: {failure}: {what}")
            continue
        results[report.result] += 1
        untrue = judged(data)
        if untrue:
            if report.result == "accepted":
                failures.append(f"ACCEPTED THOUGH {untrue}: {what}")
        elif report.result == "accepted":
            results["accepted and judged true"] += 1
        elif report.result == "not-confirmed":
            results["not-confirmed though true"] += 1
        else:
            strict.append(f"{report.result} though true: {what}: {report.finding}")
    return results, failures, strict


def sharpest(documents: dict[str, Json], verbose: bool = False) -> tuple[int, list[str]]:
    """For every bound the sharpest value that is accepted, by bisection, which must be true; failures."""
    from relucert_audit.check import check
    from relucert_audit.trust import Trust

    tried, failures = 0, []
    for name, document in documents.items():
        bounds = document["statement"]["claim"]["bounds"]
        for place, item in leaves(bounds, ("statement", "claim", "bounds")):
            if not is_number(item) or not int(item["exact"][0]):
                continue
            up, x = is_upper(place), value(item["exact"])
            low, high = Fraction(0), Fraction(1)  # by how much sharper: accepted, not accepted
            sign = (-1 if up else 1) * (1 if x > 0 else -1)

            def sharper(by: Fraction) -> bytes:
                return encode(replaced(document, place, number(x * (1 + sign * by), up, 80)))  # noqa: B023

            for _ in range(60):
                middle = (low + high) / 2
                tried += 1
                if check(sharper(middle), "mutant.json", Trust(), NOW).result == "accepted":
                    low = middle
                else:
                    high = middle
                if high - low < low / 2**30 or high < Fraction(1, 2**60):
                    break
            untrue = judged(sharper(low))
            if untrue:
                failures.append(f"ACCEPTED THOUGH {untrue}: {name} {dotted(place)} sharper by {float(low)}")
            elif verbose:
                print(f"  {name} {dotted(place[3:])}: sharper by {float(low):.3g} at most")
    return tried, failures


def main() -> int:
    count, seed = (int(sys.argv[i]) if len(sys.argv) > i else default for i, default in ((1, 10_000), (2, 1)))
    documents = bases()
    start = time.perf_counter()
    for name, document in documents.items():
        if untrue := judged(encode(document)):
            print(f"{name}: judged untrue, {untrue}")
            return 1
    results, failures, strict = run(documents, count, seed)
    seconds = time.perf_counter() - start
    print(f"{count} mutants of {len(documents)} certificates in {seconds:.0f} s, seed {seed}")
    for name, times in results.most_common():
        print(f"  {name}: {times}")
    print(f"  rejected or malformed though true: {len(strict)}")
    for line in strict[:30]:
        print(f"    {line}")
    start = time.perf_counter()
    tried, more = sharpest(documents)
    failures += more
    print(f"{tried} steps to the sharpest bounds accepted in {time.perf_counter() - start:.0f} s")
    print(f"accepted though not true, or crashed: {len(failures)}")
    for line in failures:
        print(f"  {line}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
