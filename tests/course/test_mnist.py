"""The lesson on the real MNIST, where it is at hand: the hand-written regression reads digits."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from tests_support import MNIST, ROOT, needs_mnist

from grader import data
from grader.folder import CourseFolder
from grader.judge.references import References


@pytest.fixture(scope="module")
def normalised() -> tuple[torch.Tensor, ...]:
    """x, y, x_valid, y_valid of MNIST, shifted and scaled by the training numbers."""
    (x, y), (x_valid, y_valid), _ = data.mnist(MNIST)
    x_train, x_valid = References(CourseFolder(ROOT), "02_data").names["normalize"](x, x_valid)
    return tuple(map(torch.from_numpy, (x_train, y, x_valid, y_valid)))


@needs_mnist
def test_one_epoch_of_adam_brings_the_regression_to_the_lessons_accuracy(normalised):
    x, y, x_valid, y_valid = normalised
    torch.manual_seed(0)
    net = References(CourseFolder(ROOT), "06_modules").names["LogReg"]()
    optimiser = torch.optim.Adam(net.parameters())
    for rows in torch.randperm(len(x)).split(64):
        optimiser.zero_grad()
        F.nll_loss(net(x[rows]), y[rows]).backward()
        optimiser.step()
    accuracy = (net(x_valid).argmax(1) == y_valid).double().mean().item()
    assert accuracy >= 0.915


@needs_mnist
def test_the_reference_net_of_the_training_lesson_reads_mnist(normalised):
    x, y, x_valid, y_valid = normalised
    torch.manual_seed(0)
    net = References(CourseFolder(ROOT), "07_training").names["train_digits"](x, y, x_valid, y_valid).eval()
    assert (net(x_valid).argmax(1) == y_valid).double().mean().item() >= 0.90
