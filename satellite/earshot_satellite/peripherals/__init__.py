"""Lights, buttons and hooks: what the satellite shows, and what may be pressed on it."""
