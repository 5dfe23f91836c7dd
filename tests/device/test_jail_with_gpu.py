"""A jail whose children are to use a GPU, on a machine that may have none: what they see, what is let through, and how
their use of it ends.
"""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from grader.device import BLIND, Device
from grader.folder import CourseFolder
from grader.jail import gpu, seccomp, view
from grader.jail.children import LostError
from grader.jail.faults import FAULTS
from grader.jail.jail import Jail
from grader.jail.limits import MIB, Limits
from grader.jail.session import Session
from grader.jail.system import JailError, environment
from grader.judge.pool import JudgeError, Pool
from grader.notebook.running import RunCell

PRETENDED = Device("cuda", "A card that is not there", "0", 10**12)
without_gpu = pytest.mark.skipif(bool(torch.version.cuda), reason="this torch is built for CUDA")
MEMORY_FILES = """
import ctypes, errno, os
from grader.jail import linux, seccomp
linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
seccomp.install(seccomp.compile_filter(gpu={gpu}))
libc = ctypes.CDLL(None, use_errno=True)
for flags in (0, 1, 8, 9):
    print(flags, "made" if libc.memfd_create(b"m", flags) >= 0 else errno.errorcode[ctypes.get_errno()])
"""


@pytest.fixture
def for_gpu(monkeypatch):
    monkeypatch.setenv(gpu.GPU, "0")


@pytest.fixture
def dev(tmp_path):
    for name in ("nvidiactl", "nvidia0", "nvidia1", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset", "null", "sda"):
        (tmp_path / name).touch()
    (tmp_path / "nvidia-caps").mkdir()
    (tmp_path / "nvidia-caps" / "nvidia-cap1").touch()
    return tmp_path


def test_the_drivers_files_are_in_the_view_of_a_gpu_only(dev, monkeypatch):
    monkeypatch.delenv(gpu.GPU, raising=False)
    assert gpu.nodes(dev) == gpu.readable() == gpu.writable() == ()
    before = view.readable()
    monkeypatch.setenv(gpu.GPU, "0")
    names = {str(Path(path).relative_to(dev)) for path in gpu.nodes(dev)}
    assert names == {"nvidiactl", "nvidia0", "nvidia1", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-caps/nvidia-cap1"}
    assert set(view.readable()) >= {*before, *gpu.readable()}


def test_threads_may_be_named(for_gpu):
    assert gpu.writable()[-1] == "/proc/self/task"


def test_whoever_forks_sees_no_gpu_and_asks_for_none():
    here = environment()
    assert {name: here[name] for name in BLIND} == BLIND
    assert gpu.GPU not in here
    assert environment("GPU-8f2a") == {**here, **environment("GPU-8f2a")}
    assert environment("GPU-8f2a")[gpu.GPU] == "GPU-8f2a"
    assert environment("0")["NVIDIA_TF32_OVERRIDE"] == "0"


def test_torch_counts_no_gpu_where_it_is_told_so(monkeypatch):
    """What an optimiser's first step asks in the zygote; torch would ask CUDA itself if this were not so."""
    for name, value in BLIND.items():
        monkeypatch.setenv(name, value)
    assert torch.cuda._device_count_nvml() == 0


@pytest.mark.parametrize(
    ("for_gpu", "said"),
    [(False, "0 EPERM 1 EPERM 8 EPERM 9 EPERM"), (True, "0 EPERM 1 EPERM 8 made 9 made")],
    ids=["cpu", "gpu"],
)
def test_files_in_memory_are_made_for_a_gpu_only_and_never_run(for_gpu, said):
    program = MEMORY_FILES.format(gpu=for_gpu)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    if "EINVAL" in done.stdout:
        pytest.skip("this kernel knows no MFD_NOEXEC_SEAL")
    assert " ".join(done.stdout.split()) == said


def test_all_else_is_refused_as_ever():
    plain, for_gpu = (seccomp.compile_filter(gpu=each) for each in (False, True))
    assert len(for_gpu) - len(plain) < 10 * 8
    assert errno.EPERM  # the program's own tests are in tests/jail; these are a few instructions more


def test_address_space_has_no_limit_where_cuda_reserves_it(monkeypatch):
    from grader.jail import walls

    taken = {}
    monkeypatch.setattr(walls, "_set_limit", lambda kind, soft, hard: taken.update({kind: soft}))
    walls.limit(Limits(), 0)
    assert taken[resource.RLIMIT_AS] == Limits().address_space
    monkeypatch.setenv(gpu.GPU, "0")
    walls.limit(Limits(), 0)
    assert taken[resource.RLIMIT_AS] == resource.RLIM_INFINITY
    assert taken[resource.RLIMIT_NOFILE] == Limits().open_files


@without_gpu
def test_a_child_that_cannot_use_its_gpu_says_so_behind_all_its_walls():
    with Jail(slow=(), visible="0") as jail:
        jail.wait_until_ready()
        child = jail.gates[0].spawn(Limits())
        (missing,) = [each for each in child.missing if each.name == gpu.LAYER]
        child.end()
    assert missing.why == "CUDA does not start in the jail: Torch not compiled with CUDA enabled"
    assert {"landlock", "seccomp"} <= set(child.layers)


@without_gpu
def test_a_run_does_not_begin_where_children_cannot_use_the_gpu(released_course):
    with (
        Pool(CourseFolder(released_course), "04_softmax", policy="warn", device=PRETENDED) as pool,
        pytest.raises(JudgeError, match=r"the jail cannot use the GPU: CUDA does not start .*--device cpu"),
    ):
        pool.wait_until_ready()


@pytest.mark.parametrize("strict", [True, False])
def test_a_child_without_its_gpu_is_not_run_whatever_the_policy(jail, strict):
    gate = jail.gates[0]
    before = gate.expected, gate.strict
    try:
        gate.expect((*gate.layers, gpu.LAYER), strict=strict)
        with pytest.raises(
            JailError, match=r"not run, since walls that stood when tried are missing now: share of the"
        ):
            gate.spawn(Limits())
        gate.expect((*gate.layers, "a wall"), strict=False)
        gate.spawn(Limits()).end()
    finally:
        gate.expected, gate.strict = before
        gate.take_lost()


CELLS = (RunCell(0, "one", "x = 1"), RunCell(1, "two", "y = 2"))


class Child:
    """Answers with what it is told to; a list of replies for each child that is made."""

    layers = ()

    def __init__(self, replies):
        self.replies, self.ended = list(replies), False

    def ask(self, request, seconds, patience=0.0):
        return self.replies.pop(0)

    def end(self):
        self.ended = True

    leave = end


class Gate:
    suspended = 0.0

    def __init__(self, *children):
        self.waiting, self.made = [Child(replies) for replies in children], []

    def spawn(self, limits):
        self.made.append(self.waiting.pop(0))
        return self.made[-1]


RAN = {"ok": True, "outputs": []}


def test_a_fault_of_the_gpu_costs_its_child_alone():
    gate = Gate([RAN, RAN, {"fault": "index"}], [RAN, RAN, {"status": "returned"}])
    session = Session(gate, CELLS, Limits())
    session.run_cells()
    with pytest.raises(LostError, match="an index was out of range") as lost:
        session.probe(b"", b"", ())
    assert lost.value.status == "crashed"
    assert session.probe(b"", b"", ()) == {"status": "returned"}
    assert [child.ended for child in gate.made] == [True, False]


def test_a_cell_with_a_fault_is_not_run_again():
    gate = Gate([RAN, {"fault": "memory"}], [RAN, {"status": "returned"}])
    session = Session(gate, CELLS, Limits())
    session.run_cells()
    assert [run.lost for run in session.runs] == ["", FAULTS["memory"]]
    assert session.probe(b"", b"", ()) == {"status": "returned"}


def test_questions_put_together_are_put_one_by_one_after_a_fault():
    gate = Gate([RAN, RAN, {"fault": "assert"}])
    session = Session(gate, CELLS, Limits())
    session.run_cells()
    assert session.probes([(b"", b"", ())] * 3) == []


@pytest.mark.parametrize("made_up", ["full marks for all", ["memory"], 3, None])
def test_a_fault_that_is_none_goes_on_as_a_reply(made_up):
    gate = Gate([RAN, RAN, {"fault": made_up}])
    session = Session(gate, CELLS, Limits())
    session.run_cells()
    assert session.probe(b"", b"", ()) == {"fault": made_up}


def test_the_share_of_the_gpu_is_a_limit():
    assert Limits().gpu_memory == 2048 * MIB
    assert os.environ.get(gpu.GPU) is None


def test_shortened_numbers_are_off_and_nothing_of_cuda_is_touched():
    before = torch.backends.cudnn.allow_tf32, torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic
    try:
        gpu.calculate_exactly()
        assert not torch.backends.cuda.matmul.allow_tf32
        assert not torch.backends.cudnn.allow_tf32
        assert torch.backends.cudnn.deterministic
        gpu.require_untouched()
    finally:
        torch.backends.cudnn.allow_tf32, torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic = before


def test_who_is_about_to_fork_and_has_touched_cuda_is_stopped(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    with pytest.raises(RuntimeError, match="initialised in a process that forks"):
        gpu.require_untouched()
