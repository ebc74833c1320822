import assert from "node:assert/strict";
import { test } from "node:test";
import { Api } from "../src/ha/api.js";
import { aHass, FakeConnection } from "./fakes.js";
import { NOON } from "./samples.js";

const ID = "0".repeat(32);

function begun(answer: () => Response = () => new Response("sound")) {
  const connection = new FakeConnection();
  const asked: { path: string; init: RequestInit }[] = [];
  const hass = aHass(connection, async (path, init = {}) => {
    asked.push({ path, init });
    return answer();
  });
  return { connection, asked, api: new Api(() => hass) };
}

const headers = (init: RequestInit): Record<string, string> =>
  init.headers as Record<string, string>;

test("a sound is fetched with the login, past every cache, and by no address that holds a secret", async () => {
  const { api, asked } = begun();
  assert.equal(await (await api.sound(ID)).text(), "sound");
  assert.equal(asked[0]?.path, `/api/earshot/captures/${ID}/audio`);
  assert.equal(asked[0]?.init.cache, "no-store");
  await api.sound("../../auth");
  assert.equal(asked[1]?.path, "/api/earshot/captures/..%2F..%2Fauth/audio");
});

test("what was unlocked is shown to be ours until it is locked", async () => {
  const { api, asked, connection } = begun();
  connection.on("seals/unlock", { handle: "of this connection", seconds: 300 });
  connection.on("seals/lock", null);
  assert.equal(await api.unlock("seal", "correct horse"), 300);
  assert.equal(connection.last("seals/unlock")?.["password"], "correct horse");
  await api.sound(ID);
  await api.lock();
  await api.sound(ID);
  const handles = asked.map(({ init }) => headers(init)["x-earshot-unlock"]);
  assert.deepEqual(handles, ["of this connection", undefined]);
});

test("a refusal is told by its code, whatever else the answer says", async () => {
  const refused = begun(() => Response.json({ code: "plain_http" }, { status: 403 }));
  await assert.rejects(refused.api.sound(ID), { code: "plain_http" });
  const odd = begun(() => new Response("<html>proxy</html>", { status: 502 }));
  await assert.rejects(odd.api.sound(ID), { code: "failed" });
  const gone = new Api(() => aHass(new FakeConnection()));
  await assert.rejects(gone.sound(ID), { code: "offline" });
});

test("without a connection nothing is sent, and nothing waits to be", async () => {
  const { api, connection } = begun();
  connection.connected = false;
  await assert.rejects(api.captures({}, null, 50), { code: "offline" });
  assert.equal(connection.sent.length, 0);
});

test("questions are put as the API takes them: no empty lists, moments with their zone", async () => {
  const { api, connection } = begun();
  const page = { captures: [], cursor: null, complete: true, refused: [] };
  connection
    .on("captures", page)
    .on("captures/count", { captures: 0, pinned: 0, until: "2026-11-28T12:00:00Z" });
  await api.captures({ rooms: [], outcomes: ["failed"], text: "", until: NOON }, "17", 50);
  assert.deepEqual(connection.last("captures"), {
    type: "earshot/captures",
    outcomes: ["failed"],
    until: "2026-11-28T12:00:00.000Z",
    cursor: "17",
    limit: 50,
  });
  await api.count({ ids: [ID], pinned: true });
  assert.deepEqual(connection.last("captures/count"), {
    type: "earshot/captures/count",
    ids: [ID],
    pinned: true,
  });
});

test("an export names what was chosen, one by one or by its filters", async () => {
  const { api, asked } = begun();
  await api.export({ ids: [ID] });
  await api.export({ rooms: ["kitchen"], since: NOON });
  assert.deepEqual(
    asked.map(({ init }) => JSON.parse(String(init.body))),
    [{ ids: [ID] }, { rooms: ["kitchen"], since: "2026-11-28T12:00:00.000Z" }],
  );
});
