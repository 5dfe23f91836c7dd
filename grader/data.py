"""The pictures of the course: scikit-learn's digits, which need no download, or the real MNIST where it is at hand.

Both come in the lesson's layout `((x, y), (x_valid, y_valid), (x_test, y_test))`: x float32 (n, 784), numbers in
[0, 1), y int64 (n,). Nothing is ever unpickled but NumPy arrays.
"""

from __future__ import annotations

import gzip
import importlib.util
import os
import pickle
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
import platformdirs

Array: TypeAlias = np.ndarray[Any, Any]
Pair: TypeAlias = tuple[Array, Array]
Data: TypeAlias = tuple[Pair, Pair, Pair]

MNIST_FILE = "mnist.pkl.gz"
MNIST_VARIABLE = "GRADER_MNIST"
"""The environment variable that may hold the path of MNIST's file."""

SIDE = 28
"""Height and width of a picture."""

_DIGITS_SPLIT = (1397, 200, 200)
_DIGITS_SEED = 8
_MNIST_LABELS = (
    # how often each label 0 … 9 occurs in MNIST's training, validation and test rows
    (4932, 5678, 4968, 5101, 4859, 4506, 4951, 5175, 4842, 4988),
    (991, 1064, 990, 1030, 983, 915, 967, 1090, 1009, 961),
    (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009),
)
_MOST_BYTES = 2**29  # MNIST unpacks to 2.2e8
_ARRAYS_ONLY = {
    # what pickles of arrays name, as NumPy wrote them from the days of Python 2 until now
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy.core.numeric", "_frombuffer"),
    ("numpy._core.numeric", "_frombuffer"),
}


class DataError(ValueError):
    """A data file that cannot be used or had; the message names it, says why, and what to do."""


def load() -> Data:
    """The real MNIST if its file is configured or lies in a data folder (see `mnist_path`), else the digits."""
    path = mnist_path()
    return digits() if path is None else mnist(path)


def name() -> str:
    """What `load` gives here: `digits` or `MNIST`."""
    return "digits" if mnist_path() is None else "MNIST"


def mnist_path() -> Path | None:
    """Where MNIST's file lies: what GRADER_MNIST says, else `data/` here or above, else the user's data folder.

    DataError when GRADER_MNIST names a file that is not there.
    """
    configured = os.environ.get(MNIST_VARIABLE)
    if configured:
        path = Path(configured).expanduser()
        if not path.is_file():
            raise DataError(f"{MNIST_VARIABLE} names {path}, but there is no such file; correct it or unset it")
        return path
    return next((path for path in _places() if path.is_file()), None)


def _places() -> Iterator[Path]:
    here = Path.cwd()
    # a notebook lies at most three folders below its course: course/assignments/NAME
    for folder in (here, *here.parents[:3]):
        yield folder / "data" / MNIST_FILE
    yield own_folder() / MNIST_FILE


def own_folder() -> Path:
    """The user's folder for downloaded data."""
    return platformdirs.user_data_path("grader")


def digits() -> Data:
    """Scikit-learn's 1,797 handwritten digits, enlarged from 8×8 to 28×28, shuffled, in 1,397 / 200 / 200 rows."""
    first, second, third = _digits()
    return _copied(first), _copied(second), _copied(third)


def _copied(pair: Pair) -> Pair:
    return pair[0].copy(), pair[1].copy()


@cache
def _digits() -> Data:
    images, labels = _images_and_labels()
    # RandomState's numbers are the same in every release of NumPy
    order = np.random.RandomState(_DIGITS_SEED).permutation(len(labels))
    # grey values 0 … 16 come to the same range as MNIST's, which are 0 … 255 divided by 256
    x = _enlarged(images[order]).reshape(len(order), -1) * (255 / 256 / 16)
    y = labels[order].astype(np.int64)
    ends = np.cumsum(_DIGITS_SPLIT)
    parts = [slice(end - size, end) for end, size in zip(ends, _DIGITS_SPLIT, strict=True)]
    first, second, third = ((x[part].astype(np.float32), y[part]) for part in parts)
    return first, second, third


def _images_and_labels() -> tuple[Array, Array]:
    """(n, 8, 8) of grey values 0 … 16 and (n,) as scikit-learn gives them, without the second its import takes."""
    found = importlib.util.find_spec("sklearn")
    file = Path(found.origin).parent / "datasets" / "data" / "digits.csv.gz" if found and found.origin else None
    if file is None or not file.is_file():
        from sklearn.datasets import load_digits

        digits = load_digits()
        return digits.images, digits.target
    rows = np.loadtxt(file, delimiter=",")
    return rows[:, :-1].reshape(-1, 8, 8), rows[:, -1]


def _enlarged(images: Array) -> Array:
    """(n, h, w) → (n, 28, 28) by linear interpolation along both axes."""
    rows, columns = (_stretching(size) for size in images.shape[1:])
    enlarged: Array = np.einsum("ah,nhw,bw->nab", rows, images, columns)
    return enlarged


def _stretching(size: int) -> Array:
    """(28, size): each row holds the two neighbours' shares of one new place."""
    places = np.clip((np.arange(SIDE) + 0.5) * size / SIDE - 0.5, 0, size - 1)
    shares: Array = np.maximum(0.0, 1 - np.abs(places[:, None] - np.arange(size)))
    return shares


def mnist(path: Path) -> Data:
    """MNIST from the lesson's file, checked to be what it should be; DataError when it is not."""
    try:
        with gzip.open(path) as file:
            found = _ArraysOnlyUnpickler(_Bounded(file), encoding="latin-1").load()
    except DataError:
        raise
    except FileNotFoundError:
        raise DataError(f"there is no file {path}; `grader data mnist` fetches MNIST") from None
    except Exception as error:  # a damaged pickle may raise anything
        raise DataError(f"{path} cannot be read ({type(error).__name__}: {error}); {_REMEDY}") from None
    _verify(found, path)
    first, second, third = (tuple(pair) for pair in found)
    return first, second, third


_REMEDY = "delete it and fetch it again by `grader data mnist`"


class _ArraysOnlyUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ARRAYS_ONLY:
            raise DataError(f"the file wants to run `{module}.{name}`; data holds arrays only: do not use this file")
        return super().find_class(module, name)


class _Readable(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...
    def readline(self, size: int = ..., /) -> bytes: ...


class _Bounded:
    """A file that ends with an error where a bomb would go on."""

    def __init__(self, file: _Readable) -> None:
        self._file, self._left = file, _MOST_BYTES

    def read(self, size: int = -1) -> bytes:
        return self._counted(self._file.read(self._left + 1 if size < 0 else min(size, self._left + 1)))

    def readline(self) -> bytes:
        return self._counted(self._file.readline(self._left + 1))

    def _counted(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise DataError(f"the file unpacks to more than {_MOST_BYTES} bytes; it is not MNIST: do not use it")
        return data


def _verify(found: Any, path: Path) -> None:
    try:
        pairs = [(x, y) for x, y in found]
    except (TypeError, ValueError):
        raise DataError(f"{path} is not in the lesson's layout of three pairs; {_REMEDY}") from None
    for (x, y), counts in zip(pairs, _MNIST_LABELS, strict=False):
        form = (_form(x), _form(y))
        expected = (f"float32 ({sum(counts)}, {SIDE * SIDE})", f"int64 ({sum(counts)},)")
        if form != expected:
            raise DataError(f"{path} holds {' and '.join(form)}, expected {' and '.join(expected)}; {_REMEDY}")
        if not (y.min() >= 0 and y.max() <= 9) or tuple(np.bincount(y, minlength=10)) != counts:
            raise DataError(f"{path} does not hold MNIST's labels; {_REMEDY}")
        if not (x.min() >= 0 and x.max() < 1):
            raise DataError(f"{path} holds grey values outside of [0, 1); {_REMEDY}")
    if len(pairs) != len(_MNIST_LABELS):
        raise DataError(f"{path} is not in the lesson's layout of three pairs; {_REMEDY}")


def _form(value: Any) -> str:
    return f"{value.dtype} {value.shape}" if isinstance(value, np.ndarray) else type(value).__name__
