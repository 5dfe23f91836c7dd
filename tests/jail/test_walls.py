"""What student code must not reach, tried from inside; the attack suite of a later day goes much further."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from grader.jail import seccomp
from grader.jail.limits import Limits
from grader.jail.proofs import try_walls

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.usefixtures("protection")

REACHES = {
    "the repository": f"open({str(ROOT / 'pyproject.toml')!r}).read()",
    "the reference solutions": f"open({str(ROOT / 'solutions' / '04_softmax.py')!r}).read()",
    "the users": "open('/etc/passwd').read()",
    "the home folder": f"__import__('os').listdir({str(Path.home())!r})",
    "the network": "__import__('socket').create_connection(('127.0.0.1', 22), 1)",
    "a socket of the internet": "__import__('socket').socket()",
    "another process": f"__import__('os').kill({os.getpid()}, 0)",
    "its parent": "print(1 / __import__('os').getppid())",
    "a new user namespace": "print([][__import__('ctypes').CDLL(None).unshare(0x10000000)])",
    "root": "__import__('os').setuid(0)",
    "the libraries, for writing": "open(__import__('torch').__file__, 'a')",
    "the tokens of its environment": "print({k: v for k, v in __import__('os').environ.items()}['SECRET_TOKEN'])",
    "the kit's open files": "[__import__('os').fstat(n) for n in range(4, 64)]",
}


@pytest.mark.parametrize("what", REACHES)
def test_student_code_does_not_reach(run, monkeypatch, what):
    monkeypatch.setenv("SECRET_TOKEN", "secret")
    session = run(REACHES[what])
    assert not session.runs[0].ok, session.runs[0].outputs


def test_the_same_code_outside_the_jail_does_reach_the_repository_and_the_network():
    code = f"{REACHES['the repository']}; {REACHES['a socket of the internet']}; {REACHES['the users']}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0


def test_no_solution_suite_or_pytest_is_in_the_memory_of_the_jail(run):
    names = run(
        "import sys\nsecret = ('grader.judge', 'grader_solutions', 'grader_mistakes', 'pytest', '_pytest')\n"
        "print([m for m in sys.modules if m.startswith(secret)])"
    )
    assert names.runs[0].outputs[0]["text"].strip() == "[]"


def test_scratch_space_is_there_is_limited_and_is_not_shared(run):
    full = run("open('mine', 'w').write('x')", "open('big', 'wb').write(bytes(10**8 * 2))")
    assert [each.ok for each in full.runs] == [True, False]
    assert not run("open('mine').read()").runs[0].ok


def test_memory_of_many_processes_counts_together(run):
    source = (
        "import os, time\nfor _ in range(6):\n    if os.fork() == 0:\n"
        "        x = b'1' * (120 * 2**20); time.sleep(30); os._exit(0)\ntime.sleep(30)"
    )
    assert "memory" in run(source).runs[0].lost


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_is_whole_instructions_and_ends_in_allow(machine):
    program = seccomp.compile_filter(machine)
    assert len(program) % 8 == 0
    assert program.endswith((0x7FFF0000).to_bytes(4, "little"))


def test_walls_are_tried_wherever_temporary_files_lie(jail, monkeypatch, tmp_path):
    """A socket's name has a hundred bytes at most."""
    place = tmp_path / ("p" * 100)
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    found = try_walls(jail.gates[0], os.getpid())
    assert not found.open
    assert "sockets of other programs closed" in found.held


def test_no_file_that_others_have_open_too_carries_a_message(run):
    look = "import fcntl\nprint(fcntl.fcntl(0, fcntl.F_GETFL), fcntl.fcntl(0, 11))"
    before = run(look).runs[0].outputs
    told = run("import fcntl, os\nfcntl.fcntl(0, fcntl.F_SETFL, os.O_APPEND | os.O_NONBLOCK), fcntl.fcntl(0, 10, 42)")
    assert told.runs[0].ok
    assert run(look).runs[0].outputs == before


def test_nobody_sets_the_times_of_a_device(run):
    before = Path("/dev/null").stat().st_mtime_ns
    session = run("import os\nos.utime('/dev/null')", "open('/dev/null', 'w').write('x')")
    assert [each.ok for each in session.runs] == [False, True]
    assert Path("/dev/null").stat().st_mtime_ns == before


def test_programs_that_a_submission_starts_inherit_no_memory(run):
    starts = """
import subprocess, sys
code = "x = bytearray(b'x') * (200 * 2**20); print(1, flush=True); import time; time.sleep(60)"
every = [subprocess.Popen([sys.executable, "-ISc", code], stdout=subprocess.PIPE) for _ in range(4)]
for each in every:
    each.stdout.readline()
import time
time.sleep(1)
"""
    assert "of memory" in run(starts, limits=Limits(memory=600 * 2**20)).runs[0].lost


def test_signals_that_wait_are_bounded_for_each(run):
    session = run("import resource\nprint(resource.getrlimit(resource.RLIMIT_SIGPENDING)[1] <= 1024)")
    assert session.runs[0].outputs[0]["text"] == "True\n"


def test_no_descriptor_is_in_flight_where_the_kernel_counts_them_for_all(run):
    session = run(
        "import socket\nhere, there = socket.socketpair()",
        "here.send(b'x') and there.recv(1)",
        "socket.send_fds(here, [b'x'], [0])",
        "here.sendmsg([b'x'])",
    )
    assert [each.ok for each in session.runs] == [True, True, False, False]


def test_nobody_takes_more_of_the_pipes_that_the_kernel_counts_for_all(run):
    session = run(
        "import fcntl, os\nr, w = os.pipe()", "fcntl.fcntl(w, fcntl.F_GETPIPE_SZ)", "fcntl.fcntl(w, 1031, 2**20)"
    )
    assert [each.ok for each in session.runs] == [True, True, False]


def test_workers_of_a_data_loader_hand_tensors_on(run):
    loads = """
import torch
from torch.utils.data import DataLoader, TensorDataset
every = DataLoader(TensorDataset(torch.arange(6.0)), batch_size=2, num_workers=2)
print([each[0].tolist() for each in every])
"""
    session = run(loads, limits=Limits(cell_seconds=20.0))
    assert session.runs[0].outputs[0]["text"] == "[[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]\n"
