/**
 * A deletion from the question to the end: counted first, then it can be taken back for some
 * seconds, then it is carried out, and then it is told.
 */

import type { Api, Selection } from "../ha/api.js";
import { asError, EarshotError } from "../ha/errors.js";
import type { Count, FeedEvent } from "../ha/model.js";
import type { Wait } from "../timers.js";

export const UNDO_S = 10;
/** Destroying, and then looking through every place; the server has its own deadlines for both. */
const WORK_MS = 180_000;
const TOLD_MS = 6_000;

export type DeletionState =
  | { readonly kind: "none" }
  | { readonly kind: "counting"; readonly what: Selection; readonly withPinned: boolean }
  | {
      readonly kind: "asking";
      readonly what: Selection;
      readonly withPinned: boolean;
      readonly count: Count;
    }
  | {
      readonly kind: "waiting";
      readonly what: Selection;
      readonly id: string;
      readonly captures: number;
      readonly due: number;
    }
  | {
      readonly kind: "working";
      readonly what: Selection;
      readonly id: string;
      readonly captures: number;
    }
  | { readonly kind: "done"; readonly captures: number }
  | { readonly kind: "taken_back" }
  | { readonly kind: "failed"; readonly error: EarshotError };

const NONE: DeletionState = { kind: "none" };

export class Deletion {
  state: DeletionState = NONE;
  readonly #api: Pick<Api, "count" | "remove" | "undo">;
  readonly #changed: () => void;
  readonly #wait: Wait;
  #run = 0;
  #endWait: (() => void) | null = null;

  constructor(api: Pick<Api, "count" | "remove" | "undo">, changed: () => void, wait: Wait) {
    this.#api = api;
    this.#changed = changed;
    this.#wait = wait;
  }

  /** Count what would go, to ask with that. */
  async ask(what: Selection, withPinned = false): Promise<void> {
    const run = this.#become({ kind: "counting", what, withPinned });
    try {
      const count = await this.#api.count({ ...what, pinned: withPinned });
      if (run === this.#run) {
        this.#become({ kind: "asking", what, withPinned, count });
      }
    } catch (reason) {
      if (run === this.#run) {
        this.#end({ kind: "failed", error: asError(reason) });
      }
    }
  }

  cancel(): void {
    if (this.state.kind === "counting" || this.state.kind === "asking") {
      this.#become(NONE);
    }
  }

  /** Delete what was counted, no more: what came since is not taken. Throws why it cannot be. */
  async agree(): Promise<void> {
    const { state } = this;
    if (state.kind !== "asking" || state.count.captures === 0) {
      return;
    }
    const { what, withPinned, count } = state;
    const run = this.#become({ kind: "counting", what, withPinned });
    try {
      const told = await this.#api.remove(
        { ...what, pinned: withPinned, until: count.until },
        count.captures,
        UNDO_S,
      );
      if (run !== this.#run) {
        return;
      }
      const { deletion_id: id, captures } = told;
      this.#become({ kind: "waiting", what, id, captures, due: Date.now() + UNDO_S * 1_000 });
      this.#after(UNDO_S * 1_000, () => {
        this.#become({ kind: "working", what, id, captures });
        this.#after(WORK_MS, () =>
          this.#end({ kind: "failed", error: new EarshotError("timeout") }),
        );
      });
    } catch (reason) {
      const error = asError(reason);
      if (run === this.#run) {
        if (error.code === "count_changed") {
          await this.ask(what, withPinned);
        } else {
          this.#become({ kind: "asking", what, withPinned, count });
        }
      }
      throw error;
    }
  }

  async undo(): Promise<void> {
    const { state } = this;
    if (state.kind !== "waiting") {
      return;
    }
    try {
      await this.#api.undo(state.id);
      this.#end({ kind: "taken_back" });
    } catch (reason) {
      const error = asError(reason);
      // It was too late: it is told when it is over.
      if (error.code !== "deletion_over") {
        this.#end({ kind: "failed", error });
      }
    }
  }

  /** Take what the house tells of deletions. */
  take(event: FeedEvent): void {
    const { state } = this;
    if (
      event.event !== "deletion" ||
      (state.kind !== "waiting" && state.kind !== "working") ||
      state.id !== event.deletion_id
    ) {
      return;
    }
    this.#end(
      event.error === null
        ? { kind: "done", captures: event.captures ?? state.captures }
        : { kind: "failed", error: new EarshotError(event.error) },
    );
  }

  /** Nobody tells us any more how it ends. */
  lost(): void {
    if (this.state.kind !== "none") {
      this.#become(NONE);
    }
  }

  stop(): void {
    this.#run += 1;
    this.#endWait?.();
    this.#endWait = null;
    this.state = NONE;
  }

  /** Whether a capture is about to go. */
  takes(capture: {
    id: string;
    room_id: string;
    started: number;
    outcome: string | null;
  }): boolean {
    const { state } = this;
    if (state.kind !== "waiting" && state.kind !== "working") {
      return false;
    }
    const { ids, rooms, since, until, outcomes } = state.what;
    return (
      (!ids || ids.includes(capture.id)) &&
      (!rooms || rooms.includes(capture.room_id)) &&
      (since === undefined || capture.started >= since) &&
      (until === undefined || capture.started < until) &&
      (!outcomes || outcomes.some((it) => it === capture.outcome))
    );
  }

  #become(state: DeletionState): number {
    this.#endWait?.();
    this.#endWait = null;
    this.state = state;
    this.#run += 1;
    this.#changed();
    return this.#run;
  }

  #end(state: DeletionState): void {
    this.#become(state);
    this.#after(TOLD_MS, () => this.#become(NONE));
  }

  #after(milliseconds: number, callback: () => void): void {
    this.#endWait = this.#wait(callback, milliseconds);
  }
}
