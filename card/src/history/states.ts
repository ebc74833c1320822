/** What the card shows in place of a list, and what is said above one. */

import { html, nothing, type TemplateResult } from "lit";
import type { Words } from "../i18n/words.js";
import type { History, Phase } from "./controller.js";

export interface StateActs {
  clear(): void;
  retry(): void;
  code(): void;
  unlock(): void;
}

const ICONS: Readonly<Record<Exclude<Phase, "list" | "loading" | "locked">, string>> = {
  empty: "mdi:ear-hearing",
  nothing_found: "mdi:magnify",
  denied: "mdi:lock-outline",
  no_rooms: "mdi:home-outline",
  no_room: "mdi:home-outline",
  offline: "mdi:lan-disconnect",
  failed: "mdi:alert-outline",
};

export function state(words: Words, history: History, acts: StateActs): TemplateResult {
  const { phase } = history;
  switch (phase) {
    case "list":
      return html``;
    case "loading":
      return html`<div class="loading" role="status">
        <span class="hidden">${words.text("loading.text")}</span>
        ${[1, 2, 3].map(() => html`<div class="skeleton"></div>`)}
      </div>`;
    case "locked":
      return screen(
        "mdi:lock-outline",
        words.text(
          history.refusals.some((it) => it.reason === "second_factor")
            ? "locked.second_factor.title"
            : "locked.title",
        ),
        html`<div class="reasons">${locked(words, history, acts)}</div>`,
      );
    case "failed":
      return screen(
        ICONS.failed,
        words.text("failed.title"),
        html`<p>${history.reason ? words.error(history.reason) : nothing}</p>
          ${button(words.text("failed.retry"), acts.retry)}`,
      );
    case "nothing_found":
      return screen(
        ICONS.nothing_found,
        words.text("nothing_found.title"),
        html`<p>${words.text("nothing_found.text")}</p>
          ${button(words.text("nothing_found.clear"), acts.clear)}`,
      );
    case "empty":
      return screen(
        ICONS.empty,
        words.text("empty.title"),
        html`<p>${words.text(history.keepsNothing ? "empty.never" : "empty.text")}</p>`,
      );
    default:
      return screen(
        ICONS[phase],
        words.text(`${phase}.title`),
        html`<p>${words.text(`${phase}.text`)}</p>`,
      );
  }
}

/** Rooms of one's own that cannot be looked into yet, with what opens them. */
export function locked(words: Words, history: History, acts: StateActs): TemplateResult {
  return html`
    ${history.refusals.map(({ reason, rooms }) =>
      reason === "second_factor"
        ? note(
            "mdi:lock-outline",
            words.text("locked.second_factor.text", { rooms: words.list(rooms) }),
            button(words.text("locked.second_factor.do"), acts.code),
          )
        : note(
            "mdi:lock-outline",
            words.text("refused.text", {
              rooms: words.list(rooms),
              reason: words.error({ code: reason, values: {} }),
            }),
          ),
    )}
    ${
      history.sealedRooms.length > 0
        ? note(
            "mdi:lock-outline",
            words.text("locked.seal.text", { rooms: words.list(history.sealedRooms) }),
            button(words.text("locked.seal.do"), acts.unlock),
          )
        : nothing
    }
  `;
}

function note(icon: string, text: string, action?: TemplateResult): TemplateResult {
  return html`<div class="note">
    <ha-icon .icon=${icon}></ha-icon><span>${text}</span>${action ?? nothing}
  </div>`;
}

function screen(icon: string, title: string, rest: TemplateResult): TemplateResult {
  return html`<div class="state" role="status">
    <ha-icon .icon=${icon}></ha-icon>
    <h3>${title}</h3>
    ${rest}
  </div>`;
}

function button(label: string, click: () => void): TemplateResult {
  return html`<button class="button filled" @click=${click}>${label}</button>`;
}
