"""What processes take of a GPU, seen from outside: with a pretended NVML."""

from __future__ import annotations

import os
import socket
from types import SimpleNamespace

import pytest

from grader.device import CONTEXT
from grader.jail import wire
from grader.jail.card import LOOK_SECONDS, Card, find
from grader.jail.channel import send
from grader.jail.children import Child, LostError
from grader.jail.limits import MIB, Limits


class Library:
    """NVML as far as it is asked: for each card the memory of its processes."""

    def __init__(self, *cards, broken=0):
        self.cards, self.broken, self.asked = cards, broken, 0

    def nvmlInit_v2(self):  # noqa: N802 - its own name
        return self.broken

    def nvmlDeviceGetCount_v2(self, count):  # noqa: N802
        self.asked += 1
        count._obj.value = len(self.cards)
        return self.broken

    def nvmlDeviceGetHandleByIndex_v2(self, index, handle):  # noqa: N802
        handle._obj.value = index.value + 1
        return 0

    def nvmlDeviceGetComputeRunningProcesses_v3(self, handle, room, found):  # noqa: N802
        told = self.cards[handle.value - 1]
        for place, (pid, memory) in enumerate(told.items()):
            found[place].pid, found[place].memory = pid, memory
        room._obj.value = len(told)
        return 0


def test_all_cards_are_added_up_for_the_processes_that_are_asked_for():
    card = Card(Library({7: 100, 8: 5}, {7: 11, 9: 2**64 - 1}))
    assert [card.taken_by(pids) for pids in ([7], [7, 8], [9], [], [1])] == [111, 116, 0, 0, 0]


def test_it_is_asked_twice_a_second_at_most():
    now = SimpleNamespace(time=50.0)
    library = Library({7: 1})
    card = Card(library, lambda: now.time)
    assert [card.taken_by([7]) for _ in range(3)] == [1, 1, 1]
    library.cards = ({7: 2},)
    now.time += LOOK_SECONDS
    assert card.taken_by([7]) == 2
    assert library.asked == 2


def missing(_name):
    raise OSError("no such library")


@pytest.mark.parametrize(
    "load", [missing, lambda name: Library(broken=9), lambda name: SimpleNamespace()], ids=["missing", "broken", "old"]
)
def test_without_the_library_nothing_is_seen(load):
    assert find(load) is None


def test_a_library_that_works_is_used():
    assert find(lambda name: Library({3: 4})).taken_by([3]) == 4


def test_a_card_that_does_not_answer_any_more_tells_nothing():
    library = Library({7: 100})
    card = find(lambda name: library)
    library.broken = 15
    assert card.taken_by([7]) == 0


class Keeper:
    anonymous, suspended = 2**40, 0.0

    def reap(self, number):
        return SimpleNamespace(code=-9, why="")

    leave = reap


@pytest.mark.parametrize(("memory", "lost"), [(0, False), (CONTEXT, False), (200 * MIB + CONTEXT + 1, True)])
def test_a_child_that_takes_more_than_its_share_is_ended(memory, lost):
    pid = os.fork()
    if pid == 0:
        import time

        time.sleep(60)
        os._exit(0)
    near, far = socket.socketpair()
    send(far, wire.encode({"layers": ()}))
    limits = Limits(gpu_memory=200 * MIB)
    child = Child(Keeper(), near, os.pidfd_open(pid), 1, limits, card=Card(Library({pid: memory})))
    child.look_seconds = 0.05
    try:
        with pytest.raises(LostError) as raised:
            child.ask({"op": "wait"}, -1.5)
        words = "it used more than 200 MiB of the GPU's memory" if lost else "the time limit was reached"
        assert str(raised.value) == words
    finally:
        child.end()
        os.waitpid(pid, 0)
        far.close()
