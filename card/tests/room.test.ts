import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPrivacy, checkRoom } from "../src/config.js";
import { houseEntities, roomDevices, roomEntities } from "../src/ha/entities.js";
import type { EntityState } from "../src/ha/hass.js";
import { overview as read } from "../src/ha/model.js";
import { changeLook, loosened } from "../src/house/changes.js";
import { microphoneLook } from "../src/house/microphone.js";
import { retentionWords } from "../src/house/retention.js";
import de from "../src/i18n/de.json";
import en from "../src/i18n/en.json";
import { Words } from "../src/i18n/words.js";
import { type RoomInput, roomShown } from "../src/room/view.js";
import { anOverview, KITCHEN, NOON } from "./samples.js";

const words = new Words(en, { language: "en", time_zone: "server", time_format: "24" }, "UTC");
const HOUR = 3_600_000;
const iso = (at: number): string => new Date(at).toISOString();

function shown(room: Record<string, unknown> = {}, input: Partial<RoomInput> = {}) {
  const overview = read(anOverview(room));
  const [first] = overview.rooms;
  assert.ok(first);
  return roomShown({
    words,
    now: NOON,
    overview,
    room: first,
    microphone: first.microphone,
    muteLeftS: first.mute_left_s,
    satellite: null,
    lastCommand: null,
    voiceCommand: null,
    falseWakes: null,
    minutes: 30,
    ...input,
  });
}

const state = (value: string, attributes = {}): EntityState => ({
  entity_id: "x.y",
  state: value,
  attributes,
});

const CLOSED = { state: "off", reason: "verified", verified_s: 1, since: iso(NOON - 2 * HOUR) };

test("a closed microphone says since when; an open one what it waits for", () => {
  const closed = shown({ microphone: CLOSED, muted: true });
  assert.deepEqual(
    [closed.microphone.word, closed.microphone.detail, closed.activity],
    ["Closed", "Verified, since 10:00", "Hears nothing"],
  );
  const open = shown({ microphone: { ...CLOSED, state: "on" } });
  assert.deepEqual([open.microphone.word, open.activity], ["Open", "Waits for its wake word"]);
});

test("every state of a microphone has a word and an icon of its own", () => {
  const looks = ["on", "off", null].map((it) =>
    microphoneLook(
      words,
      { ...CLOSED, state: it as "on", since: null, holders: null, reason: "stale" },
      NOON,
    ),
  );
  assert.equal(new Set(looks.map((it) => it.icon)).size, 3);
  assert.equal(new Set(looks.map((it) => it.word)).size, 3);
});

test("an unverified microphone says why, who holds it, and nothing comforting", () => {
  const held = shown({
    microphone: { state: null, reason: "held_by_other", verified_s: 1, holders: ["Zoom", "OBS"] },
    muted: true,
  });
  assert.equal(held.microphone.word, "Not verified");
  assert.match(held.microphone.detail, /Zoom and OBS/);
  assert.equal(held.activity, "");
  const newer = shown({ microphone: { state: null, reason: "quantum", verified_s: 1 } });
  assert.equal(newer.microphone.detail, en["mic.why.unverified"]);
});

test("what a satellite or Home Assistant may give as reason has words of its own", () => {
  const reasons = [
    ...["not_linked", "no_receipt", "stale", "not_paired", "unverified", "not_muted"],
    ...["ear_unknown", "held_by_other", "source_failed", "source_lost", "no_source"],
    "no_positive_control",
  ];
  for (const reason of reasons) {
    assert.ok(Object.hasOwn(en, `mic.why.${reason}`), reason);
  }
});

test("one big mute: what was muted at the satellite cannot be lifted, and says where it can", () => {
  const local = shown({ muted: true, muted_at_device: true });
  assert.deepEqual([local.mute.enabled, local.mute.muted, local.mute.hold], [false, true, ""]);
  assert.match(local.note, /only there/);
  const open = shown({ muted: false });
  assert.deepEqual([open.mute.enabled, open.mute.hold], [true, "Hold: muted for 30 min"]);
  assert.equal(shown({ muted: null }).mute.enabled, false);
});

test("a mute that ends says how long it lasts, in whole minutes that are not over yet", () => {
  assert.equal(shown({ muted: true, mute_left_s: 1_799 }).note, "Muted for another 30 min");
  assert.equal(shown({ muted: true, mute_left_s: 1 }).note, "Muted for another 1 min");
  assert.match(shown({ muted: true, mute_waits: true }).note, /away/);
  assert.equal(shown({ muted: true }).note, "");
});

test("the room says that it listens, whatever else is known", () => {
  const busy = shown({ microphone: CLOSED }, { satellite: state("listening") });
  assert.deepEqual([busy.activity, busy.isActive], ["Listening to a command", true]);
  assert.equal(shown({}, { satellite: state("idle") }).isActive, false);
});

test("the last command has its outcome, unless a later false wake hides it", () => {
  const last = state(iso(NOON - HOUR));
  const value = (outcome: string) =>
    shown({}, { lastCommand: last, voiceCommand: state("x", { event_type: outcome }) }).facts[1]
      ?.value;
  assert.equal(value("not_understood"), "11:00 · Not understood");
  assert.equal(value("false_wake"), "11:00");
  assert.equal(shown().facts[1]?.value, "None yet");
});

test("no count is not shown as no false wakes", () => {
  assert.equal(shown({}, { falseWakes: state("0") }).facts[2]?.value, "0");
  for (const odd of ["", "x", "-1", "0.5"]) {
    assert.equal(shown({}, { falseWakes: state(odd) }).facts[2]?.value, "Not known");
  }
  assert.equal(shown().facts[2]?.value, "Not known");
});

const of = (audio: number | null, transcript: number | null, rule = "house") => ({
  audio: { seconds: audio, rule },
  transcript: { seconds: transcript, rule },
});

test("retention is told by what is kept longest, or by the rule that keeps nothing", () => {
  const kept = (retention: Record<string, unknown>) => {
    const [room] = read(anOverview({ retention })).rooms;
    assert.ok(room);
    return retentionWords(words, room);
  };
  assert.equal(
    kept({ understood: of(86_400, 604_800), false_wake: of(0, 21_600) }),
    "At most: words 7 days, sound 24 h",
  );
  assert.equal(
    kept({ a: of(0, 3_600), b: of(0, null) }),
    "At most: words until deleted, sound never",
  );
  assert.equal(kept({ a: of(0, 0, "guest") }), "Nothing, because of guest mode");
  assert.equal(kept({}), "Not known");
});

function aChange(with_: Record<string, unknown>): Record<string, unknown> {
  return {
    room_id: KITCHEN,
    option: "transcript",
    before: "1_day",
    after: "30_days",
    made: iso(NOON - HOUR),
    loosens: true,
    confirmed: false,
    begins: null,
    ...with_,
  };
}

const looks = (...changes: Record<string, unknown>[]) => {
  const overview = read(anOverview({}, { changes }));
  return loosened(overview, KITCHEN).map((it) => changeLook(words, it, NOON));
};

test("what was loosened in a room or in the house is shown, what was tightened or elsewhere not", () => {
  const changes = [
    aChange({ option: "remote", room_id: null }),
    aChange({ option: "sealed", room_id: "01STUDY" }),
    aChange({ option: "audio", loosens: false }),
    aChange({ option: "plain_http", made: iso(NOON) }),
  ];
  assert.deepEqual(
    looks(...changes).map((it) => it.what),
    [en["change.of.plain_http"], en["change.of.remote"]],
  );
});

test("a change that waits says until when, one that was confirmed says so", () => {
  const [waits, confirmed, holds] = looks(
    aChange({ begins: iso(NOON + HOUR), made: iso(NOON - HOUR) }),
    aChange({ confirmed: true, made: iso(NOON - 2 * HOUR) }),
    aChange({ begins: iso(NOON - 1), made: iso(NOON - 3 * HOUR) }),
  );
  assert.deepEqual(
    [waits?.waits, waits?.when],
    [true, words.text("change.waits", { time: "13:00" })],
  );
  assert.equal(waits?.what, "Words may be kept: 30 days");
  assert.match(confirmed?.when ?? "", /Confirmed/);
  assert.deepEqual([holds?.waits, holds?.when], [false, "Changed 09:00"]);
});

test("who was added is named; values from outside that have no words are not made up", () => {
  const [one] = looks(aChange({ option: "listeners", before: ["Anna"], after: ["Anna", "Ben"] }));
  assert.equal(one?.what, "May listen now: Ben");
  const [odd] = looks(aChange({ option: "teleport", after: { a: 1 } }));
  assert.equal(odd?.what, "A rule was loosened: teleport");
  const [value] = looks(aChange({ after: "2_years" }));
  assert.equal(value?.what, "Words may be kept: another");
});

test("the entities of a room are found by what they are, not by their names", () => {
  const entry = (id: string, device: string, key: string, platform = "earshot") => ({
    entity_id: id,
    device_id: device,
    platform,
    translation_key: key,
  });
  const all = [
    entry("assist_satellite.renamed", "d1", "satellite"),
    entry("switch.whatever", "d1", "mute"),
    entry("switch.other", "d2", "mute"),
    entry("switch.stranger", "d1", "mute", "esphome"),
    entry("sensor.then", "d1", "last_command"),
    entry("button.all", "house", "mute_all"),
    entry("switch.guests", "house", "guest_mode"),
  ];
  const registry = Object.fromEntries(all.map((it) => [it.entity_id, it]));
  assert.deepEqual(roomEntities(registry, "d1"), {
    satellite: "assist_satellite.renamed",
    mute: "switch.whatever",
    lastCommand: "sensor.then",
    voiceCommand: null,
    falseWakes: null,
  });
  assert.deepEqual(houseEntities(registry), { muteAll: "button.all", guestMode: "switch.guests" });
  assert.deepEqual(roomDevices(registry), ["d1"]);
  assert.deepEqual(roomDevices(undefined), []);
});

test("a configuration that cannot work is refused at once", () => {
  checkRoom({ type: "custom:earshot-room-card", device: "d", minutes: 720, name: "Kitchen" });
  for (const minutes of [0, 721, 1.5, "30", null]) {
    assert.throws(() => checkRoom({ type: "x", minutes }), /minutes/);
  }
  assert.throws(() => checkRoom({ type: "x", devise: "d" }), /devise/);
  assert.throws(() => checkRoom(null));
  assert.throws(() => checkPrivacy({ type: "x", title: 3 }), /title/);
});

test("German says the same things", () => {
  const german = new Words(de, { language: "de", time_zone: "server" }, "UTC");
  assert.equal(
    microphoneLook(german, { ...CLOSED, state: "on", since: null, holders: null }, 0).word,
    "Offen",
  );
});
