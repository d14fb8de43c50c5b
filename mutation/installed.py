"""A mutant put in the place of the original, in a running process that has imported everything."""

from __future__ import annotations

import ast
import sys
from types import FunctionType, ModuleType
from typing import Any

from mutation.mutants import Mutant, put

PACKAGES = ("simtemp", "verify", "figures")


def install(mutant: Mutant) -> None:
    """Run the changed definition, and give its code to what carries its name: whoever has imported that uses the mutant from now on.

    What a module computed from a changed constant when it was imported stays as it was.
    """
    put(mutant.edit)
    definition = mutant.definition
    if isinstance(definition, ast.FunctionDef):
        definition.decorator_list = []
    module = sys.modules[mutant.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")]
    namespace = dict(vars(module))
    tree = ast.fix_missing_locations(ast.Module([definition], []))
    future = __import__("__future__").annotations.compiler_flag
    exec(compile(tree, module.__file__ or "", "exec", flags=future, dont_inherit=True), namespace)
    for name, value in namespace.items():
        old = vars(module).get(name)
        if value is not old and name != "__builtins__":
            _replace(module, name, old, value)


def clear_caches(packages: tuple[str, ...]) -> None:
    """Forget what functions of these packages (by the beginnings of their names) have computed so far."""
    for module in _modules(packages):
        for value in list(vars(module).values()):
            for part in (value, *(vars(value).values() if isinstance(value, type) else ())):
                if callable(getattr(part, "cache_clear", None)):
                    part.cache_clear()


def _replace(module: ModuleType, name: str, old: Any, new: Any) -> None:
    if _function(old) is not None:
        _give_code(_function(old), _function(new))
    elif isinstance(old, type):
        for member, value in vars(new).items():
            before = vars(old).get(member)
            if _function(value) is not None and _function(before) is not None:
                _give_code(_function(before), _function(value))
            elif isinstance(value, int | float | str | tuple) and not member.startswith("__"):
                setattr(old, member, value)
    else:
        for user in _modules((*PACKAGES, "test_", "tests", "conftest")):
            if vars(user).get(name) is old:
                setattr(user, name, new)
            for function in filter(None, map(_function, list(vars(user).values()))):
                if function.__defaults__ and any(value is old for value in function.__defaults__):
                    function.__defaults__ = tuple(new if value is old else value for value in function.__defaults__)


def _give_code(old: Any, new: Any) -> None:
    if len(old.__code__.co_freevars) == len(new.__code__.co_freevars):
        old.__code__ = new.__code__
    old.__defaults__, old.__kwdefaults__ = new.__defaults__, new.__kwdefaults__


def _function(value: Any) -> Any:
    """The plain function inside a method, a property, or whatever else wraps one; or None."""
    for _ in range(4):
        if isinstance(value, FunctionType) and not hasattr(value, "__wrapped__"):
            return value
        value = next(
            (part for kind in ("__wrapped__", "__func__", "fget", "func") if (part := getattr(value, kind, None))), None
        )
    return None


def _modules(beginnings: tuple[str, ...]) -> list[ModuleType]:
    return [
        module for name, module in list(sys.modules.items()) if module and name.split(".")[0].startswith(beginnings)
    ]
