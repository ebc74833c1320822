"""Sentences for the recogniser; runs in the room environment, for `scripts/bench speech`."""
