"""False certificates, and true ones that are not admissible: of points near minima, and of runs."""

from __future__ import annotations

from fractions import Fraction

from judge.documents import Json
from makers.edits import changed, claim, edited, moved
from makers.landscape.put import Files
from makers.landscape.rejected import BELOW, BEYOND, REJECT, UNPROVED, high, low


def rejected_minima(files: Files, made: dict[str, Json]) -> None:
    _nearest(files, made)
    _basins(files, made)
    _recovery(files, made)
    _runs(files, made)
    _ends(files, made)
    _balls(files, made)


def _nearest(files: Files, made: dict[str, Json]) -> None:
    near, general, wide = made["nearest"], made["nearest-f"], made["nearest-wide"]
    wrong = files.false
    wrong(REJECT, "nearest-sign", "A sign is flipped.", changed(near, "minimum.signs", "+-+-"))
    wrong(
        REJECT,
        "nearest-permutation",
        "Two rows are exchanged.",
        changed(near, "minimum.permutation", [0, 2, 3, 1]),
    )
    wrong(
        REJECT,
        "nearest-f-permutation",
        "The two rows are exchanged.",
        changed(general, "minimum.permutation", [0, 1]),
    )
    wrong(
        REJECT,
        "nearest-no-permutation",
        "One direction occurs twice.",
        changed(wide, "minimum.permutation", [2, 2, 3, 1]),
    )
    files.put(
        REJECT,
        "nearest-direction-4",
        "There is no direction 4.",
        changed(wide, "minimum.permutation", [2, 0, 3, 4]),
    )


def _basins(files: Files, made: dict[str, Json]) -> None:
    near, wrong = made["nearest"], files.false
    wrong(
        REJECT,
        "nearest-distance",
        "The distance is past the truth by a relative 2^-12.",
        moved(near, "bounds.distance", BELOW, True),
    )
    wrong(
        REJECT,
        "nearest-distance-0",
        "The point is not the minimum itself.",
        changed(near, "bounds.distance", high(0)),
    )
    wrong(
        REJECT,
        "nearest-basin-below-distance",
        "The point is not in the basin.",
        changed(near, "bounds.basin", low(Fraction(1, 1000))),
    )
    files.put(
        UNPROVED,
        "nearest-basin",
        "The basin is larger than what Theorem 13.B proves.",
        changed(near, "bounds.basin", low(Fraction(1, 4))),
    )
    wrong(
        REJECT,
        "nearest-basin-2",
        "Another critical point is within the basin.",
        changed(made["nearest-2"], "bounds.basin", low(2)),
    )
    wrong(
        REJECT,
        "nearest-step",
        "Descent with steps near 1 leaves the minimum.",
        changed(near, "bounds.step", low(1)),
    )
    wrong(
        REJECT,
        "nearest-point",
        "The last entry of the point is another one.",
        changed(near, "point.3.3", ["3", -3]),
    )
    files.put(REJECT, "nearest-step-0", "The step is 0.", changed(near, "bounds.step", low(0)))


def _recovery(files: Files, made: dict[str, Json]) -> None:
    near, unit, general = made["nearest"], made["nearest-f-unit-rows"], made["nearest-f"]
    for of, prefix in ((near, "nearest"), (unit, "nearest-f")):
        for name in ("a_star", "b_star"):
            why = f"{name} is past the truth by a relative 2^-12."
            files.false(REJECT, f"{prefix}-{name}", why, moved(of, f"bounds.{name}", BELOW, True))
    why = "The bound of the weights says nothing of their signs."
    files.false(REJECT, "nearest-a_star-1", why, changed(near, "bounds.a_star", high(1)))
    why = "Recovery where the rows of the teacher are not unit vectors."
    files.false(
        REJECT,
        "nearest-f-recovery",
        why,
        edited(general, ("bounds.a_star", high(Fraction(9, 10))), ("bounds.b_star", high(4))),
    )
    why = "A row of the teacher is longer than 1 by 10^-20."
    row = [f"{6 * 10**19 + 1}/{10**20}", "4/5", "0"]
    files.false(REJECT, "nearest-f-unit-rows-almost", why, changed(unit, "problem.teacher.0", row))


def _runs(files: Files, made: dict[str, Json]) -> None:
    one = made["run"]
    steps, wrong = claim(one, "steps"), files.false
    wrong(
        REJECT,
        "run-sign",
        "A sign is flipped.",
        changed(one, "minimum.signs", _flipped(claim(one, "minimum.signs"))),
    )
    order = claim(one, "minimum.permutation")
    wrong(
        REJECT,
        "run-permutation",
        "Two rows are exchanged.",
        changed(one, "minimum.permutation", [order[1], order[0], order[2]]),
    )
    wrong(
        REJECT,
        "run-no-permutation",
        "One direction occurs twice.",
        changed(one, "minimum.permutation", [0, 0, 1]),
    )
    wrong(REJECT, "run-steps", "One step less: the run is not so near yet.", changed(one, "steps", steps - 1))
    wrong(REJECT, "run-no-steps-at-all", "No steps.", changed(one, "steps", 0))


def _ends(files: Files, made: dict[str, Json]) -> None:
    one, still, wrong = made["run"], made["run-no-steps"], files.false
    few = edited(one, ("steps", 5), ("bounds.distance", high(4)))
    files.put(UNPROVED, "run-5-steps", "After five steps Theorem 13.B does not apply yet.", few)
    wrong(
        REJECT,
        "run-distance",
        "The distance is past the truth by a relative 2^-12.",
        moved(one, "bounds.distance", BELOW, True),
    )
    wrong(UNPROVED, "run-step-10", "The step is 10: the run goes away.", changed(one, "problem.step", "10"))
    wrong(
        UNPROVED,
        "run-step-1-2",
        "The step is 1/2: the run does not come to rest.",
        changed(one, "problem.step", "1/2"),
    )
    far = edited(still, ("problem.step", "3/10"), ("bounds.distance", high(1)))
    wrong(UNPROVED, "run-no-steps-step", "Next to the minimum, which descent leaves with such a step.", far)
    wrong(
        REJECT,
        "run-gradient",
        "gradient_min is past the truth by a relative 2^-12.",
        moved(one, "bounds.gradient_min", BEYOND, False),
    )
    files.put(REJECT, "run-gradient-0", "gradient_min is 0.", changed(one, "bounds.gradient_min", low(0)))


def _balls(files: Files, made: dict[str, Json]) -> None:
    """Of starts."""
    one, ball, wrong = made["run"], made["run-from-a-ball"], files.false
    why = "gradient_min holds at the centre of the ball of starts, not everywhere in it."
    files.put(
        UNPROVED,
        "run-from-a-ball-gradient",
        why,
        moved(ball, "bounds.gradient_min", Fraction(1001, 1000), False),
    )
    wide = changed(ball, "bounds.start_radius", low(Fraction(1, 4)))
    files.put(
        UNPROVED, "run-from-a-wide-ball", "From so many starts the enclosure does not stay small.", wide
    )
    why = "From starts as far as 4, runs go elsewhere."
    wrong(
        UNPROVED,
        "run-from-everywhere",
        why,
        edited(ball, ("bounds.start_radius", low(4)), ("bounds.distance", high(9))),
    )
    saddle = edited(
        one, ("point", [[["0", 0]] * 3] * 3), ("bounds.distance", high(9)), ("bounds.gradient_min", None)
    )
    wrong(UNPROVED, "run-from-0", "The start is a critical point, and stays.", saddle)
    why = "The start has two rows alike, which stay alike."
    row = claim(one, "point.0")
    wrong(
        UNPROVED,
        "run-from-equal-rows",
        why,
        edited(
            one,
            ("point", [row, row, claim(one, "point.2")]),
            ("bounds.distance", high(9)),
            ("bounds.gradient_min", None),
        ),
    )


def _flipped(signs: str) -> str:
    return ("-" if signs[0] == "+" else "+") + signs[1:]
