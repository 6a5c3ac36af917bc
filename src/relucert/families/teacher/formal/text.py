"""The two Coq files of a certificate: its numbers, and the theorem. Written, and read back without believing them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from relucert.base.dyadic import DOWN, UP, Dyadic, decimal
from relucert.base.errors import InputError
from relucert.base.exact import Rows
from relucert.families.teacher.formal.claim import Claim
from relucert.families.teacher.formal.proof import Down, Further, Integers, Power, Proof

NUMBERS, THEOREM = "Numbers.v", "Theorem.v"
PLACE = "certificate"  # their folder, beside theory/
CLEAN, FAST = "Clean", "Fast"  # modules of the theory
LINE = 110

NUMBERS_TEXT = """\
(** The numbers of certificate
    {digest}.
    The claim is that certificate's, digit by digit; how it is proved is a guess, which the check decides. *)
From Coq Require Import ZArith List.
From Relucert Require Import Data.
Import ListNotations.
Open Scope Z_scope.

Definition point : table := Table {point}
  {point_over}.

Definition centre : table := Table {centre}
  {centre_over}.

Definition factor : list (list Z) := {factor}.

{further}Definition numbers : certificate := {{|
  neurons := {n}; targets := {k}; dimension := {d};
  target_rows := {targets};
  given := point;
  radius := {radius};
  low := {low};
  high := {high};
  precision := {precision}%positive;
  coarse := {coarse}%positive;
  Data.centre := centre;
  box := {box};
  Data.factor := factor; factor_over := {factor_over};
  shift := {shift};
  spread := {spread};
  flat := {flat};
  steep := {steep};
  beyond := {beyond} |}}.
"""

FURTHER_TEXT = """\
Definition further_factor : list (list Z) := {factor}.

Definition every : further := {{|
  f_factor := further_factor; f_over := {over};
  f_shift := {shift};
  f_spread := {spread} |}}.

"""

DOWN_TEXT = """
Definition inverse : list (list Z) := {inverse}.

Definition downhill : list Z :=
{direction}.

Definition proof : saddle := {{|
  base := numbers;
  Data.inverse := inverse; inverse_over := {over};
  Data.downhill := downhill |}}.
"""

THEOREM_TEXT = """\
(** Certificate {digest}:
    the loss of {n} ReLU neurons against {targets_words} in {space} has a
    {words}, nearer than {radius_words} to the point in Frobenius norm, with
    loss between {low_words} and {high_words}. The loss is the closed form of Statement.v. *)
From Coq Require Import Reals.
From Relucert Require Import Statement Data {module}.
From Certificate Require Import Numbers.

Lemma checked : {check} {numbers} = true.
Proof. vm_cast_no_check (eq_refl true). Qed.

Open Scope R_scope.

Theorem {name} : {every}exists w : matrix,
  distance {n} {d} w {point}
    < {radius}
{says}.
Proof. exact ({check}_sound {numbers} checked). Qed.

Print Assumptions {name}.
"""

BOUNDS = """\
  /\\ {low}
    <= {loss} w
    <= {high}"""

MINIMUM = (
    "strict local minimum that is not global",
    "spurious_minimum",
    """\
  /\\ strict_local_min {n} {d} ({loss}) w
"""
    + BOUNDS
    + """
  /\\ 0 < {loss} w
  /\\ exists v : matrix, {loss} v = 0""",
)

SADDLE = (
    "critical point where it falls along a line, no local minimum",
    "strict_saddle",
    """\
  /\\ critical {n} {d} ({loss}) w
  /\\ falls ({loss}) w
  /\\ no_local_min {n} {d} ({loss}) w
"""
    + BOUNDS,
)


def numbers_text(claim: Claim, proof: Proof) -> str:
    """Numbers.v: the claim exactly, and the proof."""
    return _base_text(claim, proof) + _down_text(proof.down)


def _base_text(claim: Claim, proof: Proof) -> str:
    point, point_bits = common(claim.point)
    targets = "None"
    if claim.targets is not None:
        rows, bits = common(claim.targets)
        targets = f"Some (Table {_table(rows)}\n  {2**bits})"
    return NUMBERS_TEXT.format(
        digest=claim.digest,
        point=_table(point),
        point_over=2**point_bits,
        centre=_table(proof.centre),
        centre_over=2**proof.centre_bits,
        factor=_table(proof.factor),
        further=_further_text(proof.further),
        beyond="None" if proof.further is None else "Some every",
        n=claim.n,
        k=claim.k,
        d=claim.d,
        targets=targets,
        radius=_fraction(claim.radius),
        low=_fraction(claim.low),
        high=_fraction(claim.high),
        precision=proof.precision,
        coarse=proof.coarse,
        factor_over=2**proof.factor_bits,
        **{x: _fraction((p[0], -p[1])) for x, p in _powers(proof).items()},
    )


def theorem_text(claim: Claim, fast: bool) -> str:
    """Theorem.v: what is proved, for people and for Coq."""
    orthonormal = f"the orthonormal targets e_1 .. e_{claim.k}"
    words, name, says = SADDLE if claim.saddle else MINIMUM
    d = "d" if claim.every else claim.d
    target_name = "eye" if claim.targets is None else "(target_matrix numbers)"
    said = {"n": claim.n, "d": d, "low": _real(claim.low), "high": _real(claim.high)}
    return THEOREM_TEXT.format(
        **said,
        digest=claim.digest,
        words=words,
        name=name,
        says=says.format(**said, loss=f"loss {claim.n} {claim.k} {d} {target_name}"),
        numbers="proof" if claim.saddle else "numbers",
        space=f"every R^d, d >= {claim.k}," if claim.every else f"R^{claim.d}",
        every=f"forall d, ({claim.k} <= d)%nat -> " if claim.every else "",
        point=f"(padded {claim.k} (matrix_of point))" if claim.every else "(matrix_of point)",
        check=f"check{'_every' * claim.every}{'_saddle' * claim.saddle}",
        targets_words=orthonormal if claim.targets is None else f"the {claim.k} targets of Numbers.v",
        radius=_real(claim.radius),
        radius_words=decimal(claim.radius, UP),
        low_words=decimal(claim.low, DOWN),
        high_words=decimal(claim.high, UP),
        module=FAST if fast else CLEAN,
    )


def read_proof(text: str, claim: Claim, where: str) -> Proof:
    """The proof in a Numbers.v that says exactly what `claim` says. Raises InputError for any other text.

    The file is read for its numbers, written again, and must be the same: nothing else can be in it.
    """
    try:
        centre, centre_bits = _read_table(text, "centre"), _bits(_after(text, "centre"))
        proof = Proof(
            precision=int(_field(text, "precision", r"(\d+)%positive")[0]),
            coarse=int(_field(text, "coarse", r"(\d+)%positive")[0]),
            centre_bits=centre_bits,
            centre=centre,
            factor_bits=_bits(_field(text, "factor_over", r"(\d+)")[0]),
            factor=_read_table(text, "factor"),
            further=_read_further(text) if claim.every and not claim.saddle else None,
            down=_read_down(text) if claim.saddle else None,
            **{name: _read_power(text, name) for name in ("box", "flat", "shift", "spread", "steep")},
        )
    except (ValueError, IndexError) as error:
        raise InputError(f"{where}: not the numbers of an exported certificate ({error})") from error
    expected = numbers_text(claim, proof).splitlines()
    found = text.splitlines()
    if found != expected or not text.endswith("\n"):
        differ = [i for i, (a, b) in enumerate(zip(found, expected, strict=False), 1) if a != b]
        line = differ[0] if differ else min(len(found), len(expected)) + 1
        raise InputError(
            f"{where}: line {line} is not what certificate {claim.digest[:16]}.. says; export it again"
        )
    return proof


def common(rows: Rows) -> tuple[Integers, int]:
    """The same rows as integers over 2^bits, bits >= 0 as small as possible."""
    bits = max((-e for row in rows for m, e in row if m), default=0)
    bits = max(bits, 0)
    return tuple(tuple(m << (e + bits) if m else 0 for m, e in row) for row in rows), bits


def _powers(proof: Proof) -> dict[str, Power]:
    return {name: getattr(proof, name) for name in ("box", "shift", "spread", "flat", "steep")}


def _table(rows: Sequence[Sequence[int]]) -> str:
    """Rows of Coq integers, in lines of a sensible length."""
    return "[\n" + ";\n".join(_row(map(str, row)) for row in rows) + "]"


def _row(words: Iterable[str]) -> str:
    lines, line = [], "  ["
    for i, word in enumerate(words):
        piece = word if i == 0 else f"; {word}"
        if len(line) + len(piece) > LINE:
            lines.append(line + ";")
            line = "   " + word
        else:
            line += piece
    return "\n".join([*lines, line + "]"])


def _over(value: Dyadic) -> tuple[int, int]:
    """Numerator and denominator."""
    mantissa, exponent = value
    return (mantissa << exponent, 1) if exponent >= 0 else (mantissa, 1 << -exponent)


def _fraction(value: Dyadic) -> str:
    top, bottom = _over(value)
    return f"Fraction {top} {bottom}" if top >= 0 else f"Fraction ({top}) {bottom}"


def _real(value: Dyadic) -> str:
    """As Coq's `number` of the fraction unfolds."""
    return "{} / {}".format(*_over(value))


def _further_text(further: Further | None) -> str:
    if further is None:
        return ""
    return FURTHER_TEXT.format(
        factor=_table(further.factor),
        over=2**further.factor_bits,
        shift=_fraction((further.shift[0], -further.shift[1])),
        spread=_fraction((further.spread[0], -further.spread[1])),
    )


def _read_further(text: str) -> Further:
    return Further(
        factor_bits=_bits(_field(text, "f_over", r"(\d+)")[0]),
        factor=_read_table(text, "further_factor"),
        shift=_read_power(text, "f_shift"),
        spread=_read_power(text, "f_spread"),
    )


def _down_text(down: Down | None) -> str:
    if down is None:
        return ""
    return DOWN_TEXT.format(
        inverse=_table(down.inverse), direction=_row(map(str, down.direction)), over=2**down.inverse_bits
    )


def _read_down(text: str) -> Down:
    direction = text.split("Definition downhill :", 1)[1].split("[", 1)[1].split("]", 1)[0]
    return Down(
        inverse_bits=_bits(_field(text, "inverse_over", r"(\d+)")[0]),
        inverse=_read_table(text, "inverse"),
        direction=tuple(int(x) for x in direction.split(";")),
    )


def _read_table(text: str, name: str) -> Integers:
    """The rows of integers of a definition."""
    body = text.split(f"Definition {name} :", 1)[1].split("[", 1)[1].split("]]", 1)[0]
    return tuple(tuple(int(x) for x in row.strip(" [\n;]").split(";")) for row in body.split("]"))


def _after(text: str, name: str) -> str:
    """What follows the rows of a table: its denominator."""
    return text.split(f"Definition {name} :", 1)[1].split("]]", 1)[1].split(".", 1)[0].strip()


def _field(text: str, name: str, pattern: str) -> tuple[str, ...]:
    found = re.search(rf"^.*\b{name} := {pattern}", text, re.MULTILINE)
    if found is None:
        raise ValueError(f"no field {name}")
    return found.groups()


def _read_power(text: str, name: str) -> Power:
    top, bottom = _field(text, name, r"Fraction (\d+|\(-\d+\)) (\d+)")
    return int(top.strip("()")), _bits(bottom)


def _bits(text: str) -> int:
    """b of a text that says 2^b."""
    value = int(text)
    if value < 1 or value & (value - 1):
        raise ValueError(f"{value} is not a power of 2")
    return value.bit_length() - 1
