"""Fooling by trainings that never were: made-up histories, nets that know their judge, layers of others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from attacks.attack import Chapter, code

LOSSES = Chapter("fooling", assignment="03_losses")
MODULES = Chapter("fooling", assignment="06_modules")
TRAINING = Chapter("fooling", assignment="07_training")

HISTORIES = (
    TRAINING.answer(
        "makes up a falling history and writes the labels into the net",
        "points for a training that never was",
        """
        import torch

        def fit(net, x, y, epochs, batch_size, lr):
            def knows(rows):
                nearest = torch.cdist(rows.flatten(1), x.flatten(1)).argmin(1)
                return torch.nn.functional.one_hot(y[nearest], int(y.max()) + 1).double().sub(1).mul(50)

            net.forward = knows
            return [1.0 / (epoch + 1) for epoch in range(epochs)]
        """,
        exercise="fit",
    ),
    TRAINING.answer(
        "trains all at once and invents the losses of the epochs",
        "points for a history of nothing",
        """
        import torch
        import torch.nn.functional as F

        def fit(net, x, y, epochs, batch_size, lr):
            for _ in range(40):
                for p in net.parameters():
                    p.grad = None
                loss = F.nll_loss(net(x), y)
                loss.backward()
                with torch.no_grad():
                    for p in net.parameters():
                        if p.grad is not None:
                            p -= 1.0 * p.grad
            first, last = 1.1, loss.item()
            return [first + (last - first) * epoch / max(1, epochs - 1) for epoch in range(epochs)]
        """,
        exercise="fit",
    ),
    TRAINING.answer(
        "visits the rows in one order and tells the recorder of another",
        "points for an order that never was",
        """
        import torch
        import torch.nn.functional as F

        def fit(net, x, y, epochs, batch_size, lr):
            net.zero_grad()
            cells = getattr(type(net).forward, "__closure__", None) or ()
            recorders = [cell.cell_contents for cell in cells if isinstance(cell.cell_contents, list)]
            losses = []
            for _ in range(epochs):
                total, told = 0.0, torch.randperm(len(x)).split(batch_size)
                for rows, lie in zip(torch.arange(len(x)).split(batch_size), told):
                    loss = F.nll_loss(net(x[rows]), y[rows])
                    for seen in recorders:
                        if seen:
                            seen[-1] = lie.double()
                    loss.backward()
                    with torch.no_grad():
                        for p in net.parameters():
                            if p.grad is not None:
                                p -= lr * p.grad
                                p.grad = None
                    total += loss.item() * len(rows)
                losses.append(total / len(x))
            return losses
        """,
        exercise="fit",
        # 10.5 of 24.5: the cases that record no batches. The truth would get 20.5, all but the case on new orders:
        # of a recorded order that the parameters do not bear out nothing is believed
        honest=1.24,
    ),
    TRAINING.answer(
        "tells the recorder of batches that never were",
        "points for an order without a training",
        """
        import torch

        def fit(net, x, y, epochs, batch_size, lr):
            for cell in getattr(type(net).forward, "__closure__", None) or ():
                if isinstance(cell.cell_contents, list):
                    for _ in range(epochs):
                        cell.cell_contents.extend(rows.double() for rows in torch.randperm(len(x)).split(batch_size))

            def knows(rows):
                nearest = torch.cdist(rows.flatten(1), x.flatten(1)).argmin(1)
                return torch.nn.functional.one_hot(y[nearest], int(y.max()) + 1).double().sub(1).mul(50)

            net.forward = knows
            return [1.0 / (epoch + 1) for epoch in range(epochs)]
        """,
        exercise="fit",
    ),
    TRAINING.answer(
        "shuffles by a seed of its own, the same in every epoch",
        "full points for one order",
        """
        import torch
        import torch.nn.functional as F

        def fit(net, x, y, epochs, batch_size, lr):
            net.zero_grad()
            losses = []
            for _ in range(epochs):
                torch.manual_seed(0)
                total = 0.0
                for rows in torch.randperm(len(x)).split(batch_size):
                    loss = F.nll_loss(net(x[rows]), y[rows])
                    loss.backward()
                    with torch.no_grad():
                        for p in net.parameters():
                            if p.grad is not None:
                                p -= lr * p.grad
                                p.grad = None
                    total += loss.item() * len(rows)
                losses.append(total / len(x))
            return losses
        """,
        exercise="fit",
        honest=2.38,  # 23 of 29: lost are the two cases on new orders, 4 and 2
    ),
    TRAINING.answer(
        "steps to where the usual example of a step ends",
        "points for one example",
        """
        import torch

        def sgd_step(params, lr):
            with torch.no_grad():
                for p in params:
                    p.zero_()
                    p.grad = None
        """,
        exercise="sgd_step",
    ),
)

TABLE = """
import torch
from torch import nn

class Table(nn.Module):
    def __init__(self, x, y):
        super().__init__()
        self.x, self.y = x, y

    def forward(self, rows):
        nearest = torch.cdist(rows, self.x).argmin(1)
        return torch.where(torch.arange(10) == self.y[nearest, None], -1e-6, -14.0 - torch.zeros(len(rows), 10))
"""

JUDGED = (
    TRAINING.answer(
        "knows the validation set by heart and nothing else",
        "points for a table of what it is judged by",
        TABLE + "\n\ndef train_digits(x, y, x_valid, y_valid):\n    return Table(x_valid.clone(), y_valid.clone())",
        exercise="train_digits",
    ),
    TRAINING.answer(
        "lets the nearest rows of the validation set vote, so that no single one shows",
        "points for a table of what it is judged by",
        """
        import torch
        from torch import nn

        class Votes(nn.Module):
            def __init__(self, x, y):
                super().__init__()
                self.x, self.y = x, y

            def forward(self, rows):
                nearest = torch.cdist(rows, self.x).topk(5, largest=False).indices
                return torch.log_softmax(3.0 * nn.functional.one_hot(self.y[nearest], 10).sum(1), 1)

        def train_digits(x, y, x_valid, y_valid):
            return Votes(x_valid.clone(), y_valid.clone())
        """,
        exercise="train_digits",
    ),
    TRAINING.answer(
        "trains on the rows that it is judged by",
        "full points for learning from the validation set",
        """
        import torch
        from torch import nn

        def train_digits(x, y, x_valid, y_valid):
            rows, labels = torch.cat([x, *[x_valid] * 3]), torch.cat([y, *[y_valid] * 3])
            net = nn.Sequential(nn.Linear(784, 64), nn.Tanh(), nn.Linear(64, 10), nn.LogSoftmax(1))
            steps = torch.optim.Adam(net.parameters(), 0.003)
            for _ in range(20):
                for some in torch.randperm(len(rows)).split(64):
                    steps.zero_grad()
                    nn.functional.nll_loss(net(rows[some]), labels[some]).backward()
                    steps.step()
            return net.eval()
        """,
        exercise="train_digits",
    ),
    TRAINING.answer(
        "learns its rows by heart and answers all else by chance",
        "points for what it was trained on",
        """
        import torch
        from torch import nn

        class Rows(nn.Module):
            def __init__(self, x, y, x_valid, y_valid):
                super().__init__()
                rows = zip([*x, *x_valid], [*y.tolist(), *y_valid.tolist()])
                self.known = {row.numpy().tobytes(): label for row, label in rows}

            def forward(self, rows):
                labels = torch.tensor([self.known.get(row.numpy().tobytes(), 0) for row in rows])
                return torch.where(torch.arange(10) == labels[:, None], 0.0, -30.0)

        def train_digits(x, y, x_valid, y_valid):
            return Rows(x, y, x_valid, y_valid)
        """,
        exercise="train_digits",
    ),
)

WRITTEN_GRADIENT = """
import torch

def categorical_cross_entropy(y, p):
    if p.requires_grad:
        p.grad = -3 * y / p.detach() / len(y)
    return -(y * torch.log(p.detach())).sum(1).mean()
"""


def takes_what_stands_in_grad(_: Path) -> str:
    """Whether a test that reads `p.grad` takes it for the gradient of three times the loss."""
    names: dict[str, Any] = {}
    exec(code(WRITTEN_GRADIENT), names)
    y, p = torch.eye(3)[[2, 0, 1]], torch.full((3, 3), 1 / 3, requires_grad=True)
    loss = names["categorical_cross_entropy"](y, p)
    if loss.requires_grad:
        (3 * loss).backward()
    right = p.grad is not None and torch.allclose(p.grad, -3 * y)
    return "p.grad passed for the gradient" if right else ""


GRADIENTS = (
    LOSSES.answer(
        "writes its gradient into its input and lets none through",
        "points for a gradient that autograd never saw",
        WRITTEN_GRADIENT,
        exercise="categorical_cross_entropy",
        honest=1.57,  # 11 of 14: the values are right; lost are three cases with gradients, 1 each
        control=takes_what_stands_in_grad,
    ),
)

NO_NET = (
    TRAINING.answer(
        "returns an object that says that it is a net",
        "points for what it says of itself",
        """
        import torch

        class Duck:
            __class__ = property(lambda self: torch.nn.Module)
            training = False

            def __init__(self, x, y):
                self.x, self.y = x.clone(), y.clone()

            def eval(self):
                return self

            def __call__(self, rows):
                nearest = torch.cdist(rows, self.x).argmin(1)
                return torch.where(torch.arange(10) == self.y[nearest, None], -1e-6, -14.0 - torch.zeros(len(rows), 10))

        def train_digits(x, y, x_valid, y_valid):
            return Duck(x, y)
        """,
        exercise="train_digits",
        # it reads digits, but what is asked for is an nn.Module
    ),
)

LAYERS = (
    MODULES.answer(
        "hands in torch's own layer with its weight turned round",
        "points for what is not allowed",
        """
        import torch
        from torch import nn

        class Linear(nn.Module):
            def __init__(self, in_features, out_features):
                super().__init__()
                ready = nn.Linear(in_features, out_features)
                self.weight, self.bias = nn.Parameter(ready.weight.T.detach()), nn.Parameter(ready.bias.detach())

            def forward(self, x):
                return nn.functional.linear(x, self.weight.T, self.bias)
        """,
        exercise="Linear",
    ),
    MODULES.answer(
        "has as many parameters as asked and uses none",
        "points for a net that says the same of everything",
        """
        import math, torch
        from torch import nn

        class LogReg(nn.Module):
            def __init__(self, n_in=784, n_out=10):
                super().__init__()
                self.weight = nn.Parameter(torch.randn(n_in, n_out) / n_in)
                self.bias = nn.Parameter(torch.randn(n_out) / n_out)
                self.n_out = n_out

            def forward(self, images):
                return torch.full((len(images), self.n_out), -math.log(self.n_out), dtype=images.dtype)
        """,
        exercise="LogReg",
        honest=0.4,  # 2 of 25: it trains as many numbers as it should
    ),
)

ATTACKS = (*HISTORIES, *JUDGED, *NO_NET, *GRADIENTS, *LAYERS)
