"""Every message comes back from the wire as it went, and none accepts what it must not."""

from __future__ import annotations

import dataclasses

import pytest
from wyoming.audio import AudioChunk

from earshot_wire import (
    consent,
    greeting,
    media,
    microphone,
    pairing,
    phrases,
    speech,
    timers,
    tuning,
    turn,
    vocabulary,
    witness,
)
from earshot_wire.message import Message, MessageError, parser

TURN = "0123456789abcdef"
HASH = "a" * 64

MESSAGES: list[Message] = [
    greeting.Hello(version=1, owner="01JD-room"),
    greeting.Welcome(
        version=1,
        satellite_id="0" * 32,
        name="Kitchen",
        area="Kitchen",
        software="0.1.0",
        boot_id="b",
        paired=False,
        open=False,
        wake_words=(greeting.WakeWord(id="hey_jarvis", phrase="hey jarvis"),),
        active_words=("hey_jarvis",),
        max_active_words=3,
        phrases={"not_understood": HASH},
    ),
    greeting.Refused(reason="busy"),
    greeting.Problems(problems=(greeting.Problem(code="speaker_missing", detail="USB"),)),
    greeting.SetWakeWords(words=("alexa",), sensitivities={"alexa": "low"}),
    turn.Wake(turn=TURN, word="hey_jarvis", phrase="hey jarvis", score=0.9, snr_db=30.5, age_ms=3),
    turn.Listen(turn=TURN, max_s=12.0),
    turn.StandDown(turn=TURN, reason="other_room"),
    turn.TurnAudio(turn=TURN, timestamp=-400, pcm=b"\1\2"),
    turn.TurnAudioEnd(turn=TURN, reason="limit"),
    turn.Heard(turn=TURN),
    turn.Announce(turn=TURN),
    turn.Invite(turn=TURN, why="follow_up", after=TURN),
    turn.Invited(turn=TURN, result="too_often"),
    timers.SetTimer(id="01JDQ", left_ms=60_000, active=False),
    timers.CancelTimer(id="01JDQ"),
    timers.StopRinging(),
    timers.Timers(timers=(timers.TimerState(id="01JDQ", left_ms=0, active=True, ringing=True),)),
    media.MediaStart(stream=TURN, rate=44_100, channels=2),
    media.MediaAudio(stream=TURN, pcm=b"\1\2"),
    media.MediaEnd(stream=TURN),
    media.MediaPause(stream=TURN, paused=True),
    media.MediaStop(stream=TURN),
    media.MediaState(stream=TURN, state="playing", played_ms=1_500),
    media.SetVolume(level=0.5, muted=False),
    media.Volume(level=0.5, muted=True),
    tuning.SetTuning(gain_db=6.5, noise_suppression=2),
    tuning.Tuning(gain_db=-20.0, noise_suppression=0),
    turn.ReplyStart(turn=TURN, rate=22_050),
    turn.ReplyAudio(turn=TURN, pcm=b"\1\2", rate=22_050),
    turn.ReplyEnd(turn=TURN),
    turn.Say(turn=TURN, phrase="not_understood"),
    turn.Played(turn=TURN, result="ended"),
    turn.TurnEnd(turn=TURN, outcome="understood"),
    microphone.SetMute(muted=True, nonce="ff"),
    microphone.Receipt(
        state="unverified",
        reason="no_source",
        sequence=4,
        boot_id="b",
        age_ms=0,
        muted_by=("local", "remote"),
        evidence=(microphone.Evidence(source="ear", state="closed"),),
    ),
    consent.Confirm(nonce="0" * 32),
    consent.Confirmed(nonce="0" * 32, result="begun", changes=2),
    phrases.StorePhrase(id="not_understood", rate=22_050, pcm=b"\0\0"),
    witness.Witness(chain="0" * 32, seq=7, head=HASH),
    witness.AskWitness(nonce="ff"),
    witness.WitnessHeads(
        nonce="ff", chain="0" * 32, left=1, heads=witness.pack([(7, bytes(32)), (2**53, b"h" * 32)])
    ),
    pairing.PairHello(version=1, nonce=HASH, certificate=b"der"),
    pairing.PairOffer(version=1, nonce=HASH, certificate=b"der"),
    pairing.PairProof(proof=HASH),
    pairing.PairKept(),
    pairing.Paired(),
    pairing.PairRefused(reason="code"),
    pairing.Unpair(),
    speech.Transcribe(version=1, grammar=HASH, wake_phrase="hey jarvis"),
    speech.NeedGrammar(grammar=HASH),
    speech.Grammar(grammar=HASH, vocabulary=b"{}"),
    speech.LeftOut(count=2, what=("[a|b] c", "台所")),
    speech.Result(kind="command", text="stop", ending="terminal", speech_end_ms=900, heard_ms=1200),
]


def _all_kinds(base: type[Message] = Message) -> set[type[Message]]:
    return {kind for sub in base.__subclasses__() for kind in {sub} | _all_kinds(sub) if kind.KIND}


def test_every_message_is_tried_here() -> None:
    assert {type(message) for message in MESSAGES} == _all_kinds()


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_it_comes_back_as_it_went(message: Message) -> None:
    event = message.event()
    assert type(message).is_type(event.type)
    assert parser(type(message))(event) == message


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_no_field_accepts_what_it_must_not(message: Message) -> None:
    for item in dataclasses.fields(message):
        for bad in (None, {"x": 1}, [[1]], 10**30, float("nan"), "\x00", "x" * 5_000, object()):
            with pytest.raises(MessageError) as err:
                dataclasses.replace(message, **{item.name: bad})
            assert item.name in str(err.value)
            assert "xxx" not in str(err.value)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_missing_field_is_an_error_and_an_unknown_one_is_not(message: Message) -> None:
    event = message.event()
    event.data["of_a_later_version"] = 1
    assert type(message).from_event(event) == message
    event.data.clear()
    event.payload = None
    if not dataclasses.fields(message):
        return
    with pytest.raises(MessageError):
        type(message).from_event(event)


def test_another_kind_of_event_is_none() -> None:
    assert (
        parser(turn.Heard, turn.Listen)(turn.Wake.from_event(MESSAGES[5].event()).event()) is None
    )


def test_any_wyoming_client_can_read_our_audio() -> None:
    chunk = AudioChunk.from_event(turn.TurnAudio(turn=TURN, timestamp=-80, pcm=b"\1\2").event())
    assert (chunk.rate, chunk.width, chunk.channels) == (16_000, 2, 1)
    assert (chunk.audio, chunk.timestamp) == (b"\1\2", -80)


@pytest.mark.parametrize("bad", ["../x", ".hidden", "a/b", "", "a b", "ä", "x" * 65])
def test_an_id_is_always_safe_as_a_file_name(bad: str) -> None:
    with pytest.raises(MessageError):
        phrases.StorePhrase(id=bad, rate=22_050, pcm=b"\0\0")


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(MessageError):
        turn.TurnAudio(turn=TURN, timestamp=0, pcm=b"\0\0\0")


def test_a_witness_tells_its_heads_one_by_one_and_none_when_it_has_none() -> None:
    heads = [(1, b"a" * 32), (2**53, b"b" * 32)]
    told = witness.WitnessHeads(nonce="ff", chain="0" * 32, left=0, heads=witness.pack(heads))
    assert list(witness.WitnessHeads.from_event(told.event()).unpacked()) == heads
    none = witness.WitnessHeads(nonce="ff", chain="", left=0, heads=b"")
    assert list(witness.WitnessHeads.from_event(none.event()).unpacked()) == []
    for bad in (bytes(39), bytes(40 * (witness.MAX_HEADS + 1))):
        with pytest.raises(MessageError):
            dataclasses.replace(told, heads=bad)


HOME = vocabulary.Vocabulary(
    language="en",
    names=(vocabulary.Name(name="Küchenlicht", domain="light", area="Kitchen"),),
    areas=("Kitchen",),
    lists=(vocabulary.WordList(name="film", values=("alien", "up")),),
    rules=(vocabulary.Rule(name="please", template="[please]"),),
    sentences=("<please> play {film}",),
)


def test_a_vocabulary_is_named_by_what_it_holds() -> None:
    again = vocabulary.Vocabulary.from_canonical(HOME.canonical, HOME.sha256)
    assert again == HOME
    assert again.sha256 == HOME.sha256
    other = dataclasses.replace(HOME, areas=("Bedroom",))
    assert other.sha256 != HOME.sha256


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b'{"language": "xx"}', b"[" * 100_000])
def test_a_vocabulary_that_is_none_is_refused(raw: bytes) -> None:
    import hashlib

    with pytest.raises(MessageError):
        vocabulary.Vocabulary.from_canonical(raw, hashlib.sha256(raw).hexdigest())


def test_a_vocabulary_of_another_hash_is_refused() -> None:
    with pytest.raises(MessageError):
        vocabulary.Vocabulary.from_canonical(HOME.canonical, HASH)
