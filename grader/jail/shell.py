"""Running cells as IPython does, with everything that a cell shows captured as notebook outputs."""

from __future__ import annotations

import ast
import io
import linecache
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from grader.jail.answers import CELL_PREFIX, authors_line, is_cell, message_of

MAX_OUTPUTS = 200
MAX_FRAMES = 20

_TEXT, _PICTURES = ["text/plain"], ["image/png", "image/jpeg"]
"""What is kept of outputs, and so all that is made of them."""


class Collector:
    """The outputs of the cell that runs now; text beyond `limit` characters in all is cut with a note."""

    def __init__(self) -> None:
        self.outputs: list[dict[str, Any]] = []
        self.left = 0
        self.quiet: object = None

    def start(self, limit: int) -> None:
        self.outputs, self.left = [], limit

    def stream(self, name: str, text: str) -> None:
        if self.left <= 0 or not text:
            return
        if len(text) > self.left:
            text = text[: self.left] + "\n[output cut: the limit was reached]\n"
        self.left -= len(text)
        last = self.outputs[-1] if self.outputs else {}
        if last.get("output_type") == "stream" and last.get("name") == name:
            last["parts"].append(text)
        else:
            self.outputs.append({"output_type": "stream", "name": name, "parts": [text]})

    def rich(self, output: dict[str, Any]) -> None:
        size = sum(len(value) for value in output.get("data", {}).values() if isinstance(value, str))
        if len(self.outputs) < MAX_OUTPUTS and size <= self.left:
            self.left -= size
            self.outputs.append(output)

    def finished(self) -> list[dict[str, Any]]:
        for output in self.outputs:
            if "parts" in output:
                output["text"] = "".join(output.pop("parts"))
        return self.outputs[:MAX_OUTPUTS]


class _Stream(io.TextIOBase):
    def __init__(self, name: str, collector: Collector) -> None:
        self._name, self._collector = name, collector

    def write(self, text: str) -> int:
        self._collector.stream(self._name, str(text))
        return len(text)

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False


class _Publisher(DisplayPublisher):
    collector: Collector

    def publish(self, data: dict[str, Any], metadata: Any = None, **_: Any) -> None:
        self.collector.rich({"output_type": "display_data", "data": _text_only(data), "metadata": {}})

    def clear_output(self, wait: bool = False) -> None:
        self.collector.outputs.clear()


class _Hook(DisplayHook):
    collector: Collector

    def quiet(self) -> bool:
        return bool(super().quiet())

    def __call__(self, result: Any = None) -> None:
        if result is None or result is self.collector.quiet or self.quiet():
            return
        data, _ = self.compute_format_data(result)
        self.update_user_ns(result)
        count = self.shell.execution_count
        output = {"output_type": "execute_result", "data": _text_only(data), "metadata": {}}
        self.collector.rich({**output, "execution_count": count})


def _text_only(data: dict[str, Any]) -> dict[str, str]:
    return {str(kind): value for kind, value in data.items() if isinstance(value, str)}


class _Compiler(CachingCompiler):
    """Names each cell's code after the cell, so that every frame tells which cell and line it belongs to.

    Code that a magic of the cell runs (`%%capture`, `%%time`, `%time`) is the cell's, too.
    """

    cell_file = "cell"

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        return self.cell_file

    def ast_parse(self, source: str, *args: Any, **kwargs: Any) -> ast.AST:
        tree: ast.AST = super().ast_parse(source, *args, **kwargs)
        return ast.increment_lineno(tree, _lines_above(sys._getframe(1)))

    def __call__(self, source: Any, filename: str, *args: Any, **kwargs: Any) -> Any:
        return super().__call__(source, self.cell_file if filename in _TIMED else filename, *args, **kwargs)


_TIMED = ("<timed exec>", "<timed eval>")
"""How IPython's magics call the code that they time."""


def _lines_above(frame: FrameType | None) -> int:
    """How many lines of its cell stand above code that is parsed now; 0 for a cell that no other is running."""
    body_of_magic = 0
    while frame is not None and not is_cell(frame.f_code.co_filename):
        body_of_magic = 1 if frame.f_code.co_name == "run_cell_magic" else body_of_magic
        frame = frame.f_back
    return frame.f_lineno - 1 + body_of_magic if frame is not None else 0


class CellShell(InteractiveShell):
    """An IPython shell without terminal, history and files."""

    collector: Collector

    def enable_gui(self, gui: Any = None) -> None:
        """Nothing to integrate: magics such as `%matplotlib inline` ask for it."""

    def system(self, cmd: str) -> None:
        """`!command`: its output is captured; there is no terminal in the jail."""
        done = subprocess.run(self.var_expand(cmd, depth=1), shell=True, capture_output=True, text=True, check=False)
        self.collector.stream("stdout", done.stdout)
        self.collector.stream("stderr", done.stderr)
        self.user_ns["_exit_code"] = done.returncode

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        lines = [line for part in stb for line in str(part).splitlines()]
        message = message_of(evalue)
        output = {"output_type": "error", "ename": getattr(etype, "__name__", "Error"), "evalue": message}
        self.collector.outputs.append({**output, "traceback": lines[-200:]})

    def showtraceback(self, exc_tuple: Any = None, *_: Any, **__: Any) -> None:
        """The author's own frames only; far cheaper than IPython's view of all frames."""
        kind, error, trace = exc_tuple or sys.exc_info()
        frames = [f for f in traceback.extract_tb(trace) if is_cell(f.filename)][-MAX_FRAMES:]
        lines = ["Traceback (most recent call last):", *traceback.format_list(frames)]
        self._showtraceback(kind, error, [*lines, f"{getattr(kind, '__name__', 'Error')}: {message_of(error)}"])

    def showsyntaxerror(self, filename: Any = None, running_compiled_code: bool = False) -> None:
        kind, error, _ = sys.exc_info()
        self._showtraceback(kind, error, traceback.format_exception_only(kind, error))


def make_shell() -> CellShell:
    """The one shell of this process, quiet and without any file of the user's."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.autocall = 0
    config.InteractiveShell.display_page = True
    config.Completer.use_jedi = False
    config.InlineBackend.close_figures = True
    collector = Collector()
    CellShell.collector = _Publisher.collector = _Hook.collector = collector
    shell: CellShell = CellShell.instance(
        config=config, display_pub_class=_Publisher, displayhook_class=_Hook, compiler_class=_Compiler
    )
    _use_inline_figures(shell)
    return shell


def _use_inline_figures(shell: CellShell) -> None:
    from matplotlib_inline.backend_inline import configure_inline_support, flush_figures

    configure_inline_support(shell, "inline")
    if flush_figures not in shell.events.callbacks["post_execute"]:
        shell.events.register("post_execute", flush_figures)


@contextmanager
def _captured(collector: Collector) -> Iterator[None]:
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _Stream("stdout", collector), _Stream("stderr", collector)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def run_cell(shell: CellShell, name: str, source: str, limit: int, *, drawn: bool = True) -> dict[str, Any]:
    """Runs one cell as IPython does. Returns ok, outputs, and the author's line of an exception.

    drawn: whether pictures are made of its figures; else each is one line of text.
    """
    collector = shell.collector
    collector.start(limit)
    shell.display_formatter.active_types = [*_TEXT, *(_PICTURES if drawn else ())]
    _Compiler.cell_file = CELL_PREFIX + name
    with _captured(collector):
        result = shell.run_cell(source, store_history=True, silent=False)
        sys.stdout.flush()
    linecache.checkcache(CELL_PREFIX + name)
    error = result.error_before_exec or result.error_in_exec
    where = authors_line(getattr(error, "__traceback__", None), is_cell)
    return {"ok": bool(result.success), "outputs": collector.finished(), "line": where["line"]}
