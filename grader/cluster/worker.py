"""What runs on a Dask worker: called there by name, so that nothing but names and data travels.

The worker's own process holds the hidden suite, so its memory is closed to other processes of its user.
"""

from __future__ import annotations

import asyncio

from distributed import Worker, WorkerPlugin, get_worker

from grader.cluster.connection import TOPIC
from grader.cluster.den import sweep
from grader.cluster.installation import difference, installation
from grader.cluster.judges import Judges, UnfitError
from grader.cluster.orders import Failed, Job, Orders, Refused, other_versions
from grader.jail.linux import hide
from grader.jail.proofs import Protection
from grader.judge.pool import JudgeError, JudgeLostError
from grader.judge.submission import Finished

_NAME = "grader"


def examine(orders: Orders) -> Protection | Refused:
    """Starts this worker's judges; the walls that stand, or why it can't grade."""
    differs = difference(orders.installation, installation())
    if differs:
        return Refused(other_versions(differs))
    try:
        return _judges(get_worker()).protection(orders)
    except UnfitError as error:
        return Refused(str(error))


def grade(job: Job) -> Finished | Refused | Failed:
    """Judges one submission; says first that it begins. Never raises: Dask would log what it was called with."""
    worker = get_worker()
    worker.log_event(TOPIC, (job.orders.run, job.number))
    try:
        return _judges(worker).grade(job.orders, job.work)
    except UnfitError as error:
        return Refused(str(error))
    except JudgeLostError as error:
        return Failed(str(error), lost=True)
    except JudgeError as error:
        return Failed(str(error))
    except Exception as error:  # Dask would send it on: some can't be sent, and the command would wait for ever
        return Failed(f"{type(error).__name__}: {error}")


async def dismiss(run: str, dask_worker: Worker) -> None:
    """Ends what this worker keeps for a run, and removes what others of its machine left that were killed."""
    keeper = dask_worker.plugins.get(_NAME)
    if keeper is not None:
        await asyncio.to_thread(keeper.judges.dismiss, run)
    await asyncio.to_thread(sweep)


class _Keeper(WorkerPlugin):
    """Ends the judges with their worker. It is never registered with the scheduler, where it would outlive the run."""

    def __init__(self, judges: Judges) -> None:
        self.judges = judges

    async def teardown(self, worker: Worker) -> None:
        await asyncio.to_thread(self.judges.close)


def _judges(worker: Worker) -> Judges:
    """This worker's judges, from any of its threads."""
    keeper = worker.plugins.get(_NAME)
    if keeper is None:
        # on the thread of its loop, which walks through the plugins at any time, and where nobody comes in between
        keeper = asyncio.run_coroutine_threadsafe(_keeper(worker), worker.loop.asyncio_loop).result()
    judges: Judges = keeper.judges
    return judges


async def _keeper(worker: Worker) -> WorkerPlugin:
    if _NAME not in worker.plugins:
        hide()
        worker.plugins[_NAME] = _Keeper(Judges(worker.state.nthreads))
    return worker.plugins[_NAME]
