/** Answers of the API as the server gives them. */

export const KITCHEN = "01KITCHEN";
export const NOON = Date.parse("2026-11-28T12:00:00Z");

export function aCapture(with_: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: "0".repeat(32),
    room_id: KITCHEN,
    started: "2026-11-28T12:00:00+00:00",
    outcome: "understood",
    sealed: false,
    uncertain: false,
    audio_bytes: 40_000,
    audio_expires: "2026-11-29T12:00:00+00:00",
    words_expires: "2026-12-05T12:00:00+00:00",
    transcript: "turn on the kitchen light",
    record: {
      wake_word: "hey_jarvis",
      score: 0.93,
      kept_by: { audio: "room", transcript: "house" },
      response: {
        speech: { plain: { speech: "Turned on the light" } },
        data: {
          success: [
            { type: "entity", name: "Kitchen light" },
            { type: "area", name: "Kitchen" },
          ],
        },
      },
    },
    peaks: btoa(String.fromCharCode(...Array.from({ length: 100 }, (_, at) => at * 2))),
    pin: null,
    label: null,
    right_text: null,
    ...with_,
  };
}

export function aRoom(with_: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    room_id: KITCHEN,
    name: "Kitchen",
    device_id: "device",
    area_id: "kitchen",
    may: Object.fromEntries(
      ["read", "play", "export", "label", "pin", "seal", "unlock", "delete", "unpin", "audit"].map(
        (act) => [act, "allowed"],
      ),
    ),
    listeners: [{ user_id: "anna", name: "Anna" }],
    rules: { sealed: false, second_factor: false },
    retention: {},
    captures: 3,
    bytes: 100_000,
    oldest: null,
    next_expiry: null,
    listened: null,
    microphone: { state: "on", reason: "verified", verified_s: 3 },
    muted: false,
    muted_at_device: false,
    locality: null,
    ...with_,
  };
}

export function anOverview(
  room: Record<string, unknown> = {},
  house: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    house: {
      vault: true,
      clock: true,
      guest_until: null,
      captures: 3,
      bytes: 100_000,
      oldest: null,
      next_expiry: null,
      changes: [],
      user_id: "anna",
      has_second_factor: false,
      second_factor_s: 0,
      ...house,
    },
    rooms: [aRoom(room)],
  };
}
