/** Why Earshot did not do what was asked. */

import { isObject } from "./read.js";

/** `code` is the API's, or one of ours: `offline`, `unreadable`, `unavailable`, `failed`. */
export class EarshotError extends Error {
  constructor(
    readonly code: string,
    readonly values: Readonly<Record<string, string>> = {},
  ) {
    // The code only: what the server says could hold words.
    super(code);
    this.name = "EarshotError";
  }
}

const LOST = 3; // ERR_CONNECTION_LOST of home-assistant-js-websocket

/** Make whatever a request failed with one of ours. */
export function asError(reason: unknown): EarshotError {
  if (reason instanceof EarshotError) {
    return reason;
  }
  if (reason === LOST || (reason instanceof TypeError && /fetch|network/i.test(reason.message))) {
    return new EarshotError("offline");
  }
  if (isObject(reason) && typeof reason["code"] === "string") {
    const code = ourCode(reason["code"], reason["translation_key"]);
    return new EarshotError(code, strings(reason["translation_placeholders"]));
  }
  return new EarshotError("failed");
}

function ourCode(code: string, key: unknown): string {
  if (code === "unknown_command" || code === "not_found") {
    return "unavailable"; // an integration that is not set up, or not yet
  }
  const ofAction = code === "service_validation_error" || code === "home_assistant_error";
  return ofAction && typeof key === "string" ? key : code;
}

function strings(value: unknown): Record<string, string> {
  if (!isObject(value)) {
    return {};
  }
  return Object.fromEntries(
    Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === "string"),
  );
}
