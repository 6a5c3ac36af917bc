"""The files of which the pages of docs/ speak: what a reader of each has in the folder."""

import csv
import json
import re
import shutil

import numpy as np
from scipy.io import savemat

import pages
from pages import ROOT
from relucert.base.dyadic import to_float
from relucert.certificate import signing
from relucert.families.teacher.points import write_npz

CERTIFICATES = ROOT / "certificates"


def entries(rows):
    return np.array([[to_float((int(m), e)) for m, e in row] for row in rows])


def stored_minimum():
    """The spurious minimum at k = n = 6 of the stored study, a neuron a row."""
    statements = [json.loads(x.read_text())["statement"] for x in (CERTIFICATES / "6-6").glob("*.json")]
    (claim,) = [x["claim"] for x in statements if x["claim"]["verdict"] == "spurious-minimum"]
    return entries(claim["point"])


def scope(folder):
    """The file that docs/start.md makes."""
    (made,) = (x for x in pages.blocks("docs/start.md") if x.kind == pages.SNIPPET)
    pages.run(made, made.text, folder)


def first_symmetric(count):
    with (CERTIFICATES / "k-1,1/index.csv").open(newline="") as file:
        return [row["digest"] for _, row in zip(range(count), csv.DictReader(file), strict=False)]


def batch(folder):
    signing.new_key(folder / "key.pem")


def cnn(folder):
    """The start is the file that the page itself shows."""
    shown = re.search(r"`(\{\"a_star\".*\})`", (ROOT / "docs/families/cnn.md").read_text())[1]
    (folder / "start.json").write_text(shown)
    points = {"family": "one-hidden-layer-cnn", **json.loads(shown)}
    (folder / "points.json").write_text(json.dumps(points))


def expression(folder):
    """The losses that the page itself shows, and its points."""
    shown = re.findall(r"```json\n(.*?)```", (ROOT / "docs/families/expression.md").read_text(), re.DOTALL)
    for name, text in zip(("loss.json", "flat.json", "circle.json"), shown, strict=True):
        (folder / name).write_text(text)
    (folder / "points.json").write_text("[[0.93, 0], [-1.03, 0], [0.06, 0], [0.5, 0]]")
    (folder / "flat-points.json").write_text("[[0.8, 1]]")
    (folder / "on-circle.json").write_text("[[-1, 0], [0.5, 0.866]]")


def landscape(folder):
    """Two points of d = 3, samples of the teacher they belong to, and a stored family for the comparison."""
    minimum = np.array([[0, -1.02, 0], [1.02, 0, 0], [0, 0, 1.04]])
    problem = {"family": "designed-landscape", "a_star": [1, 1, 2], "mu": 6, "lambda": 1}
    (folder / "examples.json").write_text(
        json.dumps({**problem, "points": [minimum.tolist(), [[0] * 3] * 3]})
    )
    np.save(folder / "point.npy", minimum)
    x = np.random.default_rng(0).standard_normal((500, 3))
    np.savez(folder / "samples.npz", x=x, y=np.maximum(x, 0) @ [1, 1, 2])
    teacher(folder)


def factorisation(folder):
    rng = np.random.default_rng(15)
    np.save(folder / "M.npy", np.diag([2.0, 2, 1, 0]))
    sizes = {"PQ": {"p": (50, 5), "q": (40, 5)}, "start": {"u": (4, 3), "v": (4, 3)}}
    sizes |= {"net": {"w1": (8, 20), "w2": (5, 8)}, "data": {"x": (10, 20), "y": (10, 5)}}
    for name, arrays in sizes.items():
        drawn = {key: rng.standard_normal(shape) / shape[0] ** 0.5 for key, shape in arrays.items()}
        np.savez(folder / f"{name}.npz", **drawn)


def ntk(folder):
    rng = np.random.default_rng(1)
    x = rng.standard_normal((5, 10))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    np.savez(folder / "data.npz", x=x, y=rng.standard_normal(5))


def robust(folder):
    (folder / "published").mkdir()
    savemat(folder / "published/newExp-6-6.mat", {"WbadNew": stored_minimum().T[:, :, None]})


def symmetric(folder):
    (folder / "points.npz").write_bytes(
        write_npz(stored_minimum()[None], np.eye(6), {}, {"run": np.array([0])})
    )
    (digest,) = first_symmetric(1)
    claim = json.loads((CERTIFICATES / f"k-1,1/{digest}.json").read_text())["statement"]["claim"]
    point = claim["point"] | {"values": entries(claim["point"]["values"]).tolist()}
    (folder / "points.jsonl").write_text(json.dumps(point) + "\n")


def teacher(folder):
    """The first three of the stored family, with their lines of its index."""
    there = folder / "certificates/k-1,1"
    there.mkdir(parents=True)
    shutil.copy(CERTIFICATES / "allowed_signers", folder / "certificates")
    for digest in first_symmetric(3):
        shutil.copy(CERTIFICATES / f"k-1,1/{digest}.json", there)
    lines = (CERTIFICATES / "k-1,1/index.csv").read_text().splitlines(keepends=True)
    (there / "index.csv").write_text("".join(lines[:4]))


def formal(folder):
    """The one spurious minimum of the stored study at k = n = 6."""
    there = folder / "certificates/6-6"
    there.mkdir(parents=True)
    for path in (CERTIFICATES / "6-6").glob("*.json"):
        if '"verdict": "spurious-minimum"' in path.read_text():
            shutil.copy(path, there)


def uniform(folder):
    shutil.copytree(CERTIFICATES / "every-k", folder / "certificates/every-k")


def wider(folder):
    """The stored minima of a few folders, one of them by itself."""
    for name in ("6-6", "7-7"):
        shutil.copytree(CERTIFICATES / name, folder / "certificates" / name)
    (path,) = (x for x in (CERTIFICATES / "6-6").glob("*.json") if '"spurious-minimum"' in x.read_text())
    shutil.copy(path, folder / "minimum.json")
    weights = np.array([1.0, 2.0, 0.5, 0.75, 3.0, 0.1])
    np.save(folder / "w.npy", stored_minimum() / weights[:, None])
    np.save(folder / "a.npy", weights)


def points(folder):
    """The points that the page itself shows; the stored minimum in two orders."""
    shown = re.findall(r"```json\n(.*?)```", (ROOT / "docs/families/points.md").read_text(), re.DOTALL)
    for name, text in zip(("high", "low", "split", "collapsed", "descent"), shown, strict=True):
        (folder / f"{name}.json").write_text(text)
    one = stored_minimum()
    several = [one, one[::-1][:, [5, 0, 1, 2, 3, 4]], np.eye(6)]
    (folder / "several.json").write_text(json.dumps({"points": [x.tolist() for x in several]}))


FILES = {
    "docs/families/points.md": points,
    "docs/batch.md": batch,
    "docs/families/cnn.md": cnn,
    "docs/families/expression.md": expression,
    "docs/formal.md": formal,
    "docs/families/landscape.md": landscape,
    "docs/families/factorisation.md": factorisation,
    "docs/families/ntk.md": ntk,
    "docs/families/robust.md": robust,
    "docs/families/symmetric.md": symmetric,
    "docs/families/uniform.md": uniform,
    "docs/families/wider.md": wider,
    "docs/scope.md": scope,
    "docs/show.md": formal,
    "docs/theorem/teacher.md": teacher,
}
