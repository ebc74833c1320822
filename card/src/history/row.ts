/** One capture in the list. */

import { html, nothing, type TemplateResult } from "lit";
import type { Capture } from "../ha/model.js";
import type { Words } from "../i18n/words.js";
import { waveform } from "../ui/waveform.js";
import { done, heard, outcomeIcon, outcomeWord, timeLeft } from "./look.js";
import type { PlayState } from "./player.js";

export const BARS = 40;

export interface RowView {
  readonly words: Words;
  readonly now: number;
  readonly capture: Capture;
  /** Null where the card is about one room. */
  readonly room: string | null;
  readonly play: PlayState;
  /** The part that was played, 0 to 1. */
  readonly played: number;
  readonly open: boolean;
  readonly selected: boolean;
  readonly selecting: boolean;
  /** Whether its buttons are in the tab order: those of one row are. */
  readonly current: boolean;
  readonly mayPlay: boolean;
}

export interface RowActs {
  choose(): void;
  play(): void;
  /** Returns whether it is chosen now. */
  select(): boolean;
}

export function row(view: RowView, acts: RowActs): TemplateResult {
  const { words, capture, now, current } = view;
  const what = heard(words, capture);
  const did = [outcomeWord(words, capture.outcome), done(capture)].filter(Boolean).join(" · ");
  const tab = current ? 0 : -1;
  const facts = [words.time(capture.started), view.room, timeLeft(words, capture, now)].filter(
    Boolean,
  );
  return html`
    ${
      view.selecting
        ? html`<input
          type="checkbox"
          tabindex=${tab}
          .checked=${view.selected}
          aria-label=${words.text("capture.select", { what })}
          @change=${(event: Event) => {
            (event.target as HTMLInputElement).checked = acts.select();
          }}
        />`
        : nothing
    }
    <button
      class="body"
      tabindex=${tab}
      aria-expanded=${view.open}
      @click=${acts.choose}
    >
      <span class="badge ${capture.outcome ?? ""}">
        <ha-icon .icon=${outcomeIcon(capture.outcome)}></ha-icon>
      </span>
      <span class="texts">
        <span class="heard ${capture.transcript ? "" : "none"}">${what}</span>
        <span class="did">${did}</span>
        <span class="facts">
          ${capture.pin ? html`<ha-icon .icon=${"mdi:pin"}></ha-icon>` : nothing}
          ${
            capture.label ? html`<ha-icon .icon=${"mdi:comment-alert-outline"}></ha-icon>` : nothing
          }
          ${facts.join(" · ")}
        </span>
      </span>
    </button>
    ${
      capture.peaks
        ? html`<span class="wave">${waveform(capture.peaks, BARS, view.played)}</span>`
        : nothing
    }
    ${
      capture.audio_bytes !== null && view.mayPlay
        ? html`<button
          class="icon-button play"
          tabindex=${tab}
          aria-label=${words.text(view.play === "playing" ? "capture.pause" : "capture.play", {
            what,
          })}
          @click=${acts.play}
        >
          <ha-icon .icon=${PLAY_ICONS[view.play]}></ha-icon>
        </button>`
        : nothing
    }
  `;
}

export const PLAY_ICONS: Readonly<Record<PlayState, string>> = {
  idle: "mdi:play",
  loading: "mdi:dots-horizontal",
  playing: "mdi:pause",
  paused: "mdi:play",
};
