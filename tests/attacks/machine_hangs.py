"""Breaking the machine by never coming to an end: in Python, in C, in collectors, in many cells, in replies."""

from __future__ import annotations

from collections.abc import Callable

from attacks.arena import ONE_PROCESS
from attacks.attack import Bite, Notebook, code
from attacks.machine_attack import MACHINE, breaking
from attacks.notebooks import code_cell

MANY = 20
"""Cells; half as many again as may use up `jailed.HASTY` before the rest is not run."""

LOOPS = (
    breaking(
        "loops for ever and catches whatever would end it",
        "an endless run",
        """
        while True:
            try:
                while True:
                    pass
            except BaseException:
                continue
        """,
        Bite.STALL,
        limits_hit=1,
    ),
    breaking(
        "ignores every signal and turns its alarm off",
        "an endless run",
        """
        import signal, time

        signal.setitimer(signal.ITIMER_REAL, 0)
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        time.sleep(10**6)
        """,
        Bite.STALL,
        limits_hit=1,
    ),
    breaking(
        "sleeps in C with all signals blocked and the interpreter held",
        "an endless run",
        """
        import ctypes, signal

        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
        ctypes.PyDLL(None).sleep(10**6)
        """,
        Bite.STALL,
        limits_hit=1,
    ),
    breaking(
        "multiplies huge matrices in one call",
        "an endless run",
        """
        torch.linalg.matrix_power(torch.eye(4000, dtype=torch.float64) * 0.5, 2**40 - 1)
        """,
        Bite.STALL,
        limits_hit=1,
    ),
    breaking(
        "raises ten to the hundred millionth power",
        "an endless run",
        """
        ten = 10
        number = ten ** ten ** 8
        """,
        Bite.STALL,
        limits_hit=1,
    ),
    breaking(
        "matches a pattern that goes back for ever",
        "an endless run",
        """
        import re

        re.match("(a+)+$", "a" * 64 + "b")
        """,
        Bite.STALL,
        limits_hit=1,
    ),
)

COLLECTORS = (
    breaking(
        "hangs when its objects are destroyed",
        "an endless run",
        """
        class Trap:
            def __del__(self):
                while True:
                    try:
                        while True:
                            pass
                    except BaseException:
                        continue

        trap = Trap()
        del trap
        """,
        Bite.STALL,
        limits_hit=1,
    ),
    breaking(
        "makes every collection of garbage a storm",
        "an endless run",
        """
        import gc, time

        class Phoenix:
            def __init__(self):
                self.me = self

            def __del__(self):
                Phoenix(), Phoenix()

        gc.set_threshold(1)
        gc.callbacks.append(lambda *_: time.sleep(0.05))
        ashes = [Phoenix() for _ in range(10**6)]
        """,
        Bite.STALL,
        limits_hit=1,
    ),
    breaking(
        "hangs when the process ends",
        "an endless run",
        """
        import atexit, threading, time

        atexit.register(time.sleep, 10**6)
        threading.Thread(target=time.sleep, args=(10**6,)).start()
        raise SystemExit
        """,
        Bite.NONE,
        note="a process that ends by exit() hangs; the naive grader's kernels end by _exit()",
    ),
)


def _more_cells(source: str, count: int = MANY) -> Callable[[Notebook], Notebook]:
    """Adds cells at the end that all have this source."""

    def mangle(notebook: Notebook) -> Notebook:
        return {**notebook, "cells": [*notebook["cells"], *(code_cell(code(source)) for _ in range(count))]}

    return mangle


CELLS = (
    breaking(
        "hangs in each of many cells",
        "time without end, a limit for each cell",
        "import time\ntime.sleep(10**6)",
        Bite.STALL,
        mangle=_more_cells("while True:\n    pass"),
        limits_hit=5,
    ),
    breaking(
        "hangs in each of many cells and catches whatever would end it",
        "time without end, a limit for each cell",
        "import time\ntime.sleep(10**6)",
        Bite.STALL,
        mangle=_more_cells(
            "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass"
        ),
        limits_hit=5,
    ),
    MACHINE.attack(
        "crashes at every question after a slow cell",
        {
            "softmax": """
            import ctypes, time

            time.sleep(1.2)

            def softmax(x):
                ctypes.string_at(0)
            """,
            "log_softmax": "def log_softmax(x):\n    return softmax(x)",
            "nll": "def nll(log_p, labels):\n    return softmax(log_p)",
        },
        "time without end, the slow cell again for each question",
        Bite.KILL,
        needs=ONE_PROCESS,
        limits_hit=5,
    ),
    breaking(
        "computes nearly as long as it may in several cells",
        "more than its share of time",
        """
        import time

        def burn(seconds):
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                pass

        burn(1.2)
        """,
        Bite.STALL,
        mangle=_more_cells("burn(1.2)", 4),
        limits_hit=3,
    ),
    MACHINE.answer(
        "sleeps whenever it is asked",
        "an endless run",
        """
        import time

        def softmax(x):
            while True:
                try:
                    time.sleep(10**6)
                except BaseException:
                    pass
        """,
        Bite.STALL,
        limits_hit=2,
    ),
)

REPLIES = (
    breaking(
        "answers with tensors that are larger than any memory",
        "all memory",
        """
        def softmax(x):
            return x.double().expand(6 * 10**6, *x.shape)

        def nll(log_p, labels):
            return torch.zeros(()).expand(10**12)
        """,
        Bite.FLOOD,
    ),
    breaking(
        "answers with ten million entries",
        "an endless run",
        """
        def softmax(x):
            return [[0.0]] * 10**7

        def nll(log_p, labels):
            return dict.fromkeys(range(10**6), (0.0,) * 10)
        """,
        Bite.STALL,
        limits_hit=4,
        note="two exercises, of which each may use up its limit twice",
    ),
    breaking(
        "answers with a graph too deep to be written down",
        "the grader's process",
        """
        import sys

        sys.setrecursionlimit(10**9)

        def softmax(x):
            deep = []
            for _ in range(10**5):
                deep = [deep]
            raise ValueError(deep)

        def nll(log_p, labels):
            loss = torch.ones((), requires_grad=True)
            for _ in range(10**4):
                loss = loss + 1
            deep = {}
            for _ in range(10**5):
                deep = {"deeper": deep, "and": (loss, deep)}
            return deep
        """,
        Bite.KILL,
        needs=ONE_PROCESS,
        limits_hit=4,
    ),
)

ATTACKS = (*LOOPS, *COLLECTORS, *CELLS, *REPLIES)
