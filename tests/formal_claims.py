"""Claims of which there is a formal theorem, and whether there is a Coq to check it."""

import functools

from pages import ROOT
from relucert.certificate import parse
from relucert.families.teacher.formal import coq
from relucert.families.teacher.formal.claim import claim

FORMAL = ROOT / "formal"


def stored(verdict, folder="6-6"):
    """The certificate of this verdict at (6, 6): its path, and its statement."""
    for path in sorted((ROOT / "certificates" / folder).glob("*.json")):
        statement = parse(path.read_bytes(), path.name)["statement"]
        if statement["claim"]["verdict"] == verdict:
            return path, statement
    raise AssertionError(verdict)


@functools.cache
def spurious_claim():
    path, statement = stored("spurious-minimum")
    return claim(statement, path.name)


def saddle_claim(name):
    """Of a certificate of the corpus."""
    path = ROOT / "tests/corpus/accept" / f"{name}.json"
    return claim(parse(path.read_bytes(), path.name)["statement"], path.name)


def why_no_coq(folder):
    """Why nothing can be checked here, or None."""
    try:
        coq.find()
        coq.libraries(folder)
    except coq.Missing as error:
        return str(error)
    return None


def fake(folder, monkeypatch, script):
    """A coqc that does this."""
    program = folder / "coqc"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
