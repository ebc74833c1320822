import assert from "node:assert/strict";
import { test } from "node:test";
import { checkHistory, checkPrivacy, checkRoom } from "../src/config.js";
import type { Hass } from "../src/ha/hass.js";
import { dashboard, view } from "../src/strategy/strategy.js";
import { aHass, FakeConnection } from "./fakes.js";

function home(...names: string[]): Hass {
  const entries = names.map((name) => ({
    entity_id: `assist_satellite.${name}`,
    device_id: `of ${name}`,
    platform: "earshot",
  }));
  return {
    ...aHass(new FakeConnection()),
    entities: Object.fromEntries(entries.map((it) => [it.entity_id, it])),
    devices: Object.fromEntries(names.map((name) => [`of ${name}`, { name }])),
  };
}

const cards = (made: ReturnType<typeof view>) => made.sections.flatMap((it) => it.cards);
const kinds = (made: ReturnType<typeof view>) =>
  cards(made).map((it) => [it["type"], it["device"]].filter(Boolean).join(" "));

test("each room has a card, then what was heard and the house", () => {
  assert.deepEqual(kinds(view({}, home("Kitchen", "Bedroom"))), [
    "custom:earshot-room-card of Bedroom",
    "custom:earshot-room-card of Kitchen",
    "custom:earshot-history-card",
    "custom:earshot-privacy-card",
  ]);
});

test("the cards of the house fill what the rooms leave of three columns", () => {
  for (let rooms = 0; rooms <= 6; rooms += 1) {
    const names = Array.from({ length: rooms }, (_, at) => `Room ${at}`);
    const spans = view({}, home(...names)).sections.map((it) => it.column_span ?? 1);
    let left = 3;
    for (const span of spans) {
      assert.ok(span <= left, `a gap with ${rooms} rooms: ${spans}`);
      left = left === span ? 3 : left - span;
    }
    assert.equal(left, 3);
  }
});

test("each of several rooms has a page, under the name somebody gave it", () => {
  const hass = home("Kitchen", "Bedroom");
  const renamed = {
    ...hass,
    devices: { ...hass.devices, "of Kitchen": { name_by_user: "Galley" } },
  };
  const made = dashboard(renamed);
  assert.deepEqual(
    made.views.map((it) => it.title),
    ["House", "Bedroom", "Galley"],
  );
  assert.equal(new Set(made.views.map((it) => it.path)).size, 3);
  assert.deepEqual(kinds(made.views[2] ?? view({}, hass)), [
    "custom:earshot-room-card of Kitchen",
    "custom:earshot-history-card of Kitchen",
  ]);
});

test("a house without rooms, or with one, has one page", () => {
  assert.equal(dashboard(home()).views.length, 1);
  assert.equal(dashboard(home("Kitchen")).views.length, 1);
  assert.deepEqual(kinds(view({}, home())), [
    "custom:earshot-privacy-card",
    "custom:earshot-history-card",
  ]);
});

test("a house of many rooms stays a page that one can look at", () => {
  const many = Array.from({ length: 40 }, (_, at) => `Room ${at}`);
  const made = dashboard(home(...many));
  assert.deepEqual([made.views.length, cards(made.views[0] ?? view({}, home())).length], [1, 2]);
});

test("what is laid out is what the cards take", () => {
  const check = {
    "custom:earshot-room-card": checkRoom,
    "custom:earshot-privacy-card": checkPrivacy,
    "custom:earshot-history-card": checkHistory,
  };
  for (const made of dashboard(home("Kitchen", "Bedroom")).views) {
    for (const card of cards(made)) {
      (check[card["type"] as keyof typeof check] as (config: unknown) => void)(card);
    }
  }
});
