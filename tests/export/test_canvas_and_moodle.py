"""Another system's own file is filled in: matched by one column, all else as it was, and nothing made empty."""

from __future__ import annotations

import csv
import dataclasses
import io

import pytest
from exported_class import NAME, line

from grader.export.formats import FORMATS
from grader.export.matching import matched
from grader.export.moodle import comment
from grader.export.selection import ExportError, Selection
from grader.export.sheet import Sheet
from grader.export.written import Written
from grader.nbgrader.booked import Person
from grader.roster_file import RosterError

CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Notes,Old (1),04_Softmax (77),Final Score
,,,,,,,Manual Posting,
    Points Possible,,,,,,5,11,(read only)
"Lovelace, Ada",101,S1,ada,Tue,=1+1,3,,90
"=""=Ångström, Bob""\",102,S2,BOB,Tue,,4,2,80
"Noether, Emil",103,S3,emil,Tue,,1,5,70
"Hugo, H",104,S4,hugo,Tue,,1,EX,70
"Kim, K",105,S5,kim,Tue,,1,N/A,70
"Student, Test",999,,,Tue,,1,,70
"""

MOODLE = """Identifier,Full name,ID number,Email address,Status,Grade,Maximum grade,Grade can be changed,\
Last modified (submission),Last modified (grade),Feedback comments
Participant 1,Ada Lovelace,,ada@school.edu,Submitted,,10,Yes,-,-,
Participant 2,Bob,,BOB@school.edu,Submitted,3.00,10,Yes,-,-,<p>See me.</p>
Participant 3,Emil Noether,,emil@school.edu,No submission,1.00,10,Yes,-,-,
Participant 4,=Someone,,else@school.edu,Submitted,2.00,10,No,-,-,
"""


@pytest.fixture
def fill(grades, tmp_path):
    def fill(form: str, content: str, **chosen) -> Written:
        path = tmp_path / "their.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return FORMATS[form].write(grades, Selection(NAME, roster=path, **chosen))

    return fill


def table(made: Written, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(made.text, newline=""), delimiter=delimiter))


def test_canvas_keeps_its_identity_columns_and_only_our_column_goes_with_them(fill):
    rows = table(fill("canvas", CANVAS))
    theirs = list(csv.reader(io.StringIO(CANVAS)))
    assert rows[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "04_Softmax (77)"]
    assert [row[:5] for row in rows] == [row[:5] for row in theirs]
    assert rows[1][5] == "Manual Posting"
    assert rows[2][5] == "11"


def test_canvas_gets_points_and_keeps_what_we_have_none_for(fill):
    scores = {row[3]: row[5] for row in table(fill("canvas", CANVAS))[3:]}
    assert scores == {"ada": "11", "BOB": "9.75", "emil": "5", "hugo": "EX", "kim": "N/A", "": ""}


def test_canvas_tells_who_was_not_matched_and_what_was_left(fill):
    assert fill("canvas", CANVAS).said == (
        "matched 5 of 11 students by the column `SIS Login ID`",
        "have points, and no line in `their.csv` (3): dora, cleo, iris",
        "left as Canvas has them, EX or N/A (2): hugo, kim",
    )


def test_a_new_column_is_added_with_its_points_and_said(fill):
    made = fill("canvas", CANVAS.replace("04_Softmax (77)", "Another (78)"))
    rows = table(made)
    assert [row[5] for row in rows] == [NAME, "", "11", "11", "9.75", "", "0", "0", ""]
    assert any("Canvas will make a new assignment" in each for each in made.said)


def test_the_column_can_be_named(fill):
    rows = table(fill("canvas", CANVAS, column="old (1)"))
    assert [row[5] for row in rows] == ["Old (1)", "", "5", "11", "9.75", "1", "0", "0", "1"]


def test_where_canvas_counts_to_another_number_it_is_said(fill):
    said = fill("canvas", CANVAS, column="Old (1)").said
    assert "Canvas counts to 5, the gradebook to 11: points go in as they are" in said


def test_a_file_without_the_row_of_possible_points_gets_one(fill):
    lines = CANVAS.splitlines(keepends=True)
    rows = table(fill("canvas", "".join([lines[0], *lines[3:]]).replace("04_Softmax (77)", "Another")))
    assert rows[1] == ["    Points Possible", "", "", "", "", "11"]


def test_semicolons_marks_and_other_encodings_come_back_as_they_went(fill):
    other = CANVAS.replace('"Lovelace, Ada"', "Ada").replace(",", ";").replace(";Ångström", ",Ångström")
    made = fill("canvas", other.encode("utf-16"))
    rows = table(made, ";")
    assert rows[0][0] == "Student"
    assert rows[3] == ["Ada", "101", "S1", "ada", "Tue", "11"]


def test_an_id_of_canvas_own_is_not_taken_for_a_student_of_ours(fill):
    """Most students fit by their login; the line whose `ID` is called like one of ours stays nobody's."""
    content = CANVAS.replace('"Student, Test",999', '"Student, Test",cleo')
    assert table(fill("canvas", content))[-1][5] == ""


def test_nobody_gets_another_s_line_by_an_address_and_what_two_share_is_nobody_s(grades):
    """Addresses come from a roster, and in many schools everyone writes their own there."""
    people = {"ada": "bob@school.edu", "bob": "ADA", "kim": "bob@school.edu", "Kim": "", "eve": "kim"}
    lines = tuple(
        dataclasses.replace(line(grades, "ada"), student=s, person=Person("", "", e)) for s, e in people.items()
    )
    sheet = Sheet("x", ("SIS Login ID",), (("ada",), ("ADA",), ("bob@school.edu",), ("Kim",), ("KIM",)), ",")
    with pytest.raises(ExportError, match=r"several lines for ada"):
        matched(sheet, dataclasses.replace(grades, lines=lines), ("SIS Login ID",))
    sheet = dataclasses.replace(sheet, rows=sheet.rows[1:])
    found = matched(sheet, dataclasses.replace(grades, lines=lines), ("SIS Login ID",))
    assert [each.student if each else None for each in found.lines] == ["ada", None, "Kim", None]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("Student,ID,Other\nAda,1,2\n", r"lacks `Section`; it has `Student`, `ID`, `Other`\. Export the gradebook"),
        ("Name,Login\nAda,ada\n", r"lacks `Student`, `ID`, `Section`; it has `Name`, `Login`"),
        ("Student,ID,SIS Login ID,Section\nX,1,x,A\n", r"no line of `their.csv` is a student .* `SIS Login ID`, `ID`"),
        (CANVAS.replace(",BOB,", ",ada,"), r"`their.csv` has several lines for ada in its column `SIS Login ID`"),
        (CANVAS.replace("Old (1)", "04_softmax (1)"), r"has 2 columns called `04_softmax`; name the right one with"),
        ("", r"`their.csv` is empty"),
        ('Student,ID\n"Ada,1\n', r"`their.csv` is no CSV \(line 2"),
    ],
)
def test_a_file_that_canvas_did_not_write_is_refused(fill, content, words):
    with pytest.raises(ExportError, match=words):
        fill("canvas", content)


def test_a_column_that_is_not_there_is_told_with_those_that_are(fill):
    with pytest.raises(ExportError, match=r"has no column `New`; it has `Student`, `ID`"):
        fill("canvas", CANVAS, column="New")


def test_a_file_that_is_no_text_is_refused(fill):
    with pytest.raises(RosterError, match=r"`their.csv` is not UTF-8 text \(line 1\)"):
        fill("canvas", b"Student,\xff\xfe\xfd\n")


def test_a_roster_that_is_not_there_is_refused(grades, tmp_path):
    with pytest.raises(RosterError, match=r"`none.csv` cannot be read"):
        FORMATS["canvas"].write(grades, Selection(NAME, roster=tmp_path / "none.csv"))


def test_moodle_s_worksheet_is_filled_and_all_else_is_as_it_was(fill):
    rows, theirs = table(fill("moodle", MOODLE)), list(csv.reader(io.StringIO(MOODLE)))
    assert rows[0] == theirs[0]
    assert [row[5] for row in rows[1:]] == ["11", "9.75", "1.00", "2.00"]
    for row, before in zip(rows, theirs, strict=True):
        assert row[:5] + row[6:10] == before[:5] + before[6:10]


def test_moodle_s_comments_are_filled_in_and_a_teacher_s_stay(fill):
    rows = table(fill("moodle", MOODLE))
    assert rows[1][10] == "softmax: 4 of 4; log_softmax: 2 of 2; nll: 2 of 2; essay: 3 of 3"
    assert rows[2][10] == "<p>See me.</p>"
    assert rows[3][10] == ""


def test_words_are_no_html_in_moodle_s_comments(grades):
    dora = line(grades, "dora")
    marks = {key: dataclasses.replace(mark, remark="<b>&") for key, mark in dora.marks.items()}
    said = comment(dataclasses.replace(dora, marks=marks), grades)
    assert said.startswith("softmax: 0 of 4 (&lt;b&gt;&amp;); log_softmax")


def test_moodle_is_told_of_what_it_will_not_take(fill):
    said = fill("moodle", MOODLE.replace("ada@school.edu,Submitted,,10,Yes", "ada@school.edu,Submitted,,10,No")).said
    assert "matched 3 of 11 students by the column `Email address`" in said
    assert "more points than Moodle's maximum, which it passes over (1): ada" in said
    assert "Moodle will not change these grades (1): ada" in said


def test_a_german_worksheet_is_known(fill):
    german = "ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung,Bestwertung,Zuletzt geändert (Bewertung)\n"
    rows = table(fill("moodle", german + "Teilnehmer/in1,Ada,ada@school.edu,x,,11,-\n"))
    assert rows[1][4] == "11"


def test_a_file_that_moodle_did_not_write_is_refused(fill):
    with pytest.raises(ExportError, match=r"lacks `Identifier`, `Last modified \(grade\)`; it has `Grade`, `Name`"):
        fill("moodle", "Grade,Name\n1,ada\n")
