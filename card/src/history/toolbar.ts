/** Filters, and what can be done with all that they leave. */

import { html, nothing, type TemplateResult } from "lit";
import { OUTCOMES, type Outcome, type Room } from "../ha/model.js";
import type { Words } from "../i18n/words.js";
import type { Filter } from "./controller.js";
import { outcomeIcon, outcomeWord } from "./look.js";

export interface ToolbarView {
  readonly words: Words;
  readonly filter: Filter;
  readonly rooms: readonly Room[];
  readonly unlocked: boolean;
  readonly mayExport: boolean;
}

export interface ToolbarActs {
  filter(change: Partial<Filter>): void;
  removeShown(): void;
  exportShown(): void;
  lock(): void;
}

export function toolbar(view: ToolbarView, acts: ToolbarActs): TemplateResult {
  const { words, filter, rooms } = view;
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
            @input=${(event: Event) => acts.filter({ text: valueIn(event).trim() })}
          />
        </label>
        ${
          rooms.length > 1
            ? html`<label class="field">
              <span>${words.text("history.room")}</span>
              <select
                @change=${(event: Event) => acts.filter({ room: valueIn(event) || null })}
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
            @change=${(event: Event) => acts.filter({ until: words.endOfDay(valueIn(event)) })}
          />
        </label>
      </div>
      <div class="chips" role="group" aria-label=${words.text("history.filter")}>
        ${OUTCOMES.map(
          (outcome) =>
            html`<button
              class="button outlined chip"
              aria-pressed=${filter.outcomes.includes(outcome)}
              @click=${() => acts.filter({ outcomes: toggled(outcome) })}
            >
              <ha-icon .icon=${outcomeIcon(outcome)}></ha-icon>${outcomeWord(words, outcome)}
            </button>`,
        )}
      </div>
      <div class="chips">
        <button class="button outlined" @click=${acts.removeShown}>
          <ha-icon .icon=${"mdi:delete-outline"}></ha-icon>${words.text("history.delete_shown")}
        </button>
        ${
          view.mayExport
            ? html`<button class="button outlined" @click=${acts.exportShown}>
              <ha-icon .icon=${"mdi:download"}></ha-icon>${words.text("history.export_shown")}
            </button>`
            : nothing
        }
        ${
          view.unlocked
            ? html`<button class="button outlined" @click=${acts.lock}>
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
