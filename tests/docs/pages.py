"""The Markdown files of the repository that people read, and what stands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PAGES = tuple(
    sorted(path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
)
"""Every page by its path from the root; `docs/_build` and the like never hold Markdown."""

SHELLS = ("sh", "bash", "shell", "console")

_FENCE = re.compile(r"^( *)(`{3,}|~{3,})(.*)$")
_HEREDOC = re.compile(r"<<-?\s*['\"]?(\w+)['\"]?")
_COMMENT = re.compile(r"(?:^|\s{2,})#\s.*$")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: what follows the fence's first backticks, and its lines; line: of the fence."""

    page: str
    line: int
    about: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Command:
    """What a reader types at one prompt; line: where it stands in its page."""

    page: str
    line: int
    text: str


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str) -> Iterator[Block]:
    """All fenced blocks, in order."""
    indent, fence, about, start, lines = "", "", "", 0, []
    for number, line in enumerate(text_of(page).splitlines(), start=1):
        found = _FENCE.match(line)
        if fence and found and found[2].startswith(fence) and not found[3].strip():
            yield Block(page, start, about, tuple(lines))
            fence = ""
        elif fence:
            lines.append(line.removeprefix(indent))
        elif found:
            indent, fence, about, start, lines = found[1], found[2], found[3].strip(), number, []
    assert not fence, f"{page}:{start} opens a block that nothing closes"


def prose(page: str) -> str:
    """The page without its fenced blocks; lines keep their numbers."""
    lines = text_of(page).splitlines()
    for block in blocks(page):
        lines[block.line - 1 : block.line + len(block.lines) + 1] = [""] * (len(block.lines) + 2)
    return "\n".join(lines)


def code_spans(page: str) -> list[str]:
    """What stands between backticks in the prose."""
    return [found[2] for found in re.finditer(r"(`+)(.+?)\1", prose(page).replace("\n", " "))]


def commands(page: str) -> Iterator[Command]:
    """Each command of the page's shell blocks; of a `console` block only what follows a `$`."""
    for block in blocks(page):
        if block.about.split(" ")[0] in SHELLS:
            yield from _of_block(block)


def _of_block(block: Block) -> Iterator[Command]:
    console = block.about.startswith("console")
    numbered = iter(enumerate(block.lines, start=block.line + 1))
    for number, line in numbered:
        if console and not line.startswith("$ "):
            continue
        text = line.removeprefix("$ ")
        while text.endswith("\\"):
            text = f"{text[:-1].rstrip()} {next(numbered)[1].strip()}"
        here = _HEREDOC.search(text)
        if here:
            ending = here[1]
            for _, more in numbered:
                text += f"\n{more}"
                if more.strip() == ending:
                    break
        else:
            text = _COMMENT.sub("", text).strip()
        if text:
            yield Command(block.page, number, text)


def anchors(page: str) -> set[str]:
    """The headings of a page as GitHub and the site name them; of equal ones the later get -1, -2."""
    taken: dict[str, int] = {}
    found = set()
    for heading in re.findall(r"^#{1,6} (.+?)\s*$", prose(page), re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        again = taken.get(slug, 0)
        taken[slug] = again + 1
        found.add(f"{slug}-{again}" if again else slug)
    return found
