"""Which device a run takes, and what is said where there is no GPU: with pretended answers of the machine."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from tests_support import run_grader

from grader import device
from grader.autograde import ClassResult
from grader.device import CONTEXT, Device, DeviceError, Found, asked, built_for, choose, visible_device
from grader.doctor import _device
from grader.folder import CourseFolder
from grader.jail.limits import MIB, Limits
from grader.judge.orders import Orders
from grader.ledger import Ledger
from grader.nbgrader.plugin import Grade
from grader.summary import document
from grader.tables import class_table
from grader.verdict import Verdict, verdict_from_json

H200 = Found("12.8", "NVIDIA H200", 143_771 * MIB, 140_000 * MIB)
ABSENT = Found("12.8", why="this machine shows no NVIDIA driver")


@pytest.fixture(autouse=True)
def _all_cards_visible(monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


@pytest.mark.parametrize(
    ("wanted", "found", "expected"),
    [
        ("cpu", H200, Device()),
        ("auto", H200, Device("cuda", "NVIDIA H200", "0", H200.free)),
        ("cuda", H200, Device("cuda", "NVIDIA H200", "0", H200.free)),
        ("auto", ABSENT, Device()),
        ("auto", replace(H200, free=2 * CONTEXT), Device()),
        ("cuda", replace(H200, free=2 * CONTEXT), Device("cuda", "NVIDIA H200", "0", 2 * CONTEXT)),
    ],
)
def test_the_device_of_a_run(wanted, found, expected):
    assert choose(wanted, lambda: found) == expected


def test_on_the_cpu_nothing_is_asked():
    assert choose("cpu", lambda: pytest.fail("it was asked")) == Device()


def test_a_gpu_that_is_not_there_is_refused_with_what_is_missing_and_a_remedy():
    with pytest.raises(DeviceError, match=r"no GPU can be used: this machine shows no NVIDIA driver; .*--device cpu"):
        choose("cuda", lambda: ABSENT)


def test_a_word_that_is_no_device():
    with pytest.raises(DeviceError, match="one of auto, cpu, cuda, not `gpu`"):
        choose("gpu", lambda: H200)


@pytest.mark.parametrize(
    ("given", "expected"), [(None, "0"), ("", "0"), ("2,3", "2"), ("GPU-8f2a", "GPU-8f2a"), ("MIG-1/2", "MIG-1/2")]
)
def test_the_card_that_its_user_left_visible_is_used(given, expected):
    assert visible_device(given) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("cuda: Optional[str] = None", ""),
        ("cuda: Optional[str] = '12.8'", "12.8"),
        ('cuda = "11.8"', "11.8"),
        ("__version__ = '2.13.0+cu126'", ""),
        ("", ""),
    ],
)
def test_what_torch_was_built_for(line, expected):
    assert built_for(f"from typing import Optional\n{line}\nhip: Optional[str] = None\n") == expected


def says(program: str) -> Found:
    """What comes of a machine whose thrown-away process runs this."""
    return asked("12.8", (sys.executable, "-c", program))


def test_the_answer_of_the_process_that_is_thrown_away():
    assert says(f"print('a word of a library'); print({json.dumps(json.dumps(vars(H200)))})") == H200


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("raise SystemExit('driver/library version mismatch')", "driver/library version mismatch"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "exit code -11"),
        ("print('{')", "asking the GPU failed"),
        ("print('{\"odd\": 1}')", "asking the GPU failed"),
    ],
)
def test_a_driver_that_fails_is_no_gpu(program, words):
    found = says(program)
    assert found.built == "12.8"
    assert words in found.why


def test_a_driver_that_does_not_answer(monkeypatch):
    monkeypatch.setattr(device, "_SECONDS", 0.5)
    assert "did not answer within 0.5 seconds" in says("import time; time.sleep(60)").why


def test_how_many_are_graded_at_once_follows_the_free_memory():
    each = Limits().gpu_memory + 2 * CONTEXT
    card = Device("cuda", "A card", "0", 5 * each + 1)
    assert [card.at_once(jobs, Limits()) for jobs in (1, 5, 64)] == [1, 5, 5]
    assert Device().at_once(64, Limits()) == 64
    assert Device("cuda", "NVIDIA H200", "0", H200.free).at_once(20, Limits()) == 20


def test_a_card_that_is_full_is_refused():
    with pytest.raises(DeviceError, match=r"A card has 900 MiB of free memory, .* end what else runs on it"):
        Device("cuda", "A card", "0", 900 * MIB).at_once(1, Limits())


def test_orders_carry_the_device():
    given = Orders("/course", "04_softmax", "suite.py", (5,), 1, Limits(), device=Device("cuda", "A card", "1", 7))

    class Server:
        class stdin:  # noqa: N801 - as a process has it
            text = b""

            def __enter__(self):
                return self

            def __exit__(self, *_):
                pass

            def write(self, text):
                type(self).text = text

    Server.stdin = Server.stdin()
    given.give(Server)
    assert Orders.from_json(type(Server.stdin).text.decode()) == given


def test_a_result_of_another_device_is_none(released_course):
    folder = CourseFolder(released_course)
    on = {kind: Ledger.of(folder, "04_softmax", Limits(), "require", kind).basis for kind in ("cpu", "cuda")}
    assert on["cpu"] != on["cuda"]
    assert Ledger.of(folder, "04_softmax", Limits(), "require").basis == on["cpu"]


def test_verdicts_from_before_say_cpu():
    old = Verdict("04_softmax", "ada", ()).to_json()
    del old["device"]
    assert verdict_from_json(old).device == "cpu"


def test_the_command_refuses_what_this_machine_lacks(course):
    if not device.look().why:
        pytest.skip("this machine has a GPU")
    notebook = course / "assignments" / "04_softmax" / "04_softmax.ipynb"
    told = run_grader(course, "check", str(notebook), "--device", "cuda")
    assert told.returncode == 2
    assert "no GPU can be used: " in told.stderr
    assert told.stderr.count("\n") == 1
    assert run_grader(course, "autograde", "04_softmax", "--device", "tpu").returncode == 2


def test_choosing_loads_no_torch():
    program = "import sys, grader.device; grader.device.choose('auto'); print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "False\n"


def test_a_run_tells_its_device(capsys):
    on_gpu = ClassResult("04_softmax", (), device=Device("cuda", "NVIDIA H200", "0", 1))
    assert (document(on_gpu)["device"], document(on_gpu)["gpu"]) == ("cuda", "NVIDIA H200")
    on_cpu = document(ClassResult("04_softmax", ()))
    assert (on_cpu["device"], on_cpu["gpu"]) == ("cpu", "")
    class_table("04_softmax", on_gpu)
    assert "device: cuda (NVIDIA H200)" in capsys.readouterr().out
    class_table("04_softmax", ClassResult("04_softmax", ()))
    assert "device" not in capsys.readouterr().out


def test_plain_nbgrader_takes_the_same_device():
    assert Grade().device == "auto"


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (H200, "cuda: NVIDIA H200, 140000 of 143771 MiB free (torch is built for CUDA 12.8)"),
        (ABSENT, "cpu (torch is built for CUDA 12.8; this machine shows no NVIDIA driver)"),
        (Found(why="torch was built without CUDA"), "cpu (torch is built without CUDA)"),
    ],
)
def test_the_doctor_says_what_there_is(found, words):
    assert _device(found) == words
