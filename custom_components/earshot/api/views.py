"""The views: the audio of one capture, and an export. Everything else goes over the websocket."""

import asyncio
import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import probatio as vol
from aiohttp import web
from homeassistant.components.http import KEY_HASS, HomeAssistantView

from ..audit import Verb
from ..const import DOMAIN
from ..policy.access import Act, RoomAccess, may
from .ask import Ask
from .asker import async_asker_of_request
from .commands import as_api_error
from .errors import ApiError, RefusedError
from .export import FIELDS, Export
from .fields import is_capture_id
from .state import DATA_API
from .unlocks import HEADER

_LOGGER = logging.getLogger(__name__)

OPEN_S: Final = 30.0
EXPORT_S: Final = 600.0
MAX_BODY: Final = 64 * 1024

HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Of every answer, so that nothing keeps a copy or takes it for something else."""


class AudioView(HomeAssistantView):
    """The audio of one capture, for a listener of its room."""

    url = f"/api/{DOMAIN}/captures/{{capture_id}}/audio"
    name = f"api:{DOMAIN}:audio"

    async def get(self, request: web.Request, capture_id: str) -> web.Response:
        """Return the audio, after a line in the log says that it was played."""
        try:
            async with asyncio.timeout(OPEN_S):
                return await self._audio(await _ask(request), capture_id)
        except Exception as err:  # noqa: BLE001 - told by its name only
            return refusal(err)

    async def _audio(self, ask: Ask, capture_id: str) -> web.Response:
        if not is_capture_id(capture_id):
            ask.refuse(may(ask.asker, Act.PLAY, RoomAccess()), None)
        found = await ask.capture(Act.PLAY, capture_id)
        vault = await ask.vault()
        capture = await vault.async_read(capture_id, ask.house.reading(), ask.private)
        if capture.audio is None:
            raise ApiError("no_audio")
        await ask.write(Verb.PLAYED, found.room_id, capture_id)
        return web.Response(
            body=capture.audio, content_type=capture.audio_type, headers=dict(HEADERS)
        )


class ExportView(HomeAssistantView):
    """A zip of captures with a readable index, for listeners of their rooms."""

    url = f"/api/{DOMAIN}/export"
    name = f"api:{DOMAIN}:export"
    max_body_size = MAX_BODY

    async def post(self, request: web.Request) -> web.StreamResponse:
        """Return what was asked for, piece by piece; nothing of it is written to a disk."""
        try:
            async with asyncio.timeout(OPEN_S):
                export = await Export.async_of(await _ask(request), await _body(request))
        except Exception as err:  # noqa: BLE001 - told by its name only
            return refusal(err)
        response = web.StreamResponse(
            headers={
                **HEADERS,
                "Content-Type": "application/zip",
                "Content-Disposition": f'attachment; filename="{DOMAIN}.zip"',
            }
        )
        await response.prepare(request)
        async with asyncio.timeout(EXPORT_S):
            async for piece in export.pieces():
                await response.write(piece)
        await response.write_eof()
        return response


def refusal(error: Exception) -> web.Response:
    """Return the answer to what is not done. All that are refused differ in `code` only."""
    told = as_api_error(error)
    status = _STATUS.get(told.code, HTTPStatus.INTERNAL_SERVER_ERROR)
    if isinstance(told, RefusedError) or told.code == "not_allowed":
        status = HTTPStatus.FORBIDDEN
    return web.json_response({"code": told.code}, status=status, headers=HEADERS)


_STATUS: Final = {
    "capture_sealed": HTTPStatus.FORBIDDEN,
    "clock_uncertain": HTTPStatus.FORBIDDEN,
    "export_too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "invalid_format": HTTPStatus.BAD_REQUEST,
    "no_audio": HTTPStatus.NOT_FOUND,
    "audit_failed": HTTPStatus.SERVICE_UNAVAILABLE,
    "timeout": HTTPStatus.SERVICE_UNAVAILABLE,
    "vault_busy": HTTPStatus.SERVICE_UNAVAILABLE,
    "vault_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
}


async def _ask(request: web.Request) -> Ask:
    hass = request.app[KEY_HASS]
    api = hass.data[DATA_API]
    asker = await async_asker_of_request(hass, api.second_factor, request)
    private: Mapping[str, bytes] = {}
    if asker.user_id and asker.session and (handle := request.headers.get(HEADER)):
        private = api.unlocks.of_handle(handle, asker.user_id, asker.session)
    return Ask(hass=hass, api=api, asker=asker, private=private)


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        fields: dict[str, Any] = FIELDS(json.loads(await request.read()))
    except ValueError, RecursionError, vol.Invalid, web.HTTPRequestEntityTooLarge:
        raise ApiError("invalid_format") from None
    return fields
