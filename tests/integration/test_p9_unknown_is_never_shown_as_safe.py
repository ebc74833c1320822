"""P9: unknown is never shown as safe. Not the microphone, the words' way, the log or a deletion.

For each there is one comforting value. Whatever goes in, that value comes out only where it is
proven; the same is tried in a real Home Assistant with what can be missing there.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from homeassistant.components.assist_pipeline import async_get_pipelines, async_update_pipeline
from homeassistant.core import HomeAssistant
from hypothesis import given
from hypothesis import strategies as st
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot import locality as locality_module
from custom_components.earshot.const import CONF_LOCAL_ONLY, CONF_ROOM_KIND
from custom_components.earshot.locality import DATA_LOCALITY
from custom_components.earshot.policy.locality import Locality
from custom_components.earshot.policy.witnesses import Found, Testimony, judge
from custom_components.earshot.traces.model import (
    Keeper,
    Kind,
    Place,
    Report,
    State,
    Verdict,
    Why,
)
from custom_components.earshot.wire.turn import Listen, StandDown

from .conftest import until
from .fake_satellite import FakeSatellite
from .test_turn import FIRST

MICROPHONE = "binary_sensor.kitchen_microphone"
LOCALITY = "sensor.kitchen_locality"


# The microphone: `off` is the comforting value.


async def test_the_microphone_is_off_only_by_proof(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """Every receipt a satellite can send, old and new, and none at all."""
    for state, age_ms in product(("closed", "open", "unverified"), (0, 60_000)):
        known = room.runtime_data.receipt
        await satellite.receipt(state=state, reason="no_source", age_ms=age_ms)
        await until(lambda known=known: room.runtime_data.receipt is not known)
        shown = hass.states.get(MICROPHONE)
        off = state == "closed" and age_ms == 0
        assert (shown.state == "off") is off, (state, age_ms)
        assert off or shown.state == "on" or shown.attributes["reason"]
    await satellite.receipt(state="closed")
    await until(lambda: hass.states.get(MICROPHONE).state == "off")
    satellite.cut()
    await until(lambda: hass.states.get(MICROPHONE).state != "off")
    assert hass.states.get(MICROPHONE).attributes["reason"] == "not_linked"


# Where words go: `local` and `vouched` are the comforting values (all inputs: tests/policy).


def fail(*_: Any) -> Any:
    """Be any fault of anybody's."""
    raise RuntimeError


@pytest.mark.parametrize(
    "fault",
    [
        {"pipeline_facts": fail},
        {"room_pipeline": fail, "room_pipelines": fail},
        {"room_pipeline": lambda *_: None, "room_pipelines": lambda *_: [None]},
        {"judge_room": fail},
        {"pipeline_facts": lambda *_: ()},
    ],
)
async def test_a_room_that_cannot_be_judged_is_not_local(
    hass: HomeAssistant,
    room: MockConfigEntry,
    satellite: FakeSatellite,
    monkeypatch: pytest.MonkeyPatch,
    fault: dict[str, Callable[..., Any]],
) -> None:
    """It was local a moment ago; now nobody can tell: it is not shown as it was, nor used."""
    await until(lambda: hass.states.get(LOCALITY).state == "local")
    hass.config_entries.async_update_entry(
        room, options={CONF_ROOM_KIND: "other", CONF_LOCAL_ONLY: True}
    )
    for name, value in fault.items():
        monkeypatch.setattr(locality_module, name, value)
    await satellite.wake(FIRST)
    assert (await satellite.expect(StandDown, FIRST)).reason == "not_local"
    assert not satellite.all(Listen)
    hass.data[DATA_LOCALITY].look_again()
    await until(lambda: hass.states.get(LOCALITY).state == "unknown")
    monkeypatch.undo()
    hass.data[DATA_LOCALITY].look_again()
    await until(lambda: hass.states.get(LOCALITY).state == "local")


async def test_engines_that_are_not_there_are_not_local(
    hass: HomeAssistant, room: MockConfigEntry
) -> None:
    """Whichever of the three a pipeline lacks."""
    (pipeline,) = [it for it in async_get_pipelines(hass) if it.name == "Earshot"]
    for key in ("stt_engine", "tts_engine", "conversation_engine"):
        await until(lambda: hass.states.get(LOCALITY).state == "local")
        await async_update_pipeline(hass, pipeline, **{key: f"{key[:3]}.gone"})
        await until(lambda: hass.states.get(LOCALITY).state == "unknown")
        await async_update_pipeline(hass, pipeline, **{key: getattr(pipeline, key)})


def test_every_value_of_a_room_is_either_proven_or_said_not_to_be() -> None:
    assert {it for it in Locality if it.is_proven} == {Locality.LOCAL, Locality.VOUCHED}


# The log: `verified` is the comforting value.

HEADS = [bytes([number]) * 32 for number in range(3)]
chains = st.sampled_from(["aa1", "aa2", "bb1"])
numbers = st.integers(-1, 6)
claims = st.lists(st.tuples(chains, numbers, st.sampled_from(HEADS)), max_size=4)
logs = st.builds(
    Found,
    first=st.integers(1, 3),
    last=st.integers(0, 5),
    lines=st.integers(0, 5),
    broken_at=st.none() | st.integers(1, 5),
    unkeyed=st.integers(0, 2),
    chains=st.frozensets(chains),
    generation=st.just("aa"),
    heads=st.dictionaries(st.integers(0, 6), st.tuples(chains, st.sampled_from(HEADS))),
)
testimonies = st.lists(
    st.builds(Testimony, room_id=st.just("room"), paired=st.booleans(), claims=claims), max_size=4
)


@given(found=logs, said=testimonies, asked_at=st.integers(0, 5))
def test_the_log_is_verified_only_by_a_paired_witness_of_all_of_it(
    found: Found, said: list[Testimony], asked_at: int
) -> None:
    verdict = judge(found, said, asked_at)
    if verdict.state != "verified":
        return
    assert found.broken_at is None
    assert verdict.broken_at is None
    assert asked_at > 0
    paired = [it for it in said if it.paired]
    assert any(
        chain in found.chains and asked_at <= seq <= found.last
        and found.heads.get(seq) == (chain, head)
        for it in paired
        for chain, seq, head in it.claims
    )  # fmt: skip
    assert 0 < verdict.witnesses <= len(paired)


@given(found=logs, said=testimonies, asked_at=st.integers(0, 5))
def test_a_stranger_can_neither_verify_nor_break_the_log(
    found: Found, said: list[Testimony], asked_at: int
) -> None:
    strangers = [replace(it, paired=False) for it in said]
    alone = judge(found, [], asked_at)
    assert judge(found, strangers, asked_at).state == alone.state
    assert alone.state != "verified"


# A deletion: `clean` is the comforting value.

places = st.lists(
    st.builds(
        Place,
        key=st.just("vault"),
        state=st.sampled_from(State),
        kept_by=st.sampled_from(Keeper),
        remedy=st.just("vault"),
        hits=st.integers(0, 2),
        kinds=st.just(()),
        why=st.none() | st.sampled_from(Why),
    ),
    max_size=4,
)


@given(places=places, looked_for=st.lists(st.sampled_from(Kind), unique=True))
def test_a_deletion_is_clean_only_where_it_was_looked(
    places: list[Place], looked_for: list[Kind]
) -> None:
    report = Report(tuple(places), tuple(looked_for))
    told = report.as_dict()
    assert len(told["places"]) == len(places)
    if told["verdict"] != Verdict.CLEAN:
        return
    assert looked_for
    looked_at = [it for it in places if it.state is State.CLEAN and it.why is None]
    assert looked_at
    assert all(it.why is Why.OUT_OF_REACH for it in places if it not in looked_at)
    assert not [it for it in places if it.state is State.FOUND]
