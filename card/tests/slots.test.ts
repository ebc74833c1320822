import assert from "node:assert/strict";
import { test } from "node:test";
import { Slots } from "../src/history/slots.js";

test("a capture keeps its element while it is seen, and the next one gets that of one that is not", () => {
  const slots = new Slots();
  const [a, b, c] = slots.assign(["a", "b", "c"], null);
  assert.equal(new Set([a, b, c]).size, 3);
  const later = slots.assign(["c", "d", "e"], null);
  assert.equal(later[0], c);
  assert.deepEqual(new Set(later.slice(1)), new Set([a, b]));
});

test("no element is made while as many are seen, however far somebody scrolls", () => {
  const slots = new Slots();
  const used = new Set<number>();
  for (let from = 0; from < 1_000; from += 7) {
    const ids = Array.from({ length: 20 }, (_, at) => `row ${from + at}`);
    const given = slots.assign(ids, null);
    assert.equal(new Set(given).size, 20);
    for (const slot of given) {
      used.add(slot);
    }
  }
  assert.equal(used.size, 20);
});

test("the element with the focus shows no other capture, also when its own is not seen any more", () => {
  const slots = new Slots();
  const [focused] = slots.assign(["a", "b"], "a");
  const later = slots.assign(["c", "d"], "a");
  assert.equal(later.includes(focused ?? -1), false);
  assert.equal(slots.assign(["d", "a"], "a").includes(focused ?? -1), false);
});
