"""Certificates of runs, made in floating point: nothing here is proved, the checker does that."""

import json
import math
from copy import deepcopy
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from certificates import exact, number
from scipy.optimize import linear_sum_assignment

STEP, NAME = 0.1, "teacher-student-relu"
STORED = Path(__file__).resolve().parents[3] / "certificates"
NEAR, ROOM, ROOM_BELOW, FAR = 0.9, Fraction(1025, 1024), 2**12, 1e6


class Net(NamedTuple):
    """Output weights, and the slope; by default all are 1, and the ReLU."""

    neurons: tuple = ()
    targets: tuple = ()
    slope: str = "0"

    def weights(self, n, k):
        """Of the network minus the teacher."""
        return np.array([*(self.neurons or (1,) * n), *(-b for b in self.targets or (1,) * k)], dtype=float)

    def strengths(self):
        """(1 - slope)^2, slope."""
        slope = float(Fraction(self.slope))
        return (1 - slope) ** 2, slope

    def problem(self):
        signs = {"signs": [*self.neurons], "teacher_signs": [*self.targets], "slope": self.slope}
        return signs if self.neurons else {}


PLAIN = Net()


def gradient(W, net=PLAIN):
    n, k = W.shape
    every, weights = np.vstack([W, np.eye(k)]), net.weights(n, k)
    (bend, slope), signs = net.strengths(), weights[:n, None] * weights
    sizes = np.linalg.norm(every, axis=1)
    cosines = np.clip(W @ every.T / np.outer(sizes[:n], sizes), -1, 1)
    angles = np.arccos(cosines)
    angles[np.arange(n), np.arange(n)] = 0
    shares = signs * (math.pi - angles) / (2 * math.pi)
    shares[np.arange(n), np.arange(n)] = 0.5 + (np.sin(angles) * signs * sizes).sum(axis=1) / (
        2 * math.pi * sizes[:n]
    )
    return (bend * shares + slope * signs) @ every


def loss(W, net=PLAIN):
    k = W.shape[1]
    every, (bend, slope) = np.vstack([W, np.eye(k)]), net.strengths()
    signs, sizes = net.weights(len(W), k), np.linalg.norm(every, axis=1)
    angles = np.arccos(np.clip(every @ every.T / np.outer(sizes, sizes), -1, 1))
    kernel = np.outer(sizes, sizes) * (np.sin(angles) + (math.pi - angles) * np.cos(angles)) / (2 * math.pi)
    return float(signs @ (bend * kernel + slope * every @ every.T) @ signs) / 2


@cache
def minima(k):
    """Claims about minima with k neurons, from the stored certificates."""
    found = [
        json.loads(path.read_bytes())["statement"]["claim"]
        for path in sorted((STORED / f"{k}-{k}").glob("*.json"))
    ]
    return [claim for claim in found if "basin" in claim["bounds"]]


def point(claim):
    return np.array([[float(exact({"exact": x})) for x in row] for row in claim["point"]])


def matched(W, V, net=PLAIN):
    """(distance, rows, columns): of the image of W from V, permutations guessed, among those that keep weights."""
    weights = net.weights(*W.shape)
    apart = [FAR * (x[:, None] != x) for x in (weights[: len(W)], weights[len(W) :])]
    rows = linear_sum_assignment(apart[0] + ((np.sort(V)[:, None] - np.sort(W)[None]) ** 2).sum(axis=2))[1]
    for _ in range(3):
        cost = apart[1] + ((V.T[:, None] - W[rows].T[None]) ** 2).sum(axis=2)
        columns = linear_sum_assignment(cost)[1]
        rows = linear_sum_assignment(apart[0] + ((V[:, None] - W[:, columns][None]) ** 2).sum(axis=2))[1]
    return float(np.linalg.norm(W[rows][:, columns] - V)), rows.tolist(), columns.tolist()


def dyadics(W):
    return [[as_dyadic(x) for x in row] for row in W.tolist()]


def as_dyadic(x):
    m, q = x.as_integer_ratio()
    e = 1 - q.bit_length()
    while m and m % 2 == 0:
        m, e = m // 2, e + 1
    return [str(m), e if m else 0]


def gaussian(n, k, seed, r):
    sequence = np.random.SeedSequence(seed, spawn_key=(k, n, k, r))
    return np.random.Generator(np.random.PCG64(sequence)).standard_normal((n, k)) / math.sqrt(k)


def converging(W, claims, most=10_000, step=STEP, net=PLAIN):
    """A run of the format, with the index of its minimum, or None."""
    begin, points = dyadics(W), [point(claim) for claim in claims]
    radii = [float(exact(claim["bounds"]["basin"]["radius"])) for claim in claims]
    for t in range(most):
        ends = [matched(W, V, net) for V in points] if t % 5 == 0 else []
        for m, (away, rows, columns) in enumerate(ends):
            if away < NEAR * radii[m]:
                end = {"minimum": m, "rows": rows, "columns": columns}
                return {
                    "start": begin,
                    "steps": t,
                    "end": end,
                    "distance": number(Fraction(away) * ROOM, True),
                }
        W = W - step * gradient(W, net)
    return None


def below(W, until, floor=1e-3, most=20_000, net=PLAIN):
    """A run below the floor."""
    begin = dyadics(W)
    for t in range(most + 2):
        if (value := loss(W, net)) < floor / ROOM_BELOW:
            return {
                "start": begin,
                "steps": t,
                "until": until,
                "objective": number(Fraction(value) * ROOM, True),
            }
        W = W - STEP * gradient(W, net)
    return None


def document(n, k, claims, runs, step="1/10", floor=None, net=PLAIN, **more):
    kinds = ["until" in run for run in runs]
    used = sorted({run["end"]["minimum"] for run in runs if "end" in run})
    runs = deepcopy(runs)
    for run in runs:
        if "end" in run:
            run["end"]["minimum"] = used.index(run["end"]["minimum"])
    verdict = "stays-below-floor" if all(kinds) else "decided" if any(kinds) else "converges"
    method = "signed-runs" if net.neurons else "runs"
    claim = {"schema": "relucert-certificate/1.1", "family": NAME, "method": method}
    problem = {"n": n, "k": k, "d": k, "targets": "orthonormal"} | net.problem()
    claim |= {"problem": problem, "step": step}
    claim |= {"minima": [claims[m] for m in used], "runs": runs, "verdict": verdict, "bounds": {}}
    claim |= {"floor": floor or "1/1000"} if any(kinds) else {}
    return {
        "payloadType": "application/vnd.relucert.certificate.v1+json",
        "statement": {"claim": claim | more, "evidence": [], "provenance": {}},
        "signatures": [],
    }
