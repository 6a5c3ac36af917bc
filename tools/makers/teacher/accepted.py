"""True certificates, and a few that are made of them where they are at hand."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from typing import Any

from corpus_keys import OTHER_KEY, signed
from judge.documents import Json, number, replaced, value
from makers.edits import changed, claim, in_d_only, pretty
from makers.folder import Corpus
from makers.teacher.points import FAR, LOCAL, SADDLE, SADDLE_3, SADDLE_4, SIX, SKEW, p, prove, q, rough
from makers.teacher.symmetric import symmetric
from relucert import Candidate, Problem, certificate, verify


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
    bare = loose = prove(rough(LOCAL), raw=True, constants="paper")  # it has every bound
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
