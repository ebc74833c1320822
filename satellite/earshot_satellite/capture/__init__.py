"""The microphone: devices, blocking reads, and the ring that is the only home of audio."""

from __future__ import annotations

SAMPLE_RATE = 16_000
"""Samples a second; 16 bit signed, one channel, everywhere in the satellite's hearing."""
