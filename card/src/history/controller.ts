/**
 * The history of one card: what is asked for, what has come, and what is done with it.
 *
 * No element and no timer is in here but those it is given, so that all of it is tried by tests.
 */

import type { Api, Query, Selection } from "../ha/api.js";
import { asError, type EarshotError } from "../ha/errors.js";
import type { House, HouseView } from "../ha/house.js";
import {
  ALLOWED,
  type Capture,
  type FeedEvent,
  type Outcome,
  type Page,
  type Refused,
  type Room,
} from "../ha/model.js";
import type { Wait } from "../timers.js";
import { type DayOf, Timeline } from "./timeline.js";

const PAGE = 50;
const LARGE_PAGE = 100;
/** The API takes no more in one request. */
export const MOST_IDS = 500;
const NOT_ALLOWED = "not_allowed";

export interface Filter {
  readonly room: string | null;
  readonly outcomes: readonly Outcome[];
  readonly text: string;
  /** The first moment that is too new. */
  readonly until: number | null;
}

/** What passes by itself, as after a start of Home Assistant with much to look through. */
const PASSING = ["audit_failed", "timeout", "vault_busy", "vault_closed", "vault_unavailable"];
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 60_000;

export const EVERYTHING: Filter = { room: null, outcomes: [], text: "", until: null };

/** What the card shows as a whole. */
export type Phase =
  | "loading"
  | "list"
  | "empty"
  | "nothing_found"
  | "denied"
  | "no_rooms"
  | "no_room"
  | "locked"
  | "offline"
  | "failed";

export interface HistorySource {
  readonly api: Pick<Api, "captures">;
  readonly view: HouseView;
  listen: House["listen"];
}

export class History {
  filter: Filter = EVERYTHING;
  timeline: Timeline;
  refused: readonly Refused[] = [];
  /** False: the search is still being prepared. */
  complete = true;
  error: EarshotError | null = null;
  /** Captures that came by themselves since the list began. */
  came = 0;

  readonly #source: HistorySource;
  readonly #dayOf: DayOf;
  readonly #changed: () => void;
  readonly #wait: Wait;
  #endWait: (() => void) | null = null;
  #waitMs = FIRST_WAIT_MS;
  #device: string | null;
  #cursor: string | null = null;
  #begun = false;
  #end = false;
  /** Each list has a number; answers for an older one are dropped. */
  #run = 0;
  #loading = false;
  #mending = false;
  #looking = false;
  #lookAgain = false;
  #epoch = 0;
  #access = "";
  #stop: (() => void) | null = null;

  constructor(
    source: HistorySource,
    dayOf: DayOf,
    changed: () => void,
    wait: Wait,
    device?: string,
  ) {
    this.#wait = wait;
    this.#source = source;
    this.#dayOf = dayOf;
    this.#changed = changed;
    this.#device = device ?? null;
    this.timeline = new Timeline(dayOf);
  }

  start(): void {
    this.#stop ??= this.#source.listen({
      changed: (view) => this.#houseChanged(view),
      event: (event) => this.#take(event),
    });
    this.#houseChanged(this.#source.view);
  }

  stop(): void {
    this.#stop?.();
    this.#stop = null;
    this.#endWait?.();
    this.#endWait = null;
    this.#run += 1;
  }

  set device(device: string | null) {
    if (device !== this.#device) {
      this.#device = device;
      this.reload();
    }
  }

  /** Rooms of this card of which the user may see anything. */
  get rooms(): readonly Room[] {
    return this.#ofCard().filter((room) => room.may["read"] !== NOT_ALLOWED);
  }

  /** Whether anything of them may be taken along. */
  get mayExport(): boolean {
    return this.rooms.some((room) => mayNot(room, "export") === null);
  }

  get atEnd(): boolean {
    return this.#end;
  }

  get isLoading(): boolean {
    return this.#loading;
  }

  get phase(): Phase {
    const { state, overview } = this.#source.view;
    if (this.timeline.rows.length > 0) {
      return "list";
    }
    if (state === "offline") {
      return "offline";
    }
    if (state === "failed" || (this.error && this.error.code !== NOT_ALLOWED)) {
      return "failed";
    }
    if (!overview) {
      return "loading";
    }
    if (overview.rooms.length === 0) {
      return "no_rooms";
    }
    if (this.#ofCard().length === 0) {
      return "no_room";
    }
    if (this.rooms.length === 0 || this.error) {
      return "denied";
    }
    if (!this.#begun) {
      return "loading";
    }
    if (this.refused.length > 0) {
      // Nobody can say that there is nothing.
      return "locked";
    }
    return this.filter === EVERYTHING ? "empty" : "nothing_found";
  }

  /** Why nothing can be shown. */
  get reason(): EarshotError | null {
    return this.error ?? this.#source.view.error;
  }

  /** Rooms of one's own that were refused, by reason, with their names. */
  get refusals(): readonly { readonly reason: string; readonly rooms: readonly string[] }[] {
    const found = new Map<string, string[]>();
    for (const { room_id, reason } of this.refused) {
      const name = this.rooms.find((room) => room.room_id === room_id)?.name;
      if (name) {
        found.set(reason, [...(found.get(reason) ?? []), name]);
      }
    }
    return [...found].map(([reason, rooms]) => ({ reason, rooms }));
  }

  /** Names of rooms of which something is listed that only a passphrase opens. */
  get sealedRooms(): readonly string[] {
    const { timeline } = this;
    const shut = new Set<string>();
    for (const row of timeline.rows.slice(0, PAGE)) {
      const capture = timeline.capture(row.id);
      if (capture?.sealed && !capture.record && !capture.peaks) {
        shut.add(row.roomId);
      }
    }
    return this.rooms.filter((room) => shut.has(room.room_id)).map((room) => room.name);
  }

  /** Whether the rules as they stand keep nothing of any room of this card. */
  get keepsNothing(): boolean {
    return this.rooms.every((room) =>
      Object.values(room.retention).every(
        ({ audio, transcript }) => audio.seconds === 0 && transcript.seconds === 0,
      ),
    );
  }

  setFilter(filter: Partial<Filter>): void {
    const next = { ...this.filter, ...filter };
    const { room, outcomes, text, until } = next;
    const none = room === null && outcomes.length === 0 && text === "" && until === null;
    this.filter = none ? EVERYTHING : next;
    this.reload();
  }

  /** Begin anew, with what the user may see now. */
  reload(): void {
    this.#endWait?.();
    this.#endWait = null;
    this.#run += 1;
    this.timeline = new Timeline(this.#dayOf);
    this.#cursor = null;
    this.#begun = this.#end = this.#loading = this.#mending = this.#looking = false;
    this.error = null;
    this.came = 0;
    this.refused = [];
    this.#changed();
    void this.more();
  }

  /** Ask for the next page, if there is one and none is on its way. */
  async more(): Promise<void> {
    if (this.#loading || this.#end || !this.#canAsk) {
      return;
    }
    const run = this.#run;
    const asked = this.timeline.touches;
    this.#loading = true;
    try {
      const page = await this.#source.api.captures(this.#query(), this.#cursor, PAGE);
      if (run !== this.#run) {
        return;
      }
      this.timeline.add(page.captures, asked);
      this.#cursor = page.cursor;
      this.#end = page.cursor === null;
      this.#begun = true;
      this.complete = page.complete;
      this.refused = page.refused;
      this.#succeed();
    } catch (reason) {
      if (run !== this.#run) {
        return;
      }
      this.#fail(asError(reason));
    }
    this.#loading = false;
    this.#changed();
  }

  /** See that the words of these rows are there, or on their way. */
  async mend(from: number, to: number): Promise<void> {
    if (this.#mending || !this.#canAsk) {
      return;
    }
    const missing = this.timeline.rows.slice(from, to).find((row) => this.timeline.wanting(row.id));
    if (!missing) {
      return;
    }
    const run = this.#run;
    const asked = this.timeline.touches;
    this.#mending = true;
    try {
      const until = Math.min(missing.started + 1, this.filter.until ?? Number.POSITIVE_INFINITY);
      const page = await this.#source.api.captures({ ...this.#query(), until }, null, PAGE);
      if (run !== this.#run) {
        return;
      }
      this.#settle(page, until, asked);
    } catch (reason) {
      if (run !== this.#run) {
        return;
      }
      this.#fail(asError(reason));
      return;
    } finally {
      if (run === this.#run) {
        this.#mending = false;
      }
    }
    this.#changed();
  }

  /** What the filters but the text leave, for a deletion or an export. */
  span(): Query {
    const { text: _, ...span } = this.#query();
    return span;
  }

  /** All that is shown: where a text was searched for, the captures that hold it, one by one. */
  async shown(): Promise<Selection> {
    const query = this.#query();
    if (!query.text) {
      return query;
    }
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Page = await this.#source.api.captures(query, cursor, LARGE_PAGE);
      ids.push(...page.captures.map((capture) => capture.id));
      cursor = page.cursor;
    } while (cursor !== null && ids.length < MOST_IDS);
    return { ids: ids.slice(0, MOST_IDS) };
  }

  capture(id: string): Capture | undefined {
    return this.timeline.capture(id);
  }

  /** Go on after something failed. */
  retry(): void {
    this.error = null;
    if (this.timeline.rows.length === 0) {
      this.reload();
    } else {
      this.#changed();
    }
  }

  #fail(error: EarshotError): void {
    this.error = error;
    this.#endWait?.();
    this.#endWait = null;
    if (PASSING.includes(error.code)) {
      this.#endWait = this.#wait(() => this.retry(), this.#waitMs);
      this.#waitMs = Math.min(2 * this.#waitMs, LONGEST_WAIT_MS);
    }
  }

  #succeed(): void {
    this.error = null;
    this.#waitMs = FIRST_WAIT_MS;
  }

  /** What failed is not asked for again at once: that could go on for ever. */
  get #canAsk(): boolean {
    return this.#source.view.state === "ready" && this.error === null && this.rooms.length > 0;
  }

  /** Take a page of what is older than `until`; what is not in it and should be is gone. */
  #settle(page: Page, until: number, asked: number): number {
    const fresh = this.timeline.add(page.captures, asked);
    const listed = new Set(page.captures.map((capture) => capture.id));
    const oldest = page.cursor === null ? 0 : page.captures.at(-1)?.started;
    if (oldest !== undefined) {
      const gone = this.timeline.rows.filter(
        (row) => row.started < until && row.started > oldest && !listed.has(row.id),
      );
      this.timeline.remove(gone.map((row) => row.id));
    }
    return fresh;
  }

  #ofCard(): readonly Room[] {
    const rooms = this.#source.view.overview?.rooms ?? [];
    return this.#device ? rooms.filter((room) => room.device_id === this.#device) : rooms;
  }

  #query(): Query {
    const { room, outcomes, text, until } = this.filter;
    const rooms = room ? [room] : this.#device ? this.#ofCard().map((it) => it.room_id) : [];
    return {
      ...(rooms.length ? { rooms } : {}),
      ...(outcomes.length ? { outcomes } : {}),
      ...(text ? { text } : {}),
      ...(until === null ? {} : { until }),
    };
  }

  #houseChanged(view: HouseView): void {
    if (view.state === "ready") {
      const access = this.#ofCard()
        .map((room) => `${room.room_id} ${room.may["read"]} ${room.rules["sealed"]}`)
        .join();
      if (view.epoch !== this.#epoch || access !== this.#access) {
        const first = this.#epoch === 0 || access !== this.#access;
        this.#epoch = view.epoch;
        this.#access = access;
        if (first) {
          this.reload();
          return;
        }
        // What was missed meanwhile: what is shown stays until the new is there.
        this.error = null;
        this.timeline.touchAll();
        void this.#look();
      }
    }
    this.#changed();
  }

  #take(event: FeedEvent): void {
    if (event.event !== "captures" && event.event !== "pin") {
      return;
    }
    if (!this.#ofCard().some((room) => room.room_id === event.room_id)) {
      return;
    }
    if (event.event === "pin") {
      this.timeline.touch([event.capture_id]);
      this.#changed();
    } else if (event.ids === null) {
      this.reload();
    } else if (event.kind === "gone") {
      if (this.timeline.remove(event.ids)) {
        this.#changed();
        if (this.timeline.rows.length === 0) {
          this.reload();
        }
      }
    } else {
      this.timeline.touch(event.ids);
      if (event.kind === "kept") {
        void this.#look();
      }
      this.#changed();
    }
  }

  /** Ask for the newest ones; they come in order, wherever the list begins. */
  async #look(): Promise<void> {
    if (this.#looking) {
      this.#lookAgain = true;
      return;
    }
    const run = this.#run;
    this.#looking = true;
    try {
      do {
        this.#lookAgain = false;
        const asked = this.timeline.touches;
        const page = await this.#source.api.captures(this.#query(), null, PAGE);
        if (run !== this.#run) {
          return;
        }
        const first = this.timeline.rows[0];
        const missed =
          page.cursor !== null && first && !page.captures.some((it) => it.id === first.id);
        if (missed) {
          // More came than a page holds: what lies between is not known.
          this.reload();
          return;
        }
        this.refused = page.refused;
        this.came += this.#settle(page, Number.POSITIVE_INFINITY, asked);
        if (!this.#begun) {
          this.#cursor = page.cursor;
          this.#end = page.cursor === null;
          this.#begun = true;
        }
        this.#changed();
      } while (this.#lookAgain);
    } catch (reason) {
      if (run === this.#run) {
        this.#fail(asError(reason));
        this.#changed();
      }
    } finally {
      if (run === this.#run) {
        this.#looking = false;
      }
    }
  }
}

/** Whether a user may do something in a room, and else why not. */
export function mayNot(room: Room | undefined, act: string): string | null {
  const told = room?.may[act] ?? NOT_ALLOWED;
  return told === ALLOWED ? null : told;
}
