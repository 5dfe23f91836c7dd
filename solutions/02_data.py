"""Reference answers of 02_data: derived from its source notebook by `grader release`."""


import gzip
import math
import pickle
import matplotlib.pyplot as plt


def load_mnist(path):
    """((x, y), (x_valid, y_valid), (x_test, y_test)) from a gzipped pickle of Python 2."""
    with gzip.open(path, "rb") as file:
        return pickle.load(file, encoding="latin-1")


def normalize(x_train, x_valid):
    """(x_train, x_valid), both shifted by the training mean and divided by the training deviation."""
    mean, std = x_train.mean(), x_train.std()
    return (x_train - mean) / std, (x_valid - mean) / std


def channel_stats(images):
    """(mean, std) of each channel over all images, rows and columns; both of shape (c,)."""
    return images.mean(axis=(0, 1, 2)), images.std(axis=(0, 1, 2))


def plots(images, titles=None, rows=2):
    """A Figure that shows the images row by row on `rows` rows, with titles if there are any."""
    columns = math.ceil(len(images) / rows)
    figure, axes = plt.subplots(rows, columns, squeeze=False, figsize=(1.5 * columns, 1.8 * rows))
    for place in axes.flat:
        place.axis("off")
    for i, (place, image) in enumerate(zip(axes.flat, images)):
        place.imshow(image, cmap="gray")
        if titles is not None:
            place.set_title(str(titles[i]))
    return figure
