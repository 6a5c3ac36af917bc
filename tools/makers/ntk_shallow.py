"""Files about training a two-layer ReLU network. The true ones are proved by relucert. Of a false one the loss, or the
way of the run, is below the truth by a relative 2^-12; other bounds lie beyond what the theorem gives, and no checker
can refute them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from corpus_keys import signed
from judge.documents import Json, number, replaced
from makers.edits import PAST, changed, claim, edited, moved
from relucert import certificate
from relucert.base.exact import exact_rows
from relucert.families.ntk.shallow_problem import Seeded, Start, Training
from relucert.families.ntk.shallow_prove import prove
from relucert.families.ntk.shallow_statement import statement

Put = Callable[[str, str, str, Any], None]
LOSS, RATE, TRAVEL, FIRST, SWITCHING = (
    f"bounds.{name}" for name in ("loss", "rate", "travel", "first_travel", "switching")
)
THREE = [[1, 0, 0.5, 0], [0.25, -1, 0, 0.5], [0, 0.5, -0.75, 1]]
FOUR = [*THREE, [-1, 0.5, 0, 0.25]]
LABELS = [0.5, -0.25, 0.125, 0.25]
TINY, LARGE = [[v * 2.0**-80 for v in row] for row in THREE], [[v * 8 for v in row] for row in THREE]
# Each neuron occurs twice, with both signs: u = 0 at first. KINK is on the kink of the first row of x.
NEURONS = [[1, 0.5, -0.5, 0.25], [-1, 1, 0.25, 0.5], [0.5, -1, 1, 0.75], [-0.5, -0.5, -1, 1], [0.75, 1, 0.5, -1],
           [-1, -0.75, 1, -0.5], [0.5, 0.25, -0.75, -0.75], [-0.25, 1, 1, 1], [1, -1, 0.5, 0.5]]  # fmt: skip
KINK = [[-0.5, 1, 1, 0.5]]


@dataclass(frozen=True)
class Case:
    """weights: a seed, of the signs too, or rows; eta: None for the flow; steps: None for as many as it takes."""

    x: list[list[float]]
    eta: str | None
    weights: int | list[list[float]]
    width: int = 40
    scale: int = 0
    steps: int | None = None
    share: float = 1.0  # of the labels

    def training(self) -> Training:
        labels = exact_rows([[self.share * y for y in LABELS[: len(self.x)]]], "y")[0]
        eta = None if self.eta is None else Fraction(self.eta)
        if isinstance(self.weights, int):
            start = Start(Seeded(self.weights, (1, self.scale)), self.weights)
            return Training(exact_rows(self.x, "x"), labels, self.width, start, eta)
        twice = [row for row in self.weights for _ in range(2)]
        start = Start(exact_rows(twice, "weights"), (1, -1) * len(self.weights))
        return Training(exact_rows(self.x, "x"), labels, len(twice), start, eta)


ACCEPTED = {
    "run": Case(THREE, "1/4", 2, 20), "run-40": Case(THREE, "1/4", 3, steps=40), "four": Case(FOUR, "1/4", 2, 20),
    "long": Case(FOUR, "1/4", 1, 20, 1), "scaled": Case(THREE, "1/4", 1, 20, 3), "decimal": Case(THREE, "13/50", 1, 60),
    "no-steps": Case(THREE, "1/4", 2), "rows": Case(THREE, "1/4", NEURONS * 3, steps=0, share=0.0625),
    "rows-run": Case(THREE, "1/4", NEURONS, steps=10, share=0.25),
    "kink": Case(THREE, "1/4", NEURONS * 3 + KINK, steps=0, share=0.0625),
    "at-zero-loss": Case(THREE, "1/4", NEURONS, steps=0, share=0), "tiny": Case(TINY, f"{2**158}", 2, 40, 80),
    "flow": Case(THREE, None, 2), "flow-scaled": Case(THREE, None, 2, 40, 3),
    "flow-rows": Case(THREE, None, NEURONS * 3, share=0.0625),
    "flow-kink": Case(THREE, None, NEURONS * 3 + KINK, share=0.0625), "flow-fast": Case(LARGE, None, 2),
}  # fmt: skip


def proved(case: Case) -> Json:
    training = case.training()
    result = prove(training, training.net(), 0 if case.eta is None else case.steps)
    made = statement(result, {"source": "tools/makers/ntk_shallow.py"})
    return json.loads(certificate.envelope(made, []))  # type: ignore[no-any-return]


def add(put: Put) -> None:
    made = {name: proved(case) for name, case in ACCEPTED.items()}

    def file(kind: str, name: str, why: str, document: Json) -> None:
        put(kind, f"shallow-{name}", why, signed(document))

    for name, document in made.items():
        file("accept", name, "", document)
    past(file, made)
    others(file, made)
    rules(file, made)
    not_confirmed(file, made)
    malformed(file, made)
    starts(file, made)


def past(file: Any, made: dict[str, Json]) -> None:
    """Bounds past the truth, and past what the theorem gives."""
    for name in ("run", "long", "tiny", "no-steps", "rows", "flow"):
        document = made[name]
        low = moved(document, LOSS, 1 - PAST, up=True)
        file("reject", f"{name}-loss", "loss is below |e_T|^2/2.", low)
        if claim(document, "bounds").get("first_travel"):
            short = moved(document, FIRST, 1 - PAST, up=True)
            file("reject", f"{name}-first-travel", "A neuron is further away after T steps.", short)
        near = moved(document, TRAVEL, 1 - 16 * PAST, up=True)
        file("not-confirmed", f"{name}-travel", "travel is below what Theorem 14.D or 14.F gives.", near)
        quick = moved(document, RATE, Fraction(129, 128), up=False)
        file("not-confirmed", f"{name}-rate", "rate is above what Theorem 14.D or 14.F gives.", quick)
    for name in ("run", "kink"):
        less = changed(made[name], SWITCHING, claim(made[name], SWITCHING) - 1)
        if claim(made[name], SWITCHING):
            file("not-confirmed", f"{name}-switching", "One more pair may change its sign.", less)


def others(file: Any, made: dict[str, Json]) -> None:
    """Claims about another run."""
    steps, labels = claim(made["run"], "steps"), claim(made["run"], "problem.y")
    flipped = claim(made["rows-run"], "start.signs")
    for name, of, path, new in (
        ("one-step-less", "run", "steps", steps - 1),
        ("one-step-more", "run", "steps", steps + 1),
        ("another-seed", "run", "start.weights.seed", 7),
        ("another-seed-of-signs", "no-steps", "start.signs.seed", 3),
        ("another-scale", "run", "start.weights.scale", ["1", 1]),
        ("negative-scale", "run", "start.weights.scale", ["-1", 0]),
        ("another-width", "run", "problem.width", 19),
        ("another-step", "run", "problem.step", "1/5"),
        ("labels-permuted", "run", "problem.y", [labels[1], labels[0], labels[2]]),
        ("another-label", "run", "problem.y.0", ["-1", -1]),
        ("another-input", "run", "problem.x.0.0", ["-1", 0]),
        ("another-weight", "rows-run", "start.weights.0.0", ["-1", 0]),
        ("sign-flipped", "rows-run", "start.signs", "-" + flipped[1:]),
        ("flow-another-seed", "flow", "start.weights.seed", 7),
        ("flow-label-negated", "flow", "problem.y.0", ["-1", -1]),
    ):
        file("reject", name, f"Of a true claim {path} was changed.", changed(made[of], path, new))


def rules(file: Any, made: dict[str, Json]) -> None:
    """Rules between exact numbers."""
    zero, one = number(Fraction(0), False), number(Fraction(1), False)
    below = number(Fraction(-1), True)
    for name, of, path, new in (
        ("rate-0", "run", RATE, zero), ("rate-1", "run", RATE, one), ("flow-rate-0", "flow", RATE, zero),
        ("rate-negative", "run", RATE, number(Fraction(-1), False)), ("loss-negative", "run", LOSS, below),
        ("travel-negative", "run", TRAVEL, below), ("first-travel-negative", "run", FIRST, below),
        ("flow-travel-negative", "flow", TRAVEL, below), ("switching-negative", "no-steps", SWITCHING, -1),
        ("row-of-zeros", "no-steps", "problem.x.0", [["0", 0]] * 4),
        ("wrong-decimal", "run", f"{LOSS}.decimal", "1.5"), ("another-family", "run", "family", "one-filter"),
        ("version-1-0", "run", "schema", "relucert-certificate/1.0"),
    ):  # fmt: skip
        file("reject", name, f"Of a true claim {path} was changed.", changed(made[of], path, new))
    for name, of, theorem in (
        ("another-theorem", "run", "Theorem 14.K"),
        ("descent-by-14-f", "no-steps", "Theorem 14.F"),
        ("flow-by-14-d", "flow", "Theorem 14.D"),
    ):
        first, *rest = made[of]["statement"]["evidence"]
        wrong = [{**first, "theorem": theorem}, *rest]
        document = replaced(made[of], ("statement", "evidence"), wrong)
        file("reject", name, "Evidence of a theorem that does not say this.", document)


def not_confirmed(file: Any, made: dict[str, Json]) -> None:
    three, neurons = claim(made["run"], "problem.x"), claim(made["rows-run"], "start.weights")
    twins = [three[0], [[m, e + 1] if m != "0" else [m, e] for m, e in three[0]], three[2]]
    high = number(Fraction(64), True)
    loose = edited(made["no-steps"], (LOSS, high), (TRAVEL, high), (SWITCHING, 120))
    tie = [[["-1", -1], ["1", 0], ["1", 0], ["1", -1]], *neurons[1:]]
    for name, document, why in (
        ("step-too-large", changed(made["run"], "problem.step", "4"), "eta is above 2/|X|^2."),
        (
            "no-steps-step-too-large",
            changed(loose, "problem.step", "16"),
            "eta is above 2/|X|^2, without a run.",
        ),
        (
            "twins",
            changed(loose, "problem.x", twins),
            "Two inputs are multiples of one another: H is singular.",
        ),
        ("tie", changed(made["rows-run"], "start.weights", tie), "A neuron is on a kink before a step."),
        (
            "limit-width",
            changed(made["run"], "problem.width", 2**14 + 1),
            "More neurons than a checker takes.",
        ),
        ("limit-steps", changed(made["run"], "steps", 1001), "More steps than a checker takes."),
        ("limit-fine", changed(made["run"], "problem.y.0", ["1", -257]), "A finer entry than one takes."),
        ("limit-scale", changed(made["flow"], "start.weights.scale", ["1", 128]), "Too large a scale."),
        ("limit-digits", changed(made["run"], "problem.step", f"1/{10**300}"), "Too many digits."),
    ):
        file("not-confirmed", name, why, document)


def malformed(file: Any, made: dict[str, Json]) -> None:
    unit = number(Fraction(1), True)
    for of, path in (*(("run", path) for path in ("problem.y", "problem.width", "problem.step", "start.weights",
                       "start.signs", "start.weights.scale", "steps", LOSS, RATE, TRAVEL, SWITCHING, "verdict")),
                     ("flow", RATE), ("flow", "start")):  # fmt: skip
        name = path.rpartition(".")[2].replace("_", "-")
        name = f"flow-without-{name}" if of == "flow" else f"without-{name}"
        file("malformed", name, f"{path} is missing.", changed(made[of], path, None))
    for name, of, path, new in (
        ("first-travel-without-steps", "no-steps", FIRST, unit), ("verdict", "run", "verdict", "converges"),
        ("steps-negative", "run", "steps", -1), ("steps-text", "run", "steps", "25"),
        ("step-0", "run", "problem.step", "0"), ("step-not-reduced", "run", "problem.step", "2/8"),
        ("step-negative", "run", "problem.step", "-1/4"), ("switching-text", "run", SWITCHING, "1"),
        ("switching-half", "run", SWITCHING, 0.5), ("width-0", "run", "problem.width", 0),
        ("label-too-few", "run", "problem.y", [["1", -1]]), ("ragged", "run", "problem.x.0", [["1", 0]]),
        ("depth", "run", "problem.depth", 2), ("flow-steps", "flow", "steps", 0),
        ("flow-step", "flow", "problem.step", "1/4"), ("flow-switching", "flow", SWITCHING, 0),
        ("flow-first-travel", "flow", FIRST, unit), ("descent-as-flow", "run", "method", "gradient-flow"),
        ("flow-as-descent", "flow", "method", "gradient-descent"),
    ):  # fmt: skip
        file("malformed", name, f"{path} is not of the form.", changed(made[of], path, new))


def starts(file: Any, made: dict[str, Json]) -> None:
    """Starts out of form."""
    signs, rows = claim(made["rows-run"], "start.signs"), claim(made["rows-run"], "start.weights")
    for name, of, path, new in (
        ("seed-negative", "run", "start.weights.seed", -1),
        ("seed-text", "run", "start.signs.seed", "2"),
        ("scale-of-signs", "run", "start.signs.scale", ["1", 0]),
        ("sign-x", "rows-run", "start.signs", "x" + signs[1:]),
        ("sign-too-few", "rows-run", "start.signs", signs[1:]),
        ("no-signs", "rows-run", "start.signs", ""),
        ("weights-too-few", "rows-run", "start.weights", rows[1:]),
        ("weights-ragged", "rows-run", "start.weights.0", rows[0][1:]),
    ):
        file("malformed", name, f"{path} is not of the form.", changed(made[of], path, new))
