"""How long to wait before a satellite is tried again."""

from typing import Final

FIRST_DELAYS_S: Final = (0.25, 0.5)
"""A link that broke is tried again at once: most often the program just restarted."""

BRISK_DELAY_S: Final = 1.0
BRISK_TRIES: Final = 30
STEADY_DELAY_S: Final = 2.0
"""For ever after: a satellite that is switched on again is back within about this time."""

REFUSED_DELAY_S: Final = 10.0
"""The satellite answers and does not want us; asking more often changes nothing."""


def retry_delay(failures: int, *, refused: bool = False) -> float:
    """Return the seconds to wait after `failures` failed tries in a row (1 or more)."""
    if refused:
        return REFUSED_DELAY_S
    if failures <= len(FIRST_DELAYS_S):
        return FIRST_DELAYS_S[failures - 1]
    return BRISK_DELAY_S if failures <= BRISK_TRIES else STEADY_DELAY_S
