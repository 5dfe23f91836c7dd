"""What lies beside a notebook: nothing leads out of the folder, nothing blocks, nothing fills the disk."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from nbgrader.utils import find_all_files

from grader import beside
from grader.folder import CourseFolder

ASSIGNMENT = "04_softmax"
TOKEN = "token-of-the-gradebook-7f3a9"


def files_of(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def points(root: Path) -> dict[str, float]:
    with closing(sqlite3.connect(root / "gradebook.db")) as book:
        rows = book.execute(
            "select student_id, sum(auto_score) from submitted_assignment s join submitted_notebook n on"
            " n.assignment_id = s.id join grade g on g.notebook_id = n.id group by student_id"
        )
        return dict(rows.fetchall())


def assert_only_harmless_files(folder: Path) -> None:
    mine = {name for name in files_of(folder) if not name.startswith("many/")}
    assert mine - {f"{ASSIGNMENT}.ipynb", f"{ASSIGNMENT}.html", "test_visible.py"} == {"Good.csv"}
    assert len(files_of(folder)) <= beside.MAX_FILES + 3
    for path in folder.rglob("*"):
        assert stat.S_ISREG(path.lstat().st_mode) or path.lstat().st_mode & stat.S_IFDIR
        assert path.is_dir() or TOKEN.encode() not in path.read_bytes()


def test_only_small_text_tables_and_pictures_go_on(hostile):
    assert_only_harmless_files(hostile.autograded("files"))
    assert_only_harmless_files(hostile.page("files").parent)
    assert "fig.png" in files_of(hostile.page("notes").parent)


def test_what_was_left_out_is_told(hostile):
    told = json.loads((hostile.root / "verdicts" / ASSIGNMENT / "files.json").read_text())["repairs"]
    assert [each for each in told if each.startswith("Left out of what lies beside the notebook: `")]
    assert all(each.isprintable() for each in told)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("link.txt", "a symbolic link"),
        ("zero.txt", "a symbolic link"),
        ("tests", "a symbolic link"),
        ("hard.txt", "a hard link"),
        ("pipe.txt", "a named pipe"),
        ("timestamp.txt", "a named pipe"),
        ("sparse.txt", "larger than"),
        ("many", "more than"),
        ("page.html", "neither text"),
        ("drawing.svg", "neither text"),
        ("torch.py", "neither text"),
        ("extra.ipynb", "another notebook"),
        ("good.csv", "its name differs"),
        ("new line.txt", "such a name"),
    ],
)
def test_each_kind_is_left_out_for_its_own_reason(handed_in, monkeypatch, name, reason):
    monkeypatch.setattr(beside, "MAX_REASONS", 100)
    monkeypatch.setattr(beside, "MAX_NAMES", 5)
    (sentence,) = beside.left_out(handed_in.submitted("files"), {f"{ASSIGNMENT}.ipynb", "test_visible.py"})
    assert re.search(rf"`{re.escape(name)}`(?:, `[^`]+`)* \({reason}", sentence), sentence


def test_nothing_is_changed_in_the_submission(hostile):
    names = {path.name for path in hostile.submitted("files").iterdir()}
    assert {"link.txt", "pipe.txt", "sparse.txt", "many", "torch.py", "new\nline.txt"} <= names
    assert len(list((hostile.submitted("files") / "many").iterdir())) == 2_500


def test_everybody_but_the_refused_has_full_points_and_the_run_says_so(hostile):
    assert hostile.codes == {"autograde": 1, "feedback": 0}
    assert points(hostile.root) == dict.fromkeys(("ada", "files", "long", "notes", "outputs", "slow", "texts"), 8.0)


def test_plain_nbgrader_leaves_the_same_out_and_grades_the_same(released_course, tmp_path, tools):
    root = tmp_path / "course"
    shutil.copytree(released_course, root)
    write = tools.Writer(CourseFolder(root), ASSIGNMENT, "")
    write.notebook("ada", [])
    tools.hand_in_awkward(CourseFolder(root), ASSIGNMENT, TOKEN, write)
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, "-m", "nbgrader", "autograde", ASSIGNMENT]
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, timeout=200, check=False, errors="replace"
    )
    assert points(root) == {"ada": 8.0, "files": 8.0}, done.stderr[-3000:]
    assert_only_harmless_files(root / "autograded" / "files" / ASSIGNMENT)
    # the refused are named, one by one, and the exit code tells that somebody is missing
    assert done.returncode == 1
    assert done.stderr.count("NotGradedError") >= len(tools.NAMES)
    assert "left square bracket" in done.stderr


def test_nbgrader_asks_for_the_time_of_a_submission_without_blocking(handed_in, monkeypatch):
    from nbgrader.apps.api import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory

    from grader.nbgrader.staging import read_times_safely

    monkeypatch.setattr(CourseDirectory, "get_existing_timestamp", CourseDirectory.get_existing_timestamp)
    monkeypatch.setattr(NbGraderAPI, "get_submitted_timestamp", NbGraderAPI.get_submitted_timestamp)
    read_times_safely()
    course = CourseDirectory(root=str(handed_in.root))
    assert course.get_existing_timestamp(str(handed_in.submitted("files"))) is None
    assert NbGraderAPI(coursedir=course).get_submitted_timestamp(ASSIGNMENT, "files") is None


@pytest.mark.parametrize(
    ("content", "time"),
    [
        ("2026-11-24 14:31:00.5 UTC", "2026-11-24 14:31:00.5 UTC"),
        ("2026-11-24 14:31:00 +0100\n", "2026-11-24 14:31:00 +0100"),
        ("2026-13-40 99:00:00 UTC", ""),
        ("never", ""),
        ("2026-11-24 14:31:00 UTC" + " and more" * 20, ""),
    ],
)
def test_only_a_time_counts_as_a_time(tmp_path, content, time):
    (tmp_path / "timestamp.txt").write_text(content)
    assert beside.submitted_time(tmp_path) == time


def test_a_folder_that_turned_into_a_link_is_not_entered(tmp_path):
    (tmp_path / "link").symlink_to("/etc")
    assert beside.copy_beside(tmp_path / "link", tmp_path / "copy", ()) != ()
    assert not (tmp_path / "copy").exists()


class TestControls:
    """What nbgrader does by itself with the same folder."""

    def test_it_follows_the_link(self, tmp_path):
        (tmp_path / "secret.txt").write_text(TOKEN)
        (tmp_path / "submitted").mkdir()
        (tmp_path / "submitted" / "link.txt").symlink_to(tmp_path / "secret.txt")
        (link,) = find_all_files(str(tmp_path / "submitted"), ["*.ipynb"])
        shutil.copy(link, tmp_path / "copy.txt")
        assert TOKEN in (tmp_path / "copy.txt").read_text()

    def test_it_fills_the_disk_from_a_device(self, handed_in, tmp_path):
        def limited() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))

        code = f"import shutil; shutil.copy({str(handed_in.submitted('files') / 'zero.txt')!r}, 'copy')"
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=tmp_path, preexec_fn=limited, capture_output=True, timeout=60, check=False)
        assert done.returncode != 0
        assert (tmp_path / "copy").stat().st_size == 2**20

    def test_it_waits_for_a_pipe_called_timestamp(self, handed_in):
        code = f"open({str(handed_in.submitted('files') / 'timestamp.txt')!r}).read()"
        with pytest.raises(subprocess.TimeoutExpired):
            subprocess.run([sys.executable, "-c", code], timeout=2, check=False)
