"""Fuzz the auditor: python tools/fuzz_audit.py [--runs 1000000] [--checks 20000] [--seed 0] [--plain]

1. The whole checker (`relucert_audit.check.check`): --checks inputs. Nothing may be raised. An accepted input
   must bear the claim of a seed, or a claim that the prover does not refute (`judge`).
2. The parser (`relucert_audit.check.read`): --runs inputs, guided by coverage if atheris is installed (and
   not --plain), else by chance. Only a certificate or a refusal may come out.

Seeds are certificates of small problems (n, d <= 2) and of symmetric points, proved at the start, and for
every fiftieth input of the checker one of a spurious minimum with n = d = 6. Inputs are seeds with one to a
few changes: of bytes, of tokens, of JSON values, and of numbers together with their decimals, so that many
pass the format. An input that takes more than one second of processor time is a failure too.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any
from unittest.mock import patch

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from judge.claims import check_numbers
from judge.truth import Untrue
from relucert import Candidate, certificate, verify
from relucert.base.dyadic import DOWN, UP, canonical, decimal
from relucert.certificate import signing
from relucert.families.teacher import statement as teacher_statement
from relucert.families.teacher.problem import Problem
from relucert.families.teacher.search import guess
from relucert.families.teacher.symmetric.point import CONSTANTS, verify_symmetric
from relucert.kernel import ball, newton
from relucert.kernel.spectrum import Eigen, signs
from relucert.kernel.teacher import facts, loss, theorems

try:
    import atheris
except ImportError:
    atheris = None
if atheris is not None and "--parser" in sys.argv:
    with atheris.instrument_imports(include=["relucert_audit"]):
        import relucert_audit.check  # noqa: F401 -- before the imports below, so that these are instrumented

from relucert_audit.check import Report, read
from relucert_audit.check import check as audit
from relucert_audit.format import ACCEPTED, Refusal
from relucert_audit.trust import ALWAYS, Trust, signer

Json = Any
LIMIT, LARGEST = 1.0, 1 << 15  # seconds, bytes
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
TRUST = Trust((signer(lambda _: KEY.public_key(), b"", "fuzz", *ALWAYS),))
NOW = datetime(2026, 1, 1, tzinfo=UTC)
MINIMA = ("spurious-minimum", "global-minimum", "local-minimum")
ONE = (1, 0)
POINTS: list[tuple[list[list[float]], list[list[float]] | None]] = [  # point, targets (None: orthonormal)
    ([[1.0 + 1e-9]], None),
    ([[0.5]], None),
    ([[1.0, 1e-7], [-3e-8, 1.0]], None),
    ([[-0.0683098861837908] * 2, [1.0683098861837907] * 2], None),
    ([[1.0, 0.0], [-2.0, 0.0]], None),
    ([[0.9, 0.9]], None),
    ([[1.0683098861837907] * 2], None),
    ([[0.8, 0.8], [-0.3, 0.1]], [[1.0, 0.5], [0.25, 1.0]]),
    ([[1.0, 0.5 + 1e-8], [0.25, 1.0]], [[1.0, 0.5], [0.25, 1.0]]),
]


A, B, C, D, E = (
    -0.0504134032168047,
    0.9867038188885837,
    0.308010991479057,
    0.2245158075994672,
    -0.6015119235610932,
)
SPURIOUS = [[B if i == j else A for j in range(5)] + [C] for i in range(5)] + [
    [D] * 5 + [E]
]  # none is smaller


SYMMETRIC: list[tuple[list[int], list[list[float]], list[list[float]]]] = [  # sizes, values, extra neurons
    ([1, 5], [[E, C, 0.0], [D, B, A]], []),
    ([3], [[-0.31818007, 0.659453093]], []),
    ([2, 1], [[1.0, 1e-3, 0.0], [0.0, 1.0, 0.0]], []),
    ([1, 10**9 - 1], [[-0.999999994643, 2e-09, 0.0], [1.27327217e-09, 1.0, -1.27327218e-18]], []),
    (
        [1, 7],
        [[-0.486232704, 0.230097497, 0.0], [0.0686917007, 0.984087519, -0.0298468322]],
        [[-0.188997764, 0.126333539]],
    ),
]


def seeds(points: list[tuple[list[list[float]], list[list[float]] | None]]) -> list[bytes]:
    found = []
    for point, targets in points:
        problem = None if targets is None else Problem.from_targets(targets, len(point))
        for constants in ("simple", "sharp", "paper"):
            for raw in (True, False):
                result = verify(Candidate.from_rows(point, problem), constants=constants, raw=raw)
                if result.outcome.proved:
                    found += files(teacher_statement.statement(result, {}), raw)
    return sorted(set(found))


def symmetric_seeds() -> list[bytes]:
    results = [verify_symmetric(*point, constants=name) for point in SYMMETRIC for name in CONSTANTS]
    return [data for result in results for data in files(teacher_statement.statement(result, {}), True)]


def files(statement: Json, sign: bool) -> list[bytes]:
    """With evidence, perhaps signed; and bare."""
    payload = certificate.canonical(statement)
    signed = [signing.sign(KEY, certificate.PAYLOAD_TYPE, payload)] if sign else []
    bare = certificate.envelope(statement | {"evidence": []}, [])
    return [certificate.envelope(statement, signed), json.dumps(json.loads(bare)).encode()]


# ---- changes --------------------------------------------------------------------------------------------

TOKENS = [
    b"0",
    b"-0",
    b"1",
    b"-1",
    b"null",
    b"true",
    b"[]",
    b"{}",
    b'""',
    b"1e5",
    b"0.5",
    b"NaN",
    b"Infinity",
]
TOKENS += [b'"0"', b'["0",0]', b'["1",-1]', b"9007199254740991", b"9007199254740992", b"65536", b'"\\ud800"']
TOKENS += [
    b"[" * 40,
    b"{" * 40,
    b"\xff",
    b"\x00",
    b"\\",
    b'"',
    b",",
    b":",
    b"]",
    b"}",
    b"\xef\xbb\xbf",
    b'"e"',
]
WORDS = [
    "spurious-minimum",
    "global-minimum",
    "local-minimum",
    "strict-saddle",
    "not-critical",
    "simple",
    "sharp",
    "paper",
]
WORDS += [
    "orthonormal",
    "hessian",
    "symmetric-hessian",
    "every d >= k",
    "dimension",
    "<",
    "<=",
    "",
    "relucert-certificate/1.0",
    "relucert-certificate/1.2",
    "x" * 500,
    "\u0663",
    "1e99999",
]
VALUES: list[Json] = [None, True, False, 0, 1, -1, 2, 2**53, 65536, -65536, [], {}, 1.5, *WORDS]


def places(value: Json, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of all values inside."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [p for key, x in inside for p in places(x, (*path, key))]


def at(value: Json, path: tuple[Any, ...]) -> Json:
    for key in path:
        value = value[key]
    return value


def some_dyadic(rng: random.Random, near: Fraction) -> tuple[int, int]:
    match rng.randrange(6):
        case 0:
            return canonical(
                rng.choice((-1, 1)) * rng.getrandbits(rng.choice((1, 20, 60, 2000))), rng.randint(-90, 9)
            )
        case 1:
            return canonical(rng.choice((0, 1, -1, 3)), rng.choice((0, 65536, -65536, -1000, 1000)))
        case _:
            factor = Fraction(
                rng.choice((rng.uniform(0, 3), 1 + rng.gauss(0, 1e-6), 1 + 2.0 ** -rng.randint(1, 90), -1))
            )
            value = near * factor
            return canonical(int(value * 2**100), -100)


def tweak(rng: random.Random, data: bytes) -> bytes:
    """A structural change: of one value, member or number of the JSON document."""
    try:
        whole = json.loads(data)
        everything = places(whole)
    except (ValueError, RecursionError):
        return mangle(rng, data, data)
    if not everything:
        return mangle(rng, data, data)
    numbers = [
        p for p in everything if isinstance(x := at(whole, p), dict) and "exact" in x and "decimal" in x
    ]
    dyadics = [
        p for p in everything if isinstance(x := at(whole, p), list) and [type(y) for y in x] == [str, int]
    ]
    claimed = [p for p in numbers if p[:2] == ("statement", "claim")]
    kind = rng.randrange(8)
    try:
        if kind < 3 and numbers:
            path = rng.choice(claimed or numbers)
            m, e = at(whole, path)["exact"]
            new = some_dyadic(rng, Fraction(int(m)) * Fraction(2) ** max(min(e, 500), -500))
            lower = path[-1] in (0, "uniqueness_radius", "exclusion_radius", "radius", "step", "right")
            lower |= path[-1] == "lambda_min_safran_shamir"
            at(whole, path)["exact"] = [str(new[0]), new[1]]
            at(whole, path)["decimal"] = decimal(new, DOWN if lower != (rng.random() < 0.05) else UP)
        elif kind == 3 and dyadics:
            path = rng.choice(dyadics)
            m, e = at(whole, path)
            new = some_dyadic(rng, Fraction(int(m)) * Fraction(2) ** max(min(e, 500), -500))
            at(whole, path)[:] = [str(new[0]), new[1]]
        elif kind == 4:
            path = rng.choice(everything)
            at(whole, path[:-1])[path[-1]] = copy.deepcopy(at(whole, rng.choice(everything)))
        elif kind == 5:
            path = rng.choice(everything)
            del at(whole, path[:-1])[path[-1]]
        elif kind == 6:
            path = rng.choice(everything)
            parent = at(whole, path[:-1])
            if isinstance(parent, list):
                parent.insert(path[-1], copy.deepcopy(parent[path[-1]]))
            else:
                parent[rng.choice([str(path[-1]) + "x", *WORDS])] = rng.choice(VALUES)
        else:
            path = rng.choice(everything)
            at(whole, path[:-1])[path[-1]] = copy.deepcopy(rng.choice(VALUES))
        return json.dumps(whole).encode()
    except (ValueError, OverflowError, IndexError, TypeError, KeyError, RecursionError):
        return mangle(rng, data, data)


def mangle(rng: random.Random, data: bytes, other: bytes) -> bytes:
    """A change of bytes or tokens."""
    i, j = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
    match rng.randrange(7):
        case 0 if data:
            i = min(i, len(data) - 1)
            return data[:i] + bytes([data[i] ^ 1 << rng.randrange(8)]) + data[i + 1 :]
        case 1:
            return data[:i] + rng.choice(TOKENS) + data[i:]
        case 2:
            return data[:i] + data[min(j, i + rng.randrange(1, 40)) :]
        case 3:
            return data[:i] + data[i : i + rng.randrange(1, 60)] + data[i:]
        case 4:
            k = rng.randrange(len(other) + 1)
            return data[:i] + other[k : k + rng.randrange(1, 200)] + data[j:]
        case 5:
            marks = [k for k, x in enumerate(data) if 48 <= x <= 57]
            if marks:
                i = rng.choice(marks)
            return data[:i] + b"%d" % rng.choice((0, 1, 9, 10, rng.getrandbits(60))) + data[i + 1 :]
        case _:
            return data[:i] + rng.choice(TOKENS) + data[i + rng.randrange(1, 12) :]


def mutate(rng: random.Random, data: bytes, other: bytes, structured: float) -> bytes:
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        data = tweak(rng, data) if rng.random() < structured else mangle(rng, data, other)
    return data[:LARGEST]


# ---- what must hold -------------------------------------------------------------------------------------


class TooSlow(BaseException):
    """An input took more than LIMIT seconds of processor time."""


def too_slow(*_: object) -> None:
    raise TooSlow


def parse(data: bytes) -> Any:
    """What the parser must do on any bytes: read them, or refuse them."""
    signal.setitimer(signal.ITIMER_PROF, LIMIT)
    try:
        opened, _, cert = read(data)
        rfc8785.dumps(opened.statement)
        return cert
    except Refusal:
        return None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def check(data: bytes) -> Report:
    return audit(data, "some.json", TRUST, NOW)


def judge(claim: Json) -> str:
    """ "true" if the prover proves every member of the claim, "false" if it refutes one, else "open". Of a
    symmetric point: "false" too where nothing supports it."""
    with ball.precision(256):
        try:
            if claim["method"] != "symmetric-hessian":
                return _judge(claim)
            check_numbers(claim)
            return "true"
        except Untrue as reason:
            return f"false ({reason})"
        except ball.NotProved as reason:
            return f"open ({reason})"


def _judge(claim: Json) -> str:
    problem, bounds, verdict = claim["problem"], claim["bounds"], claim["verdict"]
    n, k, d = problem["n"], problem["k"], problem["d"]
    exact = [[ONE if i == j else (0, 0) for j in range(d)] for i in range(k)]
    targets = exact if problem["targets"] == "orthonormal" else _dyadics(problem["targets"])
    point = _dyadics(claim["point"])
    at_point = facts.enclose(point, targets)
    matrices = [at_point.hessian] + [at_point.outside] * ("dimension" in claim)
    guesses = [guess.eigen([[float(x) for x in row] for row in matrix.tolist()]) for matrix in matrices]
    eigen = [Eigen(*found) for found in guesses if found is not None]
    if len(eigen) < len(matrices):
        return "open (no eigenvectors)"
    order = list(range(n)) if n == k else None
    if n == k == 2 and ball.proves_lt(loss.distance(point, targets[::-1]), loss.distance(point, targets)):
        order = [1, 0]
    alpha = _ball(bounds["lipschitz"]["radius"])
    constants = bounds["lipschitz"]["constants"]
    with patch("relucert.kernel.teacher.sharp.SQUARINGS", 40):  # spectral norms as they are
        measured = facts.measure(at_point, eigen[0], order, constants, *eigen[1:])
        at_ball = facts.on_ball(measured, constants, alpha)
    flat, L, eps = at_ball.spectrum, at_ball.lipschitz, at_ball.gradient
    low, high = flat.values[0], flat.values[-1]
    absmax = ball.largest((abs(low), abs(high)))
    open_, false = [], []

    def le(name: str, a: ball.Ball, b: ball.Ball, sharp: bool = True) -> None:
        """a <= b, of which a failure refutes the claim if the quantities are the truth, not bounds of it."""
        if not ball.proves_le(a, b):
            (false if sharp and ball.proves_lt(b, a) else open_).append(name)

    def both(name: str, value: ball.Ball) -> None:
        le(name, _ball(bounds[name][0]), value)
        le(name, value, _ball(bounds[name][1]))

    le("gradient_norm", eps, _ball(bounds["gradient_norm"]))
    both("lambda_min", low)
    le("lambda_max", high, _ball(bounds["lambda_max"]))
    if at_ball.outside is not None:
        both("lambda_min_outside", at_ball.outside.values[0])
    le("lipschitz", L, _ball(bounds["lipschitz"]["value"]), sharp=False)
    if "lambda_min_safran_shamir" in bounds:
        le("lambda_min_safran_shamir", _ball(bounds["lambda_min_safran_shamir"]), low)
    if "lipschitz_safran_shamir" in bounds:
        paper = at_ball.lipschitz_safran_shamir
        le("lipschitz_safran_shamir", ball.undefined() if paper is None else paper,
           _ball(bounds["lipschitz_safran_shamir"]))  # fmt: skip
    inertia = signs(flat)
    if "inertia" in bounds and inertia != (bounds["inertia"]["negative"], bounds["inertia"]["positive"]):
        (open_ if inertia is None else false).append("inertia")
    if verdict == "not-critical":
        rho = _ball(bounds["exclusion_radius"])
        le("exclusion_radius", rho, alpha, sharp=False)
        if not newton.not_critical(ball.lower(eps), ball.upper(absmax), L, rho).holds:
            open_.append("exclusion_radius")
        both("objective", at_ball.objective)
    else:
        outcome = theorems.decide_critical(at_ball)
        if not outcome.proved:
            return f"open ({getattr(outcome, 'reason', '')})"
        mine = outcome.bounds
        least = ball.smallest(s.values[0] for s in at_ball.spectra)
        most = ball.largest(s.values[-1] for s in at_ball.spectra)
        if verdict != outcome.verdict and not (verdict == "local-minimum" and outcome.verdict in MINIMA):
            false.append("verdict")
        le("existence_radius", mine.radius, _ball(bounds["existence_radius"]), sharp=False)
        le("uniqueness_radius", _ball(bounds["uniqueness_radius"]), mine.uniqueness, sharp=False)
        if "existence_radius_lemma_1" in bounds:
            first, radius = newton.lemma_1(ball.lower(least), ball.upper(eps), L, alpha)
            le("existence_radius_lemma_1", radius if first.holds else ball.undefined(),
               _ball(bounds["existence_radius_lemma_1"]), sharp=False)  # fmt: skip
        floor, top = mine.objective
        le("objective", _ball(bounds["objective"][0]), floor, sharp=False)
        le("objective", top, _ball(bounds["objective"][1]), sharp=False)
        le("objective", _ball(bounds["objective"][0]), top)
        le("objective", floor, _ball(bounds["objective"][1]))
        if "basin" in bounds:
            if verdict not in MINIMA:
                false.append("basin")
            reach, least = _ball(bounds["basin"]["radius"]) + mine.radius, least - L * mine.radius
            le("basin", reach + mine.radius, alpha, sharp=False)
            if not ball.proves_lt(L * reach / 2, least):
                open_.append("basin")
            most = most + L * mine.radius + L * reach / 2
            le("basin", _ball(bounds["basin"]["step"]), 2 / most, sharp=False)
    return f"false ({false[0]})" if false else f"open ({open_[0]})" if open_ else "true"


def _dyadics(rows: Json) -> list[list[tuple[int, int]]]:
    return [[(int(m), e) for m, e in row] for row in rows]


def _ball(number: Json) -> ball.Ball:
    return ball.exact((int(number["exact"][0]), number["exact"][1]))


# ---- the two stages -------------------------------------------------------------------------------------


def fuzz_checker(small: list[bytes], large: list[bytes], times: int, seed: int) -> int:
    """Prints the counts; returns the number of failures."""
    rng, results, other = random.Random(f"{seed} check"), Counter[str](), Counter[str]()  # noqa: S311
    claims = {certificate.canonical(json.loads(x)["statement"]["claim"]) for x in (*small, *large)}
    slowest, failures, start = 0.0, 0, time.perf_counter()
    for number in range(times):
        structured = 0.0 if number % 10 == 0 else 1.0
        corpus = small if number % 50 else large
        data = mutate(rng, rng.choice(corpus), rng.choice(corpus), structured)
        before, bad = time.process_time(), ""
        signal.setitimer(signal.ITIMER_PROF, LIMIT)
        try:
            report = check(data)
        except Exception as failure:  # noqa: BLE001 -- what is looked for
            bad = f"{type(failure).__name__}: {failure}"
        except TooSlow:
            bad = "more than a second"
        else:
            signal.setitimer(signal.ITIMER_PROF, 0)
            results[report.result] += 1
            if report.result == ACCEPTED:
                claim = json.loads(data)["statement"]["claim"]
                verdict = "as the seed" if certificate.canonical(claim) in claims else judge(claim)
                other[verdict] += 1
                bad = verdict if verdict.startswith("false") else ""
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        slowest = max(slowest, time.process_time() - before)
        if bad:
            failures += 1
            place = Path(f"fuzz-failure-{failures}.json")
            place.write_bytes(data)
            print(f"FAILURE {bad}: {place}")
    seconds = time.perf_counter() - start
    rate = f"{times} inputs, {times / seconds:.0f} a second"
    print(f"checker: {rate}, slowest {slowest:.2f} s, {failures} failures")
    print(f"  results: {dict(results.most_common())}")
    print(f"  claims of the accepted: {dict(other.most_common())}")
    return failures


def fuzz_parser_plainly(corpus: list[bytes], times: int, seed: int) -> int:
    rng, passed, failures, start = random.Random(f"{seed} parse"), 0, 0, time.perf_counter()  # noqa: S311
    for number in range(times):
        data = mutate(rng, rng.choice(corpus), rng.choice(corpus), 0.5 if number % 2 else 0.0)
        try:
            passed += parse(data) is not None
        except (Exception, TooSlow) as failure:  # noqa: BLE001 -- what is looked for
            failures += 1
            print(f"FAILURE {type(failure).__name__}: {failure}: {data[:300]!r}")
    seconds = time.perf_counter() - start
    rate = f"{times} inputs, {times / seconds:.0f} a second"
    print(f"parser, by chance: {rate}, {passed} read, {failures} failures")
    return failures


def fuzz_parser_guided(folder: str, times: int, seed: int) -> None:
    """Never returns: libFuzzer ends the process, with a status other than 0 on a failure."""
    passed = [0, 0]

    def one(data: bytes) -> None:
        passed[0] += 1
        passed[1] += parse(data) is not None
        if passed[0] == times:
            print(f"  read: {passed[1]} of {passed[0]}", flush=True)

    def change(data: bytes, size: int, mutation_seed: int) -> bytes:
        rng = random.Random(mutation_seed)  # noqa: S311
        if rng.random() < 0.3:
            return bytes(atheris.Mutate(data, min(size, LARGEST)))
        return mutate(rng, data, data, 0.6)[:size]

    options = [f"-runs={times}", f"-seed={seed + 1}", f"-max_len={LARGEST}", "-timeout=10", "-verbosity=0"]
    atheris.Setup([sys.argv[0], *options, "-print_final_stats=1", "-artifact_prefix=fuzz-", folder], one,
                  custom_mutator=change)  # fmt: skip
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=1_000_000, help="inputs for the parser")
    parser.add_argument("--checks", type=int, default=20_000, help="inputs for the whole checker")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plain", action="store_true", help="without atheris")
    parser.add_argument("--parser", metavar="FOLDER", help="(internal) the guided stage, on these seeds")
    options = parser.parse_args()
    signal.signal(signal.SIGPROF, too_slow)
    if options.parser:
        fuzz_parser_guided(options.parser, options.runs, options.seed)
    corpus, large = seeds(POINTS) + symmetric_seeds(), seeds([(SPURIOUS, None)])
    verdicts = Counter(json.loads(x)["statement"]["claim"]["verdict"] for x in (*corpus, *large))
    for data in (*corpus, *large):
        if check(data).result != ACCEPTED:
            print(f"a seed is not accepted: {check(data)}")
            return 1
    sizes = sorted(map(len, (*corpus, *large)))
    print(f"{len(sizes)} seeds of {sizes[0]} to {sizes[-1]} bytes: {dict(verdicts)}", flush=True)
    failures = fuzz_checker(corpus, large, options.checks, options.seed)
    if atheris is None or options.plain:
        failures += fuzz_parser_plainly(corpus, options.runs, options.seed)
    elif options.runs:
        with tempfile.TemporaryDirectory() as folder:
            for i, data in enumerate(corpus):
                Path(folder, str(i)).write_bytes(data)
            numbers = ["--runs", str(options.runs), "--seed", str(options.seed)]
            start = time.perf_counter()
            done = subprocess.run([sys.executable, __file__, "--parser", folder, *numbers], check=False)
            seconds = time.perf_counter() - start
        rate = f"{options.runs} inputs, {options.runs / seconds:.0f} a second"
        print(f"parser, guided: {rate}, status {done.returncode}")
        failures += done.returncode != 0
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
