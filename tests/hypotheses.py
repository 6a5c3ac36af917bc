"""What the sentence of a claim of any family has to say, from its members."""

from hypotheses_teacher import GAUSSIAN, VERDICTS, of_teacher
from relucert.certificate.shown import at_least, at_most

# Of losses that have maxima, which the verdict strict-saddle includes.
KINDS = VERDICTS | {"strict-saddle": "a critical point that is no minimum"}


def hypotheses(claim):
    """What the sentence of a claim has to say, from its members."""
    others = {
        "teacher-student-relu": of_teacher,
        "one-filter": _filter,
        "teacher-student-relu-every-k": _every_k,
        "designed-landscape": _landscape,
        "octopus": _octopus,
        "wide-network": _wide,
        "matrix-factorisation": _factorisation,
        "smooth-expression": _expression,
    }
    return others.get(claim["family"], _cnn)(claim)


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
        yield f"Within {radius} of the point in Frobenius norm there is {KINDS[verdict]}"
        yield f"no other critical point is nearer than {at_least(bounds['uniqueness_radius'])}."


def _expression(claim):
    """The loss by its digest; the box; with constraints that the claim is about the set where they vanish."""
    loss, bounds = claim["problem"]["loss"], claim["bounds"]
    m, k = loss["parameters"], len(loss.get("constraints", []))
    rows = f" and {len(loss['data'])} row{'s' * (len(loss['data']) > 1)} of data" if "data" in loss else ""
    nodes = len(loss["nodes"])
    yield f"({m} parameter{'s' * (m > 1)}, {nodes} node{'s' * (nodes > 1)}{rows}; SHA-256 "
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
        yield f"there is {KINDS[claim['verdict']]}"
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
    yield "Its orbit under the symmetry consists of critical points of F"
    if claim["verdict"] == "strict-saddle":
        yield "none of them a minimum of F: the Hessian there has negative eigenvalues"
        return
    yield from (
        "each of them a local minimum of F",
        "F is larger at all points that do not belong to the orbit",
    )
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
