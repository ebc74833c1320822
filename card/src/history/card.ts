/** The card that shows what was heard. */

import { html, nothing, type PropertyValues, type TemplateResult, unsafeCSS } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { HistoryConfig } from "../config.js";
import type { House } from "../ha/house.js";
import { baseStyles, define, EarshotElement } from "../ui/element.js";
import { History, mayNot, type Phase } from "./controller.js";
import styles from "./history.css";
import { roomName } from "./look.js";
import { Player } from "./player.js";
import { row } from "./row.js";
import type { Row } from "./timeline.js";

export const element = "earshot-history";

const AROUND_PX = 400; // drawn above and below what is seen
const AHEAD_PX = 2_000; // asked for before it is reached
const TICK_MS = 30_000; // "gone in 3 min" grows old

export class HistoryElement extends EarshotElement {
  static override styles = [baseStyles, unsafeCSS(styles)];

  static override properties = {
    ...EarshotElement.properties,
    config: { state: true },
  };
  declare private config: HistoryConfig | null;

  layout?: string;
  preview = false;

  #history: History | null = null;
  #player: Player | null = null;
  #tick: ReturnType<typeof setInterval> | null = null;
  #top = 0;
  #seen = 800;
  #current: string | null = null;
  #open: string | null = null;

  constructor() {
    super();
    this.config = null;
  }

  setConfig(config: HistoryConfig): void {
    this.config = config;
    if (this.#history) {
      this.#history.device = config.device ?? null;
    }
  }

  private get scroller(): HTMLElement | null {
    return this.renderRoot.querySelector(".scroller");
  }

  protected override enter(house: House): void {
    const changed = () => this.requestUpdate();
    this.#history = new History(
      house,
      (started) => this.words?.dayKey(started) ?? "",
      changed,
      this.config?.device,
    );
    this.#player = new Player(
      {
        fetch: (id, signal) => house.api.sound(id, signal),
        audio: () => new Audio(),
        address: (sound) => URL.createObjectURL(sound),
        revoke: (address) => URL.revokeObjectURL(address),
      },
      changed,
    );
    this.#tick = setInterval(changed, TICK_MS);
    if (this.words) {
      this.#history.start();
    }
  }

  protected override leave(): void {
    this.#history?.stop();
    this.#player?.stop();
    if (this.#tick !== null) {
      clearInterval(this.#tick);
    }
    this.#history = this.#player = this.#tick = null;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("words" as keyof HistoryElement)) {
      // The day a capture belongs to is a matter of the locale.
      this.#history?.start();
    }
  }

  protected override render(): TemplateResult {
    const history = this.#history;
    const { words, config } = this;
    if (!history || !words) {
      return html`<ha-card></ha-card>`;
    }
    return html`
      <ha-card class=${this.layout === "grid" ? "" : "card-without-height"}>
        <header>
          <h2>${config?.title ?? this.#title(history)}</h2>
        </header>
        ${history.phase === "list" ? this.#list(history) : this.#state(history.phase)}
      </ha-card>
    `;
  }

  protected override updated(): void {
    const history = this.#history;
    const { scroller } = this;
    if (!history || !scroller) {
      return;
    }
    this.#seen = scroller.clientHeight;
    const [from, to] = this.#window(history);
    void history.mend(from, to);
    if (history.timeline.height - this.#top - this.#seen < AHEAD_PX) {
      void history.more();
    }
  }

  #title(history: History): string {
    const [room] = history.rooms;
    return this.config?.device && room ? room.name : (this.words?.text("history.title") ?? "");
  }

  #window(history: History): readonly [number, number] {
    return history.timeline.between(this.#top - AROUND_PX, this.#top + this.#seen + AROUND_PX);
  }

  #list(history: History): TemplateResult {
    const { timeline } = history;
    const [from, to] = this.#window(history);
    const rows = timeline.rows.slice(from, to);
    return html`
      <div class="scroller" @scroll=${this.#scrolled}>
        <div
          class="feed"
          role="feed"
          aria-label=${this.words?.text("history.shown") ?? nothing}
          aria-busy=${history.isLoading}
          style="height:${timeline.height}px"
        >
          ${repeat(
            rows,
            (it) => it.id,
            (it, at) => this.#article(history, it, from + at),
          )}
        </div>
      </div>
    `;
  }

  #article(history: History, it: Row, at: number): TemplateResult {
    const { words } = this;
    const capture = history.capture(it.id);
    const now = Date.now();
    const player = this.#player;
    const room = this.house?.room(it.roomId);
    if (!words) {
      return html``;
    }
    return html`
      <article
        aria-posinset=${at + 1}
        aria-setsize=${history.atEnd ? history.timeline.rows.length : -1}
        tabindex=${this.#isCurrent(it, at) ? 0 : -1}
        style="transform:translateY(${it.top}px)"
      >
        ${it.first ? html`<h3>${words.day(it.started, now)}</h3>` : nothing}
        ${
          capture
            ? html`<div class="row">
              ${row(
                {
                  words,
                  now,
                  capture,
                  room: history.rooms.length > 1 ? roomName(history.rooms, it.roomId) : null,
                  play: player?.stateOf(it.id) ?? "idle",
                  played:
                    player?.id === it.id && player.length ? player.position / player.length : 0,
                  open: this.#open === it.id,
                  going: false,
                  selected: false,
                  selecting: false,
                  current: this.#isCurrent(it, at),
                  mayPlay: mayNot(room, "play") === null,
                },
                {
                  toggle: () => undefined,
                  play: (id) => void player?.toggle(id),
                  select: () => undefined,
                },
              )}
            </div>`
            : html`<div class="skeleton"></div>`
        }
      </article>
    `;
  }

  #isCurrent(it: Row, at: number): boolean {
    return this.#current === null ? at === 0 : this.#current === it.id;
  }

  #state(phase: Exclude<Phase, "list">): TemplateResult {
    const { words } = this;
    if (!words || phase === "locked") {
      return html``;
    }
    if (phase === "loading") {
      return html`<div class="state" role="status">
        <span class="hidden">${words.text("loading.text")}</span>
        <div class="skeleton"></div>
      </div>`;
    }
    return html`<div class="state">
      <ha-icon .icon=${STATE_ICONS[phase]}></ha-icon>
      <h3>${words.text(`${phase}.title`)}</h3>
      ${phase === "failed" ? nothing : html`<p>${words.text(`${phase}.text`)}</p>`}
    </div>`;
  }

  readonly #scrolled = (): void => {
    this.#top = this.scroller?.scrollTop ?? 0;
    this.requestUpdate();
  };
}

define(element, HistoryElement);

const STATE_ICONS: Readonly<Record<string, string>> = {
  empty: "mdi:ear-hearing-off",
  nothing_found: "mdi:magnify",
  denied: "mdi:lock-outline",
  no_rooms: "mdi:home-outline",
  offline: "mdi:lan-disconnect",
  failed: "mdi:alert-outline",
};
