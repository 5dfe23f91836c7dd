"""Known mistakes of 02_data: each is one wrong answer, its docstring the explanation for whoever made it."""

from __future__ import annotations

import functools
import gzip
import math
import pickle
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch

from grader.judge.known import stands_for

# load_mnist


def _loaded(path, **options):
    with gzip.open(path, "rb") as file:
        return pickle.load(file, **{"encoding": "latin-1", **options})


@stands_for("load_mnist")
def load_without_encoding(path):
    """Python 2 stored the pixels as text, and pickle tries to read it as ASCII, which stops at the first byte above
    127. Which `encoding` has a character for each of the 256 bytes?"""
    with gzip.open(path, "rb") as file:
        return pickle.load(file)


@stands_for("load_mnist")
def load_with_errors_ignored(path):
    """Your call leaves out the bytes that ASCII does not know, and an array with bytes missing cannot be rebuilt. Which
    `encoding` has a character for each of the 256 bytes?"""
    return _loaded(path, encoding="ascii", errors="ignore")


@stands_for("load_mnist")
def load_without_gzip(path):
    """The file is opened as it lies on the disk, so pickle gets compressed bytes. The ending .gz names the outer
    wrapping: what opens it?"""
    return pickle.loads(Path(path).read_bytes(), encoding="latin-1")


@stands_for("load_mnist")
def load_as_six_arrays(path):
    """Your values match six arrays in one flat row. They are to come as three pairs: give back what pickle gave you,
    nest and all."""
    return tuple(array for pair in _loaded(path) for array in pair)


@stands_for("load_mnist")
def load_training_pair_only(path):
    """Your values match the training pair alone. The file holds three pairs, and all of them are asked for."""
    return _loaded(path)[0]


@stands_for("load_mnist")
def load_without_test_pair(path):
    """Your values match the first two pairs. The test pair is missing at the end."""
    return _loaded(path)[:2]


@stands_for("load_mnist")
def load_valid_and_test_swapped(path):
    """Your values match the right arrays with validation and test exchanged. In which order does the file hold them?"""
    train, valid, test = _loaded(path)
    return train, test, valid


@stands_for("load_mnist")
def load_labels_first(path):
    """Your values match pairs in which the labels stand before the pictures. In which order does the file hold them?"""
    return tuple((y, x) for x, y in _loaded(path))


@stands_for("load_mnist")
def load_pictures_and_labels_apart(path):
    """Your values match all pictures first and all labels after them. The pairs are to stay together: each set has its
    x and its y."""
    return tuple(zip(*_loaded(path), strict=True))


@stands_for("load_mnist")
def load_as_dict(path):
    """Your answer gives a dict. A tuple of three pairs is asked for, so that it can be taken apart in one line."""
    return dict(zip(("train", "valid", "test"), _loaded(path), strict=True))


@stands_for("load_mnist")
def load_in_float64(path):
    """Your pictures have the right values as float64. They are to keep the dtype in which they were saved."""
    return tuple((x.astype(np.float64), y) for x, y in _loaded(path))


@stands_for("load_mnist")
def load_in_float32(path):
    """Your pictures were turned into float32. That is no change for MNIST, but whatever dtype was saved is to come
    back."""
    return tuple((x.astype(np.float32), y) for x, y in _loaded(path))


@stands_for("load_mnist")
def load_labels_as_int32(path):
    """Your labels have the right values as int32. They are to keep the dtype in which they were saved."""
    return tuple((x, y.astype(np.int32)) for x, y in _loaded(path))


@stands_for("load_mnist")
def load_as_pictures(path):
    """Your pictures were brought into the shape (n, 28, 28). The arrays are to come back in the shape in which they
    were saved: one row for each picture."""
    return tuple((x.reshape(-1, 28, 28), y) for x, y in _loaded(path))


@stands_for("load_mnist")
def load_as_lists(path):
    """Your answer turns the arrays into lists of numbers. Give back the NumPy arrays that pickle rebuilt."""
    return tuple((x.tolist(), y.tolist()) for x, y in _loaded(path))


@stands_for("load_mnist")
def load_as_tensors(path):
    """Your answer turns the arrays into tensors. This lesson stays with NumPy: give back the arrays themselves."""
    return tuple((torch.tensor(x), torch.tensor(y)) for x, y in _loaded(path))


@stands_for("load_mnist")
def load_with_pixels_divided(path):
    """Your pictures match the saved ones divided by 255. Loading must not change the numbers; scaling comes later."""
    return tuple((x / 255, y) for x, y in _loaded(path))


@stands_for("load_mnist")
def load_from_str_only(path):
    """Your function works for a str, but it uses something that a Path does not have. `gzip.open` takes both as they
    are: what do you need before it?"""
    if path.endswith(".gz"):
        return _loaded(path)
    raise ValueError("not a gzip file")


@stands_for("load_mnist")
def load_from_path_only(path):
    """Your function works for a Path, but it uses something that a str does not have. `gzip.open` takes both as they
    are; `Path(path)` makes a Path of either."""
    return pickle.loads(gzip.decompress(path.read_bytes()), encoding="latin-1")


@functools.cache
def _loaded_once():
    return []


@stands_for("load_mnist")
def load_first_file_for_ever(path):
    """Your function keeps what it loaded first and gives it back whatever path it gets. Each call is to read the file
    that it is given."""
    kept = _loaded_once()
    if not kept:
        kept.append(_loaded(path))
    return kept[0]


@functools.cache
def _kept(path):
    return _loaded(path)


@stands_for("load_mnist")
def load_kept_for_each_path(path):
    """Your function keeps what it loaded from a path and gives the same arrays again, even when the file holds
    something else by now, or somebody wrote into the arrays. Each call is to read the file."""
    return _kept(path)


@stands_for("load_mnist")
def load_from_the_working_folder(path):
    """Your function opens a file of a fixed name in the current folder. The parameter `path` says which
    file is meant."""
    return _loaded("mnist.pkl.gz")


# normalize


def _scaled(x, mean, std):
    with np.errstate(all="ignore"):
        return (x - mean) / std


@stands_for("normalize")
def normalize_each_by_itself(x_train, x_valid):
    """Your validation values match a set that was normalised by its own mean and deviation: that is how frogs turn into
    toads. Both sets need the numbers of the training set."""
    return tuple(_scaled(x, x.mean(), x.std()) for x in (x_train, x_valid))


@stands_for("normalize")
def normalize_valid_by_its_own_mean(x_train, x_valid):
    """Your validation values match their own mean and the training deviation. The mean has to come from the training
    set as well."""
    return _scaled(x_train, x_train.mean(), x_train.std()), _scaled(x_valid, x_valid.mean(), x_train.std())


@stands_for("normalize")
def normalize_valid_by_its_own_deviation(x_train, x_valid):
    """Your validation values match the training mean and their own deviation. The deviation has to come from the
    training set as well."""
    return _scaled(x_train, x_train.mean(), x_train.std()), _scaled(x_valid, x_train.mean(), x_valid.std())


@stands_for("normalize")
def normalize_valid_left_as_it_was(x_train, x_valid):
    """Your training values are right, but the validation set came back as it was. If you measured after `x_train` had
    been normalised, its mean was 0 and its deviation 1 by then: measure first."""
    return _scaled(x_train, x_train.mean(), x_train.std()), x_valid.copy()


@stands_for("normalize")
def normalize_by_column(x_train, x_valid):
    """Your values match a mean and a deviation for each column. One number each is asked for, over all entries of the
    training array: no `axis`."""
    return tuple(_scaled(x, x_train.mean(0), x_train.std(0)) for x in (x_train, x_valid))


@stands_for("normalize")
def normalize_by_row(x_train, x_valid):
    """Your values match pictures that were each normalised by themselves. One mean and one deviation are asked for,
    over all entries of the training array: no `axis`."""
    return tuple(_scaled(x, x.mean(-1, keepdims=True), x.std(-1, keepdims=True)) for x in (x_train, x_valid))


@stands_for("normalize")
def normalize_by_both_together(x_train, x_valid):
    """Your values match the mean and deviation of both sets taken together. The validation set must not have a say:
    measure on the training set alone."""
    both = np.concatenate([x_train.ravel(), x_valid.ravel()])
    return tuple(_scaled(x, both.mean(), both.std()) for x in (x_train, x_valid))


@stands_for("normalize")
def normalize_by_valid(x_train, x_valid):
    """Your values match the mean and deviation of the validation set. It is the training set that is measured."""
    return tuple(_scaled(x, x_valid.mean(), x_valid.std()) for x in (x_train, x_valid))


@stands_for("normalize")
def normalize_with_sample_deviation(x_train, x_valid):
    """Your values match a deviation with N − 1 under the root. The population deviation divides by N: that is what
    `std` does when `ddof` is left alone, while torch and pandas divide by N − 1."""
    return tuple(_scaled(x, x_train.mean(), x_train.std(ddof=1)) for x in (x_train, x_valid))


@stands_for("normalize")
def normalize_by_variance(x_train, x_valid):
    """Your values match a division by the variance. The standard deviation is its square root."""
    return tuple(_scaled(x, x_train.mean(), x_train.var()) for x in (x_train, x_valid))


@stands_for("normalize")
def normalize_without_shift(x_train, x_valid):
    """Your values match a division by the deviation without the mean subtracted first. Which of the two steps is
    missing?"""
    return tuple(_scaled(x, 0, x_train.std()) for x in (x_train, x_valid))


@stands_for("normalize")
def normalize_without_division(x_train, x_valid):
    """Your values match sets from which the mean was subtracted and that were not divided. Which of the two steps is
    missing?"""
    return tuple(_scaled(x, x_train.mean(), 1) for x in (x_train, x_valid))


@stands_for("normalize")
def normalize_divided_first(x_train, x_valid):
    """Your values match x / deviation − mean. The difference is to be divided as a whole: where do the parentheses
    belong?"""
    return tuple(x / x_train.std() - x_train.mean() for x in (x_train, x_valid))


@stands_for("normalize")
def normalize_with_plus(x_train, x_valid):
    """Your values match a mean that was added. What must happen to it so that the new mean is 0?"""
    return tuple(_scaled(x, -x_train.mean(), x_train.std()) for x in (x_train, x_valid))


@stands_for("normalize")
def normalize_times_deviation(x_train, x_valid):
    """Your values match a difference multiplied by the deviation. What must happen so that the new deviation is 1?"""
    return tuple((x - x_train.mean()) * x_train.std() for x in (x_train, x_valid))


@stands_for("normalize")
def normalize_to_0_and_1(x_train, x_valid):
    """Your values match a scaling from the smallest number to the largest one. Here the mean is to become 0 and the
    deviation 1."""
    low, high = x_train.min(), x_train.max()
    return tuple(_scaled(x, low, high - low) for x in (x_train, x_valid))


@stands_for("normalize")
def normalize_by_mean_distance(x_train, x_valid):
    """Your values match a division by the mean distance from the mean. The standard deviation takes the mean of the
    *squares*, and then the root."""
    mean = x_train.mean()
    return tuple(_scaled(x, mean, np.abs(x_train - mean).mean()) for x in (x_train, x_valid))


@stands_for("normalize")
def normalize_by_median(x_train, x_valid):
    """Your values match a shift by the median, the number in the middle. The mean is asked for."""
    return tuple(_scaled(x, np.median(x_train), x_train.std()) for x in (x_train, x_valid))


@stands_for("normalize")
def normalize_by_mean_of_deviations(x_train, x_valid):
    """Your values match the mean of the deviations of single rows. Take the deviation of all training entries at once:
    rows also differ from each other."""
    std = x_train.std(axis=-1).mean()
    return tuple(_scaled(x, x_train.mean(), std) for x in (x_train, x_valid))


@stands_for("normalize")
def normalize_with_epsilon(x_train, x_valid):
    """Your values are right for ordinary numbers, but something small was added to the deviation, which tells where the
    numbers are small themselves. The deviation is never 0 here, so nothing needs to be added."""
    return tuple(_scaled(x, x_train.mean(), x_train.std() + 1e-8) for x in (x_train, x_valid))


@stands_for("normalize")
def normalize_with_least_deviation(x_train, x_valid):
    """Your values are right for ordinary numbers, but a small deviation is not taken as it is. However small, it is
    greater than 0 here, and the numbers are to be divided by it."""
    std = x_train.std()
    return tuple(_scaled(x, x_train.mean(), std if std > 1e-6 else 1.0) for x in (x_train, x_valid))


@stands_for("normalize")
def normalize_with_numbers_of_mnist(x_train, x_valid):
    """Your values match the fixed mean 0.1307 and deviation 0.3081 of MNIST. Measure them on the training set that is
    given."""
    return tuple((x - 0.1307) / 0.3081 for x in (x_train, x_valid))


@stands_for("normalize")
def normalize_clipped(x_train, x_valid):
    """Your values match normalised sets that were cut off at −3 and 3. Larger numbers are right and are to stay."""
    return tuple(np.clip(_scaled(x, x_train.mean(), x_train.std()), -3, 3) for x in (x_train, x_valid))


@stands_for("normalize")
def normalize_in_place(x_train, x_valid):
    """Your values are right, but the arrays that were handed in have changed: -= and /= write into them. Make new
    arrays with - and /."""
    mean, std = x_train.mean(), x_train.std()
    for x in (x_train, x_valid):
        x -= mean
        x /= std
    return x_train, x_valid


@stands_for("normalize")
def normalize_valid_first(x_train, x_valid):
    """Your two sets are right but come in the wrong order: first the training set, then the validation set."""
    x_train, x_valid = (_scaled(x, x_train.mean(), x_train.std()) for x in (x_train, x_valid))
    return x_valid, x_train


@stands_for("normalize")
def normalize_training_set_only(x_train, x_valid):
    """Your answer gives back the training set alone. The pair of both sets is asked for."""
    return _scaled(x_train, x_train.mean(), x_train.std())


# channel_stats


@stands_for("channel_stats")
def stats_of_everything(images):
    """Your values match one mean and one deviation for all channels together. Each channel has its own: which axis must
    not go?"""
    return images.mean(), images.std()


@stands_for("channel_stats")
def stats_of_everything_repeated(images):
    """Each of your channels has the numbers of all channels together. The deviations and means are to be taken channel
    by channel: which axis must not go?"""
    c = images.shape[-1]
    return np.full(c, images.mean()), np.full(c, images.std())


@stands_for("channel_stats")
def stats_of_each_image(images):
    """Your values match a mean and a deviation for each channel of each image. The axis of the images has
    to go, too."""
    return images.mean(axis=(1, 2)), images.std(axis=(1, 2))


@stands_for("channel_stats")
def stats_of_each_pixel(images):
    """Your values match statistics over the images alone, for every pixel of its own. Rows and columns
    have to go, too."""
    return images.mean(axis=0), images.std(axis=0)


@stands_for("channel_stats")
def stats_with_channels_first(images):
    """Your values match statistics in which axis 1 was kept, as if the channels came right after the images. Here the
    shape is (n, h, w, c): which axis are the channels?"""
    return images.mean(axis=(0, 2, 3)), images.std(axis=(0, 2, 3))


@stands_for("channel_stats")
def stats_of_columns(images):
    """Your values match statistics in which axis 2, the columns, was kept. The channels are the last axis: which three
    axes go?"""
    return images.mean(axis=(0, 1, 3)), images.std(axis=(0, 1, 3))


@stands_for("channel_stats")
def stats_of_whole_images(images):
    """Your values match one number for each image. The result needs one number for each channel: which
    axis must stay?"""
    return images.mean(axis=(1, 2, 3)), images.std(axis=(1, 2, 3))


@stands_for("channel_stats")
def stats_with_sample_deviation(images):
    """Your deviations match N − 1 under the root. The population deviation divides by N: leave `ddof` alone in NumPy;
    torch and pandas divide by N − 1."""
    with np.errstate(all="ignore"):
        return images.mean(axis=(0, 1, 2)), images.std(axis=(0, 1, 2), ddof=1)


@stands_for("channel_stats")
def stats_with_least_deviation(images):
    """Your deviations are right for ordinary images, but small ones are raised to a least value. No channel is constant
    here: give each deviation as it is."""
    return images.mean(axis=(0, 1, 2)), np.maximum(images.std(axis=(0, 1, 2)), 1e-3)


@stands_for("channel_stats")
def stats_with_variance(images):
    """Your second part matches the variance. The standard deviation is its square root."""
    return images.mean(axis=(0, 1, 2)), images.var(axis=(0, 1, 2))


@stands_for("channel_stats")
def stats_with_mean_of_deviations(images):
    """Your deviations match the mean of the deviations of the single images. Images also differ from each other: take
    the deviation over all of them at once."""
    return images.mean(axis=(0, 1, 2)), images.std(axis=(1, 2)).mean(axis=0)


@stands_for("channel_stats")
def stats_with_deviation_of_means(images):
    """Your deviations match the deviation of the images' means, as if each image had one colour. The pixels within an
    image differ as well: take the deviation over all of them at once."""
    return images.mean(axis=(0, 1, 2)), images.mean(axis=(1, 2)).std(axis=0)


@stands_for("channel_stats")
def stats_axis_after_axis(images):
    """Your deviations match deviations of deviations, taken along one axis after the other. That works for a mean but
    not for a deviation: give all three axes to one call."""
    return images.mean(axis=0).mean(axis=0).mean(axis=0), images.std(axis=0).std(axis=0).std(axis=0)


@stands_for("channel_stats")
def stats_deviation_first(images):
    """Your two parts are right but in the wrong order: the mean comes first."""
    return images.std(axis=(0, 1, 2)), images.mean(axis=(0, 1, 2))


@stands_for("channel_stats")
def stats_with_kept_axes(images):
    """Your numbers are right but have the shape (1, 1, 1, c). The shape (c,) is asked for: leave `keepdims` out."""
    return images.mean(axis=(0, 1, 2), keepdims=True), images.std(axis=(0, 1, 2), keepdims=True)


@stands_for("channel_stats")
def stats_of_the_first_image(images):
    """Your values match the first image alone. All images count."""
    return images[0].mean(axis=(0, 1)), images[0].std(axis=(0, 1))


@stands_for("channel_stats")
def stats_of_three_channels(images):
    """Your function counts on three channels. There may be one, two or more than three: where does the number of
    channels stand in the shape?"""
    means = [images[..., channel].mean() for channel in range(3)]
    stds = [images[..., channel].std() for channel in range(3)]
    return np.array(means), np.array(stds)


@stands_for("channel_stats")
def stats_as_lists(images):
    """Your numbers are right, but mean and deviation come as lists. Two NumPy arrays are asked for."""
    return images.mean(axis=(0, 1, 2)).tolist(), images.std(axis=(0, 1, 2)).tolist()


@stands_for("channel_stats")
def stats_as_one_table(images):
    """Your numbers are right but come as one array with two rows. A pair of arrays is asked for: the mean, and the
    deviation."""
    return np.stack([images.mean(axis=(0, 1, 2)), images.std(axis=(0, 1, 2))])


@stands_for("channel_stats")
def stats_as_pair_for_each_channel(images):
    """Your answer gives a pair of numbers for each channel. It is to be the other way round: a pair of arrays, with one
    number for each channel."""
    return [(float(each.mean()), float(each.std())) for each in np.moveaxis(images, -1, 0)]


@stands_for("channel_stats")
def stats_without_deviation(images):
    """Your answer gives the mean alone. The pair of mean and deviation is asked for."""
    return images.mean(axis=(0, 1, 2))


@stands_for("channel_stats")
def stats_with_images_changed(images):
    """Your numbers are right, but the images that were handed in have changed: -= writes into them. Make a
    new array."""
    mean = images.mean(axis=(0, 1, 2))
    images -= mean
    return mean, np.sqrt((images**2).mean(axis=(0, 1, 2)))


# plots


def _grid(n, rows):
    columns = math.ceil(n / rows)
    figure, axes = plt.subplots(rows, columns, squeeze=False)
    for place in axes.flat:
        place.axis("off")
    return figure, axes


def _fill(axes, images, titles):
    for i, (place, image) in enumerate(zip(axes, images)):
        place.imshow(image)
        if titles is not None:
            place.set_title(str(titles[i]))


@stands_for("plots")
def plots_column_by_column(images, titles=None, rows=2):
    """Your images fill the grid column by column. They are to be read like a page: the first row from left to right,
    then the next."""
    figure, axes = _grid(len(images), rows)
    _fill(axes.T.flat, images, titles)
    return figure


@stands_for("plots")
def plots_with_rows_as_columns(images, titles=None, rows=2):
    """Your grid has `rows` columns. `rows` says how many rows it has, and `plt.subplots` takes the rows first."""
    columns = math.ceil(len(images) / rows)
    figure, axes = _grid(len(images), columns)
    _fill(axes.flat, images, titles)
    return figure


@stands_for("plots")
def plots_always_in_two_rows(images, titles=None, rows=2):
    """Your grid always has two rows. That is only the default: the parameter `rows` says how many there are."""
    figure, axes = _grid(len(images), 2)
    _fill(axes.flat, images, titles)
    return figure


@stands_for("plots")
def plots_in_one_row(images, titles=None, rows=2):
    """Your images stand in a single row. They are to be spread over `rows` rows."""
    figure, axes = _grid(len(images), 1)
    _fill(axes.flat, images, titles)
    return figure


@stands_for("plots")
def plots_with_columns_rounded_down(images, titles=None, rows=2):
    """Your grid has n // rows columns, so there is no place for the images that are left over. Round up instead."""
    figure, axes = plt.subplots(rows, len(images) // rows, squeeze=False)
    for place in axes.flat:
        place.axis("off")
    _fill(axes.flat, images, titles)
    return figure


@stands_for("plots")
def plots_with_a_column_too_many(images, titles=None, rows=2):
    """Your grid has n // rows + 1 columns, one too many where n is a multiple of rows. Round n / rows up instead."""
    figure, axes = plt.subplots(rows, len(images) // rows + 1, squeeze=False)
    for place in axes.flat:
        place.axis("off")
    _fill(axes.flat, images, titles)
    return figure


@stands_for("plots")
def plots_with_squeezed_axes(images, titles=None, rows=2):
    """Your function fails for a single row or column: `plt.subplots` then gives a flat array of Axes, or just one of
    them. With `squeeze=False` it always gives a table."""
    columns = math.ceil(len(images) / rows)
    figure, axes = plt.subplots(rows, columns)
    for i in range(rows * columns):
        place = axes[i // columns, i % columns]
        place.axis("off")
        if i < len(images):
            place.imshow(images[i])
            if titles is not None:
                place.set_title(str(titles[i]))
    return figure


@stands_for("plots")
def plots_transposed(images, titles=None, rows=2):
    """Your images have rows and columns exchanged. `imshow` takes (height, width) as it is: no transpose is needed."""
    figure, axes = _grid(len(images), rows)
    _fill(axes.flat, [image.T for image in images], titles)
    return figure


@stands_for("plots")
def plots_upside_down(images, titles=None, rows=2):
    """Your images stand on their heads: `origin="lower"` puts row 0 at the bottom. Row 0 is to be at the top."""
    figure, axes = _grid(len(images), rows)
    for i, (place, image) in enumerate(zip(axes.flat, images)):
        place.imshow(image, origin="lower")
        if titles is not None:
            place.set_title(str(titles[i]))
    return figure


@stands_for("plots")
def plots_mirrored(images, titles=None, rows=2):
    """Your images have left and right exchanged. Show them as they are."""
    figure, axes = _grid(len(images), rows)
    _fill(axes.flat, [image[:, ::-1] for image in images], titles)
    return figure


@stands_for("plots")
def plots_cropped(images, titles=None, rows=2):
    """Your images lack their border. Show them with all pixels."""
    figure, axes = _grid(len(images), rows)
    _fill(axes.flat, [image[:-1, :-1] for image in images], titles)
    return figure


@stands_for("plots")
def plots_with_half_pixels_cut_off(images, titles=None, rows=2):
    """Your axis limits cut off half a pixel at the border: `imshow` puts the middle of pixel 0 at 0, so that the image
    begins at −0.5. Leave the limits alone."""
    figure, axes = _grid(len(images), rows)
    _fill(axes.flat, images, titles)
    for place, image in zip(axes.flat, images):
        place.set_xlim(0, image.shape[1] - 1)
        place.set_ylim(image.shape[0] - 1, 0)
    return figure


@stands_for("plots")
def plots_scaled(images, titles=None, rows=2):
    """Your images were scaled to numbers from 0 to 1. `imshow` finds the darkest and the brightest number by itself:
    give it the pixels as they are."""
    figure, axes = _grid(len(images), rows)
    _fill(axes.flat, [(image - image.min()) / (image.max() - image.min()) for image in images], titles)
    return figure


@stands_for("plots")
def plots_negated(images, titles=None, rows=2):
    """Your images show 1 − the pixels. For dark ink on white paper choose another colour map, and leave the pixels
    alone."""
    figure, axes = _grid(len(images), rows)
    _fill(axes.flat, [1 - image for image in images], titles)
    return figure


@stands_for("plots")
def plots_with_images_changed(images, titles=None, rows=2):
    """Your function changes the images that were handed in: -= and /= write into them. Show them as they are."""
    images -= images.min()
    images /= images.max()
    figure, axes = _grid(len(images), rows)
    _fill(axes.flat, images, titles)
    return figure


@stands_for("plots")
def plots_first_image_everywhere(images, titles=None, rows=2):
    """Each of your Axes shows the first image. Place i is to show image i."""
    figure, axes = _grid(len(images), rows)
    _fill(axes.flat, [images[0] for _ in images], titles)
    return figure


@stands_for("plots")
def plots_filled_up_with_images(images, titles=None, rows=2):
    """Your grid starts again with the first image where places are left over. These places are to stay empty."""
    figure, axes = _grid(len(images), rows)
    for i, place in enumerate(axes.flat):
        place.imshow(images[i % len(images)])
        if titles is not None:
            place.set_title(str(titles[i % len(images)]))
    return figure


@stands_for("plots")
def plots_in_one_axes(images, titles=None, rows=2):
    """Your images are glued together in a single Axes. Each one needs an Axes of its own, so that it can
    have a title."""
    figure, place = plt.subplots()
    place.imshow(np.hstack(list(images)))
    place.axis("off")
    return figure


@stands_for("plots")
def plots_on_the_last_axes(images, titles=None, rows=2):
    """All of your images lie on one and the same Axes, the last one that was made. Call `imshow` of the Axes on which
    image i belongs."""
    figure, axes = _grid(len(images), rows)
    _fill([axes.flat[-1]] * len(images), images, titles)
    return figure


@stands_for("plots")
def plots_on_the_current_figure(images, titles=None, rows=2):
    """Your function draws on the sheet that is open already, so a second call draws over the first. Make a new Figure
    in each call."""
    columns = math.ceil(len(images) / rows)
    for i, image in enumerate(images):
        place = plt.subplot(rows, columns, i + 1)
        place.imshow(image)
        place.axis("off")
        if titles is not None:
            place.set_title(str(titles[i]))
    return plt.gcf()


@stands_for("plots")
def plots_over_cleared_figure(images, titles=None, rows=2):
    """Your function clears the sheet that is open already, so a second call wipes out the first one's images. Make a
    new Figure in each call."""
    plt.clf()
    return plots_on_the_current_figure(images, titles, rows)


@stands_for("plots")
def plots_with_axes_shown(images, titles=None, rows=2):
    """Your images have axis lines and ticks around them. An Axes can be told to show none."""
    figure, axes = _grid(len(images), rows)
    _fill(axes.flat, images, titles)
    for place, _ in zip(axes.flat, images):
        place.axis("on")
    return figure


@stands_for("plots")
def plots_with_lines_shown(images, titles=None, rows=2):
    """Your ticks are gone, but each image still has a frame of four lines. Turn the axis off as a whole."""
    figure, axes = _grid(len(images), rows)
    _fill(axes.flat, images, titles)
    for place, _ in zip(axes.flat, images):
        place.axis("on")
        place.set_xticks([])
        place.set_yticks([])
    return figure


@stands_for("plots")
def plots_with_ticks_shown(images, titles=None, rows=2):
    """Your frames are gone, but there are still ticks around the images. Turn the axis off as a whole."""
    figure, axes = _grid(len(images), rows)
    _fill(axes.flat, images, titles)
    for place, _ in zip(axes.flat, images):
        place.axis("on")
        place.set_frame_on(False)
    return figure


@stands_for("plots")
def plots_with_the_last_axis_off(images, titles=None, rows=2):
    """Only the last of your Axes has its axis turned off: `plt.axis` works on the current one. Turn off
    each of them."""
    columns = math.ceil(len(images) / rows)
    figure, axes = plt.subplots(rows, columns, squeeze=False)
    _fill(axes.flat, images, titles)
    plt.axis("off")
    return figure


@stands_for("plots")
def plots_with_empty_frames(images, titles=None, rows=2):
    """Your images are right, but places that are left over show an empty frame. Turn the axis off there, too."""
    columns = math.ceil(len(images) / rows)
    figure, axes = plt.subplots(rows, columns, squeeze=False)
    _fill(axes.flat, images, titles)
    for place, _ in zip(axes.flat, images):
        place.axis("off")
    return figure


@stands_for("plots")
def plots_with_titles_off_by_one(images, titles=None, rows=2):
    """Your titles stand one image too late. Image i has the title `titles[i]`, counted from 0."""
    figure, axes = _grid(len(images), rows)
    _fill(axes.flat, images, None if titles is None else [titles[i - 1] for i in range(len(images))])
    return figure


@stands_for("plots")
def plots_with_titles_at_the_left(images, titles=None, rows=2):
    """Your titles stand at the left. They are to be centred, which is what `set_title` does by itself."""
    figure, axes = _grid(len(images), rows)
    _fill(axes.flat, images, None)
    for i, place in enumerate(axes.flat[: len(images)]):
        if titles is not None:
            place.set_title(str(titles[i]), loc="left")
    return figure


@stands_for("plots")
def plots_with_one_title_for_all(images, titles=None, rows=2):
    """Each of your images has all titles above it. Image i has `titles[i]` only."""
    figure, axes = _grid(len(images), rows)
    _fill(axes.flat, images, None if titles is None else [titles] * len(images))
    return figure


@stands_for("plots")
def plots_with_decorated_titles(images, titles=None, rows=2):
    """Your titles have words in front of what was given. The title is `str(titles[i])` and no more."""
    figure, axes = _grid(len(images), rows)
    _fill(axes.flat, images, None if titles is None else [f"label: {title}" for title in titles])
    return figure


@stands_for("plots")
def plots_with_whole_numbers_as_titles(images, titles=None, rows=2):
    """Your function turns titles into whole numbers. They may be words or fractions, too: `str` makes a text of
    anything."""
    figure, axes = _grid(len(images), rows)
    _fill(axes.flat, images, None if titles is None else [int(title) for title in titles])
    return figure


@stands_for("plots")
def plots_with_numbers_for_missing_titles(images, titles=None, rows=2):
    """Your images get numbers as titles where none were given. Without titles there is to be no title."""
    figure, axes = _grid(len(images), rows)
    _fill(axes.flat, images, range(len(images)) if titles is None else titles)
    return figure


@stands_for("plots")
def plots_with_none_as_title(images, titles=None, rows=2):
    """Your images bear the title "None" where no titles were given. Without titles there is to be no title."""
    figure, axes = _grid(len(images), rows)
    _fill(axes.flat, images, [None] * len(images) if titles is None else titles)
    return figure


@stands_for("plots")
def plots_asking_titles_for_truth(images, titles=None, rows=2):
    """Your function fails where the titles are an array: `if titles:` asks it whether it is true, and an array of many
    numbers has no answer. Ask whether it is None."""
    figure, axes = _grid(len(images), rows)
    _fill(axes.flat, images, titles if titles else None)
    return figure


@stands_for("plots")
def plots_with_titles_used_up(images, titles=None, rows=2):
    """Your function takes the titles out of the list that was handed in, and that list is empty afterwards. Read them
    where they are: image i has `titles[i]`."""
    if isinstance(titles, list):
        titles = [titles.pop(0) for _ in images]
    figure, axes = _grid(len(images), rows)
    _fill(axes.flat, images, titles)
    return figure


@stands_for("plots")
def plots_without_titles(images, titles=None, rows=2):
    """Your Axes have no titles although some were given. A text, or the label of an axis, is no title: `set_title`
    writes one above an Axes."""
    figure, axes = _grid(len(images), rows)
    _fill(axes.flat, images, None)
    return figure


@stands_for("plots")
def plots_returns_axes(images, titles=None, rows=2):
    """Your function gives back the Axes. The Figure on which they lie is asked for."""
    _, axes = _grid(len(images), rows)
    _fill(axes.flat, images, titles)
    return axes


@stands_for("plots")
def plots_returns_both(images, titles=None, rows=2):
    """Your function gives back Figure and Axes. The Figure alone is asked for."""
    figure, axes = _grid(len(images), rows)
    _fill(axes.flat, images, titles)
    return figure, axes


@stands_for("plots")
def plots_returns_plt(images, titles=None, rows=2):
    """Your function gives back the module `plt`. The Figure that it made is asked for."""
    _, axes = _grid(len(images), rows)
    _fill(axes.flat, images, titles)
    return plt


@stands_for("plots")
def plots_returns_nothing(images, titles=None, rows=2):
    """Your function draws but gives nothing back. End with a `return` of the Figure."""
    _, axes = _grid(len(images), rows)
    _fill(axes.flat, images, titles)


@stands_for("plots")
def plots_in_colour_cells(images, titles=None, rows=2):
    """Your pictures are drawn as meshes of coloured cells. Draw each one by `imshow`, which also puts row
    0 at the top."""
    figure, axes = _grid(len(images), rows)
    for i, (place, image) in enumerate(zip(axes.flat, images)):
        place.pcolormesh(image)
        if titles is not None:
            place.set_title(str(titles[i]))
    return figure
