"""Hidden suite of 02_data: a Python 2 pickle inside gzip, normalising, channel statistics, and a grid of pictures."""

from __future__ import annotations

import gzip
import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
import torch

from grader.judge.answer import Answer
from grader.judge.compare import Tolerance, compare
from grader.judge.draw import Draw

Array = np.ndarray[Any, Any]
Pairs = tuple[tuple[Array, Array], ...]

every_dtype = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
ANY_FLOAT = Tolerance(any_float=True)
EXACT = Tolerance(0.0, 0.0)
LOAD, PLOTS = "load_mnist(path)", "plots(images, titles, rows)"


# load_mnist


def loaded_from_text(m: Any, file: bytes, name: str) -> Any:
    """load_mnist of a file whose path is a str; every tuple and list as a plain tuple."""
    with tempfile.TemporaryDirectory() as folder:  # noqa: F821 - probes have tempfile and pathlib
        path = pathlib.Path(folder) / name  # noqa: F821
        path.write_bytes(file)
        sets = m.load_mnist(str(path))
    if not isinstance(sets, tuple | list):
        return sets
    return tuple(tuple(each) if isinstance(each, tuple | list) else each for each in sets)


def loaded_from_path(m: Any, file: bytes, name: str) -> Any:
    """load_mnist of a file whose path is a Path; every tuple and list as a plain tuple."""
    with tempfile.TemporaryDirectory() as folder:  # noqa: F821
        path = pathlib.Path(folder) / name  # noqa: F821
        path.write_bytes(file)
        sets = m.load_mnist(path)
    if not isinstance(sets, tuple | list):
        return sets
    return tuple(tuple(each) if isinstance(each, tuple | list) else each for each in sets)


def loaded_in_turn(m: Any, first: bytes, second: bytes) -> Any:
    """load_mnist by keyword of two files, then of the first place when it holds the second file, and twice again of
    that unchanged file by a relative path; each time, all arrays loaded before hold 0. At last what lies there.
    """
    results, loaded = [], []
    with tempfile.TemporaryDirectory() as folder:  # noqa: F821
        # deeper than the current folder: seen from in there, the relative path leads nowhere
        up = pathlib.Path.cwd().parts[1:]  # noqa: F821
        place = pathlib.Path(folder).joinpath(*up, "data")  # noqa: F821
        place.mkdir(parents=True)
        one, two = str(place / "one.pkl.gz"), str(place / "two.pkl.gz")
        relative = "../" * len(up) + one[1:]
        for path, file in [(one, first), (two, second), (one, second), (relative, b""), (relative, b"")]:
            if file:
                pathlib.Path(path).write_bytes(file)  # noqa: F821
            sets = m.load_mnist(path=path)
            if isinstance(sets, tuple | list):
                sets = tuple(tuple(each) if isinstance(each, tuple | list) else each for each in sets)
                arrays = [each for pair in sets if isinstance(pair, tuple) for each in pair]
                copies = [each.copy("K") if isinstance(each, np.ndarray) else each for each in arrays]
                rest = iter(copies)
                sets = tuple(tuple(next(rest) for _ in pair) if isinstance(pair, tuple) else pair for pair in sets)
                for each, copy in zip(arrays, copies, strict=True):
                    if isinstance(each, np.ndarray) and each.flags.writeable:
                        loaded.append((each, copy))
                        each.fill(0)
            results.append(sets)
        results.append(pathlib.Path(one).read_bytes() if pathlib.Path(one).exists() else b"")  # noqa: F821
    # whoever keeps arrays for ever finds them as they were
    for each, copy in reversed(loaded):
        each[...] = copy
    return results


def loaded_from_large(m: Any, file: bytes) -> Any:
    """load_mnist of a large file: of each array shape, dtype, the places of all that is not 0, and what stands there.

    Of all else the type.
    """
    with tempfile.TemporaryDirectory() as folder:  # noqa: F821
        path = pathlib.Path(folder) / "large.pkl.gz"  # noqa: F821
        path.write_bytes(file)
        sets = m.load_mnist(path)
    if not isinstance(sets, tuple | list):
        return type(sets).__name__
    return tuple(
        tuple(
            (each.shape, each.dtype.name, np.flatnonzero(each), each[each != 0])
            if isinstance(each, np.ndarray)
            else type(each).__name__
            for each in pair
        )
        if isinstance(pair, tuple | list)
        else type(pair).__name__
        for pair in sets
    )


class Python2Pickle:
    """Writes nested tuples of arrays as Python 2's pickle does: text as byte strings, NumPy's old module names.

    with_memo: whether objects that occur again are written as references, as Python 2 does where it can; the
    lesson's file does without.
    """

    def __init__(self, protocol: int, *, with_memo: bool) -> None:
        self._protocol, self._memo = protocol, {} if with_memo else None

    def dumps(self, value: Any) -> bytes:
        start = b"\x80\x02" if self._protocol == 2 else b""
        return start + self._nested(value) + b"."

    def _nested(self, value: Any) -> bytes:
        if isinstance(value, tuple):
            return self._tuple([self._nested(each) for each in value])
        return self._array(value)

    def _array(self, array: Array) -> bytes:
        function = self._global("numpy.core.multiarray", "_reconstruct")
        made_from = [self._global("numpy", "ndarray"), self._tuple([self._int(0)]), self._text(b"b")]
        in_columns = array.ndim > 1 and array.flags.f_contiguous and not array.flags.c_contiguous
        state = [
            self._int(1),
            self._tuple([self._int(size) for size in array.shape]),
            self._dtype(array.dtype),
            self._bool(in_columns),
            self._text(array.tobytes("F" if in_columns else "C")),
        ]
        return function + self._tuple(made_from) + b"R" + self._tuple(state) + b"b"

    def _dtype(self, dtype: np.dtype[Any]) -> bytes:
        name = dtype.str[1:]
        return self._remembered(f"dtype {name}", self._written_dtype(dtype.str[:1], name))

    def _written_dtype(self, order: str, name: str) -> bytes:
        made_from = self._tuple([self._text(name.encode()), self._int(0), self._int(1)])
        numbers = [self._int(number) for number in (-1, -1, 0)]
        state = self._tuple([self._int(3), self._text(order.encode()), b"N", b"N", b"N", *numbers])
        return b"cnumpy\ndtype\n" + made_from + b"R" + state + b"b"

    def _global(self, module: str, name: str) -> bytes:
        return self._remembered(name, f"c{module}\n{name}\n".encode())

    def _remembered(self, key: str, written: bytes) -> bytes:
        if self._memo is None:
            return written
        if key in self._memo:
            number = self._memo[key]
            return b"h" + bytes([number]) if self._protocol else b"g%d\n" % number
        number = self._memo[key] = len(self._memo) + 1
        return written + (b"q" + bytes([number]) if self._protocol else b"p%d\n" % number)

    def _tuple(self, parts: list[bytes]) -> bytes:
        if self._protocol == 2 and len(parts) in (1, 2, 3):
            return b"".join(parts) + bytes([0x84 + len(parts)])
        return b"(" + b"".join(parts) + b"t"

    def _int(self, number: int) -> bytes:
        if self._protocol == 0:
            return b"I%d\n" % number
        if 0 <= number < 256:
            return b"K" + bytes([number])
        return b"M" + struct.pack("<H", number) if 0 <= number < 65536 else b"J" + struct.pack("<i", number)

    def _bool(self, value: bool) -> bytes:
        if self._protocol == 2:
            return b"\x88" if value else b"\x89"
        return b"I01\n" if value else b"I00\n"

    def _text(self, value: bytes) -> bytes:
        if self._protocol == 0:
            return b"S" + repr(value)[1:].encode() + b"\n"
        return b"U" + bytes([len(value)]) + value if len(value) < 256 else b"T" + struct.pack("<i", len(value)) + value


def three_pairs(
    draw: Draw, sizes: Sequence[int], width: int, x_dtype: type = np.float32, y_dtype: type = np.int64
) -> Pairs:
    """Training, validation and test pictures with labels; floats hold bytes above 127 in all but 2⁻¹⁰⁰ of draws."""

    def pair(n: int) -> tuple[Array, Array]:
        if np.issubdtype(x_dtype, np.floating):
            x = draw.uniform(n, width, high=255 / 256, dtype=torch.float64).numpy()
        else:
            x = draw.integers(n, width, low=128, high=256).numpy()
        return x.astype(x_dtype), draw.integers(n, high=10).numpy().astype(y_dtype)

    return tuple(pair(n) for n in sizes)


def gzipped(pairs: Pairs, protocol: int = 2, *, with_memo: bool = False, name: str = "") -> bytes:
    """The bytes of a file in the lesson's format; the same for the same pairs."""
    file = io.BytesIO()
    with gzip.GzipFile(name, "wb", fileobj=file, mtime=0) as packed:
        packed.write(Python2Pickle(protocol, with_memo=with_memo).dumps(pairs))
    return file.getvalue()


@cache
def large_file() -> bytes:
    """More pictures than MNIST has: 1.3 MB of almost nothing but 0. Not drawn, so that it is packed only once."""
    random = np.random.RandomState(0)
    pairs = tuple((np.zeros((n, 20), np.uint8), np.zeros(n, np.uint8)) for n in (60_001, 3, 1))
    for array in (each for pair in pairs for each in pair):
        places = [*random.randint(0, array.size, 20), array.size - 1]
        array.reshape(-1)[places] = random.randint(1, 10, 21)
    return gzipped(pairs)


@pytest.mark.exercise("load_mnist", weight=2)
def test_load_mnist_from_a_str(answer: Answer, draw: Draw) -> None:
    """The three pairs come out of a file whose path is a str, arrays and dtypes as they were saved."""
    pairs = three_pairs(draw, (7, 4, 3), 784)
    answer.gives(loaded_from_text, gzipped(pairs), "mnist.pkl.gz", expected=pairs, tolerance=EXACT, call=LOAD)


@pytest.mark.exercise("load_mnist", weight=2)
def test_load_mnist_from_a_path(answer: Answer, draw: Draw) -> None:
    """The path may be a Path as well as a str."""
    pairs = three_pairs(draw, (5, 2, 4), 784)
    answer.gives(loaded_from_path, gzipped(pairs), "mnist.pkl.gz", expected=pairs, tolerance=EXACT, call=LOAD)
    # nor does its end say what is in a file
    answer.gives(loaded_from_path, gzipped(pairs), "mnist", expected=pairs, tolerance=EXACT, call=LOAD)


@pytest.mark.exercise("load_mnist")
def test_load_mnist_with_other_sizes_and_dtypes(answer: Answer, draw: Draw) -> None:
    """Whatever sizes and dtypes the arrays were saved with, they come back like that."""
    for sizes, width, x_dtype, y_dtype in [
        ((6, 3, 1), 9, np.float64, np.int32),
        ((2, 5, 4), 30, np.uint8, np.uint8),
        ((3, 1, 2), 4, np.float16, np.int16),
    ]:
        pairs = three_pairs(draw, sizes, width, x_dtype, y_dtype)
        if x_dtype is np.float64:  # numbers, too, if odd ones
            pairs[1][0][0, :2] = np.nan, np.inf
        answer.gives(loaded_from_text, gzipped(pairs), "small.pkl.gz", expected=pairs, tolerance=EXACT, call=LOAD)


@pytest.mark.exercise("load_mnist")
@pytest.mark.parametrize("protocol", [0, 1, 2])
def test_load_mnist_of_every_protocol(answer: Answer, draw: Draw, protocol: int) -> None:
    """Python 2 had several ways to write a pickle; a file in any of them is loaded, whatever its name."""
    pairs = three_pairs(draw, (4, 3, 2), 12)
    pairs = ((np.asfortranarray(pairs[0][0]), pairs[0][1]), *pairs[1:])
    file = gzipped(pairs, protocol, with_memo=True, name="saved by Python 2.pkl")
    answer.gives(loaded_from_path, file, "my data.gz", expected=pairs, tolerance=EXACT, call=LOAD)


@pytest.mark.exercise("load_mnist")
def test_load_mnist_of_a_large_file(answer: Answer) -> None:
    """All of a file with more pictures than MNIST has comes out."""
    answer.agrees(loaded_from_large, large_file(), tolerance=EXACT, call=LOAD)


@pytest.mark.exercise("load_mnist")
def test_load_mnist_called_again(answer: Answer, draw: Draw) -> None:
    """Each call reads the file that `path` names, a relative one too, and leaves file and folder as they were."""
    first, second = three_pairs(draw, (3, 2, 2), 11), three_pairs(draw, (4, 1, 3), 5)
    files = gzipped(first), gzipped(second)
    expected = [first, second, second, second, second, files[1]]
    answer.gives(loaded_in_turn, *files, expected=expected, tolerance=EXACT, call=LOAD)


# normalize


def normalized(m: Any, x_train: Any, x_valid: Any) -> Any:
    """normalize(x_train, x_valid), a list or tuple of any kind as a plain tuple."""
    pair = m.normalize(x_train, x_valid)
    return tuple(pair) if isinstance(pair, tuple | list) else pair


def numbers(
    draw: Draw, *shape: int, mean: float = 0.0, scale: float = 1.0, dtype: torch.dtype = torch.float32
) -> Array:
    """Normal numbers about `mean`. Suites keep it below three times `scale`: float32 sums are then good to 1e-6."""
    return (draw.normal(*shape, scale=scale, dtype=torch.float64) + mean).to(dtype).numpy()


def normalized_each(m: Any, given: Any) -> Any:
    """normalize(x_train, x_valid) of each of many pairs, lists and tuples as plain tuples."""
    pairs = [m.normalize(x_train, x_valid) for x_train, x_valid in given]
    return [tuple(pair) if isinstance(pair, tuple | list) else pair for pair in pairs]


def spread(draw: Draw, *shape: int, number: int = 0) -> Array:
    """Numbers from about −1.5 to 1.5, whose deviation is not small however few there are; float64 if `number` is even.

    With an odd number float32, about another middle: of so few numbers a float32 sum is good to 1e-6.
    """
    size = int(np.prod(shape))
    even = torch.linspace(-1.5, 1.5, size, dtype=torch.float64)[draw.permutation(size)]
    drawn = (even + draw.uniform(size, low=-0.2, high=0.2, dtype=torch.float64)).reshape(shape).numpy()
    return (drawn + 0.5).astype(np.float32) if number % 2 else drawn - 0.25


@pytest.mark.exercise("normalize", weight=2)
@every_dtype
def test_normalize_two_sets(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """Both sets are shifted by the training mean and divided by the training deviation, and stay as they were."""
    x_train = numbers(draw, 7, 5, mean=2, scale=1.5, dtype=dtype)
    x_valid = numbers(draw, 4, 5, mean=0.5, scale=0.7, dtype=dtype)
    answer.agrees(normalized, x_train, x_valid, tolerance=ANY_FLOAT, unchanged=True)


@pytest.mark.exercise("normalize")
def test_normalize_pictures_in_rows(answer: Answer, draw: Draw) -> None:
    """Pictures as rows of 784 pixels are normalised with one mean and one deviation for all pixels."""
    # float64: the float32 sum of thousands of numbers, added up one by one, is off by more than the tolerance
    x_train = draw.uniform(6, 784, high=0.9, dtype=torch.float64).numpy()
    x_valid = draw.uniform(3, 784, low=0.1, dtype=torch.float64).numpy()
    x_train[:, :100], x_valid[:, :50] = 0, 0  # a border that is always black
    answer.agrees(normalized, x_train, x_valid, tolerance=ANY_FLOAT, unchanged=True)


@pytest.mark.exercise("normalize")
def test_normalize_many_pictures(answer: Answer, draw: Draw) -> None:
    """All of many training pictures count, and all validation pictures are normalised."""
    x_train, x_valid = (numbers(draw, n, 2, dtype=torch.float64) for n in (1100, 1050))
    x_train[1000:] += 2
    answer.agrees(normalized, x_train, x_valid, tolerance=ANY_FLOAT, unchanged=True)


@pytest.mark.exercise("normalize")
def test_normalize_pictures_with_rows_and_columns(answer: Answer, draw: Draw) -> None:
    """Pictures of shape (n, h, w) are normalised with one mean and one deviation as well."""
    x_train = numbers(draw, 5, 4, 3, mean=1)
    answer.agrees(normalized, x_train, numbers(draw, 2, 4, 3, mean=3, scale=2), tolerance=ANY_FLOAT, unchanged=True)


@pytest.mark.exercise("normalize")
def test_normalize_a_validation_set_of_another_brightness(answer: Answer, draw: Draw) -> None:
    """A validation set that is brighter than the training set is brighter afterwards, too."""
    x_train = draw.uniform(6, 8, high=100.0, dtype=torch.float64).numpy()
    x_valid = draw.uniform(6, 8, low=200.0, high=255.0, dtype=torch.float64).numpy()
    answer.agrees(normalized, x_train, x_valid, tolerance=ANY_FLOAT, unchanged=True)


@pytest.mark.exercise("normalize")
def test_normalize_single_pictures(answer: Answer, draw: Draw) -> None:
    """One training picture and one validation picture, all of one grey, will do."""
    x_valid = np.full((1, 6), 3.0)
    answer.agrees(
        normalized, numbers(draw, 1, 6, mean=1, dtype=torch.float64), x_valid, tolerance=ANY_FLOAT, unchanged=True
    )


@pytest.mark.exercise("normalize")
def test_normalize_of_every_size(answer: Answer, draw: Draw) -> None:
    """However few numbers there are, in however many axes, in float32 and float64; both sets stay as they were."""
    rest = [(), (1,), (2,), (3,), (2, 2), (1, 3), (3, 3), (2, 1, 2)]
    shapes = [(n, *each) for n in (1, 2, 3) for each in rest if n * np.prod(each) > 1]
    given = []
    for number, (n, *axes) in enumerate([*shapes, (5, 4, 4, 3), (12, 5)]):
        given += [[spread(draw, n, *axes, number=number), spread(draw, k, *axes, number=number)] for k in (1, 2)]
    given[-1][1][0, 0] = 1000  # far from all that was trained on
    call = "normalize(x_train, x_valid) of each"
    answer.agrees(normalized_each, given, tolerance=ANY_FLOAT, unchanged=True, axes=(), call=call)


@pytest.mark.exercise("normalize")
def test_normalize_tiny_numbers(answer: Answer, draw: Draw) -> None:
    """Training numbers that hardly differ from each other are spread out in full."""
    for scale in (1e-5, 1e-9):
        x_train, x_valid = (numbers(draw, n, 4, mean=scale, scale=scale, dtype=torch.float64) for n in (5, 3))
        answer.agrees(normalized, x_train, x_valid, tolerance=ANY_FLOAT, unchanged=True)


@pytest.mark.exercise("normalize")
def test_normalize_called_again(answer: Answer, draw: Draw) -> None:
    """Each call starts anew, and the sets may be passed by their names `x_train` and `x_valid`."""
    sizes = [(5, 3, 1), (2, 3, 2), (3, 6, -2), (4, 6, 0), (5, 3, -1), (2, 3, 3)]
    sets = [numbers(draw, n, k, mean=mean, scale=2) for n, k, mean in sizes]
    call = "normalize(x_train, x_valid)"
    answer.agrees(normalized_in_turn, *sets, tolerance=ANY_FLOAT, unchanged=True, call=call)


def normalized_in_turn(
    m: Any, x_train: Any, x_valid: Any, other_train: Any, other_valid: Any, like_train: Any, like_valid: Any
) -> Any:
    """Calls one after the other: the second by keyword, then other numbers in the first one's shapes, one set twice."""
    pairs = [
        m.normalize(x_train, x_valid),
        m.normalize(x_valid=other_valid, x_train=other_train),
        m.normalize(x_train, x_valid),
        m.normalize(like_train, like_valid),
        m.normalize(x_train, x_train),
    ]
    return [tuple(pair) if isinstance(pair, tuple | list) else pair for pair in pairs]


# channel_stats


def statistics(m: Any, images: Any) -> Any:
    """channel_stats(images), a list or tuple of any kind as a plain tuple."""
    pair = m.channel_stats(images)
    return tuple(pair) if isinstance(pair, tuple | list) else pair


def statistics_of_each(m: Any, batches: Any) -> Any:
    """channel_stats(images) of each of many batches, lists and tuples as plain tuples."""
    pairs = [m.channel_stats(images) for images in batches]
    return [tuple(pair) if isinstance(pair, tuple | list) else pair for pair in pairs]


def spread_channels(draw: Draw, n: int, h: int, w: int, c: int, *, number: int) -> Array:
    """(n, h, w, c): each channel spread as above, times 1 more than the one before it."""
    return np.stack([spread(draw, n, h, w, number=number) * (channel + 1) for channel in range(c)], axis=-1)


def coloured(draw: Draw, n: int, h: int, w: int, c: int, dtype: torch.dtype = torch.float32) -> Array:
    """(n, h, w, c): channels and images of different brightness and contrast, no channel constant."""
    level, contrast = draw.uniform(c, low=-1.0, high=1.0), draw.uniform(c, low=0.5, high=2.0)
    brightness = draw.uniform(n, 1, 1, 1, low=-1.0, high=1.0)
    return ((draw.normal(n, h, w, c) + level + brightness) * contrast).to(dtype).numpy()


@pytest.mark.exercise("channel_stats", weight=2)
@every_dtype
def test_channel_stats_of_colour_images(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """Each channel has its mean and its deviation over all images, rows and columns; the images stay as they were."""
    answer.agrees(statistics, coloured(draw, 4, 5, 6, 3, dtype), tolerance=ANY_FLOAT, unchanged=True)


@pytest.mark.exercise("channel_stats")
def test_channel_stats_of_any_number_of_channels(answer: Answer, draw: Draw) -> None:
    """There may be one channel, two, or more than three."""
    for c in (1, 2, 5):
        answer.agrees(statistics, coloured(draw, 3, 4, 2, c), tolerance=ANY_FLOAT, unchanged=True)


@pytest.mark.exercise("channel_stats")
def test_channel_stats_of_equal_sizes(answer: Answer, draw: Draw) -> None:
    """As many images as rows, columns and channels: the channels are still the last axis."""
    answer.agrees(statistics, coloured(draw, 3, 3, 3, 3), tolerance=ANY_FLOAT, unchanged=True)


@pytest.mark.exercise("channel_stats")
def test_channel_stats_of_one_image_or_line(answer: Answer, draw: Draw) -> None:
    """A single image will do, and so will images of a single row or column."""
    for sizes in [(1, 3, 2, 3), (5, 1, 1, 4), (2, 1, 4, 3), (3, 4, 1, 2)]:
        # float64: few values may lie close together, and mean of squares − square of the mean then rounds
        answer.agrees(statistics, coloured(draw, *sizes, torch.float64), tolerance=ANY_FLOAT, unchanged=True)


@pytest.mark.exercise("channel_stats")
def test_channel_stats_of_images_of_different_brightness(answer: Answer, draw: Draw) -> None:
    """Where images differ in brightness, that is part of each channel's deviation."""
    many = coloured(draw, 1100, 1, 2, 2, torch.float64)
    many[1000:] += 3
    answer.agrees(statistics, many, tolerance=ANY_FLOAT, unchanged=True)
    images = draw.uniform(3, 4, 5, 3, high=40.0, dtype=torch.float64).numpy()
    images += np.array([0.0, 90.0, 200.0]).reshape(3, 1, 1, 1)
    answer.agrees(statistics, images, tolerance=ANY_FLOAT, unchanged=True)


@pytest.mark.exercise("channel_stats")
def test_channel_stats_of_pale_images(answer: Answer, draw: Draw) -> None:
    """Channels whose values hardly differ from each other have a small deviation, and that is given as it is."""
    for scale in (1e-4, 1e-7, 1e-9):
        answer.agrees(
            statistics, coloured(draw, 3, 4, 2, 3, torch.float64) * scale, tolerance=ANY_FLOAT, unchanged=True
        )


@pytest.mark.exercise("channel_stats")
def test_channel_stats_of_images_with_a_black_border(answer: Answer, draw: Draw) -> None:
    """Black pixels are pixels: what is 0 counts like any other number."""
    images = draw.uniform(3, 6, 5, 2, low=0.2, high=1.0, dtype=torch.float64).numpy()
    images[:, :2], images[:, :, 0] = 0, 0
    answer.agrees(statistics, images, tolerance=ANY_FLOAT, unchanged=True)


@pytest.mark.exercise("channel_stats")
def test_channel_stats_of_fine_shades(answer: Answer, draw: Draw) -> None:
    """All digits of float64 pixels count."""
    # float32 has steps of 2⁻²³ from 1 to 2: in it, each of these pixels would get smaller by almost half a step
    shades = draw.integers(3, 4, 2, 3, low=64, high=128).numpy() / 64
    shades[0, 0, 0], shades[2, 3, 1] = 1, 1.5
    answer.agrees(statistics, shades + 2.0**-24 - 2.0**-30, tolerance=ANY_FLOAT, unchanged=True)


@pytest.mark.exercise("channel_stats")
def test_channel_stats_of_every_size(answer: Answer, draw: Draw) -> None:
    """However small the images, and however many channels, in float32 and float64; the images stay as they were."""
    equal = [(2, 3, 4, 5), (4, 2, 3, 5), (2, 2, 3, 5), (3, 2, 3, 2), (2, 3, 3, 2), (2, 5, 2, 5), (2, 2, 2, 12)]
    shapes = [*(each for each in product((1, 3), (1, 3), (1, 3), (1, 2, 3)) if np.prod(each[:3]) > 1), *equal]
    batches = [spread_channels(draw, *shape, number=number) for number, shape in enumerate(shapes)]
    few = np.array([[1, 0], [0, 1], [0, 1], [0, 1]], dtype=np.float32).reshape(1, 2, 2, 2)  # black and white
    call = "channel_stats(images) of each"
    answer.agrees(statistics_of_each, [*batches, few], tolerance=ANY_FLOAT, unchanged=True, axes=(), call=call)


@pytest.mark.exercise("channel_stats")
def test_channel_stats_called_again(answer: Answer, draw: Draw) -> None:
    """Each call starts anew, and the images may be passed by their name `images`."""
    first, other, like = coloured(draw, 2, 3, 4, 3), coloured(draw, 3, 2, 2, 2), coloured(draw, 2, 3, 4, 3)
    call = "channel_stats(images)"
    answer.agrees(statistics_in_turn, first, other, like, tolerance=ANY_FLOAT, unchanged=True, call=call)


def statistics_in_turn(m: Any, images: Any, others: Any, like: Any) -> Any:
    """Calls one after the other, the second by keyword, the last with other numbers in the first one's shape."""
    pairs = [
        m.channel_stats(images),
        m.channel_stats(images=others),
        m.channel_stats(images),
        m.channel_stats(like),
    ]
    return [tuple(pair) if isinstance(pair, tuple | list) else pair for pair in pairs]


# plots


def drawn(m: Any, calls: Any) -> Any:
    """What plots draws in some calls: for each call what its Figure holds when all calls are done, as plain data.

    Every call is `[images, options]`; options are keyword arguments, or a list of further positional ones. Reported
    are the place of each Axes in pixels, what it holds, and, from drawing the Figure with all else hidden, how many
    pixels are coloured by axis lines, by ticks, and by Axes without an image; how many Figures there are; and the
    calls' inputs as they were left.
    """

    def axes_of(figure: Any) -> Any:
        found = list(plt.Figure.get_axes(figure))  # noqa: F821 - probes have plt
        for each in found:
            found.extend(child for child in each.child_axes if child not in found)
        return found

    def furniture(parent: Any) -> Any:
        for child in parent.get_children():
            if isinstance(child, plt.FigureBase):  # noqa: F821
                yield from furniture(child)
                yield child.patch
            elif not isinstance(child, plt.Axes) and child is not parent.patch:  # noqa: F821
                yield child

    def coloured_pixels(figure: Any) -> Any:
        with tempfile.SpooledTemporaryFile(2**26) as file:  # noqa: F821
            plt.Figure.savefig(figure, file, format="rgba", dpi=300 / max(figure.get_size_inches()))  # noqa: F821
            file.seek(0)
            pixels = np.frombuffer(file.read(), np.uint8).reshape(-1, 4)
        return int((pixels != pixels[0]).any(1).sum())

    def is_seen(image: Any) -> Any:
        alpha = image.get_alpha()
        return bool(image.get_visible() and (alpha is None or np.any(alpha)))

    def corners(axes: Any, image: Any) -> Any:
        # an image's row 0 stands at the top of its extent, or at the bottom with origin="lower"
        left, right, bottom, top = image.get_extent()
        ends = [(left, top), (right, bottom)] if image.origin != "lower" else [(left, bottom), (right, top)]
        places = axes.transAxes.inverted().transform(image.get_transform().transform(ends))
        return [[float(across), 1 - float(up)] for across, up in places]

    def contents(axes: Any) -> Any:
        images = [
            {
                "pixels": np.ma.filled(np.ma.asarray(image.get_array()).astype(float), np.nan),
                "corners": corners(axes, image),
                "visible": is_seen(image),
            }
            for image in axes.get_images()
        ]
        texts = [text for text in (*axes.texts, axes.title) if text.get_text()]
        return {
            "box": [float(edge) for edge in axes.get_window_extent().extents],
            "visible": bool(axes.get_visible()),
            "images": images,
            "title": str(axes.get_title()) if axes.title.get_visible() else "",
            "side titles": [str(axes.get_title(loc=side)) for side in ("left", "right")],
            "things": len(images) + len(texts) + sum(map(len, (axes.lines, axes.collections, axes.patches))),
        }

    def report(figure: Any) -> Any:
        if not isinstance(figure, plt.Figure):  # noqa: F821
            return {"kind": type(figure).__name__}
        plt.Figure.draw_without_rendering(figure)  # noqa: F821 - positions are final after this
        every = axes_of(figure)
        result = {"kind": "Figure", "axes": [contents(axes) for axes in every], "lines": 0, "ticks": 0, "further": 0}
        holding = [axes for axes in every if axes.get_visible() and any(i.get_visible() for i in axes.get_images())]
        further = [axes for axes in every if axes not in holding]
        for thing in list(furniture(figure)):
            thing.set_visible(False)
        if any(axes.get_visible() for axes in further):
            for axes in holding:
                axes.set_visible(False)
            result["further"] = coloured_pixels(figure)
        for axes in every:
            axes.set_visible(axes in holding)
        lines, ticks = [], []
        for axes in holding:
            lines.extend(axes.spines.values())
            ticks.extend((axes.xaxis, axes.yaxis))
            for child in axes.get_children():
                if child not in lines and child not in ticks and not isinstance(child, plt.Axes):  # noqa: F821
                    child.set_visible(False)
        for name, shown, hidden in (("lines", lines, ticks), ("ticks", ticks, lines)):
            before = [thing.get_visible() for thing in hidden]
            for thing in hidden:
                thing.set_visible(False)
            if any(thing.get_visible() for thing in shown) and any(axes.axison for axes in holding):
                result[name] = coloured_pixels(figure)
            for thing, state in zip(hidden, before, strict=True):
                thing.set_visible(state)
        return result

    known = plt.get_fignums()  # noqa: F821
    try:
        figures = [
            m.plots(images, **options) if isinstance(options, dict) else m.plots(images, *options)
            for images, options in calls
        ]
        results = [report(figure) for figure in figures]
    finally:
        for number in plt.get_fignums():  # noqa: F821
            if number not in known:
                plt.close(number)  # noqa: F821
    return {"figures": results, "different": len(set(map(id, figures))), "inputs": calls}


@dataclass(frozen=True)
class Picture:
    """An Axes with an image: its place in the grid, and the pixels as a viewer sees them, from the top left on.

    whole: whether no part of the image lies outside of the Axes. titles: centre, left, right.
    """

    row: int
    column: int
    pixels: Array
    whole: bool
    titles: tuple[str, ...]

    def is_of(self, image: Array) -> bool:
        """Whether these are the image's pixels in any order, up to brightness and contrast."""
        return self.pixels.size == image.size and np.allclose(_spread(self.pixels), _spread(image), atol=1e-5)


def _spread(pixels: Array) -> Array:
    ordered = np.sort(pixels.ravel().astype(float))
    return (ordered - ordered[0]) / (ordered[-1] - ordered[0] or 1.0)


@dataclass(frozen=True)
class Drawing:
    """A Figure as a viewer sees it; `pictures` row by row. kind: the type's name where it is no Figure at all."""

    kind: str
    pictures: tuple[Picture, ...] = ()
    images_each: tuple[int, ...] = ()
    has_lines: bool = False
    has_ticks: bool = False
    shows_further: bool = False
    holds_further: bool = False

    @classmethod
    def of(cls, report: Any) -> Drawing:
        """Read from what `drawn` reports of one Figure; whatever has another form is a drawing of no kind."""
        try:
            return cls._of(report) if report["kind"] == "Figure" else cls(str(report["kind"]))
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):
            return cls("unreadable")

    @classmethod
    def _of(cls, report: Any) -> Drawing:
        holding = [axes for axes in report["axes"] if axes["visible"] and any(i["visible"] for i in axes["images"])]
        further = [axes for axes in report["axes"] if not any(axes is each for each in holding)]
        boxes = np.array([axes["box"] for axes in holding]).reshape(-1, 4)
        columns, rows = _lines_of(boxes[:, 0], boxes[:, 2]), _lines_of(-boxes[:, 3], -boxes[:, 1])
        pictures = [_picture(*each) for each in zip(holding, rows, columns, strict=True)]
        return cls(
            "Figure",
            tuple(sorted(pictures, key=lambda each: (each.row, each.column))),
            tuple(sorted(len(axes["images"]) for axes in holding)),
            report["lines"] > 0,
            report["ticks"] > 0,
            report["further"] > 0,
            any(axes["things"] > 0 for axes in further),
        )

    def title_of(self, image: Array) -> str | None:
        """The centred title above an image, wherever it stands; None when the image is not there."""
        return next((each.titles[0] for each in self.pictures if each.is_of(image)), None)

    def plain(self) -> dict[str, Any]:
        """What two like drawings have in common, as plain data."""
        each = self.pictures
        return {
            "kind": self.kind,
            "places": [(picture.row, picture.column) for picture in each],
            "pixels": [picture.pixels for picture in each],
            "whole": [picture.whole for picture in each],
            "titles": [picture.titles for picture in each],
            "images each": self.images_each,
            "shown besides": (self.has_lines, self.has_ticks, self.shows_further, self.holds_further),
        }


def _lines_of(low: Array, high: Array) -> list[int]:
    """Which line of a grid each interval lies in, counted along the axis: centres closer than a quarter share one."""
    if not len(low):
        return []
    centres, size = (low + high) / 2, float(np.median(high - low))
    order = np.argsort(centres)
    lines = np.zeros(len(low), dtype=int)
    for before, after in pairwise(order):
        lines[after] = lines[before] + int(centres[after] - centres[before] > size / 4)
    return [int(line) for line in lines]


def _picture(axes: Any, row: int, column: int) -> Picture:
    image = next(each for each in axes["images"] if each["visible"])
    pixels = image["pixels"]
    # where its first and its last pixel have their outer corners, in shares of the Axes from the top left
    across, down = zip(*image["corners"], strict=True)
    if across[0] > across[1]:
        pixels = pixels[:, ::-1]
    if down[0] > down[1]:
        pixels = pixels[::-1]
    # a hundredth of an Axes is far less than one pixel of the small images of this suite
    whole = all(-0.01 <= edge <= 1.01 for edge in (*across, *down))
    titles = (str(axes["title"]), *(str(title) for title in axes["side titles"]))
    return Picture(row, column, pixels.copy(), whole, titles)


def essence(value: Any) -> Any:
    """What counts of a reply of `drawn`: the drawings, how many there are, and the inputs as they were left."""
    return [[Drawing.of(report).plain() for report in value["figures"]], value["different"], value["inputs"]]


def made(n: int, height: int, width: int, dtype: type = np.float32) -> Array:
    """(n, height, width) of positive and negative numbers and, in the last corner, 0; the same for the same sizes.

    Not drawn, so that cases may share their calls: a Figure takes long to make.
    """
    numbers = np.random.RandomState(n * 100 + height * 10 + width).standard_normal((n, height, width)).astype(dtype)
    numbers[:, -1, -1] = 0
    return numbers


WORDS = ["seven", "two", "a one", "nought", "four", "7", "six"]
# [images, options, rows that are asked for]
PLAIN = [made(5, 4, 6), {}, 2]
TITLED = [made(7, 5, 3, np.float64), {"titles": WORDS, "rows": 3}, 3]
LABELLED = [made(4, 4, 4), {"titles": np.array([3, 0, 7, 3]), "rows": 1}, 1]
COLUMN = [made(5, 1, 6), {"rows": 5}, 5]
HALF_EMPTY = [made(4, 2, 1), {"rows": 3}, 3]
NUMBERED = [made(2, 2, 4), {"titles": np.array([0.5, 12.0])}, 2]
NOUGHT = [made(1, 2, 3), {"titles": np.array([0]), "rows": 1}, 1]
SEQUENCES = [[made(2, 3, 2), {"titles": titles}] for titles in ((" cats and dogs ", 0.5), [1, (4, 9)], "xy")]


def drawing_of(answer: Answer, call: Sequence[Any]) -> tuple[Array, Drawing]:
    """The images and the drawing of one call."""
    ((drawing, _),) = drawings(answer, call)
    return call[0], drawing


def drawings(answer: Answer, *calls: Any) -> list[tuple[Drawing, Any]]:
    """The drawing of each of some calls in a row, known to be a Figure with one Axes for each image, and its inputs."""
    value = answer.value(drawn, [list(call[:2]) for call in calls], essence=essence, call=PLOTS)
    found = [Drawing.of(report) for report in value["figures"]]
    for drawing in found:
        is_figure = drawing.kind == "Figure"
        answer.holds(is_figure, "The result is not a matplotlib Figure.", yours=drawing.kind, call=PLOTS)
    is_new = value["different"] == len(calls)
    answer.holds(is_new, "Several calls gave one and the same Figure.", call=PLOTS)
    for call, drawing in zip(calls, found, strict=True):
        number = f"{len(drawing.pictures)} Axes with an image"
        is_full = len(drawing.pictures) == len(call[0])
        answer.holds(is_full, "Not every image has an Axes.", yours=number, expected=str(len(call[0])), call=PLOTS)
        is_single = drawing.images_each == (1,) * len(call[0])
        answer.holds(is_single, "One Axes holds several images.", call=PLOTS)
    return list(zip(found, value["inputs"], strict=True))


def holds_places(answer: Answer, images: Array, drawing: Drawing, rows: int) -> None:
    """Image i stands in row i // columns and column i % columns."""
    columns = -(-len(images) // rows)
    expected = [divmod(i, columns) for i in range(len(images))]
    places = [(each.row, each.column) for each in drawing.pictures]
    answer.holds(places == expected, f"{len(images)} images in {rows} rows stand in other places.", call=PLOTS)
    ordered = all(each.is_of(image) for each, image in zip(drawing.pictures, images, strict=True))
    answer.holds(ordered, "A place does not show the image that belongs there.", call=PLOTS)


def holds_titles(answer: Answer, images: Array, drawing: Drawing, titles: Sequence[Any]) -> None:
    """Image i has the centred title str(titles[i])."""
    found = [drawing.title_of(image) for image in images]
    message = "A title above the middle of an image is not what it should be."
    answer.holds(found == [str(title) for title in titles], message, call=PLOTS)


def holds_inputs(answer: Answer, call: Sequence[Any], after: Sequence[Any]) -> None:
    """Images and titles are as they were before the call."""
    for name, given, left in zip(("images", "titles"), call, after, strict=False):
        is_same = compare(left, given, tolerance=EXACT) is None
        answer.holds(is_same, f"The call changed its input `{name}`.", call=PLOTS)


@pytest.mark.exercise("plots", weight=2)
def test_plots_in_two_rows(answer: Answer) -> None:
    """The images stand row by row from the top left, in two rows unless something else is asked for."""
    holds_places(answer, *drawing_of(answer, PLAIN), rows=2)


@pytest.mark.exercise("plots", weight=2)
def test_plots_in_other_numbers_of_rows(answer: Answer) -> None:
    """They fill any number of rows, whether or not the last row gets full, and a single row or column too."""
    for call in (TITLED, LABELLED, COLUMN, HALF_EMPTY):
        holds_places(answer, *drawing_of(answer, call), rows=call[2])


@pytest.mark.exercise("plots", weight=2)
@pytest.mark.parametrize("call", [PLAIN, TITLED, LABELLED], ids=["wide", "high", "square"])
def test_plots_upright_and_whole(answer: Answer, call: Sequence[Any]) -> None:
    """Each image is shown upright, with exactly its pixels, whether it is wide, high or square."""
    images, drawing = drawing_of(answer, call)
    for image in images:
        fitting = [each for each in drawing.pictures if each.is_of(image)]
        answer.holds(len(fitting) == 1, "The pixels of an image are not there exactly once.", call=PLOTS)
        (picture,) = fitting
        answer.holds(picture.whole, "A part of an image is cut off.", call=PLOTS)
        is_upright = picture.pixels.shape == image.shape and np.allclose(picture.pixels, image, 1e-5, 1e-6)
        answer.holds(is_upright, "An image is turned or flipped, or has other numbers.", call=PLOTS)


@pytest.mark.exercise("plots", weight=2)
def test_plots_with_titles(answer: Answer) -> None:
    """Each image has its own title, centred above it."""
    holds_titles(answer, *drawing_of(answer, TITLED), WORDS)


@pytest.mark.exercise("plots")
def test_plots_with_an_array_of_titles(answer: Answer) -> None:
    """Titles may be an array of numbers, such as the labels, also one that holds a single 0."""
    for call in (LABELLED, NUMBERED, NOUGHT):
        holds_titles(answer, *drawing_of(answer, call), call[1]["titles"])


@pytest.mark.exercise("plots")
def test_plots_with_other_sequences_of_titles(answer: Answer) -> None:
    """Titles may be any sequence: a tuple, a list of numbers and pairs, or the letters of a text."""
    for call, (drawing, after) in zip(SEQUENCES, drawings(answer, *SEQUENCES), strict=True):
        holds_titles(answer, call[0], drawing, call[1]["titles"])
        holds_inputs(answer, call, after)


@pytest.mark.exercise("plots")
def test_plots_without_titles(answer: Answer) -> None:
    """No image has a title when none are given."""
    for call in (PLAIN, COLUMN):
        _, drawing = drawing_of(answer, call)
        titles = {title for each in drawing.pictures for title in each.titles}
        answer.holds(titles == {""}, "An image has a title though none were given.", call=PLOTS)


@pytest.mark.exercise("plots", weight=2)
def test_plots_without_axis_lines_and_ticks(answer: Answer) -> None:
    """No image has axis lines, ticks or numbers around it, with titles or without."""
    for call in (TITLED, PLAIN):
        _, drawing = drawing_of(answer, call)
        answer.holds(not drawing.has_lines, "There are axis lines around an image.", call=PLOTS)
        answer.holds(not drawing.has_ticks, "There are ticks or numbers around an image.", call=PLOTS)


@pytest.mark.exercise("plots")
def test_plots_with_places_left_over(answer: Answer) -> None:
    """A place of the grid that gets no image stays empty: no frame, no ticks, no title, no image."""
    for call in (PLAIN, TITLED, HALF_EMPTY):
        _, drawing = drawing_of(answer, call)
        answer.holds(not drawing.holds_further, "An Axes without a visible image holds something.", call=PLOTS)
        answer.holds(not drawing.shows_further, "An Axes without an image can be seen.", call=PLOTS)


@pytest.mark.exercise("plots")
def test_plots_leaves_its_inputs_alone(answer: Answer) -> None:
    """Images and titles are the same after the call as before, lists too."""
    for call in (PLAIN, TITLED):
        ((_, after),) = drawings(answer, call)
        holds_inputs(answer, call, after)


@pytest.mark.exercise("plots")
def test_plots_called_again(answer: Answer) -> None:
    """Each call makes a Figure of its own, which later calls let be; inputs may be passed by name or in order."""
    first, second = made(2, 3, 5), made(3, 5, 2)
    named = {"titles": ["one", "two"], "rows": 1}
    calls = [[first, [["one", "two"], 1]], [second, {"rows": 3}], [first, named], [-first, {"rows": 1}]]
    rows, titles = (1, 3, 1, 1), (["one", "two"], [""] * 3, ["one", "two"], ["", ""])
    for call, (drawing, after), *expected in zip(calls, drawings(answer, *calls), rows, titles, strict=True):
        holds_places(answer, call[0], drawing, expected[0])
        holds_titles(answer, call[0], drawing, expected[1])
        holds_inputs(answer, call, after)
