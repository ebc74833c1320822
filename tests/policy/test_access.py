"""P6: nobody listens but the listeners of the room, in a way that the room allows."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.earshot.policy.access import (
    NOT_ALLOWED,
    Act,
    Asker,
    Login,
    Reason,
    RoomAccess,
    Token,
    login_of,
    may,
)

CONTENT = (Act.READ, Act.PLAY, Act.EXPORT, Act.LABEL, Act.PIN)
ANNA = Asker(
    user_id="anna", is_active=True, is_system=False, session="s", token=Token.NORMAL,
    login=Login.PERSONAL, remote=False, secure=True, has_second_factor=True, second_factor=True,
)  # fmt: skip
ROOM = RoomAccess(listeners=frozenset({"anna"}), second_factor=True)
OURS = frozenset({"anna", "ben"})

askers = st.builds(
    Asker,
    user_id=st.sampled_from([None, "", "anna", "ben"]),
    is_active=st.booleans(),
    is_system=st.booleans(),
    session=st.none(),
    token=st.sampled_from(Token),
    login=st.sampled_from(Login),
    remote=st.booleans(),
    loopback=st.booleans(),
    secure=st.booleans(),
    has_second_factor=st.booleans(),
    second_factor=st.booleans(),
)
people = st.frozensets(st.sampled_from(["anna", "ben", ""]))
rooms = st.builds(
    RoomAccess,
    listeners=people,
    **{it.name: st.booleans() for it in fields(RoomAccess) if it.name != "listeners"},
)


@pytest.mark.parametrize("act", Act)
def test_a_listener_in_order_may_do_everything(act):
    assert may(ANNA, act, ROOM, OURS).allowed


@pytest.mark.parametrize("act", Act)
def test_by_default_nobody_may_do_anything(act):
    assert may(ANNA, act, RoomAccess()).reason is Reason.NOT_LISTENER
    assert may(Asker(), act, ROOM).reason is Reason.NO_USER


@pytest.mark.parametrize(
    ("change", "reason", "told"),
    [
        ({"user_id": None}, Reason.NO_USER, NOT_ALLOWED),
        ({"user_id": ""}, Reason.NO_USER, NOT_ALLOWED),
        ({"is_active": False}, Reason.INACTIVE, NOT_ALLOWED),
        ({"is_system": True}, Reason.SYSTEM_USER, NOT_ALLOWED),
        ({"user_id": "carla"}, Reason.NOT_LISTENER, NOT_ALLOWED),
        ({"token": Token.SIGNED}, Reason.TOKEN, "token"),
        ({"token": Token.OTHER}, Reason.TOKEN, "token"),
        ({"login": Login.SHARED}, Reason.LOGIN, "login"),
        ({"login": Login.UNKNOWN}, Reason.LOGIN, "login"),
        ({"token": Token.LONG_LIVED}, Reason.LONG_LIVED, "long_lived"),
        ({"remote": True}, Reason.REMOTE, "remote"),
        ({"has_second_factor": False}, Reason.SECOND_FACTOR_MISSING, "second_factor_missing"),
        ({"second_factor": False}, Reason.SECOND_FACTOR, "second_factor"),
    ],
)
def test_each_thing_amiss_keeps_what_was_heard_inside(change, reason, told):
    for act in CONTENT:
        verdict = may(replace(ANNA, **change), act, ROOM, OURS)
        assert verdict.reason is reason
        assert verdict.told == told
        assert not verdict.allowed


def test_plain_http_carries_words_but_neither_sound_nor_passphrases():
    plain = replace(ANNA, secure=False)
    for act in Act:
        refused = act in (Act.PLAY, Act.EXPORT, Act.UNLOCK, Act.SEAL)
        expected = Reason.PLAIN_HTTP if refused else Reason.ALLOWED
        assert may(plain, act, ROOM, OURS).reason is expected
        assert may(replace(plain, loopback=True), act, ROOM, OURS).allowed
        assert may(plain, act, replace(ROOM, plain_http=True), OURS).allowed


def test_a_room_may_allow_what_is_refused_at_first():
    for change, rule in (
        ({"remote": True}, "remote"),
        ({"token": Token.LONG_LIVED}, "long_lived"),
    ):
        asker = replace(ANNA, **change)
        assert not may(asker, Act.PLAY, ROOM, OURS).allowed
        assert may(asker, Act.PLAY, replace(ROOM, **{rule: True}), OURS).allowed
    careless = replace(ANNA, has_second_factor=False, second_factor=False)
    assert may(careless, Act.PLAY, replace(ROOM, second_factor=False), OURS).allowed


def test_a_new_listener_does_not_hear_what_was_said_before():
    for act in CONTENT:
        verdict = may(ANNA, act, ROOM, frozenset({"ben"}))
        assert verdict.reason is Reason.NOT_IN_AUDIENCE
        assert verdict.told == NOT_ALLOWED
        assert not may(ANNA, act, ROOM, frozenset()).allowed


def test_every_listener_may_delete_however_they_come_in():
    far = Asker(user_id="anna", is_active=True, is_system=False)
    for act in (Act.DELETE, Act.UNPIN, Act.AUDIT):
        assert may(far, act, ROOM, frozenset()).allowed


def test_a_child_room_gives_nothing_to_anybody():
    child = replace(ROOM, child=True)
    for act in (*CONTENT, Act.UNLOCK):
        assert may(ANNA, act, child, OURS).reason is Reason.CHILD
    assert may(ANNA, Act.DELETE, child, OURS).allowed


@given(
    asker=askers, act=st.sampled_from(Act), room=rooms, audience=st.none() | people
)  # fmt: skip
def test_whoever_may_is_a_living_listener(asker, act, room, audience):
    if not may(asker, act, room, audience).allowed:
        return
    assert asker.user_id in room.listeners
    assert asker.user_id
    assert asker.is_active
    assert not asker.is_system
    if act not in CONTENT:
        return
    assert audience is None or asker.user_id in audience
    assert asker.login is Login.PERSONAL
    assert asker.token is Token.NORMAL or (asker.token is Token.LONG_LIVED and room.long_lived)
    assert not asker.remote or room.remote
    assert not room.second_factor or asker.second_factor
    assert not room.child
    if act in (Act.PLAY, Act.EXPORT):
        assert asker.secure or asker.loopback or room.plain_http


@given(asker=askers, act=st.sampled_from(Act), room=rooms, audience=st.none() | people)
def test_no_rule_turned_stricter_lets_more_in(asker, act, room, audience):
    """Each rule of a room, turned to its strict side, takes only away."""
    strict = {
        "listeners": frozenset(), "second_factor": True, "remote": False, "long_lived": False,
        "plain_http": False, "child": True,
    }  # fmt: skip
    for name, value in strict.items():
        stricter = may(asker, act, replace(room, **{name: value}), audience)
        assert not stricter.allowed or may(asker, act, room, audience).allowed


@given(asker=askers, act=st.sampled_from(Act), room=rooms)
def test_a_stranger_learns_nothing_of_a_room(asker, act, room):
    if asker.user_id not in room.listeners:
        assert may(asker, act, room).told == may(asker, act, RoomAccess()).told == NOT_ALLOWED


@pytest.mark.parametrize(
    ("session", "user", "login"),
    [
        ("homeassistant", ["homeassistant"], Login.PERSONAL),
        ("homeassistant", ["homeassistant", "trusted_networks"], Login.PERSONAL),
        ("command_line", [], Login.PERSONAL),
        ("trusted_networks", ["homeassistant", "trusted_networks"], Login.SHARED),
        ("insecure_example", [], Login.SHARED),
        ("header", ["homeassistant"], Login.UNKNOWN),
        ("", ["homeassistant"], Login.UNKNOWN),
        (None, ["homeassistant"], Login.PERSONAL),
        (None, ["homeassistant", "trusted_networks"], Login.SHARED),
        (None, ["homeassistant", "header"], Login.UNKNOWN),
        (None, [], Login.UNKNOWN),
    ],
)
def test_only_a_login_of_ones_own_is_personal(session, user, login):
    assert login_of(session, user) is login


@pytest.mark.parametrize("name", [it.name for it in fields(Asker)])
def test_what_is_not_known_of_an_asker_counts_as_the_worst(name):
    left_out = replace(ANNA, **{name: getattr(Asker(), name)})
    for act in Act:
        if may(left_out, act, ROOM, OURS).allowed and isinstance(getattr(ANNA, name), bool):
            assert may(replace(ANNA, **{name: True}), act, ROOM, OURS).allowed
            assert may(replace(ANNA, **{name: False}), act, ROOM, OURS).allowed
