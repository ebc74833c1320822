"""Commands for the deletion check and its certificates."""

from typing import Any, Final

import probatio as vol

from ..policy.access import Act
from ..traces import Certificates
from . import fields
from .ask import Ask
from .commands import command
from .rooms import sort_rooms


@command("deletion_check", {vol.Optional("run", default=False): fields.flag})
async def deletion_check(ask: Ask, message: dict[str, Any]) -> dict[str, Any]:
    """Return the last deletion check with all its places, and begin one if it is wished.

    `wait_s`: for so many seconds no other is begun, whoever asks; the last one stands.
    """
    ask.demand_person()
    checks = ask.api.checks
    if message["run"]:
        checks.start()
    last = checks.last
    return {
        "running": checks.is_running,
        "wait_s": checks.wait_s,
        "last": last
        and {"when": last.when, "report": None if last.report is None else last.report.as_dict()},
    }


@command("deletion_check/certificates")
async def certificates(ask: Ask, message: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what was found after each deletion of late, for whoever is a listener anywhere."""
    sort_rooms(ask, Act.AUDIT, None)
    kept = Certificates(ask.house.folder)
    found = await ask.hass.async_add_executor_job(kept.all)
    return [each.as_dict() for each in reversed(found)]


COMMANDS: Final = (deletion_check, certificates)
