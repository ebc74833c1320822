"""Mute: end the ear, verify it, and say what was verified."""
