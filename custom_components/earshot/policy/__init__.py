"""Decisions: pure functions from plain data to a verdict with a reason."""
