"""The tracer sees what an answer leans on, accuses nobody else, and leaves no trace itself."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable

import pytest
import torch
from attempts import PREPARED, TRACED, Attempt
from innocents import INNOCENT
from scripts import IN_THE_OPEN, OUT_OF_SIGHT
from torch.overrides import TorchFunctionMode, _get_current_function_mode_stack
from torch.utils import _python_dispatch
from torch.utils._python_dispatch import (
    TorchDispatchMode,
    _get_current_dispatch_mode_stack,
    _pop_mode,
    is_in_torch_dispatch_mode,
)
from traced import is_cell, run, trace

from grader.course import exercise
from grader.jail.owners import is_own
from grader.jail.tracer import Tracer
from grader.judge.compare import Tolerance, compare

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning"),
]
SOFTMAX = exercise("softmax").forbidden
SEEN, UNSEEN = (*TRACED, *OUT_OF_SIGHT), (*INNOCENT, *IN_THE_OPEN)


def state() -> tuple[object, ...]:
    modes = (*_get_current_function_mode_stack(), *_get_current_dispatch_mode_stack())
    return (
        sys.getprofile(),
        threading.getprofile(),
        sys.gettrace(),
        threading.gettrace(),
        sys.getrecursionlimit(),
        *(vars(kind)["__call__"] for kind in (torch._C.ScriptFunction, torch._C.ScriptMethod)),
        modes,
    )


def test_there_are_many_attempts() -> None:
    assert len(SEEN) + len(PREPARED) >= 30
    assert len(UNSEEN) >= 40


@pytest.mark.parametrize("attempt", SEEN, ids=lambda attempt: attempt.name)
def test_a_ready_made_function_is_seen_at_its_line(attempt: Attempt) -> None:
    calls = trace(attempt)
    cell, line = attempt.marked
    assert [(call["cell"], call["line"]) for call in calls] == [(f"cell {cell}", line)]
    assert calls[0]["text"].endswith("#!")


@pytest.mark.parametrize("attempt", UNSEEN, ids=lambda attempt: attempt.name)
def test_the_innocent_are_not_accused(attempt: Attempt) -> None:
    assert trace(attempt) == []


@pytest.mark.parametrize("attempt", UNSEEN, ids=lambda attempt: attempt.name)
def test_watching_changes_no_result(attempt: Attempt) -> None:
    plain, watched = run(attempt), run(attempt, Tracer(exercise(attempt.exercise).forbidden, is_own, is_cell))
    assert (plain["status"], plain["raised"]) == ("returned", None) or attempt.exercise == "softmax"
    assert watched["status"] == plain["status"]
    assert compare(watched["value"], plain["value"], tolerance=Tolerance(0.0, 0.0)) is None


@pytest.mark.parametrize("attempt", [*SEEN, *UNSEEN], ids=lambda attempt: attempt.name)
def test_nothing_is_left_behind(attempt: Attempt) -> None:
    before = state()
    trace(attempt)
    assert state() == before


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("torch_softmax", "torch.softmax"),
        ("functional", "F.softmax"),
        ("module", "nn.Softmax"),
        ("method", "Tensor.softmax"),
        ("special", "torch.special.softmax"),
        ("sparse", "torch.sparse.softmax"),
        ("aten_private", "aten._softmax"),
        ("scipy", "scipy.special.softmax"),
        ("numpy_reduce", "numpy.logaddexp"),
        ("distributions", "torch.distributions.Categorical"),
        ("scipy_bernoulli", "scipy.stats.bernoulli"),
        ("log_loss", "sklearn.metrics.log_loss"),
        ("encoder", "sklearn.preprocessing.OneHotEncoder"),
        ("bce", "F.binary_cross_entropy"),
        ("product_operator", "@"),
        ("product_numpy_dot", "numpy.dot"),
        ("product_conv1d", "torch.conv1d"),
        ("flatten_module", "nn.Flatten"),
        ("linear_module_inherited", "nn.Linear"),
        ("optimiser", "torch.optim.SGD"),
        ("line_polyfit", "numpy.polyfit"),
        ("log_loss_of_nets", "sklearn.neural_network.binary_log_loss"),
        ("script_called", "aten.softmax"),
        ("script_branch", "aten.one_hot"),
        ("script_loss_without_an_operator", "F.multilabel_soft_margin_loss"),
        ("script_of_a_module", "nn.Flatten"),
        ("thread_operator", "aten.softmax"),
        ("thread_mapped", "torch.softmax"),
    ],
)
def test_a_call_bears_the_name_that_people_write(name: str, call: str) -> None:
    attempt = next(each for each in SEEN if each.name == name)
    assert [each["call"] for each in trace(attempt)] == [call]


def test_a_compiled_function_that_is_the_answer_itself_is_seen() -> None:
    text = "def f(x: Tensor) -> Tensor:\\n    return torch.softmax(x, -1)\\n"
    attempt = Attempt("itself", f"softmax = torch.jit.CompilationUnit('{text}').f")
    assert [(call["call"], call["cell"], call["line"]) for call in trace(attempt)] == [("aten.softmax", "", 0)]


@pytest.mark.parametrize("work", [lambda: torch.exp(torch.ones(2)), lambda: torch.softmax(torch.ones(2), 0)])
def test_a_thread_that_goes_on_afterwards_does_no_harm(work: Callable[[], torch.Tensor]) -> None:
    go, made = threading.Event(), list[torch.Tensor]()
    with Tracer(SOFTMAX, is_own, is_cell) as tracer:
        thread = threading.Thread(target=lambda: (torch.zeros(1), go.wait(10), made.append(work())))
        thread.start()
    go.set()
    thread.join(10)
    assert made[0].equal(work())
    assert tracer.calls == []


def test_a_line_is_reported_once() -> None:
    attempt = Attempt("loop", "def softmax(x):\n    for _ in range(50):\n        y = x.softmax(-1)\n    return y")
    assert [call["line"] for call in trace(attempt)] == [3]


def test_each_line_is_reported() -> None:
    attempt = Attempt("two", "def softmax(x):\n    y = x.softmax(-1)\n    return torch.softmax(y, -1)")
    assert [call["line"] for call in trace(attempt)] == [2, 3]


class _FunctionMode(TorchFunctionMode):
    def __torch_function__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        return func(*args, **(kwargs or {}))


class _DispatchMode(TorchDispatchMode):
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("kind", [_FunctionMode, _DispatchMode])
def test_a_mode_that_the_author_left_on_stays_the_authors(kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    # modes that end in another order than they began leave torch's own flag wrong
    monkeypatch.setattr(_python_dispatch, "_is_in_torch_dispatch_mode", False)
    before, mode = state(), kind()
    with Tracer(SOFTMAX, is_own, is_cell):
        mode.__enter__()
    assert state()[-1] == (mode,)
    mode.__exit__(None, None, None)
    assert state() == before


def test_modes_that_the_author_left_are_no_error() -> None:
    before = state()
    with Tracer(SOFTMAX, is_own, is_cell):
        _get_current_function_mode_stack()[-1].__exit__(None, None, None)
        _get_current_dispatch_mode_stack()[-1].__exit__(None, None, None)
    assert state() == before


def test_a_mode_that_the_author_took_away_is_no_error() -> None:
    before = state()
    with Tracer(SOFTMAX, is_own, is_cell):
        _pop_mode()
    assert state() == before
    assert not is_in_torch_dispatch_mode()


def test_a_profile_function_of_before_is_put_back() -> None:
    seen: list[str] = []

    def profile(frame: object, event: str, arg: object) -> None:
        seen.append(event)

    sys.setprofile(profile)
    try:
        with Tracer(SOFTMAX, is_own, is_cell):
            torch.ones(2)
        assert sys.getprofile() is profile
    finally:
        sys.setprofile(None)


def test_tracers_may_be_nested() -> None:
    before = state()
    with Tracer(SOFTMAX, is_own, is_cell), Tracer(SOFTMAX, is_own, is_cell):
        torch.ones(2)
    assert state() == before


def test_watching_imports_no_library() -> None:
    code = (
        "import sys, torch; from grader import course; from grader.jail.owners import is_own\n"
        "from grader.jail.tracer import Tracer\n"
        "with Tracer(course.exercise('softmax').forbidden, is_own, str): torch.ones(2).exp()\n"
        "assert not {'scipy', 'sklearn', 'torch._dynamo'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_an_author_may_have_set_the_highest_recursion_limit() -> None:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(2**31 - 1)
    try:
        with Tracer(SOFTMAX, is_own, is_cell) as tracer:
            torch.exp(torch.zeros(2))
        assert sys.getrecursionlimit() == 2**31 - 1
        assert tracer.calls == []
    finally:
        sys.setrecursionlimit(before)
