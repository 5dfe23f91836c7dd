"""Numbers of the system calls that a filter refuses, and why: (x86_64, aarch64), None where there is none.

Numbers from 424 on are the same everywhere.
"""

from __future__ import annotations

Numbers = tuple[int | None, int | None]

DOORS: dict[str, Numbers] = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "init_module": (175, 105),
    "delete_module": (176, 106),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "personality": (135, 92),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "perf_event_open": (298, 241),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "memfd_create": (319, 279),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "syslog": (103, 116),
    "vhangup": (153, 58),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    "mount_setattr": (442, 442),
    "quotactl_fd": (443, 443),
    "memfd_secret": (447, 447),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    # descriptors in flight over a socket: they hold files that no watchdog can see, and the kernel counts them for all
    # processes of a user together. What a worker of a DataLoader hands on goes by files, see `warmup`
    "sendmsg": (46, 211),
    "sendmmsg": (307, 269),
    # memory that stands in no process's account: large pages of which a pipe keeps a piece, and rules without number
    "vmsplice": (278, 75),
    "landlock_create_ruleset": (444, 444),
    "landlock_add_rule": (445, 445),
    # so many events for the whole machine, and how many are taken can be read in every jail
    "io_setup": (206, 0),
}
"""What no student's notebook needs and what opens doors: refused behind every kind of wall."""

SHARED: dict[str, Numbers] = {
    # System V and POSIX queues, semaphores and memory of the machine
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "semop": (65, 193),
    "semctl": (66, 191),
    "semtimedop": (220, 192),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    # other processes of the same user
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "move_pages": (279, 239),
    "migrate_pages": (256, 238),
    "process_mrelease": (448, 448),
    # cutting a file by its path, which Landlock knows only from its third version on
    "truncate": (76, 45),
    # times of any file; refused and not pretended, or else `Path.touch` would take a file for made
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
}
"""Refused besides where processes, queues and files are shared with the machine (no namespaces)."""

PRETENDED: dict[str, Numbers] = {
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "setxattrat": (463, 463),
    "removexattrat": (466, 466),
    "file_setattr": (469, 469),
}
"""Modes, owners and attributes of files, which Landlock leaves open: answered with success, and not done, so that
`shutil.copy` works and nobody locks the user out of the gradebook."""

FLOCK: Numbers = (73, 32)
"""Answered with success, and not done, behind every kind of wall: a lock on a library's file is seen in every jail."""

SIGNALS: dict[str, Numbers] = {
    "kill": (62, 129),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
}
"""Their first argument names who gets the signal."""

PIDFD_SEND_SIGNAL: Numbers = (424, 424)
CLONE3: Numbers = (435, 435)
OPENAT2: Numbers = (437, 437)
CLONE: Numbers = (56, 220)
MMAP: Numbers = (9, 222)
SOCKET: Numbers = (41, 198)
SOCKETPAIR: Numbers = (53, 199)
SETSOCKOPT: Numbers = (54, 208)
IOCTL: Numbers = (16, 29)
FCNTL: Numbers = (72, 25)
PRCTL: Numbers = (157, 167)
OPEN: Numbers = (2, None)
OPENAT: Numbers = (257, 56)

OTHERS_FIRST: dict[str, Numbers] = {
    "prlimit64": (302, 261),
    "sched_setaffinity": (203, 122),
    "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118),
    "sched_setattr": (314, 274),
}
"""Their first argument names a process; 0 is the caller itself."""
