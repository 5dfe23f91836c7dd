"""Signs, anywhere in a notebook, that it changes or searches what is not its own: libraries, this kit, frames.

The watching of calls lives in the author's process, so a cell that reaches into that process can undo it. Each
sign is a sentence for a human. Where there is one, an answer's code is also read as it stands.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.jail.ready_made import within
from grader.jail.view import is_installed
from grader.judge.reading.cellcode import root
from grader.judge.reading.listing import END, Listing, assigned, imported, imported_inside, root_of
from grader.judge.reading.smells import MODULES, NAMES

PUBLIC = frozenset({"grader.check", "grader.hint", "grader.data", "grader.pictures"})
"""What notebooks use of this kit."""

_REACHES = {
    **{
        name: MODULES[name]
        for name in (
            *("gc.get_objects", "gc.get_referrers", "gc.get_referents", "sys._getframe", "sys._current_frames"),
            *("inspect.currentframe", "inspect.stack", "sys.modules", "sys.setprofile", "sys.settrace"),
            *("sys.monitoring", "ctypes", "runpy", "importlib", "cProfile", "greenlet"),
        )
    },
    "unittest.mock": "puts other objects in the place of a library's",
    "IPython.core.magic": "defines magics, which run code that was not read",
    "socket": "opens channels of its own",
    **dict.fromkeys(("os.read", "os.write", "os.fdopen", "os.dup2"), "handles descriptors that it did not open"),
}
_ATTRIBUTES = {
    **dict.fromkeys(("f_back", "f_locals", "f_globals", "tb_frame", "gi_frame", "cr_frame"), "looks at frames"),
    **dict.fromkeys(("__globals__", "__code__", "__closure__", "__builtins__"), "takes functions apart"),
    "__subclasses__": "searches the classes of other code",
}
_TEXTS = {
    **{name: NAMES[name] for name in ("exec", "eval", "compile")},
    "get_ipython": "runs code that was not read",
}
_SETTERS = ("setattr", "delattr")
_WATCHED = frozenset(
    {"torch", "numpy", "scipy", "sklearn", "matplotlib", "IPython", "grader", "builtins", "sys", "os"}
    | {"gc", "signal", "threading", "_thread", "inspect", "operator", "math", "functools", "types", "importlib"}
    | {"linecache", "weakref", "copy"}
)
"""Libraries on which the watching of calls, or what travels to the judge, stands."""

_SETTINGS = ("torch.backends.", "sys.stdout", "sys.stderr", "sys.displayhook", "matplotlib.")
_SHOWN = ("__repr__", "__str__", "_repr_html_")
"""What is meant to be assigned, or only changes how things are shown."""

_MOST_ALIASES = 10


def tampering(code: Listing) -> tuple[str, ...]:
    """A sentence for the first sign of each kind in each cell, in order of the notebook."""
    first: dict[tuple[str, str], str] = {}
    for statement in code.statements:
        for part in statement.parts:
            local = imported_inside(part)
            for node in ast.walk(part):
                for what in _signs(code, node, local):
                    line = getattr(node, "lineno", 0)
                    first.setdefault((statement.cell, what), f"Line {line} of cell `{statement.cell}` {what}.")
    return tuple(first.values())


def _signs(code: Listing, node: ast.AST, local: dict[str, str]) -> Iterator[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        for dotted in [*imported(node).values(), *_modules(node)]:
            yield from _of_path(dotted)
        yield from (
            f"imports `{each}`, which is no installed library: its code was not read"
            for each in _roots(node)
            if not is_installed(each)
        )
    elif isinstance(node, ast.Name):
        if node.id in _TEXTS and isinstance(node.ctx, ast.Load) and not code.bound_by(node.id):
            yield f"uses `{node.id}`, which {_TEXTS[node.id]}"
    elif isinstance(node, ast.Attribute):
        if node.attr in _ATTRIBUTES:
            yield f"uses `{node.attr}`, which {_ATTRIBUTES[node.attr]}"
        yield from _of_path(_module_path(code, node, local))
    elif isinstance(node, ast.Assign | ast.AugAssign | ast.Delete):
        yield from (sign for target in _changed(node) for sign in _of_target(code, target, local))
    elif isinstance(node, ast.Call):
        function = node.func.id if isinstance(node.func, ast.Name) else ""
        if function in _SETTERS and node.args:
            yield from _patch(_module_path(code, node.args[0], local), "")
        yield from _of_path(code.dotted(node, END))


def _roots(node: ast.Import | ast.ImportFrom) -> list[str]:
    names = [each.name for each in node.names] if isinstance(node, ast.Import) else [node.module or ""]
    return [root_of(name) for name in names if root_of(name)]


def _modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    """The modules that are loaded, whatever names they are given."""
    return [each.name for each in node.names] if isinstance(node, ast.Import) else []


def _of_path(dotted: str) -> Iterator[str]:
    if dotted.startswith("grader.") and not within(dotted, PUBLIC):
        yield "uses parts of the kit that grades it"
    for known, what in _REACHES.items():
        if within(dotted, (known,)):
            yield f"uses `{known}`, which {what}"


def _changed(node: ast.Assign | ast.AugAssign | ast.Delete) -> Iterator[ast.expr]:
    """The targets that get what is no plain constant: a setting is no patch."""
    if isinstance(node, ast.Assign):
        yield from (target for target, value in assigned(node) if not isinstance(value, ast.Constant))
    elif isinstance(node, ast.Delete):
        yield from node.targets
    else:
        yield node.target


def _of_target(code: Listing, target: ast.expr, local: dict[str, str]) -> Iterator[str]:
    if isinstance(target, ast.Attribute):
        yield from _patch(_module_path(code, target.value, local), target.attr)
    elif isinstance(target, ast.Subscript):
        path = _module_path(code, target.value, local)
        if path.endswith(".__dict__"):
            yield from _patch(path.removesuffix(".__dict__"), "")


def _patch(module: str, name: str) -> Iterator[str]:
    """The sign when something of an imported module, or of a class in it, is replaced."""
    if root_of(module) not in _WATCHED or name in _SHOWN or f"{module}.{name}".startswith(_SETTINGS):
        return
    yield f"changes `{module}`"


def _module_path(code: Listing, node: ast.AST, local: dict[str, str]) -> str:
    """`torch.Tensor` for an expression that stands for it itself, not for an instance; else nothing."""
    parts: list[str] = []
    for _ in range(_MOST_ALIASES):
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "vars" and node.args:
            parts.append("__dict__")
            node = node.args[0]
            continue
        if not isinstance(node, ast.Name):
            return ""
        start = local.get(node.id) or _imported_as(code, node.id)
        if start:
            return ".".join([start, *reversed(parts)])
        alias = _alias(code, node.id)
        if alias is None:
            return ""
        node = alias
    return ""


def _imported_as(code: Listing, name: str) -> str:
    makers = (code.statements[at].node for at in code.bound_by(name))
    paths = (imported(node).get(name, "") for node in makers if isinstance(node, ast.Import | ast.ImportFrom))
    return next(filter(None, paths), "")


def _alias(code: Listing, name: str) -> ast.AST | None:
    """What a name was last assigned, when that is another name or a part of one."""
    for at in code.bound_by(name):
        for target, value in assigned(code.statements[at].node):
            if root(target) == name and isinstance(target, ast.Name) and isinstance(value, ast.Name | ast.Attribute):
                return value
    return None
