"""Every command with its arguments and options as Markdown, from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from grader.cli import app

MARK = "<!-- every command with its options stands here in the built site -->"


def markdown() -> str:
    """A section for each command, groups flattened: `grader author check`."""
    return "\n".join(_sections(typer.main.get_command(app), "grader"))


def _sections(group: Any, name: str) -> Iterator[str]:
    for word, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _sections(command, f"{name} {word}")
            continue
        yield f"## `{name} {word}`\n\n{_paragraphs(command.help)}\n"
        yield from _table(command.params)


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(each.split()) for each in text.split("\n\n"))


def _table(params: list[Any]) -> Iterator[str]:
    shown = [each for each in params if each.name != "help" and not getattr(each, "hidden", False)]
    if not shown:
        return
    yield "| argument or option | |\n| --- | --- |"
    yield from (f"| {_written(each)} | {_told(each)} |" for each in shown)
    yield ""


def _written(param: Any) -> str:
    """`[FILE]`, `NAME…`, `--jobs …`, `--force`."""
    if param.param_type_name == "argument":
        word = param.name.upper() + ("…" if param.nargs == -1 else "")
        return f"`{word}`" if param.required else f"`[{word}]`"
    return f"`{', '.join(param.opts)}{'' if param.is_flag else ' …'}`"


def _told(param: Any) -> str:
    words = " ".join((param.help or "").split()).replace("|", "\\|")
    has_default = not getattr(param, "is_flag", False) and param.default not in (None, "")
    return f"{words}; `{param.default}` by default" if has_default else words


def _put_in(sphinx: Any, page: str, text: list[str]) -> None:
    text[0] = text[0].replace(MARK, markdown()) if page == "commands" else text[0]


def setup(sphinx: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    sphinx.connect("source-read", _put_in)
    return {"parallel_read_safe": True}
