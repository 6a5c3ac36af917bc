"""False certificates of landscapes and points, and those of makers.cnn.descents."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from judge.documents import Json, number, value
from makers.cnn.descents import descents
from makers.cnn.points import SOURCE, candidate, near, sealed
from makers.edits import PAST, beside, changed, claim, edited, moved
from makers.folder import Files
from relucert.families.cnn import statement as cnn_certificate
from relucert.families.cnn.point import verify_point
from relucert.families.cnn.problem import CnnProblem


def on_the_edge(files: Files) -> None:
    """Distances that are claimed as they are. k = 1, a* = 1, |w*| = 1: global minima (c, 0, 1), c > 0."""
    one = CnnProblem.from_text("1", "1", 2)
    half, quarter = Fraction(1, 2), Fraction(1, 4)
    changes = (
        ("point.v", [["-1", -1], ["0", 0]]),
        ("bounds.loss", [number(half * (1 - PAST), False), number(half * (1 + PAST), True)]),
        ("bounds.existence_radius", number(half, True)),
        ("bounds.uniqueness_radius", number(Fraction(15, 16), False)),
    )
    document = edited(near(one, 0), *changes)
    why = "At v = (-1/2, 0) no global minimum is as near as 1/2, the distance of the apex v = 0 of their ray."
    files.put("not-confirmed", "apex-called-global", why, document)
    result = verify_point(candidate(one, [1.0, 0.0], [1.25]))
    document = sealed(cnn_certificate.point_statement(result, SOURCE))
    document = changed(document, "bounds.exclusion_radius", number(quarter, False))
    why = "There is a critical point on the sphere of radius 1/4, which belongs to the ball."
    files.put("not-confirmed", "excluded-on-the-sphere", why, document)


def rejected(files: Files, made: dict[str, Json]) -> None:
    def edit(name: str, why: str, base: str, *changes: tuple[str, Any]) -> None:
        files.put("reject", name, why, edited(made[base], *changes))

    on_the_edge(files)
    spurious, none, saddle = made["landscape-spurious"], made["landscape-none"], made["saddle"]
    points = claim(spurious, "bounds.critical_points")
    # The method, the threshold, the list.
    edit(
        "hessian-at-the-spurious-point",
        "The Hessian method at the spurious minimum, where the Hessian is singular.",
        "half-space-spurious",
        ("method", "hessian"),
    )
    edit(
        "spectrum-at-the-spurious-point",
        "The spectrum does not decide it.",
        "half-space-spurious",
        ("method", "spectrum"),
    )
    edit(
        "half-space-called-landscape",
        "A method that knows no spurious point.",
        "half-space-spurious",
        ("method", "landscape"),
    )
    edit(
        "version-1-0",
        "The family belongs to version 1.1.",
        "landscape-none",
        ("schema", "relucert-certificate/1.0"),
    )
    edit(
        "threshold-flipped",
        "There is a spurious minimum, T > 0.",
        "landscape-spurious",
        ("verdict", "no-spurious-minimum"),
        ("bounds.critical_points", points[:2]),
        ("bounds.barrier", None),
    )
    edit(
        "threshold-flipped-up",
        "There is no spurious minimum, T < 0.",
        "landscape-none",
        ("verdict", "spurious-minimum"),
        ("bounds", claim(spurious, "bounds")),
    )
    low, high = claim(spurious, "bounds.excess")
    negated = [number(-value(high["exact"]), False), number(-value(low["exact"]), True)]
    edit("excess-negated", "T with the other sign.", "landscape-spurious", ("bounds.excess", negated))
    just = made["landscape-just-above"], made["landscape-just-below"]
    for name, other in (("above", just[1]), ("below", just[0])):
        why = f"a* is just {'below' if name == 'above' else 'above'} the threshold, by less than 1e-15."
        edit(f"just-{name}-moved", why, f"landscape-just-{name}", ("problem", claim(other, "problem")))
    edit("k-1-spurious", "k = 1: T = 0.", "half-space-k-1", ("verdict", "spurious-minimum"))
    edit(
        "flat-where-spurious",
        "It is a spurious minimum.",
        "half-space-spurious",
        ("verdict", "non-strict-saddle"),
    )
    edit(
        "spurious-where-flat", "T < 0: it is no minimum.", "half-space-flat", ("verdict", "spurious-minimum")
    )
    edit(
        "saddle-where-none",
        "T < 0: no strict saddles.",
        "half-space-flat",
        ("method", "spectrum"),
        ("verdict", "strict-saddle"),
        ("bounds", claim(saddle, "bounds")),
    )
    edit(
        "saddle-called-global",
        "Near the saddles.",
        "saddle",
        ("verdict", "global-minimum"),
        ("bounds", claim(made["global"], "bounds")),
    )
    for i, wrong in ((0, "strict-saddle"), (1, "non-strict-saddle"), (2, "global-minimum")):
        edit(
            f"kind-{i}-called-{wrong}",
            f"Kind {i + 1} is {points[i]['verdict']}.",
            "landscape-spurious",
            (f"bounds.critical_points.{i}.verdict", wrong),
        )
    edit(
        "kind-1-called-spurious",
        "Kind 2 is a non-strict saddle.",
        "landscape-none",
        ("bounds.critical_points.1.verdict", "spurious-minimum"),
    )
    edit(
        "kinds-exchanged",
        "Kinds 2 and 3 are exchanged.",
        "landscape-spurious",
        ("bounds.critical_points", [points[0], points[2], points[1]]),
    )
    edit(
        "kind-twice",
        "Kind 1 stands in place of kind 3.",
        "landscape-spurious",
        ("bounds.critical_points", [points[0], points[1], points[0]]),
    )
    # Numbers beside the truth.
    paths = ["excess", "q_bad", "barrier"]
    for i, point in enumerate(points):
        inside = ["angle", "complement", "a.a_star", "a.ones", "objective"]
        inside += [f"spectrum.{j}.value" for j in range(len(point["spectrum"]))]
        paths += [f"critical_points.{i}.{path}" for path in inside]
    for path in paths:
        name = f"beside-{path}".replace("critical_points", "kind").replace("_", "-").replace(".", "-")
        files.put("reject", name, f"{path} misses the true number.", beside(spurious, f"bounds.{path}"))
    for base, names in (
        ("half-space-spurious", ("loss", "objective", "q_bad")),
        ("global", ("loss", "objective")),
        ("not-critical", ("loss",)),
    ):
        for path in names:
            name = f"{base}-beside-{path}".replace("_", "-")
            files.put("reject", name, f"{path} misses the true number.", beside(made[base], f"bounds.{path}"))
    tight = claim(none, "bounds.critical_points.1.objective")
    middle = sum(value(x["exact"]) for x in tight) / 2
    edit(
        "objective-too-tight",
        "An interval for F_bad that is all too short, and misses it.",
        "landscape-none",
        ("bounds.critical_points.1.objective", [number(middle, False, 64), number(middle, True, 64)]),
    )
    # Spectra.
    edit(
        "inertia",
        "One negative eigenvalue, not none.",
        "landscape-spurious",
        ("bounds.critical_points.2.inertia", {"negative": 0, "zero": 20, "positive": 3}),
    )
    edit(
        "inertia-at-a-point",
        "19 eigenvalues 0, not 18.",
        "saddle",
        ("bounds.inertia", {"negative": 1, "zero": 18, "positive": 4}),
    )
    edit(
        "inertia-of-the-spurious",
        "20 eigenvalues are 0; none is there in a strict minimum.",
        "landscape-spurious",
        ("bounds.critical_points.1.inertia", {"negative": 0, "zero": 1, "positive": 22}),
    )
    edit(
        "multiplicity",
        "0 occurs once at kind 1.",
        "landscape-spurious",
        ("bounds.critical_points.0.spectrum.0.multiplicity", 2),
    )
    edit("multiplicity-at-a-point", "0 occurs 19 times.", "saddle", ("bounds.spectrum.1.multiplicity", 20))
    edit(
        "spectrum-short",
        "An eigenvalue is missing.",
        "saddle",
        ("bounds.spectrum", claim(saddle, "bounds.spectrum")[:-1]),
    )
    # Points.
    for base in ("half-space-spurious", "saddle", "global"):
        files.put(
            "reject",
            f"{base}-existence",
            "existence_radius is below the distance.",
            moved(made[base], "bounds.existence_radius", Fraction(1, 2), True),
        )
        files.put(
            "reject",
            f"{base}-uniqueness",
            "uniqueness_radius is above a distance.",
            moved(made[base], "bounds.uniqueness_radius", 1 + PAST, False),
        )
    files.put(
        "reject",
        "exclusion",
        "exclusion_radius reaches a critical point.",
        moved(made["not-critical"], "bounds.exclusion_radius", 1 + PAST, False),
    )
    zero = number(Fraction(0), False)
    edit("exclusion-0", "exclusion_radius is 0.", "not-critical", ("bounds.exclusion_radius", zero))
    edit("uniqueness-0", "uniqueness_radius is 0.", "global-exact", ("bounds.uniqueness_radius", zero))
    edit(
        "not-critical-but-is",
        "A critical point, exactly.",
        "global-exact",
        ("method", "landscape"),
        ("verdict", "not-critical"),
        (
            "bounds",
            {
                "loss": claim(made["global-exact"], "bounds.loss"),
                "exclusion_radius": number(Fraction(1, 2**60), False),
            },
        ),
    )
    edit("existence-0", "The point is off by 2^-200.", "global-exact", ("point.a.0", [str(2**200 + 1), -200]))
    edit("point-moved", "a is another point.", "half-space-spurious", ("point.a.0", ["1", 1]))
    edit("axis-turned", "w* points elsewhere.", "half-space-spurious", ("point.axis.1", ["1", 0]))
    # Problems.
    for name, path, new in (
        ("a-star-0", "a_star", ["0", "0", "0"]),
        ("w-norm-0", "w_norm", "0"),
        ("w-norm-negative", "w_norm", "-2"),
        ("patch-1", "patch", 1),
    ):
        edit(
            name,
            "A problem to which the theorems do not apply.",
            "landscape-spurious",
            (f"problem.{path}", new),
        )
    edit("w-norm-changed", "Another |w*|.", "landscape-spurious", ("problem.w_norm", "2001/1000"))
    edit("patch-changed", "Another patch.", "landscape-spurious", ("problem.patch", 21))
    descents(files, made)
