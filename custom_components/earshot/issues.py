"""What Repairs tells of a room."""

from collections.abc import Iterable
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN, VAULT_FOLDER, IssueId
from .link.greet import ANOTHER, NOBODY
from .link.trouble import KEYS_LOST, NOT_PAIRED
from .plain_text import plain
from .wire.greeting import Problem
from .wire.speech import LeftOut

_LINK_ISSUES: Final = {
    ANOTHER: IssueId.ANOTHER_SATELLITE,
    KEYS_LOST: IssueId.LINK_KEYS_LOST,
    NOBODY: IssueId.SATELLITE_NOT_RUNNING,
    NOT_PAIRED: IssueId.LINK_NOT_PAIRED,
    "not_earshot": IssueId.SATELLITE_REFUSES,
    "version": IssueId.SATELLITE_REFUSES,
}
"""By the reason that a link gives."""

_PROBLEMS: Final = frozenset(
    {
        "discovery_failed",
        "ear_failed",
        "ear_hung",
        "hook_failed",
        "microphone_clipping",
        "microphone_failed",
        "microphone_missing",
        "microphone_silent",
        "mute_state_unreadable",
        "pairing_unreadable",
        "peripherals_failed",
        "port_taken",
        "sound_system",
        "speaker_failed",
        "speaker_missing",
        "state_not_writable",
        "wake_model_broken",
        "wake_word_gone",
    }
)
"""The problems with a remedy of their own in the translations."""


def room_issue(issue: IssueId, entry_id: str, detail: str = "") -> str:
    """Return the id of an issue of one room."""
    return ".".join(part for part in (issue, entry_id, detail) if part)


@callback
def tell_link(hass: HomeAssistant, entry: ConfigEntry, reason: str) -> None:
    """Tell why there is no link to a satellite, where somebody has to do something about it."""
    told = _LINK_ISSUES.get(reason)
    for issue in set(_LINK_ISSUES.values()) - {told}:
        ir.async_delete_issue(hass, DOMAIN, room_issue(issue, entry.entry_id))
    if told is None:
        return
    key = f"{IssueId.SATELLITE_REFUSES}_{reason}" if told is IssueId.SATELLITE_REFUSES else told
    ir.async_create_issue(
        hass,
        DOMAIN,
        room_issue(told, entry.entry_id),
        is_fixable=False,
        severity=ir.IssueSeverity.ERROR,
        translation_key=key,
        translation_placeholders={"room": plain(entry.title)},
    )


@callback
def tell_pipeline(hass: HomeAssistant, entry: ConfigEntry, *, missing: bool) -> None:
    """Tell that a room has no pipeline that hears and speaks, with an offer to make one."""
    issue_id = room_issue(IssueId.PIPELINE_MISSING, entry.entry_id)
    if not missing:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        is_fixable=True,
        severity=ir.IssueSeverity.ERROR,
        translation_key=IssueId.PIPELINE_MISSING,
        translation_placeholders={"room": plain(entry.title)},
        data={"entry_id": entry.entry_id, "room": entry.title},
    )


@callback
def tell_problems(
    hass: HomeAssistant, entry: ConfigEntry, before: Iterable[Problem], now: Iterable[Problem]
) -> None:
    """Tell what is wrong at a satellite, each problem with its remedy, until it is over."""
    codes = {problem.code: problem for problem in now}
    for gone in {problem.code for problem in before} - codes.keys():
        ir.async_delete_issue(
            hass, DOMAIN, room_issue(IssueId.SATELLITE_PROBLEM, entry.entry_id, gone)
        )
    for code, problem in codes.items():
        known = code if code in _PROBLEMS else "other"
        ir.async_create_issue(
            hass,
            DOMAIN,
            room_issue(IssueId.SATELLITE_PROBLEM, entry.entry_id, code),
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key=f"{IssueId.SATELLITE_PROBLEM}_{known}",
            translation_placeholders={
                "room": plain(entry.title),
                "code": plain(code),
                "detail": plain(problem.detail or code),
            },
        )


@callback
def tell_vault(hass: HomeAssistant, trouble: str | None) -> None:
    """Tell that the vault cannot keep or open anything, by the translation key of the reason."""
    about = None if trouble is None else {"folder": "/".join(VAULT_FOLDER)}
    _tell_house(hass, IssueId.VAULT_UNAVAILABLE, ir.IssueSeverity.ERROR, about, trouble)


@callback
def tell_lost(hass: HomeAssistant, captures: int, parts: int) -> None:
    """Tell that captures, or parts of some, were found unreadable and removed."""
    about = {"captures": str(captures), "parts": str(parts)} if captures or parts else None
    _tell_house(hass, IssueId.CAPTURES_LOST, ir.IssueSeverity.WARNING, about)


@callback
def tell_left_out(hass: HomeAssistant, left_out: LeftOut | None) -> None:
    """Tell which names and sentences of the household cannot be said to the speech service."""
    about = None
    if left_out is not None:
        # In code, as brackets of a template would be a link.
        shown = [f"`{text.replace('`', chr(39))}`" for text in left_out.what]
        if left_out.count > len(shown):
            shown.append("…")
        about = {"count": str(left_out.count), "what": ", ".join(shown)}
    _tell_house(hass, IssueId.LEFT_OUT, ir.IssueSeverity.WARNING, about)


def _tell_house(
    hass: HomeAssistant,
    issue: IssueId,
    severity: ir.IssueSeverity,
    about: dict[str, str] | None,
    key: str | None = None,
) -> None:
    """Tell something of the whole house; it is over when there is nothing to tell about it."""
    if about is None:
        ir.async_delete_issue(hass, DOMAIN, issue)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue,
        is_fixable=False,
        severity=severity,
        translation_key=key or issue,
        translation_placeholders=about,
    )


@callback
def forget_room(hass: HomeAssistant, entry_id: str) -> None:
    """Remove every issue of a room that is no more."""
    registry = ir.async_get(hass)
    for domain, issue_id in tuple(registry.issues):
        if domain == DOMAIN and entry_id in issue_id.split("."):
            ir.async_delete_issue(hass, DOMAIN, issue_id)
