"""Pairing: a home and a device learn each other's certificates, with a code that a person carries.

The device shows its certificate in TLS and asks for none; both send certificate and nonce, and
then prove that they know the code, over all of that: the home first. Whoever sits in between has
another certificate than the device, so the proofs do not fit. `docs/protocol.md` says why it holds.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from .code import HOME, Exchange, new_code
from .framing import FrameError, read_event, write_event
from .identity import MAX_CERTIFICATE, Identity, Trust, TrustError
from .limits import PAIRING_LIMITS, VERSION
from .message import Message, MessageError, MessageT, choice, payload, text, whole
from .tls import peer_certificate

_LOGGER = logging.getLogger(__name__)

CODE_S = 600.0
"""A code is good for so long."""

EXCHANGE_S = 20.0
"""One try, from the connection to the last message."""

SLOW_S = 1.0
"""After a wrong try the next one is looked at so much later. A wrong one burns nothing: else
anybody could keep a home from pairing."""

_NONCE_BYTES = 32
_HEX_256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class PairHello(Message, kind="earshot-pair"):
    """Home to device: asks to be paired."""

    version: int = whole(1, 1_000_000)
    nonce: str = text(64, pattern=_HEX_256)
    certificate: bytes = payload(MAX_CERTIFICATE)
    """DER."""


@dataclass(frozen=True, kw_only=True)
class PairOffer(Message, kind="earshot-pair-offer"):
    """Device to home: the same of it. The certificate is the one that it showed in TLS."""

    version: int = whole(1, 1_000_000)
    nonce: str = text(64, pattern=_HEX_256)
    certificate: bytes = payload(MAX_CERTIFICATE)


@dataclass(frozen=True, kw_only=True)
class PairProof(Message, kind="earshot-pair-proof"):
    """Either: it knows the code. The home's comes first."""

    proof: str = text(64, pattern=_HEX_256)


@dataclass(frozen=True, kw_only=True)
class PairKept(Message, kind="earshot-pair-kept"):
    """Home to device: the device's proof holds, and the pairing is on the home's disk."""


@dataclass(frozen=True, kw_only=True)
class Paired(Message, kind="earshot-paired"):
    """Device to home: the pairing is on the device's disk; the older one is no more."""


@dataclass(frozen=True, kw_only=True)
class PairRefused(Message, kind="earshot-pair-refused"):
    """Device to home: no pairing. The connection closes after it."""

    reason: str = choice("code", "version", "used", "failed")
    """`code`: it is not this one. `used`: somebody was paired with it. `failed`: it could not be
    written down."""


@dataclass(frozen=True, kw_only=True)
class Unpair(Message, kind="earshot-unpair"):
    """Either, over the paired link: this pairing is over, and forgotten here. It closes then."""


class PairingError(Exception):
    """There is no pairing.

    `reason` is `wrong_code`, `version`, `code_used`, `device_failed`, `impostor` (who answers has
    not the certificate or the code that a device of this code has), `interrupted` or `no_pairing`
    (who answers does not speak this).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UncertainError(PairingError):
    """The device may have written the pairing down or not: the connection broke in between.

    Whoever has `trust` can see by linking with it.
    """

    def __init__(self, trust: Trust) -> None:
        super().__init__("interrupted")
        self.trust = trust


Keep = Callable[[Trust], Awaitable[None]]
"""Writes a pairing down, durably; raises `OSError` or `TrustError`."""


@dataclass(eq=False)
class Desk:
    """The device's side of one code: good for one pairing, until it expires."""

    identity: Identity
    """Made for this pairing."""

    role: str
    keep: Keep
    code: str = field(default_factory=new_code, repr=False)
    clock: Callable[[], float] = time.monotonic
    tries: int = 0
    """How many were wrong."""

    used: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._until = self.clock() + CODE_S
        self._turn = asyncio.Lock()

    @property
    def left_s(self) -> float:
        """How long the code is still good for."""
        return max(0.0, self._until - self.clock())

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one home that came through TLS; return whether it was paired."""
        try:
            async with asyncio.timeout(EXCHANGE_S):
                refusal = await self._serve(reader, writer)
                if refusal is not None:
                    await write_event(writer, PairRefused(reason=refusal).event())
                return refusal is None
        except (FrameError, MessageError):
            _LOGGER.debug("a try to pair was no message of ours")
        except (OSError, TimeoutError):
            _LOGGER.debug("a try to pair broke off")
        return False

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> str | None:
        hello = await _read(reader, PairHello)
        if hello.version != VERSION:
            return "version"
        nonce = secrets.token_bytes(_NONCE_BYTES)
        own = self.identity.certificate
        offer = PairOffer(version=VERSION, nonce=nonce.hex(), certificate=own)
        await write_event(writer, offer.event())
        exchange = Exchange(
            version=VERSION,
            home_certificate=hello.certificate,
            device_certificate=own,
            home_nonce=bytes.fromhex(hello.nonce),
            device_nonce=nonce,
        )
        proof = bytes.fromhex((await _read(reader, PairProof)).proof)
        async with self._turn:
            if self.used.is_set() or not self.left_s:
                return "used"
            if not exchange.is_proof(proof, self.code, HOME):
                self.tries += 1
                # Held while nobody else's turn comes, and also when the one who tried hangs up.
                await asyncio.sleep(SLOW_S)
                return "code"
            return await self._agree(reader, writer, exchange)

    async def _agree(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, exchange: Exchange
    ) -> str | None:
        """Prove it as well, and write the pairing down when the home has."""
        proof = exchange.proof(self.code, self.role).hex()
        await write_event(writer, PairProof(proof=proof).event())
        await _read(reader, PairKept)
        try:
            await self.keep(Trust(self.identity, exchange.home_certificate))
        except (OSError, TrustError) as err:
            _LOGGER.error("the pairing cannot be kept: %s", err)  # noqa: TRY400
            return "failed"
        self.used.set()
        await write_event(writer, Paired().event())
        return None


async def pair(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    *,
    identity: Identity,
    code: str,
    role: str,
    keep: Keep,
) -> Trust:
    """Pair as the home over a connection of `pairing_client`. Raises `PairingError`, `OSError`."""
    kept: Trust | None = None
    try:
        async with asyncio.timeout(EXCHANGE_S):
            trust = await _prove(reader, writer, identity, code, role)
            await keep(trust)
            kept = trust
            await write_event(writer, PairKept().event())
            await _answer(reader, Paired)
            return trust
    except (FrameError, MessageError, TimeoutError, OSError, PairingError) as err:
        if kept is not None and getattr(err, "reason", "") != "device_failed":
            raise UncertainError(kept) from None
        if isinstance(err, FrameError | MessageError):
            raise PairingError("no_pairing") from None
        if isinstance(err, TimeoutError):
            raise PairingError("interrupted") from None
        raise


async def _prove(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    identity: Identity,
    code: str,
    role: str,
) -> Trust:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    hello = PairHello(version=VERSION, nonce=nonce.hex(), certificate=identity.certificate)
    await write_event(writer, hello.event())
    offer = await _answer(reader, PairOffer)
    if offer.version != VERSION:
        raise PairingError("version")
    if offer.certificate != peer_certificate(writer):
        raise PairingError("impostor")
    exchange = Exchange(
        version=VERSION,
        home_certificate=identity.certificate,
        device_certificate=offer.certificate,
        home_nonce=nonce,
        device_nonce=bytes.fromhex(offer.nonce),
    )
    await write_event(writer, PairProof(proof=exchange.proof(code, HOME).hex()).event())
    proof = bytes.fromhex((await _answer(reader, PairProof)).proof)
    if not exchange.is_proof(proof, code, role):
        raise PairingError("impostor")
    return Trust(identity, offer.certificate)


_REFUSALS = {
    "code": "wrong_code",
    "version": "version",
    "used": "code_used",
    "failed": "device_failed",
}


async def _answer(reader: asyncio.StreamReader, kind: type[MessageT]) -> MessageT:
    """Return the device's next message, which must be of this kind or say why there is none."""
    event = await read_event(reader, PAIRING_LIMITS)
    if event is None:
        raise PairingError("interrupted")
    if PairRefused.is_type(event.type):
        raise PairingError(_REFUSALS[PairRefused.from_event(event).reason])
    if not kind.is_type(event.type):
        raise PairingError("no_pairing")
    return kind.from_event(event)


async def _read(reader: asyncio.StreamReader, kind: type[MessageT]) -> MessageT:
    event = await read_event(reader, PAIRING_LIMITS)
    if event is None:
        raise ConnectionResetError
    if not kind.is_type(event.type):
        raise MessageError("it is not its turn")
    return kind.from_event(event)
