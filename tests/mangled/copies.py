"""Accidents with whole cells: deleted, emptied, copied, retyped."""

from __future__ import annotations

import copy
from collections.abc import Callable

from mangled.drafts import Cell, Draft, code, grade_id, position, source, twin

Change = Callable[[Draft], None]


def wrong(name: str) -> str:
    """A first try that no hidden suite passes."""
    return f"def {name}(*given, **more):\n    return None"


def _remove(draft: Draft, cells: list[Cell]) -> None:
    draft.cells[:] = [cell for cell in draft.cells if position(cells, cell) < 0]


def _stub(draft: Draft, name: str) -> Cell:
    return copy.deepcopy(next(cell for cell in draft.released["cells"] if grade_id(cell) == name))


# Deleted


def an_answer_deleted(draft: Draft) -> None:
    name = draft.pick()
    _remove(draft, [draft.answers[name], *draft.marked(name)])
    draft.lose(name)


def all_answers_deleted_but_one(draft: Draft) -> None:
    kept = draft.pick()
    for name in draft.exercises:
        if name != kept:
            _remove(draft, [draft.answers[name], *draft.marked(name)])
            draft.lose(name)


def every_cell_deleted(draft: Draft) -> None:
    draft.cells.clear()
    draft.lose(*draft.exercises)


def setup_deleted(draft: Draft) -> None:
    _remove(draft, draft.setup())


def tests_deleted(draft: Draft) -> None:
    _remove(draft, draft.tests())


def one_test_deleted(draft: Draft) -> None:
    _remove(draft, draft.random.choices(draft.tests()))


def texts_deleted(draft: Draft) -> None:
    _remove(draft, draft.texts())


def all_but_the_answers_deleted(draft: Draft) -> None:
    _remove(draft, [cell for cell in draft.cells if not draft.is_answer(cell) and not draft.leans(cell)])


def a_third_of_the_ordinary_cells_deleted(draft: Draft) -> None:
    ordinary = draft.ordinary()
    _remove(draft, draft.random.sample(ordinary, len(ordinary) // 3))


# Emptied and overwritten


def an_answer_emptied(draft: Draft) -> None:
    name = draft.pick()
    draft.answers[name]["source"] = draft.random.choice(["", "\n\n", "# later"])
    draft.lose(name)


def an_answer_put_back_to_the_stub(draft: Draft) -> None:
    name = draft.pick()
    draft.answers[name]["source"] = _stub(draft, name)["source"]
    draft.lose(name)


def locked_cells_emptied(draft: Draft) -> None:
    for cell in [*draft.setup(), *draft.tests()]:
        cell["source"] = ""


def tests_made_to_give_all_points(draft: Draft) -> None:
    for cell in draft.tests():
        cell["source"] = "float(1000)"


def imports_added_to_the_setup(draft: Draft) -> None:
    for cell in draft.setup():
        cell["source"] = source(cell) + "\nimport math\nimport not_installed_here"


def setup_rewritten_with_other_names(draft: Draft) -> None:
    for cell in draft.setup():
        cell["source"] = "import torch as th\nfrom matplotlib import pyplot"


# Copied


def an_answer_copied(draft: Draft) -> None:
    name = draft.pick()
    draft.insert_at(name, twin(draft.answers[name]))


def an_answer_copied_and_edited_a_little(draft: Draft) -> None:
    name = draft.pick()
    draft.insert_at(name, twin(draft.answers[name], source=source(draft.answers[name]) + "\n\n# the same, once more"))


def a_first_try_above(draft: Draft) -> None:
    name = draft.pick()
    draft.insert_at(name, twin(draft.answers[name], source=wrong(name)), above=True)


def an_unmarked_first_try_above(draft: Draft) -> None:
    name = draft.pick()
    draft.insert_at(name, code(wrong(name)), above=True)


def a_wrong_copy_below(draft: Draft) -> None:
    """Run from top to bottom, the last definition counts, in Jupyter and here."""
    name = draft.pick()
    draft.insert_at(name, twin(draft.answers[name], source=wrong(name)))
    draft.harm(name)


def the_stub_once_more_below(draft: Draft) -> None:
    name = draft.pick()
    draft.insert_at(name, _stub(draft, name))


def all_stubs_unmarked_at_the_end(draft: Draft) -> None:
    draft.cells.extend(code(_stub(draft, name)["source"]) for name in draft.exercises)


def answers_written_above_the_stubs(draft: Draft) -> None:
    """Each marked cell is left as it was released; the answer stands in an ordinary cell above it."""
    for name in draft.exercises:
        if draft.at(name) >= 0:
            draft.insert_at(name, _stub(draft, name))
            draft.unmark(draft.answers[name])
            draft.answers[name]["metadata"] = {}


def answers_written_below_the_stubs(draft: Draft) -> None:
    for name in draft.exercises:
        if draft.at(name) >= 0:
            draft.insert_at(name, _stub(draft, name), above=True)
            draft.unmark(draft.answers[name])
            draft.answers[name]["metadata"] = {}


def a_test_copied_with_more_points(draft: Draft) -> None:
    for cell in draft.random.choices(draft.tests()):
        extra = twin(cell, source="1000.0")
        extra["metadata"]["nbgrader"]["points"] = 1000
        draft.cells.append(extra)


def a_test_copied_thirty_times(draft: Draft) -> None:
    for cell in draft.random.choices(draft.tests()):
        draft.cells.extend(twin(cell) for _ in range(30))


def setup_copied_and_edited(draft: Draft) -> None:
    draft.cells.extend(twin(cell, source="import torch\nprint('mine')") for cell in draft.setup())


def every_cell_copied(draft: Draft) -> None:
    draft.cells[:] = [each for cell in draft.cells for each in (cell, twin(cell))]


def the_whole_notebook_copied(draft: Draft) -> None:
    draft.cells.extend([twin(cell) for cell in draft.cells])


def the_released_notebook_appended(draft: Draft) -> None:
    draft.cells.extend(copy.deepcopy(draft.released["cells"]))


def the_released_notebook_in_front(draft: Draft) -> None:
    draft.cells[:0] = copy.deepcopy(draft.released["cells"])


# Retyped


def an_answer_turned_into(kind: str) -> Change:
    def change(draft: Draft) -> None:
        draft.retype(draft.answers[draft.pick()], kind)

    return change


def all_answers_turned_into(kind: str) -> Change:
    def change(draft: Draft) -> None:
        for cell in draft.answers.values():
            draft.retype(cell, kind)

    return change


def setup_turned_into(kind: str) -> Change:
    def change(draft: Draft) -> None:
        for cell in draft.setup():
            draft.retype(cell, kind)

    return change


def tests_turned_into_text(draft: Draft) -> None:
    for cell in draft.tests():
        draft.retype(cell, "markdown")


def texts_turned_into_code(draft: Draft) -> None:
    for cell in draft.texts():
        draft.retype(cell, "code")
        cell.update(outputs=[], execution_count=None)


def every_cell_turned_into(kind: str) -> Change:
    def change(draft: Draft) -> None:
        for cell in draft.cells:
            draft.retype(cell, kind)

    return change


def types_that_do_not_exist(draft: Draft) -> None:
    for cell, kind in zip(draft.marked(), ("Code", "input", "python", "", None, 7, ["code"]), strict=False):
        draft.retype(cell, kind)


CELLS: dict[str, Change] = {
    each.__name__: each
    for each in (
        an_answer_deleted,
        all_answers_deleted_but_one,
        every_cell_deleted,
        setup_deleted,
        tests_deleted,
        one_test_deleted,
        texts_deleted,
        all_but_the_answers_deleted,
        a_third_of_the_ordinary_cells_deleted,
        an_answer_emptied,
        an_answer_put_back_to_the_stub,
        locked_cells_emptied,
        tests_made_to_give_all_points,
        imports_added_to_the_setup,
        setup_rewritten_with_other_names,
        an_answer_copied,
        an_answer_copied_and_edited_a_little,
        a_first_try_above,
        an_unmarked_first_try_above,
        a_wrong_copy_below,
        the_stub_once_more_below,
        all_stubs_unmarked_at_the_end,
        answers_written_above_the_stubs,
        answers_written_below_the_stubs,
        a_test_copied_with_more_points,
        a_test_copied_thirty_times,
        setup_copied_and_edited,
        every_cell_copied,
        the_whole_notebook_copied,
        the_released_notebook_appended,
        the_released_notebook_in_front,
        tests_turned_into_text,
        texts_turned_into_code,
        types_that_do_not_exist,
    )
}
CELLS |= {f"an_answer_turned_into_{kind}": an_answer_turned_into(kind) for kind in ("markdown", "raw", "heading")}
CELLS |= {f"all_answers_turned_into_{kind}": all_answers_turned_into(kind) for kind in ("markdown", "raw")}
CELLS |= {f"setup_turned_into_{kind}": setup_turned_into(kind) for kind in ("markdown", "raw")}
CELLS |= {f"every_cell_turned_into_{kind}": every_cell_turned_into(kind) for kind in ("code", "markdown", "raw")}
