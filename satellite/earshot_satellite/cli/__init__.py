"""The command `earshot-satellite`."""

from .main import main

__all__ = ["main"]
