"""What is said about what was heard is true, and says who decided."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.earshot.policy.locality import Locality
from custom_components.earshot.policy.retention import Ceiling, Rule, Verdict
from custom_components.earshot.voice import spoken_answers as texts

NOW = datetime(2026, 11, 24, 14, 5, tzinfo=UTC)
HOUR = 3_600
DAY = 86_400


def verdict(audio: Ceiling, words: Ceiling | None = None) -> Verdict:
    return Verdict(audio=audio, transcript=words or audio)


@pytest.mark.parametrize(
    ("when", "said"),
    [
        (NOW, "at 14:05"),
        (NOW.replace(hour=0, minute=0), "at 00:00"),
        (NOW + timedelta(days=1), "tomorrow at 14:05"),
        (NOW - timedelta(days=1), "yesterday at 14:05"),
        (NOW + timedelta(days=9), "on December 3 at 14:05"),
    ],
)
def test_times(when: datetime, said: str) -> None:
    assert texts.clock(when, NOW) == said


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (
            verdict(Ceiling(DAY, Rule.HOUSE), Ceiling(7 * DAY, Rule.ROOM)),
            "I keep the sound for one day, by the rule of the house,"
            " and the words for 7 days, by the rule of this room.",
        ),
        (
            verdict(Ceiling(6 * HOUR, Rule.HOUSE)),
            "What you say after it I keep for 6 hours, by the rule of the house.",
        ),
        (
            verdict(Ceiling(None, Rule.ROOM)),
            "What you say after it I keep until somebody deletes it, by the rule of this room.",
        ),
        (
            verdict(Ceiling(0, Rule.ROOM), Ceiling(HOUR, Rule.HOUSE)),
            "I keep no sound, by the rule of this room, and the words for one hour, by",
        ),
        (
            verdict(Ceiling(0, Rule.ROOM_KIND_UNSET)),
            "I keep nothing of what you say after it, because nobody has said yet what kind",
        ),
        (
            verdict(Ceiling(0, Rule.GUEST)),
            "nothing of what you say after it, while guest mode is on",
        ),
    ],
)
def test_what_is_kept_and_by_which_rule(what: Verdict, said: str) -> None:
    assert said in texts.recording(what, Locality.LOCAL, recorded_by_core=False)


@pytest.mark.parametrize("rule", list(Rule))
def test_every_rule_has_a_reason(rule: Rule) -> None:
    assert "I keep nothing" in texts.recording(
        verdict(Ceiling(0, rule)), Locality.LOCAL, recorded_by_core=False
    )


def test_recordings_of_home_assistant_are_told() -> None:
    kept_nothing = verdict(Ceiling(0, Rule.ROOM))
    assert "debug recording" in texts.recording(kept_nothing, Locality.LOCAL, recorded_by_core=True)
    assert "debug recording" not in texts.recording(
        kept_nothing, Locality.LOCAL, recorded_by_core=False
    )


@pytest.mark.parametrize("locality", list(Locality))
def test_what_may_leave_the_house_is_told(locality: Locality) -> None:
    """Only what is proven or vouched for is passed over in silence."""
    said = texts.recording(verdict(Ceiling(0, Rule.ROOM)), locality, recorded_by_core=False)
    assert ("this house" in said) == (locality not in {Locality.LOCAL, Locality.VOUCHED})


@pytest.mark.parametrize("receipt", [None, "open", "unverified", "Closed", ""])
def test_only_a_verified_microphone_is_called_closed(receipt: str | None) -> None:
    assert "is closed until" not in texts.stopped(receipt, "until 15:00")
    assert "is closed until 15:00." in texts.stopped("closed", "until 15:00")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], "Nobody may listen"),
        (["Anna"], "Anna may listen"),
        (["Anna", "Ben"], "Anna and Ben may listen"),
        (["Anna", "Ben", "Carl"], "Anna, Ben and Carl may listen"),
    ],
)
def test_who_can_hear(names: list[str], said: str) -> None:
    kept = verdict(Ceiling(DAY, Rule.HOUSE))
    assert texts.who_can_hear(names, kept, sealed=False).startswith(said)
    assert ("passphrase" in texts.who_can_hear(names, kept, sealed=True)) == bool(names)
    nothing = texts.who_can_hear(names, verdict(Ceiling(0, Rule.ROOM)), sealed=False)
    assert nothing.endswith("Now I keep nothing, by the rule of this room.")


def test_counts_are_told() -> None:
    assert texts.deletes_today(1).endswith("from everybody: one command.")
    assert texts.deletes_today(12).endswith("from everybody: 12 commands.")
    assert texts.deleted_today(0, 0) == "It is deleted."
    left = texts.deleted_today(2, 1)
    assert "2 commands of today are pinned and stay." in left
    assert "From before today one command is still kept." in left


def test_words_are_told_back_as_they_were() -> None:
    assert texts.heard(["turn on the light", "Stop."]) == (
        "In the last two minutes I heard: turn on the light. And: Stop."
    )


def test_who_listened() -> None:
    said = texts.who_listened("Anna", NOW - timedelta(hours=1), NOW, 3)
    assert said == ("Anna listened, at 13:05. It was the last of 3 times in the last seven days.")
    assert "asked me in this room" in texts.who_listened(None, NOW, NOW, 1)
