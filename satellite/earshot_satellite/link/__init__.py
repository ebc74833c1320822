"""The link to Home Assistant: a server that knows one home at a time."""
