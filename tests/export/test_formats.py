"""Each format holds what it says, tells no points from zero points, and nothing in it acts."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from exported_class import EXPLANATION, NAME, OTHER, line, read

from grader.export import gradescope, plain_csv
from grader.export.formats import FORMATS, named
from grader.export.grades import Grades
from grader.export.selection import ExportError, Selection
from grader.export.sheet import BOM, number, text
from grader.nbgrader.booked import Person

DOCS = Path(__file__).resolve().parents[2] / "docs" / "export.md"
SHEETS = ("csv", "canvas", "moodle", "gradescope")


def written(grades: Grades, form: str, **chosen) -> str:
    return FORMATS[form].write(grades, Selection(NAME, **chosen)).text


def rows(content: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.removeprefix(BOM), newline="")))


def by(key: str, content: str) -> dict[str, dict[str, str]]:
    return {row[key]: row for row in rows(content)}


def test_another_format_is_refused_with_those_that_there_are():
    with pytest.raises(ExportError, match="there is no format `pdf`; there are csv, canvas, moodle, gradescope, junit"):
        named("pdf")


def test_every_format_and_every_header_is_in_the_documentation():
    said = DOCS.read_text(encoding="utf-8")
    for form in FORMATS:
        assert f"`{form}`" in said
    for header in (*plain_csv.HEADERS, *gradescope.HEADERS):
        assert f"`{header}`" in said


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (4.0, "4"),
        (0.1 + 0.2, "0.3"),
        (-0.0, "0"),
        (-1.5, "-1.5"),
        (2 / 3, "0.6667"),
        (1e6, "1000000"),
        (None, ""),
        (float("nan"), ""),
        (float("inf"), ""),
    ],
)
def test_numbers_stay_numbers(value, shown):
    assert number(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1+1", " '=1+1"),
        ("\r=1+1", " '=1+1"),
        ("   =1+1", "   '=1+1"),
        ("\u00a0=1+1", "\u00a0'=1+1"),
        ("＝1+1", "'＝1+1"),
        ("a;=1+1", "a;'=1+1"),
        ("ada-b@school.edu", "ada-b@school.edu"),
        ("\u200b=1+1", "\N{REPLACEMENT CHARACTER}=1+1"),
        ("\u202egnp.exe", "\N{REPLACEMENT CHARACTER}gnp.exe"),
        ("\x00\x07", "\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}"),
        ("a\nb", "a b"),
        ("\x1b[31mred", "red"),
    ],
)
def test_words_neither_calculate_nor_hide(value, shown):
    assert text(value) == shown


@pytest.mark.parametrize("form", SHEETS)
@pytest.mark.parametrize("assignment", [NAME, OTHER])
def test_no_cell_of_any_sheet_begins_a_formula(class_root, form, assignment):
    content = written(read(class_root, assignment), form)
    cells = [cell for row in csv.reader(io.StringIO(content.removeprefix(BOM), newline="")) for cell in row]
    assert len(cells) > 10
    for cell in cells:
        assert re.fullmatch(r"-?\d+(\.\d+)?", cell) or not re.match(r"\s*[=+\-@]", cell), cell


@pytest.mark.parametrize("form", FORMATS)
def test_no_format_holds_a_character_that_acts_or_hides(grades, form):
    content = written(grades, form).removeprefix(BOM)
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]", content)


def test_csv_begins_with_the_mark_that_excel_needs_and_once_only(grades):
    content = written(grades, "csv")
    assert content.startswith(f"{BOM}assignment,student,last_name")
    assert content.count(BOM) == 1
    assert content.encode().startswith(b"\xef\xbb\xbf")


def test_csv_tells_no_points_from_zero_points(grades):
    found = by("student", written(grades, "csv"))
    assert (found["kim"]["score"], found["kim"]["status"]) == ("0", "graded")
    assert (found["hugo"]["score"], found["hugo"]["raw_score"], found["hugo"]["late_penalty"]) == ("0", "1", "5")
    for student, status in (("emil", "handed in nothing"), ("finn", "not graded yet"), ("gwen", "could not be graded")):
        assert (found[student]["score"], found[student]["status"]) == ("", status)
        assert found[student]["points_softmax"] == ""


def test_csv_has_everything_of_a_student(grades):
    bob = by("student", written(grades, "csv"))["bob"]
    assert bob == {
        "assignment": NAME,
        "student": "bob",
        "last_name": "Ångström",
        "first_name": "Bob",
        "email": "bob@school.edu",
        "group": "",
        "status": "graded",
        "score": "9.75",
        "max_score": "11",
        "raw_score": "10.5",
        "late_penalty": "0.75",
        "seconds_late": "1800",
        "timestamp": "2026-11-20T13:00:00Z",
        "needs_manual_grade": "no",
        "remark": "",
        "points_softmax": "3.5",
        "points_log_softmax": "2",
        "points_nll": "2",
        "points_essay": "3",
    }


def test_csv_says_who_waits_and_what_was_wrong(grades):
    found = by("student", written(grades, "csv"))
    assert (found["iris"]["needs_manual_grade"], found["iris"]["points_essay"]) == ("yes", "")
    assert found["dora"]["remark"] == f"softmax: wrong: {EXPLANATION}"
    assert found["jon"]["remark"] == "could not be checked: softmax"
    assert (found["jon"]["points_softmax"], found["jon"]["points_nll"]) == ("", "2")


def test_gradescope_has_its_own_words(grades):
    found = by("SID", written(grades, "gradescope"))
    assert found["hugo"]["Lateness (H:M:S)"] == "48:00:01"
    assert found["ada"]["Submission Time"] == "2026-11-19 08:15:30 +0000"
    assert found["bob"]["1: softmax (4.0 pts)"] == "3.5"
    states = {student: row["Status"] for student, row in found.items() if row["Status"] != "Graded"}
    assert states == {"emil": "Missing", "finn": "Ungraded", "gwen": "Ungraded", "iris": "Ungraded", "jon": "Ungraded"}
    assert [found[each]["Total Score"] for each in ("emil", "gwen", "kim")] == ["", "", "0"]


def suites(content: str) -> dict[str, ElementTree.Element]:
    return {each.attrib["name"]: each for each in ElementTree.fromstring(content)}


def results(suite: ElementTree.Element) -> dict[str, str]:
    return {case.attrib["name"]: (case[0].tag if len(case) else "passed") for case in suite.iter("testcase")}


def test_junit_tells_failures_errors_and_what_was_skipped(grades):
    found = suites(written(grades, "junit"))
    assert set(results(found["ada"]).values()) == {"passed"}
    assert results(found["dora"])["softmax"] == "failure"
    assert set(results(found["emil"]).values()) == set(results(found["finn"]).values()) == {"skipped"}
    assert results(found["jon"]) == {"softmax": "error", "log_softmax": "passed", "nll": "passed", "essay": "passed"}
    assert results(found["iris"])["essay"] == "skipped"
    failure = found["dora"].find("testcase[@name='softmax']/failure")
    assert failure.text == f"0 of 4 points: wrong: {EXPLANATION}"
    score = {each: found[each].find("properties/property[@name='score']").attrib["value"] for each in ("kim", "emil")}
    assert score == {"kim": "0", "emil": ""}


_SUITE = {"name", "package", "id", "timestamp", "hostname", "tests", "failures", "errors", "skipped", "time"}


def test_junit_keeps_the_rules_of_both_schemas(grades):
    """Windy Road's order and required attributes; Jenkins' allowed elements and its form of a time."""
    root = ElementTree.fromstring(written(grades, "junit"))
    assert (root.tag, root.attrib) == ("testsuites", {})
    for place, suite in enumerate(root):
        assert suite.attrib.keys() == _SUITE
        assert suite.attrib["id"] == str(place)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.attrib["timestamp"])
        cases = suite.findall("testcase")
        assert [each.tag for each in suite] == ["properties", *["testcase"] * len(cases), "system-out", "system-err"]
        counted = {kind: len(suite.findall(f"testcase/{kind}")) for kind in ("failure", "error", "skipped")}
        said = {kind: int(suite.attrib[f"{kind}s" if kind != "skipped" else kind]) for kind in counted}
        assert (said, int(suite.attrib["tests"])) == (counted, len(cases))
        for case in cases:
            assert case.attrib.keys() == {"classname", "name", "time"}
            assert len(case) <= 1
            assert all({*each.attrib} == {"type", "message"} for each in case)
        assert all({*each.attrib} == {"name", "value"} for each in suite.iter("property"))


def test_a_reader_of_junit_reads_it(grades, tmp_path):
    junitparser = pytest.importorskip("junitparser", reason="junitparser is not installed")
    (tmp_path / "made.xml").write_text(written(grades, "junit"), encoding="utf-8")
    read_back = junitparser.JUnitXml.fromfile(str(tmp_path / "made.xml"))
    assert {each.name for each in read_back} == {each.student for each in grades.lines}


_OTTER = {"name", "score", "max_score", "visibility", "output"}


def test_otter_json_has_the_keys_that_otter_and_gradescope_use(grades):
    document = json.loads(written(grades, "otter-json"))
    assert document["results"].keys() == {each.student for each in grades.lines}
    assert document["results"]["emil"] is None
    ada = document["results"]["ada"]
    assert [each.keys() for each in ada["tests"]] == [_OTTER] * 4
    assert (ada["score"], ada["stdout_visibility"], ada["tests"][0]["visibility"]) == (
        11.0,
        "hidden",
        "after_published",
    )
    assert ada["score"] == sum(each["score"] for each in ada["tests"])


def test_otter_json_gives_no_score_to_whoever_has_none(grades):
    found = json.loads(written(grades, "otter-json"))["results"]
    assert "score" not in found["gwen"]
    assert found["gwen"]["tests"][0]["status"] == "failed"
    assert "is empty" in found["gwen"]["tests"][0]["output"]
    assert found["finn"]["tests"] == []
    assert found["kim"]["score"] == 0.0
    assert [each["name"] for each in found["iris"]["tests"]] == ["softmax", "log_softmax", "nll"]
    assert found["hugo"]["score"] == 0.0
    assert found["hugo"]["output"] == "graded; 5 off for being late"


def test_of_one_chosen_student_otter_json_is_the_results_file_itself(class_root):
    document = json.loads(written(read(class_root, students=("bob",)), "otter-json", students=("bob",)))
    assert document["score"] == 9.75
    assert document["extra_data"]["student"] == "bob"


def test_without_a_worksheet_moodle_gets_only_who_has_points(grades):
    made = FORMATS["moodle"].write(grades, Selection(NAME))
    found = by("ID number", made.text)
    assert found.keys() == {"ada", "bob", "cleo", "dora", "hugo", "iris", "kim"}
    assert (found["kim"][NAME], found["hugo"][NAME]) == ("0", "0")
    assert "essay: not graded yet" in found["iris"][f"{NAME} (feedback)"]
    assert "5 off for being late" in found["hugo"][f"{NAME} (feedback)"]
    assert made.said == ("left out, since Moodle would take an empty cell for no grade (4): finn, gwen, jon, emil",)


def test_without_a_roster_canvas_gets_the_columns_that_it_looks_for(grades):
    made = written(grades, "canvas")
    assert made.splitlines()[:2] == [
        f"Student,ID,SIS User ID,SIS Login ID,Section,{NAME}",
        "    Points Possible,,,,,11",
    ]
    found = by("SIS Login ID", made)
    assert [found[each][NAME] for each in ("kim", "emil", "gwen", "bob")] == ["0", "", "", "9.75"]


@pytest.mark.parametrize("form", FORMATS)
def test_a_class_without_names_and_a_name_of_every_alphabet(grades, form):
    odd = dataclasses.replace(line(grades, "ada"), student="žofie.π", person=Person("李", 'O"Neil, <b>&amp;', "x"))
    content = written(dataclasses.replace(grades, lines=(odd,)), form)
    shown = {"junit": "žofie.π", "otter-json": json.dumps("žofie.π")[1:-1]}.get(form, "žofie.π")
    assert shown in content
    if form in SHEETS:
        assert len({len(row) for row in csv.reader(io.StringIO(content.removeprefix(BOM), newline=""))}) == 1
