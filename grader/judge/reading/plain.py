"""Notebooks so plain that their calls need not be watched: reading alone proves that none of them is forbidden.

Watching a call costs several times what the call itself does. Most notebooks hold nothing but the lesson's own cells,
as they were released, and answers made of arithmetic, of a few functions of torch, and of classes built from these.
Whatever is not in the vocabulary (a decorator, an import of more, a call of what a name merely holds) proves nothing:
then the whole notebook is watched.

Classes prove as much in a closed world. What an author can store is a number, a tensor, one of the listed functions,
or the author's own: the allowed expressions give nothing else, no module and no object of the lesson's. So an attribute
that is neither listed nor one of anything ready-made can only be what the author stored or defined under that name.
"""

from __future__ import annotations

import ast
import re
import symtable
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from grader.course import Family
from grader.jail.ready_made import Rules, rules_of
from grader.judge.reading import vocabulary as words

MOST_NODES = 20_000
_OF_THE_SHELL = re.compile(r"__|_i*\d*$|_[iod]h$|_exit_code$")
_IMPORT = (ast.Import, ast.ImportFrom)


def is_plain(cells: tuple[tuple[str, str], ...], lesson: Collection[str], families: tuple[Family, ...]) -> bool:
    """Whether a notebook's cells (name, source) can call nothing of these families.

    lesson: sources that are as they were released, which nobody need read.
    """
    own = tuple(source for _, source in cells if source not in lesson)
    given = tuple(source for _, source in cells if source in lesson)
    return _are_plain(own, given, families)


@lru_cache(maxsize=16)
def _are_plain(sources: tuple[str, ...], lesson: tuple[str, ...], families: tuple[Family, ...]) -> bool:
    try:
        trees = [ast.parse(source) for source in sources]
        nodes = [node for tree in trees for node in ast.walk(tree)]
        if len(nodes) > MOST_NODES:
            return False
        own = _Own(trees, nodes)
        if not own.keep_their_names:
            return False
        if own.makes_objects and not (_given_no_objects(families) and own.is_closed(sources, lesson)):
            return False
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return all(map(_Reader(own, nodes, rules_of(families)).allows, nodes))


def _given_no_objects(families: Iterable[Family]) -> bool:
    return all(family.name in words.OBJECTLESS for family in families)


class _Own:
    """What a notebook's author defines: functions and classes by name, names that are bound, attributes of objects."""

    def __init__(self, trees: list[ast.Module], nodes: list[ast.AST]) -> None:
        classes = [node for node in nodes if isinstance(node, ast.ClassDef)]
        self.classes = {node.name for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)}
        self.called = self.classes | {
            node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)
        }
        self._bound = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
        self._bound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
        for name, thing in _other_names(trees, nodes):
            if thing in self.called and name not in self.called:
                self.called.add(name)
                self._bound.discard(name)
        self.attributes = {
            *(node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)),
            *(name for each in classes for name in _defined_in(each)),
        } - words.SETTABLE
        self.makes_objects = bool(self.attributes or classes)
        imports = {id(node) for tree in trees for node in tree.body if isinstance(node, _IMPORT)}
        # one in a class' body would make a module an attribute
        self._imports_inside = any(isinstance(node, _IMPORT) and id(node) not in imports for node in nodes)

    @property
    def keep_their_names(self) -> bool:
        """Whether a name that is called, or stands before a dot as a module, means what it says."""
        return not (self._bound & (self.called | words.CONSTANTS) or self.called & words.CONSTANTS)

    def is_closed(self, sources: Iterable[str], lesson: Iterable[str]) -> bool:
        """Whether attributes are the author's alone, and no module or object of the lesson's can get into them."""
        if self._imports_inside or any(each.startswith("__") for each in self.attributes - words.SPECIAL_METHODS):
            return False
        strange = self.attributes & words.of_ready_made() - words.METHODS - words.VALUES - words.SPECIAL_METHODS
        if strange - words.HOOKS:
            return False
        defined, read = _global_names(sources)
        return read <= (defined - _names_of_lesson(tuple(lesson))) | words.CONSTANTS


def _other_names(trees: Iterable[ast.Module], nodes: Iterable[ast.AST]) -> Iterator[tuple[str, str]]:
    """(name, thing) of each `softmax = my_softmax` that is all that ever binds the name."""
    stored = [node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)]
    given = {node.arg for node in nodes if isinstance(node, ast.arg)}
    for node in (each for tree in trees for each in tree.body if isinstance(each, ast.Assign)):
        target, value = node.targets[0], node.value
        if len(node.targets) > 1 or not isinstance(target, ast.Name) or not isinstance(value, ast.Name):
            continue
        if stored.count(target.id) == 1 and target.id not in given:
            yield target.id, value.id


def _defined_in(node: ast.ClassDef) -> Iterator[str]:
    for each in node.body:
        if isinstance(each, ast.FunctionDef | ast.ClassDef):
            yield each.name
        elif isinstance(each, ast.Assign):
            yield from (part.id for target in each.targets for part in ast.walk(target) if isinstance(part, ast.Name))


def _global_names(sources: Iterable[str]) -> tuple[set[str], set[str]]:
    """The global names that these cells bind, and those that they read."""
    bound, read = set[str](), set[str]()
    for source in sources:
        top = symtable.symtable(source, "cell", "exec")
        bound |= {each.get_name() for each in top.get_symbols() if each.is_assigned() or each.is_imported()}
        for table in _tables(top):
            outside = (each for each in table.get_symbols() if each.is_referenced() and _is_global(each, table))
            read |= {each.get_name() for each in outside}
    return bound, read


def _is_global(symbol: symtable.Symbol, table: symtable.SymbolTable) -> bool:
    # a class' body looks a name up outside when it is not bound yet
    return table.get_type() != "function" or symbol.is_global()


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)


@lru_cache(maxsize=16)
def _names_of_lesson(lesson: tuple[str, ...]) -> set[str]:
    return _global_names(lesson)[0]


class _Reader:
    """Asks one node after another, knowing what the author defines and what must not be called."""

    def __init__(self, own: _Own, nodes: list[ast.AST], rules: Rules) -> None:
        self._own = own
        forbidden = rules.names
        self._called = own.called | (words.BUILTINS - forbidden) | words.ERRORS
        self._attributes = (words.METHODS | words.VALUES) - forbidden
        # without any, torch need not be asked what it has
        theirs = frozenset(own.attributes - words.of_ready_made() if own.makes_objects else ())
        self._attributes |= theirs
        self._settable = theirs | words.SETTABLE
        self._of = {
            "torch": (words.FUNCTIONS | words.VALUES | words.SWITCHES) - forbidden,
            "math": words.OF_MATH - forbidden,
            "nn": words.OF_NN - forbidden,
        }
        self._multiplies = not rules.speaks_of_matmul
        self._before_dots = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
        self._starts = {id(node.func) for node in nodes if isinstance(node, ast.Call) and _is_start(node.func)}

    def allows(self, node: ast.AST) -> bool:
        """Whether a node by itself calls nothing but what is listed; its parts are asked by themselves."""
        if isinstance(node, ast.Call):
            return self._allows_call(node)
        if isinstance(node, ast.Attribute):
            return self._allows_attribute(node)
        if isinstance(node, ast.FunctionDef):
            return not node.decorator_list and (not self._is_private(node.name) or node.name in words.SPECIAL_METHODS)
        if isinstance(node, ast.ClassDef):
            return self._allows_class(node)
        if isinstance(node, ast.arguments):
            return node.kwarg is None
        if isinstance(node, ast.arg):
            return not self._is_private(node.arg)
        if isinstance(node, ast.keyword):
            return node.arg in words.KEYWORDS
        if isinstance(node, ast.Name):
            return not self._is_private(node.id) and (node.id not in words.MODULES or id(node) in self._before_dots)
        if isinstance(node, _IMPORT):
            return ast.unparse(node) in words.IMPORTS
        return isinstance(node, words.HARMLESS) or (isinstance(node, ast.MatMult) and self._multiplies)

    def _allows_call(self, node: ast.Call) -> bool:
        if isinstance(node.func, ast.Name):
            return node.func.id in self._called
        return isinstance(node.func, ast.Attribute)  # which is asked itself

    def _allows_class(self, node: ast.ClassDef) -> bool:
        return not (self._is_private(node.name) or node.decorator_list or node.keywords) and all(
            map(self._is_base, node.bases)
        )

    def _allows_attribute(self, node: ast.Attribute) -> bool:
        module = _module(node.value)
        if isinstance(node.ctx, ast.Store):
            return not module and node.attr in self._settable
        if module:
            return node.attr in self._of.get(module, ()) or (_module(node) == "nn" and id(node) in self._before_dots)
        return node.attr in self._attributes or id(node) in self._starts

    def _is_base(self, base: ast.expr) -> bool:
        if isinstance(base, ast.Name):
            return base.id in self._own.classes or base.id == "object"
        return isinstance(base, ast.Attribute) and _module(base.value) == "nn" and base.attr == "Module"

    def _is_private(self, name: str) -> bool:
        """Whether a name may be one that the shell or Python gives a value to."""
        if not name.startswith("_") or name == "_":
            return False
        return name not in self._own.called or _OF_THE_SHELL.match(name) is not None


def _module(node: ast.expr) -> str:
    """`nn` for `nn` and `torch.nn`; empty for what is no module."""
    if isinstance(node, ast.Name):
        return node.id if node.id in words.MODULES else ""
    inner = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "torch"
    return "nn" if inner and isinstance(node, ast.Attribute) and node.attr == "nn" else ""


def _is_start(function: ast.expr) -> bool:
    """`super().__init__` or `nn.Module.__init__`."""
    if not isinstance(function, ast.Attribute) or function.attr != "__init__":
        return False
    of = function.value
    if isinstance(of, ast.Call):
        return isinstance(of.func, ast.Name) and of.func.id == "super"
    return isinstance(of, ast.Attribute) and _module(of.value) == "nn" and of.attr == "Module"
