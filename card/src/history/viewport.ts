/**
 * Where somebody is in a list of any length: what they see of it, and which capture has the focus.
 *
 * What is seen holds still while others come and go above it. Heights are pixels.
 */

import { ROW_PX, type Row, type Timeline } from "./timeline.js";

const AROUND_PX = 240; // drawn above and below what is seen
const AHEAD_PX = 2_000; // asked for before it is reached
const FIRST_PX = 800; // taken for the height of what is seen until that is known

/** What is used of the element that scrolls. */
export type Scroller = Pick<HTMLElement, "scrollTop" | "clientHeight">;

export class Viewport {
  top = 0;
  height = FIRST_PX;
  /** The capture that Tab reaches; null: the first. */
  current: string | null = null;
  /** Is focused as soon as it is drawn. */
  focus: string | null = null;
  /** Where to scroll when it is drawn; else the browser says where somebody is. */
  #goto: number | null = 0;
  #anchor: { readonly id: string; readonly top: number } | null = null;

  /**
   * Rows to draw: the first and the one after the last. Always as many, wherever headings of days
   * or what is opened make them higher, so that no element is made while somebody scrolls.
   */
  rows(timeline: Timeline): readonly [number, number] {
    const [from] = timeline.between(this.top - AROUND_PX, this.top);
    const most = Math.ceil((this.height + 2 * AROUND_PX) / ROW_PX) + 1;
    return [from, Math.min(from + most, timeline.rows.length)];
  }

  nearsEnd(timeline: Timeline): boolean {
    return timeline.height - this.top - this.height < AHEAD_PX;
  }

  go(top: number): void {
    this.#goto = top;
  }

  /** Go no further than it takes to see a row, with what is opened below it. */
  show(row: Row, timeline: Timeline): void {
    const bottom = row.top + timeline.heightOf(row);
    if (row.top < this.top) {
      this.go(row.top);
    } else if (bottom > this.top + this.height) {
      this.go(Math.min(row.top, bottom - this.height));
    }
  }

  /** Somebody scrolls: no row is to be held. */
  letGo(): void {
    this.#anchor = null;
  }

  /** Before it is drawn: find out where that will be. `scrolled` is where the browser is now. */
  willDraw(timeline: Timeline, scrolled: number): void {
    if (this.current && !timeline.has(this.current)) {
      this.current = null;
    }
    this.top = this.#goto ?? scrolled;
    const row = this.#anchor && timeline.row(this.#anchor.id);
    if (this.#anchor && row && this.#goto === null && this.top > 0) {
      const moved = row.top - this.#anchor.top;
      if (moved !== 0) {
        this.#goto = this.top += moved;
      }
    }
  }

  /** After it was drawn: go there, and see what there is to see. */
  drawn(timeline: Timeline, scroller: Scroller): void {
    if (this.#goto !== null) {
      scroller.scrollTop = this.#goto;
      this.#goto = null;
    }
    this.top = scroller.scrollTop;
    this.height = scroller.clientHeight;
    const first = timeline.rows.slice(...this.rows(timeline)).find((row) => row.top >= this.top);
    this.#anchor = first ? { id: first.id, top: first.top } : null;
  }
}
