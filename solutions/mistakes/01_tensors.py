"""Known mistakes of 01_tensors: each is one wrong answer, its docstring the explanation for whoever made it."""

from __future__ import annotations

import math

import torch

from grader.judge.known import stands_for

# rank


@stands_for("rank")
def rank_as_length(x):
    """Your numbers match the length of the first axis. The rank is how many axes there are: of what is it the
    length?"""
    return len(x)


@stands_for("rank")
def rank_as_last_length(x):
    """Your numbers match the length of the last axis. The rank is how many axes there are, not how long one of them
    is."""
    return x.shape[-1]


@stands_for("rank")
def rank_as_number_of_entries(x):
    """Your numbers match the count of all numbers in the tensor. The rank counts the axes: how many numbers does
    the shape itself consist of?"""
    return x.numel()


@stands_for("rank")
def rank_as_shape(x):
    """Your result is the shape, not the rank. How many numbers does the shape consist of?"""
    return tuple(x.shape)


@stands_for("rank")
def rank_without_axes_of_length_one(x):
    """Your numbers are too small where an axis has length 1, as after a `squeeze`. An axis of length 1 is an axis
    like any other."""
    return x.squeeze().ndim


@stands_for("rank")
def rank_without_the_first_axis(x):
    """Your numbers are too small by 1, as if the first axis did not count. The axis of the images is an axis too."""
    return x.ndim - 1


@stands_for("rank")
def rank_of_the_matrix(x):
    """Your numbers match the rank of a matrix: how many of its rows are independent of each other. Here, rank means
    the number of axes of a tensor."""
    return int(torch.linalg.matrix_rank(x).max())


@stands_for("rank")
def rank_at_least_one(x):
    """Your numbers are right but for a tensor without any axis. A scalar has the empty shape (): what is the length
    of that?"""
    return max(x.ndim, 1)


@stands_for("rank")
def rank_as_tensor(x):
    """The numbers are right, but they come as a tensor. A Python int is asked for."""
    return torch.tensor(x.ndim)


@stands_for("rank")
def rank_as_float(x):
    """The numbers are right, but they come as a float. The rank counts axes, so it is a Python int."""
    return float(x.ndim)


@stands_for("rank")
def rank_printed(x):
    """Your function returns nothing. Printing shows a value to you; `return` gives it to whoever calls."""
    print(x.ndim)  # noqa: T201


# flatten


@stands_for("flatten")
def flatten_with_minus_one(images):
    """Your values are right, but a batch of 0 images raises: with no numbers to count, torch cannot work out -1. Which
    product can stand in its place?"""
    return images.reshape(len(images), -1)


@stands_for("flatten")
def flatten_everything(images):
    """Your result is one long row of all images together. The first axis is to stay as it is: how many rows must
    there be?"""
    return images.reshape(-1)


@stands_for("flatten")
def flatten_column_after_column(images):
    """Your values match images that were read column after column. The first row of an image comes first, then its
    second: leave the axes in their order before you merge them."""
    numbers = math.prod(images.shape[1:])
    return images.permute(0, *range(images.ndim - 1, 0, -1)).reshape(len(images), numbers)


@stands_for("flatten")
def flatten_with_images_mixed(images):
    """Your rows mix numbers of different images, as after a reshape with the two lengths exchanged and a transpose.
    Each row of the result belongs to one image."""
    return images.reshape(math.prod(images.shape[1:]), len(images)).T


@stands_for("flatten")
def flatten_the_first_two_axes(images):
    """Your result has merged the first two axes. The first one counts the images and stays: the axes behind it are
    to become one."""
    return images.flatten(0, 1)


@stands_for("flatten")
def flatten_the_last_two_axes(images):
    """Your result is right for images of two axes, but only the last two were merged. An image may have one axis, two,
    three or more: all of them become one."""
    return images.flatten(-2)


@stands_for("flatten")
def flatten_axes_1_and_2(images):
    """Your result is right for images of two axes, but with three or more some are left. Say where the merging starts,
    and let it run to the end."""
    return images.reshape(images.shape[0], images.shape[1] * images.shape[2], *images.shape[3:])


@stands_for("flatten")
def flatten_to_784(images):
    """Your answer expects images of 784 numbers. Images come in any size: the length of a row follows from the
    shape."""
    return images.reshape(-1, 784)


@stands_for("flatten")
def flatten_transposed(images):
    """Your result is the right one turned over: one column for each image. One row for each image is asked for, so
    the images come first."""
    return images.reshape(len(images), math.prod(images.shape[1:])).T


@stands_for("flatten")
def flatten_without_the_batch_of_one(images):
    """Your result is right but for lengths of 1, which it drops, as `squeeze` does. A batch of one image is still a
    batch: the result always has two axes."""
    return images.reshape(len(images), math.prod(images.shape[1:])).squeeze()


@stands_for("flatten")
def flatten_detached(images):
    """The values are right, but no gradient flows back. Reshape the tensor itself: without detach, .data, no_grad, and
    without a new tensor made from its numbers."""
    return images.detach().reshape(len(images), math.prod(images.shape[1:]))


@stands_for("flatten")
def flatten_in_the_default_dtype(images):
    """The values are right, but the result has torch's default dtype, as a new tensor made from a list does. Reshape
    the tensor itself and the dtype stays."""
    numbers = math.prod(images.shape[1:])
    return images.reshape(len(images), numbers).to(torch.get_default_dtype())


@stands_for("flatten")
def flatten_as_numpy(images):
    """Your result is a NumPy array. A tensor comes in, and a tensor goes out: tensors have `reshape` too."""
    return images.detach().numpy().reshape(len(images), math.prod(images.shape[1:]))


@stands_for("flatten")
def flatten_not_at_all(images):
    """Your result is the input as it was. `reshape` returns a new tensor and leaves the old one as it is: return what
    it gave."""
    images.reshape(len(images), math.prod(images.shape[1:]))
    return images


# unflatten


@stands_for("unflatten")
def unflatten_with_sides_exchanged(x, height, width):
    """Your result has `width` rows and `height` columns. In a shape, the number of rows comes first: that is the
    height."""
    return x.reshape(-1, width, height)


@stands_for("unflatten")
def unflatten_column_after_column(x, height, width):
    """Your images are filled column after column. The first `width` numbers are the first row: cut the long row, and
    transpose nothing."""
    return x.reshape(-1, width, height).transpose(1, 2)


@stands_for("unflatten")
def unflatten_and_transpose(x, height, width):
    """Your images are turned over: rows have become columns. The reshape alone is enough."""
    return x.reshape(-1, height, width).transpose(1, 2)


@stands_for("unflatten")
def unflatten_with_images_last(x, height, width):
    """Your result has the images on the last axis. Images come first, then rows, then columns."""
    return x.reshape(height, width, -1)


@stands_for("unflatten")
def unflatten_with_images_moved_last(x, height, width):
    """Your images are right, but their number is the last axis. Images come first, then rows, then columns."""
    return x.T.reshape(height, width, -1)


@stands_for("unflatten")
def unflatten_the_first_image(x, height, width):
    """Your result is the first image only. Every row of `x` becomes an image, and the result has three axes."""
    return x[0].reshape(height, width)


@stands_for("unflatten")
def unflatten_to_one_tall_image(x, height, width):
    """Your result is one tall image with all images below each other. Each image is to have its own place on a first
    axis: the result has three axes."""
    return x.reshape(-1, width)


@stands_for("unflatten")
def unflatten_to_squares(x, height, width):
    """Your result is right for square images only, as if the side were the root of the number of pixels. Use the
    height and the width that are passed in."""
    side = math.isqrt(x.shape[1])
    return x.reshape(-1, side, side)


@stands_for("unflatten")
def unflatten_to_height_by_height(x, height, width):
    """Your result has `height` in the place of both sides. It is right for square images only: where does `width`
    belong?"""
    return x.reshape(len(x), height, height)


@stands_for("unflatten")
def unflatten_to_28_by_28(x, height, width):
    """Your answer makes images of 28×28 whatever is asked for. Use the height and the width that are passed in."""
    return x.reshape(-1, 28, 28)


@stands_for("unflatten")
def unflatten_with_a_channel(x, height, width):
    """Your result has an axis more, for a single channel. The shape that is asked for is (n, height, width)."""
    return x.reshape(-1, 1, height, width)


@stands_for("unflatten")
def unflatten_without_the_batch_of_one(x, height, width):
    """Your result is right but for lengths of 1, which it drops, as `squeeze` does. A batch of one image is still a
    batch: the result always has three axes."""
    return x.reshape(-1, height, width).squeeze()


@stands_for("unflatten")
def unflatten_detached(x, height, width):
    """The values are right, but no gradient flows back. Reshape the tensor itself: without detach, .data, no_grad, and
    without a new tensor made from its numbers."""
    return x.detach().reshape(-1, height, width)


@stands_for("unflatten")
def unflatten_in_the_default_dtype(x, height, width):
    """The values are right, but the result has torch's default dtype, as a new tensor made from a list does. Reshape
    the tensor itself and the dtype stays."""
    return x.reshape(-1, height, width).to(torch.get_default_dtype())


@stands_for("unflatten")
def unflatten_as_numpy(x, height, width):
    """Your result is a NumPy array. A tensor comes in, and a tensor goes out: tensors have `reshape` too."""
    return x.detach().numpy().reshape(-1, height, width)


# bgr_to_rgb


@stands_for("bgr_to_rgb")
def bgr_unchanged(image):
    """Your result is the input as it was. `flip` and indexing return a new tensor and leave the old one as it is:
    return what they gave."""
    image.flip(-1)
    return image


@stands_for("bgr_to_rgb")
def bgr_upside_down(image):
    """Your result matches an image turned upside down: the first axis was reversed. The channels are the last axis."""
    return image.flip(0)


@stands_for("bgr_to_rgb")
def bgr_mirrored(image):
    """Your result matches an image mirrored left to right: the columns were reversed. The channels are the last
    axis."""
    return image.flip(-2)


@stands_for("bgr_to_rgb")
def bgr_with_axis_1_reversed(image):
    """Your result matches axis 1 reversed, whatever stands there. The channels are the last axis; it can be named
    from the end."""
    return image.flip(1)


@stands_for("bgr_to_rgb")
def bgr_with_every_axis_reversed(image):
    """Your result matches an image reversed along all of its axes. Only the channels change their order; rows and
    columns stay."""
    return image.flip(tuple(range(image.ndim)))


@stands_for("bgr_to_rgb")
def bgr_with_axis_2_reversed(image):
    """Your result is right for one image, where axis 2 is the last. With another number of axes it is not: count from
    the end."""
    return image.flip(2)


@stands_for("bgr_to_rgb")
def bgr_rolled_up(image):
    """Your channels moved up by one place, and the last became the first. Blue and red are to change places, with
    green staying in the middle."""
    return image[..., [2, 0, 1]]


@stands_for("bgr_to_rgb")
def bgr_rolled_down(image):
    """Your channels moved down by one place, and the first became the last. Blue and red are to change places, with
    green staying in the middle."""
    return image[..., [1, 2, 0]]


@stands_for("bgr_to_rgb")
def bgr_with_green_moved(image):
    """Your first two channels changed places. Blue and red are the outer two; green stays in the middle."""
    return image[..., [1, 0, 2]]


@stands_for("bgr_to_rgb")
def bgr_by_exchanging_views(image):
    """Your result holds red twice and no blue. A slice is a view: after the first assignment, the blue numbers are
    overwritten before they are read."""
    result = image.clone()
    result[..., 0], result[..., 2] = result[..., 2], result[..., 0]
    return result


@stands_for("bgr_to_rgb")
def bgr_in_place(image):
    """The values are right, but the image that came in was changed as well. Build a new tensor instead of writing
    into the input."""
    image[..., [0, 2]] = image[..., [2, 0]]
    return image


@stands_for("bgr_to_rgb")
def bgr_on_the_first_axis(image):
    """Your result matches the first three rows picked in reverse order. The index must stand in the place of the last
    axis."""
    return image[[2, 1, 0]]


@stands_for("bgr_to_rgb")
def bgr_with_channels_first(image):
    """Your result has the channels on the first axis. Only their order is to change, and the shape stays the same."""
    return image.flip(-1).movedim(-1, 0)


@stands_for("bgr_to_rgb")
def bgr_by_negative_step(image):
    """Your answer raises, since torch does not know slices with a negative step. `flip`, or a list of positions as the
    index, does what you mean."""
    return image[..., ::-1]


@stands_for("bgr_to_rgb")
def bgr_of_a_picture_only(image):
    """Your result is right for one image, but another number of axes raises. Speak of the last axis by `...` or -1,
    and leave open how many axes stand before it."""
    _height, _width, _channels = image.shape
    return image[:, :, [2, 1, 0]]


@stands_for("bgr_to_rgb")
def bgr_detached(image):
    """The values are right, but no gradient flows back. Pick from the tensor itself: without detach, .data, no_grad,
    and without a new tensor made from its numbers."""
    return image.detach().flip(-1)


@stands_for("bgr_to_rgb")
def bgr_in_the_default_dtype(image):
    """The values are right, but the result has torch's default dtype, as a new tensor made without a `dtype` does. The
    dtype of the input is to be kept."""
    return image.flip(-1).to(torch.get_default_dtype())


@stands_for("bgr_to_rgb")
def bgr_as_numpy(image):
    """Your result is a NumPy array. A tensor comes in, and a tensor goes out: tensors can be flipped too."""
    return image.detach().numpy()[..., ::-1]


# hwc_to_chw


@stands_for("hwc_to_chw")
def chw_by_reshape(image):
    """Your result has the right shape, but its numbers were only cut elsewhere: a reshape leaves them in their order.
    The axes have to change places, with the numbers moving along."""
    height, width, channels = image.shape
    return image.reshape(channels, height, width)


@stands_for("hwc_to_chw")
def chw_with_rows_and_columns_exchanged(image):
    """Your result holds the right channels, but rows and columns have changed places: (c, w, h). Rows are to come
    before columns."""
    return image.permute(2, 1, 0)


@stands_for("hwc_to_chw")
def chw_with_columns_first(image):
    """Your result has the axes columns, channels, rows. `permute` takes old axes in their new order: its first number
    says which old axis comes first."""
    return image.permute(1, 2, 0)


@stands_for("hwc_to_chw")
def chw_with_the_last_two_exchanged(image):
    """Your result has the axes rows, channels, columns. The channels are to come first of all."""
    return image.permute(0, 2, 1)


@stands_for("hwc_to_chw")
def chw_with_the_first_two_exchanged(image):
    """Your result has the axes columns, rows, channels. The channels are to come first, and rows stay before
    columns."""
    return image.permute(1, 0, 2)


@stands_for("hwc_to_chw")
def chw_unchanged(image):
    """Your result is the input as it was. `permute` returns a new tensor and leaves the old one as it is: return what
    it gave."""
    image.permute(2, 0, 1)
    return image


@stands_for("hwc_to_chw")
def chw_by_transpose_and_reshape(image):
    """Your result has the right shape, but its numbers come from an image that was turned over before a reshape. One
    `permute` with three numbers does it all."""
    height, width, channels = image.shape
    return image.permute(2, 1, 0).reshape(channels, height, width)


@stands_for("hwc_to_chw")
def chw_from_bgr(image):
    """Your axes are right, but the channels come in reverse order. Here they keep their order; turning them round was
    the exercise before."""
    return image.permute(2, 0, 1).flip(0)


@stands_for("hwc_to_chw")
def chw_with_a_batch_axis(image):
    """Your result has an axis of length 1 in front. One image goes in and one comes out, with three axes."""
    return image.permute(2, 0, 1)[None]


@stands_for("hwc_to_chw")
def chw_of_three_channels(image):
    """Your result holds three channels, or raises, however many there are. The number of channels follows from the
    shape."""
    return torch.stack([image[..., 0], image[..., 1], image[..., 2]])


@stands_for("hwc_to_chw")
def chw_if_channels_are_fewer(image):
    """Your answer guesses from the lengths which axis holds the channels. An image may be smaller than its number of
    channels: the channels are always the last axis of the input."""
    return image.permute(2, 0, 1) if image.shape[2] <= image.shape[0] else image


@stands_for("hwc_to_chw")
def chw_without_axes_of_length_one(image):
    """Your result is right but for lengths of 1, which it drops, as `squeeze` does. The result always has three
    axes."""
    return image.permute(2, 0, 1).squeeze()


@stands_for("hwc_to_chw")
def chw_as_list(image):
    """Your result is a list of channels, not a tensor. `torch.stack` makes one tensor of them."""
    return list(image.unbind(-1))


@stands_for("hwc_to_chw")
def chw_detached(image):
    """The values are right, but no gradient flows back. Reorder the axes of the tensor itself: without detach, .data,
    no_grad, and without a new tensor made from its numbers."""
    return image.detach().permute(2, 0, 1)


@stands_for("hwc_to_chw")
def chw_in_the_default_dtype(image):
    """The values are right, but the result has torch's default dtype, as a new tensor made without a `dtype` does. The
    dtype of the input is to be kept."""
    return image.permute(2, 0, 1).to(torch.get_default_dtype())


@stands_for("hwc_to_chw")
def chw_as_numpy(image):
    """Your result is a NumPy array. A tensor comes in, and a tensor goes out: `permute` reorders a tensor's axes."""
    return image.detach().numpy().transpose(2, 0, 1)


# nhwc_to_nchw


@stands_for("nhwc_to_nchw")
def nchw_by_reshape(images):
    """Your result has the right shape, but its numbers were only cut elsewhere: a reshape leaves them in their order.
    The axes have to change places, with the numbers moving along."""
    n, height, width, channels = images.shape
    return images.reshape(n, channels, height, width)


@stands_for("nhwc_to_nchw")
def nchw_with_rows_and_columns_exchanged(images):
    """Your result holds the right channels, but rows and columns have changed places. Rows are to come before
    columns."""
    return images.transpose(1, 3)


@stands_for("nhwc_to_nchw")
def nchw_with_channels_first(images):
    """Your result has the channels in front of the images. The images keep the first place, and the channels come
    second."""
    return images.permute(3, 0, 1, 2)


@stands_for("nhwc_to_nchw")
def nchw_backwards(images):
    """Your result has the axes images, columns, channels, rows: what leads from nchw back to nhwc. `permute` takes old
    axes in their new order: which old axis comes second?"""
    return images.permute(0, 2, 3, 1)


@stands_for("nhwc_to_nchw")
def nchw_with_the_numbers_of_one_image(images):
    """Your result moved axis 2 to the front, which would be right for a single image of three axes. In a batch the
    axes of an image are 1, 2 and 3."""
    return images.permute(2, 0, 1, 3)


@stands_for("nhwc_to_nchw")
def nchw_with_the_last_two_exchanged(images):
    """Your result has the axes images, rows, channels, columns. The channels are to come before the rows too."""
    return images.transpose(2, 3)


@stands_for("nhwc_to_nchw")
def nchw_unchanged(images):
    """Your result is the input as it was. `permute` returns a new tensor and leaves the old one as it is: return what
    it gave."""
    images.permute(0, 3, 1, 2)
    return images


@stands_for("nhwc_to_nchw")
def nchw_of_the_first_image(images):
    """Your result is the first image only. Every image of the batch is converted, and the first axis stays."""
    return images[0].permute(2, 0, 1)


@stands_for("nhwc_to_nchw")
def nchw_with_bgr(images):
    """Your axes are right, but the channels come in reverse order. Here they keep their order."""
    return images.permute(0, 3, 1, 2).flip(1)


@stands_for("nhwc_to_nchw")
def nchw_joined(images):
    """Your channels of all images lie on one axis, as after `torch.cat`. Each image keeps its own place on the first
    axis: `torch.stack` makes one."""
    return torch.cat([image.permute(2, 0, 1) for image in images])


@stands_for("nhwc_to_nchw")
def nchw_of_three_channels(images):
    """Your result holds three channels, or raises, however many there are. The number of channels follows from the
    shape."""
    return torch.stack([images[..., 0], images[..., 1], images[..., 2]], dim=1)


@stands_for("nhwc_to_nchw")
def nchw_without_axes_of_length_one(images):
    """Your result is right but for lengths of 1, which it drops, as `squeeze` does. A batch of one image is still a
    batch: the result always has four axes."""
    return images.permute(0, 3, 1, 2).squeeze()


@stands_for("nhwc_to_nchw")
def nchw_as_list(images):
    """Your result is a list of images, not a tensor. `torch.stack` makes one tensor of them."""
    return [image.permute(2, 0, 1) for image in images]


@stands_for("nhwc_to_nchw")
def nchw_detached(images):
    """The values are right, but no gradient flows back. Reorder the axes of the tensor itself: without detach, .data,
    no_grad, and without a new tensor made from its numbers."""
    return images.detach().permute(0, 3, 1, 2)


@stands_for("nhwc_to_nchw")
def nchw_in_the_default_dtype(images):
    """The values are right, but the result has torch's default dtype, as a new tensor made without a `dtype` does. The
    dtype of the input is to be kept."""
    return images.permute(0, 3, 1, 2).to(torch.get_default_dtype())


@stands_for("nhwc_to_nchw")
def nchw_as_numpy(images):
    """Your result is a NumPy array. A tensor comes in, and a tensor goes out: `permute` reorders a tensor's axes."""
    return images.detach().numpy().transpose(0, 3, 1, 2)


# crop


@stands_for("crop")
def crop_with_the_stop(images, index, rows, cols):
    """Your piece is one row too high and one column too wide: it holds the `stop` itself. As in every slice, `stop` is
    the first position that does not belong to it."""
    return images[index, rows[0] : rows[1] + 1, cols[0] : cols[1] + 1]


@stands_for("crop")
def crop_with_rows_and_columns_exchanged(images, index, rows, cols):
    """Your piece uses `rows` for the columns and `cols` for the rows. Rows are the axis that comes before the
    columns."""
    return images[index, cols[0] : cols[1], rows[0] : rows[1]]


@stands_for("crop")
def crop_turned_over(images, index, rows, cols):
    """Your piece is the right one turned over: its rows are columns. Nothing has to be transposed after cutting."""
    return images[index, rows[0] : rows[1], cols[0] : cols[1]].T


@stands_for("crop")
def crop_with_the_image_axis(images, index, rows, cols):
    """Your piece still has the axis of the images, with length 1, as a slice leaves it. A plain integer as the index
    takes the axis away."""
    return images[index : index + 1, rows[0] : rows[1], cols[0] : cols[1]]


@stands_for("crop")
def crop_of_the_first_image(images, index, rows, cols):
    """Your piece comes from the first image always. `index` says from which image it is to be cut."""
    return images[0, rows[0] : rows[1], cols[0] : cols[1]]


@stands_for("crop")
def crop_counting_images_from_one(images, index, rows, cols):
    """Your piece comes from the image before the right one, as if images were counted from 1. The first image has the
    index 0."""
    return images[index - 1, rows[0] : rows[1], cols[0] : cols[1]]


@stands_for("crop")
def crop_of_every_image(images, index, rows, cols):
    """Your result holds the piece of every image. Only image `index` is asked for, and the result has two axes."""
    return images[:, rows[0] : rows[1], cols[0] : cols[1]]


@stands_for("crop")
def crop_with_lengths(images, index, rows, cols):
    """Your piece is too large: the second number was taken for a length. `rows` and `cols` say where the piece starts
    and where it stops."""
    return images[index, rows[0] : rows[0] + rows[1], cols[0] : cols[0] + cols[1]]


@stands_for("crop")
def crop_from_the_corner(images, index, rows, cols):
    """Your piece starts in the upper left corner always. `rows` and `cols` hold two numbers each, and the first says
    where the piece starts."""
    return images[index, : rows[1], : cols[1]]


@stands_for("crop")
def crop_of_rows_only(images, index, rows, cols):
    """Your piece holds all columns. `cols` is to be cut like `rows`, in the same pair of brackets."""
    return images[index, rows[0] : rows[1]]


@stands_for("crop")
def crop_by_two_slices_in_a_row(images, index, rows, cols):
    """Your second slice cuts the rows again: one pair of brackets after another starts at the first axis each time.
    Put both slices into one pair, separated by a comma."""
    return images[index][rows[0] : rows[1]][cols[0] : cols[1]]


@stands_for("crop")
def crop_of_corners(images, index, rows, cols):
    """Your result picks single numbers at the pairs of `rows` and `cols`. A comma makes a list of positions; a colon
    makes a slice from start to stop."""
    return images[index, list(rows), list(cols)]


@stands_for("crop")
def crop_without_axes_of_length_one(images, index, rows, cols):
    """Your piece is right but for lengths of 1, which it drops, as `squeeze` does. A piece of one row is still a table:
    the result always has two axes."""
    return images[index, rows[0] : rows[1], cols[0] : cols[1]].squeeze()


@stands_for("crop")
def crop_masked(images, index, rows, cols):
    """Your result is the whole image with zeros around the piece. Only the piece is asked for, stop − start rows
    high."""
    result = torch.zeros_like(images[index])
    result[rows[0] : rows[1], cols[0] : cols[1]] = images[index, rows[0] : rows[1], cols[0] : cols[1]]
    return result


@stands_for("crop")
def crop_detached(images, index, rows, cols):
    """The values are right, but no gradient flows back. Slice the tensor itself: without detach, .data, no_grad, and
    without a new tensor made from its numbers."""
    return images.detach()[index, rows[0] : rows[1], cols[0] : cols[1]]


@stands_for("crop")
def crop_in_the_default_dtype(images, index, rows, cols):
    """The values are right, but the result has torch's default dtype, as a new tensor made without a `dtype` does. The
    dtype of the input is to be kept."""
    return images[index, rows[0] : rows[1], cols[0] : cols[1]].to(torch.get_default_dtype())


@stands_for("crop")
def crop_as_numpy(images, index, rows, cols):
    """Your result is a NumPy array. A tensor comes in, and a tensor goes out: tensors are sliced the same way."""
    return images.detach().numpy()[index, rows[0] : rows[1], cols[0] : cols[1]]
