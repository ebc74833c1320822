"""Sealed rooms: sealing, unlocking for some minutes, and who has a passphrase.

A passphrase is called `password` here because Home Assistant keeps what is called so out of its
logs. It is used and let go of; neither it nor a private key is ever sent back.
"""

from typing import Any, Final

import probatio as vol

from ..audit import Verb
from ..policy.access import AccessVerdict, Act, Reason
from ..vault import passphrase
from ..vault.seal_errors import SealWaitError, SealWrongError
from ..vault.slots import HOUSE, Seal
from . import fields
from .ask import Ask
from .commands import command
from .errors import ApiError
from .told import Names, people

_SECRET: Final = fields.text(4 * passphrase.MAX_LENGTH)
_SEAL: Final = {vol.Required("seal_id"): fields.identifier}
_PASSWORD: Final = {
    vol.Required("label"): fields.label,
    vol.Required("password"): _SECRET,
}


@command("seals")
async def seals(ask: Ask, message: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the seals of one's rooms, who can open them, and what this connection has unlocked."""
    ask.demand_person()
    names = await people(ask.hass)
    found = await ask.api.sealing.async_all()
    return [_tell(ask, seal, names) for seal in found if _mine(ask, seal, Act.DELETE)]


@command("seals/words")
async def words(ask: Ask, message: dict[str, Any]) -> dict[str, Any]:
    """Offer six random words for a passphrase."""
    ask.demand_person()
    return {"words": passphrase.offer(), "bits": passphrase.ENTROPY_BITS}


@command("seals/create", {vol.Optional("rooms"): fields.rooms} | _PASSWORD)
async def create(ask: Ask, message: dict[str, Any]) -> dict[str, Any]:
    """Seal rooms: what is kept of them, from before too, opens with this passphrase only.

    Without rooms it is the house that is sealed: all rooms, and those that are added later.
    """
    user_id, named = ask.demand_person(), message.get("rooms")
    rooms = frozenset(ask.rooms()) if named is None else named
    if not rooms:
        ask.refuse(AccessVerdict(Reason.NOT_LISTENER), None)
    for room_id in rooms:
        ask.demand(Act.SEAL, room_id)
    for room_id in rooms if named is not None else (None,):
        await ask.write(Verb.SEALED, room_id)
    seal_id = await ask.api.sealing.async_seal(
        named, user_id, message["label"], message["password"], ask.actor
    )
    return {"seal_id": seal_id}


@command("seals/open", {vol.Required("room_id"): fields.identifier})
async def unseal(ask: Ask, message: dict[str, Any]) -> None:
    """Seal nothing new of a room, as soon as the household could know; what is sealed stays so."""
    ask.demand(Act.SEAL, message["room_id"])
    await ask.write(Verb.UNSEALED, message["room_id"])
    await ask.api.sealing.async_wish(message["room_id"], sealed=False, actor=ask.actor)


@command("seals/unlock", _SEAL | {vol.Required("password"): _SECRET})
async def unlock(ask: Ask, message: dict[str, Any]) -> dict[str, Any]:
    """Open a seal for this connection and some minutes; requests name it by the handle."""
    user_id, session = ask.demand_person(), ask.demand_session()
    assert ask.connection is not None
    if not ask.is_connected:
        raise ApiError("capture_sealed")
    ask.api.unlocks.prepare(ask.connection, session)
    seal = await _seal(ask, message["seal_id"], Act.UNLOCK)
    try:
        private_key = await ask.api.sealing.async_unlock(seal.id, user_id, message["password"])
    except SealWaitError as err:
        raise ApiError("seal_wait", seconds=f"{err.seconds:.0f}") from None
    except SealWrongError:
        for room_id in _rooms(ask, seal):
            ask.api.refusals.note(ask.asker, room_id, "passphrase")
        raise
    for room_id in _rooms(ask, seal):
        await ask.write(Verb.UNLOCKED, room_id, seal.id)
    handle = ask.api.unlocks.unlock(ask.connection, seal.id, private_key)
    if handle is None:
        raise ApiError("capture_sealed")
    return {"handle": handle, "seconds": ask.api.unlocks.left_s(ask.connection, seal.id)}


@command("seals/lock", {vol.Optional("seal_id"): fields.identifier})
async def lock(ask: Ask, message: dict[str, Any]) -> None:
    """Close a seal again, or all that this connection has opened."""
    ask.demand_person()
    assert ask.connection is not None
    # Only what was open: whoever locks again and again must not fill the log with it.
    for seal_id in ask.api.unlocks.lock(ask.connection, message.get("seal_id")):
        await ask.write(Verb.LOCKED, None, seal_id)


@command("seals/add_person", _SEAL | {vol.Required("user_id"): fields.identifier} | _PASSWORD)
async def add_person(ask: Ask, message: dict[str, Any]) -> None:
    """Let another listener open a seal, or change a passphrase; the seal has to be unlocked."""
    seal = await _seal(ask, message["seal_id"], Act.SEAL)
    if (private_key := ask.private.get(seal.id)) is None:
        raise ApiError("capture_sealed")
    user_id = message["user_id"]
    if not any(user_id in ask.access(room_id).listeners for room_id in _rooms(ask, seal)):
        raise ApiError("person_not_listener")
    await ask.write(Verb.SEALED, None, seal.id, "person_added")
    await ask.api.sealing.async_add_person(
        seal.id, private_key, user_id, message["label"], message["password"]
    )


@command("seals/remove_person", _SEAL | {vol.Required("user_id"): fields.identifier})
async def remove_person(ask: Ask, message: dict[str, Any]) -> None:
    """Take a person's passphrase off a seal: one's own, or another's while it is unlocked."""
    seal = await _seal(ask, message["seal_id"], Act.SEAL)
    if message["user_id"] != ask.demand_person() and seal.id not in ask.private:
        raise ApiError("capture_sealed")
    await ask.write(Verb.SEALED, None, seal.id, "person_removed")
    await ask.api.sealing.async_remove_person(seal.id, message["user_id"])
    ask.api.unlocks.forget(seal.id)


COMMANDS: Final = (seals, words, create, unseal, unlock, lock, add_person, remove_person)


async def _seal(ask: Ask, seal_id: str, act: Act) -> Seal:
    """Return a seal of one's rooms; any other is refused like one that does not exist."""
    found = {it.id: it for it in await ask.api.sealing.async_all()}
    seal = found.get(seal_id)
    if seal is None or not _mine(ask, seal, Act.DELETE):
        ask.refuse(AccessVerdict(Reason.NOT_LISTENER), None)
    verdicts = {room_id: ask.verdict(act, room_id) for room_id in _rooms(ask, seal)}
    if not any(it.allowed for it in verdicts.values()):
        room_id, verdict = next(iter(verdicts.items()))
        ask.refuse(verdict, room_id)
    return seal


def _mine(ask: Ask, seal: Seal, act: Act) -> bool:
    return any(ask.verdict(act, room_id).allowed for room_id in _rooms(ask, seal))


def _rooms(ask: Ask, seal: Seal) -> tuple[str, ...]:
    """Return the rooms that a seal is about.

    One that covers none any more still opens what it sealed: then all rooms of whoever can open it.
    """
    if seal.scopes and HOUSE not in seal.scopes:
        return tuple(room_id for room_id in ask.rooms() if room_id in seal.scopes)
    if seal.scopes or seal.slot_of(ask.asker.user_id or ""):
        return ask.rooms()
    return ()


def _tell(ask: Ask, seal: Seal, names: Names) -> dict[str, Any]:
    connection = ask.connection
    return {
        "seal_id": seal.id,
        "rooms": list(_rooms(ask, seal)) if seal.scopes else [],
        "house": HOUSE in seal.scopes,
        "made": seal.made,
        "people": [
            {"user_id": it.user_id, "name": names.get(it.user_id), "label": it.label}
            for it in seal.slots
        ],
        "mine": seal.slot_of(ask.asker.user_id or "") is not None,
        "unlocked_s": ask.api.unlocks.left_s(connection, seal.id) if connection else 0.0,
    }
