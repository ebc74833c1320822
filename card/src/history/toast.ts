/** What happens to a deletion, and what else is said for a moment. */

import { html, nothing, type TemplateResult } from "lit";
import type { Words } from "../i18n/words.js";
import type { DeletionState } from "./deletion.js";

export function toast(
  words: Words,
  state: DeletionState,
  notice: string | null,
  now: number,
  undo: () => void,
): TemplateResult {
  const said = told(words, state, now) ?? notice;
  return html`
    <div class="toast ${said ? "" : "gone"}">
      <span role="status">${said ? (plainly(words, state) ?? said) : nothing}</span>
      <span aria-hidden="true" class="counting">${said && state.kind === "waiting" ? said : nothing}</span>
      ${
        state.kind === "waiting"
          ? html`<button class="button" @click=${undo}>${words.text("delete.take_back")}</button>`
          : nothing
      }
    </div>
  `;
}

/** The text without what changes every second: a screen reader says it once. */
function plainly(words: Words, state: DeletionState): TemplateResult | null {
  return state.kind === "waiting"
    ? html`<span class="hidden">${words.count("delete.count", state.captures)}</span>`
    : null;
}

function told(words: Words, state: DeletionState, now: number): string | null {
  switch (state.kind) {
    case "waiting": {
      const seconds = Math.max(0, Math.ceil((state.due - now) / 1_000));
      return words.count("delete.waiting", state.captures, { seconds });
    }
    case "working":
      return words.text("delete.working");
    case "done":
      return words.count("delete.done", state.captures);
    case "taken_back":
      return words.text("delete.taken_back");
    case "failed":
      return words.text("delete.failed", { reason: words.error(state.error) });
    default:
      return null;
  }
}
