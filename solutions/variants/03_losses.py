"""Right but unusual answers to 03_losses: each must get full points."""

import math

import torch

from grader.judge.known import stands_for

# binary_cross_entropy


@stands_for("binary_cross_entropy")
def bce_by_loop(y, p):
    total = 0.0
    for yi, pi in zip(y.flatten(), p.flatten(), strict=True):
        total = total - yi * torch.log(pi) - (1 - yi) * torch.log(1 - pi)
    return total / p.numel()


@stands_for("binary_cross_entropy")
def bce_by_recursion(y, p):
    def total(y, p):
        if p.ndim:
            return sum(total(yi, pi) for yi, pi in zip(y, p, strict=True))
        return -(y * p.log() + (1 - y) * (1 - p).log())

    return total(y, p) / p.numel()


@stands_for("binary_cross_entropy")
def bce_by_einsum(y, p):
    y, p = y.reshape(-1), p.reshape(-1)
    cats, dogs = torch.einsum("i,i->", y, p.log()), torch.einsum("i,i->", 1 - y, (1 - p).log())
    return -(cats + dogs) / len(p)


@stands_for("binary_cross_entropy")
def bce_by_xlogy(y, p):
    return -(torch.xlogy(y, p) + torch.special.xlog1py(1 - y, -p)).mean()


@stands_for("binary_cross_entropy")
def bce_by_lerp(y, p):
    return torch.lerp((1 - p).log(), p.log(), y).mean().neg()


@stands_for("binary_cross_entropy")
def bce_by_two_stacked_classes(y, p):
    given = torch.stack([1 - p, p])
    return -(torch.stack([1 - y, y]) * given.log()).sum(0).mean()


@stands_for("binary_cross_entropy")
def bce_by_log1p(y, p):
    return (y * p.log() + (1 - y) * torch.log1p(-p)).mean() * -1


@stands_for("binary_cross_entropy")
def bce_by_odds(y, p):
    return -(y * (p.log() - (1 - p).log()) + (1 - p).log()).mean()


@stands_for("binary_cross_entropy")
def bce_in_double_precision(y, p):
    q, t = p.double(), y.double()
    return -(t * q.log() + (1 - t) * (1 - q).log()).mean().to(p.dtype)


@stands_for("binary_cross_entropy")
def bce_by_another_base(y, p, base=2.0):
    bits = y * torch.log2(p) + (1 - y) * torch.log2(1 - p)
    return -bits.mean() * math.log(base)


# binary_cross_entropy_if


@stands_for("binary_cross_entropy_if")
def bce_if_by_loop(y, p):
    total = 0
    for i in range(len(y)):
        if y[i] == 1:
            total -= torch.log(p[i])
        else:
            total -= torch.log(1 - p[i])
    return total / len(y)


@stands_for("binary_cross_entropy_if")
def bce_if_by_stacking(y, p):
    return torch.stack([-(pi if yi else 1 - pi).log() for yi, pi in zip(y, p, strict=True)]).mean()


@stands_for("binary_cross_entropy_if")
def bce_if_by_two_masks(y, p):
    cats = y.bool()
    return -(p[cats].log().sum() + (1 - p[~cats]).log().sum()) / p.numel()


@stands_for("binary_cross_entropy_if")
def bce_if_by_where_on_the_logs(y, p):
    return torch.where(y == 1, -p.log(), -torch.log1p(-p)).mean()


@stands_for("binary_cross_entropy_if")
def bce_if_by_gather(y, p):
    table = torch.stack([1 - p, p], dim=1)
    return -table.gather(1, y.long().unsqueeze(1)).log().mean()


@stands_for("binary_cross_entropy_if")
def bce_if_by_distance(y, p):
    return -(1 - (y - p).abs()).log().mean()


@stands_for("binary_cross_entropy_if")
def bce_if_by_xlogy(y, p):
    return -(torch.xlogy(y, p) + torch.xlogy(1 - y, 1 - p)).mean()


@stands_for("binary_cross_entropy_if")
def bce_if_by_a_filled_table(y, p):
    costs = torch.zeros_like(p)
    cats = torch.nonzero(y == 1).squeeze(1)
    dogs = torch.nonzero(y == 0).squeeze(1)
    costs[cats] = -torch.log(p[cats])
    costs[dogs] = -torch.log(1 - p[dogs])
    return costs.mean()


@stands_for("binary_cross_entropy_if")
def bce_if_by_recursion(y, p):
    def total(i):
        if i == len(y):
            return p.new_zeros(())
        return total(i + 1) - (torch.log(p[i]) if y[i] > 0 else torch.log(1 - p[i]))

    return total(0) / len(y)


@stands_for("binary_cross_entropy_if")
def bce_if_by_multiplying_before_the_log(y, p):
    return -(y * p + (1 - y) * (1 - p)).log().sum().div(y.shape[0])


# one_hot


@stands_for("one_hot")
def one_hot_by_loop(labels, n_classes):
    table = torch.zeros(len(labels), n_classes, dtype=torch.float32, device=labels.device)
    for row, label in enumerate(labels):
        table[row, label] = 1.0
    return table


@stands_for("one_hot")
def one_hot_by_comparing(labels, n_classes):
    return (labels[:, None] == torch.arange(n_classes, device=labels.device)).float()


@stands_for("one_hot")
def one_hot_by_eye(labels, n_classes):
    return torch.eye(n_classes, dtype=torch.float32, device=labels.device)[labels]


@stands_for("one_hot")
def one_hot_by_scatter(labels, n_classes):
    table = torch.zeros((labels.shape[0], n_classes), dtype=torch.float32, device=labels.device)
    return table.scatter_(1, labels.unsqueeze(1), 1.0)


@stands_for("one_hot")
def one_hot_by_lists(labels, n_classes):
    rows = [[float(column == label) for column in range(n_classes)] for label in labels.tolist()]
    return torch.tensor(rows, dtype=torch.float32, device=labels.device)


@stands_for("one_hot")
def one_hot_by_columns(labels, n_classes):
    return torch.stack([labels == column for column in range(n_classes)], dim=1).to(torch.float32)


@stands_for("one_hot")
def one_hot_by_flat_positions(labels, n_classes):
    table = torch.zeros(len(labels) * n_classes, dtype=torch.float32, device=labels.device)
    table[torch.arange(len(labels), device=labels.device) * n_classes + labels] = 1
    return table.view(-1, n_classes)


@stands_for("one_hot")
def one_hot_by_transposing(labels, n_classes):
    table = torch.zeros(n_classes, len(labels), dtype=torch.float32, device=labels.device)
    table[labels, torch.arange(len(labels), device=labels.device)] = 1
    return table.T


@stands_for("one_hot")
def one_hot_by_where(labels, n_classes):
    columns = torch.arange(n_classes, device=labels.device).expand(len(labels), -1)
    one = torch.ones((), dtype=torch.float32, device=labels.device)
    return torch.where(columns == labels.view(-1, 1), one, torch.zeros_like(one))


# categorical_cross_entropy


@stands_for("categorical_cross_entropy")
def cce_by_loops(y, p):
    total = 0.0
    for i in range(y.shape[0]):
        for c in range(y.shape[1]):
            total = total - y[i, c] * torch.log(p[i, c])
    return total / y.shape[0]


@stands_for("categorical_cross_entropy")
def cce_by_einsum(y, p):
    return -torch.einsum("nk,nk->n", y, p.log()).mean()


@stands_for("categorical_cross_entropy")
def cce_by_gather(y, p):
    return -p.gather(1, y.argmax(1, keepdim=True)).log().mean()


@stands_for("categorical_cross_entropy")
def cce_by_index(y, p):
    rows = torch.arange(len(y), device=y.device)
    return -torch.log(p[rows, y.argmax(dim=1)]).sum() / len(y)


@stands_for("categorical_cross_entropy")
def cce_by_mask(y, p):
    return p[y.bool()].log().mean().neg()


@stands_for("categorical_cross_entropy")
def cce_by_product_before_the_log(y, p):
    return -(y * p).sum(-1).log().mean()


@stands_for("categorical_cross_entropy")
def cce_by_trace(y, p):
    return -torch.trace(y @ p.log().T) / len(y)


@stands_for("categorical_cross_entropy")
def cce_by_power(y, p):
    return -(p**y).prod(dim=1).log().mean()


@stands_for("categorical_cross_entropy")
def cce_by_rows(y, p):
    return torch.stack([-(yi @ pi.log()) for yi, pi in zip(y, p, strict=True)]).mean()


# categorical_cross_entropy_if


@stands_for("categorical_cross_entropy_if")
def cce_if_by_loops(y, p):
    total = 0
    for i in range(len(y)):
        for c in range(y.shape[1]):
            if y[i, c] == 1:
                total = total - torch.log(p[i, c])
    return total / len(y)


@stands_for("categorical_cross_entropy_if")
def cce_if_by_where_on_the_logs(y, p):
    return -torch.where(y == 1, torch.log(p), torch.zeros_like(p)).sum(1).mean()


@stands_for("categorical_cross_entropy_if")
def cce_if_by_where_on_p(y, p):
    return -torch.where(y > 0, p, 1.0).log().sum() / y.size(0)


@stands_for("categorical_cross_entropy_if")
def cce_if_by_gather(y, p):
    return -torch.log(torch.gather(p, 1, y.argmax(1).unsqueeze(1))).mean()


@stands_for("categorical_cross_entropy_if")
def cce_if_by_xlogy(y, p):
    return -torch.xlogy(y, p).sum(1).mean()


@stands_for("categorical_cross_entropy_if")
def cce_if_by_product_before_the_log(y, p):
    return -(y * p).sum(1).log().mean()


@stands_for("categorical_cross_entropy_if")
def cce_if_by_masked_select(y, p):
    return torch.masked_select(p, y.bool()).log().mean().neg()


@stands_for("categorical_cross_entropy_if")
def cce_if_by_nonzero(y, p):
    rows, columns = y.nonzero(as_tuple=True)
    return sum(-p[i, c].log() for i, c in zip(rows, columns, strict=True)) / len(p)


@stands_for("categorical_cross_entropy_if")
def cce_if_by_masked_fill(y, p):
    return -p.masked_fill(y == 0, 1).log().sum(dim=1).mean(dim=0)
