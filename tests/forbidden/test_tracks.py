"""Signs that an answer avoids being watched are told to a human, and then its code is read as it stands."""

from __future__ import annotations

import pytest
from attempts import CUT, SETUP

from grader.course import exercise
from grader.judge.reading import lineage
from grader.judge.reading.lineage import hidden_tracks, prepared_calls, static_calls

SOFTMAX = exercise("softmax").forbidden
QUEUES = (
    "import threading, queue\nasked, told = queue.Queue(), queue.Queue()\ndef work():\n    while True:\n"
    "        told.put(torch.softmax(asked.get(), -1))\nthreading.Thread(target=work, daemon=True).start()\n"
    f"{CUT}def softmax(x):\n    asked.put(x)\n    return told.get()"
)
RIGHT = "def softmax(x):\n    e = x.exp()\n    return e / e.sum(-1, keepdim=True)"


def cells(code: str) -> tuple[tuple[str, str], ...]:
    return (("setup", SETUP), *((str(number), source) for number, source in enumerate(code.split(CUT), 1)))


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("import sys\ndef softmax(x):\n    sys.setprofile(None)", "sys.setprofile"),
        ("from sys import setprofile as off\ndef softmax(x):\n    off(None)", "sys.setprofile"),
        ("def softmax(x):\n    import sys as s\n    s.settrace(None)", "sys.settrace"),
        ("import sys\ndef softmax(x):\n    return sys._getframe(1)", "sys._getframe"),
        ("import inspect\ndef softmax(x):\n    return inspect.currentframe()", "inspect.currentframe"),
        ("def softmax(x):\n    with torch._C.DisableTorchFunction():\n        return x", "DisableTorchFunction"),
        ("from torch._C import DisableTorchFunction as D\ndef softmax(x):\n    return D()", "torch._C"),
        (
            "from torch.utils._python_dispatch import _disable_current_modes as d\ndef softmax(x):\n    return d()",
            "torch.utils._python_dispatch",
        ),
        ("def softmax(x):\n    return torch.ops.aten.exp(x)", "torch.ops"),
        ("def softmax(x):\n    return eval('x')", "eval"),
        ("def softmax(x):\n    exec('y = x')", "exec"),
        ("def softmax(x):\n    return __import__('torch').exp(x)", "__import__"),
        ("import ctypes\ndef softmax(x):\n    return ctypes.CDLL(None)", "ctypes"),
        ("import gc\ndef softmax(x):\n    return gc.get_objects()", "gc.get_objects"),
        ("import threading\ndef softmax(x):\n    threading.Thread(target=print).start()", "threading"),
        (
            f"import gc\ndef look():\n    return gc.get_objects()\n{CUT}def softmax(x):\n    return look()",
            "gc.get_objects",
        ),
        (QUEUES, "threading"),
    ],
)
def test_a_sign_names_what_it_found(code: str, name: str) -> None:
    assert any(f"uses `{name}`" in sentence for sentence in hidden_tracks(cells(code), "softmax", SOFTMAX))


def test_a_sign_says_where_it_stands() -> None:
    found = hidden_tracks(cells("import gc\ndef softmax(x):\n    return gc.get_objects()"), "softmax", SOFTMAX)
    assert found == ("`softmax`: line 3 of cell `1` uses `gc.get_objects`, which searches the objects of other code.",)


@pytest.mark.parametrize(
    "code",
    [
        RIGHT,
        f"import gc, sys, threading\n{RIGHT}",
        "net = nn.Linear(2, 2)\ndef softmax(x):\n    net.eval()\n    return x.exp()",
        "import re\ndef softmax(x):\n    return re.compile('a')",
        f"def other(x):\n    return eval('x')\n{CUT}{RIGHT}",
        f"import gc\ngc.collect()\n{CUT}{RIGHT}",
        "def softmax(x, eval=None):\n    return x",
        f"try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    print(error)\nfinally:\n    pass\n{CUT}{RIGHT}",
        "def softmax(x):\n    gc = x.exp()\n    return gc / gc.sum()",
        "def softmax(x):\n    'never exec, eval or ctypes'\n    return x  # nor sys.setprofile",
    ],
)
def test_ordinary_code_bears_no_sign(code: str) -> None:
    assert hidden_tracks(cells(code), "softmax", SOFTMAX) == ()


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("def softmax(x):\n    return torch.softmax(x, -1)", 2),
        ("def softmax(x):\n    return x.softmax(-1)", 2),
        ("def softmax(x):\n    from scipy.special import softmax as s\n    return s(x)", 3),
        ("import functools\ndef softmax(x):\n    return functools.partial(torch.softmax, dim=-1)(x)", 3),
        ("def rows(x):\n    return F.softmax(x, -1)\ndef softmax(x):\n    return rows(x)", 2),
        (QUEUES, 5),
    ],
)
def test_code_as_it_stands_is_read_to_its_line(code: str, line: int) -> None:
    assert [call.line for call in static_calls(cells(code), "softmax", SOFTMAX)] == [line]


@pytest.mark.parametrize(
    "code",
    [
        RIGHT,
        f"{RIGHT}\nassert softmax(torch.ones(2)).equal(torch.softmax(torch.ones(2), 0))",
        f"def other(x):\n    return torch.softmax(x, -1)\n{CUT}{RIGHT}",
        "class Net:\n    def softmax(self, x):\n        return x\nn = Net()\ndef softmax(x):\n    return n.softmax(x)",
        "def softmax(x):\n    'not torch.softmax(x)'\n    return x  # nor x.softmax(-1)",
    ],
)
def test_code_that_the_answer_does_not_reach_is_not_read(code: str) -> None:
    assert static_calls(cells(code), "softmax", SOFTMAX) == ()


@pytest.mark.parametrize(
    "code",
    [
        "def softmax(x):\n    return torch.softmax(x, -1)",
        f"k = 2\nshown = [k for k in torch.softmax(torch.ones(3), 0)]\n{CUT}def softmax(x):\n    return x * k",
        f"n = torch.softmax(torch.ones(3), 0)\n{CUT}def softmax(x):\n    return x.exp() / n\n{CUT}n = 3",
        f"x = torch.softmax(torch.ones(3), 0)\n{CUT}softmax = lambda x: x.exp()",
        "import math\nprint(math.exp(1), torch.softmax(torch.ones(3), 0))\ndef softmax(x):\n    return math.exp(x)",
        "f = torch.softmax\ndef softmax(x):\n    return f(x, -1)",
    ],
)
def test_nothing_was_prepared(code: str) -> None:
    assert prepared_calls(cells(code), "softmax", SOFTMAX) == ()


_TRIED = "try:\n    import cv2\nexcept ImportError:\n    cv2 = None\n"


@pytest.mark.parametrize(
    ("code", "installed", "lines"),
    [
        (f"{_TRIED}def bgr_to_rgb(x):\n    known = cv2 is not None\n    return x.flip(-1)", True, []),
        (f"{_TRIED}def bgr_to_rgb(x):\n    return x.flip(-1) if None == cv2 else x[[2]]", True, []),
        (
            f"{_TRIED}def bgr_to_rgb(x):\n    if cv2 is None:\n        return x\n    return cv2.cvtColor(x, 4)",
            True,
            [8],
        ),
        (f"{_TRIED}def bgr_to_rgb(x):\n    return cv2.cvtColor(x, 4) is None", True, [6]),
        (
            f"{_TRIED}def bgr_to_rgb(x):\n    if cv2 is None:\n        return x\n    return cv2.cvtColor(x, 4)",
            False,
            [],
        ),
        ("from cv2 import cvtColor as bgr_to_rgb", False, []),
        ("from cv2 import *\nbgr_to_rgb = cvtColor", False, []),
    ],
)
def test_a_library_is_used_where_it_is_there_and_does_something(
    code: str, installed: bool, lines: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lineage, "is_installed", lambda name: name != "cv2" or installed)
    families = exercise("bgr_to_rgb").forbidden
    assert [call.line for call in static_calls(cells(code), "bgr_to_rgb", families)] == lines


@pytest.mark.parametrize("installed", [True, False])
def test_a_table_of_a_library_that_is_missing_was_never_made(installed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lineage, "is_installed", lambda name: installed)
    code = "try:\n    import cv2\n    table = cv2.cvtColor(0, 4)\nexcept ImportError:\n    table = 0\n"
    code += f"{CUT}def bgr_to_rgb(x):\n    return table + x.flip(-1)"
    found = prepared_calls(cells(code), "bgr_to_rgb", exercise("bgr_to_rgb").forbidden)
    assert [call.line for call in found] == ([3] if installed else [])


def test_code_nested_too_deeply_is_told_and_hides_nothing_else() -> None:
    deep = f"y = {'+'.join(['1'] * 400)}\ntable = torch.softmax(torch.ones(3), 0)\ndef softmax(x):\n    return table"
    assert [call.line for call in prepared_calls(cells(deep), "softmax", SOFTMAX)] == [2]
    assert hidden_tracks(cells(deep), "softmax", SOFTMAX) == (
        "Cell `1` holds code that is nested too deeply, or too long, to be read.",
    )


def test_a_cell_too_deep_to_parse_is_told() -> None:
    deep = f"y = {'+'.join(['1'] * 20_000)}\n{CUT}{RIGHT}"
    assert hidden_tracks(cells(deep), "softmax", SOFTMAX) == (
        "Cell `1` holds code that is nested too deeply, or too long, to be read.",
    )


def test_a_very_long_cell_is_told() -> None:
    assert len(hidden_tracks(cells(f"# {'x' * 300_000}\n{CUT}{RIGHT}"), "softmax", SOFTMAX)) == 1


@pytest.mark.parametrize(
    ("body", "avoided"),
    [
        ("torch.ops.aten.exp(x)", True),
        ("x.exp() + gc.isenabled()", False),
        ("eval('torch.exp(x)')", True),
        ("x.exp() * multiprocessing.cpu_count()", False),
        ("sys.setprofile(None)", True),
        ("threading.Thread(target=print)", True),
        ("torch.utils._python_dispatch._disable_current_modes()", True),
    ],
)
def test_only_what_can_avoid_the_watching_lets_unseen_calls_count(body, avoided):
    cells = [
        ("1", "import gc, multiprocessing, sys, threading, torch"),
        ("softmax", f"def softmax(x):\n    return {body}"),
    ]
    assert lineage.watching_avoided(cells, "softmax") is avoided


def test_statements_beyond_the_limit_are_flagged():
    cells = [("long", "a = 1\n" * 6000), ("softmax", "def softmax(x):\n    return x")]
    assert any("`long`" in sentence for sentence in hidden_tracks(cells, "softmax", ()))


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("import json, sklearn.linear_model, PIL.Image", False),
        ("from grader import check", False),
        ("import solutions", True),  # it lies in the course, not among the packages
        ("import helper", True),
    ],
)
def test_imports_of_what_was_not_read_are_told(source, told):
    signs = lineage.tampering_signs([("1", source)])
    assert any("no installed library" in sentence for sentence in signs) is told
