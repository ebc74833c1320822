"""Changing how long is kept, in one form."""

from typing import Any

from homeassistant.config_entries import ConfigFlowResult, OptionsFlowWithReload

from .const import CONF_KIND, EntryKind
from .flow_forms import house_options_form, room_options_form
from .retention import house_retention, room_retention


class EarshotOptionsFlow(OptionsFlowWithReload):
    """Options of a room or of the house; setting the entry up again applies them."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Go to the form of this kind of entry."""
        if self.config_entry.data[CONF_KIND] == EntryKind.HOUSE:
            return await self.async_step_house()
        return await self.async_step_room()

    async def async_step_room(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for a room's kind and rules."""
        if user_input is not None:
            return self.async_create_entry(data=dict(self.config_entry.options) | user_input)
        return self.async_show_form(
            step_id="room", data_schema=room_options_form(room_retention(self.config_entry))
        )

    async def async_step_house(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the house's rules."""
        if user_input is not None:
            return self.async_create_entry(data=dict(self.config_entry.options) | user_input)
        return self.async_show_form(
            step_id="house", data_schema=house_options_form(house_retention(self.config_entry))
        )
