/**
 * What every page of Home Assistant loads: names of our cards, and how to get the rest.
 *
 * It must stay small (5 kB), so nothing of Lit is in it.
 */

import { checkHistory } from "./config.js";
import type { Hass } from "./ha/hass.js";
import { defineLazy, type LazyCard } from "./lazy.js";

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
  /** What is shown for a device of ours, when one of its entities is picked. */
  readonly suggest: (device: string) => Record<string, unknown>;
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
    grid: { columns: 12, rows: 8, min_columns: 6, min_rows: 4 },
    stub: () => ({}),
    suggest: (device) => ({ device }),
  },
];

const picker = window as unknown as { customCards?: Picked[] };
picker.customCards ??= [];

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
      return { config: { type: `custom:${card.tag}`, ...card.suggest(entity.device_id) } };
    },
  };
}
