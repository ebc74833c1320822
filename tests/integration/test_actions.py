"""The actions: who may, what they answer, and that no word goes in or out with them."""

import json
import tempfile
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import probatio as vol
import pyotp
import pytest
from homeassistant.components.websocket_api import current_connection
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.service import async_get_all_descriptions
from homeassistant.util import dt as dt_util

from custom_components.earshot.audit import Verb
from custom_components.earshot.callers import async_caller
from custom_components.earshot.const import DOMAIN
from custom_components.earshot.house import DATA_HOUSE, House
from custom_components.earshot.policy.access import Token
from custom_components.earshot.vault import VaultUnavailableError

from .conftest import until
from .household import HTTP, MARKER, SECRET, Household, Way, token

KITCHEN = "assist_satellite.kitchen"


@pytest.fixture
def http_config() -> dict[str, Any]:
    """Believe our own proxy, so that requests come over HTTPS."""
    return HTTP


@pytest.fixture(autouse=True)
def no_other_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))


@pytest.fixture
async def own_house(hass: HomeAssistant, household: Household) -> House:
    house = hass.data[DATA_HOUSE]
    await house.async_vault()
    await until(lambda: house.audit.tip is not None)
    return house


async def act(
    hass: HomeAssistant, action: str, user: Any = None, *, answers: bool = True, **data: Any
) -> Any:
    """Call an action: an automation's way, or with the context of a user and no connection."""
    context = Context(user_id=user.id) if user else None
    return await hass.services.async_call(
        DOMAIN, action, data, blocking=True, context=context, return_response=answers
    )


async def over(way: Way, action: str, *, answers: bool = True, **data: Any) -> dict[str, Any]:
    """Call an action over a websocket; returns the whole answer."""
    if way.socket is None:
        await way.connect()
    way._last += 1
    await way.socket.send_json(
        {
            "id": way._last, "type": "call_service", "domain": DOMAIN, "service": action,
            "service_data": data, "return_response": answers,
        }
    )  # fmt: skip
    while (answer := await way.socket.receive_json(timeout=30))["id"] != way._last:
        pass
    return dict(answer)


async def verbs(house: House) -> list[tuple[Verb, str | None]]:
    return [(it.verb, it.actor.user_id) for it in await house.audit.async_lines(None, None, 20)]


async def exists(house: House, capture_id: str) -> bool:
    return await (await house.async_vault()).async_find(capture_id) is not None


async def test_a_listener_gets_what_there_is_without_a_word_of_it(
    hass: HomeAssistant, household: Household, own_house: House
) -> None:
    """Neither in the answer nor on the bus; and what says no word is no reading."""
    capture_id = await household.capture(pinned=True)
    way = await household.way(household.anna)
    await way.result("second_factor", token=pyotp.TOTP(SECRET).now())
    heard: list[Any] = []
    hass.bus.async_listen("*", heard.append)
    answer = await over(way, "get_captures", entity_id=KITCHEN)
    assert answer["success"], answer
    response = answer["result"]["response"]
    (told,) = response["captures"]
    assert (told["id"], told["room_id"]) == (capture_id, household.kitchen.entry_id)
    assert told["outcome"] == "understood"
    assert dt_util.parse_datetime(told["pinned_until"]) > dt_util.utcnow()
    assert response["rooms"][household.kitchen.entry_id]["captures"] == 1
    assert MARKER not in json.dumps(answer) + str([it.as_dict() for it in heard])
    assert Verb.READ not in [verb for verb, _ in await verbs(own_house)]
    await way.close()


async def test_an_automation_gets_numbers_only(
    hass: HomeAssistant, household: Household, own_house: House
) -> None:
    await household.capture()
    answer = await act(hass, "get_captures")
    assert answer["captures"] is None
    assert answer["rooms"][household.kitchen.entry_id]["captures"] == 1
    long_ago = (dt_util.now() - timedelta(days=2)).isoformat()
    assert (await act(hass, "get_captures", until=long_ago))["rooms"] == {}


@pytest.mark.parametrize(
    "who", ["user without right", "listener of another room", "administrator without right"]
)
async def test_who_is_no_listener_gets_and_deletes_nothing(
    hass: HomeAssistant, household: Household, own_house: House, who: str
) -> None:
    capture_id = await household.capture()
    user = household.people[who]
    for action, data in (
        ("get_captures", {"entity_id": KITCHEN}),
        ("delete", {"capture_ids": [capture_id]}),
        ("delete", {"entity_id": KITCHEN, "confirm": True}),
        ("forget_everything", {"confirm": True}),
        ("unpin", {"capture_id": capture_id}),
        ("pin", {"capture_id": capture_id, "days": 1, "reason": "other"}),
        ("label", {"capture_id": capture_id, "label": "wrong_text"}),
    ):
        answers = action not in ("unpin", "label")
        with pytest.raises(HomeAssistantError) as refused:
            await act(hass, action, user, answers=answers, **data)
        assert refused.value.translation_key == "not_allowed", action
        way = await household.way(user)
        answer = await over(way, action, answers=answers, **data)
        assert answer["error"]["translation_key"] == "not_allowed", action
        await way.close()
    assert await exists(own_house, capture_id)


async def test_a_listener_of_whom_only_the_name_is_known_reads_and_pins_nothing(
    hass: HomeAssistant, household: Household, own_house: House
) -> None:
    """A script that runs on for her: not her own way in. To delete is free."""
    capture_id = await household.capture()
    answer = await act(hass, "get_captures", household.anna, entity_id=KITCHEN)
    assert (answer["captures"], answer["rooms"]) == ([], {})
    assert answer["refused"][0]["reason"] == "token"
    with pytest.raises(HomeAssistantError) as refused:
        await act(hass, "pin", household.anna, capture_id=capture_id, days=1, reason="other")
    assert refused.value.translation_key == "token"
    await act(hass, "delete", household.anna, capture_ids=[capture_id])
    assert not await exists(own_house, capture_id)
    assert (Verb.DELETED, household.anna.id) in await verbs(own_house)


async def test_nobody_borrows_the_connection_of_somebody_else(
    hass: HomeAssistant, household: Household, own_house: House
) -> None:
    """What runs in the wake of Anna's message, but for Ben, is not over her login."""
    ben, session = household.people["listener of another room"], household.anna.refresh_tokens
    await token(hass, household.anna)
    connection = SimpleNamespace(user=household.anna, refresh_token_id=next(iter(session)))
    before = current_connection.set(cast(Any, connection))
    try:
        hers = await async_caller(hass, Context(user_id=household.anna.id))
        his = await async_caller(hass, Context(user_id=ben.id))
    finally:
        current_connection.reset(before)
    assert hers is not None
    assert (hers.asker.user_id, hers.asker.token) == (household.anna.id, Token.NORMAL)
    assert his is not None
    assert (his.asker.user_id, his.asker.token) == (ben.id, Token.OTHER)


async def test_pin_label_and_unpin(
    hass: HomeAssistant, household: Household, own_house: House
) -> None:
    """As over our own commands: with the second factor that the room wants."""
    capture_id = await household.capture()
    way = await household.way(household.anna)
    data: dict[str, Any] = {"capture_id": capture_id, "days": 2, "reason": "to_show"}
    answer = await over(way, "label", answers=False, capture_id=capture_id, label="not_for_you")
    assert answer["success"], answer
    answer = await over(way, "pin", **data)
    assert answer["success"], answer
    vault = await own_house.async_vault()
    ((_, pin),) = await vault.async_pins()
    assert (pin.reason, pin.by) == ("to_show", household.anna.id)
    assert (await over(way, "unpin", answers=False, capture_id=capture_id))["success"]
    assert await vault.async_pins() == ()
    await way.close()
    for action, more in (("pin", {"days": 1, "reason": "other"}), ("label", {"label": "none"})):
        with pytest.raises(HomeAssistantError) as refused:
            await act(hass, action, answers=action == "pin", capture_id=capture_id, **more)
        assert refused.value.translation_key == "not_allowed"


async def test_an_automation_unpins(
    hass: HomeAssistant, household: Household, own_house: House
) -> None:
    capture_id = await household.capture(pinned=True)
    await act(hass, "unpin", answers=False, capture_id=capture_id)
    assert await (await own_house.async_vault()).async_pins() == ()
    assert (Verb.UNPINNED, None) in await verbs(own_house)
    with pytest.raises(HomeAssistantError) as unknown:
        await act(hass, "unpin", answers=False, capture_id="0" * 32)
    assert unknown.value.translation_key == "not_allowed"


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("pin", {"days": 1, "reason": "because she said so"}),
        ("pin", {"days": 31, "reason": "other"}),
        ("label", {"label": "wrong_text", "right_text": "turn off the light"}),
        ("delete", {"capture_ids": []}),
        ("delete", {"capture_ids": ["../../keys.db"]}),
        ("mute_for", {"entity_id": KITCHEN, "minutes": 0}),
        ("mute_for", {"entity_id": KITCHEN, "minutes": 721}),
        ("guest_mode", {"hours": 73}),
        ("get_captures", {"limit": 101}),
    ],
)
async def test_no_free_text_and_nothing_out_of_range(
    hass: HomeAssistant, household: Household, action: str, data: dict[str, Any]
) -> None:
    if action in ("pin", "label"):
        data["capture_id"] = "0" * 32
    with pytest.raises(vol.Invalid):
        await act(hass, action, answers=action not in ("label", "unpin"), **data)


async def test_what_takes_much_needs_a_second_yes(
    hass: HomeAssistant, household: Household, own_house: House
) -> None:
    loose, pinned = await household.capture(), await household.capture(pinned=True)
    for action, data in (
        ("delete", {}),
        ("delete", {"entity_id": KITCHEN}),
        ("delete", {"capture_ids": [pinned], "pinned": True}),
        ("forget_everything", {}),
    ):
        with pytest.raises(ServiceValidationError) as refused:
            await act(hass, action, **data)
        assert refused.value.translation_key == "not_confirmed"
    assert await exists(own_house, loose)
    answer = await act(hass, "delete", confirm=True)
    assert answer["certificate"]["captures"] == 1
    assert answer["certificate"]["report"]["places"]
    assert not await exists(own_house, loose)
    assert await exists(own_house, pinned)
    await act(hass, "delete", confirm=True, pinned=True, capture_ids=[pinned])
    assert not await exists(own_house, pinned)


async def test_forget_everything_takes_pins_and_the_house_key(
    hass: HomeAssistant, household: Household, own_house: House
) -> None:
    capture_id = await household.capture(pinned=True)
    before = {it.name: it.read_bytes() for it in own_house.folder.glob("*key*") if it.is_file()}
    assert before
    await act(hass, "forget_everything", confirm=True)
    assert not await exists(own_house, capture_id)
    after = {it.name: it.read_bytes() for it in own_house.folder.glob("*key*") if it.is_file()}
    assert any(before[name] != after.get(name) for name in before)


async def test_deleting_by_room_time_and_outcome(
    hass: HomeAssistant, household: Household, own_house: House
) -> None:
    capture_id = await household.capture()
    for data in (
        {"outcomes": ["false_wake"]},
        {"until": (dt_util.now() - timedelta(hours=1)).isoformat()},
        {"since": (dt_util.now() + timedelta(hours=1)).isoformat()},
        {"entity_id": "assist_satellite.study", "confirm": True},
    ):
        await act(hass, "delete", **data)
        assert await exists(own_house, capture_id), data
    await act(hass, "delete", entity_id=KITCHEN, outcomes="understood")
    assert not await exists(own_house, capture_id)


@pytest.mark.parametrize(
    "target",
    [
        {"entity_id": []}, {"entity_id": "none"}, {"entity_id": "input_boolean.kitchen_light"},
        {"area_id": "nowhere"}, {"entity_id": "sensor.earshot_house_captures_kept"},
    ],
)  # fmt: skip
async def test_an_empty_target_is_not_the_whole_house(
    hass: HomeAssistant, household: Household, own_house: House, target: dict[str, Any]
) -> None:
    """A template that came to nothing must not delete everything."""
    capture_id = await household.capture()
    for action, more in (("delete", {"confirm": True}), ("mute_for", {"minutes": 1})):
        with pytest.raises(ServiceValidationError) as refused:
            await act(hass, action, **target, **more)
        assert refused.value.translation_key == "no_room_named"
    assert await exists(own_house, capture_id)


async def test_mute_for_takes_an_area(hass: HomeAssistant, household: Household) -> None:
    """Anybody mutes; the other rooms are not touched."""
    area = ar.async_get(hass).async_create("Downstairs")
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, household.kitchen.entry_id), household.kitchen.entry_id
    )
    dr.async_get(hass).async_update_device(device.id, area_id=area.id)
    ulf = household.people["user without right"]
    answer = await act(hass, "mute_for", ulf, area_id=area.id, minutes=5)
    assert 299 <= answer["rooms"][household.kitchen.entry_id]["seconds"] <= 300
    assert household.kitchen.runtime_data.mute.is_on
    assert not household.study.runtime_data.mute.is_on
    await hass.config_entries.async_unload(household.study.entry_id)
    with pytest.raises(ServiceValidationError) as refused:
        await act(hass, "mute_for", entity_id="assist_satellite.study", minutes=5)
    assert refused.value.translation_key == "room_not_set_up"


async def test_guest_mode_begins_for_some_hours(
    hass: HomeAssistant, household: Household, own_house: House
) -> None:
    answer = await act(hass, "guest_mode", household.people["user without right"], hours=3)
    assert own_house.guest.is_on
    left = dt_util.parse_datetime(answer["until"]) - dt_util.utcnow()
    assert timedelta(hours=2.9) < left <= timedelta(hours=3)


async def test_the_log_is_verified(
    hass: HomeAssistant, household: Household, own_house: House
) -> None:
    """By an automation too: it learns whether, and no line."""
    await household.capture()
    answer = await act(hass, "verify_audit")
    assert answer["state"] in ("verified", "consistent")
    assert answer["broken_at"] is None
    with pytest.raises(HomeAssistantError) as refused:
        await act(hass, "verify_audit", household.people["system user"])
    assert refused.value.translation_key == "not_allowed"


async def test_a_vault_that_cannot_be_used_is_said_in_words(
    hass: HomeAssistant, household: Household, own_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken() -> None:
        raise VaultUnavailableError("the disk with the SECRET name is gone")

    monkeypatch.setattr(own_house, "async_vault", broken)
    for action in ("purge", "get_captures", "check_deleted"):
        with pytest.raises(HomeAssistantError) as told:
            await act(hass, action)
        assert told.value.translation_key == "vault_unavailable"
        assert "SECRET" not in str(told.value)


async def test_every_action_is_described(hass: HomeAssistant, household: Household) -> None:
    """Home Assistant reads our descriptions: what they offer is what the actions take."""
    described = (await async_get_all_descriptions(hass))[DOMAIN]
    assert set(described) == set(hass.services.async_services_for_domain(DOMAIN))
    for name, description in described.items():
        schema = hass.services.async_services_for_domain(DOMAIN)[name].schema
        assert set(description["fields"]) <= {str(key) for key in schema.schema}, name
