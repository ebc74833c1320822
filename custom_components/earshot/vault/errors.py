"""What can be wrong with the vault. No message carries anything of what was heard."""

from typing import ClassVar


class VaultError(Exception):
    """The vault could not do what was asked; `code` is for a translation."""

    code: ClassVar[str] = "vault_failed"


class VaultUnavailableError(VaultError):
    """The folder cannot be made, read or locked."""

    code = "vault_unavailable"


class VaultClosedError(VaultError):
    """The vault was closed before."""

    code = "vault_closed"


class VaultBusyError(VaultError):
    """Too much is waiting to be written already."""

    code = "vault_busy"


class VaultFullError(VaultError):
    """The disk is full; nothing of this capture was kept."""

    code = "vault_full"


class KeyLostError(VaultError):
    """The house key or the captures' keys are missing or damaged.

    What was kept cannot be read again. It still expires, and can be deleted; deleting everything
    makes new keys.
    """

    code = "vault_key_lost"


class StoreDamagedError(VaultError):
    """The database is damaged; deleting everything makes a new one."""

    code = "vault_damaged"


class CaptureUnknownError(VaultError):
    """There is no such capture, or no more."""

    code = "capture_unknown"


class CaptureDamagedError(VaultError):
    """A part of this capture cannot be read; the others are not touched."""

    code = "capture_damaged"


class CaptureSealedError(VaultError):
    """The keys of this capture are sealed, and nobody unlocked the seal."""

    code = "capture_sealed"


class ClockUncertainError(VaultError):
    """The clock jumped and this may be past its ceiling: not given out until that is known."""

    code = "clock_uncertain"
