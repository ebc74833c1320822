import assert from "node:assert/strict";
import { test } from "node:test";
import { EarshotError } from "../src/ha/errors.js";
import { House } from "../src/ha/house.js";
import { overview as read, check as readCheck } from "../src/ha/model.js";
import { Acts, needed } from "../src/house/acts.js";
import { localityLook } from "../src/house/locality.js";
import en from "../src/i18n/en.json";
import { Words } from "../src/i18n/words.js";
import { Privacy } from "../src/privacy/controller.js";
import {
  checkButton,
  checkLook,
  keptLines,
  listenersLine,
  listenLine,
} from "../src/privacy/view.js";
import { aHass, FakeConnection, FakeTimers, settled } from "./fakes.js";
import { anOverview, KITCHEN, NOON } from "./samples.js";

const words = new Words(en, { language: "en", time_zone: "server", time_format: "24" }, "UTC");

const NO_CHECK = { running: false, last: null };

function aListen(with_: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    seq: 1,
    when: "2026-11-28T11:00:00+00:00",
    verb: "played",
    room_id: KITCHEN,
    actor: "user",
    user_id: "anna",
    user: "Anna",
    ...with_,
  };
}

async function aCard(listens: unknown = [], check: unknown = NO_CHECK) {
  const connection = new FakeConnection()
    .on("subscribe", null)
    .on("overview", () => anOverview())
    .on("audit/listens", listens)
    .on("deletion_check", check);
  const house = new House(aHass(connection), new FakeTimers().wait);
  const clock = { now: 0 };
  const privacy = new Privacy(
    house,
    () => undefined,
    () => clock.now,
  );
  privacy.start();
  await settled();
  await settled();
  return { clock, connection, house, privacy };
}

test("who listened and the last check are asked for once, and again when they change", async () => {
  const { connection, privacy } = await aCard([aListen()]);
  const counts = () => [connection.count("audit/listens"), connection.count("deletion_check")];
  assert.deepEqual(counts(), [1, 1]);
  assert.equal(privacy.listens.value?.length, 1);
  connection.feed?.({ event: "listened", room_id: KITCHEN, verb: "played" });
  connection.feed?.({ event: "deletion_check" });
  connection.feed?.({ event: "receipt", room_id: KITCHEN, verified_s: 1 });
  await settled();
  assert.deepEqual(counts(), [2, 2]);
});

test("after a loss both are asked for anew, and what fails is not shown as it was", async () => {
  let fail = false;
  const { connection, privacy } = await aCard(() =>
    fail ? Promise.reject({ code: "vault_closed" }) : [aListen()],
  );
  fail = true;
  connection.lose();
  connection.come();
  await settled();
  await settled();
  assert.equal(privacy.listens.value, null);
  assert.equal(privacy.listens.error?.code, "vault_closed");
  assert.equal(connection.count("deletion_check"), 2);
});

const begin = (privacy: Privacy) => checkButton(words, privacy.check.value, privacy.checkWaitS);

test("a check that is begun runs until the house says that it is over, and then stands a while", async () => {
  let answer = { running: true, last: null, wait_s: 0 };
  const { clock, connection, privacy } = await aCard([], () => answer);
  await privacy.runCheck();
  assert.deepEqual(connection.last("deletion_check")?.["run"], true);
  assert.deepEqual(begin(privacy), { label: "Looking …", enabled: false });
  answer = { running: false, last: null, wait_s: 60 };
  connection.feed?.({ event: "deletion_check" });
  await settled();
  assert.deepEqual(connection.last("deletion_check")?.["run"], false);
  assert.deepEqual(begin(privacy), { label: "Again in 60 s", enabled: false });
  clock.now += 59_500;
  assert.deepEqual(begin(privacy), { label: "Again in 1 s", enabled: false });
  clock.now += 500;
  assert.deepEqual(begin(privacy), { label: "Look now", enabled: true });
});

test("nobody begins a check of which it is not known whether one runs", async () => {
  const { privacy } = await aCard([], Object.assign(new Error(), { code: "vault_closed" }));
  assert.deepEqual(begin(privacy), { label: "Look now", enabled: false });
});

test("several of the same are told with their number", async () => {
  const { privacy } = await aCard([aListen({ count: 12 }), aListen({ count: 1 }), aListen()]);
  const lines = (privacy.listens.value ?? []).map((it) => listenLine(words, it, [], NOON));
  assert.deepEqual(
    lines.map((line) => line.endsWith("Anna played something (12×)")),
    [true, false, false],
  );
  assert.deepEqual(lines[1], lines[2]);
});

test("a card that is gone asks for nothing", async () => {
  const { connection, privacy } = await aCard();
  privacy.stop();
  await settled();
  assert.equal(connection.subscriptions, 0);
});

const place = (name: string, state: string, why: string | null = null) => ({
  place: name,
  state,
  kept_by: "earshot",
  hits: 0,
  kinds: [],
  why,
  remedy: name,
});

const when = "2026-11-28T11:00:00+00:00";
const look = (report: unknown) =>
  checkLook(words, readCheck({ running: false, last: { when, report } }), NOON);

test("clean never stands without the places that nobody could look at", () => {
  const shown = look({
    verdict: "clean",
    places: [place("states", "clean"), place("satellites", "unchecked", "out_of_reach")],
  });
  assert.equal(shown.tone, "good");
  assert.deepEqual(
    shown.groups.map((group) => [group.title, group.places.length]),
    [
      ["Could not be looked at", 1],
      ["Clean", 1],
    ],
  );
  assert.equal(shown.groups[0]?.places[0]?.why, en["place_why.out_of_reach"]);
});

test("only clean is green: not a verdict that is newer, nor none, nor one that failed", () => {
  for (const verdict of ["found", "copies", "incomplete", "nothing", "spotless", null]) {
    assert.notEqual(look({ verdict, places: [] }).tone, "good", String(verdict));
  }
  assert.notEqual(look(null).tone, "good");
  assert.equal(look(null).verdict, en["check.failed"]);
  assert.equal(checkLook(words, null, NOON).verdict, en["check.never"]);
  assert.equal(checkLook(words, readCheck(NO_CHECK), NOON).tone, "none");
});

test("a place whose state is newer than the card counts as one nobody looked at", () => {
  const shown = look({ verdict: "clean", places: [place("attic", "sparkling")] });
  assert.deepEqual(shown.groups[0], {
    title: "Could not be looked at",
    icon: "mdi:eye-off-outline",
    places: [{ name: "A place that this card does not know: attic", why: "" }],
  });
});

test("a vault that is closed is not an empty one", () => {
  const lines = (house: Record<string, unknown>) =>
    keptLines(words, read(anOverview({}, house)), NOON).map((it) => it.value);
  assert.deepEqual(lines({ vault: false, captures: 0 }), [en["error.vault_closed"]]);
  assert.deepEqual(lines({ captures: 0 }), ["None", "None", "None"]);
  assert.deepEqual(lines({ captures: 1_234, bytes: 2_000_000, oldest: when, next_expiry: null }), [
    "1,234 · 2 MB",
    "11:00",
    "until deleted",
  ]);
});

test("whether a room is local: a word is not a proof, and unknown is never local", () => {
  const locality = (state: string, engine: Record<string, unknown>) => {
    const engines = [
      { role: "hears", engine: "Piper", state, reason: "vouched", word_of: null, ...engine },
    ];
    const [room] = read(anOverview({ locality: { state, engines } })).rooms;
    return localityLook(words, room?.locality ?? null);
  };
  const given = { word_of: "Anna", word_given: "2026-11-01T00:00:00+00:00" };
  assert.deepEqual(
    [locality("vouched", given).word, locality("vouched", given).engines[0]?.why],
    ["Local, on somebody's word", "local, on Anna's word, Nov 1"],
  );
  assert.equal(localityLook(words, null).word, "Not known");
  assert.equal(locality("guaranteed", {}).word, "Not known");
  const all = ["local", "vouched", "unknown", "not_local"].map((it) => locality(it, {}));
  assert.equal(new Set(all.map((it) => it.icon)).size, 4);
  assert.equal(new Set(all.map((it) => it.word)).size, 4);
});

test("who listened is told with the room, and somebody without a name as that", () => {
  const { rooms } = read(anOverview());
  const line = (with_: Record<string, unknown>) =>
    listenLine(words, { ...aListen(with_), when: NOON } as never, rooms, NOON);
  assert.equal(line({}), "12:00 · Kitchen · Anna played something");
  assert.equal(line({ user: null, verb: "read" }), "12:00 · Kitchen · somebody read what was said");
  assert.equal(line({ room_id: null, verb: "overheard" }), "12:00 · Anna listened");
  const [room] = rooms;
  assert.ok(room);
  assert.equal(listenersLine(words, room), "May listen to what is kept: Anna");
  assert.equal(listenersLine(words, { ...room, listeners: [] }), en["privacy.no_listeners"]);
});

test("what is asked for twice is done once, and why it was not is told", async () => {
  const acts = new Acts(() => undefined);
  let done = 0;
  const act = async () => {
    done += 1;
    await Promise.resolve();
  };
  await Promise.all([acts.run("mute", act), acts.run("mute", act), acts.run("other", act)]);
  assert.equal(done, 2);
  await acts.run("mute", async () => needed(null));
  assert.equal(acts.error?.code, "no_entity");
  assert.equal(acts.isBusy("mute"), false);
  await acts.run("mute", act);
  assert.equal(acts.error, null);
});

test("an action is called on its entity, and its error is ours where it is ours", async () => {
  const connection = new FakeConnection();
  const { api } = new House(aHass(connection), new FakeTimers().wait);
  connection.answers.set("call_service", () => ({}));
  await api.mute("switch.kitchen_mute", true);
  await api.muteFor("assist_satellite.kitchen", 30);
  await api.beginGuestMode(12);
  assert.deepEqual(
    connection.sent.map(({ domain, service, service_data, target }) => [
      `${domain}.${service}`,
      service_data,
      target,
    ]),
    [
      ["switch.turn_on", {}, { entity_id: "switch.kitchen_mute" }],
      ["earshot.mute_for", { minutes: 30 }, { entity_id: "assist_satellite.kitchen" }],
      ["earshot.guest_mode", { hours: 12 }, undefined],
    ],
  );
  connection.answers.set("call_service", () =>
    Promise.reject({ code: "service_validation_error", translation_key: "muted_at_device" }),
  );
  await assert.rejects(api.mute("switch.kitchen_mute", false), new EarshotError("muted_at_device"));
  connection.answers.set("call_service", () => Promise.reject({ code: "unauthorized" }));
  await assert.rejects(api.press("button.all"), new EarshotError("unauthorized"));
});
