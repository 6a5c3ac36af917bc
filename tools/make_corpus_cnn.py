"""Makes the files cnn-* of tests/corpus: python tools/make_corpus_cnn.py [FOLDER]

As tools/make_corpus.py, for the one-hidden-layer CNN (docs/spec/cnn-v1.md and cnn-descent-v1.md). The true
ones are proved by relucert. A false interval lies beside the proved one, at a distance of a relative 2^-12; a
false bound is tighter than the proved one, which is loose by 2^-18 at most, by as much. NAME.md says in one
line what is wrong. Old files called cnn-* are removed, the others stay.
"""

from __future__ import annotations

import json
import math
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

from corpus_keys import signed
from judge.documents import ROOT, Json, number, value
from make_corpus import KEEP, PAST, changed, claim, pretty
from relucert import certificate
from relucert.base.dyadic import from_float
from relucert.certificate.numbers import enclosure
from relucert.families.cnn import descent_statement as cnn_descent_certificate
from relucert.families.cnn import statement as cnn_certificate
from relucert.families.cnn.descent import enclose
from relucert.families.cnn.landscape import landscape
from relucert.families.cnn.point import CnnCandidate, verify_point
from relucert.families.cnn.problem import CnnProblem

SOURCE = {"source": "bench/make_corpus_cnn.py"}
THREE, PLAIN = CnnProblem.from_text("1,-0.5,0.3", "2", 20), CnnProblem.from_text("1,0.8", "1", 4)

TO_GLOBAL, TO_SPURIOUS = (THREE, [-0.25, 1.0], [2.0, -1.0, 0.5]), (THREE, [0.5, 1.0], [-1.0, 0.5, 0.0])


def sealed(statement: Json) -> Json:
    return json.loads(certificate.envelope(statement, []))  # type: ignore[no-any-return]


def whole(problem: CnnProblem) -> Json:
    return sealed(cnn_certificate.landscape_statement(landscape(problem), SOURCE))


def candidate(problem: CnnProblem, v: list[float], a: list[float]) -> CnnCandidate:
    """v filled with zeros; w* along the first axis."""
    v, axis = v + [0.0] * (problem.patch - len(v)), ((1, 0), *(((0, 0),) * (problem.patch - 1)))
    return CnnCandidate(problem, tuple(map(from_float, v)), tuple(map(from_float, a)), axis, "corpus")


def near(problem: CnnProblem, kind: int, off: float = 0.0) -> Json:
    """The certificate of a point at a critical point of this kind, or beside it."""
    found = landscape(problem).landscape
    if found is None:
        raise SystemExit("no landscape")
    phi, x, y = (float(z.mid()) for z in (found.points[kind].phi, *found.points[kind].a))
    turn = [1.0, 0.0] if kind == 0 else [-1.0, 0.0] if kind == 1 else [math.cos(phi), math.sin(phi)]
    a = [x * float(entry) + y + off for entry in problem.a_star]
    return sealed(cnn_certificate.point_statement(verify_point(candidate(problem, turn, a)), SOURCE))


def descent(problem: CnnProblem, v: list[float], a: list[float], eta: str) -> Json:
    run = enclose(candidate(problem, v, a), Fraction(eta), 3000, stop=True)
    return sealed(cnn_descent_certificate.run_statement(run, SOURCE))


def early(document: Json, problem: CnnProblem, v: list[float], a: list[float]) -> Json:
    """This trajectory one step shorter, with the scalars of that iterate."""
    t, eta = claim(document, "step") - 1, Fraction(claim(document, "eta"))
    at = enclose(candidate(problem, v, a), eta, t).samples[-1]
    scalars = {"r": at.view.r, "phi": at.view.phi, "psi": at.view.psi, "q": at.state.q, "s": at.state.s}
    for name, x in scalars.items():
        document = changed(document, f"bounds.{name}", enclosure(x))
    return changed(document, "step", t)


def edges() -> tuple[CnnProblem, CnnProblem]:
    """Problems with a* = (1, x), T > 0 and T <= 0, x within 1e-15 of each other."""
    low, high = Fraction(0), Fraction(1)
    while high - low > Fraction(1, 10**15):
        middle = Fraction(round((low + high) / 2 * 10**18), 10**18)
        above = landscape(CnnProblem((Fraction(1), middle), Fraction(1), 3)).verdict == "spurious-minimum"
        low, high = (middle, high) if above else (low, middle)
    first, second = (CnnProblem((Fraction(1), x), Fraction(1), 3) for x in (low, high))
    return first, second


class Files:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for kind in KEEP:
            for path in (folder / kind).glob("cnn-*"):
                path.unlink()

    def put(self, kind: str, name: str, why: str, document: Json) -> None:
        path = self.folder / kind / f"cnn-{name}.json"
        if path.exists():
            raise SystemExit(f"{name} occurs twice")
        path.write_bytes(pretty(signed(document)))
        if kind != "accept":
            path.with_suffix(".md").write_text(why + "\n")


def beside(document: Json, path: str) -> Json:
    """The interval at this place moved up, so that it does not meet the one that is proved."""
    high = value(claim(document, path)[1]["exact"])
    gap = (abs(high) or 1) * PAST
    return changed(document, path, [number(high + gap, False), number(high + 2 * gap, True)])


def moved(document: Json, path: str, factor: Fraction, up: bool) -> Json:
    return changed(document, path, number(value(claim(document, path)["exact"]) * factor, up))


def accepted(files: Files) -> dict[str, Json]:
    above, below = edges()
    one = CnnProblem.from_text("-1/3", "1", 2)
    made = {
        "landscape-spurious": whole(THREE),
        "landscape-none": whole(PLAIN),
        "landscape-k-1": whole(one),
        "landscape-s-0": whole(CnnProblem.from_text("1,-1", "1/3", 2)),
        "landscape-k-2": whole(CnnProblem.from_text("2,-1", "1", 2)),
        "landscape-parallel-to-ones": whole(CnnProblem.from_text("2,2,2", "1", 5)),
        "landscape-huge": whole(CnnProblem.from_text("1e200,-3e199,7", "1e-100", 10**9)),
        "landscape-just-above": whole(above),
        "landscape-just-below": whole(below),
        "global": near(THREE, 0),
        "global-exact": near(CnnProblem.from_text("1,-2", "1", 3), 0),
        "half-space-spurious": near(THREE, 1),
        "half-space-flat": near(PLAIN, 1),
        "half-space-k-1": near(one, 1),
        "saddle": near(THREE, 2),
        "not-critical": near(THREE, 1, 0.25),
        "not-critical-s-0": near(CnnProblem.from_text("1,-1", "1", 2), 2, 0.25),
        "region-global": descent(PLAIN, [0.5, -1.0, 0.25], [0.5, 0.25], "0.125"),
        "region-spurious": descent(THREE, [-1.0, 0.5], [-1.0, 0.5, 0.0], "1/16"),
        "trajectory-global": descent(*TO_GLOBAL, "1/50"),
        "trajectory-spurious": descent(*TO_SPURIOUS, "1/50"),
        "trajectory-k-1": descent(one, [-1.0, 0.125], [0.25], "3/2"),
        "trajectory-antiparallel": descent(THREE, [-1.0], [1.0, 0.5, 0.0], "1/16"),
    }
    for name, document in made.items():
        files.put("accept", name, "", document)
    return made


def on_the_edge(files: Files) -> None:
    """Distances that are claimed as they are. k = 1, a* = 1, |w*| = 1: global minima (c, 0, 1), c > 0."""
    one = CnnProblem.from_text("1", "1", 2)
    half, quarter = Fraction(1, 2), Fraction(1, 4)
    document = near(one, 0)
    changes = (
        ("point.v", [["-1", -1], ["0", 0]]),
        ("bounds.loss", [number(half * (1 - PAST), False), number(half * (1 + PAST), True)]),
        ("bounds.existence_radius", number(half, True)),
        ("bounds.uniqueness_radius", number(Fraction(15, 16), False)),
    )
    for path, new in changes:
        document = changed(document, path, new)
    why = "At v = (-1/2, 0) no global minimum is as near as 1/2, the distance of the apex v = 0 of their ray."
    files.put("not-confirmed", "apex-called-global", why, document)
    result = verify_point(candidate(one, [1.0, 0.0], [1.25]))
    document = sealed(cnn_certificate.point_statement(result, SOURCE))
    document = changed(document, "bounds.exclusion_radius", number(quarter, False))
    why = "There is a critical point on the sphere of radius 1/4, which belongs to the ball."
    files.put("not-confirmed", "excluded-on-the-sphere", why, document)


def rejected(files: Files, made: dict[str, Json]) -> None:
    def edit(name: str, why: str, base: str, *changes: tuple[str, Any], kind: str = "reject") -> None:
        document = made[base]
        for path, new in changes:
            document = changed(document, path, new)
        files.put(kind, name, why, document)

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


def descents(files: Files, made: dict[str, Json]) -> None:
    def edit(name: str, why: str, base: str, *changes: tuple[str, Any], kind: str = "reject") -> None:
        document = made[base]
        for path, new in changes:
            document = changed(document, path, new)
        files.put(kind, name, why, document)

    for base in ("trajectory-global", "trajectory-spurious", "trajectory-k-1", "trajectory-antiparallel"):
        t = claim(made[base], "step")
        edit(
            f"{base}-a-step-early",
            f"Iterate {t - 1} does not qualify, or has other scalars.",
            base,
            ("step", t - 1),
        )
        edit(f"{base}-a-step-late", f"The scalars are those of iterate {t}.", base, ("step", t + 1))
        start = (("method", "invariant-region"), ("step", 0))
        edit(f"{base}-at-once", "The start does not lie in the set.", base, *start)
    for base in ("trajectory-global", "trajectory-spurious", "region-global", "region-spurious"):
        for path in ("r", "phi", "psi", "q", "s"):
            files.put(
                "reject",
                f"{base}-{path}",
                f"{path} is not that of the iterate.",
                beside(made[base], f"bounds.{path}"),
            )
        files.put(
            "reject",
            f"{base}-alpha",
            "alpha is above the true one.",
            moved(made[base], "bounds.alpha", 1 + PAST, False),
        )
    for base, start in (("trajectory-global", TO_GLOBAL), ("trajectory-spurious", TO_SPURIOUS)):
        why = f"Iterate {claim(made[base], 'step') - 1}, with its own scalars, does not qualify."
        files.put("reject", f"{base}-early-with-its-scalars", why, early(made[base], *start))
    why = "The step of a run is altered, all else is that of eta = 1/50."
    edit("eta-altered", why, "trajectory-global", ("eta", "1/51"))
    for name, eta in (("above", "6"), ("just-above", "1223/1000")):
        edit(f"eta-{name}", "eta is above 2 pi/(k + pi - 1) = 1.2220..", "region-spurious", ("eta", eta))
    edit(
        "eta-k-1-above",
        "eta is above 2 pi/(k + pi - 1) = 2.",
        "trajectory-k-1",
        ("eta", "2000000000001/1000000000000"),
    )
    for name, eta in (("0", "0"), ("negative", "-1/16")):
        edit(f"eta-{name}", "eta is not positive.", "region-spurious", ("eta", eta))
    edit(
        "step-0-of-a-trajectory",
        "The method and the number of steps do not fit.",
        "trajectory-global",
        ("step", 0),
    )
    edit("step-1-of-a-region", "The method and the number of steps do not fit.", "region-global", ("step", 1))
    edit("start-altered", "Another start.", "trajectory-global", ("point.v.1", ["5", -2]))
    edit(
        "end-exchanged",
        "It converges to the global minimum.",
        "trajectory-global",
        ("verdict", "converges-to-spurious-minimum"),
        ("bounds", claim(made["trajectory-spurious"], "bounds")),
    )
    edit(
        "end-exchanged-up",
        "It converges to the spurious minimum.",
        "trajectory-spurious",
        ("verdict", "converges-to-global-minimum"),
        ("bounds", claim(made["trajectory-global"], "bounds")),
    )
    for base, path, up in (
        ("global", "decay", False),
        ("spurious", "flattest", False),
        ("spurious", "steepest", True),
    ):
        factor = 1 - PAST if up else 1 + PAST
        why = f"{path} is beyond the rate of Theorem 10.B."
        files.put(
            "not-confirmed",
            f"trajectory-{path}",
            why,
            moved(made[f"trajectory-{base}"], f"bounds.{path}", factor, up),
        )
        files.put(
            "not-confirmed",
            f"region-{path}",
            why,
            moved(made[f"region-{base}"], f"bounds.{path}", factor, up),
        )
    zero = number(Fraction(0), False)
    edit("decay-0", "decay is 0.", "region-global", ("bounds.decay", zero))
    edit("flattest-0", "flattest is 0.", "region-spurious", ("bounds.flattest", zero))


def malformed(files: Files, made: dict[str, Json]) -> None:
    def edit(name: str, why: str, base: str, path: str, new: Any) -> None:
        files.put("malformed", name, why, changed(made[base], path, new))

    points = claim(made["landscape-spurious"], "bounds.critical_points")
    edit(
        "saddles-missing",
        "The strict saddles are missing.",
        "landscape-spurious",
        "bounds.critical_points",
        points[:2],
    )
    edit(
        "spurious-missing", "Kind 2 is missing.", "landscape-spurious", "bounds.critical_points", points[::2]
    )
    edit("list-empty", "No critical points.", "landscape-none", "bounds.critical_points", [])
    edit("list-longer", "A kind too many.", "landscape-none", "bounds.critical_points", points)
    edit("no-barrier", "barrier is missing.", "landscape-spurious", "bounds.barrier", None)
    edit(
        "barrier-without-spurious",
        "barrier, but no spurious minimum.",
        "landscape-none",
        "bounds.barrier",
        claim(made["landscape-spurious"], "bounds.barrier"),
    )
    for name, text in (
        ("2-4", "2/4"),
        ("over-1", "3/1"),
        ("minus-0", "-0"),
        ("leading-0", "01"),
        ("over-0", "1/0"),
        ("decimal", "0.5"),
        ("plus", "+1"),
        ("0-over", "0/3"),
        ("space", "1 "),
        ("negative-denominator", "1/-2"),
        ("empty", ""),
    ):
        edit(
            f"rational-{name}",
            f"{text!r} is not a rational of the format.",
            "landscape-spurious",
            "problem.a_star.0",
            text,
        )
    edit("rational-number", "A rational that is a number.", "landscape-spurious", "problem.w_norm", 2)
    edit("a-star-empty", "k = 0.", "landscape-spurious", "problem.a_star", [])
    edit("patch-string", "patch is a string.", "landscape-spurious", "problem.patch", "20")
    edit(
        "multiplicity-0",
        "A multiplicity of 0.",
        "landscape-spurious",
        "bounds.critical_points.0.spectrum.0.multiplicity",
        0,
    )
    edit("inertia-member", "inertia lacks zero.", "saddle", "bounds.inertia.zero", None)
    edit(
        "verdict-of-a-kind",
        "A verdict that does not exist.",
        "landscape-spurious",
        "bounds.critical_points.0.verdict",
        "minimum",
    )
    edit("verdict", "A verdict of another family.", "global", "verdict", "local-minimum")
    edit(
        "angle-missing",
        "A kind without its angle.",
        "landscape-spurious",
        "bounds.critical_points.2.angle",
        None,
    )
    edit(
        "angle-reversed",
        "An interval with its ends exchanged.",
        "landscape-spurious",
        "bounds.critical_points.2.angle",
        claim(made["landscape-spurious"], "bounds.critical_points.2.angle")[::-1],
    )
    edit("point-extra", "An extra member in the point.", "global", "point.w", [])
    edit("v-short", "v has 19 entries.", "global", "point.v", claim(made["global"], "point.v")[1:])
    edit("a-long", "a has 4 entries.", "global", "point.a", [*claim(made["global"], "point.a"), ["0", 0]])
    edit("v-0", "v is 0.", "global", "point.v", [["0", 0]] * 20)
    edit("axis-0", "axis is 0.", "global", "point.axis", [["0", 0]] * 20)
    edit("half-space-without-q-bad", "q_bad is missing.", "half-space-spurious", "bounds.q_bad", None)
    edit(
        "half-space-with-inertia",
        "inertia does not belong to it.",
        "half-space-spurious",
        "bounds.inertia",
        claim(made["saddle"], "bounds.inertia"),
    )
    edit(
        "existence-negative",
        "A negative radius.",
        "global",
        "bounds.existence_radius",
        number(Fraction(-1), True),
    )
    edit("eta-missing", "eta is missing.", "region-global", "eta", None)
    edit("eta-decimal", "eta is a decimal.", "region-global", "eta", "0.125")
    edit("step-negative", "A negative number of steps.", "trajectory-global", "step", -1)
    edit("step-huge", "More than 10^7 steps.", "trajectory-global", "step", 10**7 + 1)
    edit("step-true", "step is true.", "trajectory-global", "step", True)
    edit("descent-without-point", "No start.", "region-global", "point", None)
    edit(
        "decay-of-the-other-end",
        "decay belongs to the global minimum.",
        "region-spurious",
        "bounds.decay",
        claim(made["region-global"], "bounds.decay"),
    )
    edit("steepest-missing", "steepest is missing.", "region-spurious", "bounds.steepest", None)


def main() -> None:
    files = Files(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests" / "corpus")
    made = accepted(files)
    rejected(files, made)
    malformed(files, made)
    for kind in reversed(KEEP):
        print(f"{kind}: {len(list((files.folder / kind).glob('cnn-*.json')))}")


if __name__ == "__main__":
    main()
