"""Whatever made an answer's code - a magic, a text, a file - it is the author's, and its calls count."""

from __future__ import annotations

import pytest
import torch

from grader.course import exercise
from grader.jail import wire
from grader.judge.jail_world import JailWorld
from grader.judge.probe import Probe

SOFTMAX = Probe.of(lambda m, x: m.softmax(x))
FORBIDDEN = exercise("softmax").forbidden
X = wire.encode((torch.arange(6.0).reshape(2, 3),))
BODY = "import torch\ndef softmax(x):\n    return torch.softmax(x, -1)"
TEXT = "def softmax(x):\\n    return torch.softmax(x, -1)"


def called(session) -> list[tuple[str, str, int]]:
    """The forbidden calls of one probe."""
    reply = JailWorld(session).call(SOFTMAX, X, FORBIDDEN)
    assert reply.status == "returned"
    return [(each.call, each.cell, each.line) for each in reply.forbidden]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (BODY, 3),
        (f"%%time\n{BODY}", 4),
        (f"%%capture\n{BODY}", 4),
        (f"%%capture out\n%%time\n{BODY}", 5),
        ("import torch\n\n%time softmax = lambda x: torch.softmax(x, -1)", 3),
        ("import torch\ndef softmax(x):\n    exec('y = torch.softmax(x, -1)')\n    return x", 3),
    ],
)
def test_code_that_a_cell_made_is_named_by_its_line(run, source, line):
    assert called(run(source)) == [("torch.softmax", "cell 0", line)]


@pytest.mark.parametrize(
    "sources",
    [
        (f"%%prun\n{BODY}",),
        (f"import torch\nget_ipython().run_cell_magic('time', '', '{TEXT}')",),
        (f"import torch\nexec('{TEXT}')",),
        (f"import torch\nexec('{TEXT}', made := dict(torch=torch))\nsoftmax = made['softmax']",),
        (f"import torch\nexec(compile('{TEXT}', '<probe>', 'exec'))",),
        (f"%%writefile helper.py\n{BODY}", "from helper import softmax"),
        (f"%%writefile helper.py\n{BODY}", "%run helper.py"),
        (f"%%writefile helper.py\n{BODY}", "import helper\ndef softmax(x):\n    return helper.softmax(x)"),
        (
            "%%writefile late.py\nimport torch\ny = torch.softmax(torch.ones(2, 3), -1)",
            "def softmax(x):\n    import late\n    return late.y",
        ),
    ],
)
def test_code_of_no_cell_is_the_authors_too(run, sources):
    assert [call for call, _, _ in called(run(*sources))] == ["torch.softmax"]


def test_what_libraries_do_beneath_a_right_answer_is_theirs(run):
    source = """
        from collections import namedtuple
        from dataclasses import dataclass
        import torch
        Parts = namedtuple("Parts", "top rest")

        @dataclass
        class Row:
            values: torch.Tensor

        def softmax(x):
            parts = Parts(x.amax(-1, keepdim=True), Row(x))
            e = torch.exp(parts.rest.values - parts.top)
            return e / e.sum(-1, keepdim=True)
    """
    assert called(run(source)) == []


def test_a_helper_file_is_found_as_in_a_notebooks_kernel(run):
    session = run("%%writefile helper.py\ndef double(x):\n    return 2 * x", "from helper import double as softmax")
    assert JailWorld(session).call(SOFTMAX, X, ()).value.sum().item() == 30.0


LAZY = """
import torch

class Lazy(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        if func.__name__ == "detach":
            return {detached}
        return super().__torch_function__(func, types, args, kwargs or {{}})

def softmax(x):
    {changes}
    return x.clone().as_subclass(Lazy)
"""


def test_what_a_value_calls_while_it_is_read_counts(run):
    source = LAZY.format(detached="torch.softmax(args[0].as_subclass(torch.Tensor), -1)", changes="")
    assert [call for call, _, _ in called(run(source))] == ["torch.softmax"]


def test_inputs_are_read_before_a_value_can_put_them_back(run):
    source = LAZY.format(
        detached="kept[0].data.copy_(kept[1])", changes="global kept; kept = x, x.clone(); x.data.zero_()"
    )
    reply = JailWorld(run(source)).call(SOFTMAX, X, ())
    assert reply.inputs[0].sum().item() == 0.0


def test_a_value_that_is_never_read_to_the_end_costs_its_probe_alone(run):
    source = LAZY.format(detached="[None for _ in iter(int, 1)]", changes="")
    session = run(source, "def add(x):\n    return x + 1")
    assert JailWorld(session).call(SOFTMAX, X, ()).status == "timed out"
    assert JailWorld(session).call(Probe.of(lambda m, x: m.add(x)), X, ()).status == "returned"


@pytest.mark.parametrize("raised", ["KeyError(1)", "OSError()", "RecursionError()", "MemoryError()"])
def test_a_value_whose_reading_raises_is_unreadable(run, raised):
    source = LAZY.format(detached=f"(_ for _ in ()).throw({raised})", changes="")
    assert JailWorld(run(source)).call(SOFTMAX, X, ()).status == "unreadable"
