"""Fooling by replies that a careless comparison takes for right: other shapes, no entries, few digits."""

from __future__ import annotations

from attacks.attack import Chapter

FOOLING = Chapter("fooling")
LOSSES = Chapter("fooling", assignment="03_losses")
MODULES = Chapter("fooling", assignment="06_modules")
TRAINING = Chapter("fooling", assignment="07_training")

EMPTY = (
    FOOLING.answer(
        "returns a tensor without entries where a number is asked",
        "points for nothing",
        """
        import torch

        def nll(log_p, labels):
            return torch.empty(0, dtype=log_p.dtype)
        """,
        exercise="nll",
    ),
    LOSSES.answer(
        "returns an empty list where a number is asked",
        "points for nothing",
        """
        def categorical_cross_entropy(y, p):
            return []
        """,
        exercise="categorical_cross_entropy",
    ),
    MODULES.answer(
        "returns an empty tuple where a weight and a bias are asked",
        "points for nothing",
        """
        def collapse(w1, b1, w2, b2):
            return ()
        """,
        exercise="collapse",
    ),
    TRAINING.answer(
        "returns an empty tuple where two numbers are asked",
        "points for nothing",
        """
        def fit_line(x, y, lr, steps):
            return ()
        """,
        exercise="fit_line",
    ),
    LOSSES.answer(
        "stretches its loss by axes of size zero",
        "points for nothing",
        """
        import torch

        def binary_cross_entropy(y, p):
            return (p.sum() * 0).expand(0, 3)
        """,
        exercise="binary_cross_entropy",
    ),
)

OTHER_SHAPES = (
    FOOLING.answer(
        "returns the loss once for every row, where one number is asked",
        "points for a shape that broadcasts",
        """
        import torch

        def nll(log_p, labels):
            loss = -log_p[torch.arange(len(labels)), labels].mean()
            return loss.expand(len(labels), len(labels))
        """,
        exercise="nll",
    ),
    LOSSES.answer(
        "returns the loss as a table of one entry",
        "points for a shape that broadcasts",
        """
        import torch

        def categorical_cross_entropy_if(y, p):
            return -torch.log(p[y == 1]).mean().reshape(1, 1)
        """,
        exercise="categorical_cross_entropy_if",
    ),
    TRAINING.answer(
        "puts an axis in front of its product",
        "points for a shape that broadcasts",
        """
        def matmul(a, b):
            if a.shape[1] != b.shape[0]:
                raise ValueError
            return (a[None, :, :, None] * b).sum(2)
        """,
        exercise="matmul",
    ),
    LOSSES.answer(
        "returns the same column for a table of equal columns",
        "points for a shape that broadcasts",
        """
        import torch

        def one_hot(labels, n_classes):
            return [[float(label == j) for j in range(n_classes)] for label in labels.tolist()]
        """,
        exercise="one_hot",
    ),
)

FEW_DIGITS = (
    FOOLING.answer(
        "has only the digits of float32, whatever is asked",
        "full points by a loose tolerance",
        """
        import torch

        def softmax(x):
            narrow = x.float()
            powers = torch.exp(narrow - narrow.amax(-1, keepdim=True))
            return (powers / powers.sum(-1, keepdim=True)).to(x.dtype)
        """,
        # 13 of 20: the cases in float64 are lost, 3 with huge logits and four of 1
        honest=2.36,
    ),
    MODULES.answer(
        "deals out two numbers in turn where chance is asked",
        "full points for no chance",
        """
        import torch
        from torch import nn

        def get_weights(*dims):
            weights = torch.ones(dims).flatten()
            weights[::2] = -1
            return nn.Parameter(weights.reshape(dims) / dims[0])
        """,
        exercise="get_weights",
    ),
    MODULES.answer(
        "seeds torch anew inside so that chance is always the same",
        "full points for no chance",
        """
        import torch
        from torch import nn

        def get_weights(*dims):
            torch.manual_seed(0)
            return nn.Parameter(torch.randn(dims) / dims[0])
        """,
        exercise="get_weights",
        # 19.5 of 22.5: the numbers are normal and trainable; lost are new ones at each call, of every size, torch's seed
        honest=1.73,
    ),
)

ATTACKS = (*EMPTY, *OTHER_SHAPES, *FEW_DIGITS)
