/** What all elements that do the work of a card have in common. */

import { LitElement, type PropertyDeclarations, type PropertyValues, unsafeCSS } from "lit";
import type { Hass } from "../ha/hass.js";
import { type House, houseOf } from "../ha/house.js";
import { type Words, wordsFor } from "../i18n/words.js";
import base from "./base.css";

export const baseStyles = unsafeCSS(base);

/**
 * Home Assistant sets `hass` at every change of any state. A card of ours is drawn anew when the
 * house tells something, not then: only language and connection are looked at.
 */
export abstract class EarshotElement extends LitElement {
  // Lit makes the accessors: a field of the class would hide them.
  static override properties: PropertyDeclarations = { words: { state: true } };
  declare protected words: Words | null;

  #hass: Hass | null = null;
  #house: House | null = null;
  #spoken = "";

  constructor() {
    super();
    this.words = null;
  }

  get hass(): Hass | null {
    return this.#hass;
  }

  set hass(hass: Hass) {
    this.#hass = hass;
    const { locale, config } = hass;
    const spoken = JSON.stringify([locale, config.time_zone]);
    if (spoken !== this.#spoken) {
      this.#spoken = spoken;
      void wordsFor(locale, config.time_zone).then((words) => {
        if (spoken === this.#spoken) {
          this.words = words;
        }
      });
    }
    const house = houseOf(hass);
    if (house !== this.#house) {
      this.#leave();
      this.#house = house;
      this.#enter();
    }
  }

  protected get house(): House | null {
    return this.#house;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#enter();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#leave();
  }

  protected override shouldUpdate(_changed: PropertyValues): boolean {
    return this.words !== null && this.#house !== null;
  }

  /** The house is there, and the element is in a page: begin. */
  protected abstract enter(house: House): void;

  /** End what `enter` began. */
  protected abstract leave(): void;

  #entered = false;

  #enter(): void {
    if (this.#house && this.isConnected && !this.#entered) {
      this.#entered = true;
      this.enter(this.#house);
    }
  }

  #leave(): void {
    if (this.#entered) {
      this.#entered = false;
      this.leave();
    }
  }
}

/** Define an element, unless the page has loaded us twice. */
export function define(name: string, element: CustomElementConstructor): void {
  if (!customElements.get(name)) {
    customElements.define(name, element);
  }
}
