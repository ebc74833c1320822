/** Which entities a room has, and what they say. */

import type { EntityEntry, EntityState, Hass } from "./hass.js";

export interface RoomEntities {
  readonly satellite: string | null;
  readonly mute: string | null;
  readonly lastCommand: string | null;
  readonly voiceCommand: string | null;
  readonly falseWakes: string | null;
}

type Registry = NonNullable<Hass["entities"]>;

/** The entities of a device of ours; null for what is disabled or hidden from the user. */
export function roomEntities(registry: Registry | undefined, device: string): RoomEntities {
  const own = Object.values(registry ?? {}).filter(
    (entity) => entity.platform === "earshot" && entity.device_id === device,
  );
  return {
    satellite: idOf(own, "assist_satellite"),
    mute: idOf(own, "switch", "mute"),
    lastCommand: idOf(own, "sensor", "last_command"),
    voiceCommand: idOf(own, "event", "voice_command"),
    falseWakes: idOf(own, "sensor", "false_wakes_today"),
  };
}

export interface HouseEntities {
  readonly muteAll: string | null;
  readonly guestMode: string | null;
}

export function houseEntities(registry: Registry | undefined): HouseEntities {
  const own = Object.values(registry ?? {}).filter((entity) => entity.platform === "earshot");
  return {
    muteAll: idOf(own, "button", "mute_all"),
    guestMode: idOf(own, "switch", "guest_mode"),
  };
}

/** Devices of ours that are rooms, in the order of their names' entities. */
export function roomDevices(registry: Registry | undefined): string[] {
  return Object.values(registry ?? {})
    .filter((it) => it.platform === "earshot" && domainOf(it) === "assist_satellite")
    .map((it) => it.device_id)
    .filter((id) => typeof id === "string");
}

/** What an entity says; null when it says nothing. */
export function said(hass: Hass, entityId: string | null): EntityState | null {
  const state = entityId === null ? undefined : hass.states?.[entityId];
  return state && state.state !== "unavailable" && state.state !== "unknown" ? state : null;
}

function idOf(own: readonly EntityEntry[], domain: string, key?: string): string | null {
  const found = own.find(
    (it) => domainOf(it) === domain && (key === undefined || it.translation_key === key),
  );
  return found?.entity_id ?? null;
}

function domainOf(entity: EntityEntry): string {
  return entity.entity_id.split(".", 1)[0] ?? "";
}
