"""Hidden suite of 01_tensors: rank, flattening and back, turning and reordering axes, cutting out a piece.

Inputs hold normal numbers: every position can be told from every other by what stands there. All answers move numbers
or count axes, so chance cannot make a right one fail.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
import torch

from grader.judge.answer import Answer
from grader.judge.compare import describe
from grader.judge.draw import Draw

every_dtype = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])


def gradient_of_flatten(m: Any, images: Any, weights: Any) -> Any:
    """Gradient in images of the sum of weights · flatten(images); zeros when no gradient gets through."""
    images = images.clone().requires_grad_()
    total = (m.flatten(images) * weights).sum()
    if total.requires_grad:
        total.backward()
    return torch.zeros_like(images) if images.grad is None else images.grad


def gradient_of_unflatten(m: Any, x: Any, height: int, width: int, weights: Any) -> Any:
    """Gradient in x of the sum of weights · unflatten(x, height, width); zeros when no gradient gets through."""
    x = x.clone().requires_grad_()
    total = (m.unflatten(x, height, width) * weights).sum()
    if total.requires_grad:
        total.backward()
    return torch.zeros_like(x) if x.grad is None else x.grad


def gradient_of_bgr_to_rgb(m: Any, image: Any, weights: Any) -> Any:
    """Gradient in image of the sum of weights · bgr_to_rgb(image); zeros when no gradient gets through."""
    image = image.clone().requires_grad_()
    total = (m.bgr_to_rgb(image) * weights).sum()
    if total.requires_grad:
        total.backward()
    return torch.zeros_like(image) if image.grad is None else image.grad


def gradient_of_hwc_to_chw(m: Any, image: Any, weights: Any) -> Any:
    """Gradient in image of the sum of weights · hwc_to_chw(image); zeros when no gradient gets through."""
    image = image.clone().requires_grad_()
    total = (m.hwc_to_chw(image) * weights).sum()
    if total.requires_grad:
        total.backward()
    return torch.zeros_like(image) if image.grad is None else image.grad


def gradient_of_nhwc_to_nchw(m: Any, images: Any, weights: Any) -> Any:
    """Gradient in images of the sum of weights · nhwc_to_nchw(images); zeros when no gradient gets through."""
    images = images.clone().requires_grad_()
    total = (m.nhwc_to_nchw(images) * weights).sum()
    if total.requires_grad:
        total.backward()
    return torch.zeros_like(images) if images.grad is None else images.grad


def gradient_of_crop(m: Any, images: Any, index: int, rows: Any, cols: Any, weights: Any) -> Any:
    """Gradient in images of the sum of weights · crop(images, …); zeros when no gradient gets through."""
    images = images.clone().requires_grad_()
    total = (m.crop(images, index, rows, cols) * weights).sum()
    if total.requires_grad:
        total.backward()
    return torch.zeros_like(images) if images.grad is None else images.grad


def flatten_beside_float64(m: Any, images: Any) -> Any:
    """flatten(images) while torch's default dtype is float64."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        return m.flatten(images)
    finally:
        torch.set_default_dtype(before)


def unflatten_beside_float64(m: Any, x: Any, height: int, width: int) -> Any:
    """unflatten(x, height, width) while torch's default dtype is float64."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        return m.unflatten(x, height, width)
    finally:
        torch.set_default_dtype(before)


def bgr_to_rgb_beside_float64(m: Any, image: Any) -> Any:
    """bgr_to_rgb(image) while torch's default dtype is float64."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        return m.bgr_to_rgb(image)
    finally:
        torch.set_default_dtype(before)


def hwc_to_chw_beside_float64(m: Any, image: Any) -> Any:
    """hwc_to_chw(image) while torch's default dtype is float64."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        return m.hwc_to_chw(image)
    finally:
        torch.set_default_dtype(before)


def nhwc_to_nchw_beside_float64(m: Any, images: Any) -> Any:
    """nhwc_to_nchw(images) while torch's default dtype is float64."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        return m.nhwc_to_nchw(images)
    finally:
        torch.set_default_dtype(before)


def crop_beside_float64(m: Any, images: Any, index: int, rows: Any, cols: Any) -> Any:
    """crop(images, index, rows, cols) while torch's default dtype is float64."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        return m.crop(images, index, rows, cols)
    finally:
        torch.set_default_dtype(before)


def of_each(m: Any, given: Any, name: str) -> Any:
    """For each (x, …): what the answer called `name` makes of them, and the gradient in x of the sum of its squares."""
    asked, found = getattr(m, name), []
    for x, *rest in given:
        value = asked(x, *rest)
        leaf = x.clone().requires_grad_()
        total = asked(leaf, *rest).square().sum()
        if total.requires_grad:
            total.backward()
        found.append([value, torch.zeros_like(leaf) if leaf.grad is None else leaf.grad])
    return found


def pictures(draw: Draw, shapes: Iterable[tuple[int, ...]]) -> list[tuple[torch.Tensor]]:
    """(x,) for each shape, float64 and float32 in turn; those of more than a hundred numbers hold 0 to 255."""
    found = []
    for number, shape in enumerate(shapes):
        size = torch.Size(shape).numel()
        drawn = draw.integers(*shape, high=256) if size > 100 else draw.normal(*shape, dtype=torch.float64)
        found.append((drawn.to(torch.float32 if number % 2 else torch.float64),))
    return found


def sizes(*lengths: int, axes: int) -> list[tuple[int, ...]]:
    """All shapes of so many axes with these lengths, equal ones and all others."""
    return list(itertools.product(lengths, repeat=axes))


def slice_of(draw: Draw, size: int) -> tuple[int, int]:
    """(start, stop) with 1 ≤ start, start + 2 ≤ stop ≤ size − 1: something is left out on both sides."""
    start = int(draw.integers(1, low=1, high=size - 2))
    return start, int(draw.integers(1, low=start + 2, high=size))


# rank
#
# Each case asks for several ranks, so that no constant passes one. Where the type is not the point, numbers of any
# type count: only one case asks for a Python int.


def has_ranks(answer: Answer, *tensors: torch.Tensor) -> None:
    """The answer gives the number of axes of each tensor, as a number of any type."""
    for x in tensors:
        value = answer.value(lambda m, x: m.rank(x), x)
        call = f"rank(x)  with x {describe(x)}"
        message = "The result is not the number of axes."
        answer.holds(is_number(value, x.ndim), message, yours=describe(value), expected=str(x.ndim), call=call)


def is_number(value: Any, expected: int) -> bool:
    """Whether a number or a tensor of rank 0 is the expected number."""
    if isinstance(value, torch.Tensor) and value.ndim == 0:
        value = value.item()
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and bool(value == expected)


@pytest.mark.exercise("rank", weight=3)
def test_rank_of_a_vector_a_table_and_more(answer: Answer, draw: Draw) -> None:
    """A vector has rank 1, a table rank 2, a batch of pictures rank 3, one of colour pictures rank 4."""
    has_ranks(answer, draw.normal(7), draw.normal(5, 6), draw.normal(6, 5, 7), draw.normal(5, 6, 7, 3))


@pytest.mark.exercise("rank")
def test_rank_of_a_scalar(answer: Answer, draw: Draw) -> None:
    """A tensor that holds a single number without any axis has rank 0, one with an axis of length 1 has rank 1."""
    has_ranks(answer, draw.normal(), draw.normal(1))


@pytest.mark.exercise("rank", weight=2)
def test_rank_counts_axes_of_length_one(answer: Answer, draw: Draw) -> None:
    """An axis of length 1 is an axis, and so is the sixth one; how long an axis is does not matter."""
    shapes = [(4, 1), (1, 1, 4), (1, 2, 1, 3, 1), (2, 1, 2, 1, 2, 1), (3, 3), (1, 1), (1,) * 8, (28, 12)]
    has_ranks(answer, *(draw.normal(*shape, dtype=torch.float64) for shape in shapes))


@pytest.mark.exercise("rank")
def test_rank_is_a_python_int(answer: Answer, draw: Draw) -> None:
    """The rank is a Python int, and the input stays as it was."""
    answer.agrees(lambda m, x: m.rank(x), draw.normal(4, 5), unchanged=True)
    answer.agrees(lambda m, x: m.rank(x), draw.normal(4, 2, 5), unchanged=True)
    answer.agrees(lambda m, x: m.rank(x), draw.normal(1, 3, dtype=torch.float64), unchanged=True)
    answer.agrees(lambda m, x: m.rank(x), draw.normal(), unchanged=True)
    answer.agrees(lambda m, x: m.rank(x.reshape((1,) * 11)), draw.normal(1), unchanged=True, call="rank(x of 11 axes)")


@pytest.mark.exercise("rank")
def test_rank_called_again(answer: Answer, draw: Draw) -> None:
    """Each call starts anew, and the input may be passed by its name `x`."""
    first, second = draw.normal(4, 3), draw.normal(2, 3, 5)
    ranks = answer.value(lambda m, a, b: [m.rank(a), m.rank(x=b), m.rank(a)], first, second)
    right = [is_number(value, expected) for value, expected in zip(ranks, (2, 3, 2), strict=True)]
    answer.holds(all(right), "Not every call gives the number of axes of its own input.", call="rank(x=x)")


# flatten


@pytest.mark.exercise("flatten", weight=2)
@every_dtype
def test_flatten_a_batch(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """Each picture becomes one row of numbers, row after row, and the input stays as it was."""
    answer.agrees(lambda m, images: m.flatten(images), draw.normal(4, 3, 5, dtype=dtype), unchanged=True)


@pytest.mark.exercise("flatten", weight=2)
def test_flatten_any_number_of_axes(answer: Answer, draw: Draw) -> None:
    """All axes behind the first become one, whether there is one of them, or two, three or four."""
    for shape in [(3, 4, 2, 5), (3, 2, 4, 2, 3), (5, 4), (3, 3, 3)]:
        answer.agrees(lambda m, images: m.flatten(images), draw.normal(*shape))


@pytest.mark.exercise("flatten")
def test_flatten_a_single_image(answer: Answer, draw: Draw) -> None:
    """A batch of one picture keeps its first axis, and axes of length 1 do no harm."""
    for shape in [(1, 3, 4), (4, 1, 3), (2, 3, 1, 1), (3, 1, 1)]:
        answer.agrees(lambda m, images: m.flatten(images), draw.normal(*shape))


@pytest.mark.exercise("flatten")
def test_flatten_no_image_at_all(answer: Answer, draw: Draw) -> None:
    """A batch of 0 pictures of 3×4 becomes a tensor of shape (0, 12), and one of 2×3×5 one of (0, 30)."""
    # where nothing is to be put in order, a wrong order would pass: so a batch of two is asked for as well
    for shape in [(0, 3, 4), (0, 2, 3, 5), (2, 3, 4)]:
        answer.agrees(lambda m, images: m.flatten(images), draw.normal(*shape))


@pytest.mark.exercise("flatten")
def test_flatten_lets_gradients_through(answer: Answer, draw: Draw) -> None:
    """Gradients flow through the flat rows back to the pictures."""
    answer.agrees(gradient_of_flatten, draw.normal(3, 2, 4), draw.normal(3, 8))


@pytest.mark.exercise("flatten")
def test_flatten_keeps_the_dtype_of_its_input(answer: Answer, draw: Draw) -> None:
    """float32 pictures give float32 rows, also where torch's default dtype is float64."""
    answer.agrees(flatten_beside_float64, draw.normal(2, 5, 3))


@pytest.mark.exercise("flatten")
def test_flatten_of_every_size(answer: Answer, draw: Draw) -> None:
    """Whatever lengths the axes have, equal ones too, in either dtype; pictures stay as they were."""
    shapes = [*sizes(1, 3, axes=2), *sizes(1, 3, axes=3), *sizes(1, 3, axes=4), (2, 4, 5, 3), (0, 4, 5), (2, 28, 28)]
    images = pictures(draw, shapes)
    answer.agrees(of_each, images, "flatten", unchanged=True, axes=(), call="flatten(each)")


@pytest.mark.exercise("flatten")
def test_flatten_called_again(answer: Answer, draw: Draw) -> None:
    """Each call starts anew, and the input may be passed by its name `images`."""
    first, second = draw.normal(2, 4, 3), draw.normal(5, 3, 2, 2)
    answer.agrees(
        # at last other numbers of the same sizes, and then in the same tensor, of which a result may be a view
        lambda m, a, b: [
            m.flatten(a),
            m.flatten(images=b).clone(),
            m.flatten(a),
            m.flatten(a + 1),
            m.flatten(b.neg_()).clone(),
            m.flatten(b.neg_()),
        ],
        first,
        second,
    )


# unflatten


@pytest.mark.exercise("unflatten", weight=2)
@every_dtype
def test_unflatten_a_batch(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """Each row of numbers becomes a picture of `height` rows and `width` columns, and the input stays as it was."""
    for height, width in [(2, 3), (5, 2), (2, 8)]:  # at last as many numbers as a square has
        x = draw.normal(4, height * width, dtype=dtype)
        answer.agrees(lambda m, x, height, width: m.unflatten(x, height, width), x, height, width, unchanged=True)


@pytest.mark.exercise("unflatten", weight=2)
def test_unflatten_to_squares(answer: Answer, draw: Draw) -> None:
    """Square pictures are filled row after row too, also when there are as many of them as rows."""
    for n, size in [(2, 3), (4, 4)]:
        x = draw.normal(n, size * size)
        answer.agrees(lambda m, x, height, width: m.unflatten(x, height, width), x, size, size)


@pytest.mark.exercise("unflatten")
def test_unflatten_a_single_image_row_or_column(answer: Answer, draw: Draw) -> None:
    """One picture is a batch of one, and a picture may be a single row or a single column."""
    for n, height, width in [(1, 3, 4), (3, 1, 5), (3, 5, 1)]:
        x = draw.normal(n, height * width)
        answer.agrees(lambda m, x, height, width: m.unflatten(x, height, width), x, height, width)


@pytest.mark.exercise("unflatten")
def test_unflatten_lets_gradients_through(answer: Answer, draw: Draw) -> None:
    """Gradients flow through the pictures back to the rows of numbers."""
    answer.agrees(gradient_of_unflatten, draw.normal(3, 8), 2, 4, draw.normal(3, 2, 4))


@pytest.mark.exercise("unflatten")
def test_unflatten_keeps_the_dtype_of_its_input(answer: Answer, draw: Draw) -> None:
    """float32 numbers give float32 pictures, also where torch's default dtype is float64."""
    answer.agrees(unflatten_beside_float64, draw.normal(3, 10), 5, 2)


@pytest.mark.exercise("unflatten")
def test_unflatten_of_every_size(answer: Answer, draw: Draw) -> None:
    """Whatever n, height and width are, equal ones too, in float32 and float64; the rows stay as they were."""
    triples = [*sizes(1, 2, 3, axes=3), (4, 2, 4), (3, 3, 4), (2, 28, 28), (2, 14, 56), (1, 12, 10)]
    rows = pictures(draw, [(n, height * width) for n, height, width in triples])
    given = [(*row, *size) for row, (_, *size) in zip(rows, triples, strict=True)]
    answer.agrees(of_each, given, "unflatten", unchanged=True, axes=(), call="unflatten(x, height, width) of each")


@pytest.mark.exercise("unflatten")
def test_unflatten_called_again(answer: Answer, draw: Draw) -> None:
    """Each call starts anew, and inputs may be passed by their names `x`, `height` and `width`."""
    answer.agrees(
        # at last other numbers of the same sizes, and then in the same tensor, of which a result may be a view
        lambda m, a, b: [
            m.unflatten(a, 3, 4),
            m.unflatten(width=3, x=b, height=2).clone(),
            m.unflatten(a, 6, 2),
            m.unflatten(a + 1, 3, 4),
            m.unflatten(b.neg_(), 2, 3).clone(),
            m.unflatten(b.neg_(), 2, 3),
        ],
        draw.normal(2, 12),
        draw.normal(5, 6),
    )


# bgr_to_rgb


@pytest.mark.exercise("bgr_to_rgb", weight=2)
@every_dtype
def test_bgr_to_rgb_of_a_picture(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """The three numbers of each pixel change their order, pixels stay in place, and the input stays as it was."""
    answer.agrees(lambda m, image: m.bgr_to_rgb(image), draw.normal(4, 5, 3, dtype=dtype), unchanged=True)


@pytest.mark.exercise("bgr_to_rgb")
def test_bgr_to_rgb_where_all_axes_have_length_3(answer: Answer, draw: Draw) -> None:
    """Only the last axis is turned round, also when other axes have length 3."""
    answer.agrees(lambda m, image: m.bgr_to_rgb(image), draw.normal(3, 3, 3))
    answer.agrees(lambda m, image: m.bgr_to_rgb(image), draw.normal(3, 4, 3))


@pytest.mark.exercise("bgr_to_rgb", weight=3)
def test_bgr_to_rgb_with_any_number_of_leading_axes(answer: Answer, draw: Draw) -> None:
    """One pixel, a row of pixels, a batch of pictures and a batch of films all work."""
    for shape in [(2, 4, 5, 3), (2, 3, 2, 4, 3), (3,), (4, 3)]:
        answer.agrees(lambda m, image: m.bgr_to_rgb(image), draw.normal(*shape))


@pytest.mark.exercise("bgr_to_rgb")
def test_bgr_to_rgb_of_small_pictures(answer: Answer, draw: Draw) -> None:
    """A picture may be one pixel high, one pixel wide, or both."""
    for shape in [(1, 4, 3), (4, 1, 3), (1, 1, 3)]:
        answer.agrees(lambda m, image: m.bgr_to_rgb(image), draw.normal(*shape))


@pytest.mark.exercise("bgr_to_rgb")
def test_bgr_to_rgb_lets_gradients_through(answer: Answer, draw: Draw) -> None:
    """Gradients flow back to the channels from which the numbers came."""
    answer.agrees(gradient_of_bgr_to_rgb, draw.normal(2, 4, 3), draw.normal(2, 4, 3))


@pytest.mark.exercise("bgr_to_rgb")
def test_bgr_to_rgb_keeps_the_dtype_of_its_input(answer: Answer, draw: Draw) -> None:
    """A float32 picture stays float32, also where torch's default dtype is float64."""
    answer.agrees(bgr_to_rgb_beside_float64, draw.normal(5, 2, 3))


@pytest.mark.exercise("bgr_to_rgb")
def test_bgr_to_rgb_of_every_size(answer: Answer, draw: Draw) -> None:
    """Whatever the leading axes are, in float32 and float64; the pictures stay as they were."""
    leading = [shape for axes in range(4) for shape in sizes(1, 2, 3, axes=axes)]
    shapes = [*leading, (4, 3, 5), (2, 1, 3, 1, 2), (1, 2, 1, 1, 2, 1), (20, 24)]
    images = pictures(draw, [(*shape, 3) for shape in shapes])
    answer.agrees(of_each, images, "bgr_to_rgb", unchanged=True, axes=(), call="bgr_to_rgb(each)")


@pytest.mark.exercise("bgr_to_rgb")
def test_bgr_to_rgb_called_again(answer: Answer, draw: Draw) -> None:
    """Each call starts anew, and the input may be passed by its name `image`."""
    first, second = draw.normal(2, 4, 3), draw.normal(5, 2, 3)
    answer.agrees(
        # at last other numbers of the same sizes, and then in the same tensor, of which a result may be a view
        lambda m, a, b: [
            m.bgr_to_rgb(a),
            m.bgr_to_rgb(image=b).clone(),
            m.bgr_to_rgb(a),
            m.bgr_to_rgb(a + 1),
            m.bgr_to_rgb(b.neg_()).clone(),
            m.bgr_to_rgb(b.neg_()),
        ],
        first,
        second,
    )


# hwc_to_chw


@pytest.mark.exercise("hwc_to_chw", weight=2)
@every_dtype
def test_hwc_to_chw_of_a_picture(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """Each channel becomes a picture of its own, with rows and columns in place; the input stays as it was."""
    answer.agrees(lambda m, image: m.hwc_to_chw(image), draw.normal(4, 5, 3, dtype=dtype), unchanged=True)


@pytest.mark.exercise("hwc_to_chw", weight=2)
def test_hwc_to_chw_of_a_square_picture(answer: Answer, draw: Draw) -> None:
    """Rows and columns of a square picture stay what they are, also when there are as many channels."""
    answer.agrees(lambda m, image: m.hwc_to_chw(image), draw.normal(4, 4, 3))
    answer.agrees(lambda m, image: m.hwc_to_chw(image), draw.normal(3, 3, 3))


@pytest.mark.exercise("hwc_to_chw")
def test_hwc_to_chw_with_any_number_of_channels(answer: Answer, draw: Draw) -> None:
    """There may be 2, 4, 6 channels, or just one."""
    for shape in [(3, 5, 2), (5, 3, 4), (2, 3, 6), (3, 4, 1)]:
        answer.agrees(lambda m, image: m.hwc_to_chw(image), draw.normal(*shape))


@pytest.mark.exercise("hwc_to_chw")
def test_hwc_to_chw_of_a_single_row_or_column(answer: Answer, draw: Draw) -> None:
    """A picture that is one pixel high or wide keeps this axis."""
    for shape in [(1, 4, 3), (4, 1, 3), (1, 1, 3)]:
        answer.agrees(lambda m, image: m.hwc_to_chw(image), draw.normal(*shape))


@pytest.mark.exercise("hwc_to_chw")
def test_hwc_to_chw_lets_gradients_through(answer: Answer, draw: Draw) -> None:
    """Gradients flow back to the places from which the numbers came."""
    axes = ("row", "column", "channel")
    answer.agrees(gradient_of_hwc_to_chw, draw.normal(4, 2, 3), draw.normal(3, 4, 2), axes=axes)


@pytest.mark.exercise("hwc_to_chw")
def test_hwc_to_chw_keeps_the_dtype_of_its_input(answer: Answer, draw: Draw) -> None:
    """A float32 picture stays float32, also where torch's default dtype is float64."""
    answer.agrees(hwc_to_chw_beside_float64, draw.normal(2, 5, 3))


@pytest.mark.exercise("hwc_to_chw")
def test_hwc_to_chw_of_every_size(answer: Answer, draw: Draw) -> None:
    """Whatever height, width and channels are, equal ones too, in either dtype; pictures stay as they were."""
    images = pictures(draw, [*sizes(1, 2, 3, axes=3), (5, 4, 5), (5, 3, 3), (3, 5, 3), (2, 3, 12), (80, 72, 3)])
    answer.agrees(of_each, images, "hwc_to_chw", unchanged=True, axes=(), call="hwc_to_chw(each)")


@pytest.mark.exercise("hwc_to_chw")
def test_hwc_to_chw_called_again(answer: Answer, draw: Draw) -> None:
    """Each call starts anew, and the input may be passed by its name `image`."""
    first, second = draw.normal(2, 4, 3), draw.normal(5, 2, 4)
    answer.agrees(
        # at last other numbers of the same sizes, and then in the same tensor, of which a result may be a view
        lambda m, a, b: [
            m.hwc_to_chw(a),
            m.hwc_to_chw(image=b).clone(),
            m.hwc_to_chw(a),
            m.hwc_to_chw(a + 1),
            m.hwc_to_chw(b.neg_()).clone(),
            m.hwc_to_chw(b.neg_()),
        ],
        first,
        second,
    )


# nhwc_to_nchw


@pytest.mark.exercise("nhwc_to_nchw", weight=2)
@every_dtype
def test_nhwc_to_nchw_of_a_batch(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """Channels go before rows and columns, the pictures of the batch stay in order; the input stays as it was."""
    answer.agrees(lambda m, images: m.nhwc_to_nchw(images), draw.normal(2, 4, 5, 3, dtype=dtype), unchanged=True)


@pytest.mark.exercise("nhwc_to_nchw", weight=2)
def test_nhwc_to_nchw_of_square_pictures(answer: Answer, draw: Draw) -> None:
    """Rows and columns of square pictures stay what they are, also when all four axes have one length."""
    answer.agrees(lambda m, images: m.nhwc_to_nchw(images), draw.normal(2, 4, 4, 3))
    answer.agrees(lambda m, images: m.nhwc_to_nchw(images), draw.normal(3, 3, 3, 3))


@pytest.mark.exercise("nhwc_to_nchw")
def test_nhwc_to_nchw_with_any_number_of_channels(answer: Answer, draw: Draw) -> None:
    """There may be 2, 4, 6 channels, or just one."""
    for shape in [(3, 4, 5, 2), (2, 5, 3, 4), (4, 2, 3, 6), (3, 4, 2, 1)]:
        answer.agrees(lambda m, images: m.nhwc_to_nchw(images), draw.normal(*shape))


@pytest.mark.exercise("nhwc_to_nchw")
def test_nhwc_to_nchw_of_a_single_image_row_or_column(answer: Answer, draw: Draw) -> None:
    """A batch of one picture keeps its four axes, and so does one of pictures that are one pixel high or wide."""
    for shape in [(1, 4, 5, 3), (2, 1, 4, 3), (2, 4, 1, 3)]:
        answer.agrees(lambda m, images: m.nhwc_to_nchw(images), draw.normal(*shape))


@pytest.mark.exercise("nhwc_to_nchw")
def test_nhwc_to_nchw_lets_gradients_through(answer: Answer, draw: Draw) -> None:
    """Gradients flow back to the places from which the numbers came."""
    axes = ("image", "row", "column", "channel")
    answer.agrees(gradient_of_nhwc_to_nchw, draw.normal(2, 4, 5, 3), draw.normal(2, 3, 4, 5), axes=axes)


@pytest.mark.exercise("nhwc_to_nchw")
def test_nhwc_to_nchw_keeps_the_dtype_of_its_input(answer: Answer, draw: Draw) -> None:
    """float32 pictures stay float32, also where torch's default dtype is float64."""
    answer.agrees(nhwc_to_nchw_beside_float64, draw.normal(3, 2, 5, 3))


@pytest.mark.exercise("nhwc_to_nchw")
def test_nhwc_to_nchw_of_every_size(answer: Answer, draw: Draw) -> None:
    """Whatever the four lengths are, equal ones too, in either dtype; pictures stay as they were."""
    equal = [
        (2, 2, 4, 3),
        (2, 4, 2, 3),
        (3, 4, 2, 3),
        (2, 3, 4, 3),
        (2, 4, 3, 3),
        (4, 3, 2, 5),
        (2, 1, 5, 1),
        (2, 3, 5, 4),
    ]
    images = pictures(draw, [*sizes(1, 3, axes=4), *equal, (70, 4, 5, 3), (1, 40, 36, 3)])
    answer.agrees(of_each, images, "nhwc_to_nchw", unchanged=True, axes=(), call="nhwc_to_nchw(each)")


@pytest.mark.exercise("nhwc_to_nchw")
def test_nhwc_to_nchw_called_again(answer: Answer, draw: Draw) -> None:
    """Each call starts anew, and the input may be passed by its name `images`."""
    first, second = draw.normal(2, 4, 5, 3), draw.normal(3, 5, 2, 4)
    answer.agrees(
        # at last other numbers of the same sizes, and then in the same tensor, of which a result may be a view
        lambda m, a, b: [
            m.nhwc_to_nchw(a),
            m.nhwc_to_nchw(images=b).clone(),
            m.nhwc_to_nchw(a),
            m.nhwc_to_nchw(a + 1),
            m.nhwc_to_nchw(b.neg_()).clone(),
            m.nhwc_to_nchw(b.neg_()),
        ],
        first,
        second,
    )


# crop


@pytest.mark.exercise("crop", weight=2)
@every_dtype
def test_crop_inside_an_image(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """The piece lies between `start` and `stop` of the image's rows and columns; the input stays as it was."""
    images = draw.normal(4, 6, 7, dtype=dtype)
    for index in (1, 2):
        rows, cols = slice_of(draw, 6), slice_of(draw, 7)
        answer.agrees(
            lambda m, images, index, rows, cols: m.crop(images, index, rows, cols),
            images,
            index,
            rows,
            cols,
            unchanged=True,
        )


@pytest.mark.exercise("crop")
def test_crop_of_square_images(answer: Answer, draw: Draw) -> None:
    """`rows` cuts the rows and `cols` the columns, also where images are square and as many as they have rows."""
    images = draw.normal(5, 5, 5)
    for index, rows, cols in [(3, (1, 4), (0, 2)), (0, (3, 5), (1, 4)), (2, (1, 3), (2, 4))]:
        answer.agrees(lambda m, images, index, rows, cols: m.crop(images, index, rows, cols), images, index, rows, cols)


@pytest.mark.exercise("crop")
def test_crop_at_the_edges(answer: Answer, draw: Draw) -> None:
    """The first and the last image, row and column can be reached, and a piece may be the whole image."""
    images = draw.normal(3, 5, 4)
    for index, rows, cols in [(0, (0, 2), (3, 4)), (2, (3, 5), (0, 3)), (1, (0, 5), (0, 4))]:
        answer.agrees(lambda m, images, index, rows, cols: m.crop(images, index, rows, cols), images, index, rows, cols)


@pytest.mark.exercise("crop", weight=2)
def test_crop_keeps_two_axes(answer: Answer, draw: Draw) -> None:
    """A piece of one row, of one column or of one pixel has rank 2, and so has a piece of a single image."""
    images, single = draw.normal(4, 5, 6), draw.normal(1, 4, 3)
    pieces = [(images, 2, (3, 4), (1, 5)), (images, 3, (1, 4), (5, 6)), (images, 1, (2, 3), (4, 5))]
    for batch, index, rows, cols in [*pieces, (single, 0, (1, 4), (0, 2))]:
        answer.agrees(lambda m, images, index, rows, cols: m.crop(images, index, rows, cols), batch, index, rows, cols)


@pytest.mark.exercise("crop")
def test_crop_lets_gradients_through(answer: Answer, draw: Draw) -> None:
    """Gradients flow back to the piece of the image, and nothing reaches the rest."""
    answer.agrees(gradient_of_crop, draw.normal(3, 5, 6), 1, (1, 3), (2, 5), draw.normal(2, 3))


@pytest.mark.exercise("crop")
def test_crop_keeps_the_dtype_of_its_input(answer: Answer, draw: Draw) -> None:
    """A piece of a float32 image is float32, also where torch's default dtype is float64."""
    answer.agrees(crop_beside_float64, draw.normal(3, 4, 5), 2, (1, 4), (2, 4))


@pytest.mark.exercise("crop")
def test_crop_of_every_size(answer: Answer, draw: Draw) -> None:
    """Whatever is cut from how many images, in float32 and float64, with lists for tuples; inputs stay as they were."""
    cuts = [
        *(((n, 3, 2), n - 1, (row, 3), (0, col)) for n in (1, 2) for row in (0, 1, 2) for col in (1, 2)),
        ((3, 4, 4), 1, [1, 3], [2, 4]),
        ((2, 1, 5), 1, (0, 1), [1, 5]),
        ((2, 5, 1), 0, [3, 5], (0, 1)),
        ((1, 1, 1), 0, (0, 1), (0, 1)),
        ((14, 30, 28), 12, (11, 29), (12, 25)),
    ]
    images = pictures(draw, [shape for shape, *_ in cuts])
    given = [(*each, *cut) for each, (_, *cut) in zip(images, cuts, strict=True)]
    answer.agrees(of_each, given, "crop", unchanged=True, axes=(), call="crop(images, index, rows, cols) of each")


@pytest.mark.exercise("crop")
def test_crop_called_again(answer: Answer, draw: Draw) -> None:
    """Each call starts anew, and inputs may be passed by their names `images`, `index`, `rows` and `cols`."""
    answer.agrees(
        lambda m, a, b: [
            m.crop(a, 1, (1, 3), (2, 5)),
            m.crop(cols=(0, 2), rows=(2, 4), index=3, images=b).clone(),
            m.crop(a, 2, (0, 3), (3, 4)),
            # other numbers of the same sizes, and then in the same tensor, of which a result may be a view
            m.crop(a + 1, 1, (1, 3), (2, 5)),
            m.crop(b.neg_(), 3, (2, 4), (0, 2)).clone(),
            m.crop(b.neg_(), 3, (2, 4), (0, 2)),
        ],
        draw.normal(3, 4, 6),
        draw.normal(4, 5, 3),
    )
