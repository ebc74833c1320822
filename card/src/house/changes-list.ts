/** The rules that were loosened of late, as a list. */

import { html, nothing, type TemplateResult } from "lit";
import type { Words } from "../i18n/words.js";
import type { ChangeLook } from "./changes.js";

export function changesList(
  words: Words,
  changes: readonly (ChangeLook & { readonly where?: string })[],
): TemplateResult | typeof nothing {
  if (changes.length === 0) {
    return nothing;
  }
  return html`
    <section class="changes">
      <h3><ha-icon .icon=${"mdi:shield-alert-outline"}></ha-icon>${words.text("change.title")}</h3>
      <ul>
        ${changes.map(
          (it) => html`<li>
            <ha-icon .icon=${it.waits ? "mdi:timer-sand" : "mdi:lock-open-outline"}></ha-icon>
            <span>
              ${it.where ? html`<b>${it.where}</b>: ` : nothing}${it.what}
              <small>${it.when}</small>
            </span>
          </li>`,
        )}
      </ul>
    </section>
  `;
}
