"""What a submission leaves behind where nothing ends it by itself: files, blocks of the disk, and processes."""

from __future__ import annotations

import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.jail import linux, nproc, scratch, view, warden
from grader.jail.disk import DiskWatch
from grader.jail.limits import MIB, Limits

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="wardens and disk watches need Linux")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach and write to; pytest's own are closed."""
    with tempfile.TemporaryDirectory(prefix="walls-") as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


def test_a_folder_is_removed_whatever_is_in_it(open_folder, tmp_path, in_a_fork):
    folder = open_folder / "scratch"
    folder.mkdir()
    folder.chmod(0o777)
    keep = tmp_path / "keep"
    keep.write_text("")

    def leave_and_remove() -> tuple[str, ...]:
        if os.geteuid() == 0:
            os.setresuid(scratch.NOBODY, scratch.NOBODY, scratch.NOBODY)  # modes of files mean nothing to root
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
        os.chdir("/")
        scratch.remove(str(folder))
        return ("removed",)

    assert in_a_fork(leave_and_remove) == ["removed"]
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
def test_the_disk_is_watched_whatever_way_it_is_filled(tmp_path, in_a_fork, harm, words):
    def watched() -> tuple[str, ...]:
        watch = DiskWatch(str(tmp_path), Limits(scratch=2 * MIB, scratch_files=20))
        pid = os.fork()
        if pid == 0:
            os.chdir(tmp_path)
            harm()
            time.sleep(60)
            os._exit(1)
        deadline = time.monotonic() + (20 if words else 0.5)
        while not (complaint := watch.complaint(os.getpid())) and time.monotonic() < deadline:
            time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return (complaint,)

    (complaint,) = in_a_fork(watched)
    assert words in complaint
    assert bool(words) == bool(complaint)


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
def test_a_warden_leaves_no_descendant_alive(open_folder, in_a_fork, code):
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
        try:
            linux.unshare(linux.CLONE_NEWPID | linux.CLONE_NEWNS)
        except OSError:
            return ("refused",)
        return tuple(in_a_fork(first_process))

    told = in_a_fork(in_new_namespace)
    if told == ["refused"]:
        pytest.skip("this machine lets nobody make a process namespace")
    assert told == ["True", "True"], "it ran; and when the warden ended, nothing was left"


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
