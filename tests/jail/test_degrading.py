"""What is weaker than it was, or than elsewhere, is noticed and said: lost layers, cold processes, cgroups, Windows."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.folder import CourseFolder
from grader.jail import cgroup
from grader.jail.children import LostError
from grader.jail.headstart import WORTH_IT, HeadStart
from grader.jail.jail import Jail
from grader.jail.layers import OUT_OF_REACH, Missing
from grader.jail.limits import MIB, Limits
from grader.jail.proofs import CONTAINED, Protection, try_walls
from grader.jail.remedies import remedy
from grader.jail.runs import CellRun
from grader.jail.session import Session
from grader.jail.system import SWITCH, JailError
from grader.judge.orders import Orders
from grader.judge.pool import Pool
from grader.judge.serving import Guarded
from grader.judge.submission import GradedSubmission
from grader.judge.suite import Case, Suite
from grader.judge.world import Reply
from grader.notebook.running import RunCell
from grader.verdict import Verdict

WALL = "a wall that stood when tried"
STOOD = Protection((WALL, "namespaces"), ("file system closed",), ())


@pytest.fixture
def gate(jail):
    """The session's gate, which expects of its children what it expected before when the test is over."""
    gate = jail.gates[0]
    before = gate.expected, gate.strict
    yield gate
    gate.expect(before[0], strict=before[1])
    gate.take_lost()


def test_a_child_that_lacks_a_layer_runs_nothing(gate):
    gate.expect((*gate.layers, "landlock", WALL), strict=True)
    with pytest.raises(JailError, match=WALL):
        gate.spawn(Limits())


class Gone:
    """A world whose jail has ended."""

    def call(self, *_: object, **__: object) -> Reply:
        raise JailError("the jail's zygote is gone")


def test_a_jail_that_ends_while_a_case_asks_costs_no_points_but_fails_the_grading():
    def asks(answer) -> None:
        """It is asked."""
        answer.value(lambda m: m.softmax())

    with pytest.raises(JailError, match="zygote is gone"):
        Suite((Case("asks", "softmax", asks),)).grade("softmax", Gone(), None, seed=1)


class Grades:
    """A worker that starts a child for every submission, and no more."""

    def __init__(self, gate) -> None:
        self.gate = gate

    def take_lost(self):
        return self.gate.take_lost()

    def grade(self, submission):
        self.gate.spawn(Limits()).end()
        return GradedSubmission(Verdict("04_softmax", "you", ()))


def test_whoever_insists_is_told_in_that_very_verdict(gate):
    gate.expect((WALL,), strict=False)
    first = Guarded(Grades(gate), STOOD).grade(None).verdict.isolation
    assert first[0] == "tier D"
    assert any(WALL in line and line.startswith("missing") for line in first)
    gate.expect((), strict=False)
    assert Guarded(Grades(gate), STOOD).grade(None).verdict.isolation == ("tier A", *STOOD.layers)


def test_the_orders_and_the_seed_in_them_are_in_no_argument_of_a_process(released_course):
    folder = CourseFolder(released_course)
    with Pool(folder, "04_softmax") as pool:
        pool.wait_until_ready()
        seed = str(folder.seed("04_softmax")).encode()
        below = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in _below(os.getpid())]
        assert any(b"grader.judge.server" in line for line in below)
        assert not any(seed in line for line in below)


def _below(pid: int) -> list[int]:
    from grader.jail.processes import tree

    return tree(pid)[1:]


def test_orders_arrive_as_they_were_given():
    orders = Orders("/course", "04_softmax", "suite.py", (5, 6), 12345, Limits(memory=7), "warn")
    code = "import sys; sys.stdout.write(sys.stdin.read())"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        orders.give(process)
        assert Orders.from_json(process.stdout.read().decode()) == orders


@pytest.fixture
def cold(monkeypatch):
    """A jail of cold processes, as other systems have it."""
    monkeypatch.setenv(SWITCH, "1")
    with Jail() as jail:
        jail.wait_until_ready()
        yield jail


LIMITS = Limits(cell_seconds=3.0, probe_seconds=1.0, memory=300 * MIB, scratch=16 * MIB)


def test_cold_processes_are_limited_and_leave_nothing(cold):
    protection = try_walls(cold.gates[0], os.getpid())
    assert protection.tier == "D"
    assert "network closed" in protection.decisive
    assert {each.name for each in protection.missing} >= {"landlock", "seccomp"}
    sources = (
        "def add(x):\n    return x + 1\nopen('mine', 'w').write('x')",
        "import time\nheld = bytearray(500 * 2**20)\ntime.sleep(9)",
        "import time\nfor i in range(9):\n    open(f'f{i}', 'wb').write(bytes(2**22))\ntime.sleep(9)",
        "import subprocess\nslept = subprocess.Popen(['sleep', '4711'])\nprint(add(41))",
    )
    session = Session(cold.gates[0], [RunCell(str(i), each, i) for i, each in enumerate(sources)], LIMITS)
    try:
        session.run_cells()
    finally:
        session.close()
    assert [run.ok for run in session.runs] == [True, False, False, True]
    assert "memory" in session.runs[1].lost
    assert "to disk" in session.runs[2].lost
    assert session.runs[3].outputs[0]["text"] == "42\n"
    until = time.monotonic() + 20
    while _runs(b"4711") and time.monotonic() < until:
        time.sleep(0.05)  # a process that was killed is seen until the kernel has come round to it
    assert not _runs(b"4711")


def _runs(argument: bytes) -> bool:
    """Whether any process of this machine was started with such an argument."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            if argument in path.read_bytes().split(b"\0"):
                return True
    return False


def test_cold_processes_all_run_every_cell(cold):
    first = RunCell("1", "x = 1", 0)
    head = HeadStart(cold.gates[0], [first], LIMITS)
    for _ in range(WORTH_IT + 1):
        head.learn([CellRun(first, True)])
    assert (head.runs_of([first]), head.spawn(), head.take_lost(), head.suspended) == ((), None, (), 0.0)


def test_a_cold_process_that_ignores_its_limit_is_ended(cold):
    child = cold.gates[0].spawn(LIMITS)
    source = "import signal\nsignal.setitimer(signal.ITIMER_REAL, 0)\nwhile True: pass"
    try:
        with pytest.raises(LostError, match="time limit"):
            child.ask({"name": "x", "source": source}, 1.0)
        assert child.exit is not None
    finally:
        child.end()


def test_a_machine_that_was_declared_a_wall_is_one_only_when_nothing_leads_out(monkeypatch):
    from grader.jail import proofs

    monkeypatch.setenv(CONTAINED, "1")
    for leads_out, contained in ((True, False), (False, True)):
        monkeypatch.setattr(proofs, "_leads_out", lambda answer=leads_out: answer)
        assert proofs._contained() is contained
    monkeypatch.delenv(CONTAINED)
    assert not proofs._contained()
    open_ = Protection((), (), ("network closed",), contained=True)
    assert (open_.tier, open_.sufficient) == ("C", False)


def test_on_windows_the_way_out_is_named():
    code = (
        "import sys, platform\n"
        "for name in ('resource', 'fcntl', 'pwd', 'grp'): sys.modules[name] = None\n"
        "platform.system = lambda: 'Windows'\n"
        "from grader.jail.jail import Jail\n"
        "Jail()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "JailError" in done.stderr.splitlines()[-1]
    assert "wsl --install" in done.stderr


@pytest.fixture
def delegated(tmp_path) -> tuple[Path, Path]:
    """A folder that looks as /sys/fs/cgroup does where the memory controller is handed down; and who we are."""
    slice_ = tmp_path / "user.slice" / "app.slice"
    (slice_ / "run.scope").mkdir(parents=True)
    (tmp_path / "cgroup.controllers").write_text("cpu memory pids\n")
    for folder, handed_down in ((slice_, "memory pids"), (slice_ / "run.scope", "")):
        (folder / "cgroup.subtree_control").write_text(handed_down)
        (folder / "cgroup.procs").write_text("")
    own = tmp_path / "own"
    own.write_text("0::/user.slice/app.slice/run.scope\n")
    return tmp_path, own


def test_a_group_for_each_child_is_made_where_memory_is_handed_down(delegated):
    groups = cgroup.find(*delegated)
    group = groups.make(Limits(memory=5 * MIB, scratch=MIB, processes=7))
    assert group.folder.parent == delegated[0] / "user.slice" / "app.slice"
    assert (group.folder / "memory.max").read_text() == str(6 * MIB)
    assert (group.folder / "pids.max").read_text() == "8"
    group.add(4711)
    assert (group.folder / "cgroup.procs").read_text() == "4711"
    assert not group.out_of_memory
    (group.folder / "memory.events").write_text("low 0\nmax 3\noom 1\noom_kill 2\n")
    assert group.out_of_memory


def test_without_a_delegated_group_the_reason_is_said(delegated, tmp_path):
    root, own = delegated
    (root / "user.slice" / "app.slice" / "cgroup.subtree_control").write_text("")
    with pytest.raises(OSError, match="no cgroup with a memory controller"):
        cgroup.find(root, own)
    with pytest.raises(OSError, match="does not use cgroup v2"):
        cgroup.find(tmp_path / "elsewhere", own)


@pytest.fixture
def at_hand(delegated, monkeypatch) -> list[Path]:
    """Lets `cgroup.find` find such a folder; grows by one entry whenever somebody looks."""
    looked: list[Path] = []
    find = cgroup.find

    def found() -> cgroup.Groups:
        looked.append(delegated[0])
        return find(*delegated)

    monkeypatch.setattr(cgroup, "find", found)
    return looked


def test_the_children_of_all_gates_get_groups_of_their_own(at_hand):
    with Jail(2, slow=()) as jail:
        jail.wait_until_ready()
        assert len(at_hand) == 1
        children = [gate.spawn(Limits()) for gate in jail.gates]
        try:
            groups = [path for path in at_hand[0].rglob("grader-*") if (path / "cgroup.procs").is_file()]
            assert len({(path / "cgroup.procs").read_text() for path in groups}) == len(groups) == 2
        finally:
            for child in children:
                child.end()
        for gate in jail.gates:
            assert cgroup.LAYER in gate.layers
            assert cgroup.LAYER not in [each.name for each in gate.missing]


def test_cold_processes_are_in_no_group_and_do_not_say_so(at_hand, cold):
    gate = cold.gates[0]
    assert (at_hand, cgroup.LAYER in gate.layers, cgroup.WATCHED in gate.layers) == ([], False, True)
    assert Missing(cgroup.LAYER, f"{SWITCH}=1 is set") in gate.missing


@pytest.mark.parametrize(
    "name", ["landlock", "landlock scopes", "seccomp", "no capabilities", cgroup.LAYER, OUT_OF_REACH]
)
def test_every_layer_that_may_be_missing_has_a_remedy(name):
    assert remedy(Missing(name, "why"))


@pytest.mark.parametrize(
    ("setting", "words"),
    [("kernel.apparmor_restrict_unprivileged_userns=0", "1"), ("user.max_user_namespaces=10000", "0")],
)
def test_the_setting_that_refuses_namespaces_is_named(monkeypatch, setting, words):
    from grader.jail import remedies
    from grader.jail.enclosure import NAMESPACES

    path = next(path for path, _, name in remedies._SETTINGS if name == setting)
    monkeypatch.setattr(remedies, "_reads", lambda asked: words if asked == path else "")
    assert setting in remedy(Missing(NAMESPACES, "unshare: Operation not permitted"))
