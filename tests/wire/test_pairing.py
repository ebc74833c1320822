"""Pairing: both ends prove the code over real TLS, and whoever sits in between gets nothing."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earshot_wire import pairing
from earshot_wire.code import HOME, SATELLITE, Exchange, new_code, shown, typed
from earshot_wire.door import Door, Guest, Key
from earshot_wire.framing import encode_event, read_event, write_event
from earshot_wire.identity import Trust, TrustError, make_identity
from earshot_wire.limits import PAIRING_LIMITS, VERSION
from earshot_wire.pairing import (
    Desk,
    Paired,
    PairHello,
    PairingError,
    PairKept,
    PairOffer,
    PairProof,
    PairRefused,
    UncertainError,
    pair,
)
from earshot_wire.pairing_port import PairingPort
from earshot_wire.tls import paired_client, paired_server, pairing_client, pairing_server

LOOPBACK = "127.0.0.1"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Kept:
    """Where an end writes its pairing down."""

    def __init__(self) -> None:
        self.trust: list[Trust] = []
        self.fault: Exception | None = None

    async def __call__(self, trust: Trust) -> None:
        if self.fault is not None:
            raise self.fault
        self.trust.append(trust)


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
async def port(kept: Kept) -> AsyncIterator[PairingPort]:
    """Open a pairing port, as a satellite does."""
    opened = await PairingPort.open(LOOPBACK, 0, role=SATELLITE, keep=kept)
    yield opened
    await opened.close()


async def connect(number: int, context: ssl.SSLContext | None = None) -> Streams:
    return await asyncio.open_connection(
        LOOPBACK, number, ssl=context or pairing_client(), server_hostname=""
    )


async def try_code(
    number: int, code: str, role: str = SATELLITE, keep: Kept | None = None
) -> Trust:
    """Pair as a home does."""
    reader, writer = await connect(number)
    try:
        return await pair(
            reader, writer, identity=make_identity(), code=code, role=role, keep=keep or Kept()
        )
    finally:
        writer.close()


async def test_both_ends_trust_each_other_and_nobody_else(port: PairingPort, kept: Kept) -> None:
    """What pairing leaves behind links both ends over TLS 1.3."""
    home = await try_code(port.number, port.desk.code)
    assert await port.wait()
    (device,) = kept.trust
    assert device.peer == home.own.certificate
    assert home.peer == device.own.certificate
    assert await greeted(paired_server(device), paired_client(home), device.peer) == "TLSv1.3"


async def greeted(server: ssl.SSLContext, client: ssl.SSLContext, peer: bytes | None) -> str | None:
    """Return the version that a client whom the server knows speaks; None when it is let go."""

    async def serve(guest: Guest) -> None:
        assert guest.paired
        guest.writer.write(b"hello")
        await guest.writer.drain()
        await guest.reader.read()

    door = Door(serve)
    door.key = Key(server, peer)
    await door.open(LOOPBACK, 0)
    try:
        async with asyncio.timeout(10):
            reader, writer = await asyncio.open_connection(
                LOOPBACK, door.port, ssl=client, server_hostname=""
            )
            heard = await reader.read(5)
            version = writer.get_extra_info("ssl_object").version()
            writer.close()
            return version if heard == b"hello" else None
    finally:
        await door.close()


async def test_who_is_not_the_paired_one_is_let_go() -> None:
    """No certificate, another one, an older protocol, no TLS at all: not one byte comes back."""
    device, home, stranger = make_identity(), make_identity(), make_identity()
    ours, theirs = Trust(device, home.certificate), Trust(home, device.certificate)
    server = paired_server(ours)
    assert await greeted(server, paired_client(theirs), ours.peer) == "TLSv1.3"
    wrong_server = paired_client(Trust(home, stranger.certificate))
    with pytest.raises(ssl.SSLCertVerificationError):
        await greeted(server, wrong_server, ours.peer)
    old = paired_client(theirs)
    old.minimum_version = ssl.TLSVersion.TLSv1_2
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await greeted(server, old, ours.peer)
    for refused in (pairing_client(), paired_client(Trust(stranger, device.certificate))):
        with contextlib.suppress(ssl.SSLError, ConnectionError):
            assert await greeted(server, refused, ours.peer) is None


async def test_a_certificate_that_is_trusted_and_not_the_pinned_one_is_let_go() -> None:
    """The comparison holds on its own, whatever the library accepts."""
    device, home, other = make_identity(), make_identity(), make_identity()
    lax = paired_server(Trust(device, other.certificate))
    client = paired_client(Trust(other, device.certificate))
    assert await greeted(lax, client, other.certificate) == "TLSv1.3"
    assert await greeted(lax, client, home.certificate) is None


async def test_a_wrong_code_is_slowed_and_burns_nothing(
    port: PairingPort, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next try is looked at only after the slow-down, also if the one who tried hung up."""
    monkeypatch.setattr(pairing, "SLOW_S", 0.3)
    began = time.monotonic()
    wrong = [asyncio.create_task(try_code(port.number, new_code())) for _ in range(2)]
    for task in wrong:
        with pytest.raises(PairingError, match="wrong_code"):
            await task
    assert time.monotonic() - began >= 0.6
    gone = asyncio.create_task(try_code(port.number, new_code()))
    async with asyncio.timeout(10):
        while port.desk.tries < 3:  # noqa: ASYNC110 - nobody is told of it
            await asyncio.sleep(0.01)
    gone.cancel()
    began = time.monotonic()
    await try_code(port.number, port.desk.code)
    assert time.monotonic() - began >= 0.2
    assert len(kept.trust) == 1


async def test_a_code_is_good_once(port: PairingPort, kept: Kept) -> None:
    await try_code(port.number, port.desk.code)
    with pytest.raises(PairingError, match="code_used"):
        await try_code(port.number, port.desk.code)
    assert len(kept.trust) == 1


async def test_an_expired_code_is_none(kept: Kept) -> None:
    """The port closes by itself; a try that came before is refused."""
    now = [0.0]
    identity = make_identity()
    desk = Desk(identity, SATELLITE, kept, clock=lambda: now[0])
    port = PairingPort(desk, Key(pairing_server(identity), None))
    await port.listen(LOOPBACK, 0)
    assert 0 < desk.left_s <= pairing.CODE_S
    now[0] = pairing.CODE_S
    with pytest.raises(PairingError, match="code_used"):
        await try_code(port.number, desk.code)
    assert not await port.wait()
    number = port.number
    await port.close()
    with pytest.raises(ConnectionRefusedError):
        await connect(number)
    assert not kept.trust


async def test_the_older_pairing_stays_until_both_ends_hold(port: PairingPort, kept: Kept) -> None:
    """A home that cannot write it down, and one that vanishes then, change nothing."""
    full = Kept()
    full.fault = OSError(28, "No space left on device")
    with pytest.raises(OSError, match="No space"):
        await try_code(port.number, port.desk.code, keep=full)
    assert not kept.trust
    assert not port.desk.used.is_set()
    await try_code(port.number, port.desk.code)
    assert len(kept.trust) == 1


async def test_a_device_that_cannot_write_it_down_says_so(port: PairingPort, kept: Kept) -> None:
    kept.fault = OSError(28, "No space left on device")
    with pytest.raises(PairingError, match="device_failed"):
        await try_code(port.number, port.desk.code)
    kept.fault = None
    await try_code(port.number, port.desk.code)


async def test_a_home_that_hears_no_more_after_it_wrote_knows_that_it_does_not_know(
    kept: Kept,
) -> None:
    """The torn end: the device wrote it down, and its word of that was lost."""
    identity = make_identity()
    told = asyncio.Event()

    async def keep(trust: Trust) -> None:
        await kept(trust)
        for task in asyncio.all_tasks():
            if task.get_name() == "the device":
                task.cancel()
        told.set()
        await asyncio.sleep(0)

    desk = Desk(identity, SATELLITE, keep)

    async def serve(guest: Guest) -> None:
        task = asyncio.current_task()
        assert task is not None
        task.set_name("the device")
        await desk.serve(guest.reader, guest.writer)

    async with served(serve, Key(pairing_server(identity), None)) as number:
        with pytest.raises(UncertainError) as uncertain:
            await try_code(number, desk.code)
    (device,) = kept.trust
    home = uncertain.value.trust
    assert await greeted(paired_server(device), paired_client(home), device.peer) == "TLSv1.3"


@contextlib.asynccontextmanager
async def served(serve: Callable[[Guest], Awaitable[None]], key: Key) -> AsyncIterator[int]:
    door = Door(serve)
    door.key = key
    await door.open(LOOPBACK, 0)
    try:
        yield door.port
    finally:
        await door.close()


@pytest.mark.parametrize("swaps", ["both", "device", "nothing"])
async def test_a_man_in_the_middle_pairs_with_nobody(
    port: PairingPort, kept: Kept, swaps: str
) -> None:
    """He ends TLS of both, and passes on what he likes: the device's certificate or his own."""
    his = make_identity()

    async def relay(guest: Guest) -> None:
        reader, writer = await connect(port.number)
        try:
            hello = PairHello.from_event(await _event(guest.reader))
            if swaps == "both":
                hello = PairHello(
                    version=hello.version, nonce=hello.nonce, certificate=his.certificate
                )
            await write_event(writer, hello.event())
            offer = PairOffer.from_event(await _event(reader))
            if swaps != "nothing":
                offer = PairOffer(
                    version=offer.version, nonce=offer.nonce, certificate=his.certificate
                )
            await write_event(guest.writer, offer.event())
            await write_event(writer, await _event(guest.reader))
            await write_event(guest.writer, await _event(reader))
        finally:
            writer.close()

    async with served(relay, Key(pairing_server(his), None)) as number:
        with pytest.raises(PairingError, match=r"impostor|wrong_code"):
            await try_code(number, port.desk.code)
    assert not kept.trust


async def _event(reader: asyncio.StreamReader):  # type: ignore[no-untyped-def]
    event = await read_event(reader, PAIRING_LIMITS)
    assert event is not None
    return event


async def test_an_old_exchange_replayed_proves_nothing(port: PairingPort, kept: Kept) -> None:
    """The device's nonce is a new one each time."""
    home = make_identity()
    nonce = "ab" * 32
    said = []
    for _ in range(2):
        reader, writer = await connect(port.number)
        hello = PairHello(version=VERSION, nonce=nonce, certificate=home.certificate)
        await write_event(writer, hello.event())
        offer = PairOffer.from_event(await _event(reader))
        if not said:
            exchange = Exchange(
                version=VERSION,
                home_certificate=home.certificate,
                device_certificate=offer.certificate,
                home_nonce=bytes.fromhex(nonce),
                device_nonce=bytes.fromhex(offer.nonce),
            )
            said.append(PairProof(proof=exchange.proof(port.desk.code, HOME).hex()))
            writer.close()
            continue
        await write_event(writer, said[0].event())
        assert PairRefused.from_event(await _event(reader)).reason == "code"
        writer.close()
    assert not kept.trust


async def test_the_devices_proof_is_no_proof_of_a_home(port: PairingPort, kept: Kept) -> None:
    """The roles differ, so what the device says cannot be said back to it."""
    exchange = Exchange(
        version=1, home_certificate=b"h", device_certificate=b"d", home_nonce=b"1",
        device_nonce=b"2",
    )  # fmt: skip
    assert exchange.proof("A" * 12, HOME) != exchange.proof("A" * 12, SATELLITE)
    assert not exchange.is_proof(exchange.proof("A" * 12, SATELLITE), "A" * 12, HOME)
    moved = Exchange(
        version=1, home_certificate=b"hd", device_certificate=b"", home_nonce=b"1",
        device_nonce=b"2",
    )  # fmt: skip
    assert exchange.proof("A" * 12, HOME) != moved.proof("A" * 12, HOME)


async def test_an_impostor_without_the_code_is_not_believed() -> None:
    """He shows his own certificate and any proof."""
    his = make_identity()

    async def pose(guest: Guest) -> None:
        await _event(guest.reader)
        offer = PairOffer(version=VERSION, nonce="00" * 32, certificate=his.certificate)
        await write_event(guest.writer, offer.event())
        await _event(guest.reader)
        await write_event(guest.writer, PairProof(proof="00" * 32).event())
        await guest.reader.read()

    home = Kept()
    async with served(pose, Key(pairing_server(his), None)) as number:
        with pytest.raises(PairingError, match="impostor"):
            await try_code(number, new_code(), keep=home)
    assert not home.trust


async def test_another_version_is_told(port: PairingPort) -> None:
    reader, writer = await connect(port.number)
    hello = PairHello(version=VERSION + 1, nonce="00" * 32, certificate=b"x")
    await write_event(writer, hello.event())
    assert PairRefused.from_event(await _event(reader)).reason == "version"
    writer.close()


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=3_000),
            st.sampled_from(
                [
                    encode_event(PairKept().event()),
                    encode_event(Paired().event()),
                    encode_event(PairProof(proof="00" * 32).event()),
                    encode_event(PairHello(version=1, nonce="00" * 32, certificate=b"x").event()),
                ]
            ),
        ),
        max_size=4,
    )
)
def test_nonsense_pairs_with_nobody(parts: list[bytes]) -> None:
    """Any bytes, and our own messages out of their order: no pairing, and the port goes on."""

    async def attack() -> None:
        kept = Kept()
        port = await PairingPort.open(LOOPBACK, 0, role=SATELLITE, keep=kept)
        try:
            reader, writer = await connect(port.number)
            with contextlib.suppress(OSError):
                writer.write(b"".join(parts))
                writer.write_eof() if writer.can_write_eof() else writer.close()
                async with asyncio.timeout(5):
                    await reader.read()
            writer.close()
            assert not kept.trust
            await try_code(port.number, port.desk.code)
        finally:
            await port.close()

    asyncio.run(attack())


def test_a_code_is_read_as_it_is_written() -> None:
    code = new_code()
    assert len(code) == 12
    assert typed(shown(code)) == code
    assert typed(f" {shown(code).lower()} ") == code
    assert typed("oil0-1234-5678") == "011012345678"
    for wrong in ("", "ABCD", "ABCD-EFGH-JKM", "UUUU-UUUU-UUUU", "ABCD-EFGH-JKMN-P", "ä" * 12):
        assert typed(wrong) is None
    assert len({new_code() for _ in range(100)}) == 100


def test_a_pairing_is_one_file_and_half_of_it_is_none() -> None:
    one, other = make_identity(), make_identity()
    trust = Trust(one, other.certificate)
    assert Trust.from_pem(trust.pem) == trust
    for cut in range(0, len(trust.pem) - 1, 40):
        with pytest.raises(TrustError):
            Trust.from_pem(trust.pem[:cut])
    assert b"PRIVATE" not in repr(trust).encode()


def test_a_certificate_says_nothing_of_anybody() -> None:
    from cryptography import x509

    certificate = x509.load_der_x509_certificate(make_identity().certificate)
    assert not list(certificate.subject)
    assert not list(certificate.issuer)
    assert not list(certificate.extensions)
    assert certificate.not_valid_before_utc.year == 1970
    assert certificate.not_valid_after_utc.year == 9999
