import assert from "node:assert/strict";
import { test } from "node:test";
import type { Selection } from "../src/ha/api.js";
import { EarshotError } from "../src/ha/errors.js";
import { Deletion, UNDO_S } from "../src/history/deletion.js";
import { FakeTimers } from "./fakes.js";
import { NOON } from "./samples.js";

const DAY = { since: NOON, until: NOON + 1_000 };

class FakeApi {
  there = 3;
  pinned = 1;
  readonly removed: { what: Selection; seen: number; undo: number }[] = [];
  readonly undone: string[] = [];
  failure: EarshotError | null = null;

  async count(what: Selection) {
    return {
      captures: this.there + (what.pinned ? this.pinned : 0),
      pinned: this.pinned,
      until: NOON,
    };
  }

  async remove(what: Selection, seen: number, undo: number) {
    if (this.failure) {
      throw this.failure;
    }
    this.removed.push({ what, seen, undo });
    return { captures: seen, pinned: this.pinned, deletion_id: "d1", due: NOON };
  }

  async undo(id: string) {
    if (this.failure) {
      throw this.failure;
    }
    this.undone.push(id);
  }
}

function begun() {
  const api = new FakeApi();
  const timers = new FakeTimers();
  return { api, timers, deletion: new Deletion(api, () => undefined, timers.wait) };
}

// Not narrowed by what was asserted before: it changes.
const kind = (deletion: Deletion): string => deletion.state.kind;

const ended = (error: string | null, id = "d1") =>
  ({ event: "deletion", deletion_id: id, error, certificate: null, captures: 3 }) as const;

test("nothing goes that was not counted and agreed to", async () => {
  const { api, deletion, timers } = begun();
  await deletion.agree();
  await deletion.ask(DAY);
  assert.equal(api.removed.length, 0);
  await deletion.agree();
  assert.deepEqual(api.removed, [
    { what: { ...DAY, pinned: false, until: NOON }, seen: 3, undo: UNDO_S },
  ]);
  assert.equal(kind(deletion), "waiting");
  assert.equal(timers.fire(), UNDO_S * 1_000);
  assert.equal(kind(deletion), "working");
  deletion.take(ended(null, "of somebody else"));
  assert.equal(kind(deletion), "working");
  deletion.take(ended(null));
  assert.deepEqual(deletion.state, { kind: "done", captures: 3 });
  timers.fire();
  assert.equal(kind(deletion), "none");
});

test("pinned ones are counted again before they are taken too", async () => {
  const { api, deletion } = begun();
  await deletion.ask(DAY);
  await deletion.ask(DAY, true);
  await deletion.agree();
  assert.deepEqual(api.removed[0]?.seen, 4);
  assert.equal(api.removed[0]?.what.pinned, true);
});

test("when there are more by now, it is counted again, and asked again", async () => {
  const { api, deletion } = begun();
  await deletion.ask(DAY);
  api.failure = new EarshotError("count_changed", { count: "5" });
  api.there = 5;
  await assert.rejects(deletion.agree(), { code: "count_changed" });
  assert.equal(deletion.state.kind === "asking" && deletion.state.count.captures, 5);
  api.failure = null;
  await deletion.agree();
  assert.equal(api.removed[0]?.seen, 5);
});

test("it can be taken back while it waits, and says so when it was too late", async () => {
  const { api, deletion, timers } = begun();
  await deletion.ask(DAY);
  await deletion.agree();
  await deletion.undo();
  assert.deepEqual(api.undone, ["d1"]);
  assert.equal(kind(deletion), "taken_back");
  timers.fire();
  await deletion.ask(DAY);
  await deletion.agree();
  api.failure = new EarshotError("deletion_over");
  await deletion.undo();
  assert.equal(kind(deletion), "waiting");
  deletion.take(ended(null));
  assert.equal(kind(deletion), "done");
});

test("one that fails, or of which nothing is heard again, never counts as done", async () => {
  const { deletion, timers } = begun();
  await deletion.ask(DAY);
  await deletion.agree();
  deletion.take(ended("vault_busy"));
  assert.deepEqual(deletion.state, { kind: "failed", error: new EarshotError("vault_busy") });
  timers.fire();
  await deletion.ask(DAY);
  await deletion.agree();
  timers.fire();
  timers.fire();
  assert.deepEqual(deletion.state, { kind: "failed", error: new EarshotError("timeout") });
});

test("what is about to go is marked, and nothing else", async () => {
  const { deletion } = begun();
  const capture = { id: "a", room_id: "k", started: NOON + 500, outcome: "failed" };
  assert.equal(deletion.takes(capture), false);
  await deletion.ask({ ...DAY, rooms: ["k"], outcomes: ["failed"] });
  assert.equal(deletion.takes(capture), false);
  await deletion.agree();
  assert.equal(deletion.takes(capture), true);
  assert.equal(deletion.takes({ ...capture, room_id: "b" }), false);
  assert.equal(deletion.takes({ ...capture, outcome: "understood" }), false);
  assert.equal(deletion.takes({ ...capture, started: NOON + 1_000 }), false);
  assert.equal(deletion.takes({ ...capture, started: NOON - 1 }), false);
});

test("whoever turns away deletes nothing", async () => {
  const { api, deletion } = begun();
  const counting = deletion.ask(DAY);
  deletion.cancel();
  await counting;
  await deletion.agree();
  assert.equal(kind(deletion), "none");
  assert.equal(api.removed.length, 0);
});
