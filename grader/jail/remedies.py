"""What to do about a layer that the system refused."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from grader.jail import cgroup
from grader.jail.enclosure import NAMESPACES, VIEW
from grader.jail.layers import OUT_OF_REACH, Missing

_DOCKER = (
    "start the container with `--security-opt seccomp=unconfined --security-opt apparmor=unconfined "
    "--security-opt systempaths=unconfined`, without `--privileged`"
)
_KUBERNETES = (
    "give the pod `hostUsers: false`, and its container `seccompProfile: Unconfined` and `procMount: Unmasked`"
)
_SETTINGS = (
    ("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", "kernel.apparmor_restrict_unprivileged_userns=0"),
    ("/proc/sys/kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
    ("/proc/sys/user/max_user_namespaces", "0", "user.max_user_namespaces=10000"),
)


def remedy(missing: Missing) -> str:
    """One sentence; empty where nothing need be done."""
    if platform.system() != "Linux":
        return "Grade in a Linux virtual machine or container."
    if missing.name in (NAMESPACES, VIEW):
        return _for_namespaces()
    return {
        OUT_OF_REACH: "Move the course out of the folders of the system and of Python; a venv in its `.venv` is fine.",
        "landlock": "Use Linux 5.13 or newer with `landlock` in the kernel's `lsm=` list.",
        "landlock scopes": "Linux 6.12 brings them; until then seccomp refuses signals to other processes.",
        "seccomp": "Use a kernel with seccomp filters on x86_64 or aarch64.",
        "no capabilities": "Install Python where every user can read it, such as /opt, or grade as an ordinary user.",
        cgroup.LAYER: "Nothing must be done: a watchdog counts instead. `systemd-run --user --scope grader …` has one.",
    }.get(missing.name, "")


def _for_namespaces() -> str:
    for path, value, setting in _SETTINGS:
        if _reads(path) == value:
            return f"Allow user namespaces: `sudo sysctl {setting}`."
    if "KUBERNETES_SERVICE_HOST" in os.environ:
        return f"In Kubernetes, {_KUBERNETES}."
    if any(Path(mark).exists() for mark in ("/.dockerenv", "/run/.containerenv")):
        return f"In a container, {_DOCKER}."
    return "Allow unprivileged user namespaces, or grade on a machine that does."


def _reads(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError:
        return ""
