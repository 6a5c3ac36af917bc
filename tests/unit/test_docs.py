"""Every code block of docs/ and of the README that is a command or a program runs as it is printed, in a
folder with the files of which the page speaks; what takes too long for a test is in one table."""

import csv
import json
import re
import shutil

import numpy as np
import pytest
from scipy.io import savemat

import pages
from pages import ROOT, Substitute
from relucert.base.dyadic import to_float
from relucert.certificate import signing
from relucert.families.teacher.points import write_npz

CERTIFICATES = ROOT / "certificates"
TORCH = "torch is too large for the lock; tests/unit/test_layers.py reads its files where it is"
MUTATION = "mutmut runs the tests for every change: hours. An empty folder is reported instead"
SUBSTITUTES = [
    Substitute("README.md", "make certify", None, "installs; test_readme.py runs it in the checkout"),
    Substitute("README.md", "make test", None, "all tests; test_readme.py sees that it starts them"),
    Substitute("docs/batch.md", "--k 6:20 --extra 0,1 --runs 1000 --seed 1 -o study ",
               "--k 6 --runs 4 --seed 1 --jobs 1 -o study ",
               "15,000 and more runs of gradient descent: hours"),
    Substitute("docs/batch.md", "--k 6 --runs 1000 --seed 1 -o study --prove-runs 100",
               "--k 2 --runs 4 --seed 1 --jobs 1 -o study --prove-runs 2", "as above"),
    Substitute("docs/batch.md", "--k 6 --extra 1 --runs 12 --seed 1 -o study --converges all",
               "--k 2 --extra 1 --runs 4 --seed 1 --jobs 1 -o study --converges 1", "as above"),
    Substitute("docs/batch.md", "--dask tcp://scheduler:8786", None,
               "a cluster of several machines; tests/unit/study/test_cluster.py has one of this machine"),
    Substitute("docs/batch.md", "batch.Row(6, 6, 100)", "batch.Row(6, 6, 4)", "as above"),
    Substitute("docs/batch.md", "srun relucert", "export SLURM_ARRAY_TASK_ID=1 SLURM_CPUS_PER_TASK=1\nrelucert",
               "no Slurm here: it sets these two"),
    Substitute("docs/batch.md", '--k 6:20 --extra 0,1 --runs 1000 --seed 1 -o "$HOME/study"',
               '--k 6 --runs 4 --seed 1 -o "$PWD/shared"', "as above, and not in the home of who tests"),
    Substitute("docs/batch.md", 'pip install "relucert[gpu]"', None, "some 6 GB; make test-torch does it"),
    Substitute("docs/batch.md", "relucert search 100 100 --runs 500 --device cuda", None,
               "a GPU; tests/unit/teacher/test_device.py has the commands on a CPU"),
    Substitute("docs/batch.md", "relucert grid --k 100 --runs 500 --seed 1 --device cuda", None, "as above"),
    Substitute("docs/families/cnn.md", "relucert cnn table", "relucert cnn table --k 25 --ratio 0,1 --runs 4",
               "180,000 runs in balls"),
    Substitute("docs/families/filter.md", "bench_filter.py 1000", "bench_filter.py 2", "half a minute"),
    Substitute("docs/families/expression.md", "expression_against_teacher.py FOLDER", None,
               "minutes; test_against_teacher.py"),
    Substitute("docs/families/landscape.md", "--k 6:20", "--k 6:7", "fifteen runs; the folder has two points"),
    Substitute("docs/families/landscape.md", "landscape figures -o", "landscape figures --d 6 --seeds 1 -o",
               "a minute"),
    Substitute("docs/families/robust.md", "FOLDER", "published",
               "stands for a folder with published files; here with a stored minimum in that format"),
    Substitute("docs/families/runs.md", "bench_runs.py 6,10,20", "bench_runs.py 6", "half a minute"),
    Substitute("docs/families/symmetric.md", "--k 6:1000", "--k 6:8", "20 s"),
    Substitute("docs/families/uniform.md", "--classes k-1,1 --from 6",
               "--classes k-1,1 --from 1000000 --lower-bound 0.05", "half a minute"),
    Substitute("docs/families/signed.md", "relucert grid --k 2", None,
               "processes of its own; tests/unit/study/test_signed_study.py has such studies"),
    Substitute("docs/formal.md", "relucert export certificates/6-6/d0c104*.json --format coq --check", None,
               "Coq, a minute; tests/unit/teacher/test_formal_coq.py does it where Coq is"),
    Substitute("docs/start.md", "ADDRESS", f"--quiet --depth 1 file://{ROOT}", "stands for where relucert is"),
    Substitute("docs/start.md", "make certify", "make --just-print certify", "installs; test_readme.py runs it"),
    Substitute("docs/start.md", "make test", "make --just-print test", "all tests, from a test"),
    Substitute("docs/tutorial.md", "git clone ADDRESS relucert\ncd relucert\nmake certify\n", "",
               "the path of docs/start.md, which is run there"),
    Substitute("docs/weights.md", "import torch", None, TORCH),
    Substitute("docs/weights.md", "layer = torch", None, TORCH),
    Substitute("docs/weights.md", "torch.save(layer", None, TORCH),
    Substitute("docs/mutation.md", "FOLDER", "folder --report", MUTATION),
]  # fmt: skip
SAID = {  # in what a block prints: a text of the page, by the block's own text
    ("docs/families/filter.md", "relucert filter"): [
        "0.614152",
        "from step 20 on",
        "742 steps of 0.1055",
        "150707 steps of 0.00105",
    ],
    ("docs/families/landscape.md", "landscape certify"): [
        "lambda = 1 and 3 neurons for the teacher",
        "value in [-0.470745, -0.470743]",
        "below -0.0984271",
    ],
    ("docs/families/landscape.md", "landscape run"): ["T = 366"],
    ("docs/families/expression.md", "--find-witness"): [
        "spurious local minimum  points.json[0]",
        "box of half-width 0.0392",
        "lower by at least 0.499754",
    ],
    ("docs/families/expression.md", "--gauge auto"): [
        "orbit of local minima  flat-points.json[0]",
        "box of half-width 0.0244",
        "F is at least 0 at every point where it is defined",
    ],
    ("docs/families/expression-examples.md", "relucert verify"): [
        "value in [0.437300, 0.437301]",
        "lower by at least 1.38267",
        "8 spurious-minimum; 1 strict-saddle",
    ],
    ("docs/families/expression-tutorial.md", "relucert audit"): ["accepted"],
    ("docs/families/ntk.md", "--activation relu"): ["[0.361591, 0.361593]", ">= 0.176237"],
    ("docs/families/ntk.md", "certify data.npz --width 100 "): [
        "29/25",
        "after 25 steps",
        "(1 - 0.396667)^t",
    ],
    ("docs/families/ntk.md", "--flow"): ["g = 0.264831", "at most 0.152079 ever"],
    ("docs/families/ntk.md", "ntk table"): ["3          2  0.667        50         50", "table/table.csv"],
    ("docs/families/ntk.md", "ntk deep"): [
        "39/500",
        "H = 2 hidden layers of m = 100 softplus neurons (s)",
        "u = a.x_H, x_h = k s(W_h x_(h-1)), k = (c/m)^(1/2)",
        "after 120 steps",
        "1 - 0.00740484",
        "for ever within 0.107412 of where they are after 120 steps",
    ],
    ("docs/families/octopus.md", "octopus float"): [
        "gradient descent as the program of docs/spec/octopus-v1.md makes it, in double precision with step 1/12",
        "stands still from step 2782 on",
    ],
    ("docs/families/octopus.md", "octopus perturbed"): [
        "perturbed by independent noise uniform in the ball of radius 1/100 tau",
        "with probability at least 0.997355",
        "after at most 1950 steps",
    ],
    ("docs/families/points.md", "high.json"): [
        "spurious local minimum",
        "at least 0.105 lower at the witness",
    ],
    ("docs/families/points.md", "several.json"): ["1: 2 points, spurious local minimum, several.json[0]"],
    ("docs/families/points.md", "collapsed.json"): [
        "global minimum, not isolated  split.json[0]",
        "moved by 1.01e-5 to be exact",
        "critical point, not isolated, not a minimum  collapsed.json[0]",
        "2 neurons that are parts of the 1 of a strict local minimum",
    ],
    ("docs/families/points.md", "--runs 5"): ["proved to converge to a global minimum: 5 of 5"],
    ("docs/families/points.md", "descent.json"): [
        "converges to a global minimum  descent.json[0]",
        "of which each neuron becomes a positive multiple: 1, 2, 3, 1",
    ],
    ("docs/families/runs.md", "--plot"): [
        "converges, up to a permutation",
        "from within 0.101169 of the point, with any fixed step below 0.927632",
        "at step 1072",
        "within 0.100048 of the point of minimum 0",
        "plot: run.png",
    ],
    ("docs/families/runs.md", "--neighbourhood"): [
        "every start within 1.63",
        "with probability at least 1.1",
    ],
    ("docs/families/runs.md", "--n 3"): ["has a loss below 1/1000 at every step from 768 to 20000"],
    ("docs/families/runs.md", "--activation"): [
        "max(t, -t/2)",
        "to a strict local minimum that is not global, with loss between 0.0460763 and 0.0460766.",
    ],
    ("docs/families/runs.md", "prove_run"): ["global-minimum 400"],
    ("docs/families/symmetric.md", "verify_point"): ["\n6 spurious-minimum\n", "1000000 spurious-minimum\n"],
    ("docs/families/uniform.md", "relucert show"): [
        "For every integer k >= 6",
        "every input dimension d >= k",
    ],
    ("docs/families/signed.md", "leaky:-1/2"): ["loss in [0.0460764, 0.0460765]", "(class 1)"],
    ("docs/families/signed.md", "search 8 8"): ["loss in [0.0488296, 0.0488297]", "spurious local minimum"],
    ("docs/families/signed.md", "import relucert"): ["objective: in [0.112499, 0.112501]"],
    ("docs/scope.md", "def total"): ["0.025085329575014", "objective: in [0.0250853, 0.0250854]"],
    ("docs/scope.md", "outcome.reason"): [
        "the argument of relu may be 0, at node 9, relu((dot(x[0], data[0], x[1], data[1]) + x[4])), row 0 of the "
        "data: the loss is not proved to be smooth around the point; give a point farther from where this happens"
    ],
    ("docs/start.md", "relucert verify"): [
        "spurious local minimum  weights.npy[0]",
        "n = 6 neurons, k = 6 orthonormal targets, in every dimension d >= 6",
        "lambda_min >= 0.00470035",
        "polished, moved 0.00230",
    ],
    ("docs/start.md", "relucert show"): [
        "For 6 ReLU neurons against 6 orthonormal targets in every dimension d >= 6 with standard Gaussian input",
        "has a strict local minimum that is not global",
        "page: page.html",
    ],
    ("docs/start.md", "relucert_audit"): ["accepted      spurious-minimum unknown key"],
    ("docs/tutorial.md", "result.sentence"): [
        "has a strict local minimum that is not global within 3.58734e-15 of the point"
    ],
    ("docs/tutorial.md", "result.objective > 0"): ["[0.00470035, 0.00470036]", "True True"],
    ("docs/tutorial.md", "certificate.audit()"): ["accepted spurious-minimum"],
    ("docs/tutorial.md", "forged.json"): ["forged.json: rejected, global-minimum (step 8: objective"],
    ("docs/tutorial.md", "relucert verify"): ["spurious local minimum", "accepted"],
    ("docs/weights.md", "relucert verify"): [
        "spurious local minimum  model.safetensors[0]",
        "spurious local minimum  model.h5[0]",
        "accepted",
    ],
    ("docs/families/wider.md", "minimum.json --opposite"): ["all <= -0.0444667", "one <= -0.0903884"],
    ("docs/families/wider.md", "--zero"): ["v target 6", "by at least 0.00118040"],
    ("docs/families/wider.md", "transfer"): ["With trained output weights", "at least 1.95544e-8"],
    ("docs/families/wider.md", "--output-weights"): [
        "with trained output weights: a manifold of dimension 6"
    ],
    ("docs/families/wider.md", "certificates/7-7"): ["2 certificates; same sign: 13 strict saddles"],
    ("docs/python.md", "result.sentence"): [
        "has a strict local minimum that is not global within 3.58734e-15 of the point",
        "spurious-minimum [0.00470035, 0.00470036] [0.0250805, 0.0250806]",
    ],
    ("docs/python.md", "rc.Undecided"): ["True False 0.00499", "undecided: "],
    ("docs/python.md", "certificate.audit"): ["('you',)", "accepted True None"],
    ("docs/python.md", "relucert audit"): ["accepted"],
    ("docs/python.md", "ProcessPoolExecutor"): ["<spurious local minimum: ", "<global minimum: "],
    ("docs/show.md", "--html"): ["page: page.html"],
    ("docs/theorem/teacher.md", "relucert audit"): ["accepted", "6..8"],
}


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


@pytest.fixture
def folder(tmp_path):
    """Where a reader of the pages stands: the tools are there, and nothing else of the checkout."""
    for name in ("tools", "bench"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


COPIED = {"docs/families/runs.md"}  # pages that show all of what SAID has of them


def runs_something(page):
    return any(x.kind in (pages.COMMANDS, pages.SNIPPET) for x in pages.blocks(page))


@pytest.mark.parametrize("page", [x for x in pages.PAGES if x != "README.md" and runs_something(x)])
def test_the_blocks_of_a_page_run(page, folder):
    FILES.get(page, lambda _: None)(folder)
    for block, printed in pages.run_page(page, SUBSTITUTES, folder):
        wanted = [
            text
            for (on, inside), texts in SAID.items()
            if on == page and inside in block.text
            for text in texts
        ]
        assert [text for text in wanted if text not in printed] == [], block.name


def test_every_block_is_of_a_kind():
    kinds = {block.name: block.kind for page in pages.PAGES for block in pages.blocks(page)}
    assert set(kinds.values()) == {
        pages.COMMANDS, pages.SNIPPET, pages.OUTPUT, pages.DATA, pages.FORMULA
    }  # fmt: skip


def test_the_table_has_no_entry_that_no_page_has():
    found = [
        x
        for page in pages.PAGES
        for block in pages.blocks(page)
        for x in pages.substituted(block, SUBSTITUTES)[1]
    ]
    assert [x for x in SUBSTITUTES if x not in found] == []
    assert all(x.why for x in SUBSTITUTES)
    shown = [(block.page, block.text) for page in pages.PAGES for block in pages.blocks(page)]
    assert all(any(on == page and inside in text for page, text in shown) for on, inside in SAID)
    copied = [
        (text, (ROOT / on).read_text()) for (on, _), texts in SAID.items() if on in COPIED for text in texts
    ]
    assert [text for text, page in copied if text not in page] == []


def test_a_block_that_is_neither_commands_nor_formulas_is_refused():
    for text in ("relucert show x\nx = y\n", "some words\n"):
        with pytest.raises(ValueError, match="page:1: neither commands nor formulas"):
            assert pages.Block("page", 1, None, text).kind


def test_a_command_that_fails_is_named(tmp_path):
    with pytest.raises(AssertionError, match="page:7"):
        pages.run(pages.Block("page", 7, "sh", ""), "relucert show nothing-there\n", tmp_path)
