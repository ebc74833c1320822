"""Deleting for an action or a button: to its end, whatever becomes of the caller."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from homeassistant.core import HomeAssistant

from .api.commands import as_api_error
from .audit import Actor
from .house import House
from .traces import Certificate
from .vault import Selection, VaultError


async def async_delete(
    hass: HomeAssistant, house: House, selection: Selection, actor: Actor
) -> Certificate:
    """Delete captures and return what was found of them afterwards; raises `ApiError`."""
    return await _to_its_end(hass, house.async_delete(selection, actor))


async def async_forget_everything(
    hass: HomeAssistant, house: House, actor: Actor
) -> Certificate | None:
    """Destroy everything and the house key; None: what was there could not be read."""
    return await _to_its_end(hass, house.async_forget_everything(actor))


async def _to_its_end[R](hass: HomeAssistant, deletion: Coroutine[Any, Any, R]) -> R:
    try:
        return await asyncio.shield(hass.async_create_task(deletion, "earshot delete"))
    except (TimeoutError, VaultError) as err:
        raise as_api_error(err) from None
