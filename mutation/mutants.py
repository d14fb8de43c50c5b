"""Small changes of a module's statements, each of which some test ought to notice."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_COMPARISONS: dict[type, tuple[type, ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_OPERATORS: dict[type, type] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
_PAIRS = (("min", "max"), ("minimum", "maximum"), ("floor", "ceil"), ("any", "all"), ("argmin", "argmax"))
_TWINS = dict(_PAIRS) | {b: a for a, b in _PAIRS} | {"left": "right", "right": "left"}
_NO_ARITHMETIC = ("isinstance", "issubclass", "cast", "TypeVar", "dtype", "errstate")

Edit = tuple[Any, Any, Any]
"""A node and its attribute, or a list and its index, and the new value."""


@dataclass(frozen=True)
class Mutant:
    """One change.

    Attributes
    ----------
    path : str
        The module's file, relative to the repository.
    line, column : int
        Where it is.
    change : str
        The first line of the statement before and after.
    definition : ast.stmt
        The module's own definition or assignment that it is in.
    edit : Edit
        What is put where.
    lines : range
        Where the statement is, as far as the change.
    at_import : bool
        Whether it runs when the module is imported.
    """

    path: str
    line: int
    column: int
    change: str
    definition: ast.stmt
    edit: Edit
    lines: range
    at_import: bool

    @property
    def name(self) -> str:
        """What tells it from the others while the file stays as it is."""
        return f"{self.path}:{self.line}:{self.column}: {self.change}"


def mutants_of(root: Path, path: str) -> list[Mutant]:
    """All mutants of a module in the order of its text. Messages, annotations, decorators and imports are left alone."""
    found = []
    for definition in ast.parse((root / path).read_text(encoding="utf-8")).body:
        if _is_type_or_docstring(definition):
            continue
        for node, statement, called, edit in _edits(definition, [definition]):
            before = _first_line(statement)
            old = put(edit)
            after = "pass" if isinstance(edit[2], ast.stmt) else _first_line(statement)
            put((*edit[:2], old))
            found.append(
                Mutant(
                    path,
                    node.lineno,
                    node.col_offset,
                    f"{before}  ->  {type(edit[2]).__name__.lower() if after == 'pass' else after}",
                    definition,
                    edit,
                    range(statement.lineno, node.lineno + 1),
                    not called,
                )
            )
    return found


def put(edit: Edit) -> Any:
    """Make the change in the tree; returns what was there."""
    holder, key, value = edit
    if isinstance(holder, list):
        old, holder[key] = holder[key], value
    else:
        old = getattr(holder, key)
        setattr(holder, key, value)
    return old


def _first_line(statement: ast.stmt) -> str:
    return (
        ast.unparse(statement).lstrip("\n").splitlines()[0]
        if not isinstance(statement, ast.FunctionDef)
        else (f"def {statement.name}({ast.unparse(statement.args)})")
    )


def _is_type_or_docstring(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(value=ast.Subscript() | ast.Dict() | ast.List()) | ast.AnnAssign(value=ast.Dict()):
            return True  # names for types, tables of functions, __all__
    return False


def _edits(node: ast.AST, parents: list[ast.AST]) -> Iterator[tuple[Any, ast.stmt, bool, Edit]]:
    """The changes in a node and below: where, in which statement, whether that is in a function, what."""
    statement = next(parent for parent in reversed(parents) if isinstance(parent, ast.stmt))
    called = any(isinstance(parent, ast.FunctionDef) and parent is not statement for parent in parents)
    for edit in _edits_of(node, parents):
        yield node, statement, called, edit
    for child in _children(node):
        yield from _edits(child, [*parents, child])


def _edits_of(node: Any, parents: list[ast.AST]) -> Iterator[Edit]:
    match node:
        case ast.Compare():
            for i, op in enumerate(node.ops):
                yield from ((node.ops, i, new()) for new in _COMPARISONS[type(op)])
        case ast.BinOp() | ast.AugAssign():
            yield node, "op", _OPERATORS[type(node.op)]()
        case ast.BoolOp():
            yield node, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And()
        case ast.UnaryOp(op=ast.USub()):
            yield node, "op", ast.UAdd()
        case ast.UnaryOp(op=ast.Not()):
            yield node, "operand", ast.UnaryOp(ast.Not(), node.operand)
        case ast.Constant():
            yield from ((node, "value", new) for new in _constants(node.value))
        case ast.Call(func=ast.Name() | ast.Attribute() as function):
            field = "id" if isinstance(function, ast.Name) else "attr"
            name = getattr(function, field)
            if name in _TWINS:
                yield function, field, _TWINS[name]
            if name == "range" and not isinstance(node.args[min(1, len(node.args) - 1)], ast.Constant):
                stop = min(1, len(node.args) - 1)
                yield node.args, stop, ast.BinOp(node.args[stop], ast.Sub(), ast.Constant(1))
        case ast.If() | ast.While() | ast.IfExp() if not isinstance(node.test, ast.Compare):
            yield node, "test", ast.UnaryOp(ast.Not(), node.test)
        case ast.Return(value=ast.Name() | ast.Attribute() | ast.Call()):
            yield node, "value", ast.Constant(None)
        case ast.Break() | ast.Continue():
            yield from _replaced(node, parents, ast.Continue() if isinstance(node, ast.Break) else ast.Break())
    match node:
        case ast.Raise() | ast.AugAssign() | ast.Expr(value=ast.Call()):
            yield from _replaced(node, parents, ast.Pass())
        case ast.Assign(targets=[ast.Subscript() | ast.Attribute()]):
            yield from _replaced(node, parents, ast.Pass())


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """What is below a node and may be changed."""
    match node:
        case ast.Raise() | ast.JoinedStr() | ast.Import() | ast.ImportFrom():
            return
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in _NO_ARITHMETIC:
            return
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return
    for field, value in ast.iter_fields(node):
        if field not in ("annotation", "returns", "decorator_list", "bases"):
            yield from (part for part in (value if isinstance(value, list) else [value]) if isinstance(part, ast.AST))


def _constants(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [2, 0] if value == 1 else [value + 1]
    if isinstance(value, float):
        return [1.0 if value == 0.0 else 1.25 * value]
    return [_TWINS[value]] if isinstance(value, str) and value in ("left", "right") else []


def _replaced(node: ast.stmt, parents: list[ast.AST], new: ast.stmt) -> Iterator[Edit]:
    for field in ("body", "orelse", "finalbody"):
        siblings = getattr(parents[-2], field, None) if len(parents) > 1 else None
        for i, sibling in enumerate(siblings if isinstance(siblings, list) else []):
            if sibling is node:
                yield siblings, i, new
