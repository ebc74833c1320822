/** The card that shows what was heard. */

import { html, nothing, type PropertyValues, type TemplateResult, unsafeCSS } from "lit";
import type { HistoryConfig } from "../config.js";
import type { House } from "../ha/house.js";
import type { Words } from "../i18n/words.js";
import type { DialogElement } from "../ui/dialog.js";
import { baseStyles, define, EarshotElement } from "../ui/element.js";
import { headerButtons, selectionBar } from "./bars.js";
import { EVERYTHING } from "./controller.js";
import styles from "./history.css";
import { list } from "./list.js";
import { notes } from "./notes.js";
import { type StateActs, state } from "./states.js";
import { toast } from "./toast.js";
import { toolbar } from "./toolbar.js";
import { Works } from "./works.js";

export const element = "earshot-history";

const DOWNLOAD_MS = 60_000; // by then the browser has taken a file

export class HistoryElement extends EarshotElement {
  static override styles = [baseStyles, unsafeCSS(styles)];

  static override properties = {
    ...EarshotElement.properties,
    config: { state: true },
    filtering: { state: true },
  };
  declare private config: HistoryConfig | null;
  /** Whether the filters are shown. */
  declare private filtering: boolean;

  layout?: string;
  preview = false;

  #works: Works | null = null;
  #measured: HTMLElement | null = null;
  readonly #measure = new ResizeObserver(() => {
    if (this.#measured) {
      this.#works?.measured(this.#measured.offsetHeight);
    }
  });

  constructor() {
    super();
    this.config = null;
    this.filtering = false;
  }

  setConfig(config: HistoryConfig): void {
    this.config = config;
    if (this.#works) {
      this.#works.history.device = config.device ?? null;
    }
  }

  protected override enter(house: House): void {
    const host = {
      sounds: {
        audio: () => new Audio(),
        address: (sound: Blob) => URL.createObjectURL(sound),
        revoke: (address: string) => URL.revokeObjectURL(address),
      },
      words: () => this.words,
      dialog: () => this.renderRoot.querySelector<DialogElement>("earshot-dialog"),
      save,
      changed: () => this.requestUpdate(),
    };
    this.#works = new Works(house, host, this.config?.device);
    if (this.words) {
      this.#works.history.start();
    }
  }

  protected override leave(): void {
    this.#works?.stop();
    this.#works = null;
  }

  protected override willUpdate(changed: PropertyValues): void {
    const works = this.#works;
    if (works && changed.has("words")) {
      // The day a capture belongs to is a matter of the locale.
      works.history.start();
    }
    works?.willDraw(this.#scroller?.scrollTop ?? 0);
  }

  protected override render(): TemplateResult {
    const { words, config } = this;
    const works = this.#works;
    if (!works || !words) {
      return html`<ha-card></ha-card>`;
    }
    const { history, deletion, selected, notice } = works;
    const acts = stateActs(works);
    const now = Date.now();
    return html`
      <ha-card class=${this.layout === "grid" ? "" : "card-without-height"}>
        <header>
          <h2>${config?.title || this.#title(words, works)}</h2>
          ${
            history.rooms.length > 0
              ? headerButtons(words, works, this.filtering, this.#toggleFilters)
              : nothing
          }
        </header>
        ${this.filtering ? toolbar(words, works) : nothing}
        ${notes(words, works, acts)}
        ${history.phase === "list" ? list(words, works, now) : state(words, history, acts)}
        ${selected.ids ? selectionBar(words, works, selected.ids) : nothing}
        ${toast(words, deletion.state, notice.text, now, () => void deletion.undo())}
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
    works.drawn(scroller);
    const { viewport, opened } = works;
    if (viewport.focus) {
      const found = this.renderRoot.querySelector<HTMLElement>(`[data-id="${viewport.focus}"]`);
      if (found) {
        viewport.focus = null;
        found.focus({ preventScroll: true });
      }
    }
    const detail = opened.id ? this.renderRoot.querySelector<HTMLElement>(".detail") : null;
    if (detail !== this.#measured) {
      this.#measured = detail;
      this.#measure.disconnect();
      if (detail) {
        this.#measure.observe(detail);
      }
    }
  }

  get #scroller(): HTMLElement | null {
    return this.renderRoot.querySelector(".scroller");
  }

  #title(words: Words, { history }: Works): string {
    const [room] = history.rooms;
    return this.config?.device && room ? room.name : words.text("history.title");
  }

  readonly #toggleFilters = (): void => {
    this.filtering = !this.filtering;
  };
}

define(element, HistoryElement);

function stateActs({ history, access, filter }: Works): StateActs {
  return {
    clear: () => filter(EVERYTHING),
    retry: () => history.retry(),
    code: access.giveCode,
    unlock: access.unlock,
  };
}

/** Hand a file to the browser's downloads. */
function save(file: Blob): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = "earshot.zip";
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), DOWNLOAD_MS);
}
