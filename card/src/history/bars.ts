/** The buttons above the list, and those for what is chosen below it. */

import { html, nothing, type TemplateResult } from "lit";
import type { Words } from "../i18n/words.js";
import type { Works } from "./works.js";

export function headerButtons(
  words: Words,
  works: Works,
  filtering: boolean,
  toggleFilters: () => void,
): TemplateResult {
  const { history, selected } = works;
  return html`
    ${
      history.phase === "list"
        ? html`<button
          class="icon-button"
          aria-label=${words.text("history.select")}
          aria-pressed=${selected.ids !== null}
          @click=${() => (selected.ids ? selected.end() : selected.begin())}
        >
          <ha-icon .icon=${"mdi:checkbox-multiple-marked-outline"}></ha-icon>
        </button>`
        : nothing
    }
    <button
      class="icon-button"
      aria-label=${words.text("history.filter")}
      aria-expanded=${filtering}
      @click=${toggleFilters}
    >
      <ha-icon .icon=${"mdi:filter-variant"}></ha-icon>
    </button>
  `;
}

export function selectionBar(words: Words, works: Works, chosen: ReadonlySet<string>) {
  const { deeds, history, selected } = works;
  const ids = [...chosen];
  const act = (label: string, icon: string, click: () => void): TemplateResult =>
    html`<button
      class="icon-button"
      aria-label=${label}
      ?disabled=${ids.length === 0}
      @click=${click}
    >
      <ha-icon .icon=${icon}></ha-icon>
    </button>`;
  return html`
    <div class="selection" role="toolbar" aria-label=${words.text("history.select")}>
      <span role="status">${words.count("history.selected", ids.length)}</span>
      ${
        history.mayExport
          ? act(words.text("capture.export"), "mdi:download", () => void deeds.export({ ids }))
          : nothing
      }
      ${act(words.text("capture.delete"), "mdi:delete-outline", () => void deeds.remove({ ids }))}
      <button class="button" @click=${() => selected.end()}>${words.text("history.done")}</button>
    </div>
  `;
}
