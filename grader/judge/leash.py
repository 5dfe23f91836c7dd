"""The judge ends with the command that started it, also when that was killed and could tell nobody.

Linux sends a signal when the *thread* that started a process ends, which a living command may well have done. So the
signal only asks to look, and the judge goes on where the command is still there. Elsewhere its workers notice when
they are done with what they have.
"""

from __future__ import annotations

import os
import platform
import select
import signal
from collections.abc import Iterable

from grader.jail.enclosure import die_with_parent
from grader.jail.linux import PR_SET_PDEATHSIG, prctl

_LOOK = signal.SIGHUP
"""A terminal that closes sends it to command and judge alike: the judge again does as the command does."""
_TIDYING_SECONDS = 5
"""So long may it take to close the jail and to remove what it wrote; then this process is ended as it is."""


class Leash:
    """Ties this process to its parent; made on the main thread, before anything that takes time.

    connections: descriptors that are hung up on when the command is gone.
    """

    def __init__(self, connections: Iterable[int]) -> None:
        self._own, self._command = os.getpid(), os.getppid()
        self._cut = False
        if platform.system() == "Linux":
            signal.signal(_LOOK, self._look)
            prctl(PR_SET_PDEATHSIG, int(_LOOK))
            if _hung_up(connections):  # it was gone before it could be asked for the signal
                self._end()

    @property
    def cut(self) -> bool:
        """Whether the command is gone, and nobody hears what is said."""
        return self._cut

    def _look(self, _number: int, _frame: object) -> None:
        if os.getpid() == self._own and os.getppid() != self._command and not self._cut:
            self._end()

    def _end(self) -> None:
        self._cut = True
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(_TIDYING_SECONDS)
        raise KeyboardInterrupt  # all on the way close what they hold, as when somebody at the terminal stops them


def end_with_judge(judge: int) -> None:
    """In a worker just forked: it is killed when the judge, whose process number is given, ends."""
    if platform.system() == "Linux":
        signal.signal(_LOOK, signal.SIG_DFL)
        die_with_parent()
        if os.getppid() != judge:
            os._exit(1)


def _hung_up(connections: Iterable[int]) -> bool:
    poll = select.poll()
    for number in connections:
        poll.register(number, 0)  # hanging up is always told
    return any(event & select.POLLHUP for _, event in poll.poll(0))
