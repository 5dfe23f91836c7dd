"""What students leave between the released cells, and on top of their answers."""

from __future__ import annotations

from mangled.copies import Change
from mangled.drafts import Draft, code, markdown, source

SCRATCH = {
    "an_error": "1 / 0",
    "no_python": "def f(:\n  ]",
    "a_shell_cell": "%%bash\nls -la\nexit 3",
    "a_shell_command": "!pip install torch --quiet",
    "colabs_drive": "from google.colab import drive\ndrive.mount('/content/drive')",
    "an_extension": "%load_ext autoreload\n%autoreload 2\n%matplotlib widget",
    "another_language": "%%R\nx <- c(1, 2)\nprint(x)",
    "a_question": "input('Your name? ')",
    "an_exit": "import sys\nsys.exit(1)",
    "a_quit": "quit",
    "help": "?torch.exp\nprint??",
    "a_lot_of_output": "for i in range(20_000):\n    print('epoch', i)",
    "a_top_level_await": "import asyncio\nawait asyncio.sleep(0)",
    "odd_characters": "s = 'ä \u2028 \u202e \x0c 🦆 \ufeff'\nprint(s)",
}


def scratch(text: str) -> Change:
    def change(draft: Draft) -> None:
        for name in draft.exercises:
            if draft.at(name) >= 0:
                draft.insert_at(name, code(text), above=True)

    return change


def magics_on_top_of_answers(draft: Draft) -> None:
    magics = ("%%time\n", "%%capture\n", "%matplotlib inline\n", "# %% \n", "\n\n\n")
    for cell, magic in zip(draft.answers.values(), magics, strict=False):
        cell["source"] = magic + source(cell)


def marked_text_cells_of_another_course(draft: Draft) -> None:
    """Cells that would carry points, from a notebook of another lesson."""
    other = {"grade": True, "solution": True, "locked": False, "points": 1000, "schema_version": 3, "task": False}
    draft.cells.insert(1, markdown("An essay", nbgrader={**other, "grade_id": "essay"}))
    draft.cells.append(code("1000.0", nbgrader={**other, "grade_id": "test_everything", "solution": False}))


def nineteen_hundred_empty_cells(draft: Draft) -> None:
    draft.cells.extend(code("") for _ in range(1_990 - len(draft.cells)))


LEFT: dict[str, Change] = {
    each.__name__: each
    for each in (magics_on_top_of_answers, marked_text_cells_of_another_course, nineteen_hundred_empty_cells)
}
LEFT |= {f"scratch_with_{name}": scratch(text) for name, text in SCRATCH.items()}
