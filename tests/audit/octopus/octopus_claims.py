"""Claims about the octopus, from the prover or made by hand."""

import sys
from fractions import Fraction
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tools"))

from makers import octopus

PROVED = {
    "critical": "certify --d 4 --L 3",
    "escape": "escape --d 4 --L 2 --step 1/10 --start=1/3,-1/5,1/2,1",
    "every-start": "every-start --d 30 --L 2",
    "float": "float --d 5 --L 3 --start 1/2,1/3,1/4,1/5,1/6",
    "perturbed": "perturbed --d 4 --L 2 --accuracy 1/100",
}


@cache
def proved(name):
    return octopus.proved(PROVED[name])


def claimed(method, verdict, problem, bounds, point=None):
    """A file without evidence."""
    claim = {"schema": "relucert-certificate/1.1", "family": "octopus", "method": method, "problem": problem}
    claim |= {"verdict": verdict, "bounds": bounds} | ({} if point is None else {"point": point})
    kind = "application/vnd.relucert.certificate.v1+json"
    return {
        "payloadType": kind,
        "statement": {"claim": claim, "evidence": [], "provenance": {}},
        "signatures": [],
    }


def problem(d, L, gamma, tau, eta):
    said = {"d": d, "L": str(Fraction(L)), "gamma": str(Fraction(gamma)), "tau": str(tau)}
    return said | {"step": str(Fraction(eta))}


def escape(of, start, times):
    bounds = {"times": [str(t) for t in times]}
    return claimed("escape", "escape-times", of, bounds, [str(Fraction(x)) for x in start])


def every(of, time):
    return claimed("every-start", "exponential-time", of, {"time": str(time)})
