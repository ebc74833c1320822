"""Numbers as they are spoken."""

from __future__ import annotations

from functools import cache

from unicode_rbnf import FormatPurpose, RbnfEngine

LARGEST = 9_999
"""Beyond this a number in a name is read digit by digit."""


@cache
def spoken(number: int) -> str:
    """Return the English words of a whole number: 21 is "twenty one".

    Raises ValueError for a negative number.
    """
    if number < 0:
        raise ValueError("a negative number is not spoken here")
    if number > LARGEST:
        return " ".join(spoken(int(digit)) for digit in str(number))
    text = _engine().format_number(number, FormatPurpose.CARDINAL).text
    return text.replace("-", " ").replace(",", "")


@cache
def _engine() -> RbnfEngine:
    return RbnfEngine.for_language("en")
