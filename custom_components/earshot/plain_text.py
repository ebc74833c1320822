"""Names in texts that the frontend renders as Markdown."""

import re
from typing import Final

_JOINER: Final = "\u2060"
"""Takes no room and is seen by nobody, so the same name can stand in a title, which is plain."""

_BEGINS: Final = re.compile(r"(?<=[\[\]<!`])|(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\x80-\x9f\u2028-\u202e\u2066-\u2069]+")


def plain(text: str) -> str:
    """Return a name as it looks, so that it makes no link, image, tag or line of its own.

    Everybody with an account can name things, and administrators read Repairs.
    """
    return _BEGINS.sub(_JOINER, _CONTROL.sub(" ", text))
