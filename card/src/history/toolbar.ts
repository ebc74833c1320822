/** Filters, and what can be done with all that they leave. */

import { html, nothing, type TemplateResult } from "lit";
import { OUTCOMES, type Outcome } from "../ha/model.js";
import type { Words } from "../i18n/words.js";
import { outcomeIcon, outcomeWord } from "./look.js";
import type { Works } from "./works.js";

export function toolbar(words: Words, works: Works): TemplateResult {
  const { access, deeds, history } = works;
  const { filter, rooms } = history;
  const toggled = (outcome: Outcome): Outcome[] =>
    filter.outcomes.includes(outcome)
      ? filter.outcomes.filter((it) => it !== outcome)
      : [...filter.outcomes, outcome];
  return html`
    <div class="toolbar" id="toolbar" role="search">
      <div class="fields">
        <label class="field wide">
          <span>${words.text("history.search")}</span>
          <input
            type="search"
            maxlength="200"
            autocomplete="off"
            .value=${filter.text}
            @input=${(event: Event) => works.filter({ text: valueIn(event).trim() })}
          />
        </label>
        ${
          rooms.length > 1
            ? html`<label class="field">
              <span>${words.text("history.room")}</span>
              <select
                @change=${(event: Event) => works.filter({ room: valueIn(event) || null })}
              >
                <option value="" ?selected=${filter.room === null}>
                  ${words.text("history.all_rooms")}
                </option>
                ${rooms.map(
                  (room) =>
                    html`<option value=${room.room_id} ?selected=${filter.room === room.room_id}>
                      ${room.name}
                    </option>`,
                )}
              </select>
            </label>`
            : nothing
        }
        <label class="field">
          <span>${words.text("history.until")}</span>
          <input
            type="date"
            .value=${filter.until === null ? "" : words.dayKey(filter.until - 1)}
            @change=${(event: Event) => works.filter({ until: words.endOfDay(valueIn(event)) })}
          />
        </label>
      </div>
      <div class="chips" role="group" aria-label=${words.text("history.filter")}>
        ${OUTCOMES.map(
          (outcome) =>
            html`<button
              class="button outlined chip"
              aria-pressed=${filter.outcomes.includes(outcome)}
              @click=${() => works.filter({ outcomes: toggled(outcome) })}
            >
              <ha-icon .icon=${outcomeIcon(outcome)}></ha-icon>${outcomeWord(words, outcome)}
            </button>`,
        )}
      </div>
      <div class="chips">
        <button class="button outlined" @click=${deeds.removeShown}>
          <ha-icon .icon=${"mdi:delete-outline"}></ha-icon>${words.text("history.delete_shown")}
        </button>
        ${
          history.mayExport
            ? html`<button class="button outlined" @click=${deeds.exportShown}>
              <ha-icon .icon=${"mdi:download"}></ha-icon>${words.text("history.export_shown")}
            </button>`
            : nothing
        }
        ${
          access.unlocked
            ? html`<button class="button outlined" @click=${access.lock}>
              <ha-icon .icon=${"mdi:lock"}></ha-icon>${words.text("history.lock")}
            </button>`
            : nothing
        }
      </div>
    </div>
  `;
}

function valueIn(event: Event): string {
  return (event.target as HTMLInputElement | HTMLSelectElement).value;
}
