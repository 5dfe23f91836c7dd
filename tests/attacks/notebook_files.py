"""Attacks by the file and its folder: absurd JSON, things that are no files, and what lies beside."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from attacks.attack import Attack, Bite, Notebook
from attacks.notebook_marks import FULL, NOTEBOOK, RIGHT, cell, with_more
from grader.author.cells import marked

MIB = 2**20
LARGE = 34 * MIB
"""Bytes of output: above what is read of a notebook, below what would fill a tester's disk."""


def whole(attack: Attack) -> Path:
    """Where an attack's notebook stands in its folder."""
    return Path(f"{attack.assignment}.ipynb")


# JSON


def too_deep(notebook: Notebook) -> str:
    return json.dumps(notebook)[:-1] + ', "deep": ' + "[" * 100_000 + "]" * 100_000 + "}"


def deep_metadata(notebook: Notebook) -> Notebook:
    """Shallow enough for a parser and too deep for whoever walks through it by recursion."""
    nested: dict[str, Any] = {}
    for _ in range(600):
        nested = {"a": nested}
    marked(notebook)["softmax"]["metadata"]["nbgrader"]["extra"] = nested
    return notebook


def many_cells(notebook: Notebook) -> Notebook:
    one = {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": "a"}}, "source": "0", "outputs": []}
    return with_more(*[one] * 100_000)(notebook)


def with_long_output(notebook: Notebook) -> Notebook:
    notebook["cells"][0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "0" * LARGE}]
    return notebook


def with_surrogates(notebook: Notebook) -> Notebook:
    odd = {
        "cell_type": "code",
        "id": "\udc80",
        "metadata": {"tags": ["\ud800"]},
        "outputs": [],
        "execution_count": None,
    }
    notebook["metadata"]["authors"] = [{"name": "\ud800\x00"}]
    return with_more(
        {**odd, "source": "print('\ud800\x00')"},
        {**odd, "id": "\udc81", "cell_type": "markdown", "source": "\udfff\x00"},
    )(notebook)


def with_a_huge_integer(notebook: Notebook) -> str:
    return json.dumps(notebook)[:-1] + ', "big": ' + "9" * 5_000 + "}"


def with_twice_the_key(notebook: Notebook) -> str:
    return json.dumps(notebook)[:-1] + ', "cells": []}'


def stops(work: Callable[[Path], Any], made: Callable[[Path], Any] = lambda path: path) -> Callable[[Path], str]:
    """A control: what a reader without bounds comes to."""

    def control(folder: Path) -> str:
        try:
            work(made(folder))
        except (RecursionError, ValueError, nbformat.ValidationError) as error:
            return f"stops the reader: {type(error).__name__}"
        return ""

    return control


def _plain() -> Notebook:
    return json.loads(nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("0")])))


def keeps_all_output(folder: Path) -> str:
    """nbformat reads it and writes it again, as nbgrader does for three folders."""
    read = nbformat.reads(json.dumps(with_long_output(_plain())), as_version=4)
    nbformat.write(read, folder / "kept.ipynb")
    size = (folder / "kept.ipynb").stat().st_size
    (folder / "kept.ipynb").unlink()
    return f"kept {size // MIB} MiB" if size >= LARGE else ""


def starts_a_command(folder: Path) -> str:
    """Whether the kernel that a notebook names runs the command which its author wrote down for it."""
    kernel = folder / "kernels" / "cheat"
    kernel.mkdir(parents=True)
    shown = folder / "ran"
    command = [sys.executable, "-c", f"open({str(shown)!r}, 'w')"]
    (kernel / "kernel.json").write_text(json.dumps({"argv": command, "display_name": "Python 3", "language": "python"}))
    specs = KernelSpecManager(kernel_dirs=[str(folder / "kernels")], ensure_native_kernel=False)
    manager = KernelManager(kernel_name="cheat", kernel_spec_manager=specs)
    manager.start_kernel()
    provisioner = manager.provisioner
    assert provisioner
    provisioner.process.wait(30)
    manager.cleanup_resources()
    return "ran the kernel's command" if shown.exists() else ""


def with_another_command(notebook: Notebook) -> Notebook:
    argv = ["sh", "-c", "touch /tmp/ran-by-a-kernelspec"]
    spec = {
        "name": "cheat",
        "display_name": "Python 3",
        "language": "bash",
        "argv": argv,
        "env": {"LD_PRELOAD": "./x.so"},
    }
    notebook["metadata"] |= {"kernelspec": spec, "language_info": {"name": "bash", "file_extension": "/../../x.sh"}}
    return notebook


JSON = (
    NOTEBOOK.attack("nests its JSON a hundred thousand deep", RIGHT, "the reader's stack", Bite.STALL, mangle=too_deep,
                    control=stops(lambda _: json.loads(too_deep(_plain()))), caught="levels deep"),
    NOTEBOOK.attack("nests its marks six hundred deep", RIGHT, "the stack of whoever copies them", Bite.STALL,
                    mangle=deep_metadata, control=stops(lambda _: copy.deepcopy(deep_metadata(_answered()))), caught="levels deep"),
    NOTEBOOK.attack("has a hundred thousand cells", RIGHT, "hours of grading", Bite.STALL, mangle=many_cells,
                    caught="cells; at most"),
    NOTEBOOK.attack("brings along output without bound", RIGHT, "memory, disk and pages", Bite.FLOOD,
                    mangle=with_long_output, control=keeps_all_output, caught="larger than 32 MiB"),
    NOTEBOOK.attack("holds lone surrogates and null bytes", RIGHT, "a notebook that cannot be written",
                    Bite.KILL, mangle=with_surrogates, honest=FULL,
                    control=stops(lambda folder: nbformat.write(nbformat.from_dict(with_surrogates(_plain())), folder / "a.ipynb"))),
    NOTEBOOK.attack("holds an integer of five thousand digits", RIGHT, "the reader", Bite.KILL,
                    mangle=with_a_huge_integer, control=stops(lambda _: json.loads(with_a_huge_integer(_plain()))),
                    caught="4,300 digits"),
    NOTEBOOK.attack("names a kernel with a command of its own", RIGHT, "a command outside the jail", Bite.FILE,
                    mangle=with_another_command, control=starts_a_command, honest=FULL),
)  # fmt: skip


def _answered() -> Notebook:
    return with_more(cell("softmax", "pass"))(_plain())


# Things that are no files


def notebook_is(make: Callable[[Path], Any]) -> Callable[[Path], None]:
    """Puts something else in the place of the notebook."""

    def beside(folder: Path) -> None:
        (path,) = folder.glob("*.ipynb")
        path.unlink()
        make(path)

    return beside


def never_read(folder: Path) -> str:
    """Whether whoever opens a FIFO as a file waits for ever; a process of its own tries."""
    os.mkfifo(folder / "a.ipynb")
    command = [sys.executable, "-I", "-S", "-c", "import sys; open(sys.argv[1]).read()", str(folder / "a.ipynb")]
    try:
        subprocess.run(command, timeout=2, check=False)
    except subprocess.TimeoutExpired:
        return "waits for ever"
    return ""


def reads_on_and_on(folder: Path) -> str:
    """Whether whoever follows a link to a device reads what no notebook ever held."""
    (folder / "a.ipynb").symlink_to("/dev/zero")
    with (folder / "a.ipynb").open("rb") as file:
        return "read 64 MiB and more" if len(file.read(64 * MIB)) == 64 * MIB else ""


def takes_anothers(folder: Path) -> str:
    """Whether whoever follows a link grades another student's notebook."""
    (folder / "theirs").write_text(json.dumps(_plain()))
    (folder / "a.ipynb").symlink_to("theirs")
    same = nbformat.read(folder / "a.ipynb", as_version=4) == nbformat.read(folder / "theirs", as_version=4)
    return "graded another's notebook" if same else ""


def to_another_submission(path: Path) -> None:
    assignment = path.parent.name
    path.symlink_to(path.parents[2] / "ada" / assignment / path.name)


def links_and_bombs(folder: Path) -> None:
    """What a folder can hold besides the notebook."""
    for name, target in (
        ("gradebook.txt", "../../../gradebook.db"),
        ("root", "/"),
        ("zero.txt", "/dev/zero"),
        ("loop", "loop"),
    ):
        (folder / name).symlink_to(target)
    os.mkfifo(folder / "pipe.txt")
    bomb(folder)


def bomb(folder: Path) -> Path:
    """64 MiB of zeros, packed into 64 KiB."""
    with zipfile.ZipFile(folder / "data.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.csv", bytes(64 * MIB))
    return folder / "data.zip"


def copies_through_links(folder: Path) -> str:
    """Whether whoever copies a submission's folder, as nbgrader does, takes along what its links lead to."""
    (folder / "gradebook.db").write_text("everybody's points")
    (folder / "handed-in").mkdir()
    (folder / "handed-in" / "notes.txt").symlink_to(folder / "gradebook.db")
    shutil.copytree(folder / "handed-in", folder / "autograded")
    return "copied the gradebook" if "points" in (folder / "autograded" / "notes.txt").read_text() else ""


def unpacks_without_bound(folder: Path) -> str:
    archive = bomb(folder)
    with zipfile.ZipFile(archive) as packed, packed.open("data.csv") as inside:
        size = sum(len(part) for part in iter(lambda: inside.read(MIB), b""))
    return (
        f"{archive.stat().st_size // 1024} KiB became {size // MIB} MiB" if size > 500 * archive.stat().st_size else ""
    )


UNPACKS = """
import zipfile

for name in ("data.zip", "../data.zip", f"{COURSE}/submitted/{ME}/{ASSIGNMENT}/data.zip"):
    try:
        zipfile.ZipFile(name).extractall()
        print("unpacked", name)
    except OSError as error:
        print(error)
"""

FILES = (
    NOTEBOOK.attack("hands in a named pipe", RIGHT, "a reader that waits for ever", Bite.STALL,
                    beside=notebook_is(os.mkfifo), control=never_read, caught="a named pipe"),
    NOTEBOOK.attack("hands in a link to a device", RIGHT, "a reader that reads for ever", Bite.STALL,
                    beside=notebook_is(lambda path: path.symlink_to("/dev/zero")), control=reads_on_and_on,
                    caught="symbolic link"),
    NOTEBOOK.attack("hands in a link to another's submission", {}, "another student's points", Bite.POINTS,
                    beside=notebook_is(to_another_submission), control=takes_anothers, caught="symbolic link"),
    NOTEBOOK.attack("hands in a folder of that name", RIGHT, "a run that stops", Bite.KILL,
                    beside=notebook_is(os.mkdir), control=lambda folder: _is_a_folder(folder), caught="a folder"),
    NOTEBOOK.hunt("leads by links beside its notebook to the gradebook and the disk", "the gradebook",
                  "for name in ('gradebook.txt', 'root/etc/passwd', 'pipe.txt', 'zero.txt'):\n"
                  "    for place in ('.', f'{COURSE}/submitted/{ME}/{ASSIGNMENT}'):\n"
                  "        try:\n            print(open(f'{place}/{name}', 'rb').read(100_000))\n"
                  "        except OSError as error:\n            print(error)",
                  beside=links_and_bombs, control=copies_through_links),
    NOTEBOOK.hunt("lays a bomb of zeros beside its notebook", "the disk", UNPACKS, Bite.FLOOD,
                  beside=lambda folder: bomb(folder) and None, control=unpacks_without_bound),
)  # fmt: skip


def _is_a_folder(folder: Path) -> str:
    (folder / "a.ipynb").mkdir()
    try:
        nbformat.read(folder / "a.ipynb", as_version=4)
    except OSError as error:
        return f"stops the reader: {type(error).__name__}"
    return ""


ATTACKS = (*JSON, *FILES)
