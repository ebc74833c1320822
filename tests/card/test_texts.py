"""What Home Assistant and satellites may say has words on the cards, in the language of the source.

The card has a sentence for what it does not know; without this, a reason that is added there would
be told by that sentence for ever.
"""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOME = ROOT / "custom_components" / "earshot"
TEXTS = json.loads((ROOT / "card" / "src" / "i18n" / "en.json").read_text())


def values(file: Path, name: str) -> set[str]:
    """Return the values of an enumeration, in a file that this Python may be too old for."""
    body = re.search(rf"^class {name}\(StrEnum\):\n(.*?)(?=^\S|\Z)", file.read_text(), re.M | re.S)
    assert body is not None
    return set(re.findall(r'^    [A-Z_0-9]+ = "([^"]*)"$', body[1], re.M))


VERDICT = ROOT / "satellite" / "earshot_satellite" / "mute" / "verdict.py"


@pytest.mark.parametrize(
    ("family", "file", "name", "others"),
    [
        # An open microphone is told with the time, not with a reason.
        ("mic.why", HOME / "policy" / "microphone.py", "Reason", {"verified"}),
        ("mic.why", VERDICT, "Reason", {"", "ear_runs", "still_open"}),
        ("locality", HOME / "policy" / "locality.py", "Locality", set()),
        ("locality.role", HOME / "policy" / "locality.py", "Role", set()),
        ("locality.why", HOME / "policy" / "locality.py", "Reason", set()),
        ("rule", HOME / "policy" / "retention.py", "Rule", set()),
        ("outcome", HOME / "policy" / "retention.py", "Outcome", {"muted"}),
        ("change.of", HOME / "policy" / "changes.py", "Aspect", set()),
        ("check", HOME / "traces" / "model.py", "Verdict", set()),
        ("check.group", HOME / "traces" / "model.py", "State", set()),
        ("place_why", HOME / "traces" / "model.py", "Why", set()),
        ("place", HOME / "traces" / "places.py", "Key", set()),
    ],
)
def test_everything_that_may_be_said_has_words(
    family: str, file: Path, name: str, others: set[str]
) -> None:
    found = values(file, name)
    assert found > others
    assert {it for it in found - others if f"{family}.{it}" not in TEXTS} == set()


def test_every_way_of_listening_has_words() -> None:
    source = (HOME / "vault" / "audit" / "line.py").read_text()
    (listens,) = re.findall(r"^LISTENS: Final = frozenset\((.*?)\)$", source, re.M | re.S)
    verbs = {name.lower() for name in re.findall(r"Verb\.([A-Z_]+)", listens)}
    assert verbs >= {"played", "read"}
    assert {it for it in verbs if f"listen.{it}" not in TEXTS} == set()
