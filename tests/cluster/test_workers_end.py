"""Workers of a cluster that are killed, leave, and come late: everybody gets a result or a named reason."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import psutil
import pytest
from dask_cluster import SECONDS, kill, wait_for
from handed_in import ASSIGNMENT, RIGHT, handed_in

from grader.cluster import Cluster, ClusterError
from grader.judge.pool import JudgeError
from grader.judge.submission import Finished

SLOW = "import time\ntime.sleep(1)"


def a_class(folder, count: int = 6) -> list:
    return [handed_in(folder, f"s{number}", answer=RIGHT, cell=SLOW) for number in range(count)]


def students(results) -> set[str]:
    """Who has a result."""
    return {work.student for work, result in results if isinstance(result, Finished)}


def test_a_killed_worker_s_submissions_are_done_by_others(folder, dask):
    dask.worker()
    dask.worker()
    works = a_class(folder)
    killed = []

    def kill_the_first(student: str) -> None:
        if not killed:
            killed.append(wait_for(lambda: [pid for pid, taken in dask.written().items() if student in taken])[0])
            kill(killed[0])

    with Cluster(folder, ASSIGNMENT, dask.address) as cluster:
        results = list(cluster.grade_all(works, kill_the_first))
    assert killed
    assert students(results) == {work.student for work in works}
    assert len(results) == len(works), "each has one result"
    wait_for(lambda: not dask.dens())  # also what the killed one left


def test_one_that_ends_three_workers_is_given_up_with_the_reason_and_the_others_finish(folder, dask):
    dask.worker(places=2)
    works = [*a_class(folder, 2), handed_in(folder, "killer"), *a_class(folder, 5)[2:]]
    with Cluster(folder, ASSIGNMENT, dask.address) as cluster:
        results = {work.student: result for work, result in cluster.grade_all(works)}
    given_up = results.pop("killer")
    assert isinstance(given_up, JudgeError)
    assert str(given_up) == "it ended three workers of the cluster, one after another"
    assert students((work, results[work.student]) for work in works if work.student in results) == set(results)
    assert len(results) == 5
    ended = [taken for taken in dask.written().values() if "killer" in taken]
    assert len(ended) == 3


def test_a_worker_that_comes_late_gets_work_and_one_that_leaves_gives_it_back(folder, dask):
    first = dask.worker("--no-nanny")
    works = []

    def until_both_have_worked():
        until = time.monotonic() + SECONDS
        while (first.poll() is None or len(works) < 16) and time.monotonic() < until:
            works.append(handed_in(folder, f"s{len(works)}", answer=RIGHT, cell="import time\ntime.sleep(0.5)"))
            yield works[-1]

    with Cluster(folder, ASSIGNMENT, dask.address) as cluster:
        cluster.wait_until_ready()
        dask.worker()
        results = []
        for result in cluster.grade_all(until_both_have_worked()):
            results.append(result)
            if len(dask.written()) == 2 and first.poll() is None:
                first.terminate()
    assert first.poll() is not None, "the late one was given work"
    assert students(results) == {work.student for work in works}


def test_a_lost_scheduler_ends_the_run_in_one_sentence_and_what_is_done_stays(folder, dask):
    dask.worker()
    results = []

    def lose_it_after_the_first() -> None:
        for result in cluster.grade_all(a_class(folder)):
            results.append(result)
            dask.scheduler.kill()

    with Cluster(folder, ASSIGNMENT, dask.address) as cluster:
        cluster.wait_until_ready()
        with pytest.raises(ClusterError, match=r"scheduler at \S+ is gone; start it and run the command again"):
            lose_it_after_the_first()
    assert students(results)


def test_a_judge_that_is_killed_costs_nobody_a_result(folder, dask):
    worker = dask.worker()
    works = a_class(folder, 4)
    ended = threading.Event()

    def end_its_judge(student: str) -> None:
        if not ended.is_set():
            below = psutil.Process(worker.pid).children(recursive=True)
            kill(next(each.pid for each in below if "grader.judge.server" in " ".join(each.cmdline())))
            ended.set()

    with Cluster(folder, ASSIGNMENT, dask.address) as cluster:
        assert students(cluster.grade_all(works, end_its_judge)) == {work.student for work in works}
    assert ended.is_set()


def test_a_killed_command_leaves_nothing_for_long(folder, dask, tmp_path):
    dask.worker(preload=impatient(tmp_path))
    script = (
        "import sys; from pathlib import Path\n"
        "from grader.cluster import Cluster; from grader.folder import CourseFolder\n"
        f"cluster = Cluster(CourseFolder(Path({str(folder.root)!r})), {ASSIGNMENT!r}, {dask.address!r})\n"
        "cluster.wait_until_ready(); print('ready', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stdin=subprocess.PIPE) as command:
        assert command.stdout is not None
        assert command.stdout.readline() == b"ready\n"
        assert dask.dens()
        command.kill()
    wait_for(lambda: not dask.dens())


def impatient(tmp_path):
    """A preload for a worker that ends idle judges after seconds."""
    preload = tmp_path / "impatient.py"
    preload.write_text(
        "from grader.cluster.judges import Judges\nJudges.__init__.__kwdefaults__['idle_seconds'] = 5.0\n"
    )
    return preload
