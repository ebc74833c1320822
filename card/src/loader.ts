/**
 * What every page of Home Assistant loads: names of our cards, and how to get the rest.
 *
 * It must stay small (5 kB), so nothing of Lit is in it.
 */

import { checkHistory, checkPrivacy, checkRoom } from "./config.js";
import type { Hass } from "./ha/hass.js";
import { defineLazy, type LazyCard } from "./lazy.js";
import type { ViewConfig } from "./strategy/strategy.js";

interface Picked {
  readonly type: string;
  readonly name: string;
  readonly description: string;
  readonly preview: boolean;
  readonly documentationURL: string;
  getEntitySuggestion(hass: Hass, entityId: string): { config: Record<string, unknown> } | null;
}

const DOCUMENTATION = "https://github.com/earshot-voice/earshot/blob/main/docs/dashboard.md";

/** Whether a person speaks German, as far as the page tells; read when something is shown. */
function german(): boolean {
  return (document.documentElement.lang || navigator.language).startsWith("de");
}

const reload = (): string =>
  german()
    ? "Earshot wurde erneuert. Seite neu laden"
    : "Earshot has been updated. Reload the page";

interface Card extends Omit<LazyCard, "reload"> {
  readonly name: () => string;
  readonly description: () => string;
  /** What is shown for one of our devices, a room or not; null: nothing of this card. */
  readonly suggest: (device: string, isRoom: boolean) => Record<string, unknown> | null;
}

const CARDS: readonly Card[] = [
  {
    tag: "earshot-history-card",
    name: () => (german() ? "Earshot: was gehört wurde" : "Earshot history"),
    description: () =>
      german()
        ? "Was gehört wurde: ansehen, anhören, löschen"
        : "What was heard: see it, play it, delete it",
    load: () => import("./history/card.js"),
    form: () => import("./editor/history-form.js"),
    check: checkHistory,
    size: 8,
    grid: { columns: 12, rows: 10, min_columns: 6, min_rows: 4 },
    stub: () => ({}),
    suggest: (device, isRoom) => (isRoom ? { device } : {}),
  },
  {
    tag: "earshot-room-card",
    name: () => (german() ? "Earshot: ein Raum" : "Earshot room"),
    description: () =>
      german()
        ? "Ob sein Mikrofon offen ist, und ein großer Stummschalter"
        : "Whether its microphone is open, and one big mute",
    load: () => import("./room/card.js"),
    form: () => import("./editor/room-form.js"),
    check: checkRoom,
    size: 6,
    grid: { columns: 12, rows: "auto", min_columns: 6 },
    stub: async (hass) => {
      const { roomDevices } = await import("./ha/entities.js");
      const [device] = roomDevices(hass?.entities);
      return device ? { device } : {};
    },
    suggest: (device, isRoom) => (isRoom ? { device } : null),
  },
  {
    tag: "earshot-privacy-card",
    name: () => (german() ? "Earshot: Privatsphäre zu Hause" : "Earshot privacy"),
    description: () =>
      german()
        ? "Mikrofone, was bleibt, wer gehört hat, und die Beweise"
        : "Microphones, what is kept, who listened, and the proofs",
    load: () => import("./privacy/card.js"),
    form: () => import("./editor/privacy-form.js"),
    check: checkPrivacy,
    size: 10,
    grid: { columns: 12, rows: "auto", min_columns: 6 },
    stub: () => ({}),
    suggest: (_device, isRoom) => (isRoom ? null : {}),
  },
];

interface PickedStrategy {
  readonly type: string;
  readonly strategyType: string;
  readonly name: string;
  readonly description: string;
  readonly documentationURL: string;
}

const picker = window as unknown as {
  customCards?: Picked[];
  customStrategies?: PickedStrategy[];
};
picker.customCards ??= [];
picker.customStrategies ??= [];

for (const card of CARDS) {
  defineLazy({ ...card, reload });
  if (!picker.customCards.some((it) => it.type === card.tag)) {
    picker.customCards.push(picked(card));
  }
}

function picked(card: Card): Picked {
  return {
    type: card.tag,
    get name() {
      return card.name();
    },
    get description() {
      return card.description();
    },
    preview: true,
    documentationURL: DOCUMENTATION,
    getEntitySuggestion(hass, entityId) {
      const entity = hass.entities?.[entityId];
      if (entity?.platform !== "earshot" || !entity.device_id) {
        return null;
      }
      const { device_id: device } = entity;
      const isRoom = Object.values(hass.entities ?? {}).some(
        (it) => it.device_id === device && it.entity_id.startsWith("assist_satellite."),
      );
      const config = card.suggest(device, isRoom);
      return config && { config: { type: `custom:${card.tag}`, ...config } };
    },
  };
}

const STRATEGIES = {
  dashboard: async (_config: unknown, hass: Hass) =>
    (await import("./strategy/strategy.js")).dashboard(hass),
  view: async (config: ViewConfig, hass: Hass) =>
    (await import("./strategy/strategy.js")).view(config, hass),
};

for (const [kind, generate] of Object.entries(STRATEGIES)) {
  const tag = `ll-strategy-${kind}-earshot`;
  if (!customElements.get(tag)) {
    customElements.define(
      tag,
      class extends HTMLElement {
        static noEditor = true;
        static generate = generate;
      },
    );
  }
}

if (!picker.customStrategies.some((it) => it.type === "earshot")) {
  picker.customStrategies.push({
    type: "earshot",
    strategyType: "dashboard",
    name: "Earshot",
    get description() {
      return german()
        ? "Jeder Raum, die Privatsphäre zu Hause, und was gehört wurde"
        : "Every room, privacy at home, and what was heard";
    },
    documentationURL: DOCUMENTATION,
  });
}
