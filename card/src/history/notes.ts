/** What is amiss while there is something to show all the same, and what there is above it. */

import { html, nothing, type TemplateResult } from "lit";
import type { Words } from "../i18n/words.js";
import { locked, type StateActs } from "./states.js";
import type { Works } from "./works.js";

export function notes(words: Words, works: Works, acts: StateActs): TemplateResult {
  const { history, house, arrivals } = works;
  const { state } = house.view;
  const lists = history.phase === "list";
  const offline = state === "offline" || state === "failed";
  const stale = lists && offline;
  // Its place is there all the time: without a connection its icon could not be fetched.
  return html`
    <div class="note" role="status" ?hidden=${!stale}>
      <ha-icon .icon=${"mdi:lan-disconnect"}></ha-icon>
      <span>${stale ? words.text("offline.stale") : nothing}</span>
    </div>
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
      arrivals.unseen > 0
        ? html`<button class="button filled fresh" @click=${works.toTop}>
          <ha-icon .icon=${"mdi:arrow-up"}></ha-icon>
          ${words.count("history.new", arrivals.unseen)}
        </button>`
        : nothing
    }
    <span class="hidden" role="status"
      >${arrivals.told > 0 ? words.count("history.new", arrivals.told) : nothing}</span
    >
  `;
}
