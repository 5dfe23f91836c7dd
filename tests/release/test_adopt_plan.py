"""What taking the kit in would do is known before anything is done, and what is in its way is named."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from tests_support import ROOT

from grader.adopt import AdoptError, adopt, plan, told
from grader.course import UnknownNameError
from grader.folder import CONFIG, CourseFolder, NotACourseError
from grader.nbgrader.course import LayoutError

OURS = ("04_softmax",)
SETTINGS = 'c = get_config()\nc.CourseDirectory.course_id = "a"\n'


def state(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in folder.rglob("*")
    }


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """The smallest nbgrader course."""
    folder = tmp_path / "theirs"
    (folder / "source").mkdir(parents=True)
    (folder / CONFIG).write_text(SETTINGS, encoding="utf-8")
    return folder


def refused(folder: Path, error: type[Exception] = AdoptError, **settings: object) -> str:
    """What is said, after which nothing has changed."""
    before = state(folder)
    with pytest.raises(error) as caught:
        plan(folder, **{"course_at": ROOT, "names": OURS, **settings})
    assert state(folder) == before
    return str(caught.value)


def test_looking_writes_nothing_and_says_what_would_be(theirs):
    before = state(theirs)
    words = "\n".join(told(plan(theirs, ROOT, OURS), done=False))
    assert state(theirs) == before
    assert "6 files would be copied" in words
    assert "tests/hidden/test_04_softmax.py" in words
    assert "nbgrader_config.py: the kit's lines would be added" in words


def test_what_was_planned_is_done_and_a_second_time_there_is_nothing_to_do(theirs):
    planned = plan(theirs, ROOT, OURS)
    adopt(planned)
    for goal, path in planned.copies.items():
        assert goal.read_bytes() == path.read_bytes()
    assert (theirs / "release").is_dir()
    assert (
        (theirs / CONFIG).read_text(encoding="utf-8").startswith('c = get_config()\nc.CourseDirectory.course_id = "a"')
    )
    done = state(theirs)
    again = plan(theirs, ROOT, OURS)
    assert (again.copies, again.there, again.config, again.release) == ({}, 6, "", False)
    adopt(again)
    assert state(theirs) == done


def test_one_assignment_after_another_can_be_taken_in(theirs):
    adopt(plan(theirs, ROOT, OURS))
    more = plan(theirs, ROOT, ("04_softmax", "05_metrics"))
    assert more.there == 6
    assert {path.name for path in more.copies.values()} == {
        "05_metrics.ipynb",
        "test_visible.py",
        "test_05_metrics.py",
        "05_metrics.py",
    }


def test_the_whole_course_is_taken_in_by_default(theirs):
    assert len(plan(theirs, ROOT).copies) == 6 * 7


def test_a_configuration_in_json_gets_one_in_python_beside_it(theirs):
    (theirs / CONFIG).unlink()
    (theirs / "nbgrader_config.json").write_text('{"CourseDirectory": {"course_id": "a"}}', encoding="utf-8")
    adopt(plan(theirs, ROOT, OURS))
    assert "configure(get_config())" in (theirs / CONFIG).read_text(encoding="utf-8")


def test_a_setting_in_json_that_would_overrule_the_kit_is_named(theirs):
    steps = {"Autograde": {"autograde_preprocessors": ["nbgrader.preprocessors.Execute"]}}
    (theirs / "nbgrader_config.json").write_text(json.dumps(steps), encoding="utf-8")
    words = refused(theirs)
    assert "`Autograde.autograde_preprocessors` is set in" in words
    assert "nbgrader_config.json" in words


def test_a_setting_of_the_users_own_that_the_kit_would_overrule_is_named(theirs, tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "jupyter"))
    (tmp_path / "jupyter").mkdir()
    (tmp_path / "jupyter" / CONFIG).write_text("get_config().HTMLExporter.preprocessors = []\n", encoding="utf-8")
    assert f"`HTMLExporter.preprocessors` is set in {tmp_path / 'jupyter' / CONFIG}" in refused(theirs)


@pytest.mark.parametrize("setting", ["submitted_directory", "source_directory", "release_directory"])
def test_a_course_that_keeps_its_work_elsewhere_is_refused_with_the_setting(theirs, setting):
    with (theirs / CONFIG).open("a", encoding="utf-8") as file:
        file.write(f'c.CourseDirectory.{setting} = "elsewhere"\n')
    assert f"`CourseDirectory.{setting}` to `elsewhere`" in refused(theirs, LayoutError)


def test_a_course_that_releases_to_assignments_goes_on_to_do_so(theirs):
    with (theirs / CONFIG).open("a", encoding="utf-8") as file:
        file.write('c.CourseDirectory.release_directory = "assignments"\n')
    adopt(plan(theirs, ROOT, OURS))
    assert not (theirs / "release").exists()
    assert CourseFolder(theirs).releases == theirs / "assignments"


def test_another_file_in_the_place_of_ours_is_never_written_over(theirs):
    path = theirs / "source" / "04_softmax" / "04_softmax.ipynb"
    path.parent.mkdir()
    path.write_text("{}", encoding="utf-8")
    assert f"{path} is there, and is not the kit's" in refused(theirs)


def test_a_link_in_the_place_of_ours_is_not_followed(theirs, tmp_path):
    (theirs / "solutions").mkdir()
    (theirs / "solutions" / "04_softmax.py").symlink_to(tmp_path / "nowhere.py")
    assert "04_softmax.py is there" in refused(theirs)


def test_a_broken_configuration_is_named_by_its_line(theirs):
    with (theirs / CONFIG).open("a", encoding="utf-8") as file:
        file.write("c.X.y = (\n")
    assert "nbgrader_config.py is no valid Python in line 3" in refused(theirs)


def test_a_folder_that_is_no_course_is_refused(tmp_path):
    assert "is no nbgrader course" in refused(tmp_path)


def test_the_kits_own_course_is_refused():
    with pytest.raises(AdoptError, match="the kit's own course"):
        plan(ROOT, ROOT, OURS)


def test_an_assignment_that_the_kit_does_not_have_is_named(theirs):
    assert "there is no assignment `lab1`" in refused(theirs, UnknownNameError, names=("lab1",))


def test_a_checkout_without_hidden_suites_is_refused(theirs, tmp_path):
    """Such as what a wheel holds."""
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / CONFIG).touch()
    assert "is missing; say where the kit's checkout lies" in refused(theirs, NotACourseError, course_at=bare)


def test_a_place_that_is_no_checkout_is_named(theirs, tmp_path):
    words = refused(theirs, NotACourseError, course_at=tmp_path)
    assert words.startswith(f"{tmp_path} is not the kit's checkout: ")
    assert "--course PATH" in words


def test_a_file_in_the_place_of_a_folder_says_which(theirs):
    planned = plan(theirs, ROOT, OURS)
    (theirs / "solutions").touch()
    with pytest.raises(AdoptError, match="solutions"):
        adopt(planned)
