"""A watcher whose judge fails says so, and tries again at the next save."""

from __future__ import annotations

import io
import queue
from dataclasses import replace

import pytest
from rich.console import Console
from saved_answers import CRASHING, RIGHT, answer
from screen_samples import PASSED, WRONG, verdict

from grader.achieved import Achieved
from grader.judge.pool import JudgeError, JudgeLostError
from grader.learner.own_work import find_work
from grader.watch.judges import Judged, Judges, NotJudged, NotStarted, Started, Told
from grader.watch.pruned import Changed
from grader.watch.watching import Saved, Watcher, watch

FINE = type("FinePool", (), {"wait_until_ready": lambda self: None, "close": lambda self: None})


class Recorder:
    """Judges that only note what they are given."""

    def __init__(self) -> None:
        self.looked_at: list[Changed] = []

    def look_at_first(self, _submission) -> None:
        self.looked_at.append(Changed())

    def look_at(self, _submission, changed: Changed) -> int:
        self.looked_at.append(changed)
        return len(self.looked_at)


@pytest.fixture
def watcher(softmax_folder) -> Watcher:
    made = Watcher(find_work(softmax_folder), "warn", Console(file=io.StringIO()))
    made._judges, made._started = Recorder(), True
    made._state = made._after(Saved())
    return made


def judges_with(pool, work, monkeypatch) -> tuple[Judges, queue.SimpleQueue[Told]]:
    told: queue.SimpleQueue[Told] = queue.SimpleQueue()
    monkeypatch.setattr("grader.watch.judges.Pool", lambda *_given, **_named: pool)
    return Judges(work, "warn", told.put), told


def test_a_save_without_a_change_is_not_judged_again(watcher):
    watcher._after(Saved())
    assert watcher._judges.looked_at == [Changed()]


def test_after_a_failure_the_same_code_is_judged_again(watcher):
    state = watcher._after(NotJudged(0, "the judge's worker ended"))
    assert state.trouble.startswith("the judge could not check this: the judge's worker ended; save again")
    watcher._after(Saved())
    assert watcher._judges.looked_at == [Changed(), Changed()]


def test_a_changed_exercise_is_named_to_the_judge(watcher, softmax_folder):
    answer(softmax_folder / "04_softmax.ipynb", "softmax", CRASHING)
    assert watcher._after(Saved()).running == "checking softmax"
    assert watcher._judges.looked_at[-1] == Changed(("softmax",))


def test_a_late_word_on_an_older_version_takes_back_nothing_achieved(watcher, softmax_folder):
    for version, source in enumerate((CRASHING, RIGHT), 1):
        answer(softmax_folder / "04_softmax.ipynb", "softmax", source)
        watcher._state = replace(watcher._after(Saved()), changed_at={"softmax": version})
    watcher._state = watcher._after(Judged(2, verdict(replace(PASSED, name="softmax")), True, 0.1))
    assert Achieved().names >= {"softmax"}
    watcher._state = watcher._after(Judged(1, verdict(WRONG), True, 9.0))
    assert Achieved().names >= {"softmax"}
    watcher._state = watcher._after(Judged(2, verdict(WRONG), True, 0.1))
    assert "softmax" not in Achieved().names


def test_what_fails_in_a_thread_is_told(softmax_folder, monkeypatch):
    work, pool = find_work(softmax_folder), FINE()
    pool.grade = lambda _work: 1 / 0
    judges, told = judges_with(pool, work, monkeypatch)
    assert isinstance(told.get(timeout=10), Started)
    judges.look_at(work.read(), Changed())
    assert told.get(timeout=10) == NotJudged(1, "ZeroDivisionError: division by zero")
    judges.close()


def test_a_judge_that_does_not_start_is_told(softmax_folder, monkeypatch):
    class Broken(FINE):
        def wait_until_ready(self):
            raise JudgeError("the judge did not start: no torch; try `grader doctor`")

    judges, told = judges_with(Broken(), find_work(softmax_folder), monkeypatch)
    assert told.get(timeout=10) == NotStarted("the judge did not start: no torch; try `grader doctor`")
    judges.close()


def test_a_judge_that_does_not_start_anew_is_tried_again_at_the_next_save(softmax_folder, monkeypatch):
    class Ended(FINE):
        def grade(self, _work):
            raise JudgeLostError("the judge's worker ended")

    class Broken(FINE):
        def wait_until_ready(self):
            raise JudgeError("the judge did not start: no memory")

    class Well(FINE):
        def grade(self, _work):
            raise JudgeError("this one answers")

    work, pools = find_work(softmax_folder), iter([Ended(), Broken(), Well()])
    told: queue.SimpleQueue[Told] = queue.SimpleQueue()
    monkeypatch.setattr("grader.watch.judges.Pool", lambda *_given, **_named: next(pools))
    judges = Judges(work, "warn", told.put)
    assert isinstance(told.get(timeout=10), Started)
    said = []
    for _ in range(2):
        judges.look_at(work.read(), Changed())
        said.append(told.get(timeout=10))
    assert said == [NotJudged(1, "the judge did not start: no memory"), NotJudged(2, "this one answers")]
    judges.close()


def test_a_suite_that_cannot_be_used_ends_watching_in_one_sentence(softmax_folder, course, monkeypatch):
    (course / "tests" / "hidden" / "test_04_softmax.py").write_text("import nothing_of_this_name\n")
    monkeypatch.chdir(course / "assignments" / "04_softmax")
    with pytest.raises(JudgeError, match="could not be collected"):
        watch(find_work(), console=Console(file=io.StringIO()))
