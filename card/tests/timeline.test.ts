import assert from "node:assert/strict";
import { test } from "node:test";
import { type Capture, capture } from "../src/ha/model.js";
import { DAY_PX, REMEMBERED, ROW_PX, Timeline } from "../src/history/timeline.js";
import { aCapture, NOON } from "./samples.js";

const HOUR = 3_600_000;
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

const BASE = capture(aCapture());

function made(number: number, ago = number * HOUR): Capture {
  return { ...BASE, id: String(number).padStart(32, "0"), started: NOON - ago };
}

const ids = (timeline: Timeline): number[] => timeline.rows.map((row) => Number(row.id));

test("rows stand newest first, each day with one heading", () => {
  const timeline = new Timeline(dayOf);
  timeline.add([made(0), made(1)]);
  timeline.add([made(13), made(14)]);
  assert.deepEqual(ids(timeline), [0, 1, 13, 14]);
  assert.deepEqual(
    timeline.rows.map((row) => row.first),
    [true, false, true, false],
  );
  assert.deepEqual(
    timeline.rows.map((row) => row.top),
    [0, ROW_PX + DAY_PX, 2 * ROW_PX + DAY_PX, 3 * ROW_PX + 2 * DAY_PX],
  );
  assert.equal(timeline.height, 4 * ROW_PX + 2 * DAY_PX);
});

test("what comes live, or twice, stands where it belongs, once", () => {
  const timeline = new Timeline(dayOf);
  timeline.add([made(2), made(4)]);
  assert.equal(timeline.add([made(1), made(2), made(3)]), 2);
  assert.deepEqual(ids(timeline), [1, 2, 3, 4]);
  assert.deepEqual(
    timeline.rows.map((row) => row.first),
    [true, false, false, false],
  );
});

test("when the first of a day goes, the next one carries its heading", () => {
  const timeline = new Timeline(dayOf);
  timeline.add([made(0), made(1), made(2)]);
  assert.equal(timeline.remove([made(0).id, "unknown"]), true);
  assert.deepEqual(
    timeline.rows.map((row) => [Number(row.id), row.first, row.top]),
    [
      [1, true, 0],
      [2, false, ROW_PX + DAY_PX],
    ],
  );
  assert.equal(timeline.remove(["unknown"]), false);
});

test("the rows that are seen are found, whatever is opened", () => {
  const timeline = new Timeline(dayOf);
  timeline.add([made(0), made(1), made(2), made(3)]);
  assert.deepEqual(timeline.between(0, 10), [0, 1]);
  assert.deepEqual(timeline.between(ROW_PX + DAY_PX + 1, 2 * ROW_PX + DAY_PX + 1), [1, 3]);
  timeline.open(made(0).id, 500);
  assert.deepEqual(timeline.between(400, 500), [0, 1]);
  assert.equal(timeline.height, 4 * ROW_PX + DAY_PX + 500);
  timeline.remove([made(0).id]);
  assert.equal(timeline.height, 3 * ROW_PX + DAY_PX);
});

test("a hundred thousand rows are places only; words of few are remembered", () => {
  const timeline = new Timeline(dayOf);
  for (let at = 0; at < 100_000; at += 50) {
    timeline.add(Array.from({ length: 50 }, (_, each) => made(at + each, (at + each) * 1_000)));
  }
  assert.equal(timeline.rows.length, 100_000);
  assert.equal(timeline.wanting(made(0).id), true);
  assert.equal(timeline.capture(made(0).id), undefined);
  assert.equal(timeline.wanting(made(99_999).id), false);
  const remembered = timeline.rows.filter((row) => timeline.capture(row.id)).length;
  assert.equal(remembered, REMEMBERED);
  timeline.add([made(100_000, -1_000)]);
  timeline.remove([made(50_000).id]);
  assert.equal(timeline.rows.length, 100_000);
});

test("an answer that was under way when a capture changed leaves it wanted", () => {
  const timeline = new Timeline(dayOf);
  timeline.add([made(0)]);
  const asked = timeline.touches;
  timeline.touch([made(0).id]);
  timeline.add([made(0)], asked);
  assert.equal(timeline.wanting(made(0).id), true);
  timeline.add([made(0)], timeline.touches);
  assert.equal(timeline.wanting(made(0).id), false);
});

test("what changed is shown until the new is there, and wanted", () => {
  const timeline = new Timeline(dayOf);
  timeline.add([made(0)]);
  timeline.touch([made(0).id, "unknown"]);
  assert.equal(timeline.wanting(made(0).id), true);
  assert.equal(timeline.capture(made(0).id)?.transcript, "turn on the kitchen light");
  timeline.add([{ ...made(0), label: "not_for_you" }]);
  assert.equal(timeline.wanting(made(0).id), false);
  assert.equal(timeline.capture(made(0).id)?.label, "not_for_you");
});
