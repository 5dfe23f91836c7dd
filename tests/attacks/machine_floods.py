"""Breaking the machine by using it up: processes, memory, disk, descriptors and output."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from attacks.arena import ONE_PROCESS
from attacks.attack import Bite, code
from attacks.machine_attack import MEMORY_LIMIT, NO_SHARED_MEMORY, STOPPED_FOR_MEMORY, breaking

PROCESSES = (
    breaking(
        "forks for ever, and so do its children",
        "all processes",
        """
        import os

        while True:
            try:
                os.fork()
            except OSError:
                pass
        """,
        Bite.STALL,
        limits_hit=1,
        alone=True,
    ),
    breaking(
        "fills the table of processes with sleepers",
        "all processes",
        """
        import os, time

        try:
            while True:
                if os.fork() == 0:
                    os.setsid()
                    time.sleep(10**6)
        except OSError as error:
            print(error)
        time.sleep(0.5)
        """,
        Bite.FLOOD,
        alone=True,
    ),
    breaking(
        "starts threads until there can be no more and waits for them",
        "all processes",
        """
        import threading, time

        started = []
        try:
            while True:
                started.append(threading.Thread(target=time.sleep, args=(10**6,)))
                started[-1].start()
        except RuntimeError as error:
            print(error)
        for each in started:
            each.join()
        """,
        Bite.STALL,
        limits_hit=1,
        alone=True,
    ),
)

KEEPING = """
import ctypes, mmap, os

libc, size, kept = ctypes.CDLL(None, use_errno=True), 2**25, 0
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
ways = [(mmap.MAP_SHARED | mmap.MAP_ANONYMOUS, -1)]
for mode in (os.O_RDWR, os.O_RDONLY):
    try:
        ways.append((mmap.MAP_SHARED, os.open("/dev/zero", mode)))
    except OSError:
        pass
for kinds, descriptor in ways:
    for _ in range(pieces):
        start = libc.mmap(None, size, mmap.PROT_READ | mmap.PROT_WRITE, kinds, descriptor, 0)
        if start == ctypes.c_void_p(-1).value:
            break
        ctypes.memset(start, 1, size)
        libc.munmap(start + 4096, size - 4096)
        kept += 1
print(f"kept {kept} pieces")
"""


def keeps_a_piece(_: Path) -> str:
    """One piece of 32 MiB each way, in a process of its own that ends at once."""
    done = subprocess.run(
        [sys.executable, "-c", f"pieces = 1\n{code(KEEPING)}"], capture_output=True, text=True, check=True, timeout=60
    )
    return "" if "kept 0" in done.stdout else done.stdout.strip()


MEMORY = (
    breaking(
        "hoards memory in one process",
        "all memory",
        """
        hoard = []
        while True:
            hoard.append(bytearray(b"x") * 2**24)
        """,
        Bite.FLOOD,
        caught=STOPPED_FOR_MEMORY,
    ),
    breaking(
        "hoards memory in many processes",
        "all memory",
        """
        import os, time

        for _ in range(10):
            if os.fork() == 0:
                hoard = bytearray(b"x") * (150 * 2**20)
                time.sleep(10**6)
        time.sleep(2)
        """,
        Bite.FLOOD,
        caught=MEMORY_LIMIT,
    ),
    breaking(
        "takes memory by one call of the kernel",
        "all memory",
        """
        import mmap, time

        kinds = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE
        hoard = mmap.mmap(-1, 1536 * 2**20, flags=kinds)
        time.sleep(1)
        """,
        Bite.FLOOD,
        caught=STOPPED_FOR_MEMORY,
    ),
    breaking(
        "hoards memory in storages and gradients",
        "all memory",
        """
        hoard, weight = [], torch.ones(2**21, requires_grad=True)
        loss = weight.sum()
        while True:
            hoard.append(torch.UntypedStorage(2**23).fill_(1))
            loss = loss + (weight * weight).exp().sum()
        """,
        Bite.FLOOD,
        caught=STOPPED_FOR_MEMORY,
    ),
    breaking(
        "hoards shared memory",
        "all memory",
        """
        import mmap, time

        hoard, block = [], b"x" * 2**25
        for _ in range(36):
            hoard.append(mmap.mmap(-1, len(block)))
            hoard[-1][:] = block
        time.sleep(1)
        """,
        Bite.FLOOD,
        caught=NO_SHARED_MEMORY,
    ),
    breaking(
        "hides shared memory from those who count it",
        "all memory",
        """
        import mmap, time

        hoard, block = [], b"x" * 2**25
        for _ in range(36):
            hoard.append(mmap.mmap(-1, len(block)))
            hoard[-1][:] = block
            hoard[-1].madvise(mmap.MADV_DONTNEED)  # it is mapped no more, and stays in memory
        time.sleep(0.5)
        print("hidden")

        def softmax(x):
            for each in hoard:
                each.find(b"y")
            time.sleep(1)
            return x
        """,
        Bite.FLOOD,
        caught=NO_SHARED_MEMORY,
    ),
    breaking(
        "keeps one page of each piece of shared memory, and the rest stays in nobody's account",
        "all memory",
        f"pieces = 48\n{code(KEEPING)}",
        Bite.FLOOD,
        caught="kept 0 pieces",
        control=keeps_a_piece,
    ),
    breaking(
        "recurses for ever with the limit raised",
        "all memory",
        """
        import sys

        sys.setrecursionlimit(2**31 - 1)

        def deeper(*more):
            return deeper(*more, 1) if len(more) > 50 else deeper(*more, list(more))

        deeper()
        """,
        Bite.FLOOD,
        caught="The cell stopped before it defined the answer: it",
    ),
    breaking(
        "shows a value of a thousand million characters",
        "all memory",
        """
        value = "x" * 10**9
        value
        """,
        Bite.FLOOD,
        caught=STOPPED_FOR_MEMORY,
    ),
)

_EVERYWHERE = """
import errno, os, time

FOLDERS = (".", "/tmp", "/dev/shm", "/var/tmp", "/run", COURSE, HOME_FOLDER, os.path.expanduser("~"))
"""

FILES = (
    breaking(
        "fills the disk",
        "all disk",
        _EVERYWHERE
        + """
def fill(folder):
    for number in range(1000):
        try:
            with open(f"{folder}/{number}.bin", "wb", 0) as file:
                while True:
                    file.write(bytes(2**20))
        except OSError as error:
            if error.errno != errno.EFBIG:
                print(folder, error)
                return

for folder in FOLDERS:
    fill(folder)
""",
        Bite.FLOOD,
    ),
    breaking(
        "fills the disk with files that have no name",
        "all disk",
        _EVERYWHERE
        + """
kept = []
for folder in FOLDERS:
    try:
        for _ in range(20):
            kept.append(open(f"{folder}/gone", "wb", 0))
            os.remove(f"{folder}/gone")
            try:
                while True:
                    kept[-1].write(bytes(2**20))
            except OSError as error:
                if error.errno != errno.EFBIG:
                    raise
    except OSError as error:
        print(folder, error)
time.sleep(0.3)
""",
        Bite.FLOOD,
    ),
    breaking(
        "makes files until there can be no more",
        "all inodes",
        _EVERYWHERE
        + """
for folder in FOLDERS:
    try:
        for number in range(10**5):
            os.close(os.open(f"{folder}/{number}", os.O_CREAT))
    except OSError as error:
        print(folder, error)
""",
        Bite.KILL,
    ),
    breaking(
        "makes folders within folders that cannot be removed",
        "all inodes, and folders that stay",
        """
        import os

        top = os.getcwd()
        for number in range(100):
            try:
                os.mkdir(f"{top}/{number}")
                os.chdir(f"{top}/{number}")
                for _ in range(100):
                    os.mkdir("deeper")
                    os.chdir("deeper")
                    os.chmod("..", 0o111)
            except OSError as error:
                print(error)
        """,
        Bite.KILL,
    ),
    breaking(
        "opens descriptors until there can be no more and fills them",
        "all descriptors, and memory of the kernel's",
        """
        import fcntl, os, socket

        kept = []
        try:
            while True:
                kept.append(os.pipe())
                try:
                    fcntl.fcntl(kept[-1][1], fcntl.F_SETPIPE_SZ, 2**20)
                except OSError:
                    pass
                os.set_blocking(kept[-1][1], False)
                os.write(kept[-1][1], bytes(2**20))
        except OSError as error:
            print(error)
        while True:
            try:
                kept.append(socket.socket(socket.AF_UNIX))
            except OSError as error:
                print(error)
                break
        """,
        Bite.KILL,
        needs=ONE_PROCESS,
    ),
)

OUTPUT = (
    breaking(
        "prints for ever",
        "output without bound",
        """
        while True:
            print("x" * 10000)
        """,
        Bite.FLOOD,
        limits_hit=1,
    ),
    breaking(
        "writes for ever on descriptors one and two",
        "output without bound",
        """
        import os

        while True:
            os.write(1, b"x" * 2**16)
            os.write(2, b"x" * 2**16)
        """,
        Bite.FLOOD,
        limits_hit=1,
    ),
    breaking(
        "displays a million pictures and texts",
        "output without bound",
        """
        from IPython.display import Image, display

        for number in range(10**6):
            display({"image/png": "x" * 1000, "text/plain": "x" * 1000}, raw=True)
            print(number, "x" * 1000)
        """,
        Bite.FLOOD,
        limits_hit=1,
    ),
    breaking(
        "lets a command write for ever",
        "output without bound",
        """
        !yes
        """,
        Bite.FLOOD,
        limits_hit=1,
    ),
)

ATTACKS = (*PROCESSES, *MEMORY, *FILES, *OUTPUT)
