"""Sentences about certificates of the teacher-student network (docs/spec/certificate-v1.md)."""

from __future__ import annotations

from relucert.base.visible import counted
from relucert.certificate.numbers import Json
from relucert.certificate.shown import at_least, at_most, less, vector, within
from relucert.families.teacher import signed_words as signed

LEGEND: dict[str, tuple[str, ...]] = {
    "W: the point, W*: the critical point, F: the loss, eps: gradient norm, L: Lipschitz constant of the Hessian on "
    "the ball of radius alpha around W, r: existence radius.": (),
    "omega, chi, eta: see Theorem E in docs/theorem/teacher.md.": ("Theorem E",),
    "R: radius of the basin.": ("Theorem D",),
    "Y: the witness.": ("Theorem W",),
    "S_i, with eigenvalues lambda_1 to lambda_d, and psi: see docs/theorem/wider.md.": (
        "Theorem 18.M", "Theorem 18.Z",
    ),
    "E, Phi, zeta, xi, l: see Theorem 18.C in docs/theorem/wider.md.": ("Theorem 18.C",),
}  # fmt: skip

CLIMB = (
    "every continuous path from the minimum to another point whose loss is not larger passes a point whose loss exceeds"
    " that of the minimum by at least"
)


def words(claim: Json) -> tuple[str, list[tuple[str, str]]]:
    return sentence(claim), facts(claim)


def sentence(claim: Json) -> str:
    """What is claimed about the point."""
    problem, bounds, verdict = claim["problem"], claim["bounds"], claim["verdict"]
    start = setting(claim, every="dimension" in claim)
    if verdict == "not-critical":
        radius = at_least(bounds["exclusion_radius"])
        return f"{start}, the population loss has no critical point within {radius} of the point in Frobenius norm."
    radius, alone = at_most(bounds["existence_radius"]), at_least(bounds["uniqueness_radius"])
    name = {
        "spurious-minimum": "a strict local minimum that is not global",
        "global-minimum": f"a global minimum, {signed.global_minimum(problem)},",
        "local-minimum": "a strict local minimum",
        "strict-saddle": "a strict saddle",
    }[verdict]
    # Theorem E says this only where the critical point lies within the second radius; the checker asks for it.
    attained = less(bounds["existence_radius"], bounds["uniqueness_radius"])
    low, high = at_least(bounds["objective"][0]), at_most(bounds["objective"][1])
    value = "with loss 0" if verdict == "global-minimum" else f"with loss between {low} and {high}"
    where = f"within {radius} of the point in Frobenius norm"
    lower = (
        f"; at the witness the loss is lower by at least {at_least(bounds['gap'])}"
        if "witness" in claim
        else ""
    )
    return f"{start}, the population loss has {name} {where}, {value}{lower}" + (
        f"; no other critical point is nearer than {alone}." if attained else "."
    )


def setting(claim: Json, *, every: bool) -> str:
    """Which loss is spoken of; every: in every dimension from d on."""
    problem = claim["problem"]
    student, teacher = signed.setting(problem)
    dimension = f"every dimension d >= {problem['d']}" if every else f"dimension {problem['d']}"
    return f"For {student} against {teacher} in {dimension} with standard Gaussian input"


def facts(claim: Json) -> list[tuple[str, str]]:
    """The claimed bounds, a name and a text each."""
    problem, bounds = claim["problem"], claim["bounds"]
    spread = bounds["lambda_min"]
    here = f" at the point, d = {problem['d']}" if "dimension" in claim else " at the point"
    rows = [*given(problem), *signed.facts(problem)]
    if "class_sizes" in claim["point"]:
        rows.append(("symmetric point", _classes(claim)))
    rows += [
        ("smallest eigenvalue of the Hessian", within(spread) + here),
        ("largest eigenvalue", f"<= {at_most(bounds['lambda_max'])}{here}"),
    ]
    if "lambda_min_outside" in bounds:
        rows.append(("smallest eigenvalue in dimensions beyond k", within(bounds["lambda_min_outside"])))
    rows += [
        ("gradient norm", f"<= {at_most(bounds['gradient_norm'])}{here}"),
        (
            "Lipschitz constant of the Hessian",
            f"<= {_lipschitz(bounds['lipschitz'])}{here.removeprefix(' at the point')}"
            f" ({bounds['lipschitz']['constants']} constants)",
        ),
    ]
    if "inertia" in bounds:
        inertia = bounds["inertia"]
        rows.append(("eigenvalues", f"{inertia['negative']} negative, {inertia['positive']} positive{here}"))
    if "basin" in bounds:
        basin = bounds["basin"]
        rows.append(
            (
                "gradient descent converges to it",
                f"from within {at_least(basin['radius'])} of the point, with any fixed step below "
                f"{at_least(basin['step'])}",
            )
        )
    if claim["verdict"] == "not-critical":
        low, high = bounds["objective"]
        rows.append(("loss at the point", f"between {at_least(low)} and {at_most(high)}"))
    if "barrier" in bounds:
        rows.append(("barrier", f"{CLIMB} {at_least(bounds['barrier'])}"))
    if "witness" in claim:
        title = f"witness, {counted(problem['n'], 'row')} of {counted(problem['d'], 'number')}"
        rows.append((title, vector([x for row in claim["witness"] for x in row])))
    if "robust" in claim:
        rows += _robust(claim["robust"], problem["k"])
    return rows


def given(problem: Json) -> list[tuple[str, str]]:
    """The targets, where they are not e_1 .. e_k."""
    if problem["targets"] == "orthonormal":
        return []
    title = f"targets, {counted(problem['k'], 'row')} of {counted(problem['d'], 'number')}"
    return [(title, vector([x for row in problem["targets"] for x in row]))]


def _lipschitz(of: Json) -> str:
    return f"{at_most(of['value'])} within {at_least(of['radius'])} of the point"


def _classes(claim: Json) -> str:
    """The class sizes, as of k = 19 + 1 = 20."""
    sizes, extra = claim["point"]["class_sizes"], len(claim["point"]["extra"])
    total = f" = {sum(sizes)}" if len(sizes) > 1 else ""
    text = f"classes of {' + '.join(map(str, sizes))}{total} indices that may be exchanged"
    return text + (f", and {extra} more {'neuron' if extra == 1 else 'neurons'}" if extra else "")


def _robust(robust: Json, k: int) -> list[tuple[str, str]]:
    """Theorem P and Corollary R1, with all their hypotheses.

    The deviation is rounded down, so t is: where that makes it negative, the bound printed is 0, not more than
    is proved.
    """
    deviation, radius = at_least(robust["deviation"]), at_most(robust["radius"])
    return [
        (
            f"for every d >= {k} and all targets V = Q P in R^d, P = (V^T V)^(1/2)",
            f"with Frobenius norm |P - I|_F <= {deviation}: a strict local minimum that is not global, within "
            f"{radius} of the point turned by Q in Frobenius norm",
        ),
        (
            f"for {k} independent targets drawn from N(0, c I_d), c > 0, in every dimension d > "
            f"{robust['random_dimension']}",
            f"a strict local minimum that is not global, scaled by sqrt(c d), with probability at least "
            f"1 - exp(-d t^2/2), t = max(0, {deviation} - sqrt({k * (k + 1)}/d))",
        ),
        (
            f"Lipschitz constant of the Hessian for targets in R^{k} within {deviation} of e_1 .. e_{k} in Frobenius "
            "norm",
            f"<= {_lipschitz(robust['lipschitz'])}",
        ),
    ]
