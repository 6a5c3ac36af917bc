"""Certificates of symmetric points: true ones, false ones and malformed ones."""

from __future__ import annotations

from copy import deepcopy
from fractions import Fraction
from typing import Any

from corpus_keys import signed
from judge.documents import MINIMA, Json, number, value
from makers.edits import PAST, bare, changed, claim, in_d_only, shown, without
from makers.folder import Corpus
from makers.teacher.cases import Case, bounds_past_the_truth
from makers.teacher.points import a, b, c, d, e, not_critical, prove_symmetric, u, v


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
