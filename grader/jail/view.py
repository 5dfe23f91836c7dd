"""The file system that student code sees: Python and its libraries read-only, five devices, scratch space.

Nothing else is mounted: no home folder, no repository, no submissions, no gradebook. Of an installation only the
parts that hold programs and libraries are: beside them may lie anything, such as settings with tokens (`etc`), the
inbox of nbgrader's exchange (`/usr/local/share`), a course in `/usr/src/app`, or a home folder that is a venv as well.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import tempfile
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.machinery import PathFinder
from pathlib import Path

from grader.jail import gpu, linux

HOME = "/jail/home"
"""The working folder of a notebook, on a memory file system of its own."""
TEMPORARY = "/jail/tmp"
DEVICES = ("null", "zero", "full", "random", "urandom")

_SYSTEM = ("/lib", "/lib64", "/bin", "/sbin")
_PARTS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32", "libexec", "include", "pyvenv.cfg")
_OF_USR = ("/usr/share", "/usr/local/share/fonts", "/usr/local/cuda", "/usr/local/nvidia")
"""Time zones, languages and fonts; and CUDA and its driver, whose libraries some builds of torch load from there."""
_SETTINGS = (
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/fonts",
    "/etc/localtime",
    "/etc/alternatives",
    "/etc/mime.types",
)
_PROC_FILES = (
    "cpuinfo",
    "filesystems",
    "loadavg",
    "meminfo",
    "stat",
    "uptime",
    "version",
    "sys/kernel/osrelease",
    "sys/kernel/ostype",
    "sys/kernel/pid_max",
    "sys/kernel/random",
    "sys/vm/overcommit_memory",
)


@cache
def libraries() -> tuple[str, ...]:
    """The real folders (and a file) that hold this Python, its packages and the `grader` package; none twice."""
    package = Path(__file__).resolve().parents[1]
    standard = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    wanted = [*_OF_USR, *_parts(), *standard, *site_folders(), str(package)]
    kept: list[str] = []
    for path in sorted({os.path.realpath(path) for path in wanted if Path(path).exists()}, key=_depth):
        if not _within(path, kept):
            kept.append(path)
    return tuple(kept)


def _depth(path: str) -> tuple[int, str]:
    return path.count("/"), path


def _parts() -> list[str]:
    prefixes = ("/usr", "/usr/local", sys.prefix, sys.base_prefix, sys.exec_prefix)
    return [f"{prefix}/{part}" for prefix in dict.fromkeys(prefixes) for part in _PARTS]


@cache
def links() -> dict[str, str]:
    """{link: what it says}: those parts that are links, such as the `lib64` of a venv."""
    parts = {_lying(Path(path)) for path in (*_SYSTEM, *_OF_USR, *_parts())}
    own = (path for path in sorted(parts) if path.is_symlink() and not _within(str(path), libraries()))
    return {str(path): str(path.readlink()) for path in own}


def _lying(path: Path) -> Path:
    """Where an entry itself lies, be it a link or not."""
    return path.parent.resolve() / path.name


def _within(path: str, trees: Iterable[str]) -> bool:
    return any(path == tree or path.startswith(f"{tree}/") for tree in trees)


def exposing(path: Path) -> str:
    """The tree of those that student code reads in which a file or folder really lies; empty when in none."""
    real = os.path.realpath(path)
    return next((tree for tree in (*libraries(), *_SYSTEM, *_SETTINGS) if _within(real, [tree])), "")


@cache
def scratch() -> tuple[str, ...]:
    """The writable folders; /tmp is one of them unless this Python or the kit is installed below it."""
    taken = any(path.startswith("/tmp/") for path in libraries())
    return (HOME, TEMPORARY, "/dev/shm", *(() if taken else ("/tmp",)))


def site_folders() -> list[str]:
    """The folders of installed packages: with an editable installation sys.path also holds the repository itself."""
    return [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]


@lru_cache(maxsize=256)
def is_installed(name: str) -> bool:
    """Whether a top-level name is Python's own or the kit's, or lies among the packages; nothing is imported for it."""
    if name in sys.stdlib_module_names or name == "grader":
        return True
    return PathFinder.find_spec(name, site_folders()) is not None


def readable() -> tuple[str, ...]:
    """Every path that stays readable inside, for Landlock."""
    devices = tuple(f"/dev/{name}" for name in DEVICES)
    own = (*libraries(), *_SYSTEM, *_SETTINGS, "/proc", "/sys/devices/system/cpu", *devices)
    return (*own, *gpu.readable())


def readable_shared() -> tuple[str, ...]:
    """The same where /proc is the machine's: of it only the caller's own folder, and what says nothing of others."""
    return (*(path for path in readable() if path != "/proc"), "/proc/self", *(f"/proc/{name}" for name in _PROC_FILES))


def live_in(folder: str) -> None:
    """Makes an ordinary folder with `home` and `tmp` this process' home, working and temporary folder."""
    for name, value in folders(f"{folder}/home", f"{folder}/tmp").items():
        os.environ[name] = value
    for inner in ("home", "tmp"):
        Path(folder, inner).mkdir(exist_ok=True)
    tempfile.tempdir = None  # what was found before is looked up again
    os.chdir(f"{folder}/home")


def folders(home: str, temporary: str) -> dict[str, str]:
    """The part of a child's environment that names folders."""
    caches = {"MPLCONFIGDIR": f"{temporary}/matplotlib", "IPYTHONDIR": f"{temporary}/ipython"}
    return {"HOME": home, "TMPDIR": temporary, **caches}


def build() -> None:
    """Makes the view the root of this mount namespace; the process needs the right to mount.

    The old /proc stays bound until `mount_proc`: a kernel lets a user namespace mount a new one only where it
    sees one already.
    """
    libraries(), links()  # found, and remembered, while the old root is still there
    linux.mount("none", "/", flags=linux.MS_REC | linux.MS_PRIVATE)
    linux.mount("tmpfs", "/tmp", "tmpfs", linux.MS_NOSUID, "mode=0755,size=4m")
    for name in ("old", "new"):
        Path("/tmp", name).mkdir()
    linux.pivot_root("/tmp", "/tmp/old")
    os.chdir("/")
    _bind_all()
    linux.unmount("/old")
    linux.bind("/new", "/new")
    os.chdir("/new")
    linux.pivot_root(".", ".")
    linux.unmount(".")
    os.chdir("/")
    linux.make_read_only("/", recursive=False)


def _bind_all() -> None:
    for path in (*libraries(), *_SETTINGS):
        if Path("/old" + path).exists():
            _bind(path)
    for path in _SYSTEM:
        if path not in links() and Path("/old" + path).is_dir():
            _bind(path)
    for path, said in links().items():
        Path("/new" + path).parent.mkdir(parents=True, exist_ok=True)
        Path("/new" + path).symlink_to(said)
    # read-only or not, a device can be written to; but everybody may set the times of one that is not
    for path in DEVICES:
        _bind(f"/dev/{path}")
    for path in gpu.nodes(Path("/old/dev")):
        _bind(path.removeprefix("/old"), read_only=False)
    for path in (*scratch(), "/proc"):
        Path("/new" + path).mkdir(parents=True, exist_ok=True)
    linux.bind("/old/proc", "/new/proc")


def _bind(path: str, *, read_only: bool = True) -> None:
    source, target = Path("/old" + path), Path("/new" + path)
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    linux.bind(str(source), str(target))
    if read_only:
        linux.make_read_only(str(target))


def mount_proc() -> None:
    """A /proc of this process' own pid namespace, over the one that was there."""
    linux.mount("proc", "/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)


def mount_scratch(size: int, files: int) -> None:
    """Fresh, limited memory file systems on the scratch folders (bytes, number of files)."""
    options = f"mode=0700,size={size},nr_inodes={files}"
    for path in scratch():
        linux.mount("tmpfs", path, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC, options)
