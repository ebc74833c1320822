"""The files of the integration, parsed, for the checks of `hassfest`."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml
from homeassistant import const as ha_const


class Source:
    """The integration's folder, parsed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.modules = {
            path.relative_to(folder).as_posix(): _parsed(path.read_text())
            for path in sorted(folder.rglob("*.py"))
        }
        self.manifest: dict[str, Any] = self._json("manifest.json")
        self.texts: dict[str, Any] = self._json("translations/en.json")
        self.icons: dict[str, Any] = self._json("icons.json")
        self.services: dict[str, Any] = yaml.safe_load((folder / "services.yaml").read_text()) or {}

    def _json(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text(), object_pairs_hook=_no_duplicates)

    @cached_property
    def constants(self) -> dict[str, str]:
        """Names and members of enums that stand for a string: `DOMAIN`, `IssueId.MISSING`."""
        found = {name: value for name, value in vars(ha_const).items() if isinstance(value, str)}
        for tree in self.modules.values():
            for node in tree.body:
                found |= _assigned(node, "")
                if isinstance(node, ast.ClassDef):
                    for item in node.body:
                        found |= _assigned(item, node.name + ".")
        return found

    @cached_property
    def said(self) -> set[str]:
        """Every string of the code."""
        return set(self.constants.values()) | {
            node.value
            for tree in self.modules.values()
            for node in walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }

    @cached_property
    def formed(self) -> list[re.Pattern[str]]:
        """Every f-string of the code, with its unknown parts as wildcards."""
        patterns = {
            self.pattern(node)
            for tree in self.modules.values()
            for node in walk(tree)
            if isinstance(node, ast.JoinedStr)
        }
        # Of one without three letters of its own, anything could come.
        return [re.compile(it) for it in patterns if re.search(r"\w{3}", it.replace(".+", ""))]

    def pattern(self, node: ast.AST) -> str:
        """Return what a string expression can be, as a regular expression."""
        known: str | None = None
        match node:
            case ast.JoinedStr(values=parts):
                return "".join(self.pattern(part) for part in parts)
            case ast.FormattedValue(value=value):
                return self.pattern(value)
            case ast.IfExp(body=body, orelse=orelse):
                return f"(?:{self.pattern(body)}|{self.pattern(orelse)})"
            case ast.Constant(value=str(known)):
                pass
            case ast.Name(id=name):
                known = self.constants.get(name)
            case ast.Attribute(value=ast.Name(id=owner), attr=name):
                known = self.constants.get(f"{owner}.{name}")
        return ".+" if known is None else re.escape(known)

    def calls(self, *names: str, module: str = "") -> Iterator[tuple[str, ast.Call]]:
        """Yield calls of functions of these names, with their module."""
        for where, tree in self.modules.items():
            if module in ("", where):
                for node in walk(tree):
                    if isinstance(node, ast.Call) and name_of(node.func) in names:
                        yield where, node


def component_of(module: str) -> set[str]:
    """Return the component of Home Assistant that a module belongs to."""
    parts = module.split(".")
    return {parts[2]} if parts[:2] == ["homeassistant", "components"] and len(parts) > 2 else set()


def assigned_in(node: ast.AST) -> Iterator[tuple[str, Any]]:
    """Yield the name and value of an assignment of a constant."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=value)):
            yield name, value
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=value)):
            yield name, value


def name_of(node: ast.AST) -> str:
    """Return the last name of what is called."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def keyword(call: ast.Call, name: str) -> Any:
    """Return an argument of a call, None when it is not given."""
    return next((item.value for item in call.keywords if item.arg == name), None)


def strings_in(node: ast.AST | None) -> set[str]:
    """Return every string in an expression."""
    return {
        item.value
        for item in (walk(node) if node is not None else ())
        if isinstance(item, ast.Constant) and isinstance(item.value, str)
    }


def keys_of(node: ast.AST | None) -> set[str] | None:
    """Return the keys of a dictionary; None when they are not all written out."""
    if node is None:
        return set()
    if not isinstance(node, ast.Dict) or not all(isinstance(it, ast.Constant) for it in node.keys):
        return None
    return {it.value for it in node.keys if isinstance(it, ast.Constant)}


def leaves(table: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of nested tables, with its path."""
    if isinstance(table, dict):
        for key, value in table.items():
            yield from leaves(value, f"{path}.{key}".lstrip("."))
    else:
        yield path, table


def _assigned(node: ast.AST, prefix: str) -> dict[str, str]:
    return {prefix + name: value for name, value in assigned_in(node) if isinstance(value, str)}


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a key is there twice")
    return dict(pairs)


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def walk(node: ast.AST) -> tuple[ast.AST, ...]:
    """Return a node and all below it."""
    return tuple(ast.walk(node))
