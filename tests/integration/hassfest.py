"""What Home Assistant's hassfest and HACS would complain of, read from the integration's files.

hassfest is not in Home Assistant's package. This looks at the same things, and at more: whether
code, translations and icons agree in both directions. `problems(folder)` lists what is wrong.
"""

from __future__ import annotations

import ast
import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml
from homeassistant.const import Platform

from .hassfest_source import (
    Source,
    assigned_in,
    component_of,
    keys_of,
    keyword,
    leaves,
    name_of,
    strings_in,
    walk,
)

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
    after = source.manifest.get("after_dependencies", [])
    if any(names != sorted(set(names)) for names in (declared, after)):
        yield "manifest: the dependencies are not in order"
    used: set[str] = set()
    for tree in source.modules.values():
        for node in walk(tree):
            match node:
                case ast.ImportFrom(module="homeassistant.components", names=names):
                    used |= {alias.name for alias in names}
                case ast.ImportFrom(module=str(module)):
                    used |= component_of(module)
                case ast.Import(names=names):
                    used |= {part for alias in names for part in component_of(alias.name)}
    for component in used - {*declared, *after} - NO_DEPENDENCY:
        yield f"manifest: {component} is imported and not a dependency"
    platforms = {name.removesuffix(".py") for name in source.modules}
    for component in set(declared) - used - platforms - {"intent"}:
        yield f"manifest: {component} is a dependency and not used"


def texts(source: Source) -> Iterator[str]:
    for path, text in leaves(source.texts):
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
    for _, call in source.calls("LinkError", "PairingError"):
        for reason in strings_in(call.args[0]) - {""}:
            if reason not in config.get("error", {}):
                yield f"translations: config.error.{reason} is missing"
    of_core = {
        *("already_configured", "already_in_progress"),
        *("reauth_successful", "reconfigure_successful"),
    }
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
        reason = source.pattern(keyword(call, "reason"))
        if not _any(reason, told.get("abort", {})):
            yield f"translations: {module} aborts with {reason}, which has no text"
    for node in walk(source.modules[module]):
        if isinstance(node, ast.Assign) and _is_error(node.targets[0]):
            error = source.pattern(node.value)
            if not _any(error, told.get("error", {})):
                yield f"translations: {module} has the error {error}, which has no text"


def _steps(source: Source, module: str, told: dict[str, Any]) -> Iterator[str]:
    steps = told.get("step", {})
    methods = {
        node.name.removeprefix("async_step_")
        for node in walk(source.modules[module])
        if isinstance(node, ast.AsyncFunctionDef)
    }
    shown: set[str] = set()
    for _, call in source.calls("async_show_form", "async_show_menu", module=module):
        step = ast.literal_eval(keyword(call, "step_id"))
        shown.add(step)
        texts_ = steps.get(step)
        if texts_ is None:
            yield f"translations: the step {step} of {module} has no text"
            continue
        options = strings_in(keyword(call, "menu_options"))
        if options != set(texts_.get("menu_options", {})):
            yield f"translations: the menu of {step} is not what {module} offers"
        yield from (f"{module}: no step {option}" for option in options - methods)
        fields = _fields(source, keyword(call, "data_schema"))
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
    maker = makers.get(name_of(schema.func), schema)
    return {
        source.constants[node.args[0].id]
        for node in walk(maker)
        if isinstance(node, ast.Call) and name_of(node.func) in ("Required", "Optional")
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
    for node in walk(source.modules[f"{platform}.py"]):
        match node:
            case ast.Assign(targets=[ast.Name(id="_attr_translation_key")]):
                yield ast.literal_eval(node.value)
            case ast.Call(keywords=keywords) if name_of(node.func).endswith("Description"):
                yield from (
                    ast.literal_eval(it.value) for it in keywords if it.arg == "translation_key"
                )


def _unnamed(source: Source, platform: str) -> set[str]:
    found = set()
    for node in source.modules[f"{platform}.py"].body:
        if isinstance(node, ast.ClassDef):
            of_class = {name: value for item in node.body for name, value in assigned_in(item)}
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
            if (node := keyword(call, "translation_key")) is None:
                continue
            key = source.pattern(node)
            fitting = [text for name, text in told.items() if re.fullmatch(key, name)]
            if not fitting:
                yield f"translations: {where} uses {part}.{key}, which has no text"
            placeholders = keyword(call, "translation_placeholders")
            given = keys_of(placeholders)
            for text in fitting if key != ".+" else ():
                wanted = {it for _, leaf in leaves(text) for it in re.findall(r"{(\w+)}", leaf)}
                if given is not None and "fix_flow" not in text and not wanted <= given:
                    yield f"translations: {part}.{key} wants {wanted - given}, not given by {where}"
        for key in told:
            yield from _unused(source, part, key)


def _error_names(source: Source) -> set[str]:
    return {
        name_of(call.func)
        for _, tree in source.modules.items()
        for call in walk(tree)
        if isinstance(call, ast.Call) and keyword(call, "translation_domain") is not None
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


def _is_error(target: ast.AST) -> bool:
    return isinstance(target, ast.Subscript) and name_of(target.value) == "errors"


def _any(pattern: str, table: dict[str, Any]) -> bool:
    return any(re.fullmatch(pattern, key) for key in table)


def _unused(source: Source, part: str, key: str) -> Iterator[str]:
    if key not in source.said and not any(it.fullmatch(key) for it in source.formed):
        yield f"translations: no code uses {part}.{key}"
