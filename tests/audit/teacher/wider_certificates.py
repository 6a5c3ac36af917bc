"""Certificates about wider networks, made by the prover's commands at test time."""

import json
from contextlib import redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from certificates import prove

from relucert.cli import app

CORPUS = Path(__file__).resolve().parents[2] / "corpus" / "accept"
COMMANDS = {
    "split": ["split", "--opposite"],
    "same": ["split"],
    "zero": ["split", "--zero"],
    "trained": ["transfer"],
}


def source(name: str) -> bytes:
    """A certificate of the corpus, or of a point of `certificates`."""
    path = CORPUS / f"{name}.json"
    return path.read_bytes() if path.exists() else json.dumps(prove(name)).encode()


@cache
def wider(kind: str, name: str, *options: str) -> dict:
    with TemporaryDirectory() as folder:
        Path(folder, "base.json").write_bytes(source(name))
        command, *words = COMMANDS[kind]
        arguments = [command, f"{folder}/base.json", *words, *options, "-o", f"{folder}/out", "--jobs", "1"]
        with redirect_stdout(StringIO()):
            app(arguments, standalone_mode=False)
        (path,) = Path(folder, "out").glob("*.json")
        return {**json.loads(path.read_bytes()), "signatures": []}
