"""How the claims of one method of a family are read and proved."""

from collections.abc import Callable
from typing import Any, NamedTuple

from relucert_audit.format import Opened
from relucert_audit.steps import Finding, Findings


class Method(NamedTuple):
    """What `read` returns has at least the members verdict and bounds, all numbers of the claim by name."""

    read: Callable[[Opened], Any]  # step 0 of the claim; raises Refusal
    admit: Callable[[Any], Findings]  # step 1
    prove: Callable[[Any, int], list[Finding]]  # steps 3 to 8, at a precision in bits
    since: int = 0  # minor version of the format
