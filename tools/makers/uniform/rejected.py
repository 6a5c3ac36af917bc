"""False certificates, and true ones that are not admissible or cannot be proved."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from corpus_keys import signed
from judge.documents import Json, number, replaced
from makers.edits import PAST, changed, claim, edited, shown
from makers.uniform.points import added, boxes, times
from makers.uniform.put import Files
from makers.uniform.truth import EDGE, at

NAMES = ("al", "be", "ga", "ep", "ph")
LOSS, LEAST = "bounds.tiers.0.loss_times_k", "bounds.tiers.0.lambda_min"


def rejected(files: Files, made: dict[str, Json]) -> None:
    one, two = made["one-tier"], made["two-tiers"]

    def wrong(name: str, why: str, document: Json) -> None:
        files.put("reject", name, why, document)

    _cover(wrong, one, two)
    _tiers(wrong, one, two)
    wrong("method", "The method of another family.", changed(one, "method", "hessian"))
    wrong(
        "family", "This method under another family's name.", changed(one, "family", "teacher-student-relu")
    )
    wrong(
        "version-1-0",
        "Version 1.0 does not have this family.",
        changed(one, "schema", "relucert-certificate/1.0"),
    )
    for name, path, decimal in (
        ("bound", LEAST, "0.0500001"),
        ("bound-far", LEAST, "0.0499"),
        ("loss", f"{LOSS}.1", "0.297431"),
    ):
        why = f"The decimal {decimal} is not on the weak side, within 10^-4."
        wrong(f"decimal-{name}", why, changed(one, f"{path}.decimal", decimal))
    _evidence(wrong, one)
    forged = changed(signed(one), "boxes.0.slope.0", str(int(claim(one, "boxes.0.slope.0")) + 1))
    why = "The slope was changed after signing, by so little that all stays true."
    files.put("reject", "changed-after-signing", why, forged, sign=False)


def _cover(wrong: Any, one: Json, two: Json) -> None:
    first, second, *rest = claim(two, "boxes")
    end = int(claim(one, "boxes.0.s.1"))
    wrong("gap", "2^-40 between two boxes.", added(two, "boxes.1.s.0", 1))
    wrong("overlap", "The second box begins 2^-40 too early.", added(two, "boxes.1.s.0", -1))
    wrong("boxes-in-another-order", "The first two boxes are exchanged.", boxes(two, [second, first, *rest]))
    wrong("boxes-twice", "Each box occurs twice.", boxes(one, claim(one, "boxes") * 2))
    wrong("boxes-none", "No boxes.", boxes(one, []))
    wrong("first-box-missing", "The boxes do not begin at 0.", boxes(two, [second, *rest]))
    wrong("last-box-missing", "The last box is missing.", boxes(two, [first, second, *rest][:-1]))
    wrong("begins-above-0", "The first box begins at 2^-40.", added(one, "boxes.0.s.0", 1))
    wrong("begins-below-0", "The first box begins at -2^-40.", added(one, "boxes.0.s.0", -1))
    wrong("ends-early", "The last box ends 2^-40 before 10^-3.", added(one, "boxes.0.s.1", -1))
    wrong("ends-reversed", "The ends of a box are exchanged.", changed(two, "boxes.1.s", second["s"][::-1]))
    empty = second | {"s": [second["s"][0]] * 2}
    wrong("box-empty", "A box of width 0.", boxes(two, [first, empty, second, *rest]))
    more = claim(one, "boxes.0") | {"s": [str(end), str(end + 1000)]}
    wrong(
        "box-beyond-the-first-k",
        "A second box, of which no k is claimed.",
        boxes(one, [claim(one, "boxes.0"), more]),
    )
    wrong("radius-0", "A radius is 0.", changed(one, "boxes.0.radius.2", "0"))
    wrong("radius-negative", "A radius is negative.", changed(one, "boxes.0.radius.2", "-6142203988513"))
    from_6 = edited(one, ("problem.from", 6), ("bounds.tiers.0.from", 6))
    wrong("from-6-not-covered", "From k = 6 on, with the box of k >= 10^6.", from_6)
    wide = changed(from_6, "boxes.0.s.1", str(9 * 2**EDGE // 20))
    wrong("over-k-5", "The box ends at s = 9/20, beyond 5^(-1/2).", wide)
    for k, why in (
        (999_999, "One k more than the boxes cover."),
        (5, "From k = 5 on, where the critical point is a saddle."),
        (0, "From k = 0 on."),
    ):
        wrong(f"from-{k}", why, edited(one, ("problem.from", k), ("bounds.tiers.0.from", k)))


def _tiers(wrong: Any, one: Json, two: Json) -> None:
    tiers = claim(two, "bounds.tiers")
    wrong("tiers-none", "No tiers.", changed(one, "bounds.tiers", []))
    wrong("tiers-in-another-order", "The second tier comes first.", changed(two, "bounds.tiers", tiers[::-1]))
    wrong(
        "tiers-equal",
        "The second tier begins where the first does.",
        changed(two, "bounds.tiers.1.from", 100_000),
    )
    wrong(
        "tiers-smaller",
        "The second tier begins before the first.",
        changed(two, "bounds.tiers.1.from", 99_999),
    )
    wrong("tier-missing", "The first tier is missing.", changed(two, "bounds.tiers", tiers[1:]))
    wrong("from-below-the-tiers", "The claim begins before its tiers.", changed(one, "problem.from", 999_999))
    wrong(
        "from-above-the-tiers", "The claim begins after its tiers.", changed(one, "problem.from", 1_000_001)
    )


def _evidence(wrong: Any, one: Json) -> None:
    place = ("statement", "evidence", 0)
    wrong("evidence-theorem", "Another theorem's name.", replaced(one, (*place, "theorem"), "Theorem 12.V"))
    text = (*place, "inequalities", 1, "text")
    wrong(
        "evidence-text",
        "An inequality that the theorem does not have.",
        replaced(one, text, "0 <= lambda_min"),
    )
    left = (*place, "inequalities", 1, "left")
    why = "U.2 is marked proved, and is false."
    wrong("evidence-false", why, replaced(one, left, number(Fraction(1), True)))
    wrong(
        "evidence-none",
        "It is marked to hold, without inequalities.",
        replaced(one, (*place, "inequalities"), []),
    )


def not_confirmed(files: Files, made: dict[str, Json]) -> None:
    one, two = made["one-tier"], made["two-tiers"]
    for i, name in enumerate(NAMES):
        radius = int(claim(one, f"boxes.0.radius.{i}")) // 2**8  # in units of the centre
        files.false(
            f"moved-{name}", f"The tube of {name} is moved by twice its radius.",
            added(one, f"boxes.0.centre.{i}", 2 * radius),
        )  # fmt: skip
    files.false("slope", "The slope of al has the other sign.", changed(one, "boxes.0.slope.0", "3176024"))
    small = str(int(claim(one, "boxes.0.radius.0")) // 64)
    files.false(
        "radius-small", "The critical points leave the tube of al.", changed(one, "boxes.0.radius.0", small)
    )
    for name, power, why in (
        ("large", 17, "True, but too wide for Krawczyk's operator."),
        (
            "huge",
            18,
            "True, but e may be negative in the tube, and the angles are not those of the formulas.",
        ),
        ("beyond-all", 20, "True, but lengths may be 0 in the tube."),
    ):
        files.put("not-confirmed", f"radius-{name}", why, times(one, 0, Fraction(2**power)))
    two_wide = changed(made["basin"], "bounds.tiers.1.basin", number(Fraction(2), False))
    files.put("not-confirmed", "basin", "The basin is wider than any Lipschitz constant proves.", two_wide)
    from_the_first = claim(made["basin"], "bounds.tiers.0") | {"basin": number(Fraction(9, 10), False)}
    why = "The basin is claimed from 100000 on, where the bound of the eigenvalues is too small for it."
    files.put(
        "not-confirmed",
        "basin-of-the-first-tier",
        why,
        changed(made["basin"], "bounds.tiers.0", from_the_first),
    )
    line = claim(two, "boxes.0")
    other = edited(two, *((f"boxes.1.{name}", line[name]) for name in ("centre", "slope")))
    files.false("line-of-the-neighbour", "The second box has the line of the first.", other)
    whole = claim(two, "boxes.0") | {"s": ["0", claim(two, "boxes")[-1]["s"][1]]}
    files.false("one-box-for-all", "The tube of the first box up to the end.", boxes(two, [whole]))
    start = at(10**5)
    least = start.least * (1 + PAST)
    why = f"The bound is past {shown(start.least)}, that of the first k, by a relative 2^-12."
    files.false("bound", why, changed(two, LEAST, number(least, False)))
    why = "The bound of the second tier is above the limit, 1/4 - 1/(2 pi) = 0.0908450."
    files.false(
        "bound-of-the-second-tier",
        why,
        changed(two, "bounds.tiers.1.lambda_min", number(Fraction(909, 10**4), False)),
    )
    for name, ends, what in (
        ("low", (start.loss * (1 + PAST), Fraction(1, 2)), "the low end"),
        ("high", (Fraction(0), start.loss * (1 - PAST)), "the high end"),
    ):
        why = f"k F is {shown(start.loss)} at the first k: {what} is past it by a relative 2^-12."
        new = [number(ends[0], False), number(ends[1], True)]
        files.false(f"loss-{name}", why, changed(two, LOSS, new))
