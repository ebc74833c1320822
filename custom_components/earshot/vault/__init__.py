"""What is kept of what was heard: sealed, for as long as the household allows."""

from .errors import (
    CaptureDamaged,
    CaptureUnknown,
    KeyLost,
    StoreDamaged,
    VaultBusy,
    VaultClosed,
    VaultError,
    VaultFull,
    VaultUnavailable,
)
from .model import Capture, NewCapture, PurgeReport, RoomUsage, VaultState
from .vault import Vault

__all__ = [
    "Capture",
    "CaptureDamaged",
    "CaptureUnknown",
    "KeyLost",
    "NewCapture",
    "PurgeReport",
    "RoomUsage",
    "StoreDamaged",
    "Vault",
    "VaultBusy",
    "VaultClosed",
    "VaultError",
    "VaultFull",
    "VaultState",
    "VaultUnavailable",
]
