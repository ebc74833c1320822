/**
 * A card whose code is loaded when it is used.
 *
 * Home Assistant makes the element that is named here and hands it configuration and state; the
 * element that does the work gets them when it has come. What it needs before that, such as its
 * size, is part of the description.
 */

import type { Hass } from "./ha/hass.js";

export interface CardElement extends HTMLElement {
  hass?: Hass;
  layout?: string;
  preview?: boolean;
  setConfig(config: unknown): void;
}

export interface CardModule {
  /** Name of the element that does the work. */
  readonly element: string;
}

export interface FormModule {
  getConfigForm(): unknown;
}

export interface LazyCard {
  readonly tag: string;
  readonly load: () => Promise<CardModule>;
  readonly form: () => Promise<FormModule>;
  readonly check: (config: unknown) => void;
  readonly size: number;
  readonly grid: Readonly<Record<string, number | string>>;
  readonly stub: (hass?: Hass) => object;
  /** Shown when the code cannot be loaded: the page is older than Home Assistant's files. */
  readonly reload: () => string;
}

export function defineLazy(card: LazyCard): void {
  if (customElements.get(card.tag)) {
    return;
  }

  class Lazy extends HTMLElement {
    static getConfigForm = async (): Promise<unknown> => (await card.form()).getConfigForm();
    static getStubConfig = card.stub;

    #inner: CardElement | null = null;
    #config: unknown = null;
    #hass: Hass | undefined;
    #layout: string | undefined;
    #preview: boolean | undefined;
    #loading = false;

    setConfig(config: unknown): void {
      card.check(config);
      this.#config = config;
      this.#inner?.setConfig(config);
    }

    set hass(hass: Hass) {
      this.#hass = hass;
      if (this.#inner) {
        this.#inner.hass = hass;
      }
    }

    set layout(layout: string) {
      this.#layout = layout;
      if (this.#inner) {
        this.#inner.layout = layout;
      }
    }

    set preview(preview: boolean) {
      this.#preview = preview;
      if (this.#inner) {
        this.#inner.preview = preview;
      }
    }

    getCardSize(): number {
      return card.size;
    }

    getGridOptions(): LazyCard["grid"] {
      return card.grid;
    }

    connectedCallback(): void {
      this.style.display = "block";
      this.style.height = "100%";
      void this.#load();
    }

    async #load(): Promise<void> {
      if (this.#inner || this.#loading) {
        return;
      }
      this.#loading = true;
      try {
        const { element } = await card.load();
        this.#show(document.createElement(element) as CardElement);
      } catch {
        this.#sayReload();
      } finally {
        this.#loading = false;
      }
    }

    #show(inner: CardElement): void {
      this.#inner = inner;
      if (this.#config) {
        inner.setConfig(this.#config);
      }
      if (this.#layout !== undefined) {
        inner.layout = this.#layout;
      }
      if (this.#preview !== undefined) {
        inner.preview = this.#preview;
      }
      if (this.#hass) {
        inner.hass = this.#hass;
      }
      this.replaceChildren(inner);
    }

    #sayReload(): void {
      const box = document.createElement("ha-card");
      const button = document.createElement("button");
      button.textContent = card.reload();
      button.style.cssText =
        "all:unset;display:block;box-sizing:border-box;width:100%;padding:16px;cursor:pointer;" +
        "color:var(--primary-text-color,#212121);text-decoration:underline";
      button.addEventListener("click", () => location.reload());
      box.append(button);
      this.replaceChildren(box);
    }
  }

  customElements.define(card.tag, Lazy);
}
