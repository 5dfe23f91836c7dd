"""Known mistakes of 07_training: each is one wrong answer, its docstring the explanation for whoever made it."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from grader.judge.known import stands_for

# matmul


def _fitting(a, b):
    if a.shape[1] != b.shape[0]:
        raise ValueError("the inner sizes differ")


def _right_matmul(a, b):
    _fitting(a, b)
    return (a[:, :, None] * b[None]).sum(1)


@stands_for("matmul")
def matmul_entry_by_entry(a, b):
    """Your values match a product entry by entry, a * b. In a matrix product a whole row of `a` meets a whole column
    of `b` in each entry."""
    _fitting(a, b)
    return a * b


@stands_for("matmul")
def matmul_of_swapped_factors(a, b):
    """Your values match b·a in the place of a·b. The order matters: rows are taken from `a`, columns from `b`."""
    return _right_matmul(b, a)


@stands_for("matmul")
def matmul_rows_times_rows(a, b):
    """Your values match rows of `a` times rows of `b`. The second factor gives its columns: which index of b stands
    still while the sum runs?"""
    return _right_matmul(a, b.T)


@stands_for("matmul")
def matmul_transposed(a, b):
    """Your result has its two axes exchanged. Entry [i, j] belongs to row i of `a` and column j of `b`."""
    return _right_matmul(a, b).T


@stands_for("matmul")
def matmul_as_mean(a, b):
    """Your values are too small by the inner size, as after a mean over the pairs. The pairs are added up."""
    _fitting(a, b)
    return (a[:, :, None] * b[None]).mean(1)


@stands_for("matmul")
def matmul_without_sum(a, b):
    """Your result still has three axes: all pairs were multiplied, but not yet added up. Over which of the three does
    the sum run?"""
    _fitting(a, b)
    return a[:, :, None] * b[None]


@stands_for("matmul")
def matmul_of_first_terms_only(a, b):
    """Your values match the first pair of each sum alone. All k pairs of an entry have to be added up: is the loop
    left too early, or is the entry overwritten?"""
    _fitting(a, b)
    return a[:, :1] * b[:1]


@stands_for("matmul")
def matmul_of_last_terms_only(a, b):
    """Your values match the last pair of each sum alone. An entry seems to be overwritten in the loop where the next
    pair should be added to it."""
    _fitting(a, b)
    return a[:, -1:] * b[-1:]


@stands_for("matmul")
def matmul_without_the_last_term(a, b):
    """Your values lack the last pair of each sum. range(k) already stops at k − 1."""
    _fitting(a, b)
    return (a[:, :-1, None] * b[None, :-1]).sum(1)


@stands_for("matmul")
def matmul_without_check(a, b):
    """Your products are right, but inner sizes that differ go unnoticed when one of them is 1, since it is stretched,
    or raise an error of torch's. Compare the two sizes yourself, and raise a ValueError."""
    return (a[:, :, None] * b[None]).sum(1)


@stands_for("matmul")
def matmul_that_lets_ones_through(a, b):
    """Your products are right, but an inner size of 1 passes beside any other. 1 is a size like the others here: the
    two must be equal."""
    if a.shape[1] != b.shape[0] and 1 not in (a.shape[1], b.shape[0]):
        raise ValueError("the inner sizes differ")
    return (a[:, :, None] * b[None]).sum(1)


@stands_for("matmul")
def matmul_over_the_smaller_size(a, b):
    """Your products are right, but where the inner sizes differ the longer one is cut off in silence. This should
    raise a ValueError."""
    k = min(a.shape[1], b.shape[0])
    return (a[:, :k, None] * b[None, :k]).sum(1)


@stands_for("matmul")
def matmul_with_check_of_a_only(a, b):
    """Your products are right, and a ValueError comes where `a` has too many columns, but not where `b` has too many
    rows. The two sizes must be equal."""
    if a.shape[1] > b.shape[0]:
        raise ValueError("the inner sizes differ")
    return (a[:, :, None] * b[None, : a.shape[1]]).sum(1)


@stands_for("matmul")
def matmul_with_check_of_b_only(a, b):
    """Your products are right, and a ValueError comes where `b` has too many rows, but not where `a` has too many
    columns. The two sizes must be equal."""
    if a.shape[1] < b.shape[0]:
        raise ValueError("the inner sizes differ")
    return (a[:, : b.shape[0], None] * b[None]).sum(1)


@stands_for("matmul")
def matmul_with_check_of_outer_sizes(a, b):
    """Your function compares the wrong sizes: the rows of `a` need not be as many as the columns of `b`. The inner
    sizes are the columns of `a` and the rows of `b`."""
    if a.shape[0] != b.shape[1]:
        raise ValueError("the sizes differ")
    return (a[:, :, None] * b[None]).sum(1)


@stands_for("matmul")
def matmul_with_check_of_whole_shapes(a, b):
    """Your function asks for two matrices of the same shape. Only the columns of `a` and the rows of `b` must be
    equal in number."""
    if a.shape != b.shape:
        raise ValueError("the shapes differ")
    return (a[:, :, None] * b[None]).sum(1)


@stands_for("matmul")
def matmul_with_assertion(a, b):
    """Your products are right, but inner sizes that differ raise an AssertionError. What is asked for is a
    ValueError: `raise ValueError(…)`."""
    assert a.shape[1] == b.shape[0]
    return (a[:, :, None] * b[None]).sum(1)


@stands_for("matmul")
def matmul_that_returns_none(a, b):
    """Your products are right, but where the inner sizes differ None is returned. `raise ValueError(…)` ends the call
    with an error that nobody can overlook."""
    if a.shape[1] != b.shape[0]:
        return None
    return (a[:, :, None] * b[None]).sum(1)


@stands_for("matmul")
def matmul_detached(a, b):
    """Your values are right, but no gradient flows back to `a` and `b`. Something cuts the graph: `item`, `detach`,
    `.data`, `no_grad`, NumPy, or a tensor built anew from numbers."""
    return _right_matmul(a.detach(), b.detach())


@stands_for("matmul")
def matmul_with_one_gradient(a, b):
    """Your values are right, but a gradient flows back to `a` only. Something cuts `b` off the graph."""
    return _right_matmul(a, b.detach())


@stands_for("matmul")
def matmul_in_float64(a, b):
    """Your values are right, but they are float64 whatever came in. The product has the dtype of its inputs."""
    return _right_matmul(a.double(), b.double())


@stands_for("matmul")
def matmul_in_float32(a, b):
    """Your values match a computation in float32 whatever came in. The product has the dtype of its inputs: does your
    table of zeros have it?"""
    return _right_matmul(a.float(), b.float())


@stands_for("matmul")
def matmul_in_the_default_dtype(a, b):
    """Your values are right, but they have torch's default dtype, as torch.zeros(n, m) has. The product has the dtype
    of its inputs: tell torch.zeros, or use a.new_zeros."""
    return _right_matmul(a, b).to(torch.get_default_dtype())


@stands_for("matmul")
def matmul_as_whole_numbers(a, b):
    """Your values match products cut to whole numbers. The result has the dtype of its inputs."""
    return _right_matmul(a, b).long()


@stands_for("matmul")
def matmul_for_squares(a, b):
    """Your function fills a square table with as many rows and columns as `a` has rows. The product has the rows of
    `a` and the columns of `b`."""
    _fitting(a, b)
    n = a.shape[0]
    result = a.new_zeros(n, n)
    for i in range(n):
        for j in range(n):
            result[i, j] = (a[i] * b[:, j]).sum()
    return result


@stands_for("matmul")
def matmul_that_drops_axes_of_size_1(a, b):
    """Your values are right, but axes of size 1 have vanished from the result. A single row is still a table of one
    row: do not squeeze."""
    return _right_matmul(a, b).squeeze()


# fit_line


def _slopes(x, y, a, b):
    error = a * x + b - y
    return 2 * (error * x).mean().item(), 2 * error.mean().item()


def _descent(x, y, lr, steps, slopes=_slopes, start=(0.0, 0.0)):
    a, b = start
    for _ in range(steps):
        slope_a, slope_b = slopes(x, y, a, b)
        a, b = a - lr * slope_a, b - lr * slope_b
    return a, b


@stands_for("fit_line")
def line_without_the_factor_2(x, y, lr, steps):
    """Your values match slopes without the factor 2. The derivative of a square brings it in: that of e² is 2·e."""
    return _descent(x, y, lr / 2, steps)


@stands_for("fit_line")
def line_with_sum_of_errors(x, y, lr, steps):
    """Your values match the sum of the squared errors, whose slopes are n times too large. The loss is their mean."""
    return _descent(x, y, lr * len(x), steps)


@stands_for("fit_line")
def line_with_sum_and_without_the_factor_2(x, y, lr, steps):
    """Your values match slopes that are summed over the points and lack the factor 2. The loss is the mean of the
    squares, and a square brings the factor in."""
    return _descent(x, y, lr * len(x) / 2, steps)


@stands_for("fit_line")
def line_that_keeps_the_best(x, y, lr, steps):
    """Your values match the best line on the way. What is asked for is where the last step leads, also when it leads
    away: that shows that lr is too large."""
    lines = [(0.0, 0.0)]
    for _ in range(steps):
        lines.append(_descent(x, y, lr, 1, start=lines[-1]))
    return min(lines, key=lambda line: float(((line[0] * x + line[1] - y) ** 2).mean()))


@stands_for("fit_line")
def line_divided_twice(x, y, lr, steps):
    """Your values match slopes that were divided by the number of points twice. A mean is divided already."""
    return _descent(x, y, lr / len(x), steps)


@stands_for("fit_line")
def line_uphill(x, y, lr, steps):
    """Your values match steps in the direction of the slope, which go uphill. Subtract lr times the slope."""
    return _descent(x, y, -lr, steps)


@stands_for("fit_line")
def line_with_b_uphill(x, y, lr, steps):
    """Your values match an `a` that goes downhill and a `b` that goes uphill. Look at the sign of b's slope."""
    return _descent(x, y, lr, steps, lambda *p: (_slopes(*p)[0], -_slopes(*p)[1]))


@stands_for("fit_line")
def line_with_a_first(x, y, lr, steps):
    """Your values match an `a` that moves first and a slope in `b` taken at the new `a`. Compute both slopes before
    anything moves."""
    a = b = 0.0
    for _ in range(steps):
        a -= lr * _slopes(x, y, a, b)[0]
        b -= lr * _slopes(x, y, a, b)[1]
    return a, b


@stands_for("fit_line")
def line_with_b_first(x, y, lr, steps):
    """Your values match a `b` that moves first and a slope in `a` taken at the new `b`. Compute both slopes before
    anything moves."""
    a = b = 0.0
    for _ in range(steps):
        b -= lr * _slopes(x, y, a, b)[1]
        a -= lr * _slopes(x, y, a, b)[0]
    return a, b


@stands_for("fit_line")
def line_with_one_step_more(x, y, lr, steps):
    """Your values match one step more than was asked for. range(steps) has exactly `steps` turns."""
    return _descent(x, y, lr, steps + 1)


@stands_for("fit_line")
def line_with_one_step_less(x, y, lr, steps):
    """Your values match one step less than was asked for. range(steps) has exactly `steps` turns; range(1, steps) has
    one less."""
    return _descent(x, y, lr, steps - 1)


@stands_for("fit_line")
def line_with_at_least_one_step(x, y, lr, steps):
    """Your values are right from one step on, but with steps = 0 one step is made all the same. Where is it asked
    whether there is a step to make?"""
    return _descent(x, y, lr, max(steps, 1))


@stands_for("fit_line")
def line_in_closed_form(x, y, lr, steps):
    """Your values match the best line, computed at once. What is asked for is where gradient descent is after exactly
    `steps` steps."""
    if len(x) == 1:
        return 0.0, y.item()
    a = (((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum()).item()
    return a, (y.mean() - a * x.mean()).item()


@stands_for("fit_line")
def line_as_b_and_a(x, y, lr, steps):
    """Your two numbers are right but stand in the wrong order. The slope `a` comes first, then `b`."""
    return _descent(x, y, lr, steps)[::-1]


@stands_for("fit_line")
def line_as_tensors(x, y, lr, steps):
    """Your two values are right but are tensors. What is asked for are Python floats: `item()` makes one of a tensor
    of rank 0."""
    return tuple(torch.tensor(value) for value in _descent(x, y, lr, steps))


@stands_for("fit_line")
def line_as_one_tensor(x, y, lr, steps):
    """Your two values are right but stand in one tensor. What is asked for is a pair of Python floats: `tolist()`
    makes a list of floats of a tensor."""
    return torch.tensor(_descent(x, y, lr, steps))


@stands_for("fit_line")
def line_without_b(x, y, lr, steps):
    """Your `b` stays 0 and only `a` is fitted. Both move in each step, each against its own slope."""
    return _descent(x, y, lr, steps, lambda *p: (_slopes(*p)[0], 0.0))


@stands_for("fit_line")
def line_without_a(x, y, lr, steps):
    """Your `a` stays 0 and only `b` is fitted. Both move in each step, each against its own slope."""
    return _descent(x, y, lr, steps, lambda *p: (0.0, _slopes(*p)[1]))


@stands_for("fit_line")
def line_without_x_in_the_slope(x, y, lr, steps):
    """Your `a` moves by the slope that belongs to `b`. The inner derivative of a·x + b in `a` is x: where does it
    stand in your slope?"""
    return _descent(x, y, lr, steps, lambda *p: (_slopes(*p)[1], _slopes(*p)[1]))


@stands_for("fit_line")
def line_from_ones(x, y, lr, steps):
    """Your values match a start at a = b = 1. The descent starts at a = b = 0."""
    return _descent(x, y, lr, steps, start=(1.0, 1.0))


@stands_for("fit_line")
def line_with_gradients_that_pile_up(x, y, lr, steps):
    """Your values match gradients that are added to those of all steps before. With autograd, clear the gradients
    after each step."""
    a = b = total_a = total_b = 0.0
    for _ in range(steps):
        slope_a, slope_b = _slopes(x, y, a, b)
        total_a, total_b = total_a + slope_a, total_b + slope_b
        a, b = a - lr * total_a, b - lr * total_b
    return a, b


@stands_for("fit_line")
def line_with_absolute_errors(x, y, lr, steps):
    """Your values match the mean absolute error. The loss is the mean of the squared errors, so a larger error has a
    larger slope."""

    def slopes(x, y, a, b):
        sign = (a * x + b - y).sign()
        return (sign * x).mean().item(), sign.mean().item()

    return _descent(x, y, lr, steps, slopes)


@stands_for("fit_line")
def line_by_root_of_the_error(x, y, lr, steps):
    """Your values match the root of the mean squared error. The loss is the mean squared error itself."""

    def slopes(x, y, a, b):
        root = ((a * x + b - y) ** 2).mean().sqrt().item()
        return tuple(slope / (2 * root) for slope in _slopes(x, y, a, b)) if root else (0.0, 0.0)

    return _descent(x, y, lr, steps, slopes)


@stands_for("fit_line")
def line_point_by_point(x, y, lr, steps):
    """Your values match an update after every single point. Here one step looks at all points and moves once."""
    a = b = 0.0
    for _ in range(steps):
        for u, v in zip(x, y):
            slope_a, slope_b = _slopes(u, v, a, b)
            a, b = a - lr * slope_a, b - lr * slope_b
    return a, b


@stands_for("fit_line")
def line_of_the_first_point(x, y, lr, steps):
    """Your values match a descent that looks at the first point only. The slopes are means over all points."""
    return _descent(x[:1], y[:1], lr, steps)


@stands_for("fit_line")
def line_in_place(x, y, lr, steps):
    """Your values are right, but the inputs were changed on the way. An operation such as `-=` on a tensor works in
    place: make a new tensor instead."""
    result = _descent(x, y, lr, steps)
    y -= result[0] * x + result[1]
    return result


@stands_for("fit_line")
def line_rounded(x, y, lr, steps):
    """Your values are right to two places and then rounded. Return the numbers as they are."""
    return tuple(round(value, 2) for value in _descent(x, y, lr, steps))


# sgd_step


def _move(p, change):
    with torch.no_grad():
        p -= change


@stands_for("sgd_step")
def step_uphill(params, lr):
    """Your parameters move in the direction of the gradient, which is uphill. Subtract lr times the gradient."""
    for p in params:
        if p.grad is not None:
            _move(p, -lr * p.grad)
            p.grad = None


@stands_for("sgd_step")
def step_without_lr(params, lr):
    """Your parameters move by the whole gradient. Multiply it by the learning rate first."""
    for p in params:
        if p.grad is not None:
            _move(p, p.grad)
            p.grad = None


@stands_for("sgd_step")
def step_with_clipped_gradient(params, lr):
    """Your parameters move rightly unless a gradient is large: then you cut it off. Plain gradient descent takes each
    gradient as it is."""
    for p in params:
        if p.grad is not None:
            _move(p, lr * p.grad / max(1.0, p.grad.norm().item() / 10))
            p.grad = None


@stands_for("sgd_step")
def step_divided_by_lr(params, lr):
    """Your parameters move by the gradient divided by the learning rate. A small lr is to make a small step:
    multiply."""
    for p in params:
        if p.grad is not None:
            _move(p, p.grad / lr if lr else 0)
            p.grad = None


@stands_for("sgd_step")
def step_that_keeps_the_gradient(params, lr):
    """Your parameters move rightly, but their gradients are still there afterwards. The next backward adds to them:
    clear each one after its step."""
    for p in params:
        if p.grad is not None:
            _move(p, lr * p.grad)


@stands_for("sgd_step")
def step_that_clears_first(params, lr):
    """Your parameters stay where they are, while their gradients are cleared. Move first, then clear."""
    for p in params:
        if p.grad is not None:
            p.grad.zero_()
            _move(p, lr * p.grad)


@stands_for("sgd_step")
def step_to_a_new_name(params, lr):
    """Your parameters stay where they are: p = p − … makes a new tensor and leaves the parameter alone. Change the
    parameter itself, in place."""
    for p in params:
        if p.grad is not None:
            p = p - lr * p.grad


@stands_for("sgd_step")
def step_while_autograd_watches(params, lr):
    """A leaf that asks for gradients must not be changed in place while autograd is watching. Do it under
    `torch.no_grad()`."""
    for p in params:
        if p.grad is not None:
            p -= lr * p.grad
            p.grad = None


@stands_for("sgd_step")
def step_without_looking_for_none(params, lr):
    """Your step fails on a parameter that has no gradient: p.grad is None there. Ask for that first."""
    for p in params:
        _move(p, lr * p.grad)
        p.grad = None


@stands_for("sgd_step")
def step_that_stops_at_none(params, lr):
    """Your loop ends at the first parameter without a gradient, and those after it never move. Skip it and go on:
    `continue` in the place of `break` or `return`."""
    for p in params:
        if p.grad is None:
            return
        _move(p, lr * p.grad)
        p.grad = None


@stands_for("sgd_step")
def step_in_two_loops(params, lr):
    """Your parameters move rightly, but those of a generator keep their gradients: it can be walked through only
    once. Move and clear in one loop, or make a list first."""
    for p in params:
        if p.grad is not None:
            _move(p, lr * p.grad)
    for p in params:
        p.grad = None


@stands_for("sgd_step")
def step_that_clears_in_a_first_loop(params, lr):
    """Your step walks through the parameters twice and finds a generator empty the second time, so nothing moves.
    Walk through them once, or make a list first."""
    having = sum(p.grad is not None for p in params)
    for p in params:
        if having and p.grad is not None:
            _move(p, lr * p.grad)
            p.grad = None


@stands_for("sgd_step")
def step_over_a_list_only(params, lr):
    """Your step counts the parameters with len and fetches them by their number, which only lists and tuples allow. A
    `for` over the parameters takes any iterable."""
    for i in range(len(params)):
        if params[i].grad is not None:
            _move(params[i], lr * params[i].grad)
            params[i].grad = None


@stands_for("sgd_step")
def step_of_the_first_only(params, lr):
    """Only the first parameter moves. Is there a `return` inside your loop?"""
    for p in params:
        if p.grad is not None:
            _move(p, lr * p.grad)
            p.grad = None
        return


@stands_for("sgd_step")
def step_that_needs_a_first(params, lr):
    """Your step takes the first parameter out before its loop and fails when there is none. A loop over nothing does
    nothing: no parameter needs to be treated apart."""
    params = list(params)
    params[0].grad
    for p in params:
        if p.grad is not None:
            _move(p, lr * p.grad)
            p.grad = None


@stands_for("sgd_step")
def step_by_the_sign(params, lr):
    """Your parameters move by lr in the direction of the gradient's sign. The step is lr times the gradient: a
    steeper slope makes a larger step."""
    for p in params:
        if p.grad is not None:
            _move(p, lr * p.grad.sign())
            p.grad = None


@stands_for("sgd_step")
def step_by_the_mean_gradient(params, lr):
    """All numbers of a parameter move by the same amount, the mean of its gradient. Each moves by its own slope."""
    for p in params:
        if p.grad is not None:
            _move(p, lr * p.grad.mean())
            p.grad = None


@stands_for("sgd_step")
def step_of_unit_length(params, lr):
    """Your parameters move by lr times the gradient divided by its length. The length belongs to the step."""
    for p in params:
        if p.grad is not None:
            _move(p, lr * p.grad / p.grad.norm())
            p.grad = None


@stands_for("sgd_step")
def step_by_a_mean_of_parameters(params, lr):
    """Your steps are too small by the number of parameters. Each parameter moves by lr times its own gradient."""
    params = list(params)
    for p in params:
        if p.grad is not None:
            _move(p, lr * p.grad / len(params))
            p.grad = None


@stands_for("sgd_step")
def step_with_weight_decay(params, lr):
    """Your parameters also shrink a little towards 0, as with weight decay. The step is lr times the gradient
    alone."""
    for p in params:
        if p.grad is not None:
            _move(p, lr * (p.grad + 0.01 * p.detach()))
            p.grad = None


@stands_for("sgd_step")
def step_that_halves_the_rest(params, lr):
    """Parameters without a gradient move too. They took no part in the loss and are to stay as they are."""
    for p in params:
        _move(p, 0.5 * p.detach() if p.grad is None else lr * p.grad)
        p.grad = None


@stands_for("sgd_step")
def step_that_freezes(params, lr):
    """After your step the parameters ask for no gradients any more, so that the next backward fails. Whatever you
    switch off for the step has to be on again afterwards."""
    for p in params:
        if p.grad is not None:
            p.requires_grad_(False)
            p -= lr * p.grad
            p.grad = None


@stands_for("sgd_step")
def step_in_float32(params, lr):
    """Your float64 parameters became float32. A parameter keeps its dtype."""
    for p in params:
        if p.grad is not None:
            p.data = (p.data - lr * p.grad).float()
            p.grad = None


@stands_for("sgd_step")
def step_of_matrices_only(params, lr):
    """Parameters of rank 1 or 0, such as a bias, do not move. Every parameter that has a gradient does."""
    for p in params:
        if p.grad is not None:
            if p.ndim > 1:
                _move(p, lr * p.grad)
            p.grad = None


# fit


def _batches(n, batch_size):
    return torch.randperm(n).split(batch_size)


def _nll(net, x, y):
    return F.nll_loss(net(x), y)


def _step(net, lr):
    with torch.no_grad():
        for p in net.parameters():
            if p.grad is not None:
                p -= lr * p.grad
                p.grad = None


def _fit(net, x, y, epochs, batch_size, lr, batches=_batches, labels=None):
    """The right loop, with another way to cut batches or other labels."""
    net.zero_grad()
    losses = []
    for _ in range(epochs):
        total = seen = 0.0
        for rows in batches(len(x), batch_size):
            loss = _nll(net, x[rows], y[rows] if labels is None else labels(y, rows))
            loss.backward()
            _step(net, lr)
            total += loss.item() * len(rows)
            seen += len(rows)
        losses.append(total / seen if seen else 0.0)
    return losses


@stands_for("fit")
def fit_in_the_order_of_the_file(net, x, y, epochs, batch_size, lr):
    """Your batches come in the order of the file. Draw a new random order of the rows at the start of each epoch."""
    return _fit(net, x, y, epochs, batch_size, lr, lambda n, size: torch.arange(n).split(size))


@stands_for("fit")
def fit_with_one_order_for_all(net, x, y, epochs, batch_size, lr):
    """Your order is random, but all epochs go through the same one. Draw it inside the loop over the epochs."""
    order = torch.randperm(len(x))
    return _fit(net, x, y, epochs, batch_size, lr, lambda n, size: order.split(size))


@stands_for("fit")
def fit_that_shuffles_batches(net, x, y, epochs, batch_size, lr):
    """Your batches come in a new order, but each holds the same neighbours every time. Shuffle the rows first and cut
    afterwards."""

    def batches(n, size):
        pieces = torch.arange(n).split(size)
        whole, rest = [p for p in pieces if len(p) == size], [p for p in pieces if len(p) < size]
        return [whole[i] for i in torch.randperm(len(whole))] + rest

    return _fit(net, x, y, epochs, batch_size, lr, batches)


@stands_for("fit")
def fit_that_shuffles_within_batches(net, x, y, epochs, batch_size, lr):
    """Your rows are shuffled within their batches only: each batch holds the same rows in every epoch. Shuffle all
    rows first and cut afterwards."""

    def batches(n, size):
        return [piece[torch.randperm(len(piece))] for piece in torch.arange(n).split(size)]

    return _fit(net, x, y, epochs, batch_size, lr, batches)


@stands_for("fit")
def fit_with_replacement(net, x, y, epochs, batch_size, lr):
    """Your rows are drawn anew for each batch, so some come twice in an epoch and others never. A random order of all
    rows, cut into pieces, holds each exactly once."""

    def batches(n, size):
        return torch.randint(0, n, (n,)).split(size)

    return _fit(net, x, y, epochs, batch_size, lr, batches)


@stands_for("fit")
def fit_without_the_remainder(net, x, y, epochs, batch_size, lr):
    """Your last, smaller batch is left out. Every row is to be visited once an epoch, so what remains is a batch
    too."""

    def batches(n, size):
        order = torch.randperm(n)
        return [order[start : start + size] for start in range(0, n - size + 1, size)]

    return _fit(net, x, y, epochs, batch_size, lr, batches)


@stands_for("fit")
def fit_with_the_remainder_first(net, x, y, epochs, batch_size, lr):
    """Your smaller batch comes first. What remains after the whole batches is the last one."""

    def batches(n, size):
        order, rest = torch.randperm(n), n % size
        return [*([order[:rest]] if rest else []), *(order[rest:].split(size) if rest < n else [])]

    return _fit(net, x, y, epochs, batch_size, lr, batches)


@stands_for("fit")
def fit_with_even_batches(net, x, y, epochs, batch_size, lr):
    """Your rows are cut into batches of nearly equal size. Each batch holds `batch_size` rows, and what remains is
    the last one."""

    def batches(n, size):
        return torch.randperm(n).tensor_split(-(-n // size))

    return _fit(net, x, y, epochs, batch_size, lr, batches)


@stands_for("fit")
def fit_with_batch_size_as_number(net, x, y, epochs, batch_size, lr):
    """Your rows are cut into `batch_size` pieces. `batch_size` is the number of rows in a piece: `split` takes that,
    `chunk` takes the number of pieces."""

    def batches(n, size):
        return torch.randperm(n).chunk(size)

    return _fit(net, x, y, epochs, batch_size, lr, batches)


@stands_for("fit")
def fit_with_one_batch_an_epoch(net, x, y, epochs, batch_size, lr):
    """Only the first batch of each epoch is trained on. Every row is to be visited: is there a `break` or a `return`
    in the inner loop?"""
    return _fit(net, x, y, epochs, batch_size, lr, lambda n, size: torch.randperm(n).split(size)[:1])


@stands_for("fit")
def fit_with_all_rows_at_once(net, x, y, epochs, batch_size, lr):
    """All rows are in one batch, whatever `batch_size` says. Cut the order of the rows into pieces and make one step
    for each."""
    return _fit(net, x, y, epochs, len(x), lr)


@stands_for("fit")
def fit_with_labels_in_another_order(net, x, y, epochs, batch_size, lr):
    """Your rows are shuffled but their labels are not, so the net learns answers to other questions. Pick the labels
    with the same row numbers as the rows."""
    starts = iter(())

    def batches(n, size):
        nonlocal starts
        starts = iter(range(0, n, size))
        return torch.randperm(n).split(size)

    def labels(y, rows):
        start = next(starts)
        return y[start : start + len(rows)]

    return _fit(net, x, y, epochs, batch_size, lr, batches, labels)


@stands_for("fit")
def fit_with_the_mean_of_batches(net, x, y, epochs, batch_size, lr):
    """Your losses are means over the batches, so a short last batch counts as much as a whole one. Weight each batch
    by its number of rows."""
    net.zero_grad()
    losses = []
    for _ in range(epochs):
        told = []
        for rows in _batches(len(x), batch_size):
            loss = _nll(net, x[rows], y[rows])
            loss.backward()
            _step(net, lr)
            told.append(loss.item())
        losses.append(sum(told) / len(told))
    return losses


@stands_for("fit")
def fit_with_the_sum_of_batches(net, x, y, epochs, batch_size, lr):
    """Your losses are sums over the batches of an epoch. What is asked for is the mean over its rows."""
    net.zero_grad()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for rows in _batches(len(x), batch_size):
            loss = _nll(net, x[rows], y[rows])
            loss.backward()
            _step(net, lr)
            total += loss.item()
        losses.append(total)
    return losses if losses else [0.0]


@stands_for("fit")
def fit_with_the_last_loss(net, x, y, epochs, batch_size, lr):
    """Your losses are those of the last batch of each epoch. What is asked for is the mean over all rows of the
    epoch."""
    net.zero_grad()
    losses = []
    for _ in range(epochs):
        for rows in _batches(len(x), batch_size):
            loss = _nll(net, x[rows], y[rows])
            loss.backward()
            _step(net, lr)
        losses.append(loss.item())
    return losses


@stands_for("fit")
def fit_with_losses_after_the_step(net, x, y, epochs, batch_size, lr):
    """Your losses are taken after each batch's step. What is asked for is the loss that a row had when it was trained
    on, before the step."""
    net.zero_grad()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for rows in _batches(len(x), batch_size):
            _nll(net, x[rows], y[rows]).backward()
            _step(net, lr)
            with torch.no_grad():
                total += _nll(net, x[rows], y[rows]).item() * len(rows)
        losses.append(total / len(x))
    return losses


@stands_for("fit")
def fit_with_losses_of_all_rows_afterwards(net, x, y, epochs, batch_size, lr):
    """Your losses are taken over all rows when the epoch is over. What is asked for is the loss that each row had
    when it was trained on, before its batch's step."""
    losses = []
    for _ in range(epochs):
        _fit(net, x, y, 1, batch_size, lr)
        with torch.no_grad():
            losses.append(_nll(net, x, y).item())
    return [round(loss, 14) for loss in losses]


@stands_for("fit")
def fit_with_all_batch_losses(net, x, y, epochs, batch_size, lr):
    """Your list holds one loss for each batch. What is asked for is one for each epoch, the mean over its rows."""
    net.zero_grad()
    losses = []
    for _ in range(epochs):
        for rows in _batches(len(x), batch_size):
            loss = _nll(net, x[rows], y[rows])
            loss.backward()
            _step(net, lr)
            losses.append(loss.item())
    return losses


@stands_for("fit")
def fit_with_one_loss(net, x, y, epochs, batch_size, lr):
    """You return a single number. What is asked for is a list with one for each epoch."""
    losses = _fit(net, x, y, epochs, batch_size, lr)
    return losses[-1] if losses else 0.0


@stands_for("fit")
def fit_with_losses_as_tensors(net, x, y, epochs, batch_size, lr):
    """Your list holds tensors. What is asked for are Python floats: `item()` makes one of a tensor of rank 0."""
    return [torch.tensor(loss) for loss in _fit(net, x, y, epochs, batch_size, lr)]


@stands_for("fit")
def fit_that_returns_none(net, x, y, epochs, batch_size, lr):
    """Your loop trains, but it returns nothing. Collect the mean loss of each epoch in a list and return it."""
    _fit(net, x, y, epochs, batch_size, lr)


@stands_for("fit")
def fit_that_returns_the_net(net, x, y, epochs, batch_size, lr):
    """You return the net, which the caller has already. What is asked for is the list of the mean losses."""
    _fit(net, x, y, epochs, batch_size, lr)
    return net


@stands_for("fit")
def fit_with_gradients_that_pile_up(net, x, y, epochs, batch_size, lr):
    """Your gradients are never cleared, so each step goes along the sum of all gradients so far. Clear them after
    each step."""
    losses = []
    for _ in range(epochs):
        total = 0.0
        for rows in _batches(len(x), batch_size):
            loss = _nll(net, x[rows], y[rows])
            loss.backward()
            with torch.no_grad():
                for p in net.parameters():
                    if p.grad is not None:
                        p -= lr * p.grad
            total += loss.item() * len(rows)
        losses.append(total / len(x))
    return losses


@stands_for("fit")
def fit_that_counts_old_gradients(net, x, y, epochs, batch_size, lr):
    """Your training is right for a net without gradients, but one that has some from before adds them to its first
    step. Clear the gradients before the first backward."""
    losses = []
    for _ in range(epochs):
        total = 0.0
        for rows in _batches(len(x), batch_size):
            loss = _nll(net, x[rows], y[rows])
            loss.backward()
            _step(net, lr)
            total += loss.item() * len(rows)
        losses.append(total / len(x))
    return losses


@stands_for("fit")
def fit_with_one_step_an_epoch(net, x, y, epochs, batch_size, lr):
    """Your step stands behind the loop over the batches, so that there is one an epoch. Each batch makes its own
    step."""
    net.zero_grad()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for rows in _batches(len(x), batch_size):
            loss = _nll(net, x[rows], y[rows])
            loss.backward()
            total += loss.item() * len(rows)
        _step(net, lr)
        losses.append(total / len(x))
    return losses


@stands_for("fit")
def fit_without_a_step(net, x, y, epochs, batch_size, lr):
    """Your losses are computed, but the net never moves. After each backward comes a step."""
    return _fit(net, x, y, epochs, batch_size, 0.0)


@stands_for("fit")
def fit_uphill(net, x, y, epochs, batch_size, lr):
    """Your net moves uphill: its loss grows. Subtract lr times the gradient, and mind the minus in the loss."""
    return _fit(net, x, y, epochs, batch_size, -lr)


@stands_for("fit")
def fit_with_the_sum_of_losses(net, x, y, epochs, batch_size, lr):
    """Your steps are too large by the number of rows in a batch, as with the sum of the losses. The loss of a batch
    is the mean over its rows."""
    net.zero_grad()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for rows in _batches(len(x), batch_size):
            loss = F.nll_loss(net(x[rows]), y[rows], reduction="sum")
            loss.backward()
            _step(net, lr)
            total += loss.item()
        losses.append(total / len(x))
    return losses


@stands_for("fit")
def fit_that_shrinks_the_learning_rate(net, x, y, epochs, batch_size, lr):
    """Your first epoch is right, then the learning rate shrinks. It is the same for the whole training."""
    losses = []
    for epoch in range(epochs):
        losses += _fit(net, x, y, 1, batch_size, lr * 0.9**epoch)
    return losses


@stands_for("fit")
def fit_with_momentum(net, x, y, epochs, batch_size, lr):
    """Your first step is right, then each one also carries on a part of the step before, as with momentum. Plain SGD
    moves by −lr times the gradient alone."""
    net.zero_grad()
    speed = {}
    losses = []
    for _ in range(epochs):
        total = 0.0
        for rows in _batches(len(x), batch_size):
            loss = _nll(net, x[rows], y[rows])
            loss.backward()
            with torch.no_grad():
                for p in net.parameters():
                    if p.grad is not None:
                        speed[p] = 0.9 * speed.get(p, 0) + p.grad
                        p -= lr * speed[p]
            net.zero_grad()
            total += loss.item() * len(rows)
        losses.append(total / len(x))
    return losses


@stands_for("fit")
def fit_with_one_epoch_more(net, x, y, epochs, batch_size, lr):
    """Your loop makes one epoch more than was asked for. range(epochs) has exactly `epochs` turns."""
    return _fit(net, x, y, epochs + 1, batch_size, lr)


@stands_for("fit")
def fit_that_needs_every_gradient(net, x, y, epochs, batch_size, lr):
    """Your training fails on a parameter that has no gradient, because it is frozen or the net does not use it. Ask
    whether p.grad is None before you move it."""
    net.zero_grad()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for rows in _batches(len(x), batch_size):
            loss = _nll(net, x[rows], y[rows])
            loss.backward()
            with torch.no_grad():
                for p in net.parameters():
                    p -= lr * p.grad
            net.zero_grad()
            total += loss.item() * len(rows)
        losses.append(total / len(x))
    return losses


@stands_for("fit")
def fit_that_thaws(net, x, y, epochs, batch_size, lr):
    """Your training moves parameters that were frozen. What asks for no gradient is to stay as it is."""
    for p in net.parameters():
        p.requires_grad_(True)
    return _fit(net, x, y, epochs, batch_size, lr)


@stands_for("fit")
def fit_with_batch_size_up_to_n(net, x, y, epochs, batch_size, lr):
    """Your loop refuses a batch size above the number of rows. All rows are then in one batch."""
    if batch_size > len(x):
        raise ValueError("batch_size is larger than the number of rows")
    return _fit(net, x, y, epochs, batch_size, lr)


@stands_for("fit")
def fit_that_trains_a_copy(net, x, y, epochs, batch_size, lr):
    """Your losses fall, but the net that was handed over stays as it was: a copy was trained. Train the net
    itself."""
    from copy import deepcopy

    return _fit(deepcopy(net), x, y, epochs, batch_size, lr)


@stands_for("fit")
def fit_that_shuffles_in_place(net, x, y, epochs, batch_size, lr):
    """Your training is right, but the rows of `x` and `y` were shuffled in place. They are to stay as they are: pick
    rows by their numbers instead."""
    order = torch.randperm(len(x))
    x[:], y[:] = x[order], y[order]
    return _fit(net, x, y, epochs, batch_size, lr)


@stands_for("fit")
def fit_of_flat_rows(net, x, y, epochs, batch_size, lr):
    """Your training flattens and shifts its rows before the net sees them. The net gets the rows as they are: what it
    does with them is its own affair."""
    return _fit(net, (x - x.mean(0)).flatten(1), y, epochs, batch_size, lr)


# train_digits


def _net(last=None):
    return nn.Sequential(nn.Linear(784, 10), nn.LogSoftmax(dim=1) if last is None else last)


def _trained(x, y, epochs=4, lr=0.1, net=None, **how):
    # few epochs: a class's first wrong answer waits until all of these are trained
    net = net or _net()
    _fit(net, x, y, epochs, 64, lr, **how)
    return net


class _Changed(nn.Module):
    """A net whose answer is changed by a function."""

    def __init__(self, net, change):
        super().__init__()
        self.net, self.change = net, change

    def forward(self, x):
        return self.change(self.net(x))


@stands_for("train_digits")
def digits_as_probabilities(x, y, x_valid, y_valid):
    """Your net returns probabilities. What is asked for are their logarithms: log_softmax is the last step."""
    return _Changed(_trained(x, y), torch.exp)


@stands_for("train_digits")
def digits_as_scores(x, y, x_valid, y_valid):
    """Your net returns scores: their powers of e do not sum to 1. A log_softmax over the classes is still missing as
    the last step."""
    return _trained(x, y)[:1]


@stands_for("train_digits")
def digits_as_minus_log_probabilities(x, y, x_valid, y_valid):
    """Your net returns log-probabilities without their minus, so the likeliest class has the smallest number. The
    minus belongs to the loss."""
    return _Changed(_trained(x, y), torch.neg)


@stands_for("train_digits")
def digits_over_axis_0(x, y, x_valid, y_valid):
    """Your log_softmax runs over the images of a batch. Each image's probabilities must sum to 1: which axis holds
    the classes?"""
    return nn.Sequential(_trained(x, y)[0], nn.LogSoftmax(dim=0))


@stands_for("train_digits")
def digits_as_class_numbers(x, y, x_valid, y_valid):
    """Your net returns the predicted classes. What is asked for are ten log-probabilities for each row; the argmax is
    taken by whoever asks."""
    return _Changed(_trained(x, y), lambda log_p: log_p.argmax(1))


@stands_for("train_digits")
def digits_in_float64(x, y, x_valid, y_valid):
    """Your net's values are right, but they are float64. It returns the dtype of its input, float32."""
    return _Changed(_trained(x, y), torch.Tensor.double)


@stands_for("train_digits")
def digits_untrained(x, y, x_valid, y_valid):
    """Your net only guesses, and is sure of nothing: it looks as if it had not been trained at all. Is the net that
    you return the one that you trained?"""
    net = _net()
    nn.init.normal_(net[0].weight, std=0.001)
    return net


@stands_for("train_digits")
def digits_after_a_few_steps(x, y, x_valid, y_valid):
    """Your net has begun to learn, but has not got far: about half of the digits are right. Give it more epochs, or a
    larger learning rate."""
    net = _net()
    nn.init.zeros_(net[0].weight)
    _fit(net, x[:1000], y[:1000], 1, 250, 0.001)
    return net


@stands_for("train_digits")
def digits_with_shuffled_labels(x, y, x_valid, y_valid):
    """Your net is sure of its answers, and yet right no more often than by chance. It seems to have learnt the labels
    of other rows: were rows and labels shuffled with one and the same order?"""
    return _trained(x, y[torch.randperm(len(y))], epochs=8, lr=0.05)


@stands_for("train_digits")
def digits_uphill(x, y, x_valid, y_valid):
    """Your net is entirely certain of its answers, and mostly wrong: its loss must have grown. Look at the sign of
    the loss or of the step."""
    return _trained(x, y, epochs=3, lr=-0.05)


@stands_for("train_digits")
def digits_of_zeroed_rows(x, y, x_valid, y_valid):
    """Your net says the same class for every image. Do the rows that it is trained on still hold the pictures, and
    are all classes among the labels?"""
    return _trained(torch.zeros_like(x), y, epochs=1, net=_still_zero())


def _still_zero():
    net = _net()
    nn.init.zeros_(net[0].weight)
    return net


@stands_for("train_digits")
def digits_with_too_large_steps(x, y, x_valid, y_valid):
    """Your net returns nan: the training has exploded. Try a smaller learning rate, and a log_softmax that survives
    large scores."""
    net = _net()
    nn.init.constant_(net[0].weight, torch.nan)
    return net


@stands_for("train_digits")
def digits_learnt_from_validation(x, y, x_valid, y_valid):
    """Your net knows labels that stand in the validation set only: it was trained on it. Look at that set as often as
    you like, but compute no gradient from it."""
    return _trained(torch.cat([x, x_valid]), torch.cat([y, y_valid]), epochs=25, lr=0.1)


@stands_for("train_digits")
def digits_returned_as_accuracy(x, y, x_valid, y_valid):
    """You return a number, perhaps the accuracy. What is asked for is the trained net itself."""
    with torch.no_grad():
        return (_net()(x_valid).argmax(1) == y_valid).float().mean().item()


@stands_for("train_digits")
def digits_returned_with_losses(x, y, x_valid, y_valid):
    """You return several things. What is asked for is the trained net alone."""
    return _net(), []


@stands_for("train_digits")
def digits_returned_as_predictions(x, y, x_valid, y_valid):
    """You return a tensor, perhaps the predictions. What is asked for is the trained net itself."""
    return _net()(x_valid).detach()


@stands_for("train_digits")
def digits_returned_as_losses(x, y, x_valid, y_valid):
    """You return a list, perhaps what `fit` returned. What is asked for is the trained net itself."""
    return _fit(_net(), x[:64], y[:64], 1, 64, 0.05)


@stands_for("train_digits")
def digits_not_returned(x, y, x_valid, y_valid):
    """Your function returns nothing. Its last line has to return the trained net."""
    _fit(_net(), x[:64], y[:64], 1, 64, 0.05)


@stands_for("train_digits")
def digits_that_change_their_rows(x, y, x_valid, y_valid):
    """Your net is right, but the inputs were changed on the way. An operation such as `-=` or one that ends in `_`
    works in place: make a new tensor instead."""
    net = _trained(x, y)
    x *= 0.5
    return net
