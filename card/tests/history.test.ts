import assert from "node:assert/strict";
import { test } from "node:test";
import { House } from "../src/ha/house.js";
import { History } from "../src/history/controller.js";
import { aHass, FakeConnection, FakeTimers, type Message, settled } from "./fakes.js";
import { aCapture, anOverview, KITCHEN, NOON } from "./samples.js";

const MINUTE = 60_000;
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** A vault that answers as the server does: newest first, below a cursor, before a moment. */
class Vault {
  kept: { id: string; started: number; transcript: string }[] = [];
  refused: unknown[] = [];

  keep(...numbers: number[]): this {
    for (const number of numbers) {
      const id = number.toString(16).padStart(32, "0");
      this.kept.push({ id, started: NOON + number * MINUTE, transcript: `command ${number}` });
    }
    this.kept.sort((a, b) => b.started - a.started);
    return this;
  }

  drop(number: number): string {
    const id = number.toString(16).padStart(32, "0");
    this.kept = this.kept.filter((it) => it.id !== id);
    return id;
  }

  page = (message: Message): unknown => {
    const before = Math.min(
      message["cursor"] ? Number(message["cursor"]) : Number.POSITIVE_INFINITY,
      message["until"] ? Date.parse(String(message["until"])) : Number.POSITIVE_INFINITY,
    );
    const found = this.kept.filter(
      (it) => it.started < before && it.transcript.includes(String(message["text"] ?? "")),
    );
    const limit = Number(message["limit"]);
    const captures = found.slice(0, limit);
    return {
      captures: captures.map((it) =>
        aCapture({ ...it, started: new Date(it.started).toISOString() }),
      ),
      cursor: found.length > limit ? String(captures.at(-1)?.started) : null,
      complete: true,
      refused: this.refused,
    };
  };
}

async function begun(vault: Vault, room: Record<string, unknown> = {}, device?: string) {
  const connection = new FakeConnection()
    .on("subscribe", null)
    .on("overview", () => anOverview(room))
    .on("captures", vault.page);
  const house = new House(aHass(connection), new FakeTimers().wait);
  const timers = new FakeTimers();
  const history = new History(house, dayOf, () => undefined, timers.wait, device);
  history.start();
  await settled();
  return { connection, history, vault, timers };
}

const numbers = (history: History): number[] =>
  history.timeline.rows.map((row) => Number.parseInt(row.id, 16));
const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

test("pages come one after the other, until the end", async () => {
  const { history, connection } = await begun(new Vault().keep(...range(120)));
  assert.equal(history.timeline.rows.length, 50);
  await Promise.all([history.more(), history.more()]);
  assert.equal(connection.count("captures"), 2);
  await history.more();
  await history.more();
  assert.deepEqual(numbers(history), range(120).reverse());
  assert.equal(history.atEnd, true);
  assert.equal(connection.count("captures"), 3);
});

test("a capture that is kept appears, and one that is gone goes, wherever they are", async () => {
  const { history, connection, vault } = await begun(new Vault().keep(1, 2, 4));
  vault.keep(3, 5);
  connection.feed?.({ event: "captures", kind: "kept", room_id: KITCHEN, ids: ["x", "y"] });
  await settled();
  assert.deepEqual(numbers(history), [5, 4, 3, 2, 1]);
  assert.equal(history.came, 2);
  const ids = [vault.drop(4)];
  connection.feed?.({ event: "captures", kind: "gone", room_id: KITCHEN, ids });
  assert.deepEqual(numbers(history), [5, 3, 2, 1]);
  assert.equal(connection.count("captures"), 2);
});

test("what happens in rooms of others is none of this card's business", async () => {
  const { history, connection, vault } = await begun(new Vault().keep(1));
  vault.keep(2);
  connection.feed?.({ event: "captures", kind: "kept", room_id: "elsewhere", ids: ["x"] });
  await settled();
  assert.deepEqual(numbers(history), [1]);
});

test("what was let go of is asked for again, and is gone if it is not there any more", async () => {
  const { history, vault } = await begun(new Vault().keep(...range(60)));
  await history.more();
  vault.drop(9);
  history.timeline.touchAll();
  await history.mend(50, 60);
  assert.deepEqual(numbers(history).slice(50), [8, 7, 6, 5, 4, 3, 2, 1, 0]);
  assert.equal(
    history.timeline.rows.slice(50).some((row) => history.timeline.wanting(row.id)),
    false,
  );
});

test("after a lost connection nothing stays that went meanwhile, and what came is there", async () => {
  const { history, connection, vault } = await begun(new Vault().keep(1, 2, 3));
  connection.lose();
  assert.equal(history.phase, "list");
  vault.drop(2);
  vault.keep(4);
  connection.come();
  await settled();
  assert.deepEqual(numbers(history), [4, 3, 1]);
});

test("when more came than a page holds, the list begins anew rather than with a hole", async () => {
  const { history, connection, vault } = await begun(new Vault().keep(1, 2));
  connection.lose();
  vault.keep(...range(200).map((each) => each + 10));
  connection.come();
  await settled();
  assert.equal(history.timeline.rows.length, 50);
  assert.equal(numbers(history)[0], 209);
  await history.more();
  assert.deepEqual(
    numbers(history),
    range(100).map((each) => 209 - each),
  );
});

test("who is no listener is asked for nothing", async () => {
  const { history, connection } = await begun(new Vault().keep(1), {
    may: { read: "not_allowed" },
  });
  assert.equal(history.phase, "denied");
  assert.equal(connection.count("captures"), 0);
});

test("a card of a room shows that room, or says that it is not there", async () => {
  const ours = await begun(new Vault().keep(1), {}, "device");
  assert.deepEqual(ours.connection.last("captures")?.["rooms"], [KITCHEN]);
  const gone = await begun(new Vault().keep(1), {}, "of a room that was removed");
  assert.equal(gone.history.phase, "no_room");
  assert.equal(gone.connection.count("captures"), 0);
});

test("who becomes a listener, or is one no more, sees it at once", async () => {
  const room: Record<string, unknown> = { may: { read: "not_allowed" } };
  const { history, connection } = await begun(new Vault().keep(1), room);
  room["may"] = { read: "allowed" };
  connection.feed?.({ event: "overview" });
  await settled();
  assert.deepEqual(numbers(history), [1]);
  room["may"] = { read: "not_allowed" };
  connection.feed?.({ event: "overview" });
  await settled();
  assert.equal(history.phase, "denied");
  assert.deepEqual(numbers(history), []);
});

test("rooms that want a code say so, with their names", async () => {
  const vault = new Vault();
  vault.refused = [{ room_id: KITCHEN, reason: "second_factor" }];
  const { history } = await begun(vault, { may: { read: "second_factor" } });
  assert.equal(history.phase, "locked");
  assert.deepEqual(history.refusals, [{ reason: "second_factor", rooms: ["Kitchen"] }]);
});

test("nothing kept and nothing found are not the same", async () => {
  const { history, connection } = await begun(new Vault());
  assert.equal(history.phase, "empty");
  history.setFilter({ text: "zebra" });
  await settled();
  assert.equal(history.phase, "nothing_found");
  assert.equal(connection.last("captures")?.["text"], "zebra");
  history.setFilter({ text: "" });
  await settled();
  assert.equal(history.phase, "empty");
});

test("an answer to an older question is dropped", async () => {
  const { history, connection, vault } = await begun(new Vault().keep(1, 22));
  let late: (value: unknown) => void = () => undefined;
  connection.on("captures", (message: Message) =>
    message["text"] === "1" ? new Promise((resolve) => (late = resolve)) : vault.page(message),
  );
  history.setFilter({ text: "1" });
  await settled();
  history.setFilter({ text: "22" });
  await settled();
  late(vault.page({ type: "", limit: 50, text: "1" }));
  await settled();
  assert.deepEqual(numbers(history), [22]);
});

test("what failed is not asked for again by itself", async () => {
  const { history, connection, vault, timers } = await begun(new Vault().keep(...range(60)));
  connection.on("captures", Object.assign(new Error(), { code: "debug_log" }));
  await history.more();
  await history.more();
  await history.mend(0, 50);
  assert.equal(connection.count("captures"), 2);
  assert.equal(history.error?.code, "debug_log");
  assert.equal(history.phase, "list");
  assert.equal(timers.waiting.length, 0);
  connection.on("captures", vault.page);
  history.retry();
  await history.more();
  assert.equal(history.timeline.rows.length, 60);
});

test("what passes by itself is asked for again, ever more seldom, until it has passed", async () => {
  const { history, connection, vault, timers } = await begun(new Vault());
  vault.keep(1);
  connection.on("captures", Object.assign(new Error(), { code: "audit_failed" }));
  history.reload();
  const waits: (number | undefined)[] = [];
  for (let tries = 0; tries < 6; tries += 1) {
    await settled();
    assert.equal(history.phase, "failed");
    waits.push(timers.fire());
  }
  assert.deepEqual(waits, [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  await settled();
  connection.on("captures", vault.page);
  timers.fire();
  await settled();
  assert.deepEqual(numbers(history), [1]);
  assert.equal(timers.waiting.length, 0);
  connection.on("captures", Object.assign(new Error(), { code: "vault_busy" }));
  history.reload();
  await settled();
  assert.equal(timers.waiting[0]?.milliseconds, 5_000);
  history.stop();
  assert.equal(timers.waiting.length, 0);
});

test("all that is shown is what the filters say", async () => {
  const { history } = await begun(new Vault().keep(1));
  history.setFilter({ room: KITCHEN, outcomes: ["failed"], until: NOON });
  assert.deepEqual(await history.shown(), { rooms: [KITCHEN], outcomes: ["failed"], until: NOON });
});

test("with a text, nothing is meant but what holds it: the API deletes by no words", async () => {
  const { history, vault } = await begun(new Vault().keep(...range(130)));
  history.setFilter({ text: "command 1" });
  await settled();
  const { ids, ...rest } = await history.shown();
  assert.deepEqual(rest, {});
  const meant = vault.kept.filter((it) => it.transcript.includes("command 1"));
  assert.deepEqual(
    ids,
    meant.map((it) => it.id),
  );
});
