"""Who may do what with what was kept of a room.

Nobody may, unless Earshot's own list of listeners says so; administrators are not implied. Without
this, every account of Home Assistant, and every token ever made for one, could listen to a bedroom.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Final


class Act(StrEnum):
    """What somebody wants to do."""

    READ = "read"
    """See words, records and waveforms."""

    PLAY = "play"
    EXPORT = "export"
    LABEL = "label"
    PIN = "pin"
    SEAL = "seal"
    """Seal or open a room, add a person or remove one."""

    UNLOCK = "unlock"
    DELETE = "delete"
    UNPIN = "unpin"
    AUDIT = "audit"
    """Read the log of a room with all that it says."""


class Token(StrEnum):
    """What proves who asks."""

    NORMAL = "normal"
    LONG_LIVED = "long_lived"
    SIGNED = "signed"
    """A signed address: whoever has it is whoever made it."""

    OTHER = "other"


class Login(StrEnum):
    """What kind of login is behind the token."""

    PERSONAL = "personal"
    SHARED = "shared"
    """Whoever is in some network is this user."""

    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why somebody may or may not, in the order in which it is asked."""

    ALLOWED = "allowed"
    NO_USER = "no_user"
    INACTIVE = "inactive"
    SYSTEM_USER = "system_user"
    NOT_LISTENER = "not_listener"
    NOT_IN_AUDIENCE = "not_in_audience"
    """The capture was made before this user was a listener."""

    CHILD = "child"
    TOKEN = "token"  # noqa: S105 - a reason, no secret
    LOGIN = "login"
    LONG_LIVED = "long_lived"
    REMOTE = "remote"
    PLAIN_HTTP = "plain_http"
    SECOND_FACTOR_MISSING = "second_factor_missing"
    """The room wants one and this user has none set up."""

    SECOND_FACTOR = "second_factor"


@dataclass(frozen=True, kw_only=True)
class RoomAccess:
    """What a room's rules say. The defaults let nobody in, nor does a room that is unknown."""

    listeners: frozenset[str] = frozenset()
    """Ids of users."""

    second_factor: bool = False
    remote: bool = False
    long_lived: bool = False
    plain_http: bool = False
    local_only: bool = False
    child: bool = False
    sealed: bool = False


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Who asks, and over what. What is not known counts as the worst."""

    user_id: str | None = None
    is_active: bool = False
    is_system: bool = True
    session: str | None = None
    """Id of the refresh token."""

    token: Token = Token.OTHER
    login: Login = Login.UNKNOWN
    remote: bool = True
    """Not from a private address, or through Home Assistant Cloud."""

    loopback: bool = False
    secure: bool = False
    """Over TLS."""

    has_second_factor: bool = False
    """One is set up."""

    second_factor: bool = False
    """It was given in this session, a few minutes ago at most."""


@dataclass(frozen=True)
class AccessVerdict:
    """Whether somebody may, and why."""

    reason: Reason

    @property
    def allowed(self) -> bool:
        """Whether it may be done."""
        return self.reason is Reason.ALLOWED

    @property
    def is_stranger(self) -> bool:
        """Whether the asker must not even learn what there is."""
        return self.reason in _STRANGER

    @property
    def told(self) -> str:
        """The reason as the asker may hear it."""
        return NOT_ALLOWED if self.is_stranger else self.reason


NOT_ALLOWED: Final = "not_allowed"
"""What a stranger is told, and whoever names what does not exist."""

_STRANGER: Final = frozenset(
    {
        Reason.NO_USER,
        Reason.INACTIVE,
        Reason.SYSTEM_USER,
        Reason.NOT_LISTENER,
        Reason.NOT_IN_AUDIENCE,
    }
)
NARROWING: Final = frozenset({Act.DELETE, Act.UNPIN, Act.AUDIT})
"""For every listener, whatever the way in: nothing that was heard comes out."""

_IN_CHILD_ROOM: Final = NARROWING | {Act.SEAL}
_NOT_IN_CLEAR: Final = frozenset({Act.PLAY, Act.EXPORT, Act.UNLOCK, Act.SEAL})
"""Sound, files and passphrases do not cross a network that others may read."""

_PERSONAL_PROVIDERS: Final = frozenset({"homeassistant", "command_line"})
_SHARED_PROVIDERS: Final = frozenset({"trusted_networks", "insecure_example"})


def may(
    asker: Asker, act: Act, room: RoomAccess, audience: frozenset[str] | None = None
) -> AccessVerdict:
    """Return whether `asker` may do `act` in a room, or with one capture of it.

    `audience` is the capture's: who was a listener when it was made. None: no capture is meant.
    """
    refusals = chain(_who(asker, act, room, audience), _how(asker, act, room))
    return AccessVerdict(next(refusals, Reason.ALLOWED))


def _who(
    asker: Asker, act: Act, room: RoomAccess, audience: frozenset[str] | None
) -> Iterator[Reason]:
    if not asker.user_id:
        yield Reason.NO_USER
    if not asker.is_active:
        yield Reason.INACTIVE
    if asker.is_system:
        yield Reason.SYSTEM_USER
    if asker.user_id not in room.listeners:
        yield Reason.NOT_LISTENER
    if act not in NARROWING and audience is not None and asker.user_id not in audience:
        yield Reason.NOT_IN_AUDIENCE
    if room.child and act not in _IN_CHILD_ROOM:
        yield Reason.CHILD


def _how(asker: Asker, act: Act, room: RoomAccess) -> Iterator[Reason]:
    if act in NARROWING:
        return
    if asker.token not in (Token.NORMAL, Token.LONG_LIVED):
        yield Reason.TOKEN
    if asker.login is not Login.PERSONAL:
        yield Reason.LOGIN
    if asker.token is Token.LONG_LIVED and not room.long_lived:
        yield Reason.LONG_LIVED
    if asker.remote and not room.remote:
        yield Reason.REMOTE
    if act in _NOT_IN_CLEAR and not (asker.secure or asker.loopback or room.plain_http):
        yield Reason.PLAIN_HTTP
    if room.second_factor and not asker.has_second_factor:
        yield Reason.SECOND_FACTOR_MISSING
    if room.second_factor and not asker.second_factor:
        yield Reason.SECOND_FACTOR


def login_of(session_provider: str | None, user_providers: Collection[str]) -> Login:
    """Return what kind of login a session is.

    `session_provider` is the kind of auth provider that the session came from, None when Home
    Assistant did not note it, as for long-lived tokens: then all providers of the user count.
    """
    providers = user_providers if session_provider is None else (session_provider,)
    if any(provider in _SHARED_PROVIDERS for provider in providers):
        return Login.SHARED
    if providers and all(provider in _PERSONAL_PROVIDERS for provider in providers):
        return Login.PERSONAL
    return Login.UNKNOWN
