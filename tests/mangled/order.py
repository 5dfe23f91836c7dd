"""Accidents with the order and the borders of cells: moved, split, merged."""

from __future__ import annotations

import ast
from collections.abc import Callable

from mangled.copies import Change, wrong
from mangled.drafts import Cell, Draft, code, position, source, twin

# Moved


def cells_reversed(draft: Draft) -> None:
    draft.cells.reverse()


def cells_shuffled(draft: Draft) -> None:
    """Only the student's own import has to stay above what needs it; functions find each other in any order."""
    rest = [cell for cell in draft.cells if not draft.leans(cell)]
    draft.random.shuffle(rest)
    draft.cells[:] = [*draft.support, *rest]


def cells_rotated(draft: Draft) -> None:
    at = draft.random.randrange(3, len(draft.cells) - 3)
    draft.cells[:] = [*draft.cells[at:], *draft.cells[:at]]


def moved_last(wanted: Callable[[Draft], list[Cell]]) -> Change:
    def change(draft: Draft) -> None:
        moved = wanted(draft)
        draft.cells[:] = [*(cell for cell in draft.cells if position(moved, cell) < 0), *moved]

    return change


def moved_first(wanted: Callable[[Draft], list[Cell]]) -> Change:
    def change(draft: Draft) -> None:
        moved = wanted(draft)
        draft.cells[:] = [*moved, *(cell for cell in draft.cells if position(moved, cell) < 0)]

    return change


def two_answers_swapped(draft: Draft) -> None:
    first, second = (draft.at(name) for name in draft.pick_two())
    draft.cells[first], draft.cells[second] = draft.cells[second], draft.cells[first]


def code_above_text(draft: Draft) -> None:
    draft.cells.sort(key=lambda cell: cell["cell_type"] != "code")


def an_answer_moved_below_its_first_try(draft: Draft) -> None:
    """The try stands where the released order would put it behind the answer."""
    name = draft.pick()
    answer = draft.cells.pop(draft.at(name))
    draft.cells.extend([code(wrong(name)), answer])


def an_answer_moved_below_what_it_needs(draft: Draft) -> None:
    name = draft.pick()
    answer = draft.cells.pop(draft.at(name))
    answer["source"] = f"assert NEEDED\n{source(answer)}"
    draft.cells.extend([code("NEEDED = True"), answer])


def an_unmarked_answer_below_its_first_try(draft: Draft) -> None:
    name = draft.pick()
    answer = draft.cells.pop(draft.at(name))
    draft.unmark(answer)
    answer["metadata"] = {}
    draft.cells.extend([code(wrong(name)), answer])


# Split


def an_answer_split(*, marked_above: bool, marked_below: bool) -> Change:
    """JupyterLab leaves the marks on both parts, other editors on one, on the other, or on none."""

    def change(draft: Draft) -> None:
        name = draft.pick()
        answer = draft.answers[name]
        above = twin(answer, source="import math\nimport torch")
        draft.cells.insert(draft.at(name), above)
        if not marked_above:
            above["metadata"] = {}
        if not marked_below:
            draft.unmark(answer)
            answer["metadata"] = {}

    return change


def an_answer_split_into_its_statements(draft: Draft) -> None:
    name = draft.pick()
    at, answer = draft.at(name), draft.answers[name]
    *others, last = [ast.unparse(node) for node in ast.parse(source(answer)).body]
    draft.cells[at:at] = [twin(answer, source=each) for each in others]
    answer["source"] = draft.essence[name] = last


def an_answer_split_in_the_middle_of_its_function(draft: Draft) -> None:
    name = draft.pick()
    lines = source(draft.answers[name]).split("\n")
    at = len(lines) - 1
    draft.cells.insert(draft.at(name) + 1, twin(draft.answers[name], source="\n".join(lines[at:])))
    draft.answers[name]["source"] = "\n".join(lines[:at])
    draft.harm(name)


def setup_split_into_lines(draft: Draft) -> None:
    for cell in draft.setup():
        at = position(draft.cells, cell)
        draft.cells[at : at + 1] = [twin(cell, source=line) for line in source(cell).split("\n")]


def texts_split_into_paragraphs(draft: Draft) -> None:
    for cell in draft.texts():
        at = position(draft.cells, cell)
        draft.cells[at : at + 1] = [twin(cell, source=part) for part in source(cell).split("\n\n")]


# Merged: the upper cell keeps its marks and its type


def _merge(draft: Draft, upper: Cell, lower: Cell) -> None:
    """Puts `lower` into `upper`; an answer in it then counts from there, and its mark is gone."""
    upper["source"] = f"{source(upper)}\n\n{source(lower)}"
    draft.cells.pop(position(draft.cells, lower))
    for name, answer in draft.answers.items():
        if answer is lower:
            draft.unmark(lower)
            draft.answers[name] = upper


def an_answer_and_its_check_merged(draft: Draft) -> None:
    name = draft.pick()
    if (check := draft.check(name)) is not None:
        _merge(draft, draft.answers[name], check)


def an_answer_and_its_test_merged(draft: Draft) -> None:
    name = draft.pick()
    for test in draft.marked(f"test_{name}"):
        _merge(draft, draft.answers[name], test)


def two_answers_merged(draft: Draft) -> None:
    first, second = draft.pick_two()
    if draft.answers[first] is not draft.answers[second]:
        _merge(draft, draft.answers[first], draft.answers[second])


def all_answers_merged_into_the_last(draft: Draft) -> None:
    last = draft.answers[draft.exercises[-1]]
    for name in draft.exercises[-2::-1]:
        if draft.answers[name] is not last:
            _merge(draft, last, draft.answers[name])


def an_answer_merged_into(wanted: Callable[[Draft], list[Cell]]) -> Change:
    def change(draft: Draft) -> None:
        name = draft.pick()
        for upper in wanted(draft)[-1:]:
            _merge(draft, upper, draft.answers[name])

    return change


def an_answer_merged_into_a_text(draft: Draft) -> None:
    name = draft.pick()
    _merge(draft, draft.random.choice(draft.texts()), draft.answers[name])
    draft.lose(name)


def a_text_merged_into_an_answer(draft: Draft) -> None:
    name = draft.pick()
    text = next(cell for cell in draft.texts() if source(cell).startswith("## "))
    draft.answers[name]["source"] = f"{source(text)}\n\n{source(draft.answers[name])}"
    draft.lose(name)


def all_code_merged(draft: Draft) -> None:
    """As a notebook comes back from a script: one cell of code, no marks."""
    every = [cell for cell in draft.cells if cell["cell_type"] == "code" and is_python(source(cell))]
    own = [source(cell) for cell in every if not source(cell).startswith(("# why?", "check("))]
    whole = code("\n\n\n".join(own))
    draft.cells[:] = [*draft.texts(), whole]
    draft.answers.update(dict.fromkeys(draft.answers, whole))


def is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


ORDER: dict[str, Change] = {
    each.__name__: each
    for each in (
        cells_reversed,
        cells_shuffled,
        cells_rotated,
        two_answers_swapped,
        code_above_text,
        an_answer_moved_below_its_first_try,
        an_answer_moved_below_what_it_needs,
        an_unmarked_answer_below_its_first_try,
        an_answer_split_into_its_statements,
        an_answer_split_in_the_middle_of_its_function,
        setup_split_into_lines,
        texts_split_into_paragraphs,
        an_answer_and_its_check_merged,
        an_answer_and_its_test_merged,
        two_answers_merged,
        all_answers_merged_into_the_last,
        an_answer_merged_into_a_text,
        a_text_merged_into_an_answer,
        all_code_merged,
    )
}
ORDER |= {
    "setup_moved_last": moved_last(Draft.setup),
    "tests_moved_first": moved_first(Draft.tests),
    "texts_moved_last": moved_last(Draft.texts),
    "answers_moved_first": moved_first(lambda draft: list(draft.answers.values())),
    "answers_moved_last": moved_last(lambda draft: list(draft.answers.values())),
    "everything_marked_moved_first": moved_first(Draft.marked),
    "an_answer_split_as_jupyterlab_does": an_answer_split(marked_above=True, marked_below=True),
    "an_answer_split_with_its_marks_above": an_answer_split(marked_above=True, marked_below=False),
    "an_answer_split_with_its_marks_below": an_answer_split(marked_above=False, marked_below=True),
    "an_answer_split_without_marks": an_answer_split(marked_above=False, marked_below=False),
    "an_answer_merged_into_the_setup": an_answer_merged_into(Draft.setup),
    "an_answer_merged_into_a_test": an_answer_merged_into(Draft.tests),
}
