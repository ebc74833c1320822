"""Whether what is said in a room stays in the house.

Local means proven, not claimed: an address at home may belong to a program that passes everything
on. What cannot be proven is unknown, until an administrator gives their word, which is shown as
just that. Without the third value, "we do not know" would read as "local".
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit


class Locality(StrEnum):
    """What can be said of an engine or a room, from the best to the worst."""

    LOCAL = "local"
    VOUCHED = "vouched"
    UNKNOWN = "unknown"
    NOT_LOCAL = "not_local"

    @property
    def is_proven(self) -> bool:
        """Whether a room that is to be local only may use it."""
        return self in (Locality.LOCAL, Locality.VOUCHED)


class Role(StrEnum):
    """What an engine does with what is said."""

    HEARS = "hears"
    ANSWERS = "answers"
    SPEAKS = "speaks"


class Reason(StrEnum):
    """Why an engine is judged as it is."""

    HOME_ASSISTANT = "home_assistant"
    EARSHOT = "earshot"
    VOUCHED = "vouched"
    MISSING = "missing"
    NOT_PROVEN = "not_proven"
    TOOLS_NOT_KNOWN = "tools_not_known"
    CLOUD = "cloud"
    PUBLIC_ADDRESS = "public_address"
    OUTSIDE_TOOLS = "outside_tools"


class Maker(StrEnum):
    """Whose an engine is."""

    HOME_ASSISTANT = "home_assistant"
    """Home Assistant's own conversation agent, which runs inside it."""

    EARSHOT = "earshot"
    OTHER = "other"
    NOBODY = "nobody"
    """The pipeline names none, or one that is not there."""


class Place(StrEnum):
    """Where an address is, as far as the address itself tells."""

    THIS_MACHINE = "this_machine"
    HOME = "home"
    PUBLIC = "public"
    UNKNOWN = "unknown"
    """A name, which may lead anywhere, or no address at all."""


@dataclass(frozen=True)
class Voucher:
    """An administrator's word that an engine is local."""

    by: str
    given: datetime


@dataclass(frozen=True, kw_only=True)
class Engine:
    """What is known of an engine."""

    role: Role
    name: str
    maker: Maker = Maker.OTHER
    iot_class: str | None = None
    """What its integration says of itself."""

    paired: bool = False
    """Whether it proves, by the key that it was paired with, that it is our speech service."""

    place: Place = Place.UNKNOWN
    has_outside_tools: bool | None = False
    """Whether a language model is given tools that reach outside; None while not known."""

    voucher: Voucher | None = None
    """Given for this engine as it is configured now."""


@dataclass(frozen=True)
class EngineReason:
    """The verdict on one engine of a room."""

    role: Role
    engine: str
    state: Locality
    reason: Reason
    voucher: Voucher | None = None
    """Only where the verdict stands on it."""


@dataclass(frozen=True)
class LocalityVerdict:
    """What can be said of a room: as much as of the worst of its engines."""

    state: Locality
    reasons: tuple[EngineReason, ...] = ()

    def unproven(self) -> tuple[str, ...]:
        """Return the names of the engines that keep the room from being local."""
        return tuple(it.engine for it in self.reasons if not it.state.is_proven)


UNKNOWN = LocalityVerdict(Locality.UNKNOWN)
_ORDER = tuple(Locality)


def judge_room(engines: Iterable[Engine]) -> LocalityVerdict:
    """Return the verdict on a room whose pipeline has these engines."""
    reasons = tuple(judge_engine(engine) for engine in engines)
    states = [it.state for it in reasons]
    if {it.role for it in reasons} != set(Role):
        states.append(Locality.UNKNOWN)
    return LocalityVerdict(max(states, key=_ORDER.index), reasons)


def worst(verdicts: Iterable[LocalityVerdict]) -> LocalityVerdict:
    """Return the verdict on a room that uses several pipelines: as much as of the worst of them."""
    found = list(verdicts)
    if not found:
        return UNKNOWN
    reasons = tuple(dict.fromkeys(reason for it in found for reason in it.reasons))
    return LocalityVerdict(max((it.state for it in found), key=_ORDER.index), reasons)


def judge_engine(engine: Engine) -> EngineReason:
    """Return the verdict on one engine. No word of anybody's outweighs a reason against it."""
    state, reason = _judge(engine)
    voucher = engine.voucher if state is Locality.VOUCHED else None
    return EngineReason(engine.role, engine.name, state, reason, voucher)


def _judge(engine: Engine) -> tuple[Locality, Reason]:  # noqa: PLR0911 - a table
    match engine.maker:
        case Maker.NOBODY:
            return Locality.UNKNOWN, Reason.MISSING
        case Maker.HOME_ASSISTANT:
            return Locality.LOCAL, Reason.HOME_ASSISTANT
    if (engine.iot_class or "").startswith("cloud"):
        return Locality.NOT_LOCAL, Reason.CLOUD
    if engine.place is Place.PUBLIC:
        return Locality.NOT_LOCAL, Reason.PUBLIC_ADDRESS
    if engine.has_outside_tools:
        return Locality.NOT_LOCAL, Reason.OUTSIDE_TOOLS
    if engine.has_outside_tools is None:
        return Locality.UNKNOWN, Reason.TOOLS_NOT_KNOWN
    if engine.maker is Maker.EARSHOT and (engine.paired or engine.place is Place.THIS_MACHINE):
        return Locality.LOCAL, Reason.EARSHOT
    if engine.voucher is not None:
        return Locality.VOUCHED, Reason.VOUCHED
    return Locality.UNKNOWN, Reason.NOT_PROVEN


def host_of(address: str) -> str:
    """Return the host in a URL, a host with a port, or a bare host; in lower case."""
    text = address.strip().lower()
    try:
        ip_address(text)
    except ValueError:
        pass
    else:
        return text
    try:
        return (urlsplit(text if "://" in text else f"//{text}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def place_of(address: str) -> Place:
    """Return where an address is. Names are not looked up: that would tell others of them."""
    host = host_of(address)
    if host == "localhost":
        return Place.THIS_MACHINE
    try:
        ip = ip_address(host)
    except ValueError:
        return Place.UNKNOWN
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if ip.is_loopback:
        return Place.THIS_MACHINE
    if ip.is_multicast or ip.is_unspecified or ip.is_reserved:
        return Place.UNKNOWN
    if ip.is_global:
        return Place.PUBLIC
    return Place.HOME if ip.is_private or ip.is_link_local else Place.UNKNOWN
