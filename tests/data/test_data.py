"""The course's pictures: the digits, the real MNIST, and files that only pretend to be it."""

from __future__ import annotations

import gzip
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits
from tests_support import MNIST, ROOT, needs_mnist

from grader import data
from grader.data import DataError


def test_the_digits_come_in_the_lessons_layout():
    pairs = data.digits()
    assert [(x.shape, y.shape) for x, y in pairs] == [((n, 784), (n,)) for n in (1397, 200, 200)]
    for x, y in pairs:
        assert (x.dtype, y.dtype) == (np.float32, np.int64)
        assert 0 <= x.min() <= x.max() < 1
        assert set(y) == set(range(10))


def test_the_digits_are_the_same_every_time_and_nobody_elses():
    first, again = data.digits(), data.digits()
    assert first[0][1][:8].tolist() == [6, 8, 1, 5, 0, 9, 0, 1]
    first[0][0][:] = 7
    assert again[0][0].max() < 1


def test_they_are_read_without_loading_scikit_learn():
    code = "import sys; from grader import data; data.digits(); print('sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_they_are_scikit_learns_wherever_its_file_lies(monkeypatch):
    found = load_digits()
    for _ in ("its file", "as it reads it"):
        images, labels = data._images_and_labels()
        assert np.array_equal(images, found.images)
        assert np.array_equal(labels, found.target)
        monkeypatch.setattr(data.importlib.util, "find_spec", lambda name: None)


def test_no_digit_is_in_two_parts():
    rows = np.concatenate([x for x, _ in data.digits()])
    assert len(np.unique(rows, axis=0)) == len(rows)


def test_enlarging_keeps_where_things_are():
    images = np.zeros((1, 8, 8))
    images[0, 1, 6] = 16
    found = data._enlarged(images)[0]
    row, column = np.unravel_index(found.argmax(), found.shape)
    assert (row // 3.5, column // 3.5) == (1, 6)


def test_without_a_file_load_gives_the_digits(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(data.MNIST_VARIABLE, raising=False)
    monkeypatch.setattr(data, "own_folder", lambda: tmp_path / "none")
    assert (data.name(), len(data.load()[0][0])) == ("digits", 1397)


@needs_mnist
@pytest.mark.parametrize("how", ["configured", "data folder above", "own folder"])
def test_the_real_file_is_used_where_it_lies(how, tmp_path, monkeypatch):
    notebook = tmp_path / "course" / "assignments" / "02_data"
    notebook.mkdir(parents=True)
    monkeypatch.chdir(notebook)
    monkeypatch.delenv(data.MNIST_VARIABLE, raising=False)
    monkeypatch.setattr(data, "own_folder", lambda: tmp_path / "own")
    if how == "configured":
        monkeypatch.setenv(data.MNIST_VARIABLE, str(MNIST))
    else:
        folder = tmp_path / ("own" if how == "own folder" else "course/data")
        folder.mkdir()
        (folder / data.MNIST_FILE).symlink_to(MNIST)
    assert (data.name(), len(data.load()[0][0])) == ("MNIST", 50_000)


def test_a_configured_file_that_is_not_there_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv(data.MNIST_VARIABLE, str(tmp_path / "nothing.gz"))
    with pytest.raises(DataError, match=r"GRADER_MNIST names .*nothing\.gz"):
        data.load()


@needs_mnist
def test_the_real_file_has_the_lessons_numbers():
    (x, _), (x_valid, y_valid), _ = data.mnist(MNIST)
    mean, deviation = x.mean(dtype=np.float64), x.std(dtype=np.float64)
    normal = (x_valid - mean) / deviation
    assert (round(mean, 5), round(deviation, 5)) == (0.13045, 0.30729)
    assert (round(normal.mean(), 5), round(normal.std(), 5)) == (-0.00585, 0.99243)
    assert y_valid[:5].tolist() == [3, 8, 6, 9, 6]


class _Evil:
    def __reduce__(self):
        return os.system, ("echo pwned > /tmp/pwned-by-a-pickle",)


def pickled(value: object, path: Path, protocol: int = 4) -> Path:
    path.write_bytes(gzip.compress(pickle.dumps(value, protocol)))
    return path


@pytest.fixture
def small(monkeypatch):
    """MNIST's form in small: 20, 10 and 10 rows."""
    monkeypatch.setattr(data, "_MNIST_LABELS", ((2,) * 10, (1,) * 10, (1,) * 10))


def like_mnist() -> list[tuple[np.ndarray, np.ndarray]]:
    """Arrays of MNIST's shapes and label counts that hold nothing else."""
    return [
        (np.zeros((sum(counts), 784), np.float32), np.repeat(np.arange(10), counts)) for counts in data._MNIST_LABELS
    ]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_a_file_in_the_right_form_is_taken(tmp_path, protocol):
    found = data.mnist(pickled(tuple(like_mnist()), tmp_path / "m.gz", protocol))
    assert [len(y) for _, y in found] == [20, 10, 10]


def test_an_object_that_would_run_code_is_refused(tmp_path):
    path = pickled(_Evil(), tmp_path / "evil.gz")
    with pytest.raises(DataError, match=r"wants to run `(posix|os)\.system`; data holds arrays only"):
        data.mnist(path)
    assert not Path("/tmp/pwned-by-a-pickle").exists()


def _other_labels(parts):
    parts[1][1][0] = 1 - parts[1][1][0]


def _negative_label(parts):
    parts[0][1][0] = -1


def _too_bright(parts):
    parts[2][0][5, 5] = 1.0


def _not_a_number(parts):
    parts[2][0][5, 5] = np.nan


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_other_labels, "MNIST's labels"),
        (_negative_label, "MNIST's labels"),
        (_too_bright, "grey values"),
        (_not_a_number, "grey values"),
        (lambda parts: parts.pop(), "three pairs"),
        (lambda parts: parts.__setitem__(0, parts[1]), r"float32 \(10, 784\)"),
        (lambda parts: parts.__setitem__(0, ([1.0], [2])), "holds list and list"),
        (lambda parts: parts.__setitem__(0, 5), "three pairs"),
    ],
)
def test_what_is_not_mnist_is_refused_with_the_remedy(spoil, words, tmp_path):
    parts = like_mnist()
    spoil(parts)
    with pytest.raises(DataError, match=rf"m\.gz .*{words}.*grader data mnist"):
        data.mnist(pickled(tuple(parts), tmp_path / "m.gz"))


@pytest.mark.parametrize(
    "content", [b"", b"no gzip", gzip.compress(b"", mtime=0), gzip.compress(b"\x80\x02no pickle", mtime=0)]
)
def test_a_damaged_file_is_refused_with_the_remedy(content, tmp_path):
    path = tmp_path / "m.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"m\.gz cannot be read .*grader data mnist"):
        data.mnist(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"there is no file .*m\.gz; `grader data mnist` fetches"):
        data.mnist(tmp_path / "m.gz")


def test_a_bomb_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "_MOST_BYTES", 1000)
    with pytest.raises(DataError, match="unpacks to more than 1000 bytes"):
        data.mnist(pickled(b"0" * 5000, tmp_path / "bomb.gz"))


def test_no_real_mnist_is_in_the_project():
    assert not [path for path in ROOT.rglob("*.gz") if ".venv" not in path.parts and path.stat().st_size > 10**6]
