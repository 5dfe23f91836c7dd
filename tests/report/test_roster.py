"""Names in the gradebook: taken in all or none, updated and never deleted; and who is there, absent or unknown."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing

import pytest
from classroom import HOSTILE
from rich.console import Console

from grader.folder import CourseFolder
from grader.nbgrader.booked import Person, people, session
from grader.nbgrader.course import GradebookError
from grader.roster import Roster, print_roster, roster, show_roster, show_taken, take_in


@pytest.fixture
def take(folder, tmp_path):
    def take(content: str):
        path = tmp_path / "list.csv"
        path.write_text("id,first_name,last_name,email\n" + content, encoding="utf-8")
        return take_in(folder, path)

    return take


def names(folder: CourseFolder) -> dict[str, Person]:
    with session(folder) as opened:
        return people(opened)


def test_a_list_adds_and_changes_students_and_deletes_nobody(folder, take):
    before = names(folder)
    taken = take("ada,Augusta,King,a@x.org\nzoe,Zoë,Ångström,\nkim,Kim,,\n")
    assert (taken.new, taken.changed, taken.same) == (1, 1, 1)
    after = names(folder)
    assert after.keys() == before.keys() | {"zoe"}
    assert (after["ada"], after["zoe"]) == (Person("Augusta", "King", "a@x.org"), Person("Zoë", "Ångström", ""))
    assert {each: after[each] for each in before if each != "ada"} == {e: p for e, p in before.items() if e != "ada"}


def test_an_empty_field_makes_no_name_empty(folder, take):
    take("ada,,,a@x.org\n")
    assert names(folder)["ada"] == Person("Ada", "Lovelace", "a@x.org")


def test_taken_in_again_nothing_changes(take):
    take("zoe,Zoë,,\n")
    assert (take("zoe,Zoë,,\n").same, take("zoe,Zoë,,\n").new) == (1, 0)


def test_a_gradebook_that_somebody_else_holds_is_told_and_nothing_is_taken_in(folder, take):
    before = names(folder)
    with closing(sqlite3.connect(folder.root / "gradebook.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(GradebookError, match=r"could not be written: database is locked\. Nothing was changed"):
            take("zoe,Zoë,,\nann,Ann,,\n")
    assert names(folder) == before


def test_points_stay_when_a_name_changes(folder, take):
    with closing(sqlite3.connect(folder.root / "gradebook.db")) as book:
        before = book.execute("select id, auto_score, manual_score from grade order by id").fetchall()
        take("emil,Emil,Noether,\n")
        assert book.execute("select id, auto_score, manual_score from grade order by id").fetchall() == before


def test_who_is_absent_and_who_is_unknown(class_folder):
    found = roster(class_folder)
    assert found.absent == ("kim",)
    assert found.unknown == ("dora", "emil", "finn", "gwen", "hugo", "iris", "jon")
    assert found.handed_in["ada"] == ("04_softmax",)
    assert found.everybody[:2] == ("bob", "dora")


def test_who_handed_in_another_assignment_of_the_course_handed_in_something(folder):
    for name in ("kim/essay", "ada/project", "ada/.git", "a\x1b[2Jb/essay"):
        (folder.root / "submitted" / name).mkdir(parents=True)
    (folder.root / "submitted" / "kim" / "notes.txt").write_text("no folder")
    (folder.root / "submitted" / "kim" / "link").symlink_to(folder.root)
    found = roster(folder)
    assert (found.absent, found.handed_in["kim"]) == ((), ("essay",))
    assert found.handed_in["ada"] == ("04_softmax", "project")
    assert not [each for each in found.handed_in if "\x1b" in each]
    assert "│ kim     │ Kim" in shown(found)
    assert "handed in nothing" not in shown(found)


def test_names_of_other_assignments_are_shown_as_text_and_very_many_are_counted():
    text = shown(Roster({}, {"bob": ("\x1b[2J", *(f"a{number}" for number in range(30)))}))
    assert "\x1b" not in text
    assert "11 more" in " ".join(text.split())


def shown(found: Roster) -> str:
    console = Console(file=io.StringIO(), width=100)
    show_roster(found, console)
    return console.file.getvalue()


def test_the_list_is_shown_with_what_is_missing(class_folder):
    text = shown(roster(class_folder))
    assert "│ ada     │ Lovelace, Ada " in text
    assert "10 students are in the gradebook, 10 handed something in\nhanded in nothing (1): kim\n" in text
    assert (
        "handed in, but in no list (7): dora, emil, finn, gwen, hugo, iris, jon; rename their folders, or add" in text
    )


def test_names_are_shown_as_text():
    text = shown(Roster({"bob": Person("\x1b[2J\u202e[red]", HOSTILE)}, {"bob": ("04_softmax",)}))
    assert "[red]" in text
    assert HOSTILE in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_where_no_list_was_taken_in_it_says_so():
    text = shown(Roster({"ada": Person()}, {"ada": ("04_softmax",)}))
    assert text.endswith("no list was taken in yet, so nobody has a name: `grader roster FILE.csv`\n")
    assert "1 student is in the gradebook, 1 handed something in" in text


def test_an_empty_course_says_what_to_do(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    text = shown(roster(CourseFolder(tmp_path)))
    assert (
        text
        == "nobody is in the gradebook, and nobody handed in; `grader roster FILE.csv` takes in a list of students\n"
    )


def test_after_taking_in_it_says_what_changed_and_whom_the_list_does_not_fit(folder, tmp_path):
    (tmp_path / "list.csv").write_text("ID,Name\nada,Augusta King\n,nobody\nzoe,\n")
    console = Console(file=io.StringIO(), width=100)
    show_taken(take_in(folder, tmp_path / "list.csv"), roster(folder), console)
    lines = console.file.getvalue().splitlines()
    assert lines[0] == "1 new, 1 changed, 0 as before; ids from the column `ID`"
    assert lines[1] == "left out, since there is no id in them: line 3"
    assert "handed in nothing (2): kim, zoe" in lines


def test_the_same_as_json(class_folder, capsys):
    print_roster(roster(class_folder))
    told = json.loads(capsys.readouterr().out)
    assert told["handed_in_nothing"] == ["kim"]
    assert told["students"][-2] == {
        "student": "ada",
        "first": "Ada",
        "last": "Lovelace",
        "email": "",
        "handed_in": ["04_softmax"],
    }


def test_a_gradebook_that_is_garbage_is_no_empty_class(folder):
    (folder.root / "gradebook.db").write_bytes(b"no gradebook " * 1000)
    with pytest.raises(GradebookError, match=r"cannot be used: file is not a database\. Restore it from a backup\."):
        roster(folder)
