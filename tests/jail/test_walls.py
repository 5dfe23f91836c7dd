"""What student code must not reach, tried from inside; the attack suite of a later day goes much further."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from grader.jail import nproc, seccomp, syscalls, walls
from grader.jail import session as session_module
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


UNCOUNTED = {
    "by a process whose first thread has ended": """
import ctypes, os, threading, time
def hold():
    time.sleep(0.2)
    x = bytearray(b"x") * (600 * 2**20)
    time.sleep(9)
if os.fork() == 0:
    threading.Thread(target=hold).start()
    ctypes.CDLL(None).syscall({"x86_64": 60, "aarch64": 93}[os.uname().machine], 0)
time.sleep(9)
""",
    "in sockets that nobody has accepted": """
import socket, time
server = socket.socket(socket.AF_UNIX)
server.bind("s")
server.listen(4096)
for _ in range(4000):
    client = socket.socket(socket.AF_UNIX)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**20)
    client.connect("s")
    client.setblocking(False)
    try:
        while True:
            client.send(bytes(65536))
    except BlockingIOError:
        client.close()
time.sleep(1)
""",
    "in tables of pages": """
import ctypes, mmap, os, time
for _ in range(16):
    if os.fork() == 0:
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000  # of which none is set aside
        held = mmap.mmap(-1, 14 << 30, flags=flags, prot=mmap.PROT_READ)
        held.madvise(mmap.MADV_NOHUGEPAGE)
        for place in range(0, 14 << 30, 2 << 20):
            held[place]
        time.sleep(9)
        os._exit(0)
time.sleep(9)
""",
    "in forks that write over what they inherited": """
import ctypes, os, time
def write():
    pages = os.open("/proc/self/pagemap", os.O_RDONLY)
    for line in open("/proc/self/maps").read().splitlines():
        place, mode, *rest = line.split()
        if mode == "rw-p" and (len(rest) < 4 or rest[3] == "[heap]"):
            first, end = (int(each, 16) for each in place.split("-"))
            entries = memoryview(os.pread(pages, (end - first) // 512, first // 512)).cast("Q")
            for number, entry in enumerate(entries):
                if entry >> 63 and not entry >> 61 & 1:
                    byte = ctypes.c_char.from_address(first + 4096 * number)
                    byte.value = byte.value
for _ in range(8):
    if os.fork() == 0:
        write()
        time.sleep(9)
        os._exit(0)
time.sleep(9)
""",
}


@pytest.mark.parametrize("how", UNCOUNTED)
def test_no_memory_is_held_that_nobody_counts(run, how):
    limits = Limits(cell_seconds=10.0, memory=350 * 2**20)
    assert "of memory" in run(UNCOUNTED[how], limits=limits).runs[0].lost


@pytest.mark.parametrize("name", ["vmsplice", "landlock_create_ruleset", "landlock_add_rule", "io_setup"])
def test_what_takes_memory_in_nobodys_account_is_refused(run, name):
    number = syscalls.DOORS[name][os.uname().machine != "x86_64"]
    called = f"print(libc.syscall({number}, -1, 0, 0, 0), ctypes.get_errno())"
    code = f"import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n{called}"
    assert run(code).runs[0].outputs[0]["text"] == f"-1 {errno.EPERM}\n"


def test_nobody_leaves_a_hint_at_a_file(run):
    hint = "import fcntl, struct\nfcntl.fcntl(open('own', 'w'), {}, struct.pack('Q', 3))"
    session = run(hint.format(1035), hint.format(1036))
    assert [each.ok for each in session.runs] == [True, False]


def test_what_cells_show_is_bounded_for_all_of_them_together(run, monkeypatch):
    monkeypatch.setattr(session_module, "MOST_SHOWN", 2**20)
    shown = [each.outputs[0]["text"] for each in run(*["print('x' * 400_000)"] * 4).runs]
    assert [len(each) > 100_000 for each in shown] == [True, True, False, False]
    assert shown[3] == session_module.NOT_KEPT


@pytest.mark.parametrize(
    ("release", "others"),
    [("4.18.0-553.el8.x86_64", True), ("5.10.0-28-amd64", True), ("5.14.0-427.el9", False), ("6.1-rc3+", False)],
)
def test_where_namespaces_have_no_account_of_their_own_all_of_a_users_processes_have_room(release, others, monkeypatch):
    monkeypatch.setattr("platform.release", lambda: release)
    monkeypatch.setattr(nproc, "count_against_limit", lambda: 300)
    around = walls.Walls(namespaces=True, reading=False, filter=b"", landlock=0, workers=4)
    assert walls._others(around, Limits(processes=64)) == (300 + 3 * 64 + nproc.LATER if others else 0)
