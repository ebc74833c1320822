/**
 * The captures that are known, newest first, and where each stands in a list of any length.
 *
 * A hundred thousand rows are only numbers here: the words and waveforms of those that are far
 * from what is seen are let go of, and asked for again when somebody comes back to them.
 */

import type { Capture } from "../ha/model.js";

export const ROW_PX = 80;
export const DAY_PX = 44;
/** Captures whose words are remembered; some screens and what lies around them. */
export const REMEMBERED = 400;

export interface Row {
  readonly id: string;
  readonly started: number;
  readonly roomId: string;
  /** The day it belongs to; the first of a day carries its heading. */
  readonly day: string;
  first: boolean;
  top: number;
}

export type DayOf = (started: number) => string;

export class Timeline {
  readonly rows: Row[] = [];
  readonly #captures = new Map<string, Capture>();
  readonly #stale = new Map<string, number>();
  readonly #at = new Map<string, Row>();
  readonly #dayOf: DayOf;
  #open: { id: string; height: number } | null = null;
  #height = 0;
  #touches = 0;

  constructor(dayOf: DayOf) {
    this.#dayOf = dayOf;
  }

  /** Height of the whole list in pixels. */
  get height(): number {
    return this.#height;
  }

  /** Counts what was noted as out of date: what is asked for now knows of all until here. */
  get touches(): number {
    return this.#touches;
  }

  has(id: string): boolean {
    return this.#at.has(id);
  }

  row(id: string): Row | undefined {
    return this.#at.get(id);
  }

  /** What is known of a capture, or nothing while it has to be asked for again. */
  capture(id: string): Capture | undefined {
    return this.#captures.get(id);
  }

  /** Whether a capture must be asked for: it was let go of, or has changed since. */
  wanting(id: string): boolean {
    return !this.#captures.has(id) || this.#stale.has(id);
  }

  /**
   * Take captures that were asked for at `asked` touches; those that are new stand where they
   * belong. Return how many are new.
   */
  add(captures: readonly Capture[], asked = this.#touches): number {
    const fresh: Row[] = [];
    for (const capture of captures) {
      this.#remember(capture, asked);
      if (!this.#at.has(capture.id)) {
        const row = {
          id: capture.id,
          started: capture.started,
          roomId: capture.room_id,
          day: this.#dayOf(capture.started),
          first: false,
          top: 0,
        };
        this.#at.set(capture.id, row);
        fresh.push(row);
      }
    }
    if (fresh.length > 0) {
      this.#insert(fresh);
    }
    this.#forget();
    return fresh.length;
  }

  /** Drop captures that are gone; return whether any was here. */
  remove(ids: Iterable<string>): boolean {
    let some = false;
    for (const id of ids) {
      some = this.#at.delete(id) || some;
      this.#captures.delete(id);
      this.#stale.delete(id);
      if (this.#open?.id === id) {
        this.#open = null;
      }
    }
    if (some) {
      let kept = 0;
      for (const row of this.rows) {
        if (this.#at.has(row.id)) {
          this.rows[kept] = row;
          kept += 1;
        }
      }
      this.rows.length = kept;
      this.#place(0);
    }
    return some;
  }

  /** Note that what is known of these is out of date; it is shown until the new is there. */
  touch(ids: Iterable<string>): void {
    this.#touches += 1;
    for (const id of ids) {
      if (this.#captures.has(id)) {
        this.#stale.set(id, this.#touches);
      }
    }
  }

  touchAll(): void {
    this.touch([...this.#captures.keys()]);
  }

  /** Make room for what is opened below a row; `height` in pixels. */
  open(id: string | null, height = 0): void {
    if (this.#open?.id === id && this.#open?.height === height) {
      return;
    }
    this.#open = id === null ? null : { id, height };
    this.#place(0);
  }

  /** Rows between two heights: the first and the one after the last. */
  between(top: number, bottom: number): readonly [number, number] {
    return [Math.max(0, this.#firstBelow(top) - 1), this.#firstBelow(bottom)];
  }

  heightOf(row: Row): number {
    const opened = this.#open?.id === row.id ? this.#open.height : 0;
    return ROW_PX + (row.first ? DAY_PX : 0) + opened;
  }

  #insert(fresh: Row[]): void {
    const older = this.rows.at(-1);
    fresh.sort(newestFirst);
    const begin = fresh[0];
    if (!older || (begin && newestFirst(older, begin) < 0)) {
      const from = this.rows.length;
      // Not spread: an argument for each would be too many.
      for (const row of fresh) {
        this.rows.push(row);
      }
      this.#place(from);
      return;
    }
    for (const row of fresh) {
      this.rows.push(row);
    }
    this.rows.sort(newestFirst);
    this.#place(0);
  }

  #place(from: number): void {
    const before = this.rows[from - 1];
    let top = before ? before.top + this.heightOf(before) : 0;
    let day = before?.day;
    for (let at = from; at < this.rows.length; at += 1) {
      const row = this.rows[at];
      if (row) {
        row.first = row.day !== day;
        row.top = top;
        day = row.day;
        top += this.heightOf(row);
      }
    }
    this.#height = top;
  }

  /** The first row whose top is below a height. */
  #firstBelow(height: number): number {
    let low = 0;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.rows[middle]?.top ?? 0) <= height) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  #remember(capture: Capture, asked: number): void {
    this.#captures.delete(capture.id);
    this.#captures.set(capture.id, capture);
    // An answer that was under way when the capture changed is out of date already.
    if ((this.#stale.get(capture.id) ?? 0) <= asked) {
      this.#stale.delete(capture.id);
    }
  }

  #forget(): void {
    for (const id of this.#captures.keys()) {
      if (this.#captures.size <= REMEMBERED) {
        break;
      }
      this.#captures.delete(id);
      this.#stale.delete(id);
    }
  }
}

function newestFirst(a: Row, b: Row): number {
  return b.started - a.started || (a.id < b.id ? 1 : -1);
}
