"""P7: a satellite only ever adds to what it remembers of home's log, and never without bound."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from room import Home, SatelliteProcess, wait_for

from earshot_satellite.witness import FILE, WitnessFile
from earshot_wire.witness import MAX_CHAINS, MAX_HEADS, AskWitness, Witness, WitnessHeads

CHAIN = "c" * 32


def told(seq: int, chain: str = CHAIN, head: str = "") -> Witness:
    return Witness(chain=chain, seq=seq, head=head or f"{seq:064x}")


def remembered(file: WitnessFile) -> dict[str, list[tuple[int, bytes]]]:
    messages = file.tell("ff")
    assert [it.left for it in messages] == list(range(len(messages) - 1, -1, -1))
    return {it.chain: list(it.unpacked()) for it in messages if it.chain}


def heads(*seqs: int) -> list[tuple[int, bytes]]:
    return [(seq, seq.to_bytes(32, "big")) for seq in seqs]


def test_it_remembers_also_after_a_restart(tmp_path: Path) -> None:
    file = WitnessFile(tmp_path)
    assert remembered(file) == {}
    for seq in (1, 2, 5):
        file.add(told(seq))
    assert remembered(file) == {CHAIN: heads(1, 2, 5)}
    again = WitnessFile(tmp_path)
    again.add(told(6))
    assert remembered(again) == {CHAIN: heads(1, 2, 5, 6)}


def test_what_was_said_once_stays_said(tmp_path: Path) -> None:
    """A head that is told again, or another one for a line told before, changes nothing."""
    file = WitnessFile(tmp_path)
    for seq in (1, 2, 5):
        file.add(told(seq))
    for seq in (1, 3, 5):
        file.add(told(seq, head="e" * 64))
        WitnessFile(tmp_path).add(told(seq, head="e" * 64))
    assert remembered(file) == {CHAIN: heads(1, 2, 5)}


def test_it_is_bounded_and_the_newest_stay(tmp_path: Path) -> None:
    WitnessFile(tmp_path).add(told(1))
    record = (tmp_path / FILE).read_bytes()
    size = len(record)
    file = WitnessFile(tmp_path)
    file._write([(bytes.fromhex(CHAIN), seq, seq.to_bytes(32, "big")) for seq in range(1, 10_991)])
    for seq in range(10_991, 11_021):
        file.add(told(seq))
    assert remembered(file)[CHAIN] == heads(*range(1_021, 11_021))
    assert (tmp_path / FILE).stat().st_size <= size * (MAX_HEADS + 1_000)
    assert remembered(WitnessFile(tmp_path)) == remembered(file)


def test_of_many_chains_the_ones_heard_of_last_stay(tmp_path: Path) -> None:
    file = WitnessFile(tmp_path)
    chains = [f"{number:032x}" for number in range(MAX_CHAINS)]
    for chain in chains:
        file.add(told(1, chain))
    file.add(told(2, chains[0]))
    file.add(told(1, CHAIN))
    known = remembered(file)
    assert len(known) == MAX_CHAINS
    assert chains[1] not in known
    assert known[chains[0]] == heads(1, 2)
    assert known[CHAIN] == heads(1)


@pytest.mark.parametrize("cut", [1, 30, 59])
def test_half_a_record_of_a_crash_is_left_out(tmp_path: Path, cut: int) -> None:
    file = WitnessFile(tmp_path)
    for seq in (1, 2, 3):
        file.add(told(seq))
    raw = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(raw[:-cut])
    again = WitnessFile(tmp_path)
    assert remembered(again) == {CHAIN: heads(1, 2)}
    again.add(told(4))
    assert remembered(WitnessFile(tmp_path)) == {CHAIN: heads(1, 2, 4)}


def test_a_damaged_record_is_none_and_the_others_stay(tmp_path: Path) -> None:
    file = WitnessFile(tmp_path)
    for seq in (1, 2, 3):
        file.add(told(seq))
    raw = bytearray((tmp_path / FILE).read_bytes())
    raw[70] ^= 1
    (tmp_path / FILE).write_bytes(raw)
    assert remembered(WitnessFile(tmp_path)) == {CHAIN: heads(1, 3)}
    (tmp_path / FILE).write_bytes(bytes(600))
    assert remembered(WitnessFile(tmp_path)) == {}


def test_on_a_full_disk_nothing_is_half_remembered(tmp_path: Path) -> None:
    """A file of this process may not grow beyond some records and a half."""
    script = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from earshot_satellite.witness import WitnessFile\n"
        "from earshot_wire.witness import Witness\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (210, 210))\n"
        "file = WitnessFile(Path(sys.argv[1]))\n"
        "for seq in range(1, 9):\n"
        "    try:\n"
        "        file.add(Witness(chain='c' * 32, seq=seq, head=f'{seq:064x}'))\n"
        "    except OSError:\n"
        "        print('full', seq)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, tmp_path],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert run.stdout.splitlines() == [f"full {seq}" for seq in range(4, 9)]
    file = WitnessFile(tmp_path)
    assert remembered(file) == {CHAIN: heads(1, 2, 3)}
    file.add(told(9))
    assert remembered(WitnessFile(tmp_path)) == {CHAIN: heads(1, 2, 3, 9)}


async def asked(home: Home, nonce: str) -> dict[str, list[tuple[int, bytes]]]:
    home.send(AskWitness(nonce=nonce))
    known = {}
    while True:
        told = WitnessHeads.from_event(await home.next("earshot-witness-heads"))
        assert told.nonce == nonce
        if told.chain:
            known[told.chain] = list(told.unpacked())
        if not told.left:
            return known


async def test_home_tells_and_asks_and_a_killed_satellite_still_knows(
    satellite: SatelliteProcess,
) -> None:
    satellite.start()
    home = Home(satellite.port)
    await home.link()
    assert await asked(home, "a1") == {}
    for seq in range(1, 200):
        home.send(told(seq))
    first = await asked(home, "a2")
    assert first[CHAIN][-1] == heads(199)[0]
    home.send(told(50, head="e" * 64))
    home.send(told(1, "d" * 32))
    assert await asked(home, "a3") == first | {"d" * 32: heads(1)}
    await home.close()
    satellite.kill()
    satellite.start()
    await home.link()
    assert await asked(home, "a4") == first | {"d" * 32: heads(1)}
    await home.close()
    assert (satellite.state / FILE).stat().st_mode & 0o777 == 0o600


async def test_who_asks_too_much_is_dropped_and_the_next_one_served(
    satellite: SatelliteProcess,
) -> None:
    satellite.start()
    home = Home(satellite.port)
    await home.link()
    for number in range(500):
        home.send(AskWitness(nonce=f"{number:x}"))
    await home.closed()
    wait_for(lambda: not satellite.status()["linked"], "the link is gone")
    await home.link()
    assert await asked(home, "a5") == {}
    await home.close()
