"""Certificates of another shape than the schema."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from judge.documents import Json, number
from makers.edits import changed, claim
from makers.uniform.put import Files

TIER, BOX = "bounds.tiers.0", "boxes.0"


def malformed(files: Files, made: dict[str, Json]) -> None:
    one = made["one-tier"]

    def edit(name: str, why: str, path: str, new: Any) -> None:
        files.put("malformed", name, why, changed(one, path, new))

    for path in (
        *("problem", "verdict", "bounds", "boxes", "bounds.tiers"),
        *(f"problem.{x}" for x in ("classes", "neurons", "targets", "from")),
        *(f"{TIER}.{x}" for x in ("from", "lambda_min", "loss_times_k")),
        *(f"{BOX}.{x}" for x in ("s", "centre", "slope", "radius")),
    ):
        name = path.rpartition(".")[2]
        of = "tier-" if path.startswith(f"{TIER}.") else ""
        edit(f"without-{of}{name}", f"{name} is missing.", path, None)
    for path, new in (
        ("point", {}),
        ("dimension", "every d >= k"),
        ("robust", {}),
        ("problem.d", 10**6),
        ("bounds.lambda_max", number(Fraction(1), True)),
        (f"{TIER}.to", 10**7),
        (f"{BOX}.k", ["6", "7"]),
    ):
        name = path.rpartition(".")[2]
        edit(f"extra-{name}", f"A member that is not named: {name}.", path, new)
    _problem(edit)
    _bounds(edit, one)
    _boxes(edit, one)


def _problem(edit: Any) -> None:
    edit("classes-k-2", "Classes that no theorem knows.", "problem.classes", "k-2,2")
    edit("classes-space", "A space between the classes.", "problem.classes", "k-1, 1")
    edit("classes-list", "Classes as a list.", "problem.classes", ["k-1", "1"])
    edit("neurons-more", "k + 1 neurons.", "problem.neurons", "k+1")
    edit("neurons-number", "A number of neurons.", "problem.neurons", 10**6)
    edit("targets-other", "Targets that are not known.", "problem.targets", "orthogonal")
    edit("from-string", "from is a string.", "problem.from", "1000000")
    edit("from-true", "from is true.", "problem.from", True)
    edit("from-negative", "from is negative.", "problem.from", -6)
    edit("from-of-a-tier-string", "from of the tier is a string.", f"{TIER}.from", "1000000")
    edit("verdict-global", "A verdict of another family.", "verdict", "global-minimum")
    edit("verdict-descent", "A verdict of another family.", "verdict", "converges-to-target")


def _bounds(edit: Any, one: Json) -> None:
    loss, least = claim(one, f"{TIER}.loss_times_k"), claim(one, f"{TIER}.lambda_min")
    edit("bound-negative", "lambda_min is negative.", f"{TIER}.lambda_min", number(Fraction(-1), False))
    edit("basin-negative", "basin is negative.", f"{TIER}.basin", number(Fraction(-1), False))
    edit("basin-text", "basin is a decimal.", f"{TIER}.basin", "0.05")
    edit("bound-interval", "lambda_min is an interval.", f"{TIER}.lambda_min", [least, least])
    edit("bound-text", "lambda_min is a decimal.", f"{TIER}.lambda_min", "0.05")
    edit("bound-even", "lambda_min has an even mantissa.", f"{TIER}.lambda_min.exact", ["2", -10])
    edit("bound-null", "lambda_min is null.", f"{TIER}.lambda_min.exact", [None, 0])
    edit("loss-reversed", "The ends of the loss are exchanged.", f"{TIER}.loss_times_k", loss[::-1])
    edit("loss-one-number", "The loss is one number.", f"{TIER}.loss_times_k", loss[0])
    edit("loss-three", "The loss has three ends.", f"{TIER}.loss_times_k", [*loss, loss[1]])
    edit("tiers-object", "The tiers are one tier.", "bounds.tiers", claim(one, TIER))
    edit("bounds-list", "The bounds are a list.", "bounds", claim(one, "bounds.tiers"))


def _boxes(edit: Any, one: Json) -> None:
    box = claim(one, BOX)
    edit("boxes-object", "The boxes are one box.", "boxes", box)
    edit("box-list", "A box is a list.", BOX, [*box["s"], *box["centre"]])
    edit("s-one-end", "s has one end.", f"{BOX}.s", box["s"][1:])
    edit("s-three-ends", "s has three ends.", f"{BOX}.s", [*box["s"], "2199023255552"])
    for name in ("centre", "slope", "radius"):
        edit(f"{name}-four", f"{name} has four numbers.", f"{BOX}.{name}", box[name][1:])
        edit(f"{name}-six", f"{name} has six numbers.", f"{BOX}.{name}", [*box[name], "1"])
        edit(f"{name}-number", f"{name} has a JSON number.", f"{BOX}.{name}.1", int(box[name][1]) >> 4)
    edit("s-number", "s has a JSON number.", f"{BOX}.s.0", 0)
    edit("radius-one-for-all", "One radius for all five.", f"{BOX}.radius", box["radius"][0])
    for name, text in (
        ("leading-zero", "01"),
        ("minus-zero", "-0"),
        ("plus", "+1"),
        ("decimal", "1.5"),
        ("power", "1e3"),
        ("rational", "3/2"),
        ("hexadecimal", "0x10"),
        ("underscore", "1_000"),
        ("space", " 1"),
        ("line-end", "1\n"),
        ("empty", ""),
        ("other-digits", "\u0661"),
        ("41-digits", "1" + 40 * "0"),
    ):
        edit(f"integer-{name}", f"{text!r} is no integer of the format.", f"{BOX}.centre.1", text)
    edit("integer-null", "null is no integer of the format.", f"{BOX}.centre", [None, *box["centre"][1:]])
    edit("integer-dyadic", "A dyadic in place of an integer.", f"{BOX}.radius.0", ["1", -20])
