"""Deleting, and looking for what was deleted while its words are still in memory."""

import logging
from collections.abc import Awaitable, Callable

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..vault import Selection, Vault
from .certificate import Certificate, Certificates
from .model import Needles
from .scan import async_get_checker

_LOGGER = logging.getLogger(__name__)


async def async_delete_and_check(
    hass: HomeAssistant,
    vault: Vault,
    certificates: Certificates,
    selection: Selection,
    deleted: Callable[[], Awaitable[None]],
) -> Certificate:
    """Delete captures, look for them everywhere, and keep what was found, without words.

    `deleted` is called when they are gone, within the first seconds, before anybody looks; that can
    take minutes. Raises `VaultError`.
    """
    words, deletion = await vault.async_take(selection)
    await deleted()
    needles = Needles(
        words=tuple(dict.fromkeys(words)),
        ids=tuple(stone.id for stone in deletion.tombstones),
        fingerprints=tuple(mark for stone in deletion.tombstones for mark in stone.fingerprints),
    )
    report = await async_get_checker(hass).async_check(needles, after_deletion=True)
    certificate = Certificate.new(dt_util.utcnow(), deletion.report.captures, report)
    try:
        await hass.async_add_executor_job(certificates.add, certificate)
    except OSError as err:
        _LOGGER.warning("A certificate could not be kept: %s", err.strerror)
    return certificate
