/** Whether what is said in a room stays in the house, in words. */

import type { Locality } from "../ha/model.js";
import type { Words } from "../i18n/words.js";

export type LocalityState = Locality["state"];

const ICONS: Readonly<Record<LocalityState, string>> = {
  local: "mdi:home-lock",
  vouched: "mdi:account-check",
  unknown: "mdi:help-rhombus-outline",
  not_local: "mdi:cloud-alert",
};

export interface LocalityLook {
  readonly state: LocalityState;
  readonly icon: string;
  readonly word: string;
  /** One line for each engine: what it does, what it is called, and why it is judged so. */
  readonly engines: readonly EngineLook[];
}

export interface EngineLook {
  readonly state: LocalityState;
  readonly icon: string;
  readonly role: string;
  readonly name: string;
  readonly why: string;
}

export function localityLook(words: Words, locality: Locality | null): LocalityLook {
  const state = locality?.state ?? "unknown";
  return {
    state,
    icon: ICONS[state],
    word: words.text(`locality.${state}`),
    engines: (locality?.engines ?? []).map((it) => ({
      state: it.state,
      icon: ICONS[it.state],
      role: words.one("locality.role", it.role, "locality.role.engine"),
      name: it.engine || words.text("locality.no_engine"),
      why: engineWhy(words, it),
    })),
  };
}

function engineWhy(words: Words, engine: Locality["engines"][number]): string {
  if (engine.state === "vouched" && engine.word_of !== null && engine.word_given !== null) {
    return words.text("locality.word_of", {
      name: engine.word_of,
      day: words.shortDay(engine.word_given),
    });
  }
  return words.one("locality.why", engine.reason, "locality.why.not_proven");
}
