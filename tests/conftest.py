"""Of all tests: how long an example takes is told by benches, not asserted."""

from hypothesis import settings

settings.register_profile("earshot", deadline=None)
settings.load_profile("earshot")
