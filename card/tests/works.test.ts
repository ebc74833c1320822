import assert from "node:assert/strict";
import { test } from "node:test";
import { House } from "../src/ha/house.js";
import type { Dialog } from "../src/history/asking.js";
import { EVERYTHING } from "../src/history/controller.js";
import { Works } from "../src/history/works.js";
import en from "../src/i18n/en.json";
import { Words } from "../src/i18n/words.js";
import type { Question } from "../src/ui/dialog.js";
import { aHass, FakeConnection, FakeTimers, type Message, settled } from "./fakes.js";
import { aCapture, anOverview, KITCHEN, NOON } from "./samples.js";

const words = new Words(en, { language: "en", time_zone: "server" }, "UTC");
const id = (number: number): string => number.toString(16).padStart(32, "0");

/** Somebody who answers each question with these values, or with no; `asked` are the headings. */
class Person implements Dialog {
  readonly asked: string[] = [];
  answers: Readonly<Record<string, string>> | null = {};

  async ask(_words: Words, question: Question): Promise<boolean> {
    this.asked.push(question.heading);
    await settled(); // what is counted has been counted when somebody has read it
    if (this.answers === null || question.content().blocked) {
      return false;
    }
    await question.attempt(this.answers);
    return true;
  }
}

interface Given {
  captures?: Record<string, unknown>[];
  fetch?: (path: string, init?: RequestInit) => Promise<Response>;
}

async function aCard({ captures = [aCapture({ id: id(1) })], fetch }: Given = {}) {
  const page = (message: Message) => ({
    captures: captures.filter((it) =>
      String(it["transcript"]).includes(`${message["text"] ?? ""}`),
    ),
    cursor: null,
    complete: true,
    refused: [],
  });
  const connection = new FakeConnection()
    .on("subscribe", null)
    .on("overview", () => anOverview())
    .on("captures", page)
    .on("audit/listened", (message: Message) => ({
      captures: Object.fromEntries((message["ids"] as string[]).map((it) => [it, []])),
      complete: true,
    }));
  const person = new Person();
  const saved: Blob[] = [];
  const timers = new FakeTimers();
  let drawn = 0;
  const house = new House(aHass(connection, fetch), new FakeTimers().wait);
  const works = new Works(
    house,
    {
      sounds: {
        audio: () => Object.assign(new EventTarget(), aSound()),
        address: () => "blob:1",
        revoke: () => undefined,
      },
      words: () => words,
      dialog: () => person,
      save: (file) => saved.push(file),
      changed: () => {
        drawn += 1;
      },
    },
    undefined,
    timers.wait,
  );
  works.history.start();
  await settled();
  const draw = (scrolled = 0) => {
    works.willDraw(scrolled);
    works.drawn({ scrollTop: scrolled, clientHeight: 800 });
  };
  draw();
  await settled();
  return { connection, house, person, saved, timers, works, captures, draw, drawn: () => drawn };
}

function aSound() {
  return {
    src: "",
    currentTime: 0,
    duration: 4,
    paused: true,
    play: () => Promise.resolve(),
    pause: () => undefined,
  };
}

const refusal = (code: string) => new Response(JSON.stringify({ code }), { status: 403 });

test("what is opened asks who listened, again when somebody does, and is not open when gone", async () => {
  const { connection, works, draw } = await aCard();
  works.choose(id(1));
  await settled();
  assert.equal(works.opened.listened?.complete, true);
  assert.ok(works.opened.detail);
  connection.feed?.({ event: "listened", room_id: KITCHEN, verb: "played" });
  await settled();
  assert.equal(connection.count("audit/listened"), 2);
  connection.feed?.({ event: "captures", kind: "gone", room_id: KITCHEN, ids: [id(1)] });
  draw();
  assert.equal(works.opened.id, null);
});

test("an answer about what was opened before is not shown below what is opened now", async () => {
  const { connection, works } = await aCard({
    captures: [aCapture({ id: id(1) }), aCapture({ id: id(2) })],
  });
  let late: (value: unknown) => void = () => undefined;
  connection.on("audit/listened", () => new Promise((resolve) => (late = resolve)));
  works.choose(id(1));
  await settled();
  const answer = late;
  works.choose(id(2));
  await settled();
  answer({ captures: { [id(1)]: [] }, complete: true });
  await settled();
  assert.equal(works.opened.id, id(2));
  assert.equal(works.opened.listened, null);
  late({ captures: { [id(2)]: [] }, complete: true });
  await settled();
  assert.deepEqual(works.opened.listened, { captures: { [id(2)]: [] }, complete: true });
});

test("what is opened makes room, and is scrolled to once", async () => {
  const captures = Array.from({ length: 40 }, (_, at) =>
    aCapture({ id: id(at), started: new Date(NOON - at * 60_000).toISOString() }),
  );
  const { works, draw } = await aCard({ captures });
  works.choose(id(9));
  const before = works.history.timeline.height;
  works.measured(300);
  assert.equal(works.history.timeline.height, before + 300);
  works.willDraw(0);
  const shown = works.viewport.top;
  assert.ok(shown > 0);
  draw(0);
  works.measured(400);
  works.willDraw(0);
  assert.equal(works.viewport.top, 0, "whoever scrolled away since is left alone");
});

test("a press chooses while some are chosen, and Escape goes back one step at a time", async () => {
  const { works } = await aCard();
  works.choose(id(1));
  works.selected.begin();
  works.choose(id(1));
  assert.deepEqual([...(works.selected.ids ?? [])], [id(1)]);
  works.escape(id(1));
  assert.equal(works.opened.id, null);
  assert.equal(works.selected.has(id(1)), true);
  works.escape(id(1));
  assert.equal(works.selected.ids, null);
  assert.equal(works.viewport.focus, id(1));
});

test("a sound that needs a code is played after the code, and not without it", async () => {
  let open = false;
  const fetched: string[] = [];
  const { connection, person, works } = await aCard({
    fetch: async (path) => {
      fetched.push(path);
      return open ? new Response(new Blob(["sound"])) : refusal("second_factor");
    },
  });
  connection.on("second_factor", () => {
    open = true;
    return { seconds: 300 };
  });
  person.answers = null;
  await works.deeds.play(id(1));
  assert.equal(works.notice.text, en["error.second_factor"]);
  assert.equal(fetched.length, 1);
  person.answers = { code: "123456" };
  await works.deeds.play(id(1));
  assert.equal(connection.last("second_factor")?.["token"], "123456");
  assert.equal(fetched.length, 3);
  assert.equal(works.player.error, null);
  assert.deepEqual(person.asked, [en["second_factor.title"], en["second_factor.title"]]);
});

test("what a passphrase opened is closed by the lock, by time, and by a lost connection", async () => {
  const { connection, timers, works } = await aCard();
  const seal = { seal_id: "s", rooms: [KITCHEN], made: "2026-11-28T12:00:00Z", people: [] };
  connection
    .on("seals", [{ ...seal, mine: true, unlocked_s: 0 }])
    .on("seals/unlock", { handle: "h", seconds: 300 })
    .on("seals/lock", null);
  const closings = [
    () => works.access.lock(),
    async () => timers.waiting.find((it) => it.milliseconds > 300_000)?.callback(),
    async () => connection.lose(),
  ];
  for (const close of closings) {
    assert.equal(await works.access.unlock(), true);
    assert.equal(works.access.unlocked, true);
    await settled();
    const before = connection.count("captures");
    await close();
    await settled();
    assert.equal(works.access.unlocked, false);
    const sealedAnew = connection.connected ? 1 : 0;
    assert.equal(connection.count("captures"), before + sealedAnew);
  }
});

test("whoever has no passphrase is told so and not asked for one", async () => {
  const { connection, person, works } = await aCard();
  connection.on("seals", []);
  assert.equal(await works.access.unlock(), false);
  assert.equal(works.notice.text, en["error.seal_unknown"]);
  assert.deepEqual(person.asked, []);
});

test("a selection is deleted after it was counted, and is kept where somebody says no", async () => {
  const { connection, person, works } = await aCard();
  connection
    .on("captures/count", { captures: 1, pinned: 0, until: "2026-11-28T12:00:01Z" })
    .on("captures/delete", {
      captures: 1,
      pinned: 0,
      deletion_id: "d",
      due: "2026-11-28T12:00:11Z",
    });
  works.selected.flip(id(1));
  person.answers = null;
  await works.deeds.remove({ ids: [id(1)] });
  assert.equal(works.deletion.state.kind, "none");
  assert.equal(works.selected.has(id(1)), true);
  person.answers = {};
  await works.deeds.remove({ ids: [id(1)] });
  assert.equal(works.deletion.state.kind, "waiting");
  assert.equal(works.selected.ids, null);
  assert.deepEqual(connection.last("captures/delete")?.["ids"], [id(1)]);
});

test("a label is given, and taken away by the same button; right words are asked for", async () => {
  const { connection, person, works } = await aCard();
  connection.on("captures/label", null);
  const [row] = works.history.timeline.rows;
  const capture = works.history.capture(row?.id ?? "");
  assert.ok(capture);
  await works.deeds.label(capture, "not_for_you");
  assert.equal(connection.last("captures/label")?.["label"], "not_for_you");
  await works.deeds.label({ ...capture, label: "not_for_you" }, "not_for_you");
  assert.equal(connection.last("captures/label")?.["label"], null);
  assert.deepEqual(person.asked, []);
  person.answers = { text: "turn on the wall light" };
  await works.deeds.label(capture, "wrong_text");
  assert.equal(connection.last("captures/label")?.["right_text"], "turn on the wall light");
  await works.deeds.label({ ...capture, label: "wrong_text" }, "wrong_text");
  assert.equal(connection.last("captures/label")?.["label"], null);
  assert.deepEqual(person.asked, [en["label.title"]]);
});

test("an export is handed over as a file, or it is told why there is none", async () => {
  let answer = () => new Response(new Blob(["PK"]));
  const { saved, works, person } = await aCard({ fetch: async () => answer() });
  await works.deeds.exportShown();
  assert.equal(saved.length, 1);
  assert.equal(works.notice.text, en["export.done"]);
  answer = () => refusal("export_too_large");
  person.answers = {};
  await works.deeds.export({ ids: [id(1)] });
  assert.equal(saved.length, 1);
  assert.match(works.notice.text ?? "", /^Too much for one export/);
});

test("words are searched for when they have been typed, and no more once all is wanted", async () => {
  const { connection, timers, works } = await aCard();
  const asked = () => connection.sent.filter((it) => it.type === "earshot/captures").length;
  const before = asked();
  works.filter({ text: "kit" });
  works.filter({ text: "kitchen" });
  assert.equal(asked(), before);
  timers.waiting.find((it) => it.milliseconds === 300)?.callback();
  await settled();
  assert.equal(asked(), before + 1);
  assert.equal(connection.last("captures")?.["text"], "kitchen");
  works.filter({ text: "never asked for" });
  works.filter(EVERYTHING);
  assert.equal(
    timers.waiting.some((it) => it.milliseconds === 300),
    false,
  );
  await settled();
  assert.equal(connection.last("captures")?.["text"], undefined);
});

test("a capture that comes is told of once, and counted while somebody reads further down", async () => {
  const { captures, connection, timers, works, draw } = await aCard();
  const come = async (number: number) => {
    captures.unshift(aCapture({ id: id(number) }));
    connection.feed?.({
      event: "captures",
      kind: "kept",
      room_id: KITCHEN,
      ids: [id(number)],
    });
    await settled();
  };
  await come(2);
  draw(0);
  assert.deepEqual([works.arrivals.told, works.arrivals.unseen], [1, 0]);
  timers.waiting.find((it) => it.milliseconds === 6_000)?.callback();
  assert.equal(works.arrivals.told, 0);
  await come(3);
  draw(500);
  await come(4);
  draw(500);
  draw(500);
  assert.deepEqual([works.arrivals.told, works.arrivals.unseen], [2, 2]);
  works.history.reload();
  await settled();
  draw(500);
  assert.equal(works.arrivals.unseen, 0);
});

test("a card that is gone waits for nothing and asks for nothing", async () => {
  const { connection, timers, works, drawn } = await aCard();
  works.choose(id(1));
  works.filter({ text: "kitchen" });
  works.stop();
  assert.deepEqual(timers.waiting, []);
  assert.equal(connection.subscriptions, 0);
  await settled();
  const before = drawn();
  connection.come();
  await settled();
  assert.equal(drawn(), before);
});
