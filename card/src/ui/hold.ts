/**
 * A button that does one thing when it is pressed and another when it is held.
 *
 * A finger that slides away, and a key when the focus goes, do neither.
 */

import { byTimer, type Wait } from "../timers.js";

export const HOLD_MS = 800;

export interface HoldActs {
  pressed(): void;
  held(): void;
  changed(): void;
}

export class Hold {
  /** Off where there is nothing that holding would do: then it is a long press. */
  enabled = true;

  readonly #acts: HoldActs;
  readonly #start: Wait;
  #down = false;
  /** Letting go does nothing more, whatever holding has changed. */
  #wasHeld = false;
  #end: (() => void) | null = null;

  constructor(acts: HoldActs, start: Wait = byTimer) {
    this.#acts = acts;
    this.#start = start;
  }

  get isHolding(): boolean {
    return this.#end !== null;
  }

  down(): void {
    if (this.#down) {
      return;
    }
    this.#down = true;
    this.#wasHeld = false;
    if (this.enabled) {
      this.#end = this.#start(() => this.#held(), HOLD_MS);
      this.#acts.changed();
    }
  }

  up(): void {
    const isPress = this.#down && !this.#wasHeld;
    this.cancel();
    if (isPress) {
      this.#acts.pressed();
    }
  }

  cancel(): void {
    const was = this.isHolding;
    this.#down = false;
    this.#end?.();
    this.#end = null;
    if (was) {
      this.#acts.changed();
    }
  }

  #held(): void {
    this.#end = null;
    this.#wasHeld = true;
    this.#acts.held();
    this.#acts.changed();
  }

  readonly pointerdown = (event: PointerEvent): void => {
    if (event.isPrimary && event.button === 0) {
      // A finger is captured by what it touched first; without it, sliding away is noticed.
      const target = event.target as Element;
      if (target.hasPointerCapture(event.pointerId)) {
        target.releasePointerCapture(event.pointerId);
      }
      this.down();
    }
  };

  readonly pointerup = (): void => this.up();
  readonly away = (): void => this.cancel();

  readonly keydown = (event: KeyboardEvent): void => {
    if (isPress(event)) {
      event.preventDefault(); // no click of its own
      this.down();
    } else if (event.key === "Escape") {
      this.cancel();
    }
  };

  readonly keyup = (event: KeyboardEvent): void => {
    if (isPress(event)) {
      event.preventDefault();
      this.up();
    }
  };

  /** A press without finger or key: a screen reader's. */
  readonly click = (event: MouseEvent): void => {
    if (event.detail === 0) {
      this.#acts.pressed();
    }
  };

  /** The menu that a long touch opens would take the finger away. */
  readonly contextmenu = (event: Event): void => {
    if (this.#down) {
      event.preventDefault();
    }
  };
}

function isPress(event: KeyboardEvent): boolean {
  return event.key === "Enter" || event.key === " ";
}
