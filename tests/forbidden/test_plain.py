"""What is proved plain by reading alone could not have called anything that is forbidden."""

from __future__ import annotations

import dis
import json
import marshal
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import CodeType

import pytest
from attempts import PREPARED, SETUP, TRACED
from innocents import INNOCENT
from scripts import OUT_OF_SIGHT

from benchmarks.hidden_tests import load_suite
from grader.author.cells import reference_answers
from grader.course import Family, assignments, exercise, exercises
from grader.excerpts import answer_source, names_of
from grader.folder import CourseFolder
from grader.judge.jail_world import AskedWorld
from grader.judge.reading.plain import is_plain
from grader.judge.reading.vocabulary import OBJECTLESS
from grader.judge.references import References
from grader.notebook.running import released_sources

COURSE = CourseFolder(Path(__file__).parents[2])
LESSON = frozenset({SETUP})
SOFTMAX = exercise("softmax").forbidden


@pytest.mark.parametrize("attempt", [*TRACED, *OUT_OF_SIGHT, *PREPARED], ids=lambda each: each.name)
def test_nothing_that_leans_on_what_is_forbidden_is_plain(attempt):
    assert not is_plain(attempt.cells, LESSON, exercise(attempt.exercise).forbidden)


def plain(*sources: str) -> bool:
    return is_plain(tuple((str(i), source) for i, source in enumerate(sources)), LESSON, SOFTMAX)


@pytest.mark.parametrize(
    "source",
    [
        "f = torch.exp\ndef softmax(x):\n    return f(x)",
        "def softmax(x):\n    return [x.exp][0]()",
        "def softmax(x, f=torch.exp):\n    return f(x)",
        "def apply(f, x):\n    return f(x)\ndef softmax(x):\n    return apply(ready_made, x)",
        "def softmax(x):\n    return ready_made(x)",
        "def softmax(x):\n    return max(x, key=ready_made)",
        "def exp(x):\n    return x\nexp = ready_made\ndef softmax(x):\n    return exp(x)",
        "def softmax(x):\n    for exp in modules:\n        x = exp(x)\n    return x",
        "torch = ready_made",
        "def abs(x):\n    return x\ndef softmax(x):\n    return abs(x)",
        "torch.exp = ready_made",
        "def softmax(x):\n    x.data.grad_fn = 1\n    return x",
        "@ready_made\ndef softmax(x):\n    return x",
        "def softmax(x: ready_made(1)):\n    return x",
        "def softmax(x) -> ready_made(1):\n    return x",
        "softmax = lambda x: x.exp()",
        "import os",
        "import torch as math",
        "from torch import *",
        "import torch.nn.functional",
        "from torch import nn as math",
        "from torch import nn, softmax",
        "import torch, os",
        "from .torch import nn",
        "def softmax(x):\n    import scipy\n    return x",
        "def softmax(x):\n    return x.__class__.softmax(x)",
        "def softmax(x):\n    return torch.nn.functional.relu(x)",
        "def softmax(x):\n    return torch._softmax(x, -1, False)",
        "def softmax(x):\n    return F.softmax(x)",
        "def softmax(x):\n    return x.logsumexp(-1)",
        "def softmax(x):\n    return x.apply_(ready_made)",
        "def softmax(x):\n    return exec('x')",
        "def softmax(x):\n    return getattr(x, 'softmax')(-1)",
        "def softmax(x):\n    return list(map(ready_made, x))",
        "with open('x'):\n    pass",
        "try:\n    pass\nexcept ValueError:\n    pass",
        "global softmax\n",
        "%matplotlib inline",
        "!ls",
        "def softmax(x)\n    return x",
        "(" * 5000 + ")" * 5000,
        "x = 1\n" * 30_000,
        "def softmax(x):\n    return torch.utils.data.ndim",
        "def softmax(x, **given):\n    return x.sum(**given)",
        "x = [y := 1]",
        "async def softmax(x):\n    return x",
        "def softmax(x):\n    yield x",
        "match 1:\n    case 1: pass",
    ],
)
def test_what_is_not_on_the_lists_proves_nothing(source):
    assert not plain(source)


@pytest.mark.parametrize(
    "source",
    [
        "def softmax(x):\n    e = torch.exp(x - x.max(-1, keepdim=True).values)\n    return e / e.sum(-1, True)",
        "import math\ndef softmax(x):\n    rows = [[math.exp(v) for v in row] for row in x.tolist()]\n"
        "    return torch.tensor([[v / sum(row) for v in row] for row in rows], dtype=x.dtype)",
        "def shifted(x):\n    return x - x.amax(dim=-1, keepdim=True)\n\n"
        "def softmax(x):\n    e = shifted(x).exp()\n    return e / e.sum(-1, keepdim=True)",
        "def softmax(x):\n    raise NotImplementedError",
        "y = softmax_of = torch.ones(3)\nprint(f'{y.sum():.2f}')",
    ],
)
def test_arithmetic_is_plain(source):
    assert plain(source)


def test_only_what_was_released_need_not_be_read():
    lesson = "class Example:\n    import os"
    cells = (("1", lesson), ("softmax", "def softmax(x):\n    return x"))
    assert is_plain(cells, {lesson}, SOFTMAX)
    assert not is_plain(cells, (), SOFTMAX)
    assert not is_plain((*cells, ("2", lesson + "\n")), {lesson}, SOFTMAX)


LAYER = """
class Layer(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.w = nn.Parameter(torch.randn(n_in, n_out))

    def forward(self, x):
        return x @ self.w
"""
READY_MADE = "ready_made = nn.Sequential(nn.Linear(784, 10), nn.LogSoftmax(dim=1))\ndef train(net):\n    pass"
LOG_REG, MATMUL = exercise("LogReg").forbidden, exercise("matmul").forbidden


def of_objects(*sources: str, families: tuple[Family, ...] = LOG_REG) -> bool:
    cells = [(str(i), source) for i, source in enumerate((SETUP, READY_MADE, *sources))]
    return is_plain(tuple(cells), {SETUP, READY_MADE}, families)


@pytest.mark.parametrize(
    "source",
    [
        LAYER,
        LAYER + "Linear = Layer",
        LAYER + "class Net(Layer):\n    def forward(self, x):\n        return x.flatten(1) @ self.w",
        LAYER + "class Net(torch.nn.Module):\n    def __init__(self):\n        nn.Module.__init__(self)\n"
        "        self.linear = Layer(784, 10)\n    def forward(self, x):\n        return self.linear(x)",
        "class Counter:\n    def __init__(self, n=0):\n        self._n = n\n    def more(self):\n        self._n += 1",
        "def softmax(x: torch.Tensor) -> torch.Tensor:\n    softmax.calls = 1\n    return x",
    ],
)
def test_classes_of_the_authors_own_are_plain(source):
    assert of_objects(source)


@pytest.mark.parametrize(
    "source",
    [
        "class Net:\n    def __init__(self):\n        self.linear = nn.Linear(3, 2)",
        "class Net(nn.Linear):\n    pass",
        "class Net(torch.nn.Linear):\n    pass",
        "class Net(ready_made):\n    pass",
        "class Net(nn.Module, metaclass=ready_made):\n    pass",
        "@ready_made\nclass Net:\n    pass",
        "class Net:\n    linear = ready_made",
        "class Net:\n    def __init__(self):\n        self.linear = ready_made",
        "class Net:\n    def keep(self, ready_made):\n        self.linear = [0 for ready_made in [0]]\n"
        "    def again(self):\n        self.linear = ready_made",
        "class Net:\n    def go(self, x):\n        self.train = train\n        return self.train(x)",
        "ready_made = 1\nclass Net:\n    def __init__(self):\n        self.linear = ready_made",
        "class Net:\n    from torch import nn\n    def __init__(self):\n        self.Linear = self.nn = 1\n"
        "    def go(self, x):\n        return Net.nn.Linear(3, 2)(x)",
        "class Net:\n    def linear(self):\n        pass\n    def go(self, x, w):\n        return F.linear(x, w)",
        "class Net:\n    def go(self):\n        self.f = F\n        return self.f",
        "class Net:\n    def log_softmax(self, x):\n        return x\ndef go(x):\n    return x.log_softmax(-1)",
        "class Net:\n    def __getattr__(self, name):\n        return name",
        "class Net:\n    def __torch_function__(self, f, types, args):\n        return f",
        "class Net:\n    def forward(self, x):\n        return x\ndef go(net, x):\n    return net.forward(x)",
        "class Net:\n    def go(self):\n        self.__class__ = 1",
        "class Net:\n    def go(self, x):\n        torch.linear = x",
        "class Net:\n    def go(self, x):\n        torch.nn.Linear = x",
        "class Net:\n    def go(self, x):\n        self._modules = x",
        "class Net(nn.Module):\n    def go(self, f):\n        self.apply(f)",
        "class Net(nn.Module):\n    def go(self, f):\n        self.register_forward_hook(f)",
        "class Net:\n    def go(self, f):\n        return self.go_on[0](f)",
        "class _i:\n    pass",
        "class Net:\n    def go(self):\n        return super().__class__",
        "def go(x):\n    go.f = x\n    return train(x)",
    ],
)
def test_what_a_class_may_get_hold_of_is_not_plain(source):
    assert not of_objects(LAYER, source)


def test_where_answers_are_given_models_no_class_is_plain():
    """A model of the lesson's or the suite's could be kept, and asked later."""
    assert of_objects("def matmul(a, b):\n    return (a[:, :, None] * b).sum(1)", families=MATMUL)
    assert not of_objects(LAYER, families=MATMUL)
    assert not of_objects("class Kept:\n    pass", families=MATMUL)


def test_products_are_plain_where_they_are_allowed():
    source = "def go(a, b):\n    return a @ b, torch.einsum('ij,jk', a, b), a.mm(b)"
    assert of_objects(source)
    assert not of_objects(source, families=MATMUL)
    assert not of_objects("def go(a, b):\n    return a @ b", families=MATMUL)


@pytest.mark.parametrize("name", ["04_softmax", "06_modules"])
def test_suites_under_these_families_give_answers_no_model(name):
    """No probe of theirs speaks of anything of torch.nn, but for asking whether something is a module."""
    references = References(COURSE, name)
    for each in exercises(name):
        assert {family.name for family in each.forbidden} <= {*OBJECTLESS, "loss"}
        world = AskedWorld(references.world)
        load_suite(COURSE.hidden_suite(name)).grade(each.name, world, references.world, 0)
        spoken = {pair for asked in world.questions for pair in _spoken(marshal.loads(asked.code))}
        assert {after for word, after in spoken if word == "nn"} <= {"Module", "Parameter"}
        assert not {word for word, _ in spoken} & {"optim", "functional", "F", "__build_class__"}


def _spoken(code: CodeType) -> Iterator[tuple[str, str]]:
    """Each name that a probe's code speaks of, and the one after it."""
    names = [each.argval for each in dis.get_instructions(code) if each.opname.startswith(("LOAD_ATTR", "LOAD_GLOBAL"))]
    yield from pairwise([*names, ""])
    if any(each.opname == "LOAD_BUILD_CLASS" for each in dis.get_instructions(code)):
        yield "__build_class__", ""
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _spoken(inner)


def test_most_right_answers_of_six_assignments_are_plain():
    """Otherwise nothing is gained; the last assignment's answers are given models, and always watched."""
    found, solved = [], []
    for name in assignments()[:6]:
        lesson = released_sources(json.loads(COURSE.released(name).read_text(encoding="utf-8")))
        sources = list(reference_answers(COURSE, name).items())
        families = tuple(family for each in exercises(name) for family in each.forbidden)
        path = COURSE.variants(name)
        answers = [(e, answer_source(path, known, e)) for e, names in names_of(path).items() for known in names]
        solved += [is_plain((answer,), lesson, families) for answer in sources]
        found += [is_plain((answer,), lesson, families) for answer in answers]
    assert sum(solved) > len(solved) / 2
    assert sum(found) > len(found) / 3


def test_innocents_are_plain_or_watched_but_never_refused():
    told = [is_plain(each.cells, LESSON, exercise(each.exercise).forbidden) for each in INNOCENT]
    assert any(told)
    assert not all(told)
