"""Small problems, and what the prover says of them."""

from __future__ import annotations

import json
from contextlib import redirect_stdout
from copy import deepcopy
from functools import cache
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from corpus_keys import TEST_KEY
from judge.documents import Json
from relucert.cli import app

FILES: dict[str, Any] = {
    "plain": [[2, 1, 0], [1, 2, 0]],
    "twice": [[2, 0, 0], [0, 2, 0], [0, 0, 1]],
    "golden": [[1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0], [0, 0, 0, 1]],
    "halves": [[0.5, 0.25], [0.25, 0.5]],
    "flat": [[1, 1], [2, 2], [0, 0]],
    "zero": [[0, 0], [0, 0]],
    "factors": {"p": [[1], [2], [0]], "q": [[1], [1]]},
    "start": {"u": [[0.5], [1], [0.25]], "v": [[0.75], [0.5]]},
    "two": {"p": [[1, 0], [0, 1], [1, 1]], "q": [[1, 0], [0.5, 1]]},
    "samples": {"x": [[1, 0], [0, 1]], "y": [[1], [2]]},
    "at-zero": {"x": [[1, 0], [0, 1], [0, 0]], "y": [[1], [2], [0.5]]},
    "net": {"weights": [[[1, -1], [0.5, 0.25], [-1, -2]], [[1, 0.5, 2]]]},
    "kinked": {"weights": [[[1, 0], [0.5, 0.25]], [[1, 0.5]]]},
}
NEAR = "--alpha 1/10 --beta 1/10 --a2 1/10 --b2 1/20"
COMMANDS = {  # the words of a command; which of the certificates that it writes
    "plain": ("landscape plain.json --rank 1", "no-spurious-minimum"),
    "twice": ("landscape twice.json --rank 1 --imbalance 1/2", "no-spurious-minimum"),
    "golden": ("landscape golden.json --rank 3 --imbalance 1/3", "no-spurious-minimum"),
    "halves": ("landscape halves.json --rank 2", "no-spurious-minimum"),
    "flat": ("landscape flat.json --rank 2", "no-spurious-minimum"),
    "zero": ("landscape zero.json --rank 1", "no-spurious-minimum"),
    "balanced": (
        "certify factors.json --factors --rank 1 --seed 1 --balance-only --step 1/1000",
        "balanced-for-ever",
    ),
    "balanced-given": (
        "certify plain.json --rank 2 --seed 4 --balance-only --step 1/200",
        "balanced-for-ever",
    ),
    "converges": ("certify factors.json --factors --rank 1 --seed 1", "converges-to-global-minimum"),
    "converges-given": (
        "certify factors.json --factors --rank 1 --start start.json",
        "converges-to-global-minimum",
    ),
    "converges-2": ("certify two.json --factors --rank 2 --seed 2", "converges-to-global-minimum"),
    "one": (f"rank-one {NEAR}", "converges-to-global-minimum"),
    "one-fast": (f"rank-one --s 9/7 --step 1/3 {NEAR}", "converges-to-global-minimum"),
    "diverges": ("rank-one --alpha 1/10 --beta 1/10 --a2 5 --b2 5 --step 1", "diverges"),
    "random": ("rank-one --variance 1/1000 --d1 1000000000 --d2 900000", "diverges-with-probability"),
    "schedule": ("schedule", "not-accurate"),
    "schedule-2": ("schedule --s 2 --frobenius 5/2 --rank 3 --accuracy 1/7 --start-norm 1/3", "not-accurate"),
    "relu": ("balance net.json samples.json --steps 3 --step 1/50", "balance-drift"),
    "kink": ("balance kinked.json at-zero.json --steps 3 --step 1/50 --kink 1/3", "balance-drift"),
    "linear": (
        "balance 2,3,3,1 samples.json --seed 1 --activation linear --steps 4 --step 1/10",
        "balance-drift",
    ),
}


@cache
def _proved(name: str) -> str:
    words, verdict = COMMANDS[name]
    with TemporaryDirectory() as folder:
        for file, content in FILES.items():
            Path(folder, f"{file}.json").write_text(json.dumps(content))
        key, out = Path(folder, "key.pem"), Path(folder, "out")
        key.write_bytes(TEST_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        arguments = [str(Path(folder, x)) if x.endswith(".json") else x for x in words.split()]
        with redirect_stdout(StringIO()):
            app(["factorisation", *arguments, "--output", str(out), "--key", str(key)], standalone_mode=False)
        texts = [path.read_text() for path in sorted(out.glob("*.json"))]
    [found] = [text for text in texts if json.loads(text)["statement"]["claim"]["verdict"] == verdict]
    return found


def proved(name: str) -> Json:
    """A certificate of the prover's; each call gives its own copy."""
    return deepcopy(json.loads(_proved(name)))
