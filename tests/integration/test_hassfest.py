"""Stands in for hassfest and HACS, which come with Home Assistant's repository, not with it.

Each way of breaking the integration's files is tried as well: a check that nothing can fail would
be worth nothing.
"""

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml
from homeassistant.core import HomeAssistant
from homeassistant.loader import async_get_integration

from custom_components.earshot.policy.changes import Aspect
from custom_components.earshot.policy.microphone import Reason
from custom_components.earshot.policy.retention import Outcome, Period, RoomKind
from custom_components.earshot.unasked import REASONS

from . import hassfest

ROOT = Path(__file__).parents[2]
EARSHOT = ROOT / "custom_components" / "earshot"
TEXTS = "translations/en.json"

RULES = {
    "bronze": {
        "action-setup", "appropriate-polling", "brands", "common-modules",
        "config-flow-test-coverage", "config-flow", "dependency-transparency", "docs-actions",
        "docs-conditions", "docs-high-level-description", "docs-installation-instructions",
        "docs-removal-instructions", "docs-triggers", "entity-event-setup", "entity-unique-id",
        "has-entity-name", "runtime-data", "test-before-configure", "test-before-setup",
        "unique-config-entry",
    },
    "silver": {
        "action-exceptions", "config-entry-unloading", "docs-configuration-parameters",
        "docs-installation-parameters", "entity-unavailable", "integration-owner",
        "log-when-unavailable", "parallel-updates", "reauthentication-flow", "test-coverage",
    },
    "gold": {
        "devices", "diagnostics", "discovery", "discovery-update-info", "docs-data-update",
        "docs-examples", "docs-known-limitations", "docs-supported-devices",
        "docs-supported-functions", "docs-troubleshooting", "docs-use-cases", "dynamic-devices",
        "entity-category", "entity-device-class", "entity-disabled-by-default",
        "entity-translations", "exception-translations", "icon-translations",
        "reconfiguration-flow", "repair-issues", "stale-devices",
    },
    "platinum": {"async-dependency", "inject-websession", "strict-typing"},
}  # fmt: skip
"""Home Assistant's Integration Quality Scale, as documented in August 2026."""


@pytest.fixture(autouse=True)
def home() -> None:
    """Need no Home Assistant: these are files."""


def test_nothing_is_wrong_with_the_integration() -> None:
    assert hassfest.problems(EARSHOT) == []


async def test_home_assistant_itself_can_read_the_manifest(
    hass: HomeAssistant, enable_custom_integrations: None
) -> None:
    integration = await async_get_integration(hass, "earshot")
    assert integration.file_path == EARSHOT
    assert integration.version is not None
    assert await integration.resolve_dependencies()


@pytest.mark.parametrize(
    ("file", "this", "that", "problem"),
    [
        ("manifest.json", '"domain": "earshot",', "", "domain is missing"),
        ("manifest.json", '"version": "', '"version": "v', "three numbers"),
        ("manifest.json", '"config_flow"', '"aconfig_flow"', "aconfig_flow is not a key"),
        ("manifest.json", '"assist_pipeline",', "", "assist_pipeline is imported"),
        ("manifest.json", '"assist_pipeline",', '"assist_pipeline", "cloud",', "cloud is a dep"),
        ("manifest.json", '"name": "Earshot",', "", "name is missing"),
        ("manifest.json", '"iot_class"', '"iot_clas"', "iot_class is missing"),
        (TEXTS, '"zeroconf_confirm": {', '"zeroconf_other": {', "zeroconf_confirm of config_flow"),
        (TEXTS, '"another_satellite":', '"another":', "no code uses config.error.another"),
        (TEXTS, '"wyoming_satellite":', '"wyoming":', "wyoming_satellite is missing"),
        (TEXTS, '"house_has_no_address":', '"no_address":', "house_has_no_address, which has no"),
        (TEXTS, '"tts_engine":', '"voice_engine":', "data of pipeline"),
        (TEXTS, '"without_speech":', '"without":', "menu of no_engine"),
        (TEXTS, '"captures_kept": {', '"captures": {', "entity.sensor.captures_kept has no name"),
        (TEXTS, '"muted_at_device": {', '"muted": {', "exceptions.muted_at_device"),
        (TEXTS, '"announcement_voice": {', '"announced_voice": {', "exceptions.announced_voice"),
        (TEXTS, '"house_made_again": {', '"house_again": {', "issues.house_made_again, which"),
        (TEXTS, '"satellite_problem_other"', '"satellite_trouble"', "issues.satellite_trouble"),
        (TEXTS, "{room}", "{place}", "issues.satellite_problem_.+ wants"),
        (TEXTS, '"title": "Earshot"', '"title": "<b>Earshot</b>"', "title has HTML"),
        (TEXTS, '"title": "Earshot"', '"title": "https://example.org"', "title has an address"),
        (TEXTS, '"services": {\n    "purge"', '"services": {\n    "prune"', "the action purge"),
        ("icons.json", '"last_command"', '"latest_command"', "entity.sensor.latest_command"),
        ("icons.json", '"purge"', '"prune"', "the action prune"),
        ("services.yaml", "purge:", "purge:\n  fields:\n    room:\n", "fields of the action"),
        ("services.yaml", "purge:", "prune:", "services.yaml: the action prune"),
        ("select.py", 'translation_key="audio_retention"', 'translation_key="kept"', "select.kept"),
        ("switch.py", '"mute"', '"silence"', "entity.switch.silence has no name"),
        ("mute.py", '_key="muted_at_device"', '_key="mute"', "exceptions.mute"),
        ("config_flow.py", '"house_has_no_address"', '"strange"', "no code uses config.abort"),
        ("config_flow.py", 'step_id="room"', 'step_id="place"', "the step place"),
        ("flow_forms.py", "vol.Required(CONF_PORT", "vol.Required(CONF_AUDIO", "data of room"),
        ("link/greet.py", 'LinkError("no_answer")', 'LinkError("mumbles")', "error.mumbles"),
        ("services.py", 'SERVICE_PURGE: Final = "purge"', 'SERVICE_PURGE: Final = "p"', "action p"),
        ("const.py", "DOMAIN: Final", 'A = "https://example.org"\nDOMAIN: Final', "example.org"),
    ],
)  # fmt: skip
def test_what_is_broken_is_found(tmp_path, file, this, that, problem) -> None:
    broken = tmp_path / "earshot"
    shutil.copytree(EARSHOT, broken, ignore=shutil.ignore_patterns("__pycache__"))
    text = (broken / file).read_text()
    assert this in text, "the test breaks nothing any more"
    (broken / file).write_text(text.replace(this, that))
    assert [it for it in hassfest.problems(broken) if problem in it], hassfest.problems(broken)


@pytest.mark.parametrize("name", ["icon.png", "icon@2x.png"])
def test_a_missing_brand_image_is_found(tmp_path, name) -> None:
    broken = tmp_path / "earshot"
    shutil.copytree(EARSHOT, broken)
    (broken / "brand" / name).unlink()
    assert any(name in it for it in hassfest.problems(broken))


def test_every_choice_and_every_reason_has_its_words() -> None:
    texts = json.loads((EARSHOT / TEXTS).read_text())
    periods = {period.value for period in Period}
    assert set(texts["selector"]["period"]["options"]) == periods
    assert set(texts["selector"]["room_kind"]["options"]) == {kind.value for kind in RoomKind}
    selects = {key: set(it["state"]) for key, it in texts["entity"]["select"].items()}
    for key, states in selects.items():
        if key.endswith("_retention"):
            # The house has nobody above it; a ceiling of an outcome can be none.
            whole_house = key in ("house_audio_retention", "house_transcript_retention")
            assert states == periods - ({Period.AS_HOUSE.value} if whole_house else set())
    assert set(texts["selector"]["outcome_period"]["options"]) == periods
    assert set(texts["selector"]["aspect"]["options"]) == {aspect.value for aspect in Aspect}
    event = texts["entity"]["event"]["voice_command"]["state_attributes"]["event_type"]["state"]
    assert set(event) == {outcome.value for outcome in Outcome}
    reasons = texts["entity"]["binary_sensor"]["microphone"]["state_attributes"]["reason"]["state"]
    assert {reason.value for reason in Reason} <= set(reasons)
    unasked = {it.removeprefix("unasked_") for it in texts["exceptions"] if "unasked_" in it}
    assert unasked == set(REASONS)


@pytest.mark.parametrize("flow", ["config", "options"])
def test_every_setting_is_in_the_docs_by_its_name(flow: str) -> None:
    """A form that asks for something more asks for a line there."""
    steps = json.loads((EARSHOT / TEXTS).read_text())[flow]["step"].values()
    labels = {label for step in steps for label in step.get("data", {}).values()}
    told = (ROOT / "docs" / "settings.md").read_text()
    assert labels
    assert {label for label in labels if f"**{label}**" not in told} == set()


def test_hacs_accepts_its_file() -> None:
    """HACS refuses a file with a key it does not know, and one without a name."""
    hacs = json.loads((ROOT / "hacs.json").read_text())
    known = {
        "content_in_root", "country", "filename", "hacs", "hide_default_branch", "homeassistant",
        "name", "persistent_directory", "render_readme", "zip_release",
    }  # fmt: skip
    assert {"name"} <= set(hacs) <= known
    assert not hacs.get("zip_release") or "filename" in hacs
    assert re.fullmatch(r"\d{4}\.\d+\.\d+", hacs["homeassistant"])
    assert [path.name for path in (ROOT / "custom_components").iterdir() if path.is_dir()
            and path.name != "__pycache__"] == ["earshot"]  # fmt: skip
    assert "Apache License" in (ROOT / "LICENSE").read_text()


def test_the_quality_scale_names_every_rule_and_says_why_not() -> None:
    scale = yaml.safe_load((EARSHOT / "quality_scale.yaml").read_text())["rules"]
    assert set(scale) == set().union(*RULES.values())
    for rule, status in scale.items():
        if isinstance(status, dict):
            assert status["status"] in ("done", "exempt", "todo"), rule
            assert status["comment"].strip(), rule
        else:
            assert status in ("done", "todo"), rule


def test_workflows_can_do_no_more_than_read() -> None:
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        workflow = yaml.safe_load(path.read_text())
        assert workflow["permissions"] == {"contents": "read"}, path.name
        for name, job in workflow["jobs"].items():
            assert "permissions" not in job, f"{path.name}: {name}"
            assert job["timeout-minutes"] <= 60, f"{path.name}: {name}"
            for step in job["steps"]:
                if "uses" in step:
                    assert re.search(r"@[\w.-]+$", step["uses"]), step["uses"]
                if "actions/checkout" in step.get("uses", ""):
                    assert step["with"]["persist-credentials"] is False
