/** How things are shown: colours and icons of outcomes, and short sentences about a capture. */

import type { Capture, Room } from "../ha/model.js";
import type { Words } from "../i18n/words.js";

const OUTCOME_ICONS: Readonly<Record<string, string>> = {
  understood: "mdi:check",
  not_understood: "mdi:help",
  false_wake: "mdi:sleep",
  failed: "mdi:alert-outline",
};

export function outcomeIcon(outcome: string | null): string {
  return OUTCOME_ICONS[outcome ?? ""] ?? "mdi:help-circle-outline";
}

export function outcomeWord(words: Words, outcome: string | null): string {
  return words.one("outcome", outcome ?? "", "outcome.unknown");
}

/** What was heard, or why there are no words. */
export function heard(words: Words, capture: Capture): string {
  if (capture.transcript) {
    return capture.transcript;
  }
  if (capture.uncertain) {
    return words.text("capture.uncertain");
  }
  if (capture.sealed && !capture.record) {
    return words.text("capture.sealed");
  }
  return words.text(capture.outcome === "false_wake" ? "capture.no_speech" : "capture.no_words");
}

/** What was done: the answer, and what was acted on. */
export function done(capture: Capture): string {
  const { reply, targets } = capture.record ?? { reply: null, targets: [] };
  return [reply, targets.join(", ")].filter(Boolean).join(" – ");
}

/** When the last of it goes; null: when somebody deletes it. */
export function lastExpiry(capture: Capture): number | null {
  const { audio_bytes, audio_expires, words_expires, record } = capture;
  const ends: (number | null)[] = [];
  if (audio_bytes !== null) {
    ends.push(audio_expires);
  }
  if (record || words_expires !== null) {
    ends.push(words_expires);
  }
  if (ends.length === 0 || ends.includes(null)) {
    return null;
  }
  return Math.max(...ends.filter((end) => end !== null));
}

/** "gone in 3 h": when all of it is gone, a pin considered. */
export function timeLeft(words: Words, capture: Capture, now: number): string {
  if (capture.pin && capture.pin.until > now) {
    return words.text("capture.pinned_until", { day: words.dayTime(capture.pin.until, now) });
  }
  return goneIn(words, lastExpiry(capture), now);
}

export function goneIn(words: Words, end: number | null, now: number): string {
  if (end === null) {
    return words.text("capture.stays");
  }
  return end <= now
    ? words.text("capture.gone_soon")
    : words.text("capture.gone_in", { time: words.duration(end - now) });
}

export function roomName(rooms: readonly Room[], roomId: string): string {
  return rooms.find((room) => room.room_id === roomId)?.name ?? "";
}
