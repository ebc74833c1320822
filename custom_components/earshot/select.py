"""The choices of a room and of the house: pipeline, end of speech, and how long is kept."""

from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.assist_pipeline import AssistPipelineSelect, VadSensitivitySelect
from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_AUDIO, CONF_FALSE_WAKE, CONF_KIND, CONF_TRANSCRIPT, DOMAIN, EntryKind
from .engines import first_pipeline_name
from .entity import HouseEntity, RoomEntity, actor_of, room_device
from .models import EarshotConfigEntry, HouseConfigEntry, RoomConfigEntry
from .policy.retention import HouseRetention, Period, RoomRetention
from .retention import house_retention

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


class RoomPipeline(AssistPipelineSelect):
    """The Assist pipeline of a room; the one chosen when the room was added until another is."""

    _attr_has_entity_name = True

    def __init__(self, hass: HomeAssistant, entry: RoomConfigEntry) -> None:
        super().__init__(hass, DOMAIN, entry.entry_id)
        self._attr_device_info = room_device(entry)
        if (first := first_pipeline_name(hass, entry)) is not None:
            self._attr_current_option = first


class RoomVadSensitivity(VadSensitivitySelect):
    """How soon silence ends a command, for engines that cannot tell themselves."""

    _attr_has_entity_name = True

    def __init__(self, hass: HomeAssistant, entry: RoomConfigEntry) -> None:
        super().__init__(hass, entry.entry_id)
        self._attr_device_info = room_device(entry)


class RoomRule(RoomEntity, SelectEntity):
    """How long something of this room may be kept; `as_house` leaves it to the house."""

    entity_description: RetentionDescription

    def __init__(self, entry: RoomConfigEntry, description: RetentionDescription) -> None:
        super().__init__(entry, description.key)
        self.entity_description = description

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

    def __init__(self, entry: HouseConfigEntry, description: RetentionDescription) -> None:
        super().__init__(entry, description.key)
        self.entity_description = description

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
