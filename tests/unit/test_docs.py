"""Every code block of docs/ and of the README that is a command or a program runs as it is printed, in a
folder with the files of which the page speaks; what takes too long for a test is in one table."""

import pytest

import page_files
import pages
from pages import ROOT, Substitute
from proved_studies import without_processes

TORCH = "torch is too large for the lock; tests/unit/test_layers.py reads its files where it is"
MUTATION = "mutmut runs the tests for every change: hours. An empty folder is reported instead"
SUBSTITUTES = [
    Substitute("README.md", "make certify", None, "installs; test_readme.py runs it in the checkout"),
    Substitute("README.md", "make test", None, "all tests; test_readme.py sees that it starts them"),
    Substitute("docs/batch.md", "--k 6:20 --extra 0,1 --runs 1000 --seed 1 -o study ",
               "--k 2 --runs 2 --seed 1 --jobs 1 -o study ",
               "15,000 and more runs of gradient descent: hours"),
    Substitute("docs/batch.md", "--k 6 --runs 1000 --seed 1 -o study --prove-runs 100",
               "--k 2 --runs 2 --seed 1 --jobs 1 -o study --prove-runs 1", "as above"),
    Substitute("docs/batch.md", "--k 6 --extra 1 --runs 12 --seed 1 -o study --converges all",
               "--k 2 --extra 1 --runs 4 --seed 1 --jobs 1 -o study --converges 1", "as above"),
    Substitute("docs/batch.md", "--dask tcp://scheduler:8786", None,
               "a cluster of several machines; tests/unit/study/test_cluster.py has one of this machine"),
    Substitute("docs/batch.md", "batch.Row(6, 6, 100)", "batch.Row(2, 2, 2)", "as above"),
    Substitute("docs/batch.md", "srun relucert", "export SLURM_ARRAY_TASK_ID=1 SLURM_CPUS_PER_TASK=1\nrelucert",
               "no Slurm here: it sets these two"),
    Substitute("docs/batch.md", '--k 6:20 --extra 0,1 --runs 1000 --seed 1 -o "$HOME/study"',
               '--k 2 --runs 2 --seed 1 -o "$PWD/shared"', "as above, and not in the home of who tests"),
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
    Substitute("docs/families/ntk.md", "--d 5,10 --width 50,100", "--d 5 --width 50", "seconds: two rows do"),
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
        "0.614154",
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
        "lower by at least 0.499753",
    ],
    ("docs/families/expression.md", "--gauge auto"): [
        "orbit of local minima  flat-points.json[0]",
        "box of half-width 0.0244",
        "F is at least 0 at every point where it is defined",
    ],
    ("docs/families/expression-examples.md", "relucert verify"): [
        "value in [0.437299, 0.437302]",
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
    ("docs/families/ntk.md", "ntk table"): ["3       2  0.666        50         50", "table/table.csv"],
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
        "from within 0.101101 of the point, with any fixed step below 0.927670",
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
    ("docs/families/signed.md", "leaky:-1/2"): ["loss in [0.0460763, 0.0460766]", "(class 1)"],
    ("docs/families/signed.md", "search 8 8"): ["loss in [0.0488296, 0.0488298]", "spurious local minimum"],
    ("docs/families/signed.md", "import relucert"): ["objective: in [0.112499, 0.112501]"],
    ("docs/scope.md", "def total"): ["0.025085329575014", "objective: in [0.0250852, 0.0250854]"],
    ("docs/scope.md", "outcome.reason"): [
        "the argument of relu may be 0, at node 9, relu((dot(x[0], data[0], x[1], data[1]) + x[4])), row 0 of the "
        "data: the loss is not proved to be smooth around the point; give a point farther from where this happens"
    ],
    ("docs/start.md", "relucert verify"): [
        "spurious local minimum  weights.npy[0]",
        "n = 6 neurons, k = 6 orthonormal targets, in every dimension d >= 6",
        "lambda_min >= 0.00470034",
        "polished, moved 0.00230",
    ],
    ("docs/start.md", "relucert show"): [
        "For 6 ReLU neurons against 6 orthonormal targets in every dimension d >= 6 with standard Gaussian input",
        "has a strict local minimum that is not global",
        "page: page.html",
    ],
    ("docs/start.md", "relucert_audit"): ["accepted      spurious-minimum              unknown key"],
    ("docs/tutorial.md", "result.sentence"): [
        "has a strict local minimum that is not global within 1.61743e-15 of the point"
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
        "has a strict local minimum that is not global within 1.61743e-15 of the point",
        "spurious-minimum [0.00470035, 0.00470036] [0.0250805, 0.0250806]",
    ],
    ("docs/python.md", "rc.Undecided"): ["True False 0.00499", "undecided: "],
    ("docs/python.md", "certificate.audit"): ["('you',)", "accepted True None"],
    ("docs/python.md", "relucert audit"): ["accepted"],
    ("docs/python.md", "ProcessPoolExecutor"): ["<spurious local minimum: ", "<global minimum: "],
    ("docs/show.md", "--html"): ["page: page.html"],
    ("docs/theorem/teacher.md", "relucert audit"): ["accepted", "6..8"],
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
def test_the_blocks_of_a_page_run(page, folder, monkeypatch):
    without_processes(monkeypatch)
    page_files.FILES.get(page, lambda _: None)(folder)
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


@pytest.mark.parametrize("run", [pages.run, pages.run_here])
def test_a_command_that_fails_is_named(tmp_path, run):
    with pytest.raises(AssertionError, match=r"(?s)page:7.*nothing-there: no such file"):
        run(pages.Block("page", 7, "sh", ""), "relucert show nothing-there\n", tmp_path)
