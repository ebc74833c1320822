/** Captures that come by themselves: how many nobody has seen, and how many are to be told of. */

import type { Timers } from "../timers.js";
import { NOTICE_MS } from "./notice.js";

export class Arrivals {
  /** Above what is seen, while somebody reads further down. */
  unseen = 0;
  /** Said once to those who do not see the list; a moment later there is nothing to say. */
  told = 0;
  #came = 0;
  readonly #timers: Timers;
  readonly #changed: () => void;

  constructor(timers: Timers, changed: () => void) {
    this.#timers = timers;
    this.#changed = changed;
  }

  /** `came` have come since the list began; fewer than before, if it began anew. */
  take(came: number, atTop: boolean): void {
    const more = came - this.#came;
    this.#came = came;
    this.unseen = atTop || more < 0 ? 0 : this.unseen + more;
    if (more > 0) {
      this.told += more;
      this.#timers.after("arrivals", NOTICE_MS, () => {
        this.told = 0;
        this.#changed();
      });
    }
  }
}
