import assert from "node:assert/strict";
import { test } from "node:test";
import { House, type HouseView, houseOf } from "../src/ha/house.js";
import { aHass, FakeConnection, FakeTimers, settled } from "./fakes.js";
import { anOverview, KITCHEN } from "./samples.js";

const UP = () => new FakeConnection().on("subscribe", null).on("overview", () => anOverview());

function begun(connection: FakeConnection, timers = new FakeTimers()) {
  const house = new House(aHass(connection), timers.wait);
  const views: HouseView[] = [];
  const stop = house.listen({ changed: (view) => views.push(view) });
  return { house, views, stop, timers };
}

test("all cards of a page share one subscription and one overview", async () => {
  const connection = UP();
  const house = houseOf(aHass(connection));
  assert.equal(houseOf(aHass(connection)), house);
  const stops = [house.listen({}), house.listen({}), house.listen({})];
  await settled();
  assert.deepEqual([connection.count("subscribe"), connection.count("overview")], [1, 1]);
  assert.equal(house.view.state, "ready");
  for (const stop of stops) {
    stop();
  }
  await settled();
  assert.equal(connection.subscriptions, 0);
  assert.deepEqual([connection.listening("ready"), connection.listening("disconnected")], [0, 0]);
});

test("what was told before the overview came is in it: the subscription is first", async () => {
  const connection = UP();
  begun(connection);
  await settled();
  assert.deepEqual(
    connection.sent.map((it) => it.type),
    ["earshot/subscribe", "earshot/overview"],
  );
});

test("a microphone that is renewed is shown so, without a question", async () => {
  const connection = UP();
  const { house } = begun(connection);
  await settled();
  const microphone = { state: "off", reason: "verified", verified_s: 0 };
  connection.feed?.({ event: "room", room_id: KITCHEN, microphone, muted: true, locality: null });
  assert.equal(house.room(KITCHEN)?.microphone.state, "off");
  assert.equal(house.room(KITCHEN)?.muted, true);
  assert.equal(house.room(KITCHEN)?.name, "Kitchen");
  assert.equal(connection.count("overview"), 1);
});

test("when the connection is lost, no microphone is known at once", async () => {
  const connection = UP();
  const { house } = begun(connection);
  await settled();
  connection.lose();
  assert.equal(house.view.state, "offline");
  assert.equal(house.room(KITCHEN)?.microphone.state, null);
  assert.equal(house.room(KITCHEN)?.microphone.reason, "not_connected");
  connection.come();
  await settled();
  assert.equal(house.view.state, "ready");
  assert.equal(house.room(KITCHEN)?.microphone.state, "on");
  assert.equal(house.view.epoch, 2);
});

test("a Home Assistant that is back before Earshot is asked again, ever more seldom", async () => {
  const connection = new FakeConnection();
  const { house, timers } = begun(connection);
  const waits: (number | undefined)[] = [];
  for (let tries = 0; tries < 7; tries += 1) {
    await settled();
    assert.equal(house.view.state, "failed");
    assert.equal(house.view.error?.code, "unavailable");
    waits.push(timers.fire());
  }
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  await settled();
  connection.on("subscribe", null).on("overview", anOverview());
  timers.fire();
  await settled();
  assert.equal(house.view.state, "ready");
  assert.equal(connection.subscriptions, 1);
});

test("many changes at once are one question, and one more when it was under way", async () => {
  const connection = UP();
  begun(connection);
  await settled();
  for (let each = 0; each < 20; each += 1) {
    connection.feed?.({ event: "overview" });
  }
  await settled();
  assert.equal(connection.count("overview"), 3);
});

test("an answer that does not fit is no overview", async () => {
  const connection = UP().on("overview", { rooms: "all of them" });
  const { house } = begun(connection);
  await settled();
  assert.equal(house.view.error?.code, "unreadable");
  assert.equal(house.view.overview, null);
  assert.equal(connection.subscriptions, 0);
});

test("who leaves while it begins leaves nothing behind", async () => {
  const connection = UP();
  const { stop } = begun(connection);
  stop();
  await settled();
  assert.equal(connection.subscriptions, 0);
  assert.equal(connection.count("overview"), 0);
});
