"""Pairing with a satellite or a speech service, and the end of it."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from homeassistant.core import HomeAssistant

from ..wire.framing import write_event
from ..wire.identity import Trust, TrustError, make_identity
from ..wire.limits import PAIRING_PORT_AFTER
from ..wire.pairing import PairingError, UncertainError, Unpair, pair
from ..wire.tls import pairing_client
from .greet import LinkError, close, open_pairing, open_stream
from .keys import Credentials, link_keys

_LOGGER = logging.getLogger(__name__)

GOODBYE_S: Final = 3.0
"""How long the other end may take to hear that it is unpaired."""


@dataclass(frozen=True)
class Made:
    """A pairing that was made: its id, which an entry names from then on."""

    pairing_id: str
    credentials: Credentials


async def async_pair(hass: HomeAssistant, host: str, port: int, code: str, role: str) -> Made:
    """Pair with the device whose link is at this address.

    Raises `LinkError` with the translation key of what went wrong. When both ends may have written
    it down and ours does not know, it is kept: whether it links tells.
    """
    keys = link_keys(hass)
    ids: list[str] = []

    async def keep(trust: Trust) -> None:
        try:
            ids.append(await keys.async_save(trust))
        except OSError as err:
            _LOGGER.error("The keys of a link cannot be kept: %s", err.strerror)  # noqa: TRY400
            raise PairingError("keys_not_kept") from None

    identity = await hass.async_add_executor_job(make_identity)
    context = await hass.async_add_executor_job(pairing_client)
    try:
        reader, writer = await open_pairing(host, port + PAIRING_PORT_AFTER, context)
        try:
            await pair(reader, writer, identity=identity, code=code, role=role, keep=keep)
        finally:
            await close(writer)
    except UncertainError:
        pass
    except (PairingError, OSError) as err:
        for pairing_id in ids:
            await async_forget(hass, pairing_id)
        raise LinkError(err.reason if isinstance(err, PairingError) else "interrupted") from None
    return Made(ids[0], await keys.async_load(ids[0]))


async def async_say_goodbye(host: str, port: int, credentials: Credentials, first: bytes) -> bool:
    """Tell the other end that it is unpaired; return whether it heard. Best effort.

    `first` is what has to be said before.
    """
    try:
        reader, writer = await open_stream(host, port, credentials)
    except LinkError:
        return False
    try:
        async with asyncio.timeout(GOODBYE_S):
            writer.write(first)
            await write_event(writer, Unpair().event())
            while await reader.read(65_536):
                pass
    except OSError, TimeoutError:
        return False
    finally:
        await close(writer)
    return True


async def async_forget(hass: HomeAssistant, pairing_id: str) -> None:
    """Forget a pairing. What cannot be removed now is swept up later."""
    try:
        await link_keys(hass).async_remove(pairing_id)
    except (OSError, TrustError) as err:
        _LOGGER.warning("The keys of a link cannot be removed: %s", err)
