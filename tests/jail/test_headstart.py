"""Children that begin behind the first cells of a class's notebooks: used where it can be, told apart by nothing."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from grader.course import assignments
from grader.folder import CourseFolder
from grader.jail import processes
from grader.jail.headstart import WORTH_IT, HeadStart
from grader.jail.jail import Jail
from grader.jail.limits import Limits
from grader.jail.session import Session
from grader.notebook.running import RunCell, beginning, cells_to_run, lesson_sources

COURSE = CourseFolder(Path(__file__).parents[2])
LIMITS = Limits(cell_seconds=4.0, probe_seconds=2.0)
FIRST = """
import os, torch
ran_in = os.getpid()
torch.manual_seed(3)
table = torch.randn(3)
def double(x):
    return 2 * x
print("drawn", table)
"""
ASKS = "print(os.getpid() == ran_in, double(table).sum().item(), torch.rand(1).item())\ntable.zero_()"

pytestmark = pytest.mark.usefixtures("protection")


def cells(*sources: str) -> tuple[RunCell, ...]:
    return tuple(RunCell(str(i + 1), source, i, drawn=i > 0) for i, source in enumerate(sources))


def waits_for(head: HeadStart, every: Sequence[RunCell]) -> bool:
    """Whether there is a zygote ahead for a notebook's cells, once it has had its time."""
    deadline = time.monotonic() + 20
    while not (begun := bool(head.runs_of(every))) and head.cells:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return begun


class Class:
    """Notebooks one after another, whose beginning may run ahead."""

    def __init__(self, jail: Jail, *first: str) -> None:
        self.gate = jail.gates[0]
        self.first = first
        self.head = HeadStart(self.gate, cells(*first), LIMITS)
        self.sessions: list[Session] = []

    def notebook(self, *sources: str, head: bool = True) -> Session:
        """One that ran its cells."""
        made = Session(self.gate, cells(*sources), LIMITS, self.head if head else None)
        self.sessions.append(made)
        made.run_cells()
        return made

    def begin(self) -> bool:
        """Enough notebooks for a class; whether there is a zygote ahead in the end."""
        for _ in range(WORTH_IT):
            self.notebook(*self.first)
        return waits_for(self.head, cells(*self.first))

    def close(self) -> None:
        for each in self.sessions:
            each.close()


@pytest.fixture
def class_of(jail: Jail) -> Iterator[Callable[..., Class]]:
    made: list[Class] = []

    def of(*first: str) -> Class:
        made.append(Class(jail, *first))
        return made[-1]

    yield of
    for each in made:
        each.close()


def texts(session: Session) -> list[str]:
    return ["".join(each.get("text", "") for each in run.outputs) for run in session.runs]


def test_the_first_cells_run_once_for_all(class_of):
    some = class_of(FIRST)
    assert some.begin()
    ordinary = texts(some.notebook(FIRST, ASKS, head=False))
    assert ordinary[1].startswith("True ")
    for _ in range(2):  # the second is not told that the first has changed the table
        ahead = texts(some.notebook(FIRST, ASKS))
        assert ahead == [ordinary[0], ordinary[1].replace("True", "False")]


@pytest.mark.parametrize(
    "sources",
    [
        (FIRST + "#", ASKS),
        ("a = 1", FIRST, ASKS),
        (FIRST,),
    ],
)
def test_a_notebook_that_begins_otherwise_gets_nothing_of_it(class_of, sources):
    some = class_of(FIRST, "print('second')")
    assert some.begin()
    session = some.notebook(*sources)
    assert session._begun == 0
    assert all(run.ok for run in session.runs)
    assert "False" not in texts(session)[-1]


def test_a_cell_of_another_name_or_drawn_otherwise_is_another_cell(class_of):
    some = class_of(FIRST)
    assert some.begin()
    for cell in (RunCell("2", FIRST, 0, drawn=False), RunCell("1", FIRST, 0, drawn=True)):
        assert some.head.runs_of([cell]) == ()


def test_whose_process_is_lost_begins_behind_them_again(class_of):
    some = class_of(FIRST)
    assert some.begin()
    session = some.notebook(
        FIRST, "mine = table + 1", "os._exit(1)", "print(os.getpid() == ran_in, torch.equal(mine, table + 1))"
    )
    assert [run.ok for run in session.runs] == [True, True, False, True]
    assert texts(session)[3] == "False True\n"


def test_it_has_the_same_walls(class_of):
    some = class_of(FIRST)
    ordinary = some.notebook(FIRST).layers
    assert some.begin()
    session = some.notebook(FIRST, "print(os.getpid(), os.getcwd(), os.listdir())")
    assert session._begun == 1
    assert session.layers == ordinary
    assert texts(session)[1] == "1 /jail/home []\n"


@pytest.mark.parametrize(
    "leaves",
    [
        "open('left', 'w').close()",
        "import tempfile; tempfile.mkdtemp()",
        "kept = open('/dev/null')",
        "import threading, time; threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
        "import subprocess; kept = subprocess.Popen(['sleep', '60'])",
        "import os; os.chdir('/')",
        "import os, time\nif os.getpid() != 1: time.sleep(60)",
        "import os\nif os.getpid() != 1: raise ValueError",
        "import os\nif os.getpid() != 1: os._exit(0)",
        "import os\nif os.getpid() != 1: os.kill(os.getpid(), 9)",
        "import subprocess\nsubprocess.run('sleep 60 >/dev/null 2>&1 &', shell=True)",
        "!sleep 60 >/dev/null 2>&1 &",
        "import os\nif os.getpid() != 1: forked = os.fork()",
        "import torch, os\nshared = torch.from_file('x', shared=True, size=4, dtype=torch.int64)\nos.remove('x')",
    ],
)
def test_what_a_fork_cannot_take_over_is_run_by_each_as_always(class_of, leaves):
    some = class_of(leaves)
    assert not some.begin()
    session = some.notebook(leaves, "print(os.getpid())" if "import os" in leaves else "print(1)")
    assert (session._begun, texts(session)[1]) == (0, "1\n")


@pytest.mark.parametrize(
    ("first", "asks"),
    [
        ("import random\nrandom.seed(0)", "print(random.random())"),
        (
            "import numpy as np, torch\nnp.random.seed(1), torch.manual_seed(1)",
            "print(np.random.rand(), torch.rand(1))",
        ),
        ("import sys\nsys.path.insert(0, '/nowhere')", "print(sys.path)"),
        ("7\n", "print(In, Out, _, get_ipython().execution_count, list(globals()))"),
        ("import warnings\nwarnings.simplefilter('error')", "print(warnings.filters)"),
    ],
)
def test_what_comes_behind_them_is_as_always(class_of, first, asks):
    some = class_of(first)
    assert some.begin()
    ahead = some.notebook(first, asks)
    assert ahead._begun == 1
    assert texts(ahead)[1] == texts(some.notebook(first, asks, head=False))[1]


def test_numbers_by_chance_are_new_for_each_where_the_first_cells_draw_none(class_of):
    some = class_of("import random")
    assert some.begin()
    drawn = {texts(some.notebook("import random", "print(random.random())"))[1] for _ in range(3)}
    assert len(drawn) == 3


@pytest.mark.parametrize("shows", ["import random\nvalue = random.random()", "import time\nvalue = time.time()"])
def test_what_is_shown_is_what_is_there(class_of, shows):
    some = class_of(f"{shows}\nprint(value)")
    assert not some.begin()
    shown, there = texts(some.notebook(*some.first, "print(value)"))
    assert shown == there


def test_what_the_first_cells_take_counts_as_always(class_of):
    some = class_of("import torch\nlarge = torch.ones(50 * 2**20)")
    assert some.begin()
    for head in (True, False):
        session = some.notebook(*some.first, "print(1)", head=head)
        assert session._ready()._keeper.anonymous == some.gate.anonymous


@pytest.mark.parametrize("fails", ["raise ValueError", "import time\ntime.sleep(60)", "import os\nos._exit(0)"])
def test_a_beginning_that_fails_is_not_run_ahead(class_of, fails):
    some = class_of(fails)
    for _ in range(WORTH_IT + 1):
        session = some.notebook(fails, "print('on')")
        assert (session.runs[0].ok, texts(session)[1]) == (False, "on\n")
    assert some.head._gate is None


def test_without_cells_there_is_nothing_to_run_ahead(class_of):
    some = class_of()
    for _ in range(WORTH_IT + 1):
        assert all(run.ok for run in some.notebook("print('on')").runs)
    assert some.head._gate is None


def test_cells_too_long_to_be_told_are_run_by_each(class_of):
    some = class_of("x = 1  # " + 70_000 * "-")
    for _ in range(WORTH_IT + 1):
        assert all(run.ok for run in some.notebook(*some.first).runs)
    assert some.head._gate is None


def test_a_child_comes_upon_no_socket_but_its_own(class_of):
    looks = "import gc, socket\nprint([each.fileno() for each in gc.get_objects() if isinstance(each, socket.socket)])"
    some = class_of(FIRST)
    assert some.begin()
    for sources in ((looks,), (FIRST, looks)):
        assert texts(some.notebook(*sources))[-1] == "[3]\n"


def test_when_the_zygote_ahead_is_gone_all_goes_on(jail, class_of):
    first = "import os\nalone = os.getpid()"
    before = _descendants(jail)
    some = class_of(first)
    assert some.begin()
    (ahead,) = [pid for pid in _descendants(jail) - before if _waits_for_orders(pid)]
    os.kill(ahead, signal.SIGKILL)
    for _ in range(2):
        session = some.notebook(first, "print(os.getpid() == alone)")
        assert [run.ok for run in session.runs] == [True, True]
        assert texts(session)[1] == "True\n"


def _descendants(jail: Jail) -> set[int]:
    assert jail._process
    return set(processes.tree(jail._process.pid))


def _waits_for_orders(pid: int) -> bool:
    """Whether a process is no child: these are process 1 of their own namespace."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return not next(line for line in status.splitlines() if line.startswith("NSpid:")).endswith("\t1")


@pytest.fixture(scope="module")
def warm() -> Iterator[Jail]:
    """A jail in which all is loaded that the lesson's cells use."""
    with Jail() as jail:
        jail.wait_until_ready()
        yield jail


@pytest.mark.parametrize("assignment", [each for each in assignments() if each != "02_data"])  # it leaves a file
def test_the_beginning_of_nearly_every_assignment_runs_ahead(warm, assignment):
    released = COURSE.released_notebook(assignment)
    lesson = lesson_sources(released)
    head = HeadStart(warm.gates[0], beginning(released, lesson), Limits())
    for _ in range(WORTH_IT):
        session = Session(warm.gates[0], head.cells, Limits(), head)
        session.run_cells()
        session.close()
    assert waits_for(head, cells_to_run(released, lesson))
