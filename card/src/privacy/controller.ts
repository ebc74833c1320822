/** What the card of the house asks for beside the overview: who listened, and the last check. */

import type { Api } from "../ha/api.js";
import { asError, type EarshotError } from "../ha/errors.js";
import type { House, HouseView } from "../ha/house.js";
import type { Check, FeedEvent, Listen } from "../ha/model.js";

const LISTENS = 5;

export interface PrivacySource {
  readonly api: Pick<Api, "listens" | "deletionCheck">;
  readonly view: HouseView;
  listen: House["listen"];
}

/** Something that is asked for; `value` is null until it came. */
export interface Asked<T> {
  readonly value: T | null;
  readonly error: EarshotError | null;
}

const NOTHING = { value: null, error: null };

export class Privacy {
  listens: Asked<readonly Listen[]> = NOTHING;
  check: Asked<Check> = NOTHING;

  readonly #source: PrivacySource;
  readonly #changed: () => void;
  #stop: (() => void) | null = null;
  #epoch = 0;
  /** Answers of an older beginning are dropped. */
  #run = 0;
  /** Milliseconds of a clock that nobody sets. */
  readonly #clock: () => number;
  /** When another deletion check may be begun. */
  #freeAt = 0;

  constructor(source: PrivacySource, changed: () => void, clock = () => performance.now()) {
    this.#source = source;
    this.#changed = changed;
    this.#clock = clock;
  }

  start(): void {
    this.#stop ??= this.#source.listen({
      changed: () => this.#houseChanged(),
      event: (event) => this.#take(event),
    });
    this.#houseChanged();
  }

  stop(): void {
    this.#stop?.();
    this.#stop = null;
    this.#run += 1;
    this.#epoch = 0;
  }

  /** Seconds until another deletion check may be begun: for a while the last one stands. */
  get checkWaitS(): number {
    return Math.max(0, this.#freeAt - this.#clock()) / 1_000;
  }

  /** Begin a deletion check; that it is over is told by the house. */
  async runCheck(): Promise<void> {
    await this.#askCheck(true);
  }

  #houseChanged(): void {
    const { state, epoch } = this.#source.view;
    if (state === "ready" && epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#run += 1;
      void this.#askListens();
      void this.#askCheck(false);
    }
    this.#changed();
  }

  #take(event: FeedEvent): void {
    if (event.event === "listened") {
      void this.#askListens();
    } else if (event.event === "deletion_check") {
      void this.#askCheck(false);
    }
  }

  async #askListens(): Promise<void> {
    await this.#ask(
      () => this.#source.api.listens(LISTENS),
      (asked) => {
        this.listens = asked;
      },
    );
  }

  async #askCheck(run: boolean): Promise<void> {
    await this.#ask(
      () => this.#source.api.deletionCheck(run),
      (asked) => {
        this.check = asked;
        this.#freeAt = this.#clock() + (asked.value?.wait_s ?? 0) * 1_000;
      },
    );
  }

  async #ask<T>(request: () => Promise<T>, take: (asked: Asked<T>) => void): Promise<void> {
    const run = this.#run;
    let asked: Asked<T>;
    try {
      asked = { value: await request(), error: null };
    } catch (reason) {
      // What was known before is not shown as if it were known now.
      asked = { value: null, error: asError(reason) };
    }
    if (run === this.#run) {
      take(asked);
      this.#changed();
    }
  }
}
