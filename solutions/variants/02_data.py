"""Right but unusual answers of 02_data: the suites must give each of them full points."""

from __future__ import annotations

import gzip
import io
import math
import pickle
import statistics
import zlib
from collections import namedtuple
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from mpl_toolkits.axes_grid1 import ImageGrid

from grader.judge.known import stands_for

# load_mnist


@stands_for("load_mnist")
def load_with_bytes(path):
    """encoding="bytes" instead of "latin-1"."""
    with gzip.open(path) as file:
        return pickle.load(file, encoding="bytes")


@stands_for("load_mnist")
def load_with_another_name_of_latin_1(path):
    """The same encoding under its official name, and keywords in another order."""
    with gzip.open(filename=path, mode="r") as file:
        return pickle.load(file, fix_imports=True, encoding="iso-8859-1", errors="strict")


@stands_for("load_mnist")
def load_all_at_once(path):
    """Read, decompressed and loaded as bytes."""
    return pickle.loads(gzip.decompress(Path(path).read_bytes()), encoding="latin1")


@stands_for("load_mnist")
def load_by_zlib(path):
    """zlib, told to expect a gzip header."""
    return pickle.loads(zlib.decompress(Path(path).read_bytes(), wbits=31), encoding="latin-1")


@stands_for("load_mnist")
def load_from_an_open_file(path):
    """A GzipFile around a file that was opened first, in a buffer."""
    with Path(path).open("rb") as raw, gzip.GzipFile(fileobj=raw) as file:
        return pickle.load(io.BufferedReader(file), encoding="latin-1")


@stands_for("load_mnist")
def load_through_memory(path):
    """An Unpickler on a copy in memory."""
    with gzip.open(str(path), "rb") as file:
        return pickle.Unpickler(io.BytesIO(file.read()), encoding="latin-1").load()


class _ArraysOnly(pickle.Unpickler):
    def find_class(self, module, name):
        if not module.startswith("numpy"):
            raise pickle.UnpicklingError(f"{module}.{name} is no array")
        return super().find_class(module, name)


@stands_for("load_mnist")
def load_arrays_only(path):
    """A loader that refuses to call anything but NumPy's functions."""
    with gzip.open(path, "rb") as file:
        return _ArraysOnly(file, encoding="bytes").load()


@stands_for("load_mnist")
def load_by_numpy(path):
    """NumPy's own loader, which takes pickles if it is told to."""
    with gzip.open(path, "rb") as file:
        return np.load(file, allow_pickle=True, encoding="latin1")


@stands_for("load_mnist")
def load_piece_by_piece(path):
    """Decompressed in pieces of a few bytes."""
    unpacker, pieces = zlib.decompressobj(wbits=47), []
    with Path(path).open("rb") as file:
        for piece in iter(lambda: file.read(100), b""):
            pieces.append(unpacker.decompress(piece))
    return pickle.loads(b"".join(pieces), encoding="latin-1")


@stands_for("load_mnist")
def load_as_lists_of_pairs(path):
    """Lists in the place of the tuples."""
    with gzip.open(path, "rb") as file:
        return [list(pair) for pair in pickle.load(file, encoding="latin-1")]


_Pair = namedtuple("_Pair", "x y")


@stands_for("load_mnist")
def load_as_named_tuples(path):
    """Named tuples, and a destructuring that names all six arrays."""
    with gzip.open(path, "rb") as file:
        (x, y), (x_valid, y_valid), (x_test, y_test) = pickle.load(file, encoding="latin-1")
    return _Pair(x, y), _Pair(x_valid, y_valid), _Pair(x_test, y_test)


@stands_for("load_mnist")
def load_with_fallback(path, encodings=("ascii", "latin-1")):
    """Tries one encoding after the other."""
    for encoding in encodings:
        try:
            with gzip.open(path, "rb") as file:
                return pickle.load(file, encoding=encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError(path)


# normalize


@stands_for("normalize")
def normalize_by_formula(x_train, x_valid):
    """The formulas written out."""
    mean = x_train.sum() / x_train.size
    std = (((x_train - mean) ** 2).sum() / x_train.size) ** 0.5
    return (x_train - mean) / std, (x_valid - mean) / std


@stands_for("normalize")
def normalize_by_mean_of_squares(x_train, x_valid):
    """Variance as the mean of the squares minus the square of the mean."""
    mean = np.mean(x_train)
    std = np.sqrt(np.mean(x_train**2) - mean**2)
    return (x_train - mean) / std, (x_valid - mean) / std


@stands_for("normalize")
def normalize_with_python_numbers(x_train, x_valid):
    """Python's own statistics on a flat list."""
    values = x_train.ravel().tolist()
    mean, std = statistics.fmean(values), statistics.pstdev(values)
    return (x_train - mean) / std, (x_valid - mean) / std


@stands_for("normalize")
def normalize_in_double(x_train, x_valid):
    """A computation in float64, whatever comes in."""
    x_train, x_valid = np.asarray(x_train, dtype=np.float64), np.asarray(x_valid, dtype=np.float64)
    return tuple((x - x_train.mean()) / x_train.std() for x in (x_train, x_valid))


@stands_for("normalize")
def normalize_in_single(x_train, x_valid):
    """A result in float32, whatever comes in: the dtype is not part of the contract."""
    mean, std = x_train.mean(), x_train.std()
    return [((x - mean) / std).astype(np.float32) for x in (x_train, x_valid)]


@stands_for("normalize")
def normalize_in_long_double(x_train, x_valid):
    """More digits than float64 has, in the result as well."""
    train = x_train.astype(np.longdouble)
    return tuple((x - train.mean()) / train.std() for x in (train, x_valid))


@stands_for("normalize")
def normalize_in_big_endian(x_train, x_valid):
    """Results whose bytes stand in the other order."""
    mean, std = x_train.mean(), x_train.std()
    return tuple(((x - mean) / std).astype(">f8") for x in (x_train, x_valid))


@stands_for("normalize")
def normalize_on_copies(x_train, x_valid):
    """In-place operations on copies."""
    mean, std = x_train.mean(), x_train.std()
    result = x_train.copy(), x_valid.copy()
    for x in result:
        x -= mean
        x *= 1 / std
    return result


@stands_for("normalize")
def normalize_by_norm(x_train, x_valid):
    """The deviation as a length divided by the root of the number of entries."""
    mean = np.average(x_train)
    std = np.linalg.norm((x_train - mean).ravel()) / math.sqrt(x_train.size)
    return np.divide(np.subtract(x_train, mean), std), np.divide(np.subtract(x_valid, mean), std)


@stands_for("normalize")
def normalize_by_torch(x_train, x_valid):
    """torch's mean and its population deviation."""
    both = [torch.tensor(x) for x in (x_train, x_valid)]
    std, mean = torch.std_mean(both[0], correction=0)
    return tuple(((x - mean) / std).numpy() for x in both)


@stands_for("normalize")
def normalize_by_corrected_sample_deviation(x_train, x_valid):
    """The sample deviation, corrected."""
    n = x_train.size
    std = x_train.std(ddof=1) * math.sqrt((n - 1) / n)
    return tuple((x - x_train.mean()) / std for x in (x_train, x_valid))


@stands_for("normalize")
def normalize_row_by_row(x_train, x_valid):
    """The training sums of single rows added up, in a loop."""
    total = sum(float(row.sum()) for row in x_train)
    mean = total / x_train.size
    std = math.sqrt(sum(float(((row - mean) ** 2).sum()) for row in x_train) / x_train.size)
    return np.stack([(row - mean) / std for row in x_train]), np.stack([(row - mean) / std for row in x_valid])


@stands_for("normalize")
def normalize_both_at_once(x_train, x_valid):
    """Both sets in one array, normalised by the numbers of its first part."""
    both = np.concatenate([x_train, x_valid])
    scaled = (both - both[: len(x_train)].mean()) / np.var(both[: len(x_train)]) ** 0.5
    return np.split(scaled, [len(x_train)])


@stands_for("normalize")
def normalize_with_floor(x_train, x_valid, floor=1e-12):
    """A deviation that is kept above a very small number."""
    mean, std = x_train.mean(), max(float(x_train.std()), floor)

    def scaled(x):
        return (x - mean) / std

    return tuple(map(scaled, (x_train, x_valid)))


# channel_stats


@stands_for("channel_stats")
def stats_by_loop(images):
    """One channel after the other."""
    channels = [images[..., channel] for channel in range(images.shape[-1])]
    return np.array([each.mean() for each in channels]), np.array([each.std() for each in channels])


@stands_for("channel_stats")
def stats_of_a_table(images):
    """All pixels as the rows of one table."""
    pixels = images.reshape(-1, images.shape[-1])
    return np.mean(pixels, axis=0), np.std(pixels, axis=0)


@stands_for("channel_stats")
def stats_with_channels_moved(images):
    """Channels moved to the front, the rest flattened."""
    channels = np.moveaxis(images, -1, 0).reshape(images.shape[3], -1)
    return channels.mean(1), channels.std(1)


@stands_for("channel_stats")
def stats_by_transpose(images):
    """A transpose, and negative axes."""
    turned = images.transpose(0, 3, 1, 2)
    return [turned.mean((0, -2, -1)), turned.std((0, -2, -1))]


@stands_for("channel_stats")
def stats_by_formula(images):
    """The formulas written out, axis after axis."""
    count = images.size // images.shape[-1]
    mean = images.sum(0).sum(0).sum(0) / count
    return mean, np.sqrt(((images - mean) ** 2).sum(0).sum(0).sum(0) / count)


@stands_for("channel_stats")
def stats_by_einsum(images):
    """Sums as einsums."""
    count = np.prod(images.shape[:3])
    mean = np.einsum("nhwc->c", images) / count
    rest = images - mean
    return mean, (np.einsum("nhwc,nhwc->c", rest, rest) / count) ** 0.5


@stands_for("channel_stats")
def stats_by_mean_of_squares(images):
    """Mean of squares minus square of the mean."""
    mean = images.mean((0, 1, 2))
    return mean, np.sqrt((images**2).mean((0, 1, 2)) - mean**2)


@stands_for("channel_stats")
def stats_in_double(images):
    """A computation in float64."""
    images = images.astype(np.float64)
    return images.mean(axis=(0, 1, 2)), images.var(axis=(0, 1, 2)) ** 0.5


@stands_for("channel_stats")
def stats_in_long_double(images):
    """More digits than float64 has, in the result as well."""
    images = images.astype(np.longdouble)
    return images.mean(axis=(0, 1, 2)), images.std(axis=(0, 1, 2))


@stands_for("channel_stats")
def stats_image_by_image(images):
    """Sums that grow with each image."""
    total, squares, count = 0.0, 0.0, 0
    for image in images:
        total = total + image.sum((0, 1), dtype=np.float64)
        squares = squares + (image.astype(np.float64) ** 2).sum((0, 1))
        count += image.shape[0] * image.shape[1]
    mean = total / count
    return mean, np.sqrt(squares / count - mean**2)


@stands_for("channel_stats")
def stats_within_and_between(images):
    """The variance within the images plus the variance of their means."""
    means = images.mean(axis=(1, 2))
    return means.mean(0), np.sqrt(images.var(axis=(1, 2)).mean(0) + means.var(0))


@stands_for("channel_stats")
def stats_by_torch(images):
    """torch's std_mean with the population deviation."""
    std, mean = torch.std_mean(torch.tensor(images), dim=(0, 1, 2), correction=0)
    return mean.numpy(), std.numpy()


@stands_for("channel_stats")
def stats_with_python_numbers(images):
    """Python's own statistics on lists."""
    lists = [images[:, :, :, channel].ravel().tolist() for channel in range(images.shape[-1])]
    return np.array([statistics.fmean(each) for each in lists]), np.array([statistics.pstdev(each) for each in lists])


# plots


@stands_for("plots")
def plots_by_subplot(images, titles=None, rows=2):
    """plt.subplot in a loop, without Axes for places that are left over."""
    columns = -(-len(images) // rows)
    figure = plt.figure()
    for i in range(len(images)):
        plt.subplot(rows, columns, i + 1)
        plt.imshow(images[i], cmap="gray")
        plt.axis("off")
        if titles is not None:
            plt.title(titles[i])
    return figure


@stands_for("plots")
def plots_from_the_last_to_the_first(images, titles=None, rows=2):
    """The Axes are made in the reverse order."""
    columns = math.ceil(len(images) / rows)
    figure = plt.figure()
    for i in reversed(range(len(images))):
        place = figure.add_subplot(rows, columns, i + 1, xticks=[], yticks=[], frame_on=False)
        place.imshow(images[i], interpolation="bilinear", vmin=0, vmax=1)
        if titles is not None:
            place.set_title(f"{titles[i]}")
    return figure


@stands_for("plots")
def plots_by_gridspec(images, titles=None, rows=2):
    """A GridSpec with uneven margins."""
    columns = math.ceil(len(images) / rows)
    figure = plt.figure(figsize=(9, 3))
    grid = GridSpec(rows, columns, figure=figure, left=0.2, right=0.8, hspace=1, wspace=0.05)
    for i, image in enumerate(images):
        place = figure.add_subplot(grid[i // columns, i % columns])
        place.matshow(image)
        place.set_axis_off()
        if titles is not None:
            place.title.set_text(str(titles[i]))
    return figure


@stands_for("plots")
def plots_by_add_axes(images, titles=None, rows=2):
    """Axes put by hand, in an order of their own, with the figure left to itself."""
    columns = math.ceil(len(images) / rows)
    figure = Figure(figsize=(6, 6))
    for i in np.random.default_rng(0).permutation(len(images)):
        row, column = divmod(int(i), columns)
        place = figure.add_axes((column / columns, 1 - (row + 0.9) / rows, 0.8 / columns, 0.6 / rows))
        place.imshow(images[i], aspect="auto")
        for axis in (place.xaxis, place.yaxis):
            axis.set_visible(False)
        for spine in place.spines.values():
            spine.set_visible(False)
        if titles is not None:
            place.set(title=str(titles[i]))
    return figure


@stands_for("plots")
def plots_by_mosaic(images, titles=None, rows=2):
    """A mosaic whose empty places are dots."""
    columns = math.ceil(len(images) / rows)
    names = [str(i) if i < len(images) else "." for i in range(rows * columns)]
    mosaic = [names[row * columns : (row + 1) * columns] for row in range(rows)]
    figure, axes = plt.subplot_mosaic(mosaic)
    for name, place in axes.items():
        place.imshow(images[int(name)])
        place.axis("off")
        if titles is not None:
            place.set_title(str(titles[int(name)]), fontsize=8, pad=12)
    return figure


@stands_for("plots")
def plots_by_image_grid(images, titles=None, rows=2):
    """The ImageGrid of matplotlib's toolkit."""
    columns = math.ceil(len(images) / rows)
    figure = plt.figure()
    for i, place in enumerate(ImageGrid(figure, 111, nrows_ncols=(rows, columns), axes_pad=0.3)):
        place.axis("off")
        if i < len(images):
            place.imshow(images[i])
            if titles is not None:
                place.set_title(str(titles[i]))
    return figure


@stands_for("plots")
def plots_with_origin_below(images, titles=None, rows=2):
    """Flipped rows, with the origin at the bottom."""
    figure = plt.figure(layout="constrained")
    axes = figure.subplots(rows, math.ceil(len(images) / rows), squeeze=False).ravel()
    for i, place in enumerate(axes):
        if i >= len(images):
            figure.delaxes(place)
            continue
        place.imshow(images[i][::-1], origin="lower", cmap="Blues")
        place.axis("off")
        if titles is not None:
            place.set_title(str(titles[i]))
    return figure


@stands_for("plots")
def plots_with_inverted_axis(images, titles=None, rows=2):
    """The origin at the bottom, and an axis that counts downwards."""
    columns = math.ceil(len(images) / rows)
    figure, axes = plt.subplots(rows, columns, squeeze=False, subplot_kw={"xticks": [], "yticks": []})
    for i, place in enumerate(axes.reshape(-1)):
        place.set_visible(i < len(images))
        for spine in place.spines.values():
            spine.set_color("none")
        if i < len(images):
            place.imshow(images[i], origin="lower")
            place.invert_yaxis()
            if titles is not None:
                place.set_title(str(titles[i]), loc="center")
    figure.tight_layout()
    return figure


@stands_for("plots")
def plots_with_extent(images, titles=None, rows=2):
    """Pixels that are measured from 0, and white lines that nobody sees."""
    n, height, width = images.shape
    figure, axes = plt.subplots(rows, math.ceil(n / rows), squeeze=False, sharex=True, sharey=True)
    for i, place in enumerate(axes.flat):
        place.tick_params(left=False, bottom=False, labelleft=False, labelbottom=False)
        place.spines[:].set_color("white")
        if i < n:
            place.imshow(images[i], extent=(0, width, height, 0))
            if titles is not None:
                place.set_title(str(titles[i]))
    return figure


@stands_for("plots")
def plots_in_subfigures(images, titles=None, rows=2):
    """A subfigure for each row, with a heading for the whole."""
    columns = math.ceil(len(images) / rows)
    figure = plt.figure()
    figure.suptitle("pictures")
    parts = figure.subfigures(rows, 1, squeeze=False)[:, 0]
    for row, part in enumerate(parts):
        axes = part.subplots(1, columns, squeeze=False)[0]
        for place, i in zip(axes, range(row * columns, (row + 1) * columns)):
            place.axis(False)
            if i < len(images):
                place.imshow(images[i], cmap="magma")
                if titles is not None:
                    place.set_title(str(titles[i]))
    return figure


@stands_for("plots")
def plots_closed(images, titles=None, rows=2, cmap="gray"):
    """The figure is taken from pyplot's care, so that a notebook shows it once."""
    columns = math.ceil(len(images) / rows)
    figure, axes = plt.subplots(rows, columns, figsize=(columns, rows))
    places = np.array(axes).reshape(rows * columns)
    for place in places:
        place.axis("off")
    for place, image, title in zip(places, images, [""] * len(images) if titles is None else titles):
        place.imshow(image, cmap=cmap)
        place.set_title(title)
    plt.close(figure)
    return figure


@stands_for("plots")
def plots_as_insets(images, titles=None, rows=2):
    """Insets of one invisible Axes that fills the sheet."""
    columns = math.ceil(len(images) / rows)
    figure = plt.figure()
    sheet = figure.add_axes((0, 0, 1, 1))
    sheet.axis("off")
    for i, image in enumerate(images):
        row, column = divmod(i, columns)
        place = sheet.inset_axes((column / columns, 1 - (row + 0.8) / rows, 0.9 / columns, 0.6 / rows))
        place.imshow(image)
        place.axis("off")
        if titles is not None:
            place.set_title(str(titles[i]))
    return figure


@stands_for("plots")
def plots_with_large_limits(images, titles=None, rows=2):
    """A margin around each image, on a dark sheet, each image with its number in the corner."""
    columns = math.ceil(len(images) / rows)
    figure = plt.figure(facecolor="black", dpi=50)
    for i, image in enumerate(images):
        place = figure.add_subplot(rows, columns, i + 1, facecolor="black")
        place.imshow(image)
        place.set_xlim(-1, image.shape[1])
        place.set_ylim(image.shape[0], -1)
        place.set_axis_off()
        place.text(0, 0, str(i), color="red")
        if titles is not None:
            place.set_title(str(titles[i]), color="white")
    return figure
