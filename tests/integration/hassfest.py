"""What Home Assistant's hassfest and HACS would complain of, read from the integration's files.

hassfest is not in Home Assistant's package. This looks at the same things, and at more: whether
code, translations and icons agree in both directions. `problems(folder)` lists what is wrong.
"""

from __future__ import annotations

import ast
import json
import re
import struct
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from homeassistant import const as ha_const
from homeassistant.const import Platform

PLATFORMS = {platform.value for platform in Platform}
NO_DEPENDENCY = PLATFORMS | {"homeassistant", "diagnostics", "system_health"}
"""Base platforms and what every Home Assistant has."""

NO_ICON = {"stt", "tts"}
REQUIRED = {
    "codeowners", "config_flow", "documentation", "domain", "integration_type", "iot_class",
    "issue_tracker", "name", "version",
}  # fmt: skip
MANIFEST_KEYS = REQUIRED | {
    "after_dependencies", "bluetooth", "dependencies", "dhcp", "homekit", "loggers", "mqtt",
    "quality_scale", "requirements", "single_config_entry", "ssdp", "usb", "zeroconf",
}  # fmt: skip
HOSTS = {"github.com", "www.home-assistant.io"}
"""The only ones that the installed files may name."""


class Source:
    """The integration's folder, parsed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.modules = {
            path.relative_to(folder).as_posix(): ast.parse(path.read_text())
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
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }

    @cached_property
    def formed(self) -> list[re.Pattern[str]]:
        """Every f-string of the code, with its unknown parts as wildcards."""
        patterns = {
            self.pattern(node)
            for tree in self.modules.values()
            for node in ast.walk(tree)
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
                for node in ast.walk(tree):
                    if isinstance(node, ast.Call) and _name(node.func) in names:
                        yield where, node


def problems(folder: Path) -> list[str]:
    """Return everything that is wrong with an integration; empty when nothing is."""
    try:
        source = Source(folder)
    except (OSError, ValueError, SyntaxError, yaml.YAMLError) as error:
        return [f"cannot be read: {error}"]
    return [problem for check in CHECKS for problem in check(source)]


def manifest(source: Source) -> Iterator[str]:
    keys = list(source.manifest)
    if keys != ["domain", "name", *sorted(set(keys) - {"domain", "name"})]:
        yield "manifest: domain and name come first, the other keys in alphabetical order"
    yield from (f"manifest: {key} is missing" for key in REQUIRED - set(keys))
    yield from (f"manifest: {key} is not a key" for key in set(keys) - MANIFEST_KEYS)
    if source.manifest.get("domain") != source.folder.name:
        yield "manifest: the domain is not the folder's name"
    for key in ("documentation", "issue_tracker"):
        if not str(source.manifest.get(key)).startswith("https://"):
            yield f"manifest: {key} is not an https address"
    if not re.fullmatch(r"\d+\.\d+\.\d+", str(source.manifest.get("version"))):
        yield "manifest: the version has not three numbers"
    if not all(owner.startswith("@") for owner in source.manifest.get("codeowners", [""])):
        yield "manifest: a code owner begins with @"
    for service in source.manifest.get("zeroconf", []):
        if not re.fullmatch(r"_[a-z-]+\._(tcp|udp)\.local\.", service):
            yield f"manifest: {service} is not a service type"


def dependencies(source: Source) -> Iterator[str]:
    declared = source.manifest.get("dependencies", [])
    if declared != sorted(set(declared)):
        yield "manifest: the dependencies are not in order"
    used: set[str] = set()
    for tree in source.modules.values():
        for node in ast.walk(tree):
            match node:
                case ast.ImportFrom(module="homeassistant.components", names=names):
                    used |= {alias.name for alias in names}
                case ast.ImportFrom(module=str(module)):
                    used |= _component(module)
                case ast.Import(names=names):
                    used |= {part for alias in names for part in _component(alias.name)}
    for component in used - set(declared) - NO_DEPENDENCY:
        yield f"manifest: {component} is imported and not a dependency"
    platforms = {name.removesuffix(".py") for name in source.modules}
    for component in set(declared) - used - platforms - {"intent"}:
        yield f"manifest: {component} is a dependency and not used"


def texts(source: Source) -> Iterator[str]:
    for path, text in _leaves(source.texts):
        if "[%key" in text or re.search(r"<[a-zA-Z/]", text):
            yield f"translations: {path} has HTML or a reference"
        if re.search(r"https?://", text):
            yield f"translations: {path} has an address; use a placeholder"
        if not text.strip() or text != text.strip():
            yield f"translations: {path} is empty or has blanks around it"


def flows(source: Source) -> Iterator[str]:
    config, fix = source.texts.get("config", {}), _fix_texts(source)
    for module, told in (
        ("config_flow.py", config),
        ("options_flow.py", source.texts.get("options", {})),
        ("repairs.py", fix),
    ):
        yield from _steps(source, module, told)
        yield from _ends(source, module, told)
    for _, call in source.calls("LinkError"):
        for reason in _strings(call.args[0]) - {""}:
            for part in ("error", "abort"):
                if reason not in config.get(part, {}):
                    yield f"translations: config.{part}.{reason} is missing"
    of_core = {"already_configured", "already_in_progress", "reconfigure_successful"}
    for told in (config, fix):
        for part in ("error", "abort"):
            for key in told.get(part, {}).keys() - of_core:
                yield from _unused(source, f"config.{part}", key)


def _fix_texts(source: Source) -> dict[str, Any]:
    """Return the texts of all repair flows as if they were one."""
    flows_ = [it["fix_flow"] for it in source.texts["issues"].values() if "fix_flow" in it]
    return {
        part: {key: text for flow in flows_ for key, text in flow.get(part, {}).items()}
        for part in ("step", "error", "abort")
    }


def _ends(source: Source, module: str, told: dict[str, Any]) -> Iterator[str]:
    for _, call in source.calls("async_abort", module=module):
        reason = source.pattern(_keyword(call, "reason"))
        if not _any(reason, told.get("abort", {})):
            yield f"translations: {module} aborts with {reason}, which has no text"
    for node in ast.walk(source.modules[module]):
        if isinstance(node, ast.Assign) and _is_error(node.targets[0]):
            error = source.pattern(node.value)
            if not _any(error, told.get("error", {})):
                yield f"translations: {module} has the error {error}, which has no text"


def _steps(source: Source, module: str, told: dict[str, Any]) -> Iterator[str]:
    steps = told.get("step", {})
    methods = {
        node.name.removeprefix("async_step_")
        for node in ast.walk(source.modules[module])
        if isinstance(node, ast.AsyncFunctionDef)
    }
    shown: set[str] = set()
    for _, call in source.calls("async_show_form", "async_show_menu", module=module):
        step = ast.literal_eval(_keyword(call, "step_id"))
        shown.add(step)
        texts_ = steps.get(step)
        if texts_ is None:
            yield f"translations: the step {step} of {module} has no text"
            continue
        options = _strings(_keyword(call, "menu_options"))
        if options != set(texts_.get("menu_options", {})):
            yield f"translations: the menu of {step} is not what {module} offers"
        yield from (f"{module}: no step {option}" for option in options - methods)
        fields = _fields(source, _keyword(call, "data_schema"))
        for part in ("data", "data_description"):
            if fields != set(texts_.get(part, {})):
                yield f"translations: {part} of {step} is not what the form of {module} asks"
    yield from (f"translations: no step {step} in {module}" for step in set(steps) - shown)


def _fields(source: Source, schema: ast.AST) -> set[str]:
    """Return the fields of a form, from the function that makes it."""
    if not isinstance(schema, ast.Call):
        return set()
    makers = {
        node.name: node
        for tree in source.modules.values()
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }
    maker = makers.get(_name(schema.func), schema)
    return {
        source.constants[node.args[0].id]
        for node in ast.walk(maker)
        if isinstance(node, ast.Call) and _name(node.func) in ("Required", "Optional")
        and isinstance(node.args[0], ast.Name)
    }  # fmt: skip


def entities(source: Source) -> Iterator[str]:
    told, icons = source.texts.get("entity", {}), source.icons.get("entity", {})
    used: dict[str, set[str]] = {}
    for platform in PLATFORMS & {name.removesuffix(".py") for name in source.modules}:
        keys = used[platform] = set(_entity_keys(source, platform))
        for key in keys:
            unnamed = f"{platform}.{key}" in _unnamed(source, platform)
            if not unnamed and "name" not in told.get(platform, {}).get(key, {}):
                yield f"translations: entity.{platform}.{key} has no name"
            if platform not in NO_ICON and key not in icons.get(platform, {}):
                yield f"icons: entity.{platform}.{key} is missing"
    # Those that core's own base classes bring.
    used.setdefault("select", set()).update({"pipeline", "vad_sensitivity"})
    for what, table in (("translations", told), ("icons", icons)):
        for platform, keys_ in table.items():
            for key in set(keys_) - used.get(platform, set()):
                yield f"{what}: no code has entity.{platform}.{key}"


def _entity_keys(source: Source, platform: str) -> Iterator[str]:
    for node in ast.walk(source.modules[f"{platform}.py"]):
        match node:
            case ast.Assign(targets=[ast.Name(id="_attr_translation_key")]):
                yield ast.literal_eval(node.value)
            case ast.Call(keywords=keywords) if _name(node.func).endswith("Description"):
                yield from (
                    ast.literal_eval(it.value) for it in keywords if it.arg == "translation_key"
                )


def _unnamed(source: Source, platform: str) -> set[str]:
    found = set()
    for node in source.modules[f"{platform}.py"].body:
        if isinstance(node, ast.ClassDef):
            of_class = {name: value for item in node.body for name, value in _raw(item)}
            if "_attr_name" in of_class and of_class["_attr_name"] is None:
                found.add(f"{platform}.{of_class.get('_attr_translation_key')}")
    return found


def raised(source: Source) -> Iterator[str]:
    """Exceptions and issues, by their keys and placeholders."""
    for part, calls in (
        ("exceptions", list(source.calls(*_error_names(source)))),
        ("issues", list(source.calls("async_create_issue"))),
    ):
        told = source.texts.get(part, {})
        for where, call in calls:
            if (node := _keyword(call, "translation_key")) is None:
                continue
            key = source.pattern(node)
            fitting = [text for name, text in told.items() if re.fullmatch(key, name)]
            if not fitting:
                yield f"translations: {where} uses {part}.{key}, which has no text"
            placeholders = _keyword(call, "translation_placeholders")
            given = _strings_of_keys(placeholders)
            for text in fitting if key != ".+" else ():
                wanted = {it for _, leaf in _leaves(text) for it in re.findall(r"{(\w+)}", leaf)}
                if given is not None and "fix_flow" not in text and not wanted <= given:
                    yield f"translations: {part}.{key} wants {wanted - given}, not given by {where}"
        for key in told:
            yield from _unused(source, part, key)


def _error_names(source: Source) -> set[str]:
    return {
        _name(call.func)
        for _, tree in source.modules.items()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and _keyword(call, "translation_domain") is not None
    }


def actions(source: Source) -> Iterator[str]:
    registered = {
        source.pattern(call.args[1])
        for _, call in source.calls("async_register")
        if len(call.args) > 2
    }
    told, icons = source.texts.get("services", {}), source.icons.get("services", {})
    tables = {"services.yaml": source.services, "translations": told, "icons": icons}
    for what, names in tables.items():
        for name in registered ^ set(names):
            yield f"{what}: the action {name} is not in both it and the code"
    for name, description in source.services.items():
        fields = set((description or {}).get("fields", {}))
        if fields != set(told.get(name, {}).get("fields", {})):
            yield f"translations: the fields of the action {name} are not those of services.yaml"
        for text in ("name", "description"):
            if text not in told.get(name, {}):
                yield f"translations: the action {name} has no {text}"


def brand(source: Source) -> Iterator[str]:
    for name, size in (("icon.png", 256), ("icon@2x.png", 512)):
        path = source.folder / "brand" / name
        raw = path.read_bytes()[:24] if path.is_file() else b""
        if raw[:8] != b"\x89PNG\r\n\x1a\n" or struct.unpack(">II", raw[16:]) != (size, size):
            yield f"brand: {name} is not a PNG of {size} x {size}"


def addresses(source: Source) -> Iterator[str]:
    for path in source.folder.rglob("*"):
        if path.suffix in {".py", ".json", ".yaml"}:
            for host in re.findall(r"https?://([^/\s\"'{}]+)", path.read_text()):
                if host not in HOSTS:
                    yield f"{path.name}: names the host {host}"


CHECKS: tuple[Callable[[Source], Iterator[str]], ...] = (
    manifest, dependencies, texts, flows, entities, raised, actions, brand, addresses,
)  # fmt: skip


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a key is there twice")
    return dict(pairs)


def _component(module: str) -> set[str]:
    parts = module.split(".")
    return {parts[2]} if parts[:2] == ["homeassistant", "components"] and len(parts) > 2 else set()


def _raw(node: ast.AST) -> Iterator[tuple[str, Any]]:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=value)):
            yield name, value
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=value)):
            yield name, value


def _assigned(node: ast.AST, prefix: str) -> dict[str, str]:
    return {prefix + name: value for name, value in _raw(node) if isinstance(value, str)}


def _name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _keyword(call: ast.Call, name: str) -> Any:
    return next((item.value for item in call.keywords if item.arg == name), None)


def _strings(node: ast.AST | None) -> set[str]:
    return {
        item.value
        for item in (ast.walk(node) if node is not None else ())
        if isinstance(item, ast.Constant) and isinstance(item.value, str)
    }


def _strings_of_keys(node: ast.AST | None) -> set[str] | None:
    """Return the keys of a dictionary; None when they are not all written out."""
    if node is None:
        return set()
    if not isinstance(node, ast.Dict) or not all(isinstance(it, ast.Constant) for it in node.keys):
        return None
    return {it.value for it in node.keys if isinstance(it, ast.Constant)}


def _is_error(target: ast.AST) -> bool:
    return isinstance(target, ast.Subscript) and _name(target.value) == "errors"


def _any(pattern: str, table: dict[str, Any]) -> bool:
    return any(re.fullmatch(pattern, key) for key in table)


def _unused(source: Source, part: str, key: str) -> Iterator[str]:
    if key not in source.said and not any(it.fullmatch(key) for it in source.formed):
        yield f"translations: no code uses {part}.{key}"


def _leaves(table: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(table, dict):
        for key, value in table.items():
            yield from _leaves(value, f"{path}.{key}".lstrip("."))
    else:
        yield path, table
