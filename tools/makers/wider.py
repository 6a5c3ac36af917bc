"""The files about wider networks, docs/spec/wider-v1.md. Their names start with "wider-".

make_corpus.py makes them with all others; alone: PYTHONPATH=src:tools python -m makers.wider [FOLDER]
"""

from __future__ import annotations

import json
from contextlib import redirect_stdout
from fractions import Fraction
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from corpus_keys import signed
from judge.documents import Json, number, replaced, value
from makers.edits import PAST, changed, claim, edited, in_d_only, pretty, without
from makers.folder import Named, Put, remake
from makers.teacher.points import LOCAL, SADDLE, SIX, prove, rough
from makers.teacher.symmetric import symmetric
from relucert.cli import app

COMMANDS = {"split": ["split", "--opposite"], "zero": ["split", "--zero"], "trained": ["transfer"]}
MAKE = {  # by name of the base: which claims are made of it
    "six": ("split", "zero", "trained"),
    "local": ("split", "zero", "trained"),
    "classes": ("split", "zero", "trained"),
    "billion": ("split", "zero", "trained"),
    "global": ("trained",),
    "saddle": ("trained",),
}
NUMBER_0 = {"exact": ["0", 0], "decimal": "0"}


def bases() -> dict[str, Json]:
    on_classes = symmetric()
    return {
        "six": prove(rough(SIX), raw=True),
        "local": prove(rough(LOCAL), raw=True),
        "classes": on_classes["symmetric-spurious-1-7-extra"],
        "billion": on_classes["symmetric-spurious-billion"],
        "global": prove([[1.0, 1e-7], [-3e-8, 1.0]]),
        "saddle": prove(rough(SADDLE), raw=True),
    }


def wider(base: Json, kind: str) -> Json:
    """What the command makes of a certificate, unsigned."""
    with TemporaryDirectory() as folder, redirect_stdout(StringIO()):
        source = Path(folder, "base.json")
        source.write_bytes(pretty(signed(base)))
        command, *words = COMMANDS[kind]
        app([command, str(source), *words, "-o", f"{folder}/out", "--jobs", "1"], standalone_mode=False)
        (path,) = Path(folder, "out").glob("*.json")
        found: Json = json.loads(path.read_bytes())
    return {**found, "signatures": []}


def add(put: Put) -> None:
    files = Named(put, "wider")
    made = {f"{kind}-{name}": wider(base, kind) for name, base in bases().items() for kind in MAKE[name]}
    for name, document in made.items():
        files.put("accept", name, "", document)
    weaker(files, made)
    past_the_truth(files, made)
    other_verdicts(files, made)
    rejected(files, made)
    not_confirmed(files, made)
    malformed(files, made)


def scaled(document: Json, path: str, by: Fraction, up: bool) -> Json:
    """With a number multiplied."""
    return changed(document, path, number(value(claim(document, path)["exact"]) * by, up))


def weaker(files: Named, made: dict[str, Json]) -> None:
    """True as well."""
    six, zero, trained = (made[f"{kind}-six"] for kind in COMMANDS)
    files.put("accept", "split-weaker", "", scaled(six, "bounds.splits.0.same", Fraction(1, 2), True))
    files.put("accept", "split-called-local", "", changed(six, "critical_point", "local-minimum"))
    one = edited(
        six, ("splits", claim(six, "splits")[2:3]), ("bounds.splits", claim(six, "bounds.splits")[2:3])
    )
    files.put("accept", "split-one-neuron", "", one)
    opposite = without(one, "splits.0.same", "bounds.splits.0.same")
    files.put("accept", "split-opposite-only", "", opposite)
    files.put("accept", "split-in-d-only", "", in_d_only(six))
    files.put("accept", "split-no-barrier", "", without(six, "bounds.barrier"))
    files.put("accept", "split-no-evidence", "", replaced(six, ("statement", "evidence"), []))
    files.put("accept", "zero-weaker", "", scaled(zero, "bounds.decrease", Fraction(1, 3), False))
    files.put("accept", "trained-called-local", "", changed(trained, "verdict", "local-minima"))
    files.put("accept", "trained-lower-barrier", "", scaled(trained, "bounds.barrier", Fraction(1, 2), False))


def upper(document: Json, place: int, kind: str) -> bool:
    """On which side of 0 the number is; an upper bound is below it."""
    return value(claim(document, f"bounds.splits.{place}.{kind}")["exact"]) < 0


def past_the_truth(files: Named, made: dict[str, Json]) -> None:
    """Numbers beyond what the prover has found, which leaves 2^-18."""
    for name in ("six", "local", "classes", "billion"):
        document = made[f"split-{name}"]
        for kind in ("same", "opposite"):
            up, path = upper(document, 0, kind), f"bounds.splits.0.{kind}"
            why = f"The eigenvalue of S_1 with the verdict `{kind}` is not that far from 0."
            files.put("reject", f"{kind}-{name}-far", why, scaled(document, path, 1 + 64 * PAST, up))
        zero = scaled(made[f"zero-{name}"], "bounds.slope", 1 + 64 * PAST, False)
        files.put("reject", f"slope-{name}", "psi(v_j) is not as low.", zero)
        more = scaled(made[f"zero-{name}"], "bounds.decrease", 1 + PAST, False)
        files.put("reject", f"decrease-{name}", "The decrease is above slope^2/|v_j|^2.", more)


def other_verdicts(files: Named, made: dict[str, Json]) -> None:
    """The other verdict, with a number on its side of 0."""
    other = {"strict-saddle": "degenerate-minimum", "degenerate-minimum": "strict-saddle"}
    for name in ("six", "local", "classes"):
        document = made[f"split-{name}"]
        for kind in ("same", "opposite"):
            verdict = other[claim(document, f"splits.0.{kind}")]
            path = f"bounds.splits.0.{kind}"
            turned = changed(document, f"splits.0.{kind}", verdict)
            turned = scaled(turned, path, Fraction(-1, 16), not upper(document, 0, kind))
            why = f"The splits of neuron 1 with the verdict `{kind}` are not of the kind {verdict}."
            files.put("reject", f"{kind}-{name}-turned", why, turned)


def rejected(files: Named, made: dict[str, Json]) -> None:
    six, zero, trained, classes = (made[x] for x in ("split-six", "zero-six", "trained-six", "split-classes"))
    old = "relucert-certificate/1.0"
    files.edit(
        "reject",
        six,
        [
            ("neuron", "There are six neurons.", "splits.5.neuron", 7),
            ("version", "Version 1.0 does not have this method.", "schema", old),
            ("other-family", "The method of another family.", "family", "octopus"),
            ("gradient", "The gradient is not that short.", "bounds.gradient_norm", number(PAST**4, True)),
            (
                "uniqueness",
                "It is uniqueness beyond the ball.",
                "bounds.uniqueness_radius",
                number(Fraction(1), False),
            ),
        ],
    )
    files.put("reject", "kind", "There are three kinds of neurons.", changed(classes, "splits.2.neuron", 4))
    for name in ("six", "classes"):
        targets = 7 if name == "six" else 3
        there = changed(made[f"zero-{name}"], "target", targets)
        files.put("reject", f"target-{name}", "There is no such target, or kind of targets.", there)
    files.put("reject", "other-target", "psi is less negative at this target.", changed(zero, "target", 1))
    files.put(
        "reject",
        "saddles",
        "It is a minimum.",
        without(changed(trained, "verdict", "strict-saddles"), "bounds.barrier"),
    )
    files.put("reject", "global", "Its loss is not 0.", changed(trained, "verdict", "global-minima"))
    local = changed(made["trained-local"], "verdict", "spurious-minima")
    files.put("reject", "spurious-fewer", "There are fewer neurons than targets.", local)
    barrier = changed(made["trained-saddle"], "bounds.barrier", number(PAST**4, False))
    files.put("reject", "barrier-saddle", "Only minima have one.", barrier)
    files.put(
        "reject", "minima", "It is a saddle.", changed(made["trained-saddle"], "verdict", "local-minima")
    )
    evidence = ("statement", "evidence", 0, "theorem")
    files.put("reject", "evidence", "A theorem of no family.", replaced(six, evidence, "Theorem 18.Y"))


def not_confirmed(files: Named, made: dict[str, Json]) -> None:
    for name in ("split-six", "zero-local", "trained-billion"):
        higher = scaled(made[name], "bounds.barrier", 1 + 64 * PAST, False)
        files.put("not-confirmed", f"barrier-{name}", "Theorem 18.V does not give as much.", higher)
    path = "bounds.lipschitz.value"
    below = scaled(made["trained-six"], path, 1 - PAST, True)
    files.put("not-confirmed", "lipschitz", "Below the bound of the theorem.", below)
    small = scaled(made["zero-six"], "bounds.existence_radius", 1 - 64 * PAST, True)
    files.put("not-confirmed", "existence", "Below the radius of the theorems.", small)
    six = made["split-six"]
    wide = changed(
        without(six, "bounds.barrier"), "bounds.existence_radius", number(Fraction(1, 2**12), True)
    )
    tight = scaled(wide, "bounds.splits.0.opposite", 1 - PAST / 16, True)
    files.put("not-confirmed", "wide-existence", "Above the slack that a wider ball leaves.", tight)


def malformed(files: Named, made: dict[str, Json]) -> None:
    six, zero, trained = (made[f"{kind}-six"] for kind in COMMANDS)
    files.edit(
        "malformed",
        six,
        [
            ("no-splits", "There are none.", "splits", []),
            ("nothing-said", "Nothing is said of neuron 1.", "splits.0", {"neuron": 1}),
            ("neuron-0", "Neurons are counted from 1.", "splits.0.neuron", 0),
            ("neuron-twice", "Neuron 2 occurs twice.", "splits.0.neuron", 2),
            ("other-verdict", "Not a verdict of splits.", "splits.0.same", "local-minimum"),
            ("no-number", "No number for a verdict.", "bounds.splits.0.same", None),
            ("too-few", "A number less than neurons.", "bounds.splits.5", None),
            ("positive", "An upper bound that is not negative.", "bounds.splits.0.same", NUMBER_0),
            ("global-split", "Not said of global minima.", "critical_point", "global-minimum"),
            ("basin", "These claims have none.", "bounds.basin", {"radius": NUMBER_0, "step": NUMBER_0}),
            ("paper", "Not with these constants.", "bounds.lipschitz.constants", "paper"),
            ("trained-split", "Not with trained output weights.", "problem.output_weights", "trained"),
        ],
    )
    files.put("malformed", "target-0", "Targets are counted from 1.", changed(zero, "target", 0))
    files.put("malformed", "slope-0", "It is not positive.", changed(zero, "bounds.slope", NUMBER_0))
    fixed = changed(trained, "problem.output_weights", "fixed")
    files.put("malformed", "weights-fixed", "Only trained ones are named.", fixed)
    single = changed(trained, "verdict", "spurious-minimum")
    files.put("malformed", "singular", "The verdict is about many.", single)


if __name__ == "__main__":
    remake("wider", add)
