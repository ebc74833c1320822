import assert from "node:assert/strict";
import { test } from "node:test";
import de from "../src/i18n/de.json";
import en from "../src/i18n/en.json";
import { Words } from "../src/i18n/words.js";

const UTC = { language: "en", time_zone: "server", time_format: "24" };
const words = new Words(en, UTC, "UTC");
const at = (iso: string): number => Date.parse(iso);

test("every language has every text, with the same values in it", () => {
  const values = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
  assert.deepEqual(Object.keys(de).sort(), Object.keys(en).sort());
  for (const [key, text] of Object.entries(en)) {
    assert.deepEqual(values(de[key as keyof typeof de]), values(text), key);
  }
});

test("a day is named by its distance, also across the change of the clocks", () => {
  const berlin = new Words(en, { ...UTC, language: "en" }, "Europe/Berlin");
  const now = at("2026-10-25T22:30:00Z"); // 23:30, after a day of 25 hours
  assert.equal(berlin.day(now, now), "Today");
  assert.equal(berlin.day(at("2026-10-24T22:30:00Z"), now), "Today");
  assert.equal(berlin.day(at("2026-10-24T21:30:00Z"), now), "Yesterday");
  assert.equal(berlin.day(at("2026-10-23T21:30:00Z"), now), "Friday, October 23");
  assert.match(berlin.day(at("2025-10-23T12:00:00Z"), now), /2025/);
});

test("the day of a capture is that of the chosen time zone", () => {
  const tokyo = new Words(en, UTC, "Asia/Tokyo");
  assert.equal(tokyo.dayKey(at("2026-11-28T16:00:00Z")), "2026-11-29");
  assert.equal(words.dayKey(at("2026-11-28T16:00:00Z")), "2026-11-28");
});

test("a day ends where the clock of the chosen zone says, also when it is changed that night", () => {
  assert.equal(words.endOfDay("2026-11-28"), at("2026-11-29T00:00:00Z"));
  const berlin = new Words(en, UTC, "Europe/Berlin");
  assert.equal(berlin.endOfDay("2026-10-25"), at("2026-10-25T23:00:00Z"));
  assert.equal(berlin.endOfDay("2026-10-24"), at("2026-10-24T22:00:00Z"));
  const kiritimati = new Words(en, UTC, "Pacific/Kiritimati");
  assert.equal(kiritimati.endOfDay("2026-11-28"), at("2026-11-28T10:00:00Z"));
  assert.equal(words.endOfDay(""), null);
});

test("times follow the chosen clock", () => {
  assert.equal(words.time(at("2026-11-28T21:04:00Z")), "21:04");
  const american = new Words(en, { ...UTC, time_format: "12" }, "UTC");
  assert.match(american.time(at("2026-11-28T21:04:00Z")), /9:04\sPM/);
});

test("how long is told in the largest unit, and never more than there is", () => {
  assert.equal(words.duration(59_999), "less than a minute");
  assert.equal(words.duration(3_599_999), "59 min");
  assert.equal(words.duration(3 * 3_600_000), "3 h");
  assert.equal(words.duration(47 * 3_600_000), "47 h");
  assert.equal(words.duration(49 * 3_600_000), "2 days");
});

test("numbers choose the form of the sentence", () => {
  assert.equal(words.count("delete.count", 1), "1 capture will be deleted.");
  assert.equal(words.count("delete.count", 12_345), "12,345 captures will be deleted.");
  const german = new Words(de, { language: "de" });
  assert.equal(german.count("delete.count", 12_345), "12.345 Aufnahmen werden gelöscht.");
});

test("a word from outside that has no text gets the one for the unknown", () => {
  assert.equal(words.one("rule", "room", "rule.unknown"), "the room's own rule");
  assert.equal(words.one("rule", "newer", "rule.unknown"), en["rule.unknown"]);
  assert.equal(words.one("rule", "__proto__", "rule.unknown"), en["rule.unknown"]);
});

test("a language that nobody knows is no reason to show nothing", () => {
  const odd = new Words(en, { language: "not a language" });
  assert.equal(odd.time(0).length > 0, true);
});
