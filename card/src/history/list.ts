/** The captures that are seen, each under its day, and the one that is opened. */

import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Capture } from "../ha/model.js";
import type { Words } from "../i18n/words.js";
import { mayNot } from "./controller.js";
import { idOf, keyed } from "./keys.js";
import { roomName } from "./look.js";
import { row } from "./row.js";
import type { Row } from "./timeline.js";
import type { Works } from "./works.js";

export function list(words: Words, works: Works, now: number): TemplateResult {
  const { history } = works;
  return html`
    <div class="scroller" @scroll=${works.scrolled}>
      <div
        class="feed"
        role="feed"
        aria-label=${words.text("history.shown")}
        aria-busy=${history.isLoading}
        style="height:${history.timeline.height}px"
        @keydown=${(event: KeyboardEvent) => keyed(works, event)}
        @focusin=${(event: FocusEvent) => works.focused(idOf(event.target))}
      >
        ${repeat(
          works.rows,
          ({ slot }) => slot,
          ({ row: it, at }) => article(words, works, it, at, now),
        )}
      </div>
      ${history.atEnd ? html`<p class="end">${words.text("history.end")}</p>` : nothing}
    </div>
  `;
}

function article(words: Words, works: Works, it: Row, at: number, now: number): TemplateResult {
  const { history, deletion, opened, viewport } = works;
  const capture = history.capture(it.id);
  const current = viewport.current === null ? at === 0 : viewport.current === it.id;
  return html`
    <article
      data-id=${it.id}
      class=${capture && deletion.takes(capture) ? "going" : ""}
      aria-posinset=${at + 1}
      aria-setsize=${history.atEnd ? history.timeline.rows.length : -1}
      tabindex=${current ? 0 : -1}
      style="transform:translateY(${it.top}px)"
    >
      ${it.first ? heading(words, works, it, current, now) : nothing}
      ${
        capture
          ? html`<div class="row">${body(words, works, capture, current, now)}</div>`
          : html`<div class="skeleton"></div>`
      }
      ${opened.id === it.id && capture ? detail(words, works, capture, now) : nothing}
    </article>
  `;
}

/** Only the first of a day says which it is: to find that out takes longer than its row. */
function heading(words: Words, works: Works, it: Row, current: boolean, now: number) {
  const { history, deeds } = works;
  const day = words.day(it.started, now);
  return html`<h3>
    <span>${day}</span>
    ${
      history.filter.text
        ? nothing
        : html`<button
          class="icon-button"
          tabindex=${current ? 0 : -1}
          aria-label=${`${words.text("history.delete_day")}: ${day}`}
          @click=${() => deeds.remove({ ...history.span(), ...words.span(it.day) })}
        >
          <ha-icon .icon=${"mdi:delete-outline"}></ha-icon>
        </button>`
    }
  </h3>`;
}

function body(words: Words, works: Works, capture: Capture, current: boolean, now: number) {
  const { house, history, player, deeds, opened, selected } = works;
  const { id, room_id } = capture;
  const forbidden = mayNot(house.room(room_id), "play");
  return row(
    {
      words,
      now,
      capture,
      room: history.rooms.length > 1 ? roomName(history.rooms, room_id) : null,
      play: player.stateOf(id),
      played: player.id === id && player.length ? player.position / player.length : 0,
      open: opened.id === id,
      selected: selected.has(id),
      selecting: selected.ids !== null,
      current,
      // A code can be asked for on the way.
      mayPlay: forbidden === null || forbidden === "second_factor",
    },
    {
      choose: () => works.choose(id),
      play: () => deeds.play(id),
      select: () => selected.flip(id),
    },
  );
}

function detail(words: Words, works: Works, capture: Capture, now: number): TemplateResult {
  const { house, player, deeds, opened } = works;
  const module = opened.detail;
  if (!module) {
    return html``;
  }
  const room = house.room(capture.room_id);
  return html`
    <style>
      ${module.styles}
    </style>
    <div class="detail">
      ${module.detail({ words, now, capture, room, player, listened: opened.listened }, deeds)}
    </div>
  `;
}
