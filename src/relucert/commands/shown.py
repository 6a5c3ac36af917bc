"""One certificate in words: what `relucert show` prints, and what its page holds."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from relucert import certificate
from relucert.certificate.checked import readable
from relucert.commands import words
from relucert.commands.words import Claim, Row
from relucert_audit.trust import Trust, states


class Shown(NamedTuple):
    """A certificate in words. signatures: the signer, the state and the key id of each. well_formed: whether the
    auditor reads it; what is too large to check is not too large to show, but its claim may have any form."""

    path: Path
    digest: str
    identity: str
    claim: Claim
    inequalities: list[Row]
    legend: str
    signatures: list[tuple[str, str, str]]
    statement: dict[str, Any]
    well_formed: bool

    @property
    def warnings(self) -> list[str]:
        """What is wrong with it even before it is checked."""
        found = [f"a signature is invalid: {who}" for who, state, _ in self.signatures if state == "invalid"]
        if self.path.stem != self.digest:
            found.append(f"its name is not the digest of its statement, {self.digest}")
        return found


def read(path: Path, mine: Trust) -> Shown:
    """Raises InputError for what is not a certificate."""
    data, name = path.read_bytes(), str(path)
    well_formed = readable(data, name)
    whole = certificate.parse(data, name)
    statement, entries = whole["statement"], whole["signatures"]
    rows = words.inequalities(statement, name)
    signed = states(certificate.canonical(statement), entries, mine, datetime.now(UTC))
    return Shown(
        path, certificate.digest(statement), certificate.claim_digest(statement["claim"]),
        words.claim(statement, name), rows, words.legend(statement, rows),
        [(*found, entry["keyid"]) for found, entry in zip(signed, entries, strict=True)],
        statement, well_formed,
    )  # fmt: skip
