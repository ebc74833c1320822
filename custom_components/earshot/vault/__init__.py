"""What is kept of what was heard: sealed, for as long as the household allows."""

from .errors import (
    CaptureDamagedError,
    CaptureUnknownError,
    KeyLostError,
    StoreDamagedError,
    VaultBusyError,
    VaultClosedError,
    VaultError,
    VaultFullError,
    VaultUnavailableError,
)
from .model import Capture, NewCapture, PurgeReport, RoomUsage, VaultState
from .vault import Vault

__all__ = [
    "Capture",
    "CaptureDamagedError",
    "CaptureUnknownError",
    "KeyLostError",
    "NewCapture",
    "PurgeReport",
    "RoomUsage",
    "StoreDamagedError",
    "Vault",
    "VaultBusyError",
    "VaultClosedError",
    "VaultError",
    "VaultFullError",
    "VaultState",
    "VaultUnavailableError",
]
