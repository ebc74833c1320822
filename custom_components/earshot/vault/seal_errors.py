"""What can be wrong with the seals of rooms."""

from .errors import VaultError


class SealUnknownError(VaultError):
    """There is no such seal, or this person has no passphrase for it."""

    code = "seal_unknown"


class SealExistsError(VaultError):
    """The room is sealed already."""

    code = "seal_exists"


class SealWrongError(VaultError):
    """The passphrase is not the one."""

    code = "seal_wrong"


class SealWaitError(VaultError):
    """Too many wrong passphrases: the next may be tried in `seconds`."""

    code = "seal_wait"

    def __init__(self, seconds: float) -> None:
        super().__init__(f"too many wrong passphrases: wait {seconds:.0f} s")
        self.seconds = seconds


class SealBusyError(VaultError):
    """Other passphrases are being tried, or this one took too long."""

    code = "seal_busy"


class SealLastSlotError(VaultError):
    """The last passphrase of a room that is sealed cannot go: unseal the room first."""

    code = "seal_last_slot"


class SealDamagedError(VaultError):
    """The seal's keys do not fit each other; what is sealed with it cannot be opened with it."""

    code = "seal_damaged"
