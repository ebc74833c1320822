"""Numbers as an engine writes down what was said. Pure."""

import re

_SMALL = {
    word: number
    for number, words in enumerate(
        (
            "", "one a an", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
            "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
            "eighteen", "nineteen",
        )
    )
    for word in words.split()
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
_HALF = ["and", "a", "half"]


def number_of(text: str) -> float | None:
    """Return the number that words or digits stand for: "twenty-five", "2", "half an".

    Only above 0 and below 10,000; None for everything else.
    """
    words = text.lower().replace("-", " ").split()
    if words in (["half", "a"], ["half", "an"]):
        return 0.5
    half = words[-3:] == _HALF
    if half:
        words = words[:-3]
    if len(words) == 1 and re.fullmatch(r"[0-9]{1,4}", words[0]):
        number = int(words[0])
    else:
        number = _spelled(words)
    if number == 0:
        return None
    return number + 0.5 if half else number


def _spelled(words: list[str]) -> int:
    """Return the number below 1,000 that words spell; 0 when they spell none."""
    hundreds = rest = 0
    for word in words:
        small = _SMALL.get(word, 0)
        if small and (rest == 0 or (rest in _TENS.values() and small < 10)):
            rest += small
        elif word in _TENS and rest == 0:
            rest = _TENS[word]
        elif word == "hundred" and 0 < rest < 10 and not hundreds:
            hundreds, rest = rest * 100, 0
        elif word != "and" or not hundreds or rest:
            return 0
    return hundreds + rest
