"""A pool's judge, asked from several threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from grader.folder import CourseFolder
from grader.judge.pool import Pool
from grader.judge.submission import Submission


@pytest.fixture
def folder(released_course) -> CourseFolder:
    return CourseFolder(released_course)


def test_threads_that_ask_while_it_starts_all_get_their_answer(folder):
    """As after a judge was lost in `--watch`: one thread waits for the new one, and a save comes meanwhile."""
    untouched = folder.released_notebook("04_softmax")
    with Pool(folder, "04_softmax", jobs=2, policy="warn") as pool, ThreadPoolExecutor(6) as threads:
        asked = [threads.submit(pool.grade, Submission(str(i), "04_softmax", untouched)) for i in range(6)]
        verdicts = [each.result(timeout=120).result.verdict for each in asked]
    assert [each.student for each in verdicts] == [str(i) for i in range(6)]
    assert {each.points for each in verdicts} == {0}
