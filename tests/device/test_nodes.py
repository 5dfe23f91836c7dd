"""A jail beside device files that bear the names of NVIDIA's driver: its children open them, and name their threads.

The files stand for `/dev/null`, in a `/dev` of the test's own: that needs root, and a system that lets it mount.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

NODES = ("nvidiactl", "nvidia0", "nvidia-uvm", "nvidia-caps/nvidia-cap1")
USUAL = {"null": 3, "zero": 5, "full": 7, "random": 8, "urandom": 9}
MAKE = "\n".join(
    [
        "set -e",
        "mount -t tmpfs new $1",
        "mkdir $1/shm $1/nvidia-caps",
        *(f"mknod -m 666 $1/{name} c 1 {number}" for name, number in USUAL.items()),
        *(f"mknod -m 666 $1/{name} c 1 3" for name in NODES),
        "mount --bind $1 /dev",
        'exec "$2" -c "$3"',
    ]
)
CELL = f"""
import json, os, threading

def tried(action):
    try:
        action()
        return "done"
    except OSError as error:
        return type(error).__name__

def name_it():
    with open(f"/proc/self/task/{{threading.get_native_id()}}/comm", "w") as file:
        file.write("cuda")

found = {{name: tried(lambda: os.write(os.open("/dev/" + name, os.O_RDWR), b"x")) for name in {NODES}}}
thread = threading.Thread(target=lambda: found.update(thread=tried(name_it)))
thread.start()
thread.join()
found["process"] = tried(lambda: open("/proc/self/comm", "w").write("x"))
found["kernel"] = tried(lambda: open("/proc/sys/kernel/hostname", "w").write("x"))
print(json.dumps(found))
"""
PROGRAM = f"""
from grader.jail.jail import Jail
from grader.jail.limits import Limits
for visible in ("0", ""):
    with Jail(slow=(), visible=visible) as jail:
        jail.wait_until_ready()
        child = jail.gates[0].spawn(Limits())
        reply = child.ask({{"name": "nodes", "source": {CELL!r}}}, 20)
        child.end()
    print(jail.gates[0].namespaces, "".join(each.get("text", "") for each in reply["outputs"]).strip())
"""


def test_a_child_opens_the_drivers_files_and_names_its_threads_where_a_gpu_is_used(tmp_path):
    command = ["unshare", "-m", "sh", "-c", MAKE, "sh", str(tmp_path), sys.executable, PROGRAM]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no `unshare` here")
    if done.returncode and not done.stdout:
        pytest.skip(f"device files cannot be made here: {done.stderr.strip()[-200:]}")
    (walls, with_gpu), (_, without) = (line.split(" ", 1) for line in done.stdout.splitlines())
    with_gpu, without = json.loads(with_gpu), json.loads(without)
    closed = {"process": "PermissionError", "kernel": "PermissionError"}
    assert with_gpu == {**dict.fromkeys((*NODES, "thread"), "done"), **closed}
    unseen = "FileNotFoundError" if walls == "True" else "PermissionError"
    assert without == {**dict.fromkeys(NODES, unseen), "thread": "PermissionError", **closed}
