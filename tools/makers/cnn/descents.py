"""False certificates of gradient descent."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from judge.documents import Json, number
from makers.cnn.points import TO_GLOBAL, TO_SPURIOUS, early
from makers.edits import PAST, beside, claim, edited, moved
from makers.folder import Files


def descents(files: Files, made: dict[str, Json]) -> None:
    def edit(name: str, why: str, base: str, *changes: tuple[str, Any]) -> None:
        files.put("reject", name, why, edited(made[base], *changes))

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
