"""Files of layers: safetensors, torch, HDF5, MATLAB 7.3. What is read is exact; the rest is refused in words."""

import io
import json
import sys
import types
import zipfile
from collections import OrderedDict

import numpy as np
import pytest

import pages
from relucert.base.arrays import READABLE, read_array
from relucert.base.errors import InputError

W = np.array([[1.0, 0.25, -0.0], [0.1, 2.0, -3.0]])
HALF = np.array([[1.0, 0.25], [2.0**-24, -65504.0]])  # all are float16s, one of them subnormal


def read(path, layer=None):
    return read_array(path, path.suffix, path.read_bytes(), layer)


def safetensors(header, body=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + body


def entry(dtype="F64", shape=(1, 1), offsets=(0, 8), **more):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets), **more}


def write(folder, data, name="w.safetensors"):
    (folder / name).write_bytes(data)
    return folder / name


@pytest.mark.parametrize("kind", ["f2", "f4", "f8"])
def test_safetensors_of_the_package_are_read_by_exact_value(tmp_path, kind):
    library = pytest.importorskip("safetensors.numpy")
    given = {"fc.weight": HALF.astype(kind), "fc.bias": np.zeros(2, kind), "steps": np.arange(3)}
    path = write(tmp_path, library.save(given, {"format": "np"}))
    assert read(path, "fc.weight").tolist() == given["fc.weight"].astype(float).tolist()
    assert read(path, "fc.weight").dtype == np.float64


def test_bfloat16_is_the_upper_half_of_a_float32(tmp_path):
    values = np.array([[1.0, -2.5], [3.0, 2.0**-130]], "f4")
    body = (values.view("u4") >> 16).astype("<u2").tobytes()
    path = write(tmp_path, safetensors({"w": entry("BF16", (2, 2))}, body))
    assert read(path).tolist() == [[1.0, -2.5], [3.0, 2.0**-130]]


def test_a_name_is_asked_for_where_there_are_several_and_shown_safely(tmp_path):
    header = {"a\x1b[2J": entry(), "b": entry("I64", (1,), (8, 16)), "__metadata__": {"x": "y"}}
    path = write(tmp_path, safetensors(header, bytes(16)))
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(caught.value) == (
        f"{path}: say which layer holds the points: --layer NAME; there are a\\x1b[2J (1, 1) F64, b (1,) I64"
    )
    with pytest.raises(InputError, match=r"no layer 'c\\x1b'; there are a"):
        read(path, "c\x1b")
    with pytest.raises(
        InputError, match="layer 'b': expected float16, bfloat16, float32 or float64, found I64"
    ):
        read(path, "b")


def test_a_long_list_of_names_is_cut(tmp_path):
    header = {f"w{i}": entry(offsets=(8 * i, 8 * i + 8)) for i in range(50)}
    with pytest.raises(InputError, match=r"w39 .1, 1. F64, and 10 more$"):
        read(write(tmp_path, safetensors(header, bytes(400))))


BAD = {
    "short": (b"\x01", "its header is cut off"),
    "long": (safetensors({"w": entry()}, length=2**63), "its header is cut off"),
    "no JSON": (safetensors(b"{]"), "not JSON"),
    "no text": (safetensors(b"\xff"), "not JSON"),
    "deep": (safetensors(b"[" * 200_000), "not JSON"),
    "twice": (safetensors(b'{"w": 1, "w": 2}'), "not JSON"),
    "list": (safetensors([]), "is no object"),
    "empty": (safetensors({}), "holds no arrays"),
    "member": (safetensors({"w": entry(more=1)}, bytes(8)), "does not have the members"),
    "dtype": (safetensors({"w": entry(64)}, bytes(8)), "does not have the members"),
    "negative": (safetensors({"w": entry(shape=(-1, -1))}, bytes(8)), "natural numbers"),
    "true": (safetensors({"w": entry(shape=(True, 1))}, bytes(8)), "natural numbers"),
    "float": (safetensors({"w": entry(shape=(1.0, 1))}, bytes(8)), "natural numbers"),
    "backwards": (safetensors({"w": entry(offsets=(8, 0))}, bytes(8)), "natural numbers"),
    "three": (safetensors({"w": entry(offsets=(0, 4, 8))}, bytes(8)), "natural numbers"),
    "shape": (
        safetensors({"w": entry(shape=(2, 1))}, bytes(8)),
        r"a shape of \[2, 1\] does not take 8 bytes",
    ),
    "gap": (safetensors({"w": entry(offsets=(8, 16))}, bytes(16)), "begin at byte 8, not at 0"),
    "overlap": (safetensors({"w": entry(), "v": entry()}, bytes(8)), "begin at byte 0, not at 8"),
    "rest": (safetensors({"w": entry()}, bytes(9)), "have 8 bytes, the file 9"),
    "cut": (safetensors({"w": entry()}, bytes(7)), "have 8 bytes, the file 7"),
    "nan": (safetensors({"w": entry()}, np.array(np.nan).tobytes()), r"entry \[0, 0\] is nan"),
    "none": (safetensors({"w": entry(shape=(0, 3), offsets=(0, 0))}), "the array is empty"),
    "vast": (safetensors({"w": entry(shape=(0, 2**70), offsets=(0, 0))}), "natural numbers below"),
    "vast and empty": (safetensors({"w": entry(shape=(0, 2**62), offsets=(0, 0))}), "the array is empty"),
    "many dimensions": (safetensors({"w": entry(shape=(1,) * 70)}, bytes(8)), "more than 8 dimensions"),
    "many digits": (safetensors({"w": entry(shape=(10**4299,) * 500)}, bytes(8)), "natural numbers below"),
    "large header": (safetensors(b" " * (2**24 + 1)), "its header has more than 16777216 bytes"),
    "eight bits": (safetensors({"w": entry("F8_E4M3", (8,))}, bytes(8)), "found F8_E4M3; save it as float64"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_whole_safetensors_file_is_refused(tmp_path, name):
    data, message = BAD[name]
    with pytest.raises(InputError, match=message):
        read(write(tmp_path, data))


def test_the_package_refuses_gaps_and_overlaps_as_we_do(tmp_path):
    library = pytest.importorskip("safetensors")
    for name in ("short", "no JSON", "shape", "gap", "overlap", "rest", "cut", "backwards"):
        with pytest.raises(library.SafetensorError):
            library.deserialize(BAD[name][0])


def hdf5(tmp_path, fill, name="w.h5", **options):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / name, "w", **options) as file:
        fill(h5py, file)
    return tmp_path / name


@pytest.mark.parametrize("kind", ["<f2", ">f4", "<f8"])
def test_hdf5_by_exact_value(tmp_path, kind):
    def fill(_, file):
        file["dense/kernel"] = HALF.astype(kind)
        file["dense/bias"] = np.zeros(2)
        file["name"] = "text"
        file["steps"] = np.arange(3)

    path = hdf5(tmp_path, fill)
    assert read(path, "dense/kernel").tolist() == HALF.astype(kind).astype(float).tolist()
    with pytest.raises(InputError, match=r"--layer NAME; there are dense/bias \(2,\) float64, dense/kernel"):
        read(path)
    for other in ("steps", "name"):
        with pytest.raises(InputError, match=f"layer '{other}': expected float16"):
            read(path, other)


def test_hdf5_never_opens_another_file(tmp_path):
    hdf5(tmp_path, lambda _, file: file.create_dataset("w", data=W), "other.h5")
    W.tofile(tmp_path / "raw")

    def fill(h5py, file):
        file["link"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/w")
        file["soft"] = h5py.SoftLink("/raw")
        file.create_dataset("raw", (2, 3), "f8", external=[(str(tmp_path / "raw"), 0, 48)])
        virtual = h5py.VirtualLayout((2, 3), "f8")
        virtual[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "w", (2, 3))
        file.create_virtual_dataset("virtual", virtual)

    path = hdf5(tmp_path, fill)
    for name in ("raw", "virtual"):
        with pytest.raises(InputError, match=f"layer '{name}': .* kept in other files"):
            read(path, name)
    for name in ("link", "soft"):
        with pytest.raises(InputError, match=f"no layer '{name}'"):
            read(path, name)


def test_hdf5_without_numbers_or_with_too_many(tmp_path):
    path = hdf5(tmp_path, lambda h5py, file: file.create_dataset("w", data=h5py.Empty("f8")))
    with pytest.raises(InputError, match="holds no arrays"):
        read(path)
    path = hdf5(tmp_path, lambda _, file: file.create_dataset("w", (2**20, 2**20), "f4", chunks=(1024, 1024)))
    assert path.stat().st_size < 10_000
    with pytest.raises(InputError, match="has more than 67108864 numbers"):
        read(path)


def test_an_overflow_within_hdf5_is_a_broken_file(tmp_path, monkeypatch):
    h5py = pytest.importorskip("h5py")

    def broken(*_):
        raise OverflowError("Python int too large to convert to C long")

    path = hdf5(tmp_path, lambda _, file: file.create_dataset("w", data=W))
    monkeypatch.setattr(h5py.File, "visititems", broken)
    with pytest.raises(InputError, match="not a whole HDF5 file: Python int too large"):
        read(path)


@pytest.mark.parametrize("data", [b"HDF", b"\x89HDF\r\n\x1a\n" + bytes(100)])
def test_what_is_no_hdf5_is_refused(tmp_path, data):
    pytest.importorskip("h5py")
    with pytest.raises(InputError, match="not a whole HDF5 file"):
        read(write(tmp_path, data, "w.h5"))


def matlab(tmp_path, fill, name="w.mat"):
    """As MATLAB writes: 512 bytes, then HDF5, columns first, and a class with each variable."""
    path = hdf5(tmp_path, fill, name, userblock_size=512)
    data = bytearray(path.read_bytes())
    data[:128] = b"MATLAB 7.3 MAT-file".ljust(116) + bytes(8) + b"\x00\x02IM"
    path.write_bytes(data)
    return path


def variable(file, name, value, of):
    item = file.create_dataset(name, data=value)
    item.attrs["MATLAB_class"] = np.bytes_(of)
    return item


def test_matlab_7_3_has_its_own_order(tmp_path):
    def fill(_, file):
        variable(file, "W", np.stack([W, 2 * W], axis=2).T, "double")  # (2, 3, 2) in MATLAB
        variable(file, "s", np.array([[5]], "u1"), "uint8")
        variable(file, "flag", np.array([[1]], "u1"), "logical")
        variable(file, "text", np.array([[65]], "u2"), "char")
        variable(file, "none", np.array([0, 0], "u8"), "double").attrs["MATLAB_empty"] = 1
        variable(file, "#refs#/a", W, "double")

    path = matlab(tmp_path, fill)
    assert read(path, "W")[:, :, 1].tolist() == (2 * W).tolist()
    assert read(path, "s").tolist() == [[5.0]]
    with pytest.raises(InputError, match=r"there are W \(2, 3, 2\) double, s \(1, 1\) uint8$"):
        read(path)


def test_a_cut_matlab_7_3_file_is_refused(tmp_path):
    path = matlab(tmp_path, lambda _, file: variable(file, "W", W, "double"))
    path.write_bytes(path.read_bytes()[:600])
    with pytest.raises(InputError, match=r"not a whole MATLAB 7\.3 file"):
        read(path)


def test_without_h5py_the_command_says_what_to_install(relucert, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    code, out, err = relucert("verify", write(tmp_path, b"x", "w.h5"), "-o", tmp_path / "out")
    assert (code, out) == (3, "")
    assert "h5py; HDF5 and MATLAB 7.3 files need it: pip install 'relucert[weights]'" in err


class Bomb:
    def __reduce__(self):
        return exec, ("raise SystemExit('unpickled')",)


def pickled(value):
    """As torch.save writes it."""
    import pickle

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("w/data.pkl", pickle.dumps(value, protocol=2))
        file.writestr("w/version", "3\n")
        file.writestr("w/byteorder", "little")
    return buffer.getvalue()


@pytest.mark.parametrize("suffix", ["pt", "pth"])
def test_without_torch_nothing_is_unpickled(relucert, tmp_path, monkeypatch, suffix):
    monkeypatch.setitem(sys.modules, "torch", None)
    path = write(tmp_path, pickled(Bomb()), f"w.{suffix}")
    code, out, err = relucert("verify", path, "-o", tmp_path / "out")
    assert (code, out) == (3, "")
    assert "torch" in err
    assert "never unpickled otherwise: pip install torch, or save the weights as .safetensors or .npz" in err


@pytest.mark.parametrize("version", ["1.13.1", "2.5.1+cu124", "2.9.1"])
def test_a_torch_that_files_can_run_code_in_is_refused(tmp_path, monkeypatch, version):
    monkeypatch.setitem(sys.modules, "torch", types.SimpleNamespace(__version__=version))
    with pytest.raises(InputError, match=r"can run code; install torch >= 2\.10"):
        read(write(tmp_path, pickled(W), "w.pt"))


@pytest.fixture
def torch(monkeypatch):
    return pytest.importorskip("torch")


class Shadowed:
    """A dictionary whose file puts a number in the place of its method `items`."""

    def __init__(self, value):
        self.value = value

    def __reduce__(self):
        return OrderedDict, (), {"items": 5}, None, iter(self.value.items())


def saved(torch, path, value):
    torch.save(value, path)
    return path


def test_torch_state_dicts_by_exact_value(torch, tmp_path):
    kinds = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
    tensors = {str(kind): torch.tensor(HALF.tolist(), dtype=kind) for kind in kinds}
    path = saved(torch, tmp_path / "w.pt", {"model": tensors, "epoch": 3, "steps": torch.arange(3)})
    for kind in kinds:
        assert read(path, f"model.{kind}").tolist() == tensors[str(kind)].to(torch.float64).tolist()
    with pytest.raises(
        InputError, match=r"there are model.torch.float16 \(2, 2\) float16, .*steps \(3,\) int64"
    ):
        read(path)
    with pytest.raises(InputError, match="layer 'steps': expected float16"):
        read(path, "steps")
    assert (
        read(saved(torch, tmp_path / "one.pth", torch.tensor(W, requires_grad=True))).tolist() == W.tolist()
    )


def test_torch_refuses_what_is_more_than_weights(torch, tmp_path):
    with pytest.raises(InputError, match="Python objects, which are never read; save the weights alone"):
        read(saved(torch, tmp_path / "w.pt", {"w": Bomb()}))
    with pytest.raises(InputError, match=r"not a whole file of torch.save|Python objects"):
        read(write(tmp_path, b"PK\x03\x04 nothing", "cut.pt"))
    twice = {"a": {"b": torch.ones(2, 2)}, "a.b": torch.ones(2, 2)}
    with pytest.raises(InputError, match=r"two tensors have the name 'a\.b'"):
        read(saved(torch, tmp_path / "twice.pt", twice))
    sparse = torch.eye(2).to_sparse()
    with pytest.raises(InputError, match="sparse or not on the CPU"):
        read(saved(torch, tmp_path / "sparse.pt", sparse))
    wide = torch.ones(1).expand(2**30, 2)
    with pytest.raises(InputError, match="has more than 67108864 numbers"):
        read(saved(torch, tmp_path / "wide.pt", wide))


def test_torch_files_that_have_no_end(torch, tmp_path):
    cyclic = {"w": torch.ones(2, 2)}
    cyclic["self"] = cyclic
    for leaf in ({}, {"w": torch.ones(2, 2)}):
        laughs = leaf
        for _ in range(18):
            laughs = {"a": laughs, "b": laughs}
        with pytest.raises(InputError, match="more than 65536 names"):
            read(saved(torch, tmp_path / "laughs.pt", laughs))
    with pytest.raises(InputError, match="dictionaries within each other"):
        read(saved(torch, tmp_path / "cyclic.pt", cyclic))
    with pytest.raises(InputError, match="a name of more than 1024 characters"):
        read(saved(torch, tmp_path / "long.pt", {"w" * 1025: torch.ones(2, 2)}))
    shared = {"w": torch.tensor(W)}
    path = saved(torch, tmp_path / "shared.pt", {"model": shared, "best": shared})
    assert read(path, "best.w").tolist() == W.tolist()
    assert read(saved(torch, tmp_path / "items.pt", Shadowed(shared))).tolist() == W.tolist()


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
def test_torch_tensors_that_are_no_plain_arrays(torch, tmp_path):
    nested = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])
    with pytest.raises(InputError, match=r"found float32, nested; save it|not a whole file|Python objects"):
        read(saved(torch, tmp_path / "nested.pt", nested))
    with pytest.raises(InputError, match="found float32 of many dimensions; save it as float64"):
        read(saved(torch, tmp_path / "deep.pt", torch.ones((1,) * 70)))
    with pytest.raises(InputError, match=r"not a whole file of torch\.save"):
        read(write(tmp_path, b"\x80\x02J\x00", "cut.pt"))


def test_all_of_these_are_named_where_the_format_is_not_known():
    assert set(READABLE) >= {".safetensors", ".pt", ".pth", ".h5", ".hdf5"}


def test_the_messages_on_the_page_are_those_that_are_printed(relucert, tmp_path, monkeypatch):
    h5py, library = pytest.importorskip("h5py"), pytest.importorskip("safetensors.numpy")
    monkeypatch.chdir(tmp_path)
    page = (pages.ROOT / "docs/weights.md").read_text()
    program = next(x.text for x in pages.blocks("docs/weights.md") if "save_file(" in x.text)
    exec(program, {"h5py": h5py, "save_file": library.save_file})  # noqa: S102 -- the page's own
    messages = [x.text for x in pages.blocks("docs/weights.md") if x.text.startswith("error:")]
    asked = (["model.safetensors"], ["model.h5", "--layer", "dense/kernel"])
    assert len(messages) == len(asked)
    for arguments, message in zip(asked, messages, strict=True):
        code, _, err = relucert("verify", *arguments, "-o", "out")
        assert (code, err) == (2, message)
        assert message in page
