/** What the card of a room shows, from what is known. */

import type { EntityState } from "../ha/hass.js";
import type { Microphone, Overview, Room } from "../ha/model.js";
import { type ChangeLook, changeLook, loosened } from "../house/changes.js";
import { type MicrophoneLook, microphoneLook, muteNote } from "../house/microphone.js";
import { retentionWords } from "../house/retention.js";
import type { Words } from "../i18n/words.js";

export interface RoomInput {
  readonly words: Words;
  readonly now: number;
  readonly overview: Overview;
  readonly room: Room;
  /** As it may be shown now. */
  readonly microphone: Microphone;
  readonly muteLeftS: number | null;
  readonly satellite: EntityState | null;
  readonly lastCommand: EntityState | null;
  readonly voiceCommand: EntityState | null;
  readonly falseWakes: EntityState | null;
  readonly minutes: number;
}

export interface RoomShown {
  readonly microphone: MicrophoneLook;
  /** What the room is doing, or what it waits for; empty when nothing can be said. */
  readonly activity: string;
  readonly isActive: boolean;
  readonly note: string;
  readonly mute: MuteButton;
  readonly facts: readonly Fact[];
  readonly changes: readonly ChangeLook[];
}

export interface MuteButton {
  readonly muted: boolean;
  /** Whether pressing does anything: what was muted at the device is unmuted only there. */
  readonly enabled: boolean;
  readonly icon: string;
  readonly word: string;
  /** What holding does; empty when it does nothing. */
  readonly hold: string;
}

export interface Fact {
  readonly icon: string;
  readonly label: string;
  readonly value: string;
}

export function roomShown(input: RoomInput): RoomShown {
  const { words, now, room, overview } = input;
  const activity = activityOf(input);
  return {
    microphone: microphoneLook(words, input.microphone, now),
    activity,
    isActive: ACTIVE.includes(input.satellite?.state ?? ""),
    note: muteNote(words, room, input.muteLeftS),
    mute: muteButton(input),
    facts: [
      { icon: "mdi:history", label: words.text("room.kept"), value: retentionWords(words, room) },
      {
        icon: "mdi:message-text-clock-outline",
        label: words.text("room.last_command"),
        value: lastCommand(input),
      },
      {
        icon: "mdi:sleep",
        label: words.text("room.false_wakes"),
        value: falseWakes(input),
      },
    ],
    changes: loosened(overview, room.room_id).map((it) => changeLook(words, it, now)),
  };
}

const ACTIVE: readonly string[] = ["listening", "processing", "responding"];

function activityOf({ words, satellite, microphone }: RoomInput): string {
  const doing = satellite?.state ?? "";
  if (ACTIVE.includes(doing)) {
    return words.one("activity", doing, "room.not_known");
  }
  if (microphone.state === "on") {
    return words.text("activity.waiting");
  }
  return microphone.state === "off" ? words.text("activity.deaf") : "";
}

function muteButton({ words, room, minutes }: RoomInput): MuteButton {
  const muted = room.muted === true;
  return {
    muted,
    enabled: room.muted !== null && !room.muted_at_device,
    icon: muted ? "mdi:microphone" : "mdi:microphone-off",
    word: words.text(muted ? "mute.off" : "mute.on"),
    hold: muted ? "" : words.text("mute.hold", { time: words.duration(minutes * 60_000) }),
  };
}

function lastCommand({ words, now, lastCommand: last, voiceCommand }: RoomInput): string {
  const at = Date.parse(last?.state ?? "");
  if (Number.isNaN(at)) {
    return words.text("room.none_yet");
  }
  const outcome = String(voiceCommand?.attributes["event_type"] ?? "");
  const when = words.dayTime(at, now);
  // A wake word that nobody followed up comes after the command that it is not about.
  return COMMANDS.includes(outcome)
    ? `${when} · ${words.one("outcome", outcome, "outcome.unknown")}`
    : when;
}

const COMMANDS: readonly string[] = ["understood", "not_understood", "failed"];

function falseWakes({ words, falseWakes: counted }: RoomInput): string {
  const count = counted?.state ?? "";
  return /^\d+$/.test(count) ? words.number(Number(count)) : words.text("room.not_known");
}
