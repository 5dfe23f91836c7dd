"""Which answers are told to be alike: copies in every disguise are, and independent right answers are not."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from disguises import DISGUISES, disguised
from handwriting import styled
from tests_support import ROOT

from grader import course
from grader.excerpts import answer_source, names_of
from grader.folder import CourseFolder
from grader.report import similar
from grader.report.answers import answers, own_cells
from grader.report.grams import MAX_TOKENS, TooLongError, fingerprints
from grader.report.known import known_prints, prints_of
from grader.report.likeness import MOST_LINES, side_by_side
from grader.report.similar import similar_pairs

FOLDER = CourseFolder(ROOT)

ANSWER = '''
def softmax(x):
    """The largest first."""
    top = x.amax(-1, keepdim=True)
    size = x.shape[-1]
    powers = torch.exp(x - top)  # never overflows
    return powers.view(-1, size).div(powers.sum(-1, keepdim=True)).view_as(x)
'''


def prints(source: str, exercise: str = "softmax") -> set[int]:
    return set(fingerprints(answers([(exercise, source)], (exercise,))[exercise]))


@pytest.mark.parametrize("disguise", ["renamed", "reordered", "recommented"])
def test_a_disguise_changes_no_fingerprint(disguise):
    changed = DISGUISES[disguise](ANSWER, "softmax", random.Random(0))
    assert changed.strip() != ANSWER.strip()
    assert prints(changed) == prints(ANSWER)


def test_lines_that_are_added_take_nothing_away():
    assert prints(DISGUISES["padded"](ANSWER, "softmax", random.Random(0))) > prints(ANSWER)


@pytest.mark.parametrize(
    "change", [("amax", "amin"), ("-1", "-2"), ("x - top", "x + top"), ("torch.exp", "torch.expm1")]
)
def test_another_function_constant_or_operator_is_another_answer(change):
    assert prints(ANSWER.replace(*change)) != prints(ANSWER)


def test_an_import_under_another_name_is_the_same():
    one = "import torch.nn.functional as F\ndef f(x): return F.relu(F.pad(x, (1, 2)), inplace=False)"
    other = (
        "from torch.nn.functional import relu, pad\ndef f(x: int) -> int: return relu(pad(x, (1, 2)), inplace=False)"
    )
    assert prints(one, "f") == prints(other, "f")


def test_names_that_a_class_gives_to_its_parts_do_not_count():
    made = "    def __init__(self, n):\n        self.weight = make(n, n + 1)\n"
    one = f"class C:\n{made}    def go(self, x): return self.weight @ x + 1"
    assert prints(one, "C") == prints(one.replace("weight", "w").replace("go", "run"), "C")


def test_an_answer_is_its_last_definition_with_its_helpers_and_without_other_answers():
    cells = [
        ("softmax", "def softmax(x): return first(x)\ndef helper(x): return x - x.max()\ndef unused(x): return x"),
        ("own 3", "def softmax(x): return helper(x).exp()"),
        ("log_softmax", "def log_softmax(x): return softmax(x).log()"),
    ]
    found = answers(cells, ("softmax", "log_softmax", "nll"))
    texts = {
        name: [piece.statement.text(piece.statement.node.lineno) for piece in a.pieces] for name, a in found.items()
    }
    assert texts == {
        "softmax": ["def softmax(x): return helper(x).exp()", "def helper(x): return x - x.max()"],
        "log_softmax": ["def log_softmax(x): return softmax(x).log()"],
    }


@pytest.mark.parametrize("source", ["def softmax(x) return x", "", "softmax", "(" * 500, "\x00", "%%bash\nsoftmax=1"])
def test_what_is_no_python_has_no_answer(source):
    assert answers([("softmax", source)], ("softmax",)) == {}


def test_released_and_locked_cells_are_not_the_students():
    released = FOLDER.released_notebook("04_softmax")
    assert own_cells(released, released) == []


def test_an_endless_answer_is_refused():
    with pytest.raises(TooLongError):
        prints("def softmax(x):\n" + "    x = x + 1\n" * MAX_TOKENS)


def test_numbers_of_thousands_of_digits_are_read():
    assert prints(f"def softmax(x): return x * 0x{'f' * 9999} + x.sum(-1)")


def test_what_the_course_wrote_is_known():
    known = known_prints(FOLDER, "04_softmax")
    for path in (FOLDER.solution("04_softmax"), FOLDER.mistakes("04_softmax"), FOLDER.variants("04_softmax")):
        assert prints_of(path.read_text()) <= known


def rows(students: list[dict[str, str]], known: frozenset[int]) -> dict[str, list[np.ndarray]]:
    """The fingerprints of each exercise's answers, as the report has them."""
    found: dict[str, list[np.ndarray]] = {name: [] for name in students[0]}
    for sources in students:
        read = answers(list(sources.items()), tuple(sources))
        for name in sources:
            mine = set(fingerprints(read[name])) - known if name in read else set()
            found[name].append(np.array(sorted(mine), dtype=np.uint64))
    return found


def class_of(assignment: str, n: int, copies: int) -> tuple[list[dict[str, str]], set[tuple[int, int]]]:
    """Students who each write known right answers in their own way, then copies of some of them in disguise."""
    rng, path = random.Random(7), FOLDER.variants(assignment)
    names = {each.name: names_of(path)[each.name] for each in course.exercises(assignment)}
    students = [
        {e: styled(answer_source(path, rng.choice(some), e), rng) for e, some in names.items()} for _ in range(n)
    ]
    victims = rng.sample(range(n), copies)
    students += [{e: disguised(text, e, rng) for e, text in students[each].items()} for each in victims]
    return students, {(victim, n + place) for place, victim in enumerate(victims)}


@pytest.mark.parametrize("assignment", ["03_losses", "05_metrics"])
def test_copies_in_disguise_are_found_and_hardly_anything_else(assignment):
    students, copied = class_of(assignment, 60, 6)
    pairs, _ = similar_pairs(rows(students, prints_of(FOLDER.solution(assignment).read_text())))
    found = {(each.left, each.right) for each in pairs}
    assert len(found & copied) >= 4
    assert len(found - copied) <= 2


@pytest.mark.parametrize("assignment", course.assignments())
def test_independent_right_answers_are_not_paired(assignment):
    path = FOLDER.variants(assignment)
    names = {each.name: names_of(path)[each.name] for each in course.exercises(assignment)}
    students = [
        {e: answer_source(path, some[i % len(some)], e) for e, some in names.items()}
        for i in range(max(map(len, names.values())))
    ]
    assert similar_pairs(rows(students, known_prints(FOLDER, assignment))) == ((), 0)
    strict = similar_pairs(rows(students[: min(map(len, names.values()))], frozenset()))
    assert strict == ((), 0)


def block(rng: np.random.Generator, size: int) -> np.ndarray:
    return np.unique(rng.integers(0, 2**63, size, dtype=np.uint64))


def test_what_many_wrote_is_no_sign():
    rng = np.random.default_rng(0)
    popular = block(rng, 60)
    students = [np.union1d(popular, block(rng, 9)) for _ in range(40)]
    assert similar_pairs({"softmax": students}) == ((), 0)


def test_evidence_of_several_exercises_adds_up():
    rng = np.random.default_rng(0)
    shared = block(rng, 10)
    few = [shared, shared, *(block(rng, 10) for _ in range(98))]
    one, _ = similar_pairs({"softmax": few})
    three, _ = similar_pairs(dict.fromkeys(("softmax", "log_softmax", "nll"), few))
    assert one == ()
    assert [(each.left, each.right) for each in three] == [(0, 1)]
    assert {(o.shared, o.of, o.only) for o in three[0].overlaps} == {(10, 10, 10)}
    assert three[0].evidence == pytest.approx(3 * (math.log2(50) + 10 * 0.6 * math.log2(100) / 7), abs=0.05)


def test_a_short_answer_gives_no_signal():
    rng = np.random.default_rng(0)
    short = block(rng, similar.MIN_SHARED - 1)
    assert similar_pairs({"rank": [short, short, *(block(rng, 5) for _ in range(9))]}) == ((), 0)


@pytest.mark.parametrize("students", [[], [np.zeros(0, np.uint64)], [np.zeros(0, np.uint64)] * 3])
def test_a_class_without_answers_has_no_pairs(students):
    assert similar_pairs({"softmax": students}) == ((), 0)


def test_work_is_bounded_and_the_rarest_come_first(monkeypatch):
    rng = np.random.default_rng(0)
    pair, crowd = block(rng, 30), block(rng, 300)
    students = [pair, pair, *[crowd] * 4, *(block(rng, 9) for _ in range(94))]
    assert similar_pairs({"fit": students})[1] == 1 + 6
    monkeypatch.setattr(similar, "MOST_LOOKS", 40)
    pairs, in_all = similar_pairs({"fit": students})
    assert ([(each.left, each.right) for each in pairs], in_all) == ([(0, 1)], 1)


def test_only_the_strongest_are_kept_and_all_are_counted():
    rng = np.random.default_rng(0)
    blocks = [block(rng, size) for size in (80, 50, 65)]
    students = [each for each in blocks for _ in range(2)]
    pairs, in_all = similar_pairs({"fit": students}, most=2)
    assert [(each.left, each.right) for each in pairs] == [(0, 1), (4, 5)]
    assert in_all == 3


def test_side_by_side_marks_the_lines_that_hold_pieces_of_both():
    other = "def softmax(y):\n    z = y.amax(-1, keepdim=True)\n    return z.relu().square().abs().floor()"
    left, right = (answers([("softmax", text)], ("softmax",))["softmax"] for text in (ANSWER, other))
    marked = [[line.text.strip() for line in side if line.shared] for side in side_by_side(left, right, ())]
    assert marked == [["top = x.amax(-1, keepdim=True)"], ["z = y.amax(-1, keepdim=True)"]]


def test_a_long_answer_is_cut_with_a_note_and_a_hostile_one_is_shown_as_text():
    long = answers([("f", "def f(x):\n" + "    x = '\\u202e \x1b[2J'\n" * 99)], ("f",))["f"]
    lines, _ = side_by_side(long, long, ())
    assert len(lines) == MOST_LINES + 1
    assert lines[-1].text == "… (40 more lines)"
    assert all(line.text.isprintable() for line in lines)
