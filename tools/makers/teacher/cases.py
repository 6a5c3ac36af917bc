"""True certificates with their true numbers, and bounds that are past these."""

from __future__ import annotations

from fractions import Fraction

from judge.claims import subject
from judge.documents import Json, number, value
from judge.truth import ball_of
from makers.edits import PAST, changed, claim, shown
from makers.folder import Corpus
from relucert.kernel import ball
from relucert.kernel.ball import Ball, to_dyadic


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
