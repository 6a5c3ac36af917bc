"""What is printed is what was proved: each sentence names every hypothesis of its claim, each number is rounded
by us from the exact member, and no text of a file steers the terminal."""

import copy
import json
import re
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

import run_claims
import wide_claims
from relucert.base.errors import InputError
from relucert.certificate.provenance import sign_and_store
from relucert.certificate.shown import at_least, at_most
from relucert.commands import words
from relucert.families.teacher import statement as teacher_statement
from relucert.families.teacher.robust import robustness

ACCEPT = Path(__file__).parents[1] / "corpus" / "accept"
LARGEST = 20_000  # bytes of a file of the corpus: larger ones claim the same kinds of things
POINT = "the sentence says `the point`: that of the file, which the claim identity printed below it names"
UNSAID = {  # members of a claim that no sentence has to say, as patterns of family and path; why
    r".* schema": "the version of the file",
    r".* family": "says which sentences are taken; test_each_family_has_its_own_sentences",
    r"teacher.* method": "how it is proved, not what",
    r"teacher.* runs\.[0-9]+\.start\..*": "the sentence says `the start in the file`",
    r"teacher.* minima\.[0-9]+\.(schema|method|bounds\..*)": "of the claim that is named by its identity",
    r"one-filter method": "the family has one",
    r"(teacher|one-hidden).* point\.(values|extra|[0-9]+|axis|v|a)\..*": POINT,
    r"designed-landscape point\..*": POINT,
    r"designed-landscape direction\..*": "the sentence says `the direction in the file`",
    r".* bounds\.existence_radius_lemma_1\..*": "another bound, never smaller than the one said",
    r".* bounds\.(lambda_min|lipschitz)_safran_shamir\..*": "another bound of what is said, by others' method",
    r"one-hidden.* bounds\.alpha\..*": "eta (pi - 1)/(2 pi), and eta is said",
    r"one-hidden.* bounds\.critical_points\.[0-9]+\.complement\..*": "pi minus the angle, which is said",
    r"one-hidden.* bounds\.(critical_points\.[0-9]+\.)?inertia\..*": "the signs of the eigenvalues, which are said",
    r"matrix-factorisation verdict": "a landscape has one; the words of the others need bounds of their own",
    r"matrix-factorisation annihilator\..*": "how it is proved that singular values are equal",
    r"matrix-factorisation problem\.imbalance": "said of saddles, of which M = 0 has none",
    r"matrix-factorisation problem\.kink": "a linear network has none",
    r"matrix-factorisation bounds\.neurons\..*": "the largest is said, and the layers",
    r"matrix-factorisation (start\.(u|v|weights)|problem\.[xy])\..*": "as POINT: of the file",
    r"teacher-student-relu-every-k boxes\.[0-9]+\..*": "how it is proved: where the critical point is, k by k",
}  # fmt: skip
GLOBAL = "global-minimum", "global-minima"
GLOBAL_LOSS = r"bounds\.objective\..*"  # of the teacher's global minimum: 0, which the sentence says


@cache
def statement(name):
    if name == "robust":
        return _robust()
    if name in WIDE:
        return wide_claims.statement(name.removeprefix("wide "))
    if name in RUNS:
        return run_claims.statement(name.removeprefix("runs "))
    return json.loads((ACCEPT / f"{name}.json").read_text())["statement"]


def _robust():
    """The claim of `relucert robust` about a spurious minimum of the corpus."""
    old = statement("spurious-6-6-polished")
    return teacher_statement.with_robust(old, robustness(teacher_statement.candidate(old, "x")))


def small(path):
    return path.stat().st_size < LARGEST and "statement" in json.loads(path.read_bytes())


WIDE = [f"wide {kind}" for kind in wide_claims.KINDS]
RUNS = [f"runs {kind}" for kind in run_claims.KINDS]
NAMES = [*sorted(path.stem for path in ACCEPT.glob("*.json") if small(path)), "robust", *WIDE, *RUNS]


def is_number(value):
    return isinstance(value, dict) and value.keys() == {"exact", "decimal"}


def leaves(value, path=()):
    """The members that are not objects or lists, with their paths; a dyadic is one."""
    if is_number(value):
        yield (*path, "exact"), value["exact"]
    elif (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str)
        and isinstance(value[1], int)
    ):
        yield path, value
    elif isinstance(value, dict | list):
        for key, inside in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inside, (*path, key))
    else:
        yield path, value


PAIRS = [  # words of a claim, of which the one may stand where the other does
    ("degenerate-minimum", "strict-saddle"), ("spurious-minima", "local-minima"), ("global-minima", "strict-saddles"),
    ("spurious-minimum", "strict-saddle"), ("no-spurious-minimum", "spurious-minimum"), ("sharp", "simple"),
    ("paper", "sharp"), ("converges-to-global-minimum", "converges-to-spurious-minimum"),
    ("erf", "softplus"), ("dense", "residual"), ("landscape", "half-space"),
    ("spectrum", "landscape"), ("invariant-region", "enclosed-trajectory"),
]  # fmt: skip
ALONE = (  # verdicts that have bounds of their own
    "not-critical", "not-a-minimum", "converges-to-target", "converges-to-zero-loss", "positive-definite", "singular",
)  # fmt: skip
OTHERS = {two: one for one, two in PAIRS} | dict(PAIRS) | dict.fromkeys(ALONE)
OTHERS |= dict.fromkeys(("relu", "tanh"), "erf")


def other(value):
    """Something else of the same kind; None where there is nothing."""
    if isinstance(value, list):
        return [value[0], value[1] + 1] if value[0] != "0" else ["1", -3]
    if isinstance(value, int):
        return value + 1
    if value in OTHERS:
        return OTHERS[value]
    if re.fullmatch(r"-?[0-9]+(/[0-9]+)?", value):
        return str(Fraction(value) + 1)
    if re.fullmatch(r"[+-]+", value):
        return value.translate(str.maketrans("+-", "-+"))
    return "spurious-minimum" if value.endswith(("minimum", "saddle")) else None


def changed(claim, path, value):
    result = copy.deepcopy(claim)
    *way, last = path
    inside = result
    for key in way:
        inside = inside[key]
    inside[last] = value
    return result


def said(claim):
    """The sentence with its facts, or None where a claim has none."""
    try:
        return words.claim({"claim": claim}, "x")[1:]
    except InputError:
        return None


def exempt(claim, path):
    at = ".".join(map(str, path))
    found = [x for x in UNSAID if re.fullmatch(x, f"{claim['family']} {at}")]
    if claim["family"].startswith("teacher") and claim["verdict"] in GLOBAL:
        found += [GLOBAL_LOSS] * bool(re.fullmatch(GLOBAL_LOSS, at))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_another_member_of_a_claim_is_another_sentence(name):
    claim = statement(name)["claim"]
    before, silent = said(claim), []
    for path, value in leaves(claim):
        if path[-1] in ("targets", "dimension") or exempt(claim, path) or other(value) is None:
            continue
        if said(changed(claim, path, other(value))) == before:
            silent.append(".".join(map(str, path)))
    assert silent == []


def test_what_need_not_be_said_is_not_said():
    """No entry of the table is there without need, and each matches members of some claim."""
    needed = set()
    for name in NAMES:
        claim = statement(name)["claim"]
        for path, value in leaves(claim):
            for pattern in exempt(claim, path):
                if pattern not in needed and said(changed(claim, path, other(value) or value)) == said(claim):
                    needed.add(pattern)
    assert needed == {*UNSAID, GLOBAL_LOSS}


def test_orthonormal_targets_and_every_dimension_are_said():
    claim = statement("local-1-3")["claim"]
    one = {x: y for x, y in claim.items() if x != "dimension"}
    given = changed(claim, ("problem", "targets"), [[["1", 0]] * 3] * 3)
    assert len({said(x)[0] for x in (claim, one, given)}) == 3
    assert ("targets, 3 rows of 3 numbers", "(1, 1, 1, 1, 1, 1, 1, 1, 1)") in said(given)[1]


def test_each_family_has_its_own_sentences():
    names = (
        "local-1-3",
        "cnn-saddle",
        "filter-orthogonal",
        "uniform-one-tier",
        "landscape-whole",
        "wide gram",
    )
    assert len({said(statement(x)["claim"])[0][:16] for x in names}) == 6
    assert len({said(statement(x)["claim"])[0] for x in ("spurious-6-6-polished", "runs converges")}) == 2


def hypotheses(claim):
    """What the sentence of a claim has to say, from its members."""
    others = {
        "teacher-student-relu": _teacher,
        "one-filter": _filter,
        "teacher-student-relu-every-k": _every_k,
        "designed-landscape": _landscape,
        "octopus": _octopus,
        "wide-network": _wide,
        "matrix-factorisation": _factorisation,
        "smooth-expression": _expression,
    }
    return others.get(claim["family"], _cnn)(claim)


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
    yield f"{n} ReLU neurons against {k} orthonormal targets in every dimension d >= {k} "
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


def _teacher(claim):
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
    yield from (*_network(problem), f"{problem['k']} {kind} targets", dimension, *GAUSSIAN)
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
    yield f"{problem['n']} " + ("neurons with the activation" if slope else "ReLU neurons")
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


def _filter(claim):
    problem = claim["problem"]
    yield from (
        "one ReLU filter",
        f"dimension {len(problem['target'])} ",
        *GAUSSIAN,
        f"step {problem['eta']} ",
    )
    yield from ("w0 = (", "w* = (", "gradient descent", "converges to w*")
    yield f"|w_t - w*| <= {problem['accuracy']} |w*| from step {claim['bounds']['steps']} on"


def _every_k(claim):
    start, tier = claim["problem"]["from"], claim["bounds"]["tiers"][0]
    low, high = tier["loss_times_k"]
    yield from (
        f"For every integer k >= {start},",
        "every input dimension d >= k",
        "n = k ReLU neurons",
        *GAUSSIAN,
    )
    yield from (
        "k orthonormal targets",
        "spurious local minimum W",
        "critical point",
        "positive definite Hessian",
    )
    yield f"all its eigenvalues above {at_least(tier['lambda_min'])}"
    yield f"k F(W) is in [{at_least(low)}, {at_most(high)}]"
    yield "strict local minimum and not global"


def _landscape(claim):
    """The problem with all its numbers, and what its method claims."""
    problem, method = claim["problem"], claim["method"]
    if method in ("unit-rows", "split-neuron"):
        yield from ("A local minimum that is not global: ", "Ge, Lee & Ma", "the minimum is 0.")
        names = ("x",) if method == "unit-rows" else ("alpha", "beta", "tau")
        yield from (problem[name] for name in names)
        yield "on unit rows" if method == "unit-rows" else "two neurons, unit rows and trained output weights"
        return
    neurons = len(claim.get("point", problem.get("a_star")))
    yield from (
        "Ge, Lee & Ma",
        f"mu = {problem['mu']}",
        f"lambda = {problem['lambda']} and {neurons} neurons",
    )
    if method == "empirical":
        yield f"estimated from the {len(problem['samples']['y'])} given samples (x, y)"
    else:
        weights = ", ".join(problem["a_star"])
        yield from (f"objective {problem['objective']} ", "standard Gaussian input", f"({weights})")
        yield f"in dimension {len(problem['a_star'])}"
    if problem["objective"] == "F":
        yield "relu(b_i.x)"
        yield f"rows b_i = ({', '.join(x for row in problem['teacher'] for x in row)})"
    yield from _landscape_facts(claim)


def _landscape_facts(claim):
    method, verdict, bounds = claim["method"], claim["verdict"], claim["bounds"]
    if verdict == "unbounded-below":
        yield from ("There is no global minimum", "has infimum -infinity")
    elif verdict == "not-critical":
        yield f"no critical point within {at_least(bounds['exclusion'])} of the point in Frobenius norm"
    elif method == "descent":
        yield from ("all local minima are global", "gradient descent", "converges to the global minimum P")
        radius = at_least(bounds["start_radius"])
        start = "the point B_0" if radius == "0" else f"every start within {radius} of the point B_0"
        yield f"with step {claim['problem']['step']} from {start}"
    elif method == "nearest-minimum":
        yield f"Within {at_most(bounds['distance'])} of the point in Frobenius norm there is a global minimum"
    elif method == "critical-points":
        low, high = bounds["value"]
        yield f"with value in [{at_least(low)}, {at_most(high)}]"
        if verdict == "no-spurious-minimum":
            yield from ("No spurious local minimum", "all of them global")
            yield "at every other critical point the Hessian has a negative eigenvalue"
        else:
            yield from ("A strict local minimum that is not global", f"more than {at_least(bounds['gap'])}")
    else:
        radius = at_most(bounds["existence_radius"])
        yield f"Within {radius} of the point in Frobenius norm there is {VERDICTS[verdict]}"
        yield f"no other critical point is nearer than {at_least(bounds['uniqueness_radius'])}."


def _expression(claim):
    """The loss by its digest; the box; with constraints that the claim is about the set where they vanish."""
    loss, bounds = claim["problem"]["loss"], claim["bounds"]
    m, k = loss["parameters"], len(loss.get("constraints", []))
    rows = f" and {len(loss['data'])} rows of data" if "data" in loss else ""
    yield f"({m} parameters, {len(loss['nodes'])} nodes{rows}; SHA-256 "
    yield "x0 = ("
    if claim["verdict"] == "not-critical":
        yield from (
            "There is no critical point of the loss F that the file writes down",
            "whose entries all lie within",
        )
        yield at_least(bounds["exclusion"])
        return
    low, high = bounds["objective"]
    yield f"with value in [{at_least(low)}, {at_most(high)}]"
    yield f"whose entries all lie within {at_least(bounds['box'])} of those of "
    if claim["verdict"] == "spurious-minimum":
        yield f"F is lower by at least {at_least(bounds['gap'])} at the point ("
    if "symmetry" in claim:
        yield from _orbit(claim)
        return
    yield f"ithin {at_most(bounds['existence_radius'])} (Euclidean distance) of the point x0"
    if k:
        yield from (
            f"on the set where its {k} constraint",
            "h(x*) = 0",
            "the gradients of h are independent there",
        )
        yield from ("(x0, mu0)", "of F on that set", "along the set", "Nothing is said of F off the set.")
        yield "There is no other critical point of F + mu.h"
    else:
        yield "there is no other critical point"
        yield f"there is {VERDICTS[claim['verdict']]}"
    minimum = claim["verdict"] != "strict-saddle"
    yield "positive definite" if minimum else "has negative eigenvalues and none that is 0"


def _orbit(claim):
    """That it is about a symmetry and its orbit, not about a strict minimum, and of F in the whole of R^m."""
    k, bounds = len(claim["symmetry"]), claim["bounds"]
    yield from (
        "There is a symmetry of the loss F",
        f"F does not change along {k} affine flow{'s' * (k > 1)} of R^",
    )
    yield f"Within {at_most(bounds['existence_radius'])} (Euclidean distance) of the point x0"
    yield "a critical point x* of F where the constraints h of the file vanish"
    yield "no other critical point of F where they vanish and whose entries"
    yield from ("Its orbit under the symmetry consists of critical points of F", "each of them a ")
    if claim["verdict"] == "strict-saddle":
        yield "a saddle of F, with negative eigenvalues"
        return
    yield from ("a local minimum of F", "F is larger at all points that do not belong to the orbit")
    yield "that is not global" if claim["verdict"] == "spurious-minimum" else "a local minimum of F: near it"


OCTOPUS = {  # by method
    "critical-points": ("the critical points are", "strict saddles", "smallest eigenvalue -2 gamma", "Hessian 2 L I"),
    "escape": ("gradient descent with step", "from x_0 = (", "stays in D", "|x_k| >= 2 tau after exactly T_k steps"),
    "every-start": ("gradient descent with step", "from any x_0 in [-1, 1]^", "at least ", "if it ever does"),
    "double-precision": (
        "gradient descent as the program of docs/spec/octopus-v1.md makes it, in double precision with step",
        "from x_0 = (",
        "stands still from step",
    ),
    "perturbed": (
        "independent noise uniform in the ball of radius",
        "from any x_0 in [-1, 1]^",
        "with probability at least",
    ),
}  # fmt: skip


def _octopus(claim):
    problem, bounds = claim["problem"], claim["bounds"]
    yield from (f"octopus function f in R^{problem['d']} with L = {problem['L']},", "on its domain D, ")
    yield from (f"gamma = {problem['gamma']} and tau = {problem['tau']}", *OCTOPUS[claim["method"]])
    if claim["method"] != "critical-points":
        yield f"step {problem['step']}"
    if claim["method"] == "double-precision":
        yield f"from step {bounds['step']} on: |x_{bounds['coordinate']}| = "
    if claim["method"] == "perturbed":
        noise = problem["noise"]
        yield f"{noise['radius']} tau where the gradient is at most {noise['threshold']} tau"
        yield f"no noise came in the {noise['wait']} steps before"
        yield f"within {noise['accuracy']} tau of a minimum after at most {bounds['steps']} steps"


def _wide(claim):
    """The network, the inputs, and what its method claims."""
    problem, bounds = claim["problem"], claim["bounds"]
    rows = problem["x"]
    yield f"infinitely wide {problem['architecture']} {problem['activation']} network of depth {problem['depth']}"
    yield f"{len(rows)} inputs x/|x| in dimension {len(rows[0])}, x = ("
    if "c_res" in problem:
        yield f"c_res = {problem['c_res']}"
    h_inf = (problem["architecture"], problem["activation"], problem["depth"]) == ("dense", "relu", 1)
    yield "Gram matrix H^inf of" if h_inf else f"Gram matrix K^({problem['depth']}) of"
    if claim["verdict"] == "singular":
        yield f"smallest eigenvalue is 0, as the inputs {', '.join(map(str, claim['dependent']))} (counted from 0)"
    else:
        low, high = bounds["lambda_min"]
        yield f"positive definite: its smallest eigenvalue is in [{at_least(low)}, {at_most(high)}]"


def _wide(claim):
    """The network, its data and its start, and what its method claims."""
    problem, bounds, method = claim["problem"], claim["bounds"], claim["method"]
    n, d = len(problem["x"]), len(problem["x"][0])
    if method == "gram":
        network = f"{problem['architecture']} {problem['activation']} network of depth {problem['depth']}, "
        name = "H^inf" if network == "dense relu network of depth 1, " else f"K^({problem['depth']})"
        yield from (
            f"Gram matrix {name} of the infinitely wide {network}",
            f"{n} inputs x/|x| in dimension {d}, x = (",
        )
        if claim["verdict"] == "singular":
            yield f"its smallest eigenvalue is 0, as the inputs {', '.join(map(str, claim['dependent']))}"
        else:
            low, high = bounds["lambda_min"]
            yield f"positive definite: its smallest eigenvalue is in [{at_least(low)}, {at_most(high)}]"
    else:
        yield from (f"on the {n} data x_i = (", f") in dimension {d} with labels y = (", "loss |u - y|^2/2")
        yield from ("from the start ", "converges to weights with zero loss")
        yield from _wide_network(problem)
        yield from _wide_training(claim)
    if "c_res" in problem:
        yield f"c_res = {problem['c_res']}"


def _wide_network(problem):
    if "depth" in problem:
        kind = {"dense": "fully connected network", "residual": "residual ("}[problem["architecture"]]
        depth, m, s = problem["depth"], problem["width"], problem["activation"]
        one, neurons = "" if depth == 1 else "s", "neuron" if m == 1 else "neurons"
        layers = f"H = {depth} hidden layer{one} of m = {m} {s} {neurons} (s)"
        yield from (kind, f"{layers}, u = a.x_H, ", ", without biases, all layers trained")
        skip = "x_(h-1) + c_res/(H m^(1/2)) s(W_h x_(h-1)) for h >= 2"
        after = skip if problem["architecture"] == "residual" else "k s(W_h x_(h-1))"
        yield f"x_h = {after}, k = (c/m)^(1/2), 1/c = E s(z)^2 for z ~ N(0, 1)"
    else:
        m = problem["width"]
        yield from (
            f"u(x) = {m}^(-1/2) sum_r a_r relu(w_r.x) of {m} neurons",
            "only the w_r are trained",
            "signs a",
        )


def _wide_training(claim):
    """How the error shrinks, from when on, and by which method of training."""
    rate, steps = at_least(claim["bounds"]["rate"]), claim.get("steps")
    if claim["method"] == "gradient-flow":
        yield from (
            "Gradient flow on",
            f"exp(-2 g t) times its value at the start, g = {rate}",
            "for every solution",
        )
        yield "whatever the derivative of relu at a kink"
        return
    yield f"Gradient descent with step {claim['problem']['step']} on"
    loss, when = at_most(claim["bounds"]["loss"]), f"after {steps} steps" if steps else "at the start"
    yield from (
        f"loss is at most {loss} {when}",
        f"t steps later |u - y| is at most (1 - {rate})^t times what it was then",
    )
    if claim["method"] == "gradient-descent":
        yield "At a kink the derivative of relu may be any number in [0, 1]."


def _factorisation(claim):
    problem, method = claim["problem"], claim["method"]
    if method in ("landscape", "descent"):
        shape = f"{len(problem['target'])} x {len(problem['target'][0])} matrix M = ("
        yield from ("f(U, V) = |U V^T - M|^2/2", f"rank {problem['rank']} for the {shape}")
    if method == "landscape":
        values = claim["singular_values"]
        positive = sum(x["multiplicity"] for x in values)
        yield "Every critical point"
        yield f"a strict saddle. M has {positive} positive singular values, {len(values)} of them different."
    elif method == "schedule":
        yield f"every M with ||M|| = {problem['s']}, |M| = {problem['frobenius']}, "
        yield f"width r = {problem['rank']} of U and V,"
        yield f"every start of norm at most {problem['start_norm']}, gradient descent with the steps "
        yield f"eps = {problem['accuracy']}, has ||U V^T - M|| > eps at every step up to 10^L"
    else:
        yield f"step {problem['step']}"
    if method == "rank-one":
        yield f"M = {problem['s']} p q^T with unit vectors p, q"
        yield from (f"{value}" for value in claim["start"].values())
        if claim["verdict"] == "diverges-with-probability":
            yield f"1 - 2 exp(-{at_least(claim['bounds']['exponent'])}) from a start u ~ N(0, "
    yield from {
        "converges-to-global-minimum": ["Gradient descent", "converges to a global minimum"],
        "balanced-for-ever": ["Gradient descent", "never increases f", "converges to a critical point"],
        "diverges": ["Gradient descent", "diverges."],
        "diverges-with-probability": ["Gradient descent", "diverges with probability at least 1 - 2 exp(-"],
        "balance-drift": [
            f"{problem.get('activation')} network {'-'.join(map(str, problem.get('widths', ())))}",
            f" (derivative {problem.get('kink')} at 0)" * (problem.get("activation") == "relu"),
            f"{claim.get('steps')} steps",
            "without biases",
            "half the squared loss",
        ],
    }.get(claim["verdict"], [])


def _cnn(claim):
    problem, bounds = claim["problem"], claim["bounds"]
    yield "weight-normalised one-hidden-layer CNN"
    yield f"{len(problem['a_star'])} patches of size {problem['patch']},"
    yield from (f"a* = ({problem['a_star'][0][:100]}", f"|w*| = {problem['w_norm']},", *GAUSSIAN)
    if "eta" in claim:
        yield from (
            "gradient descent",
            "in v and a",
            f"step {claim['eta']} from the point",
            "converges to a ",
        )
    elif "point" not in claim:
        yield "no critical points but these: global minima with loss 0"
        yield "is a spurious" if claim["verdict"] == "spurious-minimum" else "is no spurious"
    elif claim["verdict"] == "not-critical":
        yield f"no critical point within {at_least(bounds['exclusion_radius'])} of the point in Euclidean norm"
    else:
        yield f"within {at_most(bounds['existence_radius'])} of the point in Euclidean norm of (v, a)"
        yield f"no critical point of another kind is nearer than {at_least(bounds['uniqueness_radius'])}."


@pytest.mark.parametrize("name", NAMES)
def test_every_hypothesis_is_in_the_sentence(name):
    claim = statement(name)["claim"]
    sentence, _ = said(claim)
    assert [part for part in hypotheses(claim) if part not in sentence] == []


def test_the_facts_say_where_they_hold():
    facts = dict(said(statement("local-1-3")["claim"])[1])
    for name in ("smallest eigenvalue of the Hessian", "largest eigenvalue", "gradient norm", "eigenvalues"):
        assert facts[name].endswith(" at the point, d = 3")
    assert " of the point, d = 3 (" in facts["Lipschitz constant of the Hessian"]
    assert " of the point, with any fixed step below " in facts["gradient descent converges to it"]
    inside = dict(said(statement("local-2-3-in-d-only")["claim"])[1])
    assert inside["largest eigenvalue"].endswith(" at the point")


def test_near_and_random_targets_have_all_their_hypotheses():
    claim = statement("robust")["claim"]
    (near, minimum), (random, chance) = said(claim)[1][-3:-1]
    assert near == "for every d >= 6 and all targets V = Q P in R^d, P = (V^T V)^(1/2)"
    deviation, radius = at_least(claim["robust"]["deviation"]), at_most(claim["robust"]["radius"])
    assert minimum == (
        f"with Frobenius norm |P - I|_F <= {deviation}: a strict local minimum that is not global, within {radius} of "
        "the point turned by Q in Frobenius norm"
    )
    assert "6 independent targets drawn from N(0, c I_d), c > 0, in every dimension d > " in random
    assert chance.endswith(f"1 - exp(-d t^2/2), t = max(0, {deviation} - sqrt(42/d))")


def test_the_chance_that_is_printed_is_not_more_than_proved():
    """From the rounded deviation, in the first dimensions of which the claim speaks."""
    robust = statement("robust")["claim"]["robust"]
    mantissa, exponent = robust["deviation"]["exact"]
    exact, printed = (
        Fraction(int(mantissa)) * Fraction(2) ** exponent,
        Fraction(at_least(robust["deviation"])),
    )
    d = int(robust["random_dimension"]) + 1
    assert (
        d * exact**2 >= 42 > d * printed**2
    )  # so without the max, t would be negative, and its square positive


def test_decimals_of_the_file_are_not_believed():
    plain = statement("local-1-3")
    forged = copy.deepcopy(plain)
    for number in (forged["claim"]["bounds"]["existence_radius"], *forged["claim"]["bounds"]["objective"]):
        number["decimal"] = "7.77"
    assert words.claim(forged, "forged") == words.claim(plain, "plain")


def test_unknown_evidence_is_called_so():
    changed = copy.deepcopy(statement("local-1-3"))
    changed["evidence"][0]["theorem"] = "Theorem S"
    theorems = [row.theorem for row in words.inequalities(changed, "x")]
    assert theorems[0] == "unknown, not checked: Theorem S"
    assert not any("unknown" in x for x in theorems[1:])


def test_what_the_checker_would_not_read_is_not_written(tmp_path):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    broken = copy.deepcopy(statement("local-1-3"))
    broken["provenance"]["source"] = "\x1b[31m"
    with pytest.raises(InputError, match=r"malformed.*control character"):
        sign_and_store(broken, tmp_path, Ed25519PrivateKey.generate())
    assert list(tmp_path.iterdir()) == []
