"""What the code says to people, read from its source: strings handed to what makes findings, refusals and answers.

Of an f-string every branch that its fields can take is followed, through names and functions of the same module;
where a field is no string that is written there, a number or a name stands for it.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

MOST = 64
"""Branches of one string that are followed."""
DEEPEST = 4
"""Of calls and names that are followed into one another."""


@dataclass
class Module:
    """A module's functions, and what its names are bound to."""

    tree: ast.Module
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find the functions."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef):
                self.functions[node.name] = node


def sentences(path: Path, makers: set[str]) -> Iterator[str]:
    """Yield all strings that a module hands to calls of these names."""
    module = Module(ast.parse(path.read_text(encoding="utf-8")))
    for scope in [module.tree, *module.functions.values()]:
        for node in _own(scope):
            if isinstance(node, ast.Call) and _name(node.func) in makers:
                for argument in [*node.args, *(word.value for word in node.keywords)]:
                    yield from _texts(argument, module, scope, DEEPEST)


def returned(path: Path, functions: set[str]) -> Iterator[str]:
    """Yield all strings that functions of a module return or yield."""
    module = Module(ast.parse(path.read_text(encoding="utf-8")))
    for name in functions:
        yield from _results(module.functions[name], module, DEEPEST)


def _results(function: ast.FunctionDef, module: Module, depth: int) -> Iterator[str]:
    for node in _own(function):
        if isinstance(node, ast.Return | ast.Yield) and node.value is not None:
            yield from _texts(node.value, module, function, depth)


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a scope, those of functions in it left out."""
    for child in ast.iter_child_nodes(scope):
        if not isinstance(child, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            yield child
            yield from _own(child)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _texts(node: ast.expr, module: Module, scope: ast.AST, depth: int) -> list[str]:
    """Return what a string may be; nothing for what is none."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        parts = [_part(value, module, scope, depth) for value in node.values]
        return ["".join(chosen) for chosen in itertools.islice(itertools.product(*parts), MOST)]
    if isinstance(node, ast.BinOp):
        left, right = (_texts(side, module, scope, depth) for side in (node.left, node.right))
        return ["".join(both) for both in itertools.islice(itertools.product(left, right), MOST)]
    if depth and isinstance(node, ast.Call) and _name(node.func) in module.functions:
        return list(_results(module.functions[_name(node.func)], module, depth - 1))
    deeper = depth - isinstance(node, ast.Name)
    return [
        text for choice in _choices(node, module, scope, depth) for text in _texts(choice, module, scope, deeper)
    ]


def _choices(node: ast.expr, module: Module, scope: ast.AST, depth: int) -> list[ast.expr]:
    """Return what an expression may stand for, or has in it."""
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    if isinstance(node, ast.BoolOp | ast.Dict):
        return node.values
    if isinstance(node, ast.Tuple | ast.List):
        return node.elts
    if isinstance(node, ast.Starred) or (isinstance(node, ast.Subscript) and isinstance(node.value, ast.Dict)):
        return [node.value]
    return _bound(node.id, module, scope) if depth and isinstance(node, ast.Name) else []


def _bound(name: str, module: Module, scope: ast.AST) -> list[ast.expr]:
    """Return what a name is given in a function, or else in its module."""
    for where in (scope, module.tree):
        found = [
            node.value
            for node in _own(where)
            if isinstance(node, ast.Assign | ast.AnnAssign)
            and node.value is not None
            and any(_name(target) == name for target in _targets(node))
        ]
        if found:
            return found
    return []


def _targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def _part(value: ast.expr, module: Module, scope: ast.AST, depth: int) -> list[str]:
    if not isinstance(value, ast.FormattedValue):
        return _texts(value, module, scope, depth)
    spec = "" if value.format_spec is None else ast.unparse(value.format_spec)
    if "%" in spec:
        return ["12%"]
    if spec:
        return ["+1.5" if "+" in spec else "1.5"]
    return _texts(value.value, module, scope, depth) or ["7"]
