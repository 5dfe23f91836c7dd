"""A child that is no fork: started cold as `python -I -m grader.jail.fresh FD FOLDER`, its limits as JSON on stdin."""

from __future__ import annotations

import json
import os
import platform
import socket
import sys

from grader.jail import view
from grader.jail.enclosure import die_with_parent
from grader.jail.layers import Layers
from grader.jail.limits import Limits
from grader.jail.walls import limit


def main() -> None:
    if platform.system() == "Linux":
        die_with_parent()
    channel_number = 3
    os.dup2(int(sys.argv[1]), channel_number)
    os.closerange(channel_number + 1, os.sysconf("SC_OPEN_MAX"))
    connection = socket.socket(fileno=channel_number)
    view.live_in(sys.argv[2])
    limits = Limits(**json.loads(sys.stdin.read()))

    from grader.jail import channel, child, wire
    from grader.jail.warmup import warm_up

    shell = warm_up()
    layers = Layers(["own scratch folder"])
    layers.take("limits", lambda: limit(limits, _others()))
    channel.send(connection, wire.encode(layers.to_data()))
    child.serve(connection, shell, limits)


def _others() -> int:
    """How many of the user's processes count besides its own, now or later."""
    from grader.jail import nproc, processes

    if platform.system() == "Linux":
        return processes.count_of_user(os.getuid()) + nproc.LATER
    done = os.popen("ps -A -o uid=").read().split()  # before any of a student's code runs
    return done.count(str(os.getuid())) + nproc.LATER


if __name__ == "__main__":
    main()
    os._exit(0)
