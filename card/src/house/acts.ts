/** What somebody asked for with a button: that it is being done, and why it was not. */

import { asError, EarshotError } from "../ha/errors.js";

export class Acts {
  /** Of the last thing that was asked for. */
  error: EarshotError | null = null;
  readonly #busy = new Set<string>();
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  isBusy(key: string): boolean {
    return this.#busy.has(key);
  }

  /** Do it, unless the same is being done already. */
  async run(key: string, act: () => Promise<unknown>): Promise<void> {
    if (this.#busy.has(key)) {
      return;
    }
    this.#busy.add(key);
    this.error = null;
    this.#changed();
    try {
      await act();
    } catch (reason) {
      this.error = asError(reason);
    } finally {
      this.#busy.delete(key);
      this.#changed();
    }
  }
}

/** The entity that does it; an error where somebody disabled it. */
export function needed(entityId: string | null | undefined): string {
  if (!entityId) {
    throw new EarshotError("no_entity");
  }
  return entityId;
}
