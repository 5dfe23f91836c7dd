"""Right but unusual answers of 04_softmax: the suites must give each of them full points."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from grader.judge.known import stands_for

# softmax


@stands_for("softmax")
def softmax_row_by_row(x):
    """A loop over the rows of the flattened leading axes."""
    rows = []
    for row in x.reshape(-1, x.shape[-1]):
        powers = torch.exp(row - row.max())
        rows.append(powers / powers.sum())
    return torch.stack(rows).reshape(x.shape)


@stands_for("softmax")
def softmax_by_recursion(x):
    """Recursion on the leading axes."""
    if x.ndim > 1:
        return torch.stack([softmax_by_recursion(each) for each in x])
    powers = torch.exp(x - max(x))
    return powers / sum(powers)


@stands_for("softmax")
def softmax_number_by_number(x):
    """Python's own loops over 0-d tensors, which keep the graph."""
    if x.ndim > 1:
        return torch.stack([softmax_number_by_number(each) for each in x])
    largest = max(number.item() for number in x)
    powers = [(number - largest).exp() for number in x]
    total = powers[0]
    for power in powers[1:]:
        total = total + power
    return torch.stack([power / total for power in powers])


@stands_for("softmax")
def softmax_by_einsum(x):
    """The sum along the last axis as an einsum."""
    powers = torch.exp(x - x.amax(-1, keepdim=True))
    return torch.einsum("...k,...->...k", powers, 1 / torch.einsum("...k->...", powers))


@stands_for("softmax")
def softmax_by_matrix_product(x):
    """The sum along the last axis as a product with a column of ones."""
    powers = torch.exp(x - x.amax(-1, keepdim=True))
    return powers / (powers @ torch.ones(x.shape[-1], 1, dtype=x.dtype, device=x.device))


@stands_for("softmax")
def softmax_by_pairs(x):
    """1 / Σⱼ e^(xⱼ − xᵢ): large differences overflow to infinity, whose inverse is the right 0."""
    mine, others = x.unsqueeze(-1), x.unsqueeze(-2)
    differences = torch.where(mine.isneginf(), torch.inf, others - mine)
    return 1 / torch.exp(differences).sum(-1)


@stands_for("softmax")
def softmax_as_power_of_log_softmax(x):
    """e^(x − log Σ e^x)."""
    largest = x.amax(-1, keepdim=True)
    return torch.exp(x - (largest + torch.log(torch.exp(x - largest).sum(-1, keepdim=True))))


@stands_for("softmax")
def softmax_by_cumsum(x):
    """The sum as the last running sum, the maximum as the last running maximum."""
    powers = torch.exp(x - x.cummax(-1).values[..., -1:])
    return powers / powers.cumsum(-1)[..., -1:]


@stands_for("softmax")
def softmax_by_power_operator(x):
    """Math's e to a power, and the maximum from a sort."""
    powers = math.e ** (x - x.sort(-1).values[..., -1:])
    return powers / powers.sum(-1, keepdim=True)


@stands_for("softmax")
def softmax_by_powers_of_two(x):
    """Powers of 2, with the exponents divided by log 2."""
    powers = torch.exp2((x - x.amax(-1, keepdim=True)) / math.log(2))
    return powers / powers.sum(-1, keepdim=True)


@stands_for("softmax")
def softmax_on_first_axis(x):
    """The classes moved to the front and back again."""
    x = x.movedim(-1, 0)
    powers = torch.exp(x - x.max(0).values)
    return (powers / powers.sum(0)).movedim(0, -1)


@stands_for("softmax")
def softmax_with_more_parameters(x, dim=-1, *, shift=True):
    """Extra parameters with defaults, and a maximum outside the graph."""
    largest = x.detach().amax(dim, keepdim=True) if shift else 0
    return (x - largest).exp().div((x - largest).exp().sum(dim, keepdim=True))


@stands_for("softmax")
def softmax_by_normalising(x):
    """Division by the sum of absolute values: the powers are positive."""
    return F.normalize(torch.exp(x - x.amax(-1, keepdim=True)), p=1, dim=-1)


@stands_for("softmax")
def softmax_with_mask(x):
    """Ruled-out classes set by a mask, the others by the formula."""
    z = x - x.amax(-1, keepdim=True)
    powers = torch.where(x == -math.inf, torch.zeros_like(x), torch.exp(z))
    return powers / powers.sum(-1).unsqueeze(-1)


@stands_for("softmax")
def softmax_in_double_and_back(x):
    """A computation in float64, returned in the dtype that came in."""
    z = x.double()
    powers = torch.exp(z - z.amax(-1, keepdim=True))
    return (powers / powers.sum(-1, keepdim=True)).type_as(x)


@stands_for("softmax")
def softmax_in_one_pass(x):
    """One pass over the classes: the sum so far is rescaled whenever a new maximum turns up."""
    largest, total = x[..., 0], torch.ones_like(x[..., 0])
    for column in x.unbind(-1)[1:]:
        new = torch.maximum(largest, column)
        safe = torch.where(new.isneginf(), torch.zeros_like(new), new)
        start = torch.where(largest.isneginf(), torch.zeros_like(total), total)
        total = start * torch.exp(largest - safe) + torch.exp(column - safe)
        largest = new
    return torch.exp(x - largest.unsqueeze(-1)) / total.unsqueeze(-1)


class _Softmax(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        powers = torch.exp(x - x.amax(-1, keepdim=True))
        shares = powers / powers.sum(-1, keepdim=True)
        ctx.save_for_backward(shares)
        return shares

    @staticmethod
    def backward(ctx, gradient):
        (shares,) = ctx.saved_tensors
        return shares * (gradient - (gradient * shares).sum(-1, keepdim=True))


@stands_for("softmax")
def softmax_with_own_backward(x):
    """A function of autograd's with its own backward."""
    return _Softmax.apply(x)


# log_softmax


def _largest_of_rows(x):
    return torch.max(x, dim=-1, keepdim=True)[0]


@stands_for("log_softmax")
def log_softmax_minus_whole_sum(x):
    """x minus log Σ e^x, computed as one number a row: rounds at the size of the logits."""
    largest = _largest_of_rows(x)
    return x - (largest + torch.log(torch.exp(x - largest).sum(-1, keepdim=True)))


@stands_for("log_softmax")
def log_softmax_row_by_row(x):
    """A loop over the rows of the flattened leading axes."""
    result = []
    for row in x.reshape(-1, x.shape[-1]):
        z = row - row[row.argmax()]
        result.append(z - z.exp().sum().log())
    return torch.stack(result).view(x.shape)


@stands_for("log_softmax")
def log_softmax_by_recursion(x):
    """Recursion on the leading axes."""
    if x.ndim > 1:
        return torch.stack([log_softmax_by_recursion(each) for each in x])
    z = x - max(x)
    return z - torch.log(sum(torch.exp(each) for each in z))


@stands_for("log_softmax")
def log_softmax_by_folding(x):
    """log(e^a + e^b) = max + log(1 + e^−|a−b|), one class after another."""
    columns = x.unbind(-1)
    total = columns[0]
    for column in columns[1:]:
        total = torch.maximum(total, column) + torch.log1p(torch.exp(-(total - column).abs()))
    return x - total.unsqueeze(-1)


@stands_for("log_softmax")
def log_softmax_by_einsum(x):
    """The sum along the last axis as an einsum."""
    z = x - x.amax(-1, keepdim=True)
    return z - torch.einsum("...k->...", z.exp()).log()[..., None]


@stands_for("log_softmax")
def log_softmax_by_log1p(x):
    """The largest class adds exactly 1: log(1 + the others)."""
    ordered = x.sort(-1, descending=True).values
    z = x - ordered[..., :1]
    others = torch.exp(ordered[..., 1:] - ordered[..., :1]).sum(-1, keepdim=True)
    return z - torch.log1p(others)


@stands_for("log_softmax")
def log_softmax_by_cumsum(x):
    """The sum as the last running sum."""
    z = x - x.detach().amax(-1, keepdim=True)
    return z.sub(z.exp().cumsum(-1)[..., -1:].log())


@stands_for("log_softmax")
def log_softmax_in_other_bases(x):
    """Powers of 2 and logarithms to the base 2, brought back to e."""
    z = (x - x.amax(-1, keepdim=True)) / math.log(2)
    return (z - torch.log2(torch.exp2(z).sum(-1, keepdim=True))) * math.log(2)


@stands_for("log_softmax")
def log_softmax_patched(x):
    """The logarithm of the quotient where it is safe, the difference where the quotient is tiny."""
    z = x - x.amax(-1, keepdim=True)
    total = z.exp().sum(-1, keepdim=True)
    quotient = z.exp() / total
    is_tiny = quotient < 1e-30
    return torch.where(is_tiny, z - total.log(), torch.where(is_tiny, 1.0, quotient).log())


@stands_for("log_softmax")
def log_softmax_in_double_and_back(x, dim=-1):
    """A computation in float64, returned in the dtype that came in."""
    z = x.to(torch.float64)
    z = z - z.amax(dim, keepdim=True)
    return (z - z.exp().sum(dim, keepdim=True).log()).to(x.dtype)


@stands_for("log_softmax")
def log_softmax_on_first_axis(x):
    """The classes moved to the front and back again."""
    z = x.movedim(-1, 0) - x.max(-1).values
    return (z - z.exp().sum(0).log()).movedim(0, -1)


@stands_for("log_softmax")
def log_softmax_in_two_shifts(x):
    """Shifted by the mean first, then by the largest."""
    z = x - x.mean(-1, keepdim=True)
    z = z - z.amax(-1, keepdim=True)
    return z + torch.log(1 / z.exp().sum(-1, keepdim=True))


class _LogSoftmax(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        z = x - x.amax(-1, keepdim=True)
        result = z - z.exp().sum(-1, keepdim=True).log()
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx, gradient):
        (result,) = ctx.saved_tensors
        return gradient - result.exp() * gradient.sum(-1, keepdim=True)


@stands_for("log_softmax")
def log_softmax_with_own_backward(x):
    """A function of autograd's with its own backward."""
    return _LogSoftmax.apply(x)


# nll


@stands_for("nll")
def nll_by_gather(log_p, labels):
    """gather along the classes."""
    return -log_p.gather(1, labels.unsqueeze(1)).mean()


@stands_for("nll")
def nll_by_loop(log_p, labels):
    """A loop over the rows that adds up 0-d tensors."""
    total = 0
    for row, label in zip(log_p, labels, strict=True):
        total = total - row[label]
    return total / len(labels)


@stands_for("nll")
def nll_by_python_indices(log_p, labels):
    """Labels as Python numbers, the costs stacked."""
    return torch.stack([-log_p[i, label] for i, label in enumerate(labels.tolist())]).mean()


@stands_for("nll")
def nll_by_one_hot(log_p, labels):
    """A product with the one-hot table."""
    table = F.one_hot(labels, log_p.shape[1]).to(log_p.dtype)
    return -(table * log_p).sum() / len(log_p)


@stands_for("nll")
def nll_by_einsum(log_p, labels):
    """An einsum with rows of the identity."""
    table = torch.eye(log_p.shape[1], dtype=log_p.dtype, device=log_p.device)[labels]
    return torch.einsum("nk,nk->", table, -log_p) / labels.numel()


@stands_for("nll")
def nll_by_mask(log_p, labels):
    """A boolean mask from a comparison with the class numbers."""
    mask = labels[:, None] == torch.arange(log_p.shape[1], device=labels.device)
    return -log_p[mask].mean()


@stands_for("nll")
def nll_by_where(log_p, labels):
    """torch.where keeps the right class and puts 0 elsewhere."""
    classes = torch.arange(log_p.shape[1], device=labels.device)
    return torch.where(classes == labels.unsqueeze(1), -log_p, 0.0).sum(1).mean()


@stands_for("nll")
def nll_by_diagonal(log_p, labels):
    """The diagonal of every row with every label."""
    return log_p[:, labels].diagonal().mean().neg()


@stands_for("nll")
def nll_by_flat_positions(log_p, labels):
    """Positions in the flattened table."""
    n, k = log_p.shape
    return torch.take(-log_p, torch.arange(n, device=labels.device) * k + labels).mean()


@stands_for("nll")
def nll_by_take_along_dim(log_p, labels, reduction=torch.mean):
    """take_along_dim, and an extra parameter with a default."""
    return reduction(-torch.take_along_dim(log_p, labels.view(-1, 1), dim=1))


@stands_for("nll")
def nll_class_by_class(log_p, labels):
    """The costs of each class on their own, empty classes too."""
    return sum(-log_p[labels == c, c].sum() for c in range(log_p.shape[1])) / log_p.shape[0]


@stands_for("nll")
def nll_by_trace(log_p, labels):
    """The trace of a matrix product with the one-hot table."""
    table = torch.zeros_like(log_p).scatter(1, labels[:, None], 1.0)
    return -torch.trace(table.T @ log_p) / len(table)


@stands_for("nll")
def nll_by_recursion(log_p, labels):
    """Recursion on the rows: a mean from the mean of the rest."""
    cost = -log_p[0, labels[0]]
    n = len(labels)
    return cost if n == 1 else (cost + (n - 1) * nll_by_recursion(log_p[1:], labels[1:])) / n


class _NLL(torch.autograd.Function):
    @staticmethod
    def forward(ctx, log_p, labels):
        ctx.save_for_backward(log_p, labels)
        return -log_p.gather(1, labels[:, None]).mean()

    @staticmethod
    def backward(ctx, gradient):
        log_p, labels = ctx.saved_tensors
        result = torch.zeros_like(log_p)
        result[torch.arange(len(labels), device=labels.device), labels] = -gradient / len(labels)
        return result, None


@stands_for("nll")
def nll_with_own_backward(log_p, labels):
    """A function of autograd's with its own backward."""
    return _NLL.apply(log_p, labels)
