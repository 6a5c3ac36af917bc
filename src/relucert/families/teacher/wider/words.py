"""Sentences about certificates of wider networks (docs/spec/wider-v1.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from relucert.certificate.numbers import Json
from relucert.certificate.shown import at_least, at_most, vector
from relucert.families.teacher import words as teacher_words
from relucert.families.teacher.methods import COLLAPSED, MANIFOLDS, SPLIT, TRAINED, ZERO

STRICT_SADDLE = "strict-saddle"
SINGULAR = {plural: verdict for verdict, plural in MANIFOLDS.items()}
VERDICTS = {
    SPLIT: ("splits",),
    ZERO: ("not-a-minimum",),
    COLLAPSED: ("not-a-minimum",),
    TRAINED: tuple(SINGULAR),
}
SPLITS = (
    "Replace a neuron w of W* by P >= 1 neurons t_1 w, .., t_P w with {own} and N >= 0 neurons s_1 w, .., s_N w"
    " with {other}, P + N >= 2, all t and s positive, sum t - sum s = 1; the output weights are fixed, and the"
    " loss of the wider network at this split is that of W*."
)
OUTPUTS = {"own": "output weight 1", "other": "output weight -1"}
SIGNED_OUTPUTS = {"own": "the output weight of w", "other": "minus the output weight of w"}
LOSS = "G(w, a) = E (sum_i a_i relu(w_i.x) - sum_j relu(v_j.x))^2/2"
SIGNED_LOSS = (
    "G(w, a) = E (sum_i a_i s(w_i.x) - sum_j b_j s(v_j.x))^2/2, s the activation, b_j the output weights of"
    " the targets"
)
KERNEL = (
    "the kernel of the Hessian there is the tangent space of the manifold of these splits, and all its"
    " other eigenvalues are"
    " positive"
)
CLIMB = (
    "every continuous path from W* to another point whose loss is not larger passes a point whose loss"
    " exceeds that of W*"
    " by at least"
)


def words(claim: Json) -> tuple[str, list[tuple[str, str]]]:
    """A sentence for the base claim, and one for what the network becomes."""
    if claim["verdict"] not in VERDICTS[claim["method"]]:
        raise ValueError(f"the method {claim['method']} has no verdict {claim['verdict']!r}")
    bounds = {name: x for name, x in claim["bounds"].items() if name != "barrier"}  # said below, of W*
    verdict = claim.get("critical_point") or SINGULAR[claim["verdict"]]
    base = {**claim, "verdict": verdict, "bounds": bounds}
    more, rows = {
        SPLIT: (_split, _split_facts),
        ZERO: (_zero, zero_facts),
        COLLAPSED: (_collapsed, _collapsed_facts),
    }.get(claim["method"], (_trained, _trained_facts))
    first = teacher_words.sentence(base).removesuffix(".")
    # What follows is about the critical point that this sentence names, in the same dimensions.
    weights = "" if "signs" in claim["problem"] else " These neurons have output weights 1."
    whole = f"{first}.{weights} Call that critical point W*. {more(claim)}"
    targets = teacher_words.given(claim["problem"])
    about = [*teacher_words.facts(base)[len(targets) :], *barrier(claim)]
    if claim["method"] == COLLAPSED:
        about = [(f"of the smaller network, at its point: {name}", value) for name, value in about]
    return whole, [*targets, *about, *rows(claim)]


def barrier(claim: Json) -> list[tuple[str, str]]:
    """How deep the minimum is, where that is claimed."""
    if "barrier" not in claim["bounds"]:
        return []
    return [("barrier", f"{CLIMB} {at_least(claim['bounds']['barrier'])}")]


def _split(claim: Json) -> str:
    rows = claim["splits"]
    outputs = SIGNED_OUTPUTS if "signs" in claim["problem"] else OUTPUTS
    parts = [SPLITS.format(**outputs)]
    where = _where(claim)
    high = " and not global" if claim["critical_point"] == "spurious-minimum" else ""
    minimum = f"is a local minimum, not strict{high}: {KERNEL}"
    saddle = "has a Hessian with a negative eigenvalue (a strict saddle)"
    for side, kind in (("same", "with N = 0"), ("opposite", "with N >= 1")):
        for name, text in ((STRICT_SADDLE, saddle), ("degenerate-minimum", minimum)):
            concerned = [row["neuron"] for row in rows if row.get(side) == name]
            if concerned:
                which = (
                    "with P = 1 and N >= 1" if (side, name) == ("opposite", "degenerate-minimum") else kind
                )
                parts.append(f"Every split {which} of {_named(claim, concerned)} {text}, {where}.")
    return " ".join(parts)


def _where(claim: Json) -> str:
    d = claim["problem"]["d"]
    return f"in every dimension d >= {d}" if "dimension" in claim else f"in dimension {d}"


def _named(claim: Json, numbers: Sequence[int]) -> str:
    """Neurons by their numbers; at a symmetric point by their kinds."""
    point = claim["point"]
    if not isinstance(point, dict):
        return f"{'neuron' if len(numbers) == 1 else 'each of the neurons'} {_ranges(numbers)}"
    return " and of ".join(_kind(claim, i) for i in numbers)


def _kind(claim: Json, number: int) -> str:
    point = claim["point"]
    if not isinstance(point, dict):
        return f"neuron {number}"
    m = len(point["class_sizes"])
    if number > m:
        return f"extra neuron {number - m}"
    size = point["class_sizes"][number - 1]
    return f"each of the {size} neurons of class {number}" if size > 1 else f"the neuron of class {number}"


def _ranges(numbers: Iterable[int]) -> str:
    """Increasing numbers, as 1 to 4, 6."""
    runs: list[list[int]] = []
    for x in numbers:
        if runs and runs[-1][-1] == x - 1:
            runs[-1].append(x)
        else:
            runs.append([x])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)


def _split_facts(claim: Json) -> list[tuple[str, str]]:
    """S_i of docs/theorem/wider.md, Theorem 18.S, for each neuron i: in dimension d, as the bounds of more than
    one eigenvalue do not hold in larger ones (Lemma 18.N)."""
    rows, d = [], claim["problem"]["d"]
    name = "S_i" if claim["problem"].get("slope", "0") == "0" else "(1 - alpha)^2 S_i"
    for row, numbers in zip(claim["splits"], claim["bounds"]["splits"], strict=True):
        texts = []
        if "same" in row:
            texts.append(_same(row["same"], numbers["same"]))
        if "opposite" in row:
            texts.append(_opposite(row["opposite"], numbers["opposite"]))
        rows.append((f"{name} at W* in dimension d = {d}, {_kind(claim, row['neuron'])}", "; ".join(texts)))
    return rows


def _same(verdict: str, number: Json) -> str:
    if verdict == STRICT_SADDLE:
        return f"an eigenvalue <= {at_most(number)} (N = 0: strict saddles)"
    return f"all eigenvalues >= {at_least(number)}, but one that is 0 (N = 0: minima)"


def _opposite(verdict: str, number: Json) -> str:
    if verdict == STRICT_SADDLE:
        return f"an eigenvalue >= {at_least(number)} (N >= 1: strict saddles)"
    return f"all eigenvalues <= {at_most(number)}, but one that is 0 (P = 1, N >= 1: minima)"


def _collapsed(claim: Json) -> str:
    parts = [len(row) for row in claim["fractions"]]
    return (
        f"Replace each neuron of W* by its multiples by the fractions below, {sum(parts)} neurons in all, with output"
        f" weight 1. That is a critical point of the population loss of {sum(parts)} neurons, {_where(claim)}, with the"
        f" loss of W*, within {at_most(claim['bounds']['existence_radius'])} of the same multiples of the neurons of"
        " the point in Frobenius norm; its Hessian has a negative eigenvalue, so it is not a local minimum; it is not"
        " isolated: other positive fractions that add up to 1 give others."
    )


def _collapsed_facts(claim: Json) -> list[tuple[str, str]]:
    """The fractions, and the curvature that makes it a saddle."""
    rows = [(f"fractions of neuron {i}", vector(row)) for i, row in enumerate(claim["fractions"], 1)]
    if "curvature" in claim["bounds"]:
        top = at_most(claim["bounds"]["curvature"])
        where = f"at W* in dimension d = {claim['problem']['d']}"
        rows.append((f"curvature of neuron {claim['neuron']}", f"S_i has an eigenvalue <= {top} {where}"))
    return rows


def _zero(claim: Json) -> str:
    point, j = claim["point"], claim["target"]
    target = f"any target of class {j}" if isinstance(point, dict) else f"target {j}"
    return (
        "W* with one more neuron at 0, with output weight 1, is not a local minimum of the population"
        " loss of"
        f" {claim['problem']['n'] + 1} neurons, {_where(claim)}: with this neuron at eps v, v {target},"
        " the loss is below that"
        f" of W* for every eps in (0, 4 s/|v|^2), and for eps = 2 s/|v|^2 by at least"
        f" {at_least(claim['bounds']['decrease'])}; s is the slope in the file."
    )


def zero_facts(claim: Json) -> list[tuple[str, str]]:
    """Beside the base claim, of a neuron at the origin."""
    return [
        (
            "slope s",
            f">= {at_least(claim['bounds']['slope'])}: the loss falls at least at this rate in eps, at eps = 0",
        )
    ]


def _trained(claim: Json) -> str:
    n, verdict = claim["problem"]["n"], SINGULAR[claim["verdict"]]
    kind = {
        "spurious-minimum": "a local minimum that is not global",
        "global-minimum": "a global minimum",
        "local-minimum": "a local minimum",
        "strict-saddle": "a strict saddle",
    }[verdict]
    others = "its other eigenvalues are positive"
    if verdict == "strict-saddle":
        inertia = claim["bounds"]["inertia"]
        others = (
            f"in dimension {claim['problem']['d']} its other eigenvalues are {inertia['negative']}"
            " negative and"
            f" {inertia['positive']} positive"
        )
    climb = "; the barrier below holds for G and paths of (w, a) from this manifold to a point outside of it"
    signed = "signs" in claim["problem"]
    loss, weights = (SIGNED_LOSS, "e_1 c_1, .., e_n c_n") if signed else (LOSS, "c_1, .., c_n")
    signs = ", e_i the output weight of neuron i of W*," if signed else ""
    bowl = climb if "barrier" in claim["bounds"] else ""
    return (
        f"With trained output weights, {loss}, every point (w*_1/c_1, .., w*_n/c_n; {weights}) with all"
        f" c_i > 0{signs} is critical and {kind}, with the loss of W*, {_where(claim)}."
        f" They form a manifold of dimension {n}, whose tangent space is the kernel of the Hessian of G there;"
        f" {others}{bowl}.{_near(claim)} Nothing is said about where gradient descent on G goes."
    )


def _near(claim: Json) -> str:
    """A point with given output weights, where the claim has them."""
    if "weights" not in claim:
        return ""
    return (
        " The point (w_1/|a_1|, .., w_n/|a_n|; a_1, .., a_n), w the point in the file and a the output weights below,"
        f" is within {at_most(claim['bounds']['distance'])} of this manifold in Frobenius norm."
    )


def _trained_facts(claim: Json) -> list[tuple[str, str]]:
    """The output weights of a point next to the manifold."""
    if "weights" not in claim:
        return []
    return [("output weights a", vector(claim["weights"]))]
