/**
 * The texts of the cards and everything that is written in a person's own way.
 *
 * English is part of the bundle, as it stands in for what another language lacks; the others are
 * loaded when somebody speaks them.
 */

import type { Locale } from "../ha/hass.js";
import en from "./en.json";

export type Texts = Readonly<Record<string, string>>;
type Key = keyof typeof en;

/** A text with forms for numbers is named without its `.one`, `.other`. */
export type PluralKey = Key extends infer K
  ? K extends `${infer Stem}.other`
    ? Stem
    : never
  : never;
export type TextKey = Exclude<Key, `${PluralKey}.${Intl.LDMLPluralRule}`>;

export type Values = Readonly<Record<string, string | number>>;

/** As it is written, or as it is built: in the order of the English keys (`build.mjs`). */
type Language = Texts | readonly (string | null)[];

const LANGUAGES: Readonly<Record<string, () => Promise<{ default: Language }>>> = {
  de: () => import("./de.json"),
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What a locale and a time zone make of texts, numbers and times. */
export class Words {
  readonly #texts: Texts;
  readonly #locale: string;
  readonly #zone: string | undefined;
  readonly #hour12: boolean | undefined;
  readonly #plural: Intl.PluralRules;
  readonly #formats = new Map<string, Intl.DateTimeFormat>();
  readonly #numbers = new Map<number, Intl.NumberFormat>();

  constructor(texts: Texts = en, locale: Partial<Locale> = {}, zone?: string) {
    this.#texts = texts;
    this.#locale = known(locale.language);
    this.#zone = locale.time_zone === "server" ? zone : undefined;
    this.#hour12 = { "12": true, "24": false }[locale.time_format ?? ""];
    this.#plural = new Intl.PluralRules(this.#locale);
  }

  get language(): string {
    return this.#locale;
  }

  text(key: TextKey, values?: Values): string {
    return filled(this.#texts[key] ?? en[key], values);
  }

  /** A text of a family whose last part comes from outside, or another where there is none. */
  one(family: string, word: string, otherwise: TextKey, values?: Values): string {
    const key = `${family}.${word}`;
    if (!Object.hasOwn(en, key)) {
      return this.text(otherwise, values);
    }
    return this.text(key as TextKey, values);
  }

  count(key: PluralKey, count: number, values?: Values): string {
    const text =
      this.#texts[`${key}.${this.#plural.select(count)}`] ??
      this.#texts[`${key}.other`] ??
      en[`${key}.other` as Key];
    return filled(text, { count: this.number(count), ...values });
  }

  error(error: { readonly code: string; readonly values: Values }): string {
    return this.one("error", error.code, "error.failed", error.values);
  }

  number(value: number, digits = 0): string {
    let format = this.#numbers.get(digits);
    if (!format) {
      format = new Intl.NumberFormat(this.#locale, {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      });
      this.#numbers.set(digits, format);
    }
    return format.format(value);
  }

  list(words: readonly string[]): string {
    return new Intl.ListFormat(this.#locale).format(words);
  }

  /** The time of day, such as 21:04. */
  time(at: number): string {
    return this.#format("time", { hour: "numeric", minute: "2-digit" }).format(at);
  }

  /** Day and time; the day is left out where it is today. */
  dayTime(at: number, now: number): string {
    return this.dayKey(at) === this.dayKey(now)
      ? this.time(at)
      : `${this.shortDay(at)}, ${this.time(at)}`;
  }

  shortDay(at: number): string {
    return this.#format("short", { day: "numeric", month: "short" }).format(at);
  }

  /** Today, yesterday, or the day with its name. */
  day(at: number, now: number): string {
    const key = this.dayKey(at);
    if (key === this.dayKey(now)) {
      return this.text("day.today");
    }
    if (key === dayBefore(this.dayKey(now))) {
      return this.text("day.yesterday");
    }
    const sameYear = key.slice(0, 4) === this.dayKey(now).slice(0, 4);
    return this.#format(sameYear ? "day" : "day of year", {
      weekday: "long",
      day: "numeric",
      month: "long",
      ...(sameYear ? {} : { year: "numeric" }),
    }).format(at);
  }

  /** A name for the day that does not depend on the language: 2026-11-28. */
  dayKey(at: number): string {
    const parts = this.#format("key", {
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      numberingSystem: "latn",
      calendar: "gregory",
    }).formatToParts(at);
    const part = (type: string): string => parts.find((it) => it.type === type)?.value ?? "";
    return `${part("year")}-${part("month")}-${part("day")}`;
  }

  /** A day (2026-11-28) of the chosen time zone, as what lies between two moments. */
  span(day: string): { since?: number; until?: number } {
    const since = this.endOfDay(dayBefore(day));
    const until = this.endOfDay(day);
    return since === null || until === null ? {} : { since, until };
  }

  /** The first moment after a day (2026-11-28) of the chosen time zone; null for no day. */
  endOfDay(key: string): number | null {
    const noon = Date.parse(`${key}T12:00:00Z`);
    if (Number.isNaN(noon)) {
      return null;
    }
    // Zones are up to 14 hours apart from UTC: the minute in which the day changes is around it.
    let before = (noon - DAY) / MINUTE;
    let after = (noon + 2 * DAY) / MINUTE;
    while (after - before > 1) {
      const middle = (before + after) >> 1;
      if (this.dayKey(middle * MINUTE) <= key) {
        before = middle;
      } else {
        after = middle;
      }
    }
    return after * MINUTE;
  }

  /** How long, in its largest unit: 3 h, 2 days. */
  duration(milliseconds: number): string {
    if (milliseconds >= 2 * DAY) {
      return this.count("time.day", Math.floor(milliseconds / DAY));
    }
    if (milliseconds >= HOUR) {
      return this.count("time.hour", Math.floor(milliseconds / HOUR));
    }
    if (milliseconds >= MINUTE) {
      return this.count("time.minute", Math.floor(milliseconds / MINUTE));
    }
    return this.text("time.moment");
  }

  /** Minutes and seconds of a sound: 0:03. */
  clock(seconds: number): string {
    const whole = Math.max(0, Math.floor(seconds));
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  }

  bytes(size: number): string {
    const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
    const power = size < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(size) / 3));
    return (size / 1000 ** power).toLocaleString(this.#locale, {
      style: "unit",
      unit: units[power] ?? "byte",
      maximumFractionDigits: power > 1 ? 1 : 0,
    });
  }

  #format(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    let format = this.#formats.get(name);
    if (!format) {
      // To make one takes longer than all the rest of a row.
      format = new Intl.DateTimeFormat(name === "key" ? "en" : this.#locale, {
        ...options,
        ...(this.#zone ? { timeZone: this.#zone } : {}),
        ...(name === "time" && this.#hour12 !== undefined ? { hour12: this.#hour12 } : {}),
      });
      this.#formats.set(name, format);
    }
    return format;
  }
}

const loaded = new Map<string, Promise<Words>>();

/** The words for a locale; in English while, or if, another language cannot be loaded. */
export function wordsFor(locale: Locale, zone: string): Promise<Words> {
  const name = [locale.language, locale.time_format, locale.time_zone, zone].join(" ");
  let words = loaded.get(name);
  if (!words) {
    words = load(locale, zone);
    loaded.set(name, words);
  }
  return words;
}

async function load(locale: Locale, zone: string): Promise<Words> {
  const language = locale.language.toLowerCase().split("-")[0] ?? "en";
  try {
    const texts = await LANGUAGES[language]?.();
    return new Words(texts ? byKey(texts.default) : en, locale, zone);
  } catch {
    return new Words(en, locale, zone);
  }
}

function byKey(language: Language): Texts {
  if (!isList(language)) {
    return language;
  }
  const pairs = Object.keys(en).map((key, at) => [key, language[at]] as const);
  return Object.fromEntries(pairs.filter((it): it is readonly [string, string] => !!it[1]));
}

function isList(language: Language): language is readonly (string | null)[] {
  return Array.isArray(language);
}

function dayBefore(key: string): string {
  return new Date(Date.parse(`${key}T12:00:00Z`) - DAY).toISOString().slice(0, 10);
}

function filled(text: string, values: Values = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** What Intl knows of a language that comes from outside. */
function known(language: string | undefined): string {
  try {
    return Intl.getCanonicalLocales(language ?? "en")[0] ?? "en";
  } catch {
    return "en";
  }
}
