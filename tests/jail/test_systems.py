"""The same class on systems that refuse one thing or another, really: nothing is lost without being said."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
NOBODY = 65534
WITHOUT_NAMESPACES = ("--refuse", "namespaces")
WITHOUT_ANYTHING = (*WITHOUT_NAMESPACES, "--refuse", "landlock")
AS_USER = ("--user", "nobody")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the systems are emulated by seccomp filters of Linux")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become an ordinary user")
as_anybody = pytest.param((), id="as this user")
as_nobody = pytest.param(AS_USER, id="as an ordinary user", marks=needs_root)


@pytest.fixture
def place(released_course) -> Iterator[Path]:
    """A course folder that an ordinary user can use, with a secret in it; its own temporary folder beside it."""
    with tempfile.TemporaryDirectory(prefix="systems-") as folder:
        course = Path(folder, "course")
        shutil.copytree(released_course, course)
        (course / "secret.txt").write_text(secrets.token_hex(16))
        Path(folder, "tmp").mkdir()
        if os.geteuid() == 0:
            for path in (Path(folder), *Path(folder).rglob("*")):
                os.chown(path, NOBODY, NOBODY)
        yield course


def run(place: Path, restrictions: tuple[str, ...], *command: str) -> subprocess.CompletedProcess[str]:
    launcher = [sys.executable, str(HERE / "restricted.py"), *restrictions, "--", sys.executable]
    settings = {"TMPDIR": str(place.parent / "tmp"), "HOME": str(place.parent), "PATH": os.environ["PATH"]}
    settings["SECRET_TOKEN"] = (place / "secret.txt").read_text()
    return subprocess.run(
        [*launcher, *command], cwd=place, env=settings, capture_output=True, text=True, timeout=300, check=False
    )


def grade(place: Path, restrictions: tuple[str, ...], policy: str = "require") -> dict[str, Any]:
    secret = str(place / "secret.txt")
    token = str(10**6 + secrets.randbelow(10**8))  # seconds that a daemon sleeps: nobody else's
    done = run(place, restrictions, str(HERE / "class_of_five.py"), policy, secret, token)
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def assert_graded(told: dict[str, Any]) -> None:
    """Everyone has points or a reason, and nothing is left of those who did harm."""
    assert {name: each.get("outcome") for name, each in told["students"].items()} == {
        "right": "passed",
        "hangs": "timed out",
        "leaves daemons": "passed",
        "fills the disk": "passed",
        "snoops": "passed",
    }
    assert "left" in told["students"]["leaves daemons"]["outputs"]
    assert "filled" not in told["students"]["fills the disk"]["outputs"]
    assert (told["daemons"], told["left"]) == ([], [])


def leaked(place: Path, told: dict[str, Any]) -> bool:
    outputs = told["students"]["snoops"]["outputs"]
    suite = (place / "tests" / "hidden" / "test_04_softmax.py").read_text().splitlines()[0]
    return (place / "secret.txt").read_text() in outputs or suite in outputs or "root:" in outputs


@pytest.mark.parametrize("user", [as_anybody, as_nobody])
def test_with_namespaces_all_walls_stand(place, protection, user):
    told = grade(place, user)
    assert told["tier"] == "A", told["open"]
    assert_graded(told)
    assert not leaked(place, told)


@pytest.mark.parametrize("user", [as_anybody, as_nobody])
def test_without_namespaces_files_and_network_stay_closed_and_what_is_missing_is_said(place, protection, user):
    told = grade(place, (*WITHOUT_NAMESPACES, *user))
    assert told["tier"] == "B", told
    assert told["open"] == ["other processes out of sight"]
    assert ["user, mount, pid, network, ipc and uts namespaces", "unshare: Operation not permitted"] in told["missing"]
    assert_graded(told)
    assert not leaked(place, told)
    assert told["students"]["right"]["isolation"][0] == "tier B"


@pytest.mark.parametrize("user", [as_anybody, as_nobody])
def test_without_landlock_too_grading_is_refused_with_the_remedy(place, user):
    told = grade(place, (*WITHOUT_ANYTHING, *user))
    assert "strangers' code is not run here" in told["refused"]
    assert "file system closed" in told["refused"]
    assert "user namespaces" in told["refused"] or "--security-opt" in told["refused"]


@pytest.mark.parametrize("user", [as_anybody, as_nobody])
def test_whoever_insists_is_graded_and_every_verdict_says_that_nothing_held(place, user):
    told = grade(place, (*WITHOUT_ANYTHING, *user), "warn")
    assert told["tier"] == "D"
    assert_graded(told)
    assert leaked(place, told), "the snooping submission must be known to bite"
    assert all(each["isolation"][0] == "tier D" for each in told["students"].values())


@pytest.mark.parametrize(
    ("restrictions", "tier", "code"), [((), "A", 0), (WITHOUT_NAMESPACES, "B", 0), (WITHOUT_ANYTHING, "D", 1)]
)
def test_the_doctor_says_so_and_whether_grading_may_start(place, protection, restrictions, tier, code):
    done = run(place, restrictions, "-c", DOCTOR)
    told = json.loads(done.stdout)
    assert (told["tier"], done.returncode) == (tier, code), done.stderr
    for missing in told["missing"]:
        assert missing["why"]
    assert any(each["remedy"] for each in told["missing"])


BUBBLEWRAP = ("--dev-bind", "/", "/", "--unshare-pid", "--proc", "/proc")
DOCTOR = "from grader.doctor import doctor; raise SystemExit(0 if doctor(as_json=True) else 1)"


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_in_bubblewrap_it_grades_or_refuses_and_says_why(place):
    done = subprocess.run(
        ["bwrap", *BUBBLEWRAP, "--chdir", str(place), "--", sys.executable, "-c", DOCTOR],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    told = json.loads(done.stdout)
    assert told["sufficient"] == (told["tier"] in "AB")
    assert told["tier"] == "A" or told["missing"]


PROCESSES = """
import subprocess, sys, threading, time
from grader.jail.jail import Jail
from grader.jail.limits import Limits
from grader.jail.session import Session
from grader.notebook.running import RunCell

def run(gate, *sources):
    session = Session(gate, [RunCell(str(i), each, i) for i, each in enumerate(sources)], Limits(cell_seconds=20.0))
    session.run_cells()
    session.close()
    return [each.ok or each.lost or each.outputs for each in session.runs]

HOLD = "import os, time\\nfor _ in range(62):\\n    if os.fork() == 0: time.sleep(8); os._exit(0)\\ntime.sleep(5)"
BROWSER = "import threading, time; [threading.Thread(target=time.sleep, args=(6,)).start() for _ in range(300)]"
WAIT = "import subprocess, threading, time; time.sleep(3)"
with Jail(workers=2, slow=()) as jail:
    jail.wait_until_ready()
    for other, given in (
        (run, (jail.gates[1], "import time; time.sleep(1)", HOLD)),
        (subprocess.run, ([sys.executable, "-c", "import time; time.sleep(1);" + BROWSER],)),
    ):
        beside = threading.Thread(target=other, args=given)
        beside.start()
        print(run(jail.gates[0], WAIT, "threading.Thread(target=print).start()", "subprocess.run(['/bin/true'])"))
        beside.join()
"""


@pytest.mark.parametrize("user", [as_anybody, as_nobody])
@pytest.mark.parametrize("restrictions", [(), WITHOUT_NAMESPACES], ids=["all walls", "no namespaces"])
def test_neither_a_neighbour_nor_a_program_outside_takes_the_processes_of_a_submission(place, restrictions, user):
    done = run(place, (*restrictions, *user), "-c", PROCESSES)
    assert done.stdout == "[True, True, True]\n" * 2, done.stderr[-2000:]
