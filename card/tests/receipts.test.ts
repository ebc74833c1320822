import assert from "node:assert/strict";
import { test } from "node:test";
import { House } from "../src/ha/house.js";
import { VALID_S } from "../src/ha/receipts.js";
import { aHass, FakeConnection, FakeTimers, settled } from "./fakes.js";
import { anOverview, KITCHEN } from "./samples.js";

class FakeClocks {
  now = { monotonic: 5_000, wall: 1_000_000 };
  readonly monotonic = () => this.now.monotonic;
  readonly wall = () => this.now.wall;

  pass(seconds: number): void {
    this.now.monotonic += seconds * 1_000;
    this.now.wall += seconds * 1_000;
  }
}

async function aHouse(live: Record<string, unknown> = {}) {
  const clocks = new FakeClocks();
  const overview = anOverview({
    microphone: { state: "off", reason: "verified", verified_s: 4, since: null, holders: [] },
    ...live,
  });
  const connection = new FakeConnection().on("subscribe", null).on("overview", () => overview);
  const house = new House(aHass(connection), new FakeTimers().wait, clocks);
  const events: string[] = [];
  house.listen({ event: ({ event }) => events.push(event) });
  await settled();
  const shown = () => {
    const room = house.room(KITCHEN);
    assert.ok(room);
    const { state, reason } = house.microphone(room);
    return [state, reason];
  };
  return { clocks, connection, house, shown, events };
}

const CLOSED = ["off", "verified"];
const STALE = [null, "stale"];

test("a receipt grows old here also when Home Assistant says nothing more", async () => {
  const { clocks, shown } = await aHouse();
  clocks.pass(VALID_S - 4);
  assert.deepEqual(shown(), CLOSED);
  clocks.pass(0.1);
  assert.deepEqual(shown(), STALE);
});

test("an open microphone is not shown as open for ever either", async () => {
  const { clocks, shown } = await aHouse({
    microphone: { state: "on", reason: "verified", verified_s: 0 },
  });
  clocks.pass(VALID_S + 1);
  assert.deepEqual(shown(), STALE);
});

test("that it was verified again counts, by the age that is told with it", async () => {
  const { clocks, connection, shown, events } = await aHouse();
  clocks.pass(20);
  connection.feed?.({ event: "receipt", room_id: KITCHEN, verified_s: 9 });
  assert.deepEqual(events, ["receipt"]);
  clocks.pass(VALID_S - 9);
  assert.deepEqual(shown(), CLOSED);
  clocks.pass(1);
  assert.deepEqual(shown(), STALE);
});

test("a receipt of the future is worth no more than one of now", async () => {
  const { clocks, connection, shown } = await aHouse();
  connection.feed?.({ event: "receipt", room_id: KITCHEN, verified_s: -3_600 });
  clocks.pass(VALID_S + 1);
  assert.deepEqual(shown(), STALE);
});

test("no clock that is set or stands still keeps a receipt fresh", async () => {
  const back = await aHouse();
  back.clocks.now.wall -= 3_600_000;
  back.clocks.now.monotonic += VALID_S * 1_000;
  assert.deepEqual(back.shown(), STALE);
  const asleep = await aHouse();
  asleep.clocks.now.wall += VALID_S * 1_000;
  assert.deepEqual(asleep.shown(), STALE);
});

test("a state without a receipt is not shown", async () => {
  const { shown } = await aHouse({
    microphone: { state: "off", reason: "verified", verified_s: null },
  });
  assert.deepEqual(shown(), STALE);
});

test("another room's receipt is no receipt of this one", async () => {
  const { clocks, connection, shown } = await aHouse();
  clocks.pass(20);
  connection.feed?.({ event: "receipt", room_id: "01STUDY", verified_s: 0 });
  clocks.pass(11);
  assert.deepEqual(shown(), STALE);
});

test("when the connection is lost no microphone is known, however fresh", async () => {
  const { connection, shown } = await aHouse();
  connection.lose();
  assert.deepEqual(shown(), [null, "not_connected"]);
});

test("what is left of a mute is counted down here", async () => {
  const { clocks, house } = await aHouse({ muted: true, mute_left_s: 600 });
  const room = house.room(KITCHEN);
  assert.ok(room);
  clocks.pass(90);
  assert.equal(house.muteLeftS(room), 510);
  clocks.pass(900);
  assert.equal(house.muteLeftS(room), 0);
  assert.equal(house.muteLeftS({ ...room, mute_left_s: null }), null);
});
