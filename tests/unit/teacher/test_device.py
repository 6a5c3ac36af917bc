"""Gradient descent by PyTorch: the same runs as those of the compiled code, up to rounding."""

import builtins
import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest

from relucert.families.teacher.search import descent, device
from relucert.families.teacher.search.collect import collect
from relucert.families.teacher.search.device import Device
from relucert.families.teacher.search.states import RUNNING

CPU = Device("cpu", 16)
SKEW = np.random.default_rng(0).normal(size=(3, 4))  # targets of several lengths, k < d


def test_without_pytorch_the_command_says_what_to_install(relucert, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)  # its import fails
    code, _, err = relucert("search", 2, 2, "--device", "cpu", "-o", tmp_path / "points")
    assert code == 3 and 'pip install "relucert[gpu]"' in " ".join(err.split())
    assert not (tmp_path / "points").exists()


def test_a_pytorch_that_cannot_be_loaded_is_said_to_be_so(relucert, monkeypatch):
    real = builtins.__import__

    def fails(name, *rest):
        if name == "torch":
            raise OSError("libcudart.so.12: cannot open shared object file")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", fails)
    code, _, err = relucert("search", 2, 2, "--device", "cpu")
    assert code == 3 and "libcudart.so.12" in err


@pytest.mark.parametrize("name", ["gpu", "cuda:", "cuda:x", "mps", "", "CUDA", "cuda:0 ", "cuda:١"])
def test_what_is_no_device_is_refused(relucert, tmp_path, name):
    code, _, err = relucert("search", 2, 2, "--device", name, "-o", tmp_path)
    assert code == 2 and "expected cpu, cuda or cuda:N" in err


def test_a_batch_without_a_device_is_refused(relucert, tmp_path):
    for command in (("search", 2, 2), ("grid", "--k", 2)):
        code, _, err = relucert(*command, "--batch", 4, "-o", tmp_path)
        assert code == 2 and "--batch does not apply without --device" in err


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch", reason="PyTorch is not installed; `make test-torch` runs these tests")


@pytest.fixture(scope="module", params=["cpu", "cuda"])
def place(request, torch):
    """The name of a device."""
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("no GPU that PyTorch can use")
    return request.param


def both(targets, n, place, *, runs=24, batch=9, tolerance=1e-9, **options):
    """The same runs by the compiled code, and on the device."""
    ours = descent.begin(targets, n, runs, 1, **options)
    theirs = descent.begin(targets, n, runs, 1, **options)
    assert np.array_equal(ours.weights, theirs.weights)  # starts have the same bits
    descent.advance(ours, tolerance)
    device.advance(theirs, tolerance, device=Device(place, batch))
    return ours, theirs


@pytest.mark.parametrize(
    ("targets", "n", "options"),
    [
        (np.eye(6), 6, {}),
        (np.eye(5), 5, {}),
        (np.eye(2), 2, {}),
        (np.eye(4), 6, {"max_steps": 500}),
        (SKEW, 5, {"max_steps": 700}),
        (SKEW, 3, {"max_steps": 700, "step": 0.05}),
        (np.array([[1.0, 0.0]]), 1, {}),
        (np.eye(6) * 1.5, 6, {}),
    ],
)
def test_runs_end_where_those_of_the_compiled_code_end(place, targets, n, options):
    ours, theirs = both(targets, n, place, **options)
    assert np.array_equal(ours.state, theirs.state)
    assert abs(ours.weights - theirs.weights).max() < 1e-8
    assert abs(ours.left - theirs.left).max() <= 2  # rounding decides about a last step
    assert np.array_equal(ours.step_size, theirs.step_size)
    ends = descent.end_points(theirs, 1e-9)
    assert np.array_equal(ends.converged, descent.end_points(ours, 1e-9).converged)


def test_the_first_steps_agree_to_rounding(place):
    for targets, n in ((np.eye(7), 8), (SKEW, 6)):
        ours, theirs = both(targets, n, place, max_steps=20)
        assert abs(ours.weights - theirs.weights).max() < 1e-13


@pytest.mark.parametrize("scale", [1e-12, 1e-9, 1e-7, 1e-4, 1.0])
def test_one_step_near_parallel_and_opposite_vectors(place, scale):
    rng = np.random.default_rng(5)
    targets = rng.normal(size=(3, 4)) * np.array([[1.0], [0.3], [2.5]])
    weights = np.concatenate([targets, -targets]) * 1.5 + scale * rng.normal(size=(6, 4))
    runs = descent.begin_at(weights[None], targets, step=0.1, max_steps=1)
    device.advance(runs, 1e-300, device=Device(place))
    expected = weights - 0.1 * descent.loss_and_gradient(weights, targets)[1]
    np.testing.assert_allclose(runs.weights[0], expected, rtol=0, atol=2e-15)


def test_runs_that_diverge_start_again_with_half_the_step(place):
    ours, theirs = both(np.array([[1.0, 0.0]]), 1, place, step=10.0)
    assert (theirs.step_size == 2.5).all() and np.array_equal(ours.state, theirs.state)
    assert abs(ours.weights - theirs.weights).max() < 1e-8
    _, theirs = both(np.eye(2), 2, place, step=1e200, max_steps=30)
    assert (theirs.left == 0).all() and (theirs.step_size < 1e200).all()


def test_a_run_goes_on_at_a_smaller_tolerance_as_if_never_stopped(place):
    (_, once), (_, twice) = (both(np.eye(5), 5, place, tolerance=t, runs=12) for t in (1e-7, 1e-4))
    device.advance(twice, 1e-7, np.arange(3, 12), device=Device(place, 4))
    assert np.array_equal(once.left[3:], twice.left[3:]) and (twice.left[:3] > once.left[:3]).all()
    assert abs(once.weights - twice.weights)[3:].max() < 1e-12
    assert abs(once.weights - twice.weights)[:3].max() > 1e-6


@pytest.mark.parametrize("batch", [1, 5, 12, 1000, None])
def test_the_batch_changes_no_more_than_last_digits(place, batch):
    free = descent.begin(np.eye(6), 6, 12, 0)
    descent.advance(free, 1e-3)
    some = free.max_steps - int(np.median(free.left))  # steps, of which half of the runs need more
    by, runs = (descent.begin(np.eye(6), 6, 12, 0, max_steps=some) for _ in range(2))
    descent.advance(by, 1e-3)
    seen = []
    device.advance(runs, 1e-3, device=Device(place, batch), progress=lambda *call: seen.append(call))
    assert np.array_equal(runs.state, by.state) and len(set(by.state.tolist())) == 2
    assert abs(runs.weights - by.weights).max() < 1e-8
    assert seen == sorted(seen) and seen[-1] == (12, 12)


def test_the_same_seed_and_batch_give_the_same_bits(place):
    (_, one), (_, other) = (both(np.eye(4), 5, place, max_steps=400) for _ in range(2))
    assert np.array_equal(one.weights, other.weights) and np.array_equal(one.left, other.left)


@pytest.mark.parametrize("tolerance", [0.0, -1.0, math.nan, math.inf])
def test_a_bad_tolerance_is_refused(torch, tolerance):
    runs = descent.begin(np.eye(2), 2, 1, 0)
    with pytest.raises(ValueError, match="tolerance must be"):
        device.advance(runs, tolerance, device=CPU)
    device.advance(runs, 1e-9, np.arange(0), device=CPU)  # nothing to move
    assert (runs.state == RUNNING).all()


@pytest.mark.parametrize("n", range(1, 9))
def test_every_pair_once(torch, n):
    from relucert.families.teacher.search.lanes import each_pair_once

    places = torch.arange(n * n).view(1, n, n)
    part = each_pair_once(places)
    pairs = [tuple(sorted(divmod(int(x), n))) for x in part.flatten()]
    assert set(pairs) == {(i, j) for i in range(n) for j in range(i + 1, n)}
    last = [tuple(sorted(divmod(int(x), n))) for x in part[:, :, -1].flatten()]
    twice = sorted(pair for pair in set(pairs) if pairs.count(pair) > 1)
    assert twice == (sorted(set(last)) if n % 2 else [])
    assert all(pairs.count(pair) == 2 for pair in twice)


def test_the_memory_of_a_run_is_what_it_is_said_to_be(torch):
    from relucert.families.teacher.search.lanes import Lanes, bytes_a_run

    for targets, n in ((np.eye(20), 20), (SKEW, 9)):
        lanes = Lanes(targets, n, 10, "cpu")
        arrays = [x for name, x in vars(lanes).items() if torch.is_tensor(x) and name != "targets"]
        held = sum(x.numel() * x.element_size() for x in arrays if x.shape[0] == 10)
        assert 0.8 * held < 10 * bytes_a_run(n, *targets.shape) < 1.2 * held


def test_as_many_runs_at_a_time_as_fit_in_free_memory(torch, monkeypatch):
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda name: (10**9, 10**10))
    batch = device.settled(Device("cuda"), 100, 100, 100).batch
    assert 0.3e9 < batch * 8 * 80_000 < 0.6e9
    assert device.settled(Device("cuda"), 2000, 2000, 2000).batch == 1
    assert device.settled(Device("cuda"), 2, 2, 2).batch == device.MOST
    assert device.settled(Device("cuda", 7), 2, 2, 2).batch == 7


def test_what_does_not_fit_ends_with_a_smaller_batch_as_remedy(torch, relucert, tmp_path, monkeypatch):
    from relucert.families.teacher.search import lanes

    def full(*_):
        raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")

    monkeypatch.setattr(lanes.Lanes, "advance", full)
    code, _, err = relucert("search", 2, 2, "--runs", 8, "--device", "cpu", "-o", tmp_path)
    assert code == 4 and "take --batch 4" in " ".join(err.split())
    assert list(tmp_path.iterdir()) == []


def test_not_with_output_weights_or_a_slope(torch, relucert, tmp_path):
    for option in (("--signs", "+,-"), ("--activation", "abs")):
        code, _, err = relucert("search", 2, 2, *option, "--device", "cpu", "-o", tmp_path)
        assert code == 2 and "--device is for output weights 1 and the ReLU" in err


def test_a_gpu_that_is_not_there_is_said_not_to_be_there(torch, relucert, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    code, _, err = relucert("search", 2, 2, "--device", "cuda", "-o", tmp_path)
    assert code == 3 and "finds no GPU" in err
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    code, _, err = relucert("grid", "--k", 2, "--device", "cuda:1", "-o", tmp_path)
    assert code == 3 and "finds 1 GPU(s)" in err


def test_points_are_the_same_up_to_last_digits_and_say_where_they_come_from(torch):
    ours, theirs = (collect(8, 8, 32, 1, device=on) for on in (None, CPU))
    assert ours.kept == theirs.kept > 0
    assert np.array_equal(ours.per_point["run"], theirs.per_point["run"])
    assert abs(ours.weights - theirs.weights).max() < 1e-8
    assert theirs.facts == {**ours.facts, "device": "cpu", "batch": 16, "torch": str(torch.__version__)}


def test_the_command_and_what_is_proved_from_its_points(torch, relucert, tmp_path):
    out = ("-o", tmp_path, "--json")
    command = ("search", 8, 8, "--runs", 32, "--seed", 1, "--device", "cpu", "--batch", 32, *out)
    code, said, err = relucert(*command)
    found = json.loads(said)
    assert (code, found["device"], found["batch"]) == (0, "cpu", 32) and "compiling" not in err
    code, said, _ = relucert("verify", found["path"], *out)
    proved = json.loads(said.splitlines()[0])
    assert (code, proved["verdict"]) == (0, "spurious-minimum")
    origin = json.loads(Path(proved["certificate"]).read_text())["statement"]["provenance"]["search"]
    assert (origin["device"], origin["batch"]) == ("cpu", 32)
    code, said, _ = relucert("search", "--from", found["path"], "--device", "cpu", *out)
    assert code == 0 and json.loads(said)["device"] == "cpu"
