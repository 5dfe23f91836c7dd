"""A tiny visible suite and answers to it."""

SUITE = '''
import pytest
import torch

X = torch.tensor([[1.0, 2.0, 4.0], [0.5, -1.0, 0.0]])


@pytest.mark.exercise("softmax")
def test_values(answer):
    """Each row becomes its own probabilities."""
    mistaken = {"softmax_over_axis_0": torch.softmax(X, 0)}
    answer.gives(lambda m, x: m.softmax(x), X, expected=torch.softmax(X, 1), mistaken=mistaken)


@pytest.mark.exercise("softmax")
def test_large(answer):
    """Large scores stay finite."""
    answer.gives(lambda m, x: m.softmax(x), X + 1000, expected=torch.softmax(X, 1), tolerance=WIDE)


@pytest.mark.exercise("log_softmax", weight=3)
def test_lost(answer):
    """The suite is at fault here."""
    raise RuntimeError("no such file")


from grader.judge.compare import Tolerance

WIDE = Tolerance(absolute=1e-4)
'''
RIGHT = "def softmax(x):\n    e = torch.exp(x - x.amax(-1, keepdim=True))\n    return e / e.sum(-1, keepdim=True)\n"
NO_SHIFT = "def softmax(x):\n    e = torch.exp(x)\n    return e / e.sum(-1, keepdim=True)\n"
AXIS_0 = "def softmax(x):\n    e = torch.exp(x - x.amax(0))\n    return e / e.sum(0)\n"
RAISES = "def softmax(x):\n    return x[7]\n"
UNTOUCHED = "def softmax(x):\n    raise NotImplementedError\n"
READY_MADE = "def softmax(x):\n    return torch.softmax(x, -1)\n"
WARNS = 'def softmax(x):\n    import sys\n    print("careful", file=sys.stderr)\n' + RIGHT.split("\n", 1)[1]
