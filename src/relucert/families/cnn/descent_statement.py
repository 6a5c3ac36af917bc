"""Statements about where gradient descent goes: docs/spec/cnn-descent-v1.md is the authority for them."""

from __future__ import annotations

from collections.abc import Mapping

from relucert.base.errors import InputError
from relucert.certificate.form import SCHEMA
from relucert.certificate.inequalities import evidence
from relucert.certificate.numbers import Json, at_least, at_most, dyadics, enclosure
from relucert.families.cnn.descent import CnnRun
from relucert.families.cnn.methods import ONE_HIDDEN_LAYER_CNN
from relucert.families.cnn.statement import problem
from relucert.kernel.cnn.descent import Rate


def run_statement(run: CnnRun, provenance: Mapping[str, object]) -> Json:
    """Where gradient descent from the start converges to. Raises InputError for a run that is not decided."""
    if run.entry is None:
        raise InputError("an inconclusive outcome claims nothing and has no certificate")
    start, at = run.start, run.entry.sample
    rows = {"axis": start.axis, "v": start.v, "a": start.a}
    scalars = {"r": at.view.r, "phi": at.view.phi, "psi": at.view.psi, "q": at.state.q, "s": at.state.s}
    return {
        "claim": {
            "schema": SCHEMA,
            "family": ONE_HIDDEN_LAYER_CNN,
            "method": run.method,
            "problem": problem(start.problem),
            "point": {name: dyadics(row) for name, row in rows.items()},
            "eta": str(run.eta),
            "step": at.step,
            "verdict": run.verdict,
            "bounds": {name: enclosure(value) for name, value in scalars.items()} | _rate(run.entry.rate),
        },
        "evidence": evidence([run.entry.argument]),
        "provenance": {**provenance, "precision": run.precision},
    }


def _rate(rate: Rate) -> Json:
    found: Json = {"alpha": at_least(rate.alpha)}
    if rate.decay is not None:
        found["decay"] = at_least(rate.decay)
    if rate.flattest is not None and rate.steepest is not None:
        found |= {"flattest": at_least(rate.flattest), "steepest": at_most(rate.steepest)}
    return found
