import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { Hass } from "../src/ha/hass.js";
import { aHass, FakeConnection } from "./fakes.js";

interface Picked {
  type: string;
  name: string;
  getEntitySuggestion(hass: Hass, entityId: string): { config: unknown } | null;
}

interface Defined {
  generate(config: unknown, hass: Hass): Promise<{ views?: unknown[]; sections?: unknown[] }>;
  getStubConfig(hass: Hass): Promise<unknown>;
}

const defined = new Map<string, Defined>();
const page = {
  customElements: {
    get: (tag: string) => defined.get(tag),
    define: (tag: string, element: Defined) => defined.set(tag, element),
  },
  HTMLElement: class {},
  document: { documentElement: { lang: "en" } },
};

const hass: Hass = {
  ...aHass(new FakeConnection()),
  entities: Object.fromEntries(
    [
      ["assist_satellite.kitchen", "kitchen", "earshot"],
      ["switch.kitchen_mute", "kitchen", "earshot"],
      ["button.mute_all", "house", "earshot"],
      ["light.kitchen", "lamp", "hue"],
    ].map(([id = "", device_id = "", platform = ""]) => [
      id,
      { entity_id: id, device_id, platform },
    ]),
  ),
};

before(async () => {
  Object.assign(globalThis, page, { window: globalThis });
  await import("../src/loader.js");
});

const picked = (): Picked[] => (globalThis as unknown as { customCards: Picked[] }).customCards;

const suggested = (entityId: string) =>
  picked()
    .map((it) => it.getEntitySuggestion(hass, entityId)?.config)
    .filter(Boolean);

test("a card is suggested for what it can show, and for nothing of anybody else", () => {
  assert.deepEqual(suggested("switch.kitchen_mute"), [
    { type: "custom:earshot-history-card", device: "kitchen" },
    { type: "custom:earshot-room-card", device: "kitchen" },
  ]);
  assert.deepEqual(suggested("button.mute_all"), [
    { type: "custom:earshot-history-card" },
    { type: "custom:earshot-privacy-card" },
  ]);
  assert.deepEqual(suggested("light.kitchen"), []);
  assert.deepEqual(suggested("switch.gone"), []);
});

test("a picked card of a room shows a room there is", async () => {
  const room = defined.get("earshot-room-card");
  assert.deepEqual(await room?.getStubConfig(hass), { device: "kitchen" });
  assert.deepEqual(await room?.getStubConfig({ ...hass, entities: {} }), {});
});

test("the strategies are there under the names that Home Assistant looks for", async () => {
  const strategies = (globalThis as unknown as { customStrategies: { type: string }[] })
    .customStrategies;
  assert.deepEqual(
    strategies.map((it) => it.type),
    ["earshot"],
  );
  const made = await defined.get("ll-strategy-dashboard-earshot")?.generate({}, hass);
  assert.equal(made?.views?.length, 1);
  const view = await defined.get("ll-strategy-view-earshot")?.generate({}, hass);
  assert.equal(view?.sections?.length, 3);
});
