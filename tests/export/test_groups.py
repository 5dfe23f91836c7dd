"""A group hands in once, and each of its members has the points."""

from __future__ import annotations

import pytest
from exported_class import gradebook, line, read

from grader.export.grades import Status
from grader.export.selection import ExportError


@pytest.fixture
def grouped(class_root, tmp_path):
    def grouped(content: str, root=class_root, **chosen):
        path = tmp_path / "groups.csv"
        path.write_text(content, encoding="utf-8")
        return read(root, groups=path, **chosen)

    return grouped


def test_members_have_the_points_of_the_folder_that_is_called_by_the_group(grouped):
    found = grouped("Student,Group\nemil,bob\nfinn,bob\nkim,\n")
    assert [line(found, each).score for each in ("emil", "finn")] == [9.75, 9.75]
    assert (line(found, "emil").group, line(found, "emil").person.last) == ("bob", "Noether")
    assert (line(found, "emil").penalty, line(found, "emil").seconds_late) == (0.75, 1800)
    assert "bob" not in {each.student for each in found.lines}
    assert (line(found, "kim").score, line(found, "kim").group) == (0.0, "")


def test_members_have_the_points_of_the_one_who_handed_in_for_them(grouped):
    found = grouped("student;group\nada;Team 1\nemil;Team 1\n")
    assert [(line(found, each).score, line(found, each).group) for each in ("ada", "emil")] == [(11.0, "Team 1")] * 2


def test_a_group_that_handed_in_nothing_has_no_points(grouped, root):
    with gradebook(root) as book:
        book.add_student("lou")
    found = grouped("student,group\nemil,t\nlou,t\nnew,t\n", root)
    assert {each: line(found, each).status for each in ("emil", "lou", "new")} == dict.fromkeys(
        ("emil", "lou", "new"), Status.NOTHING
    )


def test_a_member_can_be_chosen(grouped):
    assert [each.student for each in grouped("student,group\nemil,bob\n", students=("emil",)).lines] == ["emil"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("student,team\nada,x\n", r"`groups.csv` needs the columns student and group; it has `student`, `team`"),
        ("student,group\nada,x\nada,y\n", r"`groups.csv` has `ada` in two groups, `x` and `y`"),
        ("student,group\nada,\n", r"`groups.csv` names no student with a group"),
        ("student,group\nada,x\nbob,x\nemil,x\n", r"of the group `x` several handed in: ada, bob\. Leave one of them"),
    ],
)
def test_a_list_that_leaves_it_open_is_refused(grouped, content, words):
    with pytest.raises(ExportError, match=words):
        grouped(content)


def test_the_same_line_twice_says_nothing_new(grouped):
    assert line(grouped("student,group\nemil,bob\nemil,bob\n"), "emil").score == 9.75
