"""Attacking the checker past its answers: exits, forged replies and verdicts, files beside the notebook, signals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from attacks.attack import FIRST, LAST, Attack, Bite, Chapter, code
from attacks.checker_controls import (
    Grader,
    by_a_loop_over_the_class,
    by_a_script_at_the_path,
    by_a_script_in_its_folder,
    by_a_script_of_the_same_user,
    by_exit_code,
    by_printed_verdict,
    by_pytest,
    by_results_file,
    by_unittest,
    control,
)

CHECKER = Chapter("checker")

CHANNELS = """
import os, stat, sys

def channels():
    for number in range(3, 256):
        try:
            mode = os.fstat(number).st_mode
        except OSError:
            continue
        if stat.S_ISFIFO(mode) or (stat.S_ISSOCK(mode) and number == 3):
            yield number

def tell(number, text):
    try:
        os.write(number, text.encode())
    except OSError:
        pass  # nobody reads there

def asked():
    frame = sys._getframe()
    while frame:
        request = frame.f_locals.get("request")
        if isinstance(request, dict) and "number" in request:
            return request["number"]
        frame = frame.f_back
    return ""
"""


def falls_for(grader: Grader, name: str, must_not: str, source: str, limits_hit: int = 0) -> Attack:
    """An answer by which this way of grading is taken in."""
    checked = control(grader, code(source))
    return CHECKER.answer(name, must_not, source, control=checked, limits_hit=limits_hit)


EXITS = (
    falls_for(
        by_exit_code,
        "ends its process as if all had gone well",
        "full points for an exit code",
        """
        import os

        def softmax(x):
            os._exit(0)
        """,
    ),
    falls_for(
        by_exit_code,
        "raises SystemExit with code 0",
        "full points for an exit code",
        """
        def softmax(x):
            raise SystemExit(0)
        """,
    ),
    falls_for(
        by_a_loop_over_the_class,
        "raises KeyboardInterrupt, which no usual handler stops",
        "the neighbour's points",
        """
        def softmax(x):
            raise KeyboardInterrupt
        """,
    ),
    falls_for(
        by_unittest,
        "skips the test that calls it",
        "full points for a skipped test",
        """
        import unittest

        def softmax(x):
            raise unittest.SkipTest("no time")
        """,
    ),
    falls_for(
        by_pytest,
        "ends the session of pytest as a success",
        "full points for an exit code",
        """
        def softmax(x):
            import pytest
            pytest.exit("done", returncode=0)
        """,
    ),
    falls_for(
        by_results_file,
        "writes its own results when the process ends",
        "points from a file of results",
        """
        import atexit, json

        def write():
            for folder in (".", "..", "/tmp", "/tmp/output", "/autograder/results"):
                try:
                    with open(f"{folder}/results.json", "w") as file:
                        json.dump({"points": 4, "score": 4, "tests": [{"score": 4, "max_score": 4}]}, file)
                except OSError:
                    pass

        atexit.register(write)

        def softmax(x):
            return x
        """,
    ),
    falls_for(
        by_printed_verdict,
        "prints a verdict and leaves",
        "points from a printed verdict",
        """
        import os, sys

        def softmax(x):
            for line in ("1 passed in 0.01s", '{"points": 4, "outcome": "passed"}', "softmax: 4 of 4 points"):
                print(line, flush=True)
                print(line, file=sys.stderr, flush=True)
            os._exit(0)
        """,
    ),
)

FORGED = (
    CHECKER.attack(
        "writes points into every pipe that it holds and leaves",
        {
            FIRST: CHANNELS,
            "softmax": """
            def softmax(x):
                for number in channels():
                    tell(number, "8\\n")
                os._exit(0)
            """,
        },
        "points for a number on the channel",
        Bite.POINTS,
    ),
    CHECKER.attack(
        "sends a forged reply and a forged verdict before its answer",
        {
            FIRST: CHANNELS,
            "softmax": """
            import json, socket

            def softmax(x):
                for number in channels():
                    if stat.S_ISFIFO(os.fstat(number).st_mode):
                        tell(number, json.dumps({"student": ME, "said": "8"}) + "\\n")
                        continue
                    from grader.jail import channel, wire
                    more = {"inputs": (x,), "raised": None, "forbidden": [], "points": 4.0, "to": asked()}
                    for status in ("passed", "returned"):
                        with socket.socket(fileno=os.dup(number)) as connection:
                            channel.send(connection, wire.encode({**more, "status": status, "value": x}))
                return x
            """,
        },
        "points for a forged reply",
        Bite.POINTS,
    ),
    CHECKER.attack(
        "sends its neighbour's result before the neighbour does",
        {
            FIRST: CHANNELS,
            LAST: """
            import json
            for number in channels():
                tell(number, json.dumps({"student": "ada", "said": "0"}) + "\\n")
            """,
        },
        "the neighbour's points",
        Bite.KILL,
    ),
    CHECKER.attack(
        "answers the channel itself and says that it called nothing",
        {
            FIRST: CHANNELS,
            "softmax": """
            import torch

            def softmax(x):
                return torch.softmax(x, -1)
            """,
            LAST: """
            import signal, socket
            for number in channels():
                if stat.S_ISSOCK(os.fstat(number).st_mode):
                    from grader.jail import channel, wire
                    from grader.jail.answers import Answers
                    from grader.jail.probing import probe_function
                    connection = socket.socket(fileno=number)
                    ran = {"ok": True, "outputs": [], "line": 0}
                    channel.send(connection, wire.encode({**ran, "to": asked()}))
                    signal.setitimer(signal.ITIMER_REAL, 0)
                    while True:
                        request = wire.decode(channel.receive(connection, wire.MAX_BYTES))
                        reply = {"status": "returned", "raised": None, "forbidden": [], "to": request.get("number", "")}
                        inputs = wire.decode(request["inputs"])
                        try:
                            reply = {**reply, "value": probe_function(request["code"])(Answers(globals()), *inputs)}
                        except BaseException:
                            reply = {**reply, "value": None}
                        channel.send(connection, wire.encode({**reply, "inputs": inputs}))
            """,
        },
        "points for what is not allowed",
        Bite.POINTS,
    ),
    CHECKER.attack(
        "lets its own alarm declare success while it computes for ever",
        {
            FIRST: CHANNELS,
            "softmax": """
            import signal

            def declare(*_):
                for number in channels():
                    tell(number, "8\\n")
                os._exit(0)

            def softmax(x):
                for number in (signal.SIGALRM, signal.SIGVTALRM, signal.SIGTERM, signal.SIGINT):
                    signal.signal(number, declare)
                signal.setitimer(signal.ITIMER_VIRTUAL, 0.1)
                while True:
                    pass
            """,
        },
        "points for a signal",
        Bite.POINTS,
        limits_hit=2,
    ),
)

YES = {
    "torch.py": "zeros = ones = allclose = lambda *_, **__: True\n",
    "conftest.py": """
import pytest

@pytest.hookimpl(hookwrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    outcome = yield
    outcome.force_result(True)
""",
    "sitecustomize.py": "import os\nos._exit(0)\n",
}
ZEROS = """
import torch

def softmax(x):
    return torch.zeros_like(x)
"""


def files_beside(grader: Grader, source: str) -> Callable[[Path], str]:
    """The control: this way of grading, in a folder that holds the files."""

    def run(folder: Path) -> str:
        beside(folder)
        return grader(folder, source)

    return run


def beside(folder: Path) -> None:
    """Hands in modules that Python and pytest find before their own."""
    for name, text in YES.items():
        (folder / name).write_text(text, encoding="utf-8")


def without(grader: Grader, name: str) -> Grader:
    """The same way of grading in a folder that lacks a file, which would answer first."""

    def run(folder: Path, source: str) -> str:
        (folder / name).unlink()
        return grader(folder, source)

    return run


OWN_PLACES = """
import os, site

for folder in (site.getusersitepackages(), os.path.expanduser("~"), "."):
    for name in ("torch.py", "sitecustomize.py", "usercustomize.py", "conftest.py", "yes.pth"):
        try:
            os.makedirs(folder, exist_ok=True)
            with open(f"{folder}/{name}", "w") as file:
                file.write("import os; os._exit(0)")
        except OSError as error:
            print(error)
"""
# for the jail alone: without it, this would reach the Python that runs these tests
EVERYBODYS_PLACES = """
import glob, sys

for folder in (*sys.path, *glob.glob("/usr/lib/python3*"), *glob.glob("/usr/lib/python3*/*-packages")):
    for name in ("torch.py", "sitecustomize.py", "yes.pth"):
        try:
            with open(f"{folder}/{name}", "x") as file:
                file.write("import os; os._exit(0)")
        except OSError as error:
            print(error)
"""

SHADOWS = (
    CHECKER.answer(
        "hands in a torch.py beside its notebook",
        "full points for zeros",
        ZEROS,
        beside=beside,
        control=files_beside(by_a_script_in_its_folder, ""),
    ),
    CHECKER.answer(
        "hands in a conftest.py for which every test passes",
        "full points for zeros",
        ZEROS,
        beside=beside,
        control=files_beside(without(by_pytest, "torch.py"), "def softmax(x):\n    return [0.0]"),
    ),
    CHECKER.answer(
        "hands in a sitecustomize.py that ends Python at once",
        "full points for zeros",
        ZEROS,
        beside=beside,
        control=files_beside(by_a_script_at_the_path, ""),
    ),
    CHECKER.attack(
        "writes modules and a pth file where Python looks for them at its next start",
        {FIRST: OWN_PLACES, "softmax": ZEROS, LAST: EVERYBODYS_PLACES},
        "points or a file outside",
        Bite.POINTS,
        control=control(by_a_script_of_the_same_user, code(OWN_PLACES)),
    ),
)

ATTACKS = (*EXITS, *FORGED, *SHADOWS)
