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
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.jail import attempts, landlock, linux, nproc, scratch, seccomp, view, warden
from grader.jail.disk import DiskWatch
from grader.jail.limits import MIB, Limits

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


@pytest.mark.parametrize("version", VERSIONS)
def test_a_kernel_of_any_age_keeps_files_as_they_are(tmp_path, version):
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    mine.mkdir()
    theirs.write_text("keep me")
    theirs.chmod(0o640)
    before = theirs.stat()

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
    assert (theirs.read_text(), theirs.stat()) == ("keep me", before)
    assert Path(linux.__file__).stat().st_size > 0


@pytest.mark.parametrize("version", VERSIONS)
def test_what_notebooks_do_goes_on_working(tmp_path, version):
    def ordinary() -> None:
        import shutil
        import tempfile

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


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach and write to; pytest's own are closed."""
    with tempfile.TemporaryDirectory(prefix="walls-") as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Modes of files mean nothing to root."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(scratch.NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_folder_is_removed_whatever_is_in_it(open_folder, tmp_path):
    folder = open_folder / "scratch"
    folder.mkdir()
    folder.chmod(0o777)
    keep = tmp_path / "keep"
    keep.write_text("")
    here = os.open(".", os.O_RDONLY)
    with as_nobody():
        os.chdir(folder)
        Path("link").symlink_to(keep)
        Path("folder").symlink_to(tmp_path)
        os.mkfifo("pipe")
        for number in range(300):
            Path(f"file{number}").touch(0)
        for _ in range(1500):
            Path("deeper than any path may be long").mkdir()
            Path("locked").mkdir(0)
            os.chdir("deeper than any path may be long")
        os.fchdir(here)
        scratch.remove(str(folder))
    os.close(here)
    assert not folder.exists()
    assert keep.exists()


def test_what_a_run_that_was_killed_left_is_removed_by_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    pid = os.fork()
    if pid == 0:
        scratch.Scratch().make()
        os._exit(0)
    os.waitpid(pid, 0)
    left = set(tmp_path.iterdir())
    alive = scratch.Scratch()
    assert len(left) == 1
    assert set(tmp_path.iterdir()) == {alive.base}
    other = scratch.Scratch()
    assert alive.base.exists(), "one that lives is not touched"
    alive.close()
    other.close()
    assert not list(tmp_path.iterdir())


def fill_with_open_files() -> None:
    for number in range(4):
        file = os.open(f"{number}", os.O_CREAT | os.O_RDWR)
        Path(f"{number}").unlink()
        os.write(file, bytes(MIB))


def fill_with_mapped_files() -> None:
    import mmap

    for number in range(4):
        file = os.open(f"{number}", os.O_CREAT | os.O_RDWR)
        os.write(file, bytes(MIB))
        globals()[f"map{number}"] = mmap.mmap(file, MIB)
        os.close(file)
        Path(f"{number}").unlink()


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda: Path("big").write_bytes(bytes(4 * MIB)), "MiB to disk"),
        (lambda: os.posix_fallocate(os.open("big", os.O_CREAT | os.O_RDWR), 0, 4 * MIB), "MiB to disk"),
        (fill_with_open_files, "MiB to disk"),
        (fill_with_mapped_files, "MiB to disk"),
        (lambda: [Path(f"{n}").touch() for n in range(40)], "more than 20 files"),
        (lambda: None, ""),
    ],
    ids=["a file", "blocks without data", "open files", "mapped files", "many files", "nothing"],
)
def test_the_disk_is_watched_whatever_way_it_is_filled(tmp_path, harm, words):
    watch = DiskWatch(str(tmp_path), Limits(scratch=2 * MIB, scratch_files=20))
    pid = os.fork()
    if pid == 0:
        try:
            os.chdir(tmp_path)
            harm()
            time.sleep(60)
        finally:
            os._exit(1)
    try:
        deadline = time.monotonic() + (20 if words else 0.5)
        while not (complaint := watch.complaint(os.getpid())) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert words in complaint
        assert bool(words) == bool(complaint)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


RUNAWAY = """
import os, time
end = time.time() + 60
if os.fork():
    time.sleep(60)
while time.time() < end:
    if os.fork():
        os._exit(0)
    os.setsid()
"""
BOMB = """
import os, time
end = time.time() + 60
while time.time() < end:
    try:
        os.fork()
    except OSError:
        pass
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to make a process namespace that is thrown away")
@pytest.mark.parametrize("code", [RUNAWAY, BOMB], ids=["one that runs away", "a fork bomb"])
def test_a_warden_leaves_no_descendant_alive(open_folder, code):
    """As user nobody with few processes, in a process namespace that ends with this test whatever the warden does."""

    def first_process() -> tuple[str, ...]:
        linux.mount("none", "/", flags=linux.MS_REC | linux.MS_PRIVATE)
        view.mount_proc()
        before = _numbers()
        pid = os.fork()
        if pid == 0:
            _be_warden(code, open_folder)
        time.sleep(1)
        met = len(_numbers())
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)
        return (str(met > len(before) + 1), str(_numbers() == before))

    def in_new_namespace() -> tuple[str, ...]:
        linux.unshare(linux.CLONE_NEWPID | linux.CLONE_NEWNS)
        return tuple(in_a_fork(first_process))

    assert in_a_fork(in_new_namespace) == ["True", "True"], "it ran; and when the warden ended, nothing was left"


def _be_warden(code: str, folder: Path) -> None:
    _, write = os.pipe()
    os.setgroups([])
    os.setresgid(scratch.NOBODY, scratch.NOBODY, scratch.NOBODY)
    os.setresuid(scratch.NOBODY, scratch.NOBODY, scratch.NOBODY)
    resource.setrlimit(resource.RLIMIT_NPROC, (nproc.count_against_limit() + 60,) * 2)
    try:
        warden.keep(lambda: exec(code, {}), DiskWatch(str(folder), Limits()), write)
    finally:
        os._exit(1)


def _numbers() -> set[str]:
    return {path.name for path in Path("/proc").glob("[0-9]*")}


def test_the_attempts_bite_where_nothing_stands(tmp_path):
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
        parent = os.getppid()
        facts = attempts.Facts(
            canary=str(canary),
            files=(str(canary),),
            libraries=(str(library),),
            left_behind=str(canary),
            port=stream.getsockname()[1],
            datagrams=loose.getsockname()[1],
            socket=str(tmp_path / "socket"),
            abstract=f"\0{tmp_path}",
            pid=parent,
            born=Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()[19],
        )
        found = in_a_fork(lambda: attempts.open_walls(facts))
        named.close()
        abstract.close()
    # unsharing and mounting depend on who runs this, and on what the machine allows
    assert set(attempts.ATTEMPTS) - set(found) <= {"no new namespaces", "no mounts", "supervisor's memory closed"}


def in_a_fork(work: Callable[[], tuple[str, ...]]) -> list[str]:
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(write, "\n".join(work()).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as words:
        text = words.read()
    os.waitpid(pid, 0)
    return text.split("\n")


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
