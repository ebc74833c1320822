"""Adding a room or a speech service; a room is working when its flow ends."""

import uuid
from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.components.assist_pipeline import Pipeline
from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    OptionsFlow,
)
from homeassistant.const import CONF_CODE, CONF_HOST, CONF_NAME, CONF_PORT, Platform
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

from .const import (
    CONF_AREA,
    CONF_KIND,
    CONF_LISTENERS,
    CONF_OWNER,
    CONF_PAIRING,
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
    code_form,
    details_form,
    moved_form,
    pipeline_form,
    room_form,
    speech_form,
    typed_address,
)
from .flow_user import first_listener
from .link.greet import LinkError, close, is_there, open_stream
from .link.keys import link_keys
from .options_flow import EarshotOptionsFlow
from .pairing_flow import (
    PairedRoom,
    async_pair_room,
    async_pair_speech,
    async_replace,
    async_unpair,
)
from .provision import async_add_speech, async_use_speech, paired_by
from .wire.identity import TrustError

HOUSE_TITLE: Final = "Earshot house"
SPEECH_TITLE: Final = "Earshot speech"
_PROGRAMS: Final[dict[str, str]] = {
    EntryKind.ROOM: "earshot-satellite",
    EntryKind.SPEECH: "earshot-speech",
}
_THIS_MACHINE: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class EarshotConfigFlow(ConfigFlow, domain=DOMAIN):
    """Handles the flows of all three kinds of entries."""

    VERSION = 1

    def __init__(self) -> None:
        self._address: dict[str, Any] = {}
        self._details: dict[str, Any] = {}
        self._owner = uuid.uuid4().hex
        self._changes: dict[str, Any] = {}
        """Of an entry that is paired anew or moves."""

        self._paired: PairedRoom | None = None
        """A satellite that trusts us and that no entry stands for yet."""

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
        """Ask where the satellite is and for its code, and pair with it."""
        errors: dict[str, str] = {}
        if user_input is not None:
            user_input = typed_address(user_input)
            error = await self._pair_room(user_input, user_input[CONF_CODE])
            if error is None:
                return await self.async_step_details()
            errors["base"] = error
        return self.async_show_form(
            step_id="room", data_schema=room_form(user_input), errors=errors
        )

    @override
    async def async_step_zeroconf(self, discovery_info: ZeroconfServiceInfo) -> ConfigFlowResult:
        """Take up a satellite that can be paired, or follow one of ours that moved."""
        port = discovery_info.port
        announced = discovery_info.properties.get("id")
        if announced is None or port is None:
            return self.async_abort(reason="not_earshot")
        self._address = {CONF_HOST: discovery_info.host, CONF_PORT: port}
        await self.async_set_unique_id(announced)
        known = self.hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, announced)
        if known is not None:
            return await self._follow(known)
        if discovery_info.properties.get("pairing") != "1":
            return self.async_abort(reason="not_pairing")
        # Nothing that is announced tells of the room; a few letters tell two satellites apart.
        self.context["title_placeholders"] = {"name": f"Earshot {announced[:4]}"}
        return await self.async_step_zeroconf_confirm()

    async def _follow(self, entry: ConfigEntry) -> ConfigFlowResult:
        """Take up the new address of one of our satellites, if it is really there.

        Anybody can announce its id: without the look, they could lead us away from it.
        """
        host, port = self._address[CONF_HOST], self._address[CONF_PORT]
        if (entry.data[CONF_HOST], entry.data[CONF_PORT]) != (host, port):
            try:
                keys = link_keys(self.hass)
                credentials = await keys.async_load(entry.data.get(CONF_PAIRING, ""))
            except TrustError:
                return self.async_abort(reason="already_configured")
            if await is_there(host, port, credentials):
                self._abort_if_unique_id_configured(updates=self._address)
        return self.async_abort(reason="already_configured")

    async def async_step_zeroconf_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the code of the satellite that was found."""
        errors: dict[str, str] = {}
        if user_input is not None:
            error = await self._pair_room(self._address, user_input[CONF_CODE])
            if error is None:
                return await self.async_step_details()
            errors["base"] = error
        return self.async_show_form(
            step_id="zeroconf_confirm",
            data_schema=code_form(),
            description_placeholders=self._where(),
            errors=errors,
        )

    async def _pair_room(self, address: dict[str, Any], code: str) -> str | None:
        """Pair with the satellite at an address; return why not, or None.

        One that is a room already is that room paired anew: the flow ends then.
        """
        place = {CONF_HOST: address[CONF_HOST], CONF_PORT: address[CONF_PORT]}
        try:
            self._paired = await async_pair_room(
                self.hass, place[CONF_HOST], place[CONF_PORT], code, self._owner
            )
        except LinkError as err:
            return err.reason
        self._address = place
        satellite_id = self._paired.welcome.satellite_id
        await self.async_set_unique_id(satellite_id, raise_on_progress=False)
        known = self.hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, satellite_id)
        if known is not None:
            await async_replace(self.hass, known, self._paired.made.pairing_id)
            self._abort_if_unique_id_configured(updates={**place, **self._take_pairing()})
        return None

    def _take_pairing(self) -> dict[str, str]:
        """Return what an entry says of the pairing, which is the entry's from then on."""
        paired, self._paired = self._paired, None
        return paired_by(paired.made.pairing_id if paired is not None else None)

    @callback
    @override
    def async_remove(self) -> None:
        """Unpair the satellite of a flow that somebody left: nobody would be its home."""
        if self._paired is None:
            return
        entry = {
            CONF_KIND: EntryKind.ROOM, CONF_OWNER: self._owner, **self._address,
            **self._take_pairing(),
        }  # fmt: skip
        self.hass.async_create_background_task(
            async_unpair(self.hass, entry), "earshot unpair abandoned"
        )

    async def async_step_details(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the room's name, area and kind, which decides what may be kept."""
        assert self._paired is not None
        if user_input is not None:
            self._details = user_input
            return await self.async_step_pipeline()
        area = ar.async_get(self.hass).async_get_area_by_name(self._paired.welcome.area)
        return self.async_show_form(
            step_id="details",
            data_schema=details_form(self._paired.welcome.name, area.id if area else None),
            description_placeholders={"name": self._paired.welcome.name, **self._where()},
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
            made = await async_add_speech(self.hass, user_input)
            if isinstance(made, Pipeline):
                return self._create_room(made.id)
            errors["base"] = made
        return self.async_show_form(
            step_id="add_speech",
            data_schema=speech_form(user_input),
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
            error, pairing_id = await async_use_speech(
                self.hass,
                user_input[CONF_HOST],
                user_input[CONF_PORT],
                user_input.get(CONF_CODE, ""),
            )
            if error is None:
                return await self._create_speech({**user_input, **paired_by(pairing_id)})
            errors["base"] = error
        return self.async_show_form(
            step_id="speech",
            data_schema=speech_form(user_input),
            errors=errors,
        )

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Take up that a device and we do not know each other any more."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for a code, and pair with the same device anew."""
        entry = self._get_reauth_entry()
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = await self._pair_again(entry, dict(entry.data), user_input[CONF_CODE])
            if not errors:
                return self.async_update_reload_and_abort(entry, data_updates=self._changes)
        return self.async_show_form(
            step_id="reauth_confirm",
            data_schema=code_form(),
            description_placeholders={
                "name": entry.title,
                "host": entry.data[CONF_HOST],
                "port": str(entry.data[CONF_PORT]),
                "program": _PROGRAMS[entry.data[CONF_KIND]],
            },
            errors=errors,
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Give a room or a speech service another address, or pair with it anew."""
        entry = self._get_reconfigure_entry()
        kind = entry.data[CONF_KIND]
        if kind == EntryKind.HOUSE:
            return self.async_abort(reason="house_has_no_address")
        errors: dict[str, str] = {}
        if user_input is not None:
            user_input = typed_address(user_input)
            code = user_input.pop(CONF_CODE, "")
            if code.strip():
                errors = await self._pair_again(entry, user_input, code)
            else:
                errors = await self._check_moved(entry, user_input)
            if not errors:
                return self.async_update_reload_and_abort(
                    entry, unique_id=self._moved_id(entry, user_input), data_updates=self._changes
                )
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=moved_form(user_input or entry.data),
            description_placeholders={
                "name": entry.title,
                "program": _PROGRAMS[kind],
            },
            errors=errors,
        )

    async def _pair_again(
        self, entry: ConfigEntry, address: Mapping[str, Any], code: str
    ) -> dict[str, str]:
        """Pair with the device of an entry at an address; return the form's errors."""
        host, port = address[CONF_HOST], address[CONF_PORT]
        place = {CONF_HOST: host, CONF_PORT: port}
        if entry.data[CONF_KIND] == EntryKind.SPEECH:
            try:
                made = await async_pair_speech(self.hass, host, port, code)
            except LinkError as err:
                return {"base": err.reason}
        else:
            owner = entry.data[CONF_OWNER]
            try:
                paired = await async_pair_room(self.hass, host, port, code, owner)
            except LinkError as err:
                return {"base": err.reason}
            made = paired.made
            if paired.welcome.satellite_id != entry.unique_id:
                return await self._paired_another(paired, {**entry.data, **place})
        await async_replace(self.hass, entry, made.pairing_id)
        self._changes = {**place, **paired_by(made.pairing_id)}
        return {}

    async def _paired_another(self, paired: PairedRoom, data: dict[str, Any]) -> dict[str, str]:
        """Put right that the code was another satellite's, which has forgotten its home for us.

        A room of ours goes on with the new keys. Whoever else's it was, it is nobody's now.
        """
        made_by = paired_by(paired.made.pairing_id)
        other = self.hass.config_entries.async_entry_for_domain_unique_id(
            DOMAIN, paired.welcome.satellite_id
        )
        if other is None:
            await async_unpair(self.hass, data | made_by)
            return {"base": "paired_another"}
        await async_replace(self.hass, other, paired.made.pairing_id)
        place = {key: data[key] for key in (CONF_HOST, CONF_PORT)}
        self.hass.config_entries.async_update_entry(other, data={**other.data, **place, **made_by})
        self.hass.config_entries.async_schedule_reload(other.entry_id)
        return {"base": "paired_another_room"}

    async def _check_moved(self, entry: ConfigEntry, address: dict[str, Any]) -> dict[str, str]:
        """Return the form's errors: only who was paired, or this machine, may be there."""
        host, port = address[CONF_HOST], address[CONF_PORT]
        self._changes = address
        pairing_id = entry.data.get(CONF_PAIRING)
        if pairing_id is None:
            if entry.data[CONF_KIND] == EntryKind.ROOM:
                return {"base": "code_needed"}
            error, _ = await async_use_speech(self.hass, host, port, "")
            return {} if error is None else {"base": error}
        try:
            credentials = await link_keys(self.hass).async_load(pairing_id)
            _, writer = await open_stream(host, port, credentials)
        except TrustError:
            return {"base": "code_needed"}
        except LinkError as err:
            return {"base": err.reason}
        await close(writer)
        return {}

    def _moved_id(self, entry: ConfigEntry, address: dict[str, Any]) -> str | None:
        """Return the unique id of an entry at its new address; abort if it is another one's."""
        if entry.data[CONF_KIND] == EntryKind.ROOM:
            return entry.unique_id
        moved = _speech_id(address)
        other = self.hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, moved)
        if other is not None and other is not entry:
            raise AbortFlow("already_configured")
        return moved

    async def _create_speech(self, data: dict[str, Any]) -> ConfigFlowResult:
        known = await self.async_set_unique_id(_speech_id(data))
        pairing_id = data.get(CONF_PAIRING)
        if known is not None and pairing_id is not None:
            await async_replace(self.hass, known, pairing_id)
        self._abort_if_unique_id_configured(updates=paired_by(pairing_id))
        return self.async_create_entry(
            title=SPEECH_TITLE,
            data={
                CONF_KIND: EntryKind.SPEECH,
                CONF_HOST: data[CONF_HOST],
                CONF_PORT: data[CONF_PORT],
                **paired_by(pairing_id),
            },
        )

    def _create_room(self, pipeline: str | None) -> ConfigFlowResult:
        assert self._paired is not None
        listener = first_listener(self.hass)
        satellite_id = self._paired.welcome.satellite_id
        return self.async_create_entry(
            title=self._details[CONF_NAME],
            data={
                CONF_KIND: EntryKind.ROOM,
                **self._address,
                CONF_OWNER: self._owner,
                CONF_SATELLITE_ID: satellite_id,
                **self._take_pairing(),
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
