/** What opens below a capture: its sound with a position, all that is known of it, what can be
 * done with it. Loaded when the first is opened. */

import { html, nothing, type TemplateResult } from "lit";
import type { Capture, Listen, Listened, Room } from "../ha/model.js";
import type { Words } from "../i18n/words.js";
import { waveform } from "../ui/waveform.js";
import { mayNot } from "./controller.js";
import type { Deeds } from "./deeds.js";
import detailStyles from "./detail.css";
import { done, goneIn, heard, outcomeWord } from "./look.js";
import type { Player } from "./player.js";

export const styles = detailStyles;

const BARS = 100;
const ASKED_FOR = ["second_factor"]; // what is asked for on the way is no reason not to offer it

export interface DetailView {
  readonly words: Words;
  readonly now: number;
  readonly capture: Capture;
  readonly room: Room | undefined;
  readonly player: Player;
  /** Null while it is asked for. */
  readonly listened: Listened | null;
}

export type DetailActs = Pick<Deeds, "seek" | "pin" | "unpin" | "label" | "export" | "remove">;

export function detail(view: DetailView, acts: DetailActs): TemplateResult {
  const { words, capture, room } = view;
  return html`
    ${sound(view, acts)}
    <dl>
      ${facts(view).map(([name, what]) => html`<dt>${name}</dt><dd>${what}</dd>`)}
    </dl>
    <div class="acts" role="group" aria-label=${heard(words, capture)}>
      ${
        may(room, "label")
          ? html`
            ${act(words.text("capture.not_for_you"), "mdi:account-voice-off", () => acts.label(capture, "not_for_you"), capture.label === "not_for_you")}
            ${act(words.text("capture.wrong_text"), "mdi:comment-edit-outline", () => acts.label(capture, "wrong_text"), capture.label === "wrong_text")}
          `
          : nothing
      }
      ${
        capture.pin
          ? may(room, "unpin") &&
            act(words.text("capture.unpin"), "mdi:pin-off", () => acts.unpin(capture))
          : may(room, "pin") && act(words.text("capture.pin"), "mdi:pin", () => acts.pin(capture))
      }
      ${may(room, "export") ? act(words.text("capture.export"), "mdi:download", () => acts.export({ ids: [capture.id] })) : nothing}
      ${may(room, "delete") ? act(words.text("capture.delete"), "mdi:delete-outline", () => acts.remove({ ids: [capture.id] })) : nothing}
    </div>
  `;
}

function act(label: string, icon: string, click: () => void, pressed?: boolean): TemplateResult {
  return html`<button
    class="button outlined ${pressed ? "filled" : ""}"
    aria-pressed=${pressed ?? nothing}
    @click=${click}
  >
    <ha-icon .icon=${icon}></ha-icon>${label}
  </button>`;
}

function sound({ words, capture, room, player }: DetailView, acts: DetailActs) {
  if (capture.audio_bytes === null || !may(room, "play")) {
    return nothing;
  }
  const mine = player.id === capture.id;
  const length = mine ? player.length : 0;
  const position = mine ? player.position : 0;
  const part = length ? position / length : 0;
  const shown = words.text("capture.position_text", {
    at: words.clock(position),
    length: words.clock(length),
  });
  return html`
    <div class="seek">
      <span class="track">
        ${waveform(capture.peaks ?? new Uint8Array(BARS), BARS, part)}
        <input
          type="range"
          min="0"
          max="1000"
          step="1"
          .value=${String(Math.round(part * 1_000))}
          aria-label=${words.text("capture.position")}
          aria-valuetext=${shown}
          @input=${(event: Event) =>
            acts.seek(capture.id, Number((event.target as HTMLInputElement).value) / 1_000)}
          @keydown=${(event: KeyboardEvent) => event.stopPropagation()}
        />
      </span>
      <time>${length ? `${words.clock(position)} / ${words.clock(length)}` : ""}</time>
    </div>
  `;
}

type Fact = readonly [string, string | TemplateResult];

function facts(view: DetailView): Fact[] {
  const { words, capture, now } = view;
  const { record } = capture;
  const found: Fact[] = [];
  const add = (name: string, what: string | TemplateResult | null | undefined): void => {
    if (what) {
      found.push([name, what]);
    }
  };
  add(
    words.text("history.time"),
    `${words.dayTime(capture.started, now)} · ${outcomeWord(words, capture.outcome)}`,
  );
  add(words.text("capture.done"), done(capture));
  if (capture.label === "wrong_text") {
    add(words.text("label.right"), capture.right_text);
  }
  if (record?.wakeWord) {
    const word = record.wakeWord.replaceAll("_", " ");
    add(
      words.text("capture.wake_word"),
      record.score === null
        ? word
        : words.text("capture.wake_score", { word, score: words.number(record.score, 2) }),
    );
  }
  const kept = (end: number | null, rule: string | null | undefined): string => {
    const why = rule ? ` · ${words.one("rule", rule, "rule.unknown")}` : "";
    return goneIn(words, end, now) + why;
  };
  add(
    words.text("capture.audio"),
    capture.audio_bytes === null
      ? words.text("capture.no_audio")
      : `${kept(capture.audio_expires, record?.audioRule)} · ${words.bytes(capture.audio_bytes)}`,
  );
  if (record) {
    add(words.text("capture.words"), kept(capture.words_expires, record.wordsRule));
  }
  add(words.text("capture.pinned"), pinned(view));
  add(words.text("capture.listened"), listened(view));
  const reason = mayNot(view.room, "play");
  if (reason && capture.audio_bytes !== null && !ASKED_FOR.includes(reason)) {
    add(words.text("capture.playing"), words.error({ code: reason, values: {} }));
  }
  return found;
}

function pinned({ words, capture, now }: DetailView): string | null {
  if (!capture.pin) {
    return null;
  }
  const { reason, by_name, until } = capture.pin;
  const name = by_name ?? words.text("capture.someone");
  const day = words.dayTime(until, now);
  return reason
    ? words.text("capture.pinned_by", { reason, name, day })
    : words.text("capture.pin_reason_hidden", { name, day });
}

function listened(view: DetailView): TemplateResult | string | null {
  const { words, capture, now } = view;
  if (mayNot(view.room, "audit") !== null) {
    return null;
  }
  if (!view.listened) {
    return "…";
  }
  const lines = view.listened.captures[capture.id] ?? [];
  if (lines.length === 0) {
    return words.text(
      view.listened.complete ? "capture.nobody_listened" : "capture.listened_partly",
    );
  }
  return html`${together(lines).map(
    ({ line, times }) =>
      html`<div>
        ${words.one("capture.verb", line.verb, "capture.verb.played", {
          name: line.user ?? words.text("capture.someone"),
          time: words.dayTime(line.when, now),
        })}
        ${times > 1 ? `(${words.number(times)}×)` : nothing}
      </div>`,
  )}`;
}

/** Who did the same several times is told once, with the last time: lines come newest first. */
function together(lines: readonly Listen[]): { line: Listen; times: number }[] {
  const found = new Map<string, { line: Listen; times: number }>();
  for (const line of lines) {
    const key = `${line.verb} ${line.user_id}`;
    const known = found.get(key);
    if (known) {
      known.times += 1;
    } else {
      found.set(key, { line, times: 1 });
    }
  }
  return [...found.values()];
}

function may(room: Room | undefined, act: string): boolean {
  const reason = mayNot(room, act);
  return reason === null || ASKED_FOR.includes(reason);
}
