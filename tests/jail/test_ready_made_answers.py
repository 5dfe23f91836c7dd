"""An answer none of whose code is the author's, products by their methods, and watching that ends too early."""

from __future__ import annotations

import pytest
import torch

from grader.course import exercise
from grader.jail import wire
from grader.judge.jail_world import JailWorld
from grader.judge.probe import Probe

SOFTMAX, MATMUL = Probe.of(lambda m, x: m.softmax(x)), Probe.of(lambda m, a, b: m.matmul(a, b))
X = wire.encode((torch.arange(6.0).reshape(2, 3),))
AB = wire.encode((torch.ones(2, 3), torch.ones(3, 4)))


def ask(session, probe, payload, name):
    reply = JailWorld(session).call(probe, payload, exercise(name).forbidden)
    assert reply.status == "returned"
    return reply


@pytest.mark.parametrize(
    "source",
    [
        "d = dict(a=partial(torch.softmax, dim=-1)); softmax = d['a']",
        "globals()['softmax'] = partial(torch.softmax, dim=-1)",
        "for softmax in [partial(torch.softmax, dim=-1)]: pass",
        "import operator\nsoftmax = partial(operator.attrgetter('softmax')(torch), dim=-1)",
        "globals().update(softmax=nn.Softmax(-1))",
        "globals()['softmax'] = partial(scipy.special.softmax, axis=-1)",
        "globals()['softmax'] = nn.Sequential(nn.Identity(), nn.Softmax(-1))",
        "class softmax_(nn.Softmax): pass\nsoftmax = softmax_(-1)",
    ],
)
def test_an_answer_of_no_code_of_the_authors_is_what_it_calls(run, source):
    session = run("import torch, torch.nn as nn, scipy.special\nfrom functools import partial", source)
    assert len(ask(session, SOFTMAX, X, "softmax").forbidden) == 1


@pytest.mark.parametrize(
    "source",
    [
        "from functools import partial\ndef f(k, x):\n    e = x.exp()\n    return e / e.sum(-1, keepdim=True)\n"
        "softmax = partial(f, 1)",
        "class Own:\n    def __call__(self, x):\n        return x.exp() / x.exp().sum(-1, True)\nsoftmax = Own()",
        "import torch\nsoftmax = torch.vmap(lambda row: row.exp() / row.exp().sum())",
        "import torch\n@torch.no_grad()\ndef softmax(x):\n    e = x.exp()\n    return e / e.sum(-1, keepdim=True)",
    ],
)
def test_an_answer_of_the_authors_in_any_wrapping_is_not_accused(run, source):
    reply = ask(run(source), SOFTMAX, X, "softmax")
    assert (reply.forbidden, reply.unwatched) == ((), False)


@pytest.mark.parametrize(
    "body",
    ["A.__matmul__(B)", "np.ndarray.__matmul__(A, B)", "B.__rmatmul__(A)", "A @ B", "A.dot(B)"],
)
def test_a_product_of_numpys_is_seen_by_whatever_name(run, body):
    source = f"def matmul(a, b):\n    A, B = a.numpy(), b.numpy()\n    return torch.from_numpy({body})"
    assert len(ask(run("import numpy as np, torch", source), MATMUL, AB, "matmul").forbidden) == 1


def test_a_class_of_the_authors_may_call_its_own_product(run):
    source = (
        "class M:\n    def __init__(self, a):\n        self.a = a\n    def __matmul__(self, other):\n"
        "        return (self.a[:, :, None] * other.a[None]).sum(1)\n"
        "def matmul(a, b):\n    return M(a).__matmul__(M(b))"
    )
    assert ask(run(source), MATMUL, AB, "matmul").forbidden == ()


@pytest.mark.parametrize(
    "body",
    [
        "import sys; sys.setprofile(None)",
        "import cProfile; cProfile.Profile().runcall(abs, 1)",
        "deep = lambda: deep()\n    try:\n        deep()\n    except RecursionError:\n        pass",
    ],
)
def test_watching_that_was_stopped_is_told(run, body):
    source = f"import numpy as np\ndef softmax(x):\n    {body}\n    return np.exp(x.numpy())"
    assert ask(run(source), SOFTMAX, X, "softmax").unwatched


def test_watching_that_was_not_stopped_is_not(run):
    assert not ask(run("def softmax(x):\n    return x.exp()"), SOFTMAX, X, "softmax").unwatched
    assert not ask(run("def matmul(a, b):\n    return a"), MATMUL, AB, "matmul").unwatched
