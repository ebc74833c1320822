/** The card of one room: whether its microphone is open, and one big mute. */

import { html, nothing, type TemplateResult, unsafeCSS } from "lit";
import type { RoomConfig } from "../config.js";
import { roomEntities, said } from "../ha/entities.js";
import type { EarshotError } from "../ha/errors.js";
import type { Hass } from "../ha/hass.js";
import type { House } from "../ha/house.js";
import type { Room } from "../ha/model.js";
import { Acts, needed } from "../house/acts.js";
import { changesList } from "../house/changes-list.js";
import { houseStyles } from "../house/styles.js";
import { Timers } from "../timers.js";
import { baseStyles, define, EarshotElement } from "../ui/element.js";
import { HOLD_MS, Hold } from "../ui/hold.js";
import { message, messageStyles } from "../ui/message.js";
import styles from "./room.css";
import { type MuteButton, type RoomShown, roomShown } from "./view.js";

export const element = "earshot-room";

const MINUTES = 30;
const TICK_MS = 30_000;
const SOON_MS = 50;

export class RoomElement extends EarshotElement {
  static override styles = [baseStyles, messageStyles, houseStyles, unsafeCSS(styles)];

  layout?: string;
  preview = false;

  #config: RoomConfig | null = null;
  #acts = new Acts(() => this.requestUpdate());
  #end: (() => void) | null = null;
  readonly #timers = new Timers();
  #seen: readonly unknown[] = [];
  #hold = new Hold({
    pressed: () => this.#toggle(),
    held: () => this.#muteFor(),
    changed: () => this.requestUpdate(),
  });

  setConfig(config: RoomConfig): void {
    this.#config = config;
    this.requestUpdate();
  }

  override get hass(): Hass | null {
    return super.hass;
  }

  override set hass(hass: Hass) {
    super.hass = hass;
    const seen = this.#entities(hass).states;
    if (seen.some((state, at) => state !== this.#seen[at])) {
      this.#seen = seen;
      this.requestUpdate();
    }
  }

  protected override enter(house: House): void {
    const changed = () => this.requestUpdate();
    const end = house.listen({
      changed,
      event: (event) => {
        if (event.event === "receipt" && event.room_id === this.#room?.room_id) {
          changed();
        }
      },
    });
    document.addEventListener("visibilitychange", changed);
    this.#end = () => {
      end();
      document.removeEventListener("visibilitychange", changed);
    };
  }

  protected override leave(): void {
    this.#end?.();
    this.#end = null;
    this.#hold.cancel();
    this.#timers.stop();
  }

  get #room(): Room | null {
    const rooms = this.house?.view.overview?.rooms ?? [];
    const device = this.#config?.device;
    if (device === undefined) {
      return rooms.length === 1 ? (rooms[0] ?? null) : null;
    }
    return rooms.find((room) => room.device_id === device) ?? null;
  }

  get #minutes(): number {
    return this.#config?.minutes ?? MINUTES;
  }

  #entities(hass: Hass) {
    const device = this.#room?.device_id ?? this.#config?.device ?? "";
    const ids = roomEntities(hass.entities, device);
    const states = [ids.satellite, ids.lastCommand, ids.voiceCommand, ids.falseWakes].map((id) =>
      said(hass, id),
    );
    return { ids, states };
  }

  protected override render(): TemplateResult {
    const { words, house, hass } = this;
    if (!words || !house || !hass) {
      return html`<ha-card></ha-card>`;
    }
    const { overview, state, error } = house.view;
    const room = this.#room;
    if (!overview || !room) {
      return html`<ha-card>${message(words, this.#missing(), error, this.#config?.name)}</ha-card>`;
    }
    const [satellite = null, lastCommand = null, voiceCommand = null, falseWakes = null] =
      this.#entities(hass).states;
    const shown = roomShown({
      words,
      now: Date.now(),
      overview,
      room,
      microphone: house.microphone(room),
      muteLeftS: house.muteLeftS(room),
      satellite,
      lastCommand,
      voiceCommand,
      falseWakes,
      minutes: this.#minutes,
    });
    this.#wait(house.validS(room));
    this.#hold.enabled = shown.mute.hold !== "";
    return html`
      <ha-card class=${shown.microphone.shown}>
        <div class="all">
          <h2>${this.#config?.name ?? room.name}</h2>
          ${this.#hero(shown)}
          ${this.#button(shown.mute, shown.note, state !== "ready", this.#acts.error ?? error)}
          <dl>
            ${shown.facts.map(
              (fact) => html`<div>
                <dt><ha-icon .icon=${fact.icon}></ha-icon>${fact.label}</dt>
                <dd>${fact.value}</dd>
              </div>`,
            )}
          </dl>
          ${changesList(words, shown.changes)}
        </div>
      </ha-card>
    `;
  }

  #missing(): "loading" | "offline" | "failed" | "no_rooms" | "choose" | "gone" {
    const { state, overview } = this.house?.view ?? { state: "loading", overview: null };
    if (!overview) {
      return state === "ready" ? "loading" : state;
    }
    if (overview.rooms.length === 0) {
      return "no_rooms";
    }
    return this.#config?.device === undefined ? "choose" : "gone";
  }

  #hero({ microphone, activity, isActive }: RoomShown): TemplateResult {
    return html`
      <div class="hero" role="status" aria-atomic="true">
        <span class="badge ${isActive ? "active" : ""}">
          <ha-icon .icon=${microphone.icon}></ha-icon>
        </span>
        <div class="words">
          <p class="what">${this.words?.text("mic.name")}</p>
          <p class="word">${microphone.word}</p>
          <p class="detail">${microphone.detail}</p>
          ${activity ? html`<p class="activity ${isActive ? "active" : ""}">${activity}</p>` : nothing}
        </div>
      </div>
    `;
  }

  #button(
    mute: MuteButton,
    note: string,
    isOffline: boolean,
    error: EarshotError | null,
  ): TemplateResult {
    const { words } = this;
    const hold = this.#hold;
    const busy = this.#acts.isBusy("mute");
    const off = !mute.enabled || isOffline;
    const below = error && words ? words.error(error) : note || (off ? "" : mute.hold);
    return html`
      <div class="control">
        <button
          class="mute ${mute.muted ? "muted" : ""} ${hold.isHolding ? "holding" : ""}"
          style="--hold:${HOLD_MS}ms"
          aria-describedby="below"
          aria-disabled=${off}
          aria-busy=${busy}
          @pointerdown=${hold.pointerdown}
          @pointerup=${hold.pointerup}
          @pointerleave=${hold.away}
          @pointercancel=${hold.away}
          @keydown=${hold.keydown}
          @keyup=${hold.keyup}
          @blur=${hold.away}
          @click=${hold.click}
          @contextmenu=${hold.contextmenu}
        >
          <ha-icon .icon=${mute.icon}></ha-icon>
          <span>${mute.word}</span>
        </button>
        <p id="below" class=${error ? "error" : ""} role=${error ? "alert" : nothing}>${below}</p>
      </div>
    `;
  }

  readonly #toggle = (): void => {
    const room = this.#room;
    const { hass } = this;
    if (!room || !hass || room.muted === null || room.muted_at_device) {
      return;
    }
    const { mute } = this.#entities(hass).ids;
    void this.#acts.run("mute", async () => this.house?.api.mute(needed(mute), !room.muted));
  };

  readonly #muteFor = (): void => {
    const { hass } = this;
    const satellite = hass ? this.#entities(hass).ids.satellite : null;
    void this.#acts.run("mute", async () =>
      this.house?.api.muteFor(needed(satellite), this.#minutes),
    );
  };

  /** Draw anew when what is shown grows old. */
  #wait(validS: number): void {
    const stale = validS > 0 ? validS * 1_000 + SOON_MS : TICK_MS;
    this.#timers.after("tick", Math.min(TICK_MS, stale), () => this.requestUpdate());
  }
}

define(element, RoomElement);
