import assert from "node:assert/strict";
import { test } from "node:test";
import { asError } from "../src/ha/errors.js";
import { capture, feedEvent, overview } from "../src/ha/model.js";
import { UnreadableError } from "../src/ha/read.js";
import { aCapture, anOverview } from "./samples.js";

test("a capture is read with its times, peaks and deeds", () => {
  const read = capture(aCapture({ peaks: btoa("\x00\x7f\xff") }));
  assert.equal(read.started, Date.parse("2026-11-28T12:00:00Z"));
  assert.deepEqual([...(read.peaks ?? [])], [0, 127, 255]);
  assert.equal(read.record?.reply, "Turned on the light");
  assert.deepEqual(read.record?.targets, ["Kitchen light"]);
  assert.equal(read.record?.audioRule, "room");
});

test("what does not fit is refused with the name of the field and nothing of its content", () => {
  const wrong = aCapture({ started: "the secret words" });
  assert.throws(
    () => capture(wrong),
    (error: unknown) =>
      error instanceof UnreadableError &&
      error.where === "started" &&
      !/secret/.test(error.message),
  );
});

test("a record of a form that nobody knows shows nothing and breaks nothing", () => {
  const odd = [{}, { response: 3 }, { response: { data: { success: {} } } }, { kept_by: [] }];
  for (const record of odd) {
    assert.equal(capture(aCapture({ record })).record?.reply, null);
  }
});

test("a state of the microphone that is not known is not known, whatever it is called", () => {
  for (const state of [null, "closed", "safe", 1, undefined]) {
    const read = overview(anOverview({ microphone: { state, reason: "verified" } }));
    assert.equal(read.rooms[0]?.microphone.state, null);
  }
  for (const state of ["guaranteed", null, 7]) {
    const read = overview(anOverview({ locality: { state, engines: [] } }));
    assert.equal(read.rooms[0]?.locality?.state, "unknown");
  }
});

test("an event that is newer than the card is left alone", () => {
  assert.equal(feedEvent({ event: "telepathy" }), null);
  assert.equal(feedEvent({ event: "toString" }), null);
  assert.equal(feedEvent("captures"), null);
  assert.deepEqual(feedEvent({ event: "captures", kind: "gone", room_id: "k", ids: null }), {
    event: "captures",
    kind: "gone",
    room_id: "k",
    ids: null,
  });
});

test("whatever a request failed with becomes a code that has a text", () => {
  assert.equal(asError(3).code, "offline");
  assert.equal(asError(new TypeError("Failed to fetch")).code, "offline");
  assert.equal(asError({ code: "unknown_command", message: "?" }).code, "unavailable");
  const wait = asError({ code: "seal_wait", translation_placeholders: { seconds: "4", odd: 4 } });
  assert.deepEqual([wait.code, wait.values], ["seal_wait", { seconds: "4" }]);
  assert.equal(asError(new Error("words that were said")).code, "failed");
  assert.equal(asError(undefined).code, "failed");
});
