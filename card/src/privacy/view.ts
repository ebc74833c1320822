/** What the card of the house shows, from what is known. */

import type { Check, Listen, Overview, Place, Room } from "../ha/model.js";
import { type ChangeLook, changeLook, loosened } from "../house/changes.js";
import type { Words } from "../i18n/words.js";

export interface Line {
  readonly icon: string;
  readonly label: string;
  readonly value: string;
}

/** How much is kept, since when, and when the next of it goes. */
export function keptLines(words: Words, overview: Overview, now: number): Line[] {
  const { house } = overview;
  if (!house.vault) {
    return [
      {
        icon: "mdi:safe",
        label: words.text("privacy.captures"),
        value: words.text("error.vault_closed"),
      },
    ];
  }
  const none = words.text("privacy.none");
  const next = house.next_expiry;
  return [
    {
      icon: "mdi:safe",
      label: words.text("privacy.captures"),
      value:
        house.captures === 0
          ? none
          : `${words.number(house.captures)} · ${words.bytes(house.bytes)}`,
    },
    {
      icon: "mdi:calendar-start",
      label: words.text("privacy.oldest"),
      value: house.oldest === null ? none : words.dayTime(house.oldest, now),
    },
    {
      icon: "mdi:calendar-remove",
      label: words.text("privacy.next"),
      value:
        next !== null
          ? words.dayTime(next, now)
          : house.captures === 0
            ? none
            : words.text("capture.stays"),
    },
  ];
}

/** Who may hear a room; nobody is a good answer too. */
export function listenersLine(words: Words, room: Room): string {
  if (room.listeners.length === 0) {
    return words.text("privacy.no_listeners");
  }
  const names = room.listeners.map((it) => it.name ?? words.text("capture.someone"));
  return words.text("privacy.listeners", { names: words.list(names) });
}

export function listenLine(
  words: Words,
  listen: Listen,
  rooms: readonly Room[],
  now: number,
): string {
  const room = rooms.find((it) => it.room_id === listen.room_id)?.name;
  const name = listen.user ?? words.text("capture.someone");
  const did = words.one("listen", listen.verb, "listen.somehow", { name });
  const times =
    listen.count !== null && listen.count > 1 ? ` (${words.number(listen.count)}×)` : "";
  return [words.dayTime(listen.when, now), room, did + times].filter(Boolean).join(" · ");
}

/** What the button says that begins a deletion check, and whether it may be pressed. */
export function checkButton(
  words: Words,
  check: Check | null,
  waitS: number,
): { readonly label: string; readonly enabled: boolean } {
  if (check?.running) {
    return { label: words.text("check.running"), enabled: false };
  }
  return waitS > 0
    ? { label: words.text("check.wait", { seconds: Math.ceil(waitS) }), enabled: false }
    : { label: words.text("check.do"), enabled: check !== null };
}

export type Tone = "good" | "warn" | "bad" | "none";

export interface CheckLook {
  readonly tone: Tone;
  readonly icon: string;
  readonly verdict: string;
  readonly when: string;
  /** Never empty beside a verdict: what was clean, what was found, what nobody could look at. */
  readonly groups: readonly CheckGroup[];
}

export interface CheckGroup {
  readonly title: string;
  readonly icon: string;
  readonly places: readonly { readonly name: string; readonly why: string }[];
}

const CHECK_LOOKS: Readonly<Record<string, readonly [Tone, string]>> = {
  clean: ["good", "mdi:shield-check-outline"],
  found: ["bad", "mdi:shield-remove-outline"],
  copies: ["warn", "mdi:content-copy"],
  incomplete: ["warn", "mdi:shield-half-full"],
  nothing: ["none", "mdi:shield-outline"],
};

const GROUPS: readonly (readonly [Place["state"], string])[] = [
  ["found", "mdi:alert-circle-outline"],
  ["unchecked", "mdi:eye-off-outline"],
  ["clean", "mdi:check-circle-outline"],
];

export function checkLook(words: Words, check: Check | null, now: number): CheckLook {
  const last = check?.last ?? null;
  if (last === null) {
    return {
      tone: "none",
      icon: "mdi:shield-search",
      verdict: words.text("check.never"),
      when: "",
      groups: [],
    };
  }
  const verdict = last.report?.verdict ?? "";
  const [tone, icon] = CHECK_LOOKS[verdict] ?? ["warn", "mdi:help-circle-outline"];
  return {
    tone,
    icon,
    verdict: words.one("check", verdict, "check.failed"),
    when: words.dayTime(last.when, now),
    groups: GROUPS.map(([state, groupIcon]) => ({
      title: words.text(`check.group.${state}`),
      icon: groupIcon,
      places: (last.report?.places ?? [])
        .filter((it) => it.state === state)
        .map((it) => ({
          name: words.one("place", it.place, "place.unknown", { key: it.place }),
          why: it.why === null ? "" : words.one("place_why", it.why, "place_why.unknown"),
        })),
    })).filter((group) => group.places.length > 0),
  };
}

/** Changes of all rooms and of the house, each with where it was. */
export function changesEverywhere(
  words: Words,
  overview: Overview,
  now: number,
): (ChangeLook & { readonly where: string })[] {
  return loosened(overview).map((it) => ({
    ...changeLook(words, it, now),
    where:
      overview.rooms.find((room) => room.room_id === it.room_id)?.name ??
      words.text("change.whole_house"),
  }));
}
