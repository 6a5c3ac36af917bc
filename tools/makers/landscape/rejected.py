"""False certificates, and true ones that are not admissible: of whole landscapes and closed forms."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from mpmath import mp

from corpus_keys import signed
from judge.documents import Json, number, replaced, value
from makers.edits import PAST, beside, changed, claim, edited, moved
from makers.landscape.objective import DIGITS, Population, eigenvalues
from makers.landscape.put import Files

REJECT, UNPROVED = "reject", "not-confirmed"
False_ = Callable[[str, str, str, Json], None]
BEYOND, BELOW = 1 + PAST, 1 - PAST


def low(x: Fraction | int) -> Json:
    return number(Fraction(x), False)


def high(x: Fraction | int) -> Json:
    return number(Fraction(x), True)


def exactly(of: Json, path: str) -> Fraction:
    return value(claim(of, path)["exact"])


def rejected(files: Files, made: dict[str, Json]) -> None:
    _regimes(files, made)
    _whole(files.false, made)
    _true(files, made)
    _spurious(files.false, made)
    _unit_rows(files.false, made)
    _split_neuron(files.false, made)
    _evidence(files, made["whole"])


def _regimes(files: Files, made: dict[str, Json]) -> None:
    one, free = made["whole"], made["unbounded"]
    for name, of in (("whole", one), ("doubled", made["doubled"])):
        why = "mu is 12, where rows may share a direction at no cost."
        files.put(REJECT, f"{name}-mu-12", why, changed(of, "problem.mu", "12"))
    why = "mu is past 12 by 10^-30, and lambda is large: doubled points are minima."
    past = f"{12 * 10**30 + 1}/{10**30}"
    files.false(REJECT, "whole-mu-past-12", why, changed(one, "problem.mu", past))
    files.false(REJECT, "whole-mu-24", "mu is 24.", changed(one, "problem.mu", "24"))
    less = edited(one, ("problem.lambda", "1/12"))
    files.false(REJECT, "whole-unbounded", "lambda < nu max alpha: the objective is unbounded below.", less)
    with mp.workdps(60):
        edge = Fraction(int(mp.ceil(10**40 * 5 / (16 * mp.sqrt(2 * mp.pi)))), 10**40)  # nu alpha_1
    why = "lambda is above nu max alpha by less than 10^-40."
    files.false(REJECT, "unbounded-just-bounded", why, changed(free, "problem.lambda", str(edge)))
    why = "lambda is below nu max alpha by less than 10^-40."
    less = changed(made["whole-just-bounded"], "problem.lambda", str(edge - Fraction(1, 10**40)))
    files.false(REJECT, "whole-just-unbounded", why, less)
    files.false(
        REJECT, "unbounded-lambda-1", "The objective is bounded below.", changed(free, "problem.lambda", "1")
    )
    for name, of in (
        ("unbounded", free),
        ("doubled", made["doubled"]),
        ("nearest", made["nearest"]),
        ("run", made["run"]),
    ):
        other = {"unbounded": "8", "doubled": "1/5", "nearest": "1/12", "run": "1/12"}[name]
        why = f"lambda is {other}, on the other side of its limit."
        files.false(
            REJECT, f"{name}-lambda-{other.replace('/', '-')}", why, changed(of, "problem.lambda", other)
        )
    for name in ("nearest", "run"):
        why = "mu is 24: not all local minima are global."
        files.false(REJECT, f"{name}-mu-24", why, changed(made[name], "problem.mu", "24"))
    singular = changed(made["whole-f"], "problem.teacher", [["1", "1/2"], ["2", "1"]])
    files.put(REJECT, "whole-f-singular", "The rows of the teacher are parallel.", singular)
    why = "The rows of the teacher are parallel, in numbers of 40 digits."
    x = str(10**40 + 7)
    files.put(
        REJECT, "whole-f-singular-long", why, changed(singular, "problem.teacher", [[x, x], ["1", "1"]])
    )


def _least(made: dict[str, Json]) -> Fraction:
    """Past the least eigenvalue at the minima."""
    with mp.workdps(DIGITS):
        of = Population(claim(made["whole-f-nearly-singular"], "problem"))
        found = eigenvalues(of, of.signed({"permutation": [0, 1], "signs": "++"}))[0]
        return Fraction(int(mp.ceil(found * 2**200)), 2**200) * BEYOND


def _true(files: Files, made: dict[str, Json]) -> None:
    """More than the theorems prove, but true."""
    one = made["whole"]
    for name, x in (("basin", Fraction(9, 10)), ("saddle", Fraction(1, 5))):
        why = f"{name} is {x}: true, but more than the theorem proves."
        files.put(UNPROVED, f"whole-{name}-unproved", why, changed(one, f"bounds.{name}", low(x)))


def _whole(wrong: False_, made: dict[str, Json]) -> None:
    one, general = made["whole"], made["whole-f"]
    wrong(REJECT, "whole-value", "The value is not inside.", beside(one, "bounds.value"))
    why = "The value is that of minus the sum of nu alpha_i, without the shortening of the rows."
    wrong(
        REJECT,
        "whole-value-first-order",
        why,
        changed(one, "bounds.value", [low(Fraction(-1, 5)), high(Fraction(-1, 6))]),
    )
    for name, up in (("lambda_min", False), ("lambda_max", True), ("step", False)):
        factor = BELOW if up else BEYOND
        why = f"{name} is past the truth by a relative 2^-12."
        top = 2 / exactly(one, "bounds.lambda_max") if name == "step" else exactly(one, f"bounds.{name}")
        wrong(REJECT, f"whole-{name}", why, changed(one, f"bounds.{name}", number(top * factor, up)))
    wrong(
        UNPROVED,
        "whole-f-lambda_min",
        "lambda_min is ten times what it was.",
        moved(general, "bounds.lambda_min", Fraction(10), False),
    )
    why = "lambda_min is past the truth by a relative 2^-12, at a teacher that is nearly singular."
    nearly = changed(made["whole-f-nearly-singular"], "bounds.lambda_min", low(_least(made)))
    wrong(UNPROVED, "whole-f-nearly-singular-lambda_min", why, nearly)
    wrong(
        UNPROVED,
        "whole-f-step",
        "step is a hundred times what it was.",
        moved(general, "bounds.step", Fraction(100), False),
    )
    wrong(
        REJECT, "whole-basin-8", "Another minimum is within the basin.", changed(one, "bounds.basin", low(8))
    )
    why = "The basin reaches beyond the point with one row 0, which is critical."
    wrong(REJECT, "whole-basin", why, changed(one, "bounds.basin", low(Fraction(11, 10))))
    wrong(
        REJECT,
        "whole-saddle-4-lambda",
        "The eigenvalues at B = 0 are -4 lambda = -4.",
        changed(one, "bounds.saddle", low(4)),
    )
    why = "The saddle bound is past the smallest eigenvalue at doubled rows, 4 (1 - nu) alpha t^2."
    wrong(REJECT, "whole-saddle-doubled", why, changed(one, "bounds.saddle", low(Fraction(373, 1000))))
    why = (
        "The saddle bound is past the smallest eigenvalue at doubled rows, in the column of the least weight."
    )
    wrong(
        REJECT,
        "whole-weights-saddle",
        why,
        changed(made["whole-weights"], "bounds.saddle", low(Fraction(37, 100))),
    )


def _spurious(wrong: False_, made: dict[str, Json]) -> None:
    two, three, plain = made["doubled"], made["doubled-3"], made["signed-permutation"]
    for name, of in (("doubled", two), ("signed-permutation", plain)):
        wrong(REJECT, f"{name}-value", "The value is not inside.", beside(of, "bounds.value"))
        wrong(
            REJECT,
            f"{name}-lambda_min",
            "lambda_min is past the truth by a relative 2^-12.",
            moved(of, "bounds.lambda_min", BEYOND, False),
        )
        wrong(
            UNPROVED,
            f"{name}-gap",
            "The gap is past the truth by a relative 2^-12.",
            moved(of, "bounds.gap", BEYOND, False),
        )
        wrong(REJECT, f"{name}-gap-0", "The gap is 0.", changed(of, "bounds.gap", low(0)))
    wrong(
        REJECT, "doubled-one-row", "A row is both twice and never there.", changed(three, "minimum.never", 0)
    )
    why = "Rows 2 and 0 stand at e_2, where (1 + nu) alpha > lambda: a saddle."
    wrong(
        REJECT,
        "doubled-another",
        why,
        edited(three, ("minimum.twice", 2), ("minimum.never", 0), ("problem.lambda", "5/4")),
    )
    why = "mu is 6, where doubled points are saddles."
    wrong(REJECT, "doubled-mu-6", why, changed(two, "problem.mu", "6"))
    why = "The doubled point has the lower value here."
    other = {"kind": "doubled", "twice": 0, "never": 1}
    wrong(REJECT, "doubled-not-the-higher", why, changed(plain, "minimum", other))
    why = "The signed permutations are global here."
    wrong(
        REJECT, "signed-permutation-global", why, edited(plain, ("problem.mu", "6"), ("problem.lambda", "1"))
    )
    why = "A spurious minimum is called none."
    bounds, head = claim(made["whole"], "bounds"), ("verdict", "no-spurious-minimum")
    wrong(REJECT, "doubled-called-none", why, edited(two, head, ("bounds", bounds), ("minimum", None)))
    wrong(
        REJECT,
        "doubled-called-unbounded",
        "A bounded objective is called unbounded.",
        edited(two, ("verdict", "unbounded-below"), ("bounds", {}), ("minimum", None)),
    )


def _unit_rows(wrong: False_, made: dict[str, Json]) -> None:
    rows = made["unit-rows"]
    for name, x, why in (
        ("x-on-its-lower-limit", "1/4", "a_p x = a_l."),
        ("x-on-its-upper-limit", "2/3", "a_q (1 - x) = a_l."),
        ("x-too-small", "1/5", "a_p x < a_l."),
    ):
        wrong(
            REJECT,
            f"unit-rows-{name}",
            why,
            edited(rows, ("problem.x", x), ("bounds.radius", low(Fraction(1, 2**20)))),
        )
    for name, a, why in (
        ("l-not-the-smallest", ["2", "4", "3", "3/2"], "a_3 < a_l."),
        ("l-not-alone", ["1", "4", "3", "1"], "a_3 = a_l."),
    ):
        wrong(
            REJECT,
            f"unit-rows-{name}",
            why,
            edited(rows, ("problem.a_star", a), ("bounds.radius", low(Fraction(1, 2**20)))),
        )
    wrong(
        UNPROVED,
        "unit-rows-radius",
        "The radius is 1/2.",
        changed(rows, "bounds.radius", low(Fraction(1, 2))),
    )
    wrong(
        UNPROVED,
        "unit-rows-radius-2",
        "The radius is that of the whole spheres.",
        changed(rows, "bounds.radius", low(2)),
    )
    wrong(REJECT, "unit-rows-radius-0", "The radius is 0.", changed(rows, "bounds.radius", low(0)))


def _split_neuron(wrong: False_, made: dict[str, Json]) -> None:
    neuron = made["split-neuron"]
    wrong(
        REJECT,
        "split-neuron-curvature",
        "The curvature is past the truth by a relative 2^-12.",
        moved(neuron, "bounds.curvature", BEYOND, False),
    )
    wrong(
        REJECT,
        "split-neuron-alpha-beta",
        "The curvature is alpha + beta.",
        changed(neuron, "bounds.curvature", low(Fraction(4, 3))),
    )
    wrong(REJECT, "split-neuron-0", "The curvature is 0.", changed(neuron, "bounds.curvature", low(0)))
    wrong(
        REJECT,
        "split-neuron-tau",
        "tau is 10^-9, where the curvature is smaller.",
        changed(neuron, "problem.tau", "1/1000000000"),
    )
    above = {"exact": [str(2**60 + 1), -60], "decimal": "1"}
    wrong(
        REJECT,
        "split-neuron-a-hair-above",
        "The curvature is above 1, the truth, by 2^-60.",
        changed(made["split-neuron-exact"], "bounds.curvature", above),
    )


def _evidence(files: Files, one: Json) -> None:
    place = ("statement", "evidence", 0)
    files.put(
        REJECT,
        "evidence-theorem",
        "A theorem of another family.",
        replaced(one, (*place, "theorem"), "Theorem 12.T"),
    )
    files.put(
        REJECT,
        "evidence-text",
        "An inequality that the theorem does not have.",
        replaced(one, (*place, "inequalities", 0, "text"), "mu < 13"),
    )
    files.put(
        REJECT,
        "evidence-none",
        "It is marked to hold, without inequalities.",
        replaced(one, (*place, "inequalities"), []),
    )
    for name, path, new in (
        ("method-of-another-family", "method", "uniform-box"),
        ("family-of-another-method", "family", "one-filter"),
        ("version-1-0", "schema", "relucert-certificate/1.0"),
    ):
        files.put(REJECT, name, "Family, method and version do not belong together.", changed(one, path, new))
    shown = claim(one, "bounds.lambda_min.decimal")
    files.put(
        REJECT,
        "decimal",
        "The decimal of lambda_min is not on its weak side.",
        changed(one, "bounds.lambda_min.decimal", str(float(shown) + 1e-5)),
    )
    forged = changed(signed(one), "problem.mu", "599999999999/100000000000")
    files.put(REJECT, "changed-after-signing", "mu was changed after signing.", forged, sign=False)
