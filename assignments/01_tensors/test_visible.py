"""The visible tests of 01_tensors: `check` runs them in your notebook. The hidden ones use other numbers."""

import numpy as np
import pytest
import torch

# hundreds, tens and ones tell where a number comes from
IMAGES = torch.tensor([[[0, 1, 2], [10, 11, 12]], [[100, 101, 102], [110, 111, 112]]]).float()
ROWS = torch.tensor([[0, 1, 2, 10, 11, 12], [100, 101, 102, 110, 111, 112]]).float()
STACK = torch.tensor(
    [
        [[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]],
        [[100, 101, 102, 103], [110, 111, 112, 113], [120, 121, 122, 123]],
        [[200, 201, 202, 203], [210, 211, 212, 213], [220, 221, 222, 223]],
    ]
).float()
PICTURE = torch.tensor(
    [
        [[0, 100, 200], [1, 101, 201], [2, 102, 202], [3, 103, 203]],
        [[10, 110, 210], [11, 111, 211], [12, 112, 212], [13, 113, 213]],
    ]
).float()
RGB = torch.tensor(
    [
        [[200, 100, 0], [201, 101, 1], [202, 102, 2], [203, 103, 3]],
        [[210, 110, 10], [211, 111, 11], [212, 112, 12], [213, 113, 13]],
    ]
).float()
CHANNELS = torch.tensor(
    [
        [[0, 1, 2, 3], [10, 11, 12, 13]],
        [[100, 101, 102, 103], [110, 111, 112, 113]],
        [[200, 201, 202, 203], [210, 211, 212, 213]],
    ]
).float()
BATCH = torch.stack([PICTURE, PICTURE + 1000])
BATCH_OF_CHANNELS = torch.stack([CHANNELS, CHANNELS + 1000])


def gradient_of_flatten(m, images, weights):
    images = images.clone().requires_grad_()
    total = (m.flatten(images) * weights).sum()
    if total.requires_grad:
        total.backward()
    return torch.zeros_like(images) if images.grad is None else images.grad


def gradient_of_unflatten(m, x, height, width, weights):
    x = x.clone().requires_grad_()
    total = (m.unflatten(x, height, width) * weights).sum()
    if total.requires_grad:
        total.backward()
    return torch.zeros_like(x) if x.grad is None else x.grad


def gradient_of_bgr_to_rgb(m, image, weights):
    image = image.clone().requires_grad_()
    total = (m.bgr_to_rgb(image) * weights).sum()
    if total.requires_grad:
        total.backward()
    return torch.zeros_like(image) if image.grad is None else image.grad


def gradient_of_hwc_to_chw(m, image, weights):
    image = image.clone().requires_grad_()
    total = (m.hwc_to_chw(image) * weights).sum()
    if total.requires_grad:
        total.backward()
    return torch.zeros_like(image) if image.grad is None else image.grad


def gradient_of_nhwc_to_nchw(m, images, weights):
    images = images.clone().requires_grad_()
    total = (m.nhwc_to_nchw(images) * weights).sum()
    if total.requires_grad:
        total.backward()
    return torch.zeros_like(images) if images.grad is None else images.grad


def gradient_of_crop(m, images, index, rows, cols, weights):
    images = images.clone().requires_grad_()
    total = (m.crop(images, index, rows, cols) * weights).sum()
    if total.requires_grad:
        total.backward()
    return torch.zeros_like(images) if images.grad is None else images.grad


# rank


@pytest.mark.exercise("rank")
def test_rank_of_a_stack(answer):
    """A batch of pictures has rank 3, and the input stays as it was."""
    x = torch.ones(5, 4, 6)
    mistaken = {
        "rank_as_length": 5,
        "rank_as_last_length": 6,
        "rank_as_number_of_entries": 120,
        "rank_as_shape": (5, 4, 6),
        "rank_without_the_first_axis": 2,
        "rank_of_the_matrix": 1,
        "rank_as_tensor": torch.tensor(3),
        "rank_as_float": 3.0,
        "rank_printed": None,
    }
    answer.gives(lambda m, x: m.rank(x), x, expected=3, mistaken=mistaken, unchanged=True)


@pytest.mark.exercise("rank")
def test_rank_of_other_tensors(answer):
    """A vector has rank 1, a table rank 2, and an axis of length 1 is an axis too."""
    for shape, expected in [((4,), 1), ((5, 3), 2), ((1, 6, 1, 2), 4)]:
        mistaken = {"rank_without_axes_of_length_one": 2} if expected == 4 else {}
        answer.gives(lambda m, x: m.rank(x), torch.ones(shape), expected=expected, mistaken=mistaken)


@pytest.mark.exercise("rank")
def test_rank_of_a_scalar(answer):
    """A tensor that holds a single number without any axis has rank 0, one with an axis of length 1 has rank 1."""
    mistaken = {"rank_at_least_one": 1}
    answer.gives(lambda m, x: m.rank(x), torch.tensor(7.0), expected=0, mistaken=mistaken)
    answer.gives(lambda m, x: m.rank(x), torch.tensor([7.0]), expected=1)


# flatten


@pytest.mark.exercise("flatten")
def test_flatten_two_images(answer):
    """Each picture becomes one row of numbers, row after row, and the input stays as it was."""
    mistaken = {
        "flatten_everything": ROWS.reshape(12),
        "flatten_column_after_column": ROWS[:, [0, 3, 1, 4, 2, 5]],
        "flatten_with_images_mixed": ROWS.reshape(6, 2).T,
        "flatten_the_first_two_axes": ROWS.reshape(4, 3),
        "flatten_transposed": ROWS.T,
        "flatten_as_numpy": ROWS.numpy(),
        "flatten_not_at_all": IMAGES,
    }
    answer.gives(lambda m, images: m.flatten(images), IMAGES, expected=ROWS, mistaken=mistaken, unchanged=True)


@pytest.mark.exercise("flatten")
def test_flatten_other_numbers_of_axes(answer):
    """All axes behind the first become one, whether there are three of them or a single one; in float64 too."""
    x = BATCH.double()
    mistaken = {
        "flatten_the_last_two_axes": x.flatten(2),
        "flatten_axes_1_and_2": x.flatten(1, 2),
        "flatten_in_the_default_dtype": BATCH.flatten(1),
    }
    answer.gives(lambda m, images: m.flatten(images), x, expected=torch.flatten(x, 1), mistaken=mistaken)
    answer.gives(lambda m, images: m.flatten(images), ROWS, expected=ROWS)


@pytest.mark.exercise("flatten")
def test_flatten_one_image_and_none(answer):
    """A batch of one picture keeps its first axis, and one of 0 pictures of 3×4 becomes a tensor of shape (0, 12)."""
    one, none = IMAGES[1:], torch.zeros(0, 3, 4)
    mistaken = {"flatten_without_the_batch_of_one": ROWS[1]}
    answer.gives(lambda m, images: m.flatten(images), one, expected=ROWS[1:], mistaken=mistaken)
    answer.gives(lambda m, images: m.flatten(images), none, expected=torch.zeros(0, 12))


@pytest.mark.exercise("flatten")
def test_flatten_lets_gradients_through(answer):
    """Gradients flow through the flat rows back to the pictures."""
    mistaken = {"flatten_detached": torch.zeros(2, 2, 3)}
    answer.gives(gradient_of_flatten, IMAGES, ROWS + 1, expected=IMAGES + 1, mistaken=mistaken)


# unflatten


@pytest.mark.exercise("unflatten")
def test_unflatten_two_rows(answer):
    """Each row of numbers becomes a picture of 2 rows and 3 columns, and the input stays as it was."""
    mistaken = {
        "unflatten_with_sides_exchanged": ROWS.reshape(2, 3, 2),
        "unflatten_column_after_column": ROWS.reshape(2, 3, 2).mT,
        "unflatten_and_transpose": IMAGES.mT,
        "unflatten_with_images_last": ROWS.reshape(2, 3, 2),
        "unflatten_with_images_moved_last": IMAGES.permute(1, 2, 0),
        "unflatten_the_first_image": IMAGES[0],
        "unflatten_to_one_tall_image": ROWS.reshape(4, 3),
        "unflatten_to_squares": ROWS.reshape(3, 2, 2),
        "unflatten_with_a_channel": IMAGES[:, None],
        "unflatten_as_numpy": IMAGES.numpy(),
    }
    answer.gives(
        lambda m, x, height, width: m.unflatten(x, height, width),
        ROWS,
        2,
        3,
        expected=IMAGES,
        mistaken=mistaken,
        unchanged=True,
    )


@pytest.mark.exercise("unflatten")
def test_unflatten_to_other_sizes(answer):
    """Height and width may be any numbers: higher than wide, square, or one picture only; in float64 too."""
    x = torch.arange(24, dtype=torch.float64).reshape(2, 12)
    tall = torch.tensor([[[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]]]).double()
    both = torch.cat([tall, tall + 12])
    mistaken = {
        "unflatten_with_sides_exchanged": x.reshape(2, 3, 4),
        "unflatten_in_the_default_dtype": both.float(),
    }
    probe = lambda m, x, height, width: m.unflatten(x, height, width)  # noqa: E731
    answer.gives(probe, x, 4, 3, expected=both, mistaken=mistaken)
    answer.gives(probe, x[:1], 4, 3, expected=tall, mistaken={"unflatten_without_the_batch_of_one": tall[0]})
    answer.gives(probe, x[:, :4], 2, 2, expected=torch.tensor([[[0, 1], [2, 3]], [[12, 13], [14, 15]]]).double())


@pytest.mark.exercise("unflatten")
def test_unflatten_lets_gradients_through(answer):
    """Gradients flow through the pictures back to the rows of numbers."""
    mistaken = {"unflatten_detached": torch.zeros(2, 6)}
    answer.gives(gradient_of_unflatten, ROWS, 2, 3, IMAGES + 1, expected=ROWS + 1, mistaken=mistaken)


# bgr_to_rgb


@pytest.mark.exercise("bgr_to_rgb")
def test_bgr_to_rgb_of_a_picture(answer):
    """The three numbers of each pixel change their order, pixels stay in place, and the input stays as it was."""
    blue, green, red = PICTURE.unbind(-1)
    mistaken = {
        "bgr_unchanged": PICTURE,
        "bgr_upside_down": PICTURE.flip(0),
        "bgr_mirrored": PICTURE.flip(1),
        "bgr_with_every_axis_reversed": PICTURE.flip(0, 1, 2),
        "bgr_rolled_up": torch.stack([red, blue, green], -1),
        "bgr_rolled_down": torch.stack([green, red, blue], -1),
        "bgr_with_green_moved": torch.stack([green, blue, red], -1),
        "bgr_by_exchanging_views": torch.stack([red, green, red], -1),
        "bgr_with_channels_first": RGB.movedim(-1, 0),
        "bgr_as_numpy": np.ascontiguousarray(RGB.numpy()),
    }
    answer.gives(lambda m, image: m.bgr_to_rgb(image), PICTURE, expected=RGB, mistaken=mistaken, unchanged=True)


@pytest.mark.exercise("bgr_to_rgb")
def test_bgr_to_rgb_with_other_numbers_of_axes(answer):
    """The channels are the last axis, in a single pixel, in a row of pixels and in a batch; in float64 too."""
    batch, turned = BATCH.double(), torch.stack([RGB, RGB + 1000]).double()
    mistaken = {
        "bgr_with_axis_1_reversed": batch.flip(1),
        "bgr_with_axis_2_reversed": batch.flip(2),
        "bgr_in_the_default_dtype": turned.float(),
    }
    answer.gives(lambda m, image: m.bgr_to_rgb(image), batch, expected=turned, mistaken=mistaken)
    answer.gives(lambda m, image: m.bgr_to_rgb(image), PICTURE[0], expected=RGB[0])
    answer.gives(lambda m, image: m.bgr_to_rgb(image), PICTURE[1, 2], expected=RGB[1, 2])


@pytest.mark.exercise("bgr_to_rgb")
def test_bgr_to_rgb_lets_gradients_through(answer):
    """Gradients flow back to the channels from which the numbers came."""
    mistaken = {"bgr_detached": torch.zeros(2, 4, 3)}
    answer.gives(gradient_of_bgr_to_rgb, PICTURE, RGB + 1, expected=PICTURE + 1, mistaken=mistaken)


# hwc_to_chw


@pytest.mark.exercise("hwc_to_chw")
def test_hwc_to_chw_of_a_picture(answer):
    """Each channel becomes a picture of its own, with rows and columns in place; the input stays as it was."""
    mistaken = {
        "chw_by_reshape": PICTURE.reshape(3, 2, 4),
        "chw_with_rows_and_columns_exchanged": CHANNELS.mT,
        "chw_with_columns_first": PICTURE.permute(1, 2, 0),
        "chw_with_the_last_two_exchanged": PICTURE.mT,
        "chw_with_the_first_two_exchanged": PICTURE.transpose(0, 1),
        "chw_unchanged": PICTURE,
        "chw_by_transpose_and_reshape": CHANNELS.mT.reshape(3, 2, 4),
        "chw_from_bgr": CHANNELS.flip(0),
        "chw_with_a_batch_axis": CHANNELS[None],
        "chw_as_list": list(CHANNELS),
        "chw_as_numpy": CHANNELS.numpy(),
    }
    answer.gives(lambda m, image: m.hwc_to_chw(image), PICTURE, expected=CHANNELS, mistaken=mistaken, unchanged=True)


@pytest.mark.exercise("hwc_to_chw")
def test_hwc_to_chw_of_square_and_of_narrow_pictures(answer):
    """Square pictures, single columns, and any number of channels work too; in float64 as well."""
    square = PICTURE[:, 1:3, :2].double()
    expected = torch.tensor([[[1, 2], [11, 12]], [[101, 102], [111, 112]]]).double()
    mistaken = {
        "chw_by_reshape": square.reshape(2, 2, 2),
        "chw_with_rows_and_columns_exchanged": expected.mT,
        "chw_in_the_default_dtype": expected.float(),
    }
    answer.gives(lambda m, image: m.hwc_to_chw(image), square, expected=expected, mistaken=mistaken)
    column = PICTURE[:, 3:]
    answer.gives(
        lambda m, image: m.hwc_to_chw(image),
        column,
        expected=torch.tensor([[[3.0], [13.0]], [[103.0], [113.0]], [[203.0], [213.0]]]),
        mistaken={"chw_without_axes_of_length_one": torch.tensor([[3.0, 13.0], [103.0, 113.0], [203.0, 213.0]])},
    )


@pytest.mark.exercise("hwc_to_chw")
def test_hwc_to_chw_lets_gradients_through(answer):
    """Gradients flow back to the places from which the numbers came."""
    mistaken = {"chw_detached": torch.zeros(2, 4, 3)}
    axes = ("row", "column", "channel")
    answer.gives(gradient_of_hwc_to_chw, PICTURE, CHANNELS + 1, expected=PICTURE + 1, mistaken=mistaken, axes=axes)


# nhwc_to_nchw


@pytest.mark.exercise("nhwc_to_nchw")
def test_nhwc_to_nchw_of_a_batch(answer):
    """Channels go before rows and columns, the pictures of the batch stay in order; the input stays as it was."""
    right = BATCH_OF_CHANNELS
    mistaken = {
        "nchw_by_reshape": BATCH.reshape(2, 3, 2, 4),
        "nchw_with_rows_and_columns_exchanged": right.mT,
        "nchw_with_channels_first": BATCH.permute(3, 0, 1, 2),
        "nchw_backwards": BATCH.permute(0, 2, 3, 1),
        "nchw_with_the_numbers_of_one_image": BATCH.permute(2, 0, 1, 3),
        "nchw_with_the_last_two_exchanged": BATCH.mT,
        "nchw_unchanged": BATCH,
        "nchw_of_the_first_image": CHANNELS,
        "nchw_with_bgr": right.flip(1),
        "nchw_joined": right.reshape(6, 2, 4),
        "nchw_as_list": list(right),
        "nchw_as_numpy": right.numpy(),
    }
    answer.gives(lambda m, images: m.nhwc_to_nchw(images), BATCH, expected=right, mistaken=mistaken, unchanged=True)


@pytest.mark.exercise("nhwc_to_nchw")
def test_nhwc_to_nchw_of_square_pictures_and_of_a_single_one(answer):
    """Square pictures, a batch of one, and any number of channels work too; in float64 as well."""
    square, right = BATCH[:, :, 1:3, :2].double(), BATCH_OF_CHANNELS[:, :2, :, 1:3].double()
    mistaken = {
        "nchw_by_reshape": square.reshape(2, 2, 2, 2),
        "nchw_with_rows_and_columns_exchanged": right.mT,
        "nchw_in_the_default_dtype": right.float(),
    }
    answer.gives(lambda m, images: m.nhwc_to_nchw(images), square, expected=right, mistaken=mistaken)
    mistaken = {"nchw_without_axes_of_length_one": CHANNELS + 1000}
    expected = BATCH_OF_CHANNELS[1:]
    answer.gives(lambda m, images: m.nhwc_to_nchw(images), BATCH[1:], expected=expected, mistaken=mistaken)


@pytest.mark.exercise("nhwc_to_nchw")
def test_nhwc_to_nchw_lets_gradients_through(answer):
    """Gradients flow back to the places from which the numbers came."""
    mistaken = {"nchw_detached": torch.zeros(2, 2, 4, 3)}
    answer.gives(
        gradient_of_nhwc_to_nchw,
        BATCH,
        BATCH_OF_CHANNELS + 1,
        expected=BATCH + 1,
        mistaken=mistaken,
        axes=("image", "row", "column", "channel"),
    )


# crop


@pytest.mark.exercise("crop")
def test_crop_inside_an_image(answer):
    """The piece lies between `start` and `stop` of the image's rows and columns; the input stays as it was."""
    expected = torch.tensor([[201.0, 202.0], [211.0, 212.0]])
    mistaken = {
        "crop_with_the_stop": STACK[2, :3, 1:4],
        "crop_with_rows_and_columns_exchanged": STACK[2, 1:3, :2],
        "crop_turned_over": expected.T,
        "crop_with_the_image_axis": expected[None],
        "crop_of_the_first_image": expected - 200,
        "crop_counting_images_from_one": expected - 100,
        "crop_of_every_image": torch.stack([expected - 200, expected - 100, expected]),
        "crop_with_lengths": STACK[2, :2, 1:4],
        "crop_from_the_corner": STACK[2, :2, :3],
        "crop_of_rows_only": STACK[2, :2],
        "crop_by_two_slices_in_a_row": STACK[2, 1:2],
        "crop_of_corners": torch.tensor([201.0, 223.0]),
        "crop_masked": torch.tensor([[0, 201, 202, 0], [0, 211, 212, 0], [0, 0, 0, 0]]).float(),
        "crop_as_numpy": expected.numpy(),
    }
    answer.gives(
        lambda m, images, index, rows, cols: m.crop(images, index, rows, cols),
        STACK,
        2,
        (0, 2),
        (1, 3),
        expected=expected,
        mistaken=mistaken,
        unchanged=True,
    )


@pytest.mark.exercise("crop")
def test_crop_of_a_row_a_column_and_a_whole_image(answer):
    """The piece has rank 2 also where it is one row high or one column wide, and it may be all of an image."""
    x = STACK.double()
    row, column = torch.tensor([[110.0, 111, 112]]).double(), torch.tensor([[13.0], [23.0]]).double()
    for index, rows, cols, piece in [(1, (1, 2), (0, 3), row), (0, (1, 3), (3, 4), column), (0, (0, 3), (0, 4), x[0])]:
        answer.gives(
            lambda m, images, index, rows, cols: m.crop(images, index, rows, cols),
            x,
            index,
            rows,
            cols,
            expected=piece,
            mistaken={"crop_without_axes_of_length_one": piece.squeeze(), "crop_in_the_default_dtype": piece.float()},
        )


@pytest.mark.exercise("crop")
def test_crop_lets_gradients_through(answer):
    """Gradients flow back to the piece of the image, and nothing reaches the rest."""
    expected = torch.zeros(3, 3, 4)
    expected[1, 1:, 2] = torch.tensor([5.0, 7.0])
    weights = torch.tensor([[5.0], [7.0]])
    mistaken = {"crop_detached": torch.zeros(3, 3, 4)}
    answer.gives(gradient_of_crop, STACK, 1, (1, 3), (2, 3), weights, expected=expected, mistaken=mistaken)
