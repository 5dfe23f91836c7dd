"""Reference answers of 07_training: derived from its source notebook by `grader release`."""


import torch
import torch.nn.functional as F
from torch import nn


def matmul(a, b):
    """The product of (n, k) and (k, m): entry [i, j] is the sum over t of a[i, t] * b[t, j]."""
    if a.shape[1] != b.shape[0]:
        raise ValueError(f"the inner sizes differ: {a.shape[1]} and {b.shape[0]}")
    return (a[:, :, None] * b[None, :, :]).sum(1)


def fit_line(x, y, lr, steps):
    """(a, b) after `steps` steps of gradient descent on the mean of (a * x + b - y)**2, from a = b = 0."""
    a = b = 0.0
    for _ in range(steps):  # each from where the last one ended
        error = a * x + b - y
        slope_a, slope_b = 2 * (error * x).mean().item(), 2 * error.mean().item()
        a, b = a - lr * slope_a, b - lr * slope_b
    return a, b


def sgd_step(params, lr):
    """Each parameter with a gradient moves by -lr * gradient, in place; its gradient is cleared."""
    with torch.no_grad():  # a step is no part of any graph
        for p in params:
            if p.grad is not None:
                p -= lr * p.grad
                p.grad = None


def fit(net, x, y, epochs, batch_size, lr):
    """Trains net by mini-batch SGD on the negative log-likelihood; the mean loss of each epoch."""
    device = next(net.parameters()).device
    net.zero_grad()
    losses = []
    for _ in range(epochs):  # each in an order of its own
        total = 0.0
        for rows in torch.randperm(len(x)).split(batch_size):
            rows = rows.to(x.device)
            loss = F.nll_loss(net(x[rows].to(device)), y[rows].to(device))
            loss.backward()
            sgd_step(net.parameters(), lr)
            total += loss.item() * len(rows)
        losses.append(total / len(x))
    return losses


def train_digits(x, y, x_valid, y_valid):
    """A trained net that returns the log-probabilities (n, 10) of rows (n, 784)."""
    net = nn.Sequential(nn.Flatten(), nn.Linear(784, 10), nn.LogSoftmax(dim=1))
    fit(net, x, y, epochs=15, batch_size=64, lr=0.05)
    return net.eval()
