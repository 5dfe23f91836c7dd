"""A submission on its way to being mangled: a solved notebook, and what the accidents left of its answers."""

from __future__ import annotations

import ast
import copy
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Any

from grader import course
from grader.demo_class import students
from grader.folder import CourseFolder

Cell = dict[str, Any]
Notebook = dict[str, Any]


@dataclass
class Draft:
    """A notebook under the hands of accidents, which tell here whom they harmed.

    answers: the cell that counts for each exercise; it may be moved and edited, but stays this object. essence: what of
    its text has to stay. support: the student's own cells that the answers lean on. harmed: exercises that may lose
    points; what is in `gone` gets none.
    An answer stays code by its type or by its mark: only one that lost both is harmed.
    """

    assignment: str
    notebook: Notebook
    random: Random
    answers: dict[str, Cell]
    essence: dict[str, str]
    support: list[Cell]
    released: Notebook
    harmed: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    reason: str = ""
    _unmarked: set[str] = field(default_factory=set)
    _untyped: set[str] = field(default_factory=set)

    @property
    def cells(self) -> list[Cell]:
        found: list[Cell] = self.notebook["cells"]
        return found

    @property
    def exercises(self) -> list[str]:
        return list(self.answers)

    def marked(self, *names: str) -> list[Cell]:
        """The cells that bear one of these grade_ids; all that bear any when none is named."""
        return [cell for cell in self.cells if grade_id(cell) and (not names or grade_id(cell) in names)]

    def ordinary(self) -> list[Cell]:
        """Cells that nothing depends on: unmarked ones that no answer leans on."""
        return [cell for cell in self.cells if not grade_id(cell) and not self.is_answer(cell) and not self.leans(cell)]

    def texts(self) -> list[Cell]:
        return [cell for cell in self.ordinary() if cell["cell_type"] == "markdown"]

    def tests(self) -> list[Cell]:
        return self.marked(*(f"test_{name}" for name in self.answers))

    def setup(self) -> list[Cell]:
        return self.marked("setup")

    def check(self, name: str) -> Cell | None:
        """The unmarked cell that asks for a check of an exercise, if it is still there as it was."""
        return next((cell for cell in self.ordinary() if source(cell).startswith(f'check("{name}"')), None)

    def pick(self) -> str:
        """An exercise whose answer is still there and in order."""
        return self.random.choice([name for name in self.answers if name not in self.harmed and self.at(name) >= 0])

    def pick_two(self) -> tuple[str, str]:
        first = self.pick()
        return first, self.random.choice([name for name in self.answers if name != first and self.at(name) >= 0])

    def at(self, name: str) -> int:
        """Where the answer stands; -1 when it is gone."""
        return position(self.cells, self.answers[name])

    def insert_at(self, name: str, *cells: Cell, above: bool = False) -> None:
        """Puts cells behind the answer to an exercise, or above it."""
        at = self.at(name) + (not above)
        self.cells[at:at] = cells

    def is_answer(self, cell: Cell) -> bool:
        return any(cell is each for each in self.answers.values())

    def leans(self, cell: Cell) -> bool:
        return any(cell is each for each in self.support)

    def unmark(self, cell: Cell) -> None:
        """Says that the cell's grade_id is about to be lost or changed."""
        self._unmarked.update(name for name, answer in self.answers.items() if cell is answer)

    def retype(self, cell: Cell, kind: Any) -> None:
        """Gives the cell another type, which a cell that is known by its mark survives."""
        if kind == cell["cell_type"]:
            return
        cell["cell_type"] = kind
        self._untyped.update(name for name, answer in self.answers.items() if cell is answer)
        if self.leans(cell):
            self.harm(*self.answers)

    def harm(self, *names: str) -> None:
        """Says that these exercises may lose points."""
        self.harmed.update(names)

    def lose(self, *names: str) -> None:
        """Says that nothing is left of the answers to these exercises."""
        self.harm(*names)
        self.gone.update(names)

    def settle(self) -> None:
        """Harms those whose answer is no longer in the notebook, as one accident may undo what another left."""
        for name, cell in self.answers.items():
            if position(self.cells, cell) < 0 or self.essence[name] not in source(cell):
                self.harm(name)

    def all_harmed(self) -> frozenset[str]:
        """The exercises that may lose points; all others must keep theirs."""
        return frozenset(self.harmed | (self._unmarked & self._untyped))

    def written(self) -> bytes:
        """The file as Jupyter would write it, with escapes where UTF-8 has no form for a character."""
        text = json.dumps(self.notebook, indent=1, ensure_ascii=False) + "\n"
        return text.encode() if _is_writable(text) else json.dumps(self.notebook, indent=1).encode()


def reference(folder: CourseFolder, assignment: str, random: Random) -> Draft:
    """The reference answers in the released notebook."""
    return _draft(folder, assignment, random, "ada")


def unusual(folder: CourseFolder, assignment: str, random: Random) -> Draft:
    """Right answers of another kind, some with helpers and classes in their cells."""
    return _draft(folder, assignment, random, random.choice(["emmy", "grace", "katherine"]))


def lived_in(folder: CourseFolder, assignment: str, random: Random) -> Draft:
    """Answers that lean on cells of the student's own, between the scratch work of an afternoon.

    The student's import comes after the setup cell and needs it; each answer calls a function in a cell of its own.
    """
    draft = _draft(folder, assignment, random, "ada")
    draft.support.append(code("import math as m\n\nONE = torch.ones(())"))
    draft.cells.insert(position(draft.cells, draft.setup()[0]) + 1, draft.support[0])
    for name in draft.exercises:
        mine, answer = _in_two_steps(name, source(draft.answers[name]))
        draft.answers[name]["source"] = draft.essence[name] = answer
        draft.support.append(code(mine))
        draft.cells.insert(draft.at(name), draft.support[-1])
        draft.cells.insert(draft.at(name) + 1, code(f"# why?\nprint({name})\n{name}(1 / 0)"))
    draft.cells.append(markdown("Ask on Monday: why is the *mean* taken?"))
    return draft


def _is_writable(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _draft(folder: CourseFolder, assignment: str, random: Random, student: str) -> Draft:
    released, notebook = (json.loads(text) for text in _notebooks(folder, assignment, student))
    cells = {grade_id(cell): cell for cell in notebook["cells"]}
    answers = {each.name: cells[each.solution_cell] for each in course.exercises(assignment)}
    essence = {name: source(cell) for name, cell in answers.items()}
    return Draft(assignment, notebook, random, answers, essence, [], released)


@cache
def _notebooks(folder: CourseFolder, assignment: str, student: str) -> tuple[str, str]:
    """The released notebook and one student's of the demonstration, as JSON."""
    released = folder.released_notebook(assignment)
    return json.dumps(released), json.dumps(students()[student](folder, assignment, copy.deepcopy(released)))


def _in_two_steps(name: str, answer: str) -> tuple[str, str]:
    """An answer's function under another name, and one of the right name that calls it."""
    tree = ast.parse(answer)
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)
    called = ", ".join(each.arg for each in function.args.args)
    head = f"def {name}({ast.unparse(function.args)}):"
    function.name = f"my_{name}"
    return ast.unparse(tree), f"{head}\n    assert ONE == 1 and m.pi > 3\n    return my_{name}({called})"


def code(text: Any, **metadata: Any) -> Cell:
    return {"cell_type": "code", "metadata": metadata, "source": text, "outputs": [], "execution_count": None}


def markdown(text: Any, **metadata: Any) -> Cell:
    return {"cell_type": "markdown", "metadata": metadata, "source": text}


def source(cell: Cell) -> str:
    """The text of a cell, before it is put into any other form."""
    text: str = cell["source"]
    return text


def marks(cell: Cell) -> Any:
    return cell["metadata"].get("nbgrader", {})


def grade_id(cell: Cell) -> str:
    found = marks(cell)
    return str(found.get("grade_id", "")) if isinstance(found, dict) else ""


def position(cells: Iterable[Cell], wanted: Cell) -> int:
    """Where this very cell stands; -1 when it does not."""
    return next((index for index, cell in enumerate(cells) if cell is wanted), -1)


def twin(cell: Cell, **changes: Any) -> Cell:
    """A copy as `copy and paste` makes it, with its marks."""
    return {**copy.deepcopy(cell), **changes}
