"""The demo: a house that is spoken to."""
