"""What a process of the house is called, from the command that started it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

HOME_ASSISTANT = "Home Assistant"

_MODULES = {
    "homeassistant": HOME_ASSISTANT,
    "house.airgap.scenes": "the household",
    "earshot_satellite": "satellite",
    "earshot_satellite.ear": "satellite's ear",
    "earshot_speech": "speech service",
    "earshot_speech.recognition.worker": "speech service's recogniser",
}
_SCRIPTS = {"earshot-satellite": "satellite", "earshot-speech": "speech service"}


def program(command: Sequence[str]) -> str:
    """Return a name for people; `?` for a process of which nobody saw the beginning."""
    if not command:
        return "?"
    name = PurePath(command[0]).name
    if name == "setpriv":  # `setpriv --pdeathsig SIGNAL command...`
        return program(command[3:])
    if name.startswith("python") and "-m" in command[:-1]:
        module = command[command.index("-m") + 1]
        return _MODULES.get(module, module)
    if name.startswith("python") and len(command) > 1:
        name = PurePath(command[1]).name
    return _SCRIPTS.get(name, name)
