"""The room program: hears a wake word, carries one command to Home Assistant, plays the answer."""

__version__ = "0.1.0"
"""Here and not asked of the installed package: that would cost a third of the time to start."""
