"""A plain Python file becomes cells whose lines are the file's own."""

from __future__ import annotations

import pytest
from screen_samples import FORBIDDEN, verdict

from grader.learner.plain_file import PlainFileError, placed, read_source, submission
from grader.notebook.marks import grade_id
from grader.notebook.running import cells_to_run
from grader.verdict import CaseVerdict, DeviceMistake, ExerciseVerdict, Finding, Outcome

NAME = "04_softmax.py"

SOURCE = '''"""My answers."""
import torch

def helper(x):
    return x.exp()

@torch.no_grad()
def softmax(x):
    return helper(x)

LIMIT = 3
nll = lambda log_p, labels: 0
print(softmax)

if __name__ == "__main__":
    raise SystemExit("never run")
'''


@pytest.fixture
def released(released_course):
    from grader.folder import CourseFolder

    return CourseFolder(released_course).released_notebook("04_softmax")


def cells(source: str, released: dict) -> dict[str, str]:
    work = submission(source, NAME, "04_softmax", released)
    return {cell.name: cell.source for cell in cells_to_run(work.notebook)}


def test_each_exercise_has_its_cell_and_the_rest_stays_in_order(released):
    assert list(cells(SOURCE, released)) == ["setup", "2", "softmax", "4", "nll", "6"]


def test_every_statement_stays_in_its_line(released):
    lines = SOURCE.split("\n")
    for name, source in cells(SOURCE, released).items():
        kept = {n: line for n, line in enumerate(source.split("\n")) if line != "#"}
        assert name == "setup" or all(lines[n] == line for n, line in kept.items())


def test_decorators_belong_to_what_they_decorate(released):
    assert cells(SOURCE, released)["softmax"].split("\n")[6] == "@torch.no_grad()"


def test_what_only_runs_as_a_program_is_left_out(released):
    assert "never run" not in "".join(cells(SOURCE, released).values())


def test_no_cell_begins_with_a_blank_line_which_ipython_would_drop(released):
    assert all(source.split("\n")[0].strip() for source in cells("\n\n" + SOURCE, released).values())


def test_of_two_definitions_the_last_one_is_the_answer(released):
    found = cells("def nll(a, b): return 1\n\n\ndef nll(a, b): return 2\n", released)
    assert "return 2" in found["nll"]
    assert "return 1" not in found["nll"]


def test_two_statements_on_one_line_stay_together(released):
    assert cells("nll = print; other = 1\n", released)["nll"] == "nll = print; other = 1"


def test_an_answer_that_is_not_there_has_no_cell(released):
    work = submission("x = 1\n", NAME, "04_softmax", released)
    assert [grade_id(cell) for cell in work.notebook["cells"]] == ["setup", ""]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"def softmax(x:\n    pass\n", "is not valid Python (line 1: '(' was never closed). Mend that and save."),
        (b"x = 1\n  y = 2\n", "(line 2: unexpected indent)"),
        (b"x = '\xff'\n", "is not UTF-8 text"),
        (b"# coding: nothing-of-this-name\n", "is not UTF-8 text"),
        (b"x = 1\x00\n", "is not valid Python"),
        (b"(" * 10_000, "is not valid Python"),
        (b"-" * 500_000 + b"1", "is not valid Python"),
        (b"#" * (2**20 + 1), "has more than 1,048,576 characters"),
    ],
)
def test_a_file_that_does_not_parse_says_where(tmp_path, content, words):
    path = tmp_path / NAME
    path.write_bytes(content)
    with pytest.raises(PlainFileError, match=r"`04_softmax.py`") as caught:
        read_source(path)
    assert words in str(caught.value)


def test_a_declared_encoding_is_read(tmp_path):
    path = tmp_path / NAME
    path.write_bytes("# coding: latin-1\nname = 'Grüße'\n".encode("latin-1"))
    assert "Grüße" in read_source(path)


def test_a_folder_of_that_name_is_no_file(tmp_path):
    (tmp_path / NAME).mkdir()
    with pytest.raises(PlainFileError, match="is a folder, not a file"):
        read_source(tmp_path / NAME)


def test_findings_speak_of_the_file():
    finding = Finding(Outcome.CRASHED, "The notebook does not define `nll`.", line="cell softmax line 9: return 1")
    one = ExerciseVerdict(
        "softmax",
        0,
        4,
        Outcome.CRASHED,
        (CaseVerdict("test", "A sentence.", Outcome.CRASHED, 1.0, finding),),
        note="The cell stopped before it defined the answer: it raised NameError.",
        on_gpu=DeviceMistake(
            "x", "A sentence.", made="cell softmax line 7: x = 1", used="cell softmax line 9: return x"
        ),
    )
    found = placed(verdict(one, FORBIDDEN), NAME).exercises
    assert found[0].cases[0].finding.line == "04_softmax.py line 9: return 1"
    assert found[0].cases[0].finding.message == "`04_softmax.py` does not define `nll`."
    assert found[0].note == "The definition stopped on its way: it raised NameError."
    assert found[0].on_gpu.made == "04_softmax.py line 7: x = 1"
    assert found[0].on_gpu.used == "04_softmax.py line 9: return x"
    assert found[1].forbidden.cell == NAME


@pytest.mark.parametrize(
    ("flag", "placed_flag"),
    [
        ("Line 2 of cell `2` imports `x`.", "04_softmax.py line 2 imports `x`."),
        ("`nll`: line 9 of cell `nll` uses `gc`.", "`nll`: 04_softmax.py line 9 uses `gc`."),
        ("Line 1 of cell `setup` uses `gc`.", "Line 1 of cell `setup` uses `gc`."),
    ],
)
def test_flags_speak_of_the_file_but_not_where_the_released_cell_is_meant(flag, placed_flag):
    assert placed(verdict(FORBIDDEN, flags=(flag,)), NAME).flags == (placed_flag,)
