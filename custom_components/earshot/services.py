"""The actions of Earshot."""

from dataclasses import asdict
from typing import Final

import probatio as vol
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError

from .const import DOMAIN
from .house import DATA_HOUSE
from .traces import async_check_deleted
from .vault import VaultError

SERVICE_CHECK_DELETED: Final = "check_deleted"
SERVICE_PURGE: Final = "purge"


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_CHECK_DELETED,
        _check_deleted,
        schema=vol.Schema({}),
        supports_response=SupportsResponse.ONLY,
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_PURGE,
        _purge,
        schema=vol.Schema({}),
        supports_response=SupportsResponse.OPTIONAL,
    )


async def _check_deleted(call: ServiceCall) -> ServiceResponse:
    """Look for what is left of deleted captures; returns the verdict with the list of places."""
    try:
        report = await async_check_deleted(call.hass, call.hass.data[DATA_HOUSE])
    except (TimeoutError, VaultError) as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key="vault_unavailable"
        ) from err
    return report.as_dict()


async def _purge(call: ServiceCall) -> ServiceResponse:
    """Remove what is past its ceiling now; returns how much that was."""
    try:
        report = await call.hass.data[DATA_HOUSE].async_purge()
    except (TimeoutError, VaultError) as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key="vault_unavailable"
        ) from err
    return asdict(report)
