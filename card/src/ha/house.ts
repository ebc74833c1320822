/**
 * What is known of the house, live: one subscription and one overview for all cards of a page.
 *
 * It is never older than it says. When the connection is lost, every microphone is unknown at
 * once, and what was shown before is marked as such until it was asked for anew.
 */

import { byTimer, type Wait } from "../timers.js";
import { Api } from "./api.js";
import { asError, type EarshotError } from "./errors.js";
import type { Connection, Hass } from "./hass.js";
import type { FeedEvent, Microphone, Overview, Room } from "./model.js";
import { type Clocks, judged, Receipts, unknown } from "./receipts.js";

/** `offline`: no connection. `failed`: it was answered with `error`. Both are tried again. */
export type HouseState = "loading" | "ready" | "offline" | "failed";

export interface HouseView {
  readonly state: HouseState;
  /** The last that was told; in other states than `ready` it may be out of date. */
  readonly overview: Overview | null;
  readonly error: EarshotError | null;
  /** Counts the times that the feed began: what was told before may have been missed. */
  readonly epoch: number;
}

export interface HouseListener {
  changed?(view: HouseView): void;
  event?(event: FeedEvent): void;
}

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

export class House {
  readonly api: Api;
  #hass: Hass;
  readonly #connection: Connection;
  readonly #wait: Wait;
  readonly #listeners = new Set<HouseListener>();
  #view: HouseView = { state: "loading", overview: null, error: null, epoch: 0 };
  /** Each start has a number of its own; what an older one still brings is dropped. */
  #run = 0;
  #unsubscribe: (() => Promise<void>) | null = null;
  #endWait: (() => void) | null = null;
  #waitMs = FIRST_WAIT_MS;
  #asking = false;
  #askAgain = false;
  readonly #receipts: Receipts;

  constructor(hass: Hass, wait: Wait = byTimer, clocks?: Clocks) {
    this.#hass = hass;
    this.#receipts = new Receipts(clocks);
    this.#connection = hass.connection;
    this.#wait = wait;
    this.api = new Api(() => this.#hass);
  }

  get hass(): Hass {
    return this.#hass;
  }

  set hass(hass: Hass) {
    this.#hass = hass;
  }

  get view(): HouseView {
    return this.#view;
  }

  room(roomId: string): Room | undefined {
    return this.#view.overview?.rooms.find((room) => room.room_id === roomId);
  }

  /** A room's microphone as it may be shown now, whether Home Assistant noticed its age or not. */
  microphone(room: Room): Microphone {
    return judged(room.microphone, this.#receipts.ageS(room.room_id));
  }

  /** Seconds until what is shown of a microphone says nothing any more. */
  validS(room: Room): number {
    return this.#receipts.validS(room.room_id);
  }

  /** What is left of a mute that ends by itself. */
  muteLeftS(room: Room): number | null {
    const { mute_left_s: left, room_id } = room;
    return left === null ? null : Math.max(0, left - this.#receipts.sinceToldS(room_id));
  }

  /** Tell `listener` from now on; the first one begins the subscription, the last one ends it. */
  listen(listener: HouseListener): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) {
      this.#connection.addEventListener("ready", this.#ready);
      this.#connection.addEventListener("disconnected", this.#lost);
      this.#start();
    }
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) {
        this.#connection.removeEventListener("ready", this.#ready);
        this.#connection.removeEventListener("disconnected", this.#lost);
        this.#stop();
        this.#show({ state: "loading", error: null });
      }
    };
  }

  /** Ask for the overview anew: what this user may do has changed. */
  refresh(): Promise<void> {
    return this.#ask(this.#run);
  }

  readonly #ready = (): void => {
    this.#waitMs = FIRST_WAIT_MS;
    this.#start();
  };

  readonly #lost = (): void => {
    this.#stop();
    this.#show({ state: "offline", overview: withoutKnowledge(this.#view.overview) });
  };

  #start(): void {
    this.#stop();
    void this.#subscribe(this.#run);
  }

  #stop(): void {
    this.#run += 1;
    this.#endWait?.();
    this.#endWait = null;
    const end = this.#unsubscribe;
    this.#unsubscribe = null;
    // After a loss there is nothing to end, and that fails.
    end?.().catch(() => undefined);
  }

  async #subscribe(run: number): Promise<void> {
    try {
      const end = await this.api.subscribe((event) => this.#take(run, event));
      if (run !== this.#run) {
        end().catch(() => undefined);
        return;
      }
      this.#unsubscribe = end;
      // Only now: what changes after the overview was made is then told.
      const overview = await this.#overview();
      if (run === this.#run) {
        this.#waitMs = FIRST_WAIT_MS;
        this.#show({ state: "ready", overview, error: null, epoch: this.#view.epoch + 1 });
      }
    } catch (reason) {
      if (run === this.#run) {
        this.#fail(asError(reason));
      }
    }
  }

  #fail(error: EarshotError): void {
    this.#stop();
    const offline = error.code === "offline";
    this.#show({
      state: offline ? "offline" : "failed",
      overview: withoutKnowledge(this.#view.overview),
      error: offline ? null : error,
    });
    this.#endWait = this.#wait(() => this.#start(), this.#waitMs);
    this.#waitMs = Math.min(2 * this.#waitMs, LONGEST_WAIT_MS);
  }

  #take(run: number, event: FeedEvent): void {
    if (run !== this.#run) {
      return;
    }
    if (event.event === "room") {
      this.#receipts.told(event.room_id, event.microphone.verified_s);
      this.#renew(event);
    } else if (event.event === "receipt") {
      this.#receipts.verified(event.room_id, event.verified_s);
    } else if (event.event === "overview" || event.event === "listened") {
      void this.#ask(run);
    }
    for (const listener of [...this.#listeners]) {
      listener.event?.(event);
    }
  }

  #renew(event: FeedEvent & { event: "room" }): void {
    const { overview } = this.#view;
    if (overview) {
      const rooms = overview.rooms.map((room) =>
        room.room_id === event.room_id ? { ...room, ...liveOf(event) } : room,
      );
      this.#show({ overview: { ...overview, rooms } });
    }
  }

  async #ask(run: number): Promise<void> {
    if (this.#asking) {
      this.#askAgain = true;
      return;
    }
    this.#asking = true;
    try {
      do {
        this.#askAgain = false;
        const overview = await this.#overview();
        if (run === this.#run) {
          this.#show({ overview });
        }
      } while (this.#askAgain && run === this.#run);
    } catch (reason) {
      if (run === this.#run) {
        this.#fail(asError(reason));
      }
    } finally {
      this.#asking = false;
    }
  }

  async #overview(): Promise<Overview> {
    const overview = await this.api.overview();
    for (const { room_id, microphone } of overview.rooms) {
      this.#receipts.told(room_id, microphone.verified_s);
    }
    return overview;
  }

  #show(part: Partial<HouseView>): void {
    this.#view = { ...this.#view, ...part };
    for (const listener of [...this.#listeners]) {
      listener.changed?.(this.#view);
    }
  }
}

const houses = new WeakMap<Connection, House>();

/** The house behind a connection; all cards of a page share it. */
export function houseOf(hass: Hass): House {
  let house = houses.get(hass.connection);
  if (!house) {
    house = new House(hass);
    houses.set(hass.connection, house);
  }
  house.hass = hass;
  return house;
}

function liveOf(event: FeedEvent & { event: "room" }) {
  const { microphone, muted, muted_at_device, mute_left_s, mute_waits, locality } = event;
  return { microphone, muted, muted_at_device, mute_left_s, mute_waits, locality };
}

/** The overview when nobody tells any more what changes: no microphone's state is known. */
function withoutKnowledge(overview: Overview | null): Overview | null {
  if (!overview) {
    return null;
  }
  const microphone = unknown("not_connected");
  return { ...overview, rooms: overview.rooms.map((room) => ({ ...room, microphone })) };
}
