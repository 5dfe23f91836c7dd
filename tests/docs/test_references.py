"""What the documentation points at is there: files, headings, options of commands, paths of the repository."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import typer

from docs.pages import PAGES, ROOT, anchors, blocks, code_spans, prose
from grader.cli import app

_LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
_GRADER = re.compile(r"(?<!from)(?<!import)(?:^|[\s(;&|])grader ((?:[a-z][\w-]*|--[\w-]+)\b[^|;&\n]*)")

PLACEHOLDERS = {"NAME": "04_softmax", "STUDENT": "ada", "EXERCISE": "softmax"}
"""What a path in the documentation writes for any assignment, student or exercise, and one that there is."""

_ROOTS = ("grader", "tests", "docs", "source", "assignments", "solutions", "benchmarks", "backend", ".ci")
_AT_ROOT = tuple(f"{root}/" for root in _ROOTS)

OTHERS_OPTIONS = {
    "dask": ["--nthreads", "--nworkers", "--memory-limit", "--resources", "--lifetime", "--local-directory"],
    "dask, closing": ["--no-dashboard", "--worker-port", "--nanny-port", "--lifetime-stagger"],
    "docker": ["--privileged", "--security-opt"],
    "pip, pipx": ["--no-deps", "--find-links", "--pip-args", "--include-deps"],
    "uv": ["--torch-backend", "--with-executables-from"],
    "systemd-run": ["--user", "--scope"],
}
"""Options of other people's programs that stand in the documentation without their program."""

NOT_OURS = {
    "test_visible.py": "in each folder of source/",
    "start_cluster.py": "an example's own file",
    "torch.py": "what a student might put beside a notebook, to be taken for the real one",
}
"""File names without a folder that may be written although no file of the repository is called so, and why."""


def links(page: str) -> list[str]:
    """Where links and pictures of a page lead; code between backticks holds none, but a link's words may be code."""
    return _LINK.findall(re.sub(r"`[^`\n]*`", "code", prose(page)))


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files_and_headings_that_are_there(page):
    assert [each for each in links(page) if not re.match(r"[a-z]+:", each) and not leads_somewhere(page, each)] == []


def leads_somewhere(page: str, link: str) -> bool:
    """Whether a relative link of a page leads to a file, and its anchor to a heading there."""
    path, _, anchor = link.partition("#")
    target = ((ROOT / page).parent / path).resolve() if path else ROOT / page
    return target.exists() and (not anchor or anchor in anchors(target.relative_to(ROOT).as_posix()))


def test_dead_links_are_noticed():
    assert leads_somewhere("docs/ta.md", "run.md#exit-codes")
    assert not leads_somewhere("docs/ta.md", "run.md#exit-code")
    assert not leads_somewhere("docs/ta.md", "runs.md")


@cache
def _commands() -> dict[str, Any]:
    """{words behind `grader`: the command}, groups by their own word as well."""

    def found(group: Any, words: str) -> Iterator[tuple[str, Any]]:
        for word, command in group.commands.items():
            name = f"{words} {word}".strip()
            yield name, command
            if hasattr(command, "commands"):
                yield from found(command, name)

    return dict(found(typer.main.get_command(app), ""))


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def mentions(page: str) -> Iterator[str]:
    """What follows the word `grader` in code of the page, as far as it is one command."""
    texts = [*code_spans(page), *(line for block in blocks(page) if block.about for line in block.lines)]
    for text in texts:
        for found in _GRADER.finditer(text):
            yield found[1].split("  #")[0].strip()


def unknown(mention: str) -> str:
    """The command or option of a mention that the program does not have; empty when it has all."""
    words = [word.strip("[]().,:…`'\"") for word in _words(mention)]
    if not words or words[0] == "--help":
        return ""
    pair = " ".join(words[:2])
    name = pair if pair in _commands() else words[0]
    if name not in _commands():
        return name
    options = {each for param in _commands()[name].params for each in (*param.opts, *param.secondary_opts)} | {"--help"}
    asked = (part for word in words for part in word.split("/") if part.startswith("--"))
    return next((each.split("=")[0] for each in asked if each.split("=")[0] not in options), "")


@pytest.mark.parametrize("page", PAGES)
def test_commands_and_options_that_are_mentioned_exist(page):
    assert [each for each in mentions(page) if unknown(each)] == []


def _every_option() -> set[str]:
    params = (param for command in _commands().values() for param in command.params)
    return {each for param in params for each in (*param.opts, *param.secondary_opts) if each.startswith("--")}


@pytest.mark.parametrize("page", PAGES)
def test_options_that_stand_alone_are_somebodys(page):
    others = {each for names in OTHERS_OPTIONS.values() for each in names}
    known = _every_option() | others | {"--help"}
    alone = [word for span in code_spans(page) if span.startswith("--") for word in span.split() if word[:2] == "--"]
    assert [each for each in alone if each.partition("=")[0] not in known] == []


def test_unknown_commands_and_options_are_noticed():
    assert unknown("autograde NAME [--jobs N]") == ""
    assert unknown("author check [NAME…]") == ""
    assert unknown("autograde NAME --jbos 3") == "--jbos"
    assert unknown("autgrade NAME") == "autgrade"


@cache
def _files() -> frozenset[str]:
    folders = (ROOT / name for name in _ROOTS)
    found = (path.relative_to(ROOT).as_posix() for folder in folders for path in folder.rglob("*"))
    return frozenset([*found, *(path.name for path in ROOT.iterdir())])


def _is_there(span: str) -> bool:
    """Whether a path stands in the repository: from its root, or as the end of a path, as in `reading/smells.py`."""
    path = span.rstrip("/")
    for word, one in PLACEHOLDERS.items():
        path = path.replace(word, one)
    if path in _files() or path in NOT_OURS:
        return True
    return not span.startswith(_AT_ROOT) and any(each.endswith(f"/{path}") for each in _files())


def _is_path(span: str) -> bool:
    """Whether code between backticks looks like a path of this repository."""
    if not re.fullmatch(r"[\w\-]*\w[\w.\-]*(?:/[\w.\-]+)*/?", span):
        return False
    if "/" in span:
        return span.startswith(_AT_ROOT) or span.endswith(".py")
    return span.endswith((".py", ".toml", ".jinja")) and not span[0].isdigit()


@pytest.mark.parametrize("page", PAGES)
def test_paths_that_are_mentioned_exist(page):
    assert [each for each in code_spans(page) if _is_path(each) and not _is_there(each)] == []


def test_paths_that_are_not_there_are_noticed():
    assert _is_there("grader/jail/wire.py")
    assert _is_there("reading/smells.py")
    assert not _is_there("grader/jail/wires.py")
    assert _is_path("grader/jail/wires.py")


def test_every_page_of_the_site_is_in_its_table_of_contents():
    """A page that no `toctree` names is one that no reader finds."""
    named: set[str] = set()
    for page in PAGES:
        folder = page.rpartition("/")[0]
        for block in blocks(page):
            if block.about == "{toctree}":
                named |= {f"{folder}/{line}.md" for line in block.lines if line and not line.startswith(":")}
    assert named == {page for page in PAGES if page.startswith("docs/")} - {"docs/index.md"}
