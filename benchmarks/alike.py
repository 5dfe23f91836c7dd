"""How well copies are told from independent answers: `python -m benchmarks.alike --students 20 100`.

Makes classes of which everybody writes known right answers in a way of their own (`tests/report/handwriting.py`), and
some copy all answers of another in disguise (`tests/report/disguises.py`). Prints how many copies the report pairs with
what they were copied from, and how many others it pairs: with what the course knows not discounted, and discounted.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

import numpy as np

from grader import course
from grader.excerpts import answer_source, names_of
from grader.folder import CourseFolder
from grader.report.answers import answers
from grader.report.grams import fingerprints
from grader.report.known import known_prints, prints_of
from grader.report.similar import similar_pairs

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "report"))

from disguises import disguised, renamed
from handwriting import styled

REFERENCES = 3
"""The reference's way is as common as this many of the others."""


def made(
    folder: CourseFolder, assignment: str, n: int, copies: int, seed: int
) -> tuple[list[dict[str, str]], list[int]]:
    """The answers of n students and then of the copies, and whose answers each of them really are."""
    rng = random.Random(seed)
    known = {
        e: [answer_source(folder.variants(assignment), name, e) for name in names]
        + [answer_source(folder.solution(assignment), e, e)] * REFERENCES
        for e, names in names_of(folder.variants(assignment)).items()
    }
    students = [{e: styled(renamed(rng.choice(ways), e, rng), rng) for e, ways in known.items()} for _ in range(n)]
    victims = [rng.randrange(n) for _ in range(copies)]
    students += [{e: disguised(text, e, rng) for e, text in students[each].items()} for each in victims]
    return students, [*range(n), *victims]


def counted(students: list[dict[str, str]], authors: list[int], known: frozenset[int]) -> tuple[int, int]:
    """Copies that are paired with their original, and pairs of different authors."""
    prints: dict[str, list[np.ndarray]] = {exercise: [] for exercise in students[0]}
    for sources in students:
        read = answers(list(sources.items()), tuple(sources))
        for exercise, row in prints.items():
            mine = set(fingerprints(read[exercise])) - known if exercise in read else set()
            row.append(np.array(sorted(mine), dtype=np.uint64))
    found = [(each.left, each.right) for each in similar_pairs(prints, most=10_000)[0]]
    originals = sum(authors[right] == left for left, right in found)
    return originals, sum(authors[left] != authors[right] for left, right in found)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.alike", description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, nargs="+", default=[20, 100], help="sizes of classes")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    folder = CourseFolder.find()
    for n in arguments.students:
        copies, sums = max(3, n // 20), np.zeros((2, 2), dtype=int)
        for assignment in course.assignments():
            students, authors = made(folder, assignment, n, copies, arguments.seed)
            reference = prints_of(folder.solution(assignment).read_text(encoding="utf-8"))
            for row, known in enumerate((reference, known_prints(folder, assignment))):
                sums[row] += counted(students, authors, known)
        every = copies * len(course.assignments())
        for row, words in enumerate(("known answers not discounted", "known answers discounted")):
            print(f"{n} students, {words}: {sums[row][0]} of {every} copies found, {sums[row][1]} others paired")


if __name__ == "__main__":
    main()
