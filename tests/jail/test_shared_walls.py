"""The walls of a machine without namespaces, on kernels as old as they get: each tried in a fork of this process."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.jail import attempts, landlock, linux, seccomp, view
from grader.jail.limits import Limits

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or landlock.abi() == 0, reason="this system has no Landlock to be older or newer"
)
VERSIONS = sorted({1, 3, 5, landlock.abi()})
STOLEN, HELD, UNKNOWN = 1, 0, 99


def behind_walls(version: int, folder: Path, code: Callable[[], object]) -> int:
    """The exit code of a fork that walls itself in as with a Landlock of that version: STOLEN when `code` worked."""
    pid = os.fork()
    if pid == 0:
        result = UNKNOWN
        try:
            linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
            landlock.restrict(view.readable_shared(), (str(folder),), version)
            program = seccomp.compile_filter(shared=True, scoped=version >= landlock.SCOPES_FROM)
            seccomp.install(seccomp.for_process(program, os.getpid()))
            os.chdir(folder)
            result = HELD
            code()
            result = STOLEN
        except OSError:
            pass
        finally:
            os._exit(result)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.fixture
def sleeper() -> Iterator[int]:
    """A process of this user's, outside of the walls."""
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process.pid
        process.kill()


@pytest.fixture
def library() -> str:
    return str(Path(landlock.__file__))


HARMS: dict[str, Callable[[int], object]] = {
    "end another process": lambda pid: os.kill(pid, signal.SIGTERM),
    "end one by its handle": lambda pid: signal.pidfd_send_signal(os.pidfd_open(pid), signal.SIGTERM),
    "take its limits": lambda pid: resource.prlimit(pid, resource.RLIMIT_NOFILE, (1, 1)),
    "slow it down": lambda pid: os.setpriority(os.PRIO_PROCESS, pid, 19),
    "move it": lambda pid: os.sched_setaffinity(pid, {0}),
    "read its environment": lambda pid: Path(f"/proc/{pid}/environ").read_bytes(),
    "read its command": lambda pid: Path(f"/proc/{pid}/cmdline").read_bytes(),
    "list processes": lambda pid: list(Path("/proc").iterdir()),
    "make a socket": lambda pid: socket.socket(socket.AF_UNIX),
    "make a pair for datagrams": lambda pid: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM),
    "be hidden from its watchdog": lambda pid: linux.prctl(linux.PR_SET_DUMPABLE, 0),
    "pass descriptors": lambda pid: socket.send_fds(socket.socketpair()[0], [b"x"], [0]),
    "list /dev/shm": lambda pid: list(Path("/dev/shm").iterdir()),
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("harm", HARMS)
def test_a_kernel_of_any_age_keeps_student_code_from_others(tmp_path, sleeper, version, harm):
    assert behind_walls(version, tmp_path, lambda: HARMS[harm](sleeper)) == HELD
    assert Path(f"/proc/{sleeper}/stat").read_text().split()[2] in "SR"


def facts_of(path: Path) -> tuple[int, ...]:
    """All that may not change about a file; reading it changes when it was last read."""
    found = path.stat()
    return found.st_mode, found.st_uid, found.st_nlink, found.st_size, found.st_mtime_ns


@pytest.mark.parametrize("version", VERSIONS)
def test_a_kernel_of_any_age_keeps_files_as_they_are(tmp_path, version):
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    mine.mkdir()
    theirs.write_text("keep me")
    theirs.chmod(0o640)
    before = facts_of(theirs)

    def harm() -> None:
        theirs.chmod(0o777)  # answered with success, and not done
        for each in (
            lambda: os.utime(theirs),
            lambda: os.truncate(theirs, 0),
            lambda: os.open(theirs, os.O_RDONLY | os.O_TRUNC),
            lambda: os.open(linux.__file__, os.O_RDONLY | os.O_TRUNC),
            lambda: os.link(theirs, mine / "link"),
            lambda: theirs.unlink(),
            lambda: theirs.rename(mine / "moved"),
        ):
            try:
                each()
            except OSError:
                continue
            return
        raise OSError("nothing worked")

    assert behind_walls(version, mine, harm) == HELD
    assert (theirs.read_text(), facts_of(theirs)) == ("keep me", before)
    assert Path(linux.__file__).stat().st_size > 0


@pytest.mark.parametrize("version", VERSIONS)
def test_what_notebooks_do_goes_on_working(tmp_path, version):
    def ordinary() -> None:
        import shutil

        Path("new").touch()
        Path("deep/er").mkdir(parents=True)
        shutil.copy(linux.__file__, "copy")
        assert Path("new").exists()
        with tempfile.TemporaryFile(dir=".") as file:
            file.write(b"text")
        near, far = socket.socketpair()
        near.sendall(b"x")
        assert far.recv(1) == b"x"
        assert Path("/proc/self/status").read_text()
        assert Path("/proc/meminfo").read_text()
        assert subprocess.run(["echo", "hello"], capture_output=True, check=True).stdout == b"hello\n"
        assert os.sched_getaffinity(0)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.kill(os.getpid(), signal.SIGCONT)

    assert behind_walls(version, tmp_path, ordinary) == STOLEN


def test_the_attempts_bite_where_nothing_stands(tmp_path, sleeper, in_a_fork):
    """The control of all walls: outside of the jail what is tried does work."""
    canary = tmp_path / "canary"
    canary.write_text("secret")
    library = tmp_path / "library.py"
    library.write_text("")
    with socket.create_server(("127.0.0.1", 0)) as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as loose:
        loose.bind(("127.0.0.1", 0))
        named, abstract = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
        named.bind(str(tmp_path / "socket"))
        abstract.bind(f"\0{tmp_path}")
        named.listen()
        abstract.listen()
        facts = attempts.Facts(
            canary=str(canary),
            files=(str(canary),),
            libraries=(str(library),),
            left_behind=str(canary),
            port=stream.getsockname()[1],
            datagrams=loose.getsockname()[1],
            socket=str(tmp_path / "socket"),
            abstract=f"\0{tmp_path}",
            pid=sleeper,
            born=Path(f"/proc/{sleeper}/stat").read_text().rpartition(")")[2].split()[19],
        )
        found = in_a_fork(lambda: attempts.open_walls(facts))
        named.close()
        abstract.close()
    # unsharing and mounting depend on who runs this, and on what the machine allows
    assert set(attempts.ATTEMPTS) - set(found) <= {"no new namespaces", "no mounts", "supervisor's memory closed"}


def test_whoever_tried_to_trace_the_supervisor_has_let_go_of_it(sleeper):
    """A judge that was traced on would stop at the next signal, and wait for ever."""
    born = Path(f"/proc/{sleeper}/stat").read_text().rpartition(")")[2].split()[19]
    attempts.ATTEMPTS["supervisor's memory closed"](attempts.Facts("", (), (), "", 0, 0, "", "", sleeper, born))
    os.kill(sleeper, signal.SIGWINCH)
    time.sleep(0.2)
    assert Path(f"/proc/{sleeper}/stat").read_text().split()[2] in "SR"


def test_a_limit_of_the_core_keeps_memory_from_being_written(tmp_path):
    from grader.jail.walls import limit

    pid = os.fork()
    if pid == 0:
        faulthandler.disable()
        os.chdir(tmp_path)
        limit(Limits(), 4096)
        ctypes.string_at(0)
    assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGSEGV
    assert not list(tmp_path.iterdir())
