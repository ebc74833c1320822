"""Of all tests: how long an example takes is told by benches, not asserted."""

import signal

from hypothesis import settings

settings.register_profile("earshot", deadline=None)
settings.load_profile("earshot")

# Whoever runs the tests in the background has Ctrl-C ignored, and what they start would too.
signal.signal(signal.SIGINT, signal.default_int_handler)
