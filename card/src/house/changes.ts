/** Rules that were loosened of late: they are shown for seven days, and wait for one. */

import type { Change, Overview } from "../ha/model.js";
import type { Words } from "../i18n/words.js";
import { lengthWords } from "./retention.js";

const HOUR_S = 3_600;
const PERIODS: Readonly<Record<string, number | null>> = {
  never: 0,
  "1_hour": HOUR_S,
  "6_hours": 6 * HOUR_S,
  "1_day": 24 * HOUR_S,
  "7_days": 7 * 24 * HOUR_S,
  "30_days": 30 * 24 * HOUR_S,
  forever: null,
};

/** What was loosened in a room and in the house, the newest first; of all rooms without one. */
export function loosened(overview: Overview, roomId?: string): Change[] {
  return overview.house.changes
    .filter((it) => it.loosens)
    .filter((it) => roomId === undefined || it.room_id === roomId || it.room_id === null)
    .sort((one, other) => other.made - one.made);
}

export interface ChangeLook {
  readonly what: string;
  readonly when: string;
  readonly waits: boolean;
}

export function changeLook(words: Words, change: Change, now: number): ChangeLook {
  const { option, before, after, begins, confirmed, made } = change;
  const values = { after: valueWords(words, after), names: added(words, before, after), option };
  const waits = begins !== null && begins > now;
  const key = waits ? "change.waits" : confirmed ? "change.confirmed" : "change.holds";
  return {
    what: words.one("change.of", option, "change.of.unknown", values),
    when: words.text(key, { time: words.dayTime(waits ? begins : made, now) }),
    waits,
  };
}

function valueWords(words: Words, value: unknown): string {
  if (typeof value === "string" && Object.hasOwn(PERIODS, value)) {
    return lengthWords(words, PERIODS[value] ?? null);
  }
  return words.one("value", typeof value === "string" ? value : "", "value.another");
}

/** Who was put on a list. */
function added(words: Words, before: unknown, after: unknown): string {
  const names = (value: unknown): string[] =>
    Array.isArray(value) ? value.filter((it) => typeof it === "string") : [];
  const were = names(before);
  const fresh = names(after).filter((name) => !were.includes(name));
  return fresh.length > 0 ? words.list(fresh) : words.text("capture.someone");
}
