/** What is written in a dashboard for our cards. Checked in the loader, as Home Assistant wants
 * to be told at once what is wrong with a configuration. */

export interface HistoryConfig {
  readonly type: string;
  /** Id of the room's device; without one, all rooms are shown. */
  readonly device?: string;
  readonly title?: string;
}

export interface RoomConfig {
  readonly type: string;
  /** Id of the room's device; without one, the only room there is. */
  readonly device?: string;
  readonly name?: string;
  /** How long a mute lasts that was begun by holding the button. */
  readonly minutes?: number;
}

export interface PrivacyConfig {
  readonly type: string;
  readonly title?: string;
}

const MOST_MINUTES = 720;

export function checkRoom(config: unknown): asserts config is RoomConfig {
  const minutes = (config as { minutes?: unknown } | null)?.minutes;
  const fits = Number.isInteger(minutes) && Number(minutes) >= 1 && Number(minutes) <= MOST_MINUTES;
  if (minutes !== undefined && !fits) {
    throw new Error(`“minutes” must be a whole number from 1 to ${MOST_MINUTES}.`);
  }
  checkStrings(config, ["device", "name"], ["minutes"]);
}

export function checkPrivacy(config: unknown): asserts config is PrivacyConfig {
  checkStrings(config, ["title"]);
}

/** Throw unless every field that is there is a string, and no other field is. */
export function checkHistory(config: unknown): asserts config is HistoryConfig {
  checkStrings(config, ["device", "title"]);
}

const OF_ANY_CARD = ["type", "grid_options", "layout_options", "view_layout", "visibility"];

export function checkStrings(
  config: unknown,
  names: readonly string[],
  others: readonly string[] = [],
): void {
  if (typeof config !== "object" || config === null) {
    throw new Error("The card has no configuration.");
  }
  for (const [name, value] of Object.entries(config)) {
    if (OF_ANY_CARD.includes(name) || others.includes(name) || name === "card_mod") {
      continue;
    }
    if (!names.includes(name)) {
      throw new Error(`“${name}” is no option of this card.`);
    }
    if (value !== undefined && typeof value !== "string") {
      throw new Error(`“${name}” must be a text.`);
    }
  }
}
