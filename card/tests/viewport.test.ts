import assert from "node:assert/strict";
import { test } from "node:test";
import { type Capture, capture } from "../src/ha/model.js";
import { target } from "../src/history/keys.js";
import { DAY_PX, ROW_PX, Timeline } from "../src/history/timeline.js";
import { Viewport } from "../src/history/viewport.js";
import { aCapture, NOON } from "./samples.js";

const MINUTE = 60_000;
const SEEN = 800;
const BASE = capture(aCapture());

function made(number: number): Capture {
  return { ...BASE, id: String(number).padStart(32, "0"), started: NOON - number * MINUTE };
}

/** Rows 1 to `count`, all of one day, in a list that was drawn at `scrollTop`. */
function reading(count: number, scrollTop = 0) {
  const timeline = new Timeline(() => "day");
  timeline.add(Array.from({ length: count }, (_, at) => made(at + 1)));
  const scroller = { scrollTop: 0, clientHeight: SEEN };
  const viewport = new Viewport();
  const draw = () => {
    viewport.willDraw(timeline, scroller.scrollTop);
    viewport.drawn(timeline, scroller);
  };
  draw();
  scroller.scrollTop = scrollTop;
  viewport.letGo();
  draw();
  return { timeline, scroller, viewport, draw };
}

test("who reads further down holds still while captures come and go above", () => {
  const { timeline, scroller, draw } = reading(100, 4_000);
  timeline.add([made(0)]);
  draw();
  assert.equal(scroller.scrollTop, 4_000 + ROW_PX);
  timeline.remove([made(0).id, made(1).id, made(2).id]);
  draw();
  assert.equal(scroller.scrollTop, 4_000 - 2 * ROW_PX);
});

test("who looks at the newest sees what comes", () => {
  const { timeline, scroller, draw } = reading(100);
  timeline.add([made(0)]);
  draw();
  assert.equal(scroller.scrollTop, 0);
});

test("whoever scrolls is not pulled back by what came meanwhile", () => {
  const { timeline, scroller, viewport, draw } = reading(100, 4_000);
  timeline.add([made(0)]);
  scroller.scrollTop = 4_100;
  viewport.letGo();
  draw();
  assert.equal(scroller.scrollTop, 4_100);
});

test("some rows around what is seen are drawn, and never all of them", () => {
  const { timeline, viewport } = reading(1_000, 40_000);
  const [from, to] = viewport.rows(timeline);
  const rows = timeline.rows.slice(from, to);
  assert.ok(rows.length < 30);
  assert.ok((rows[0]?.top ?? 0) < 40_000);
  assert.ok((rows.at(-1)?.top ?? 0) + ROW_PX > 40_000 + SEEN);
});

test("the end is asked for before it is reached", () => {
  assert.equal(reading(100).viewport.nearsEnd(reading(100).timeline), false);
  const near = reading(100, 100 * ROW_PX - 2_500);
  assert.equal(near.viewport.nearsEnd(near.timeline), true);
});

test("a row is shown by as little movement as it takes, with what is opened below it", () => {
  const { timeline, scroller, viewport, draw } = reading(100, 4_000);
  const show = (at: number) => {
    const row = timeline.rows[at];
    assert.ok(row);
    viewport.show(row, timeline);
    draw();
    return row.top;
  };
  show(53);
  assert.equal(scroller.scrollTop, 4_000);
  const above = show(10);
  assert.equal(scroller.scrollTop, above);
  const below = show(60);
  assert.equal(scroller.scrollTop, below + ROW_PX - SEEN);
  timeline.open(made(70).id, 300);
  const opened = show(69);
  assert.equal(scroller.scrollTop, opened + ROW_PX + 300 - SEEN);
  timeline.open(made(70).id, 2 * SEEN);
  show(69);
  assert.equal(scroller.scrollTop, opened, "its beginning, where all of it has no room");
});

test("the tab stop goes back to the first capture when its own is gone", () => {
  const { timeline, viewport, draw } = reading(3);
  viewport.current = made(2).id;
  draw();
  assert.equal(viewport.current, made(2).id);
  timeline.remove([made(2).id]);
  draw();
  assert.equal(viewport.current, null);
});

test("the first row of a list stands below the heading of its day", () => {
  assert.equal(reading(2).timeline.rows[1]?.top, ROW_PX + DAY_PX);
});

test("keys lead to rows that there are, other keys nowhere", () => {
  const from = (at: number) => (key: string) => target(key, 8, 99, () => at);
  const found = ["ArrowDown", "ArrowUp", "PageDown", "PageUp", "Home", "End"];
  assert.deepEqual(found.map(from(50)), [51, 49, 58, 42, 0, 99]);
  assert.deepEqual(found.map(from(0)), [1, 0, 8, 0, 0, 99]);
  assert.deepEqual(found.map(from(98)), [99, 97, 99, 90, 0, 99]);
  assert.equal(from(50)("Enter"), null);
  assert.equal(from(50)("toString"), null);
});
