/**
 * All that a history card does but draw: made when it comes into a page, ended when it goes.
 *
 * No element is in here but those it is handed, so that all of it is tried by tests.
 */

import type { House } from "../ha/house.js";
import type { Words } from "../i18n/words.js";
import { byTimer, Timers, type Wait } from "../timers.js";
import { Access } from "./access.js";
import { Arrivals } from "./arrivals.js";
import { asking, type Dialog } from "./asking.js";
import { type Filter, History } from "./controller.js";
import { Deeds } from "./deeds.js";
import { Deletion } from "./deletion.js";
import { Notice } from "./notice.js";
import { Opened } from "./opened.js";
import { Player, type PlayerPorts } from "./player.js";
import { Selected } from "./selected.js";
import { Slots } from "./slots.js";
import type { Row } from "./timeline.js";
import { type Scroller, Viewport } from "./viewport.js";

const TICK_MS = 30_000; // "gone in 3 min" grows old
const TYPING_MS = 300;

/** The page in which a card stands. */
export interface Host {
  readonly sounds: Omit<PlayerPorts, "fetch">;
  readonly words: () => Words | null;
  readonly dialog: () => Dialog | null;
  readonly save: (file: Blob) => void;
  /** Something has to be drawn anew. */
  readonly changed: () => void;
}

/** A row that is drawn, its place in the whole list, and the number of its element. */
export interface Drawn {
  readonly row: Row;
  readonly at: number;
  readonly slot: number;
}

export class Works {
  readonly house: House;
  readonly history: History;
  readonly player: Player;
  readonly deletion: Deletion;
  readonly access: Access;
  readonly notice: Notice;
  readonly deeds: Deeds;
  readonly opened: Opened;
  readonly selected: Selected;
  readonly arrivals: Arrivals;
  readonly viewport = new Viewport();
  rows: readonly Drawn[] = [];
  readonly #slots = new Slots();
  readonly #host: Host;
  readonly #timers: Timers;
  readonly #endListening: () => void;

  constructor(house: House, host: Host, device?: string, wait: Wait = byTimer) {
    const { changed, save, words, dialog } = host;
    const { api } = house;
    const timers = new Timers(wait);
    const notice = new Notice(words, timers, changed);
    const ask = asking(words, dialog, notice.fail);
    const fetch: PlayerPorts["fetch"] = (id, signal) => api.sound(id, signal);
    const player = new Player({ ...host.sounds, fetch }, changed);
    const dayOf = (started: number) => words()?.dayKey(started) ?? "";
    const history = new History(house, dayOf, changed, wait, device);
    const deletion = new Deletion(api, () => this.#deletionChanged(), wait);
    const quiet = () => player.stop();
    const access = new Access({ house, history, timers, notice, ask, quiet });
    const selected = new Selected(changed);
    const agreed = () => selected.end();
    const ports = { api, history, player, deletion, access, notice, ask, save, agreed };
    this.deeds = new Deeds(ports);
    const load = () => import("./detail.js");
    const opened = new Opened({ api, load, failed: notice.fail, changed });
    this.arrivals = new Arrivals(timers, changed);
    this.#endListening = house.listen({
      event: (event) => {
        deletion.take(event);
        opened.take(event);
      },
      changed: ({ state }) => {
        if (state === "offline") {
          deletion.lost();
          player.stop();
          access.locked();
        }
      },
    });
    this.#timers = timers;
    this.#host = host;
    this.house = house;
    this.history = history;
    this.player = player;
    this.deletion = deletion;
    this.access = access;
    this.notice = notice;
    this.selected = selected;
    this.opened = opened;
    this.#tick();
  }

  stop(): void {
    this.history.stop();
    this.deletion.stop();
    this.player.stop();
    this.#endListening();
    this.#timers.stop();
  }

  /** Filter anew: words when they have been typed, all else at once. */
  readonly filter = (change: Partial<Filter>): void => {
    if (change.text) {
      this.#timers.after("typing", TYPING_MS, () => this.#filter(change));
      return;
    }
    if (change.text === "") {
      this.#timers.end("typing");
    }
    this.#filter(change);
  };

  /** What a press on a capture does: it is opened or closed, or chosen while some are. */
  choose(id: string): void {
    if (this.selected.ids) {
      this.selected.flip(id);
    } else {
      this.viewport.current = id;
      this.opened.toggle(id, this.history.timeline);
    }
  }

  /** Close what is opened, else be done with choosing; the focus stays where it was. */
  escape(id: string): void {
    this.viewport.focus = id;
    if (this.opened.id) {
      this.opened.toggle(this.opened.id, this.history.timeline);
    } else {
      this.selected.end();
    }
  }

  focused(id: string | undefined): void {
    if (id && id !== this.viewport.current) {
      this.viewport.current = id;
      this.#host.changed();
    }
  }

  /** Go to a row with the focus. */
  goTo(at: number): void {
    const { timeline } = this.history;
    const row = timeline.rows[at];
    if (row) {
      this.viewport.current = this.viewport.focus = row.id;
      this.viewport.show(row, timeline);
      this.#host.changed();
    }
  }

  readonly scrolled = (): void => {
    this.viewport.letGo();
    this.#host.changed();
  };

  /** What is opened was drawn, with this height. */
  measured(height: number): void {
    const { timeline } = this.history;
    const row = this.opened.measured(height, timeline) && timeline.row(this.opened.id ?? "");
    if (row) {
      this.viewport.show(row, timeline);
    }
    this.#host.changed();
  }

  readonly toTop = (): void => {
    this.viewport.go(0);
    this.#host.changed();
  };

  /** Before it is drawn; `scrolled` is how far the browser has scrolled. */
  willDraw(scrolled: number): void {
    const { timeline, came } = this.history;
    this.opened.keepTo(timeline);
    this.viewport.willDraw(timeline, scrolled);
    this.arrivals.take(came, this.viewport.top === 0);
    const [from, to] = this.viewport.rows(timeline);
    const rows = timeline.rows.slice(from, to);
    const ids = rows.map((row) => row.id);
    const slots = this.#slots.assign(ids, this.viewport.current);
    this.rows = rows.map((row, at) => ({ row, at: from + at, slot: slots[at] ?? 0 }));
  }

  /** After it was drawn: ask for what is seen and not known, and for what will be seen next. */
  drawn(scroller: Scroller): void {
    const { history, viewport } = this;
    const { timeline } = history;
    viewport.drawn(timeline, scroller);
    void history.mend(...viewport.rows(timeline));
    if (viewport.nearsEnd(timeline)) {
      void history.more();
    }
  }

  #filter(change: Partial<Filter>): void {
    this.viewport.go(0);
    this.history.setFilter(change);
  }

  #deletionChanged(): void {
    this.#host.dialog()?.refresh?.();
    this.#host.changed();
    this.#tick();
  }

  /** Draw again as time goes by, each second while seconds are counted. */
  #tick(): void {
    const counting = this.deletion.state.kind === "waiting";
    this.#timers.after("tick", counting ? 1_000 : TICK_MS, () => {
      this.#host.changed();
      this.#tick();
    });
  }
}
