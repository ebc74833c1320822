/** The API of Earshot (`docs/api.md`), typed: the only place that knows names of commands. */

import { asError, EarshotError } from "./errors.js";
import type { Hass } from "./hass.js";
import * as model from "./model.js";
import { isObject, type Reader, UnreadableError } from "./read.js";

const HEADER = "X-Earshot-Unlock";
const ANSWER_MS = 65_000; // the API answers within 60 s
const SOUND_MS = 35_000; // it opens a capture within 30 s
const EXPORT_MS = 11 * 60_000;

export interface Query {
  readonly rooms?: readonly string[];
  readonly outcomes?: readonly model.Outcome[];
  readonly since?: number;
  readonly until?: number;
  readonly text?: string;
}

export interface Selection extends Omit<Query, "text"> {
  readonly ids?: readonly string[];
  readonly pinned?: boolean;
}

type Message = Record<string, unknown>;

export class Api {
  readonly #hass: () => Hass;
  /** Shows a request for sound that this connection has unlocked a sealed room. */
  #handle: string | null = null;

  /** `hass` returns what Home Assistant gave last: it makes a new one at every change. */
  constructor(hass: () => Hass) {
    this.#hass = hass;
  }

  overview(): Promise<model.Overview> {
    return this.#ask(model.overview, "overview");
  }

  captures(query: Query, cursor: string | null, limit: number): Promise<model.Page> {
    return this.#ask(model.page, "captures", {
      ...span(query),
      ...(query.text ? { text: query.text } : {}),
      ...(cursor === null ? {} : { cursor }),
      limit,
    });
  }

  count(selection: Selection): Promise<model.Count> {
    return this.#ask(model.count, "captures/count", selected(selection));
  }

  /** Delete in `undo` seconds, unless there are more than the `seen` that were agreed to. */
  remove(selection: Selection, seen: number, undo: number): Promise<model.Scheduled> {
    return this.#ask(model.scheduled, "captures/delete", { ...selected(selection), seen, undo });
  }

  async undo(deletionId: string): Promise<void> {
    await this.#ask(anything, "captures/undo", { deletion_id: deletionId });
  }

  pin(captureId: string, days: number, reason: string): Promise<model.Pin> {
    return this.#ask(model.pinned, "captures/pin", { capture_id: captureId, days, reason });
  }

  async unpin(captureId: string): Promise<void> {
    await this.#ask(anything, "captures/unpin", { capture_id: captureId });
  }

  async label(captureId: string, label: model.Label | null, rightText?: string): Promise<void> {
    await this.#ask(anything, "captures/label", {
      capture_id: captureId,
      label,
      ...(rightText ? { right_text: rightText } : {}),
    });
  }

  listened(ids: readonly string[]): Promise<model.Listened> {
    return this.#ask(model.listened, "audit/listened", { ids });
  }

  listens(limit: number): Promise<model.Listen[]> {
    return this.#ask(model.listens, "audit/listens", { limit });
  }

  secondFactor(code: string): Promise<{ seconds: number }> {
    return this.#ask(model.seconds, "second_factor", { token: code });
  }

  /** The last deletion check; `run` begins another. */
  deletionCheck(run: boolean): Promise<model.Check> {
    return this.#ask(model.check, "deletion_check", { run });
  }

  /** Mute or unmute by a room's switch. */
  mute(entityId: string, muted: boolean): Promise<void> {
    return this.#act("switch", muted ? "turn_on" : "turn_off", {}, entityId);
  }

  /** Mute for some minutes the room of a satellite's entity. */
  muteFor(entityId: string, minutes: number): Promise<void> {
    return this.#act("earshot", "mute_for", { minutes }, entityId);
  }

  /** End guest mode, which a listener may. */
  turnOff(entityId: string): Promise<void> {
    return this.#act("switch", "turn_off", {}, entityId);
  }

  press(entityId: string): Promise<void> {
    return this.#act("button", "press", {}, entityId);
  }

  beginGuestMode(hours: number): Promise<void> {
    return this.#act("earshot", "guest_mode", { hours });
  }

  seals(): Promise<model.Seal[]> {
    return this.#ask(model.seals, "seals");
  }

  async unlock(sealId: string, passphrase: string): Promise<number> {
    const { handle, seconds } = await this.#ask(model.unlocked, "seals/unlock", {
      seal_id: sealId,
      password: passphrase,
    });
    this.#handle = handle;
    return seconds;
  }

  async lock(): Promise<void> {
    this.#handle = null;
    await this.#ask(anything, "seals/lock");
  }

  /** The sound of a capture, whole; every call leaves a line in the log. */
  async sound(captureId: string, signal?: AbortSignal): Promise<Blob> {
    const path = `/api/earshot/captures/${encodeURIComponent(captureId)}/audio`;
    const answer = await this.#fetch(path, {}, SOUND_MS, signal);
    return answer.blob();
  }

  /** A zip of captures, with an index. */
  async export(what: Selection): Promise<Blob> {
    const { ids } = what;
    const body = JSON.stringify(ids ? { ids } : span(what));
    const headers = { "Content-Type": "application/json" };
    const init = { method: "POST", body, headers };
    return (await this.#fetch("/api/earshot/export", init, EXPORT_MS)).blob();
  }

  /** Tell `listener` what changes, until the function that is returned is called. */
  async subscribe(listener: (event: model.FeedEvent) => void): Promise<() => Promise<void>> {
    const heard = (told: unknown): void => {
      const event = model.feedEvent(told);
      if (event) {
        listener(event);
      }
    };
    const { connection } = this.#hass();
    try {
      // Whoever subscribes does so again by themselves: a subscription that the library renews
      // is lost without a word when Earshot is not set up yet after a restart.
      return await connection.subscribeMessage<unknown>(
        heard,
        { type: "earshot/subscribe" },
        { resubscribe: false },
      );
    } catch (error) {
      throw asError(error);
    }
  }

  async #ask<T>(reader: Reader<T>, name: string, message: Message = {}): Promise<T> {
    const { connection } = this.#hass();
    if (!connection.connected) {
      throw new EarshotError("offline");
    }
    let answer: unknown;
    try {
      const asked = connection.sendMessagePromise({ ...message, type: `earshot/${name}` });
      answer = await within(asked, ANSWER_MS);
    } catch (error) {
      throw asError(error);
    }
    return readable(reader, answer);
  }

  async #act(domain: string, service: string, data: Message, entityId?: string): Promise<void> {
    const { connection } = this.#hass();
    if (!connection.connected) {
      throw new EarshotError("offline");
    }
    try {
      await within(
        connection.sendMessagePromise({
          type: "call_service",
          domain,
          service,
          service_data: data,
          ...(entityId ? { target: { entity_id: entityId } } : {}),
        }),
        ANSWER_MS,
      );
    } catch (error) {
      throw asError(error);
    }
  }

  async #fetch(
    path: string,
    init: RequestInit,
    timeout: number,
    signal?: AbortSignal,
  ): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#handle) {
      headers.set(HEADER, this.#handle);
    }
    const ends = [AbortSignal.timeout(timeout), ...(signal ? [signal] : [])];
    let answer: Response;
    try {
      // Not the Headers object: `fetchWithAuth` adds its own to a plain one.
      answer = await this.#hass().fetchWithAuth(path, {
        ...init,
        headers: Object.fromEntries(headers.entries()),
        cache: "no-store",
        signal: firstOf(ends),
      });
    } catch (error) {
      throw asError(error);
    }
    if (!answer.ok) {
      const told: unknown = await answer.json().catch(() => null);
      throw isObject(told) ? asError(told) : new EarshotError("failed");
    }
    return answer;
  }
}

const anything: Reader<unknown> = (value) => value;

function span(query: Query): Message {
  return {
    ...(query.rooms?.length ? { rooms: query.rooms } : {}),
    ...(query.outcomes?.length ? { outcomes: query.outcomes } : {}),
    ...(query.since === undefined ? {} : { since: new Date(query.since).toISOString() }),
    ...(query.until === undefined ? {} : { until: new Date(query.until).toISOString() }),
  };
}

function selected(selection: Selection): Message {
  return {
    ...span(selection),
    ...(selection.ids ? { ids: selection.ids } : {}),
    ...(selection.pinned ? { pinned: true } : {}),
  };
}

function readable<T>(reader: Reader<T>, answer: unknown): T {
  try {
    return reader(answer);
  } catch (error) {
    if (error instanceof UnreadableError) {
      throw new EarshotError("unreadable");
    }
    throw error;
  }
}

async function within<T>(asked: Promise<T>, milliseconds: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new EarshotError("timeout")), milliseconds);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** `AbortSignal.any`, which Safari has from 17.4 on. */
function firstOf(signals: readonly AbortSignal[]): AbortSignal {
  const controller = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) {
      controller.abort(signal.reason);
    } else {
      signal.addEventListener("abort", () => controller.abort(signal.reason), {
        once: true,
        signal: controller.signal,
      });
    }
  }
  return controller.signal;
}
