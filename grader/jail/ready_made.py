"""What counts as a ready-made function: names, operators and modules of families, looked up quickly.

A rule speaks of functions of the libraries below; a function of the author's own may bear any name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from grader.course import Family

LIBRARIES = frozenset({"torch", "numpy", "scipy", "sklearn", "torchvision", "torchmetrics", "cv2", "math", "_operator"})
"""Top-level packages whose functions the families speak of."""

MATMUL = "@"
"""How a use of Python's operator for products of matrices is called."""

_OPERATORS = "pybind11_builtins"
"""Where the functions come from, without a module of their own, that `torch._C._jit_get_operation` returns."""

_SHORT = {"torch.nn.functional": "F", "torch._C._nn": "F", "torch._C": "torch"}


class _Modules(dict[object, bool]):
    """Module name → whether it lies in one of the forbidden modules; fills itself."""

    def __init__(self, forbidden: tuple[str, ...]) -> None:
        super().__init__()
        self._forbidden = forbidden

    def __missing__(self, module: object) -> bool:
        name = module if isinstance(module, str) else ""
        self[module] = within(name, self._forbidden)
        return self[module]


@dataclass(frozen=True)
class Rules:
    """The families of one exercise together."""

    names: frozenset[str]
    aten: frozenset[str]
    modules: tuple[str, ...]
    in_modules: dict[object, bool]
    built: frozenset[str]

    @property
    def speaks_of_torch(self) -> bool:
        """Whether torch's functions and operators must be watched, or only modules of Python."""
        return bool(self.names or self.aten)

    @property
    def speaks_of_matmul(self) -> bool:
        """Whether Python's operator `@` is forbidden."""
        return "matmul" in self.names

    def operator(self, func: Any) -> str:
        """`aten._softmax` for a forbidden torch operator (an overload, as dispatched), else nothing."""
        schema = getattr(func, "_schema", None)
        space, _, name = getattr(schema, "name", "").partition("::")
        return f"{space}.{name}" if name in self.aten else ""

    def function(self, function: Any) -> str:
        """`torch.softmax`, `Tensor.softmax`, … for a callable that bears a forbidden name, else nothing."""
        name = getattr(function, "__name__", "")
        module = getattr(function, "__module__", None)
        if self.in_modules[module]:
            return readable(str(module), name)
        if name not in self.names and name not in self.aten:
            return ""
        if not isinstance(module, str):
            owner = getattr(function, "__objclass__", None) or type(getattr(function, "__self__", None))
            if owner.__module__ == _OPERATORS:
                return f"aten.{name}"
            if any(each.__name__ == "TensorBase" for each in owner.__mro__):
                return f"Tensor.{name}" if name in self.names else ""
            module = owner.__module__
        return readable(module, name) if package(module) in LIBRARIES and name in self.names else ""

    def code(self, module: str, qualname: str) -> str:
        """`scipy.special.softmax` for a Python function of a library that is forbidden, else nothing."""
        if package(module) not in LIBRARIES:
            return ""
        if self.in_modules[module]:
            family = next(each for each in self.modules if within(module, (each,)))
            return readable(family, qualname.partition(".")[0].removesuffix("_gen"))
        owner, _, name = qualname.rpartition(".")
        if name in self.names and not owner.endswith("<locals>"):  # `inner` is what wrappers call their function
            return readable(module, name)
        owner = owner.rpartition(".")[2]
        ready_made = (name == "forward" and owner in self.names) or (name == "__init__" and owner in self.built)
        return readable(module, owner) if ready_made else ""

    def path(self, dotted: str) -> str:
        """The readable name of what a dotted path such as `torch.nn.functional.softmax` leads to, or nothing."""
        root, *parts = dotted.split(".")
        if root not in LIBRARIES:
            return ""
        for position, part in enumerate(parts, start=1):
            if part in self.names or (dotted.startswith("torch.ops.") and part in self.aten):
                return readable(".".join([root, *parts[: position - 1]]), part)
        if within(dotted, self.modules):
            return dotted
        return ""


def rules_of(families: Iterable[Family]) -> Rules:
    """The rules of these families, made once for each set of them."""
    return _rules_of(tuple(families))


@cache
def _rules_of(families: tuple[Family, ...]) -> Rules:
    modules = tuple(module for family in families for module in family.modules)
    return Rules(
        frozenset[str]().union(*(family.names for family in families)),
        frozenset[str]().union(*(family.aten for family in families)),
        modules,
        _Modules(modules),
        frozenset[str]().union(*(family.built for family in families)),
    )


def package(module: str) -> str:
    """`torch` for `torch.nn.functional`."""
    return module.partition(".")[0]


def within(name: str, modules: Iterable[str]) -> bool:
    """Whether a dotted name is one of the modules or lies in one."""
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def readable(module: str, name: str) -> str:
    """A function's name as people write it: without private modules, and `F` for torch.nn.functional."""
    if module.startswith("torch.nn.modules."):
        return f"nn.{name}"
    if module.startswith(("numpy._core.", "numpy.lib.")):
        return f"numpy.{name}"
    if module == "_operator":
        return f"operator.{name}"
    if module in _SHORT:
        return f"{_SHORT[module]}.{name}"
    if module.startswith(("torch._ops.", "torch.ops.")):
        return f"{module.split('.')[2]}.{name}"
    if module.startswith("torch._C._"):
        space = module.removeprefix("torch._C._")
        return f"torch.{space}.{name.removeprefix(f'{space}_').removeprefix('_sparse_')}"
    public = [part for part in module.split(".") if not part.startswith("_")]
    return ".".join([*public, name])
