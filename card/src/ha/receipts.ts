/**
 * How old what was verified of a microphone is, by the clocks of this page.
 *
 * Home Assistant says how old a receipt is when it tells of it. From then on it is counted here, so
 * that a receipt grows old also when nobody says so; and by no clock of another machine.
 */

import type { Microphone } from "./model.js";

/** A receipt that is older says nothing any more; a satellite sends one every 10 s. */
export const VALID_S = 30;

/** Milliseconds. One of them may stand still while a device sleeps, the other may be set. */
export interface Clocks {
  monotonic(): number;
  wall(): number;
}

const CLOCKS: Clocks = { monotonic: () => performance.now(), wall: () => Date.now() };

interface Mark {
  readonly monotonic: number;
  readonly wall: number;
}

export class Receipts {
  readonly #clocks: Clocks;
  readonly #told = new Map<string, Mark>();
  readonly #verified = new Map<string, Mark & { readonly ageS: number }>();

  constructor(clocks: Clocks = CLOCKS) {
    this.#clocks = clocks;
  }

  /** Everything was told of a room; `ageS` is the age of its receipt, if there is one. */
  told(roomId: string, ageS: number | null): void {
    this.#told.set(roomId, this.#now());
    if (ageS === null) {
      this.#verified.delete(roomId);
    } else {
      this.verified(roomId, ageS);
    }
  }

  verified(roomId: string, ageS: number): void {
    this.#verified.set(roomId, { ...this.#now(), ageS: Math.max(0, ageS) });
  }

  sinceToldS(roomId: string): number {
    const mark = this.#told.get(roomId);
    return mark ? this.#since(mark) : 0;
  }

  /** Infinite for a room that has no receipt. */
  ageS(roomId: string): number {
    const mark = this.#verified.get(roomId);
    return mark ? mark.ageS + this.#since(mark) : Number.POSITIVE_INFINITY;
  }

  /** How much longer the receipt is worth anything; 0 when it is worth nothing. */
  validS(roomId: string): number {
    return Math.max(0, VALID_S - this.ageS(roomId));
  }

  #now(): Mark {
    return { monotonic: this.#clocks.monotonic(), wall: this.#clocks.wall() };
  }

  /** The larger of what the clocks say counts. */
  #since(mark: Mark): number {
    const now = this.#now();
    return Math.max(now.monotonic - mark.monotonic, now.wall - mark.wall, 0) / 1_000;
  }
}

/** What may be shown of a microphone whose receipt has this age. */
export function judged(microphone: Microphone, ageS: number): Microphone {
  return microphone.state !== null && ageS > VALID_S ? unknown("stale") : microphone;
}

export function unknown(reason: string): Microphone {
  return { state: null, reason, verified_s: null, since: null, holders: null };
}
