"""The choices of a room and of the house: pipeline, end of speech, and how long is kept."""

from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.assist_pipeline import AssistPipelineSelect, VadSensitivitySelect
from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .audit import Verb
from .const import (
    AS_ROOM,
    CONF_AUDIO,
    CONF_FALSE_WAKE,
    CONF_KIND,
    CONF_PIPELINE,
    CONF_TRANSCRIPT,
    DOMAIN,
    WORD_PIPELINE,
    EntryKind,
)
from .engines import first_pipeline_name, pipeline_id, words_with_pipeline
from .entity import HouseEntity, RoomEntity, actor_of, room_device
from .logged import ToLog
from .models import EarshotConfigEntry, RoomConfigEntry
from .policy.retention import HouseRetention, Period, RoomRetention
from .retention import house_retention
from .wire.greeting import SENSITIVITIES, SetWakeWords, WakeWord

PARALLEL_UPDATES = 0

_PERIODS: Final = [period.value for period in Period]
_HOUSE_PERIODS: Final = [period.value for period in Period if period is not Period.AS_HOUSE]


@dataclass(frozen=True, kw_only=True)
class RetentionDescription(SelectEntityDescription):
    """A rule: its option in the config entry is its key's field of the retention."""

    field: str


_ROOM_RULES: Final = (
    RetentionDescription(
        key="audio_retention", translation_key="audio_retention", field=CONF_AUDIO,
        entity_category=EntityCategory.CONFIG, options=_PERIODS,
    ),
    RetentionDescription(
        key="transcript_retention", translation_key="transcript_retention", field=CONF_TRANSCRIPT,
        entity_category=EntityCategory.CONFIG, options=_PERIODS,
    ),
)  # fmt: skip

_HOUSE_RULES: Final = (
    RetentionDescription(
        key="audio_retention", translation_key="house_audio_retention", field=CONF_AUDIO,
        entity_category=EntityCategory.CONFIG, options=_HOUSE_PERIODS,
    ),
    RetentionDescription(
        key="transcript_retention", translation_key="house_transcript_retention",
        field=CONF_TRANSCRIPT, entity_category=EntityCategory.CONFIG, options=_HOUSE_PERIODS,
    ),
    RetentionDescription(
        key="false_wake_retention", translation_key="house_false_wake_retention",
        field=CONF_FALSE_WAKE, entity_category=EntityCategory.CONFIG, options=_PERIODS,
    ),
)  # fmt: skip


async def async_setup_entry(
    hass: HomeAssistant,
    entry: EarshotConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the selects of a room or of the house."""
    if entry.data[CONF_KIND] == EntryKind.HOUSE:
        async_add_entities(HouseRule(entry, description) for description in _HOUSE_RULES)
        return
    async_add_entities(
        [
            RoomPipeline(hass, entry),
            RoomVadSensitivity(hass, entry),
            *(RoomRule(entry, description) for description in _ROOM_RULES),
        ]
    )
    _follow_words(hass, entry, async_add_entities)


@callback
def _follow_words(
    hass: HomeAssistant, entry: RoomConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the selects of each wake word as soon as the room listens for it.

    With a single word the room's own pipeline is that word's.
    """
    room = entry.runtime_data
    with_pipeline: set[str] = set()
    with_sensitivity: set[str] = set()

    @callback
    def follow() -> None:
        active = {it.id: it for it in room.active_words}
        several = active if len(active) > 1 else {}
        known = words_with_pipeline(hass, entry)
        added: list[SelectEntity] = [
            WordPipeline(hass, entry, word, active[word].phrase if word in active else word)
            for word in dict.fromkeys((*several, *known))
            if word not in with_pipeline
        ]
        added += [
            WordSensitivity(entry, it) for it in active.values() if it.id not in with_sensitivity
        ]
        with_pipeline.update((*several, *known))
        with_sensitivity.update(active)
        if added:
            async_add_entities(added)

    entry.async_on_unload(room.async_listen(follow))
    follow()


class LoggedPipelineSelect(AssistPipelineSelect):
    """A choice of who gets a room's words: anybody can make it, so it is a line in the log."""

    _attr_has_entity_name = True
    _entry: RoomConfigEntry

    @override
    async def async_select_option(self, option: str) -> None:
        """Choose another pipeline, and have it written: by its id, for its name is somebody's."""
        before = self._attr_current_option
        await super().async_select_option(option)
        if option == before:
            return
        detail = f"{pipeline_id(self.hass, before)}>{pipeline_id(self.hass, option)}"
        line = ToLog(
            Verb.POLICY_CHANGED,
            actor_of(self._context),
            self._entry.entry_id,
            target=CONF_PIPELINE,
            detail=detail,
        )
        self._entry.runtime_data.house.spared.log_soon(line)


class RoomPipeline(LoggedPipelineSelect):
    """The Assist pipeline of a room; the one chosen when the room was added until another is."""

    def __init__(self, hass: HomeAssistant, entry: RoomConfigEntry) -> None:
        super().__init__(hass, DOMAIN, entry.entry_id)
        self._entry = entry
        self._attr_device_info = room_device(entry)
        if (first := first_pipeline_name(hass, entry)) is not None:
            self._attr_current_option = first


class RoomVadSensitivity(VadSensitivitySelect):
    """How soon silence ends a command, for engines that cannot tell themselves."""

    _attr_has_entity_name = True

    def __init__(self, hass: HomeAssistant, entry: RoomConfigEntry) -> None:
        super().__init__(hass, entry.entry_id)
        self._attr_device_info = room_device(entry)


class WordPipeline(LoggedPipelineSelect):
    """The Assist pipeline of one wake word; the room's until another one is chosen."""

    _attr_current_option = AS_ROOM

    def __init__(self, hass: HomeAssistant, entry: RoomConfigEntry, word: str, phrase: str) -> None:
        self.entity_description = SelectEntityDescription(
            key=f"{WORD_PIPELINE}{word}",
            translation_key="word_pipeline",
            translation_placeholders={"word": phrase},
            entity_category=EntityCategory.CONFIG,
        )
        super().__init__(hass, DOMAIN, entry.entry_id)
        self._entry = entry
        self._attr_device_info = room_device(entry)

    @override
    def _update_options(self) -> None:
        """Offer the room's pipeline too; a pipeline that is gone gives way to that."""
        before = self._attr_current_option
        super()._update_options()
        self._attr_options = [AS_ROOM, *self._attr_options]
        self._attr_current_option = before if before in self._attr_options else AS_ROOM


class WordSensitivity(RoomEntity, SelectEntity):
    """How readily one wake word is heard: kept by the satellite."""

    _attr_entity_category = EntityCategory.CONFIG
    _attr_translation_key = "word_sensitivity"
    _outlives_link = False

    def __init__(self, entry: RoomConfigEntry, word: WakeWord) -> None:
        super().__init__(entry, f"sensitivity-{word.id}")
        self._word = word.id
        self._attr_options = list(SENSITIVITIES)
        self._attr_translation_placeholders = {"word": word.phrase}

    @property
    def _active(self) -> WakeWord | None:
        return next((it for it in self._room.active_words if it.id == self._word), None)

    @property
    @override
    def available(self) -> bool:
        """Return whether the satellite is there and listens for the word."""
        return super().available and self._active is not None

    @property
    @override
    def current_option(self) -> str | None:
        """Return what the satellite says."""
        return self._active.sensitivity if self._active is not None else None

    @override
    async def async_select_option(self, option: str) -> None:
        """Ask the satellite for it; its answer is what is shown."""
        words = tuple(it.id for it in self._room.active_words)
        if not self._room.link.send(SetWakeWords(words=words, sensitivities={self._word: option})):
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="satellite_unreachable",
                translation_placeholders={"room": self._room.name},
            )


class RoomRule(RoomEntity, SelectEntity):
    """How long something of this room may be kept; `as_house` leaves it to the house."""

    entity_description: RetentionDescription

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the rules: they are changed elsewhere too."""
        await super().async_added_to_hass()
        self.async_on_remove(self._room.house.rules.async_listen(self.async_write_ha_state))

    @property
    @override
    def current_option(self) -> str:
        """Return the rule as it stands."""
        rule: RoomRetention = self._room.retention
        return str(getattr(rule, self.entity_description.field))

    @override
    async def async_select_option(self, option: str) -> None:
        """Change the rule: a shorter one binds at once, a longer one after a day."""
        changes = {self.entity_description.field: option}
        await self._room.house.rules.async_change(self._entry, changes, actor_of(self._context))


class HouseRule(HouseEntity, SelectEntity):
    """How long something may be kept at most, in every room."""

    entity_description: RetentionDescription

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the rules: they are changed elsewhere too."""
        await super().async_added_to_hass()
        self.async_on_remove(self._house.rules.async_listen(self.async_write_ha_state))

    @property
    @override
    def current_option(self) -> str:
        """Return the rule as it stands."""
        rule: HouseRetention = house_retention(self._entry)
        return str(getattr(rule, self.entity_description.field))

    @override
    async def async_select_option(self, option: str) -> None:
        """Change the rule: a shorter one binds at once, a longer one after a day."""
        changes = {self.entity_description.field: option}
        await self._house.rules.async_change(self._entry, changes, actor_of(self._context))
