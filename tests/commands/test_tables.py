"""What is printed when a class' run has ended, for people and for programs."""

from __future__ import annotations

import io
import json
import sys
import unicodedata
from typing import Any

import pytest
from rich.console import Console
from standings import ASSIGNMENT, A, B, D, class_of, exercise, result, standing

from grader import run
from grader.autograde import ClassResult
from grader.interrupts import Interrupted
from grader.standing import Standing
from grader.summary import by_exercise, document, histogram, slowest, standing_out
from grader.tables import ALL_SHOWN, MOST_FAILURES, MOST_NAMES, class_table
from grader.verdict import Outcome

HOSTILE = "[red]ada[/red]\x1b[31m\u202e"


def shown(told: ClassResult, width: int = 200) -> str:
    console = Console(file=io.StringIO(), width=width)
    class_table(ASSIGNMENT, told, console)
    return console.file.getvalue()


def row(text: str, student: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.startswith(f"│ {student} "))
    return [cell.strip() for cell in line.strip("│").split("│")]


def test_a_row_tells_points_and_what_stood_out():
    known = standing("bob", repairs=1, flags=2)
    wrong = exercise("softmax", Outcome.WRONG, mistake="over_axis_0")
    forbidden = exercise("nll", Outcome.FORBIDDEN, forbidden="F.nll_loss")
    text = shown(result([standing("ada"), known, Standing("eve", (wrong, forbidden), "", 0, 0, "A", False, 1.0)]))
    assert row(text, "ada") == ["ada", "4 of 4", "2 2", ""]
    assert row(text, "bob") == ["bob", "4 of 4", "2 2", "1 repair; 2 flags"]
    assert row(text, "eve")[1:] == ["0 of 4", "0 0", "softmax: wrong (over_axis_0); nll: forbidden (F.nll_loss)"]


def test_what_being_late_costs_stands_beside_the_points_before_it():
    late = standing("bob", flags=1, late_penalty=2.5)
    text = shown(result([standing("ada"), late]))
    assert row(text, "bob")[1:] == ["4 of 4", "2 2", "late −2.5; 1 flag"]
    assert row(text, "ada")[3] == ""
    large = shown(result([*class_of(90), standing("bob", late_penalty=4.0)]))
    assert "91 students have points, 1 stand out\nlate: 1\n" in large
    assert [each["late_penalty"] for each in document(result([late]))["standings"]] == [2.5]


@pytest.mark.parametrize(("added", "said"), [(1.5, "+1.5 by hand"), (-0.25, "\N{MINUS SIGN}0.25 by hand"), (0.0, "")])
def test_points_by_hand_stand_beside_the_judges(added, said):
    touched = standing("bob", by_hand=added)
    assert row(shown(result([touched])), "bob")[1:] == ["4 of 4", "2 2", said]
    assert document(result([touched]))["standings"][0]["by_hand"] == added


C = Outcome.COULD_NOT_CHECK
LOST = {"softmax": C, "nll": C, "problem": "`x` is no notebook. Save it once more."}


def test_what_could_not_be_graded_has_no_points_and_is_counted_apart():
    text = shown(result([standing("ada"), standing("bob", **LOST), standing("eve", C)]))
    assert row(text, "bob")[1:] == ["– of 4", "– –", f"could not be graded: {LOST['problem']}"]
    assert row(text, "eve")[1:] == ["– of 4", "– 2", "softmax: could not check"]
    assert "graded 1 in 2.0 s, 2 could not be graded, 1.5 students a second" in text


def test_of_a_large_class_too_what_could_not_be_graded_counts_in_no_mean():
    lost = standing("bob", **LOST)
    text = shown(result([*class_of(90), lost]))
    assert "90 students have points, 1 stand out\ncould not be graded: 1\n" in text
    assert row(text, "nll")[1] == "2.00 of 2"
    assert sum(histogram([standing("ada"), lost])) == 1
    nobody = shown(result(class_of(90, nll=C, problem="no notebook")))
    assert "0 students have points, 90 stand out" in nobody


@pytest.mark.parametrize("width", [30, 45, 80, 200])
def test_nothing_of_a_row_is_cut_however_narrow_the_terminal(width):
    text = shown(result([standing("ada", Outcome.TIMED_OUT)]), width)
    table = [line for line in text.splitlines() if line[:1] in "┏│└"]
    assert max(map(len, table)) <= width
    letters = "".join(sign for line in table for sign in line.rpartition("│ ")[2] if sign.isalpha())
    assert letters == "softmaxtimedout"
    assert row(text, "ada")[1] == "2 of 4"


def test_a_very_long_name_is_shown_whole_beside_the_rest():
    text = shown(result([standing("a" * 80, Outcome.TIMED_OUT)]), 80)
    assert text.count("a") >= 80
    assert "softmax: timed out" in text


def test_a_large_class_shows_who_stands_out_and_how_the_points_are_spread():
    nothing = [standing(f"zero{n}", Outcome.WRONG, Outcome.WRONG) for n in range(9)]
    ordinary = class_of(90, nll=Outcome.WRONG) + nothing
    text = shown(result([*ordinary, standing("bob", flags=1)]))
    assert row(text, "bob")[3] == "1 flag"
    assert "│ student000" not in text
    assert "100 students have points, 1 stand out\nflagged: 1\n" in text
    assert f"`grader autograde {ASSIGNMENT} --json` tells of everyone" in text
    bars = {line.split("%")[0].strip(): line.split() for line in text.splitlines() if "%  " in line}
    assert [bars[share][-1].count("#") for share in ("0- 10", "50- 60", "90-100")] == [4, 40, 0]
    assert [bars[share][-2] for share in ("0- 10", "50- 60")] == ["9", "90"]
    assert row(text, "nll") == ["nll", "0.02 of 2", "1%", "wrong (99)"]


def test_of_very_many_alike_the_first_are_shown_and_all_are_counted():
    text = shown(result(class_of(250, softmax=Outcome.TIMED_OUT) + class_of(50)))
    assert text.count("timed out;") + text.count("softmax: timed out") == ALL_SHOWN
    assert "250 stand out; the first 60 of them are shown" in text
    assert "timed out: 250" in text
    assert len(text.splitlines()) < 100


def test_walls_that_are_told_of_for_the_whole_class_are_nobodys_own_trouble():
    weak = class_of(100, tier="B", weak=True)
    assert standing_out(weak, "B") == []
    assert len(standing_out(weak)) == 100
    text = shown(result(weak, protection=B))
    assert "100 students have points, 0 stand out" in text
    assert "who stands out" not in text
    assert (text.count("isolation: tier B (landlock)"), "isolation was" in text) == (1, False)


def test_the_students_behind_weaker_walls_of_an_earlier_run_are_few_names_and_a_number():
    text = shown(result(class_of(30, tier="D", weak=True, unchanged=True), protection=None))
    line = next(line for line in text.splitlines() if line.startswith("isolation was tier D"))
    assert line.endswith(f" and {30 - MOST_NAMES} more")


def test_the_weightiest_trouble_comes_first():
    mild, grave = standing("a", repairs=5), standing("b", flags=1)
    assert standing_out([mild, grave, standing("c", Outcome.WRONG)]) == [grave, mild]


def test_failures_are_told_by_name_with_the_reason():
    text = shown(result([standing("ada")], failures={"zoe": "it is a link. Remove it.", "bob": "no luck. Try again."}))
    lines = [line for line in text.splitlines() if line.startswith("not graded")]
    assert lines == ["not graded: bob: no luck. Try again.", "not graded: zoe: it is a link. Remove it."]


def test_a_reason_that_hit_many_is_told_once_and_very_many_reasons_are_counted():
    same = {f"s{number:03}": "the judge was lost" for number in range(250)}
    text = shown(result([standing("ada")], failures=same))
    assert text.count("the judge was lost") == 1
    assert "not graded (250): s000, s001" in text
    assert f"and {250 - MOST_NAMES} more: the judge was lost" in text
    text = shown(result([standing("ada")], failures={name: f"reason of {name}" for name in same}))
    assert text.count("reason of") == MOST_FAILURES
    assert f"not graded: {250 - MOST_FAILURES} more; `grader autograde {ASSIGNMENT} --json` names all" in text


def test_the_slowest_of_this_run_are_named_with_their_seconds():
    found = [standing(name, seconds=second) for second, name in enumerate("abcdefg")]
    found.append(standing("old", seconds=99, unchanged=True))
    assert [each.student for each in slowest(found)] == list("gfedc")
    text = shown(result(found, seconds=3.5))
    assert "slowest: g 6.0 s, f 5.0 s, e 4.0 s, d 3.0 s, c 2.0 s" in text
    assert "graded 7 in 3.5 s, 2.0 students a second" in text
    assert "1 had not changed since they were graded; --force grades them again" in text


def test_where_nobody_had_to_be_graded_no_pace_is_told():
    text = shown(result([standing("ada", unchanged=True)], protection=None, seconds=0.4))
    assert "nobody had to be graded; that took 0.4 s" in text
    assert "slowest" not in text
    assert "isolation" not in text


def test_a_class_in_which_nobody_has_points_is_told_too():
    text = shown(result(failures={"ada": "no luck"}, seconds=0.0))
    assert "not graded: ada: no luck" in text


def test_names_and_reasons_are_shown_as_text_and_obeyed_by_nobody():
    hostile = standing(HOSTILE, Outcome.TIMED_OUT, problem="", flags=1)
    for standings in ([hostile], [hostile, *class_of(ALL_SHOWN)]):
        text = shown(result(standings, failures={HOSTILE: HOSTILE, "b": HOSTILE}))
        assert text.count("[red]ada[/red]") == 4  # in the table, among the slowest, not graded, and why
        assert not {sign for sign in text.replace("\n", "") if unicodedata.category(sign) in {"Cc", "Cf"}}


def test_shares_fall_into_tenths_and_full_marks_into_the_last():
    halves = [standing("a"), standing("b", Outcome.WRONG), standing("c", Outcome.WRONG, Outcome.WRONG)]
    assert histogram(halves) == [1, 0, 0, 0, 0, 1, 0, 0, 0, 1]
    assert histogram([Standing("none", (), "", 0, 0, "A", False, 0.0)]) == [1] + [0] * 9


def test_an_exercise_tells_what_most_of_those_who_lost_points_share():
    same = exercise("softmax", Outcome.WRONG, mistake="over_axis_0")
    found = [Standing(name, (same,), "", 0, 0, "A", False, 0.0) for name in "ab"]
    summed = by_exercise([*found, standing("c", Outcome.CRASHED), standing("d")])
    assert [(each.name, each.common, each.how_many, each.students) for each in summed] == [
        ("softmax", "over_axis_0", 2, 4),
        ("nll", "", 0, 2),
    ]
    assert (summed[0].mean, summed[0].full_marks) == (0.5, 1)


def in_json(capsys: pytest.CaptureFixture[str], grade: Any) -> Any:
    told = run.in_json(ASSIGNMENT, grade)
    captured = capsys.readouterr()
    assert told == grade()
    return json.loads(captured.out)


def test_a_run_as_json_tells_of_everyone(capsys):
    told = result([standing("ada"), standing("bob", unchanged=True)], failures={HOSTILE: "why"}, protection=B)
    data = in_json(capsys, lambda: told)
    assert data == json.loads(json.dumps(document(told)))
    assert [Standing.from_json(each) for each in data["standings"]] == list(told.standings)
    assert data["failures"] == {HOSTILE: "why"}
    assert data["unchanged"] == ["bob"]
    assert data["slowest"] == [{"student": "ada", "seconds": 0.1}]
    assert data["protection"] == {
        "tier": "B",
        "layers": ["landlock"],
        "missing": [{"name": "namespaces", "why": "no"}],
        "open": ["other processes out of sight"],
    }
    assert (data["assignment"], data["seconds"], data["interrupted"]) == (ASSIGNMENT, 2.0, False)


def test_what_is_printed_meanwhile_does_not_spoil_the_json(capsys):
    def grade() -> ClassResult:
        sys.stdout.write("a configuration file says hello\n")
        return result(protection=None)

    run.in_json(ASSIGNMENT, grade)
    captured = capsys.readouterr()
    assert json.loads(captured.out)["protection"] is None
    assert captured.err == "a configuration file says hello\n"


@pytest.mark.parametrize("error", [LookupError("nobody handed in"), Interrupted(), KeyError("x"), ValueError()])
def test_a_run_that_could_not_be_done_is_told_as_json_and_raised(capsys, error):
    def grade() -> ClassResult:
        raise error

    with pytest.raises(type(error)):
        run.in_json(ASSIGNMENT, grade)
    told = json.loads(capsys.readouterr().out)
    assert told == {"schema": 1, "assignment": ASSIGNMENT, "error": str(error) or "ValueError"}


def test_a_run_that_was_stopped_prints_no_table_but_how_many_are_done(capsys):
    told = result(class_of(3), interrupted=True)
    assert run.in_tables(ASSIGNMENT, lambda: told) is told
    assert capsys.readouterr().out == ""
    again = "run the command again, without --force, and it goes on with the others"
    assert run.stopped(told) == f"interrupted: 3 students are done and recorded; {again}"
    assert "1 student is done" in run.stopped(result(class_of(1), interrupted=True))
    assert in_json(capsys, lambda: told)["interrupted"] is True


def test_what_goes_into_a_pipe_is_as_wide_as_it_has_to_be(capsys, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    run.in_tables(ASSIGNMENT, lambda: result([standing("ada", problem="x" * 250)], protection=A))
    text = capsys.readouterr().out
    assert "x" * 250 in text
    assert "\x1b" not in text


def test_no_walls_at_all_are_told_loudly_under_the_table():
    assert "NO ISOLATION" in shown(result([standing("ada", tier="D", weak=True)], protection=D))
