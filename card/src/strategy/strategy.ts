/** The dashboard that makes itself: a card for each room there is, the house, and the history. */

import { roomDevices } from "../ha/entities.js";
import type { Hass } from "../ha/hass.js";

type Card = Record<string, unknown>;

interface Section {
  readonly type: "grid";
  readonly column_span?: number;
  readonly cards: readonly Card[];
}

export interface View {
  readonly type?: string;
  readonly title?: string;
  readonly path?: string;
  readonly icon?: string;
  readonly max_columns?: number;
  readonly sections: readonly Section[];
}

export interface Dashboard {
  readonly title: string;
  readonly views: readonly View[];
}

/** Of a view: the room it is about; without one it is about the house. */
export interface ViewConfig {
  readonly device?: string;
}

export interface RoomName {
  readonly device: string;
  readonly name: string;
}

/** More rooms than this are shown by the card of the house, and each on a page of its own. */
const ROOM_CARDS = 6;
/** Pages of rooms; more would not fit beside each other. */
const ROOM_VIEWS = 12;
const COLUMNS = 3;

export function dashboard(hass: Hass): Dashboard {
  const rooms = roomsOf(hass);
  const pages = rooms.length > 1 && rooms.length <= ROOM_VIEWS ? rooms : [];
  return {
    title: "Earshot",
    views: [
      {
        ...houseView(hass),
        title: german(hass) ? "Haus" : "House",
        path: "house",
        icon: "mdi:home",
      },
      ...pages.map((room, at) => ({
        ...roomView(room.device),
        title: room.name,
        path: `room-${at + 1}`,
      })),
    ],
  };
}

export function view(config: ViewConfig, hass: Hass): View {
  return config.device ? roomView(config.device) : houseView(hass);
}

function houseView(hass: Hass): View {
  const rooms = roomsOf(hass);
  const shown = rooms.length <= ROOM_CARDS ? rooms : [];
  return {
    type: "sections",
    max_columns: COLUMNS,
    sections: [
      ...shown.map((room) => section([roomCard(room.device)])),
      ...houseCards(shown.length % COLUMNS),
    ],
  };
}

/** The cards of the house, wide enough to fill what the rooms of the last row leave. */
function houseCards(taken: number): Section[] {
  const privacy = { type: "custom:earshot-privacy-card", grid_options: FULL };
  const history = { type: "custom:earshot-history-card", grid_options: TALL };
  return taken < 2
    ? [section([privacy], 2), section([history], taken === 0 ? 1 : COLUMNS)]
    : [section([history]), section([privacy], COLUMNS)];
}

function roomView(device: string): View {
  return {
    type: "sections",
    max_columns: COLUMNS,
    sections: [
      section([roomCard(device)]),
      section([{ type: "custom:earshot-history-card", device, grid_options: TALL }], 2),
    ],
  };
}

const FULL = { columns: "full" };
const TALL = { columns: "full", rows: 8 };

function roomCard(device: string): Card {
  return { type: "custom:earshot-room-card", device, grid_options: FULL };
}

function section(cards: readonly Card[], span?: number): Section {
  return { type: "grid", cards, ...(span ? { column_span: span } : {}) };
}

function roomsOf(hass: Hass): RoomName[] {
  return roomDevices(hass.entities)
    .map((device) => {
      const known = hass.devices?.[device];
      return { device, name: known?.name_by_user || known?.name || "Earshot" };
    })
    .sort((one, other) => one.name.localeCompare(other.name, hass.locale.language));
}

function german(hass: Hass): boolean {
  return hass.locale.language.startsWith("de");
}
