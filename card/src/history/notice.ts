/** One sentence that is said for a moment. */

import { asError } from "../ha/errors.js";
import type { Words } from "../i18n/words.js";
import type { Timers } from "../timers.js";

export const NOTICE_MS = 6_000;

export class Notice {
  text: string | null = null;
  readonly #words: () => Words | null;
  readonly #timers: Timers;
  readonly #changed: () => void;

  constructor(words: () => Words | null, timers: Timers, changed: () => void) {
    this.#words = words;
    this.#timers = timers;
    this.#changed = changed;
  }

  tell(text: string | null): void {
    this.text = text;
    this.#changed();
    if (text !== null) {
      this.#timers.after("notice", NOTICE_MS, () => this.tell(null));
    }
  }

  /** Tell why something was not done. */
  readonly fail = (reason: unknown): void => {
    this.tell(this.#words()?.error(asError(reason)) ?? null);
  };

  /** Do something, and tell if it fails. */
  async attempt(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (reason) {
      this.fail(reason);
    }
  }
}
