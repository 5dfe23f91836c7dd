"""`grader export` as it is typed: whole files or none, nothing else overwritten, one sentence where it cannot be."""

from __future__ import annotations

import json
import stat
import sys
from types import ModuleType

import pytest
from exported_class import NAME, gradebook
from tests_support import run_grader

from grader.cli import app
from grader.export.command import Target, export, target
from grader.export.formats import FORMATS
from grader.export.selection import ExportError, Selection
from grader.folder import CourseFolder
from grader.nbgrader.course import GradebookError


@pytest.fixture
def here(root, monkeypatch):
    monkeypatch.chdir(root)
    return root


def lines(form: str = "csv", to=None, assignment: str = NAME, **chosen) -> list[str]:
    return list(export(Selection(assignment, **chosen), form=form, to=to))


def test_the_real_command(root):
    done = run_grader(root, "export", NAME, "--format", "otter-json", "--student", "bob", "--to", "new/dir/bob.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "otter-json of 04_softmax: 1 student: 1 graded; new/dir/bob.json\n"
    assert json.loads((root / "new" / "dir" / "bob.json").read_text())["score"] == 9.75


def test_what_cannot_be_done_is_one_sentence_and_code_2(root):
    done = run_grader(root, "export", "\x1b[2Jnope", "--format", "csv")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "grader: the gradebook holds no assignment `nope`; it holds 04_softmax, ps1\n"


@pytest.mark.parametrize("form", FORMATS)
def test_by_default_it_goes_to_a_folder_of_its_own_for_its_owner_only(here, form):
    said = lines(form)
    path = here / "exports" / f"{NAME}-{form}{FORMATS[form].suffix}"
    assert said[0] == (
        f"{form} of {NAME}: 11 students: 6 graded, 1 waits for a grade by hand, 2 could not be graded, "
        f"1 not graded yet, 1 handed in nothing; {path}"
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_folders_that_are_nobody_s_are_told(here):
    (here / "submitted" / "=x" / NAME).mkdir(parents=True)
    assert lines()[-1] == "left out, since no student's folder may be called so (1): =x"


def test_an_earlier_export_is_replaced(here):
    lines()
    with gradebook(here) as book:
        book.find_grade("test_softmax", NAME, NAME, "ada").manual_score = 0.5
    before = (here / "exports" / f"{NAME}-csv.csv").read_text()
    lines()
    assert (here / "exports" / f"{NAME}-csv.csv").read_text() == before.replace(
        "graded,11,11,11,0,0,2026-11-19T08:15:30Z,no,,4,", "graded,7.5,11,7.5,0,0,2026-11-19T08:15:30Z,no,,0.5,"
    )


@pytest.mark.parametrize("name", ["gradebook.db", "nbgrader_config.py", "empty"])
def test_another_file_is_never_written_over(here, name):
    (here / "empty").touch()
    before = (here / name).read_bytes()
    with pytest.raises(ExportError, match=f"{name} is there already and no earlier export of this kind"):
        lines(to=here / name)
    assert (here / name).read_bytes() == before


def test_a_place_that_cannot_be_written_is_told(here):
    with pytest.raises(ExportError, match=r"submitted is a folder; name a file in it"):
        lines(to=here / "submitted")
    with pytest.raises(ExportError, match=r"gradebook.db/x.csv cannot be written \(Not a directory|File exists\)"):
        lines(to=here / "gradebook.db" / "x.csv")


def test_the_roster_itself_is_not_written_over(here):
    (here / "their.csv").write_text("Student,ID,SIS Login ID,Section\nAda,1,ada,A\n")
    with pytest.raises(ExportError, match=r"their.csv is the roster itself; name another file with --to"):
        lines("canvas", to=here / "their.csv", roster=here / "their.csv")
    with pytest.raises(ExportError, match=r"--roster is for the formats that fill in .*; junit does not"):
        lines("junit", roster=here / "their.csv")


def test_an_export_that_fails_leaves_the_earlier_one(here):
    lines("canvas")
    path = here / "exports" / f"{NAME}-canvas.csv"
    before = path.read_bytes()
    (here / "their.csv").write_text("Student,ID,Section\nX,1,A\n")
    with pytest.raises(ExportError, match=r"no line of `their.csv`"):
        lines("canvas", roster=here / "their.csv")
    assert path.read_bytes() == before
    assert len([*path.parent.iterdir()]) == 1


def test_without_a_gradebook_it_says_so(here):
    (here / "gradebook.db").unlink()
    with pytest.raises(GradebookError, match=r"there is no gradebook at .*; run `grader release`"):
        lines()


def test_a_gradebook_is_only_read(here):
    before = (here / "gradebook.db").read_bytes()
    for form in FORMATS:
        lines(form)
    assert (here / "gradebook.db").read_bytes() == before


def test_the_command_tells_every_format():
    options = {each.name: each.help for each in _click_command().params if hasattr(each, "help")}
    for form in FORMATS:
        assert form in options["form"]


def _click_command():
    import typer.main

    return typer.main.get_command(app).commands["export"]


def test_an_autograder_and_a_workflow_are_written_by_their_own_rooms(here, monkeypatch):
    """Their names are what the command relies on."""
    asked = []
    for module, function in (("grader.gradescope.zip", "build_zip"), ("grader.classroom", "write_workflow")):
        fake = ModuleType(module)
        setattr(fake, function, lambda *arguments: asked.append(arguments))
        monkeypatch.setitem(sys.modules, module, fake)
    for each in (Target.AUTOGRADER, Target.CLASSROOM):
        list(export(Selection(NAME), form="csv", to=None, target=each))
    folder = CourseFolder(here)
    assert asked == [
        (folder, (NAME,), here / "exports" / f"{NAME}-autograder.zip"),
        (folder, here / "exports" / f"{NAME}-classroom", (NAME,)),
    ]


def test_neither_of_them_takes_the_place_of_another_file(here):
    with pytest.raises(ExportError, match=r"gradebook.db is there already and no earlier export"):
        list(export(Selection(NAME), form="csv", to=here / "gradebook.db", target=Target.AUTOGRADER))
    with pytest.raises(ExportError, match=r"gradebook.db is no folder; name one for the template repository"):
        list(export(Selection(NAME), form="csv", to=here / "gradebook.db", target=Target.CLASSROOM))


def test_only_one_kind_of_file_at_a_time():
    assert target(autograder=False, classroom=False) is Target.POINTS
    with pytest.raises(ExportError, match="give one of them"):
        target(autograder=True, classroom=True)
