"""Cells run as IPython runs them, and one that does harm costs only itself."""

from __future__ import annotations

import pytest
import torch

from grader.jail import wire
from grader.jail.children import LostError
from grader.judge.jail_world import JailWorld
from grader.judge.probe import Probe

ADD = Probe.of(lambda m, x: m.add(x))
ONES = wire.encode((torch.ones(2),))


def shown(session, position=-1) -> str:
    """All text that a cell showed."""
    outputs = session.runs[position].outputs
    return "".join(o.get("text", "") or o.get("data", {}).get("text/plain", "") or o.get("ename", "") for o in outputs)


def test_the_last_expression_is_shown_as_a_result(run):
    output = run("x = 6\nx * 7").runs[0].outputs[0]
    assert (output["output_type"], output["data"]["text/plain"]) == ("execute_result", "42")


def test_prints_errors_and_shell_commands_are_captured(run):
    session = run("print('hello')", "1 / 0", "!echo from a shell", "import os; n = os.system('echo past python')")
    assert [shown(session, i).strip() for i in range(4)] == [
        "hello",
        "ZeroDivisionError",
        "from a shell",
        "past python",
    ]


def test_a_figure_is_shown_as_a_picture(run):
    session = run("import matplotlib.pyplot as plt\n_ = plt.plot([1, 2])")
    assert session.runs[0].outputs[0]["data"]["image/png"].startswith("iVBOR")


def test_magics_work(run):
    assert run("%matplotlib inline", "%timeit -n1 -r1 1").runs[1].ok


def test_a_traceback_shows_only_the_authors_frames(run):
    trace = (
        run("def f():\n    return torch.ones(2) @ torch.ones(3)", "import torch\nf()").runs[1].outputs[0]["traceback"]
    )
    assert any('"cell 0", line 2' in line for line in trace)
    assert not any("site-packages" in line for line in trace)


def test_what_a_cell_defined_before_it_raised_stays(run):
    session = run("def add(x):\n    return x + 1\nraise ValueError", "print(add(1))")
    assert shown(session) == "2\n"


@pytest.mark.parametrize(
    "harm",
    [
        "while True: pass",
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "import os; os._exit(0)",
        "import ctypes; ctypes.string_at(0)",
        "x = bytearray(10**9); x = [bytearray(10**7) for _ in range(10**4)]",
        "import os\nwhile True:\n    os.fork()",
        "import sys; sys.setrecursionlimit(10**9)\ndef f(): f()\nf()",
        "raise SystemExit",
        "raise KeyboardInterrupt",
        "import signal; signal.setitimer(signal.ITIMER_REAL, 0); signal.pause()",
    ],
)
def test_a_cell_that_does_harm_costs_only_itself(run, harm):
    session = run("def add(x):\n    return x + 1", harm, "print(add(41))")
    assert not session.runs[1].ok
    assert shown(session) == "42\n"


def test_a_fork_that_comes_out_of_its_cell_answers_nothing(run):
    session = run(
        "import os\ndef add(x):\n    os.fork()\n    return x + os.getpid()", "n = [os.fork() for _ in range(3)]"
    )
    world = JailWorld(session)
    numbers = {world.call(ADD, wire.encode((torch.zeros(1),)), ()).value.item() for _ in range(5)}
    assert len(numbers) == 1


def test_an_answer_is_asked_by_probes(run):
    reply = JailWorld(run("def add(x):\n    return x + 1")).call(ADD, ONES, ())
    assert torch.equal(reply.value, torch.full((2,), 2.0))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("while True: pass", "timed out"),
        ("import os; os._exit(0)", "crashed"),
        ("import ctypes; ctypes.string_at(0)", "crashed"),
        ("raise ValueError('no')", "raised"),
        ("raise SystemExit", "raised"),
        ("return torch.zeros(1).expand(10**12)", "unreadable"),
        ("a = []; a.append(a); return a", "unreadable"),
    ],
)
def test_an_answer_that_gives_nothing_is_told_apart_and_the_next_probe_is_answered(run, body, status):
    session = run(
        "import torch", "first = True", f"def add(x):\n    if x.sum() == 2:\n        {body}\n    return x + 1"
    )
    world = JailWorld(session)
    assert world.call(ADD, ONES, ()).status == status
    assert world.call(ADD, wire.encode((torch.zeros(2),)), ()).status == "returned"


def test_a_missing_name_is_missing(run):
    assert JailWorld(run("x = 1")).call(ADD, ONES, ()).status == "missing"


def test_an_exception_names_its_type_and_the_authors_line(run):
    reply = JailWorld(run("def add(x):\n    y = x\n    return y.nothing")).call(ADD, ONES, ())
    assert (reply.raised.kinds[0], reply.raised.cell, reply.raised.line) == ("AttributeError", "cell 0", 3)


def test_a_reply_that_is_too_large_costs_that_probe_only(run):
    session = run("import torch\ndef add(x):\n    return torch.zeros(int(x[0].item()))")
    world = JailWorld(session)
    assert world.call(ADD, wire.encode((torch.tensor([5e7]),)), ()).status == "unreadable"
    assert world.call(ADD, wire.encode((torch.tensor([3.0]),)), ()).status == "returned"


def test_a_lost_child_says_why(run):
    session = run("import os\ndef add(x):\n    os.kill(os.getpid(), 9)")
    session_world = JailWorld(session)
    session_world.call(ADD, ONES, ())
    with pytest.raises(LostError):
        run("import os\ndef add(x):\n    os._exit(3)").probe(ADD.to_bytes(), ONES, ())


def test_output_beyond_the_limit_is_cut_with_a_note(run):
    text = shown(run("print('x' * 10**7)"))
    assert "output cut" in text
    assert len(text) < 2 * 10**6
