/** The card that shows what was heard. */

import { html, nothing, type PropertyValues, type TemplateResult, unsafeCSS } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { HistoryConfig } from "../config.js";
import { asError, type EarshotError } from "../ha/errors.js";
import type { House } from "../ha/house.js";
import type { Capture, Label, Listened } from "../ha/model.js";
import type { Words } from "../i18n/words.js";
import type { DialogElement, Question } from "../ui/dialog.js";
import { baseStyles, define, EarshotElement } from "../ui/element.js";
import { type Filter, History, MOST_IDS, mayNot } from "./controller.js";
import { Deletion } from "./deletion.js";
import styles from "./history.css";
import { roomName } from "./look.js";
import { Player } from "./player.js";
import { row } from "./row.js";
import { locked, state } from "./states.js";
import type { Row } from "./timeline.js";
import { toast } from "./toast.js";
import { toolbar } from "./toolbar.js";

export const element = "earshot-history";

const AROUND_PX = 400; // drawn above and below what is seen
const AHEAD_PX = 2_000; // asked for before it is reached
const TICK_MS = 30_000; // "gone in 3 min" grows old
const TYPING_MS = 300;
const NOTICE_MS = 6_000;
const LATER_MS = 500; // what ends at the server has ended there by then

type Timer = ReturnType<typeof setTimeout>;
type DetailModule = typeof import("./detail.js");
type Questions = typeof import("./questions.js");

/** What lives as long as the card stands in a page with one connection. */
interface Works {
  readonly house: House;
  readonly history: History;
  readonly player: Player;
  readonly deletion: Deletion;
  readonly timers: Map<string, Timer>;
  readonly stopListening: () => void;
}

export class HistoryElement extends EarshotElement {
  static override styles = [baseStyles, unsafeCSS(styles)];

  static override properties = {
    ...EarshotElement.properties,
    config: { state: true },
    filtering: { state: true },
    selected: { state: true },
  };
  declare private config: HistoryConfig | null;
  /** Whether the filters are shown. */
  declare private filtering: boolean;
  /** Ids of what is selected; null while nothing is to be selected. */
  declare private selected: ReadonlySet<string> | null;

  layout?: string;
  preview = false;

  #works: Works | null = null;
  #detail: DetailModule | null = null;
  #listened: { id: string; lines: Listened | null } | null = null;
  #notice: string | null = null;
  #unlocked = false;
  #top = 0;
  /** Where to scroll when it is drawn; else the browser says where somebody is. */
  #goto: number | null = null;
  #seen = 800;
  /** An opened capture is scrolled into view once, and then left where it is. */
  #reveals = false;
  /** The row that holds still while others come and go above it. */
  #anchor: { id: string; top: number } | null = null;
  #current: string | null = null;
  #focus: string | null = null;
  #open: string | null = null;
  readonly #measure = new ResizeObserver(() => this.#measured());

  constructor() {
    super();
    this.config = null;
    this.filtering = false;
    this.selected = null;
  }

  setConfig(config: HistoryConfig): void {
    this.config = config;
    if (this.#works) {
      this.#works.history.device = config.device ?? null;
    }
  }

  protected override enter(house: House): void {
    const changed = () => this.requestUpdate();
    const player = new Player(
      {
        fetch: (id, signal) => house.api.sound(id, signal),
        audio: () => new Audio(),
        address: (sound) => URL.createObjectURL(sound),
        revoke: (address) => URL.revokeObjectURL(address),
      },
      changed,
    );
    const deletion = new Deletion(house.api, () => this.#deletionChanged(), timer);
    const stopListening = house.listen({
      event: (event) => {
        deletion.take(event);
        if (event.event === "listened" && this.#open) {
          this.#askListened(this.#open);
        }
      },
      changed: ({ state: now }) => {
        if (now === "offline") {
          deletion.lost();
          player.stop();
          this.#locked();
        }
      },
    });
    const history = new History(
      house,
      (started) => this.words?.dayKey(started) ?? "",
      changed,
      timer,
      this.config?.device,
    );
    this.#works = { house, history, player, deletion, timers: new Map(), stopListening };
    this.#tick();
    if (this.words) {
      history.start();
    }
  }

  protected override leave(): void {
    const works = this.#works;
    this.#works = null;
    if (!works) {
      return;
    }
    works.history.stop();
    works.deletion.stop();
    works.player.stop();
    works.stopListening();
    for (const each of works.timers.values()) {
      clearTimeout(each);
    }
    this.#measure.disconnect();
    this.#open = this.#listened = this.#notice = this.#anchor = null;
    this.#unlocked = false;
    this.#goto = 0;
    this.selected = null;
  }

  protected override willUpdate(changed: PropertyValues): void {
    const works = this.#works;
    if (!works) {
      return;
    }
    if (changed.has("words")) {
      // The day a capture belongs to is a matter of the locale.
      works.history.start();
    }
    const { timeline } = works.history;
    if (this.#open && !timeline.has(this.#open)) {
      this.#open = this.#listened = null;
    }
    if (this.#current && !timeline.has(this.#current)) {
      this.#current = null;
    }
    this.#top = this.#goto ?? this.#scroller?.scrollTop ?? 0;
    const row = this.#anchor && timeline.row(this.#anchor.id);
    if (this.#anchor && row && this.#goto === null && this.#top > 0) {
      const moved = row.top - this.#anchor.top;
      if (moved !== 0) {
        this.#goto = this.#top += moved;
      }
    }
    if (this.#top === 0) {
      works.history.fresh = 0;
    }
  }

  protected override render(): TemplateResult {
    const { words, config } = this;
    const works = this.#works;
    if (!works || !words) {
      return html`<ha-card></ha-card>`;
    }
    const { history, deletion } = works;
    const lists = history.phase === "list";
    return html`
      <ha-card class=${this.layout === "grid" ? "" : "card-without-height"}>
        <header>
          <h2>${config?.title || this.#title(words, history)}</h2>
          ${history.rooms.length > 0 ? this.#buttons(words, lists) : nothing}
        </header>
        ${this.filtering ? this.#toolbar(words, works) : nothing}
        ${this.#notes(words, works)}
        ${lists ? this.#list(words, works) : state(words, history, this.#stateActs(works))}
        ${this.selected ? this.#selection(words, works, this.selected) : nothing}
        ${toast(words, deletion.state, this.#notice, Date.now(), () => void deletion.undo())}
      </ha-card>
      <earshot-dialog></earshot-dialog>
    `;
  }

  protected override updated(): void {
    const works = this.#works;
    const scroller = this.#scroller;
    if (!works || !scroller) {
      return;
    }
    const { history } = works;
    if (this.#goto !== null) {
      scroller.scrollTop = this.#goto;
      this.#goto = null;
    }
    this.#top = scroller.scrollTop;
    this.#seen = scroller.clientHeight;
    const [from, to] = this.#window(history);
    const first = history.timeline.rows.slice(from, to).find((row) => row.top >= this.#top);
    this.#anchor = first ? { id: first.id, top: first.top } : null;
    if (this.#focus) {
      const found = this.renderRoot.querySelector<HTMLElement>(`[data-id="${this.#focus}"]`);
      if (found) {
        this.#focus = null;
        found.focus({ preventScroll: true });
      }
    }
    void history.mend(from, to);
    if (history.timeline.height - this.#top - this.#seen < AHEAD_PX) {
      void history.more();
    }
  }

  get #scroller(): HTMLElement | null {
    return this.renderRoot.querySelector(".scroller");
  }

  #title(words: Words, history: History): string {
    const [room] = history.rooms;
    return this.config?.device && room ? room.name : words.text("history.title");
  }

  #buttons(words: Words, lists: boolean): TemplateResult {
    return html`
      ${
        lists
          ? html`<button
            class="icon-button"
            aria-label=${words.text("history.select")}
            aria-pressed=${this.selected !== null}
            @click=${() => {
              this.selected = this.selected ? null : new Set();
            }}
          >
            <ha-icon .icon=${"mdi:checkbox-multiple-marked-outline"}></ha-icon>
          </button>`
          : nothing
      }
      <button
        class="icon-button"
        aria-label=${words.text("history.filter")}
        aria-expanded=${this.filtering}
        @click=${() => {
          this.filtering = !this.filtering;
        }}
      >
        <ha-icon .icon=${"mdi:filter-variant"}></ha-icon>
      </button>
    `;
  }

  #toolbar(words: Words, works: Works): TemplateResult {
    const { history } = works;
    return toolbar(
      {
        words,
        filter: history.filter,
        rooms: history.rooms,
        unlocked: this.#unlocked,
        mayExport: history.rooms.some((room) => mayNot(room, "export") === null),
      },
      {
        filter: (change) => this.#filter(change),
        removeShown: () => void this.#do(async () => this.#remove(await history.shown())),
        exportShown: () => void this.#do(async () => this.#export(await history.shown())),
        lock: () => void this.#lock(),
      },
    );
  }

  /** What is amiss while there is something to show all the same. */
  #notes(words: Words, works: Works): TemplateResult {
    const { history, house } = works;
    const acts = this.#stateActs(works);
    const offline = house.view.state === "offline" || house.view.state === "failed";
    const lists = history.phase === "list";
    return html`
      ${
        lists && offline
          ? html`<div class="note" role="status">
            <ha-icon .icon=${"mdi:lan-disconnect"}></ha-icon>
            <span>${words.text("offline.stale")}</span>
          </div>`
          : nothing
      }
      ${
        lists && !offline && history.error
          ? html`<div class="note" role="alert">
            <ha-icon .icon=${"mdi:alert-outline"}></ha-icon>
            <span>${words.error(history.error)}</span>
            <button class="button" @click=${acts.retry}>${words.text("failed.retry")}</button>
          </div>`
          : nothing
      }
      ${
        history.complete
          ? nothing
          : html`<div class="note" role="status">
            <span>${words.text("history.incomplete")}</span>
          </div>`
      }
      ${lists ? locked(words, history, acts) : nothing}
      ${
        history.fresh > 0 && this.#top > 0
          ? html`<button class="button filled fresh" @click=${() => this.#toTop()}>
            <ha-icon .icon=${"mdi:arrow-up"}></ha-icon>
            ${words.count("history.new", history.fresh)}
          </button>`
          : nothing
      }
    `;
  }

  #list(words: Words, works: Works): TemplateResult {
    const { history } = works;
    const { timeline } = history;
    const [from, to] = this.#window(history);
    const rows = timeline.rows.slice(from, to);
    return html`
      <div class="scroller" @scroll=${this.#scrolled}>
        <div
          class="feed"
          role="feed"
          aria-label=${words.text("history.shown")}
          aria-busy=${history.isLoading}
          style="height:${timeline.height}px"
          @keydown=${this.#keyed}
          @focusin=${this.#focused}
        >
          ${repeat(
            rows,
            (it) => it.id,
            (it, at) => this.#article(words, works, it, from + at),
          )}
        </div>
        ${history.atEnd ? html`<p class="end">${words.text("history.end")}</p>` : nothing}
      </div>
    `;
  }

  #article(words: Words, works: Works, it: Row, at: number): TemplateResult {
    const { history, player, deletion, house } = works;
    const capture = history.capture(it.id);
    const now = Date.now();
    const current = this.#current === null ? at === 0 : this.#current === it.id;
    const mine = player.id === it.id;
    // Only the first of a day says which it is, and to find that out takes longer than its row.
    const day = it.first ? words.day(it.started, now) : "";
    return html`
      <article
        data-id=${it.id}
        class=${capture && deletion.takes(capture) ? "going" : ""}
        aria-posinset=${at + 1}
        aria-setsize=${history.atEnd ? history.timeline.rows.length : -1}
        tabindex=${current ? 0 : -1}
        style="transform:translateY(${it.top}px)"
      >
        ${
          it.first
            ? html`<h3>
              <span>${day}</span>
              ${
                history.filter.text
                  ? nothing
                  : html`<button
                    class="icon-button"
                    tabindex=${current ? 0 : -1}
                    aria-label=${`${words.text("history.delete_day")}: ${day}`}
                    @click=${() => void this.#remove({ ...history.span(), ...words.span(it.day) })}
                  >
                    <ha-icon .icon=${"mdi:delete-outline"}></ha-icon>
                  </button>`
              }
            </h3>`
            : nothing
        }
        ${
          capture
            ? html`<div class="row">
              ${row(
                {
                  words,
                  now,
                  capture,
                  room: history.rooms.length > 1 ? roomName(history.rooms, it.roomId) : null,
                  play: player.stateOf(it.id),
                  played: mine && player.length ? player.position / player.length : 0,
                  open: this.#open === it.id,
                  selected: this.selected?.has(it.id) ?? false,
                  selecting: this.selected !== null,
                  current,
                  mayPlay: offered(mayNot(house.room(it.roomId), "play")),
                },
                {
                  toggle: (id) => this.#toggle(id),
                  play: (id) => void this.#play(id),
                  select: (id) => this.#select(id),
                },
              )}
            </div>`
            : html`<div class="skeleton"></div>`
        }
        ${this.#open === it.id && capture ? this.#opened(words, works, capture) : nothing}
      </article>
    `;
  }

  #opened(words: Words, works: Works, capture: Capture): TemplateResult {
    const module = this.#detail;
    if (!module) {
      return html``;
    }
    const { house, player } = works;
    const { api } = house;
    return html`
      <style>
        ${module.styles}
      </style>
      <div class="detail">
        ${module.detail(
          {
            words,
            now: Date.now(),
            capture,
            room: house.room(capture.room_id),
            player,
            listened: this.#listened?.id === capture.id ? this.#listened.lines : null,
          },
          {
            seek: (id, part) => void this.#seek(id, part),
            pin: (it) => void this.#ask((q) => q.pin(words, api, it)),
            unpin: (it) => void this.#do(() => api.unpin(it.id)),
            label: (it, label) => void this.#label(it, label),
            export: (it) => void this.#export({ ids: [it.id] }),
            remove: (it) => void this.#remove({ ids: [it.id] }),
          },
        )}
      </div>
    `;
  }

  #selection(words: Words, works: Works, selected: ReadonlySet<string>): TemplateResult {
    const ids = [...selected];
    const mayExport = works.history.rooms.some((room) => mayNot(room, "export") === null);
    return html`
      <div class="selection" role="toolbar" aria-label=${words.text("history.select")}>
        <span role="status">${words.count("history.selected", ids.length)}</span>
        ${
          mayExport
            ? html`<button
              class="icon-button"
              aria-label=${words.text("capture.export")}
              ?disabled=${ids.length === 0}
              @click=${() => void this.#export({ ids })}
            >
              <ha-icon .icon=${"mdi:download"}></ha-icon>
            </button>`
            : nothing
        }
        <button
          class="icon-button"
          aria-label=${words.text("capture.delete")}
          ?disabled=${ids.length === 0}
          @click=${() => void this.#remove({ ids })}
        >
          <ha-icon .icon=${"mdi:delete-outline"}></ha-icon>
        </button>
        <button
          class="button"
          @click=${() => {
            this.selected = null;
          }}
        >
          ${words.text("history.done")}
        </button>
      </div>
    `;
  }

  // What is done

  #stateActs(works: Works) {
    return {
      clear: () => this.#filter({ room: null, outcomes: [], text: "", until: null }, true),
      retry: () => works.history.retry(),
      code: () => void this.#giveCode(),
      unlock: () => void this.#unlock(),
    };
  }

  #filter(change: Partial<Filter>, now = false): void {
    const works = this.#works;
    if (!works) {
      return;
    }
    const apply = () => {
      this.#goto = 0;
      works.history.setFilter(change);
    };
    if (change.text !== undefined && !now) {
      this.#after("typing", TYPING_MS, apply);
    } else {
      apply();
    }
  }

  #toggle(id: string): void {
    const works = this.#works;
    if (!works) {
      return;
    }
    this.#open = this.#open === id ? null : id;
    this.#current = id;
    works.history.timeline.open(this.#open);
    this.#reveals = true;
    if (this.#open) {
      this.#askListened(id);
      void this.#loadDetail();
    }
    this.requestUpdate();
  }

  async #loadDetail(): Promise<void> {
    try {
      this.#detail ??= await import("./detail.js");
    } catch {
      this.#say({ code: "unreadable", values: {} });
    }
    this.requestUpdate();
    await this.updateComplete;
    this.#measure.disconnect();
    const opened = this.renderRoot.querySelector(".detail");
    if (opened) {
      this.#measure.observe(opened);
    }
  }

  #measured(): void {
    const opened = this.renderRoot.querySelector<HTMLElement>(".detail");
    const timeline = this.#works?.history.timeline;
    if (opened && timeline && this.#open) {
      timeline.open(this.#open, opened.offsetHeight);
      const row = timeline.row(this.#open);
      if (row && this.#reveals) {
        this.#reveals = false;
        this.#show(row);
      }
      this.requestUpdate();
    }
  }

  #askListened(id: string): void {
    const works = this.#works;
    if (!works) {
      return;
    }
    if (this.#listened?.id !== id) {
      this.#listened = { id, lines: null };
    }
    works.house.api.listened([id]).then(
      (lines) => {
        if (this.#listened?.id === id) {
          this.#listened = { id, lines };
          this.requestUpdate();
        }
      },
      // It stays as it is: unknown. What is amiss is told by what is next to it.
      () => undefined,
    );
  }

  async #play(id: string): Promise<void> {
    const player = this.#works?.player;
    await player?.toggle(id);
    const error = player?.error;
    if (!player || !error) {
      return;
    }
    const opened =
      (error.code === "second_factor" && (await this.#giveCode())) ||
      (error.code === "capture_sealed" && (await this.#unlock()));
    if (opened) {
      await player.play(id);
    } else {
      this.#say(error);
    }
  }

  /** Go to a part of a sound, from 0 to 1; one that is not there yet is played from there. */
  async #seek(id: string, part: number): Promise<void> {
    const player = this.#works?.player;
    if (player && (player.id !== id || !player.length)) {
      await this.#play(id);
    }
    if (player?.id === id) {
      player.seek(part * player.length);
    }
  }

  #select(id: string): void {
    const selected = new Set(this.selected);
    if (!selected.delete(id) && selected.size < MOST_IDS) {
      selected.add(id);
    }
    this.selected = selected;
  }

  async #label(capture: Capture, label: Label): Promise<void> {
    const { words } = this;
    const api = this.#works?.house.api;
    if (!words || !api) {
      return;
    }
    if (capture.label === label) {
      await this.#do(() => api.label(capture.id, null));
    } else if (label === "wrong_text") {
      await this.#ask((q) => q.rightText(words, api, capture));
    } else {
      await this.#do(() => api.label(capture.id, label));
    }
  }

  async #remove(what: Parameters<Deletion["ask"]>[0]): Promise<void> {
    const { words } = this;
    const deletion = this.#works?.deletion;
    if (!words || !deletion) {
      return;
    }
    void deletion.ask(what);
    if (await this.#ask((q) => q.deleting(words, deletion))) {
      this.selected = null;
    } else {
      deletion.cancel();
    }
  }

  async #export(what: Parameters<Deletion["ask"]>[0]): Promise<void> {
    const { words } = this;
    const api = this.#works?.house.api;
    if (words && api) {
      await this.#ask((q) =>
        q.exporting(words, async () => {
          save(await api.export(what));
          this.#tell(words.text("export.done"));
        }),
      );
    }
  }

  async #giveCode(): Promise<boolean> {
    const { words } = this;
    const works = this.#works;
    if (!words || !works) {
      return false;
    }
    return this.#ask((q) =>
      q.secondFactor(words, works.house.api, (seconds) => {
        this.#after("code", seconds * 1_000 + LATER_MS, () => void works.house.refresh());
        works.history.reload();
        void works.house.refresh();
      }),
    );
  }

  async #unlock(): Promise<boolean> {
    const { words } = this;
    const works = this.#works;
    if (!words || !works) {
      return false;
    }
    const { house, history } = works;
    try {
      const mine = (await house.api.seals()).filter((seal) => seal.mine);
      if (mine.length === 0) {
        this.#say({ code: "seal_unknown", values: {} });
        return false;
      }
      const names = (seal: { rooms: readonly string[] }) =>
        words.list(seal.rooms.map((id) => roomName(history.rooms, id)).filter(Boolean));
      return await this.#ask((q) =>
        q.passphrase(words, house.api, mine, names, (seconds) => {
          this.#unlocked = true;
          this.#after("unlocked", seconds * 1_000 + LATER_MS, () => this.#locked());
          history.reload();
        }),
      );
    } catch (reason) {
      this.#say(asError(reason));
      return false;
    }
  }

  async #lock(): Promise<void> {
    const api = this.#works?.house.api;
    if (api) {
      await this.#do(() => api.lock());
    }
    // After it: what is asked for anew must come sealed.
    this.#locked();
  }

  /** What was open is closed again: words that are on the screen go. */
  #locked(): void {
    const works = this.#works;
    if (this.#unlocked && works) {
      this.#unlocked = false;
      clearTimeout(works.timers.get("unlocked"));
      works.player.stop();
      works.history.reload();
    }
  }

  async #do(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (reason) {
      this.#say(asError(reason));
    }
  }

  async #ask(question: (questions: Questions) => Question): Promise<boolean> {
    const { words } = this;
    try {
      const questions = await import("./questions.js");
      const dialog = this.renderRoot.querySelector<DialogElement>("earshot-dialog");
      return words && dialog ? await dialog.ask(words, question(questions)) : false;
    } catch (reason) {
      this.#say(asError(reason));
      return false;
    }
  }

  #deletionChanged(): void {
    this.renderRoot.querySelector<DialogElement>("earshot-dialog")?.refresh?.();
    this.requestUpdate();
    this.#tick();
  }

  #say(error: Pick<EarshotError, "code" | "values">): void {
    if (this.words) {
      this.#tell(this.words.error(error));
    }
  }

  #tell(notice: string): void {
    this.#notice = notice;
    this.requestUpdate();
    this.#after("notice", NOTICE_MS, () => {
      this.#notice = null;
      this.requestUpdate();
    });
  }

  /** Draw again as time goes by, each second while seconds are counted. */
  #tick(): void {
    const counting = this.#works?.deletion.state.kind === "waiting";
    this.#after("tick", counting ? 1_000 : TICK_MS, () => {
      this.requestUpdate();
      this.#tick();
    });
  }

  #after(name: string, milliseconds: number, act: () => void): void {
    const timers = this.#works?.timers;
    if (timers) {
      clearTimeout(timers.get(name));
      timers.set(name, setTimeout(act, milliseconds));
    }
  }

  // Where somebody is

  #window(history: History): readonly [number, number] {
    return history.timeline.between(this.#top - AROUND_PX, this.#top + this.#seen + AROUND_PX);
  }

  readonly #scrolled = (): void => {
    this.#anchor = null;
    this.requestUpdate();
  };

  #toTop(): void {
    this.#goto = 0;
    this.requestUpdate();
  }

  readonly #focused = (event: FocusEvent): void => {
    const id = (event.target as HTMLElement).closest<HTMLElement>("article")?.dataset["id"];
    if (id && id !== this.#current) {
      this.#current = id;
      this.requestUpdate();
    }
  };

  readonly #keyed = (event: KeyboardEvent): void => {
    const works = this.#works;
    const rows = works?.history.timeline.rows;
    const on = event.target as HTMLElement;
    const id = on.closest<HTMLElement>("article")?.dataset["id"];
    if (!works || !rows || !id || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const at = rows.findIndex((row) => row.id === id);
    const screen = Math.max(1, Math.floor(this.#seen / 100));
    const steps: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + screen,
      PageUp: at - screen,
      Home: 0,
      End: rows.length - 1,
    };
    const to = steps[event.key];
    if (to !== undefined) {
      event.preventDefault();
      this.#go(works, Math.min(Math.max(to, 0), rows.length - 1));
    } else if (event.key === "Escape" && (this.#open || this.selected)) {
      event.preventDefault();
      event.stopPropagation();
      if (this.#open) {
        this.#toggle(this.#open);
      } else {
        this.selected = null;
      }
      this.#focus = id;
    } else if (on.tagName === "ARTICLE") {
      this.#act(event, id);
    }
  };

  /** Keys on a capture as a whole; on its buttons they are the buttons'. */
  #act(event: KeyboardEvent, id: string): void {
    const acts: Record<string, () => void> = {
      Enter: () => (this.selected ? this.#select(id) : this.#toggle(id)),
      " ": () => (this.selected ? this.#select(id) : void this.#play(id)),
      Delete: () => void this.#remove({ ids: [id] }),
    };
    const act = acts[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  }

  #go(works: Works, at: number): void {
    const { timeline } = works.history;
    const row = timeline.rows[at];
    if (!row) {
      return;
    }
    this.#current = this.#focus = row.id;
    this.#show(row);
  }

  /** Scroll no further than it takes to see a row, with what is opened below it. */
  #show(row: Row): void {
    const timeline = this.#works?.history.timeline;
    const bottom = row.top + (timeline?.heightOf(row) ?? 0);
    if (row.top < this.#top) {
      this.#goto = row.top;
    } else if (bottom > this.#top + this.#seen) {
      this.#goto = Math.min(row.top, bottom - this.#seen);
    }
    this.requestUpdate();
  }
}

define(element, HistoryElement);

/** Whether something is offered: a code can be asked for on the way. */
function offered(reason: string | null): boolean {
  return reason === null || reason === "second_factor";
}

function timer(callback: () => void, milliseconds: number): () => void {
  const started = setTimeout(callback, milliseconds);
  return () => clearTimeout(started);
}

/** Hand a file to the browser's downloads. */
function save(file: Blob): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = "earshot.zip";
  link.click();
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
