/** The card of the whole house: microphones, what is kept, who listened, and the proofs. */

import { html, nothing, type TemplateResult, unsafeCSS } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { PrivacyConfig } from "../config.js";
import { houseEntities, roomEntities } from "../ha/entities.js";
import type { House } from "../ha/house.js";
import type { Overview, Room } from "../ha/model.js";
import { Acts, needed } from "../house/acts.js";
import { changesList } from "../house/changes-list.js";
import { localityLook } from "../house/locality.js";
import { microphoneLook, muteNote } from "../house/microphone.js";
import { retentionWords } from "../house/retention.js";
import { houseStyles } from "../house/styles.js";
import type { Words } from "../i18n/words.js";
import { Timers } from "../timers.js";
import { baseStyles, define, EarshotElement } from "../ui/element.js";
import { message, messageStyles } from "../ui/message.js";
import { Privacy } from "./controller.js";
import styles from "./privacy.css";
import {
  type CheckLook,
  changesEverywhere,
  checkButton,
  checkLook,
  keptLines,
  listenersLine,
  listenLine,
} from "./view.js";

export const element = "earshot-privacy";

const GUEST_HOURS = [4, 12, 24, 72] as const;
const HOUR_MS = 3_600_000;
const TICK_MS = 30_000;
const SOON_MS = 50;
const SECOND_MS = 1_000;

export class PrivacyElement extends EarshotElement {
  static override styles = [baseStyles, messageStyles, houseStyles, unsafeCSS(styles)];

  layout?: string;
  preview = false;

  #config: PrivacyConfig | null = null;
  #privacy: Privacy | null = null;
  #acts = new Acts(() => this.requestUpdate());
  #asksGuests = false;
  readonly #timers = new Timers();
  #end: (() => void) | null = null;

  setConfig(config: PrivacyConfig): void {
    this.#config = config;
    this.requestUpdate();
  }

  protected override enter(house: House): void {
    const changed = () => this.requestUpdate();
    this.#privacy = new Privacy(house, changed);
    this.#privacy.start();
    document.addEventListener("visibilitychange", changed);
    this.#end = () => document.removeEventListener("visibilitychange", changed);
  }

  protected override leave(): void {
    this.#privacy?.stop();
    this.#privacy = null;
    this.#end?.();
    this.#timers.stop();
  }

  protected override render(): TemplateResult {
    const { words, house } = this;
    const privacy = this.#privacy;
    if (!words || !house || !privacy) {
      return html`<ha-card></ha-card>`;
    }
    const { overview, state, error } = house.view;
    const title = this.#config?.title ?? words.text("privacy.title");
    if (!overview || overview.rooms.length === 0) {
      const what = overview ? "no_rooms" : state === "ready" ? "loading" : state;
      return html`<ha-card>${message(words, what, error)}</ha-card>`;
    }
    const now = Date.now();
    this.#wait(house, privacy);
    return html`
      <ha-card>
        <div class="all">
          ${this.#head(words, title, overview, state === "ready")}
          ${this.#rooms(words, house, overview, now, state === "ready")}
          ${changesList(words, changesEverywhere(words, overview, now))}
          <div class="halves">
            <section>
              <h3>${words.text("privacy.kept")}</h3>
              <dl>
                ${keptLines(words, overview, now).map(
                  (it) => html`<div>
                    <dt><ha-icon .icon=${it.icon}></ha-icon>${it.label}</dt>
                    <dd>${it.value}</dd>
                  </div>`,
                )}
              </dl>
            </section>
            ${this.#listens(words, privacy, overview, now)}
          </div>
          <div class="halves">${this.#check(words, privacy, now)} ${airGap(words)}</div>
        </div>
      </ha-card>
    `;
  }

  #head(words: Words, title: string, overview: Overview, isReady: boolean): TemplateResult {
    const { guest_until: until } = overview.house;
    const error = this.#acts.error ?? this.house?.view.error;
    const allMuted = overview.rooms.every((room) => room.muted);
    return html`
      <div class="head">
        <h2>${title}</h2>
        <button
          class="button outlined"
          aria-disabled=${!isReady || allMuted || this.#acts.isBusy("all")}
          @click=${this.#muteAll}
        >
          <ha-icon .icon=${"mdi:microphone-off"}></ha-icon>
          ${words.text(allMuted ? "privacy.all_muted" : "privacy.mute_all")}
        </button>
        <span class="hidden" role="status"
          >${allMuted ? words.text("privacy.all_muted") : nothing}</span
        >
        ${
          until === null
            ? html`<button
              class="button outlined"
              aria-expanded=${this.#asksGuests}
              ?disabled=${!isReady || this.#acts.isBusy("guest")}
              @click=${this.#askGuests}
            >
              <ha-icon .icon=${"mdi:account-group-outline"}></ha-icon>
              ${words.text("guest.title")}
            </button>`
            : nothing
        }
      </div>
      ${
        this.#asksGuests && until === null
          ? html`<div class="guests" role="group" aria-label=${words.text("guest.how_long")}>
            <p>${words.text("guest.text")}</p>
            <div class="choices">
              ${GUEST_HOURS.map(
                (hours) => html`<button
                  class="button filled"
                  @click=${() => this.#beginGuests(hours)}
                >
                  ${words.duration(hours * HOUR_MS)}
                </button>`,
              )}
            </div>
          </div>`
          : nothing
      }
      ${
        until === null
          ? nothing
          : html`<div class="guests" role="status">
            <p>
              <ha-icon .icon=${"mdi:account-group"}></ha-icon>
              ${words.text("guest.on", { time: words.dayTime(until, Date.now()) })}
            </p>
            <button
              class="button outlined"
              ?disabled=${!isReady || this.#acts.isBusy("guest")}
              @click=${this.#endGuests}
            >
              ${words.text("guest.end")}
            </button>
          </div>`
      }
      ${error ? html`<p class="error" role="alert">${words.error(error)}</p>` : nothing}
    `;
  }

  #rooms(
    words: Words,
    house: House,
    overview: Overview,
    now: number,
    isReady: boolean,
  ): TemplateResult {
    return html`<ul class="rooms" aria-label=${words.text("privacy.rooms")}>
      ${repeat(
        overview.rooms,
        (room) => room.room_id,
        (room) => this.#room(words, house, room, now, isReady),
      )}
    </ul>`;
  }

  #room(words: Words, house: House, room: Room, now: number, isReady: boolean): TemplateResult {
    const microphone = microphoneLook(words, house.microphone(room), now);
    const locality = localityLook(words, room.locality);
    const note = muteNote(words, room, house.muteLeftS(room));
    const muted = room.muted === true;
    return html`
      <li>
        <details>
          <summary>
            <span class="mic ${microphone.shown}">
              <ha-icon .icon=${microphone.icon}></ha-icon>
            </span>
            <span class="name">
              <b>${room.name}</b>
              <span>${[microphone.word, microphone.detail].filter(Boolean).join(" · ")}</span>
              ${note ? html`<span>${note}</span>` : nothing}
            </span>
            <span class="place ${locality.state}">
              <ha-icon .icon=${locality.icon}></ha-icon>${locality.word}
            </span>
            <ha-icon class="more" .icon=${"mdi:chevron-down"}></ha-icon>
          </summary>
          <div class="about">
            <ul>
              ${locality.engines.map(
                (it) => html`<li class=${it.state}>
                  <ha-icon .icon=${it.icon}></ha-icon>
                  <span><b>${it.role}</b> ${it.name}: ${it.why}</span>
                </li>`,
              )}
              ${
                locality.engines.length === 0
                  ? html`<li>
                    <ha-icon .icon=${locality.icon}></ha-icon>
                    <span>${words.text("locality.not_judged")}</span>
                  </li>`
                  : nothing
              }
              <li>
                <ha-icon .icon=${"mdi:ear-hearing"}></ha-icon>
                <span>${listenersLine(words, room)}</span>
              </li>
              <li>
                <ha-icon .icon=${"mdi:history"}></ha-icon>
                <span>${words.text("privacy.room_kept", {
                  count: words.number(room.captures),
                  rule: retentionWords(words, room),
                })}</span>
              </li>
            </ul>
          </div>
        </details>
        <button
          class="button outlined"
          aria-label=${words.text(muted ? "mute.room_off" : "mute.room_on", { room: room.name })}
          ?disabled=${this.#cannotMute(room, isReady)}
          @click=${() => this.#mute(room)}
        >
          ${words.text(muted ? "mute.off" : "mute.on")}
        </button>
      </li>
    `;
  }

  #cannotMute(room: Room, isReady: boolean): boolean {
    const isBusy = this.#acts.isBusy(room.room_id);
    return !isReady || isBusy || room.muted === null || room.muted_at_device === true;
  }

  #listens(words: Words, privacy: Privacy, overview: Overview, now: number): TemplateResult {
    const { value, error } = privacy.listens;
    return html`<section>
      <h3>${words.text("privacy.listened")}</h3>
      ${
        value === null
          ? html`<p>${error ? words.error(error) : words.text("loading.text")}</p>`
          : value.length === 0
            ? html`<p>${words.text("privacy.nobody")}</p>`
            : html`<ul class="lines">
              ${value.map((it) => html`<li>${listenLine(words, it, overview.rooms, now)}</li>`)}
            </ul>`
      }
    </section>`;
  }

  #check(words: Words, privacy: Privacy, now: number): TemplateResult {
    const { value, error } = privacy.check;
    const look = checkLook(words, value, now);
    const known = error === null && value !== null;
    const begin = checkButton(words, value, privacy.checkWaitS);
    return html`<section>
      <h3>${words.text("check.title")}</h3>
      ${
        known
          ? verdict(words, look)
          : html`<p>${error ? words.error(error) : words.text("loading.text")}</p>`
      }
      <button
        class="button outlined"
        ?disabled=${!begin.enabled || this.#acts.isBusy("check")}
        @click=${() => this.#acts.run("check", () => privacy.runCheck())}
      >
        ${begin.label}
      </button>
    </section>`;
  }

  readonly #muteAll = (event: Event): void => {
    if ((event.currentTarget as Element).ariaDisabled === "true") {
      return;
    }
    const { muteAll } = houseEntities(this.hass?.entities);
    void this.#acts.run("all", async () => this.house?.api.press(needed(muteAll)));
  };

  #mute(room: Room): void {
    const { mute } = roomEntities(this.hass?.entities, room.device_id ?? "");
    void this.#acts.run(room.room_id, async () =>
      this.house?.api.mute(needed(mute), room.muted !== true),
    );
  }

  readonly #askGuests = (): void => {
    this.#asksGuests = !this.#asksGuests;
    this.requestUpdate();
  };

  #beginGuests(hours: number): void {
    this.#asksGuests = false;
    void this.#acts.run("guest", async () => this.house?.api.beginGuestMode(hours));
  }

  readonly #endGuests = (): void => {
    const { guestMode } = houseEntities(this.hass?.entities);
    void this.#acts.run("guest", async () => this.house?.api.turnOff(needed(guestMode)));
  };

  /** Draw anew when what is shown grows old. */
  #wait(house: House, privacy: Privacy): void {
    const waits = (house.view.overview?.rooms ?? []).map((room) => {
      const validMs = house.validS(room) * 1_000;
      // What has grown old is looked at again soon; all else when it would grow old. A receipt
      // of each of a hundred rooms is no reason to draw.
      return validMs > 0 ? validMs + SOON_MS : room.microphone.state ? SECOND_MS : TICK_MS;
    });
    const counting = privacy.checkWaitS > 0 ? SECOND_MS : TICK_MS;
    this.#timers.after("tick", Math.min(counting, ...waits), () => this.requestUpdate());
  }
}

/** A verdict is never shown without its list. */
function verdict(words: Words, look: CheckLook): TemplateResult {
  return html`
    <p class="verdict ${look.tone}">
      <ha-icon .icon=${look.icon}></ha-icon>
      <span>${look.verdict}<small>${look.when}</small></span>
    </p>
    ${look.groups.map(
      (group) => html`<details class="group">
        <summary>
          <ha-icon .icon=${group.icon}></ha-icon>
          <span>${group.title}: ${words.number(group.places.length)}</span>
          <ha-icon class="more" .icon=${"mdi:chevron-down"}></ha-icon>
        </summary>
        <ul class="lines">
          ${group.places.map(
            (it) => html`<li>${it.name}${it.why ? html`<small>${it.why}</small>` : nothing}</li>`,
          )}
        </ul>
      </details>`,
    )}
  `;
}

function airGap(words: Words): TemplateResult {
  return html`<section>
    <h3>${words.text("airgap.title")}</h3>
    <p class="verdict none">
      <ha-icon .icon=${"mdi:lan-disconnect"}></ha-icon>
      <span>${words.text("airgap.not_here")}<small>${words.text("airgap.why")}</small></span>
    </p>
    <code>./scripts/airgap</code>
  </section>`;
}

define(element, PrivacyElement);
