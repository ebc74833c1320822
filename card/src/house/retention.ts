/** How long is kept, in words. */

import type { Ceiling, Room } from "../ha/model.js";
import type { Words } from "../i18n/words.js";

/** "Words 7 days, sound 1 day at most", or that nothing is kept, and which rule says so. */
export function retentionWords(words: Words, room: Room): string {
  const verdicts = Object.values(room.retention);
  const audio = longest(verdicts.map((it) => it["audio"]));
  const transcript = longest(verdicts.map((it) => it["transcript"]));
  if (!audio || !transcript) {
    return words.text("kept.unknown");
  }
  if (audio.seconds === 0 && transcript.seconds === 0) {
    const rule = words.one("rule", transcript.rule, "rule.unknown");
    return words.text("kept.nothing", { rule });
  }
  return words.text("kept.at_most", {
    words: lengthWords(words, transcript.seconds),
    sound: lengthWords(words, audio.seconds),
  });
}

/** Of several outcomes the one that is kept longest: no promise is better than that. */
function longest(ceilings: readonly (Ceiling | undefined)[]): Ceiling | undefined {
  return ceilings.reduce((one, other) => (length(other) > length(one) ? other : one), ceilings[0]);
}

function length(ceiling: Ceiling | undefined): number {
  return ceiling ? (ceiling.seconds ?? Number.POSITIVE_INFINITY) : -1;
}

export function lengthWords(words: Words, seconds: number | null): string {
  if (seconds === null) {
    return words.text("kept.forever");
  }
  return seconds === 0 ? words.text("kept.never") : words.duration(seconds * 1_000);
}
