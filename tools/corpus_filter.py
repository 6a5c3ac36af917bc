"""The files of tests/corpus about the family "one-filter": python tools/corpus_filter.py [FOLDER]

make_corpus.py, which says what the folders mean, makes them too. Their names start with "filter-". Whether a
claim is true is judged by running descent itself, with 60 digits and the gradient of docs/theorem/filter.md
section 11, for at most 3,000 steps: it shares nothing with the theorem that proves the claim.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

from mpmath import mp, mpf

from corpus_keys import signed
from judge.documents import number, replaced, value
from makers.edits import changed
from makers.folder import Put, remake
from relucert import certificate
from relucert.families.filter.problem import FilterProblem
from relucert.families.filter.prove import certify
from relucert.families.filter.statement import statement

Json = dict[str, Any]
LONGEST_RUN = 3000


def prove(target: str, start: str, eta: str = "2", accuracy: str = "1e-6") -> Json:
    """An unsigned certificate."""
    result = certify(FilterProblem.from_text(target, start, eta, accuracy))
    whole = certificate.envelope(statement(result, {"source": "bench/corpus_filter.py"}), [])
    return json.loads(whole)  # type: ignore[no-any-return]


def exact(x: str) -> Any:
    fraction = Fraction(x)
    return mpf(fraction.numerator) / fraction.denominator


def distances(claim: Json, steps: int) -> list[Any]:
    """|w_t - w*|/|w*|, t = 0 .. steps, until the gradient is undefined."""
    problem = claim["problem"]
    v, w = ([exact(x) for x in row] for row in (problem["target"], claim["point"]))
    eta, size, apart = exact(problem["eta"]), mp.norm(v), []
    for _ in range(steps + 1):
        length = mp.norm(w)
        apart.append(mp.norm([x - y for x, y in zip(w, v, strict=True)]) / size)
        if length == 0:
            break
        minus, plus = (
            mp.norm([x / length + s * y / size for x, y in zip(w, v, strict=True)]) for s in (-1, 1)
        )
        phi = 2 * mp.atan2(minus, plus)
        keep, pull = (
            1 - eta / 2 + eta * size * mp.sin(phi) / (2 * mp.pi * length),
            eta * (mp.pi - phi) / (2 * mp.pi),
        )
        w = [keep * x + pull * y for x, y in zip(w, v, strict=True)]
    return apart


def untrue(document: Json) -> str:
    """Which claim a run contradicts, or an empty string."""
    claim = document["statement"]["claim"]
    bounds, steps = claim["bounds"], claim["bounds"]["steps"]
    with mp.workdps(60):
        slack = 1 + mpf(10) ** -40
        apart = distances(claim, min(max(steps, 3), LONGEST_RUN))
        shown = {name: exact(str(value(bounds[name]["exact"]))) for name in ("distance", "decrease")}
        if apart[0] > shown["distance"] * slack:
            return "distance"
        kept = (1 - shown["decrease"]) * slack
        if any(y > kept * x + mpf(10) ** -50 for x, y in pairwise(apart)):
            return "decrease"
        reached = apart[steps] if steps < len(apart) else apart[-1] * kept ** (steps - len(apart) + 1)
        return "steps" if reached > exact(claim["problem"]["accuracy"]) * slack else ""


def add(put: Put, signed: Callable[[Json], Json]) -> None:
    """Puts every file: put(kind, name, why, document)."""
    made = accepted(put, signed)
    rejected(put, signed, made)
    malformed(put, signed, made["near"])


def accepted(put: Put, signed: Callable[[Json], Json]) -> dict[str, Json]:
    long = ",".join(str(Fraction(7 * i % 11 - 5, i + 1)) for i in range(12))
    made = {
        "near": prove("1,-0.5,1/3", "0.7,0,1/2", "1"),
        "near-step-2": prove("1,-0.5,1/3", "0.7,0,1/2"),
        "far": prove("1,0", "-1,1"),
        "very-far": prove("1,2,3", "-1000,1000,1000", "1"),
        "near-the-ray": prove("1,0", "-1,1/50", "2"),
        "near-the-origin": prove("3,4", "1e-30,-1e-30", "1"),
        "parallel": prove("1,2", "3,6", "1/2"),
        "parallel-step-2": prove("1,2", "3,6"),
        "at-the-target": prove("1,2", "1,2", "1"),
        "already-near": prove("1,2", "1,2.0000001", "1"),
        "orthogonal": prove("1,0", "0,5", "3/2", "1e-12"),
        "small-step": prove("1,0", "1,1/2", "1/100", "1e-3"),
        "step-of-the-paper": prove("1,0", "1,1/2", "1/40", "1/10"),
        "accurate": prove("1,0", "1,1", "2", "1e-150"),
        "rough-accuracy": prove("1,0", "-3,1", "1", "5"),
        "dimension-12": prove(long, ",".join(reversed(long.split(","))), "1"),
        "huge-and-tiny": prove("1e300,1e-300", "1e-300,1e300", "1"),
    }
    loose = made["near"]
    loose = changed(loose, "bounds.decrease", number(Fraction(1, 100), False))
    loose = changed(loose, "bounds.distance", number(Fraction(10), True))
    made["loose-bounds"] = changed(loose, "bounds.steps", 10**9)
    made["no-decrease"] = changed(loose, "bounds.decrease", number(Fraction(0), False))
    made["without-evidence"] = replaced(made["far"], ("statement", "evidence"), [])
    for name, document in made.items():
        reason = untrue(document)
        if reason:
            raise SystemExit(f"{name}: {reason} is not true")
        put("accept", f"filter-{name}", "", signed(document))
    return made


def rejected(put: Put, signed: Callable[[Json], Json], made: dict[str, Json]) -> None:
    near, far, parallel = made["near"], made["far"], made["parallel"]

    def false(kind: str, name: str, why: str, document: Json) -> None:
        if not untrue(document):
            raise SystemExit(f"{name}: is true")
        put(kind, f"filter-{name}", why, signed(document))

    def wrong(name: str, why: str, document: Json) -> None:
        """Not admissible, whether true or not."""
        put("reject", f"filter-{name}", why, signed(document))

    ray = changed(far, "point", ["-1", "0"])
    false("reject", "opposite-ray", "The start is -w*: descent with step 2 meets 0, where it ends.", ray)
    wrong(
        "step-above-2",
        "eta is 2001/1000; Theorem 11.B needs eta <= 2.",
        changed(near, "problem.eta", "2001/1000"),
    )
    false("reject", "step-5", "eta is 5: descent moves away from w*.", changed(near, "problem.eta", "5"))
    false("reject", "step-0", "eta is 0: descent does not move.", changed(near, "problem.eta", "0"))
    false(
        "reject",
        "step-negative",
        "eta is -1: descent moves away from w*.",
        changed(near, "problem.eta", "-1"),
    )
    away = distances(near["statement"]["claim"], 0)[0]
    low = number(Fraction(float(away)) * (1 - Fraction(1, 2**12)), True)
    why = f"distance is past the true {float(away):.9g} by a relative 2^-12."
    false("reject", "distance", why, changed(near, "bounds.distance", low))
    high = number(Fraction(1, 2) + Fraction(1, 2**12), False)
    why = "decrease is above eta/2 = 1/2, the share of a step in the limit, by 2^-12."
    false("reject", "decrease-above-half-the-step", why, changed(near, "bounds.decrease", high))
    why = "decrease is 1: one step would reach w*."
    false("reject", "decrease-1", why, changed(near, "bounds.decrease", number(Fraction(1), False)))
    false(
        "reject",
        "no-steps",
        "steps is 0, and w0 is not within the accuracy.",
        changed(near, "bounds.steps", 0),
    )
    why = "One step less than needed: the start is parallel to w*, where the factor 3/4 is exact."
    count = parallel["statement"]["claim"]["bounds"]["steps"]
    false("reject", "one-step-less", why, changed(parallel, "bounds.steps", count - 1))
    count = made["small-step"]["statement"]["claim"]["bounds"]["steps"]
    why = "Half of the steps; even with the factor 1 - eta/2 they are too few."
    false("reject", "half-of-the-steps", why, changed(made["small-step"], "bounds.steps", count // 2))
    why = "The accuracy is a millionth of the one that was proved; the steps are the old ones."
    false("reject", "accuracy-changed", why, changed(parallel, "problem.accuracy", "1/1000000000000"))
    target = ["1", "-1/2", "-1/3"]
    why = "The sign of a coordinate of w* is turned; the numbers are the old ones."
    false("reject", "target-turned", why, changed(near, "problem.target", target))
    point = ["7", "0", "1/2"]
    why = "The start is ten times as far; the numbers are the old ones."
    false("reject", "point-moved", why, changed(near, "point", point))
    wrong("method", "The method of another family.", changed(near, "method", "hessian"))
    wrong("family", "The family of another method.", changed(near, "family", "teacher-student-relu"))
    why = "Version 1.0 does not have this family."
    wrong("version-1-0", why, changed(near, "schema", "relucert-certificate/1.0"))
    off = changed(near, "bounds.decrease.decimal", "0.400001")
    wrong("decimal", "decrease's decimal is not on the weak side of it.", off)
    place = ("statement", "evidence", 0, "inequalities", 4)
    swapped = near["statement"]["evidence"][0]["inequalities"][4]
    swapped = swapped | {"left": number(Fraction(1), True)}
    wrong("evidence", "B.5 is marked proved, and is false.", replaced(near, place, swapped))
    forged = signed(near)
    why = "The start was changed after signing, in a place where every claim stays true."
    put("reject", "filter-changed-after-signing", why, changed(forged, "point.1", "1/1000000000"))
    # What a checker need not be able to refute.
    first = distances(far["statement"]["claim"], 1)
    share = 1 - Fraction(float(first[1] / first[0]))
    why = f"decrease is above {float(share):.6g}, the share of the first step, and below eta/2."
    more = changed(far, "bounds.decrease", number(share + Fraction(1, 100), False))
    false("not-confirmed", "decrease", why, more)
    false(
        "not-confirmed",
        "steps",
        "steps is 1: descent with step 2 is not so fast.",
        changed(far, "bounds.steps", 1),
    )


def malformed(put: Put, signed: Callable[[Json], Json], near: Json) -> None:
    def edit(name: str, why: str, path: str, new: Any) -> None:
        put("malformed", f"filter-{name}", why, signed(changed(near, path, new)))

    for name, why, text in (
        ("not-lowest-terms", "2/4 instead of 1/2.", "2/4"),
        ("denominator-1", "3/1 instead of 3.", "3/1"),
        ("denominator-0", "A denominator of 0.", "1/0"),
        ("denominator-negative", "A negative denominator.", "1/-2"),
        ("decimal", "A decimal.", "0.5"),
        ("plus", "A plus sign.", "+1"),
        ("minus-zero", "-0.", "-0"),
        ("zero-over-2", "0/2 instead of 0.", "0/2"),
        ("leading-zero", "A leading zero.", "01"),
        ("empty", "An empty string.", ""),
        ("space", "A space.", "1 /2"),
        ("line-end", "A line end.", "1/2\n"),
        ("other-digits", "Arabic-Indic digits.", "\u0661"),
        ("long", "1001 digits.", "1" * 1001),
        ("number", "A JSON number.", 1),
        ("dyadic", "A dyadic.", ["1", -1]),
    ):
        edit(f"rational-{name}", f"{why} In the point.", "point.0", text)
    edit("target-0", "w* is 0.", "problem.target", ["0", "0", "0"])
    edit("point-0", "w0 is 0.", "point", ["0", "0", "0"])
    edit("point-short", "w0 has two entries, w* three.", "point", ["1", "1"])
    put(
        "malformed",
        "filter-dimension-1",
        "p = 1.",
        signed(changed(changed(near, "point", ["1"]), "problem.target", ["2"])),
    )
    edit("accuracy-0", "The accuracy is 0.", "problem.accuracy", "0")
    edit("accuracy-negative", "The accuracy is negative.", "problem.accuracy", "-1/10")
    edit("accuracy-absent", "There is no accuracy.", "problem.accuracy", None)
    edit("extra-member", "A member that is not named.", "problem.beta", "1/3")
    edit("verdict", "A verdict of another family.", "verdict", "global-minimum")
    edit("decrease-absent", "There is no decrease.", "bounds.decrease", None)
    edit("decrease-negative", "decrease is negative.", "bounds.decrease", number(Fraction(-1), False))
    edit("steps-negative", "steps is -1.", "bounds.steps", -1)
    edit("steps-text", "steps is a string.", "bounds.steps", "21")
    edit("steps-boolean", "steps is true.", "bounds.steps", True)
    edit("rows", "The point is a row of rows.", "point", [["1", "0", "0"]])


if __name__ == "__main__":
    remake("filter", lambda put: add(put, signed))
