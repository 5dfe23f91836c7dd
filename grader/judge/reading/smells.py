"""Signs in an answer's code that what it calls may go unseen: each is a sentence for a human, and decides nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.jail.ready_made import within
from grader.judge.reading.listing import END, Listing, imported_inside
from grader.judge.reading.reach import Reached

MODULES = {
    "torch._C": "reaches past torch's public functions",
    "torch.ops": "calls torch's operators directly",
    "torch.utils._python_dispatch": "handles torch's own watching of calls",
    "torch.overrides": "handles torch's own watching of calls",
    "torch.library": "handles torch's operators",
    "sys.setprofile": "can switch off the watching of calls",
    "sys.settrace": "can switch off the watching of calls",
    "sys.getprofile": "looks at the watching of calls",
    "sys.monitoring": "can switch off the watching of calls",
    "sys._getframe": "looks at the frames of its caller",
    "sys._current_frames": "looks at the frames of other code",
    "sys.modules": "reaches modules without importing them",
    "inspect.currentframe": "looks at the frames of its caller",
    "inspect.stack": "looks at the frames of its caller",
    "threading": "starts threads",
    "_thread": "starts threads",
    "concurrent.futures": "starts threads or processes",
    "multiprocessing": "starts processes",
    "torch.multiprocessing": "starts processes",
    "joblib": "starts processes",
    "subprocess": "starts processes",
    "pty": "starts processes",
    "os.fork": "starts processes",
    "os.forkpty": "starts processes",
    "os.system": "starts processes",
    "os.popen": "starts processes",
    "os.posix_spawn": "starts processes",
    "os.execv": "starts processes",
    "cProfile": "ends the watching of calls",
    "profile": "ends the watching of calls",
    "bdb": "ends the watching of calls",
    "greenlet": "runs code beside the watching of calls",
    "ctypes": "calls machine code",
    "cffi": "calls machine code",
    "scipy.linalg.blas": "calls machine code",
    "gc.get_objects": "searches the objects of other code",
    "gc.get_referrers": "searches the objects of other code",
    "gc.get_referents": "searches the objects of other code",
    "runpy": "runs code that was not read",
    "operator.methodcaller": "calls methods by computed names",
    "marshal": "builds code from data",
    "torch.jit.CompilationUnit": "builds code from text",
    "importlib": "imports by computed names",
}
NAMES = {
    "exec": "runs code from text",
    "eval": "runs code from text",
    "compile": "builds code from text",
    "__import__": "imports by computed names",
    "DisableTorchFunction": "switches off the watching of calls",
    "DisableTorchFunctionSubclass": "switches off the watching of calls",
    "_disable_current_modes": "switches off the watching of calls",
}
SWITCHES = frozenset(
    {
        "torch._C",
        "torch.ops",
        "torch.utils._python_dispatch",
        "torch.overrides",
        "sys.setprofile",
        "sys.settrace",
        "sys.monitoring",
        "threading",
        "_thread",
        "concurrent.futures",
        "multiprocessing",
        "torch.multiprocessing",
        "joblib",
        "subprocess",
        "pty",
        "os.fork",
        "os.forkpty",
        "os.system",
        "os.popen",
        "os.posix_spawn",
        "os.execv",
        "cProfile",
        "profile",
        "bdb",
        "greenlet",
        "num_workers",
        "scipy.linalg.blas",
        "DisableTorchFunction",
        "DisableTorchFunctionSubclass",
        "_disable_current_modes",
    }
)
"""Those that switch the watching of calls off, or let code run where nothing watches."""
_INNOCENT = frozenset({"multiprocessing.cpu_count", "torch.multiprocessing.cpu_count"})
_BUILTIN = frozenset({"exec", "eval", "compile", "__import__"})


def smells(code: Listing, reached: Reached, exercise: str) -> Iterator[tuple[str, str]]:
    """The names that smell, each with a sentence that says where it stands and what it can do."""
    statement = code.statements[reached.position]
    for part in statement.parts:
        local = imported_inside(part)
        innocent = _innocent_parts(code, part, local)
        for node in ast.walk(part):
            name, what = ("", "") if id(node) in innocent else _smell(code, node, local)
            if name:
                line = getattr(node, "lineno", 0)
                yield name, f"`{exercise}`: line {line} of cell `{statement.cell}` uses `{name}`, which {what}."


def _smell(code: Listing, node: ast.AST, local: dict[str, str]) -> tuple[str, str]:
    if isinstance(node, ast.Attribute) and node.attr in NAMES and node.attr not in _BUILTIN:
        return node.attr, NAMES[node.attr]
    if not isinstance(node, ast.Name | ast.Attribute | ast.Call):
        return "", ""
    if isinstance(node, ast.Call) and any(_is_set(each) for each in node.keywords if each.arg == "num_workers"):
        return "num_workers", "starts processes"
    if isinstance(node, ast.Name) and node.id in _BUILTIN and not code.bound_by(node.id):
        return node.id, NAMES[node.id]
    return _known(_dotted(code, node, local))


def _innocent_parts(code: Listing, part: ast.AST, local: dict[str, str]) -> set[int]:
    """The nodes of `multiprocessing.cpu_count`, of which the first alone would smell."""
    found: set[int] = set()
    for node in ast.walk(part):
        if isinstance(node, ast.Attribute) and node.attr == "cpu_count" and _dotted(code, node, local) in _INNOCENT:
            found.update(map(id, ast.walk(node)))
    return found


def _is_set(keyword: ast.keyword) -> bool:
    return not (isinstance(keyword.value, ast.Constant) and not keyword.value.value)


def _known(dotted: str) -> tuple[str, str]:
    for module, what in MODULES.items():
        if within(dotted, (module,)):
            return module, what
    last = dotted.rpartition(".")[2]
    return (last, NAMES[last]) if last in NAMES and last not in _BUILTIN else ("", "")


def _dotted(code: Listing, node: ast.AST, local: dict[str, str]) -> str:
    parts: list[str] = []
    start = node
    while isinstance(start, ast.Attribute):
        parts.append(start.attr)
        start = start.value
    if isinstance(start, ast.Name) and start.id in local:
        return ".".join([local[start.id], *reversed(parts)])
    return code.dotted(node, END)
