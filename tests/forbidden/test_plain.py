"""What is proved plain by reading alone could not have called anything that is forbidden."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from attempts import PREPARED, SETUP, TRACED
from innocents import INNOCENT

from grader.author.cells import reference_answers
from grader.course import assignments, exercise, exercises
from grader.excerpts import answer_source, names_of
from grader.folder import CourseFolder
from grader.judge.reading.plain import is_plain
from grader.notebook.running import released_sources

COURSE = CourseFolder(Path(__file__).parents[2])
LESSON = frozenset({SETUP})
SOFTMAX = exercise("softmax").forbidden


@pytest.mark.parametrize("attempt", [*TRACED, *PREPARED], ids=lambda each: each.name)
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
        "class softmax:\n    pass",
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
        "def softmax(x):\n    return x @ x",
        "def softmax(x):\n    return x.logsumexp(-1)",
        "def softmax(x):\n    return x.apply_(ready_made)",
        "def softmax(x):\n    return exec('x')",
        "def softmax(x):\n    return getattr(x, 'softmax')(-1)",
        "def softmax(x):\n    return list(map(ready_made, x))",
        "with torch.no_grad():\n    pass",
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
    lesson = "class Example:\n    pass"
    cells = (("1", lesson), ("softmax", "def softmax(x):\n    return x"))
    assert is_plain(cells, {lesson}, SOFTMAX)
    assert not is_plain(cells, (), SOFTMAX)
    assert not is_plain((*cells, ("2", lesson + "\n")), {lesson}, SOFTMAX)


def test_most_right_answers_of_five_assignments_are_plain():
    """Otherwise nothing is gained; classes, which the last two assignments ask for, are always watched."""
    found, solved = [], []
    for name in assignments()[:5]:
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
