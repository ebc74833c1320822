/** What a card shows when it has nothing else to show. */

import { html, nothing, type TemplateResult, unsafeCSS } from "lit";
import type { EarshotError } from "../ha/errors.js";
import type { Words } from "../i18n/words.js";
import css from "./message.css";

export const messageStyles = unsafeCSS(css);

const ICONS = {
  loading: null,
  offline: "mdi:lan-disconnect",
  failed: "mdi:alert-outline",
  no_rooms: "mdi:home-outline",
  choose: "mdi:home-search-outline",
  gone: "mdi:home-off-outline",
} as const;

export type Message = keyof typeof ICONS;

export function message(
  words: Words,
  what: Message,
  error: EarshotError | null,
  title?: string,
): TemplateResult {
  if (what === "loading") {
    return html`<div class="message" role="status">
      <span class="hidden">${words.text("loading.text")}</span>
      <span class="bone wide"></span><span class="bone"></span>
    </div>`;
  }
  const text = what === "failed" ? words.error(error ?? { code: "failed", values: {} }) : null;
  return html`<div class="message" role="status">
    <ha-icon .icon=${ICONS[what]}></ha-icon>
    ${title ? html`<p>${title}</p>` : nothing}
    <h3>${words.text(`${what}.title`)}</h3>
    <p>${text ?? (what === "failed" ? "" : words.text(`${what}.text`))}</p>
  </div>`;
}
