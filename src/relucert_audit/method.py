"""How the claims of one method of a family are read and proved."""

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, NamedTuple

from relucert_audit.finding import Finding, Findings
from relucert_audit.format import Opened

Evidence = Mapping[str, frozenset[tuple[str, str, str]]]  # by theorem: step, relation and text
Later = Callable[..., Any]
PRECISIONS = (160, 640)
OWN = PRECISIONS[:1]  # of proofs that have a precision of their own, whatever the one they are given


class Method(NamedTuple):
    """What `read` returns has at least the members verdict and bounds, all numbers of the claim by name."""

    read: Callable[[Opened], Any]  # step 0 of the claim; raises Refusal
    admit: Callable[[Any], Findings]  # step 1
    prove: Callable[[Any, int], list[Finding]]  # steps 3 to 8, at a precision in bits
    since: int = 0  # minor version of the format
    evidence: Evidence = MappingProxyType({})  # what the evidence of these claims may say: step 9
    precisions: tuple[int, ...] = (
        PRECISIONS  # tried one after the other, until all is proved or something refuted
    )
    expected: Callable[[Any], float] = lambda _: (
        0.0
    )  # about how many seconds a proof takes, where that is long


def later(room: str, read: str, admit: str, prove: str) -> tuple[Later, Later, Later]:
    """The three of a method, functions of modules of the room, such as "claim.read", imported when they are first
    called: to read a claim takes none of the arithmetic of its proof, and nothing of the room's other claims."""
    return called(room, read), called(room, admit), called(room, prove)


def called(room: str, name: str) -> Later:
    """One such function."""
    module, function = name.split(".")

    def call(*arguments: Any) -> Any:
        return getattr(import_module(f"{room}.{module}"), function)(*arguments)

    return call


def evidence(lines: str) -> Evidence:
    """From lines `theorem | step | relation | text`."""
    found: dict[str, set[tuple[str, str, str]]] = {}
    for line in lines.strip().splitlines():
        theorem, step, relation, text = line.split(" | ")
        found.setdefault(theorem, set()).add((step, relation, text))
    return {theorem: frozenset(said) for theorem, said in found.items()}
