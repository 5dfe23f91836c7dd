"""Full disks, read-only disks and locked gradebooks end in one sentence; the next run goes on from there."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from moments import record
from states import ASSIGNMENT, kept, state
from tests_support import run_grader

_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount", "--propagation", "private")


@pytest.fixture(scope="session")
def mounts() -> None:
    """Skips where this user may not mount in a namespace of its own."""
    tried = subprocess.run([*_NAMESPACE, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"no disk of one's own can be mounted here: {tried.stderr.decode().strip()}")


def on_a_disk(course: Path, prepare: str, command: str = "autograde") -> subprocess.CompletedProcess[str]:
    """A command on the course, copied to a disk of 400 MiB that `prepare` has spoilt, and copied back."""
    grade = f"{sys.executable} -m grader {command} {ASSIGNMENT}"
    script = (
        "set -e; mount -t tmpfs -o size=400m none /mnt; "
        f"cp -a {course} /mnt/course; cd /mnt/course; {prepare}; "
        f"set +e; {grade}; code=$?; rm -f /mnt/filler; mount -o remount,rw /mnt; "
        f"rm -rf {course}; cp -a /mnt/course {course}; exit $code"
    )
    return subprocess.run([*_NAMESPACE, "sh", "-c", script], capture_output=True, text=True, timeout=300, check=False)


FILL = "dd if=/dev/zero of=/mnt/filler bs=1k 2>/dev/null || true; truncate -s -{room}k /mnt/filler"


@pytest.mark.usefixtures("mounts")
@pytest.mark.parametrize("room", [0, 24, 48, 150])
def test_a_disk_that_fills_up_while_recording(judged, undisturbed, room):
    course = judged()
    before = kept(course)
    ran = on_a_disk(course, FILL.format(room=room))
    assert ran.returncode == 2, ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr
    assert "run the command again" in ran.stderr
    assert record(course)[0] == 0
    assert state(course) == undisturbed
    assert kept(course) == before


@pytest.mark.usefixtures("mounts")
def test_a_disk_without_room_for_a_result(handed_in, done, copy_of):
    course = copy_of(handed_in)
    script = (
        "from pathlib import Path; from grader.ledger import Ledger; from grader.verdict import Verdict\n"
        "from grader.judge.submission import GradedSubmission\n"
        "ledger = Ledger(Path('/mnt/course/.grader/graded'), 'basis')\n"
        "ledger.keep('ada', 'key', GradedSubmission(Verdict('04_softmax', 'ada', ()), {0: ['x' * 10**6]}))"
    )
    fill = FILL.format(room=0)
    ran = on_a_disk(course, f'{fill}; {sys.executable} -c "{script}" || true')
    assert "NotKeptError" in ran.stderr
    assert "No space left on device" in ran.stderr
    assert not list((course / ".grader" / "graded").rglob("*ada*"))


@pytest.mark.usefixtures("mounts")
def test_a_course_on_a_read_only_disk(judged, undisturbed):
    course = judged()
    ran = on_a_disk(course, "mount -o remount,ro /mnt")
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1, ran.stderr
    assert record(course)[0] == 0
    assert state(course) == undisturbed


@pytest.mark.usefixtures("mounts")
@pytest.mark.parametrize(
    ("prepare", "command", "words"),
    [
        (f"rm .grader/seeds.json; {FILL.format(room=0)}", "autograde", "No space left on device; make room there"),
        (FILL.format(room=0), "report", "No space left on device; make room there"),
        ("mount -o remount,ro /mnt", "report", "Read-only file system; write it elsewhere"),
    ],
    ids=["the first run on a full disk", "a report on a full disk", "a report on a read-only disk"],
)
def test_a_disk_that_takes_nothing_is_told_in_one_sentence(done, copy_of, prepare, command, words):
    ran = on_a_disk(copy_of(done), prepare, command)
    assert ran.returncode == 2
    assert f"cannot be written: {words}, and run the command again" in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1, ran.stderr


def _lost(book: Path) -> None:
    book.unlink()


def _garbage(book: Path) -> None:
    book.write_bytes(b"no gradebook " * 1000)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [(_lost, "there is no gradebook at"), (_garbage, "restore it from a backup")],
    ids=["gone", "garbage"],
)
def test_feedback_without_a_gradebook_leaves_the_pages_that_are_there(done, copy_of, spoil, words):
    course = copy_of(done)
    page = course / "feedback" / "ada" / ASSIGNMENT / f"{ASSIGNMENT}.html"
    page.parent.mkdir(parents=True)
    page.write_text("what ada got back")
    spoil(course / "gradebook.db")
    before = sorted(course.iterdir())
    ran = run_grader(course, "feedback", ASSIGNMENT)
    assert ran.returncode == 2
    assert words in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1, ran.stderr
    assert page.read_text() == "what ada got back"
    assert sorted(course.iterdir()) == before


def test_feedback_beside_a_locked_gradebook_leaves_the_pages_that_are_there(done, copy_of, monkeypatch):
    from grader.feedback import feedback
    from grader.folder import CourseFolder
    from grader.nbgrader import course as nbgrader_course

    course = copy_of(done)
    page = course / "feedback" / "ada" / ASSIGNMENT / f"{ASSIGNMENT}.html"
    page.parent.mkdir(parents=True)
    page.write_text("what ada got back")
    monkeypatch.setattr(nbgrader_course, "LOCK_SECONDS", 0.1)
    with closing(sqlite3.connect(course / "gradebook.db", isolation_level=None)) as book:
        book.execute("BEGIN EXCLUSIVE")
        with pytest.raises(nbgrader_course.GradebookError, match=r"locked.*run the command again"):
            feedback(CourseFolder(course), ASSIGNMENT)
    assert page.read_text() == "what ada got back"


def test_a_gradebook_that_is_locked_when_recording_begins(judged, undisturbed, monkeypatch):
    """The lock comes after the check at the start, from a process that never lets go."""
    from grader import autograde
    from grader.folder import CourseFolder
    from grader.nbgrader.course import GradebookError

    course = judged()
    with closing(sqlite3.connect(course / "gradebook.db", isolation_level=None)) as book:
        monkeypatch.setattr(autograde, "require_writable", lambda *_: book.execute("BEGIN EXCLUSIVE"))
        with pytest.raises(GradebookError, match=r"locked.*run the command again"):
            autograde.autograde(CourseFolder(course), ASSIGNMENT)
    assert record(course)[0] == 0
    assert state(course) == undisturbed


def test_a_gradebook_put_back_from_a_backup_is_brought_up_to_date(handed_in, done, copy_of, undisturbed):
    course = copy_of(done)
    before = kept(course)
    shutil.copy(handed_in / "gradebook.db", course / "gradebook.db")
    assert record(course)[0] == 0
    assert state(course) == undisturbed
    assert kept(course) == before


def test_an_autograded_folder_that_was_removed_is_written_again(done, copy_of, undisturbed):
    course = copy_of(done)
    shutil.rmtree(course / "autograded")
    assert record(course)[0] == 0
    assert state(course) == undisturbed


def test_what_has_not_changed_is_neither_judged_nor_recorded_again(done, copy_of):
    course = copy_of(done)
    before = (course / "gradebook.db").read_bytes()
    ran = run_grader(course, "autograde", ASSIGNMENT)
    assert ran.returncode == 0, ran.stderr
    assert "4 had not changed" in ran.stdout
    assert (course / "gradebook.db").read_bytes() == before
