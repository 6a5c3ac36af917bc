"""Sentences about certificates of runs from their starts (docs/spec/runs-v1.md, docs/spec/signed-runs-v1.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from relucert.certificate.form import claim_digest
from relucert.certificate.numbers import Json
from relucert.certificate.shown import at_least, at_most
from relucert.families.teacher import signed_words

ENDS = {
    "spurious-minimum": "a strict local minimum that is not global",
    "global-minimum": "a global minimum",
    "local-minimum": "a strict local minimum",
}
LEGEND: dict[str, tuple[str, ...]] = {
    "Of runs: s: the step, Y_t: the point about which iterate t is enclosed, r_t: within which radius, Lam_t: bound of "
    "the largest eigenvalue there, rho: see Theorem T.": ("Theorem 19.R", "Theorem T")
}
MANY = 16  # runs from which on only their ends are listed


def words(claim: Json) -> tuple[str, list[tuple[str, str]]]:
    return _sentence(claim), _facts(claim)


def setting(problem: Json, step: str) -> str:
    """What every sentence about runs begins with."""
    students, targets = signed_words.setting(problem)
    return (
        f"For {students} against {targets} in dimension {problem['d']} with "
        f"standard Gaussian input, gradient descent on the population loss with fixed step {step}, in exact arithmetic,"
    )


def _sentence(claim: Json) -> str:
    problem, runs = claim["problem"], claim["runs"]
    begin = setting(problem, claim["step"])
    if len(runs) == 1:
        return f"{begin} from the start in the file {_one(claim, runs[0])}."
    counts = Counter(_kind(claim, run) for run in runs)
    parts = [f"{count} {_many(claim, kind, count)}" for kind, count in counts.items()]
    return f"{begin} from each of the {len(runs)} starts in the file: {', '.join(parts)}."


def _kind(claim: Json, run: Json) -> str | None:
    """The verdict about the minimum at its end; None below the floor."""
    verdict: str | None = claim["minima"][run["end"]["minimum"]]["verdict"] if "end" in run else None
    return verdict


def _one(claim: Json, run: Json) -> str:
    if "until" in run:
        return f"has a loss below {claim['floor']} at every step from {run['steps']} to {run['until']}"
    minimum = claim["minima"][run["end"]["minimum"]]
    return f"converges, {_image(claim)}, to {_end(claim, minimum['verdict'])}, {_loss(minimum)}"


def _image(claim: Json) -> str:
    """Up to which symmetry: docs/theorem/signed.md, Lemma 20.T."""
    keeping = " that keeps output weights" if signed_words.mixed(claim["problem"]) else ""
    return f"up to a permutation of neurons and coordinates{keeping}"


def _end(claim: Json, verdict: str) -> str:
    more = f", {signed_words.global_minimum(claim['problem'])}" if verdict == "global-minimum" else ""
    return f"{ENDS[verdict]}{more}"


def _many(claim: Json, kind: str | None, count: int) -> str:
    if kind is None:
        return f"{'has' if count == 1 else 'have'} a loss below {claim['floor']} from some step to another"
    verb = "converges" if count == 1 else "converge"
    return f"{verb}, {_image(claim)}, to {_end(claim, kind)}"


def _loss(minimum: Json) -> str:
    low, high = minimum["bounds"]["objective"]
    if minimum["verdict"] == "global-minimum":
        return "with loss 0"
    return f"with loss between {at_least(low)} and {at_most(high)}"


def _facts(claim: Json) -> list[tuple[str, str]]:
    facts = signed_words.facts(claim["problem"])
    facts += [(f"minimum {m}", _minimum(minimum)) for m, minimum in enumerate(claim["minima"])]
    runs = claim["runs"]
    if len(runs) < MANY:
        for i, run in enumerate(runs):
            facts.append((f"run {i}", _run(claim, run)))
            if "neighbourhood" in run:
                facts.append(_neighbourhood(run["neighbourhood"], i, claim["problem"]["k"]))
    else:
        facts += _counted(claim)
    if "origin" in claim:
        facts.append(_origin(claim["origin"], len(runs)))
    return facts


def _origin(origin: Json, count: int) -> tuple[str, str]:
    first = origin.get("first")
    numbers = origin["numbers"] if first is None else range(first, first + count)
    shown = str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"
    if numbers[-1] - numbers[0] >= len(numbers):
        shown = _order(numbers)
    text = f"run{'s' * (len(numbers) > 1)} {shown} of seed {origin['seed']}; nothing claimed rests on it"
    return "the file says that the starts were drawn as", text


def _minimum(minimum: Json) -> str:
    bounds = minimum["bounds"]
    radius, step = (at_least(bounds["basin"][x]) for x in ("radius", "step"))
    return (
        f"{_end(minimum, minimum['verdict'])}, {_loss(minimum)}, within {at_most(bounds['existence_radius'])} of its "
        f"point in Frobenius norm; gradient descent converges to it from within {radius} of the point, with any fixed "
        f"step below {step}; claim identity {claim_digest(minimum)}"
    )


def _run(claim: Json, run: Json) -> str:
    steps = run["steps"]
    if "until" in run:
        after = f"and below {claim['floor']} from there to step {run['until']}"
        return f"loss at most {at_most(run['objective'])} at step {steps}, {after}"
    end = run["end"]
    return (
        f"at step {steps} its neurons {_order(end['rows'])}, of each the coordinates {_order(end['columns'])}, are "
        f"within {at_most(run['distance'])} of the point of minimum {end['minimum']} in Frobenius norm"
    )


def _order(numbers: Sequence[int]) -> str:
    return " ".join(map(str, numbers))


def _neighbourhood(around: Json, i: int, k: int) -> tuple[str, str]:
    return (
        f"every start within {at_least(around['radius'])} of that of run {i} in Frobenius norm",
        f"goes the same way, in as many steps; independent Gaussian entries of mean 0 and variance 1/{k} are such a "
        f"start with probability at least {at_least(around['probability'])}",
    )


def _counted(claim: Json) -> list[tuple[str, str]]:
    """The runs that end alike, with the range of their steps."""
    steps: dict[int | None, list[int]] = {}
    for run in claim["runs"]:
        steps.setdefault(run["end"]["minimum"] if "end" in run else None, []).append(run["steps"])
    facts = []
    for end in sorted(steps, key=lambda x: (x is None, x)):
        where = f"below {claim.get('floor')}" if end is None else f"in the basin of minimum {end}"
        found = steps[end]
        facts.append((f"{len(found)} runs", f"{where} after {min(found)} to {max(found)} steps"))
    return facts
