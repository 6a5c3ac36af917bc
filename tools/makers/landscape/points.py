"""False certificates about points of an objective: hessian and empirical."""

from __future__ import annotations

from fractions import Fraction

from judge.documents import Json
from makers.edits import beside, changed, claim, edited, moved
from makers.landscape.put import Files
from makers.landscape.rejected import BELOW, BEYOND, REJECT, UNPROVED, exactly, high, low


def rejected_points(files: Files, made: dict[str, Json]) -> None:
    for name in ("saddle-f", "empirical-local", "spurious"):
        _bounds(files, name, made[name])
    for name in ("saddle", "empirical-saddle"):
        _saddles(files, name, made[name])
    for name in ("not-critical", "empirical-not-critical"):
        _away(files, name, made[name])
    _called(files, made)


def _bounds(files: Files, name: str, of: Json) -> None:
    """What all critical points claim, each past the truth."""
    wrong = files.false
    wrong(REJECT, f"{name}-value", "The value is not inside.", beside(of, "bounds.value"))
    wrong(
        REJECT, f"{name}-smallest", "The smallest eigenvalue is not inside.", beside(of, "bounds.lambda_min")
    )
    why = "The gradient is past the truth by a relative 2^-12."
    wrong(REJECT, f"{name}-gradient", why, moved(of, "bounds.gradient", BELOW, True))
    inertia = claim(of, "bounds.inertia")
    m, p = inertia["negative"], inertia["positive"]
    why = "One eigenvalue too many is called negative."
    wrong(
        REJECT, f"{name}-inertia", why, changed(of, "bounds.inertia", {"negative": m + 1, "positive": p - 1})
    )
    why = "The inertia does not add up."
    wrong(REJECT, f"{name}-inertia-sum", why, changed(of, "bounds.inertia.positive", p + 1))
    reach = exactly(of, "bounds.existence_radius")
    small = changed(of, "bounds.existence_radius", high(reach / 16))
    wrong(UNPROVED, f"{name}-existence", "The critical point is sixteen times farther.", small)
    equal = changed(of, "bounds.uniqueness_radius", low(reach / 2))
    wrong(REJECT, f"{name}-radii", "The radius of uniqueness is not above that of existence.", equal)
    why = "Minus the critical point is as near."
    wrong(UNPROVED, f"{name}-uniqueness", why, changed(of, "bounds.uniqueness_radius", low(8)))


def _saddles(files: Files, name: str, of: Json) -> None:
    wrong = files.false
    why = "The curvature is past the truth by a relative 2^-12."
    factor = BEYOND if exactly(of, "bounds.curvature") < 0 else BELOW
    wrong(UNPROVED, f"{name}-curvature", why, moved(of, "bounds.curvature", factor, True))
    files.put(REJECT, f"{name}-curvature-0", "The curvature is 0.", changed(of, "bounds.curvature", high(0)))
    direction = [[["1", 0], ["0", 0]], [["1", 0], ["0", 0]]]
    if name == "saddle":
        why = "Another direction, along which the second derivative is positive."
        wrong(UNPROVED, f"{name}-direction", why, changed(of, "direction", direction))
    for verdict in ("local-minimum", "spurious-minimum") if name == "saddle" else ("local-minimum",):
        bare = edited(of, ("verdict", verdict), ("direction", None), ("bounds.curvature", None))
        wrong(REJECT, f"{name}-called-{verdict}", "A strict saddle is called a minimum.", bare)
        none = {"negative": 0, "positive": 4}
        why = "A strict saddle is called a minimum, and so is its inertia."
        wrong(REJECT, f"{name}-called-{verdict}-inertia", why, changed(bare, "bounds.inertia", none))


def _away(files: Files, name: str, of: Json) -> None:
    wrong = files.false
    why = "gradient_min is past the truth by a relative 2^-12."
    wrong(REJECT, f"{name}-gradient", why, moved(of, "bounds.gradient_min", BEYOND, False))
    wrong(
        UNPROVED,
        f"{name}-exclusion",
        "A critical point is within 4.",
        changed(of, "bounds.exclusion", low(4)),
    )
    for path in ("gradient_min", "exclusion"):
        wrong(REJECT, f"{name}-{path}-0", f"{path} is 0.", changed(of, f"bounds.{path}", low(0)))
    at_rest = edited(of, ("point", [[["0", 0]] * 2] * 2))
    wrong(REJECT, f"{name}-at-0", "B = 0 is critical.", at_rest)


def _called(files: Files, made: dict[str, Json]) -> None:
    """Minima and saddles under other names."""
    wrong, spurious, local = files.false, made["spurious"], made["local"]
    why = "The signed permutations are global here."
    wrong(UNPROVED, "local-called-spurious", why, changed(local, "verdict", "spurious-minimum"))
    why = "A minimum is called a strict saddle."
    saddle = edited(
        spurious,
        ("verdict", "strict-saddle"),
        ("direction", [[["1", 0]] * 2] * 2),
        ("bounds.curvature", high(Fraction(-1, 2**40))),
    )
    wrong(REJECT, "spurious-called-saddle", why, saddle)
    wrong(
        REJECT,
        "spurious-inertia-too",
        why + " So is its inertia.",
        changed(saddle, "bounds.inertia", {"negative": 1, "positive": 3}),
    )
    files.put(REJECT, "hessian-mu-12", "mu is 12.", changed(spurious, "problem.mu", "12"))
    for name, path, new in (
        ("lambda", "problem.lambda", "201/100"),
        ("mu", "problem.mu", "241/10"),
        ("a_star", "problem.a_star.0", "101/100"),
    ):
        why = f"{name} is another one, and the point is no longer so near a critical one."
        wrong(REJECT, f"spurious-{name}", why, changed(spurious, path, new))
    why = "An entry of the point is another one."
    wrong(REJECT, "spurious-point", why, changed(spurious, "point.0.1", ["1", -8]))
    emp = made["empirical-local"]
    for name, path in (("sample", "problem.samples.x.0.1"), ("label", "problem.samples.y.0")):
        place = claim(emp, path)
        moved_ = [place[0], place[1] - 1]
        wrong(REJECT, f"empirical-{name}", f"One {name} is another one.", changed(emp, path, moved_))
    why = "The samples are in another order than their labels."
    x = claim(emp, "problem.samples.x")
    wrong(REJECT, "empirical-order", why, changed(emp, "problem.samples.x", x[::-1]))
