"""`relucert.load` and `relucert.audit`: certificates on disk, for programs. Nothing that is read is believed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from os import PathLike
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from relucert.base import store
from relucert.base.errors import InputError
from relucert.base.visible import escaped, visible
from relucert.certificate import form, trust
from relucert.certificate.checked import readable

if TYPE_CHECKING:
    from relucert.families.pictures import Pictures

Place = str | PathLike[str]
ACCEPTED = "accepted"
UNCHECKED = "(as claimed; not checked)"  # a file says what it likes until `audit` has proved it


class Frozen(Mapping[str, Any]):
    """A JSON object that does not change: lists in it are tuples, and objects are Frozen."""

    def __init__(self, members: Mapping[str, Any]) -> None:
        self._members = {name: _frozen(x) for name, x in members.items()}

    def __getitem__(self, name: str) -> Any:
        return self._members[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def __hash__(self) -> int:
        return hash(frozenset(self._members.items()))

    def __repr__(self) -> str:
        return repr(self._members)


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return Frozen(value)
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


class Signature(NamedTuple):
    """state: valid (by a key that you trust), invalid, unknown key, or untrusted: and why."""

    signer: str
    state: str
    keyid: str


@dataclass(frozen=True, repr=False)
class Report:
    """What the independent checker says of one file.

    status: accepted, rejected, malformed, not confirmed, limit exceeded or error; step: the first step of
    docs/spec/certificate-v1.md that fails, and `reason` why; None where all hold.
    """

    path: Path
    status: str
    verdict: str | None
    step: int | None
    reason: str | None
    signers: str | None
    signature: str | None
    claim_digest: str | None
    seconds: float

    @property
    def accepted(self) -> bool:
        """Whether every claim of the certificate was proved again."""
        return self.status == ACCEPTED

    def __repr__(self) -> str:
        return f"<{visible(str(self))}>"

    def __str__(self) -> str:
        why = "" if self.step is None else f" (step {self.step}: {self.reason})"
        return visible(f"{self.path}: {self.status}, {self.verdict or 'no verdict'}{why}")


@dataclass(frozen=True, repr=False)
class Audit(Sequence[Report]):
    """The reports of all files of a folder, and then of its index or its study. Not accepted unless all are."""

    reports: tuple[Report, ...]

    @property
    def accepted(self) -> bool:
        """Whether there are reports, and all are accepted."""
        return bool(self.reports) and all(x.accepted for x in self.reports)

    @overload
    def __getitem__(self, at: int) -> Report: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Report, ...]: ...
    def __getitem__(self, at: int | slice) -> Report | tuple[Report, ...]:
        return self.reports[at]

    def __len__(self) -> int:
        return len(self.reports)

    def __repr__(self) -> str:
        counts = Counter(x.status for x in self.reports)
        return f"<audit: {', '.join(f'{count} {status}' for status, count in counts.most_common())}>"

    def __str__(self) -> str:
        return "\n".join(map(str, self.reports))

    def _repr_html_(self) -> str:
        head = ("file", "result", "verdict", "reason")
        lines = ((str(x.path), x.status, x.verdict or "", x.reason or "") for x in self.reports)
        rows = "".join(f"<tr>{''.join(f'<td>{escaped(x)}</td>' for x in line)}</tr>" for line in lines)
        return f"<table><tr>{''.join(f'<th>{x}</th>' for x in head)}</tr>{rows}</table>"


@dataclass(frozen=True, repr=False)
class Certificate:
    """A certificate as it was read from `path`: `data` are its bytes. What it says is not proved by reading it: `audit`
    proves it again."""

    path: Path
    data: bytes

    @cached_property
    def _whole(self) -> dict[str, Any]:
        return form.parse(self.data, str(self.path))

    @cached_property
    def claim(self) -> Frozen:
        """What is claimed, as docs/spec/certificate-v1.md says."""
        return Frozen(self._whole["statement"]["claim"])

    @cached_property
    def provenance(self) -> Frozen:
        """How it came about, which no check binds to the claim."""
        return Frozen(self._whole["statement"]["provenance"])

    @property
    def family(self) -> str:
        return str(self.claim["family"])

    @property
    def verdict(self) -> str:
        return str(self.claim["verdict"])

    @property
    def digest(self) -> str:
        """Of the statement, in hexadecimal: the name of the certificate."""
        return form.digest(self._whole["statement"])

    @property
    def claim_digest(self) -> str:
        """The identity of the claim, without its bounds and where it came from."""
        return form.claim_digest(self._whole["statement"]["claim"])

    @cached_property
    def _words(self) -> Any:
        from relucert.commands import words

        return words.claim(self._whole["statement"], str(self.path))

    @property
    def sentence(self) -> str:
        """The claim in words, as the file has it: not checked."""
        return str(self._words.sentence)

    @property
    def facts(self) -> Mapping[str, str]:
        """The claimed bounds in words."""
        return Frozen(dict(self._words.facts))

    @property
    def signatures(self) -> tuple[Signature, ...]:
        """Who signed, by your trusted keys, now."""
        from relucert_audit.trust import states

        body, entries = form.canonical(self._whole["statement"]), self._whole["signatures"]
        found = states(body, entries, trust.known(), datetime.now(UTC))
        return tuple(Signature(*x, entry["keyid"]) for x, entry in zip(found, entries, strict=True))

    @property
    def signers(self) -> tuple[str, ...]:
        """Those whose signatures are valid, by keys that you trust."""
        return tuple(x.signer for x in self.signatures if x.state == "valid")

    def plot(self) -> Pictures:
        """Pictures of what is claimed, which a notebook shows, and whose `save` writes a page. They prove nothing.

        Raises InputError for a file that is too large to check: its claim may have any form.
        """
        from relucert.families.pictures import pictures  # numpy

        if not readable(self.data, str(self.path)):
            raise InputError(f"{self.path}: is larger than what the auditor reads, and is not drawn")
        return pictures(self._whole["statement"], str(self), str(self.path))

    def audit(self, *, require_signature: bool = False) -> Report:
        """Proves it again with the independent checker, in this process.

        require_signature: reject what no key signed that you trust.
        """
        from relucert_audit.check import check
        from relucert_audit.command import as_row

        started = perf_counter()
        report = check(self.data, self.path.name, trust.known(), datetime.now(UTC), require_signature)
        return _report(as_row(self.path, report, perf_counter() - started))

    def __reduce__(self) -> tuple[type[Certificate], tuple[Path, bytes]]:
        return Certificate, (self.path, self.data)

    def __str__(self) -> str:
        return visible(f"{self.sentence} {UNCHECKED}")

    def __repr__(self) -> str:
        return f"<unchecked certificate {self.digest[:12]}: {visible(self.verdict)}, {visible(self.family)}>"

    def _repr_html_(self) -> str:
        rows = {**self.facts, "certificate": self.digest, "checked": "not by showing it: certificate.audit()"}
        cells = "".join(
            f"<tr><th style='text-align:left'>{escaped(name)}</th>"
            f"<td style='text-align:left'>{escaped(value)}</td></tr>"
            for name, value in rows.items()
        )
        return f"<table><caption style='text-align:left'>{escaped(self.sentence)}</caption>{cells}</table>"


def load(path: Place) -> Certificate:
    """The certificate of a file. It is not checked: `audit` does that. Raises InputError for what is no certificate."""
    place = Path(path)
    if place.is_dir():
        raise InputError(f"{place}: is a folder; relucert.load_all reads all its certificates")
    if not place.exists():
        raise InputError(f"{place}: no such file")
    certificate = Certificate(place, place.read_bytes())
    readable(certificate.data, str(place))
    form.parse(certificate.data, str(place))
    return certificate


def load_all(*paths: Place) -> list[Certificate]:
    """The certificates of files, and of folders and all below them. Raises InputError."""
    return [load(path) for path in store.certificate_files(map(Path, paths))]


def audit(*paths: Place, jobs: int = 1, require_signature: bool = False) -> Audit:
    """What `relucert audit` says of these files, folders and studies, by your trusted keys.

    jobs: processes; a script needs `if __name__ == "__main__":` where there are several. Raises InputError where there
    are no certificates.
    """
    from relucert_audit import command

    if any(isinstance(x, Certificate) for x in paths):
        raise InputError("audit takes files and folders; certificate.audit() proves one again")
    places = command.once(list(map(Path, paths)))
    if not any(command.below(path) for path in places):
        raise InputError(f"{', '.join(map(str, paths))}: no certificates (*.json)")
    keys, now = trust.known(), datetime.now(UTC)
    run = partial(command.audit, trust=keys, now=now, require_signature=require_signature)
    return Audit(tuple(map(_report, command.audit_all(places, jobs, run, keys, now))))


def _report(row: Mapping[str, Any]) -> Report:
    return Report(
        Path(row["file"]), row["result"], row["verdict"], row["step"], row["reason"], row["signer"],
        row["signature"], row["claim_digest"], row["seconds"],
    )  # fmt: skip
