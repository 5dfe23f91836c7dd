"""Right but unusual answers of 04_softmax: every one must get full points."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from grader.judge.known import stands_for

# softmax


@stands_for("softmax")
def softmax_by_recursion(x):
    if x.dim() > 1:
        return torch.stack([softmax_by_recursion(part) for part in x])
    powers = (x - max(x)).exp()
    return powers / sum(powers)


@stands_for("softmax")
def softmax_entry_by_entry(x):
    rows = []
    for row in x.reshape(-1, x.shape[-1]):
        largest = row.max().item()
        powers = [torch.exp(entry - largest) for entry in row]
        rows.append(torch.stack([power / sum(powers) for power in powers]))
    return torch.stack(rows).reshape(x.shape)


@stands_for("softmax")
def softmax_with_classes_in_front(x):
    x = x.movedim(-1, 0)
    powers = torch.exp(x - x.max(0).values)
    return (powers / powers.sum(0)).movedim(0, -1)


@stands_for("softmax")
def softmax_of_two_axes(x):
    table = x.view(-1, x.size(-1))
    table = table - table.max(dim=1)[0].detach()[:, None]
    return (table.exp().T / table.exp().sum(1)).T.reshape(x.shape)


@stands_for("softmax")
def softmax_through_logarithms(x):
    shifted = x - x.amax(-1, keepdim=True)
    return torch.exp(shifted - torch.log(torch.sum(torch.exp(shifted), -1, keepdim=True)))


@stands_for("softmax")
def softmax_by_einsum(x):
    powers = torch.exp(x - x.topk(1).values)
    return torch.einsum("...k,...->...k", powers, 1 / torch.einsum("...k->...", powers))


@stands_for("softmax")
def softmax_in_double(x):
    wide = x.to(torch.float64)
    powers = torch.exp(wide - wide.sort(-1).values[..., -1:])
    return (powers / powers.sum(-1, keepdim=True)).to(x.dtype)


@stands_for("softmax")
def softmax_by_masking(x):
    shifted = x - x.amax(-1, keepdim=True)
    seen = shifted > -200
    powers = torch.where(seen, torch.exp(torch.where(seen, shifted, 0)), 0)
    return powers / powers.sum(-1, keepdim=True)


@stands_for("softmax")
def softmax_with_default_axis(x, dim=-1, *, keepdim=True):
    powers = math.e ** (x - x.amax(dim, keepdim=keepdim))
    return powers / powers.sum(dim, keepdim=keepdim)


@stands_for("softmax")
def softmax_normalized(x):
    return F.normalize(torch.exp(x - x.cummax(-1).values[..., -1:]), p=1, dim=-1)


@stands_for("softmax")
def softmax_in_place_on_its_own(x):
    powers = x - x.amax(-1, keepdim=True)
    powers.exp_()
    return powers.div(powers.sum(-1, keepdim=True))


@stands_for("softmax")
def softmax_with_harmless_epsilon(x):
    powers = torch.exp(x - x.amax(-1, keepdim=True))
    return powers / (powers.sum(-1, keepdim=True) + torch.finfo(x.dtype).tiny)


class _Shares(nn.Module):
    def forward(self, x):
        powers = torch.exp(torch.sub(x, x.amax(-1, keepdim=True)))
        return torch.div(powers, powers @ powers.new_ones(x.shape[-1], 1))


@stands_for("softmax")
def softmax_by_a_module(x):
    return _Shares()(x[None])[0]


# log_softmax


@stands_for("log_softmax")
def log_softmax_with_the_sum_outside(x):
    largest = x.amax(-1, keepdim=True)
    return x - (largest + torch.log(torch.exp(x - largest).sum(-1, keepdim=True)))


@stands_for("log_softmax")
def log_softmax_by_recursion(x):
    if x.dim() > 1:
        return torch.stack([log_softmax_by_recursion(part) for part in x])
    shifted = x - max(x)
    return shifted - sum(torch.exp(entry) for entry in shifted).log()


@stands_for("log_softmax")
def log_softmax_with_classes_in_front(x):
    x = x.movedim(-1, 0)
    x = x - x.max(0).values.detach()
    return (x - x.exp().sum(0).log()).movedim(0, -1)


@stands_for("log_softmax")
def log_softmax_of_two_axes(x):
    table = x.reshape(-1, x.shape[-1])
    table = table - table.max(1, keepdim=True)[0]
    return (table.T - table.exp().sum(1).log()).T.reshape(x.shape)


@stands_for("log_softmax")
def log_softmax_in_double(x):
    wide = x.double()
    wide = wide - wide.amax(-1, keepdim=True)
    return (wide - wide.exp().sum(-1, keepdim=True).log()).to(x.dtype)


@stands_for("log_softmax")
def log_softmax_by_log1p(x):
    ordered = x.sort(-1, descending=True).values
    others = torch.exp(ordered[..., 1:] - ordered[..., :1]).sum(-1, keepdim=True)
    return x - ordered[..., :1] - torch.log1p(others)


@stands_for("log_softmax")
def log_softmax_by_pairs(x):
    # row by row: log p_i = -(d_i + log of the sum over j of e^(x_j - x_i - d_i)), d_i the largest difference
    differences = x.unsqueeze(-2) - x.unsqueeze(-1)
    largest = differences.amax(-1, keepdim=True)
    return -(largest.squeeze(-1) + torch.exp(differences - largest).sum(-1).log())


@stands_for("log_softmax")
def log_softmax_by_einsum(x):
    shifted = x - x.topk(1).values
    return shifted - torch.einsum("...k->...", math.e**shifted).log()[..., None]


@stands_for("log_softmax")
def log_softmax_with_default_axis(x, axis=-1, base=math.e):
    shifted = x.sub(x.amax(axis, keepdim=True))
    return (shifted - shifted.exp().sum(axis, keepdim=True).log()) / math.log(base)


@stands_for("log_softmax")
def log_softmax_in_place_on_its_own(x):
    result = x.clone()
    result -= x.amax(-1, keepdim=True)
    result -= result.exp().sum(-1, keepdim=True).log()
    return result


@stands_for("log_softmax")
def log_softmax_column_by_column(x):
    largest = x.max(dim=-1).values
    columns = [column - largest for column in x.unbind(-1)]
    total = sum(column.exp() for column in columns)
    return torch.stack([column - total.log() for column in columns], -1)


# nll


@stands_for("nll")
def nll_by_loop(log_p, labels):
    total = 0
    for i in range(len(labels)):
        total = total - log_p[i][labels[i]]
    return total / len(labels)


@stands_for("nll")
def nll_by_gather(log_p, labels):
    return log_p.gather(1, labels.unsqueeze(1)).squeeze(1).mean().neg()


@stands_for("nll")
def nll_by_take_along_dim(log_p, labels):
    return torch.mean(-torch.take_along_dim(log_p, labels.view(-1, 1), dim=1))


@stands_for("nll")
def nll_by_one_hot(log_p, labels):
    return -(F.one_hot(labels, log_p.shape[1]) * log_p).sum() / log_p.shape[0]


@stands_for("nll")
def nll_by_mask(log_p, labels):
    return -log_p[labels[:, None] == torch.arange(log_p.shape[1], device=labels.device)].mean()


@stands_for("nll")
def nll_by_where(log_p, labels):
    columns = torch.arange(log_p.shape[1], device=labels.device)
    return torch.where(columns == labels[:, None], -log_p, 0).sum(1).mean()


@stands_for("nll")
def nll_by_einsum(log_p, labels):
    table = torch.eye(log_p.shape[1], dtype=log_p.dtype, device=log_p.device)[labels]
    return -torch.einsum("nk,nk->", log_p, table) / len(log_p)


@stands_for("nll")
def nll_by_diagonal(log_p, labels):
    return -log_p[:, labels].diagonal().mean()


@stands_for("nll")
def nll_by_trace(log_p, labels):
    return -torch.trace(log_p.index_select(1, labels)) / labels.numel()


@stands_for("nll")
def nll_of_a_flat_table(log_p, labels):
    n, k = log_p.shape
    return -log_p.flatten()[torch.arange(0, n * k, k, device=labels.device) + labels].sum() / n


@stands_for("nll")
def nll_by_lists(log_p, labels, reduction="mean"):
    costs = [-row[label] for row, label in zip(log_p, labels.tolist(), strict=True)]
    return getattr(torch.stack(costs), reduction)()


@stands_for("nll")
def nll_by_classes(log_p, labels):
    return -sum(log_p[labels == c, c].sum() for c in range(log_p.size(-1))) / len(labels)
