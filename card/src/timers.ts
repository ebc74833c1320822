/** Waits that can be ended before their time. */

/** Call back after some milliseconds, unless what is returned is called before. */
export type Wait = (callback: () => void, milliseconds: number) => () => void;

export const byTimer: Wait = (callback, milliseconds) => {
  const timer = setTimeout(callback, milliseconds);
  return () => clearTimeout(timer);
};

/** Waits by their names: a new one takes the place of the one before. */
export class Timers {
  readonly #wait: Wait;
  readonly #ends = new Map<string, () => void>();

  constructor(wait: Wait = byTimer) {
    this.#wait = wait;
  }

  after(name: string, milliseconds: number, act: () => void): void {
    this.end(name);
    this.#ends.set(name, this.#wait(act, milliseconds));
  }

  end(name: string): void {
    this.#ends.get(name)?.();
    this.#ends.delete(name);
  }

  stop(): void {
    for (const name of [...this.#ends.keys()]) {
      this.end(name);
    }
  }
}
