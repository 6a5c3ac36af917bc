"""Small studies on disk, to read and to damage."""

import pytest

import studies


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The path of a study that nobody changes."""
    return studies.make(tmp_path_factory.mktemp("study") / "grid")


@pytest.fixture
def changed(tmp_path):
    """A study to damage."""
    return studies.make(tmp_path / "grid")
