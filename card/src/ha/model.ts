/** What the API tells, as `docs/api.md` has it, with times in milliseconds since 1970. */

import {
  flag,
  isObject,
  list,
  maybe,
  moment,
  number,
  object,
  oneOf,
  type Read,
  type Reader,
  table,
  text,
} from "./read.js";

export const OUTCOMES = ["understood", "not_understood", "false_wake", "failed"] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const LABELS = ["not_for_you", "wrong_text"] as const;
export type Label = (typeof LABELS)[number];

export const ACTS = [
  "read",
  "play",
  "export",
  "label",
  "pin",
  "seal",
  "unlock",
  "delete",
  "unpin",
  "audit",
] as const;
export type Act = (typeof ACTS)[number];
export const ALLOWED = "allowed";

const pin = object({
  until: moment,
  reason: maybe(text),
  by: text,
  by_name: maybe(text),
  made: moment,
});
export type Pin = Read<typeof pin>;

/** 100 values from silence, 0, to full scale, 255. */
const peaks: Reader<Uint8Array> = (value) =>
  Uint8Array.from(atob(text(value)), (letter) => letter.charCodeAt(0));

export interface Deeds {
  readonly reply: string | null;
  /** Names of what was acted on. */
  readonly targets: readonly string[];
  readonly wakeWord: string | null;
  readonly score: number | null;
  readonly audioRule: string | null;
  readonly wordsRule: string | null;
}

/** The record of a turn holds what engines said; of that we take what is shown, if it is there. */
const deeds: Reader<Deeds> = (value) => {
  const record = isObject(value) ? value : {};
  const response = isObject(record["response"]) ? record["response"] : {};
  const keptBy = isObject(record["kept_by"]) ? record["kept_by"] : {};
  return {
    reply: stringAt(response, "speech", "plain", "speech"),
    targets: targetsOf(response),
    wakeWord: stringAt(record, "wake_word"),
    score: typeof record["score"] === "number" ? record["score"] : null,
    audioRule: stringAt(keptBy, "audio"),
    wordsRule: stringAt(keptBy, "transcript"),
  };
};

const MOST_TARGETS = 20;

function targetsOf(response: Record<string, unknown>): string[] {
  const data = isObject(response["data"]) ? response["data"] : {};
  const success = Array.isArray(data["success"]) ? data["success"] : [];
  return success
    .filter((it) => isObject(it) && it["type"] === "entity")
    .map((it) => stringAt(it, "name"))
    .filter((name) => name !== null)
    .slice(0, MOST_TARGETS);
}

function stringAt(value: unknown, ...path: string[]): string | null {
  let found = value;
  for (const key of path) {
    found = isObject(found) ? found[key] : null;
  }
  return typeof found === "string" ? found : null;
}

export const capture = object({
  id: text,
  room_id: text,
  started: moment,
  outcome: oneOf(OUTCOMES, null),
  sealed: flag,
  /** The clock is in doubt, and this may be past its time. */
  uncertain: flag,
  audio_bytes: maybe(number),
  audio_expires: maybe(moment),
  words_expires: maybe(moment),
  transcript: maybe(text),
  record: maybe(deeds),
  peaks: maybe(peaks),
  pin: maybe(pin),
  label: oneOf(LABELS, null),
  right_text: maybe(text),
});
export type Capture = Read<typeof capture>;

const refused = object({ room_id: text, reason: text });
export type Refused = Read<typeof refused>;

export const page = object({
  captures: list(capture),
  cursor: maybe(text),
  complete: flag,
  refused: list(refused),
});
export type Page = Read<typeof page>;

export const count = object({ captures: number, pinned: number, until: moment });
export type Count = Read<typeof count>;

export const scheduled = object({
  captures: number,
  pinned: number,
  deletion_id: text,
  due: moment,
});
export type Scheduled = Read<typeof scheduled>;

export const pinned = pin;

const listen = object({
  seq: number,
  when: moment,
  verb: text,
  room_id: maybe(text),
  actor: text,
  user_id: maybe(text),
  user: maybe(text),
  /** How often, where several of the same are told as one. */
  count: maybe(number),
});
export type Listen = Read<typeof listen>;
export const listens = list(listen);

export const listened = object({ captures: table(listens), complete: flag });
export type Listened = Read<typeof listened>;

/** `on` and `off` are verified; null is not known, whatever the reason says. */
const microphone = object({
  state: oneOf(["on", "off"], null),
  reason: text,
  verified_s: maybe(number),
  since: maybe(moment),
  /** Other programs that record from it. */
  holders: maybe(list(text)),
});
export type Microphone = Read<typeof microphone>;

const LOCAL = ["local", "vouched", "not_local"] as const;

const engine = object({
  role: text,
  engine: maybe(text),
  state: oneOf(LOCAL, "unknown"),
  reason: text,
  word_of: maybe(text),
  word_given: maybe(moment),
});

const locality = object({ state: oneOf(LOCAL, "unknown"), engines: list(engine) });
export type Locality = Read<typeof locality>;

/** What a `room` event renews. */
const live = {
  microphone,
  muted: maybe(flag),
  muted_at_device: maybe(flag),
  /** Of a mute that ends by itself. */
  mute_left_s: maybe(number),
  /** It was asked for while the satellite was away. */
  mute_waits: maybe(flag),
  locality: maybe(locality),
};

const ceiling = object({ seconds: maybe(number), rule: text });
export type Ceiling = Read<typeof ceiling>;

const room = object({
  room_id: text,
  name: text,
  device_id: maybe(text),
  area_id: maybe(text),
  may: table(text),
  listeners: list(object({ user_id: text, name: maybe(text) })),
  rules: table(flag),
  retention: table(object({ audio: ceiling, transcript: ceiling })),
  captures: number,
  bytes: number,
  oldest: maybe(moment),
  next_expiry: maybe(moment),
  listened: maybe(listen),
  ...live,
});
export type Room = Read<typeof room>;

const change = object({
  room_id: maybe(text),
  option: text,
  before: (value: unknown) => value,
  after: (value: unknown) => value,
  made: moment,
  loosens: flag,
  confirmed: flag,
  begins: maybe(moment),
});
export type Change = Read<typeof change>;

export const overview = object({
  house: object({
    vault: flag,
    clock: flag,
    guest_until: maybe(moment),
    captures: number,
    bytes: number,
    oldest: maybe(moment),
    next_expiry: maybe(moment),
    changes: list(change),
    user_id: text,
    has_second_factor: flag,
    second_factor_s: number,
  }),
  rooms: list(room),
});
export type Overview = Read<typeof overview>;

const seal = object({
  seal_id: text,
  rooms: list(text),
  made: moment,
  people: list(object({ user_id: text, name: maybe(text), label: text })),
  mine: flag,
  unlocked_s: number,
});
export type Seal = Read<typeof seal>;
export const seals = list(seal);

export const VERDICTS = ["found", "copies", "incomplete", "nothing", "clean"] as const;

const place = object({
  place: text,
  state: oneOf(["clean", "found"], "unchecked"),
  kept_by: text,
  why: maybe(text),
  remedy: text,
});
export type Place = Read<typeof place>;

const report = object({ verdict: oneOf(VERDICTS, null), places: list(place) });

/** The last deletion check; without a report it could not be made. */
export const check = object({
  running: flag,
  /** For so many seconds no other is begun. */
  wait_s: maybe(number),
  last: maybe(object({ when: moment, report: maybe(report) })),
});
export type Check = Read<typeof check>;

export const unlocked = object({ handle: text, seconds: number });
export const seconds = object({ seconds: number });

const kinds = {
  captures: object({
    kind: oneOf(["kept", "changed", "gone"], null),
    room_id: text,
    ids: maybe(list(text)),
  }),
  room: object({ room_id: text, ...live }),
  receipt: object({ room_id: text, verified_s: number }),
  listened: object({ room_id: maybe(text), verb: text }),
  pin: object({ room_id: text, verb: text, capture_id: text, user_id: maybe(text) }),
  overview: object({}),
  deletion: object({
    deletion_id: text,
    error: maybe(text),
    certificate: maybe(text),
    captures: maybe(number),
  }),
  deletion_check: object({}),
};

export type FeedEvent = {
  [K in keyof typeof kinds]: { readonly event: K } & Read<(typeof kinds)[K]>;
}[keyof typeof kinds];

/** One event of the subscription; null for a kind that is newer than we are. */
export function feedEvent(value: unknown): FeedEvent | null {
  const kind = isObject(value) ? value["event"] : null;
  if (typeof kind !== "string" || !Object.hasOwn(kinds, kind)) {
    return null;
  }
  const reader: Reader<object> = kinds[kind as keyof typeof kinds];
  return { event: kind, ...reader(value) } as FeedEvent;
}
