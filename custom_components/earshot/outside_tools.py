"""Whether a language model at home is given tools that carry what was said out of the house."""

import asyncio
from typing import Final

from homeassistant.components import conversation
from homeassistant.const import MATCH_ALL
from homeassistant.core import HomeAssistant
from homeassistant.helpers import llm

from .const import DOMAIN

LIST_S: Final = 10.0
_OWN_SETS: Final = frozenset({llm.LLM_API_ASSIST, llm.LLM_API_HOME_ASSISTANT})
_OWN_TOOLS: Final = frozenset({"intent_script", "script"})
"""What the people of the home wrote themselves: what a command does is theirs."""


async def async_has_outside_tools(hass: HomeAssistant, tool_sets: tuple[str, ...]) -> bool | None:
    """Return whether any tool of these sets reaches outside; None when that cannot be found out.

    A tool that does not say counts as one that does, and so does every set of another maker, whose
    tools could say anything.
    """
    if not _OWN_SETS.issuperset(tool_sets):
        return True
    sets = {api.id: api for api in llm.async_get_apis(hass)}
    context = llm.LLMContext(
        platform=DOMAIN,
        context=None,
        language=MATCH_ALL,
        assistant=conversation.DOMAIN,
        device_id=None,
    )
    try:
        async with asyncio.timeout(LIST_S):
            instances = [
                await sets[tool_set].async_get_api_instance(context) for tool_set in tool_sets
            ]
        return any(
            tool.annotations.open_world and tool.integration not in _OWN_TOOLS
            for instance in instances
            for tool in instance.tools
        )
    except Exception:  # noqa: BLE001 - another integration's any fault; not known is what it comes to
        return None
