"""Right but unusual answers of 01_tensors: the suites must give each of them full points."""

from __future__ import annotations

import itertools
import math

import numpy as np
import torch
import torch.nn.functional as F

from grader.judge.known import stands_for

# rank


@stands_for("rank")
def rank_as_ndim(x):
    """The attribute."""
    return x.ndim


@stands_for("rank")
def rank_by_dim(x):
    """The method."""
    return x.dim()


@stands_for("rank")
def rank_by_recursion(x):
    """One more than the rank of the first slice; `shape` decides where it ends."""
    return 0 if x.shape == () else 1 + rank_by_recursion(x[0])


@stands_for("rank")
def rank_by_indexing_until_it_fails(x):
    """Indexing a scalar raises."""
    count = 0
    while True:
        try:
            x = x[0]
        except IndexError:
            return count
        count += 1


@stands_for("rank")
def rank_by_counting(x):
    """A loop over the shape."""
    count = 0
    for _ in x.size():
        count += 1
    return count


@stands_for("rank")
def rank_by_strides(x):
    """A stride for each axis."""
    return len(x.stride())


@stands_for("rank")
def rank_by_numpy(x):
    """NumPy's own count."""
    return np.ndim(x.numpy())


@stands_for("rank")
def rank_by_nested_lists(x):
    """How deep the lists are nested."""
    numbers, depth = x.tolist(), 0
    while isinstance(numbers, list):
        numbers, depth = numbers[0], depth + 1
    return depth


@stands_for("rank")
def rank_with_more_parameters(x, *, start=0):
    """A sum of ones, and a parameter with a default."""
    return sum(1 for _ in x.shape) + start


# flatten


@stands_for("flatten")
def flatten_by_method(images):
    """The tensor's own method."""
    return images.flatten(1)


@stands_for("flatten")
def flatten_by_function(images):
    """The function, with a negative end."""
    return torch.flatten(images, start_dim=1, end_dim=-1)


@stands_for("flatten")
def flatten_by_view(images):
    """A view with the product of the shape."""
    return images.view(images.shape[0], math.prod(images.shape[1:]))


@stands_for("flatten")
def flatten_by_product_in_a_loop(images):
    """The product in a loop."""
    numbers = 1
    for length in images.shape[1:]:
        numbers *= length
    return images.reshape(len(images), numbers)


@stands_for("flatten")
def flatten_by_minus_one_for_images(images):
    """-1 for the images: it can be worked out while an image holds numbers."""
    return images.reshape(-1, images.shape[1:].numel())


@stands_for("flatten")
def flatten_image_by_image(images):
    """A stack of flat images, and a case of its own for none."""
    if len(images) == 0:
        return images.new_zeros(0, math.prod(images.shape[1:]))
    return torch.stack([image.reshape(-1) for image in images])


@stands_for("flatten")
def flatten_by_merging(images):
    """Two axes merged at a time."""
    while images.ndim > 2:
        images = images.flatten(1, 2)
    return images


@stands_for("flatten")
def flatten_by_recursion(images):
    """Slices along axis 1, flattened and joined."""
    if images.ndim == 2:
        return images
    return torch.cat([flatten_by_recursion(part) for part in images.unbind(1)], dim=1)


@stands_for("flatten")
def flatten_by_positions(images):
    """Positions in the flat storage."""
    numbers = math.prod(images.shape[1:])
    positions = torch.arange(len(images))[:, None] * numbers + torch.arange(numbers)
    return images.reshape(-1)[positions]


@stands_for("flatten")
def flatten_by_mask(images, start_dim=1):
    """A mask that is true everywhere, and a parameter with a default."""
    numbers = math.prod(images.shape[start_dim:])
    everything = torch.ones_like(images, dtype=torch.bool)
    return images[everything].unflatten(0, (images.shape[0], numbers))


@stands_for("flatten")
def flatten_by_index_lists(images):
    """One column for each combination of positions."""
    places = itertools.product(*(range(length) for length in images.shape[1:]))
    return torch.stack([images[(slice(None), *place)] for place in places], dim=1)


# unflatten


@stands_for("unflatten")
def unflatten_by_view(x, height, width):
    """A view with every length given."""
    return x.view(x.shape[0], height, width)


@stands_for("unflatten")
def unflatten_by_method(x, height, width):
    """The tensor's own method."""
    return x.unflatten(1, (height, width))


@stands_for("unflatten")
def unflatten_by_function(x, height, width):
    """The function, with a -1 inside."""
    return torch.unflatten(x, -1, (-1, width))


@stands_for("unflatten")
def unflatten_by_chunks(x, height, width):
    """Each row of the image cut out and stacked."""
    return torch.stack(x.split(width, dim=1), dim=1)


@stands_for("unflatten")
def unflatten_image_by_image(x, height, width):
    """A loop over the images."""
    return torch.stack([numbers.reshape(height, width) for numbers in x])


@stands_for("unflatten")
def unflatten_by_positions(x, height, width):
    """A table of positions as the index."""
    positions = torch.arange(height)[:, None] * width + torch.arange(width)
    return x[:, positions]


@stands_for("unflatten")
def unflatten_number_by_number(x, height, width):
    """A new tensor written place by place."""
    result = torch.zeros(len(x), height, width, dtype=x.dtype, device=x.device)
    for row in range(height):
        for column in range(width):
            result[:, row, column] = x[:, row * width + column]
    return result


@stands_for("unflatten")
def unflatten_by_unfold(x, height, width):
    """Windows of the width, one after another."""
    return x.unfold(1, width, width)


@stands_for("unflatten")
def unflatten_by_strides(x, height, width, order="rows"):
    """Strides by hand, and a parameter with a default."""
    return torch.as_strided(x, (len(x), height, width), (height * width, width, 1))


@stands_for("unflatten")
def unflatten_by_pixel_grid(x, height, width):
    """By way of (height·width, n) and back."""
    return x.T.reshape(height, width, -1).permute(2, 0, 1)


# bgr_to_rgb


@stands_for("bgr_to_rgb")
def bgr_by_flip(image):
    """flip along the last axis."""
    return torch.flip(image, dims=[-1])


@stands_for("bgr_to_rgb")
def bgr_by_index_list(image):
    """A list of positions."""
    return image[..., [2, 1, 0]]


@stands_for("bgr_to_rgb")
def bgr_by_unbind(image):
    """Three channels taken apart and stacked again."""
    blue, green, red = image.unbind(-1)
    return torch.stack((red, green, blue), dim=-1)


@stands_for("bgr_to_rgb")
def bgr_by_cat(image):
    """Slices of length 1, joined."""
    return torch.cat([image[..., 2:], image[..., 1:2], image[..., :1]], dim=-1)


@stands_for("bgr_to_rgb")
def bgr_by_index_select(image):
    """index_select with a descending range."""
    return image.index_select(image.ndim - 1, torch.arange(2, -1, -1, device=image.device))


@stands_for("bgr_to_rgb")
def bgr_by_matrix(image):
    """A product with the matrix that exchanges blue and red."""
    return image @ torch.eye(3, dtype=image.dtype, device=image.device).flip(0)


@stands_for("bgr_to_rgb")
def bgr_by_gather(image):
    """gather with positions in every place."""
    return image.gather(-1, torch.tensor([2, 1, 0], device=image.device).expand(image.shape))


@stands_for("bgr_to_rgb")
def bgr_in_a_clone(image):
    """A copy in which blue and red are written anew."""
    result = image.clone()
    result[..., 0] = image[..., 2]
    result[..., 2] = image[..., 0]
    return result


@stands_for("bgr_to_rgb")
def bgr_by_recursion(image):
    """Down to the single pixel."""
    if image.ndim > 1:
        return torch.stack([bgr_by_recursion(part) for part in image])
    return torch.stack([image[2], image[1], image[0]])


@stands_for("bgr_to_rgb")
def bgr_by_swapped_axes(image, axis=-1):
    """The channels moved to the front, reversed there, and moved back."""
    return image.movedim(axis, 0).flip(0).movedim(0, axis)


@stands_for("bgr_to_rgb")
def bgr_by_modulus(image):
    """Positions 2, 1, 0 as (2k + 2) mod 3."""
    return torch.stack([image[..., (2 * k + 2) % 3] for k in range(3)], -1)


class _Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, image):
        return torch.from_numpy(image.numpy()[..., ::-1].copy())

    @staticmethod
    def backward(ctx, gradient):
        return gradient.flip(-1)


@stands_for("bgr_to_rgb")
def bgr_by_numpy_with_own_backward(image):
    """NumPy's negative step inside a function of autograd's."""
    return _Reverse.apply(image)


# hwc_to_chw


@stands_for("hwc_to_chw")
def chw_by_permute(image):
    """One permute, made contiguous."""
    return image.permute(2, 0, 1).contiguous()


@stands_for("hwc_to_chw")
def chw_by_movedim(image):
    """The last axis moved to the front."""
    return torch.movedim(image, -1, 0)


@stands_for("hwc_to_chw")
def chw_by_two_transposes(image):
    """(h, w, c) → (c, w, h) → (c, h, w)."""
    return image.transpose(0, 2).transpose(1, 2)


@stands_for("hwc_to_chw")
def chw_by_einsum(image):
    """An einsum that only renames axes."""
    return torch.einsum("hwc->chw", image)


@stands_for("hwc_to_chw")
def chw_by_unbind(image):
    """Channels taken apart and stacked."""
    return torch.stack(image.unbind(2))


@stands_for("hwc_to_chw")
def chw_by_loop(image):
    """A loop over the channels."""
    return torch.stack([image[:, :, channel] for channel in range(image.shape[-1])], dim=0)


@stands_for("hwc_to_chw")
def chw_by_table(image):
    """A table of pixels, transposed: here a reshape is right."""
    height, width, channels = image.shape
    return image.reshape(height * width, channels).t().reshape(channels, height, width)


@stands_for("hwc_to_chw")
def chw_by_strided_slices(image):
    """Every c-th number of the flat image."""
    height, width, channels = image.shape
    flat = image.flatten()
    return torch.cat([flat[channel::channels] for channel in range(channels)]).view(channels, height, width)


@stands_for("hwc_to_chw")
def chw_number_by_number(image):
    """A new tensor written place by place."""
    height, width, channels = image.shape
    result = torch.empty(channels, height, width, dtype=image.dtype, device=image.device)
    for row in range(height):
        for column in range(width):
            result[:, row, column] = image[row, column]
    return result


@stands_for("hwc_to_chw")
def chw_by_swapaxes(image, first=0):
    """swapaxes, and a parameter with a default."""
    return image.swapaxes(1, 2).swapaxes(0, 1) if first == 0 else image


@stands_for("hwc_to_chw")
def chw_by_linear_layer(image):
    """A product with the identity that changes nothing, then the permute."""
    channels = image.shape[2]
    kernel = torch.eye(channels, dtype=image.dtype, device=image.device)
    return F.linear(image, kernel).permute(2, 0, 1)


@stands_for("hwc_to_chw")
def chw_by_strides(image):
    """Strides by hand."""
    height, width, channels = image.shape
    return image.as_strided((channels, height, width), (1, width * channels, channels))


# nhwc_to_nchw


@stands_for("nhwc_to_nchw")
def nchw_by_permute(images):
    """One permute with negative axes."""
    return images.permute(0, -1, 1, 2)


@stands_for("nhwc_to_nchw")
def nchw_by_movedim(images):
    """The last axis moved to the second place."""
    return images.movedim(3, 1).clone()


@stands_for("nhwc_to_nchw")
def nchw_image_by_image(images):
    """Each image converted, then stacked."""
    return torch.stack([image.permute(2, 0, 1) for image in images])


@stands_for("nhwc_to_nchw")
def nchw_by_einsum(images):
    """An einsum that only renames axes."""
    return torch.einsum("nhwc->nchw", images)


@stands_for("nhwc_to_nchw")
def nchw_by_two_transposes(images):
    """Two exchanges of neighbours."""
    return images.transpose(2, 3).transpose(1, 2)


@stands_for("nhwc_to_nchw")
def nchw_by_unbind(images):
    """Channels taken apart and stacked on axis 1."""
    return torch.stack(images.unbind(-1), dim=1)


@stands_for("nhwc_to_nchw")
def nchw_by_slices(images):
    """Slices of one channel with a new axis, joined."""
    return torch.cat([images[..., channel].unsqueeze(1) for channel in range(images.shape[-1])], dim=1)


@stands_for("nhwc_to_nchw")
def nchw_by_table(images):
    """Pixels in a table, transposed."""
    height, width = images.shape[1:3]
    return images.flatten(1, 2).mT.unflatten(2, (height, width))


@stands_for("nhwc_to_nchw")
def nchw_in_a_new_tensor(images):
    """Channel by channel into zeros."""
    n, height, width, channels = images.shape
    result = images.new_zeros((n, channels, height, width))
    for channel in range(channels):
        result[:, channel] = images[..., channel]
    return result


@stands_for("nhwc_to_nchw")
def nchw_by_swapaxes(images, *, copy=False):
    """(n, c, w, h) first, then rows and columns exchanged; a parameter with a default."""
    result = images.swapaxes(1, 3).mT
    return result.clone() if copy else result


@stands_for("nhwc_to_nchw")
def nchw_by_vmap(images):
    """A function of one image, mapped over the batch."""
    return torch.vmap(lambda image: image.permute(2, 0, 1))(images)


# crop


@stands_for("crop")
def crop_by_slice_objects(images, index, rows, cols):
    """Slices from the pairs."""
    return images[index, slice(*rows), slice(*cols)]


@stands_for("crop")
def crop_step_by_step(images, index, rows, cols):
    """One bracket for each axis."""
    image = images[index]
    return image[rows[0] : rows[1]][:, cols[0] : cols[1]]


@stands_for("crop")
def crop_by_narrow(images, index, rows, cols):
    """narrow takes lengths."""
    piece = images.select(0, index).narrow(0, rows[0], rows[1] - rows[0])
    return piece.narrow(1, cols[0], cols[1] - cols[0])


@stands_for("crop")
def crop_by_positions(images, index, rows, cols):
    """Positions of rows as a column, of columns as a row."""
    return images[index, torch.arange(*rows)[:, None], torch.arange(*cols)]


@stands_for("crop")
def crop_by_loop(images, index, rows, cols):
    """Number by number, stacked."""
    return torch.stack([torch.stack([images[index, i, j] for j in range(*cols)]) for i in range(*rows)])


@stands_for("crop")
def crop_by_index_select(images, index, rows, cols):
    """index_select along both axes."""
    piece = images[index].index_select(0, torch.arange(rows[0], rows[1]))
    return piece.index_select(1, torch.arange(cols[0], cols[1]))


@stands_for("crop")
def crop_by_negative_padding(images, index, rows, cols):
    """Padding by negative widths cuts."""
    height, width = images.shape[1:]
    return F.pad(images[index], (-cols[0], cols[1] - width, -rows[0], rows[1] - height))


@stands_for("crop")
def crop_by_mask(images, index, rows, cols):
    """A mask over the image, and the shape restored."""
    _, height, width = images.shape
    row, column = torch.arange(height)[:, None], torch.arange(width)
    mask = (row >= rows[0]) & (row < rows[1]) & (column >= cols[0]) & (column < cols[1])
    return images[index][mask].reshape(rows[1] - rows[0], cols[1] - cols[0])


@stands_for("crop")
def crop_by_split(images, index, rows, cols):
    """tensor_split at start and stop."""
    piece = images[index].tensor_split(rows, dim=0)[1]
    return piece.tensor_split(cols, dim=1)[1].clone()


@stands_for("crop")
def crop_by_selecting_last(images, index, rows, cols, step=1):
    """All images cropped first, then one chosen; a parameter with a default."""
    (top, bottom), (left, right) = rows, cols
    return images[:, top:bottom:step, left:right:step][index]
