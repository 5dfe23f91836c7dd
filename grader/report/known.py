"""What the course itself wrote: an answer that shares it with another shows nothing but that both did the course."""

from __future__ import annotations

import ast

from grader.folder import CourseFolder
from grader.judge.reading.cellcode import statements
from grader.notebook.normal import source_text
from grader.report.answers import Answer, Piece, imported
from grader.report.grams import TooLongError, fingerprints


def known_prints(folder: CourseFolder, assignment: str) -> frozenset[int]:
    """The fingerprints of the released notebook, the reference, the unusual right answers and the known mistakes."""
    released = folder.released_notebook(assignment)
    texts = [source_text(cell) for cell in released["cells"] if cell["cell_type"] == "code"]
    for path in (folder.solution(assignment), folder.variants(assignment), folder.mistakes(assignment)):
        if path.is_file():
            texts.append(path.read_text(encoding="utf-8"))
    return frozenset(each for text in texts for each in prints_of(text))


def prints_of(text: str) -> frozenset[int]:
    """The fingerprints of each statement of a file of the course's own, whichever answer it belongs to."""
    every = statements([("", text)])
    aliases = dict(pair for each in every for pair in imported(each.node))
    code = [each for each in every if not isinstance(each.node, ast.Import | ast.ImportFrom)]
    own = frozenset(name for each in code for name in each.binds)
    found: set[int] = set()
    for each in code:
        try:
            found |= fingerprints(Answer((Piece.of(each),), own, aliases)).keys()
        except TooLongError:  # a table of numbers, which nobody copies
            continue
    return frozenset(found)
