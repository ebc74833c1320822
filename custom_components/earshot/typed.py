"""Orders about what was heard that were typed, or spoken to somebody else's satellite: refused.

Any account and any program can send text to a conversation. Such an order acts only when it was
spoken to one of our satellites, where it is taken before any agent (see `voice/answering.py`).
"""

import contextlib
import logging
import time
from typing import TYPE_CHECKING, Any, Final

from homeassistant.components.conversation import DOMAIN as CONVERSATION
from homeassistant.const import CONF_COMMAND, CONF_PLATFORM
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers.script import ScriptRunResult
from homeassistant.helpers.trigger import async_initialize_triggers

from .audit import Actor, AuditError, Verb
from .const import DOMAIN
from .voice.spoken_sentences import TEMPLATES

if TYPE_CHECKING:
    from .house import House

_LOGGER = logging.getLogger(__name__)

EVERY_S: Final = 60.0
"""One line for the same person in so long: typing must not fill the log."""

_MOST: Final = 1_000
REFUSAL: Final = (
    "That works only when it is said aloud to an Earshot satellite, in the room it is about."
)


async def async_refuse_typed(hass: HomeAssistant, house: House) -> None:
    """Answer such sentences with a refusal, wherever Home Assistant looks for its triggers."""
    written: dict[str | None, float] = {}

    async def refuse(variables: dict[str, Any], context: Context | None = None) -> ScriptRunResult:
        user_id = variables["trigger"]["user_input"]["context"]["user_id"]
        now = time.monotonic()
        for old in [it for it, at in written.items() if now - at >= EVERY_S]:
            del written[old]
        if user_id not in written and len(written) < _MOST:
            written[user_id] = now
            actor = Actor(user_id, None, "user" if user_id else "system")
            with contextlib.suppress(AuditError, TimeoutError):
                await house.audit.async_write(Verb.REFUSED, actor, None, detail="typed")
        return ScriptRunResult(REFUSAL, None, {})

    await async_initialize_triggers(
        hass,
        [{CONF_PLATFORM: CONVERSATION, CONF_COMMAND: sorted(TEMPLATES)}],
        refuse,
        DOMAIN,
        "orders about what was heard",
        _LOGGER.log,
    )
