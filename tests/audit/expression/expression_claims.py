"""Claims about losses written as graphs, from the prover or made by hand."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tools"))

from makers.edits import changed
from makers.expression import LOWER, interval, proved, proved_at, scaled
from makers.expression_losses import SUBJECTS, Graph, Loss

__all__ = ["LOWER", "SUBJECTS", "Graph", "Loss", "changed", "interval", "proved", "proved_at", "scaled"]


def opened(loss, m=1, verdict="not-critical", bounds=None, **members):
    """A file with that loss, without evidence; by default one that says little."""
    least = {"exact": ["1", -60], "decimal": "8.67361e-19"}
    claim = {"schema": "relucert-certificate/1.1", "family": "smooth-expression", "method": "hessian-box"}
    claim |= {"problem": {"loss": loss}, "point": [["3", -2]] * m, "verdict": verdict, **members}
    claim["bounds"] = bounds or {"gradient_min": least, "exclusion": least}
    kind = "application/vnd.relucert.certificate.v1+json"
    return {
        "payloadType": kind,
        "statement": {"claim": claim, "evidence": [], "provenance": {}},
        "signatures": [],
    }


def graph(nodes, m=1, **members):
    loss = {"schema": "relucert-loss/1", "parameters": m, "nodes": nodes, "output": len(nodes) - 1}
    return loss | members
