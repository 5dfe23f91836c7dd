"""The visible tests of 02_data: `check` runs them in your notebook. The hidden ones use other numbers."""

import base64

import numpy as np
import pytest

from grader.judge.compare import Tolerance

ANY_FLOAT = Tolerance(any_float=True)
ROUNDED = Tolerance(1e-4, 1e-6, any_float=True)  # literals of eight digits

# a gzipped pickle, written as Python 2 wrote it, of the three pairs below
FILE = base64.b64decode(
    "H4sIAAAAAAAC/2tgSs4rzS2o1EvOL0rVyy3NKclMLCpKrOSKL0pNzs8rLikqTS7hgqjhykuByHkztIYyJrUHaXgzejN5M7dBpVNKKgtSuUKZ"
    "0ky8GbwZQdLMoYw2fn5+Xv+BAEx4M5QkdYZKnD1zxvbsGR+7WTNn2gHZdgwMDPazZkralyRR6ppWNLdkWhBwiwA7AwQwQemSpDYKHcFIRpDw"
    "GBsb2wODxD4tLY3yYGAkORg4GKnmfWYyvK8CjH1gKmiwMzbebJeW9gyYKniAQaFmz8DgAEwZkfbGxsWUBwszycEiAQ0VBhYozYkIpnY9AChZ"
    "7fI9AwAA"
)
PAIRS = (
    (np.float32([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]), np.array([7, 2])),
    (np.float32([[0.7, 0.8, 0.9]]), np.array([1])),
    (np.float32([[0.15, 0.25, 0.35], [0.45, 0.55, 0.65], [0.75, 0.85, 0.95]]), np.array([0, 4, 9])),
)
LOAD = "load_mnist(path)"


def loaded_from_text(m, file):
    with tempfile.TemporaryDirectory() as folder:  # noqa: F821
        path = pathlib.Path(folder) / "small.pkl.gz"  # noqa: F821
        path.write_bytes(file)
        sets = m.load_mnist(str(path))
    if not isinstance(sets, tuple | list):
        return sets
    return tuple(tuple(each) if isinstance(each, tuple | list) else each for each in sets)


def loaded_from_path(m, file):
    with tempfile.TemporaryDirectory() as folder:  # noqa: F821
        path = pathlib.Path(folder) / "other name.gz"  # noqa: F821
        path.write_bytes(file)
        sets = m.load_mnist(path)
    if not isinstance(sets, tuple | list):
        return sets
    return tuple(tuple(each) if isinstance(each, tuple | list) else each for each in sets)


@pytest.mark.exercise("load_mnist")
def test_load_mnist_from_a_str(answer):
    """Three pairs of arrays come out of a file whose path is a str."""
    train, valid, test = PAIRS
    mistaken = {
        "load_as_six_arrays": tuple(array for pair in PAIRS for array in pair),
        "load_training_pair_only": train,
        "load_without_test_pair": (train, valid),
        "load_valid_and_test_swapped": (train, test, valid),
        "load_labels_first": tuple((y, x) for x, y in PAIRS),
        "load_pictures_and_labels_apart": tuple(zip(*PAIRS, strict=True)),
        "load_in_float64": tuple((x.astype(np.float64), y) for x, y in PAIRS),
        "load_labels_as_int32": tuple((x, y.astype(np.int32)) for x, y in PAIRS),
        "load_as_lists": tuple((x.tolist(), y.tolist()) for x, y in PAIRS),
        "load_with_pixels_divided": tuple((x / np.float32(255), y) for x, y in PAIRS),
    }
    answer.gives(loaded_from_text, FILE, expected=PAIRS, mistaken=mistaken, call=LOAD)


@pytest.mark.exercise("load_mnist")
def test_load_mnist_from_a_path(answer):
    """The path may be a Path as well, and the file may have any name."""
    answer.gives(loaded_from_path, FILE, expected=PAIRS, call=LOAD)


# normalize

TRAIN = np.float32([[1.0, 3.0, 5.0], [3.0, 3.0, 3.0], [5.0, 3.0, 1.0], [1.0, 1.0, 7.0]])  # mean 3, variance 10 / 3
VALID = np.float32([[3.0, 7.0, 7.0], [9.0, 7.0, 9.0]])  # mean 7
STD = np.float32(1.8257419)


@pytest.mark.exercise("normalize")
def test_normalize_two_sets(answer):
    """Both sets are shifted by the training mean and divided by the training deviation; the inputs stay the same."""
    expected = ((TRAIN - 3) / STD, (VALID - 3) / STD)
    both = np.concatenate([TRAIN.ravel(), VALID.ravel()])
    mistaken = {
        "normalize_each_by_itself": (expected[0], (VALID - 7) / VALID.std()),
        "normalize_valid_by_its_own_mean": (expected[0], (VALID - 7) / STD),
        "normalize_valid_by_its_own_deviation": (expected[0], (VALID - 3) / VALID.std()),
        "normalize_valid_left_as_it_was": (expected[0], VALID),
        "normalize_by_column": tuple((x - TRAIN.mean(0)) / TRAIN.std(0) for x in (TRAIN, VALID)),
        "normalize_by_both_together": tuple((x - both.mean()) / both.std() for x in (TRAIN, VALID)),
        "normalize_by_valid": tuple((x - 7) / VALID.std() for x in (TRAIN, VALID)),
        "normalize_with_sample_deviation": tuple((x - 3) / TRAIN.std(ddof=1) for x in (TRAIN, VALID)),
        "normalize_by_variance": tuple((x - 3) / STD**2 for x in (TRAIN, VALID)),
        "normalize_without_shift": (TRAIN / STD, VALID / STD),
        "normalize_without_division": (TRAIN - 3, VALID - 3),
        "normalize_divided_first": (TRAIN / STD - 3, VALID / STD - 3),
        "normalize_with_plus": ((TRAIN + 3) / STD, (VALID + 3) / STD),
        "normalize_times_deviation": ((TRAIN - 3) * STD, (VALID - 3) * STD),
        "normalize_to_0_and_1": ((TRAIN - 1) / 6, (VALID - 1) / 6),
        "normalize_by_mean_distance": tuple((x - 3) / np.abs(TRAIN - 3).mean() for x in (TRAIN, VALID)),
        "normalize_clipped": (expected[0], np.clip(expected[1], -3, 3)),
        "normalize_with_numbers_of_mnist": tuple((x - 0.1307) / 0.3081 for x in (TRAIN, VALID)),
        "normalize_valid_first": (expected[1], expected[0]),
        "normalize_training_set_only": expected[0],
    }
    answer.gives(
        lambda m, x_train, x_valid: m.normalize(x_train, x_valid),
        TRAIN,
        VALID,
        expected=expected,
        mistaken=mistaken,
        tolerance=ANY_FLOAT,
        unchanged=True,
    )


@pytest.mark.exercise("normalize")
def test_normalize_makes_the_training_mean_0(answer):
    """The training set has the mean 0 and the deviation 1 afterwards, also as pictures with rows and columns."""
    x_train = np.arange(24.0).reshape(2, 3, 4) ** 2
    pair = answer.value(lambda m, x_train, x_valid: m.normalize(x_train, x_valid), x_train, x_train[:1] + 5)
    answer.holds(isinstance(pair, tuple | list) and len(pair) == 2, "The result is not a pair of two arrays.")
    first, second = pair
    kept = isinstance(first, np.ndarray) and first.shape == (2, 3, 4)
    kept = kept and isinstance(second, np.ndarray) and second.shape == (1, 3, 4)
    answer.holds(kept, "The arrays of the result do not have the shapes of the inputs.")
    answer.holds(bool(abs(first.mean()) < 1e-5), "The mean of the training set is not 0.", yours=f"{first.mean():.6g}")
    answer.holds(bool(abs(first.std() - 1) < 1e-5), "The deviation is not 1.", yours=f"{first.std():.6g}")
    step = (second - first[:1]) * x_train.std()
    answer.holds(bool(np.allclose(step, 5, atol=1e-3)), "Pictures that are brighter by 5 are not brighter afterwards.")


# channel_stats

IMAGES = np.float64(
    [
        [[[1, 10, 5], [3, 10, 6], [5, 40, 7]], [[1, 20, 5], [3, 20, 6], [5, 20, 7]]],
        [[[7, 10, 8], [9, 10, 2], [7, 30, 8]], [[7, 50, 2], [9, 10, 8], [9, 10, 8]]],
    ]
)
MEAN = np.array([5.5, 20.0, 6.0])
DEVIATION = np.array([2.8431204, 12.9099445, 2.0816660])


@pytest.mark.exercise("channel_stats")
def test_channel_stats_of_colour_images(answer):
    """Three channels, three means and three deviations, over all images, rows and columns; the images stay the same."""
    mistaken = {
        "stats_of_everything_repeated": (np.full(3, IMAGES.mean()), np.full(3, IMAGES.std())),
        "stats_of_each_image": (IMAGES.mean((1, 2)), IMAGES.std((1, 2))),
        "stats_of_each_pixel": (IMAGES.mean(0), IMAGES.std(0)),
        "stats_with_channels_first": (IMAGES.mean((0, 2, 3)), IMAGES.std((0, 2, 3))),
        "stats_of_columns": (IMAGES.mean((0, 1, 3)), IMAGES.std((0, 1, 3))),
        "stats_of_whole_images": (IMAGES.mean((1, 2, 3)), IMAGES.std((1, 2, 3))),
        "stats_with_sample_deviation": (MEAN, DEVIATION * np.sqrt(12 / 11)),
        "stats_with_variance": (MEAN, DEVIATION**2),
        "stats_with_mean_of_deviations": (MEAN, IMAGES.std((1, 2)).mean(0)),
        "stats_with_deviation_of_means": (MEAN, IMAGES.mean((1, 2)).std(0)),
        "stats_axis_after_axis": (MEAN, IMAGES.std(0).std(0).std(0)),
        "stats_deviation_first": (DEVIATION, MEAN),
        "stats_with_kept_axes": (MEAN.reshape(1, 1, 1, 3), DEVIATION.reshape(1, 1, 1, 3)),
        "stats_of_the_first_image": (IMAGES[0].mean((0, 1)), IMAGES[0].std((0, 1))),
        "stats_as_one_table": np.stack([MEAN, DEVIATION]),
        "stats_without_deviation": MEAN,
    }
    answer.gives(
        lambda m, images: m.channel_stats(images),
        IMAGES,
        expected=(MEAN, DEVIATION),
        mistaken=mistaken,
        tolerance=ROUNDED,
        unchanged=True,
    )


@pytest.mark.exercise("channel_stats")
def test_channel_stats_of_other_numbers_of_channels(answer):
    """One channel or four: there is one number for each of them."""
    for c in (1, 4):
        image = np.float32([[1.0], [3.0], [5.0], [7.0]]).reshape(1, 2, 2, 1) * np.arange(1, c + 1, dtype=np.float32)
        expected = (np.float32(4.0) * np.arange(1, c + 1), np.float32(2.236068) * np.arange(1, c + 1))
        answer.gives(lambda m, images: m.channel_stats(images), image, expected=expected, tolerance=ROUNDED)


# plots

PLOTS = "plots(images, titles, rows)"


def drawn(m, images, options):
    """What a Figure holds: the place of each Axes, its images as they are seen, its title, and what else is shown."""

    def furniture(parent):
        for child in parent.get_children():
            if isinstance(child, plt.FigureBase):  # noqa: F821
                yield from furniture(child)
                yield child.patch
            elif not isinstance(child, plt.Axes) and child is not parent.patch:  # noqa: F821
                yield child

    def seen(axes, image):
        pixels = np.ma.filled(np.ma.asarray(image.get_array()).astype(float), np.nan)
        left, right, bottom, top = image.get_extent()
        (x_from, x_to), (y_from, y_to) = axes.get_xlim(), axes.get_ylim()
        first, last = (bottom, top) if image.origin == "lower" else (top, bottom)
        if (right - left) * (x_to - x_from) < 0:
            pixels = pixels[:, ::-1]
        if (last - first) * (y_to - y_from) > 0:
            pixels = pixels[::-1]
        edges = [(left - x_from) / (x_to - x_from), (right - x_from) / (x_to - x_from)]
        edges += [(first - y_from) / (y_to - y_from), (last - y_from) / (y_to - y_from)]
        return {"pixels": np.ascontiguousarray(pixels), "edges": [float(edge) for edge in edges]}

    known = plt.get_fignums()  # noqa: F821
    try:
        figure = m.plots(images, **options)
        if not isinstance(figure, plt.Figure):  # noqa: F821
            return {"kind": type(figure).__name__}
        figure.draw_without_rendering()
        every = list(figure.axes)
        for each in every:
            every.extend(child for child in each.child_axes if child not in every)
        places = [
            {
                "box": [float(edge) for edge in axes.get_window_extent().extents],
                "images": [seen(axes, image) for image in axes.images if image.get_visible() and axes.get_visible()],
                "titles": [str(axes.get_title(loc=side)) for side in ("center", "left", "right")],
            }
            for axes in every
        ]
        # draw it once more without images and texts: what is left to see are lines, ticks and frames
        hidden = list(furniture(figure))
        for axes in every:
            kept = (*axes.spines.values(), axes.xaxis, axes.yaxis, *([] if axes.images else [axes.patch]))
            hidden.extend(child for child in axes.get_children() if child not in kept and child not in every)
        for thing in hidden:
            thing.set_visible(False)
        with tempfile.SpooledTemporaryFile(2**26) as file:  # noqa: F821
            figure.savefig(file, format="rgba", dpi=300 / max(figure.get_size_inches()))
            file.seek(0)
            pixels = np.frombuffer(file.read(), np.uint8).reshape(-1, 4)
        return {"kind": "Figure", "places": places, "lines": int((pixels != pixels[0]).any(1).sum())}
    finally:
        for number in plt.get_fignums():  # noqa: F821
            if number not in known:
                plt.close(number)  # noqa: F821


def pictures_of(answer, images, **options):
    """The Axes with an image, row by row as a reader sees them, each with its row and column."""
    report = answer.value(drawn, images, options, call=PLOTS)
    kinds = {"tuple": "plots_returns_both", "ndarray": "plots_returns_axes", "NoneType": "plots_returns_nothing"}
    kind = report["kind"]
    message = "The result is not a matplotlib Figure."
    answer.holds(kind == "Figure", message, yours=kind, call=PLOTS, mistake=kinds.get(kind, ""))
    found = [place for place in report["places"] if place["images"]]
    number = f"{len(found)} Axes with an image"
    answer.holds(len(found) == len(images), "Not every image has an Axes.", yours=number, expected=str(len(images)))
    answer.holds(all(len(place["images"]) == 1 for place in found), "One Axes holds several images.", call=PLOTS)
    boxes = np.array([place["box"] for place in found])
    rows, columns = lines(-boxes[:, 3], -boxes[:, 1]), lines(boxes[:, 0], boxes[:, 2])
    for place, row, column in zip(found, rows, columns, strict=True):
        place["place"] = (row, column)
    return sorted(found, key=lambda place: place["place"]), report


def lines(low, high):
    """Which line of a grid each interval lies in."""
    centres, size = (low + high) / 2, np.median(high - low)
    order = np.argsort(centres)
    steps = np.diff(centres[order], prepend=centres[order[0]]) > size / 4
    return [int(line) for line in np.cumsum(steps)[np.argsort(order)]]


def numbered_images(n):
    """(n, 3, 4) images, no two of which have a number in common."""
    return np.arange(n * 12, dtype=np.float32).reshape(n, 3, 4)


def same(pixels, image):
    return pixels.shape == image.shape and np.allclose(pixels, image)


def is_each(found, images):
    """Whether place i shows image i, pixels in any order."""
    return all(
        np.array_equal(np.sort(place["images"][0]["pixels"].ravel()), np.sort(image.ravel()))
        for place, image in zip(found, images, strict=True)
    )


@pytest.mark.exercise("plots")
def test_plots_row_by_row(answer):
    """Five images stand in two rows of three places, the first three above the other two."""
    images = numbered_images(5)
    found, _ = pictures_of(answer, images)
    places = [place["place"] for place in found]
    expected = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]
    mistakes = {
        ((0, 0), (0, 1), (1, 0), (1, 1), (2, 0)): "plots_with_rows_as_columns",
        ((0, 0), (0, 1), (0, 2), (0, 3), (0, 4)): "plots_in_one_row",
    }
    message = "The images stand in other rows and columns."
    shown = {"yours": str(places), "expected": str(expected), "call": PLOTS}
    answer.holds(places == expected, message, **shown, mistake=mistakes.get(tuple(places), ""))
    answer.holds(is_each(found, images), "A place does not show the image that belongs there.", call=PLOTS)


@pytest.mark.exercise("plots")
def test_plots_in_three_rows(answer):
    """Six images in three rows make two columns, and they are read from left to right, row after row."""
    images = numbered_images(6)
    found, _ = pictures_of(answer, images, rows=3)
    by_column = is_each(found, images[[0, 3, 1, 4, 2, 5]])
    mistake = "plots_column_by_column" if by_column else ""
    places = [place["place"] for place in found]
    expected = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)]
    shown = {"yours": str(places), "expected": str(expected), "call": PLOTS}
    wrong = "plots_always_in_two_rows" if places == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)] else ""
    answer.holds(places == expected, "The images stand in other rows and columns.", **shown, mistake=wrong)
    answer.holds(
        is_each(found, images), "A place does not show the image that belongs there.", call=PLOTS, mistake=mistake
    )


@pytest.mark.exercise("plots")
def test_plots_upright_and_whole(answer):
    """Each image is shown upright, with exactly its pixels, and is not changed itself."""
    images = numbered_images(3)
    found, _ = pictures_of(answer, images, rows=1)
    for place, image in zip(found, images, strict=True):
        pixels, edges = place["images"][0]["pixels"], place["images"][0]["edges"]
        known = {"plots_transposed": image.T, "plots_upside_down": image[::-1], "plots_mirrored": image[:, ::-1]}
        mistake = next((name for name, wrong in known.items() if same(pixels, wrong)), "")
        answer.holds(same(pixels, image), "An image does not show its own pixels upright.", call=PLOTS, mistake=mistake)
        is_whole = all(-0.01 <= edge <= 1.01 for edge in edges)
        answer.holds(is_whole, "A part of an image is cut off.", call=PLOTS)


@pytest.mark.exercise("plots")
def test_plots_with_titles(answer):
    """Each image has its own title, centred above it; titles may be a list or an array."""
    for titles in (["seven", "two", "one"], np.array([7, 0, 4])):
        found, _ = pictures_of(answer, numbered_images(3), titles=titles)
        expected = [str(title) for title in titles]
        yours = [place["titles"][0] for place in found]
        known = {
            "plots_with_titles_off_by_one": [*expected[-1:], *expected[:-1]],
            "plots_with_one_title_for_all": [str(titles)] * 3,
        }
        mistake = next((name for name, wrong in known.items() if yours == wrong), "")
        if not any(yours):
            at_the_left = [place["titles"][1] for place in found] == expected
            mistake = "plots_with_titles_at_the_left" if at_the_left else "plots_without_titles"
        message = "The titles above the images are not those that were given."
        shown = {"yours": str(yours), "expected": str(expected), "call": PLOTS}
        answer.holds(yours == expected, message, **shown, mistake=mistake)


@pytest.mark.exercise("plots")
def test_plots_without_titles(answer):
    """Without titles, no image has one."""
    found, _ = pictures_of(answer, numbered_images(3))
    yours = [place["titles"][0] for place in found]
    mistake = "plots_with_none_as_title" if yours == ["None"] * 3 else ""
    answer.holds(not any(title for place in found for title in place["titles"]), "There is a title.", mistake=mistake)


@pytest.mark.exercise("plots")
def test_plots_without_axis_lines_and_ticks(answer):
    """No image has axis lines or ticks around it, and a place without an image shows nothing."""
    _, report = pictures_of(answer, numbered_images(4))
    answer.holds(report["lines"] == 0, "There are axis lines, ticks or frames to be seen.", call=PLOTS)
    _, report = pictures_of(answer, numbered_images(5))
    message = "A place without an image shows a frame, ticks or a picture."
    answer.holds(report["lines"] == 0, message, call=PLOTS, mistake="plots_with_empty_frames")
