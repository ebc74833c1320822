"""What is said about what was heard, in words that are true. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ..policy.locality import Locality
from ..policy.retention import Ceiling, Rule, Verdict

NOTHING_HEARD = "I have heard nothing else here since I was started."
NOTHING_KEPT = "I kept nothing of it."
DELETED_IT = "I deleted what I heard."
NOTHING_TODAY = "I kept nothing here today."
NOTHING_LATELY = "I kept nothing of the last two minutes."
NO_WORDS_LATELY = "I kept no words of the last two minutes."
UNCERTAIN = "My clock is in doubt, so I cannot tell what is from the last two minutes."
NOT_LATELY = "I have heard nothing else here in the last two minutes."
GONE_ALREADY = "It is gone already."
SEALED = "This room is sealed. What I kept opens only with a passphrase, so I cannot tell."
UNREACHABLE = "That did not work: I cannot reach all that I kept."
NOT_LOGGED = "I cannot write down that you asked, so I do not answer."
NO_LOG = "I cannot read the log of who listened."
HOW_LONG = "I did not understand for how long. Say, for example: stop listening for ten minutes."
GUESTS_HOW_LONG = (
    "I did not understand for how long. Say, for example: guest mode on for two hours."
)
GUEST_OFF = "Guest mode is off."

_REASONS = {
    Rule.GUEST: "while guest mode is on",
    Rule.ROOM_KIND_UNSET: "because nobody has said yet what kind of room this is",
    Rule.ROOM_KIND: "because of the kind of room this is",
    Rule.ROOM: "by the rule of this room",
}
_BY_HOUSE = "by the rule of the house"


def deleted_last(when: datetime, now: datetime) -> str:
    """Tell that one command is gone."""
    return f"I deleted what I heard {clock(when, now)}."


def pinned(until: datetime, now: datetime) -> str:
    """Tell that a command stays."""
    return (
        f"It is pinned, until {clock(until, now)}, and stays so long."
        " Anyone of this room can take the pin off in Home Assistant."
    )


def deletes_today(captures: int) -> str:
    """Tell what is about to be deleted."""
    return (
        "This deletes everything from today in this room, from everybody:"
        f" {_count(captures, 'command')}."
    )


def deleted_today(pinned_captures: int, older: int) -> str:
    """Tell what is gone and what is left."""
    said = "It is deleted."
    if pinned_captures:
        verb = "is pinned and stays" if pinned_captures == 1 else "are pinned and stay"
        said += f" But {_count(pinned_captures, 'command')} of today {verb}."
    if older:
        verb = "is" if older == 1 else "are"
        said += f" From before today {_count(older, 'command')} {verb} still kept."
    return said


def all_pinned(captures: int) -> str:
    """Tell that nothing could be deleted."""
    verb = "is pinned and stays" if captures == 1 else "are pinned and stay"
    return f"I deleted nothing: {_count(captures, 'command')} of today {verb}."


def heard(transcripts: Sequence[str]) -> str:
    """Tell back words, oldest first."""
    return "In the last two minutes I heard: " + ". And: ".join(
        text.rstrip(" .!?") for text in transcripts
    ) + "."  # fmt: skip


def recording(verdict: Verdict, locality: Locality, *, recorded_by_core: bool) -> str:
    """Tell what is kept of what is said after the wake word, and whether it may go elsewhere."""
    audio, words = verdict.audio, verdict.transcript
    if not verdict.allows:
        kept = f"I keep nothing of what you say after it, {_reason(audio)}."
    elif audio == words:
        kept = f"What you say after it I keep {_how_long(audio)}, {_reason(audio)}."
    else:
        kept = (
            f"Of what you say after it I keep {_part('sound', audio)}, {_reason(audio)},"
            f" and {_part('words', words)}, {_reason(words)}."
        )
    said = f"Before my wake word nothing leaves this device. {kept}"
    if recorded_by_core:
        said += " But Home Assistant's own debug recording is on, and records what you say to me."
    if locality is Locality.NOT_LOCAL:
        said += " And what you say is given to a service outside this house."
    elif not locality.is_proven:
        said += " And I do not know whether what you say stays in this house."
    return said


def not_for_you(became: str) -> str:
    """Tell that a false wake was counted, and what became of what was heard."""
    return f"Sorry, I count that as a false wake. {became}"


def stopped(receipt: str | None, until: str) -> str:
    """Tell what became of the wish to close the microphone; `receipt` is the satellite's word."""
    match receipt:
        case "closed":
            return f"My microphone is closed {until}."
        case None:
            return f"I am to stop listening {until}, but this device has not confirmed it yet."
        case _:
            return (
                f"I stopped listening {until}, but could not verify that the microphone is closed."
            )


def until(when: datetime | None, now: datetime) -> str:
    """Tell when something ends."""
    if when is None:
        return "until somebody opens it here at the device or in Home Assistant"
    return f"until {clock(when, now).removeprefix('at ')}"


def at_most(hours: int) -> str:
    """Tell the longest time that can be asked for."""
    return f"That is too long: {_count(hours, 'hour')} is the most."


def guest_on(when: datetime, now: datetime) -> str:
    """Tell that guest mode is on."""
    return f"Guest mode is on {until(when, now)}. Nothing that is said is kept, in any room."


def guest_stays(when: datetime, now: datetime) -> str:
    """Tell that no voice ends guest mode early."""
    return (
        f"Guest mode ends by itself: it is on {until(when, now)}. Only somebody who may listen to"
        " recordings can end it earlier, in Home Assistant."
    )


def who_can_hear(names: Sequence[str], verdict: Verdict, *, sealed: bool) -> str:
    """Tell who may listen to what is kept of a room."""
    if names:
        said = f"{_list(names)} may listen to what I keep here."
        if sealed:
            said += " It is sealed, so that takes a passphrase as well."
    else:
        said = "Nobody may listen to what I keep here."
    if not verdict.allows:
        said += f" Now I keep nothing, {_reason(verdict.audio)}."
    return said


def who_listened(last: str | None, when: datetime, now: datetime, listens: int) -> str:
    """Tell who listened last and how often; `last` is a name, None for a question in the room."""
    who = last or "Somebody who asked me in this room"
    times = "It was the only time" if listens == 1 else f"It was the last of {listens} times"
    return f"{who} listened, {clock(when, now)}. {times} in the last seven days."


def nobody_listened() -> str:
    """Tell that the log names nobody."""
    return "By my log, nobody has listened in the last seven days."


def clock(when: datetime, now: datetime) -> str:
    """Tell a time of day, and the day when it is another one; both in the home's time zone."""
    time = f"{when:%H:%M}"
    if when.date() == now.date():
        return f"at {time}"
    if when.date() == now.date() + timedelta(days=1):
        return f"tomorrow at {time}"
    if when.date() == now.date() - timedelta(days=1):
        return f"yesterday at {time}"
    return f"on {when:%B} {when.day} at {time}"


def _reason(ceiling: Ceiling) -> str:
    return _REASONS.get(ceiling.rule, _BY_HOUSE)


def _part(what: str, ceiling: Ceiling) -> str:
    return f"the {what} {_how_long(ceiling)}" if ceiling.allows else f"no {what}"


def _how_long(ceiling: Ceiling) -> str:
    match ceiling.seconds:
        case None:
            return "until somebody deletes it"
        case seconds if seconds % 86_400 == 0:
            return f"for {_count(seconds // 86_400, 'day')}"
        case seconds:
            return f"for {_count(max(1, seconds // 3_600), 'hour')}"


def _count(number: int, what: str) -> str:
    return f"one {what}" if number == 1 else f"{number} {what}s"


def _list(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
