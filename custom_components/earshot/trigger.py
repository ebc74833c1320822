"""What automations can wait for. Core's helpers follow the target; what counts is said here."""

from abc import abstractmethod
from collections.abc import Mapping
from functools import partial
from typing import ClassVar, Final, cast, override

import probatio as vol
from homeassistant.components.event import ATTR_EVENT_TYPE
from homeassistant.const import CONF_FOR, CONF_OPTIONS, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, State, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.trigger import (
    ENTITY_STATE_TRIGGER_SCHEMA,
    EntityTargetStateTriggerBase,
    NotTriggeredReasonReporter,
    StatelessEntityTriggerBase,
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType

from .const import DOMAIN
from .event import Listened
from .house import DATA_HOUSE, House
from .own_entities import own_of
from .policy.retention import Outcome
from .traces import Report, Verdict
from .traces.scan import async_get_checker

CONF_HOW: Final = "how"
CONF_OUTCOME: Final = "outcome"

_NO_OPTIONS = vol.Schema({vol.Required(CONF_OPTIONS, default={}): {}})


def _some_of(option: str, words: list[str]) -> vol.Schema:
    """Take a list of words; none: all of them count."""
    some = vol.All(cv.ensure_list, [vol.In(words)])
    return ENTITY_STATE_TRIGGER_SCHEMA.extend(
        {vol.Required(CONF_OPTIONS, default={}): {vol.Optional(option, default=[]): some}}
    )


class _Happened(StatelessEntityTriggerBase):
    """An event of ours, of some types."""

    _domain_specs = {"event": DomainSpec()}  # noqa: RUF012 - as core's base declares it
    _kind: ClassVar[str]
    _option: ClassVar[str]

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        super().__init__(hass, config)
        self._types = frozenset(self._options[self._option])

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        return own_of(self._hass, super().entity_filter(entities), self._kind)

    @override
    def is_valid_state(
        self, state: State, report_not_triggered: NotTriggeredReasonReporter
    ) -> bool:
        return not self._types or state.attributes.get(ATTR_EVENT_TYPE) in self._types


class CommandSpoken(_Happened):
    """A command was given in a room."""

    _kind, _option = "voice_command", CONF_OUTCOME
    _schema = _some_of(CONF_OUTCOME, [it.value for it in Outcome])


class SomebodyListened(_Happened):
    """Somebody listened to a room, or was refused."""

    _kind, _option = "listened", CONF_HOW
    _schema = _some_of(CONF_HOW, [it.value for it in Listened])


class _Microphone(EntityTargetStateTriggerBase):
    """A microphone was found to be so. It may not have been known before.

    One at a time: core's "all of them" passes over those that are not known.
    """

    _domain_specs = {"binary_sensor": DomainSpec()}  # noqa: RUF012 - as core's base declares it
    _excluded_from_states = frozenset({STATE_UNAVAILABLE})
    _schema = ENTITY_STATE_TRIGGER_SCHEMA.extend(
        {vol.Required(CONF_OPTIONS, default={}): {vol.Optional(CONF_FOR): cv.positive_time_period}}
    )

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        return own_of(self._hass, super().entity_filter(entities), "microphone")


class MicrophoneClosed(_Microphone):
    """It was verified that it is closed."""

    _to_states = {"off"}  # noqa: RUF012 - as core's base declares it


class MicrophoneOpened(_Microphone):
    """It was verified that it is open."""

    _to_states = {"on"}  # noqa: RUF012 - as core's base declares it


class MicrophoneUnverified(_Microphone):
    """It is no longer known whether it is open."""

    _to_states = {STATE_UNKNOWN}  # noqa: RUF012 - as core's base declares it
    # For core, unknown is nothing to wait for; here it is what matters.
    _excluded_states = frozenset({STATE_UNAVAILABLE})  # type: ignore[misc]


class _OfHouse(Trigger):
    """Something about the whole house."""

    @override
    @classmethod
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        """Take no options."""
        return cast(ConfigType, _NO_OPTIONS(config))

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        """Begin to wait."""
        if (house := self._hass.data.get(DATA_HOUSE)) is None:
            raise HomeAssistantError(translation_domain=DOMAIN, translation_key="not_set_up")
        return self._follow(house, run_action)

    @abstractmethod
    def _follow(self, house: House, run_action: TriggerActionRunner) -> CALLBACK_TYPE:
        """Run the action when it happens; returns what ends that."""


class _GuestMode(_OfHouse):
    _to: ClassVar[bool]

    @override
    def _follow(self, house: House, run_action: TriggerActionRunner) -> CALLBACK_TYPE:
        was_on = house.guest.is_on

        @callback
        def changed() -> None:
            nonlocal was_on
            was_on, before = house.guest.is_on, was_on
            if was_on is self._to and before is not self._to:
                run_action({"until": house.guest.until}, "guest mode")

        return house.guest.async_listen(changed)


class GuestModeBegan(_GuestMode):
    """From now on nothing new is kept."""

    _to = True


class GuestModeEnded(_GuestMode):
    """From now on something may be kept again."""

    _to = False


class TraceFound(_OfHouse):
    """A check found something that was deleted and is still there."""

    @override
    def _follow(self, house: House, run_action: TriggerActionRunner) -> CALLBACK_TYPE:
        return async_get_checker(self._hass).async_listen(partial(_checked, run_action))


@callback
def _checked(run_action: TriggerActionRunner, report: Report) -> None:
    if report.verdict in (Verdict.FOUND, Verdict.COPIES):
        run_action({"verdict": report.verdict.value}, "deletion check")


TRIGGERS: Final[Mapping[str, type[Trigger]]] = {
    "command_spoken": CommandSpoken,
    "guest_mode_began": GuestModeBegan,
    "guest_mode_ended": GuestModeEnded,
    "microphone_closed": MicrophoneClosed,
    "microphone_opened": MicrophoneOpened,
    "microphone_unverified": MicrophoneUnverified,
    "somebody_listened": SomebodyListened,
    "trace_found": TraceFound,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return our triggers."""
    return dict(TRIGGERS)
