"""Hidden tests as they are usually written: asserts beside the student's functions, with the answers at hand.

Standard library only: the naive grader imports it. `solution` is the module of reference answers.
"""

from __future__ import annotations

INPUTS = {
    "binary_cross_entropy": ("torch.randint(2, (7,)).float(), torch.rand(7) * 0.9 + 0.05",),
    "binary_cross_entropy_if": ("torch.randint(2, (7,)).float(), torch.rand(7) * 0.9 + 0.05",),
    "one_hot": ("torch.tensor([2, 0, 1, 2]), 3", "torch.tensor([4, 1]), 5"),
    "categorical_cross_entropy": ("torch.eye(3)[[2, 0, 1, 1]], torch.softmax(torch.randn(4, 3), -1)",),
    "categorical_cross_entropy_if": ("torch.eye(3)[[2, 0, 1, 1]], torch.softmax(torch.randn(4, 3), -1)",),
    "softmax": ("torch.tensor([SECRET_INPUT]).float(),", "torch.randn(4, 3),", "torch.randn(2, 5, 3) * 10,"),
    "log_softmax": ("torch.randn(4, 3),", "torch.randn(2, 5, 3) * 10,"),
    "nll": ("torch.log_softmax(torch.randn(5, 3), -1), torch.tensor([0, 2, 1, 1, 0])",),
    "predicted_classes": ("torch.randn(5, 3),", "torch.randn(2, 7),"),
    "accuracy": ("torch.randn(40, 3), torch.randint(3, (40,))",),
    "misclassified": ("torch.randn(40, 3), torch.randint(3, (40,))",),
    "collapse": ("torch.randn(4, 3), torch.randn(3), torch.randn(3, 2), torch.randn(2)",),
    "matmul": ("torch.randn(4, 3), torch.randn(3, 5)",),
    "fit_line": ("torch.linspace(-1, 1, 9), torch.linspace(-1, 1, 9) * 2 + 1, 0.1, 20",),
}
"""Arguments of the calls, by exercise; SECRET_INPUT stands for a list of numbers."""

CALLS = """
# {suite}
import torch, solution
torch.manual_seed({seed})
for inputs in [{inputs}]:
    expected = solution.{name}(*inputs)
    result = {name}(*inputs)
    if type(expected) is not tuple:
        result, expected = [result], [expected]
    for one, other in zip(result, expected):
        assert torch.allclose(torch.as_tensor(one).double(), torch.as_tensor(other).double(), atol=1e-5), (one, other)
"""

WRITTEN = {
    "get_weights": """
import torch
weights = get_weights(4000, 3)
assert isinstance(weights, torch.nn.Parameter) and weights.shape == (4000, 3)
assert abs(weights.std().item() * 4000 - 1) < 0.1
""",
    "Linear": """
import torch, solution
torch.manual_seed({seed})
reference, layer, x = solution.Linear(5, 3), Linear(5, 3), torch.randn(4, 5)
layer.load_state_dict(reference.state_dict())
assert torch.allclose(layer(x), reference(x), atol=1e-5)
""",
    "LogReg": """
import torch
net, x = LogReg(6, 3), torch.randn(4, 6)
assert sum(each.numel() for each in net.parameters()) == 21
assert torch.allclose(net(x).exp().sum(1), torch.ones(4), atol=1e-5)
""",
    "sgd_step": """
import torch
p = torch.ones(3, requires_grad=True)
(p * 2).sum().backward()
sgd_step([p], 0.5)
assert torch.allclose(p, torch.zeros(3))
""",
    "fit": """
import torch
torch.manual_seed({seed})
x = torch.randn(60, 4)
y = (x[:, 0] > 0).long()
net = torch.nn.Sequential(torch.nn.Linear(4, 2), torch.nn.LogSoftmax(-1))
history = fit(net, x, y, 20, 10, 0.1)
assert len(history) == 20 and history[-1] < history[0]
assert (net(x).argmax(1) == y).float().mean() > 0.8
""",
    "train_digits": """
import torch
torch.manual_seed({seed})
y = torch.randint(10, (300,))
x = torch.randn(10, 784)[y] + 0.1 * torch.randn(300, 784)
net = train_digits(x[:200], y[:200], x[200:], y[200:])
assert (net(x[200:]).argmax(1) == y[200:]).float().mean() > 0.85
""",
}
"""Test cells of exercises that no list of calls can test."""


def hidden_cell(exercise: str, *, seed: int, suite: str, secret_input: str) -> str:
    """The test cell of one exercise; KeyError when it has none."""
    if exercise in WRITTEN:
        return f"# {suite}\n{WRITTEN[exercise].format(seed=seed)}"
    calls = ", ".join(f"({inputs})" for inputs in INPUTS[exercise])
    calls = calls.replace("SECRET_INPUT", str(list(secret_input.encode())))
    return CALLS.format(suite=suite, seed=seed, inputs=calls, name=exercise)
