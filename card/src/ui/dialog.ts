/**
 * One dialog that asks something, with fields or without.
 *
 * It stays open until what was agreed to is done, and shows in itself why it could not be. What is
 * typed is in the fields only, and gone with them.
 */

import { html, LitElement, nothing, type TemplateResult, unsafeCSS } from "lit";
import { asError, type EarshotError } from "../ha/errors.js";
import type { TextKey, Words } from "../i18n/words.js";
import styles from "./dialog.css";
import { baseStyles, define } from "./element.js";

export type Field =
  | {
      readonly kind: "text";
      readonly name: string;
      readonly label: string;
      readonly longest: number;
      readonly value?: string;
    }
  | {
      readonly kind: "lines";
      readonly name: string;
      readonly label: string;
      readonly longest: number;
      readonly value?: string;
    }
  | { readonly kind: "code"; readonly name: string; readonly label: string }
  | {
      readonly kind: "secret";
      readonly name: string;
      readonly label: string;
      readonly show: string;
    }
  | {
      readonly kind: "choice";
      readonly name: string;
      readonly label: string;
      readonly choices: readonly (readonly [string, string])[];
      readonly value?: string;
    }
  | {
      readonly kind: "check";
      readonly name: string;
      readonly label: string;
      readonly checked: boolean;
      changed(checked: boolean): void;
    };

/** What stands in the dialog now; asked for again by `refresh`. */
export interface Content {
  readonly strong?: readonly string[];
  readonly lines?: readonly string[];
  readonly fields?: readonly Field[];
  /** Nothing can be agreed to yet, or at all. */
  readonly blocked?: boolean;
  readonly error?: EarshotError | null;
}

export interface Question {
  readonly heading: string;
  readonly action: string;
  readonly danger?: boolean;
  readonly content: () => Content;
  /** Do what was agreed to; what it throws is shown, and the dialog stays. */
  readonly attempt: (values: Readonly<Record<string, string>>) => Promise<void>;
}

export class DialogElement extends LitElement {
  static override styles = [baseStyles, unsafeCSS(styles)];

  words: Words | null = null;
  #question: Question | null = null;
  #answer: ((agreed: boolean) => void) | null = null;
  #error: EarshotError | null = null;
  #busy = false;
  #shown = false;

  /** Ask, and tell whether it was agreed to and done. */
  ask(words: Words, question: Question): Promise<boolean> {
    this.#close(false);
    this.words = words;
    this.#question = question;
    this.#error = null;
    this.#busy = this.#shown = false;
    this.requestUpdate();
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  /** Draw again: the content of the question has changed. */
  refresh(): void {
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#close(false);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { words } = this;
    const question = this.#question;
    if (!words || !question) {
      return nothing;
    }
    const content = question.content();
    const error = this.#error ?? content.error;
    return html`
      <dialog
        aria-labelledby="heading"
        @close=${() => this.#close(false)}
        @cancel=${this.#cancel}
        @click=${this.#beside}
      >
        <form @submit=${this.#submit}>
          <h2 id="heading">${question.heading}</h2>
          ${content.strong?.map((line) => html`<p class="strong" role="status">${line}</p>`)}
          ${content.lines?.map((line) => html`<p>${line}</p>`)}
          ${content.fields?.map((field) => this.#field(field))}
          <p class="error" role="alert" ?hidden=${!error}>${error ? words.error(error) : nothing}</p>
          <footer>
            <button type="button" class="button" @click=${() => this.#close(false)}>
              ${words.text("dialog.cancel")}
            </button>
            <button
              type="submit"
              class="button ${question.danger ? "danger" : "filled"}"
              ?disabled=${this.#busy || content.blocked}
            >
              ${this.#busy ? words.text("dialog.working") : question.action}
            </button>
          </footer>
        </form>
      </dialog>
    `;
  }

  protected override updated(): void {
    const dialog = this.renderRoot.querySelector("dialog");
    if (dialog && !this.#shown) {
      this.#shown = true;
      dialog.showModal();
      this.renderRoot.querySelector<HTMLElement>("input, textarea, select")?.focus();
    }
  }

  #field(field: Field): TemplateResult {
    switch (field.kind) {
      case "text":
        return this.#labelled(
          field.label,
          html`<input name=${field.name} required maxlength=${field.longest} autocomplete="off" .value=${field.value ?? ""} />`,
        );
      case "lines":
        return this.#labelled(
          field.label,
          html`<textarea name=${field.name} required rows="3" maxlength=${field.longest} .value=${field.value ?? ""}></textarea>`,
        );
      case "code":
        return this.#labelled(
          field.label,
          html`<input
            class="code"
            name=${field.name}
            required
            inputmode="numeric"
            autocomplete="one-time-code"
            pattern="[0-9]{6}"
            maxlength="6"
          />`,
        );
      case "secret":
        return this.#labelled(
          field.label,
          html`<div class="secret">
            <input name=${field.name} type="password" required maxlength="256" autocomplete="off" />
            <button type="button" class="icon-button" aria-label=${field.show} aria-pressed="false" @click=${reveal}>
              <ha-icon .icon=${"mdi:eye-outline"}></ha-icon>
            </button>
          </div>`,
        );
      case "choice":
        return this.#labelled(
          field.label,
          html`<select name=${field.name}>
            ${field.choices.map(
              ([value, label]) =>
                html`<option value=${value} ?selected=${value === field.value}>${label}</option>`,
            )}
          </select>`,
        );
      case "check":
        return html`<label class="check">
          <input
            type="checkbox"
            name=${field.name}
            .checked=${field.checked}
            @change=${(event: Event) => field.changed((event.target as HTMLInputElement).checked)}
          />
          ${field.label}
        </label>`;
    }
  }

  #labelled(label: string, field: TemplateResult): TemplateResult {
    return html`<label class="field"><span>${label}</span>${field}</label>`;
  }

  readonly #submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const question = this.#question;
    if (!question || this.#busy) {
      return;
    }
    const values: Record<string, string> = {};
    for (const [name, value] of new FormData(event.target as HTMLFormElement)) {
      values[name] = String(value);
    }
    this.#busy = true;
    this.#error = null;
    this.requestUpdate();
    try {
      await question.attempt(values);
    } catch (reason) {
      if (question === this.#question) {
        this.#busy = false;
        this.#error = asError(reason);
        this.requestUpdate();
      }
      return;
    }
    if (question === this.#question) {
      this.#close(true);
    }
  };

  readonly #cancel = (event: Event): void => {
    // While it is being done, nobody can say that it should not be.
    if (this.#busy) {
      event.preventDefault();
    }
  };

  /** A click beside the dialog is one on its backdrop, which is the dialog itself. */
  readonly #beside = (event: Event): void => {
    if (event.target === event.currentTarget && !this.#busy) {
      this.#close(false);
    }
  };

  #close(agreed: boolean): void {
    const answer = this.#answer;
    this.#answer = this.#question = null;
    const dialog = this.renderRoot?.querySelector("dialog");
    if (dialog?.open) {
      dialog.close();
    }
    this.requestUpdate();
    answer?.(agreed);
  }
}

function reveal(event: Event): void {
  const button = event.currentTarget as HTMLElement;
  const input = button.previousElementSibling as HTMLInputElement;
  const shown = input.type === "text";
  input.type = shown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!shown));
}

define("earshot-dialog", DialogElement);

/** A question whose texts are those of one family: `<family>.title`, `.text`, `.do`. */
export function plain(
  words: Words,
  family: "second_factor" | "passphrase" | "pin" | "label" | "export",
  fields: readonly Field[],
  attempt: Question["attempt"],
): Question {
  return {
    heading: words.text(`${family}.title` satisfies TextKey),
    action: words.text(`${family}.do` satisfies TextKey),
    content: () => ({ lines: [words.text(`${family}.text` satisfies TextKey)], fields }),
    attempt,
  };
}
