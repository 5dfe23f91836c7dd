"""Hidden suite of 07_training: a product, a line, a step, the loop, and the digits.

Where chance has a part (the order of rows, a trained net), probes return what happened and the judge works out
what had to come of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from grader import data
from grader.judge.answer import Answer
from grader.judge.compare import TOLERANCES, Tolerance, compare, describe
from grader.judge.draw import Draw

every_dtype = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])


# matmul


def product(m: Any, a: Any, b: Any) -> Any:
    return m.matmul(a, b)


def product_and_gradients(m: Any, a: Any, b: Any, weights: Any) -> Any:
    """matmul(a, b), and gradients in a and b of the sum of weights · that; zeros when no gradient gets through."""
    a, b = a.clone().requires_grad_(), b.clone().requires_grad_()
    made = m.matmul(a, b)
    total = (made * weights).sum()
    if not total.requires_grad:
        return made, torch.zeros_like(a), torch.zeros_like(b)
    # asked of autograd: what stands in `a.grad` anybody may have written there
    found = torch.autograd.grad(total, (a, b), allow_unused=True)
    return made, *[torch.zeros_like(each) if got is None else got for each, got in zip((a, b), found, strict=True)]


def product_beside_float64(m: Any, a: Any, b: Any) -> Any:
    """matmul(a, b) while torch's default dtype is float64."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        return m.matmul(a, b)
    finally:
        torch.set_default_dtype(before)


def pair(draw: Draw, n: int, k: int, m: int, dtype: torch.dtype = torch.float32) -> tuple[torch.Tensor, torch.Tensor]:
    return draw.normal(n, k, dtype=dtype), draw.normal(k, m, dtype=dtype)


def rounding_of_products(a: torch.Tensor, b: torch.Tensor) -> Tolerance:
    """The contract's: the absolute part is multiplied by the sum of the terms' sizes (the largest of all entries)."""
    # a number: a tensor of the right shape could not be compared with two results of one and the same wrong shape
    return Tolerance(absolute=TOLERANCES[a.dtype][1] * (a.double().abs() @ b.double().abs()).max().item())


@pytest.mark.exercise("matmul", weight=1.5)
@every_dtype
def test_matmul_values(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """Entry [i, j] is row i of `a` times column j of `b`, summed, in their dtype; both stay as they were."""
    a, b = pair(draw, 3, 5, 4, dtype)
    answer.agrees(product, a, b, tolerance=rounding_of_products(a, b), unchanged=True)


@pytest.mark.exercise("matmul")
@pytest.mark.parametrize("size", [2, 3, 6])
def test_matmul_of_squares(answer: Answer, draw: Draw, size: int) -> None:
    """With square matrices, rows of `a` still meet columns of `b`."""
    a, b = pair(draw, size, size, size)
    answer.agrees(product, a, b, tolerance=rounding_of_products(a, b))


@pytest.mark.exercise("matmul")
@pytest.mark.parametrize("sizes", [(1, 5, 1), (4, 1, 3), (1, 4, 3), (3, 4, 1), (1, 1, 1)], ids=str)
def test_matmul_of_single_rows_and_columns(answer: Answer, draw: Draw, sizes: tuple[int, int, int]) -> None:
    """Sizes of 1 work like any others, and the product keeps both of its axes."""
    a, b = pair(draw, *sizes)
    answer.agrees(product, a, b, tolerance=rounding_of_products(a, b), unchanged=True)


@pytest.mark.exercise("matmul")
def test_matmul_up_to_size_32(answer: Answer, draw: Draw) -> None:
    """Each of the three sizes may go up to 32."""
    # one large size at a time: with three loops in Python, a full 32·32·32 takes seconds while it is watched
    for sizes in [(32, 2, 3), (2, 32, 3), (3, 2, 32), (23, 2, 3), (2, 23, 3), (3, 2, 23)]:
        a, b = pair(draw, *sizes)
        answer.agrees(product, a, b, tolerance=rounding_of_products(a, b))


@pytest.mark.exercise("matmul", weight=1.5)
@pytest.mark.parametrize("sizes", [(3, 4), (4, 3), (5, 2)], ids=str)
def test_matmul_refuses_unequal_inner_sizes(answer: Answer, draw: Draw, sizes: tuple[int, int]) -> None:
    """Sizes that fit are multiplied; inner sizes that differ raise a ValueError, whichever is the larger."""
    left, right = sizes
    a, b = pair(draw, 2, left, 5)
    answer.agrees(product, a, b, tolerance=rounding_of_products(a, b))
    answer.raises("ValueError", product, a, draw.normal(right, 5))


@pytest.mark.exercise("matmul", weight=1.5)
@pytest.mark.parametrize("sizes", [(1, 4), (4, 1)], ids=str)
def test_matmul_refuses_what_broadcasting_would_swallow(answer: Answer, draw: Draw, sizes: tuple[int, int]) -> None:
    """An inner size of 1 beside a larger one raises a ValueError: it must not be stretched to fit."""
    left, right = sizes
    a, b = pair(draw, 3, left, 2)
    answer.agrees(product, a, b, tolerance=rounding_of_products(a, b))
    answer.raises("ValueError", product, a, draw.normal(right, 2))


@pytest.mark.exercise("matmul")
def test_matmul_refuses_equal_shapes_that_do_not_fit(answer: Answer, draw: Draw) -> None:
    """Sizes that fit are multiplied; matrices of the same oblong shape or with equal outer sizes raise a ValueError."""
    a, b = pair(draw, 3, 4, 3)
    answer.agrees(product, a, b, tolerance=rounding_of_products(a, b))
    for shape in [(3, 4), (5, 3)]:
        answer.raises("ValueError", product, a, draw.normal(*shape))


@pytest.mark.exercise("matmul", weight=0.5)
def test_matmul_of_large_and_small_numbers(answer: Answer, draw: Draw) -> None:
    """Large numbers in one matrix and small ones in the other lose no digits."""
    a, b = pair(draw, 3, 4, 2)
    for large, small in [(a * 1e4, b * 1e-4), (a * 1e-4, b * 1e4)]:
        answer.agrees(product, large, small, tolerance=rounding_of_products(large, small))


@pytest.mark.exercise("matmul", weight=1.5)
@every_dtype
def test_matmul_lets_gradients_through(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """Gradients flow from the product back into `a` and into `b`, with the right values."""
    for n, k, m in [(3, 4, 2), (3, 3, 3)]:
        a, b = pair(draw, n, k, m, dtype)
        weights = draw.normal(n, m, dtype=dtype)
        # the largest sum of the terms' sizes: in the product, and in both gradients
        sums = a.abs() @ b.abs(), weights.abs() @ b.abs().T, a.abs().T @ weights.abs()
        close = Tolerance(absolute=TOLERANCES[dtype][1] * max(each.max().item() for each in sums))
        answer.agrees(product_and_gradients, a, b, weights, tolerance=close)
        # a gradient is what a change would do: also of an entry that is 0 now
        a[0, 1], b[1, 0] = 0, 0
        answer.agrees(product_and_gradients, a, b, weights, tolerance=close)


@pytest.mark.exercise("matmul")
def test_matmul_keeps_the_dtype_of_its_inputs(answer: Answer, draw: Draw) -> None:
    """float32 matrices give a float32 product, also where torch's default dtype is float64."""
    a, b = pair(draw, 3, 2, 4)
    answer.agrees(product_beside_float64, a, b, tolerance=rounding_of_products(a, b))


@pytest.mark.exercise("matmul", weight=0.5)
def test_matmul_called_again(answer: Answer, draw: Draw) -> None:
    """Each call starts anew, with other sizes too, and the inputs may be passed by their names `a` and `b`."""
    a, b = pair(draw, 2, 3, 4)
    other, others = pair(draw, 5, 2, 3)
    close = Tolerance(absolute=1e-6 * (2 + 3 * max(each.abs().max().item() for each in (a, b, other, others)) ** 2))
    answer.agrees(
        # the last two: other numbers of the same sizes, and then in the same tensor
        lambda m, a, b, c, d: [
            m.matmul(a, b),
            m.matmul(b=d, a=c),
            m.matmul(a, b),
            m.matmul(a + 1, b),
            m.matmul(a.neg_(), b),
        ],
        a,
        b,
        other,
        others,
        tolerance=close,
    )


# fit_line

# float32 and float64 are both right ways to compute a and b: a step of float32 is 1e-7, and a few of them add up
CLOSE = Tolerance(1e-4, 1e-5)


def line(m: Any, x: Any, y: Any, lr: float, steps: int) -> Any:
    return m.fit_line(x, y, lr, steps)


def line_of_each(m: Any, given: Any) -> Any:
    """For each (x, y, lr, steps): fit_line(x, y, lr, steps)."""
    return [m.fit_line(x, y, lr, steps) for x, y, lr, steps in given]


def points(draw: Draw, n: int, dtype: torch.dtype = torch.float32) -> tuple[torch.Tensor, torch.Tensor]:
    """Points scattered about a line with |slope| and |intercept| of about 1 to 2, x spread over [−1, 2]."""
    x = draw.uniform(n, low=-1, high=2, dtype=torch.float64)
    slope, intercept = draw.uniform(2, low=1, high=2, dtype=torch.float64).tolist()
    y = slope * x - intercept + draw.normal(n, scale=0.3, dtype=torch.float64)
    return x.to(dtype), y.to(dtype)


@pytest.mark.exercise("fit_line", weight=2)
@every_dtype
def test_fit_line_after_a_few_steps(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """After a few steps a and b are where full-batch gradient descent takes them; x and y stay as they were."""
    answer.agrees(line, *points(draw, 7, dtype), 0.1, 5, tolerance=CLOSE, unchanged=True)


@pytest.mark.exercise("fit_line", weight=2)
@pytest.mark.parametrize("steps", [1, 2])
def test_fit_line_makes_exactly_as_many_steps(answer: Answer, draw: Draw, steps: int) -> None:
    """One step is one update from a = b = 0, two steps are two."""
    answer.agrees(line, *points(draw, 5), 0.15, steps, tolerance=CLOSE)


@pytest.mark.exercise("fit_line")
def test_fit_line_without_a_step(answer: Answer, draw: Draw) -> None:
    """With steps = 0 the answer is (0.0, 0.0), and with more steps it is not."""
    x, y = points(draw, 6)
    answer.agrees(line, x, y, 0.1, 0, tolerance=CLOSE)
    answer.agrees(line, x, y, 0.1, 3, tolerance=CLOSE)


@pytest.mark.exercise("fit_line")
@every_dtype
def test_fit_line_after_many_steps(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """After many steps a and b have settled at the line with the smallest mean squared error."""
    answer.agrees(line, *points(draw, 9, dtype), 0.15, 250, tolerance=CLOSE)


@pytest.mark.exercise("fit_line")
def test_fit_line_on_a_long_way(answer: Answer, draw: Draw) -> None:
    """With a small rate hundreds of steps are all of the same kind, and end before the line is reached."""
    answer.agrees(line, *points(draw, 4), 0.001, 700, tolerance=CLOSE)


@pytest.mark.exercise("fit_line")
def test_fit_line_far_from_the_origin(answer: Answer, draw: Draw) -> None:
    """Points far to the right work as well, where a and b depend on each other strongly."""
    x, y = points(draw, 8)
    answer.agrees(line, x + 3, y + 2, 0.02, 12, tolerance=CLOSE)


@pytest.mark.exercise("fit_line")
def test_fit_line_with_too_large_a_rate(answer: Answer, draw: Draw) -> None:
    """Steps that are too long lead away from the line; a and b are what the last one made of them all the same."""
    answer.agrees(line, *points(draw, 7), 1.0, 6, tolerance=CLOSE)


@pytest.mark.exercise("fit_line")
def test_fit_line_of_small_and_large_numbers(answer: Answer, draw: Draw) -> None:
    """Where y is small or large, so are a and b: neither they nor the steps are rounded, cut off or left out."""
    x, y = points(draw, 6, torch.float64)
    for size in (1e-7, 50.0):
        answer.agrees(line, x, y * size, 0.1, 8, tolerance=Tolerance(1e-4, 1e-5 * size))


@pytest.mark.exercise("fit_line")
def test_fit_line_through_one_or_two_points(answer: Answer, draw: Draw) -> None:
    """A single point, and two, make steps like any others."""
    for n in (1, 2):
        answer.agrees(line, *points(draw, n), 0.05, 4, tolerance=CLOSE)


@pytest.mark.exercise("fit_line")
def test_fit_line_through_many_points(answer: Answer, draw: Draw) -> None:
    """The slopes are means, so that the number of points does not change the size of a step."""
    answer.agrees(line, *points(draw, 200), 0.1, 6, tolerance=CLOSE)


# relative: float64 points may be fitted in float32 as well, whose rounding a few steps carry to 1e-6
FEW_STEPS = {torch.float32: 1e-4, torch.float64: 5e-6}


@pytest.mark.exercise("fit_line", weight=2)
@every_dtype
def test_fit_line_of_every_kind_of_points(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """Whatever points, rates and sizes there are, a step is a step like all others; x and y stay as they were."""
    # all x and y are positive and the steps few: neither a nor b comes near 0, and what counts is the relative error
    x = draw.uniform(5, low=0.5, high=2, dtype=dtype)
    y = 2 * x + draw.uniform(5, low=1, high=1.5, dtype=dtype)
    twice = torch.tensor([0, 0, 1, 2, 2, 2])
    given = [
        (x, y, 0.05, 3),
        (x, y, 1e-10, 20),
        (x, y * 1e6, 0.05, 3),
        (x, y, 3.0, 9),  # ten times as far with each step
        (x / 1000, y, 1.5, 3),
        (torch.full_like(x, 2), y, 0.03, 4),
        (x, torch.full_like(y, 3), 0.03, 4),
        (x[twice], y[twice], 0.05, 3),
        (x[:1], y[:1], 0.05, 2),
    ]
    close = Tolerance(FEW_STEPS[dtype], 0.0)
    answer.agrees(line_of_each, given, tolerance=close, unchanged=True, call="fit_line(x, y, lr, steps) of each")


@pytest.mark.exercise("fit_line")
def test_fit_line_called_again(answer: Answer, draw: Draw) -> None:
    """Each call starts anew, and the inputs may be passed by their names."""
    answer.agrees(
        lambda m, x, y, u, v: [
            m.fit_line(x, y, 0.1, 3),
            m.fit_line(steps=2, lr=0.05, y=v, x=u),
            m.fit_line(x, y, 0.1, 3),
            m.fit_line(x, y.neg_(), 0.1, 3),  # the same tensor with other numbers in it
        ],
        *points(draw, 5),
        *points(draw, 4),
        tolerance=CLOSE,
    )


# sgd_step

STEP = "sgd_step(params, lr)"


def step(m: Any, values: Any, gradients: Any, lr: float, kind: str) -> Any:
    """Parameters after one step, their gradients (zeros for none), and whether those hang on a graph.

    kind: what the parameters are handed over as.
    """
    params = [nn.Parameter(value.clone()) for value in values]
    for p, gradient in zip(params, gradients, strict=True):
        p.grad = None if gradient is None else gradient.clone()
    if kind == "generator":
        m.sgd_step((p for p in params), lr)
    elif kind == "dict values":
        m.sgd_step(dict(enumerate(params)).values(), lr)
    elif kind == "tuple":
        m.sgd_step(tuple(params), lr)
    elif kind == "keywords":
        m.sgd_step(lr=lr, params=params)
    else:
        m.sgd_step(params, lr)
    cleared = [torch.zeros_like(p) if p.grad is None else p.grad for p in params]
    return [p.detach() for p in params], cleared, [each.requires_grad for each in cleared]


def steps_of_a_net(m: Any, weight: Any, bias: Any, x: Any, lr: float, steps: int) -> Any:
    """What a net answers after some steps on the mean of its squared answers, each after a backward of its own."""
    net = nn.Sequential(nn.Linear(3, 2), nn.Tanh()).to(x.device, weight.dtype)
    with torch.no_grad():
        net[0].weight.copy_(weight)
        net[0].bias.copy_(bias)
    answers = []
    for _ in range(steps):
        (net(x) ** 2).mean().backward()
        m.sgd_step(net.parameters(), lr)
        answers.append(net(x).detach().clone())
    return answers


def step_of_a_frozen_leaf(m: Any, values: Any, gradients: Any, lr: float) -> Any:
    """Leaves with gradients after one step; the first one was frozen after its gradient had come."""
    params = [value.clone().requires_grad_() for value in values]
    for p, gradient in zip(params, gradients, strict=True):
        p.grad = gradient.clone()
    params[0].requires_grad_(False)
    m.sgd_step(params, lr)
    return [p.detach() for p in params], [torch.zeros_like(p) if p.grad is None else p.grad for p in params]


def steps_of_plain_tensors(m: Any, start: Any, lr: float) -> Any:
    """Leaf tensors that are no Parameters, after three steps on the sum of their fourth powers."""
    w, unused = start.clone().requires_grad_(), start.clone().requires_grad_()
    for _ in range(3):
        (w**4).sum().backward()
        m.sgd_step([w, unused], lr)
    return w.detach(), unused.detach()


def step_of_none_then_one(m: Any, value: Any, gradient: Any, lr: float) -> Any:
    """A parameter after a step with an empty list and one with the parameter."""
    p = nn.Parameter(value.clone())
    p.grad = gradient.clone()
    m.sgd_step([], lr)
    m.sgd_step(iter(()), lr)
    before = p.detach().clone()
    m.sgd_step([p], lr)
    return before, p.detach()


def steps_of_each(m: Any, given: Any) -> Any:
    """For each (values, gradients, lr): the parameters after one step, their gradients, and which may have one.

    Of those that had a gradient, zeros stand for none; the others are frozen. They are handed over as a generator.
    """
    found = []
    for values, gradients, lr in given:
        params = [nn.Parameter(value.clone()) for value in values]
        for p, gradient in zip(params, gradients, strict=True):
            p.grad = None if gradient is None else gradient.clone()
            p.requires_grad_(gradient is not None)
        m.sgd_step((p for p in params), lr)
        left = []
        for p, gradient in zip(params, gradients, strict=True):
            left.append(p.grad if gradient is None or p.grad is not None else torch.zeros_like(p))
        found.append([[p.detach() for p in params], left, [p.requires_grad for p in params]])
    return found


def parameters(draw: Draw, dtype: torch.dtype = torch.float32) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """Values and gradients of four parameters of rank 2, 1, 0 and 3."""
    shapes = [(3, 2), (4,), (), (2, 1, 3)]
    return [draw.normal(*s, dtype=dtype) for s in shapes], [draw.normal(*s, scale=2, dtype=dtype) for s in shapes]


@pytest.mark.exercise("sgd_step", weight=2)
@every_dtype
def test_sgd_step_moves_and_clears(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """Every parameter, whatever its shape, moves in place by −lr times its gradient, which is cleared then."""
    answer.agrees(step, *parameters(draw, dtype), 0.3, "list", call=STEP)


@pytest.mark.exercise("sgd_step", weight=2)
@pytest.mark.parametrize("kind", ["generator", "tuple", "dict values"])
def test_sgd_step_takes_any_iterable(answer: Answer, draw: Draw, kind: str) -> None:
    """Parameters may come as any iterable, also as a generator that can be walked through only once."""
    answer.agrees(step, *parameters(draw), 0.3, kind, call=STEP)


@pytest.mark.exercise("sgd_step", weight=3)
@pytest.mark.parametrize("absent", [0, 2, 3])
def test_sgd_step_leaves_parameters_without_gradient_alone(answer: Answer, draw: Draw, absent: int) -> None:
    """A parameter without a gradient stays as it is, and those before and after it still move."""
    values, gradients = parameters(draw)
    some = [None if i == absent else gradient for i, gradient in enumerate(gradients)]
    answer.agrees(step, values, some, 0.3, "list", call=STEP)


@pytest.mark.exercise("sgd_step", weight=3)
@every_dtype
def test_sgd_step_moves_a_net_again_and_again(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """After each of several steps the net's answers follow, since no old gradient and no graph is left."""
    weight, bias, x = draw.normal(2, 3, dtype=dtype), draw.normal(2, dtype=dtype), draw.normal(5, 3, dtype=dtype)
    # answers lie between −1 and 1 and come out of sums of up to ten terms
    close = Tolerance(absolute=10 * TOLERANCES[dtype][1])
    answer.agrees(steps_of_a_net, weight, bias, x, 0.5, 4, tolerance=close, call=STEP)


@pytest.mark.exercise("sgd_step")
def test_sgd_step_moves_plain_leaf_tensors(answer: Answer, draw: Draw) -> None:
    """Leaf tensors that ask for gradients move like parameters, step after step."""
    answer.agrees(steps_of_plain_tensors, draw.uniform(4, low=0.5, high=1), 0.05, call=STEP)


@pytest.mark.exercise("sgd_step", weight=0.5)
def test_sgd_step_moves_whatever_has_a_gradient(answer: Answer, draw: Draw) -> None:
    """A gradient counts also where its entries sum to 0, where some are 0, and on a leaf that was frozen afterwards."""
    size = draw.uniform(1, low=0.5, high=1).item()
    gradients = [torch.tensor(each) * size for each in ([1.0, 2.0, 4.0], [2.0, -2.0, 0.0], [0.0, 1.0, -1.0])]
    answer.agrees(step_of_a_frozen_leaf, [draw.normal(3) for _ in gradients], gradients, 0.3, call=STEP)


@pytest.mark.exercise("sgd_step")
def test_sgd_step_with_other_learning_rates(answer: Answer, draw: Draw) -> None:
    """The size of the step follows lr, whatever the gradients' size: a large one, a small one, and 0."""
    for lr, size in [(2.5, 1), (0.001, 50), (0.0, 1)]:
        values, gradients = parameters(draw)
        answer.agrees(step, values, [gradient * size for gradient in gradients], lr, "list", call=STEP)


@pytest.mark.exercise("sgd_step", weight=2)
@every_dtype
def test_sgd_step_of_every_kind_of_parameters(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """Whatever shapes, values and gradients there are, those with a gradient move, and the others are left alone."""
    shapes = [(1,), (), (1, 1), (3, 3), (2, 1, 3, 2), (1, 2, 1, 2, 1), (70, 60)]
    values, gradients = ([draw.normal(*shape, dtype=dtype) for shape in shapes] for _ in range(2))
    v, g = draw.normal(3, dtype=dtype), draw.normal(3, scale=2, dtype=dtype)
    given = [
        (values, gradients, 0.3),
        ([v, v, v + 1], [g, g, g], 0.3),  # equal ones are not the same
        ([v, v, v], [None, g, None], 0.3),
        ([v, v], [None, None], 0.3),
        ([v, torch.zeros_like(v)], [g * 4000, g * 4000], 0.3),
        ([torch.zeros_like(v), v], [g * 1e-7, torch.zeros_like(g)], 1000.0),
    ]
    answer.agrees(steps_of_each, given, call="sgd_step(params, lr) of each")


@pytest.mark.exercise("sgd_step")
def test_sgd_step_of_no_parameters(answer: Answer, draw: Draw) -> None:
    """No parameters at all are no error, and the next step works as usual."""
    answer.agrees(step_of_none_then_one, draw.normal(3), draw.normal(3), 0.5, call=STEP)


@pytest.mark.exercise("sgd_step")
def test_sgd_step_of_mixed_dtypes(answer: Answer, draw: Draw) -> None:
    """float32 and float64 parameters stand side by side, and each keeps its dtype."""
    values, gradients = parameters(draw)
    values[1::2], gradients[1::2] = [v.double() for v in values[1::2]], [g.double() for g in gradients[1::2]]
    answer.agrees(step, values, gradients, 0.3, "keywords", call=STEP)


# fit

FIT = "fit(net, x, y, epochs, batch_size, lr)"


def train(m: Any, start: Any, x: Any, y: Any, plan: Any) -> Any:
    """What came of `fit` on a small net: the batches (as row numbers), the parameters and the losses.

    Column 0 of x carries the row's number, which takes no part in the net's answer. plan: epochs, batch_size, lr,
    seed; record the batches; names of frozen parameters; a stale gradient; how often it is called; whether the rows
    stay on the CPU, where the net is on a GPU; whether it is modal, another net when it is not in training.
    """
    torch.manual_seed(plan["seed"])
    seen = []

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            for name, value in start.items():
                setattr(self, name, nn.Parameter(value.clone(), requires_grad=name not in plan["frozen"]))

        def forward(self, x):
            x = x.flatten(1)
            if torch.is_grad_enabled() and plan["record"]:
                seen.append(torch.tensor(x[:, 0].tolist(), dtype=torch.float64))
            hidden = torch.tanh(x[:, 1:] @ self.w1 + self.b1)
            if plan["modal"] and not self.training:  # as with dropout, but without chance
                hidden = hidden * 2
            return torch.log_softmax(hidden @ self.w2 + self.b2, 1)

    net = Net()
    if plan["apart"]:
        x, y = x.cpu(), y.cpu()
    if plan["stale"]:
        for p in net.parameters():
            p.grad = torch.full_like(p, plan["stale"])
    losses = m.fit(net, x, y, plan["epochs"], plan["batch_size"], plan["lr"])
    if plan["again"]:
        more = m.fit(net=net, x=x, y=y, epochs=plan["again"], batch_size=plan["batch_size"], lr=plan["lr"])
        losses = [losses, more]
    return {"batches": seen, "parameters": [p.detach().cpu() for p in net.parameters()], "losses": losses}


def train_another(m: Any, start: Any, x: Any, y: Any, plan: Any) -> Any:
    """What came of `fit` on a net of filters, a factor of rank 0, and two layers with one weight in common."""

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.factor = nn.Parameter(torch.ones(()))
            self.filters = nn.Conv2d(1, 2, 3)
            self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 4)
            self.second.weight = self.first.weight

        def forward(self, x):
            seen = torch.tanh(self.filters(x)).mean(2).flatten(1)
            return torch.log_softmax(self.factor * self.second(torch.tanh(self.first(seen))), 1)

    net = Net().to(x.device, x.dtype)
    with torch.no_grad():
        for p, value in zip(net.parameters(), start, strict=True):
            p.copy_(value)
    losses = m.fit(net, x, y, plan["epochs"], plan["batch_size"], plan["lr"])
    return {"parameters": [p.detach() for p in net.parameters()], "losses": losses}


def plan(epochs: int, batch_size: int, lr: float = 0.3, **more: Any) -> dict[str, Any]:
    usual = {"seed": 1, "record": False, "frozen": [], "stale": 0.0, "again": 0, "apart": False, "modal": False}
    return {"epochs": epochs, "batch_size": batch_size, "lr": lr, **usual, **more}


@dataclass(frozen=True)
class Task:
    """Rows with their numbers in column 0, labels of three classes, and the start of a net with four hidden units."""

    x: torch.Tensor
    y: torch.Tensor
    start: dict[str, torch.Tensor]

    @classmethod
    def of(cls, draw: Draw, n: int, dtype: torch.dtype, shape: tuple[int, ...] = (6,)) -> Task:
        size = int(torch.Size(shape).numel())
        x = draw.normal(n, size, dtype=dtype)
        x[:, 0] = torch.arange(n)
        shapes = {"w1": (size - 1, 4), "b1": (4,), "w2": (4, 3), "b2": (3,)}
        start = {name: draw.normal(*s, scale=0.7, dtype=dtype) for name, s in shapes.items()}
        return cls(x.reshape(n, *shape).contiguous(), draw.labels(n, 3), start)


@dataclass(frozen=True)
class Step:
    """How the parameters move at each batch: by −lr times what is made of its gradient and of the move before."""

    carried: float = 0.0
    sign: float = 1.0
    summed: bool = False

    def of(self, gradient: torch.Tensor, size: int, before: torch.Tensor) -> torch.Tensor:
        return self.carried * before + self.sign * (size if self.summed else 1) * gradient


PLAIN = Step()
WRONG_STEPS = (Step(sign=-1), Step(summed=True), Step(carried=1), Step(carried=0.9))
"""Uphill, with a sum for the mean, with gradients that pile up, with momentum: all of these train on each batch."""


def following(batches: list[torch.Tensor], told: list[tuple[float, float, int]], step: Step = PLAIN) -> SimpleNamespace:
    """A `fit` that trains on exactly these batches, and tells each one's loss, that after it, and size."""

    def loss_of(net: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return -net(x)[torch.arange(len(y)), y].mean()

    def fit(net: nn.Module, x: torch.Tensor, y: torch.Tensor, epochs: int, batch_size: int, lr: float) -> list[float]:
        weights = list(net.parameters())
        moves = [torch.zeros_like(p) for p in weights]
        for rows in batches:
            loss = loss_of(net, x[rows], y[rows])
            gradients = torch.autograd.grad(loss, weights)
            moves = [step.of(gradient, len(rows), move) for gradient, move in zip(gradients, moves, strict=True)]
            with torch.no_grad():
                for p, move in zip(weights, moves, strict=True):
                    p -= lr * move
                told.append((loss.item(), loss_of(net, x[rows], y[rows]).item(), len(rows)))
        return []

    return SimpleNamespace(fit=fit)


class History:
    """What a recorded training did, and what had to come of it.

    The batches are recorded where the author's code could write down others: they count as far as the parameters
    bear them out.
    """

    def __init__(self, value: dict[str, Any], task: Task, made: dict[str, Any]) -> None:
        self.n, self.task, self.made = len(task.y), task, made
        self.losses, self.parameters = value["losses"], value["parameters"]
        self.batches = [batch.long() for batch in value["batches"]]
        self.sizes = [len(batch) for batch in self.batches]
        self.known = all(bool(((rows >= 0) & (rows < self.n)).all()) for rows in self.batches)
        told: list[tuple[float, float, int]] = []
        if self.known:
            self.expected = self._parameters_after(PLAIN, told)
        self.told = told

    def _parameters_after(self, step: Step, told: list[tuple[float, float, int]]) -> list[torch.Tensor]:
        """Where steps of this kind on the recorded batches take the parameters."""
        start, x, y = self.task.start, self.task.x, self.task.y
        moved: list[torch.Tensor] = train(following(self.batches, told, step), start, x, y, self.made)["parameters"]
        return moved

    @property
    def cut_right(self) -> bool:
        """Batches of the size that was asked for, the remainder last, in every epoch."""
        size, epochs = self.made["batch_size"], self.made["epochs"]
        whole, rest = divmod(self.n, size)
        return self.sizes == ([size] * whole + [rest] * (rest > 0)) * epochs

    @property
    def orders(self) -> list[list[int]]:
        """Each epoch's rows in the order in which they came, when all rows of all epochs are there."""
        rows = torch.cat(self.batches).tolist() if self.batches else []
        return [rows[start : start + self.n] for start in range(0, len(rows), self.n)]

    @property
    def once_each(self) -> bool:
        """Every row exactly once in every epoch."""
        epochs = self.made["epochs"]
        return len(self.orders) == epochs and all(sorted(order) == list(range(self.n)) for order in self.orders)

    @property
    def groups(self) -> list[set[frozenset[int]]]:
        """For each epoch, which rows were in one batch."""
        each = len(self.batches) // self.made["epochs"]
        sets = [frozenset(batch.tolist()) for batch in self.batches]
        return [set(sets[start : start + each]) for start in range(0, len(sets), each)] if each else []

    @property
    def ascending(self) -> bool:
        """Whether the rows of each batch are in the order of the file, as where a mask picks them: that is right."""
        return all(bool((rows.diff() > 0).all()) for rows in self.batches)

    @property
    def order_kind(self) -> str:
        """`new` orders in every epoch; or `file`, `same`, `rotated` or `batches only`, which are not.

        55 rows: two random orders are equal once in 1e73 times, in a random order about one row follows its
        neighbour in the file (15 or more once in 1e12 times), or seven where the rows of a batch are in the order of
        the file (30 or more once in 1e10 times), and epochs share a batch of 8 or 7 once in 1e7 times.
        """
        successions = [sum(b == a + 1 for a, b in pairwise(order)) for order in self.orders]
        if any(order == sorted(order) for order in self.orders):
            return "file"
        if len({tuple(order) for order in self.orders}) < len(self.orders):
            return "same"
        if max(successions, default=0) >= (30 if self.ascending else 15):
            return "rotated"
        return "new" if all(not a & b for a, b in pairwise(self.groups)) else "batches only"

    @property
    def order_flaw(self) -> str:
        """What is not random about which batches 1,100 rows come in, in five epochs; empty where nothing is.

        How the rows of a batch are ordered is nobody's business, so that numbers of batches are correlated: with the
        rows' numbers, with their labels, with another epoch's. By chance one of 30 is 0.2 or more once in 1e9 times,
        and a row is at the same place in all epochs as seldom.
        """
        orders = torch.tensor(self.orders)
        epochs, each = len(orders), len(self.batches) // len(orders)
        number_of = torch.arange(each).repeat_interleave(torch.tensor(self.sizes[:each]))
        numbers = torch.zeros_like(orders).scatter(1, orders, number_of.expand_as(orders))
        file = torch.arange(self.n)[None]
        alike = torch.corrcoef(torch.cat([file, F.one_hot(self.task.y).T, numbers]).double()).abs()[:, -epochs:]
        if bool((alike[0] >= 0.2).any()):
            return "Rows come early or late by their place in the file."
        if bool((alike[1:-epochs] >= 0.2).any()):
            return "Rows come early or late by their label."
        if bool((alike[-epochs:].triu(1) >= 0.2).any()):
            return "The order of an epoch can be told from that of another."
        fixed = bool((orders == orders[0]).all(0).any()) and not self.ascending
        return "A row comes at one and the same place in every epoch." if fixed else ""

    def moved_right(self, tolerance: Tolerance) -> bool:
        """The parameters are where plain SGD on these batches takes them."""
        return self.known and compare(self.parameters, self.expected, tolerance=tolerance) is None

    def trained_on(self, tolerance: Tolerance) -> bool:
        """The parameters show a training on the recorded batches, by right steps or by usual wrong ones."""
        if not self.known or len(self.batches) < self.made["epochs"]:
            return False
        ends = (self._parameters_after(step, []) for step in WRONG_STEPS)
        return self.moved_right(tolerance) or any(
            compare(self.parameters, end, tolerance=tolerance) is None for end in ends
        )

    def mean_losses(self, kind: str) -> list[float]:
        """One number an epoch out of the losses of its batches."""
        each = len(self.told) // self.made["epochs"]
        told = [self.told[start : start + each] for start in range(0, len(self.told), each)] if each else []
        formulas = {
            "rows": lambda epoch: sum(loss * size for loss, _, size in epoch) / self.n,
            "after": lambda epoch: sum(later * size for _, later, size in epoch) / self.n,
            "batches": lambda epoch: sum(loss for loss, _, _ in epoch) / len(epoch),
            "sum": lambda epoch: sum(loss for loss, _, _ in epoch),
            "last": lambda epoch: epoch[-1][0],
        }
        return [formulas[kind](epoch) for epoch in told]

    def told_right(self, tolerance: Tolerance, kind: str = "rows") -> bool:
        """The returned losses are Python floats, one an epoch, by the formula of this kind."""
        return self.known and compare(self.losses, self.mean_losses(kind), tolerance=tolerance) is None

    def essence(self, tolerance: Tolerance) -> dict[str, Any]:
        """What two like answers have in common, whatever orders they drew."""
        kinds = [kind for kind in ("rows", "after", "batches", "sum", "last") if self.told_right(tolerance, kind)]
        return {
            "sizes": self.sizes,
            "once": self.once_each,
            "order": self.order_kind,
            "moved": self.moved_right(tolerance),
            "losses": kinds[:1],
            "type": describe(self.losses),
        }


# dozens of steps in the same dtype, perhaps with sums in another order; a mean loss may be added up in float32
REPEATED = {torch.float32: Tolerance(1e-3, 1e-4), torch.float64: Tolerance(1e-6, 1e-7)}


def recorded(answer: Answer, task: Task, made: dict[str, Any]) -> History:
    """The history of one training whose batches are recorded."""
    tolerance = REPEATED[task.x.dtype]
    value = answer.value(
        train,
        task.start,
        task.x,
        task.y,
        made,
        essence=lambda value: History(value, task, made).essence(tolerance),
        call=FIT,
    )
    return History(value, task, made)


def judge_all(answer: Answer, history: History, batches: str) -> None:
    """Rows, batches, steps and losses are all right; `batches` is the sentence where the batches are not."""
    answer.holds(history.once_each and history.cut_right, batches, call=FIT)
    tolerance = REPEATED[history.task.x.dtype]
    right = history.moved_right(tolerance) and history.told_right(tolerance)
    answer.holds(right, "The parameters or the losses differ from those of plain SGD.", call=FIT)


def mini_batches(answer: Answer, draw: Draw) -> History:
    """One and the same training for the cases that look at its batches: three epochs of 55 rows, 8 at a time."""
    history = recorded(answer, Task.of(draw.shared("mini-batches"), 55, torch.float64), plan(3, 8, record=True))
    trained = history.trained_on(REPEATED[torch.float64])
    answer.holds(trained, "The parameters are not where the batches that the net saw should have moved them.", call=FIT)
    return history


# Here the order does not matter, so that most mistakes are told apart by their values alone: these cases come first.
@pytest.mark.exercise("fit", weight=2)
@pytest.mark.parametrize("batch_size", [11, 40], ids=["of n rows", "of more than n rows"])
def test_fit_with_all_rows_in_one_batch(answer: Answer, draw: Draw, batch_size: int) -> None:
    """A batch size of n or more makes one step an epoch, with the right losses; x and y stay as they were."""
    task = Task.of(draw, 11, torch.float64)
    made = plan(4, batch_size)
    answer.agrees(train, task.start, task.x, task.y, made, call=FIT, tolerance=REPEATED[torch.float64], unchanged=True)


@pytest.mark.exercise("fit")
def test_fit_makes_one_step_for_each_batch(answer: Answer, draw: Draw) -> None:
    """With rows that are all alike, each epoch makes as many steps as there are batches, one after another."""
    task = Task.of(draw, 8, torch.float64)
    x, y = task.x[4:5].repeat(8, 1), task.y[4:5].repeat(8)
    answer.agrees(train, task.start, x, y, plan(2, 3, lr=0.1), call=FIT, tolerance=REPEATED[torch.float64])


@pytest.mark.exercise("fit")
@pytest.mark.parametrize("lr", [0.001, 12.0], ids=["small", "large"])
def test_fit_with_other_learning_rates(answer: Answer, draw: Draw, lr: float) -> None:
    """All epochs are gone through and their losses returned, also where the loss hardly falls or even rises."""
    task = Task.of(draw, 9, torch.float64)
    answer.agrees(train, task.start, task.x, task.y, plan(5, 9, lr), call=FIT, tolerance=REPEATED[torch.float64])
    # only b2 moves, about its best place: with the large rate three times as far in each epoch, always uphill
    start = {name: torch.zeros_like(value) for name, value in task.start.items()}
    start["b2"] = torch.tensor([0.0, 0.002, 0.0], dtype=torch.float64) * draw.uniform(1, low=0.5, high=1)
    y = torch.arange(9) % 3
    answer.agrees(train, start, task.x, y, plan(6, 9, lr), call=FIT, tolerance=Tolerance(1e-6, 1e-9))


@pytest.mark.exercise("fit", weight=0.5)
def test_fit_tells_the_loss_that_was_trained_on(answer: Answer, draw: Draw) -> None:
    """Where a net answers differently in training, as with dropout, the loss is that of the answer it learnt from."""
    task = Task.of(draw, 8, torch.float64)
    made = plan(3, 8, modal=True)
    answer.agrees(train, task.start, task.x, task.y, made, call=FIT, tolerance=REPEATED[torch.float64])


@pytest.mark.exercise("fit", weight=2)
def test_fit_visits_every_row_once_an_epoch(answer: Answer, draw: Draw) -> None:
    """In every epoch each row is trained on exactly once."""
    history = mini_batches(answer, draw)
    answer.holds(history.once_each, "Some rows were left out, or came more than once in an epoch.", call=FIT)


@pytest.mark.exercise("fit")
def test_fit_cuts_batches(answer: Answer, draw: Draw) -> None:
    """Batches have the size that was asked for, and what remains of an epoch is its last batch."""
    history = mini_batches(answer, draw)
    first = history.sizes[: -(-history.n // history.made["batch_size"])]
    answer.holds(
        history.cut_right, "The batches do not have the right sizes.", yours=f"an epoch begins {first}", call=FIT
    )


@pytest.mark.exercise("fit", weight=4)
def test_fit_takes_a_new_random_order(answer: Answer, draw: Draw) -> None:
    """Every epoch goes through the rows in a new random order."""
    history = mini_batches(answer, draw)
    answer.holds(history.once_each, "Some rows were left out, or came more than once in an epoch.", call=FIT)
    messages = {
        "file": "The rows came in the order of the file.",
        "same": "Two epochs went through the rows in the same order.",
        "rotated": "Most rows were followed by their neighbour in the file.",
        "batches only": "The same rows were in one batch again.",
    }
    answer.holds(history.order_kind == "new", messages.get(history.order_kind, ""), call=FIT)


@pytest.mark.exercise("fit", weight=2)
def test_fit_takes_random_orders_of_many_rows(answer: Answer, draw: Draw) -> None:
    """Of more than a thousand rows each comes once an epoch, any of them early or late, whatever its label is."""
    task = Task.of(draw, 1100, torch.float64, (3,))
    history = recorded(answer, task, plan(5, 240, record=True))
    trained = history.trained_on(REPEATED[torch.float64])
    answer.holds(trained, "The parameters are not where the batches that the net saw should have moved them.", call=FIT)
    answer.holds(history.once_each and history.cut_right, "Some rows were left out, or came twice.", call=FIT)
    answer.holds(not history.order_flaw, history.order_flaw, call=FIT)


@pytest.mark.exercise("fit", weight=3)
def test_fit_steps_down_the_gradient_of_each_batch(answer: Answer, draw: Draw) -> None:
    """After all batches the parameters are where plain SGD on just these rows and their labels takes them."""
    history = mini_batches(answer, draw)
    moved = history.moved_right(REPEATED[torch.float64])
    answer.holds(moved, "The parameters are not where these batches should have moved them.", call=FIT)


@pytest.mark.exercise("fit", weight=2)
def test_fit_returns_the_mean_loss_of_each_epoch(answer: Answer, draw: Draw) -> None:
    """One Python float an epoch: the mean over its rows of the losses before each batch's step."""
    history = mini_batches(answer, draw)
    answer.holds(history.cut_right, "The batches do not have the right sizes.", call=FIT)
    told = history.told_right(REPEATED[torch.float64])
    answer.holds(told, "The losses are not the means over the rows.", yours=describe(history.losses), call=FIT)


@pytest.mark.exercise("fit")
def test_fit_with_one_row_at_a_time(answer: Answer, draw: Draw) -> None:
    """A batch size of 1 makes one step for each row."""
    history = recorded(answer, Task.of(draw, 7, torch.float64), plan(2, 1, lr=0.1, record=True))
    judge_all(answer, history, "Each row should be a batch of its own.")


@pytest.mark.exercise("fit")
def test_fit_with_one_row_left_over(answer: Answer, draw: Draw) -> None:
    """Where a single row remains, it is a batch, too."""
    history = recorded(answer, Task.of(draw, 7, torch.float64), plan(2, 3, lr=0.1, record=True))
    judge_all(answer, history, "The row that remains should be a batch.")


@pytest.mark.exercise("fit")
def test_fit_of_float32_images(answer: Answer, draw: Draw) -> None:
    """Rows may be images of any shape, the net float32, and the net's own device is where it is trained."""
    task = Task.of(draw, 20, torch.float32, (2, 3, 2))
    history = recorded(answer, task, plan(2, 6, record=True, apart=True))
    judge_all(answer, history, "The images were not cut into the right batches.")


@pytest.mark.exercise("fit")
def test_fit_does_not_count_old_gradients(answer: Answer, draw: Draw) -> None:
    """Gradients that were there before the call take no part in the training."""
    task = Task.of(draw, 9, torch.float64)
    start = {**task.start, "spare": draw.normal(2, dtype=torch.float64)}
    made = plan(2, 9, stale=0.5)
    answer.agrees(train, start, task.x, task.y, made, call=FIT, tolerance=REPEATED[torch.float64])
    # nor do those of a parameter that was frozen afterwards
    made = plan(2, 9, stale=0.5, frozen=["b1"])
    answer.agrees(train, start, task.x, task.y, made, call=FIT, tolerance=REPEATED[torch.float64])


@pytest.mark.exercise("fit")
def test_fit_leaves_parameters_without_gradient_alone(answer: Answer, draw: Draw) -> None:
    """A frozen parameter and one that the net never uses stay as they are, and the others are trained."""
    task = Task.of(draw, 9, torch.float64)
    start = {"spare": draw.normal(2, dtype=torch.float64), **task.start}
    made = plan(2, 12, frozen=["b1"])
    answer.agrees(train, start, task.x, task.y, made, call=FIT, tolerance=REPEATED[torch.float64])


@pytest.mark.exercise("fit")
def test_fit_of_another_kind_of_net(answer: Answer, draw: Draw) -> None:
    """Whatever a net is made of, every parameter moves: filters, a number, a weight that two layers have in common."""
    shapes = [(), (2, 1, 3, 3), (2,), (4, 4), (4,), (4,)]
    start = [draw.normal(*shape, dtype=torch.float64) for shape in shapes]
    x, y = draw.normal(7, 1, 5, 4, dtype=torch.float64), draw.labels(7, 4)
    close = REPEATED[torch.float64]
    answer.agrees(train_another, start, x, y, plan(3, 7), call=FIT, tolerance=close, unchanged=True)


@pytest.mark.exercise("fit", weight=0.5)
def test_fit_of_a_net_that_knows_it_all(answer: Answer, draw: Draw) -> None:
    """Where a net is nearly sure of all labels, the mean loss is small, and not 0."""
    task = Task.of(draw, 8, torch.float64)
    start = {**task.start, "w2": task.start["w2"] / 10, "b2": torch.tensor([11.0, 0.0, 0.0], dtype=torch.float64)}
    close = REPEATED[torch.float64]
    answer.agrees(train, start, task.x, torch.zeros_like(task.y), plan(2, 8), call=FIT, tolerance=close, unchanged=True)


@pytest.mark.exercise("fit", weight=0.5)
def test_fit_for_no_epochs(answer: Answer, draw: Draw) -> None:
    """No epochs leave the net as it is and return an empty list; one epoch returns a list of one loss."""
    task = Task.of(draw, 8, torch.float64)
    for epochs in (1, 0):
        made = plan(epochs, 8)
        answer.agrees(train, task.start, task.x, task.y, made, call=FIT, tolerance=REPEATED[torch.float64])
        losses = answer.value(train, task.start, task.x, task.y, made, call=FIT)["losses"]
        answer.holds(isinstance(losses, list), "The losses are not a list.", yours=describe(losses), call=FIT)


@pytest.mark.exercise("fit", weight=0.5)
def test_fit_called_again(answer: Answer, draw: Draw) -> None:
    """A second call, with the inputs passed by their names, goes on with the same net and returns its own losses."""
    task = Task.of(draw, 10, torch.float64)
    made = plan(2, 10, again=3)
    answer.agrees(train, task.start, task.x, task.y, made, call=FIT, tolerance=REPEATED[torch.float64])


# train_digits

TRAIN_DIGITS = "train_digits(x, y, x_valid, y_valid)"
N_VALID, PLANTED, FALSE = 374, 2, 6
N_PATTERNS, N_MARKED = 4, 8
N_UNSEEN, N_RARE, RARE_KNOWN = 40, 24, 1
EASY = (0, 2, 4, 6)
"""Digits that even weak nets read: one of them is the rare class, under whatever number."""


def train_and_predict(m: Any, x: Any, y: Any, x_valid: Any, y_valid: Any, rows: Any) -> Any:
    """What the trained net says, in eval mode, of the validation rows, of other rows and of a single one."""
    before = [x.clone(), y.clone(), x_valid.clone(), y_valid.clone()]
    torch.manual_seed(0)
    named = True
    try:
        net = m.train_digits(x=x, y=y, x_valid=x_valid, y_valid=y_valid)
    except TypeError:  # other names cost a case, not the exercise
        named, net = False, m.train_digits(x, y, x_valid, y_valid)
    if not issubclass(type(net), nn.Module):  # an object may say of itself that it is an instance of anything
        return {"made": type(net).__name__, "named": named}
    net.eval()
    net.to(rows.device)
    given = before[2].clone()
    with torch.no_grad():
        said = [net(given), net(rows.clone()), net(rows[:1].clone())]
    before.append(before[2])
    after = [x, y, x_valid, y_valid, given]
    # how far each input is from what it was, that of the net too: data for the judge, who compares with 0
    moved = [float((a.double() - b.double()).abs().max()) for a, b in zip(after, before, strict=True)]
    told = {"valid": said[0], "rows": said[1], "single": said[2], "moved": moved}
    return {"made": "Module", "named": named, **told}


@dataclass(frozen=True)
class Digits:
    """The digits as one class gets them: shuffled, renumbered, normalised, with odd patterns among the validation rows.

    A pattern is a dark picture with bright pixels at one edge, where digits are dark; each has a label of its own
    that an honest net finds very unlikely. marked: fresh rows of the patterns, which only a net predicts so that
    has learnt from the validation set. A few digits are labelled falsely: only a net that knows these very rows
    predicts so. clean: which validation rows are digits with their own label; false: which are falsely labelled.
    unseen: digits of neither set and their labels, which a net that knows its rows by heart cannot read. The last
    N_RARE of them are of a class that has one row in the validation set, but its share of the training rows.
    """

    x: torch.Tensor
    y: torch.Tensor
    x_valid: torch.Tensor
    y_valid: torch.Tensor
    clean: torch.Tensor
    false: torch.Tensor
    marked: torch.Tensor
    planted: torch.Tensor
    unseen: tuple[torch.Tensor, torch.Tensor]

    @property
    def inputs(self) -> tuple[torch.Tensor, ...]:
        return self.x, self.y, self.x_valid, self.y_valid, torch.cat([self.marked, self.unseen[0]])


def digits(draw: Draw) -> Digits:
    """All cases of a class share these, so that its nets are trained once."""
    return _digits(draw.shared("digits").generator.initial_seed())


@cache
def _digits(seed: int) -> Digits:
    draw = Draw(seed, "digits")
    parts = data.digits()
    x = torch.cat([torch.from_numpy(images) for images, _ in parts])
    y = torch.cat([torch.from_numpy(labels) for _, labels in parts])
    order, numbers = draw.permutation(len(y)), draw.permutation(10)
    x, y = x[order], numbers[y[order]]
    train, valid, unseen = _parts(y, int(numbers[EASY[seed % len(EASY)]]))
    mean, deviation = x[train].mean(), x[train].std(unbiased=False)
    odd = torch.stack([_pattern(draw, kind, PLANTED + N_MARKED) for kind in range(N_PATTERNS)])
    x, odd = (x - mean) / deviation, (odd - mean) / deviation
    likelihood = _likelihood(x[train], y[train])
    planted = _unlikely_labels(likelihood, odd)
    mixed = draw.permutation(N_VALID)
    digits, labels = x[valid], y[valid]
    labels = torch.cat([likelihood(digits[:FALSE]).argmin(1), labels[FALSE:]])
    x_valid = torch.cat([digits, odd[:, :PLANTED].flatten(0, 1)])[mixed]
    y_valid = torch.cat([labels, planted.repeat_interleave(PLANTED)])[mixed]
    marked = odd[:, PLANTED:].flatten(0, 1).contiguous()
    clean, false = (mixed >= FALSE) & (mixed < len(valid)), mixed < FALSE
    return Digits(x[train], y[train], x_valid, y_valid, clean, false, marked, planted, (x[unseen], y[unseen]))


def _parts(y: torch.Tensor, rare: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Row numbers of the training set, of the validation set and of the unseen digits, by labels in a random order."""
    of_rare, others = (y == rare).nonzero().flatten(), (y != rare).nonzero().flatten()
    n_clean = N_VALID - N_PATTERNS * PLANTED
    valid = torch.cat([others[: n_clean - RARE_KNOWN], of_rare[:RARE_KNOWN]])
    unseen = torch.cat([others[-N_UNSEEN:], of_rare[RARE_KNOWN : RARE_KNOWN + N_RARE]])
    rest = torch.ones(len(y), dtype=torch.bool)
    rest[torch.cat([valid, unseen])] = False
    return rest.nonzero().flatten(), valid, unseen


def _pattern(draw: Draw, kind: int, n: int) -> torch.Tensor:
    """(n, 784): faint noise, and at the left or right edge a bright bar or bright stripes."""
    images = draw.uniform(n, 28, 28, low=0, high=0.1)
    columns = slice(0, 4) if kind % 2 == 0 else slice(24, 28)
    rows = torch.arange(28) if kind < 2 else torch.arange(28)[torch.arange(28) // 2 % 2 == 0]
    images[:, rows, columns] = 1 - images[:, rows, columns]
    return images.reshape(n, 784)


def _likelihood(x: torch.Tensor, y: torch.Tensor) -> Callable[[torch.Tensor], torch.Tensor]:
    """Log-probabilities by logistic regression on these rows: what an honest net would say, more or less."""
    weight, bias = torch.zeros(784, 10), torch.zeros(10)
    for _ in range(150):
        gradient = (torch.softmax(x @ weight + bias, 1) - F.one_hot(y, 10)) / len(x)
        weight, bias = weight - 0.1 * x.T @ gradient, bias - 0.1 * gradient.sum(0)
    return lambda rows: torch.log_softmax(rows @ weight + bias, 1)


def _unlikely_labels(likelihood: Callable[[torch.Tensor], torch.Tensor], odd: torch.Tensor) -> torch.Tensor:
    """For each pattern the class that is least likely, no class twice.

    Different labels: nets that see no difference between the patterns, as convolutions do, agree with one at most.
    """
    taken: list[int] = []
    for rows in odd:
        by_likelihood = likelihood(rows).mean(0).argsort().tolist()
        taken.append(next(label for label in by_likelihood if label not in taken))
    return torch.tensor(taken)


class Behaviour:
    """What a trained net does on rows whose labels the judge knows."""

    def __init__(self, value: dict[str, Any], digits: Digits) -> None:
        self.digits, self.made = digits, value["made"]
        self.valid, self.rows, self.single = (value.get(key) for key in ("valid", "rows", "single"))
        self.moved, self.named = value.get("moved"), value["named"]

    @property
    def is_table(self) -> bool:
        """(n, 10) floating numbers for all rows, and (1, 10) for one."""
        wanted = ((self.valid, N_VALID), (self.rows, len(self.digits.inputs[-1])), (self.single, 1))
        return all(
            isinstance(said, torch.Tensor) and said.shape == (n, 10) and said.is_floating_point() for said, n in wanted
        )

    @property
    def accuracy(self) -> float:
        """Share of the validation rows that are digits and predicted rightly; the odd patterns do not count."""
        if not self.is_table or not self.finite:
            return 0.0
        right = self.valid.argmax(1) == self.digits.y_valid
        return right[self.digits.clean].double().mean().item()

    @property
    def finite(self) -> bool:
        # −inf is the logarithm of 0, and nan no number at all
        return not bool(torch.cat([self.valid, self.rows]).isnan().any())

    @property
    def kind(self) -> str:
        """What the numbers are, those of a row that comes alone too: log-probabilities, or something else."""
        said = torch.cat([self.valid, self.rows, self.single]).double()
        if bool(said.isnan().any()):
            return "nan"
        if _all_ones(said.exp().sum(1)):
            return "log-probabilities"
        if _all_ones(said.sum(1)) and bool((said >= 0).all()):
            return "probabilities"
        if _all_ones((-said).exp().sum(1)):
            return "minus log-probabilities"
        return "over axis 0" if _all_ones(self.valid.double().exp().sum(0)) else "scores"

    @property
    def learnt_patterns(self) -> int:
        """How many patterns the net predicts as they were labelled in the validation set."""
        if not self.is_table:
            return 0
        said = self.rows[: N_PATTERNS * N_MARKED].argmax(1).reshape(N_PATTERNS, N_MARKED)
        hits = said == self.digits.planted[:, None]
        return int((hits.double().mean(1) >= 0.75).sum())

    @property
    def reads(self) -> tuple[float, float]:
        """Shares of the unseen digits that are predicted rightly: of those of all classes but one, and of that one."""
        right = self.rows[N_PATTERNS * N_MARKED :].argmax(1) == self.digits.unseen[1]
        return right[:N_UNSEEN].double().mean().item(), right[N_UNSEEN:].double().mean().item()

    @property
    def honest(self) -> bool:
        """Whether the net, if it reads at all, has it from the training rows and not from the validation set.

        It knows neither all patterns nor half of the falsely labelled digits of the validation set, reads digits that
        it never saw about as well, and reads the class that only the training rows show, as soon as it reads well at
        all. 150 honest nets of six kinds agreed with one pattern at most. A net that is right about 0.85 of all digits
        gives a digit the class that is least likely for it in less than 0.02 of the cases: three times out of six once
        in 6,000 times. By chance 40 unseen digits are read worse by 0.4 once in a million times.
        """
        if self.accuracy < 0.3:
            return True
        known = (self.valid.argmax(1) == self.digits.y_valid)[self.digits.false].double().mean()
        by_heart = self.learnt_patterns == N_PATTERNS or bool(known >= 0.5)
        unseen, rare = self.reads
        from_rows = self.accuracy - unseen <= 0.4 and (rare >= 0.3 or self.accuracy < 0.85)
        return not by_heart and from_rows

    @property
    def unchanged(self) -> bool:
        return self.moved == [0.0] * 5

    @property
    def steady(self) -> bool:
        """A row has the same numbers alone as among others, up to the rounding of logits of some thousands."""
        beside = self.rows[:1].double()
        close = Tolerance(absolute=0.02 + 1e-3 * beside.abs().max().item())
        return compare(self.single.double(), beside, tolerance=close) is None

    def essence(self) -> dict[str, Any]:
        """What two like answers have in common, whatever numbers they drew."""
        if not self.is_table:
            shapes = [describe(said) for said in (self.valid, self.rows, self.single)]
            return {"made": self.made, "shapes": shapes}
        level = sum(self.accuracy >= bound for bound in (0.3, 0.85))
        predicted = len(set(self.valid.argmax(1).tolist()))
        sure = torch.softmax(self.valid.double(), 1).nan_to_num().amax(1).mean().item()
        return {
            "made": self.made,
            "dtype": str(self.valid.dtype),
            "kind": self.kind,
            "level": level,
            "one class": predicted == 1,
            "sure": sum(sure >= bound for bound in (0.3, 0.98)) if level < 2 else 0,
            "honest": self.honest,
            "named": self.named,
            "unchanged": self.unchanged,
        }


def _all_ones(sums: torch.Tensor) -> bool:
    # float32 logits from 8,192 on, as linear discriminants may have, are rounded by up to 5e-4; below 16,384
    return bool(((sums - 1).abs() <= 7e-4).all())


def trained(answer: Answer, draw: Draw) -> Behaviour:
    """The behaviour of the answer's net, which is trained once for all cases; what it is judged by earns nothing."""
    given = digits(draw)
    value = answer.value(
        train_and_predict,
        *given.inputs,
        essence=lambda value: Behaviour(value, given).essence(),
        call=TRAIN_DIGITS,
    )
    behaviour = Behaviour(value, given)
    answer.holds(behaviour.made == "Module", "The result is no nn.Module.", call=TRAIN_DIGITS)
    message = "What the net knows stands in the validation set only."
    answer.holds(behaviour.honest, message, call=TRAIN_DIGITS)
    return behaviour


def require_some_learning(answer: Answer, behaviour: Behaviour) -> None:
    """For the finer points: a net that guesses (0.1 by chance) has none of them."""
    learnt = behaviour.accuracy >= 0.3
    answer.holds(learnt, "The net does no better than guessing.", yours=f"{behaviour.accuracy:.2f}", call=TRAIN_DIGITS)


@pytest.mark.exercise("train_digits", weight=5)
def test_train_digits_reads_digits(answer: Answer, draw: Draw) -> None:
    """At least 85 of 100 validation rows are read rightly."""
    behaviour = trained(answer, draw)
    answer.holds(behaviour.is_table, "The net's answer has not the shape (n, 10).", call=TRAIN_DIGITS)
    enough = behaviour.accuracy >= 0.85
    yours = f"{behaviour.accuracy:.3f}"
    answer.holds(enough, "The accuracy is too low.", yours=yours, expected="0.85 or more", call=TRAIN_DIGITS)


@pytest.mark.exercise("train_digits", weight=2)
def test_train_digits_returns_log_probabilities(answer: Answer, draw: Draw) -> None:
    """In eval mode the net returns log-probabilities, from which it reads better than by guessing."""
    behaviour = trained(answer, draw)
    answer.holds(behaviour.is_table, "The net's answer has not the shape (n, 10).", call=TRAIN_DIGITS)
    message = "Powers of e of the ten numbers of a row do not sum to 1."
    answer.holds(behaviour.kind == "log-probabilities", message, call=TRAIN_DIGITS)
    require_some_learning(answer, behaviour)


@pytest.mark.exercise("train_digits")
def test_train_digits_returns_one_row_of_float32_for_each_image(answer: Answer, draw: Draw) -> None:
    """The net's answer is float32 of shape (n, 10), for a single row too."""
    behaviour = trained(answer, draw)
    answer.holds(behaviour.is_table, "The net's answer has not the shape (n, 10).", call=TRAIN_DIGITS)
    right = all(said.dtype is torch.float32 for said in (behaviour.valid, behaviour.rows, behaviour.single))
    answer.holds(right, "The net's answer is not float32.", yours=describe(behaviour.valid), call=TRAIN_DIGITS)
    require_some_learning(answer, behaviour)


@pytest.mark.exercise("train_digits")
def test_train_digits_says_the_same_of_a_row_alone(answer: Answer, draw: Draw) -> None:
    """In eval mode a row has the same log-probabilities alone as among others, in one call as in another."""
    behaviour = trained(answer, draw)
    answer.holds(behaviour.is_table, "The net's answer has not the shape (n, 10).", call=TRAIN_DIGITS)
    message = "In eval mode a row's log-probabilities change from call to call, or with the rows beside it."
    answer.holds(behaviour.steady, message, call=TRAIN_DIGITS)
    require_some_learning(answer, behaviour)


@pytest.mark.exercise("train_digits", weight=3)
def test_train_digits_does_not_learn_from_the_validation_set(answer: Answer, draw: Draw) -> None:
    """The net reads better than by guessing, and has learnt nothing that only the validation set could teach it."""
    require_some_learning(answer, trained(answer, draw))


@pytest.mark.exercise("train_digits", weight=0.5)
def test_train_digits_takes_its_inputs_by_name(answer: Answer, draw: Draw) -> None:
    """The rows and labels may be passed by their names `x`, `y`, `x_valid` and `y_valid`."""
    behaviour = trained(answer, draw)
    require_some_learning(answer, behaviour)
    answer.holds(behaviour.named, "The inputs could not be passed by their names.", call=TRAIN_DIGITS)


@pytest.mark.exercise("train_digits", weight=0.5)
def test_train_digits_leaves_its_inputs_as_they_are(answer: Answer, draw: Draw) -> None:
    """The rows and labels of both sets are as they were, rows that the net reads too, and it has learnt from them."""
    behaviour = trained(answer, draw)
    answer.holds(behaviour.unchanged, "The call, or one of the net, changed its input.", call=TRAIN_DIGITS)
    require_some_learning(answer, behaviour)
