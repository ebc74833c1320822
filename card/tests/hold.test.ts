import assert from "node:assert/strict";
import { test } from "node:test";
import { HOLD_MS, Hold } from "../src/ui/hold.js";
import { FakeTimers } from "./fakes.js";

function aHold() {
  const timers = new FakeTimers();
  const did: string[] = [];
  const hold = new Hold(
    {
      pressed: () => did.push("pressed"),
      held: () => did.push("held"),
      changed: () => undefined,
    },
    timers.wait,
  );
  return { hold, timers, did };
}

test("a press shorter than holding is a press", () => {
  const { hold, timers, did } = aHold();
  hold.down();
  assert.equal(hold.isHolding, true);
  assert.equal(timers.waiting[0]?.milliseconds, HOLD_MS);
  hold.up();
  assert.deepEqual(did, ["pressed"]);
  assert.deepEqual([hold.isHolding, timers.waiting.length], [false, 0]);
});

test("holding does the other thing once, and letting go nothing more", () => {
  const { hold, timers, did } = aHold();
  hold.down();
  timers.fire();
  hold.up();
  assert.deepEqual(did, ["held"]);
  hold.down();
  hold.up();
  assert.deepEqual(did, ["held", "pressed"]);
});

test("a finger that slides away does neither", () => {
  const { hold, timers, did } = aHold();
  hold.down();
  hold.cancel();
  hold.up();
  assert.equal(timers.fire(), undefined);
  assert.deepEqual(did, []);
});

test("a key that repeats while it is down is held once", () => {
  const { hold, timers, did } = aHold();
  hold.down();
  hold.down();
  hold.down();
  assert.equal(timers.waiting.length, 1);
  timers.fire();
  hold.down();
  hold.up();
  assert.deepEqual(did, ["held"]);
});

test("where holding does nothing, a long press is a press", () => {
  const { hold, timers, did } = aHold();
  hold.enabled = false;
  hold.down();
  assert.equal(timers.waiting.length, 0);
  hold.up();
  assert.deepEqual(did, ["pressed"]);
});

test("letting go does nothing more, also when holding has turned holding off", () => {
  const { hold, timers, did } = aHold();
  hold.down();
  timers.fire();
  hold.enabled = false;
  hold.up();
  assert.deepEqual(did, ["held"]);
});
