"""The loudspeaker of a room's satellite: its volume, and what is played there."""

from typing import Any, Final, override
from urllib.parse import urlsplit

from homeassistant.components import media_source
from homeassistant.components.assist_satellite.errors import SatelliteBusyError
from homeassistant.components.media_player import (
    BrowseMedia,
    MediaPlayerDeviceClass,
    MediaPlayerEntity,
    MediaPlayerEntityFeature,
    MediaPlayerState,
    MediaType,
    async_process_play_media_url,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .entity import RoomEntity
from .media import Playback
from .models import RoomConfigEntry

PARALLEL_UPDATES = 0

VOLUME_STEP: Final = 0.1
_STATES: Final = {
    Playback.IDLE: MediaPlayerState.IDLE,
    Playback.BUFFERING: MediaPlayerState.BUFFERING,
    Playback.PLAYING: MediaPlayerState.PLAYING,
    Playback.PAUSED: MediaPlayerState.PAUSED,
}


async def async_setup_entry(
    hass: HomeAssistant,
    entry: RoomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the loudspeaker of a room."""
    async_add_entities([Loudspeaker(entry)])


class Loudspeaker(RoomEntity, MediaPlayerEntity):
    """Plays what Home Assistant can reach; the satellite itself opens no connection for it."""

    _attr_translation_key = "loudspeaker"
    _attr_device_class = MediaPlayerDeviceClass.SPEAKER
    _attr_media_content_type = MediaType.MUSIC
    _attr_volume_step = VOLUME_STEP
    _attr_supported_features = (
        MediaPlayerEntityFeature.PLAY_MEDIA
        | MediaPlayerEntityFeature.BROWSE_MEDIA
        | MediaPlayerEntityFeature.MEDIA_ANNOUNCE
        | MediaPlayerEntityFeature.PLAY
        | MediaPlayerEntityFeature.PAUSE
        | MediaPlayerEntityFeature.STOP
        | MediaPlayerEntityFeature.TURN_ON
        | MediaPlayerEntityFeature.TURN_OFF
        | MediaPlayerEntityFeature.VOLUME_SET
        | MediaPlayerEntityFeature.VOLUME_STEP
        | MediaPlayerEntityFeature.VOLUME_MUTE
    )
    _outlives_link = False

    def __init__(self, entry: RoomConfigEntry) -> None:
        super().__init__(entry, "loudspeaker")

    @property
    @override
    def state(self) -> MediaPlayerState:
        """Return how what is played stands."""
        return _STATES[self._room.media.playback]

    @property
    @override
    def volume_level(self) -> float | None:
        """Return how loud the satellite says it is."""
        return None if self._room.media.volume is None else self._room.media.volume.level

    @property
    @override
    def is_volume_muted(self) -> bool | None:
        """Return whether it is silent but for timers and the tone of remote listening."""
        return None if self._room.media.volume is None else self._room.media.volume.muted

    @override
    async def async_play_media(
        self,
        media_type: MediaType | str,
        media_id: str,
        announce: bool | None = None,
        **kwargs: Any,
    ) -> None:
        """Play a medium, in the background or, as an announcement, before all else."""
        if media_source.is_media_source_id(media_id):
            found = await media_source.async_resolve_media(self.hass, media_id, self.entity_id)
            media_id = found.url
        url = async_process_play_media_url(self.hass, media_id)
        if urlsplit(url).scheme not in {"http", "https"}:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="media_not_an_address"
            )
        if not announce:
            if not await self._room.media.async_play(url):
                raise self._error("media_unreadable")
            return
        if self._room.handler is None:
            raise self._error("satellite_unreachable")
        try:
            await self._room.handler.async_announce_media(url)
        except SatelliteBusyError as err:
            raise self._error("satellite_busy") from err

    @override
    async def async_browse_media(
        self,
        media_content_type: MediaType | str | None = None,
        media_content_id: str | None = None,
    ) -> BrowseMedia:
        """Show the sound that Home Assistant's media sources have."""
        return await media_source.async_browse_media(
            self.hass,
            media_content_id,
            content_filter=lambda item: item.media_content_type.startswith("audio/"),
        )

    @override
    async def async_media_pause(self) -> None:
        """Hold it."""
        self._room.media.pause(paused=True)

    @override
    async def async_media_play(self) -> None:
        """Go on with it."""
        self._room.media.pause(paused=False)

    @override
    async def async_media_stop(self) -> None:
        """Be silent; a timer that rings is stopped as well."""
        self._room.media.stop()
        if self._room.timers.rings:
            self._room.timers.stop()

    @override
    async def async_turn_on(self) -> None:
        """Do nothing: it is always ready. Without it nobody could turn a whole area on."""

    @override
    async def async_turn_off(self) -> None:
        """Be silent, as everything in an area that is turned off."""
        self._room.media.stop()

    @override
    async def async_set_volume_level(self, volume: float) -> None:
        """Have it so loud."""
        self._set_volume(volume, muted=bool(self.is_volume_muted))

    @override
    async def async_mute_volume(self, mute: bool) -> None:
        """Have it silent, or as loud as before. Its microphone is another matter."""
        self._set_volume(self.volume_level or 0.0, muted=mute)

    def _set_volume(self, level: float, *, muted: bool) -> None:
        if not self._room.media.set_volume(level, muted=muted):
            raise self._error("satellite_unreachable")

    def _error(self, key: str) -> HomeAssistantError:
        return HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key=key,
            translation_placeholders={"room": self._room.name},
        )
