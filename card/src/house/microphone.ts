/** What is said and shown of a microphone. The icon and the word differ with every state. */

import type { Microphone, Room } from "../ha/model.js";
import type { Words } from "../i18n/words.js";

export type Shown = "closed" | "open" | "unverified";

export interface MicrophoneLook {
  readonly shown: Shown;
  readonly icon: string;
  readonly word: string;
  /** Since when; of an unverified one why, and what helps. */
  readonly detail: string;
}

const ICONS: Readonly<Record<Shown, string>> = {
  closed: "mdi:microphone-off",
  open: "mdi:microphone",
  unverified: "mdi:microphone-question",
};

export function microphoneLook(words: Words, microphone: Microphone, now: number): MicrophoneLook {
  const shown = shownOf(microphone);
  return {
    shown,
    icon: ICONS[shown],
    word: words.text(`mic.${shown}`),
    detail: shown === "unverified" ? why(words, microphone) : since(words, microphone, now),
  };
}

function shownOf({ state }: Microphone): Shown {
  return state === "off" ? "closed" : state === "on" ? "open" : "unverified";
}

function since(words: Words, { since: at }: Microphone, now: number): string {
  return at === null ? "" : words.text("mic.since", { time: words.dayTime(at, now) });
}

function why(words: Words, { reason, holders }: Microphone): string {
  const reasons = words.one("mic.why", reason, "mic.why.unverified");
  return holders?.length
    ? `${reasons} ${words.text("mic.held_by", { names: words.list(holders) })}`
    : reasons;
}

/** What is said of a room's mute beside its microphone; empty when there is nothing to say. */
export function muteNote(words: Words, room: Room, leftS: number | null): string {
  if (room.muted_at_device) {
    return words.text("mute.at_device");
  }
  if (!room.muted) {
    return "";
  }
  if (room.mute_waits) {
    return words.text("mute.waits");
  }
  return leftS === null ? "" : words.text("mute.left", { time: roundedUp(words, leftS) });
}

const MINUTE = 60;

/** Whole minutes, not "29 min" a second after half an hour began. */
function roundedUp(words: Words, seconds: number): string {
  return words.duration(Math.max(1, Math.ceil(seconds / MINUTE)) * MINUTE * 1_000);
}
