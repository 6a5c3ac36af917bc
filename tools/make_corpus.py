"""Makes tests/corpus, certificates to accept and not to: python tools/make_corpus.py [FOLDER]

accept/         true and well-formed
reject/         a claim is refuted, or a rule of docs/spec/certificate-v1.md between exact numbers is broken
not-confirmed/  false, or not known to be true, in a way that a checker's own bounds need not refute
malformed/      step 0 of the specification fails

The true ones are proved by relucert at fixed points and signed with a test key, whose private half anyone can
derive from the seed below: it proves nothing, and exists so that signatures are no reason to refuse a false
statement. The false ones are edits of true ones; where a bound is tightened, past the true number, which is
computed at 256 bits (judge.truth), by a relative 2^-12 unless the line says otherwise. NAME.md
says in one line what is wrong. The same installation always makes the same files; old ones are removed, but
for those of make_corpus_cnn.py, cnn-*.
"""

from __future__ import annotations

import base64
import json
import math
import sys
from copy import deepcopy
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import corpus_filter
from corpus_keys import OTHER_KEY, TEST_KEY, signed
from judge.claims import judge, subject
from judge.documents import MINIMA, ROOT, encode, number, replaced, value
from judge.truth import Untrue, eigenvectors
from relucert import Candidate, Problem, certificate, verify
from relucert.certificate import signing
from relucert.families.teacher import statement as teacher_statement
from relucert.families.teacher.symmetric.point import (
    SymmetricPoint,
    SymmetricVerification,
    kernel_point,
    verify_symmetric,
)
from relucert.kernel import ball
from relucert.kernel.ball import Ball, to_dyadic
from relucert.kernel.teacher import symmetric_facts, symmetric_inertia, theorems

Json = dict[str, Any]
PAST = Fraction(1, 2**12)
KEEP = "reject", "malformed", "not-confirmed", "accept"

# Critical points to 9 digits (Newton's method from random points), one neuron a row; targets e_1 .. e_k.
a, b, c, d, e = -0.050413403, 0.986703819, 0.308010991, 0.224515808, -0.601511924
p, q = 1.068309886, -0.068309886
u, v = -0.663397368, 0.330709783
SIX = [[b if i == j else a for j in range(5)] + [c] for i in range(5)] + [[d] * 5 + [e]]
LOCAL = [[-0.243771412, 0.946327819, 0.946327819], [1.317912905, 0.08964493, 0.08964493]]
SADDLE = [[p, p], [q, q]]
SADDLE_3 = [
    [0.722732161, 0.193240341, 0.722732161],
    [0.282609663, -0.344642529, 0.282609663],
    [0.019280122, 1.170183731, 0.019280122],
]
SADDLE_4 = [[0.348974312, 1.05184322, -0.247082764], [0.629095779, 0.491600286, -0.807325698]]
SKEW = [[1.0, 0.5, 0.0], [0.0, 1.0, -1.0]]
FAR = [[1.0, 0.0], [-2.0, 0.0]]


def rough(points: list[list[float]], by: float = 1e-9) -> list[list[float]]:
    """So far from the critical point that bounds are not rounding errors."""
    return [[x + by * (-1) ** (i + j) for j, x in enumerate(row)] for i, row in enumerate(points)]


def prove(points: Any, targets: Any = None, k: int | None = None, **options: Any) -> Json:
    """The unsigned certificate of a point. Without targets: e_1 .. e_k."""
    d = len(points[0])
    problem = (
        Problem.from_targets(targets, len(points)) if targets else Problem.orthonormal(k or d, len(points))
    )
    result = verify(Candidate.from_rows(points, problem), **{"constants": "simple"} | options)
    statement = teacher_statement.statement(result, {"source": "bench/make_corpus.py"})
    return json.loads(certificate.envelope(statement, []))  # type: ignore[no-any-return]


def prove_symmetric(sizes: list[int], values: Any, extra: Any = (), constants: str = "simple") -> Json:
    """The unsigned certificate of a symmetric point."""
    return document_of(verify_symmetric(sizes, values, extra, constants=constants))


def document_of(result: SymmetricVerification) -> Json:
    statement = teacher_statement.statement(result, {"source": "bench/make_corpus.py"})
    return json.loads(certificate.envelope(statement, []))  # type: ignore[no-any-return]


def not_critical(sizes: list[int], values: Any, extra: Any = (), constants: str = "simple") -> Json:
    """The same where no critical point is near, which `verify_symmetric` does not look for."""
    at, radius = SymmetricPoint.from_rows(sizes, values, extra), Ball(1)
    with ball.precision(128):
        measured = symmetric_facts.measure(kernel_point(at), eigenvectors, constants)
        inertia = symmetric_inertia.inertia(measured.at.point, eigenvectors)
        while True:
            radius /= 2
            if ball.proves_lt(radius, ball.lower(ball.smallest(measured.lengths))):
                facts = symmetric_facts.facts(measured, radius, every_dimension=False)
                outcome = theorems.decide_not_critical(facts)
                if outcome.proved and outcome.bounds:
                    break
    outcome = replace(outcome, bounds=outcome.bounds._replace(inertia=inertia or (0, 0)))
    document = document_of(SymmetricVerification(outcome, at, None, 128, constants))
    return document if inertia else changed(document, "bounds.inertia", None)


def pretty(document: Json) -> bytes:
    return certificate.envelope(document["statement"], document["signatures"])


def claim(document: Json, path: str) -> Any:
    place = document["statement"]["claim"]
    for part in path.split("."):
        place = place[int(part) if part.isdigit() else part]
    return place


def changed(document: Json, path: str, new: Any) -> Json:
    """With the member of the claim at this dotted path replaced, or removed if `new` is None."""
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place = ("statement", "claim", *parents)
    if new is not None:
        return replaced(document, (*place, last), new)
    copy: Any = deepcopy(document)
    inner = copy
    for part in place:
        inner = inner[part]
    del inner[last]
    return copy  # type: ignore[no-any-return]


class Corpus:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for kind in KEEP:
            (folder / kind).mkdir(parents=True, exist_ok=True)
            for path in (folder / kind).iterdir():
                if not path.name.startswith("cnn-"):  # those are make_corpus_cnn.py's
                    path.unlink()

    def put(self, kind: str, name: str, why: str, content: Json | bytes) -> None:
        data = content if isinstance(content, bytes) else pretty(content)
        path = self.folder / kind / f"{name.replace('.', '-')}.json"
        if path.exists():
            raise SystemExit(f"{name} occurs twice")
        path.write_bytes(data)
        if kind != "accept":
            path.with_suffix(".md").write_text(why + "\n")

    def accept(self, name: str, document: Json) -> None:
        """Anything true, judged so independently of any checker."""
        judge(encode(document | {"signatures": []}))
        self.put("accept", name, "", document)

    def false(self, kind: str, name: str, why: str, document: Json) -> None:
        """Signed, so that only the statement can be what is wrong; judged not to be true."""
        try:
            judge(encode(document))
        except Untrue:
            self.put(kind, name, why, signed(document))
        else:
            raise SystemExit(f"{name}: is true")


def exact(x: Ball) -> Fraction:
    m, e = to_dyadic(x)
    return m * Fraction(2) ** e


class Case:
    """A true certificate, and its true numbers at 256 bits."""

    def __init__(self, name: str, document: Json) -> None:
        self.name, self.document = name, document
        self.verdict = claim(document, "verdict")
        with ball.precision(256):
            truth = subject(document["statement"]["claim"])
            f = truth.facts
            alpha = ball_of(value(claim(document, "bounds.lipschitz.radius.exact")))
            self.numbers = {
                "gradient_norm": f.gradient,
                "lambda_min.0": f.spectrum.values[0],
                "lambda_min.1": f.spectrum.values[0],
                "lambda_max": f.spectrum.values[-1],
            }
            bounds = claim(document, "bounds")
            if "lambda_min_outside" in bounds:
                self.numbers |= {f"lambda_min_outside.{i}": truth.outside.values[0] for i in (0, 1)}
            if "lambda_min_safran_shamir" in bounds:
                self.numbers["lambda_min_safran_shamir"] = f.spectrum.values[0]
            if "lipschitz_safran_shamir" in bounds:
                self.numbers["lipschitz_safran_shamir"] = truth.lipschitz(alpha, "paper")
            objective = f.objective if self.verdict == "not-critical" else truth.critical[1]
            if self.verdict != "global-minimum":
                self.numbers |= {"objective.0": objective, "objective.1": objective}
            self.apart = None if self.verdict == "not-critical" else exact(truth.critical[0].mid())
            self.true = {name: exact(x.mid()) for name, x in self.numbers.items()}

    @property
    def distance(self) -> Fraction:
        """|W - W*|, where there is a critical point W*."""
        if self.apart is None:
            raise SystemExit(f"{self.name} has no critical point")
        return self.apart

    def past(self, path: str) -> Json:
        """This bound tightened past the truth; an interval stays ordered, as its other
        end is loosened."""
        up, truth = path.split(".")[-1] not in ("0", "lambda_min_safran_shamir"), self.true[path]
        slip = abs(truth) * PAST * (-1 if up else 1)
        document = changed(self.document, f"bounds.{path}", number(truth + slip, up, 64))
        if path[-2:] in (".0", ".1"):
            other = f"bounds.{path[:-1]}{1 - int(path[-1])}"
            document = changed(document, other, number(truth + 2 * slip, not up, 64))
        return document


def ball_of(x: Fraction) -> Ball:
    return Ball(x.numerator) / Ball(x.denominator)


def shown(x: Fraction) -> str:
    return f"{float(x):.12g}"


def claim_free_evidence(document: Json) -> list[tuple[str, str, list[Json]]]:
    """Evidence that says what no step binds: names, reasons and evidences."""
    first, *rest = document["statement"]["evidence"]
    inequality, *others = first["inequalities"]

    def altered(theorem: str, text: str) -> list[Json]:
        return [{**first, "theorem": theorem, "inequalities": [inequality | {"text": text}, *others]}, *rest]

    return [
        (
            "evidence-unknown-theorem",
            "The evidence names a Theorem S about every local minimum, which no step binds.",
            altered("Theorem S", "the loss of EVERY local minimum is above 5"),
        ),
        (
            "evidence-altered-text",
            "The text of an inequality is not that of the theorem's hypothesis.",
            altered(first["theorem"], "every critical point is a global minimum"),
        ),
    ]


def accepted(corpus: Corpus) -> dict[str, Json]:
    """The true ones; returns those that the false ones are made of."""
    made = {
        "global-1-1": prove([[1.0]]),
        "global-2-2-exact": prove([[1.0, 0.0], [0.0, 1.0]]),
        "global-2-2-exchanged": prove([[1e-8, 1.0], [1.0, -2e-8]]),
        "global-3-3": prove([[1.0, 1e-6, 0.0], [0.0, 1.0, 1e-6], [1e-6, 0.0, 1.0]]),
        "global-2-2-paper": prove([[1.0, 1e-7], [-3e-8, 1.0]], constants="paper"),
        "global-skew-targets": prove(rough(SKEW), SKEW),
        "global-huge": prove([[3e200, 1e192], [1e192, 2e200]], [[3e200, 0.0], [0.0, 2e200]]),
        "global-tiny": prove([[3e-200, 1e-208], [1e-208, 2e-200]], [[3e-200, 0.0], [0.0, 2e-200]]),
        "global-dimension-1": prove([[1.5]], [[1.5]]),
        "local-1-2": prove([[p, p]]),
        "local-1-3": prove([[1.146071434] * 3]),
        "local-1-2-skew": prove([[2.972820088, 1.246674474]], [[3.0, 1.0], [-1.0, 0.5]]),
        "local-2-3": prove(rough(LOCAL), raw=True),
        "local-2-3-polished": prove(LOCAL, raw=False),
        "local-2-3-paper": prove(LOCAL, constants="paper"),
        "saddle-1-2": prove([[q, q]]),
        "saddle-2-2-antiparallel": prove([[p, p], [q, q]]),
        "saddle-2-3": prove([[1.146071434] * 3, [-0.146071434] * 3]),
        "saddle-2-3-spread": prove(
            [[1.233697092, 0.500345373, -0.160380255], [-0.160380255, 0.500345373, 1.233697092]]
        ),
        "saddle-2-2-skew": prove(SADDLE_4, SKEW),
        "saddle-3-3": prove(SADDLE_3),
        "saddle-2-2-paper": prove(SADDLE, constants="paper"),
        "not-critical-1-1": prove([[0.5, 0.75]], [[1.0, 0.0]]),
        "not-critical-dimension-1": prove([[0.5], [-0.75]], [[1.0], [-1.0]]),
        "not-critical-parallel": prove([[1.0, 0.25], [2.0, 0.5]]),
        "not-critical-antiparallel": prove(FAR),
        "not-critical-many": prove([[1.0, 0.0], [0.0, 1.0], [-0.5, 0.5]], None, 2),
        "spurious-6-6": prove(rough(SIX), raw=True),
        "spurious-6-6-polished": prove(SIX),
        "spurious-6-6-paper": prove(SIX, constants="paper"),
    }
    made |= sharp(made) | symmetric()
    made["version-1-0"] = changed(in_d_only(made["local-2-3"]), "schema", "relucert-certificate/1.0")
    made["local-2-3-in-d-only"] = in_d_only(made["local-2-3"])
    polished = verify(Candidate.from_rows(rough(LOCAL, 1e-5), Problem.orthonormal(3, 2))).candidate.point
    longer = [[(m * 2**200 + 12345, e - 200) if m else (m, e) for m, e in row] for row in polished]
    made["local-2-3-long-mantissas"] = prove(longer)
    for name, document in made.items():
        corpus.accept(name, signed(document))
    local, away, top = made["local-2-3"], made["not-critical-antiparallel"], made["global-2-2-exchanged"]
    corpus.accept("unsigned", local)
    corpus.accept("signed-by-an-unknown-key", signed(local, OTHER_KEY))
    both = [*signed(local, OTHER_KEY)["signatures"], *signed(local)["signatures"]]
    corpus.accept("signed-twice", local | {"signatures": both})
    bare = local
    for name in ("lambda_min_safran_shamir", "lipschitz_safran_shamir", "existence_radius_lemma_1", "basin"):
        bare = changed(bare, f"bounds.{name}", None)
    corpus.accept("without-optional-bounds", signed(bare))
    corpus.accept("not-critical-without-inertia", signed(changed(away, "bounds.inertia", None)))
    corpus.accept("without-evidence", signed(replaced(local, ("statement", "evidence"), [])))
    deep: Any = {"largest": 2**53 - 1, "least": 1 - 2**53, "text": '\u00e9 \U0001f600 " \\ [{'}
    for _ in range(28):
        deep = [deep]
    corpus.accept(
        "odd-provenance",
        signed(
            replaced(
                local,
                ("statement", "provenance"),
                {"\ue000": deep, "\U0001f600": "sorted by UTF-16, so before U+E000"},
            )
        ),
    )
    loose = local
    for name, factor in (("existence_radius", 10**3), ("lipschitz.value", 3), ("gradient_norm", 1000)):
        weaker = number(value(claim(loose, f"bounds.{name}.exact")) * factor, True)
        loose = changed(loose, f"bounds.{name}", weaker)
    for name in ("uniqueness_radius", "basin.radius", "basin.step", "lambda_min_safran_shamir"):
        weaker = number(value(claim(loose, f"bounds.{name}.exact")) / 100, False)
        loose = changed(loose, f"bounds.{name}", weaker)
    corpus.accept("loose-bounds", signed(loose))
    wide = number(value(claim(loose, "bounds.existence_radius.exact")) * 10**6, True)
    why = "existence_radius is above uniqueness_radius: the critical point may not be the only one within it."
    corpus.put(
        "reject", "existence-above-uniqueness", why, signed(changed(loose, "bounds.existence_radius", wide))
    )
    evidence = claim_free_evidence(local)
    for name, why, first in evidence:
        corpus.put("reject", name, why, signed(replaced(local, ("statement", "evidence"), first)))
    odd = {"text": "\x00"}
    why = "A string in the provenance has the character U+0000."
    corpus.put(
        "malformed",
        "control-character-escaped",
        why,
        signed(replaced(local, ("statement", "provenance"), odd)),
    )
    corpus.accept("spurious-called-local", signed(changed(made["spurious-6-6"], "verdict", "local-minimum")))
    called = changed(top, "verdict", "local-minimum")
    why = "A global minimum called local, which it is; [0, 0] is not what step 8 demands of the objective."
    corpus.put("not-confirmed", "global-called-local", why, signed(called))
    wide = [number(Fraction(0), False), number(Fraction(1, 2**40), True)]
    corpus.accept("global-called-local", signed(changed(called, "bounds.objective", wide)))
    targets = [[["1", 0], ["0", 0]], [["0", 0], ["1", 0]]]
    corpus.accept("targets-written-out", signed(changed(top, "problem.targets", targets)))
    exchanged = changed(local, "point", claim(local, "point")[::-1])
    corpus.accept("neurons-exchanged", signed(exchanged))
    whole = signed(local)
    reverse = json.dumps({name: whole[name] for name in reversed(whole)}, separators=(",", ":")).encode()
    corpus.put("accept", "compact-other-order", "", reverse)
    escaped = pretty(whole).replace(b'"claim"', b'"\\u0063laim"').replace(b"\n", b"\r\n")
    corpus.put("accept", "escapes-and-line-ends", "", escaped)
    corpus.put("accept", certificate.digest(local["statement"]), "", pretty(whole))
    return made


def sharp(made: dict[str, Json]) -> dict[str, Json]:
    """With the constants of Theorem B'; in `simple-called-sharp` and `paper-called-sharp`, larger ones."""
    turned = [[math.cos(0.9), math.sin(0.9)], [-3.0, 0.1], [0.0, 1.0]]
    return {
        "global-1-1-sharp": prove([[1.0]], constants="sharp"),
        "global-2-2-sharp": prove([[1.0, 1e-7], [-3e-8, 1.0]], constants="sharp"),
        "global-huge-sharp": prove(
            [[3e200, 1e192], [1e192, 2e200]], [[3e200, 0.0], [0.0, 2e200]], constants="sharp"
        ),
        "global-tiny-sharp": prove(
            [[3e-200, 1e-208], [1e-208, 2e-200]], [[3e-200, 0.0], [0.0, 2e-200]], constants="sharp"
        ),
        "local-2-3-sharp": prove(rough(LOCAL), raw=True, constants="sharp"),
        "saddle-2-2-sharp": prove(SADDLE, constants="sharp"),
        "saddle-2-3-antiparallel-sharp": prove([[1.146071434] * 3, [-0.146071434] * 3], constants="sharp"),
        "not-critical-turned-sharp": prove(turned, None, 2, constants="sharp"),
        "not-critical-dimension-1-sharp": prove([[0.5], [-0.75]], [[1.0], [-1.0]], constants="sharp"),
        "not-critical-lopsided-sharp": prove([[1.0, 0.25], [2.0**-20, 2.0**-20]], constants="sharp"),
        "spurious-6-6-sharp": prove(rough(SIX), raw=True, constants="sharp"),
        "simple-called-sharp": changed(made["local-2-3"], "bounds.lipschitz.constants", "sharp"),
        "paper-called-sharp": changed(made["local-2-3-paper"], "bounds.lipschitz.constants", "sharp"),
    }


def symmetric() -> dict[str, Json]:
    """Symmetric points; those to 9 digits are polished."""
    r, s, t = 2e-09, 1.27327217e-09, -1.27327218e-18  # k = 10^9
    pairs = [[1.0, 1e-3, 0.0, 1e-3], [0.0, 1.0, 1e-3, 0.0], [1e-3, 0.0, 1.0, 0.0]]
    extra = [[-0.486232704, 0.230097497, 0.0], [0.0686917007, 0.984087519, -0.0298468322]]
    steep = [[-0.489812474, 0.484025178, 0.0], [0.407397707, 0.89060452, -0.142779714]]
    wide = [[-0.357257717, 0.544037509, 0.0], [0.544037509, -0.357257717, 0.544037509]]
    billion = [[r / 2 + s - 1 - r, r, 0.0], [s, 1.0, t]]
    away = [[1.0, 0.5, -0.25], [0.0, -1.0, 0.0]]
    made = {
        "spurious-1-5": prove_symmetric([1, 5], [[e, c, 0.0], [d, b, a]]),
        "spurious-1-2-3": prove_symmetric([1, 2, 3], [[e, c, c, 0.0], [d, b, a, a], [d, a, b, a]]),
        "spurious-3-3": prove_symmetric([3, 3], [[u, v, v], [v, u, v]]),
        "spurious-6": prove_symmetric([6], [[u, v]]),
        "spurious-1-7-extra": prove_symmetric([1, 7], extra, [[-0.188997764, 0.126333539]]),
        "spurious-billion": prove_symmetric([1, 10**9 - 1], billion),
        "saddle-3": prove_symmetric([3], [[-0.31818007, 0.659453093]]),
        "saddle-1-3": prove_symmetric([1, 3], steep),
        "saddle-1-2-extra": prove_symmetric([1, 2], wide, [[0.253832034] * 2]),
        "global-2-1": prove_symmetric([2, 1], [[1.0, 1e-3, 5e-4], [-1e-3, 1.0, 0.0]]),
        "global-2-1-1": prove_symmetric([2, 1, 1], pairs),
        "global-1": prove_symmetric([1], [[1.001, 0.0]]),
        "global-trillions": prove_symmetric([10**12] * 2, [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]),
        "not-critical": not_critical([2, 1], away, [[0.5, 0.5]]),
        "not-critical-parallel": not_critical([2], [[1.0, 1.0]], [[-2.0]]),
        "not-critical-large": not_critical([10**6], [[0.5, 0.0]], [[2.0**-10]]),
        "spurious-1-5-sharp": prove_symmetric([1, 5], [[e, c, 0.0], [d, b, a]], (), "sharp"),
        "spurious-1-7-extra-sharp": prove_symmetric([1, 7], extra, [[-0.188997764, 0.126333539]], "sharp"),
        "spurious-billion-sharp": prove_symmetric([1, 10**9 - 1], billion, (), "sharp"),
        "saddle-1-3-sharp": prove_symmetric([1, 3], steep, (), "sharp"),
        "global-trillions-sharp": prove_symmetric(
            [10**12, 1], [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], (), "sharp"
        ),
        "not-critical-sharp": not_critical([2, 1], away, [[0.5, 0.5]], "sharp"),
        "not-critical-parallel-sharp": not_critical([2], [[1.0, 1.0]], [[-2.0]], "sharp"),
    }
    turned = deepcopy(made["global-2-1-1"])
    for i, row in enumerate(claim(turned, "point.values")):
        row[1], row[2] = row[2], row[1]  # neurons 3 and 4
        if i == 0:
            row[0], row[3] = row[3], row[0]  # neurons 1 and 2
    spurious = made["spurious-1-5"]
    first = number(4 * value(claim(spurious, "bounds.existence_radius.exact")), True)
    made |= {
        "global-2-1-1-turned": turned,
        "spurious-in-d-only": in_d_only(spurious),
        "called-local": changed(spurious, "verdict", "local-minimum"),
        "with-lemma-1": changed(spurious, "bounds.existence_radius_lemma_1", first),
        "without-basin": changed(spurious, "bounds.basin", None),
        "without-inertia": changed(made["not-critical"], "bounds.inertia", None),
        "simple-called-sharp": changed(spurious, "bounds.lipschitz.constants", "sharp"),
    }
    return {f"symmetric-{name}": document for name, document in made.items()}


def rejected_symmetric(corpus: Corpus, made: dict[str, Json]) -> None:
    names = {"spurious": "spurious-1-5", "saddle": "saddle-1-3", "large": "spurious-billion"}
    names |= {"extra": "spurious-1-7-extra", "global": "global-2-1", "away": "not-critical"}
    cases = {name: Case(f"symmetric-{name}", made[f"symmetric-{file}"]) for name, file in names.items()}
    bounds_past_the_truth(corpus, list(cases.values()))
    spurious, saddle, top, away, extra = (
        cases[name].document for name in ("spurious", "saddle", "global", "away", "extra")
    )

    def false(name: str, why: str, old: Json, new: Json, kind: str = "reject") -> None:
        """new: members of the claim, by their paths."""
        for path, x in new.items():
            old = changed(old, path, x)
        corpus.false(kind, f"symmetric-{name}", why, old)

    def weak(name: str, why: str, old: Json, new: Json) -> None:
        false(name, why, old, new, "not-confirmed")

    def low(x: float | Fraction) -> Json:
        return number(Fraction(x), False, 64)

    def high(x: float | Fraction) -> Json:
        return number(Fraction(x), True, 64)

    def at(document: Json, name: str) -> Fraction:
        return value(claim(document, f"bounds.{name}.exact"))

    # Another point.
    sizes = "point.class_sizes"
    false("other-sizes", "Classes of 2 and 4; the numbers are those of 1 and 5.", spurious, {sizes: [2, 4]})
    false(
        "other-sizes-extra", "Classes of 2 and 6; the numbers are those of 1 and 7.", extra, {sizes: [2, 6]}
    )
    other = {"point.values": claim(made["symmetric-saddle-1-2-extra"], "point.values")}
    false("other-values", "The values of a critical point of classes 1 and 2.", spurious, other)
    longer = [[[m, power + 1] for m, power in row] for row in claim(extra, "point.extra")]
    false("extra-longer", "The extra neuron is twice as long.", extra, {"point.extra": longer})
    m, power = claim(spurious, "point.values.1.1")
    moved = {"point.values.1.1": [str(int(m) + 2**41), power]}
    false("point-moved", "A value is moved by 2^41 units; the numbers are the old ones.", spurious, moved)
    grown = {sizes: [1, 6], "problem.n": 7, "problem.k": 7, "problem.d": 7}
    grown |= {"bounds.inertia": {"negative": "0", "positive": "49"}}
    false("one-index-more", "Classes of 1 and 6; the numbers are those of 1 and 5.", spurious, grown)
    # Verdicts.
    for verdict in MINIMA:
        false(
            f"saddle-called-{verdict}", f"A strict saddle called a {verdict}.", saddle, {"verdict": verdict}
        )
    false(
        "minimum-called-saddle",
        "A minimum called a strict saddle.",
        bare(spurious),
        {"verdict": "strict-saddle"},
    )
    swap = {"verdict": "global-minimum"}
    false("spurious-called-global", "A spurious minimum called global.", spurious, swap)
    zero = {"bounds.objective": [low(0), high(0)]}
    weak("spurious-called-global", "The same, with the objective [0, 0].", spurious, swap | zero)
    false("extra-called-global", "n = k + 1: no permutation of the targets.", extra, swap)
    swap = {"verdict": "spurious-minimum"}
    weak("global-called-spurious", "A global minimum called spurious.", top, swap)
    for name in ("spurious", "saddle", "large"):
        apart = cases[name].distance
        reach = 2 * at(cases[name].document, "existence_radius")
        old = bare(in_d_only(cases[name].document))
        old = without(old, "bounds.existence_radius", "bounds.uniqueness_radius")
        new = {"bounds.exclusion_radius": low(reach), "verdict": "not-critical"}
        false(f"{name}-called-not-critical", f"W* is {shown(apart)} away, inside exclusion_radius.", old, new)
    near = {
        f"bounds.{side}_radius": x
        for side, x in (("existence", high(2.0**-20)), ("uniqueness", low(2.0**-20)))
    }
    old = without(away, "bounds.exclusion_radius")
    new = near | {"verdict": "strict-saddle"}
    false("not-critical-called-saddle", "A point with a gradient called a strict saddle.", old, new)
    # Radii and constants.
    for name in ("spurious", "saddle", "large", "extra"):
        document, apart = cases[name].document, cases[name].distance
        radius, L = at(document, "lipschitz.radius"), at(document, "lipschitz.value")
        new = {"bounds.existence_radius": high(apart / 2**10)}
        false(
            f"{name}-existence-radius",
            f"existence_radius is 2^-10 times the distance {shown(apart)} of W*.",
            document,
            new,
        )
        new = {"bounds.existence_radius": high(apart * (1 - PAST))}
        weak(
            f"{name}-existence-radius",
            f"existence_radius is below the distance {shown(apart)} of W* by a relative {PAST}.",
            document,
            new,
        )
        new = {"bounds.uniqueness_radius": low(radius * (1 + PAST))}
        false(f"{name}-uniqueness-radius", "uniqueness_radius is above lipschitz.radius.", document, new)
        new = {"bounds.lipschitz.value": high(L * (1 - PAST))}
        weak(
            f"{name}-lipschitz-value",
            f"lipschitz.value is below Theorem B's bound {shown(L)} by a relative {PAST}.",
            document,
            new,
        )
        false(
            f"{name}-lipschitz-radius",
            "lipschitz.radius is 100, above every neuron.",
            document,
            {"bounds.lipschitz.radius": low(100)},
        )
        wide = {"bounds.lipschitz.radius": low(2 * radius), "bounds.lipschitz.value": high(2 * L)}
        wide |= {"bounds.uniqueness_radius": low(radius * Fraction(3, 2))}
        weak(f"{name}-uniqueness-past-r-plus", "uniqueness_radius is above r+ of Theorem E.", document, wide)
    new = {"bounds.exclusion_radius": low(at(away, "lipschitz.radius") * (1 + PAST))}
    false("exclusion-radius-above-the-ball", "exclusion_radius is above lipschitz.radius.", away, new)
    most = 2 / cases["spurious"].true["lambda_max"]
    new = {"bounds.basin.step": low(most * (1 + PAST))}
    weak(
        "basin-step", f"basin.step is above 2/lambda_max = {shown(most)} by a relative {PAST}.", spurious, new
    )
    new = {"bounds.basin.radius": low(2 * at(spurious, "basin.radius"))}
    weak("basin-radius", "basin.radius is twice what Theorem D gives.", spurious, new)
    new = {"bounds.existence_radius_lemma_1": high(at(spurious, "existence_radius"))}
    weak("existence-radius-lemma-1", "About half of the radius that Lemma 1 gives.", spurious, new)
    new = {"bounds.basin": {"radius": low(1e-3), "step": low(0.1)}}
    false("saddle-with-basin", "A strict saddle with a basin.", saddle, new)
    new = {"bounds.inertia": {"negative": "0", "positive": "37"}}
    false("inertia-too-many", "inertia adds up to 37; n d = 36.", spurious, new)
    version = {"schema": "relucert-certificate/1.0"}
    false("version-1-0", "Version 1.0 has no symmetric points.", in_d_only(spurious), version)
    # Limits of the checker.
    values = [[["1", 0] if a == c else ["0", 0] for a in range(8)] for c in range(7)]
    problem = claim(top, "problem") | dict.fromkeys("nkd", 7)
    many = {"point": {"class_sizes": [1] * 7, "values": values, "extra": []}, "problem": problem}
    weak("limit-classes", "Seven classes.", top, many)
    problem = problem | dict.fromkeys("nkd", 10**12 + 2)
    weak(
        "limit-size",
        "A class of 10^12 + 1.",
        cases["large"].document,
        {sizes: [1, 10**12 + 1], "problem": problem},
    )
    many = {"point.extra": claim(extra, "point.extra") * 17, "problem.n": 25}
    weak("limit-extra", "17 extra neurons.", extra, many)
    far = changed(top, "point.values.0.1", ["1", -20_000])
    corpus.put(
        "not-confirmed", "symmetric-limit-bits", "Entries that span more than 16,384 bits.", signed(far)
    )


def malformed_symmetric(corpus: Corpus, made: dict[str, Json]) -> None:
    spurious, away, extra = (
        made[f"symmetric-{name}"] for name in ("spurious-1-5", "not-critical", "spurious-1-7-extra")
    )

    def edit(name: str, why: str, path: str, new: Any, document: Json = spurious) -> None:
        file = f"symmetric-{name}".replace("_", "-")
        corpus.put("malformed", file, why, signed(changed(document, path, new)))

    row, rows = claim(spurious, "point.values.0"), claim(spurious, "point.values")
    edit("sizes-sum", "The sizes add up to 7; k = 6.", "point.class_sizes", [1, 6])
    edit("size-zero", "A class of 0.", "point.class_sizes", [0, 6])
    edit("size-negative", "A class of -1.", "point.class_sizes", [-1, 7])
    edit("size-string", "The size of a class is a string.", "point.class_sizes", ["1", 5])
    edit("size-true", "The size of a class is true.", "point.class_sizes", [True, 5])
    edit("sizes-none", "No classes.", "point.class_sizes", [])
    edit("sizes-three", "Three classes; values are of two.", "point.class_sizes", [1, 2, 3])
    edit("sizes-exchanged", "The class of one has an entry for other indices.", "point.class_sizes", [5, 1])
    edit("last-column", "An entry for other indices of a class of one.", "point.values.0.2", ["1", -3])
    edit("n", "n = 7; k = 6, and no extra neuron.", "problem.n", 7)
    edit("n-extra", "n = k; there is an extra neuron.", "problem.n", 8, extra)
    edit("d", "d = 7; k = 6.", "problem.d", 7)
    edit("targets", "Targets written out.", "problem.targets", [[["1", 0]] * 6] * 6)
    edit("values-row-missing", "values has one row.", "point.values", rows[:1])
    edit("values-row-short", "A row of values is too short.", "point.values.0", row[:2])
    edit("values-row-long", "A row of values is too long.", "point.values.0", [*row, row[2]])
    edit("extra-long", "An extra neuron has three entries.", "point.extra.0", [["1", 0]] * 3, extra)
    edit("extra-word", "extra is a word.", "point.extra", "none")
    lone = changed(spurious, "point.values.1.0", ["0", 0])
    edit("neuron-zero", "The neuron of a class is 0.", "point.values.0.0", ["0", 0], lone)
    edit("extra-zero", "An extra neuron is 0.", "point.extra.0", [["0", 0]] * 2, extra)
    edit("value-even", "An even mantissa in values.", "point.values.0.0", ["2", -1])
    edit("point-rows", "Rows of neurons instead of classes.", "point", [[["1", 0]] * 6] * 6)
    edit("point-more", "A further member in the point.", "point.more", [])
    for name in ("class_sizes", "values", "extra"):
        edit(f"point-without-{name}", f"The point has no {name}.", f"point.{name}", None)
    edit("inertia-integer", "inertia in integers.", "bounds.inertia", {"negative": 0, "positive": 36})
    edit("inertia-zeros", "A leading zero in inertia.", "bounds.inertia.positive", "036")
    edit("inertia-sign", "A sign in inertia.", "bounds.inertia.negative", "-0")
    edit("inertia-missing", "A minimum without inertia.", "bounds.inertia", None)
    for name in ("best", "paper"):
        edit(f"constants-{name}", f'constants are "{name}".', "bounds.lipschitz.constants", name)
    for name in ("lambda_min_safran_shamir", "lipschitz_safran_shamir"):
        new = claim(spurious, "bounds.lambda_max" if "lip" in name else "bounds.lambda_min.0")
        edit(f"with-{name}", f"{name} at a symmetric point.", f"bounds.{name}", new)
    step = claim(spurious, "bounds.basin.step")
    edit("robust", "The member robust at a symmetric point.", "robust", {"deviation": step})
    edit(
        "method-of-rows",
        "The symmetric method for a point in full.",
        "method",
        "symmetric-hessian",
        made["local-2-3"],
    )
    edit("of-method-hessian", "A symmetric point with the method for points in full.", "method", "hessian")
    # The member `dimension`.
    dense, old = made["local-2-3"], "relucert-certificate/1.0"
    for name, document in (("symmetric-", spurious), ("", dense)):
        turned = claim(document, "bounds.lambda_min_outside")[::-1]
        for file, why, path, new in (
            ("dimension-word", 'dimension is "all".', "dimension", "all"),
            ("dimension-alone", "dimension, and no lambda_min_outside.", "bounds.lambda_min_outside", None),
            ("lambda-min-outside-alone", "lambda_min_outside, and no dimension.", "dimension", None),
            ("lambda-min-outside-reversed", "[high, low].", "bounds.lambda_min_outside", turned),
        ):
            corpus.put("malformed", name + file, why, signed(changed(document, path, new)))
    every = claim(dense, "bounds.lambda_min_outside")
    for name, why, document in (
        ("symmetric-dimension-not-critical", "dimension without a critical point.", away),
        ("dimension-not-critical", "dimension without a critical point.", made["not-critical-antiparallel"]),
        ("dimension-d-above-k", "dimension in a problem with d above k.", made["global-skew-targets"]),
        ("dimension-version-1-0", "dimension in version 1.0.", changed(dense, "schema", old)),
    ):
        new = changed(changed(document, "dimension", "every d >= k"), "bounds.lambda_min_outside", every)
        corpus.put("malformed", name, why, signed(new))
    counted = changed(dense, "bounds.inertia", {"negative": "0", "positive": "6"})
    corpus.put("malformed", "inertia-strings", "inertia in strings at a point in full.", signed(counted))


def rejected_sharp(corpus: Corpus, made: dict[str, Json]) -> None:
    for case in ("local-2-3", "global-2-2", "spurious-6-6", "not-critical-turned", "saddle-2-2"):
        document = made[f"{case}-sharp"]
        short = min(math.hypot(*(float(value(x)) for x in row)) for row in claim(document, "point"))
        why = f"lipschitz.radius is above the shortest neuron, of length {short:.6g}; sharp constants."
        new = changed(document, "bounds.lipschitz.radius", number(Fraction(short * 1.001), False))
        corpus.false("reject", f"sharp-{case}-radius", why, new)
        L = value(claim(document, "bounds.lipschitz.value.exact"))
        why = f"lipschitz.value is a hundredth below {shown(L)}, the bound of Theorems B and B'."
        new = changed(document, "bounds.lipschitz.value", number(L * Fraction(99, 100), True))
        corpus.false("not-confirmed", f"sharp-{case}-lipschitz-value", why, new)
        if case in ("local-2-3", "spurious-6-6", "saddle-2-2"):
            why = f"A constant by Theorem B', {shown(L)}, called \"simple\"; Theorem B's is larger."
            new = changed(document, "bounds.lipschitz.constants", "simple")
            corpus.false("not-confirmed", f"sharp-{case}-called-simple", why, new)
    names = ("spurious-1-5", "spurious-1-7-extra", "spurious-billion", "saddle-1-3", "not-critical")
    for case in (f"symmetric-{name}-sharp" for name in names):
        document = made[case]
        new = changed(document, "bounds.lipschitz.radius", number(Fraction(100), False))
        corpus.false("reject", f"{case}-radius", "lipschitz.radius is 100, above every neuron.", new)
        L = value(claim(document, "bounds.lipschitz.value.exact"))
        why = f"lipschitz.value is a hundredth below {shown(L)}, the bound of Theorems B and B'."
        new = changed(document, "bounds.lipschitz.value", number(L * Fraction(99, 100), True))
        corpus.false("not-confirmed", f"{case}-lipschitz-value", why, new)
        if "not-critical" not in case:
            why = f"A constant by Theorem B', {shown(L)}, called \"simple\"; Theorem B's is larger."
            new = changed(document, "bounds.lipschitz.constants", "simple")
            corpus.false("not-confirmed", f"{case}-called-simple", why, new)
    steep = prove([[0.5, 0.8660254037844386]], [[1.0, 0.0]], constants="sharp")
    tiny = changed(steep, "bounds.lipschitz.radius", number(Fraction(1, 2**40), False))
    tiny = changed(tiny, "bounds.exclusion_radius", number(Fraction(1, 2**41), False))
    true = 3 * math.sqrt(3) / (4 * math.pi)
    new = changed(tiny, "bounds.lipschitz.value", number(Fraction(true * (1 - 2.0**-12)), True))
    why = f"At 60 degrees the third derivative is {true:.9g}; lipschitz.value is below by a relative {PAST}."
    corpus.false("not-confirmed", "sharp-lipschitz-value-attained", why, new)
    new = changed(tiny, "bounds.lipschitz.value", number(Fraction(true * (1 + 2.0**-12)), True))
    corpus.accept("sharp-lipschitz-value-attained", signed(new))


def bounds_past_the_truth(corpus: Corpus, cases: list[Case]) -> None:
    for case in cases:
        for path, truth in case.true.items():
            name = path.replace(".0", " low").replace(".1", " high")
            why = f"{name} of a {case.verdict} is past the true {shown(truth)} by a relative {PAST}."
            file = f"{case.name}-{name}".replace(" ", "-").replace("_", "-")
            corpus.false("reject", file, why, case.past(path))
        inertia = claim(case.document, "bounds.inertia")
        kind, minus, plus = type(inertia["negative"]), int(inertia["negative"]), int(inertia["positive"])
        wrong = {"negative": kind(minus + 1), "positive": kind(plus - 1)}
        why = f"inertia counts {minus + 1} negative eigenvalues; there are {minus}."
        corpus.false("reject", f"{case.name}-inertia", why, changed(case.document, "bounds.inertia", wrong))


def rejected(corpus: Corpus, cases: dict[str, Case]) -> None:
    documents = {name: case.document for name, case in cases.items()}
    spurious, local, saddle = documents["spurious"], documents["local"], documents["saddle"]
    top, away, one = documents["global"], documents["away"], prove([[p, p]])

    def false(name: str, why: str, document: Json, kind: str = "reject") -> None:
        corpus.false(kind, name, why, document)

    def with_bounds(document: Json, **new: Any) -> Json:
        for name, x in new.items():
            document = changed(document, f"bounds.{name}", x)
        return document

    def num(x: float | Fraction, up: bool) -> Json:
        return number(Fraction(x), up, 64)

    zero = number(Fraction(0), True)
    # Verdicts.
    low = claim(saddle, "bounds.lambda_min")
    mirrored = [num(-value(low[1]["exact"]), False), num(-value(low[0]["exact"]), True)]
    positive = with_bounds(saddle, lambda_min=mirrored)
    false("saddle-lambda-min-positive", "The smallest eigenvalue of a saddle with its sign turned.", positive)
    for verdict in MINIMA:
        name, why = f"saddle-called-{verdict}", f"A strict saddle called a {verdict}; all numbers are true."
        false(name, why, changed(saddle, "verdict", verdict))
        zeros = with_bounds(saddle, lambda_min=mirrored, inertia={"negative": 0, "positive": 4})
        why = f"A strict saddle called a {verdict}, with positive lambda_min and no negative eigenvalue."
        false(f"saddle-dressed-as-{verdict}", why, changed(zeros, "verdict", verdict))
    false(
        "minimum-called-saddle",
        "A minimum called a strict saddle.",
        changed(bare(local), "verdict", "strict-saddle"),
    )
    called = changed(
        with_bounds(top, objective=[num(1e-3, False), num(2e-3, True)]), "verdict", "spurious-minimum"
    )
    false("global-called-spurious", "A global minimum called spurious, with an objective above 0.", called)
    why = "A global minimum called spurious; the objective is as it was, [0, 0]."
    false("global-called-spurious", why, changed(top, "verdict", "spurious-minimum"), "not-confirmed")
    why = "A spurious minimum called global; the objective is as it was, above 0."
    false("spurious-called-global", why, changed(spurious, "verdict", "global-minimum"))
    called = changed(with_bounds(spurious, objective=[zero, zero]), "verdict", "global-minimum")
    why = "A spurious minimum called global, with the objective [0, 0]."
    false("spurious-called-global", why, called, "not-confirmed")
    false(
        "n-below-k-called-spurious",
        "n < k, where nothing is known of inf F.",
        changed(local, "verdict", "spurious-minimum"),
    )
    false(
        "n-below-k-called-global",
        "n < k: no permutation of the targets.",
        changed(local, "verdict", "global-minimum"),
    )
    critical = {
        "exclusion_radius": None,
        "existence_radius": num(Fraction(1, 2**20), True),
        "uniqueness_radius": num(Fraction(1, 2**20), False),
        "inertia": {"negative": 0, "positive": 4},
    }
    for verdict in ("global-minimum", "spurious-minimum", "strict-saddle"):
        called = changed(with_bounds(away, **critical), "verdict", verdict)
        steep = shown(cases["away"].true["gradient_norm"])
        why = f"A point with a gradient of norm {steep} called a {verdict}."
        false(f"not-critical-called-{verdict}", why, called)
    for case in ("local", "saddle", "global", "spurious"):
        document = bare(documents[case])
        radius = cases[case].apart * 4  # type: ignore[operator]
        document = with_bounds(in_d_only(document), existence_radius=None, uniqueness_radius=None)
        document = with_bounds(document, exclusion_radius=num(radius, False))
        why = (
            f"A critical point called not critical: it is {shown(cases[case].apart)} away, inside the radius."  # type: ignore[arg-type]
        )
        false(f"{case}-called-not-critical", why, changed(document, "verdict", "not-critical"))
    # Radii.
    for case in ("local", "saddle", "global", "spurious"):
        document, apart = documents[case], cases[case].apart
        assert apart is not None  # noqa: S101
        why = f"existence_radius is 2^-10 times the distance {shown(apart)} of W*."
        false(
            f"{case}-existence-radius", why, with_bounds(document, existence_radius=num(apart / 2**10, True))
        )
        why = f"existence_radius falls short of the distance {shown(apart)} of W* by a relative {PAST}."
        near = with_bounds(document, existence_radius=num(apart * (1 - PAST), True))
        false(f"{case}-existence-radius", why, near, "not-confirmed")
    for case in ("local", "saddle", "global", "away"):
        point = claim(documents[case], "point")
        square = min(sum((value(x) ** 2 for x in row), Fraction(0)) for row in point)
        shortest = Fraction(math.isqrt(int(square * 2**100) - 1) + 1, 2**50)  # rounded up
        for what, radius in (("at", shortest), ("zero", Fraction(0)), ("beyond", Fraction(100))):
            why = f"lipschitz.radius is {shown(radius)}; the shortest neuron has length {shown(shortest)}."
            new = changed(documents[case], "bounds.lipschitz.radius", num(radius, False))
            if what == "at" or case == "global":
                false(f"{case}-lipschitz-radius-{what}", why, new)
    short = [[["1", -200], ["0", 0]], claim(away, "point")[1]]
    false(
        "neuron-near-the-origin",
        "A neuron of length 2^-200, within lipschitz.radius.",
        changed(away, "point", short),
    )
    radius = value(claim(top, "bounds.lipschitz.radius.exact"))
    new = with_bounds(top, uniqueness_radius=num(radius * (1 + PAST), False))
    false("uniqueness-radius-above-the-ball", "uniqueness_radius is above lipschitz.radius.", new)
    new = with_bounds(top, uniqueness_radius=num(Fraction(3, 2), False))
    false(
        "uniqueness-radius-past-another-minimum",
        "Another global minimum is within uniqueness_radius (sqrt 2).",
        new,
    )
    radius = value(claim(away, "bounds.lipschitz.radius.exact"))
    new = with_bounds(away, exclusion_radius=num(radius * (1 + PAST), False))
    false("exclusion-radius-above-the-ball", "exclusion_radius is above lipschitz.radius.", new)
    # A ball that does hold a critical point: W is 2^-9 from the global minimum, the radius is twice that.
    near = bare(in_d_only(prove([[1.0, 2.0**-9], [0.0, 1.0]])))
    new = with_bounds(
        near, existence_radius=None, uniqueness_radius=None, exclusion_radius=num(2.0**-8, False)
    )
    new = changed(with_bounds(new, objective=[zero, num(1.0, True)]), "verdict", "not-critical")
    false(
        "exclusion-radius-past-a-critical-point",
        "The global minimum is 2^-9 away, exclusion_radius 2^-8.",
        new,
    )
    # Not admissible.
    basin = {"radius": num(1e-3, False), "step": num(0.1, False)}
    false("saddle-with-basin", "A strict saddle with a basin.", with_bounds(saddle, basin=basin))
    false(
        "not-critical-with-basin",
        "A point that is not critical, with a basin.",
        with_bounds(away, basin=basin),
    )
    for name, step in (("zero", 0), ("negative", -1)):
        new = changed(local, "bounds.basin.step", num(step, False))
        corpus.put(
            "reject",
            f"basin-step-{name}",
            f"basin.step is {step}; Theorem D speaks of positive steps.",
            signed(new),
        )
    lemma = with_bounds(saddle, existence_radius_lemma_1=num(1.0, True))
    false("saddle-with-lemma-1", "A strict saddle with a radius by Lemma 1, which is about minima.", lemma)
    paper = with_bounds(one, lipschitz_safran_shamir=num(100, True))
    false(
        "paper-constant-for-one-neuron", "lipschitz_safran_shamir with n = 1, where L_A is not valid.", paper
    )
    paper = changed(
        changed(one, "bounds.lipschitz.constants", "paper"), "bounds.lipschitz.value", num(100, True)
    )
    false("paper-constants-for-one-neuron", 'constants "paper" with n = 1, where L_A is not valid.', paper)
    false("unknown-family", "A family that is not known.", changed(local, "family", "deep-relu"))
    false("unknown-method", "A method that the family does not admit.", changed(local, "method", "gradient"))
    false(
        "method-of-another-family",
        "Unknown family and method.",
        changed(changed(local, "family", "deep-relu"), "method", "ibp"),
    )
    wrong = {"negative": 0, "positive": 7}
    false("inertia-too-many", "inertia adds up to 7; n d = 6.", with_bounds(local, inertia=wrong))
    wrong = {"negative": 6, "positive": 0}
    false("inertia-exchanged", "inertia with the two numbers exchanged.", with_bounds(local, inertia=wrong))
    # The problem.
    scaled = [[["3", -1], ["0", 0]], [["0", 0], ["1", 0]]]
    false(
        "targets-changed",
        "The first target is 3/2 e_1; the numbers are those of e_1.",
        changed(top, "problem.targets", scaled),
    )
    turned = [[["1", 0], ["0", 0]], [["0", 0], ["-1", 0]]]
    false(
        "target-turned",
        "The second target is -e_2; the numbers are those of e_2.",
        changed(saddle, "problem.targets", turned),
    )
    point = deepcopy(claim(local, "point"))
    point[1][1] = [str(int(point[1][1][0]) + 2**30), point[1][1][1]]
    false(
        "point-moved",
        "A coordinate is moved by 2^30 units; the numbers are the old ones.",
        changed(local, "point", point),
    )
    # Decimals.
    for name, why, path, text in (
        ("wrong-side-upper", "lambda_max's decimal lies below it", "lambda_max", None),
        ("wrong-side-lower", "uniqueness_radius's decimal lies above it", "uniqueness_radius", None),
        ("wrong-side-interval", "objective's low decimal lies above it", "objective.0", None),
        ("far-off", "lambda_max's decimal is on the weak side, off by 1/500", "lambda_max", 1.002),
        ("far-off-lower", "basin.step's decimal is on the weak side, off by 1/500", "basin.step", 0.998),
        ("ten-times", "existence_radius's decimal is ten times as large", "existence_radius", 10),
        ("sign", "lambda_max's decimal has another sign", "lambda_max", -1),
        ("zero", "lambda_min's low decimal is 0", "lambda_min.0", 0),
    ):
        up = "lower" not in name and path[-2:] != ".0"
        x = value(claim(local, f"bounds.{path}.exact"))
        text = number(x, not up)["decimal"] if text is None else f"{float(x) * text:.5e}"
        false(f"decimal-{name}", why + f": {text}.", changed(local, f"bounds.{path}.decimal", text))
    # Evidence.
    place = ("statement", "evidence", 0, "inequalities", 0)
    inequality = local["statement"]["evidence"][0]["inequalities"][0]
    right = value(inequality["right"]["exact"])
    for name, why, change in (
        ("false", "An inequality is marked proved, and is false.", {"left": num(right * 2, True)}),
        ("equal", "a < a is marked proved.", {"left": num(right, True), "relation": "<"}),
        ("without-number", "An inequality without a left side is marked proved.", {"left": None}),
        ("unproved", "An argument is marked to hold with an unproved inequality.", {"proved": False}),
        (
            "decimal",
            "A decimal of the evidence is off by 1/100.",
            {"right": inequality["right"] | {"decimal": f"{float(right) * 0.99:.5e}"}},
        ),
    ):
        false(f"evidence-{name}", why, replaced(local, place, inequality | change))
    new = replaced(local, (*place[:3], "inequalities"), [])
    false("evidence-without-hypotheses", "An argument is marked to hold without any inequality.", new)
    # What a checker need not be able to refute.
    for case in ("local", "global", "spurious"):
        document = documents[case]
        most = 2 / cases[case].true["lambda_max"]
        new = changed(document, "bounds.basin.step", num(most * (1 + PAST), False))
        why = f"basin.step is above 2/lambda_max = {shown(most)} by a relative {PAST}: descent diverges."
        false(f"{case}-basin-step", why, new, "not-confirmed")
        first = value(claim(document, "bounds.existence_radius_lemma_1.exact"))
        new = with_bounds(document, existence_radius_lemma_1=num(first / 4, True))
        false(
            f"{case}-existence-radius-lemma-1",
            "A quarter of the radius that Lemma 1 gives.",
            new,
            "not-confirmed",
        )
        L = value(claim(document, "bounds.lipschitz.value.exact"))
        new = changed(document, "bounds.lipschitz.value", num(L * (1 - PAST), True))
        why = f"lipschitz.value is below Theorem B's bound {shown(L)} by a relative {PAST}."
        false(f"{case}-lipschitz-value", why, new, "not-confirmed")
    new = changed(top, "bounds.basin.radius", num(Fraction(3, 2), False))
    false(
        "basin-past-another-minimum", "Another global minimum is within basin.radius.", new, "not-confirmed"
    )
    steep = prove([[0.5, 0.8660254037844386]], [[1.0, 0.0]])
    tiny = changed(steep, "bounds.lipschitz.radius", num(2.0**-30, False))
    tiny = with_bounds(tiny, exclusion_radius=num(2.0**-31, False))
    true = 3 * math.sqrt(3) / (4 * math.pi)
    new = changed(tiny, "bounds.lipschitz.value", num(true * (1 - 2.0**-12), True))
    why = f"At 60 degrees the third derivative is {true:.9g}; lipschitz.value is below by a relative {PAST}."
    false("lipschitz-value-attained", why, new, "not-confirmed")
    later = changed(local, "schema", "relucert-certificate/1.2")
    why = "Version 1.2 may claim what is unknown to version 1.1."
    false("later-minor-version", why, later, "not-confirmed")
    forged(corpus, local)


def without(document: Json, *paths: str) -> Json:
    for path in paths:
        document = changed(document, path, None)
    return document


def in_d_only(document: Json) -> Json:
    """The claim about d = k alone."""
    return (
        without(document, "dimension", "bounds.lambda_min_outside")
        if has(document, "dimension")
        else document
    )


def has(document: Json, path: str) -> bool:
    *parents, last = path.split(".")
    return last in (claim(document, ".".join(parents)) if parents else document["statement"]["claim"])


def bare(document: Json) -> Json:
    """Without the bounds that only minima may have."""
    names = ("bounds.existence_radius_lemma_1", "bounds.basin")
    return without(document, *(name for name in names if has(document, name)))


def forged(corpus: Corpus, local: Json) -> None:
    """True statements under false names."""
    whole, body = signed(local), certificate.canonical(local["statement"])
    keyid = whole["signatures"][0]["keyid"]

    def put(name: str, why: str, signature: bytes, document: Json = local) -> None:
        entry = {"keyid": keyid, "sig": base64.b64encode(signature).decode()}
        corpus.put("reject", name, why, document | {"signatures": [entry]})

    point = deepcopy(claim(local, "point"))
    point[0][0][0] = str(int(point[0][0][0]) ^ 2)
    moved = changed(whole, "point", point)
    why = "One bit of a coordinate was flipped after signing, in a place where every claim stays true."
    corpus.put("reject", "point-changed-after-signing", why, moved)
    noted = replaced(whole, ("statement", "provenance", "source"), "elsewhere")
    corpus.put(
        "reject", "provenance-changed-after-signing", "The provenance was changed after signing.", noted
    )
    raw = base64.b64decode(whole["signatures"][0]["sig"])
    put("signature-one-bit", "One bit of the signature is flipped.", bytes([raw[0] ^ 1]) + raw[1:])
    put("signature-zero", "The signature is 64 zero bytes, under the known keyid.", bytes(64))
    other = base64.b64decode(signed(local, OTHER_KEY)["signatures"][0]["sig"])
    put("signature-of-another-key", "Another key's signature, under the known keyid.", other)
    kind = signing.pre_authentication_encoding("application/json", body)
    put("signature-for-another-type", "A signature over another payload type.", TEST_KEY.sign(kind))
    put("signature-of-the-bare-statement", "A signature without the DSSE encoding.", TEST_KEY.sign(body))
    spread = json.dumps(local["statement"], indent=1).encode()
    kind = signing.pre_authentication_encoding(certificate.PAYLOAD_TYPE, spread)
    put("signature-of-other-bytes", "A signature over a form that is not canonical.", TEST_KEY.sign(kind))
    both = whole["signatures"] + [{"keyid": keyid, "sig": base64.b64encode(other).decode()}]
    why = "A valid signature by the known key, and an invalid one."
    corpus.put("reject", "signed-well-and-badly", why, local | {"signatures": both})
    name = certificate.digest(local["statement"])
    why = "The name is the digest of the statement before its provenance was changed."
    corpus.put("reject", name, why, signed(noted))
    corpus.put("reject", "0" * 64, "The name is a digest, and not that of the statement.", whole)


def malformed(corpus: Corpus, local: Json, away: Json) -> None:
    whole = signed(away)
    plain = pretty(whole).decode()

    def put(name: str, why: str, content: Json | bytes) -> None:
        data = content if isinstance(content, bytes) else json.dumps(content, indent=1).encode()
        corpus.put("malformed", name, why, data)

    def text(name: str, why: str, old: str, new: str) -> None:
        if plain.count(old) < 1 or old == new:
            raise SystemExit(f"{name}: nothing to replace")
        put(name, why, plain.replace(old, new, 1).encode("utf-8", "surrogatepass"))

    def edit(name: str, why: str, path: str, new: Any, document: Json = away) -> None:
        """Signed anew where it can be, so that only the shape is wrong."""
        document = changed(document, path, new)
        put(name, why, signed(document))

    # Bytes.
    put("empty", "No bytes.", b"")
    put("blank", "Only white space.", b" \n")
    put("not-json", "Not JSON.", b"strict local minimum\n")
    put("truncated", "The last 40 bytes are missing.", plain.encode()[:-40])
    put("trailing-garbage", "Something follows the object.", plain.encode() + b"x\n")
    put("two-objects", "Two objects, one after the other.", plain.encode() * 2)
    put("byte-order-mark", "A byte order mark, which JSON does not have.", b"\xef\xbb\xbf" + plain.encode())
    put("utf-16", "UTF-16.", plain.encode("utf-16"))
    source = '"bench/make_corpus.py"'
    put("bad-utf-8", "A byte that is not UTF-8.", plain.encode().replace(b"bench", b"b\xffnch", 1))
    put("overlong-utf-8", "An overlong form in UTF-8.", plain.encode().replace(b"bench", b"b\xc0\xafnch", 1))
    text("surrogate-bytes", "A surrogate encoded in UTF-8.", source, '"\ud800"')
    text(
        "lone-surrogate", "An escaped surrogate without its partner: no canonical form.", source, '"\\ud800"'
    )
    text("control-character", "A line end inside a string.", source, '"a\nb"')
    for name, why, escape in (
        ("escaped-nul", "An escaped NUL.", "\\u0000"),
        ("escaped-escape", "An escaped ESC, with which terminals are commanded.", "\\u001b[2J"),
        ("escaped-c1", "An escaped C1 control.", "\\u009b2J"),
        ("escaped-override", "An escaped right-to-left override.", "\\u202e"),
        ("escaped-line-separator", "An escaped line separator.", "\\u2028"),
    ):
        text(name, why, source, f'"a{escape}b"')
    text("trailing-comma", "A comma before a closing bracket.", '"signatures": [', '"signatures": [,')
    text("comment", "A comment.", "{", "{ /* no */")
    put("single-quotes", "Strings in single quotes.", plain.replace('"', "'").encode())
    put("null", "null instead of an object.", b"null\n")
    put("list", "The object inside a list.", f"[{plain}]".encode())
    put("nested-brackets", "40 brackets.", b"[" * 40 + b"]" * 40)
    text("nested-provenance", "Nested 40 deep.", source, "[" * 40 + "]" * 40)
    text("nested-33", "Nested 33 deep, one too many.", source, "[" * 30 + "]" * 30)
    # Numbers of JSON.
    for name, why, literal in (
        ("fraction", "A fraction.", "1.5"),
        ("fraction-whole", "A whole number with a fraction.", "1.0"),
        ("exponent", "An exponent.", "1e3"),
        ("exponent-huge", "A huge exponent.", "1E999999999"),
        ("nan", "NaN.", "NaN"),
        ("infinity", "Infinity.", "Infinity"),
        ("minus-infinity", "-Infinity.", "-Infinity"),
        ("minus-zero", "-0.", "-0"),
        ("leading-zero", "A leading zero.", "007"),
        ("plus", "A plus sign.", "+1"),
        ("hexadecimal", "A hexadecimal number.", "0x10"),
        ("two-to-53", "2^53.", str(2**53)),
        ("minus-two-to-53", "-2^53.", str(-(2**53))),
        ("thousand-digits", "An integer of 1000 digits.", "9" * 1000),
    ):
        text(f"number-{name}", f"{why} In the provenance.", source, literal)
    text("inertia-float", "1.0 where an integer is due.", '"negative": 0', '"negative": 0.0')
    text("exponent-float", "The exponent of a dyadic with a fraction.", '["1", 0]', '["1", 0.0]')
    text("exponent-minus-zero", "The exponent of a dyadic is -0.", '["1", 0]', '["1", -0]')
    # The same key twice.
    for name, old in (
        ("file", '"payloadType"'),
        ("claim", '"verdict"'),
        ("problem", '"n"'),
        ("bounds", '"gradient_norm"'),
        ("number", '"decimal"'),
        ("inertia", '"negative"'),
        ("provenance", '"source"'),
    ):
        start = plain.index(old + ":")
        end = min(
            i for i in (plain.find(",", start), plain.find("\n", start), plain.find("}", start)) if i > 0
        )
        member = plain[start:end].rstrip(",")
        if name == "bounds":
            member = f"{old}: {json.dumps(claim(away, 'bounds.gradient_norm'))}"
        put(f"twice-{name}", f"{old} twice.", (plain[:start] + member + ", " + plain[start:]).encode())
    text(
        "twice-escaped",
        "The same key twice, once escaped.",
        '"verdict"',
        '"v\\u0065rdict": "not-critical", "verdict"',
    )
    # Dyadics.
    m, e = claim(away, "bounds.lambda_max.exact")
    for name, why, pair in (
        ("even", "An even mantissa.", [str(2 * int(m)), e - 1]),
        ("zero-exponent", 'Zero as ["0", 1].', ["0", 1]),
        ("mantissa-number", "The mantissa is a number.", [int(m), e]),
        ("exponent-string", "The exponent is a string.", [m, str(e)]),
        ("exponent-boolean", "The exponent is true.", [m, True]),
        ("exponent-null", "The exponent is null.", [m, None]),
        ("exponent-huge", "The exponent is 65537.", ["1", 65537]),
        ("exponent-very-huge", "The exponent is 2^52.", ["1", 2**52]),
        ("exponent-minus-huge", "The exponent is -65537.", ["1", -65537]),
        ("leading-zero", "A mantissa with a leading zero.", ["0" + m, e]),
        ("plus", "A mantissa with a plus sign.", ["+" + m, e]),
        ("minus-zero", 'The mantissa is "-0".', ["-0", 0]),
        ("empty", "An empty mantissa.", ["", e]),
        ("space", "A space before the mantissa.", [" " + m, e]),
        ("line-end", "A line end after the mantissa.", [m + "\n", e]),
        ("underscore", "An underscore in the mantissa.", [m[:1] + "_" + m[1:], e]),
        ("fraction", "A fraction in the mantissa.", [m + ".0", e]),
        ("hexadecimal", "A hexadecimal mantissa.", [hex(int(m)), e]),
        ("other-digits", "Arabic-Indic digits.", ["\u0661", e]),
        ("short", "Only a mantissa.", [m]),
        ("long", "Three parts.", [m, e, 0]),
        ("string", "A string.", f"{m}p{e}"),
        ("object", "An object.", {"m": m, "e": e}),
    ):
        edit(f"dyadic-{name}", f"{why} In lambda_max.", "bounds.lambda_max.exact", pair)
    edit("dyadic-too-many-bits", "A coordinate of 65537 bits.", "point.0.0", [digits(2**65536 + 1), -65536])
    edit("point-even", "An even mantissa in the point.", "point.0.0", ["2", -1])
    edit("point-decimal", "A coordinate as a decimal.", "point.0.0", "1.0")
    # Shapes.
    edit("rows-unequal", "A row of the point is too short.", "point.0", claim(away, "point.0")[:1])
    edit("rows-too-few", "The point has one row; n = 2.", "point", claim(away, "point")[:1])
    edit("rows-none", "The point has no rows.", "point", [])
    edit("row-empty", "A row of the point is empty.", "point.0", [])
    edit("neuron-zero", "A neuron is 0.", "point.0", [["0", 0], ["0", 0]])
    for name, wrong in (("n", 3), ("k", 1), ("d", 3), ("n", 0), ("k", -2)):
        edit(f"problem-{name}-{wrong}", f"{name} = {wrong} does not match.", f"problem.{name}", wrong)
    edit("problem-n-true", "n is true.", "problem.n", True)
    edit("problem-n-string", "n is a string.", "problem.n", "2")
    edit("targets-too-few", "One target; k = 2.", "problem.targets", [[["1", 0], ["0", 0]]])
    edit("targets-too-long", "Targets of length 3; d = 2.", "problem.targets", [[["1", 0]] * 3] * 2)
    edit("targets-unknown", "Targets by an unknown name.", "problem.targets", "orthogonal")
    edit("targets-none", "No targets.", "problem.targets", [])
    # Versions and names.
    edit("version-2", "Another major version.", "schema", "relucert-certificate/2.0")
    edit("version-0", "Another major version.", "schema", "relucert-certificate/0.9")
    edit("version-none", "No version.", "schema", "relucert-certificate")
    edit("version-three-parts", "A version of three parts.", "schema", "relucert-certificate/1.0.0")
    edit("version-line-end", "A line end after the version.", "schema", "relucert-certificate/1.0\n")
    edit("version-number", "The schema is a number.", "schema", 1)
    edit("verdict-unknown", "A verdict that is not one of the five.", "verdict", "minimum")
    edit("verdict-capital", "A verdict with a capital.", "verdict", "Not-critical")
    edit("verdict-list", "A list of verdicts.", "verdict", ["not-critical"])
    edit("family-number", "The family is a number.", "family", 1)
    edit("constants-unknown", "Unknown Lipschitz constants.", "bounds.lipschitz.constants", "best")
    # Bounds.
    one, two = number(Fraction(1), True), number(Fraction(2), False)
    edit("interval-reversed", "lambda_min is [2, 1].", "bounds.lambda_min", [two, one])
    edit("interval-one-end", "lambda_min has one end.", "bounds.lambda_min", [one])
    edit("interval-three", "lambda_min has three ends.", "bounds.lambda_min", [one, one, two])
    edit("objective-reversed", "objective is [2, 1].", "bounds.objective", [two, one])
    negative = number(Fraction(-1), False)
    edit("negative-exclusion-radius", "exclusion_radius is -1.", "bounds.exclusion_radius", negative)
    edit("negative-lipschitz-radius", "lipschitz.radius is -1.", "bounds.lipschitz.radius", negative)
    for name in ("existence_radius", "uniqueness_radius", "existence_radius_lemma_1", "basin.radius"):
        file = f"negative-{name}".replace("_", "-").replace(".", "-")
        edit(file, f"{name} is -1.", f"bounds.{name}", negative, local)
    edit("inertia-negative", "inertia counts -1.", "bounds.inertia.negative", -1)
    edit("inertia-true", "inertia counts true.", "bounds.inertia.negative", True)
    edit("number-bare", "A dyadic where a number is due.", "bounds.lambda_max", [m, e])
    edit("number-integer", "An integer where a number is due.", "bounds.lambda_max", 3)
    edit("number-list", "gradient_norm is a list.", "bounds.gradient_norm", [])
    edit("decimal-number", "A decimal that is a number.", "bounds.lambda_max.decimal", 3)
    for name, decimal in (
        ("nan", "NaN"),
        ("infinite", "inf"),
        ("empty", ""),
        ("words", "about 1"),
        ("seven", "1.234567"),
    ):
        edit(
            f"decimal-{name}",
            f"The decimal of lambda_max is {decimal!r}.",
            "bounds.lambda_max.decimal",
            decimal,
        )
    # Members missing, and members too many.
    for path in (
        *("schema", "family", "method", "problem", "point", "verdict", "bounds"),
        *("problem.n", "problem.k", "problem.d", "problem.targets"),
        *(
            f"bounds.{name}"
            for name in ("objective", "gradient_norm", "lambda_min", "lambda_max", "lipschitz")
        ),
        *("bounds.lipschitz.constants", "bounds.lipschitz.radius", "bounds.lipschitz.value"),
        *("bounds.exclusion_radius", "bounds.inertia.positive", "bounds.lambda_max.decimal"),
        "bounds.lambda_max.exact",
    ):
        edit(f"without-{path}".replace("_", "-"), f"{path} is missing.", path, None)
    for name in ("existence_radius", "uniqueness_radius", "inertia", "basin.radius", "basin.step"):
        edit(
            f"minimum-without-{name}".replace("_", "-"),
            f"A minimum without {name}.",
            f"bounds.{name}",
            None,
            local,
        )
    radius = claim(away, "bounds.exclusion_radius")
    edit(
        "minimum-with-exclusion", "A minimum with exclusion_radius.", "bounds.exclusion_radius", radius, local
    )
    edit(
        "not-critical-with-existence", "Not critical, with existence_radius.", "bounds.existence_radius", one
    )
    edit(
        "not-critical-with-uniqueness",
        "Not critical, with uniqueness_radius.",
        "bounds.uniqueness_radius",
        two,
    )
    for path in ("", "problem.", "bounds.", "bounds.lipschitz.", "bounds.inertia.", "bounds.lambda_max."):
        file = f"extra-in-{path.rstrip('.').replace('_', '-') or 'claim'}"
        edit(file, f"An extra member in {path.rstrip('.') or 'the claim'}.", path + "more", 1)
    edit("extra-in-basin", "An extra member in basin.", "bounds.basin.more", one, local)
    statement = ("statement",)
    for name in ("claim", "evidence", "provenance"):
        rest = {key: x for key, x in away["statement"].items() if key != name}
        put(f"statement-without-{name}", f"The statement has no {name}.", signed(away | {"statement": rest}))
    put(
        "extra-in-statement",
        "An extra member in the statement.",
        signed(replaced(away, (*statement, "more"), 1)),
    )
    for name in ("payloadType", "statement", "signatures"):
        rest = {key: x for key, x in whole.items() if key != name}
        put(f"file-without-{name.lower()}", f"The file has no {name}.", rest)
    put("extra-in-file", "An extra member beside the statement.", whole | {"more": 1})
    put(
        "payload-type-swapped",
        "The payload type is another one.",
        whole | {"payloadType": "application/json"},
    )
    other = whole["payloadType"].replace("v1", "v2")
    put("payload-type-v2", "The payload type is version 2's.", whole | {"payloadType": other})
    put(
        "provenance-list", "The provenance is a list.", signed(replaced(away, (*statement, "provenance"), []))
    )
    # Evidence.
    for name, why, new in (
        ("object", "The evidence is an object.", {}),
        ("strings", "The evidence holds a string.", ["Theorem E"]),
        ("holds-one", "holds is 1.", [{"theorem": "E", "holds": 1, "inequalities": []}]),
        ("no-inequalities", "An argument without inequalities.", [{"theorem": "E", "holds": False}]),
        (
            "extra",
            "An extra member in an argument.",
            [{"theorem": "E", "holds": False, "inequalities": [], "x": 0}],
        ),
    ):
        put(f"evidence-{name}", why, signed(replaced(away, (*statement, "evidence"), new)))
    place = (*statement, "evidence", 0, "inequalities", 0)
    inequality = away["statement"]["evidence"][0]["inequalities"][0]
    for name, why, change in (
        ("relation", "A relation that is neither < nor <=.", {"relation": ">"}),
        ("proved", "proved is a string.", {"proved": "true"}),
        ("side", "A side is a bare dyadic.", {"left": ["1", 0]}),
        ("more", "An extra member in an inequality.", {"more": 0}),
    ):
        put(f"inequality-{name}", why, signed(replaced(away, place, inequality | change)))
    # Signatures.
    entry = whole["signatures"][0]
    for name, why, new in (
        ("object", "signatures is an object.", entry),
        ("null", "signatures is null.", None),
        ("no-keyid", "A signature without keyid.", [{"sig": entry["sig"]}]),
        ("extra", "An extra member in a signature.", [entry | {"alg": "none"}]),
        ("keyid-short", "A keyid of 63 digits.", [entry | {"keyid": entry["keyid"][1:]}]),
        ("keyid-capitals", "A keyid in capitals.", [entry | {"keyid": "ABCDEF" + entry["keyid"][6:]}]),
        ("base64-short", "63 bytes of signature.", [entry | {"sig": base64.b64encode(bytes(63)).decode()}]),
        ("base64-url", "The URL alphabet of base64.", [entry | {"sig": "-_" * 43 + "=="}]),
        ("base64-unpadded", "base64 without padding.", [entry | {"sig": entry["sig"].rstrip("=")}]),
        ("base64-line-end", "A line end after the signature.", [entry | {"sig": entry["sig"] + "\n"}]),
        ("hexadecimal", "A signature in hexadecimal.", [entry | {"sig": "00" * 64}]),
    ):
        put(f"signature-{name}", why, whole | {"signatures": new})


def digits(x: int) -> str:
    """Decimal digits, however long: interpreters limit the length of one conversion."""
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        return str(x)
    finally:
        sys.set_int_max_str_digits(limit)


def main() -> None:
    corpus = Corpus(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests" / "corpus")
    made = accepted(corpus)
    names = {"spurious": "spurious-6-6", "local": "local-2-3", "global": "global-2-2-exchanged"}
    names |= {"away": "not-critical-antiparallel"}
    cases = {name: Case(name, made[file]) for name, file in names.items()}
    cases["saddle"] = Case("saddle", prove(rough(SADDLE), raw=True))
    bounds_past_the_truth(corpus, list(cases.values()))
    rejected(corpus, cases)
    rejected_sharp(corpus, made)
    rejected_symmetric(corpus, made)
    malformed_symmetric(corpus, made)
    malformed(corpus, made["local-2-3"], made["not-critical-antiparallel"])
    corpus_filter.add(corpus.put, signed)
    pem = TEST_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (corpus.folder / "key.pub").write_bytes(pem)
    for kind in reversed(KEEP):
        print(f"{kind}: {len(list((corpus.folder / kind).glob('*.json')))}")


if __name__ == "__main__":
    main()
