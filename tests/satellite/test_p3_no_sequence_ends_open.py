"""P3: no sequence of events ends muted with an open device, or reports closed when it is not.

Everything of a mute is real but the ear and the kernel's view of sound: a world of made-up files
under /proc, in which an ear that starts opens the device, and only its end closes it.
"""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from earshot_satellite import keeper as keeping
from earshot_satellite.ear.process import EarError, EarExit, EarGone, Ready
from earshot_satellite.ear.settings import EarSettings
from earshot_satellite.keeper import Keeper
from earshot_satellite.mute import control as controlling
from earshot_satellite.mute.control import MuteControl, Source, Verified
from earshot_satellite.mute.evidence import Witness
from earshot_satellite.problems import Problems
from earshot_satellite.state import MuteState, StateFolder

SPY = 9_000


class World:
    """A sound card, who holds it, and a disk."""

    def __init__(self, root: Path) -> None:
        self.proc = root / "proc"
        self.state = root / "state"
        self.card = True
        self.full = False
        self.stuck = False
        self.broken = False
        self.holders: set[int] = set()
        self.ears: dict[int, FakeEar] = {}
        self.pids = 100
        self.opened = lambda: None
        self.state.mkdir()
        self.born(SPY)
        self.write()

    def born(self, pid: int) -> None:
        task = self.proc / str(pid) / "task" / str(pid)
        task.mkdir(parents=True)
        (task / "children").write_text("")
        (self.proc / str(pid) / "status").write_text(f"Name:\tp{pid}\nTgid:\t{pid}\n")

    def write(self) -> None:
        folder = self.proc / "asound/card0"
        if not self.card:
            shutil.rmtree(folder, ignore_errors=True)
            return
        for number, holder in enumerate(sorted(self.holders) or [0]):
            sub = folder / f"pcm0c/sub{number}"
            sub.mkdir(parents=True, exist_ok=True)
            told = f"state: RUNNING\nowner_pid   : {holder}\n" if holder else "closed\n"
            (sub / "status").write_text(told)
        for sub in folder.glob("pcm0c/sub*"):
            if int(sub.name[3:]) >= max(1, len(self.holders)):
                shutil.rmtree(sub)

    def hold(self, pid: int) -> None:
        self.holders.add(pid)
        self.write()

    def let_go(self, pid: int) -> None:
        self.holders.discard(pid)
        self.write()


class FakeEar:
    """An ear: it opens the device before it says that it is ready, and ends when it is stopped."""

    world: World

    def __init__(self, _: EarSettings) -> None:
        self.pid: int | None = None
        self.gone: asyncio.Future[EarGone] = asyncio.get_running_loop().create_future()
        self.exit: EarExit | None = None

    async def start(self, *_: Any) -> Ready:
        world = self.world
        world.pids += 1
        self.pid = world.pids
        world.born(self.pid)
        world.ears[self.pid] = self
        try:
            await asyncio.sleep(0)
            if not world.card:
                raise EarError("microphone_missing", "")
            if self.pid not in world.ears:
                raise EarError("ear_failed", "it died before it heard")
            world.hold(self.pid)
            world.opened()
            await asyncio.sleep(0)
            if world.broken:
                raise EarError("microphone_failed", "")
        except BaseException:
            await self.stop()
            raise
        return Ready("mic", (("hey_jarvis", "hey jarvis"),), 400, {}, ())

    async def read(self) -> EarGone:
        return await asyncio.shield(self.gone)

    async def stop(self) -> EarExit:
        return await asyncio.shield(asyncio.ensure_future(self._stop()))

    async def _stop(self) -> EarExit:
        await asyncio.sleep(0)
        if self.exit is None or self.exit.how == "stuck":
            self.exit = EarExit(self.pid, None if self.world.stuck else 0, "asked")
            if self.world.stuck and self.pid is not None:
                self.exit = EarExit(self.pid, None, "stuck")
            else:
                self.die()
        return self.exit

    def die(self) -> None:
        """End, by itself or not: the kernel closes what it held."""
        if self.pid is not None and self.pid in self.world.ears:
            del self.world.ears[self.pid]
            shutil.rmtree(self.world.proc / str(self.pid))
            self.world.let_go(self.pid)

    def hush(self) -> None:
        pass

    attend = hush


class Microphone(RuleBasedStateMachine):
    """A satellite that everything happens to."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.loop = asyncio.new_event_loop()
        self.world = FakeEar.world = World(self.folder)
        world = self.world
        self.patches = [
            patch.object(keeping, "EarProcess", FakeEar),
            patch.object(keeping, "_RETRY_S", (0.0,)),
            patch.object(keeping, "Path", lambda path: world.proc / path.removeprefix("/proc/")),
            patch.object(controlling, "_OPENING_S", 0.01),
            # No power is cut here, and a disk that others wait for takes most of the time.
            patch.object(os, "fsync", lambda _: None),
        ]
        for each in self.patches:
            each.start()
        self.wishes = MuteState()
        self.lies: list[str] = []
        self.start()

    def teardown(self) -> None:
        self.world.stuck = False
        self.run(self.keeper.close())
        for each in self.patches:
            each.stop()
        self.loop.close()
        shutil.rmtree(self.folder)

    def run(self, doing: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(asyncio.wait_for(doing, 20))

    def start(self) -> None:
        self.files = StateFolder(self.world.state)
        self.files.hold()
        self.problems = Problems()
        self.keeper = Keeper(EarSettings(), self.problems, lambda _: None, lambda: None)
        self.mute = MuteControl(
            self.files,
            self.keeper,
            self.problems,
            floor=False,
            closing=lambda: None,
            flipped=lambda _: None,
        )
        self.mute._witness = Witness(proc=self.world.proc, pactl="no-such-program")
        self.mute.on_receipt(self.told)

        def write(state: MuteState) -> None:
            if self.world.full:
                raise OSError(errno.ENOSPC, "No space left on device")
            StateFolder.write_mute(self.files, state)

        self.files.write_mute = write  # type: ignore[method-assign]
        self.world.opened = self.opened
        self.run(self.begin())

    def opened(self) -> None:
        """Look at what counts at the moment when an ear holds the device."""
        verified = self.mute.verified
        if verified is not None and verified.state == "closed":
            self.lies.append("the last receipt still said closed")

    async def begin(self) -> None:
        self.mute.begin()
        self.files.satellite_id()
        await asyncio.sleep(0.002)

    def told(self, verified: Verified) -> None:
        if verified.state == "closed" and (self.world.holders or not self.mute.muted):
            self.lies.append(f"closed, while {self.world.holders} hold it")

    async def set(self, source: Source, muted: bool) -> None:
        await self.mute.set(source, muted)
        await asyncio.sleep(0.002)

    @rule(source=st.sampled_from(Source), muted=st.booleans())
    def wish(self, source: Source, muted: bool) -> None:
        self.run(self.set(source, muted))
        self.note(source, muted)

    @rule(
        several=st.lists(st.tuples(st.sampled_from(Source), st.booleans()), min_size=2, max_size=4)
    )
    def wishes_at_once(self, several: list[tuple[Source, bool]]) -> None:
        async def all_of_them() -> None:
            await asyncio.gather(*(self.set(*each) for each in several), self.mute.verify())

        self.run(all_of_them())
        for each in several:
            self.note(*each)

    @rule(source=st.sampled_from(Source), turns=st.integers(0, 6))
    def a_mute_whose_asker_leaves(self, source: Source, turns: int) -> None:
        """Whoever asked goes away in the middle: the link is lost, or Ctrl-C."""

        async def ask_and_leave() -> None:
            asking = asyncio.ensure_future(self.set(source, True))
            for _ in range(turns):
                await asyncio.sleep(0)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            await asyncio.gather(*self.mute._setting)

        self.run(ask_and_leave())
        self.wishes = self.mute._state

    @rule()
    def ear_dies(self) -> None:
        self.run(self.end_ears("ear_failed", kill=True))

    @rule()
    def ear_hangs(self) -> None:
        """Say nothing more and keep the device; whoever reads it notices, and kills it."""
        self.run(self.end_ears("ear_hung", kill=False))

    async def end_ears(self, code: str, *, kill: bool) -> None:
        for ear in list(self.world.ears.values()):
            if kill:
                ear.die()
            if not ear.gone.done():
                ear.gone.set_result(EarGone(code, "", await ear.stop()))
        await asyncio.sleep(0.002)

    @rule(stuck=st.booleans())
    def the_kernel_does_not_let_go(self, stuck: bool) -> None:
        self.world.stuck = stuck
        if not stuck:
            for ear in list(self.world.ears.values()):
                if ear.exit is not None and ear.exit.how == "stuck":
                    ear.die()

    @rule(spies=st.booleans())
    def somebody_else_records(self, spies: bool) -> None:
        if spies and self.world.card:
            self.world.hold(SPY)
        else:
            self.world.let_go(SPY)
        self.run(self.mute.verify())

    @rule(there=st.booleans())
    def the_card_is_pulled_or_put_back(self, there: bool) -> None:
        self.world.card = there
        if not there:
            self.world.holders.clear()
        self.world.write()
        self.run(self.end_ears("microphone_failed", kill=True))

    @rule(broken=st.booleans())
    def the_microphone_fails(self, broken: bool) -> None:
        self.world.broken = broken

    @rule(full=st.booleans())
    def the_disk_is_full(self, full: bool) -> None:
        self.world.full = full

    @rule(offset=st.floats(-1e9, 1e9))
    def the_clock_jumps(self, offset: float) -> None:
        with patch("time.time", lambda: 1_700_000_000 + offset):
            self.run(self.mute.verify())

    @precondition(lambda self: not self.world.stuck)
    @rule()
    def the_satellite_is_killed_and_starts_again(self) -> None:
        """Its ear dies with it; nothing is written any more."""
        was_muted, kept = self.mute.muted, self.mute._kept
        self.keeper._task, task = None, self.keeper._task
        if task is not None:
            task.cancel()
            self.run(asyncio.wait({task}))
        for ear in list(self.world.ears.values()):
            ear.die()
        self.files.release()
        self.start()
        assert self.mute.muted or not was_muted, "a restart lifted a mute"
        if kept is None:
            assert self.mute.muted, "nobody knows whether it was muted"
        self.wishes = self.mute._state

    def note(self, source: Source, muted: bool) -> None:
        self.wishes = controlling_model(self.wishes, source, muted)

    @invariant()
    def what_was_told_was_true(self) -> None:
        assert not self.lies, self.lies

    @invariant()
    def muted_means_that_no_ear_holds_it(self) -> None:
        if self.mute.muted and not self.world.stuck:
            ours = self.world.holders - {SPY}
            stuck = {ear.pid for ear in self.world.ears.values() if ear.exit is not None}
            assert ours <= stuck

    @invariant()
    def a_new_look_says_closed_only_of_what_is(self) -> None:
        verified = self.run(self.mute.verify())
        if verified.state == "closed":
            assert self.mute.muted
            assert not self.world.holders
            assert self.world.card

    @invariant()
    def each_wish_is_its_own_asker_s(self) -> None:
        """See that what one closed, another does not open."""
        state = self.mute._state
        assert state.local == self.wishes.local
        assert (state.remote, state.paused) == (self.wishes.remote, self.wishes.paused)

    @invariant()
    def unmuted_it_hears_again(self) -> None:
        well = self.world.card and not self.world.broken and not self.world.stuck
        if well and not self.mute.muted:
            self.run(self.keeper.wait_hearing(5))
            assert self.keeper.hearing


def controlling_model(state: MuteState, source: Source, muted: bool) -> MuteState:
    """Say again, in other words, who may lift what."""
    local, remote, paused = state.local, state.remote, state.paused
    if source is Source.LOCAL:
        local = muted
    elif source is Source.PAUSED:
        paused = muted
    elif muted:
        remote = True
    else:
        remote = paused = False
    return MuteState(local, remote, paused)


TestMicrophone = Microphone.TestCase
TestMicrophone.settings = settings(
    max_examples=15,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
    database=None,
)
