"""Adding a room or a speech service; a room is working when its flow ends."""

import uuid
from typing import Any, Final, override

from homeassistant.components.assist_pipeline import Pipeline
from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    OptionsFlow,
)
from homeassistant.const import CONF_HOST, CONF_NAME, CONF_PORT, Platform
from homeassistant.core import callback
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

from .const import (
    CONF_AREA,
    CONF_KIND,
    CONF_LISTENERS,
    CONF_OWNER,
    CONF_PIPELINE,
    CONF_ROOM_KIND,
    CONF_SATELLITE_ID,
    DEFAULT_SPEECH_HOST,
    DOMAIN,
    EntryKind,
)
from .engines import (
    async_local_engines,
    async_local_pipelines,
    async_make_pipeline,
    preferred_pipeline_id,
)
from .flow_forms import (
    CONF_STT_ENGINE,
    CONF_TTS_ENGINE,
    NEW_PIPELINE,
    address_form,
    details_form,
    pipeline_form,
    typed_address,
)
from .flow_user import first_listener
from .link.greet import LinkError, identify
from .options_flow import EarshotOptionsFlow
from .provision import async_add_speech, async_best_pipeline, async_check_speech
from .wire.greeting import Welcome
from .wire.limits import ROOM_PORT, SPEECH_PORT

HOUSE_TITLE: Final = "Earshot house"
SPEECH_TITLE: Final = "Earshot speech"
_THIS_MACHINE: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class EarshotConfigFlow(ConfigFlow, domain=DOMAIN):
    """Handles the flows of all three kinds of entries."""

    VERSION = 1

    def __init__(self) -> None:
        self._address: dict[str, Any] = {}
        self._details: dict[str, Any] = {}
        self._owner = uuid.uuid4().hex
        self._welcome: Welcome | None = None

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Return the flow that changes an entry's options."""
        return EarshotOptionsFlow()

    @classmethod
    @callback
    @override
    def async_supports_options_flow(cls, config_entry: ConfigEntry) -> bool:
        """Return whether an entry has options: a speech service has none."""
        return bool(config_entry.data[CONF_KIND] != EntryKind.SPEECH)

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what is to be added."""
        return self.async_show_menu(step_id="user", menu_options=["room", "speech"])

    async def async_step_import(self, import_data: dict[str, Any]) -> ConfigFlowResult:
        """Make the house's entry, or that of a speech service that was just seen to answer."""
        if import_data[CONF_KIND] == EntryKind.SPEECH:
            return await self._create_speech(import_data)
        await self.async_set_unique_id(EntryKind.HOUSE)
        self._abort_if_unique_id_configured()
        return self.async_create_entry(title=HOUSE_TITLE, data={CONF_KIND: EntryKind.HOUSE})

    async def async_step_room(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask where the satellite is and see whether it is one."""
        errors: dict[str, str] = {}
        if user_input is not None:
            user_input = typed_address(user_input)
            try:
                self._welcome = await identify(
                    user_input[CONF_HOST], user_input[CONF_PORT], self._owner
                )
            except LinkError as err:
                errors["base"] = err.reason
            else:
                await self.async_set_unique_id(self._welcome.satellite_id, raise_on_progress=False)
                self._abort_if_unique_id_configured(updates=user_input)
                self._address = user_input
                return await self.async_step_details()
        return self.async_show_form(
            step_id="room", data_schema=address_form(user_input, "", ROOM_PORT), errors=errors
        )

    @override
    async def async_step_zeroconf(self, discovery_info: ZeroconfServiceInfo) -> ConfigFlowResult:
        """Take up a satellite that announced itself, or follow one that moved."""
        self._address = {CONF_HOST: discovery_info.host, CONF_PORT: discovery_info.port}
        self._async_abort_entries_match(self._address)
        if (announced := discovery_info.properties.get("id")) is not None:
            await self.async_set_unique_id(announced)
            self._abort_if_unique_id_configured(updates=self._address)
        try:
            self._welcome = await identify(
                discovery_info.host, discovery_info.port or ROOM_PORT, self._owner
            )
        except LinkError as err:
            return self.async_abort(reason=err.reason)
        await self.async_set_unique_id(self._welcome.satellite_id)
        self._abort_if_unique_id_configured(updates=self._address)
        self.context["title_placeholders"] = {"name": self._welcome.name}
        return await self.async_step_zeroconf_confirm()

    async def async_step_zeroconf_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether the satellite that was found is to be a room."""
        assert self._welcome is not None
        if user_input is not None:
            return await self.async_step_details()
        return self.async_show_form(
            step_id="zeroconf_confirm",
            description_placeholders={"name": self._welcome.name, **self._where()},
        )

    async def async_step_details(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the room's name, area and kind, which decides what may be kept."""
        assert self._welcome is not None
        if user_input is not None:
            self._details = user_input
            return await self.async_step_pipeline()
        area = ar.async_get(self.hass).async_get_area_by_name(self._welcome.area)
        return self.async_show_form(
            step_id="details",
            data_schema=details_form(self._welcome.name, area.id if area else None),
            description_placeholders={"name": self._welcome.name, **self._where()},
        )

    async def async_step_pipeline(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Choose or make the pipeline that hears and answers in the room."""
        errors: dict[str, str] = {}
        if user_input is not None:
            choice = user_input[CONF_PIPELINE]
            if choice != NEW_PIPELINE:
                return self._create_room(choice)
            made = await async_make_pipeline(
                self.hass, user_input[CONF_STT_ENGINE], user_input[CONF_TTS_ENGINE]
            )
            if made is not None:
                return self._create_room(made.id)
            errors["base"] = "language"
        pipelines = await async_local_pipelines(self.hass)
        stt_engines = await async_local_engines(self.hass, Platform.STT)
        tts_engines = await async_local_engines(self.hass, Platform.TTS)
        if not pipelines and not (stt_engines and tts_engines):
            return await self.async_step_no_engine()
        return self.async_show_form(
            step_id="pipeline",
            data_schema=pipeline_form(
                pipelines, preferred_pipeline_id(self.hass), stt_engines, tts_engines
            ),
            errors=errors,
        )

    async def async_step_no_engine(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Offer our speech service where nothing local can hear or speak."""
        return self.async_show_menu(
            step_id="no_engine", menu_options=["add_speech", "without_speech"]
        )

    async def async_step_add_speech(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Add the speech service on the way, make the pipeline with it and finish."""
        errors: dict[str, str] = {}
        if user_input is not None:
            user_input = typed_address(user_input)
            error = await async_add_speech(self.hass, user_input[CONF_HOST], user_input[CONF_PORT])
            if error is None:
                pipeline: Pipeline | None = await async_best_pipeline(self.hass)
                if pipeline is not None:
                    return self._create_room(pipeline.id)
                error = "language"
            errors["base"] = error
        return self.async_show_form(
            step_id="add_speech",
            data_schema=address_form(user_input, DEFAULT_SPEECH_HOST, SPEECH_PORT),
            errors=errors,
        )

    async def async_step_without_speech(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Finish without a pipeline; Repairs offers to make it later."""
        return self._create_room(None)

    async def async_step_speech(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask where the speech service is and see whether it answers."""
        errors: dict[str, str] = {}
        if user_input is not None:
            user_input = typed_address(user_input)
            error = await async_check_speech(user_input[CONF_HOST], user_input[CONF_PORT])
            if error is None:
                return await self._create_speech(user_input)
            errors["base"] = error
        return self.async_show_form(
            step_id="speech",
            data_schema=address_form(user_input, DEFAULT_SPEECH_HOST, SPEECH_PORT),
            errors=errors,
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Give a room or a speech service another address."""
        entry = self._get_reconfigure_entry()
        kind = entry.data[CONF_KIND]
        if kind == EntryKind.HOUSE:
            return self.async_abort(reason="house_has_no_address")
        errors: dict[str, str] = {}
        if user_input is not None:
            user_input = typed_address(user_input)
            error = await self._check_moved(entry, user_input)
            if error is None:
                return self.async_update_reload_and_abort(
                    entry, unique_id=self.unique_id, data_updates=user_input
                )
            errors["base"] = error
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=address_form(user_input or entry.data, "", ROOM_PORT),
            description_placeholders={"name": entry.title},
            errors=errors,
        )

    async def _check_moved(self, entry: ConfigEntry, address: dict[str, Any]) -> str | None:
        """Return why an entry cannot go to an address, or None."""
        host, port = address[CONF_HOST], address[CONF_PORT]
        if entry.data[CONF_KIND] == EntryKind.SPEECH:
            if (error := await async_check_speech(host, port)) is not None:
                return error
            await self.async_set_unique_id(_speech_id(address))
            if self.unique_id != entry.unique_id:
                self._abort_if_unique_id_configured()
            return None
        try:
            welcome = await identify(host, port, entry.data[CONF_OWNER])
        except LinkError as err:
            return err.reason
        if welcome.satellite_id != entry.unique_id:
            return "another_satellite"
        await self.async_set_unique_id(welcome.satellite_id)
        return None

    async def _create_speech(self, data: dict[str, Any]) -> ConfigFlowResult:
        await self.async_set_unique_id(_speech_id(data))
        self._abort_if_unique_id_configured()
        return self.async_create_entry(
            title=SPEECH_TITLE,
            data={
                CONF_KIND: EntryKind.SPEECH,
                CONF_HOST: data[CONF_HOST],
                CONF_PORT: data[CONF_PORT],
            },
        )

    def _create_room(self, pipeline: str | None) -> ConfigFlowResult:
        assert self._welcome is not None
        listener = first_listener(self.hass)
        return self.async_create_entry(
            title=self._details[CONF_NAME],
            data={
                CONF_KIND: EntryKind.ROOM,
                **self._address,
                CONF_OWNER: self._owner,
                CONF_SATELLITE_ID: self._welcome.satellite_id,
                CONF_AREA: self._details.get(CONF_AREA),
                CONF_PIPELINE: pipeline,
            },
            options={
                CONF_ROOM_KIND: self._details[CONF_ROOM_KIND],
                CONF_LISTENERS: [listener] if listener else [],
            },
        )

    def _where(self) -> dict[str, str]:
        return {"host": str(self._address[CONF_HOST]), "port": str(self._address[CONF_PORT])}


def _speech_id(address: dict[str, Any]) -> str:
    """Return the unique id of the speech service at an address, this machine's by one name."""
    host = address[CONF_HOST].lower()
    host = DEFAULT_SPEECH_HOST if host in _THIS_MACHINE else host
    return f"speech-{host}:{address[CONF_PORT]}"
