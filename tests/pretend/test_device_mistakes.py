"""What the pretended GPU says of answers that break on a real one, and of those that do not.

`pytest tests/pretend --device-table FILE` also writes the count of it, as docs/devices.md shows it.
"""

from __future__ import annotations

import pytest
import torch
from small_answers import FOLDER, SmallAnswer, read

from grader.course import Exercise, assignments, exercises
from grader.jail.pretend.mistakes import EXPLANATIONS
from grader.jail.pretend.scenes import AT_HOME, SCENES
from grader.jail.pretend.trial import Decision, Finding, Notebook, try_out
from grader.judge.known import KnownAnswer
from grader.judge.references import References

BROKEN, RIGHT = read("broken.txt"), read("right.txt")
TORCH = [name for name in assignments() if name != "02_data"]  # NumPy has no device
EXERCISES = [each for name in TORCH for each in exercises(name)]
VARIANTS = [known for name in TORCH for known in References(FOLDER, name).variants]

BREAKS = {
    "rank_by_numpy": "through_numpy",
    "bgr_by_numpy_with_own_backward": "through_numpy",
    "crop_by_index_select": "made_on_cpu",
    "line_by_autograd": "made_on_cpu",
    "line_by_powers_of_a_matrix": "added_into_cpu",
    "line_in_a_module": "net_left_behind",
    "fit_by_recursion": "made_on_cpu",
    "digits_by_adam": "net_left_behind",
    "digits_until_good_enough": "net_left_behind",
    "digits_with_dropout_and_norm": "net_left_behind",
    "digits_by_convolutions": "net_left_behind",
    "digits_in_whole_batches": "made_on_cpu",
    "digits_by_least_squares": "made_on_cpu",
    "digits_by_a_mean_of_nets": "net_left_behind",
}
"""Variants that are right on the CPU and would really raise on a GPU; each was looked at by hand."""


def tried(about: Exercise | str, thing: object = None) -> Finding:
    name = about if isinstance(about, str) else about.name
    assignment = next(each.assignment for each in EXERCISES if each.name == name)
    names = dict(References(FOLDER, assignment).names)
    if thing is not None:
        names[name] = thing
    return try_out(name, Notebook(names, lambda file: "/solutions/" in file))


def test_every_exercise_with_tensors_has_a_scene():
    assert {each.name for each in EXERCISES} == set(SCENES)
    assert set(SCENES) > AT_HOME


@pytest.mark.parametrize("about", EXERCISES, ids=lambda each: each.name)
def test_reference_solutions_are_fine(about):
    assert tried(about).decision is Decision.FINE


@pytest.mark.parametrize("known", VARIANTS, ids=lambda each: each.name)
def test_unusual_right_answers_are_fine_unless_they_would_break(known: KnownAnswer):
    found = tried(known.exercise, known.thing)
    wanted = Decision.MISTAKE if known.name in BREAKS else Decision.FINE
    assert (found.decision, found.name, found.why) == (wanted, BREAKS.get(known.name, ""), "")


@pytest.mark.parametrize("answer", BROKEN, ids=lambda each: each.id)
def test_device_mistakes_are_named_with_their_line(answer: SmallAnswer):
    found = answer.tried()
    assert (found.decision, found.name, found.why) == (Decision.MISTAKE, answer.expected, "")
    assert (found.made.number or found.used.number) == answer.marked


@pytest.mark.parametrize("answer", RIGHT, ids=lambda each: each.id)
def test_right_answers_are_left_in_peace(answer: SmallAnswer):
    assert (answer.tried().decision, answer.tried().why) == (Decision.FINE, "")


def test_every_mistake_of_the_table_is_shown_by_an_answer():
    assert {each.expected for each in BROKEN} == set(EXPLANATIONS)


@pytest.mark.parametrize("name", EXPLANATIONS)
def test_explanations_are_plain_words(name):
    text = EXPLANATIONS[name]
    assert 30 <= len(text.split()) <= 80
    assert text.endswith(".")
    assert text.count("`") % 2 == 0


def test_the_table_of_what_is_caught(request):
    file = request.config.getoption("--device-table", default=None)
    if file is None:
        pytest.skip("--device-table FILE writes it")
    file.write_text(_table(), encoding="utf-8")
    assert "made_on_cpu" in file.read_text(encoding="utf-8")


def _table() -> str:
    caught = [(each.expected, each.tried().decision) for each in BROKEN]
    mistakes = {f"`{name}`": [decision for expected, decision in caught if expected == name] for name in EXPLANATIONS}
    groups = {
        "small answers, right on every device": [each.tried().decision for each in RIGHT],
        "reference solutions": [tried(each).decision for each in EXERCISES],
        "unusual right answers": [tried(k.exercise, k.thing).decision for k in VARIANTS if k.name not in BREAKS],
        "unusual answers that would break": [tried(k.exercise, k.thing).decision for k in VARIANTS if k.name in BREAKS],
    }
    parts = (_counts("mistake", mistakes), _counts("answers", groups), f"PyTorch {torch.__version__}.")
    return "\n\n".join(parts) + "\n"


def _counts(what: str, groups: dict[str, list[Decision]]) -> str:
    head = [f"| {what} | tried | named | undecided | fine |", "| --- | --- | --- | --- | --- |"]
    order = (Decision.MISTAKE, Decision.UNDECIDED, Decision.FINE)
    rows = [
        f"| {name} | {len(of)} | {' | '.join(str(of.count(each)) for each in order)} |" for name, of in groups.items()
    ]
    return "\n".join([*head, *rows])
