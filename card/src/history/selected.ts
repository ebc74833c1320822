/** Captures that are chosen, for what is done with several at once. */

import { MOST_IDS } from "./controller.js";

export class Selected {
  /** Null while nothing is to be chosen. */
  ids: ReadonlySet<string> | null = null;
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  has(id: string): boolean {
    return this.ids?.has(id) ?? false;
  }

  begin(): void {
    this.#become(new Set());
  }

  end(): void {
    this.#become(null);
  }

  /** Choose a capture, or let go of it; return whether it is chosen now. There is a limit. */
  flip(id: string): boolean {
    const ids = new Set(this.ids);
    if (!ids.delete(id) && ids.size < MOST_IDS) {
      ids.add(id);
    }
    this.#become(ids);
    return ids.has(id);
  }

  #become(ids: ReadonlySet<string> | null): void {
    this.ids = ids;
    this.#changed();
  }
}
