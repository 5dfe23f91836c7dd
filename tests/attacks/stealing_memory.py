"""Stealing from memory: the process' own, its caller's and that of other processes; inputs carried out of it."""

from __future__ import annotations

from attacks.arena import ONE_PROCESS, TRACING
from attacks.attack import FIRST, Bite, Chapter

STEALING = Chapter("stealing")

MEMORY = (
    STEALING.answer(
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
    STEALING.answer(
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
    STEALING.answer(
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
    STEALING.answer(
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
    STEALING.attack(
        "looks for what lay in uninitialised memory",
        cells={
            FIRST: """
            import re, torch
            kept = [torch.empty(size, dtype=torch.uint8) for size in range(12000, 13000) for _ in range(3)]
            print({found for stale in kept for found in re.findall(rb"[0-9a-f]{32}", stale.numpy().tobytes())})
            """
        },
        friend={
            FIRST: """
            import torch
            for _ in range(20):
                lists = [torch.tensor(list(ANSWER.encode() * 400), dtype=torch.uint8) for _ in range(20)]
                del lists
            """
        },
        friend_first=True,
        must_not="another student's answer",
        bites=Bite.LEAK,
        needs=ONE_PROCESS,
    ),
    STEALING.hunt(
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
    STEALING.hunt(
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
    STEALING.hunt(
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
    STEALING.attack(
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
    STEALING.answer(
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
    STEALING.answer(
        "carries its input out in the text of an error",
        "the hidden inputs",
        """
        def softmax(x):
            raise ValueError(bytes(int(each) % 256 for each in x.flatten().nan_to_num()).decode("latin-1"))
        """,
        bites=Bite.LEAK,
    ),
    STEALING.answer(
        "carries its input out in the name of an error",
        "the hidden inputs",
        """
        def softmax(x):
            text = bytes(int(each) % 256 for each in x.flatten().nan_to_num()).decode("latin-1")
            raise type(text, (Exception,), {})()
        """,
        bites=Bite.LEAK,
    ),
    STEALING.answer(
        "carries its input out in the name of a missing answer",
        "the hidden inputs",
        """
        from grader.jail.answers import MissingAnswerError

        def softmax(x):
            raise MissingAnswerError(bytes(int(each) % 256 for each in x.flatten().nan_to_num()).decode("latin-1"))
        """,
        bites=Bite.LEAK,
    ),
    STEALING.answer(
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
    STEALING.answer(
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
    STEALING.hunt(
        "prints its environment",
        "the supervisor's tokens",
        """
        import os, subprocess
        print(dict(os.environ), open("/proc/self/environ").read(), subprocess.getoutput("env"))
        """,
    ),
    STEALING.hunt(
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
    STEALING.hunt(
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
    STEALING.hunt(
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
    STEALING.hunt(
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
    STEALING.hunt(
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
    STEALING.hunt(
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
    STEALING.hunt(
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

ATTACKS = (*MEMORY, *CALLER, *PROCESSES)
