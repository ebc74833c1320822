"""What Repairs tells of where words go and who else could have them."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN, IssueId
from .issues import room_issue
from .plain_text import plain


@callback
def tell_not_local(
    hass: HomeAssistant, entry: ConfigEntry, engines: tuple[str, ...] | None
) -> None:
    """Tell that a room set to local only refuses to listen, because of these engines."""
    _tell(
        hass,
        IssueId.ROOM_NOT_LOCAL,
        entry.entry_id,
        engines is not None,
        {
            "room": plain(entry.title),
            "engines": plain(", ".join(filter(None, engines or ()))) or "-",
        },
        severity=ir.IssueSeverity.ERROR,
    )


@callback
def tell_recorded(hass: HomeAssistant, entry: ConfigEntry, *, recorded: bool) -> None:
    """Tell that somebody has Home Assistant capture what a room hears."""
    _tell(hass, IssueId.ROOM_RECORDED, entry.entry_id, recorded, {"room": plain(entry.title)})


@callback
def tell_plain_http(hass: HomeAssistant, entry: ConfigEntry, *, allowed: bool) -> None:
    """Tell that what is kept of a room may cross the network where others can read along."""
    _tell(hass, IssueId.PLAIN_HTTP, entry.entry_id, allowed, {"room": plain(entry.title)})


@callback
def tell_kept_muted(hass: HomeAssistant, entry: ConfigEntry, switch_id: str, *, kept: bool) -> None:
    """Tell that a group, a scene or the like would have unmuted a room, and did not."""
    placeholders = {"room": plain(entry.title), "switch": switch_id}
    _tell(hass, IssueId.ROOM_KEPT_MUTED, entry.entry_id, kept, placeholders)


@callback
def tell_mute_overdue(hass: HomeAssistant, entry: ConfigEntry, overdue: bool) -> None:
    """Tell that a mute for a time goes on, because no line of its end can be written."""
    _tell(hass, IssueId.MUTE_OVERDUE, entry.entry_id, overdue, {"room": entry.title})


@callback
def tell_mute_exposed(
    hass: HomeAssistant, entry: ConfigEntry, switch_id: str, *, exposed: bool
) -> None:
    """Tell that a voice assistant was given the switch of a microphone."""
    placeholders = {"room": entry.title, "switch": switch_id}
    _tell(hass, IssueId.MUTE_EXPOSED, entry.entry_id, exposed, placeholders)


@callback
def tell_debug_recording(hass: HomeAssistant, *, recording: bool) -> None:
    """Tell that Home Assistant writes what it hears to disk."""
    _tell(hass, IssueId.DEBUG_RECORDING, "", recording, {})


@callback
def tell_not_proven(hass: HomeAssistant, engines: dict[str, str]) -> None:
    """Tell of the engines, names by id, that nothing proves to be local; an offer to vouch."""
    for engine_id, name in engines.items():
        ir.async_create_issue(
            hass,
            DOMAIN,
            f"{IssueId.ENGINE_NOT_PROVEN}.{engine_id}",
            is_fixable=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key=IssueId.ENGINE_NOT_PROVEN,
            translation_placeholders={"engine": plain(name)},
            data={"engine": engine_id},
        )
    told = {f"{IssueId.ENGINE_NOT_PROVEN}.{engine_id}" for engine_id in engines}
    for gone in _issues(hass, IssueId.ENGINE_NOT_PROVEN) - told:
        ir.async_delete_issue(hass, DOMAIN, gone)


@callback
def tell_administrators(hass: HomeAssistant, *, without_second_factor: int) -> None:
    """Tell how many administrators need no more than a password. Everybody can read Repairs."""
    _tell(
        hass,
        IssueId.ADMINISTRATOR_WITHOUT_SECOND_FACTOR,
        "",
        without_second_factor > 0,
        {"count": str(without_second_factor)},
    )


@callback
def tell_disk(hass: HomeAssistant, *, nearly_full: bool, free_mib: int) -> None:
    """Tell that soon nothing more can be kept."""
    _tell(hass, IssueId.DISK_NEARLY_FULL, "", nearly_full, {"free": str(free_mib)})


@callback
def tell_evicted(hass: HomeAssistant, *, captures: int) -> None:
    """Tell that captures went before their time, because all together were too large."""
    _tell(hass, IssueId.EVICTED, "", captures > 0, {"captures": str(captures)})


def tell_not_in_backup(hass: HomeAssistant, holds: bool) -> None:
    """Tell that the last backup is without the sealed records that it was to have."""
    _tell(hass, IssueId.BACKUP_WITHOUT_RECORDS, "", holds, {})


def _issues(hass: HomeAssistant, issue: IssueId) -> set[str]:
    return {
        issue_id
        for domain, issue_id in ir.async_get(hass).issues
        if domain == DOMAIN and issue_id.startswith(f"{issue}.")
    }


def _tell(
    hass: HomeAssistant,
    issue: IssueId,
    about: str,
    holds: bool,
    placeholders: dict[str, str],
    *,
    severity: ir.IssueSeverity = ir.IssueSeverity.WARNING,
) -> None:
    issue_id = room_issue(issue, about)
    if not holds:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        is_fixable=False,
        severity=severity,
        translation_key=issue,
        translation_placeholders=placeholders,
    )
