"""Reference answers of 01_tensors: derived from its source notebook by `grader release`."""


import torch


def rank(x):
    """The number of axes of x, an int."""
    return len(x.shape)


def flatten(images):
    """(n, ...) becomes (n, product of the rest), row after row."""
    return torch.flatten(images, start_dim=1)


def unflatten(x, height, width):
    """(n, height * width) becomes (n, height, width), row after row."""
    return x.reshape(-1, height, width)


def bgr_to_rgb(image):
    """The same shape (..., 3), with the last axis reversed."""
    return torch.flip(image, dims=(-1,))


def hwc_to_chw(image):
    """(h, w, c) becomes (c, h, w); every number moves with its axes."""
    return image.permute(2, 0, 1)


def nhwc_to_nchw(images):
    """(n, h, w, c) becomes (n, c, h, w); every number moves with its axes."""
    return images.permute(0, 3, 1, 2)


def crop(images, index, rows, cols):
    """The rank-2 piece of images[index]: rows and cols are pairs (start, stop)."""
    return images[index, rows[0] : rows[1], cols[0] : cols[1]]
