"""Certificates of another shape than the schemas."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from judge.documents import Json, number
from makers.edits import changed, claim
from makers.folder import Files


def malformed(files: Files, made: dict[str, Json]) -> None:
    def edit(name: str, why: str, base: str, path: str, new: Any) -> None:
        files.put("malformed", name, why, changed(made[base], path, new))

    def borrowed(name: str, why: str, base: str, path: str, owner: str) -> None:
        """The member of another certificate, which has no place in this one."""
        edit(name, why, base, path, claim(made[owner], path))

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
    borrowed(
        "barrier-without-spurious",
        "barrier, but no spurious minimum.",
        "landscape-none",
        "bounds.barrier",
        "landscape-spurious",
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
    borrowed(
        "half-space-with-inertia",
        "inertia does not belong to it.",
        "half-space-spurious",
        "bounds.inertia",
        "saddle",
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
    borrowed(
        "decay-of-the-other-end",
        "decay belongs to the global minimum.",
        "region-spurious",
        "bounds.decay",
        "region-global",
    )
    edit("steepest-missing", "steepest is missing.", "region-spurious", "bounds.steepest", None)
