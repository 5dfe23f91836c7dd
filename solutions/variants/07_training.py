"""Unusual right answers of 07_training: each must get full points."""

from __future__ import annotations

import math
import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from grader.judge.known import stands_for

# matmul


@stands_for("matmul")
def matmul_in_three_loops(a, b):
    """Three loops that add up Python's own way, entry by entry, into a table of zeros."""
    if a.size(1) != b.size(0):
        raise ValueError
    result = torch.zeros(a.size(0), b.size(1), dtype=a.dtype, device=a.device)
    for i in range(a.size(0)):
        for j in range(b.size(1)):
            for t in range(a.size(1)):
                result[i, j] += a[i, t] * b[t, j]
    return result


@stands_for("matmul")
def matmul_row_by_column(a, b):
    """Rows and columns by zip, the entries stacked."""
    if len(a[0]) != len(b):
        raise ValueError("sizes")
    return torch.stack([torch.stack([sum(p * q for p, q in zip(row, column)) for column in b.T]) for row in a])


@stands_for("matmul")
def matmul_by_columns(a, b):
    """A column of the result is a weighted sum of the columns of a."""
    n, k = a.shape
    if b.shape[0] != k:
        raise ValueError(f"({n}, {k}) does not fit {tuple(b.shape)}")
    return torch.cat([(a * b[:, j]).sum(1, keepdim=True) for j in range(b.shape[1])], dim=1)


@stands_for("matmul")
def matmul_by_outer_products(a, b):
    """A sum of outer products."""
    if a.shape[-1] != b.shape[0]:
        raise ValueError
    result = a.new_zeros(len(a), b.shape[1])
    for t in range(len(b)):
        result = result + torch.outer(a[:, t], b[t])
    return result


@stands_for("matmul")
def matmul_by_rows_of_the_transpose(a, b):
    """Broadcasting over rows of a and of b's transpose."""
    (n, k), (other, m) = a.shape, b.shape
    if k != other:
        raise ValueError("inner sizes")
    return (a.unsqueeze(1).expand(n, m, k) * b.t().unsqueeze(0)).sum(dim=-1)


class SizeError(ValueError):
    """An error of the author's own."""


@stands_for("matmul")
def matmul_with_own_error(a, b, check=True):
    """An exception derived from ValueError, an extra parameter, float64 inside."""
    if check and not a.shape[1] == b.shape[0]:
        raise SizeError("no")
    return (a.double()[..., None] * b.double()).sum(-2).to(a.dtype)


@stands_for("matmul")
def matmul_by_recursion(a, b):
    """The inner axis is cut in halves."""
    k = a.shape[1]
    if k != b.shape[0]:
        raise ValueError
    if k == 1:
        return a * b
    half = k // 2
    return matmul_by_recursion(a[:, :half], b[:half]) + matmul_by_recursion(a[:, half:], b[half:])


@stands_for("matmul")
def matmul_by_cumsum(a, b):
    """The last of the running sums."""
    if a.shape[1] != b.shape[0]:
        raise ValueError
    return (a[:, :, None] * b[None]).cumsum(1)[:, -1]


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return (a[:, :, None] * b).sum(1)

    @staticmethod
    def backward(ctx, gradient):
        a, b = ctx.saved_tensors
        return (gradient[:, None, :] * b).sum(2), (a[:, :, None] * gradient[:, None, :]).sum(0)


@stands_for("matmul")
def matmul_with_own_backward(a, b):
    """A function of autograd's with its own backward."""
    if len(a[0]) - len(b):
        raise ValueError("k")
    return _Product.apply(a, b)


@stands_for("matmul")
def matmul_that_looks_after_broadcasting(a, b):
    """torch's own complaint is turned into a ValueError, and the case of size 1 is looked at beforehand."""
    if (a.shape[1] == 1) != (b.shape[0] == 1):
        raise ValueError("one of the sizes is 1")
    try:
        return torch.mul(a[:, :, None], b[None, :, :]).sum(1)
    except RuntimeError as error:
        raise ValueError("the sizes differ") from error


# fit_line


@stands_for("fit_line")
def line_by_autograd(x, y, lr, steps):
    """Leaf tensors in float32, backward, and gradients set to zero."""
    a, b = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True)
    for _ in range(steps):
        ((a * x + b - y) ** 2).mean().backward()
        with torch.no_grad():
            for p in (a, b):
                p -= lr * p.grad
                p.grad.zero_()
    return a.item(), b.item()


@stands_for("fit_line")
def line_by_autograd_grad(x, y, lr, steps):
    """torch.autograd.grad on one tensor of two numbers in the dtype of x; a list of floats."""
    p = torch.zeros(2, dtype=x.dtype, device=x.device, requires_grad=True)
    for _ in range(steps):
        (slope,) = torch.autograd.grad(F.mse_loss(p[0] * x + p[1], y), p)
        p = (p - lr * slope).detach().requires_grad_()
    return p.tolist()


@stands_for("fit_line")
def line_in_plain_python(x, y, lr, steps):
    """Lists of numbers, no tensor at all."""
    x, y, n = x.tolist(), y.tolist(), len(x)
    a, b = 0.0, 0.0
    for _ in range(steps):
        errors = [a * u + b - v for u, v in zip(x, y)]
        a, b = a - lr * 2 / n * sum(e * u for e, u in zip(errors, x)), b - lr * 2 / n * sum(errors)
    return a, b


@stands_for("fit_line")
def line_in_numpy(x, y, lr, steps):
    """NumPy's float64, cast to Python floats."""
    x, y = x.detach().cpu().numpy().astype(np.float64), y.detach().cpu().numpy().astype(np.float64)
    a = b = np.float64(0)
    for _ in range(steps):
        error = y - (a * x + b)
        a, b = a + lr * 2 * np.mean(error * x), b + lr * 2 * np.mean(error)
    return float(a), float(b)


@stands_for("fit_line")
def line_by_moments(x, y, lr, steps):
    """The slopes from five means that are computed once."""
    x, y = x.double(), y.double()
    mx, my, mxx, mxy = (each.mean().item() for each in (x, y, x * x, x * y))
    a = b = 0.0
    for _ in range(steps):
        a, b = a - 2 * lr * (a * mxx + b * mx - mxy), b - 2 * lr * (a * mx + b - my)
    return (a, b)


@stands_for("fit_line")
def line_by_recursion(x, y, lr, steps):
    """The last step after all the others."""
    if steps == 0:
        return 0.0, 0.0
    a, b = line_by_recursion(x, y, lr, steps - 1)
    error = a * x + b - y
    return a - lr * (2 * error * x).mean().item(), b - lr * (2 * error).mean().item()


@stands_for("fit_line")
def line_by_powers_of_a_matrix(x, y, lr, steps):
    """A step is an affine map of (a, b): its matrix, taken to a power."""
    x, y = x.double(), y.double()
    step = torch.eye(3, dtype=torch.float64)
    step[0] -= 2 * lr * torch.stack([(x * x).mean(), x.mean(), -(x * y).mean()])
    step[1] -= 2 * lr * torch.stack([x.mean(), torch.tensor(1.0, dtype=torch.float64), -y.mean()])
    a, b, _ = torch.linalg.matrix_power(step, steps)[:, 2].tolist()
    return a, b


@stands_for("fit_line")
def line_in_a_module(x, y, lr, steps, dtype=torch.float64):
    """A module with one weight and one bias, and another parameter with a default."""
    net = nn.Linear(1, 1).to(dtype)
    nn.init.zeros_(net.weight)
    nn.init.zeros_(net.bias)
    for _ in range(steps):
        net.zero_grad()
        (net(x[:, None].to(dtype)).squeeze(1) - y.to(dtype)).square().sum().div(len(x)).backward()
        for p in net.parameters():
            p.data -= lr * p.grad
    return net.weight.item(), net.bias.item()


@stands_for("fit_line")
def line_in_a_while_loop(x, y, lr, steps):
    """0-d tensors moved under no_grad, and a while loop."""
    a, b = x.new_zeros(()), x.new_zeros(())
    with torch.no_grad():
        while steps > 0:
            e = torch.addcmul(b, a, x) - y
            a, b, steps = a - e.mul(x).mean() * 2 * lr, b - e.mean() * 2 * lr, steps - 1
    return float(a), float(b)


# sgd_step


@stands_for("sgd_step")
def step_with_new_data(params, lr):
    """A new p.data."""
    for p in params:
        if p.grad is not None:
            p.data = p.data - lr * p.grad
            p.grad = None


@stands_for("sgd_step")
def step_on_data(params, lr):
    """p.data changed in place, gradients set to zero in place."""
    for p in params:
        if p.grad is None:
            continue
        p.data.sub_(lr * p.grad.data)
        p.grad.zero_()


@stands_for("sgd_step")
def step_over_a_list(params, lr):
    """A list first, then two loops."""
    params = [p for p in params if p.grad is not None]
    with torch.no_grad():
        for p in params:
            p.add_(p.grad, alpha=-lr)
        for p in params:
            p.grad.fill_(0)
    return params


@torch.no_grad()
def _decorated(params, lr):
    for p in params:
        if isinstance(p.grad, torch.Tensor):
            p.copy_(p - lr * p.grad)
            p.grad = torch.zeros_like(p)


@stands_for("sgd_step")
def step_decorated(params, lr):
    """no_grad as a decorator, copy_, and new zeros for a gradient."""
    _decorated(params, lr)


@stands_for("sgd_step")
def step_with_foreach(params, lr):
    """torch's _foreach functions, one group a dtype."""
    having = [p for p in params if p.grad is not None]
    with torch.no_grad():
        for dtype in {p.dtype for p in having}:
            group = [p for p in having if p.dtype is dtype]
            torch._foreach_add_(group, [p.grad for p in group], alpha=-lr)
    for p in having:
        p.grad = None


@stands_for("sgd_step")
def step_by_next(params, lr):
    """An iterator walked through by hand."""
    walk = iter(params)
    while (p := next(walk, None)) is not None:
        if p.grad is not None:
            with torch.no_grad():
                p.subtract_(p.grad * lr)
            del p.grad


@stands_for("sgd_step")
def step_with_grad_disabled(params, lr, momentum=0.0):
    """set_grad_enabled, and another parameter with a default."""
    before = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    for p in params:
        gradient, p.grad = p.grad, None
        if gradient is not None:
            p += -lr * gradient
    torch.set_grad_enabled(before)


@stands_for("sgd_step")
def step_on_detached(params, lr):
    """detach shares the storage."""
    for p in params:
        if p.grad is not None:
            p.detach()[...] -= lr * p.grad
            p.grad = None


@stands_for("sgd_step")
def step_frozen_for_a_moment(params, lr):
    """requires_grad off for the step and on again."""
    for p in params:
        if p.grad is not None:
            was = p.requires_grad
            p.requires_grad_(False)
            p -= lr * p.grad
            p.requires_grad_(was)
            p.grad = None


@stands_for("sgd_step")
def step_in_inference_mode_of_numbers(params, lr):
    """The move computed by lerp towards p − gradient."""
    for p in params:
        if p.grad is None:
            continue
        with torch.no_grad():
            p.lerp_(p - p.grad, lr)
        p.grad = None


# fit


def _parts(net):
    return [p for p in net.parameters() if p.requires_grad]


def _move(net, lr):
    with torch.no_grad():
        for p in net.parameters():
            if p.grad is not None:
                p -= lr * p.grad
    net.zero_grad()


@stands_for("fit")
def fit_with_data_loader(net, x, y, epochs, batch_size, lr):
    """A DataLoader that shuffles, cross-entropy of log-probabilities."""
    net.zero_grad()
    losses = []
    for _ in range(epochs):
        told = []
        for rows, labels in DataLoader(TensorDataset(x, y), batch_size=batch_size, shuffle=True):
            device = next(net.parameters()).device
            loss = F.cross_entropy(net(rows.to(device)), labels.to(device))
            loss.backward()
            _move(net, lr)
            told += [loss.item()] * len(rows)
        losses.append(math.fsum(told) / len(told))
    return losses


@stands_for("fit")
def fit_on_a_shuffled_copy(net, x, y, epochs, batch_size, lr):
    """A shuffled copy of all rows, cut by slices; zero_grad before backward; labels gathered by hand."""
    device = next(net.parameters()).device
    x, y = x.to(device), y.to(device)
    result = []
    for _ in range(epochs):
        order = torch.randperm(len(y), device=device)
        xs, ys, total = x[order], y[order], 0.0
        for start in range(0, len(y), batch_size):
            a, b = xs[start : start + batch_size], ys[start : start + batch_size]
            net.zero_grad()
            costs = -net(a).gather(1, b[:, None]).squeeze(1)
            costs.mean().backward()
            total += costs.detach().sum().item()
            for p in net.parameters():
                if p.grad is not None:
                    p.data -= lr * p.grad
        result.append(total / len(y))
    return result


@stands_for("fit")
def fit_with_python_shuffle(net, x, y, epochs, batch_size, lr):
    """random.shuffle on a list of row numbers."""
    for p in net.parameters():
        p.grad = None
    device = next(net.parameters()).device
    rows, losses = list(range(len(x))), []
    for _ in range(epochs):
        random.shuffle(rows)
        total = 0
        for i in range(0, len(rows), batch_size):
            some = rows[i : i + batch_size]
            log_p = net(x[some].to(device))
            loss = -sum(log_p[j, label] for j, label in enumerate(y[some].tolist())) / len(some)
            loss.backward()
            _move(net, lr)
            total += loss.detach() * len(some)
        losses.append(float(total / len(rows)))
    return losses


@stands_for("fit")
def fit_with_numpy_order(net, x, y, epochs, batch_size, lr):
    """NumPy's permutation, array_split at fixed places, a mean by numpy.average."""
    net.zero_grad(set_to_none=False)
    device = next(net.parameters()).device
    losses = []
    for _ in range(epochs):
        order = np.random.default_rng().permutation(len(x))
        told, sizes = [], []
        for rows in np.split(order, range(batch_size, len(x), batch_size)):
            index = torch.from_numpy(rows)
            loss = F.nll_loss(net(x[index].to(device)), y[index].to(device))
            loss.backward()
            with torch.no_grad():
                for p in net.parameters():
                    if p.grad is not None:
                        p.sub_(lr * p.grad)
                        p.grad.zero_()
            told.append(loss.item())
            sizes.append(len(rows))
        losses.append(float(np.average(told, weights=sizes)))
    return losses


@stands_for("fit")
def fit_by_autograd_grad(net, x, y, epochs, batch_size, lr):
    """torch.autograd.grad, which never touches .grad."""
    device, losses = next(net.parameters()).device, []
    for _ in range(epochs):
        costs = []
        for rows in torch.randperm(x.shape[0]).split(batch_size):
            each = F.nll_loss(net(x[rows].to(device)), y[rows].to(device), reduction="none")
            slopes = torch.autograd.grad(each.mean(), _parts(net), allow_unused=True)
            with torch.no_grad():
                for p, slope in zip(_parts(net), slopes):
                    if slope is not None:
                        p -= lr * slope
            costs.extend(each.tolist())
        losses.append(sum(costs) / len(costs))
    return losses


@stands_for("fit")
def fit_that_looks_twice(net, x, y, epochs, batch_size, lr, verbose=False):
    """The loss once more under no_grad before each step, and over all rows after each epoch."""
    device = next(net.parameters()).device
    net.zero_grad()
    losses = []
    for epoch in range(epochs):
        total = torch.zeros((), dtype=torch.float64)
        for rows in torch.randperm(len(x)).split(batch_size):
            a, b = x[rows].to(device), y[rows].to(device)
            with torch.no_grad():
                total += F.nll_loss(net(a), b, reduction="sum").cpu()
            F.nll_loss(net(a), b).backward()
            _move(net, lr)
        losses.append((total / len(x)).item())
        with torch.no_grad():
            last = F.nll_loss(net(x.to(device)), y.to(device)).item()
        if verbose and last > 10:
            raise RuntimeError(f"epoch {epoch} has exploded")
    return losses


@stands_for("fit")
def fit_with_argsort_of_noise(net, x, y, epochs, batch_size, lr):
    """The order from sorted random numbers, whole batches as a table of rows, the remainder apart."""
    device = next(net.parameters()).device
    net.zero_grad()

    def train_on(rows):
        log_p, labels = net(x[rows].to(device)), y[rows].to(device)
        loss = -log_p[torch.arange(len(rows)), labels].mean()
        loss.backward()
        _move(net, lr)
        return loss.item() * len(rows)

    def epoch():
        order = torch.rand(len(x)).argsort()
        whole = len(x) // batch_size * batch_size
        total = sum(train_on(rows) for rows in order[:whole].reshape(-1, batch_size)) if whole else 0.0
        return (total + (train_on(order[whole:]) if whole < len(x) else 0.0)) / len(x)

    return [epoch() for _ in range(epochs)]


@stands_for("fit")
def fit_in_one_loop(net, x, y, epochs, batch_size, lr):
    """One loop over all steps, a generator of batches behind it, losses added up in a tensor."""
    device = next(net.parameters()).device
    net.zero_grad()

    def batches():
        for epoch in range(epochs):
            order = torch.randperm(len(x)).tolist()
            while order:
                yield epoch, torch.tensor(order[:batch_size])
                order = order[batch_size:]

    totals = torch.zeros(epochs, dtype=torch.float64)
    for epoch, rows in batches():
        table = F.one_hot(y[rows], int(y.max()) + 1)
        log_p = net(x[rows].to(device))
        loss = -(table.to(log_p) * log_p[:, : table.shape[1]]).sum(1).mean()
        loss.backward()
        _move(net, lr)
        totals[epoch] += loss.item() * len(rows)
    return (totals / len(x)).tolist()


@stands_for("fit")
def fit_with_masks(net, x, y, epochs, batch_size, lr):
    """A random number for each row, and masks: the rows of a batch stand in the order of the file."""
    device = next(net.parameters()).device
    net.zero_grad()
    losses = []
    for _ in range(epochs):
        place = torch.rand(len(x), device=x.device).argsort().argsort()
        total = 0.0
        for start in range(0, len(x), batch_size):
            mine = (start <= place) & (place < start + batch_size)
            loss = F.nll_loss(net(x[mine].to(device)), y[mine].to(device))
            loss.backward()
            _move(net, lr)
            total += loss.item() * int(mine.sum())
        losses.append(total / len(x))
    return losses


@stands_for("fit")
def fit_by_recursion(net, x, y, epochs, batch_size, lr):
    """One epoch and then the others; a module for the loss; index_select."""
    if epochs == 0:
        return []
    device = next(net.parameters()).device
    net.zero_grad()
    total = 0.0
    for rows in torch.split(torch.randperm(len(x)), batch_size):
        loss = nn.NLLLoss()(net(x.index_select(0, rows).to(device)), y.index_select(0, rows).to(device))
        loss.backward()
        _move(net, lr)
        total += float(loss.detach()) * rows.numel()
    return [total / len(x), *fit_by_recursion(net, x, y, epochs - 1, batch_size, lr)]


# train_digits


@stands_for("train_digits")
def digits_by_adam(x, y, x_valid, y_valid):
    """torch.optim's Adam, and the best of all epochs by validation accuracy."""
    net = nn.Sequential(nn.Linear(784, 10), nn.LogSoftmax(-1))
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-3)
    best, kept = -1.0, None
    for _ in range(6):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            F.nll_loss(net(x[rows]), y[rows]).backward()
            optimiser.step()
        with torch.no_grad():
            accuracy = (net(x_valid).argmax(1) == y_valid).float().mean().item()
        if accuracy > best:
            best, kept = accuracy, {name: value.clone() for name, value in net.state_dict().items()}
    net.load_state_dict(kept)
    return net


@stands_for("train_digits")
def digits_until_good_enough(x, y, x_valid, y_valid):
    """Epochs until the validation accuracy reaches 0.9."""
    net = nn.Sequential(nn.Linear(784, 10), nn.LogSoftmax(-1))
    optimiser = torch.optim.SGD(net.parameters(), lr=0.02)
    while (net(x_valid).argmax(1) == y_valid).double().mean() < 0.9:
        for rows in torch.randperm(len(x)).split(32):
            optimiser.zero_grad()
            F.nll_loss(net(x[rows]), y[rows]).backward()
            optimiser.step()
    return net


class _Hidden(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(784, 40), nn.Linear(40, 10)
        self.drop, self.norm = nn.Dropout(0.2), nn.BatchNorm1d(40)

    def forward(self, x):
        return F.log_softmax(self.second(self.drop(torch.relu(self.norm(self.first(x.view(len(x), -1)))))), dim=1)


@stands_for("train_digits")
def digits_with_dropout_and_norm(x, y, x_valid, y_valid):
    """A hidden layer with dropout and batch norm, handed over in train mode."""
    net = _Hidden().train()
    optimiser = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    for _ in range(8):
        for rows in torch.randperm(len(x)).split(64):
            optimiser.zero_grad()
            F.nll_loss(net(x[rows]), y[rows]).backward()
            optimiser.step()
    return net


class _Convolutions(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, 6, 5, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(6 * 144, 10))

    def forward(self, x):
        return self.body(x.reshape(-1, 1, 28, 28)).log_softmax(1)


@stands_for("train_digits")
def digits_by_convolutions(x, y, x_valid, y_valid):
    """Convolutions on images made of the rows."""
    net = _Convolutions()
    optimiser = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(5):
        for rows in torch.randperm(len(x)).split(64):
            optimiser.zero_grad()
            F.nll_loss(net(x[rows]), y[rows]).backward()
            optimiser.step()
    return net.eval()


class _ByHand(nn.Module):
    def __init__(self, weight, bias):
        super().__init__()
        self.weight, self.bias = nn.Parameter(weight), nn.Parameter(bias)

    def forward(self, x):
        scores = x.reshape(x.shape[0], -1) @ self.weight + self.bias
        return scores - scores.logsumexp(1, keepdim=True)


@stands_for("train_digits")
def digits_in_whole_batches(x, y, x_valid, y_valid):
    """Gradients by formula over all rows at once, without autograd."""
    weight, bias = torch.zeros(784, 10), torch.zeros(10)
    table = F.one_hot(y, 10).float()
    for _ in range(120):
        slope = (torch.softmax(x @ weight + bias, 1) - table) / len(x)
        weight, bias = weight - 0.1 * x.T @ slope, bias - 0.1 * slope.sum(0)
    return _ByHand(weight, bias)


@stands_for("train_digits")
def digits_by_least_squares(x, y, x_valid, y_valid):
    """A linear map solved for, and its scores scaled: trained, if not by steps."""
    full = torch.cat([x, torch.ones(len(x), 1)], 1).double()
    table = F.one_hot(y, 10).double()
    solved = torch.linalg.solve(full.T @ full + 50 * torch.eye(785, dtype=torch.double), full.T @ table)
    return _ByHand(5 * solved[:-1].float(), 5 * solved[-1].float())


@stands_for("train_digits")
def digits_by_linear_discriminants(x, y, x_valid, y_valid):
    """Means and one covariance of the classes: logits of several thousands, whose logsumexp is rounded visibly."""
    full, counts = x.double(), torch.bincount(y, minlength=10)[:, None]
    means = full.new_zeros(10, 784).index_add(0, y, full) / counts
    around = full - means[y]
    shared = 0.9 * around.T @ around / len(x)
    shared += 0.1 / 0.9 * shared.diagonal().mean() * torch.eye(784, dtype=torch.double, device=x.device)
    weight = torch.linalg.solve(shared, means.T)
    return _ByHand(weight.float(), (counts[:, 0] / len(x)).log() - 0.5 * (means.T * weight).sum(0).float())


class _Neighbours(nn.Module):
    def __init__(self, x, y):
        super().__init__()
        self.register_buffer("x", x)
        self.register_buffer("table", F.one_hot(y, 10).float())

    def forward(self, x):
        weights = torch.softmax(-torch.cdist(x, self.x), 1)
        return (weights @ self.table + 1e-6).div(1 + 1e-5).log()


@stands_for("train_digits")
def digits_by_neighbours(x, y, x_valid, y_valid):
    """A module without parameters that has learnt its training rows by heart."""
    return _Neighbours(x.clone(), y)


@stands_for("train_digits")
def digits_by_a_mean_of_nets(x, y, x_valid, y_valid):
    """Three nets whose probabilities are averaged."""
    nets = nn.ModuleList()
    for seed in range(3):
        torch.manual_seed(seed)
        net = nn.Sequential(nn.Flatten(), nn.Linear(784, 10), nn.LogSoftmax(1))
        for _ in range(3):
            for rows in torch.randperm(len(x)).split(40):
                net.zero_grad()
                F.nll_loss(net(x[rows]), y[rows]).backward()
                for p in net.parameters():
                    p.data -= 0.05 * p.grad
        nets.append(net)
    return _Mean(nets)


class _Mean(nn.Module):
    def __init__(self, nets):
        super().__init__()
        self.nets = nets

    def forward(self, x):
        return torch.stack([net(x).exp() for net in self.nets]).mean(0).log()
