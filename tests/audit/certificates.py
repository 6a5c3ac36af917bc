"""Small certificates, made by the prover at test time, and a way to change their claims."""

import hashlib
import json
from contextlib import redirect_stdout
from copy import deepcopy
from datetime import UTC, datetime
from fractions import Fraction
from functools import cache
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import rfc8785

from relucert.cli import app
from relucert_audit.check import Report, check
from relucert_audit.trust import Trust

NOBODY, NOW = Trust(), datetime(2026, 7, 1, 12, tzinfo=UTC)
a, b, c, d, e = (
    -0.0504134032168047,
    0.9867038188885837,
    0.308010991479057,
    0.2245158075994672,
    -0.6015119235610932,
)
POINTS = {
    "spurious": [[b if i == j else a for j in range(5)] + [c] for i in range(5)] + [[d] * 5 + [e]],
    "global": [[1.0, 1e-7], [-3e-8, 1.0]],
    "local": [
        [0.9463278194291504, -0.2437714122177083, 0.9463278194291504],
        [0.089644930081999, 1.317912904973615, 0.089644930081999],
    ],
    "saddle": [[-0.0683098861837908] * 2, [1.0683098861837907] * 2],
    "saddle-3": [
        [-0.25753138431748, 0.92547273491958, 0.92547273491958],
        [1.25797762273309, 0.14110295078910, 0.14110295078910],
        [0.06967130294776, -0.04393828816374, -0.04393828816374],
    ],
    "not-critical": [[1.0, 0.0], [-2.0, 0.0]],
}
POINTS |= {  # far enough from the critical point that the prover's bounds are not its rounding errors
    f"rough {name}": [[x + 1e-9 * (-1) ** j for j, x in enumerate(row)] for row in POINTS[name]]
    for name in ("spurious", "local", "saddle")
}


@cache
def prove(name: str, *options: str) -> dict:
    """The prover's certificate for one of the points above, orthonormal targets."""
    return prove_points([POINTS[name]], None, *options)[0]


def prove_points(points: list, targets: list | None = None, *options: str) -> list[dict]:
    with TemporaryDirectory() as folder:
        source = Path(folder) / "points.json"
        source.write_text(json.dumps({"points": points, "targets": targets or "orthonormal"}))
        arguments = ["verify", str(source), "-o", f"{folder}/out", "--json", *options]
        with redirect_stdout(StringIO()):
            app(arguments, standalone_mode=False)
        return [json.loads(path.read_bytes()) for path in sorted(Path(folder, "out").glob("*.json"))]


def audit(document: dict, trust: Trust = NOBODY, require: bool = False, name: str = "some.json") -> Report:
    return check_bytes(json.dumps(document).encode(), name, trust, require)


def check_bytes(data: bytes, name: str = "a.json", trust: Trust = NOBODY, require: bool = False) -> Report:
    return check(data, name, trust, NOW, require)


def changed(document: dict, path: str, value: object) -> dict:
    """A copy with the member of the claim at this dotted path replaced, or removed if value is None."""
    copy = deepcopy(document)
    *parents, last = (int(part) if part.isdigit() else part for part in path.split("."))
    place = copy["statement"]["claim"]
    for part in parents:
        place = place[part]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return copy


def member(document: dict, path: str):
    place = document["statement"]["claim"]
    for part in path.split("."):
        place = place[int(part) if part.isdigit() else part]
    return place


def exact(number: dict) -> Fraction:
    return Fraction(int(number["exact"][0])) * Fraction(2) ** number["exact"][1]


def number(value: Fraction, upper: bool) -> dict:
    """A number of the format near `value`, with a decimal on the weak side."""
    shift = 30 - (abs(value).numerator.bit_length() - value.denominator.bit_length()) if value else 0
    m, e = int(value * Fraction(2) ** shift), -shift
    while m and m % 2 == 0:
        m, e = m // 2, e + 1
    pair, power = {"exact": [str(m), e if m else 0]}, 0
    rounded = Fraction(m) * Fraction(2) ** e
    while rounded and abs(rounded) * Fraction(10) ** power < 10**5:
        power += 1
    while abs(rounded) * Fraction(10) ** power >= 10**6 - 1:
        power -= 1
    scaled = rounded * Fraction(10) ** power
    digits = -int(-scaled // 1) if upper else int(scaled // 1)
    return pair | {"decimal": f"{digits}e{-power}"}


def name_of(document: dict) -> str:
    return hashlib.sha256(rfc8785.dumps(document["statement"])).hexdigest() + ".json"
