"""What the sentences about the teacher-student network have to say, from the members of the claim."""

from fractions import Fraction

from relucert.certificate.shown import at_least, at_most

VERDICTS = {
    "spurious-minimum": "a strict local minimum that is not global", "local-minimum": "a strict local minimum",
    "global-minimum": "a global minimum, a permutation of the targets,", "strict-saddle": "a strict saddle",
    "not-critical": "no critical point",
}  # fmt: skip


def _owners(claim):
    n, k, d = (claim["problem"][name] for name in "nkd")
    yield from GAUSSIAN
    yield f"{n} ReLU neurons against {k} "
    yield f"in every dimension d >= {d}"
    yield "a global minimum of the population loss, which is 0 there; it is not isolated"


def _converges(claim):
    n, k = claim["problem"]["n"], claim["problem"]["k"]
    bounds = claim["bounds"]
    yield from GAUSSIAN
    one = "s" * (k > 1)
    yield f"{n} ReLU neurons against {k} orthonormal target{one} in every dimension d >= {k} "
    yield f"gradient descent on the population loss with fixed step {claim['step']}, in exact arithmetic, from "
    yield "from the point in the certificate, "
    yield "filled with zeros, converges to a global minimum, with loss 0, within "
    yield f"within {at_most(bounds['travel'])} of that point in Frobenius norm"
    yield "the minimum is not isolated"


def _runs(claim):
    """Of the sentence; the numbers of minima and runs stand in the facts."""
    yield f"gradient descent on the population loss with fixed step {claim['step']}, in exact arithmetic, from "
    ends = [claim["minima"][x["end"]["minimum"]]["verdict"] if "end" in x else None for x in claim["runs"]]
    if len(ends) > 1:
        yield f"each of the {len(ends)} starts in the file: "
        for kind in {*ends}:
            where = (
                f"has a loss below {claim['floor']}" if kind is None else f"to {VERDICTS[kind].strip(',')}"
            )
            yield f"{ends.count(kind)} {'' if kind is None else 'converges, up to a permutation '}"
            yield where
        return
    (run,) = claim["runs"]
    if ends == [None]:
        yield f"has a loss below {claim['floor']} at every step from {run['steps']} to {run['until']}."
        return
    low, high = claim["minima"][0]["bounds"]["objective"]
    weights = {*claim["problem"].get("signs", []), *claim["problem"].get("teacher_signs", [])}
    keeps = " that keeps output weights" * (-1 in weights)
    what = VERDICTS[ends[0]].replace("the targets", _targets(claim["problem"])).strip(",")
    yield f"converges, up to a permutation of neurons and coordinates{keeps}, to {what}"
    value = f"between {at_least(low)} and {at_most(high)}"
    yield f"with loss {0 if ends == ['global-minimum'] else value}."


def of_teacher(claim):
    special = {"owners": _owners, "converges": _converges}.get(claim["method"])
    if special is not None:
        yield from special(claim)
        return
    problem, bounds = claim["problem"], claim["bounds"]
    if "witness" in claim:
        yield f"at the witness the loss is lower by at least {at_least(bounds['gap'])}"
    kind = "orthonormal" if problem["targets"] == "orthonormal" else "given"
    dimension = (
        f"every dimension d >= {problem['k']}" if "dimension" in claim else f"dimension {problem['d']} with"
    )
    yield from (
        *_network(problem),
        f"{problem['k']} {kind} target{'s' * (problem['k'] > 1)}",
        dimension,
        *GAUSSIAN,
    )
    if claim["method"] in ("runs", "signed-runs"):
        yield from _runs(claim)
        return
    if claim["verdict"] == "not-critical":
        radius = at_least(bounds["exclusion_radius"])
    else:
        radius = at_most(bounds["existence_radius"])
        yield from _wider(claim)
        yield f"; no other critical point is nearer than {at_least(bounds['uniqueness_radius'])}."
        yield (
            "with loss 0;"
            if _kind_of(claim) == "global-minimum"
            else (
                f"with loss between {at_least(bounds['objective'][0])} and {at_most(bounds['objective'][1])};"
            )
        )
    what = VERDICTS[_kind_of(claim)].replace("the targets", _targets(problem))
    yield f"has {what} within {radius} of the point in Frobenius norm"


def _targets(problem):
    """What a global minimum is a permutation of."""
    kept = "the targets" + " that keeps the output weights" * ("signs" in problem)
    return kept + ", some maybe times -1" * (problem.get("slope") == "-1")


def _network(problem):
    """What is said of signs and slope; which neuron has which sign is said below the sentence."""
    slope, signs = Fraction(problem.get("slope", 0)), problem.get("signs", [1])
    p, q = slope.as_integer_ratio()
    part = f"{p}t/{q}".replace("1t", "t") if abs(p) == 1 else f"{p}t/{q}"
    many = "s" * (problem["n"] != 1)
    yield f"{problem['n']} " + (f"neuron{many} with the activation" if slope else f"ReLU neuron{many}")
    if slope:
        yield "the activation |t|" if slope == -1 else f"the activation max(t, {part})"
    if -1 in (*signs, *problem.get("teacher_signs", ())):
        for weights, whose in ((signs, " against"), (problem["teacher_signs"], " in ")):
            counts = [f"{x:+} ({weights.count(x)})" for x in (1, -1) if x in weights]
            text = counts[0].partition(" ")[0] if len(counts) == 1 else " and ".join(counts)
            yield f"output weights {text}{whose}"


GAUSSIAN = ("standard Gaussian input", "population loss")
ONE_OF_MANY = {
    "spurious-minima": "spurious-minimum", "global-minima": "global-minimum",
    "local-minima": "local-minimum", "strict-saddles": "strict-saddle",
}  # fmt: skip


def _kind_of(claim):
    """What the critical point is."""
    return claim.get("critical_point", ONE_OF_MANY.get(claim["verdict"], claim["verdict"]))


def _wider(claim):
    """What is said of wider networks around a critical point."""
    everywhere, method = "dimension" in claim, claim["method"]
    if method in ("hessian", "symmetric-hessian", "signed-hessian"):
        if "witness" in claim:
            yield f"at the witness the loss is lower by at least {at_least(claim['bounds']['gap'])}"
        return
    signed = "signs" in claim["problem"]
    yield ". " + "These neurons have output weights 1. " * (not signed) + "Call that critical point W*."
    if everywhere:
        yield f", in every dimension d >= {claim['problem']['k']}"
    local = "" if _kind_of(claim) == "local-minimum" else " that is not global"
    if method == "split":
        yield from (
            f"with {'the output weight of w' if signed else 'output weight 1'} and N >= 0 neurons",
            f"with {'minus the output weight of w' if signed else 'output weight -1'}, P + N >= 2",
            "weights are fixed",
        )
        yield "sum t - sum s = 1"
        said_of = {(kind, x[kind]) for x in claim["splits"] for kind in ("same", "opposite") if kind in x}
        strict = "is a local minimum, not strict" + (" and not global:" if local else ":")
        for kind, verdict in said_of:
            what = "has a Hessian with a negative eigenvalue (a strict saddle)"
            sides = {"same": "with N = 0 of", "opposite": "with N >= 1 of"}
            if verdict == "degenerate-minimum":
                what, sides["opposite"] = strict, "with P = 1 and N >= 1 of"
                yield "kernel of the Hessian there is the tangent space of the manifold of these splits"
                yield "all its other eigenvalues are positive"
            yield from (what, f"Every split {sides[kind]} ")
    elif method == "collapsed":
        neurons = sum(map(len, claim["fractions"]))
        yield from (
            f"by its multiples by the fractions below, {neurons} neurons in all, with output weight 1",
            f"a critical point of the population loss of {neurons} neurons",
            "its Hessian has a negative eigenvalue",
            "not a local minimum; it is not isolated",
        )
    elif method == "zero-neuron":
        neurons = claim["problem"]["n"] + 1
        yield from (
            f"is not a local minimum of the population loss of {neurons} neurons",
            "with output weight 1",
        )
        yield f"by at least {at_least(claim['bounds']['decrease'])}"
    else:
        what = {"global-minimum": "a global minimum", "strict-saddle": "a strict saddle"}
        yield f"is critical and {what.get(_kind_of(claim), 'a local minimum' + local)}, with the loss of W*"
        yield from (
            "With trained output weights, G(w, a) = E",
            "with all c_i > 0",
            "kernel of the Hessian of G",
        )
        yield f"a manifold of dimension {claim['problem']['n']}"
        if signed:
            yield from (
                "sum_j b_j s(v_j.x))^2/2, s the activation, b_j the output weights of the targets, every point",
                "(w*_1/c_1, .., w*_n/c_n; e_1 c_1, .., e_n c_n) with",
                "e_i the output weight of neuron i of W*",
            )
        if "weights" in claim:
            yield f"is within {at_most(claim['bounds']['distance'])} of this manifold in Frobenius norm"
