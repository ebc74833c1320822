"""P9: local is only what is proven; what is not known is never shown as local."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.earshot.policy.locality import (
    Engine,
    Locality,
    LocalityVerdict,
    Maker,
    Place,
    Reason,
    Role,
    Voucher,
    host_of,
    judge_engine,
    judge_room,
    place_of,
    worst,
)

WORD = Voucher("Ada", datetime(2026, 11, 24, tzinfo=UTC))
IOT = [
    None, "", "assumed_state", "calculated", "local_polling", "local_push", "cloud_polling",
    "cloud_push", "LOCAL", "unheard of",
]  # fmt: skip
ENGINES = [
    Engine(
        role=role, name="x", maker=maker, iot_class=iot, place=place,
        has_outside_tools=tools, voucher=voucher, paired=paired,
    )
    for role, maker, iot, place, tools, voucher, paired in product(
        Role, Maker, IOT, Place, (False, True, None), (None, WORD), (False, True)
    )
]  # fmt: skip


def test_every_engine_there_can_be() -> None:
    """Local is a short list; a word changes only unknown into vouched."""
    for engine in ENGINES:
        verdict = judge_engine(engine)
        against = (
            (engine.iot_class or "").startswith("cloud")
            or engine.place is Place.PUBLIC
            or engine.has_outside_tools is not False
        )
        match verdict.state:
            case Locality.LOCAL:
                assert engine.maker is Maker.HOME_ASSISTANT or (
                    engine.maker is Maker.EARSHOT
                    and (engine.paired or engine.place is Place.THIS_MACHINE)
                    and not against
                )
            case Locality.VOUCHED:
                assert engine.voucher is not None
                assert not against
                assert judge_engine(replace(engine, voucher=None)).state is Locality.UNKNOWN
            case Locality.NOT_LOCAL:
                assert against
                assert engine.maker in (Maker.EARSHOT, Maker.OTHER)
        assert (verdict.voucher is not None) == (verdict.state is Locality.VOUCHED)


rooms = st.lists(st.sampled_from(ENGINES), max_size=6)


@given(rooms)
def test_a_room_is_no_better_than_its_worst_engine(engines: list[Engine]) -> None:
    verdict = judge_room(engines)
    if verdict.state.is_proven:
        assert {engine.role for engine in engines} == set(Role)
        assert all(judge_engine(engine).state.is_proven for engine in engines)
        assert verdict.unproven() == ()
    if verdict.state is Locality.LOCAL:
        assert all(judge_engine(engine).state is Locality.LOCAL for engine in engines)


@pytest.mark.parametrize("role", Role)
def test_a_pipeline_that_lacks_an_engine_is_unknown(role: Role) -> None:
    engines = [Engine(role=it, name="x", maker=Maker.HOME_ASSISTANT) for it in Role if it != role]
    assert judge_room(engines).state is Locality.UNKNOWN
    assert judge_room([]).state is Locality.UNKNOWN
    cloud = Engine(role=engines[0].role, name="x", iot_class="cloud_push")
    assert judge_room([cloud, *engines]).state is Locality.NOT_LOCAL
    assert judge_room([*engines, cloud]).state is Locality.NOT_LOCAL


@pytest.mark.parametrize(
    ("fields", "state", "reason"),
    [
        ({"maker": Maker.HOME_ASSISTANT}, "local", "home_assistant"),
        ({"maker": Maker.EARSHOT, "place": Place.THIS_MACHINE}, "local", "earshot"),
        ({"maker": Maker.EARSHOT, "place": Place.HOME}, "unknown", "not_proven"),
        ({"maker": Maker.EARSHOT, "place": Place.HOME, "voucher": WORD}, "vouched", "vouched"),
        ({"iot_class": "local_push", "place": Place.THIS_MACHINE}, "unknown", "not_proven"),
        ({"iot_class": "local_push", "voucher": WORD}, "vouched", "vouched"),
        ({"iot_class": "cloud_push", "voucher": WORD}, "not_local", "cloud"),
        ({"place": Place.PUBLIC, "voucher": WORD}, "not_local", "public_address"),
        ({"has_outside_tools": True, "voucher": WORD}, "not_local", "outside_tools"),
        ({"has_outside_tools": None, "voucher": WORD}, "unknown", "tools_not_known"),
        ({"maker": Maker.NOBODY, "voucher": WORD}, "unknown", "missing"),
        ({}, "unknown", "not_proven"),
    ],
)
def test_why_an_engine_is_what_it_is(fields, state, reason) -> None:
    verdict = judge_engine(Engine(role=Role.ANSWERS, name="x", **fields))
    assert (verdict.state, verdict.reason) == (Locality(state), Reason(reason))


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("127.0.0.1", "this_machine"), ("127.8.8.8", "this_machine"), ("::1", "this_machine"),
        ("[::1]:10300", "this_machine"), ("localhost", "this_machine"),
        (" LocalHost. ", "this_machine"), ("http://localhost:8080/v1", "this_machine"),
        ("::ffff:127.0.0.1", "this_machine"),
        ("192.168.1.4", "home"), ("10.0.0.1:11434", "home"), ("172.16.0.1", "home"),
        ("http://192.168.1.4:11434/", "home"), ("fe80::1%eth0", "home"), ("fd00::1", "home"),
        ("169.254.7.7", "home"), ("::ffff:192.168.1.4", "home"),
        ("1.1.1.1", "public"), ("https://8.8.8.8/v1", "public"), ("2606:4700::1111", "public"),
        ("::ffff:8.8.8.8", "public"), ("http://[2606:4700::1111]:80", "public"),
        ("100.64.1.1", "unknown"), ("0.0.0.0", "unknown"), ("224.0.0.1", "unknown"),
        ("ollama.local", "unknown"), ("api.example.com", "unknown"), ("", "unknown"),
        ("localhost.example.com", "unknown"), ("http://127.0.0.1@evil.example/", "unknown"),
        ("127.1", "unknown"), ("http://[::1", "unknown"), ("unix:///run/x.sock", "unknown"),
    ],
)  # fmt: skip
def test_where_an_address_is(address: str, place: str) -> None:
    assert place_of(address) is Place(place)


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_an_address(text: str) -> None:
    place_of(text)
    host_of(text)


def test_a_room_with_several_pipelines_is_as_local_as_the_worst_of_them() -> None:
    """A wake word that leads to the cloud is not hidden by one that does not."""
    good = LocalityVerdict(Locality.LOCAL)
    bad = LocalityVerdict(Locality.NOT_LOCAL)
    assert worst([good, bad]).state is Locality.NOT_LOCAL
    assert worst([good]).state is Locality.LOCAL
    assert worst([]).state is Locality.UNKNOWN
