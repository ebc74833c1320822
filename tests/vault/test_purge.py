"""P4: nothing outlives its ceiling, and nothing goes before it; the clock is passed in."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.earshot.policy.clock import Moment
from custom_components.earshot.policy.retention import Outcome
from custom_components.earshot.vault import CaptureUnknownError, PurgeReport, Vault
from custom_components.earshot.vault.purge import due
from custom_components.earshot.vault.records import Part, Records, Row, Sealed

from .conftest import NOW, WORDS, at, capture, contents, verdict

HOUR = timedelta(hours=1)


async def test_audio_and_words_go_each_at_their_own_time(vault, folder):
    kept = await vault.async_keep(capture(), verdict(3_600, 7_200))

    assert await vault.async_purge(at(NOW + HOUR - timedelta(seconds=1))) == PurgeReport()
    report = await vault.async_purge(at(NOW + HOUR))
    assert report == PurgeReport(audio=1)
    assert not list((folder / "audio").iterdir())
    read = await vault.async_read(kept, at(NOW + HOUR))
    assert (read.audio, read.transcript) == (None, WORDS)

    assert await vault.async_purge(at(NOW + 2 * HOUR)) == PurgeReport(transcripts=1, captures=1)
    with pytest.raises(CaptureUnknownError):
        await vault.async_read(kept, at(NOW))
    assert await vault.async_usage() == {}


async def test_audio_can_outlive_its_words(vault):
    kept = await vault.async_keep(capture(), verdict(None, 60))
    assert await vault.async_purge(at(NOW + HOUR)) == PurgeReport(transcripts=1)
    read = await vault.async_read(kept, at(NOW + 1_000 * HOUR))
    assert read.audio
    assert (read.transcript, read.record) == (None, None)


async def test_what_is_past_its_ceiling_is_not_given_out_before_the_purge_either(vault):
    kept = await vault.async_keep(capture(), verdict(3_600, 7_200))
    assert (await vault.async_read(kept, at(NOW + HOUR))).audio is None
    with pytest.raises(CaptureUnknownError):
        await vault.async_read(kept, at(NOW + 2 * HOUR))


async def test_a_week_without_power(folder):
    vault = await Vault.async_open(folder)
    await vault.async_keep(capture(), verdict())
    await vault.async_close()
    vault = await Vault.async_open(folder)
    assert (await vault.async_purge(at(NOW + 170 * HOUR))).captures == 1
    await vault.async_close()


async def test_a_stricter_policy_of_today_counts_for_what_is_kept(vault):
    kitchen = await vault.async_keep(capture("kitchen"), verdict(None, None))
    study = await vault.async_keep(capture("study"), verdict(None, None))
    policies = {"kitchen": lambda _: verdict(audio=0, transcript=3_600)}

    assert await vault.async_purge(at(NOW), policies) == PurgeReport(audio=1)
    assert (await vault.async_read(kitchen, at(NOW))).transcript == WORDS
    report = await vault.async_purge(at(NOW + HOUR), policies)
    assert report == PurgeReport(transcripts=1, captures=1)
    assert (await vault.async_read(study, at(NOW))).audio


async def test_a_wider_policy_of_today_lengthens_nothing(vault):
    await vault.async_keep(capture(), verdict(60, 60))
    report = await vault.async_purge(at(NOW + HOUR), {"kitchen": lambda _: verdict(None, None)})
    assert report.captures == 1


async def test_the_policy_is_asked_with_the_outcome_of_the_capture(vault):
    for outcome in (Outcome.UNDERSTOOD, Outcome.FALSE_WAKE):
        await vault.async_keep(capture(outcome=outcome), verdict(None, None))
    policies = {"kitchen": lambda it: verdict(*((0, 0) if it is Outcome.FALSE_WAKE else (60, 60)))}
    assert (await vault.async_purge(at(NOW), policies)).captures == 1
    assert (await vault.async_usage())["kitchen"].captures == 1


async def test_a_purge_larger_than_a_batch_takes_all_and_only_what_is_due(vault):
    from custom_components.earshot.vault import vault as module

    module._BATCH, before = 7, module._BATCH
    try:
        for number in range(20):
            await vault.async_keep(capture(pcm=None), verdict(0, 60 if number % 4 else None))
        assert (await vault.async_purge(at(NOW + HOUR))).captures == 15
    finally:
        module._BATCH = before
    assert (await vault.async_usage())["kitchen"].captures == 5


ceilings = st.none() | st.integers(0, 10**7)


@given(
    then=st.tuples(ceilings, ceilings),
    today=st.none() | st.tuples(ceilings, ceilings),
    age=st.integers(-(10**6), 10**7),
    ran=st.none() | st.integers(0, 10**7),
)
def test_a_part_goes_exactly_when_either_ceiling_says_so(tmp_path_factory, then, today, age, ran):
    """By the larger of the two ages, where both are known."""
    kept = verdict(*then)
    records = Records.open_as(tmp_path_factory.mktemp("due") / "records.db")
    records.insert(
        Row(
            id="a", room_id="r", moment=Moment(NOW, "this", 50.0), outcome=Outcome.UNDERSTOOD,
            audio_bytes=1, audio_expires=kept.audio.expires(NOW),
            words_bytes=1, words_expires=kept.transcript.expires(NOW),
        ),
        Sealed(),
    )  # fmt: skip
    policies = {} if today is None else {"r": lambda _: verdict(*today)}
    boot = ("another", 0.0) if ran is None else ("this", 50.0 + ran)
    parts = due(records.connection, at(NOW + timedelta(seconds=age), *boot), policies, 10)
    records.close()
    old = max(age, -1 if ran is None else ran)
    expected = Part(0)
    for part, index in ((Part.AUDIO, 0), (Part.WORDS, 1)):
        limits = [then[index]] if today is None else [then[index], today[index]]
        over = any(limit is not None and limit <= old for limit in limits)
        never = today is not None and today[index] == 0
        if over or never:
            expected |= part
    assert parts == ({"a": expected} if expected else {})


async def test_a_reader_of_the_database_makes_the_purge_say_pending(vault, folder):
    """SQLite cannot empty its log while another program reads: said, and made good next time."""
    import sqlite3

    await vault.async_keep(capture(), verdict())
    reader = sqlite3.connect(folder / "records.db")
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM captures").fetchall()
    report = await vault.async_purge(at(NOW + 3 * HOUR))
    assert report.captures == 1
    assert report.pending
    reader.rollback()
    reader.close()

    assert await vault.async_purge(at(NOW + 3 * HOUR)) == PurgeReport()
    assert contents(folder)[folder / "records.db-wal"] == b""
