"""The files with the bound `barrier`. Their names start with "barrier-".

make_corpus.py makes them with all others; alone: PYTHONPATH=src:tools python -m makers.teacher.barrier [FOLDER]
"""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

from corpus_keys import signed
from judge.documents import ROOT, Json, number, value
from makers.edits import PAST, changed, claim, in_d_only, without
from makers.folder import Apart, Corpus
from makers.teacher.points import FAR, LOCAL, SADDLE, SIX, a, b, c, d, e, prove, prove_symmetric, rough


def add(corpus: Corpus) -> None:
    made = {
        "spurious-6-6": prove(rough(SIX), raw=True, barrier=True),
        "local-2-3": prove(rough(LOCAL), raw=True, barrier=True),
        "local-2-3-sharp": prove(LOCAL, constants="sharp", barrier=True),
        "local-2-3-paper": prove(LOCAL, constants="paper", barrier=True),
        "global-2-2": prove([[1.0, 1e-7], [-3e-8, 1.0]], barrier=True),
        "symmetric-1-5": prove_symmetric([1, 5], [[e, c, 0.0], [d, b, a]], barrier=True),
    }
    for name, document in made.items():
        corpus.accept(f"barrier-{name}", signed(document))
        height = value(claim(document, "bounds.barrier")["exact"])
        past = changed(document, "bounds.barrier", number(height * (1 + PAST), False))
        corpus.false("not-confirmed", f"barrier-{name}-past", "More than Theorem 18.V proves.", past)
    local = made["local-2-3"]
    height = value(claim(local, "bounds.barrier")["exact"])
    corpus.accept("barrier-lower", signed(changed(local, "bounds.barrier", number(height / 7, False))))
    corpus.accept("barrier-in-d-only", signed(in_d_only(local)))
    corpus.accept("barrier-left-out", signed(without(local, "bounds.barrier")))
    wrong(corpus, local, claim(local, "bounds.barrier"))


def wrong(corpus: Corpus, local: Json, height: Json) -> None:
    one = changed(local, "bounds.barrier", number(Fraction(1), False))
    corpus.false("not-confirmed", "barrier-one", "A barrier of 1, more than all of the loss.", one)
    saddle = changed(prove(rough(SADDLE), raw=True), "bounds.barrier", height)
    corpus.false("reject", "barrier-saddle", "A saddle has no barrier.", saddle)
    away = changed(prove(FAR), "bounds.barrier", height)
    corpus.false("reject", "barrier-not-critical", "There is no critical point, and no barrier.", away)
    strong = changed(local, "bounds.barrier.decimal", number(value(height["exact"]) * 2, False)["decimal"])
    corpus.false("reject", "barrier-decimal", "The decimal lies on the strong side.", strong)
    for name, why, new in (
        ("zero", "A barrier of 0 says nothing.", number(Fraction(0), False)),
        ("negative", "A barrier below 0.", number(Fraction(-1, 8), False)),
        ("pair", "A barrier is one number.", [height, height]),
    ):
        corpus.false("malformed", f"barrier-{name}", why, changed(local, "bounds.barrier", new))
    old = changed(in_d_only(local), "schema", "relucert-certificate/1.0")
    corpus.false("malformed", "barrier-version-1-0", "Version 1.0 has no barrier.", old)


if __name__ == "__main__":
    add(Apart(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests" / "corpus", "barrier"))
