"""Small studies on disk, to read and to damage."""

import pickle
import shutil

import pytest

import studies
from proved_studies import ROWS, Here, prove, study
from relucert.families.teacher import runs
from relucert.study import batch, proofs


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The path of a study that nobody changes."""
    return studies.make(tmp_path_factory.mktemp("study") / "grid")


@pytest.fixture
def changed(tmp_path):
    """A study to damage."""
    return studies.make(tmp_path / "grid")


@pytest.fixture(scope="session")
def once():
    """prove_run, which depends on nothing but its arguments, and proves nothing twice."""
    real, known = runs.prove_run, {}

    def proved(*arguments, **options):
        asked = pickle.dumps((arguments, options))
        if asked not in known:
            known[asked] = pickle.dumps(real(*arguments, **options))
        return pickle.loads(known[asked])  # noqa: S301 -- made here

    return proved


@pytest.fixture
def proved_once(monkeypatch, once):
    monkeypatch.setattr(runs, "prove_run", once)


@pytest.fixture
def small_chunks(monkeypatch):
    """Certificates of five runs, from tasks of two."""
    monkeypatch.setattr(proofs, "CHUNK", 5)
    monkeypatch.setattr(proofs, "ENTRIES", 8)
    monkeypatch.setattr("relucert.study.proved.CHUNK", 5)


@pytest.fixture(scope="module")
def decided(tmp_path_factory):
    directory = tmp_path_factory.mktemp("decided")
    list(batch.run(study(directory), ROWS, Here, 4))
    return directory


@pytest.fixture(scope="module")
def all_proved(decided, tmp_path_factory, once):
    """All runs proved. Nobody changes it."""
    directory = tmp_path_factory.mktemp("proved") / "grid"
    shutil.copytree(decided, directory)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(proofs, "CHUNK", 5)
        patch.setattr(proofs, "ENTRIES", 8)
        patch.setattr(runs, "prove_run", once)
        assert [e.error for e in prove(study(directory), 12) if e.error] == []
    return directory


@pytest.fixture
def damaged(all_proved, tmp_path):
    return shutil.copytree(all_proved, tmp_path / "grid")


@pytest.fixture
def bare(decided, tmp_path):
    """Decided, nothing proved."""
    return shutil.copytree(decided, tmp_path / "grid")
